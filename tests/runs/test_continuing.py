"""A run that was stopped and went on has one place in the store."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from cnnstudio.blocks import FullyConnected, Input
from cnnstudio.engine import environment
from cnnstudio.errors import CnnFileError
from cnnstudio.network import Network, Recipe
from cnnstudio.network.project_file import Project
from cnnstudio.runs.continuing import keep
from cnnstudio.runs.record import KeptRun, facts_of
from cnnstudio.runs.store import RunStore

NETWORK = Network((Input(height=2, width=2), FullyConnected(10)))
FIGURES = dict.fromkeys(
    ("train_accuracy", "validation_loss", "validation_accuracy", "images_per_second"), 0.5
)


def run(steps: int, ending: str = "finished", loss: float = 0.5, **others: Any) -> KeptRun:
    """A run of so many steps, ten to an epoch."""
    history = tuple(
        FIGURES | {"epoch": epoch + 1, "train_loss": loss / (epoch + 1), "seconds": float(steps)}
        for epoch in range(steps // 10)
    )
    curve = np.ones((steps, 3))
    curve[:, 0] = np.arange(1, steps + 1) / 10
    project = Project(NETWORK, Recipe(seed=3), None, history, name="Small")
    facts = facts_of(
        project,
        begun="2026-11-22T18:30:12.345+01:00",
        seconds=3.0,
        ending=ending,
        environment=environment.present(2),
    )
    return KeptRun(msgspec.structs.replace(facts, **others), project, curve)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_the_whole_takes_the_place_of_its_parts(store: RunStore) -> None:
    first = keep(run(15, "stopped"), store)
    second = keep(run(25, "stopped"), store)
    third = keep(run(40), store)
    assert first.name == second.name == third.name
    (listed,) = store.listing().runs
    assert listed == third
    assert (listed.facts.ending, listed.facts.epochs) == ("finished", 4)
    assert len(store.load(third.name).curve) == 40


def test_the_part_can_be_brought_back(store: RunStore, tmp_path: Path) -> None:
    keep(run(15, "stopped"), store)
    whole = keep(run(40), store)
    (part,) = (tmp_path / "runs" / "deleted").iterdir()
    assert part.name != whole.name
    store.restore(part.name)
    assert sorted(each.facts.ending for each in store.listing().runs) == ["finished", "stopped"]


def test_what_a_person_has_written_stays(store: RunStore) -> None:
    part = keep(run(15, "stopped"), store)
    store.describe(part.name, title="Mine", note="fine so far")
    assert keep(run(40), store).facts == store.load(part.name).facts
    facts = store.load(part.name).facts
    assert (facts.title, facts.note) == ("Mine", "fine so far")


def test_a_document_that_was_renamed_meanwhile_gives_its_new_name(store: RunStore) -> None:
    keep(run(15, "stopped"), store)
    assert keep(run(40, title="Digits"), store).facts.title == "Digits"


@pytest.mark.parametrize(
    "other",
    [
        run(15, "failed"),
        run(15, "finished"),
        run(15, "stopped", begun="2026-11-22T18:30:12.346+01:00"),
        run(15, "stopped", loss=0.4),
        run(15, "stopped", seed=4),
        run(15, "stopped", epochs_before=1),
        run(45, "stopped"),
        dataclasses.replace(run(15, "stopped"), curve=np.zeros((0, 3))),
    ],
    ids=["failed", "finished", "later", "loss", "seed", "before", "longer", "no curve"],
)
def test_another_run_keeps_its_own(store: RunStore, other: KeptRun) -> None:
    keep(other, store)
    keep(run(40), store)
    assert len(store.listing().runs) == 2


def test_a_damaged_part_is_left_alone(store: RunStore, tmp_path: Path) -> None:
    part = keep(run(15, "stopped"), store)
    (tmp_path / "runs" / part.name / "run.json").write_text("{")
    with pytest.raises(CnnFileError):
        store.load(part.name)
    assert keep(run(40), store).name != part.name
