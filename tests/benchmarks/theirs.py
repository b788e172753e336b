"""PyTorch's side of a comparison (CPU, eager): the same work as in `ours`, on batches made ready.

The batches are padded float tensors, so PyTorch neither gathers nor scales nor pads.
"""

from __future__ import annotations

from itertools import cycle

import torch
from torch import nn
from torch.nn import functional

from cnnstudio.data import preprocess
from cnnstudio.data.datasets import Images
from cnnstudio.network import Network, Recipe
from tests.benchmarks.ours import IMAGES_A_STEP, Step
from tests.engine.torch_reference import torch_network

READY_BATCHES = 40


def training(network: Network, recipe: Recipe, images: Images, threads: int) -> Step:
    """Steps over 40 batches, again and again."""
    prepare, module = parts_of(network)
    optimizer = optimizer_of(module, recipe)
    used = images[: recipe.batch_size * READY_BATCHES]
    pictures = prepare(floats(used)).split(recipe.batch_size)
    labels = torch.from_numpy(used.labels.astype("int64")).split(recipe.batch_size)
    batches = cycle(zip(pictures, labels, strict=True))

    def step() -> int:
        torch.set_num_threads(threads)
        learn(module, optimizer, *next(batches))
        return recipe.batch_size

    return step


def inference(network: Network, recipe: Recipe, images: Images, threads: int) -> Step:
    """Raw outputs for the first 1,024 pictures."""
    prepare, module = parts_of(network)
    module.eval()
    parts = prepare(floats(images[:IMAGES_A_STEP])).split(recipe.batch_size)

    def step() -> int:
        torch.set_num_threads(threads)
        with torch.inference_mode():
            for part in parts:
                module(part)
        return IMAGES_A_STEP

    return step


def parts_of(network: Network) -> tuple[nn.Module, nn.Module]:
    """What prepares the pictures, and the network behind it."""
    module = torch_network(network)
    return module[0], module[1:]


def learn(
    module: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor, labels: torch.Tensor
) -> None:
    """One step of training."""
    optimizer.zero_grad()
    functional.cross_entropy(module(x), labels).backward()
    optimizer.step()


def optimizer_of(module: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's Adam, or SGD with or without momentum."""
    if recipe.optimizer == "adam":
        return torch.optim.Adam(module.parameters(), recipe.learning_rate)
    momentum = {"momentum": recipe.momentum, "sgd": 0.0}[recipe.optimizer]
    return torch.optim.SGD(module.parameters(), recipe.learning_rate, momentum)


def floats(images: Images) -> torch.Tensor:
    return torch.from_numpy(preprocess.to_float(images.pixels))
