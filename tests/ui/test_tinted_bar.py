"""The bar above the canvas: a sentence of any length beside its buttons."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from cnnstudio.ui.parts.tinted_bar import TintedBar
from cnnstudio.ui.theme import ThemeManager

LONG = f"Training “{'A network of many words ' * 6}” goes on; you edit a copy."


def test_a_long_sentence_takes_more_lines_and_no_more_width(
    qapp: QApplication, themes: ThemeManager
) -> None:
    bar = TintedBar(themes)
    bar.add_button("Show the training", lambda: None)
    bar.show_words("Short.")
    low = bar.heightForWidth(600)
    bar.show_words(LONG)
    assert bar.minimumSizeHint().width() <= 600
    assert bar.heightForWidth(600) > low
    bar.resize(600, bar.heightForWidth(600))
    bar.layout().activate()
    assert bar.words.heightForWidth(bar.words.width()) <= bar.words.height()
    bar.close()
