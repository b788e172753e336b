"""What was typed in the inspector and refused stays with what it was meant for, and only there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from cnnstudio.network import Recipe
from cnnstudio.network.project_file import Project
from cnnstudio.ui.inspector import Inspector
from cnnstudio.ui.number_editor import NumberEditor
from cnnstudio.ui.session import Session
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
