"""The arithmetic of any cell is the engine's, for every block type and option."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.blocks import (
    BLOCK_TYPES,
    Activation,
    AvgPool2D,
    BatchNorm,
    Block,
    Conv2D,
    Dropout,
    FullyConnected,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
)
from cnnstudio.blocks.composite import Composite
from cnnstudio.engine.model import Model
from cnnstudio.errors import NetworkError
from cnnstudio.explain import probing, rules
from cnnstudio.explain.asked import Asked
from cnnstudio.explain.cells import PICTURE, Cell, spot_at
from cnnstudio.explain.explanation import Explanation, applied, explain
from cnnstudio.explain.terms import How
from cnnstudio.explain.trace import Trace
from cnnstudio.network import Network
from tests.explain.asking import case, every_option, paths
from tests.pipelines import fitting_pipeline

CELLS = 6
"""Cells of each block that are asked for."""

some = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def places(random: Random, shape: tuple[int, ...]) -> set[tuple[int, ...]]:
    """Two corners, where the padding is, and some places between."""
    inner = {tuple(random.randrange(size) for size in shape) for _ in range(CELLS - 2)}
    return inner | {(0,) * len(shape), tuple(size - 1 for size in shape)}


def assert_true(trace: Trace, found: Explanation, relative: float) -> None:
    """The sums are right, they are the engine's, and every term is what its cell holds."""
    scale = max(float(np.abs(trace.output(found.cell.path)).max()), 1e-3)
    terms = found.terms
    scale = max(scale, float(np.abs(terms.products).max(initial=0.0)))
    assert found.engine == float(trace.output(found.cell.path)[found.cell.place])
    assert found.value == pytest.approx(found.engine, abs=relative * scale)
    assert found.steps[-1].value == pytest.approx(found.value, abs=relative * scale)
    for term in terms:
        if term.cell is None:
            assert term.value == 0
        else:
            assert term.value == float(trace.output(term.cell.path)[term.cell.place])
    if found.arithmetic.how is not How.SHARE:
        assert terms.products == pytest.approx(terms.values * terms.weights)


@pytest.mark.parametrize("kind", BLOCK_TYPES)
def test_every_block_type_has_a_rule(kind: type[Block]) -> None:
    """A type without one is probed, which is true but says less: give it an entry."""
    assert kind in rules._rules()


@pytest.mark.parametrize(
    "kind", [kind for kind in BLOCK_TYPES if not issubclass(kind, Composite | Input)]
)
@pytest.mark.parametrize(("dtype", "relative"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_every_option_of_every_type_is_reckoned_as_the_engine_does(
    kind: type[Block], dtype: type, relative: float
) -> None:
    networks = every_option(kind)
    assert networks
    for seed, network in enumerate(networks):
        model, image = case(network, seed, dtype)
        trace = Trace(model, image)
        for place in places(Random(seed), trace.output((2,)).shape):
            assert_true(trace, explain(trace, Cell((2,), place)), relative)


@some
@given(fitting_pipeline(), st.integers(0, 1000))
def test_every_cell_of_every_block_of_random_pipelines_is_reckoned(
    network: Network, seed: int
) -> None:
    model, image = case(network, seed)
    trace, random = Trace(model, image), Random(seed)
    for path in paths(model.report):
        for place in places(random, trace.output(path).shape):
            assert_true(trace, explain(trace, Cell(path, place)), 1e-9)


@some
@given(fitting_pipeline(), st.integers(0, 1000))
def test_the_network_computes_what_its_inner_blocks_add_up_to(network: Network, seed: int) -> None:
    """What the trace runs alone is what the whole network has inside."""
    model, image = case(network, seed)
    trace = Trace(model, image)
    for path in paths(model.report):
        if len(path) == 1:
            alone = trace.alone(spot_at(model.report, path), trace.input(path)[np.newaxis])
            if path != (0,):
                assert alone[0] == pytest.approx(trace.output(path), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    "block",
    [
        Conv2D(2, 3, padding=1, padding_mode="reflect"),
        Conv2D(2, 3, activation="tanh"),
        AvgPool2D(2),
        BatchNorm(),
        FullyConnected(3, activation="sigmoid"),
        Residual((Conv2D(2, 1),)),
    ],
)
def test_a_type_without_a_rule_is_told_truly_by_probing(block: Block) -> None:
    """Its slopes are the weights where it only adds up, and the rest is the bias."""
    model, image = case(Network((Input(2, 6, 6), Conv2D(2, 1), block)), 3)
    trace = Trace(model, image)
    spot = spot_at(model.report, (2,))
    place = (1, 1, 1)[: len(spot.output_shape)]
    probed = probing.PROBED.arithmetic(Asked(trace, spot, place))
    own = explain(trace, Cell((2,), place))
    assert probed.before_function == pytest.approx(own.engine, abs=1e-12)
    if own.arithmetic.function == "none" and not isinstance(block, Composite):
        by_cell: dict[Cell | None, float] = {}
        for term in own.terms:
            weight = term.weight * own.arithmetic.scale
            by_cell[term.cell] = by_cell.get(term.cell, 0.0) + weight
        measured = {term.cell: term.weight for term in probed.terms}
        assert measured == pytest.approx(by_cell, abs=1e-8)
        assert probed.bias == pytest.approx(own.arithmetic.bias or 0.0, abs=1e-8)


def test_a_convolution_says_its_window_filter_and_bias() -> None:
    model = Model(Network((Input(1, 3, 3), Conv2D(1, 2, activation="relu"))), dtype=np.float64)
    model.parameters["conv1.weight"][...] = [[[[1, 2], [3, -4]]]]
    model.parameters["conv1.bias"][...] = 0.5
    image = np.arange(9, dtype=np.float64).reshape(1, 3, 3) / 10
    found = explain(Trace(model, image), Cell((1,), (0, 1, 0)))
    assert list(found.terms.values) == pytest.approx([0.3, 0.4, 0.6, 0.7])
    assert list(found.terms.weights) == [1, 2, 3, -4]
    assert found.terms.grid == (1, 2, 2)
    assert found.terms[3].cell == Cell((0,), (0, 2, 1))
    assert found.terms[3].parameter == (0, 0, 1, 1)
    assert [step.value for step in found.steps] == pytest.approx([0.1, 0.6, 0.6])
    assert [step.words for step in found.steps] == [
        "sum of 4 products", "+ bias 0.5", "ReLU",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "cells"),
    [
        ("zeros", [None, None, None, (0, 0, 0)]),
        ("reflect", [(0, 1, 1), (0, 1, 0), (0, 0, 1), (0, 0, 0)]),
        ("replicate", [(0, 0, 0)] * 4),
        ("circular", [(0, 2, 2), (0, 2, 0), (0, 0, 2), (0, 0, 0)]),
    ],
)
def test_padding_says_which_real_cell_was_taken(mode: str, cells: list) -> None:
    block = Conv2D(1, 2, padding=1, padding_mode=mode)
    model, image = case(Network((Input(1, 3, 3), block)), 0)
    found = explain(Trace(model, image), Cell((1,), (0, 0, 0)))
    assert [term.cell and term.cell.place for term in found.terms] == cells
    assert [term.padded for term in found.terms] == [True, True, True, False]


def test_partial_padding_says_its_ratio() -> None:
    block = Conv2D(1, 3, padding=1, padding_mode="partial")
    model, image = case(Network((Input(1, 4, 4), block)), 0)
    found = explain(Trace(model, image), Cell((1,), (0, 0, 0)))
    assert found.arithmetic.scale == pytest.approx(9 / 4)
    assert "4 of 9 taps" in found.arithmetic.notes[0]


def test_a_maximum_says_which_cell_won() -> None:
    model = Model(Network((Input(1, 2, 2), MaxPool2D(2))), dtype=np.float64)
    image = np.array([[[0.1, 0.7], [0.7, 0.2]]])
    found = explain(Trace(model, image), Cell((1,), (0, 0, 0)))
    assert found.arithmetic.chosen == 1
    assert found.terms[1].cell == Cell((0,), (0, 0, 1))
    assert found.arithmetic.notes == ("2 cells are equally large; the first of them wins.",)


@pytest.mark.parametrize(("counts", "value"), [(True, 0.25), (False, 1.0)])
def test_a_mean_counts_padding_or_not(counts: bool, value: float) -> None:
    block = AvgPool2D(2, padding=1, count_padding=counts)
    model = Model(Network((Input(1, 2, 2), block)), dtype=np.float64)
    found = explain(Trace(model, np.ones((1, 2, 2))), Cell((1,), (0, 0, 0)))
    assert found.value == value
    assert len(found.terms) == (4 if counts else 1)


def test_one_walks_from_an_output_back_to_the_pixels() -> None:
    """Through a fully connected block, a residual, its projection and a branch of a parallel."""
    row = (Conv2D(3, 3, padding=1, activation="relu"), Conv2D(4, 1))
    inside = Parallel(((), (MaxPool2D(3, 1, padding=1),)))
    network = Network(
        (Input(1, 6, 6, pad=1), Conv2D(2, 3), Residual((*row, inside), "relu"),
         Dropout(0.5), FullyConnected(3), Activation("softmax"))
    )  # fmt: skip
    model, image = case(network, 5)
    trace = Trace(model, image)
    seen = set()
    waiting = {Cell((5,), (1,))}
    while waiting:
        cell = waiting.pop()
        seen.add(cell.path)
        if cell.path == PICTURE:
            assert trace.output(PICTURE)[cell.place] == image[cell.place]
            continue
        found = explain(trace, cell)
        assert found.value == pytest.approx(found.engine, abs=1e-12)
        heaviest = [found.terms.cell(int(i)) for i in found.terms.largest(3)]
        waiting |= {each for each in heaviest if each is not None}
    assert {(5,), (4,), (3,), (2,), (2, 0, 2), (2, 1, 0), (1,), (0,), PICTURE} <= seen


def test_bytes_are_pixels_from_0_to_255() -> None:
    model = Model(Network((Input(1, 2, 2, mean=0.5, deviation=0.5),)), dtype=np.float64)
    found = explain(Trace(model, np.full((1, 2, 2), 51, np.uint8)), Cell((0,), (0, 0, 0)))
    assert found.terms[0].value == pytest.approx(0.2)
    assert found.value == pytest.approx(-0.6)


def test_softmax_tells_the_exponentials() -> None:
    values = np.array([3.0, 1.0, 1000.0, 999.0])
    network = Network((Input(4, 1, 1), Activation("softmax")))
    trace = Trace(Model(network, dtype=np.float64), values.reshape(4, 1, 1))
    found = explain(trace, Cell((1,), (3, 0, 0)))
    assert found.value == pytest.approx(1 / (1 + np.e))
    assert found.arithmetic.total == pytest.approx(1 + 1 / np.e)


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (Cell((9,), (0,)), "no block at"),
        (Cell((1, 0, 0), (0, 0, 0)), "no block at"),
        (Cell((1,), (0,)), "no value at"),
        (Cell((1,), (1, 0, 0)), r"no value at \(1, 0, 0\) of 2x2x1"),
    ],
)
def test_a_cell_that_is_not_there_is_refused(cell: Cell, words: str) -> None:
    model, image = case(Network((Input(1, 3, 3), Conv2D(1, 2))), 0)
    with pytest.raises(NetworkError, match=words):
        explain(Trace(model, image), cell)


@pytest.mark.parametrize("value", [-1.5, 0.0, 0.7])
def test_a_function_of_one_value(value: float) -> None:
    assert applied("none", value) == value
    assert applied("relu", value) == max(0.0, value)
    assert applied("scaled_tanh", value) == pytest.approx(1.7159 * np.tanh(2 * value / 3))


@pytest.mark.parametrize("variance", [-1.0, -1e-5, np.nan, np.inf, -np.inf])
def test_a_norm_is_explained_with_any_variance(variance: float) -> None:
    """Regression: one below 0, as a file may have it, had no square root and no explanation."""
    model, image = case(Network((Input(1, 3, 3), BatchNorm())), 0)
    model.statistics["norm1.running_variance"][...] = variance
    found = explain(Trace(model, image), Cell((1,), (0, 1, 1)))
    assert len(found.arithmetic.terms) == 1
    assert np.isfinite(found.arithmetic.total) == (variance == np.inf)
