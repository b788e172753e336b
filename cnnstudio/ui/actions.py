"""Every action of the window as one table; menus, toolbar and shortcuts are made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.icons import icon
from cnnstudio.ui.theme import Theme

Standard = QKeySequence.StandardKey


@dataclass(frozen=True)
class Spec:
    """One action: its name in code, words, menu, keys, icon, and a sentence of help."""

    name: str
    text: str
    menu: str
    help: str
    keys: tuple[Standard | str, ...] = ()
    icon: str = ""
    needs_idle: bool = False
    """Whether it changes the network, so that it rests while training goes on."""


ACTIONS: tuple[Spec, ...] = (
    Spec("new", "New", "File", "Begin with a template.", (Standard.New,), "new", True),
    Spec("open", "Open…", "File", "Open a project.", (Standard.Open,), "open", True),
    Spec("save", "Save", "File", "Save the project.", (Standard.Save,), "save"),
    Spec("save_as", "Save as…", "File", "Save under another name.", (Standard.SaveAs,)),
    Spec(
        "export",
        "Export…",
        "File",
        "Write the model as a file that other programs open.",
        ("Ctrl+E",),
        "export",
    ),
    Spec("quit", "Quit", "File", "Close the window.", (Standard.Quit,)),
    Spec("undo", "Undo", "Edit", "Take the last step back.", (Standard.Undo,), "undo", True),
    Spec("redo", "Redo", "Edit", "Do the step again.", (Standard.Redo,), "redo", True),
    Spec("cut", "Cut", "Edit", "Move the blocks to the clipboard.", (Standard.Cut,), "cut", True),
    Spec("copy", "Copy", "Edit", "Copy the blocks to the clipboard.", (Standard.Copy,), "copy"),
    Spec(
        "paste",
        "Paste",
        "Edit",
        "Insert the blocks of the clipboard after the selection.",
        (Standard.Paste,),
        "paste",
        True,
    ),
    Spec(
        "duplicate",
        "Duplicate",
        "Edit",
        "Insert a copy of the selected blocks after them.",
        ("Ctrl+D",),
        "duplicate",
        True,
    ),
    Spec("delete", "Delete", "Edit", "Delete the blocks.", (Standard.Delete,), "delete", True),
    Spec("select_all", "Select all", "Edit", "Select all blocks.", (Standard.SelectAll,)),
    Spec("train", "Train", "Train", "Train from the present weights.", ("F5",), "train"),
    Spec("pause", "Pause", "Train", "Wait after the present step.", ("F6",), "pause"),
    Spec("step", "Step", "Train", "Train one batch, then pause.", ("F7",), "step"),
    Spec("stop", "Stop", "Train", "End here and keep what was learned.", ("Shift+F5",), "stop"),
    Spec(
        "start_over",
        "Start over",
        "Train",
        "Give the trained weights up and begin with random ones.",
        (),
        "",
        True,
    ),
    Spec("fit", "Fit in view", "View", "Show the whole network.", ("Ctrl+0",), "fit"),
    Spec("actual_size", "Zoom to 100 %", "View", "Show the cards in full size.", ("Ctrl+1",)),
    Spec("zoom_in", "Zoom in", "View", "Larger cards.", (Standard.ZoomIn, "Ctrl+="), "plus"),
    Spec("zoom_out", "Zoom out", "View", "Smaller cards.", (Standard.ZoomOut,), "minus"),
    Spec("reset_layout", "Reset layout", "View", "Put all panels back in their places."),
    Spec("about", "About CNN Studio", "Help", "Version, sources and thanks."),
)

MENUS = ("File", "Edit", "View", "Train", "Help")


def create_actions(
    parent: QWidget, handlers: Mapping[str, Callable[[], object]]
) -> dict[str, QAction]:
    """A QAction for each entry of the table, named ``action_<name>`` and added to `parent`.

    Raises KeyError when `handlers` lacks one, so that no entry is without a function.
    """
    actions = {}
    for spec in ACTIONS:
        action = QAction(spec.text, parent)
        action.setObjectName(f"action_{spec.name}")
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.triggered.connect(lambda _checked=False, run=handlers[spec.name]: run())
        describe(action, spec.help)
        parent.addAction(action)
        actions[spec.name] = action
    return actions


def describe(action: QAction, sentence: str) -> None:
    """Show `sentence` and the shortcut in the tooltip."""
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{sentence}  ({keys})" if keys else sentence)


def tint(actions: Mapping[str, QAction], theme: Theme) -> None:
    """Draw the icons in the colours of `theme`."""
    for spec in ACTIONS:
        if spec.icon:
            colour = theme.color("onaccent") if spec.name == "train" else theme.color("text2")
            off = theme.color("disabled")
            actions[spec.name].setIcon(icon(spec.icon, colour, disabled=off))
