from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training is an extra: pip install -e '.[training]'")

from training import model, options
from training.options import parse


def test_help_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["--help"], {})
    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert "DIR/{train,valid,test}/CLASS/IMAGE" in told
    assert "SM_CHANNEL_TRAINING" in told
    for option in ("--epochs", "--learning-rate", "--freeze", "--weights", "--checkpoint-dir"):
        assert option in told
    assert "tuning_objective" not in told


@pytest.mark.parametrize(
    ("words", "frozen"),
    [([], False), (["--freeze"], True), (["--freeze", "True"], True), (["--freeze", "0"], False)],
)
def test_a_flag_may_be_a_word_as_sagemaker_passes_it(words: list[str], frozen: bool) -> None:  # noqa: FBT001
    assert parse(words, {}).hyperparameters.freeze is frozen


@pytest.mark.parametrize(
    "words",
    [
        ["--epochs", "0"],
        ["--batch-size", "many"],
        ["--learning-rate", "-1"],
        ["--learning-rate", "nan"],
        ["--arch", "vgg16"],
        ["--freeze", "perhaps"],
        ["--workers", "-1"],
    ],
)
def test_a_value_out_of_range_ends_with_code_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words, {})
    assert ended.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_hyperparameters_go_round_as_the_strings_of_a_job() -> None:
    first = parse(["--epochs", "7", "--freeze", "--learning-rate", "1e-3"], {}).hyperparameters
    words = [word for pair in first.words().items() for word in (f"--{pair[0]}", pair[1])]
    assert parse(words, {}).hyperparameters == first


def test_the_jobs_of_a_search_keep_their_checkpoints_apart() -> None:
    environ = {"SM_MODEL_DIR": "/opt/ml/model", "TRAINING_JOB_NAME": "search-001"}
    assert parse([], environ).checkpoint_dir == Path("/opt/ml/checkpoints/search-001")


def test_the_architectures_are_those_of_the_model() -> None:
    assert options.ARCHITECTURES == model.ARCHITECTURES


def test_checkpoints_go_where_sagemaker_keeps_them_only_there() -> None:
    assert parse([], {}).checkpoint_dir is None
    kept = parse([], {"SM_MODEL_DIR": "/opt/ml/model"}).checkpoint_dir
    assert kept == Path("/opt/ml/checkpoints")
