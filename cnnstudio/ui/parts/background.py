"""Jobs in threads beside the window; their results are pulled with a timer.

The thread never calls into Qt, so nothing of Qt is created, signalled or destroyed outside the main
thread.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cnnstudio.engine.parallel import quiet
from cnnstudio.errors import CnnStudioError

Result = TypeVar("Result")


@dataclass(frozen=True)
class Failure:
    """Why a job ended early: one sentence, and the traceback where it was not foreseen."""

    sentence: str
    details: str = ""


class Background(Generic[Result]):
    """A function that runs in a thread, once; its result is pulled."""

    def __init__(self, function: Callable[[], Result]) -> None:
        self._function = function
        self._result: Result | None = None
        self._failure: Failure | None = None
        self._thread = threading.Thread(target=self._work, name="background", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether the function has ended, well or badly."""
        return not self._thread.is_alive()

    @property
    def failure(self) -> Failure | None:
        """Why it failed; None while it runs or when it went well."""
        return self._failure

    @property
    def result(self) -> Result | None:
        """What the function returned; None while it runs or when it failed."""
        return self._result

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end."""
        self._thread.join(timeout)

    def _work(self) -> None:
        try:
            with quiet():
                self._result = self._function()
        except CnnStudioError as error:
            self._failure = Failure(str(error))
        except MemoryError:
            self._failure = Failure("There is not enough memory for it.")
        except Exception:  # noqa: BLE001 - the last line of defence of a thread: told, not lost
            self._failure = Failure("Something went wrong inside.", traceback.format_exc())
