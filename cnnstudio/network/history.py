"""Undo and redo: a list of networks, each with the name of the step that led to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cnnstudio.network.network import Network


@dataclass(frozen=True)
class Step:
    """A network and the words for what made it, such as "Insert CONV 2"."""

    network: Network
    words: str


@dataclass(frozen=True)
class History:
    """The steps of a document and the place among them; immutable like the network itself."""

    steps: tuple[Step, ...]
    place: int = 0

    @classmethod
    def start(cls, network: Network) -> History:
        """A history that begins with `network`."""
        return cls((Step(network, "Start"),))

    @property
    def network(self) -> Network:
        """The present network."""
        return self.steps[self.place].network

    @property
    def undo_words(self) -> str | None:
        """What undo would take back; None when there is nothing."""
        return self.steps[self.place].words if self.place else None

    @property
    def redo_words(self) -> str | None:
        """What redo would do again; None when there is nothing."""
        later = self.steps[self.place + 1 :]
        return later[0].words if later else None

    def record(self, network: Network, words: str, *, merge: bool = False) -> History:
        """The history with a new step, without those that were undone.

        With `merge` a step of the same words is replaced instead, so that one gesture (a spin box
        held down, a slider dragged) is one step.
        """
        if network == self.network:
            return self
        kept = self.steps[: self.place + 1]
        if merge and self.place and kept[-1].words == words:
            kept = kept[:-1]
        return History((*kept, Step(network, words)), len(kept))

    def undo(self) -> History:
        """One step back, or the same history at the start."""
        return replace(self, place=max(0, self.place - 1))

    def redo(self) -> History:
        """One step forward, or the same history at the end."""
        return replace(self, place=min(len(self.steps) - 1, self.place + 1))
