"""What a training run is: what must be the same when it goes on, and what should be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
import numpy as np

from cnnstudio.blocks import Block
from cnnstudio.data.datasets import Images
from cnnstudio.engine.environment import Environment
from cnnstudio.network import Network, Recipe
from cnnstudio.network.project_file import Project

SCHEDULES_OF_KNOWN_LENGTH = ("cosine", "one_cycle")
"""Those whose learning rate depends on how many epochs there will be."""

LONGEST = 60
"""Characters of two values that are still read in a sentence."""

Count = Annotated[int, msgspec.Meta(ge=0)]


class Pictures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many pictures a run trains with and is measured on, and a fingerprint of them all."""

    train: Count
    validation: Count
    sha256: str


@dataclass(frozen=True)
class Run:
    """What stays as it is from the first step of a run to the last.

    `project` has no weights, and its history is that of the runs before, which made `steps_before`
    steps; `limit` says with how many pictures the run trains, None for all; `begun` is when it made
    its first step, as `now` tells it, empty in a checkpoint of an older program.
    """

    project: Project
    limit: int | None
    pictures: Pictures
    environment: Environment
    steps_before: int = 0
    begun: str = ""


def now() -> str:
    """The local time to the millisecond, with its distance from UTC (ISO 8601)."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def fingerprint(train: Images, validation: Images) -> Pictures:
    """What tells these pictures and labels from others."""
    digest = hashlib.sha256()
    for images in (train, validation):
        for array in (images.pixels, images.labels):
            digest.update(f"{array.shape} {array.dtype} ".encode())
            digest.update(np.ascontiguousarray(array).reshape(-1).data)
    return Pictures(len(train), len(validation), digest.hexdigest())


def conflicts(before: Run, now: Run) -> Iterator[str]:
    """Why `now` cannot go on where `before` stopped; each reason is the end of a sentence."""
    yield from _networks(before.project.network, now.project.network)
    yield from _recipes(before.project.recipe, now.project.recipe)
    yield from _pictures(before.pictures, now.pictures)


def _networks(before: Network, now: Network) -> Iterator[str]:
    if len(before) != len(now):
        yield f"the network had {len(before)} blocks and has {len(now)}"
        return
    for place, (old, new) in enumerate(zip(before.blocks, now.blocks, strict=True)):
        if type(old) is not type(new):
            yield f"{before.names[place]} of the network is now {now.names[place]}"
        elif old != new:
            yield from _blocks(now.names[place], old, new)


def _blocks(name: str, old: Block, new: Block) -> Iterator[str]:
    """The first setting that differs; rows of blocks and tables are too long to be shown."""
    for key, setting in old.declarations().items():
        before, now = getattr(old, key), getattr(new, key)
        if before != now:
            values = f"was {before} and is {now}"
            yield f"{setting.label!r} of {name} {values if len(values) <= LONGEST else 'changed'}"
            return


def _recipes(before: Recipe, now: Recipe) -> Iterator[str]:
    """Only the number of epochs may change, where the learning rate does not depend on it."""
    for name, setting in Recipe.declarations().items():
        old, new = getattr(before, name), getattr(now, name)
        if old != new and (name != "epochs" or before.schedule in SCHEDULES_OF_KNOWN_LENGTH):
            yield f"{setting.label!r} was {old} and is {new}{_reason(name, before)}"


def _reason(name: str, recipe: Recipe) -> str:
    if name == "batch_size":
        return ", so that its steps would be others"
    if name == "epochs":
        return f", and the learning rate of the schedule {recipe.schedule} depends on it"
    return ""


def _pictures(before: Pictures, now: Pictures) -> Iterator[str]:
    if before.train != now.train:
        yield f"it trained with {before.train:,} pictures, and there are {now.train:,}"
    elif before.validation != now.validation:
        yield f"{before.validation:,} pictures were kept aside, and there are {now.validation:,}"
    elif before.sha256 != now.sha256:
        yield "the pictures are others"
