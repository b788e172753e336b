"""The networks that the benchmarks of the engine measure."""

from __future__ import annotations

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D
from cnnstudio.network import Network, templates

NAMES = ("lecture", "nielsen", "vgg")


def network_of(name: str) -> Network:
    """The template `name`, or "vgg": pairs of 3x3 convolutions of 16 and 32 filters on 28x28."""
    return vgg() if name == "vgg" else templates.load(name).network


def vgg() -> Network:
    def pair(filters: int) -> tuple[Conv2D, Conv2D, MaxPool2D]:
        convolution = Conv2D(filters, 3, padding="same", activation="relu")
        return convolution, convolution, MaxPool2D()

    end = (FullyConnected(128, activation="relu"), FullyConnected(10))
    return Network((Input(), *pair(16), *pair(32), *end))
