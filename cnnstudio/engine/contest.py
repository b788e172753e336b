"""Which of two ways to do the same steps is faster, found out while they are done."""

from __future__ import annotations

import statistics

ROUNDS = 6
"""How often each way gets its turn, so that a busy moment of the machine meets both."""

TURN = 5
"""Steps in a turn; the first, which finds the caches filled by the other way, does not count."""

MARGIN = 1.04
"""How much faster the newcomer must be."""


class Contest:
    """Two ways take turns at the steps; the newcomer wins if its median step is clearly shorter."""

    def __init__(self) -> None:
        self._steps = 0
        self._seconds: dict[bool, list[float]] = {False: [], True: []}

    @property
    def newcomers_turn(self) -> bool:
        """Whether the newcomer is to make the next step."""
        return self._steps // TURN % 2 == 1

    def note(self, seconds: float) -> None:
        """The next step has been made, and took this long."""
        if self._steps % TURN:
            self._seconds[self.newcomers_turn].append(seconds)
        self._steps += 1

    @property
    def won(self) -> bool | None:
        """Whether the newcomer has won; None until it is decided."""
        if self._steps < 2 * ROUNDS * TURN:
            return None
        old, new = (statistics.median(self._seconds[way]) for way in (False, True))
        return new * MARGIN < old
