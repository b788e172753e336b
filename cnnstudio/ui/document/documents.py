"""New, open, save and export: the dialogs, the question before something would be lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QTimer, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFileDialog, QWidget

from cnnstudio.blocks import Input
from cnnstudio.data.datasets import Images
from cnnstudio.engine.model import Model
from cnnstudio.errors import CnnStudioError
from cnnstudio.network import Network, templates
from cnnstudio.network.atomic import exists
from cnnstudio.network.project_file import SUFFIXES, Project, load, save
from cnnstudio.ui.document import recent
from cnnstudio.ui.document.diagram import ask_figure
from cnnstudio.ui.document.recovery_files import Orphan, is_newest
from cnnstudio.ui.document.saving import folder, with_suffix
from cnnstudio.ui.document.session import Notice, Session
from cnnstudio.ui.menu.command import Command
from cnnstudio.ui.parts import question
from cnnstudio.ui.parts.question import Answer
from cnnstudio.ui.training.worker import Background

if TYPE_CHECKING:
    from cnnstudio.export import Verification

PROJECT_FILTER = "CNN Studio project (*.cnn *.json)"
EXPORT_FILTERS = {
    ".onnx": "ONNX model (*.onnx)",
    ".npz": "NumPy arrays (*.npz)",
    ".safetensors": "Safetensors arrays (*.safetensors)",
}
PREVIEW_WIDTH = 640
LOOK_INTERVAL = 50
"""Milliseconds between two looks at an export that runs."""


class Documents(QObject):
    """What the File menu does; `grab` gives the picture that goes into the file."""

    leaving = Signal()
    """Another document is about to take the place of the present one."""

    def __init__(self, session: Session, window: QWidget, grab: Callable[[], QPixmap]) -> None:
        super().__init__(window)
        self._session, self._window, self._grab = session, window, grab
        self._export: Background[Verification] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_INTERVAL)
        self._timer.timeout.connect(self._look_at_export)

    # ---- new and open

    def new(self, template: str) -> None:
        """Begin with a template, after asking about unsaved work."""
        if self.may_leave():
            self._show(lambda: templates.load(template), None)

    def new_empty(self) -> None:
        """Begin with nothing but the Input, after asking about unsaved work."""
        if self.may_leave():
            self._show(lambda: Project(Network((Input(),))), None)

    def choose(self) -> None:
        """Ask for a project and open it."""
        if not self.may_leave():
            return
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Open a project", str(folder(self._session)), PROJECT_FILTER
        )
        if name:
            self._show(lambda: load(Path(name)), Path(name))

    def open(self, path: Path) -> None:
        """Open the project at `path`, after asking about unsaved work."""
        if self.may_leave():
            self._show(lambda: load(path), path)

    def open_recent(self, path: Path) -> None:
        """Open a project from the list of recent files; one that is gone leaves the list."""
        if exists(path):
            self.open(path)
            return
        recent.forget(path)
        words = f"{path.name} is no longer in {path.parent}: it was taken off the recent files."
        self._session.noticed.emit(Notice(words, until="other document"))

    def recent_commands(self) -> tuple[Command, ...]:
        """The recent files as entries of a menu."""
        locked = "Training is going on: stop it first." if self._session.locked else None
        return tuple(
            Command(path.name, partial(self.open_recent, path), str(path), refusal=locked)
            for path in recent.load()
        ) or (Command("No recent files", lambda: None, refusal="What you open or save is here."),)

    def clear_recent(self) -> None:
        """Forget the recent files."""
        recent.clear()

    def recover(self, orphan: Orphan) -> bool:
        """Show what a crash left behind, as a document that is not saved; whether it is shown.

        Where its file was written since, the document begins without one, so that Save asks.
        """
        try:
            project = load(orphan.file)
        except CnnStudioError as error:
            words = f"“{orphan.title}” cannot be recovered. {error}"
            details = f"The copy is {orphan.file}."
            self._session.noticed.emit(Notice(words, details, until="other document"))
            return False
        return self.show_recovered(project, orphan.origin, orphan.written)

    def show_recovered(self, project: Project, origin: Path | None, written: datetime) -> bool:
        """Show a document that was kept at the time `written`; see `recover`."""
        if not self.may_leave():
            return False
        path = origin if is_newest(origin, written) else None
        return self._show(lambda: project, path, saved=False)

    def show_run(self, project: Project) -> bool:
        """Show the network of a kept run, after asking about unsaved work; whether it is shown."""
        return self.may_leave() and self._show(lambda: project, None)

    def close_aside(self) -> bool:
        """Close the document that was put aside, after asking about unsaved work; whether it is."""
        session = self._session
        if session.aside is None:
            return True
        if session.aside.modified:
            session.show_aside()
            if not self.may_leave():
                return False
            session.show_aside()
        session.drop_aside()
        return session.aside is None

    def may_leave(self) -> bool:
        """Whether the present document may be given up: saved, or the person said so."""
        if self._session.locked:
            words = "Training is going on: stop it first."
            self._session.noticed.emit(Notice(words, until="end of run"))
            return False
        if not self._session.modified:
            return True
        answer = question.ask(
            self._window,
            "Save the changes?",
            f"“{self._session.title}” has changes that are not saved.{self._remark()}",
            {Answer.Save: "Save", Answer.Discard: "Discard", Answer.Cancel: "Cancel"},
            Answer.Save,
        )
        if answer == Answer.Save:
            return self._save_all()
        return answer == Answer.Discard

    def _remark(self) -> str:
        """What the question has to say about a file that cannot hold all that there is."""
        path = self._session.path
        if path is None or not self._session.weights_left_out:
            return ""
        return f" {path.name} cannot hold what it learned: Save asks for the name of a .cnn file."

    def _save_all(self) -> bool:
        """Save where nothing is left out; whether that was done."""
        saved = self.save_as() if self._session.weights_left_out else self.save()
        return saved and not self._session.modified

    # ---- save

    def save(self) -> bool:
        """Save where the project came from; whether it was saved."""
        path = self._session.path
        return self.save_to(path) if path is not None else self.save_as()

    def save_as(self) -> bool:
        """Ask for a name and save; whether it was saved."""
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            "Save the project",
            str(folder(self._session) / f"{self._session.title}.cnn"),
            PROJECT_FILTER,
        )
        path = with_suffix(self._window, name, ".cnn", SUFFIXES)
        return path is not None and self.save_to(path)

    def save_to(self, path: Path) -> bool:
        """Save to `path`; a failure is told, and the old file stays whole."""
        try:
            name = self._session.given_name or path.stem
            save(self._session.project(self._preview(), name), path)
        except CnnStudioError as error:
            self._session.noticed.emit(Notice(str(error), until="saved"))
            return False
        self._session.saved_as(path)
        recent.remember(path)
        if self._session.weights_left_out:
            words = f"{path.name} holds the network alone; save as .cnn to keep what it learned."
            self._session.noticed.emit(Notice(words, severity="warning", until="saved"))
        return True

    # ---- export

    def export(self, suffix: str) -> None:
        """Ask for a name and export in the format of `suffix`."""
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            "Export the model",
            str(folder(self._session) / f"{self._session.title}{suffix}"),
            EXPORT_FILTERS[suffix],
        )
        path = with_suffix(self._window, name, suffix, tuple(EXPORT_FILTERS))
        if path is not None:
            self.export_to(path)

    def export_to(self, path: Path) -> None:
        """Export in the background; the file is kept only if it agrees with the engine."""
        self._session.show_moment(None)  # the file gets the present weights
        model, dataset = self._session.model, self._session.dataset
        if model is None or self._export is not None:
            words = "An export is still running." if self._export else "The network does not fit."
            self._session.noticed.emit(Notice(words, until="next step"))
            return
        copy = Model(model.network)
        copy.state[...] = model.state
        names = dataset.class_names if dataset else ()
        images = dataset.test if dataset else None
        self._session.noticed.emit(
            Notice(f"Writing {path.name} and running it against the engine…", severity="info")
        )
        self._export = Background(partial(_export, copy, path, names, images))
        self._timer.start()

    def save_figure(self, suffix: str) -> None:
        """Ask for a name and save the network's figure in the format of `suffix`."""
        ask_figure(self._session, self._window, suffix)

    def finish_export(self) -> None:
        """Wait for an export that runs."""
        if self._export is not None:
            self._export.join()
            self._look_at_export()

    def _look_at_export(self) -> None:
        job = self._export
        if job is None or not job.done:
            return
        self._timer.stop()
        self._export = None
        if job.failure is not None:
            sentence, details = job.failure.sentence, job.failure.details
            self._session.noticed.emit(Notice(sentence, details, until="other document"))
        elif job.result is not None:
            done = Notice(job.result.words, severity="done", until="next step")
            self._session.noticed.emit(done)

    # ---- inside

    def _show(self, read: Callable[[], Project], path: Path | None, *, saved: bool = True) -> bool:
        """Make what `read` gives the document; whether it is shown."""
        try:
            project = read()
            self.leaving.emit()
            self._session.restart(project, path, saved=saved)
        except CnnStudioError as error:
            self._session.noticed.emit(Notice(str(error), until="other document"))
            return False
        if path is not None and saved:
            recent.remember(path)
        return True

    def _preview(self) -> bytes:
        """The canvas as a PNG, for file managers and the list of recent files."""
        picture = self._grab()
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        picture.scaledToWidth(PREVIEW_WIDTH).save(buffer, "PNG")
        return bytes(data.data())


def _export(model: Model, path: Path, names: Sequence[str], images: Images | None) -> Verification:
    from cnnstudio.export import export  # the exporters take a while to import

    return export(model, path, class_names=names, images=images)
