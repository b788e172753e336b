"""Residual and Parallel: sizes, parameters, words and files of blocks that hold rows."""

from __future__ import annotations

import re

import pytest

from cnnstudio.blocks import (
    TYPES_BY_NAME,
    BatchNorm,
    Block,
    Conv2D,
    Flatten,
    FullyConnected,
    Input,
    MaxPool2D,
    Parallel,
    Residual,
    Shape,
)
from cnnstudio.blocks.records import from_record, to_record
from cnnstudio.blocks.row import DEEPEST
from cnnstudio.errors import CnnFileError, SettingError, SizeError
from cnnstudio.network import Network, check, schema

SAME = Conv2D(64, 3, padding=1)
HALVED = Conv2D(128, 3, stride=2, padding=1, rounding="floor")


def test_the_basic_block_of_resnet_18() -> None:
    """He et al. 2015, table 1: two 3x3 convolutions of 64 maps, here without bias."""
    conv = Conv2D(64, 3, padding=1, bias=False)
    block = Residual((conv, BatchNorm(), conv, BatchNorm()), "relu")
    shape = Shape((64, 56, 56))
    assert block.output_shape(shape) == shape
    assert block.parameters(shape) == 2 * (64 * 64 * 9) + 4 * 64 == 73_984
    assert "projection.weight" not in block.parameter_shapes(shape)


def test_the_projection_of_resnet_18() -> None:
    """The first block of 128 maps: stride 2, and a 1x1 projection of the shortcut."""
    conv = Conv2D(128, 3, stride=2, padding=1, bias=False, rounding="floor")
    second = Conv2D(128, 3, padding=1, bias=False)
    block = Residual((conv, second))
    shape = Shape((64, 56, 56))
    assert block.output_shape(shape) == (128, 28, 28)
    assert block.parameter_shapes(shape)["projection.weight"] == (128, 64, 1, 1)
    assert block.parameters(shape) == 128 * 64 * 9 + 128 * 128 * 9 + 128 * 64


@pytest.mark.parametrize(
    ("before", "kernel", "stride"), [(7, 3, 2), (8, 3, 3), (9, 9, 1), (28, 4, 4), (5, 1, 1)]
)
def test_a_projection_finds_its_stride(before: int, kernel: int, stride: int) -> None:
    padding = 0 if kernel in (4, 9) else kernel // 2
    block = Residual((Conv2D(2, kernel, stride, padding, rounding="floor"),))
    shape = Shape((1, before, before))
    _, (projection,) = block.rows(shape)
    assert projection.block.output_shape(shape) == block.output_shape(shape)


def test_a_row_that_shrinks_without_stride_cannot_be_projected() -> None:
    with pytest.raises(SizeError, match="turns 28x28x1 into 24x24x6, and no 1x1 projection"):
        Residual((Conv2D(6, 5),)).output_shape(Shape((1, 28, 28)))


@pytest.mark.parametrize(
    ("size", "row", "words"),
    [
        (28, (Conv2D(100, 1), Flatten()), "into 78400, .*: Units must be .* 65,536, not 78400"),
        (4, (Conv2D(1, 1), Parallel(((Conv2D(4096, 1),),) * 2)), "Filters must .*, not 8192"),
        (600, (MaxPool2D(25, 25), MaxPool2D(24, 24)), "Stride must be .* to 255"),
    ],
)
def test_a_projection_beyond_the_settings_of_its_block_is_a_misfit(
    size: int, row: tuple[Block, ...], words: str
) -> None:
    """A check never raises, so what the projection cannot be must be told as a size."""
    network = Network((Input(1, size, size), Residual(row)))
    (_, problem), *_ = check(network).problems
    assert re.search(f"RESIDUAL 1 does not fit: its row turns .*{words}", problem.message)


def test_an_inception_module() -> None:
    """Szegedy et al. 2014, table 1, inception (3a): 64 + 128 + 32 + 32 = 256 maps of 28x28."""
    branches = (
        (Conv2D(64, 1),),
        (Conv2D(96, 1), Conv2D(128, 3, padding=1)),
        (Conv2D(16, 1), Conv2D(32, 5, padding=2)),
        (MaxPool2D(3, 1, padding=1), Conv2D(32, 1)),
    )
    block, shape = Parallel(branches), Shape((192, 28, 28))
    assert block.output_shape(shape) == (256, 28, 28)
    # The paper's table says 159K, which counts no biases of the reductions; these are all.
    expected = sum((64 * 193, 96 * 193, 128 * (96 * 9 + 1), 16 * 193, 32 * (16 * 25 + 1), 32 * 193))
    assert block.parameters(shape) == expected == 163_696
    assert block.size_formulas(shape)[0].numbers == "64 + 128 + 32 + 32"
    window = block.reach(shape)
    assert window is not None
    assert (window.extent, window.stride) == ((5, 5), (1, 1))


def test_branches_of_other_sizes_are_refused_with_their_sizes() -> None:
    shape = Shape((3, 8, 8))
    with pytest.raises(SizeError, match="end with 8x8x3 and 6x6x2, but only maps of equal height"):
        Parallel(((), (Conv2D(2, 3),))).output_shape(shape)
    with pytest.raises(SizeError, match="end with 8x8x3 and 8x8x2, but only equal sizes add"):
        Parallel(((), (Conv2D(2, 1),)), "sum").output_shape(shape)
    with pytest.raises(SizeError, match="8x8x3 and 192"):
        Parallel(((), (Flatten(),))).output_shape(shape)


def test_a_misfit_inside_is_named() -> None:
    network = Network((Input(1, 7, 7), Residual((Conv2D(1, 1), Conv2D(2, 3, stride=3)))))
    (_, problem), *_ = check(network).problems
    assert problem.message == (
        "RESIDUAL 1 does not fit: inside it, CONV 2: (7 - 3) / 3 + 1 = 2.33."
    )


def test_a_misfit_in_a_branch_is_named_with_it() -> None:
    def message(block: Block) -> str:
        return check(Network((Input(1, 7, 7), block))).problems[0][1].message

    branches = Parallel(((Conv2D(1, 1),), (Conv2D(2, 5, stride=3),)))
    inside = "inside it, BRANCH 2 CONV 1: (7 - 5) / 3 + 1 = 1.67."
    assert message(branches) == f"PARALLEL 1 does not fit: {inside}"
    assert message(Residual((branches,))) == (
        f"RESIDUAL 1 does not fit: inside it, PARALLEL 1: {inside}"
    )


def test_the_receptive_field_goes_through_a_row() -> None:
    inside = Residual((SAME, HALVED, Conv2D(128, 3, padding=1)))
    row = (SAME, HALVED, Conv2D(128, 3, padding=1))
    report = check(Network((Input(3, 32, 32), inside, MaxPool2D())))
    flat = check(Network((Input(3, 32, 32), *row, MaxPool2D())))
    assert report.blocks[-1].receptive_field == flat.blocks[-1].receptive_field == 11


def test_what_holds_a_fully_connected_block_sees_everything() -> None:
    block = Parallel(((FullyConnected(3),), (Flatten(),)))
    assert block.sees_everything
    assert not Parallel(((), (SAME,))).sees_everything


@pytest.mark.parametrize("value", [(), (Input(),), 5, (Conv2D(1, 1), "x"), None])
def test_a_row_takes_blocks_only(value: object) -> None:
    with pytest.raises(SettingError, match="Row must be a row of 1 to 100 blocks"):
        Residual(value)  # type: ignore[arg-type]


def test_rows_are_not_nested_without_end() -> None:
    block: Residual = Residual((Conv2D(1, 1),))
    for _ in range(DEEPEST - 1):
        block = Residual((block,))
    with pytest.raises(SettingError, match=f"at most {DEEPEST} deep"):
        Residual((block,))


def test_a_file_with_endless_rows_is_refused() -> None:
    record: dict = {"type": "Conv2D", "settings": {"filters": 1, "kernel": 1}}
    for _ in range(300):
        record = {"type": "Residual", "settings": {"blocks": [record]}}
    text = {"format": "cnnstudio", "version": 1, "network": {"blocks": [record]}}
    with pytest.raises(CnnFileError):
        schema.to_network(schema.decode_project(schema.encode(text)).network)


def test_a_setting_of_endless_lists_is_refused() -> None:
    value: list = []
    for _ in range(600):
        value = [value]
    with pytest.raises(SettingError, match="without end"):
        from_record("Residual", {"blocks": value}, TYPES_BY_NAME)


@pytest.mark.parametrize(
    "record",
    [{"settings": {}}, {"type": 5}, {"type": "Conv2D", "settings": 3}, {"type": "Nothing"}, 4],
)
def test_a_bad_block_in_a_row_is_refused_with_words(record: object) -> None:
    with pytest.raises(SettingError):
        from_record("Residual", {"blocks": [record]}, TYPES_BY_NAME)


def test_records_hold_whole_rows() -> None:
    block = Parallel(((), (SAME, Residual((SAME,), "tanh"))), "sum")
    record = to_record(block)
    assert record["settings"]["branches"][1][1]["settings"]["activation"] == "tanh"
    assert from_record(record["type"], record["settings"], TYPES_BY_NAME) == block
