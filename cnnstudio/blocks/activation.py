"""Activation functions: a block of their own, and a setting of CONV and FC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.block import Block, Family
from cnnstudio.blocks.settings import Choice, declare

FUNCTIONS: Mapping[str, str] = {
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "elu": "ELU",
    "gelu": "GELU",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "scaled_tanh": "Scaled tanh",
}

ACTIVATION = Choice(
    label="Activation",
    help="The non-linear function applied to every output. Without one, two layers in a row can do "
    "no more than a single layer.",
    options={"none": "None", **FUNCTIONS},
)

_FORMULAS: Mapping[str, str] = {
    "relu": "max(0, x): negative values become zero, positive ones pass.",
    "leaky_relu": "x where positive, 0.01 x elsewhere: negative values keep a small slope.",
    "elu": "x where positive, exp(x) - 1 elsewhere: smooth, and never below -1.",
    "gelu": "x times the normal distribution's share below x: a smooth relative of ReLU.",
    "sigmoid": "1 / (1 + exp(-x)): squeezes every value between 0 and 1.",
    "tanh": "tanh(x): squeezes every value between -1 and 1.",
    "scaled_tanh": "1.7159 tanh(2x/3): LeCun's choice, which maps 1 to 1 and -1 to -1.",
    "softmax": "exp(x) over the sum of all exp(x): turns the channels into shares that sum to 1.",
}


@dataclass(frozen=True)
class Activation(Block):
    """An activation function applied to each value (softmax: across the channels or units)."""

    family: ClassVar[Family] = Family.ACTIVATION
    stem: ClassVar[str] = "act"
    names: ClassVar[tuple[str, ...]] = ("ACT", "activation")
    title: ClassVar[str] = "Activation"
    help: ClassVar[str] = (
        "Applies a non-linear function to every value. It keeps the size and has nothing to learn."
    )

    function: str = declare(
        Choice(
            label="Function",
            help="The function applied to every value.",
            options={**FUNCTIONS, "softmax": "Softmax"},
        )
    )

    def summary(self) -> str:
        """The function and what it does."""
        return activation_words(self.function)


def activation_words(function: str) -> str:
    """The function's name on the screen."""
    return "Softmax" if function == "softmax" else ACTIVATION.options[function]


def activation_formula(function: str) -> str:
    """What the function computes, in one line."""
    return _FORMULAS[function]


def with_activation(words: str, function: str) -> str:
    """`words`, and the activation behind them if there is one."""
    return words if function == "none" else f"{words} · {activation_words(function)}"
