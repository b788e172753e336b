"""How a network is trained: the settings of a run, declared like those of a block."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.blocks.settings import Choice, Declared, Fraction, WholeNumber, declare


@dataclass(frozen=True)
class Recipe(Declared):
    """The training recipe; with the network, the data and the thread count it fixes a run."""

    epochs: int = declare(
        WholeNumber(
            label="Epochs",
            help="How often the whole training set is gone through.",
            minimum=1,
            maximum=10_000,
        ),
        default=10,
    )
    batch_size: int = declare(
        WholeNumber(
            label="Batch size",
            help="How many images one step of learning looks at.",
            unit="images",
            minimum=1,
            maximum=10_000,
        ),
        default=64,
    )
    optimizer: str = declare(
        Choice(
            label="Optimizer",
            help="How the gradients become steps.",
            options={
                "sgd": "SGD",
                "momentum": "SGD with momentum",
                "adam": "Adam",
                "adamw": "AdamW",
            },
        ),
        default="adam",
    )
    learning_rate: float = declare(
        Fraction(
            label="Learning rate",
            help="The size of a step. Too large and the loss jumps, too small and nothing happens.",
            minimum=1e-8,
            maximum=100.0,
        ),
        default=0.001,
    )
    momentum: float = declare(
        Fraction(
            label="Momentum",
            help="How much of the last step goes on into the next (SGD with momentum only).",
            minimum=0.0,
            maximum=0.999,
        ),
        default=0.9,
    )
    weight_decay: float = declare(
        Fraction(
            label="Weight decay",
            help="How much the weights shrink, times the learning rate, in each step (AdamW only).",
            minimum=0.0,
            maximum=1.0,
        ),
        default=0.01,
    )
    validation: int = declare(
        WholeNumber(
            label="Validation",
            help="How many images at the end of the training set are kept aside to measure with.",
            unit="images",
            minimum=0,
            maximum=50_000,
        ),
        default=5_000,
    )
    seed: int = declare(
        WholeNumber(
            label="Seed",
            help="Where the random numbers begin: the same seed gives the same run.",
            minimum=0,
            maximum=2**31 - 1,
        ),
        default=0,
    )
