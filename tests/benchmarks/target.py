"""Time to a test accuracy, ours and PyTorch's, with one recipe, the same weights and batches.

Both begin with the weights that our model draws and go through the training set in the same order.
After each epoch all test pictures are measured. The clock runs from the first step on: training and
measuring count, building and loading do not.
"""

from __future__ import annotations

import math
import time
from typing import NamedTuple

import numpy as np
import torch

from cnnstudio.data.datasets import Dataset, Images
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network.project_file import Project
from tests.benchmarks import theirs
from tests.engine.torch_reference import copy_weights

MOST_EPOCHS = 20
TEST_BATCH = 1000


class Reached(NamedTuple):
    """Seconds and epochs until the target; infinite when 20 epochs did not reach it."""

    seconds: float
    epochs: float


NEVER = Reached(math.inf, math.inf)


def ours(project: Project, data: Dataset, target: float, seed: int, threads: int) -> Reached:
    model = Model(project.network, seed=seed, threads=threads, lanes="fastest")
    train, _ = data.split(project.recipe.validation)
    recipe = project.recipe.with_values(epochs=MOST_EPOCHS, seed=seed)
    started = time.perf_counter()
    for progress in Trainer(model, train, train[:0], recipe).run():
        done = progress.finished_epoch
        if done and evaluate(model, data.test).accuracy >= target:
            return Reached(time.perf_counter() - started, done.epoch)
    return NEVER


def pytorch(project: Project, data: Dataset, target: float, seed: int, threads: int) -> Reached:
    torch.set_num_threads(threads)
    recipe = project.recipe
    prepare, module = theirs.parts_of(project.network)
    copy_weights(dict(Model(project.network, seed=seed).parameters), module)
    optimizer = theirs.optimizer_of(module, recipe)
    train, _ = data.split(recipe.validation)
    x, labels = ready(prepare, train)
    test = ready(prepare, data.test)
    started = time.perf_counter()
    for epoch in range(1, MOST_EPOCHS + 1):
        order = torch.from_numpy(np.random.default_rng((seed, epoch)).permutation(len(x)))
        for batch in order.split(recipe.batch_size):
            theirs.learn(module, optimizer, x[batch], labels[batch])
        if accuracy(module, *test) >= target:
            return Reached(time.perf_counter() - started, epoch)
    return NEVER


def ready(prepare: torch.nn.Module, images: Images) -> tuple[torch.Tensor, torch.Tensor]:
    """All pictures as padded floats, and their labels."""
    return prepare(theirs.floats(images)), torch.from_numpy(images.labels.astype("int64"))


def accuracy(module: torch.nn.Module, x: torch.Tensor, labels: torch.Tensor) -> float:
    module.eval()
    with torch.inference_mode():
        found = torch.cat([module(part).argmax(dim=1) for part in x.split(TEST_BATCH)])
    module.train()
    return float((found == labels).double().mean())
