"""A question that a person has to answer before something goes on; its buttons say what they do."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QMessageBox, QSpacerItem, QWidget

Answer = QMessageBox.StandardButton

WIDTH = 400
"""Pixels of a box."""


def ask(
    parent: QWidget, title: str, words: str, answers: Mapping[Answer, str], usual: Answer
) -> Answer:
    """Ask, and wait for one of `answers`, each with the words on its button.

    Enter takes the `usual` one, Escape that which changes nothing: No or Cancel.
    """
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("CNN Studio")  # a title that says more is cut where the box is narrow
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(title)
    box.setInformativeText(words)
    for answer, verb in answers.items():
        _add_button(box, answer, verb)
    box.setDefaultButton(usual)
    _widen(box)
    given = Answer(box.exec())
    box.deleteLater()  # its parent would keep it
    return given


def _add_button(box: QMessageBox, answer: Answer, verb: str) -> None:
    """A button as wide as its words, which Qt measures before it knows their font."""
    button = box.addButton(answer)
    button.setText(verb)
    button.ensurePolished()
    button.setMinimumWidth(button.sizeHint().width())


def _widen(box: QMessageBox) -> None:
    """Qt would break the words after a few of them."""
    grid = box.layout()
    assert isinstance(grid, QGridLayout)
    grid.addItem(QSpacerItem(WIDTH, 0), grid.rowCount(), 0, 1, grid.columnCount())
