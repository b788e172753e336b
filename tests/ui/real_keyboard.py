"""With the keyboard at a real X server: ``python -m tests.ui.real_keyboard FOLDER [line]``.

Builds the lecture's network from nothing without the mouse: phrase by phrase, or as one `line`.
Needs an X display and xdotool; prints what was seen as JSON.
"""

from __future__ import annotations

import sys
from typing import Any

from cnnstudio.network import text_form
from tests.ui.person import Person, main

PHRASES = (
    "input pad 2",
    "conv 6 5x5",
    "pool",
    "conv 16 5x5",
    "pool",
    "fc 120",
    "fc 100",
    "fc 10",
)
"""What a person types for the lecture's network."""

LINE = (
    "input pad 2 > conv 6@5x5 + relu > pool > conv 16@5x5 + relu > pool"
    " > fc 120 + relu > fc 100 + relu > fc 10"
)
"""The same as one line."""


def begin_empty(person: Person) -> None:
    """A new empty network, from the gallery."""
    window = person.window
    person.effort.think()
    person.keys("ctrl+n")
    person.wait(lambda: window.gallery.is_open, "the gallery")
    person.write("empty")
    person.wait(lambda: window.gallery.search.text() == "empty", "the search")
    person.keys("Return")
    person.wait(lambda: len(window.session.network) == 1, "the empty network")
    person.wait(lambda: not window.gallery.is_open, "the gallery to close")


def enter(person: Person, phrase: str, *, more: bool) -> None:
    """Type what to add and insert it; `more` keeps the list open."""
    quick = person.window.canvas.quick_add
    person.effort.think()
    person.write(phrase)
    person.wait(lambda: quick.field.text() == phrase, f"{phrase} to be typed")
    person.keys("shift+Return" if more else "Return")
    person.wait(lambda: quick.is_open is more and not (more and quick.field.text()), "the block")


def run(person: Person) -> dict[str, Any]:
    """Build, and take all of it back."""
    window = person.window
    session, by_line = window.session, "line" in sys.argv[2:]
    person.wait(lambda: session.dataset is not None, "the pictures")
    person.wait(window.isActiveWindow, "the window")
    begin_empty(person)
    phrases = (LINE,) if by_line else PHRASES
    for phrase in phrases:
        enter(person, phrase, more=phrase is not phrases[-1])
    effort = person.effort
    seen = {"actions": effort.actions, "seconds": round(effort.seconds, 1)}
    person.look("by-line" if by_line else "by-phrases")
    seen["text"] = person.main.ask(lambda: text_form.write(session.network))
    seen["fits"] = person.main.ask(lambda: session.report.ok)
    seen["steps"] = person.main.ask(lambda: len(session.history.steps)) - 1
    person.keys(*["ctrl+z"] * seen["steps"])
    person.wait(lambda: len(session.network) == 1, "everything to be taken back")
    seen["keyboard_is_at_the_canvas"] = person.main.ask(window.canvas.hasFocus)
    return seen


if __name__ == "__main__":
    sys.exit(main(run))
