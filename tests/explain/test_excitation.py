"""What most excites a map or unit: the same as by looking at all pictures one by one."""

from __future__ import annotations

import numpy as np
import pytest

from cnnstudio.blocks import (
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
    Upsample,
)
from cnnstudio.engine import inner_maps
from cnnstudio.engine.model import Model
from cnnstudio.errors import DataError
from cnnstudio.explain import excitation
from cnnstudio.explain.excitation import ascend, excitations, up_to
from cnnstudio.network import Network
from tests.engine.harness import blobs, shaken

BLOCKS = (
    Input(1, 8, 8, pad=1),
    Conv2D(3, 3, activation="relu"),
    MaxPool2D(),
    Conv2D(4, 2, activation="tanh"),
    Activation("softmax"),
    FullyConnected(4),
    Activation("softmax"),
)


@pytest.fixture
def model() -> Model:
    return shaken(Model(Network(BLOCKS)))


@pytest.mark.parametrize("block", [1, 2, 3, 4, 5, 6])
def test_the_strongest_pictures_are_found(
    model: Model, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(excitation, "BATCH", 13)
    pixels = blobs(40).pixels
    found = excitations(model, pixels, (block,), count=5)
    assert found is not None
    assert found.images == 40
    maps = model.activations(pixels)[block]
    for channel in range(maps.shape[1]):
        best = [float(maps[i, channel].max()) for i in range(40)]
        order = sorted(range(40), key=lambda i: (-best[i], i))[:5]
        rows = found.of(channel)
        assert [row.value for row in rows] == pytest.approx([best[i] for i in order], abs=1e-5)
        if block != 1:  # many pictures are equal behind a ReLU, to the last bits
            assert [row.index for row in rows] == order
        for row in rows:
            own = maps[row.index, channel]
            if row.place is None:
                assert own.ndim == 0
                assert row.box == (0, 0, 8, 8)
            else:
                assert own[row.place] == pytest.approx(row.value, abs=1e-5)


def test_the_box_is_what_the_cell_sees(model: Model) -> None:
    found = excitations(model, blobs(20).pixels, (1,))
    assert found is not None
    for row in found.of(0):
        assert row.place is not None
        top, left = (max(0, place - 1) for place in row.place)
        bottom, right = (min(8, place + 2) for place in row.place)
        assert row.box == (top, left, bottom - top, right - left)


def test_changing_what_is_outside_of_the_box_changes_nothing(model: Model) -> None:
    pixels = blobs(20).pixels
    found = excitations(model, pixels, (3,))
    assert found is not None
    best = found.of(2)[0]
    assert best.place is not None
    top, left, height, width = best.box
    other = np.full_like(pixels[best.index], 255)
    inside = (slice(None), slice(top, top + height), slice(left, left + width))
    other[inside] = pixels[best.index][inside]
    value = model.activations(other[np.newaxis])[3][0, 2][best.place]
    assert value == pytest.approx(best.value, abs=1e-5)


def test_few_pictures_with_large_maps_are_looked_at_together(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, sizes = blobs(20).pixels, []
    whole = excitations(model, pixels, (1,))
    monkeypatch.setattr(excitation, "AT_ONCE", 7 * 3 * 8 * 8)
    forward = Model.forward
    monkeypatch.setattr(Model, "forward", lambda own, x: sizes.append(len(x)) or forward(own, x))
    found = excitations(model, pixels, (1,))
    assert sizes == [7, 7, 6]
    assert found is not None
    assert whole is not None
    assert [found.of(c) for c in range(3)] == [whole.of(c) for c in range(3)]


def test_fewer_pictures_than_asked_for_are_all_there_are(model: Model) -> None:
    found = excitations(model, blobs(3).pixels, (3,))
    assert found is not None
    assert sorted(row.index for row in found.of(1)) == [0, 1, 2]


def test_what_is_not_wanted_ends(model: Model) -> None:
    assert excitations(model, blobs(3).pixels, (1,), wanted=lambda: False) is None
    assert ascend(model, (1,), 0, wanted=lambda: False) is None


@pytest.mark.parametrize(("block", "channel"), [(1, 0), (1, 2), (3, 1), (4, 2), (5, 3), (6, 2)])
def test_ascent_beats_every_picture(model: Model, block: int, channel: int) -> None:
    made = ascend(model, (block,), channel)
    assert made is not None
    assert made.pixels.shape == (1, 8, 8)
    assert made.pixels.dtype == np.float32
    assert made.pixels.min() >= 0
    assert made.pixels.max() <= 1
    assert made.value > made.start
    front = up_to(model, (block,), before_activation=True)
    value = front.forward(made.pixels[np.newaxis])[0, channel]
    assert made.value == pytest.approx(float(value[made.place] if made.place else value), abs=1e-4)
    values = front.forward(blobs(100).pixels)[:, channel]
    rivals = values[:, *made.place] if made.place else values
    assert made.value > rivals.max()


def test_ascent_is_the_same_again_and_depends_on_the_seed(model: Model) -> None:
    first, again, other = (ascend(model, (3,), 1, steps=6, seed=seed) for seed in (0, 0, 1))
    assert first is not None
    assert again is not None
    assert other is not None
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.pixels, other.pixels)


INSIDE = (
    Input(1, 8, 8, pad=1),
    Conv2D(3, 3, activation="relu"),
    Parallel(
        (
            (),
            (
                Residual((Conv2D(2, 3, padding=1, activation="relu"), BatchNorm()), "tanh"),
                Dropout(0.5),
                Activation("softmax"),
                Residual((Conv2D(3, 3, padding=1), MaxPool2D(3, 1, padding=1))),
            ),
        )
    ),
    FullyConnected(3),
)


def test_blocks_inside_of_others_are_excited() -> None:
    model, pixels = shaken(Model(Network(INSIDE), seed=4)), blobs(30).pixels
    maps = inner_maps.maps(model, pixels)
    for place in inner_maps.places(model.report)[1:]:
        path = place.path
        front = up_to(model, path)
        if place.block != Activation("softmax"):  # forward gives what was before it
            np.testing.assert_allclose(front.forward(pixels), maps[path], atol=1e-5)
        found = excitations(model, pixels, path, count=2)
        assert found is not None
        row = found.of(1)[0]
        assert row.value == pytest.approx(float(maps[path][:, 1].max()), abs=1e-5)
        made = ascend(model, path, 1, steps=8)
        assert made is not None
        assert made.value > made.start
    with pytest.raises(DataError, match="CONV 1 of RESIDUAL 1 has maps 0 to 1, but 5"):
        ascend(model, (2, 1, 0, 0, 0), 5)


def test_a_dead_unit_still_shows_the_way_up(model: Model) -> None:
    model.parameters["conv1.bias"][...] = -50
    made = ascend(model, (1,), 0)
    assert made is not None
    assert made.value > made.start


def test_the_front_of_a_model_gives_its_maps(model: Model) -> None:
    network = Network((*BLOCKS[:2], BatchNorm(), *BLOCKS[2:]))
    model = shaken(Model(network, seed=3))
    model.statistics["norm1.running_mean"][...] = 0.3
    pixels = blobs(5).pixels
    for block in range(5):
        np.testing.assert_allclose(
            up_to(model, (block,)).forward(pixels), model.activations(pixels)[block], atol=1e-5
        )


def test_the_function_at_the_end_is_left_out(model: Model) -> None:
    pixels = blobs(5).pixels
    raw = up_to(model, (1,), before_activation=True).forward(pixels)
    np.testing.assert_allclose(np.maximum(raw, 0), model.activations(pixels)[1], atol=1e-6)
    assert raw.min() < 0
    assert len(up_to(model, (6,), before_activation=True).network) == 6


@pytest.mark.parametrize(
    ("block", "channel", "words"),
    [(1, 3, "maps 0 to 2, but 3"), (9, 0, r"no block at place \(9,\)")],
)
def test_impossible_questions_are_refused(
    model: Model, block: int, channel: int, words: str
) -> None:
    with pytest.raises(DataError, match=words):
        ascend(model, (block,), channel)


@pytest.mark.parametrize("behind", [MaxPool2D(), AvgPool2D(), Dropout(0.5), Upsample(2)])
def test_way_up_leads_through_a_pool_behind_a_relu_that_gives_nothing(behind: Block) -> None:
    """With the ReLU there would be no gradient, and the picture would stay noise."""
    network = Network((Input(height=12, width=12), Conv2D(1, 3, activation="relu"), behind))
    dead = Model(network, seed=2)
    dead.parameters["conv1.bias"][...] = -100
    made = ascend(dead, (2,), 0)
    assert made is not None
    assert -100 < made.start < made.value < 0
