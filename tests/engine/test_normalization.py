"""Batch norm is PyTorch's, over the whole batch, however many lanes compute it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cnnstudio.blocks import Activation, BatchNorm, Conv2D, FullyConnected, Input, MaxPool2D
from cnnstudio.engine.lane import Task
from cnnstudio.engine.model import Model
from cnnstudio.network import Network
from tests.engine.harness import pictures

NETWORK = Network(
    (
        Input(2, 7, 6),
        Conv2D(4, 3),
        BatchNorm(0.3, 1e-3),
        Activation("relu"),
        MaxPool2D(2, 1),
        FullyConnected(5),
        BatchNorm(),
        FullyConnected(3),
    )
)


def in_torch(model: Model) -> nn.Sequential:
    module = nn.Sequential(
        nn.Conv2d(2, 4, 3),
        nn.BatchNorm2d(4, eps=1e-3, momentum=0.3),
        nn.ReLU(),
        nn.MaxPool2d(2, 1),
        nn.Flatten(),
        nn.Linear(48, 5),
        nn.BatchNorm1d(5),
        nn.Linear(5, 3),
    ).double()
    with torch.no_grad():
        for target, values in zip(module.parameters(), model.parameters.values(), strict=True):
            target.copy_(torch.from_numpy(np.array(values)))
    return module


def running(module: nn.Sequential) -> list[np.ndarray]:
    return [b.numpy() for n, b in module.named_buffers() if "running" in n]


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("count", [2, 5, 150])
def test_training_steps_are_those_of_pytorch(threads: int, count: int) -> None:
    """150 pictures would be cut into three slices, which must not see statistics of their own.

    With 8 threads some lanes have no picture, and nobody may wait for them.
    """
    model = Model(NETWORK, seed=1, dtype=np.float64, threads=threads)
    module = in_torch(model).train()
    for step in range(3):
        x, labels = pictures(NETWORK, count, step)
        loss = nn.functional.cross_entropy(module(torch.from_numpy(x)), torch.from_numpy(labels))
        module.zero_grad()
        loss.backward()
        gradients = model.gradients()
        score = gradients.compute(x, labels, task=Task(step))
        assert score.loss / count == pytest.approx(loss.item(), rel=1e-10)
        ours = model.views(gradients.vector).values()
        for own, parameter in zip(ours, module.parameters(), strict=True):
            np.testing.assert_allclose(own, parameter.grad.numpy(), rtol=1e-8, atol=1e-10)
    for own, theirs in zip(model.statistics.values(), running(module), strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-10)
    x, _ = pictures(NETWORK, 40, 9)
    expected = module.eval()(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(model.forward(x), expected, rtol=1e-9, atol=1e-12)


def test_asking_for_gradients_leaves_the_running_statistics_alone() -> None:
    model = Model(NETWORK)
    before = model.state.copy()
    model.loss_and_gradients(*pictures(NETWORK, 8))
    assert np.array_equal(model.state, before)


def test_the_state_is_the_parameters_then_the_statistics() -> None:
    model = Model(NETWORK)
    assert model.vector.base is not None
    model.state[...] = np.arange(len(model.state))
    assert model.parameters["conv1.weight"].flat[0] == 0
    assert model.statistics["norm1.running_mean"][0] == len(model.vector)
    assert list(model.weights) == [*model.parameters, *model.statistics]
    other = Model(NETWORK, seed=5)
    other.load(model.weights)
    assert np.array_equal(other.state, model.state)


def test_it_begins_as_the_identity() -> None:
    network = Network((Input(1, 3, 3), BatchNorm(epsilon=1e-8)))
    x = np.random.default_rng(0).random((4, 1, 3, 3))
    np.testing.assert_allclose(Model(network, dtype=np.float64).forward(x), x, rtol=1e-7)


def test_a_single_picture_of_one_value_is_no_division_by_zero() -> None:
    network = Network((Input(1, 1, 1), BatchNorm(), FullyConnected(2)))
    model = Model(network)
    loss, gradients = model.loss_and_gradients(np.ones((1, 1, 1, 1)), np.zeros(1, int))
    assert np.isfinite(loss)
    assert all(np.isfinite(values).all() for values in gradients.values())
