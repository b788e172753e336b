"""A weight's gradient is the sum of its terms: the engine's, and the loss's own slope."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.blocks import (
    BLOCK_TYPES,
    Activation,
    BatchNorm,
    Block,
    Conv2D,
    Dropout,
    FullyConnected,
    Input,
    MaxPool2D,
    Residual,
)
from cnnstudio.blocks.composite import Composite
from cnnstudio.engine.model import Model
from cnnstudio.errors import DataError, NetworkError
from cnnstudio.explain.cells import spot_at
from cnnstudio.explain.weight_gradient import Weight, weight_gradient
from cnnstudio.network import Network
from tests.explain.asking import case, every_option, paths, with_scores
from tests.pipelines import fitting_pipeline

LEARNING = [kind for kind in BLOCK_TYPES if not issubclass(kind, Composite | Input)]


def assert_true(network: Network, seed: int, dtype: type, relative: float) -> int:
    """Every learned array's first, last and a random number; how many were asked for."""
    model, image = case(network, seed, dtype)
    label, random, asked = 1 % model.output_shape[0], Random(seed), 0
    _, gradients = model.loss_and_gradients(image[np.newaxis], np.array([label]))
    largest = max([1e-3, *(float(np.abs(values).max()) for values in gradients.values())])
    for path in paths(model.report):
        spot = spot_at(model.report, path)
        if isinstance(spot.block, Composite):
            continue
        for name, shape in spot.block.parameter_shapes(spot.input_shape).items():
            last = tuple(size - 1 for size in shape)
            for place in {last, tuple(random.randrange(size) for size in shape)}:
                found = weight_gradient(model, image, label, Weight(path, name, place))
                expected = gradients[f"{spot.key}.{name}"][place]
                assert found.engine == expected
                assert found.total == pytest.approx(expected, abs=relative * largest)
                assert found.terms is not None
                assert len(found.terms) == len(found.places)
                asked += 1
    return asked


@pytest.mark.parametrize("kind", LEARNING)
def test_every_option_of_every_type_with_weights(kind: type[Block]) -> None:
    for seed, network in enumerate(every_option(kind)[::5]):
        assert_true(with_scores(network), seed, np.float64, 1e-11)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(fitting_pipeline(), st.integers(0, 1000))
def test_random_pipelines(network: Network, seed: int) -> None:
    assert_true(with_scores(network), seed, np.float64, 1e-9)


def test_weights_inside_blocks_behind_dropout_and_batch_norm_in_float32() -> None:
    row = (Conv2D(4, 3, padding=1, activation="tanh"), BatchNorm(), Dropout(0.4))
    network = Network(
        (Input(1, 8, 8), Conv2D(2, 3), Residual(row, "relu"), MaxPool2D(2),
         FullyConnected(3), Activation("softmax"))
    )  # fmt: skip
    assert assert_true(network, 1, np.float32, 1e-5) > 10


def test_the_numeric_check_is_the_slope_of_the_loss() -> None:
    blocks = (Conv2D(2, 3, activation="tanh"), BatchNorm(), Dropout(0.3), FullyConnected(3))
    model, image = case(Network((Input(1, 6, 6), *blocks)), 4, np.float32)
    for name, place in (("weight", (1, 0, 2, 1)), ("bias", (0,))):
        found = weight_gradient(model, image, 2, Weight((1,), name, place))
        assert found.numeric == pytest.approx(found.total, abs=2e-5)
        assert found.numeric != found.total
        assert len(found.notes) == 2


def test_the_terms_of_a_shared_weight_are_one_for_each_place() -> None:
    model, image = case(Network((Input(1, 4, 5), Conv2D(1, 2), FullyConnected(2))), 0)
    found = weight_gradient(model, image, 0, Weight((1,), "weight", (0, 0, 1, 0)))
    assert found.terms is not None
    assert found.terms.grid == (1, 3, 4)
    assert list(found.terms.values) == pytest.approx(list(image[0, 1:, :4].ravel()))
    assert found.terms[5].cell is not None
    assert found.terms[5].cell.place == (0, 2, 1)
    assert tuple(found.places[5]) == (0, 1, 1)


def test_nothing_of_the_model_changes() -> None:
    model, image = case(Network((Input(1, 4, 4), Conv2D(2, 2), BatchNorm(), FullyConnected(2))), 0)
    before = model.state.copy()
    weight_gradient(model, image, 0, Weight((1,), "weight", (0, 0, 0, 0)))
    assert np.array_equal(model.state, before)


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        (Weight((2,), "weight", (0,)), "POOL 1 has no weight to learn"),
        (Weight((1,), "weight", (0, 0, 5, 0)), "CONV 1 has no weight at .* of 1x1x2x2"),
        (Weight((7,), "weight", (0,)), "no block at"),
    ],
)
def test_a_weight_that_is_not_there_is_refused(weight: Weight, words: str) -> None:
    blocks = (Conv2D(1, 2), MaxPool2D(2, 1), FullyConnected(2))
    model, image = case(Network((Input(1, 4, 4), *blocks)), 0)
    with pytest.raises(NetworkError, match=words):
        weight_gradient(model, image, 0, weight)


def test_a_label_that_the_network_has_not_is_refused() -> None:
    model, image = case(Network((Input(1, 4, 4), FullyConnected(2))), 0)
    with pytest.raises(DataError, match="Labels go from 0 to 1"):
        weight_gradient(model, image, 2, Weight((1,), "bias", (0,)))


def test_bias_before_batch_norm_is_told_to_be_rounding() -> None:
    """Batch norm takes the mean away, and with it whatever the bias adds."""
    network = Network((Input(height=8, width=8), Conv2D(2, 3), BatchNorm(), FullyConnected(10)))
    model = Model(network, seed=1)
    image = np.random.default_rng(0).random((1, 8, 8), dtype=np.float32)
    assert weight_gradient(model, image, 3, Weight((1,), "bias", (0,))).is_rounding
    assert not weight_gradient(model, image, 3, Weight((1,), "weight", (0, 0, 1, 1))).is_rounding
