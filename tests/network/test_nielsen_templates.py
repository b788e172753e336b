"""The ladder of Nielsen's chapter 6: what the book and its programs say, in numbers."""

from __future__ import annotations

import pytest

from cnnstudio.blocks import Conv2D, Dropout, FullyConnected, MaxPool2D
from cnnstudio.network import check, templates

# name: parameters, epochs, eta, L2, shift, test accuracy that the book reports
LADDER = {
    "nielsen-1": (79_510, 60, 0.1, 0.0, 0, "97.80"),
    "nielsen-2": (289_630, 60, 0.1, 0.0, 0, "98.78"),
    "nielsen-3": (85_670, 60, 0.1, 0.0, 0, "99.06"),
    "nielsen-4": (85_670, 60, 0.03, 0.1 / 5_000, 0, "99.23"),
    "nielsen-5": (85_670, 60, 0.03, 0.1 / 25_000, 1, "99.37"),
    "nielsen-6": (215_870, 60, 0.03, 0.1 / 25_000, 1, "99.46"),
    "nielsen-7": (671_570, 60, 0.03, 0.1 / 25_000, 1, "99.43"),
    "nielsen-8": (95_770, 60, 0.03, 0.1 / 25_000, 1, "99.43"),
    "nielsen-9": (306_170, 60, 0.03, 0.1 / 25_000, 1, "99.48"),
    "nielsen-10": (1_672_570, 60, 0.03, 0.1 / 25_000, 1, "99.47"),
    "nielsen-11": (1_672_570, 40, 0.03, 0.0, 1, "99.60"),
}
"""L2 is the book's lambda over its number of mini-batches, as network3.py computes it: batches of
10 of 50,000 pictures, or of the 250,000 that shifting makes of them."""


def test_the_whole_ladder_is_there():
    assert [name for name in templates.names() if name.startswith("nielsen-")] == list(LADDER)


@pytest.mark.parametrize("name", LADDER)
def test_parameters_and_recipe_are_the_books(name):
    parameters, epochs, eta, l2, shift, accuracy = LADDER[name]
    project = templates.load(name)
    assert check(project.network, classes=10).parameters == parameters
    recipe = project.recipe
    assert (recipe.epochs, recipe.learning_rate, recipe.shift) == (epochs, eta, shift)
    assert recipe.l2 == pytest.approx(l2)
    assert (recipe.optimizer, recipe.batch_size, recipe.validation) == ("sgd", 10, 10_000)
    assert (recipe.schedule, recipe.warm_up, recipe.l1, recipe.ema) == ("constant", 0, 0, 0)
    assert recipe.patience == epochs  # never too early: it keeps the best epoch's weights
    assert f"{accuracy} %" in project.description


@pytest.mark.parametrize("name", LADDER)
def test_kernels_poolings_and_functions_are_the_books(name):
    blocks = templates.load(name).network.blocks
    function = "sigmoid" if name in ("nielsen-1", "nielsen-2", "nielsen-3") else "relu"
    convolutions = [block for block in blocks if isinstance(block, Conv2D)]
    filters = {"nielsen-1": [], "nielsen-2": [20]}.get(name, [20, 40])
    assert convolutions == [Conv2D(count, 5, activation=function) for count in filters]
    assert [block for block in blocks if isinstance(block, MaxPool2D)] == [MaxPool2D()] * len(
        filters
    )
    *hidden, last = (block for block in blocks if isinstance(block, FullyConnected))
    assert all(block.activation == function for block in hidden)
    assert last == FullyConnected(10)
    dropouts = [block for block in blocks if isinstance(block, Dropout)]
    assert dropouts == ([Dropout(0.5)] * 2 if name == "nielsen-11" else [])
