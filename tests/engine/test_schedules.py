"""The learning rate of every step equals that of torch.optim.lr_scheduler."""

from __future__ import annotations

import pytest
import torch
from torch.optim import lr_scheduler

from cnnstudio.engine.schedules import rate
from cnnstudio.network import Recipe

STEPS = 7
"""Steps in an epoch."""


def rates(recipe: Recipe) -> list[float]:
    return [rate(recipe, step, STEPS) for step in range(recipe.epochs * STEPS)]


def reference(recipe: Recipe, *makers) -> list[float]:
    """The rates that PyTorch's schedulers give together."""
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], recipe.learning_rate)
    schedulers = [make(optimizer) for make in makers]
    found = []
    for _ in range(recipe.epochs * STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        for scheduler in schedulers:
            scheduler.step()
    return found


def rising(steps: int):
    return lambda o: lr_scheduler.LinearLR(o, 1 / steps, 1.0, total_iters=steps - 1)


def after(steps: int, later):
    """Linear warm-up, then another schedule from its beginning."""
    return lambda o: lr_scheduler.SequentialLR(o, [rising(steps)(o), later(o)], [steps])


@pytest.mark.parametrize("epochs", [1, 2, 9])
def test_schedules_equal_those_of_torch(epochs: int) -> None:
    recipe = Recipe(epochs=epochs, learning_rate=0.3, step_epochs=2, step_factor=0.5)
    total = epochs * STEPS
    assert rates(recipe) == [0.3] * total
    stepped = reference(recipe, lambda o: lr_scheduler.StepLR(o, 2 * STEPS, 0.5))
    assert rates(recipe.with_values(schedule="step")) == pytest.approx(stepped, rel=1e-12)
    fallen = reference(recipe, lambda o: lr_scheduler.CosineAnnealingLR(o, total))
    assert rates(recipe.with_values(schedule="cosine")) == pytest.approx(fallen, rel=1e-9)
    cycle = reference(
        recipe,
        lambda o: lr_scheduler.OneCycleLR(o, 0.3, total_steps=total, cycle_momentum=False),
    )
    assert rates(recipe.with_values(schedule="one_cycle")) == pytest.approx(cycle[:total])


def test_the_warm_up_comes_before_each_schedule() -> None:
    recipe = Recipe(epochs=6, learning_rate=0.3, step_epochs=2, step_factor=0.5, warm_up=1.5)
    warm, total = 10, 6 * STEPS  # 1.5 epochs of 7 steps, a half rounded to the even number
    assert rates(recipe) == pytest.approx(reference(recipe, rising(warm)))
    stepped = reference(recipe, rising(warm), lambda o: lr_scheduler.StepLR(o, 2 * STEPS, 0.5))
    assert rates(recipe.with_values(schedule="step")) == pytest.approx(stepped)
    fallen = rates(recipe.with_values(schedule="cosine"))
    assert fallen[:warm] == pytest.approx([0.3 * i / 10 for i in range(1, 11)])
    left = recipe.with_values(epochs=100, warm_up=0)
    rest = reference(left, lambda o: lr_scheduler.CosineAnnealingLR(o, total - warm))
    assert fallen[warm:] == pytest.approx(rest[: total - warm])
    cycle = rates(recipe.with_values(schedule="one_cycle"))
    assert cycle[warm - 1] == pytest.approx(0.3 / 25)
    assert cycle[warm] == pytest.approx(0.3 / 25)
    assert max(cycle) == pytest.approx(0.3, rel=0.02)
    assert cycle[-1] == pytest.approx(0.3 / 250_000)


def test_one_cycle_rises_for_three_tenths_and_ends_near_0() -> None:
    found = rates(Recipe(epochs=100, learning_rate=1.0, schedule="one_cycle"))
    assert found[0] == pytest.approx(0.04)
    assert found.index(max(found)) == 209
    assert found[209] == pytest.approx(1.0)
    assert found[:210] == sorted(found[:210])
    assert found[209:] == sorted(found[209:], reverse=True)


@pytest.mark.parametrize("schedule", Recipe.declarations()["schedule"].options)
@pytest.mark.parametrize("warm_up", [0.0, 0.01, 1.0, 1000.0])
def test_every_rate_is_a_step_forward_also_in_the_shortest_runs(
    schedule: str, warm_up: float
) -> None:
    recipe = Recipe(epochs=1, learning_rate=0.1, schedule=schedule, warm_up=warm_up)
    for steps in (1, 2, 3, 4, 10):
        found = [rate(recipe, step, steps) for step in range(steps)]
        assert all(0 < each <= 0.1 for each in found)
