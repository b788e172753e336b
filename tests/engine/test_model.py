"""What a model computes and refuses, as users and the window see it."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from cnnstudio.blocks import (
    Activation,
    AvgPool2D,
    Block,
    Conv2D,
    Dropout,
    Flatten,
    FullyConnected,
    Input,
    MaxPool2D,
)
from cnnstudio.data.preprocess import to_float
from cnnstudio.engine.losses import softmax
from cnnstudio.engine.model import Model
from cnnstudio.errors import DataError, NetworkError, SettingError
from cnnstudio.network import Network, check, templates
from tests.engine.harness import pictures, shaken

LECTURE = templates.load("lecture").network
SMALL = Network(
    (
        Input(1, 8, 8, pad=1),
        Conv2D(4, 3, activation="relu"),
        MaxPool2D(),
        Flatten(),
        Dropout(0.5),
        FullyConnected(6, activation="tanh"),
        FullyConnected(3),
    )
)


def test_the_lectures_network_has_the_lectures_parameters() -> None:
    model = Model(LECTURE)
    sizes = {name: array.size for name, array in model.parameters.items()}
    assert model.vector.size == 63_802
    assert sizes["conv1.weight"] + sizes["conv1.bias"] == 156
    assert sizes["conv2.weight"] + sizes["conv2.bias"] == 2_416
    assert sizes["fc1.weight"] + sizes["fc1.bias"] == 48_120
    assert model.parameters["conv2.weight"].shape == (16, 6, 5, 5)


def test_parameters_are_views_of_the_vector() -> None:
    model = Model(SMALL)
    model.parameters["fc2.bias"][...] = [1, 2, 3]
    assert model.vector[-3:].tolist() == [1, 2, 3]
    model.vector[...] = 0
    assert not model.parameters["conv1.weight"].any()
    assert sum(array.size for array in model.parameters.values()) == model.vector.size


def test_the_seed_fixes_the_start_whatever_the_threads_and_type() -> None:
    first, same, other = Model(SMALL, 3), Model(SMALL, 3, np.float64, threads=2), Model(SMALL, 4)
    assert np.array_equal(first.vector, same.vector.astype(np.float32))
    assert not np.array_equal(first.vector, other.vector)
    assert not any(first.parameters[name].any() for name in ("conv1.bias", "fc1.bias"))


def test_he_before_relu_and_glorot_elsewhere() -> None:
    blocks = (FullyConnected(400, activation="relu"), FullyConnected(400), Activation("tanh"))
    model = Model(Network((Input(1, 20, 20), *blocks)))
    assert model.parameters["fc1.weight"].std() == pytest.approx((2 / 400) ** 0.5, rel=0.02)
    assert model.parameters["fc2.weight"].std() == pytest.approx((2 / 800) ** 0.5, rel=0.02)


def test_the_function_of_the_next_weights_does_not_count() -> None:
    blocks = (FullyConnected(400), FullyConnected(400, activation="relu"))
    model = Model(Network((Input(1, 20, 20), *blocks)))
    assert model.parameters["fc1.weight"].std() == pytest.approx((2 / 800) ** 0.5, rel=0.02)
    assert model.parameters["fc2.weight"].std() == pytest.approx((2 / 400) ** 0.5, rel=0.02)


def test_a_function_after_a_pool_counts_for_the_weights_before() -> None:
    blocks = (Conv2D(64, 5), MaxPool2D(), Activation("relu"), FullyConnected(2))
    weight = Model(Network((Input(8, 12, 12), *blocks))).parameters["conv1.weight"]
    assert weight.std() == pytest.approx((2 / 200) ** 0.5, rel=0.03)


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 100])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_any_number_of_pictures(count: int, threads: int) -> None:
    x, _ = pictures(SMALL, 100)
    whole = Model(SMALL, dtype=np.float64).forward(x)
    output = Model(SMALL, dtype=np.float64, threads=threads).forward(x[:count])
    assert output.shape == (count, 3)
    assert output == pytest.approx(whole[:count], rel=1e-12)


def test_bytes_and_floats_are_the_same_pictures() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 1, 8, 8)).astype(np.uint8)
    model = Model(SMALL)
    assert np.array_equal(model.forward(pixels), model.forward(to_float(pixels)))
    model.forward(pixels[:3])
    assert np.array_equal(model.forward(pixels), model.forward(to_float(pixels)))


def test_whole_numbers_other_than_bytes_are_taken_as_they_are() -> None:
    x = np.random.default_rng(0).integers(0, 3, (5, 1, 8, 8))
    model = Model(SMALL)
    assert np.array_equal(model.forward(x), model.forward(x.astype(np.float64)))


def test_a_network_may_end_with_maps() -> None:
    network = Network((Input(2, 6, 7), Conv2D(3, 3)))
    x, labels = pictures(network, 5)
    model = Model(network)
    output = model.forward(x)
    assert output.shape == (5, 3, 4, 5)
    assert model.probabilities(x).sum(axis=1) == pytest.approx(np.ones((5, 4, 5)), abs=1e-6)
    assert np.array_equal(model.activations(x)[-1], output)
    with pytest.raises(DataError, match="ends with maps of 3x4x5"):
        model.loss_and_gradients(x, labels)


def test_a_network_may_be_only_an_input() -> None:
    x = np.random.default_rng(0).random((2, 1, 4, 4))
    model = Model(Network((Input(1, 4, 4, mean=0.5, deviation=0.25),)), dtype=np.float64)
    assert model.forward(x) == pytest.approx((x - 0.5) / 0.25)
    assert len(model.activations(x)) == 1


def test_a_softmax_at_the_end_is_the_head() -> None:
    with_head = Network((*SMALL.blocks, Activation("softmax")))
    x, labels = pictures(SMALL, 6)
    plain, headed = Model(SMALL), Model(with_head)
    assert np.array_equal(plain.forward(x), headed.forward(x))
    assert np.array_equal(plain.probabilities(x), headed.probabilities(x))
    assert headed.probabilities(x) == pytest.approx(softmax(headed.forward(x)))
    assert headed.activations(x)[-1] == pytest.approx(headed.probabilities(x), abs=1e-6)
    assert plain.loss_and_gradients(x, labels)[0] == headed.loss_and_gradients(x, labels)[0]


def test_activations_have_the_sizes_of_the_report() -> None:
    x, _ = pictures(LECTURE, 3)
    model = shaken(Model(LECTURE))
    maps = model.activations(x)
    shapes = [block.output_shape for block in check(LECTURE).blocks]
    assert [m.shape[1:] for m in maps] == shapes
    assert np.array_equal(maps[0][:, :, 2:-2, 2:-2], x.astype(np.float32))
    assert not maps[0][:, :, :2].any()
    assert maps[1].min() == 0 < maps[1].max()
    pooled = maps[1].reshape(3, 6, 14, 2, 14, 2).max(axis=(3, 5))
    assert np.array_equal(maps[2], pooled)
    assert maps[-1] == pytest.approx(model.forward(x), abs=1e-4)


def test_activations_are_copies_of_every_block() -> None:
    x, _ = pictures(SMALL, 2)
    model = Model(SMALL)
    first = model.activations(x)
    kept = [m.copy() for m in first]
    model.activations(x + 1)
    assert all(np.array_equal(a, b) for a, b in zip(first, kept, strict=True))
    flat, dropped = first[3], first[4]
    assert flat.shape == (2, 64)
    assert np.array_equal(flat, dropped)


def test_activations_of_more_pictures_than_a_slice() -> None:
    x, _ = pictures(SMALL, 70)
    model = Model(SMALL, dtype=np.float64)
    assert model.activations(x)[-1] == pytest.approx(model.forward(x), rel=1e-12)


def test_consecutive_functions_do_not_spoil_each_other() -> None:
    blocks = (Conv2D(2, 3, activation="tanh"), Activation("sigmoid"), Activation("relu"))
    network = Network((Input(1, 5, 5), *blocks))
    x, _ = pictures(network, 3)
    maps = Model(network, dtype=np.float64).activations(x)
    assert maps[2] == pytest.approx(1 / (1 + np.exp(-maps[1])))
    assert np.abs(maps[1]).max() < 1


def test_the_background_survives_a_function_right_after_the_input() -> None:
    network = Network((Input(1, 4, 4, pad=1, mean=0.5), Activation("sigmoid"), Conv2D(1, 3)))
    x, _ = pictures(network, 2)
    model = Model(network)
    assert np.array_equal(model.forward(x), model.forward(x))
    corner = model.activations(x)[0][0, 0, 0, 0]
    assert corner == -0.5


def test_dropout_depends_on_seed_and_step_only() -> None:
    x, labels = pictures(SMALL, 40)
    model = Model(SMALL)
    losses = [model.loss_and_gradients(x, labels, step=step)[0] for step in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]
    assert np.array_equal(model.forward(x), model.forward(x))


@pytest.mark.parametrize("count", [1, 2, 3, 150, 200])
def test_gradients_do_not_depend_on_how_a_batch_is_cut(count: int) -> None:
    network = Network(SMALL.blocks[:4] + SMALL.blocks[5:])
    x, labels = pictures(network, count)
    results = [
        Model(network, dtype=np.float64, threads=threads).loss_and_gradients(x, labels)
        for threads in (1, 2, 3)
    ]
    for loss, gradients in results[1:]:
        assert loss == pytest.approx(results[0][0], rel=1e-12)
        for name, values in gradients.items():
            assert values == pytest.approx(results[0][1][name], rel=1e-9, abs=1e-12)


def test_many_batch_sizes_one_after_another() -> None:
    x, labels = pictures(SMALL, 20)
    model = Model(Network(SMALL.blocks[:4] + SMALL.blocks[5:]), dtype=np.float64)
    first = model.loss_and_gradients(x[:4], labels[:4])[0]
    for count in range(1, 20):
        model.loss_and_gradients(x[:count], labels[:count])
    assert model.loss_and_gradients(x[:4], labels[:4])[0] == first


def test_gradients_belong_to_the_caller() -> None:
    x, labels = pictures(SMALL, 5)
    model = Model(SMALL)
    _, gradients = model.loss_and_gradients(x, labels)
    kept = gradients["fc1.weight"].copy()
    model.loss_and_gradients(x + 1, labels)
    assert np.array_equal(gradients["fc1.weight"], kept)


def test_outputs_from_several_threads_at_once() -> None:
    x, _ = pictures(SMALL, 200)
    model = Model(SMALL, threads=2)
    expected, wrong = model.forward(x), []

    def look() -> None:
        for _ in range(20):
            if not np.array_equal(model.forward(x), expected):
                wrong.append(threading.current_thread().name)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_load_sets_every_weight() -> None:
    source, target = Model(SMALL, 1), Model(SMALL, 2)
    target.load({name: values.copy() for name, values in source.parameters.items()})
    assert np.array_equal(source.vector, target.vector)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w: w.pop("fc1.bias"), "lack the parameter 'fc1.bias'"),
        (lambda w: w.update({"fc9.bias": np.zeros(2)}), "no parameter 'fc9.bias'"),
        (
            lambda w: w.update({"fc2.weight": np.zeros((6, 3))}),
            "are 6x3, but the network needs 3x6",
        ),
    ],
)
def test_load_refuses_other_weights_and_changes_nothing(change: object, words: str) -> None:
    model = Model(SMALL)
    before = model.vector.copy()
    weights = {name: values + 1 for name, values in model.parameters.items()}
    change(weights)
    with pytest.raises(NetworkError, match=words):
        model.load(weights)
    assert np.array_equal(model.vector, before)


def test_a_network_that_does_not_fit_is_refused_with_its_sentence() -> None:
    network = Network((Input(1, 7, 7), Conv2D(1, 3, stride=3)))
    with pytest.raises(NetworkError, match=r"CONV 1 does not fit: \(7 - 3\) / 3 \+ 1 = 2.33"):
        Model(network)


def test_other_number_types_are_refused() -> None:
    with pytest.raises(NetworkError, match="not in int32"):
        Model(SMALL, dtype=np.int32)


@pytest.mark.parametrize("shape", [(1, 8, 8), (2, 1, 8, 9), (2, 3, 8, 8), (8, 8)])
def test_pictures_of_another_size_are_refused(shape: tuple[int, ...]) -> None:
    words = "takes pictures of 1x8x8 .* array of " + "x".join(map(str, shape))
    with pytest.raises(DataError, match=words):
        Model(SMALL).forward(np.zeros(shape))


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.array([0, 1]), "3 pictures need 3 whole numbers as labels"),
        (np.array([0.0, 1.0, 2.0]), "float64"),
        (np.array([0, 1, 3]), "from 0 to 2 .* go from 0 to 3"),
        (np.array([0, -1, 2]), "go from -1 to 2"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels: np.ndarray, words: str) -> None:
    x, _ = pictures(SMALL, 3)
    with pytest.raises(DataError, match=words):
        Model(SMALL).loss_and_gradients(x, labels)


def test_a_loss_needs_a_picture() -> None:
    with pytest.raises(DataError, match="at least one picture"):
        Model(SMALL).loss_and_gradients(np.zeros((0, 1, 8, 8)), np.zeros(0, int))


def test_large_pictures_are_cut_into_small_slices() -> None:
    model = Model(Network((Input(1, 900, 900), MaxPool2D(10, 10), FullyConnected(2))))
    assert model.slice_size < 32
    assert model.forward(np.zeros((3, 1, 900, 900), np.uint8)).shape == (3, 2)


@pytest.mark.parametrize("arguments", [{"threads": 0}, {"threads": 257}, {"seed": -1}])
def test_a_model_is_made_of_possible_numbers(arguments: dict[str, int]) -> None:
    value = next(iter(arguments.values()))
    with pytest.raises(SettingError, match=f"not (with )?{value}\\."):
        Model(SMALL, **arguments)


@pytest.mark.parametrize(
    "pool", [AvgPool2D(2, 2, rounding="floor"), MaxPool2D(2, 3, rounding="floor")]
)
def test_a_batch_with_nan_leaves_none_for_the_next(pool: Block) -> None:
    """Pixels that no window of a pooling sees get no gradient, so theirs must not stay."""
    network = Network((Input(1, 7, 7), Conv2D(2, 3, activation="gelu"), pool, FullyConnected(3)))
    model = Model(network)
    x, labels = pictures(network, 4)
    _, expected = model.loss_and_gradients(x, labels)
    model.loss_and_gradients(np.full_like(x, np.nan), labels)
    _, gradients = model.loss_and_gradients(x, labels)
    for name, gradient in gradients.items():
        np.testing.assert_array_equal(gradient, expected[name], name)
