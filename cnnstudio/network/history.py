"""Undo and redo: a list of documents, each with the name of the step that led to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

Document = TypeVar("Document")
"""An immutable document: a network, or a network with its recipe."""


@dataclass(frozen=True)
class Step(Generic[Document]):
    """A document and the words for what made it, such as "Insert CONV 2".

    Steps of the same `kind` may be of one gesture, whatever their words are.
    """

    document: Document
    words: str
    kind: str


@dataclass(frozen=True)
class History(Generic[Document]):
    """The steps of a document and the place among them; immutable like the document itself."""

    steps: tuple[Step[Document], ...]
    place: int = 0

    @classmethod
    def start(cls, document: Document) -> History[Document]:
        """A history that begins with `document`."""
        return cls((Step(document, "Start", ""),))

    @property
    def document(self) -> Document:
        """The present document."""
        return self.steps[self.place].document

    @property
    def undo_words(self) -> str | None:
        """What undo would take back; None when there is nothing."""
        return self.steps[self.place].words if self.place else None

    @property
    def redo_words(self) -> str | None:
        """What redo would do again; None when there is nothing."""
        later = self.steps[self.place + 1 :]
        return later[0].words if later else None

    def beginning(self, kind: str) -> Document:
        """The document that a gesture of `kind` began with, if one goes on; else the present."""
        goes_on = self.place and self.steps[self.place].kind == kind
        return self.steps[self.place - 1].document if goes_on else self.document

    def record(
        self, document: Document, words: str, *, merge: bool = False, kind: str = ""
    ) -> History[Document]:
        """The history with a new step, without those that were undone.

        With `merge` a step of the same kind (by default: of the same words) is replaced instead,
        so that one gesture (a stepper held down, a number typed) is one step; a gesture that ends
        where it began leaves none.
        """
        if document == self.document:
            return self
        kept = self.steps[: self.place + 1]
        if merge and self.place and kept[-1].kind == (kind or words):
            kept = kept[:-1]
            if kept[-1].document == document:
                return History(kept, len(kept) - 1)
        return History((*kept, Step(document, words, kind or words)), len(kept))

    def each(self, change: Callable[[Document], Document]) -> History[Document]:
        """The same steps with every document changed."""
        steps = (replace(step, document=change(step.document)) for step in self.steps)
        return replace(self, steps=tuple(steps))

    def travel(self, steps: int) -> History[Document]:
        """So many steps forward, or back where `steps` is negative; not beyond the ends."""
        return replace(self, place=min(max(0, self.place + steps), len(self.steps) - 1))

    def undo(self) -> History[Document]:
        """One step back, or the same history at the start."""
        return self.travel(-1)

    def redo(self) -> History[Document]:
        """One step forward, or the same history at the end."""
        return self.travel(1)
