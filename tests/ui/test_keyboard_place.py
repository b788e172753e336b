"""The keyboard goes back to where it was, and nowhere when that is gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.ui.parts.keyboard_place import KeyboardPlace


class Page(QWidget):
    """A list whose only entry can be edited, and a field."""

    def __init__(self) -> None:
        super().__init__()
        self.entries, self.field = QListWidget(), QLineEdit()
        entry = QListWidgetItem("1")
        entry.setFlags(entry.flags() | Qt.ItemFlag.ItemIsEditable)
        self.entries.addItem(entry)
        column = QVBoxLayout(self)
        column.addWidget(self.entries)
        column.addWidget(self.field)
        self.place = KeyboardPlace()


@pytest.fixture
def page(show: Callable[[QWidget], None]) -> Page:
    page = Page()
    show(page)
    page.activateWindow()
    return page


def test_it_goes_back(page: Page) -> None:
    page.field.setFocus()
    page.place.remember()
    page.entries.setFocus()
    page.place.give_back()
    assert page.field.hasFocus()


@pytest.mark.parametrize("change", [QWidget.hide, lambda field: field.setEnabled(False)])
def test_who_can_no_longer_take_it_does_not_get_it(
    page: Page, change: Callable[[QWidget], None]
) -> None:
    page.field.setFocus()
    page.place.remember()
    change(page.field)
    page.place.give_back(page.entries)
    assert page.entries.hasFocus()


def test_a_field_that_qt_made_and_took_away_again_is_forgotten(page: Page) -> None:
    page.entries.editItem(page.entries.item(0))
    page.place.remember()
    assert QApplication.focusWidget() not in (page.entries, page.field)
    page.field.setFocus()  # which ends the editing
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    page.place.give_back(page.entries)
    assert page.entries.hasFocus()
