"""Dropout: a share of the values is silenced at random while training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.block import Block, Family
from cnnstudio.blocks.settings import Fraction, declare


@dataclass(frozen=True)
class Dropout(Block):
    """Inverted dropout: kept values are scaled by 1 / (1 - rate), so inference changes nothing."""

    family: ClassVar[Family] = Family.REGULARISE
    stem: ClassVar[str] = "dropout"
    names: ClassVar[tuple[str, ...]] = ("DROPOUT", "drop")
    title: ClassVar[str] = "Dropout"
    help: ClassVar[str] = (
        "While training, sets a random share of the values to zero, so that no unit relies on a "
        "single other one. Afterwards it does nothing."
    )

    rate: float = declare(
        Fraction(
            label="Rate",
            help="The share of values set to zero in each training step.",
            minimum=0.0,
            maximum=0.95,
        ),
        default=0.5,
    )

    def summary(self) -> str:
        """Such as "50 % while training"."""
        return f"{100 * self.rate:g} % while training"
