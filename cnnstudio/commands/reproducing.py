"""`cnnstudio runs reproduce`: a kept run made again, kept too, and its curve compared."""

from __future__ import annotations

import dataclasses
import math

from cnnstudio.commands import codes, made_run, models, output
from cnnstudio.commands.made_run import MadeRun
from cnnstudio.commands.train import train
from cnnstudio.data.datasets import Dataset
from cnnstudio.engine import environment
from cnnstudio.engine.model import Model
from cnnstudio.engine.run import fingerprint
from cnnstudio.engine.story import Story
from cnnstudio.engine.trainer import Trainer
from cnnstudio.errors import TrainingError
from cnnstudio.network.project_file import Project
from cnnstudio.runs import keeping, reproduction
from cnnstudio.runs.outcome import outcome_of
from cnnstudio.runs.record import KeptRun
from cnnstudio.runs.reproduction import Reproduction
from cnnstudio.runs.store import RunStore


def run(name: str, store: RunStore, *, as_json: bool) -> int:
    """Make the run called `name` again; 1 when it cannot be, or its curve is another."""
    kept = store.load(name)
    refusal = reproduction.refusal(kept)
    if refusal is not None:
        output.note(refusal)
        return codes.NO
    before = kept.facts.environment
    for sentence in environment.differences(before, environment.present(before.threads)):
        output.note(sentence)
    again, interrupted = _made_again(name, kept, as_json=as_json)
    again, found = keeping.judged(again, kept)
    _report(name, made_run.add(again, store), found, as_json=as_json)
    if interrupted:
        return codes.INTERRUPTED
    return codes.DONE if found.same else codes.NO


def _made_again(name: str, kept: KeptRun, *, as_json: bool) -> tuple[KeptRun, bool]:
    """The run, trained anew as far as it had come, and whether that was interrupted."""
    project = _begun(kept)
    model = models.build(project, kept.facts.environment.threads, lanes="fastest")
    dataset = models.load_data(project.data, model)
    made = MadeRun(project, _trainer(kept, model, dataset), Story())
    fault, interrupted = "", False
    try:
        interrupted = train(made.trainer, made.story, end=_end(kept), as_json=as_json)
        made.trainer.keep()
    except TrainingError as error:
        fault = str(error)
        output.note(fault)
    outcome = None
    try:
        found = models.measure(model, dataset.test)
        outcome = outcome_of("test", dataset.test, found.logits)
    except TrainingError as error:
        output.note(str(error))
    facts = {"repeats": name, "limit": kept.facts.limit}
    return made.kept(made.ended(), outcome, fault, **facts), interrupted


def _begun(kept: KeptRun) -> Project:
    """What the run began with."""
    project = dataclasses.replace(kept.project, weights=None, curve=None, trained_by=None)
    title = f"{kept.facts.title}, again"
    return dataclasses.replace(project, history=(), changes=(), name=title)


def _trainer(kept: KeptRun, model: Model, dataset: Dataset) -> Trainer:
    """What trains `model` as the run was trained, with the same pictures."""
    project = kept.project
    training, validation = dataset.split(project.recipe.validation)
    training = training[: kept.facts.limit]
    if kept.facts.pictures not in (None, fingerprint(training, validation)):
        output.note(f"The pictures of {project.data} are not those that it was trained with.")
    return Trainer(model, training, validation, project.recipe, len(dataset.class_names))


def _end(kept: KeptRun) -> float:
    """How far to train, in epochs: one that failed does so in the step after its last one."""
    if kept.facts.ending not in ("stopped", "failed") or not len(kept.curve):
        return math.inf
    last = float(kept.curve[-1, 0])
    return last if kept.facts.ending == "stopped" else math.nextafter(last, math.inf)


def _report(name: str, new: str | None, found: Reproduction, *, as_json: bool) -> None:
    if as_json:
        figures = {"steps": found.steps, "first": found.first, "largest": found.largest}
        output.record({"run": new, "repeats": name, "same": found.same, **figures})
        return
    output.line(found.sentence)
    if new is not None:
        output.line(f"kept as {new}")
