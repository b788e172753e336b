"""A run that was stopped and then went on: the whole takes the place of its part."""

from __future__ import annotations

import dataclasses

import msgspec

from cnnstudio.errors import CnnFileError
from cnnstudio.runs.record import KeptRun
from cnnstudio.runs.store import Listed, RunStore


def keep(run: KeptRun, store: RunStore) -> Listed:
    """Keep `run`, in the place of what was kept of it when it was stopped before.

    The name, the note and the title that a person has given stay. Raises CnnFileError.
    """
    found = _part_of(run, store)
    if found is None:
        return Listed(store.add(run), run.facts)
    name, part = found
    given, title = part.facts.title, run.facts.title
    renamed = given if given != part.project.name else title
    facts = msgspec.structs.replace(run.facts, title=renamed, note=part.facts.note)
    store.add(dataclasses.replace(run, facts=facts), name)
    return Listed(name, facts)


def _part_of(run: KeptRun, store: RunStore) -> tuple[str, KeptRun] | None:
    """The kept run, and its name, that is the beginning of `run`."""
    for name in store.begun_at(run.facts.begun):
        try:
            part = store.load(name)
        except CnnFileError:
            continue
        if _is_part(part, run):
            return name, part
    return None


def _is_part(part: KeptRun, run: KeptRun) -> bool:
    """Whether all that `part` made is in `run`; one that failed is not, as that went another way.

    A run goes on with the moment at which it began, to the millisecond.
    """
    one, whole = part.facts, run.facts
    same = (one.begun, one.network, one.seed, one.epochs_before) == (
        whole.begun,
        whole.network,
        whole.seed,
        whole.epochs_before,
    )
    if not same or one.ending != "stopped" or not len(part.curve) or not len(run.curve):
        return False
    reaches = run.curve[-1, 0] >= part.curve[-1, 0]
    return bool(reaches) and _losses(run)[: len(_losses(part))] == _losses(part)


def _losses(run: KeptRun) -> list[object]:
    """Those of each epoch, which are the same when it is made again from a checkpoint."""
    return [epoch.get("train_loss") for epoch in run.project.history]
