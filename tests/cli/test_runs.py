"""`cnnstudio runs`: what the window has kept, listed, compared, made again, deleted."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from cnnstudio import cli
from cnnstudio.data import datasets
from cnnstudio.engine import environment
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.model import Model
from cnnstudio.engine.run import fingerprint
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import Recipe, templates
from cnnstudio.runs.outcome import reckon
from cnnstudio.runs.record import KeptChange, KeptRun, facts_of
from cnnstudio.runs.store import RunStore, user_store

RECIPE = Recipe(epochs=2, batch_size=50, validation=200, learning_rate=0.01, seed=4)


@pytest.fixture(scope="module")
def small_data(make_small_data) -> Path:
    """700 training and 200 test pictures."""
    return make_small_data(700, 200)


@pytest.fixture(scope="module")
def made(small_data) -> KeptRun:
    """A run as the window keeps it."""
    project = dataclasses.replace(templates.load("tiny"), recipe=RECIPE, data=str(small_data))
    data = datasets.load(project.data)
    model = Model(project.network, seed=RECIPE.seed, threads=1)
    split = data.split(RECIPE.validation)
    trainer = Trainer(model, *split, RECIPE, len(data.class_names))
    steps = list(trainer.run())
    curve = Curve().extended(steps)
    history = tuple(dataclasses.asdict(s.finished_epoch) for s in steps if s.finished_epoch)
    weights = {name: array.copy() for name, array in model.weights.items()}
    project = dataclasses.replace(project, weights=weights, history=history)
    outcome = reckon(project, "test", data.test)
    facts = facts_of(
        project,
        begun="2026-11-20T18:30:12+01:00",
        seconds=steps[-1].seconds,
        ending="finished",
        environment=environment.present(1),
        pictures=fingerprint(*split),
        test_accuracy=outcome.accuracy,
        title="Small",
    )
    return KeptRun(facts, project, curve.points.copy(), outcome)


@pytest.fixture
def store(tmp_path, monkeypatch) -> RunStore:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return user_store()


def run(capsys, *words: object, code: int = 0) -> str:
    assert cli.main(["runs", *map(str, words)]) == code
    return capsys.readouterr().out


def fails(capsys, *words: object, code: int = 2) -> str:
    """The one sentence of a command that fails."""
    assert cli.main(["runs", *map(str, words)]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    (sentence,) = captured.err.splitlines()
    return sentence


def other(made: KeptRun, **facts: object) -> KeptRun:
    """The same run with other facts."""
    return dataclasses.replace(made, facts=msgspec.structs.replace(made.facts, **facts))


def test_the_list_has_a_line_for_each_run_the_newest_first(capsys, store, made):
    old = store.add(made)
    new = store.add(other(made, begun="2026-11-21T08:00:00+01:00", title="Later"))
    for words in ((), ("list",)):
        head, first, second = run(capsys, *words).splitlines()
        assert head.split() == [
            "run", "title", "begun", "epochs", "validation", "test", "ended", "network",
        ]  # fmt: skip
        assert first.startswith(f"{new}  Later  21 Nov")
        assert second.startswith(f"{old}  Small  20 Nov")
        assert f"{100 * made.facts.test_accuracy:.2f} %" in second
        assert "finished  INPUT" in second
    lines = [json.loads(line) for line in run(capsys, "--json").splitlines()]
    assert [line["run"] for line in lines] == [new, old]
    assert lines[1]["test_accuracy"] == made.facts.test_accuracy
    assert run(capsys, "list", "--json") == run(capsys, "--json")


def test_without_runs_it_says_so(capsys, store):
    assert cli.main(["runs"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        "No runs are kept yet; the window and cnnstudio train keep each that ends.\n"
    )


def test_a_damaged_run_is_told_beside_the_others(capsys, store, made):
    store.add(made)
    bad = store.add(other(made, begun="2026-11-21T08:00:00+01:00"))
    (store._folder / bad / "run.json").write_text("{")
    assert cli.main(["runs"]) == 0
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 2
    assert f"{bad} cannot be shown" in captured.err


def test_show_tells_everything(capsys, store, made):
    changed = [KeptChange(0.5, "Learning rate 0.01 -> 0.001")]
    name = store.add(other(made, changes=changed, note="my best"))
    for words in (name, name[:8], name[-6:], "newest"):
        text = run(capsys, "show", words)
        assert f"run          {name}\n" in text
    assert "recipe       Adam 0.01, batch 50, seed 4" in text
    assert "changed      epoch 0.50: Learning rate 0.01 -> 0.001" in text
    assert "note         my best" in text
    assert "verdict" not in text
    epochs = text.splitlines()[-2:]
    for line, epoch in zip(epochs, made.project.history, strict=True):
        assert line.split()[:2] == [str(epoch["epoch"]), f"{epoch['train_loss']:.4f}"]
        assert line.endswith(f"{100 * epoch['validation_accuracy']:.2f} %")
    found = json.loads(run(capsys, "show", name, "--json"))
    assert found["history"][1]["train_loss"] == made.project.history[1]["train_loss"]


def test_compare_says_what_differs_and_what_flipped(capsys, store, made):
    first = store.add(made)
    recipe = RECIPE.with_values(learning_rate=0.02)
    predicted = made.outcome.predicted.copy()
    right = np.flatnonzero(predicted == made.outcome.labels)[:3]
    predicted[right] = (predicted[right] + 1) % 10
    second = store.add(
        dataclasses.replace(
            other(made, title="Faster", begun="2026-11-21T08:00:00+01:00"),
            project=dataclasses.replace(made.project, recipe=recipe),
            outcome=dataclasses.replace(made.outcome, predicted=predicted),
        )
    )
    text = run(capsys, "compare", first, second)
    assert "Small" in text
    assert "Faster" in text
    assert "blocks: the same" in text
    assert "  Learning rate  0.01  0.02" in text
    assert (
        "Of 200 test pictures the second has 0 right that the first had wrong, and 3 wrong" in text
    )
    found = json.loads(run(capsys, "compare", first, second, "--json"))
    assert found["recipe"] == [{"what": "Learning rate", "first": "0.01", "second": "0.02"}]
    assert found["flips"]["spoiled"] == right.tolist()


def test_a_run_is_made_again_to_the_last_bit_and_kept(capsys, store, made):
    name = store.add(made)
    text = run(capsys, "reproduce", name)
    assert "The curve is the same to the last bit over all 20 steps." in text
    new = text.split()[-1]
    again = store.load(new)
    assert (again.facts.repeats, again.facts.title) == (name, "Small, again")
    assert again.facts.verdict == "The curve is the same to the last bit over all 20 steps."
    assert np.array_equal(again.curve, made.curve)
    assert np.array_equal(again.outcome.predicted, made.outcome.predicted)
    assert again.facts.ending == "finished"


def test_a_run_with_another_curve_is_answered_with_1(capsys, store, made):
    curve = made.curve.copy()
    curve[12, 1] += 0.25
    name = store.add(dataclasses.replace(made, curve=curve))
    lines = run(capsys, "reproduce", name, "--json", code=1).splitlines()
    found = json.loads(lines[-1])
    assert (found["same"], found["first"], found["repeats"]) == (False, 13, name)
    assert found["largest"] == pytest.approx(0.25)


def test_what_cannot_be_made_again_says_why(capsys, store, made):
    name = store.add(other(made, pretrained=True))
    assert "only a run from random weights can be reproduced" in fails(
        capsys, "reproduce", name, code=1
    )
    gone = dataclasses.replace(made.project, data="no-such-data")
    name = store.add(dataclasses.replace(made, project=gone))
    assert "no-such-data" in fails(capsys, "reproduce", name)
    assert len(store.listing().runs) == 2


def test_deleted_runs_come_back(capsys, store, made):
    names = [store.add(made) for _ in range(2)]
    text = run(capsys, "delete", *names)
    assert f"deleted {names[0]}; cnnstudio runs restore {names[0]} brings it back" in text
    assert store.listing().runs == ()
    assert run(capsys, "restore", names[1][-6:]) == f"brought back {names[1]}\n"
    assert [each.name for each in store.listing().runs] == [names[1]]
    assert run(capsys, "restore", names[0], names[0][-6:]) == f"brought back {names[0]}\n"
    assert len(store.listing().runs) == 2


def test_deleted_runs_are_listed(capsys, store, made):
    kept, gone = (store.add(made) for _ in range(2))
    assert fails(capsys, "list", "--deleted", code=0) == (
        "There are no deleted runs that could be brought back."
    )
    store.delete(gone)
    text = run(capsys, "list", "--deleted")
    assert gone in text
    assert kept not in text
    (found,) = map(json.loads, run(capsys, "list", "--deleted", "--json").splitlines())
    assert found["run"] == gone
    assert gone not in run(capsys, "list")


def test_a_run_that_is_not_deleted_cannot_come_back(capsys, store, made):
    none = "No deleted run is called {}; there are none."
    for words in ("nosuch", "newest", ""):
        assert fails(capsys, "restore", words) == none.format(repr(words))
    kept, gone = (store.add(made) for _ in range(2))
    assert fails(capsys, "restore", "newest") == none.format("'newest'")
    store.delete(gone)
    for words in (kept, kept[-6:]):
        assert fails(capsys, "restore", words) == f"{kept} is not deleted."
    assert fails(capsys, "restore", "nosuch") == (
        "No deleted run is called 'nosuch'; cnnstudio runs list --deleted lists the 1 there are."
    )
    assert run(capsys, "restore", "newest") == f"brought back {gone}\n"


def test_no_name_at_all_is_no_run(capsys, store, made):
    """Every name begins with nothing."""
    store.add(made)
    for act in ("show", "delete", "reproduce"):
        assert fails(capsys, act, "") == "'' is no kept run; cnnstudio runs lists the 1 there are."
    assert len(store.listing().runs) == 1


def test_a_name_that_means_no_run_or_several_is_one_sentence(capsys, store, made):
    for act in (("show", "x"), ("compare", "x", "x"), ("reproduce", "x"), ("delete", "x")):
        assert fails(capsys, *act) == "'x' is no kept run; there are none."
    names = sorted((store.add(made) for _ in range(2)), reverse=True)
    assert fails(capsys, "show", "x") == "'x' is no kept run; cnnstudio runs lists the 2 there are."
    assert fails(capsys, "show", "../deleted").startswith("'../deleted' is no kept run")
    assert fails(capsys, "show", "20261120") == (
        f"'20261120' may be any of 2 runs ({names[0]}, {names[1]}); write more of its name."
    )
    assert fails(capsys, "delete", names[0], "x").startswith("'x' is no kept run")
    assert len(store.listing().runs) == 2, "nothing is deleted where a name is wrong"
    assert "the following arguments are required: RUN" in fails(capsys, "show")
    assert "invalid choice: 'frobnicate'" in fails(capsys, "frobnicate")
    (store._folder / names[0] / "network.cnn").write_bytes(b"PK")
    assert f"{names[0]} cannot be read" in fails(capsys, "show", names[0])


def test_nothing_is_written_by_looking(capsys, store):
    assert cli.main(["runs"]) == 0
    assert not store._folder.exists()
