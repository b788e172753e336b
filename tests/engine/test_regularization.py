"""Penalties and clipping equal those of PyTorch, and touch weights only."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnnstudio.blocks import (
    BatchNorm,
    Conv2D,
    FullyConnected,
    Input,
    LocallyConnected2D,
    Parallel,
    Residual,
)
from cnnstudio.engine.model import Model
from cnnstudio.engine.regularization import Penalty, clip, weight_mask
from cnnstudio.network import Network

NETWORK = Network(
    (
        Input(1, 6, 6),
        Conv2D(2, 3, padding=1),
        BatchNorm(),
        Residual((Conv2D(3, 3, padding=1), BatchNorm())),
        Parallel(((Conv2D(2, 1),), (Conv2D(1, 3, padding=1), BatchNorm()))),
        LocallyConnected2D(2, 3),
        FullyConnected(4),
    )
)


def model_of(seed: int = 0) -> Model:
    model = Model(NETWORK, dtype=np.float64)
    model.vector[...] = np.random.default_rng(seed).standard_normal(model.vector.shape)
    model.vector[::7] = 0
    return model


def test_the_mask_marks_weights_in_composites_too() -> None:
    model = model_of()
    marked = {
        name for name, part in model.views(weight_mask(model.parameters)).items() if part.all()
    }
    plain = {name for name, part in model.parameters.items() if name.endswith(".weight")}
    assert marked == {name for name in plain if "norm" not in name}
    assert {"conv1.weight", "residual1.conv1.weight", "residual1.projection.weight"} <= marked
    assert {"parallel1.branch2.conv1.weight", "fc1.weight"} <= marked
    assert weight_mask(model.parameters).sum() == sum(model.parameters[n].size for n in marked)


@pytest.mark.parametrize(("l1", "l2"), [(0.3, 0.0), (0.0, 0.2), (0.3, 0.2)])
@pytest.mark.parametrize("parts", [1, 3])
def test_the_gradient_is_that_of_the_penalty(l1: float, l2: float, parts: int) -> None:
    model = model_of()
    size = len(model.vector)

    def share(work: object) -> None:
        for i in range(parts):
            work(slice(size * i // parts, size * (i + 1) // parts))

    before = np.random.default_rng(1).standard_normal(size)
    gradient = before.copy()
    Penalty(model.vector, model.parameters, l1, l2, share).add_to(gradient)
    added = model.views(gradient - before)
    for name, parameter in model.parameters.items():
        theirs = torch.from_numpy(parameter.copy()).requires_grad_()
        penalty = l1 * theirs.abs().sum() + l2 / 2 * theirs.square().sum()
        penalty.backward()
        is_weight = name.endswith("weight") and "norm" not in name
        wanted = theirs.grad.numpy() if is_weight else np.zeros_like(parameter)
        assert added[name] == pytest.approx(wanted, abs=1e-14), name


def test_a_penalty_follows_the_weights() -> None:
    model = model_of()
    penalty = Penalty(model.vector, model.parameters, 0.0, 1.0)
    model.vector[...] = 3
    gradient = np.zeros(len(model.vector))
    penalty.add_to(gradient)
    assert np.array_equal(gradient, 3 * weight_mask(model.parameters))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("length", [0.0, 0.5, 3.0, 50.0])
def test_clipping_equals_torch(length: float, dtype: type) -> None:
    gradient = np.random.default_rng(0).standard_normal(40).astype(dtype)
    gradient *= length / np.linalg.norm(gradient)
    theirs = torch.nn.Parameter(torch.zeros(40, dtype=torch.from_numpy(gradient).dtype))
    theirs.grad = torch.from_numpy(gradient.copy())
    torch.nn.utils.clip_grad_norm_([theirs], 3.0)
    clip(gradient, 3.0)
    close = 1e-6 if dtype is np.float32 else 1e-12
    assert gradient == pytest.approx(theirs.grad.numpy(), rel=close, abs=1e-30)
    assert np.linalg.norm(gradient) <= 3.0 + 1e-6
