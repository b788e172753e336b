"""The running average of the weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from cnnstudio.engine.averaging import Average


def test_after_its_warm_start_it_equals_torch() -> None:
    generator = np.random.default_rng(0)
    weights = generator.standard_normal(20)
    ours = Average(weights, decay=0.1)  # (1 + t) / (10 + t) is never less
    module = torch.nn.Linear(20, 1, bias=False, dtype=torch.float64)
    theirs = AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(0.1))
    with torch.no_grad():
        module.weight[...] = torch.from_numpy(weights)
        theirs.module.weight[...] = module.weight
        theirs.n_averaged += 1
    for _ in range(5):
        weights[...] = generator.standard_normal(20)
        with torch.no_grad():
            module.weight[...] = torch.from_numpy(weights)
        ours.update()
        theirs.update_parameters(module)
    assert ours.values == pytest.approx(theirs.module.weight.detach().numpy()[0], rel=1e-12)


def test_at_first_it_forgets_fast() -> None:
    weights = np.zeros(1)
    average, expected = Average(weights, decay=0.9), 0.0
    for t in range(200):
        weights[0] = t
        decay = min(0.9, (1 + t) / (10 + t))
        expected = decay * expected + (1 - decay) * t
        average.update()
        assert average.values[0] == pytest.approx(expected)


@pytest.mark.parametrize("shared", [None, 0, 7, 10])
def test_a_shared_part_and_the_rest_give_the_same(shared: int | None) -> None:
    weights = np.arange(10.0)
    asked = []

    def share(work: object) -> None:
        asked.append(shared)
        for i in range(shared or 0):
            work(slice(i, i + 1))

    average = Average(weights, 0.9, share if shared is not None else None, shared)
    plain = Average(weights, 0.9)
    weights += 1
    average.update()
    plain.update()
    assert np.array_equal(average.values, plain.values)
    assert len(asked) == (shared is not None)


def test_for_a_while_the_weights_are_the_average() -> None:
    weights = np.zeros(3)
    average = Average(weights, 0.5)
    weights += 1
    average.update()
    with average.in_place():
        assert np.array_equal(weights, average.values)
        assert weights[0] == 0.9
    assert np.array_equal(weights, np.ones(3))
    with pytest.raises(ZeroDivisionError), average.in_place():
        _ = 1 / 0
    assert np.array_equal(weights, np.ones(3))
