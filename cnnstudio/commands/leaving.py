"""How `cnnstudio train` ends: what is saved and kept, and what is said of it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from cnnstudio.commands import codes, made_run, models, output
from cnnstudio.commands.made_run import MadeRun
from cnnstudio.data.datasets import Images
from cnnstudio.engine.metrics import Evaluation
from cnnstudio.engine.model import Model
from cnnstudio.errors import CnnFileError, CnnStudioError, TrainingError
from cnnstudio.network import project_file, templates
from cnnstudio.network.project_file import Project
from cnnstudio.runs.outcome import outcome_of
from cnnstudio.runs.record import Outcome
from cnnstudio.runs.store import user_store


def leave(made: MadeRun, test: Images, arguments: Namespace, *, stopped: bool, fault: str) -> int:
    """Save and keep a run that has ended, and report it; the exit code.

    `stopped` when Ctrl+C ended it, `fault` says why it failed. Raises TrainingError for a fault and
    for answers that are no numbers, and CnnFileError when the file could not be saved, all after
    the run has been kept.
    """
    ended, out = made.ended(), None if arguments.out is None else Path(arguments.out)
    unsaved = _save(ended, out)
    keeps = not arguments.no_keep and made.is_worth_keeping(fault)
    result, lost, name = None, "", None
    if keeps or not (stopped or fault):
        result, lost = _measured(made.trainer.model, test)
    if keeps:
        outcome = None if result is None else outcome_of("test", test, result.logits)
        name = _keep(made, ended, outcome, arguments, fault)
    if fault or lost or unsaved is not None:
        raise _failure(fault, lost, unsaved, out, name)
    if stopped or result is None:
        output.note(_stopped(arguments, name))
        return codes.INTERRUPTED
    _report(result, made.trainer.model.vector.size, out, name, as_json=arguments.json)
    return codes.DONE


def _save(ended: Project, out: Path | None) -> CnnFileError | None:
    """Save what was learned; why that cannot be, if so."""
    try:
        if out is not None:
            project_file.save(ended, out)
    except CnnFileError as error:
        return error
    return None


def _measured(model: Model, test: Images) -> tuple[Evaluation | None, str]:
    """What `model` makes of the test pictures, or why that is nothing."""
    try:
        return models.measure(model, test), ""
    except TrainingError as error:
        return None, str(error)


def _keep(
    made: MadeRun, ended: Project, outcome: Outcome | None, arguments: Namespace, fault: str
) -> str | None:
    """Keep the run; its name, or None when it cannot be kept, which is told."""
    title = ended.name
    if not title and not templates.is_text(arguments.file):
        title = output.name(Path(arguments.file).stem)
    run = made.kept(ended, outcome, fault, title=title, limit=arguments.limit)
    return made_run.add(run, user_store())


def _failure(
    fault: str, lost: str, unsaved: CnnFileError | None, out: Path | None, name: str | None
) -> CnnStudioError:
    """What went wrong in training, after it or in saving, and where what was learned is."""
    learned = "The last good weights are" if fault and not lost else "What was learned is"
    place = "Nothing was saved (no --out)." if out is None else ""
    if out is not None and unsaved is None:
        place = f"{learned} in {out}."
    elif name is not None:
        place = f"{learned} kept as {name}."
    words = " ".join(filter(None, (fault, lost, str(unsaved or ""), place)))
    return TrainingError(words) if fault or lost else CnnFileError(words)


def _stopped(arguments: Namespace, name: str | None) -> str:
    """What to know after Ctrl+C."""
    kept = "nothing was saved (no --out)"
    if arguments.out is not None:
        kept = f"what was learned so far is in {arguments.out}"
    elif arguments.checkpoint is not None:
        kept = f"the run so far is in {arguments.checkpoint}"
    elif name is not None:
        kept = f"what was learned so far is kept as {name}"
    more = " Add --resume to go on." if arguments.checkpoint is not None else ""
    return f"Stopped; {kept}.{more}"


def _report(
    result: Evaluation, parameters: int, out: Path | None, name: str | None, *, as_json: bool
) -> None:
    if as_json:
        output.record(
            {
                "test_loss": result.loss,
                "test_accuracy": result.accuracy,
                "parameters": parameters,
                "out": None if out is None else output.name(out),
                "run": name,
            }
        )
        return
    output.line(
        f"test accuracy {100 * result.accuracy:.2f} %, loss {result.loss:.4f} "
        f"on {result.images:,} pictures"
    )
    if out is not None:
        output.line(f"saved {out}")
    if name is not None:
        output.line(f"kept as {name}")
