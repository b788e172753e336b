"""Finding by a few letters: what matches, what is better, and which letters are marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnstudio.ui.menu.fuzzy import match

TITLES = (
    "Export as ONNX model",
    "Export…",
    "Repair CONV 2: pad 1 → 3×3",
    "Change the recipe and the split",
    "Show or hide panel: Outline",
    "Insert Conv 2D",
    "Select CONV 2",
    "New from template: LeNet-5",
)


def best(typed: str) -> str | None:
    found = [(match(typed, title), title) for title in TITLES]
    return max(((m.score, t) for m, t in found if m is not None), default=(0.0, None))[1]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("exp", "Export…"),
        ("onnx", "Export as ONNX model"),
        ("rep conv", "Repair CONV 2: pad 1 → 3×3"),
        ("conv rep", "Repair CONV 2: pad 1 → 3×3"),
        ("sc", "Select CONV 2"),
        ("outl", "Show or hide panel: Outline"),
        ("SHP", "Show or hide panel: Outline"),
        ("lenet", "New from template: LeNet-5"),
        ("rcpe", "Change the recipe and the split"),
        ("xyz", None),
        ("conv xyz", None),
    ],
)
def test_the_best_match(typed: str, title: str | None) -> None:
    assert best(typed) == title


def test_the_letters_that_were_typed_are_marked() -> None:
    assert match("onnx", "Export as ONNX model").places == {10, 11, 12, 13}
    assert match("sc", "Select CONV 2").places == {0, 7}


def test_the_start_of_a_word_is_better_than_its_inside_and_that_than_spread_letters() -> None:
    scores = [match("con", text).score for text in ("A conv", "A falcon", "A clown")]
    assert scores == sorted(scores, reverse=True)
    assert match("con", "A falcon") is not None
    assert match("lcn", "A falcon") is None, "spread letters begin at a word"


@given(st.text(max_size=12), st.text(max_size=40))
def test_every_mark_is_a_letter_of_the_text(typed: str, text: str) -> None:
    found = match(typed, text)
    if found is not None:
        assert all(0 <= place < len(text.lower()) for place in found.places)


@given(st.text(st.characters(categories=["Ll", "Lu", "Nd"], max_codepoint=127), min_size=1))
def test_a_text_matches_itself(text: str) -> None:
    assert match(text, text) is not None
