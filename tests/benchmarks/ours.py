"""Our engine's side of a comparison: steps of work that return how many images they did."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cnnstudio.data.datasets import Images
from cnnstudio.engine.crew import Lanes
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import Network, Recipe

Step = Callable[[], int]

IMAGES_A_STEP = 1024
"""Images that a step of inference looks at, batch after batch."""


def training(
    network: Network, recipe: Recipe, images: Images, threads: int, lanes: Lanes = "threads"
) -> Step:
    """Steps of the trainer, which gathers, scales and pads its batches itself, from bytes."""
    model = Model(network, threads=threads, lanes=lanes)
    progress = Trainer(model, images, images[:0], recipe.with_values(epochs=10_000)).run()

    def step() -> int:
        next(progress)
        return recipe.batch_size

    return step


def inference(network: Network, recipe: Recipe, images: Images, threads: int) -> Step:
    """Raw outputs for the first 1,024 pictures, from bytes."""
    model = Model(network, threads=threads)
    borders = range(recipe.batch_size, IMAGES_A_STEP, recipe.batch_size)
    parts = np.split(images.pixels[:IMAGES_A_STEP], borders)

    def step() -> int:
        for part in parts:
            model.forward(part)
        return IMAGES_A_STEP

    return step
