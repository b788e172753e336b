"""How a network is trained: the settings of a run, declared like those of a block."""

from __future__ import annotations

from dataclasses import dataclass

from cnnstudio.blocks.settings import Choice, Declared, Fraction, WholeNumber, declare


@dataclass(frozen=True)
class Recipe(Declared):
    """The training recipe; with the network, the data and the thread count it fixes a run.

    What is not in a recipe of an older file is at its default, which leaves it off.
    """

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
                "nesterov": "SGD with Nesterov momentum",
                "rmsprop": "RMSprop",
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
            help="How much of the last step goes on into the next (SGD with momentum or Nesterov "
            "momentum only).",
            minimum=0.0,
            maximum=0.999,
        ),
        default=0.9,
    )
    weight_decay: float = declare(
        Fraction(
            label="Weight decay",
            help="How much all parameters shrink, times the learning rate, in each step (AdamW "
            "only).",
            minimum=0.0,
            maximum=1.0,
        ),
        default=0.01,
    )
    l1: float = declare(
        Fraction(
            label="L1",
            help="Adds this times the sum of |w| over all weights to what is made small, which "
            "drives needless weights to 0. Not for biases and normalization. 0 is off.",
            minimum=0.0,
            maximum=1.0,
            rare=True,
        ),
        default=0.0,
    )
    l2: float = declare(
        Fraction(
            label="L2",
            help="Adds half of this times the sum of w^2 over all weights to what is made small, "
            "which keeps them small. Not for biases and normalization. 0 is off.",
            minimum=0.0,
            maximum=1.0,
            rare=True,
        ),
        default=0.0,
    )
    label_smoothing: float = declare(
        Fraction(
            label="Label smoothing",
            help="The share of every label that is spread evenly over all classes, so that the "
            "network does not become too sure. 0 is off.",
            minimum=0.0,
            maximum=0.9,
            rare=True,
        ),
        default=0.0,
    )
    schedule: str = declare(
        Choice(
            label="Schedule",
            help="How the learning rate goes on after the warm-up: it stays, falls in steps, "
            "falls along a cosine to 0, or rises from a 25th and falls to nearly 0 (one "
            "cycle).",
            options={
                "constant": "Constant",
                "step": "Steps",
                "cosine": "Cosine",
                "one_cycle": "One cycle",
            },
        ),
        default="constant",
    )
    warm_up: float = declare(
        Fraction(
            label="Warm-up",
            help="For how long the learning rate first rises in a straight line; may be a part of "
            "an epoch. 0 is off.",
            unit="epochs",
            minimum=0.0,
            maximum=1_000.0,
            rare=True,
        ),
        default=0.0,
    )
    step_epochs: int = declare(
        WholeNumber(
            label="Step every",
            help="After how many epochs the learning rate falls each time (schedule Steps only).",
            unit="epochs",
            minimum=1,
            maximum=10_000,
            rare=True,
        ),
        default=10,
    )
    step_factor: float = declare(
        Fraction(
            label="Step factor",
            help="By what the learning rate is multiplied each time it falls (schedule Steps "
            "only).",
            minimum=0.0001,
            maximum=1.0,
            rare=True,
        ),
        default=0.1,
    )
    clip: float = declare(
        Fraction(
            label="Clip gradients",
            help="The largest length of the gradient of a step, all parameters together; a longer "
            "one is shortened to it. 0 is off.",
            minimum=0.0,
            maximum=1e6,
            rare=True,
        ),
        default=0.0,
    )
    ema: float = declare(
        Fraction(
            label="Averaging",
            help="How much of the running average of the weights stays in each step, such as "
            "0.999. The average is what is measured on the images kept aside, and kept. 0 is "
            "off.",
            minimum=0.0,
            maximum=0.99999,
            rare=True,
        ),
        default=0.0,
    )
    patience: int = declare(
        WholeNumber(
            label="Patience",
            help="After how many epochs without a better accuracy on the images kept aside "
            "training stops; the weights of the best epoch are kept. 0 is off.",
            unit="epochs",
            minimum=0,
            maximum=10_000,
            rare=True,
        ),
        default=0,
    )
    shift: float = declare(
        Fraction(
            label="Shift images",
            help="By how much each image is shifted at random in training, at most, across and "
            "down. 0 is off.",
            unit="px",
            minimum=0.0,
            maximum=100.0,
            rare=True,
        ),
        default=0.0,
    )
    rotation: float = declare(
        Fraction(
            label="Rotate images",
            help="By what angle each image is turned at random in training, at most, to both "
            "sides. 0 is off.",
            unit="degrees",
            minimum=0.0,
            maximum=180.0,
            rare=True,
        ),
        default=0.0,
    )
    scaling: float = declare(
        Fraction(
            label="Scale images",
            help="By what share the height and the width of each image change at random in "
            "training, at most: 0.1 is from 90 % to 110 %. 0 is off.",
            minimum=0.0,
            maximum=0.9,
            rare=True,
        ),
        default=0.0,
    )
    elastic: float = declare(
        Fraction(
            label="Bend images",
            help="By how much each image is bent at random in training, as a hand would write it "
            "another time: about the distance that a pixel moves. 0 is off.",
            unit="px",
            minimum=0.0,
            maximum=100.0,
            rare=True,
        ),
        default=0.0,
    )
    changed: float = declare(
        Fraction(
            label="Changed share",
            help="The share of the images that are moved, turned, scaled or bent; the others are "
            "shown as they are, and so are as sharp as those to be recognised later.",
            minimum=0.0,
            maximum=1.0,
            rare=True,
        ),
        default=1.0,
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
