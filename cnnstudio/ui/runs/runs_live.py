"""The run that goes on as a row of the table of runs."""

from __future__ import annotations

import math
from functools import lru_cache

from cnnstudio.network import Network, check, text_form
from cnnstudio.runs.wording import duration, recipe_words, when
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.runs.runs_rows import (
    NOTHING,
    RunRow,
    count_words,
    loss_words,
    percent,
    shortened,
    strip_of,
)
from cnnstudio.ui.training.ended_run import RunSoFar


def live_row(session: Session) -> RunRow | None:
    """The run that goes on, or None; it has no name, as it is not kept yet."""
    run = session.run_so_far
    if run is None or session.training == "idle":
        return None
    network, parameters = text_form.write(run.job.network), _parameters(run.job.network)
    cells = {
        "title": session.run_title,
        "begun": when(run.start.begun),
        "parameters": count_words(parameters),
        "recipe": recipe_words(run.job.recipe),
        "ending": session.training,
        **_figures(run),
    }
    short = shortened(cells, run.start.begun, parameters)
    return RunRow("", cells, short=short, strip=strip_of(network), remark=session.training)


@lru_cache(maxsize=1)
def _parameters(network: Network) -> int:
    """Those of the run's network, which need not be the one that is shown."""
    return check(network).parameters


def _figures(run: RunSoFar) -> dict[str, str]:
    """How far it is, and how good."""
    last = run.last
    if last is None:
        return {}
    before = run.job.epochs_before
    position = last.epoch - 1 - before + last.step / last.steps_per_epoch
    measured = [e.validation_accuracy for e in run.epochs if math.isfinite(e.validation_accuracy)]
    loss = run.epochs[-1].validation_loss if run.epochs else math.nan
    loss = loss if math.isfinite(loss) else last.loss
    return {
        "epochs": f"{position:.1f} / {last.epochs - before:,}",
        "validation": percent(max(measured, default=None)),
        "test": NOTHING,
        "loss": loss_words(loss),
        "seconds": duration(last.seconds),
    }
