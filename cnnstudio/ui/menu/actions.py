"""Every action of the window as one table.

Menus, toolbar, tooltips, shortcuts, the command list and the shortcut sheet are made from it. A new
action is an entry here and a function of the same name in ``MainWindow._handlers``; its object name
is ``action_<name>``. Actions that come from data (templates, themes, ...) are in `action_families`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence

from cnnstudio.blocks import Family
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.menu import needs
from cnnstudio.ui.menu.needs import Need

Standard = QKeySequence.StandardKey

MENUS = ("File", "Edit", "Insert", "View", "Train", "Data", "Help")
"""The menus from top to bottom."""

FILLED_MENUS = {"redo": ("Edit/Undo to", "Edit/Redo to")}
"""Menus without actions of their own, filled from the state, and the action they stand behind."""


@dataclass(frozen=True)
class Spec:
    """One action: its name in code, its words, where it stands, and a sentence of help."""

    name: str
    text: str
    menu: str
    """The menu, "File", or a menu in it, "File/Export as"; "" for the command list alone."""
    help: str
    keys: tuple[Standard | str, ...] = ()
    icon: str = ""
    needs: tuple[Need, ...] = ()
    """What must be there for it to run; the first that is not is told in the tooltip."""
    section: str = ""
    """Entries of a menu whose sections differ are parted by a line."""
    command: str = ""
    """The words in the command list, where `text` alone says too little."""
    words: Callable[[Session], str] | None = None
    """The words at this moment, where they change: "Undo move CONV 2"."""
    family: Family | None = None
    """The block family that colours the icon."""

    def refusal(self, session: Session) -> str | None:
        """Why it cannot run now, in one sentence; None when it can."""
        return next((words for need in self.needs if (words := need(session))), None)


def undo_words(session: Session) -> str:
    """Undo with the name of the step that it takes back."""
    return _with_step("Undo", session.history.undo_words)


def redo_words(session: Session) -> str:
    """Redo with the name of the step that it does again."""
    return _with_step("Redo", session.history.redo_words)


def train_words(session: Session) -> str:
    """Train, or Continue after a pause."""
    return "Continue" if session.training == "paused" else "Train"


def way_back_words(session: Session) -> str:
    """Where the run would go back to, and the learning rate that it would go on with."""
    return session.alarm.way_back if session.alarm else "Go back to the last good weights"


def _with_step(verb: str, step: str | None) -> str:
    return f"{verb} {lowered(step)}" if step else verb


def lowered(step: str) -> str:
    """The name of a step inside a sentence: "move CONV 2", but "CONV 2 ..." stays as it is."""
    return step[:1].lower() + step[1:] if step[1:2].islower() else step


ACTIONS: tuple[Spec, ...] = (
    # ---- File
    Spec(
        "new",
        "New…",
        "File",
        "Begin with a template.",
        (Standard.New,),
        "new",
        (needs.idle,),
    ),
    Spec("open", "Open…", "File", "Open a project.", (Standard.Open,), "open", (needs.idle,)),
    Spec(
        "clear_recent",
        "Clear the list",
        "File/Open recent",
        "Forget the recent files; the files stay where they are.",
        command="Clear the list of recent files",
    ),
    Spec("save", "Save", "File", "Save the project.", (Standard.Save,), "save", section="save"),
    Spec(
        "save_as",
        "Save as…",
        "File",
        "Save under another name.",
        (Standard.SaveAs, "Ctrl+Shift+S"),
        "save",
        section="save",
    ),
    Spec(
        "rename",
        "Rename",
        "File",
        "Give the network another name; its file keeps its own.",
        icon="pen",
        needs=(needs.idle,),
        section="save",
        command="Rename the network",
    ),
    Spec(
        "export",
        "Export…",
        "File",
        "Write the model as a file that other programs open.",
        ("Ctrl+E",),
        "export",
        (needs.model,),
        "export",
    ),
    Spec(
        "quit",
        "Quit",
        "File",
        "Close the window; what is not saved is asked about.",
        (Standard.Quit, "Ctrl+Q"),
        "close",
        section="quit",
    ),
    # ---- Edit
    Spec(
        "undo",
        "Undo",
        "Edit",
        "Take the last step back.",
        (Standard.Undo,),
        "undo",
        (needs.idle, needs.done),
        words=undo_words,
    ),
    Spec(
        "redo",
        "Redo",
        "Edit",
        "Do the step again.",
        (Standard.Redo, "Ctrl+Y"),
        "redo",
        (needs.idle, needs.undone),
        words=redo_words,
    ),
    Spec(
        "cut",
        "Cut",
        "Edit",
        "Move the selected blocks to the clipboard.",
        (Standard.Cut,),
        "cut",
        (needs.idle, needs.blocks),
        "clipboard",
    ),
    Spec(
        "copy",
        "Copy",
        "Edit",
        "Copy the selected blocks to the clipboard.",
        (Standard.Copy,),
        "copy",
        (needs.blocks,),
        "clipboard",
    ),
    Spec(
        "copy_text",
        "Copy as text",
        "Edit",
        "Copy the selected blocks, or the whole network, as one line of text.",
        ("Ctrl+Shift+C",),
        section="clipboard",
    ),
    Spec(
        "paste",
        "Paste",
        "Edit",
        "Insert the blocks of the clipboard after the selection.",
        (Standard.Paste,),
        "paste",
        (needs.idle,),
        "clipboard",
    ),
    Spec(
        "duplicate",
        "Duplicate",
        "Edit",
        "Insert a copy of the selected blocks after them.",
        ("Ctrl+D",),
        "duplicate",
        (needs.idle, needs.blocks),
        "clipboard",
    ),
    Spec(
        "delete",
        "Delete",
        "Edit",
        "Delete the selected blocks.",
        (Standard.Delete,),
        "delete",
        (needs.idle, needs.blocks),
        "clipboard",
    ),
    Spec(
        "open_composite",
        "Open or close block",
        "Edit",
        "Show the blocks inside the selected one below it, or hide them.",
        ("Ctrl+Enter", "Ctrl+Return"),
        "chevron-down",
        (needs.rows,),
        "select",
        "Open or close the selected block",
    ),
    Spec(
        "repairs",
        "All repairs…",
        "Edit",
        "List every repair of the selected block, or of the first problem, and what it leads to.",
        ("Ctrl+.",),
        "alert",
        (needs.idle, needs.repairs),
        "repairs",
    ),
    Spec(
        "select_all",
        "Select all",
        "Edit",
        "Select all blocks of the row but INPUT; of a whole row inside a block, the row around it.",
        (Standard.SelectAll,),
        section="select",
    ),
    # ---- Insert
    Spec(
        "quick_add",
        "Add a block…",
        "Insert",
        "Type which block to insert after the selection, such as conv 16 5x5.",
        ("Ctrl+K",),
        "plus",
        (needs.idle,),
        section="quick",
    ),
    # ---- View
    Spec("fit", "Fit in view", "View", "Show the whole network.", ("Ctrl+0",), "fit"),
    Spec("actual_size", "Zoom to 100 %", "View", "Show the cards in full size.", ("Ctrl+1",)),
    Spec("zoom_in", "Zoom in", "View", "Larger cards.", (Standard.ZoomIn, "Ctrl+="), "plus"),
    Spec("zoom_out", "Zoom out", "View", "Smaller cards.", (Standard.ZoomOut,), "minus"),
    Spec(
        "probe_next",
        "Next probe image",
        "View/Probe image",
        "Show the maps for the image after the present one.",
        ("Ctrl+]",),
        "chevron-right",
        (needs.probe,),
    ),
    Spec(
        "probe_previous",
        "Previous probe image",
        "View/Probe image",
        "Show the maps for the image before the present one.",
        ("Ctrl+[",),
        "chevron-left",
        (needs.probe,),
    ),
    Spec(
        "probe_same",
        "Next probe image of this class",
        "View/Probe image",
        "Show the maps for the next image with the same label.",
        ("Ctrl+Shift+]",),
        needs=(needs.labelled_probe,),
        section="search",
    ),
    Spec(
        "probe_wrong",
        "Next mistake as probe image",
        "View/Probe image",
        "Show the maps for the next image that is taken for another class.",
        ("Ctrl+M",),
        needs=(needs.labelled_probe, needs.model),
        section="search",
    ),
    Spec(
        "enlarge_tabs",
        "Enlarge the lower panel",
        "View/Panels",
        "Give the tabs below the room of the canvas, or give it back; a double click on them does.",
        ("F9",),
        "chevron-up",
        section="layout",
        command="Enlarge the lower panel, or make it low again",
    ),
    Spec(
        "reset_layout",
        "Reset layout",
        "View/Panels",
        "Put all panels back in their places.",
        section="layout",
    ),
    # ---- Train
    Spec(
        "train",
        "Train",
        "Train",
        "Train from the present weights, or go on after a pause.",
        ("F5",),
        "train",
        (needs.trainable,),
        words=train_words,
    ),
    Spec(
        "pause",
        "Pause",
        "Train",
        "Wait after the present step.",
        ("F6",),
        "pause",
        (needs.running,),
    ),
    Spec(
        "step",
        "Step",
        "Train",
        "Train one batch, then pause.",
        ("F7",),
        "step",
        (needs.steppable,),
    ),
    Spec(
        "stop",
        "Stop",
        "Train",
        "End here and keep what was learned.",
        ("Shift+F5",),
        "stop",
        (needs.run,),
    ),
    Spec(
        "go_back",
        "Go back to the last good weights",
        "Train",
        "Take the weights from before the loss ran away, and train on with a safer learning rate.",
        (),
        "undo",
        (needs.run, needs.alarm),
        words=way_back_words,
    ),
    Spec(
        "edit_copy",
        "Edit a copy",
        "Train",
        "Go on editing in a copy, while the training goes on with its own network.",
        (),
        "copy",
        (needs.locked,),
        "copy",
    ),
    Spec(
        "start_over",
        "Start over…",
        "Train",
        "Give the trained weights up and begin with random ones.",
        (),
        "",
        (needs.idle, needs.trained),
        "again",
    ),
    # ---- Data
    Spec(
        "recipe",
        "Recipe and split",
        "Data",
        "Show the training recipe in the inspector: epochs, rate, pictures kept for validation.",
        ("Ctrl+R",),
    ),
    Spec(
        "load_picture",
        "Load a picture…",
        "Data",
        "Put a picture file on the sheet to draw on, and see what the network makes of it.",
        ("Ctrl+Shift+O",),
        "picture",
        section="probe",
    ),
    Spec(
        "use_test_image",
        "Use a test image",
        "Data",
        "Show a test image in all cards again, in place of the drawing.",
        (),
        "data",
        (needs.drawn,),
        "probe",
    ),
    # ---- Help
    Spec(
        "commands",
        "Command list…",
        "Help",
        "Find every action by a few letters, and run it.",
        ("Ctrl+Shift+P",),
        "command",
    ),
    Spec(
        "shortcuts",
        "Keys and gestures…",
        "Help",
        "All shortcuts, and what the mouse does on the canvas.",
        ("F1", "Ctrl+?"),
        "info",
    ),
    Spec("about", "About CNN Studio", "Help", "Version, sources and thanks.", section="about"),
    Spec("menu", "Open the menu", "", "Open the menu of all actions (Alt does so too).", ("F10",)),
)
