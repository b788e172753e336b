"""What was typed in the inspector and refused stays with what it was meant for, and only there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.blocks import Block, Conv2D, MaxPool2D, Residual
from cnnstudio.network import Network, Recipe, inner
from cnnstudio.network.project_file import Project
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.inspector.drafts import is_same_block
from cnnstudio.ui.inspector.inspector import Inspector
from cnnstudio.ui.inspector.number_editor import NumberEditor
from cnnstudio.ui.theme import ThemeManager

CONV, POOL = 1, 2


@pytest.fixture
def inspector(session: Session, themes: ThemeManager, show: Callable[[QWidget], None]) -> Inspector:
    inspector = Inspector(session, themes)
    show(inspector)
    return inspector


def number(inspector: Inspector, name: str) -> NumberEditor:
    form = inspector.form
    assert form is not None
    editor = form.editors[name]
    assert isinstance(editor, NumberEditor)
    return editor


def refused(qtbot: QtBot, editor: NumberEditor) -> None:
    editor.field.text.setFocus()
    editor.field.text.selectAll()
    qtbot.keyClicks(editor.field.text, "99999")
    assert editor.error


@pytest.mark.parametrize("meanwhile", [(), (POOL,), (POOL, CONV)])
def test_a_refused_number_comes_back_with_its_block(
    qtbot: QtBot, inspector: Inspector, session: Session, meanwhile: tuple[int, ...]
) -> None:
    session.select((CONV,))
    refused(qtbot, number(inspector, "filters"))
    session.select(meanwhile)
    session.select((CONV,))
    assert number(inspector, "filters").draft() == "99999"


def test_a_refused_number_comes_back_with_the_recipe(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    refused(qtbot, number(inspector, "epochs"))
    session.select((CONV,))
    session.select(())
    assert number(inspector, "epochs").draft() == "99999"
    session.select((CONV,))
    session.set_recipe(Recipe(epochs=3))
    session.select(())
    assert (number(inspector, "epochs").draft(), number(inspector, "epochs").value()) == ("", 3)


@pytest.mark.parametrize(("selection", "name"), [((CONV,), "filters"), ((), "epochs")])
def test_another_document_begins_without_what_was_typed(
    qtbot: QtBot, inspector: Inspector, session: Session, selection: tuple[int, ...], name: str
) -> None:
    session.select(selection)
    refused(qtbot, number(inspector, name))
    session.restart(Project(session.network, session.recipe), None)
    session.select(selection)
    assert (number(inspector, name).draft(), number(inspector, name).error) == ("", "")


def test_a_block_that_is_inserted_here_begins_without_what_was_typed(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    block = session.network.blocks[CONV]
    session.select((CONV,))
    refused(qtbot, number(inspector, "filters"))
    session.insert(CONV, block.with_values())
    assert session.selection == (CONV,)
    assert (number(inspector, "filters").draft(), number(inspector, "filters").error) == ("", "")
    session.select((CONV + 1,))
    assert number(inspector, "filters").draft() == "99999"


def test_what_was_typed_survives_edits_of_other_blocks_and_of_other_settings(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.select((CONV,))
    refused(qtbot, number(inspector, "filters"))
    session.replace(POOL, MaxPool2D(stride=1), "Change stride")
    conv = session.network.blocks[CONV]
    session.replace(CONV, conv.with_values(bias=False), "Change bias")
    session.undo()
    assert number(inspector, "filters").draft() == "99999"


def test_blocks_that_change_places_under_a_selection_are_others(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.move((CONV,), 4)
    session.select((3,))
    refused(qtbot, number(inspector, "filters"))
    session.travel(-2)  # what was typed first was taken, and then the move
    assert session.selection == (3,)
    assert (number(inspector, "filters").draft(), number(inspector, "filters").value()) == ("", 16)


def test_several_blocks_with_a_refused_number_are_not_others_at_their_places(
    qtbot: QtBot, inspector: Inspector, session: Session
) -> None:
    session.insert(CONV, Conv2D(3, 3), Conv2D(3, 3))
    session.select((CONV, CONV + 2))
    refused(qtbot, number(inspector, "filters"))
    session.move((CONV + 1,), CONV)
    session.select((CONV, CONV + 2))
    assert number(inspector, "filters").draft() == ""


A, B, C = Conv2D(2, 3), Conv2D(3, 3), Conv2D(4, 3)


@pytest.mark.parametrize(
    ("before", "after", "place", "same"),
    [
        ((A, B), (A, B), 1, True),
        ((A, B), (A, C), 1, True),
        ((A, B), (C, B), 1, True),
        ((A, B), (B, A), 1, False),
        ((A, B), (A, C, B), 1, False),
        ((A, B), (A, B, C), 1, True),
        ((A, B), (A, MaxPool2D()), 1, False),
        ((A, B), (A,), 1, False),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_whether_a_block_is_the_one_from_before(
    session: Session,
    before: tuple[Block, ...],
    after: tuple[Block, ...],
    place: int,
    same: bool,
    inside: bool,
) -> None:
    path: inner.Path = (1, 0, place) if inside else (place + 1,)

    def network(row: tuple[Block, ...]) -> Network:
        return Network((session.network.input, *((Residual(row),) if inside else row)))

    assert is_same_block(network(before), network(after), path) is same
