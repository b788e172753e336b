"""The diagnosis of a run: its figures against an independent computation, and what it tells."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from cnnstudio.blocks import (
    Activation,
    BatchNorm,
    Conv2D,
    Dropout,
    FullyConnected,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
)
from cnnstudio.engine import diagnosis, inner_maps
from cnnstudio.engine.block_figures import BlockFigures, StepGauge, measure
from cnnstudio.engine.diagnosis import Diagnosis, Examiner, Finding, judge
from cnnstudio.engine.divergence import GRACE, Divergence, safer_rate
from cnnstudio.engine.model import Model
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import Network, Recipe
from tests.engine.harness import blobs

NETWORK = Network(
    (
        Input(1, 8, 8),
        Conv2D(3, 3, activation="relu"),
        BatchNorm(),
        MaxPool2D(),
        FullyConnected(6, activation="sigmoid"),
        FullyConnected(4),
    )
)
RECIPE = Recipe(epochs=1, batch_size=40, optimizer="sgd", learning_rate=0.1)


def trainer(network: Network = NETWORK, recipe: Recipe = RECIPE) -> Trainer:
    return Trainer(Model(network, 0), blobs(40), blobs(8, 1), recipe)


def examined(run: Trainer, looks: int = 1) -> Diagnosis:
    examiner = Examiner(run.learning, run.train, every=0.0)
    examiner._next = 0.0
    found = None
    steps = run.run()
    for _ in range(looks):
        examiner.prepare()
        next(steps)
        found = examiner.conclude(1.0)
        examiner._next = 0.0
    assert found is not None
    return found


def test_the_lengths_are_those_of_the_step() -> None:
    run = trainer()
    before = {name: values.copy() for name, values in run.model.parameters.items()}
    images = run.train
    order = np.random.default_rng((0, 1)).permutation(40)
    _, gradients = Model(NETWORK, 0).loss_and_gradients(images.pixels[order], images.labels[order])
    found = examined(run).blocks
    assert [each.name for each in found] == list(NETWORK.names)
    for index, key in ((1, "conv1"), (2, "norm1"), (4, "fc1"), (5, "fc2")):
        own = [g for name, g in gradients.items() if name.startswith(f"{key}.")]
        assert own
        flat = np.concatenate([g.ravel() for g in own])
        assert found[index].gradient == pytest.approx(np.linalg.norm(flat), rel=1e-4)
        assert found[index].gradient_rms == pytest.approx(np.sqrt(np.mean(flat**2)), rel=1e-4)
        after = [w for name, w in run.model.parameters.items() if name.startswith(f"{key}.")]
        assert found[index].weights == pytest.approx(
            np.linalg.norm(np.concatenate([w.ravel() for w in after])), rel=1e-5
        )
    for index, name in ((1, "conv1.weight"), (4, "fc1.weight"), (5, "fc2.weight")):
        moved = np.linalg.norm(run.model.parameters[name] - before[name])
        assert found[index].ratio == pytest.approx(moved / np.linalg.norm(before[name]), rel=1e-4)
        assert moved == pytest.approx(0.1 * np.linalg.norm(gradients[name]), rel=1e-3)
    assert found[0].gradient is None
    assert found[3].gradient is None
    assert found[2].ratio is None


def test_looking_changes_no_bit() -> None:
    plain, looked = trainer(), trainer()
    list(plain.run())
    examined(looked)
    assert looked.model.state.tobytes() == plain.model.state.tobytes()


def test_the_shares_of_dead_and_saturated_units() -> None:
    run = trainer()
    run.model.parameters["conv1.bias"][:2] = -100
    run.model.parameters["fc1.weight"][...] *= 50
    found = examined(run)
    maps = run.model.activations(run.train.pixels)
    assert found.blocks[1].dead == pytest.approx(2 / 3)
    assert (maps[1][:, :2] == 0).all()
    assert found.blocks[1].units == 3
    assert found.blocks[1].looked == 40
    ends = np.mean((maps[4] < 0.02) | (maps[4] > 0.98))
    assert ends > 0.5
    assert found.blocks[4].saturated == pytest.approx(ends, abs=1e-6)
    assert found.blocks[5].dead is None


def test_what_several_looks_find_is_told_in_words() -> None:
    run = trainer(recipe=RECIPE.with_values(batch_size=10, learning_rate=1e-3))
    run.model.parameters["conv1.bias"][:2] = -100
    run.model.parameters["fc1.weight"][...] *= 50
    examiner = Examiner(run.learning, run.train, every=0.0)
    told = []
    for _ in run.run():
        found = examiner.conclude(0.5)
        told.append(found.findings if found else ())
        examiner._next = 0.0
        examiner.prepare()
    assert told[:3] == [(), (), ()]
    by_kind = {each.kind: each for each in told[3]}
    assert {"dead", "saturated"} <= set(by_kind)
    dead = by_kind["dead"]
    assert dead.path == (1,)
    assert dead.sentence.startswith("CONV 1: 2 of its 3 feature maps are 0 for all 40 images")
    assert dead.numbers["dead"] == pytest.approx(2 / 3)
    assert by_kind["saturated"].sentence.startswith("FC 1: ")


DEEP = Network(
    (
        Input(1, 8, 8),
        Residual(
            (
                Conv2D(3, 3, padding="same", activation="relu"),
                Dropout(),
                Residual((Conv2D(3, 3, padding="same", activation="tanh"),)),
            )
        ),
        Parallel(((Conv2D(2, 1),), (Conv2D(3, 3, padding="same", activation="relu"), BatchNorm()))),
        FullyConnected(4),
    )
)


def test_blocks_inside_of_others_have_figures_and_findings_of_their_own() -> None:
    run = trainer(DEEP)
    run.model.parameters["parallel1.branch2.conv1.bias"][...] = -100
    found = examined(run)
    by_path = {each.path: each for each in found.blocks}
    assert by_path[1, 0, 0].name == "CONV 1 of RESIDUAL 1"
    assert by_path[1, 0, 2, 0, 0].name == "CONV 1 of RESIDUAL 1 of RESIDUAL 1"
    dead = by_path[2, 1, 0]
    assert (dead.name, dead.dead, dead.units) == ("CONV 1 of branch 2 of PARALLEL 1", 1, 3)
    weights = run.model.parameters
    inner = ("parallel1.branch1.conv1", "parallel1.branch2.conv1")
    for path, key in zip(((2, 0, 0), (2, 1, 0)), inner, strict=True):
        own = np.concatenate([weights[f"{key}.{what}"].ravel() for what in ("weight", "bias")])
        assert by_path[path].weights == pytest.approx(np.linalg.norm(own), rel=1e-5)
    parts = [by_path[path].gradient for path in ((2, 0, 0), (2, 1, 0), (2, 1, 1))]
    assert by_path[(2,)].gradient == pytest.approx(np.linalg.norm(parts), rel=1e-5)
    (told,) = [each for each in judge(run.model, found.blocks, falling=True) if each.path[0] == 2]
    assert (told.path, told.kind) == ((2, 1, 0), "dead")
    assert told.sentence.startswith("CONV 1 of branch 2 of PARALLEL 1: 3 of its 3 feature maps")


def test_the_maps_inside_are_those_of_the_rows_alone() -> None:
    model = Model(DEEP, 0)
    pictures = blobs(5).pixels
    inside = inner_maps.maps(model, pictures)
    outside = model.activations(pictures)
    first = inside[1, 0, 0]
    kernel, bias = (model.parameters[f"residual1.conv1.{what}"] for what in ("weight", "bias"))
    padded = np.pad(outside[0][:, 0], ((0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(1, 2))
    expected = np.einsum("nyxij,fij->nfyx", windows, kernel[:, 0]) + bias[:, None, None]
    np.testing.assert_allclose(first, np.maximum(expected, 0), atol=1e-5)
    np.testing.assert_array_equal(inside[1, 0, 1], first)
    stacked = np.concatenate([inside[2, 0, 0], inside[2, 1, 1]], axis=1)
    np.testing.assert_allclose(stacked, outside[2], atol=1e-5)


def test_a_row_that_does_nothing_in_use_hands_its_input_on() -> None:
    network = Network((Input(1, 4, 4), Parallel(((Dropout(0.5),), ())), FullyConnected(2)))
    pictures = blobs(3).pixels[:, :, :4, :4]
    inside = inner_maps.maps(Model(network, 0), pictures)
    np.testing.assert_array_equal(inside[1, 0, 0], inside[(0,)])


def kinds(*figures: BlockFigures, falling: bool = False) -> list[tuple[int, str]]:
    model = Model(NETWORK)
    rest = [BlockFigures(i, name) for i, name in enumerate(NETWORK.names)]
    for each in figures:
        rest[each.index] = each
    return [(f.path[0], f.kind) for f in judge(model, rest, falling=falling)]


def test_gradients_and_steps_out_of_proportion_are_found() -> None:
    well = BlockFigures(5, "FC 2", gradient=1.0, gradient_rms=0.1, weights=3.0, ratio=1e-3)
    assert kinds(well) == []
    first = BlockFigures(1, "CONV 1", gradient=1e-5, gradient_rms=1e-6, weights=1.0, ratio=1e-3)
    assert kinds(first, well) == [(1, "vanishing")]
    huge = BlockFigures(1, "CONV 1", gradient=300.0, gradient_rms=1.0, weights=1.0, ratio=0.2)
    assert kinds(huge, well) == [(1, "exploding"), (1, "fast")]
    slow = BlockFigures(1, "CONV 1", gradient=1.0, gradient_rms=0.1, weights=1.0, ratio=1e-7)
    assert kinds(slow, well) == [(1, "slow")]
    assert kinds(slow, well, falling=True) == []


def test_what_idle_units_bring_about_is_not_told_as_well() -> None:
    last = BlockFigures(5, "FC 2", gradient=1.0, gradient_rms=0.1, weights=3.0, ratio=1e-8)
    still = {"gradient": 0.0, "gradient_rms": 0.0, "weights": 1.0, "ratio": 0.0, "looked": 9}
    dead = BlockFigures(1, "CONV 1", dead=1.0, units=3, **still)
    assert kinds(dead, last) == [(1, "dead")]
    flat = BlockFigures(4, "FC 1", saturated=0.9, **still)
    assert kinds(flat, last) == [(4, "saturated"), (4, "vanishing"), (5, "slow")]
    sigmoid = BlockFigures(4, "FC 1", **still)
    assert kinds(sigmoid, last) == [(4, "vanishing"), (5, "slow")]
    rest = [BlockFigures(i, name) for i, name in enumerate(NETWORK.names)]
    found = next(judge(Model(NETWORK), [*rest[:4], sigmoid, last], falling=True))
    assert found.sentence.startswith("FC 1: its gradient is 0, so that it learns nothing (vanish")


def test_a_step_of_more_than_the_weights_is_told_in_plain_percent() -> None:
    far = BlockFigures(1, "CONV 1", gradient=1.0, gradient_rms=0.1, weights=1.0, ratio=13.04)
    rest = [BlockFigures(i, name) for i, name in enumerate(NETWORK.names)]
    (found,) = judge(Model(NETWORK), [rest[0], far, *rest[2:]], falling=False)
    assert "by 1,304 % of their size, where about 0.1 % is usual" in found.sentence


def test_deep_sigmoids_vanish() -> None:
    deep = Network((Input(1, 8, 8), *(FullyConnected(8, activation="sigmoid") for _ in range(9)),
                    FullyConnected(4)))  # fmt: skip
    run = trainer(deep)
    figures = examined(run).blocks
    found = {(f.path[0], f.kind) for f in judge(run.model, figures, falling=False)}
    assert (1, "vanishing") in found
    assert (10, "vanishing") not in found


def test_an_activation_block_is_looked_at_too() -> None:
    network = Network((Input(1, 8, 8), FullyConnected(6), Activation("relu"), FullyConnected(4)))
    model = Model(network)
    model.parameters["fc1.bias"][:] = [-100, -100, -100, 100, 100, 100]
    found = measure(model, StepGauge(model), blobs(10).pixels)
    assert found[2].dead == 0.5
    assert found[1].dead is None


def test_looks_are_bounded_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    class Clock:
        @staticmethod
        def perf_counter() -> float:
            return now[0]

    monkeypatch.setattr(diagnosis, "time", Clock)

    def slowly(*_: object) -> tuple[()]:
        now[0] += 0.5
        return ()

    monkeypatch.setattr(diagnosis, "measure", slowly)
    monkeypatch.setattr(diagnosis, "judge", lambda *_, **__: [])
    run = trainer()
    examiner = Examiner(run.learning, run.train)
    gauge = StepGauge(run.model)
    gauge.lengths = {}
    now[0] = 1.0
    examiner.prepare()
    examiner._gauge = gauge
    assert examiner.conclude(0.1) is not None
    now[0] = 0.49 / diagnosis.SHARE
    examiner.prepare()
    assert run.learning.gauge is None
    now[0] = 1.6 + 0.5 / diagnosis.SHARE
    examiner.prepare()
    assert run.learning.gauge is not None


def test_what_was_found_is_soon_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(diagnosis, "time", SimpleNamespace(perf_counter=lambda: now[0]))

    def slowly(*_: object) -> tuple[()]:
        now[0] += 0.5
        return ()

    monkeypatch.setattr(diagnosis, "measure", slowly)
    monkeypatch.setattr(diagnosis, "judge", lambda *_, **__: [Finding((1,), "dead", "Dead.")])
    run = trainer()
    examiner, told = Examiner(run.learning, run.train), []
    for _ in range(diagnosis.AGAIN):
        now[0] += 0.6 / diagnosis.SHARE_IN_DOUBT
        examiner.prepare()
        assert examiner._gauge is not None
        examiner._gauge.lengths = {}
        told.append(len(examiner.conclude(0.1).findings))
    assert told == [0] * (diagnosis.AGAIN - 1) + [1]
    now[0] += 0.6 / diagnosis.SHARE_IN_DOUBT
    examiner.prepare()
    assert examiner._gauge is None, "it is told: there is time again"


def test_a_loss_that_runs_away_is_seen_and_the_best_weights_are_kept() -> None:
    weights = np.zeros(3, np.float32)
    watch = Divergence(10, weights, 0.0, 2.3)
    for step in range(200):
        weights[:] = step
        assert not watch.note(2.3 * 0.98**step + 0.1, weights, step / 100, 0.1)
    good = watch.good.copy()
    assert good[0] >= 160
    assert watch.good_at == pytest.approx(good[0] / 100)
    assert not watch.note(50.0, weights, 2.0, 0.1)
    told = [watch.note(3.0, weights, 2.0, 0.1) for _ in range(60)]
    assert told.count(True) == 1, "it is told once"
    assert np.array_equal(watch.good, good)
    watch.begin_anew()
    assert not any(watch.note(0.3, weights, 2.0, 0.1) for _ in range(60))


def test_a_second_divergence_is_told_after_the_loss_has_recovered() -> None:
    """Regression: a run told of the first alone."""
    weights = np.zeros(3, np.float32)
    watch = Divergence(10, weights, 0.0, 2.3)

    def told(loss: float, steps: int) -> int:
        return sum(watch.note(loss, weights, 0.1, 0.1) for _ in range(steps))

    assert told(0.3, 100) == 0
    assert told(3.0, 400) == 1
    assert told(2.1, 400) == 0, "it is a little better, and no better than guessing"
    assert told(3.0, 400) == 0
    assert told(0.3, 100) == 0
    assert told(3.0, 400) == 1


def test_a_loss_that_stays_away_with_another_learning_rate_is_told_again_later() -> None:
    weights = np.zeros(3, np.float32)
    watch = Divergence(10, weights, 0.0, 2.3)
    assert not any(watch.note(0.3, weights, 0.1, 0.1) for _ in range(100))
    assert any(watch.note(3.0, weights, 0.1, 0.1) for _ in range(100))
    watch.try_again()
    told = [watch.note(3.0, weights, 0.1, 0.1) for _ in range(400)]
    assert told.index(True) == GRACE - 1
    assert told.count(True) == 1


def test_a_loss_that_rises_from_the_first_step_is_seen() -> None:
    watch = Divergence(10, np.zeros(3, np.float32), 0.0, 2.3)
    assert any(watch.note(2.4 + 0.3 * step, np.ones(3, np.float32), 0.1, 0.1) for step in range(60))
    assert watch.good_at <= 0.1


def test_the_weights_of_a_trained_network_stay_the_good_ones_while_the_loss_is_worse() -> None:
    """Regression: what was lost by a far too high rate was soon called better than before."""
    start = np.zeros(3, np.float32)
    watch = Divergence(10, start, 26.0, 0.01)
    spoilt = np.ones(3, np.float32)
    losses = [0.01, *(20.0 for _ in range(60)), *(0.9 for _ in range(200))]
    told = [watch.note(loss, spoilt, 26.5, 50.0) for loss in losses]
    assert told.count(True) == 1
    assert np.array_equal(watch.good, start)
    assert (watch.good_at, watch.good_loss, watch.worked) == (26.0, 0.01, None)


def test_what_training_adds_to_the_loss_does_not_keep_the_way_back_at_the_start() -> None:
    """With dropout or augmentation no step comes down to what the start comes to without."""
    weights = np.zeros(3, np.float32)
    watch = Divergence(10, weights, 26.0, 0.01)
    for step in range(200):
        weights[:] = step
        watch.note(0.4 - 0.001 * step, weights, 26 + step / 100, 0.001)
    assert watch.good_at > 27.5
    assert watch.good[0] > 150


def test_the_way_back_goes_on_with_the_rate_that_worked() -> None:
    weights = np.zeros(3, np.float32)
    watch = Divergence(10, weights, 0.0, 2.3)
    for step in range(100):
        watch.note(2.0 - 0.01 * step, weights, 0.1, 0.002)
    assert watch.worked == 0.002
    high = Recipe(learning_rate=0.05)
    assert safer_rate(high, watch.worked, 0.05) == 0.002
    same = high.with_values(learning_rate=0.002)
    assert safer_rate(same, watch.worked, 0.002) == pytest.approx(0.0002)


def test_a_low_rate_that_came_after_the_harm_is_not_blamed() -> None:
    """Regression: after 1 had wrecked the run 0.0001 was blamed, and 0.00001 offered."""
    weights = np.zeros(3, np.float32)
    watch = Divergence(10, weights, 0.0, 2.3)
    for step in range(100):
        watch.note(2.0 - 0.01 * step, weights, 0.1, 0.003)
    for rate in (1.0, 0.0001):
        watch.try_again()
        for _ in range(50):
            watch.note(5.0, weights, 0.2, rate)
    assert (watch.worked, watch.highest) == (0.003, 1.0)
    low = Recipe(learning_rate=0.0001)
    assert safer_rate(low, watch.worked, watch.highest) == 0.0001
    assert safer_rate(low, None, watch.highest) == 0.0001
    assert safer_rate(Recipe(learning_rate=0.5), watch.worked, watch.highest) == 0.003
    assert safer_rate(Recipe(learning_rate=0.5), None, watch.highest) == 0.001
    watch.begin_anew()
    watch.note(1.0, weights, 0.1, 0.0001)
    assert watch.highest == 0.0001


@pytest.mark.parametrize(
    ("optimizer", "rate", "safer"),
    [("adam", 50.0, 0.001), ("adam", 0.004, 0.0004), ("sgd", 100.0, 0.01), ("sgd", 0.05, 0.005)],
)
def test_without_one_it_is_a_usual_rate_or_a_tenth(
    optimizer: str, rate: float, safer: float
) -> None:
    recipe = Recipe(optimizer=optimizer, learning_rate=rate)
    assert safer_rate(recipe, None, rate) == pytest.approx(safer)
    assert safer_rate(recipe.with_values(learning_rate=1e-8), None, 1e-8) == 1e-8


def test_a_loss_that_jumps_at_the_second_step_is_seen_with_the_weights_of_the_start() -> None:
    start = np.zeros(3, np.float32)
    watch = Divergence(10, start, 0.0, 2.3)
    losses = [2.9, *(300.0 - step for step in range(60))]
    told = [watch.note(loss, np.ones(3, np.float32), 0.1, 0.1) for loss in losses]
    assert told.index(True) < 25
    assert np.array_equal(watch.good, start)
    assert watch.good_at == 0


def test_a_noisy_loss_is_not_called_so() -> None:
    rng = np.random.default_rng(0)
    watch = Divergence(10, np.zeros(3, np.float32), 0.0, 2.3)
    losses = np.maximum(0.05, 0.4 + 0.5 * rng.standard_exponential(2000))
    assert not any(watch.note(float(loss), np.zeros(3, np.float32), 0.1, 0.1) for loss in losses)
