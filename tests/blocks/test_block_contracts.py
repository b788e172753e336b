"""Contracts that every block type keeps; a new type is covered by being in BLOCK_TYPES."""

from __future__ import annotations

import dataclasses
import math
import re
from fractions import Fraction as Ratio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.blocks import (
    BLOCK_TYPES,
    TYPES_BY_NAME,
    Block,
    Conv2D,
    ConvTranspose2D,
    Dropout,
    FullyConnected,
    Input,
    MaxPool2D,
    Shape,
    Upsample,
)
from cnnstudio.blocks.block import pair, size_words
from cnnstudio.blocks.field import Field
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.blocks.records import from_record, to_record
from cnnstudio.blocks.settings import Fraction, Pair, Setting, Switch, WholeNumber
from cnnstudio.errors import SettingError, SizeError
from cnnstudio.network import Network, check
from tests.arithmetic import shown, worth
from tests.pipelines import fitting_pipeline
from tests.strategies import any_of

SHAPES = (Shape((1, 28, 28)), Shape((3, 7, 9)), Shape((5, 2, 2)), Shape((120,)))


def bad_values(setting: Setting) -> list[object]:
    """Values that the declaration refuses, made from the declaration itself."""
    bad: list[object] = [None, "no such word", [], math.nan, math.inf, {}]
    if isinstance(setting, (WholeNumber, Fraction, Pair)):
        bad += [setting.minimum - 1, setting.maximum + 1, True, "5"]
    if isinstance(setting, (WholeNumber, Pair)):
        bad += [2.5]
    if isinstance(setting, Pair):
        bad += [(1, 2, 3), (setting.maximum + 1, 1), (1.5, 1)]
    if isinstance(setting, Switch):
        bad += [0, 1, "true"]
    return bad


def blocks(kind: type[Block]) -> st.SearchStrategy:
    """A block of a type with small settings, which often fit."""
    return any_of(kind, 40)


def first_good(kind: type[Block]) -> Block:
    examples = {"filters": 4, "kernel": 3, "units": 10, "function": "relu"}
    examples |= {"blocks": (Conv2D(2, 3),), "branches": ((), (Conv2D(2, 3),))}
    required = {
        f.name: examples[f.name]
        for f in dataclasses.fields(kind)
        if f.default is dataclasses.MISSING
    }
    return kind(**required)


@pytest.mark.parametrize("kind", BLOCK_TYPES)
def test_every_setting_is_declared_with_words(kind: type[Block]) -> None:
    assert set(kind.declarations()) == {f.name for f in dataclasses.fields(kind)}
    for setting in kind.declarations().values():
        assert setting.label
        assert setting.help.endswith(".")
    assert kind.help.count(".") >= 2
    assert kind.stem.islower()


@pytest.mark.parametrize("kind", BLOCK_TYPES)
def test_bad_values_are_refused_with_a_sentence(kind: type[Block]) -> None:
    block = first_good(kind)
    for name, setting in kind.declarations().items():
        for value in bad_values(setting):
            with pytest.raises(SettingError) as caught:
                block.with_values(**{name: value})
            assert str(caught.value).startswith(setting.label)
            assert str(caught.value).endswith(".")


@pytest.mark.parametrize("kind", BLOCK_TYPES)
@given(data=st.data())
def test_rules_agree_with_each_other(kind: type[Block], data: st.DataObject) -> None:
    block = data.draw(blocks(kind))
    shape = data.draw(st.sampled_from(SHAPES))
    try:
        output = block.output_shape(shape)
    except SizeError:
        return
    assert all(n >= 1 for n in output)
    assert isinstance(output, Shape)
    assert block.parameters(shape) == sum(
        math.prod(dims) for dims in block.parameter_shapes(shape).values()
    )
    assert block.multiply_adds(shape) >= 0
    assert block.summary()
    assert block.size_formulas(shape)
    assert block.parameter_formula(shape).result == f"{block.parameters(shape):,}"
    assert block.cost_formula(shape).result == f"{block.multiply_adds(shape):,}"


@pytest.mark.parametrize("kind", BLOCK_TYPES)
@given(data=st.data())
def test_formulas_are_true_arithmetic(kind: type[Block], data: st.DataObject) -> None:
    """The numbers shown are worked out and must give the result shown, and that of the rule."""
    block = data.draw(blocks(kind))
    shape = data.draw(st.sampled_from(SHAPES))
    try:
        output = block.output_shape(shape)
    except SizeError:
        return
    memory = 4 * block.activations(shape)
    twice = (64 * memory + 4 * block.parameters(shape)) * (1 if kind is Input else 2)
    for formula, expected in (
        (block.parameter_formula(shape), block.parameters(shape)),
        (block.cost_formula(shape), block.multiply_adds(shape)),
        (block.memory_formula(shape), memory),
        (block.training_formula(shape, 64), twice),
        (block.fully_connected_formula(shape), (shape.size + has_bias(block)) * output.size),
    ):
        if formula is not None:
            assert worth(formula.numbers) == expected
            assert formula.result == f"{expected:,}"


def has_bias(block: Block) -> bool:
    return bool(block.values().get("bias", True))


@pytest.mark.parametrize("kind", BLOCK_TYPES)
@given(data=st.data())
def test_size_formulas_lead_to_the_output(kind: type[Block], data: st.DataObject) -> None:
    block = data.draw(blocks(kind))
    shape = data.draw(st.sampled_from(SHAPES))
    try:
        output = block.output_shape(shape)
    except SizeError:
        return
    formulas = block.size_formulas(shape)
    for formula in formulas:
        if not re.search("[a-z>]", formula.numbers + formula.result.partition(",")[0]):
            # not one of sizes, such as "28x28x6 + 28x28x6"
            exact, _ = shown(formula.result)
            assert float(worth(formula.numbers)) == pytest.approx(float(exact), abs=5e-3)
    results = [shown(formula.result)[1] for formula in formulas if "x" not in formula.result]
    assert set(results) <= {*output, output.size}
    assert [f.name for f in formulas] in ([""], ["rows", "columns"])


def fields() -> st.SearchStrategy:
    """A receptive field as it may stand before a block, with jumps that are fractions too."""
    steps = st.sampled_from([1, 2, 5, 16, Ratio(1, 2), Ratio(8, 3)])
    sides = st.tuples(steps, steps)
    return st.builds(Field, st.just((32, 28)), sides, sides)


@pytest.mark.parametrize("kind", BLOCK_TYPES)
@given(data=st.data())
def test_field_formulas_are_true_arithmetic(kind: type[Block], data: st.DataObject) -> None:
    block, before = data.draw(blocks(kind)), data.draw(fields())
    shape = data.draw(st.sampled_from(SHAPES))
    try:
        block.output_shape(shape)
    except SizeError:
        return
    after = block.field_after(shape, before)
    formulas = block.field_formulas(shape, before)
    if block.sees_everything or block.reach(shape) is None:
        (formula,) = formulas
        size = Field((1, 1)) if kind is Input else after
        assert formula.numbers == formula.result == size_words(size.pixels)
        return
    sides = [f for f in formulas if not f.name.startswith("jump")]
    jumps = [f for f in formulas if f.name.startswith("jump")]
    for formula, exact in zip(sides * 2, after.size, strict=False):
        assert worth(formula.numbers) == exact
        assert shown(formula.result)[1] == math.ceil(exact)
        assert float(shown(formula.result)[0]) == pytest.approx(float(exact), rel=1e-3)
    for formula, exact in zip(jumps * 2, after.jump, strict=False):
        assert worth(formula.numbers) == exact == Ratio(formula.result)


@given(st.data())
def test_field_formulas_agree_with_the_check(data: st.DataObject) -> None:
    """From block to block: the field that the check reports is the one that the formulas show."""
    report = check(data.draw(fitting_pipeline()))
    before = report.blocks[0].field
    for entry in report.blocks[1:]:
        assert entry.input_shape is not None
        assert before is not None
        formulas = entry.block.field_formulas(entry.input_shape, before)
        results = [f.result for f in formulas if not f.name.startswith("jump")]
        if "x" in results[0]:
            assert results == [size_words(entry.receptive_field)]
        else:
            sides = [int(shown(result)[1]) for result in results]
            assert tuple(sides * 2)[:2] == pair(entry.receptive_field)
        before = entry.field


def test_the_receptive_field_of_the_lecture() -> None:
    """LECTURE D6: 5/6/14/16 with jumps 1/2/2/4."""
    lecture = (Input(pad=2), Conv2D(6, 5), MaxPool2D(), Conv2D(16, 5), MaxPool2D())
    report = check(Network(lecture))
    shown = []
    for entry, before in zip(report.blocks[1:], report.blocks, strict=False):
        formulas = entry.block.field_formulas(entry.input_shape, before.field)
        shown.append([str(formula) for formula in formulas])
    assert shown == [
        ["1 + (5 - 1)*1 = 5", "1*1 = 1"],
        ["5 + (2 - 1)*1 = 6", "1*2 = 2"],
        ["6 + (5 - 1)*2 = 14", "2*1 = 2"],
        ["14 + (2 - 1)*2 = 16", "2*2 = 4"],
    ]


def test_a_convolution_against_a_fully_connected_layer() -> None:
    """The lecture: 32x32x3 to 28x28x6 would take 14,455,392 weights where CONV takes 456."""
    shape, block = Shape((3, 32, 32)), Conv2D(6, 5)
    assert str(block.fully_connected_formula(shape)) == "(32*32*3 + 1) * 28*28*6 = 14,455,392"
    same = FullyConnected(block.output_shape(shape).size)
    assert same.parameters(shape) == 14_455_392
    assert block.fully_connected_words(shape) == (
        "FC would need 14,455,392 weights where this CONV needs 456."
    )
    assert "POOL needs none" in MaxPool2D().fully_connected_words(shape)
    assert FullyConnected(10).fully_connected_formula(shape) is None
    assert FullyConnected(10).fully_connected_words(shape) == ""


def test_the_jump_of_what_makes_maps_larger_is_a_fraction() -> None:
    before = Field((32, 32), (6, 6), (2, 2))
    formulas = ConvTranspose2D(6, (5, 3), stride=2).field_formulas(Shape((3, 8, 8)), before)
    assert [(f.name, str(f)) for f in formulas] == [
        ("rows", "6 + (ceil(5/2) - 1)*2 = 10"),
        ("columns", "6 + (ceil(3/2) - 1)*2 = 8"),
        ("jump", "2/2 = 1"),
    ]
    (field, jump) = Upsample(3, "bilinear").field_formulas(Shape((3, 8, 8)), before)
    assert (str(field), str(jump)) == ("6 + (2 - 1)*2 = 8", "2/3 = 2/3")
    narrow = Field((32, 32), (6, 6), (Ratio(2, 3), Ratio(2, 3)))
    (field, jump) = Conv2D(6, 2, stride=3).field_formulas(Shape((3, 8, 8)), narrow)
    assert str(field) == "6 + (2 - 1)*2/3 = 6.667, rounded up 7"
    assert str(jump) == "2/3*3 = 2"


@pytest.mark.parametrize("kind", BLOCK_TYPES)
@given(data=st.data())
def test_record_and_back_is_identity(kind: type[Block], data: st.DataObject) -> None:
    block = data.draw(blocks(kind))
    record = to_record(block)
    assert from_record(record["type"], record["settings"], TYPES_BY_NAME) == block


def test_records_refuse_what_they_do_not_know() -> None:
    with pytest.raises(SettingError, match="no block type 'Conv9D'"):
        from_record("Conv9D", {}, TYPES_BY_NAME)
    with pytest.raises(SettingError, match="has no setting 'colour'"):
        from_record("Conv2D", {"filters": 1, "kernel": 1, "colour": 1}, TYPES_BY_NAME)
    with pytest.raises(SettingError, match="needs the setting 'kernel'"):
        from_record("Conv2D", {"filters": 1}, TYPES_BY_NAME)


def test_palette_offers_every_type_but_the_input() -> None:
    offered = {type(tile.block) for group in PALETTE for tile in group.tiles}
    assert offered == set(BLOCK_TYPES) - {Input}


def test_a_square_pair_is_the_same_as_one_number() -> None:
    conv = TYPES_BY_NAME["Conv2D"]
    assert conv(filters=6, kernel=(5, 5)) == conv(filters=6, kernel=5)
    assert hash(conv(filters=6, kernel=(5, 5))) == hash(conv(filters=6, kernel=5))


def test_numbers_of_numpy_are_numbers() -> None:
    assert Dropout(np.float32(0.5)) == Dropout(0.5)
    assert type(Dropout(np.float32(0.5)).rate) is float
    assert Conv2D(np.int64(4), (np.int8(3), np.int32(5))) == Conv2D(4, (3, 5))


@pytest.mark.parametrize(
    ("value", "shown"),
    [(math.nan, "not NaN"), (10**5000, "not so large a number")],
    ids=["NaN", "huge"],
)
def test_a_number_that_cannot_be_written_out_is_refused_with_words(
    value: float, shown: str
) -> None:
    with pytest.raises(SettingError, match=f"Rate must be a number from 0 to 0.95, {shown}"):
        Dropout(value)
