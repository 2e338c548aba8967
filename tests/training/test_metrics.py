import re

import pytest

torch = pytest.importorskip("torch", reason="training is an extra: pip install -e '.[training]'")

from training.judging import judge
from training.metrics import METRIC_DEFINITIONS, NAMES, OBJECTIVE, Totals, line


@pytest.mark.parametrize("value", [0.0, 0.9125, 1e-9, 123456.789, 1.0])
@pytest.mark.parametrize("name", NAMES)
def test_exactly_one_definition_reads_a_line(name: str, value: float) -> None:
    printed = line(3, name, value)
    found = {
        item["Name"]: float(match[1])
        for item in METRIC_DEFINITIONS
        if (match := re.search(item["Regex"], printed))
    }
    assert found == {name: pytest.approx(value, rel=1e-7)}


def test_a_metric_without_a_definition_is_not_printed() -> None:
    with pytest.raises(ValueError, match="valid:f1 is not among"):
        line(1, "valid:f1", 0.5)


def test_the_objective_is_among_them() -> None:
    assert OBJECTIVE in NAMES


def test_batches_of_any_size_add_up_to_the_mean_of_all() -> None:
    scores = torch.randn(10, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.arange(10) % 4
    parts = [judge(scores[a:b], labels[a:b])[1] for a, b in ((0, 7), (7, 9), (9, 10))]
    total = sum(parts, Totals())
    expected = torch.nn.functional.cross_entropy(scores, labels).item()
    assert total.images == 10
    assert total.mean_loss == pytest.approx(expected, rel=1e-6)
    assert total.right == (scores.argmax(1) == labels).sum().item()
    assert total.accuracy == total.right / 10
