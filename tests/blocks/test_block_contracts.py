"""Contracts that every block type keeps; a new type is covered by being in BLOCK_TYPES."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.blocks import BLOCK_TYPES, TYPES_BY_NAME, Block, Conv2D, Dropout, Input, Shape
from cnnstudio.blocks.palette import PALETTE
from cnnstudio.blocks.records import from_record, to_record
from cnnstudio.blocks.settings import Fraction, Pair, Setting, Switch, WholeNumber
from cnnstudio.errors import SettingError, SizeError
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
    """The numbers shown are evaluated by Python and must give the result shown."""
    block = data.draw(blocks(kind))
    shape = data.draw(st.sampled_from(SHAPES))
    try:
        block.output_shape(shape)
    except SizeError:
        return
    for formula in (block.parameter_formula(shape), block.cost_formula(shape)):
        assert eval(formula.numbers) == int(formula.result.replace(",", ""))


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
