"""ResNet-18, 34 and 50 with torchvision's parameter names: its checkpoints load unchanged.

Imports torch and the standard library only, and stands alone: beside inference.py in a model
archive it is the module `model`.

He et al. 2015, "Deep Residual Learning for Image Recognition", https://arxiv.org/abs/1512.03385,
table 1. ResNet-50 strides in the 3x3 convolution, as torchvision's does ("ResNet v1.5"):
https://pytorch.org/vision/stable/models/generated/torchvision.models.resnet50.html
"""

from collections.abc import Callable, Mapping
from typing import Final

import torch
from torch import Tensor, nn

CLASSES: Final = 133
"""Breeds of the write-up's data set."""


class BasicBlock(nn.Module):
    """Two 3x3 convolutions around a shortcut: (N, C, H, W) -> (N, planes, H / stride, ...)."""

    expansion = 1

    def __init__(self, channels: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _convolution(channels, planes, kernel=3, stride=stride)
        self.bn1 = nn.BatchNorm2d(planes)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = _convolution(planes, planes, kernel=3)
        self.bn2 = nn.BatchNorm2d(planes)
        self.downsample = _shortcut(channels, planes, stride)

    def forward(self, images: Tensor) -> Tensor:
        """Return the features after the block."""
        kept = images if self.downsample is None else self.downsample(images)
        features = self.relu(self.bn1(self.conv1(images)))
        features = self.bn2(self.conv2(features))
        return torch.relu_(features + kept)


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 around a shortcut: (N, C, H, W) -> (N, 4 * planes, H / stride, ...)."""

    expansion = 4

    def __init__(self, channels: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _convolution(channels, planes, kernel=1)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = _convolution(planes, planes, kernel=3, stride=stride)
        self.bn2 = nn.BatchNorm2d(planes)
        self.conv3 = _convolution(planes, planes * self.expansion, kernel=1)
        self.bn3 = nn.BatchNorm2d(planes * self.expansion)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _shortcut(channels, planes * self.expansion, stride)

    def forward(self, images: Tensor) -> Tensor:
        """Return the features after the block."""
        kept = images if self.downsample is None else self.downsample(images)
        features = self.relu(self.bn1(self.conv1(images)))
        features = self.relu(self.bn2(self.conv2(features)))
        features = self.bn3(self.conv3(features))
        return torch.relu_(features + kept)


class ResNet(nn.Module):
    """The network; frozen, everything but its head `fc` is left as it is."""

    def __init__(
        self,
        block: type[BasicBlock | Bottleneck],
        depths: tuple[int, int, int, int],
        *,
        classes: int,
        frozen: bool,
    ) -> None:
        super().__init__()
        self.frozen = frozen
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        wide = block.expansion
        self.layer1 = _stage(block, 64, 64, depths[0], stride=1)
        self.layer2 = _stage(block, 64 * wide, 128, depths[1], stride=2)
        self.layer3 = _stage(block, 128 * wide, 256, depths[2], stride=2)
        self.layer4 = _stage(block, 256 * wide, 512, depths[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * wide, classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        for name, parameter in self.named_parameters():
            parameter.requires_grad_(not frozen or name.startswith("fc."))

    def forward(self, images: Tensor) -> Tensor:
        """Return a score (logit) for each class: (N, 3, H, W) float32 -> (N, classes)."""
        features = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        features = self.layer4(self.layer3(self.layer2(self.layer1(features))))
        scores: Tensor = self.fc(torch.flatten(self.avgpool(features), 1))
        return scores

    def train(self, mode: bool = True) -> "ResNet":  # noqa: FBT001, FBT002  # nn.Module's signature
        """Set training mode; a frozen backbone stays as in evaluation.

        Without gradients its batch normalisation would still move its running statistics, and a
        backbone that was said to be frozen would drift.
        """
        super().train(mode)
        if self.frozen:
            for name, child in self.named_children():
                child.train(mode and name == "fc")
        return self


_ARCHITECTURES: Final[
    Mapping[str, tuple[type[BasicBlock | Bottleneck], tuple[int, int, int, int]]]
] = {
    "resnet18": (BasicBlock, (2, 2, 2, 2)),
    "resnet34": (BasicBlock, (3, 4, 6, 3)),
    "resnet50": (Bottleneck, (3, 4, 6, 3)),
}

ARCHITECTURES: Final = tuple(_ARCHITECTURES)


def build(arch: str, *, classes: int = CLASSES, frozen: bool = False) -> ResNet:
    """Return a network with fresh weights (He initialisation; draws from torch's generator)."""
    block, depths = _ARCHITECTURES[arch]
    return ResNet(block, depths, classes=classes, frozen=frozen)


def load_backbone(model: ResNet, state: Mapping[str, Tensor]) -> None:
    """Load everything but the head, which belongs to other classes.

    Strict: raises ValueError naming the first parameter that is missing, unknown or of another
    shape. A head with as many classes as the model's is loaded, too.
    """
    own = model.state_dict()
    given = dict(state)
    if any(name not in given or given[name].shape != own[name].shape for name in _HEAD):
        given.update({name: own[name] for name in _HEAD})
    for name in sorted(own.keys() | given.keys()):
        # Checkpoints from before torch 0.4 carry no batch counters; nothing here reads them.
        if name not in given and name.endswith("num_batches_tracked"):
            given[name] = own[name]
            continue
        _same_shape(name, own.get(name), given.get(name))
    model.load_state_dict(given, strict=True)


_HEAD: Final = ("fc.weight", "fc.bias")


def _same_shape(name: str, own: Tensor | None, given: Tensor | None) -> None:
    if given is None:
        raise ValueError(f"{name} is missing")
    if own is None:
        raise ValueError(f"{name} is not a parameter of this network")
    if own.shape != given.shape:
        raise ValueError(f"{name} has shape {tuple(given.shape)}, not {tuple(own.shape)}")


def _convolution(channels: int, planes: int, *, kernel: int, stride: int = 1) -> nn.Conv2d:
    # No bias: the batch normalisation that follows has one.
    return nn.Conv2d(
        channels, planes, kernel_size=kernel, stride=stride, padding=kernel // 2, bias=False
    )


def _shortcut(channels: int, planes: int, stride: int) -> nn.Sequential | None:
    """Return a projection where the block changes the shape (option B of the paper)."""
    if channels == planes and stride == 1:
        return None
    return nn.Sequential(
        _convolution(channels, planes, kernel=1, stride=stride), nn.BatchNorm2d(planes)
    )


def _stage(
    block: Callable[[int, int, int], BasicBlock | Bottleneck],
    channels: int,
    planes: int,
    depth: int,
    *,
    stride: int,
) -> nn.Sequential:
    first = block(channels, planes, stride)
    wide = planes * first.expansion
    return nn.Sequential(first, *(block(wide, planes, 1) for _ in range(depth - 1)))
