"""`cnnstudio runs reproduce`: a kept run made again, kept too, and its curve compared."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import msgspec

from cnnstudio.commands import codes, models, output
from cnnstudio.commands.train import train
from cnnstudio.engine import environment
from cnnstudio.engine.model import Model
from cnnstudio.engine.run import fingerprint
from cnnstudio.engine.story import Story
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network.project_file import Project
from cnnstudio.runs import reproduction
from cnnstudio.runs.outcome import reckon
from cnnstudio.runs.record import Ending, KeptRun, facts_of
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
    again = _made_again(name, kept, as_json=as_json)
    found = reproduction.judge(kept, again)
    facts = msgspec.structs.replace(again.facts, verdict=found.sentence)
    new = store.add(dataclasses.replace(again, facts=facts))
    _report(name, new, found, as_json=as_json)
    if facts.ending == "stopped":
        return codes.INTERRUPTED
    return codes.DONE if found.same else codes.NO


def _made_again(name: str, kept: KeptRun, *, as_json: bool) -> KeptRun:
    """The run, trained anew with as many threads as before."""
    threads, begun = kept.facts.environment.threads, datetime.now().astimezone()
    project = _begun(kept)
    model = models.build(project, threads, lanes="fastest")
    dataset = models.load_data(project.data, model)
    split = dataset.split(project.recipe.validation)
    pictures = fingerprint(*split)
    if kept.facts.pictures not in (None, pictures):
        output.note(f"The pictures of {project.data} are not those that it was trained with.")
    trainer = Trainer(model, *split, project.recipe, len(dataset.class_names))
    story = Story()
    stopped = train(trainer, story, as_json=as_json)
    trainer.keep()
    whole = _ended(project, model, story)
    outcome = reckon(whole, "test", dataset.test)
    facts = facts_of(
        whole,
        begun=begun.isoformat(timespec="milliseconds"),
        seconds=story.last.seconds if story.last else 0.0,
        ending=_ending(story, stopped=stopped),
        environment=environment.present(threads),
        pictures=pictures,
        test_accuracy=outcome.accuracy if outcome else None,
        repeats=name,
    )
    return KeptRun(facts, whole, story.curve.points.copy(), outcome)


def _begun(kept: KeptRun) -> Project:
    """What the run began with."""
    project = dataclasses.replace(kept.project, weights=None, curve=None, trained_by=None)
    title = f"{kept.facts.title}, again"
    return dataclasses.replace(project, history=(), changes=(), name=title)


def _ended(project: Project, model: Model, story: Story) -> Project:
    """What the run made of it."""
    weights = {name: array.copy() for name, array in model.weights.items()}
    history, curve = tuple(story.history), story.curve.table
    return dataclasses.replace(project, weights=weights, history=history, curve=curve)


def _ending(story: Story, *, stopped: bool) -> Ending:
    if stopped:
        return "stopped"
    early = story.last is not None and story.last.stopped_early
    return "stopped early" if early else "finished"


def _report(name: str, new: str, found: reproduction.Reproduction, *, as_json: bool) -> None:
    if as_json:
        figures = {"steps": found.steps, "first": found.first, "largest": found.largest}
        output.record({"run": new, "repeats": name, "same": found.same, **figures})
        return
    output.line(found.sentence)
    output.line(f"kept as {new}")
