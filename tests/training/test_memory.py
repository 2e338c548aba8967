"""What training a ResNet-50 takes of a machine: the worked numbers."""

import pytest

from training.memory import SIZES, training_mib
from training.options import Hyperparameters

MIB = 2**20
RESNET50 = SIZES["resnet50"]


def takes(batch: int) -> int:
    return training_mib(
        Hyperparameters(
            arch="resnet50",
            freeze=False,
            batch_size=batch,
            image_size=224,
            epochs=1,
            learning_rate=0.01,
            patience=1,
            seed=0,
        )
    )


def test_m1_a_resnet50_has_so_many_parameters() -> None:
    assert RESNET50.parameters == 25_557_032


def test_m2_its_weights_take_97_mib() -> None:
    assert round(RESNET50.parameters * 4 / MIB, 2) == 97.49


def test_m3_an_image_of_a_batch_takes_85_mib_more() -> None:
    # Outputs of the convolutions, and of what normalises them.
    assert round(2 * RESNET50.outputs * 4 / MIB, 2) == 84.79


@pytest.mark.parametrize(("batch", "mib"), [(1, 377), (2, 462), (8, 971), (32, 3006)])
def test_what_a_batch_takes_with_weights_gradients_and_momentum(batch: int, mib: int) -> None:
    assert takes(batch) == mib


def test_a_t2_micro_has_memory_for_two_images_at_a_time() -> None:
    # 1 GiB, of which the system, Python and torch take about 500 MiB.
    assert takes(2) <= 1024 - 500 < takes(3)
