"""Every optimizer makes PyTorch's steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnstudio.engine.optimizers import optimizer_of
from cnnstudio.network import Recipe

MAKERS = {
    "sgd": lambda p, recipe: torch.optim.SGD(p, recipe.learning_rate),
    "momentum": lambda p, recipe: torch.optim.SGD(p, recipe.learning_rate, recipe.momentum),
    "nesterov": lambda p, recipe: torch.optim.SGD(
        p, recipe.learning_rate, recipe.momentum, nesterov=True
    ),
    "rmsprop": lambda p, recipe: torch.optim.RMSprop(p, recipe.learning_rate),
    "adam": lambda p, recipe: torch.optim.Adam(p, recipe.learning_rate),
    "adamw": lambda p, recipe: torch.optim.AdamW(
        p, recipe.learning_rate, weight_decay=recipe.weight_decay
    ),
}


def test_every_optimizer_of_the_recipe_is_tested() -> None:
    assert set(Recipe.declarations()["optimizer"].options) == set(MAKERS)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("parts", [1, 3])
def test_steps_equal_those_of_torch_optim(name: str, parts: int) -> None:
    generator = np.random.default_rng(0)
    recipe = Recipe(optimizer=name, learning_rate=0.03, momentum=0.8)
    vector = generator.standard_normal(50)
    theirs = torch.nn.Parameter(torch.from_numpy(vector.copy()))
    reference = MAKERS[name]([theirs], recipe)

    def share(work: object) -> None:
        for i in range(parts):
            work(slice(50 * i // parts, 50 * (i + 1) // parts))

    optimizer = optimizer_of(recipe, vector, share)
    for step in range(20):
        gradient = generator.standard_normal(50) * 10.0 ** -(step % 4)
        theirs.grad = torch.from_numpy(gradient.copy())
        reference.step()
        optimizer.step(gradient)
        assert vector == pytest.approx(theirs.detach().numpy(), rel=1e-12, abs=1e-13)


def test_without_sharing_the_whole_vector_is_stepped() -> None:
    vector = np.ones(4)
    optimizer_of(Recipe(optimizer="sgd", learning_rate=0.5), vector).step(np.arange(4.0))
    assert vector.tolist() == [1, 0.5, 0, -0.5]


@pytest.mark.parametrize("name", MAKERS)
def test_a_restored_optimizer_makes_the_same_steps(name: str) -> None:
    recipe = Recipe(optimizer=name, learning_rate=0.03)
    gradients = np.random.default_rng(0).standard_normal((6, 50)).astype(np.float32)
    vector = np.ones(50, np.float32)
    optimizer = optimizer_of(recipe, vector)
    for gradient in gradients[:3].copy():
        optimizer.step(gradient)
    other = vector.copy()
    restored = optimizer_of(recipe, other)
    restored.restore(optimizer.state())
    for gradient in gradients[3:]:
        optimizer.step(gradient.copy())
        restored.step(gradient.copy())
    assert np.array_equal(vector, other)
    assert not np.array_equal(vector, np.ones(50))
