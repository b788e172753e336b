"""The lecture's network from nothing by the keyboard alone, under a real X server."""

from __future__ import annotations

from pathlib import Path

from tests.ui.screen import needs_screen, seen_by

pytestmark = needs_screen

LECTURE = (
    "INPUT 28x28x1 pad 2 > CONV 6@5x5 + RELU > POOL max 2x2 > CONV 16@5x5 + RELU > "
    "POOL max 2x2 > FC 120 + RELU > FC 100 + RELU > FC 10"
)


def test_build_phrase_by_phrase(display: str, tmp_path: Path) -> None:
    """Ctrl+N, "empty", Enter, and for each block a phrase and Shift+Enter."""
    seen = seen_by(display, "tests.ui.real_keyboard", tmp_path)
    assert seen["text"] == LECTURE
    assert seen["fits"]
    assert seen["actions"] <= 19
    assert seen["steps"] == 8
    assert seen["keyboard_is_at_the_canvas"]


def test_build_by_one_line(display: str, tmp_path: Path) -> None:
    seen = seen_by(display, "tests.ui.real_keyboard", tmp_path, "line")
    assert seen["text"] == LECTURE
    assert seen["actions"] <= 5
    assert seen["steps"] == 1
