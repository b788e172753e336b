"""An open document: its steps, its file, and what training has made of its networks."""

from __future__ import annotations

from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from cnnstudio.network import History, Network, Recipe, inner
from cnnstudio.network.project_file import Project
from cnnstudio.ui.document.results import Result, Results, result_of
from cnnstudio.ui.document.snapshot import Snapshot


class Document(NamedTuple):
    """What undo and redo bring back; `name` is empty while nobody has given one."""

    network: Network
    recipe: Recipe
    name: str = ""


class Sheet:
    """A document with everything that belongs to it, so that it can be put aside and come back.

    `opened` is the project it began with; `saved` is False for one that is in no file of the
    person's, such as a recovered one. Raises a CnnStudioError when its weights do not fit.
    """

    def __init__(self, project: Project, path: Path | None, *, saved: bool = True) -> None:
        result = result_of(project)
        self.opened, self.path = project, path
        self._title = path.stem if path else project.name or "Untitled network"
        self.kin, self.generation = object(), 0
        """What a document and its copies share, and how many copies led to this one."""
        self.chosen: tuple[inner.Path, ...] = ()
        """The paths of the selected blocks, all in one row."""
        given = project.name if path and project.name != path.stem else ""
        start = Document(project.network, project.recipe, given)
        self.history: History[Document] = History.start(start)
        self.results = Results()
        if result is not None:
            self.results.keep(project.network, result)
        self._saved = (self.history.document, result) if saved else None

    @property
    def title(self) -> str:
        """What the person called it, or else its file."""
        return self.history.document.name or self._title

    @property
    def network(self) -> Network:
        """The present network."""
        return self.history.document.network

    @property
    def recipe(self) -> Recipe:
        """The present training recipe."""
        return self.history.document.recipe

    @property
    def result(self) -> Result | None:
        """What training has made of the present network."""
        return self.results.of(self.network)

    @property
    def modified(self) -> bool:
        """Whether there is something that is not in the file."""
        return (self.history.document, self.result) != self._saved

    def snapshot(self) -> Snapshot:
        """The document as it is now, for another thread to write."""
        result = self.result
        what = self.opened, self.network, self.recipe, result
        return Snapshot(*what, self.path, self.title, result.curve.table if result else None)

    def copy(self, title: str = "") -> Sheet:
        """A document of its own with the same steps and what was learned so far, in no file."""
        found = copy(self)
        found.path, found._saved = None, None
        found.generation = self.generation + 1
        found._title = title or f"{self.title} copy"
        found.history = self.history.each(lambda document: document._replace(name=""))
        found.results = Results()
        result = self.result
        if result is not None:
            kept = replace(result, weights=result.weights.copy(), curve=result.curve.copy())
            found.results.keep(self.network, kept)
        return found

    def saved_as(self, path: Path) -> None:
        """Remember that the present state is in the file at `path`, a .json without its weights."""
        self.path, self._title = path, path.stem
        kept = None if path.suffix.lower() == ".json" else self.result
        self._saved = (self.history.document, kept)
