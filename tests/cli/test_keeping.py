"""The runs of `cnnstudio train` in the table of runs: as they ended, and never at a cost."""

from __future__ import annotations

import contextlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cnnstudio import cli, load, paths, save
from cnnstudio.blocks import FullyConnected, Input
from cnnstudio.engine.progress import Progress
from cnnstudio.engine.story import Story
from cnnstudio.engine.trainer import Trainer
from cnnstudio.network import Network, Recipe
from cnnstudio.network.project_file import Project
from cnnstudio.runs.record import KeptRun
from cnnstudio.runs.store import user_store

LINEAR = Network((Input(), FullyConnected(10)))
WILD = Network((Input(), FullyConnected(99), FullyConnected(10)))


@pytest.fixture
def train(capsys, small_data):
    """A function that trains on the small data; its results as objects, and what it said."""

    def run(*words: object, code: int = 0) -> tuple[list[dict], str]:
        options = ("--data", small_data, "--validation", 200, "--threads", 1, "--json")
        assert cli.main(["train", *map(str, (*words, *options))]) == code
        captured = capsys.readouterr()
        said = [line.rpartition("\r")[2] for line in captured.err.split("\n")]
        results = [json.loads(line) for line in captured.out.splitlines()]
        return results, "\n".join(said).strip()

    return run


def kept() -> list[KeptRun]:
    """All that there is, the newest first."""
    store = user_store()
    listing = store.listing()
    assert listing.warnings == ()
    return [store.load(each.name) for each in listing.runs]


@contextlib.contextmanager
def ctrl_c(step: int) -> Iterator[None]:
    """Ctrl+C comes while the step of that number is made."""
    take = Story.take

    def take_and_interrupt(self: Story, progress: Progress) -> None:
        take(self, progress)
        if self.curve.step - self.before == step:
            signal.raise_signal(signal.SIGINT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Story, "take", take_and_interrupt)
        yield


def test_a_run_is_kept_with_all_that_there_is_of_it(train, tmp_path, small_data):
    out = tmp_path / "a.cnn"
    words = ("tiny", "--epochs", 2, "--limit", 640, "--seed", 7, "--out", out)
    (_, last, result), _ = train(*words)
    (run,) = kept()
    facts = run.facts
    assert result["run"] == user_store().find("newest")
    assert (facts.title, facts.ending, facts.fault) == (load("tiny").name, "finished", "")
    assert (facts.epochs, facts.epochs_before, facts.pretrained) == (2, 0, False)
    assert (facts.seed, facts.limit, facts.environment.threads) == (7, 640, 1)
    assert (facts.pictures.train, facts.pictures.validation) == (640, 200)
    assert (facts.validation_accuracy, facts.test_accuracy) == (
        last["validation_accuracy"],
        result["test_accuracy"],
    )
    assert 0 < facts.seconds < 60
    assert facts.data == str(small_data)
    saved = load(out)
    assert run.curve.tobytes() == saved.curve[:, :3].tobytes()
    assert run.project.history == saved.history
    assert all(np.array_equal(run.project.weights[n], saved.weights[n]) for n in saved.weights)
    assert run.outcome.accuracy == result["test_accuracy"]
    assert len(run.outcome.labels) == 300


def test_a_run_on_the_first_pictures_is_made_again_with_these(train, capsys):
    train("tiny", "--epochs", 1, "--limit", 640)
    assert cli.main(["runs", "reproduce", "newest"]) == 0
    captured = capsys.readouterr()
    assert "The curve is the same to the last bit over all 10 steps." in captured.out
    assert "not those" not in captured.err
    again, first = kept()
    assert (again.facts.limit, again.facts.pictures) == (640, first.facts.pictures)
    cli.main(["runs", "show", "newest"])
    assert ", the first 640 training pictures\n" in capsys.readouterr().out


def test_without_keeping_nothing_is_written(train, small_data):
    (_, result), said = train("tiny", "--epochs", 1, "--no-keep")
    assert result["run"] is None
    assert "kept" not in said
    assert not (paths.user_data(make=False) / "runs").exists()


def test_in_words_its_name_is_told(capsys, small_data):
    words = ("tiny", "--data", small_data, "--validation", 200, "--epochs", 1)
    assert cli.main(["train", *map(str, words)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"kept as {user_store().find('newest')}"


def test_a_file_without_a_name_gives_its_own(train, tmp_path):
    save(Project(LINEAR), tmp_path / "mine.json")
    train(tmp_path / "mine.json", "--epochs", 1)
    train("INPUT 28x28x1 > FC 10", "--epochs", 1)
    assert {run.facts.title for run in kept()} == {"mine", ""}


def test_a_run_from_trained_weights_has_only_its_own_curve(train, tmp_path):
    train("tiny", "--epochs", 1, "--out", tmp_path / "a.cnn")
    train(tmp_path / "a.cnn", "--epochs", 2, "--seed", 9)
    run = next(run for run in kept() if run.facts.pretrained)
    assert (run.facts.epochs, run.facts.epochs_before) == (2, 1)
    assert len(run.curve) == 2 * 16
    assert run.curve[0, 0] == 1 + 1 / 16
    assert len(run.project.curve) == 3 * 16


# ---- other endings


def test_a_run_that_ctrl_c_ends_is_kept_as_stopped(train):
    with ctrl_c(20):
        (_,), said = train("tiny", "--epochs", 3, code=130)
    (run,) = kept()
    assert said.endswith(
        f"Stopped; what was learned so far is kept as {user_store().find('newest')}."
    )
    assert (run.facts.ending, run.facts.epochs, len(run.curve)) == ("stopped", 1, 20)
    assert run.facts.test_accuracy == run.outcome.accuracy
    assert run.project.weights is not None


def test_a_run_that_is_stopped_at_once_is_only_a_try(train):
    with ctrl_c(3):
        _, said = train("tiny", "--epochs", 3, code=130)
    assert said.endswith("Stopped; nothing was saved (no --out).")
    assert kept() == []


def run_wild(train, tmp_path: Path, *words: object) -> str:
    """Train until the numbers run away; what was said."""
    recipe = Recipe(optimizer="sgd", learning_rate=100.0, validation=200)
    save(Project(WILD, recipe), tmp_path / "wild.json")
    return train(tmp_path / "wild.json", *words, code=2)[1]


def test_a_run_that_ran_away_is_kept_as_failed(train, tmp_path):
    said = run_wild(train, tmp_path)
    (run,) = kept()
    assert run.facts.ending == "failed"
    assert run.facts.fault.startswith("The loss is no longer a finite number at step")
    assert said == (
        f"{run.facts.fault} The last good weights are kept as {user_store().find('newest')}."
    )
    assert len(run.curve) > 0
    assert all(np.isfinite(array).all() for array in run.project.weights.values())


def test_a_network_that_gives_no_numbers_has_no_accuracy(train, tmp_path, monkeypatch):
    """Regression: NaN was the first class, right for each of its pictures."""

    def lose(self: Trainer) -> None:
        self.model.parameters["fc1.bias"][3] = np.nan

    monkeypatch.setattr(Trainer, "keep", lose)
    save(Project(LINEAR), tmp_path / "a.json")
    out = tmp_path / "a.cnn"
    (epoch,), said = train(tmp_path / "a.json", "--epochs", 1, "--out", out, code=2)
    assert epoch["validation_accuracy"] > 0
    assert said == (
        "The network gives no numbers for 300 of 300 pictures: it began in FC 1, whose bias is not "
        "finite. Train it from the start, with a smaller learning rate. "
        f"What was learned is in {out}."
    )
    (run,) = kept()
    assert (run.facts.ending, run.facts.test_accuracy, run.outcome) == ("finished", None, None)


def test_where_nothing_is_kept_it_says_so(train, tmp_path):
    said = run_wild(train, tmp_path, "--no-keep")
    assert said.endswith("Nothing was saved (no --out).")
    assert "kept" not in said


def test_a_run_that_goes_on_is_kept_whole(train, tmp_path):
    """First as the piece that was stopped, in the end in its place, with all steps, and once."""
    folder = ("--checkpoint", tmp_path / "run")
    with ctrl_c(20):
        train("tiny", "--epochs", 2, *folder, code=130)
    (stopped,), name = kept(), user_store().find("newest")
    user_store().describe(name, note="still low")
    with ctrl_c(25):
        train("tiny", "--epochs", 2, *folder, "--resume", code=130)
    (_, result), _ = train("tiny", "--epochs", 2, *folder, "--resume")
    (whole,) = kept()
    assert result["run"] == name
    assert (whole.facts.ending, whole.facts.note) == ("finished", "still low")
    assert whole.facts.begun == stopped.facts.begun
    assert (len(stopped.curve), len(whole.curve)) == (20, 32)
    assert whole.curve[:20].tobytes() == stopped.curve.tobytes()
    assert (whole.facts.epochs, whole.facts.epochs_before, whole.facts.pretrained) == (2, 0, False)
    _, said = train("tiny", "--epochs", 2, *folder, "--resume")
    assert "nothing left to train" in said
    assert len(kept()) == 1, "a run that is only measured again is no other run"


def test_a_resumed_run_from_a_stopped_one_has_only_its_own_curve(train, tmp_path):
    """Also where no whole epoch had been made before."""
    with ctrl_c(5):
        train("tiny", "--epochs", 1, "--out", tmp_path / "a.cnn", code=130)
    folder = ("--checkpoint", tmp_path / "run")
    with ctrl_c(20):
        train(tmp_path / "a.cnn", "--epochs", 2, *folder, code=130)
    train(tmp_path / "a.cnn", "--epochs", 2, *folder, "--resume")
    run = next(run for run in kept() if run.facts.ending == "finished")
    assert (run.facts.pretrained, run.facts.epochs_before) == (True, 0)
    assert len(run.curve) == 2 * 16 - 5
    assert run.curve[0, 0] == 6 / 16


# ---- where it cannot be kept


@pytest.fixture
def full(monkeypatch) -> None:
    """A data folder that cannot be made, as a file is in its way."""
    folder = paths.user_data(make=False)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way")


@pytest.mark.usefixtures("full")
def test_a_run_that_cannot_be_kept_costs_a_sentence(train, tmp_path):
    out = tmp_path / "a.cnn"
    (_, result), said = train("tiny", "--epochs", 1, "--out", out)
    folder = paths.user_data(make=False) / "runs"
    assert said == f"The run cannot be kept in {folder}: Not a directory."
    assert (result["run"], result["out"]) == (None, str(out))
    assert result["test_accuracy"] > 0
    assert load(out).weights is not None


@pytest.mark.usefixtures("full")
def test_a_run_that_ran_away_and_cannot_be_kept_says_both(train, tmp_path):
    said = run_wild(train, tmp_path).splitlines()
    assert said[0].startswith("The run cannot be kept in")
    assert said[1].endswith("Nothing was saved (no --out).")


def test_what_cannot_be_saved_is_kept(train, tmp_path, monkeypatch):
    """As on a stick that is full."""
    from cnnstudio.errors import CnnFileError
    from cnnstudio.network import project_file

    write = project_file.save

    def fail(project: Project, path: Path) -> None:
        if path.name == "a.cnn":
            raise CnnFileError(f"{path} cannot be written: No space left on device.")
        write(project, path)

    monkeypatch.setattr(project_file, "save", fail)
    _, said = train("tiny", "--epochs", 1, "--out", tmp_path / "a.cnn", code=2)
    assert said == (
        f"{tmp_path / 'a.cnn'} cannot be written: No space left on device. What was learned is "
        f"kept as {user_store().find('newest')}."
    )
    assert len(kept()) == 1


# ---- made again


def reproduce(capsys, code: int = 0) -> tuple[str, str]:
    assert cli.main(["runs", "reproduce", "newest"]) == code
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_a_run_that_failed_fails_again_and_that_is_the_same(train, capsys, tmp_path):
    run_wild(train, tmp_path)
    out, said = reproduce(capsys)
    again, first = sorted(kept(), key=lambda run: not run.facts.repeats)
    assert f"to the last bit over all {len(first.curve)} steps." in out
    assert first.facts.fault in said
    assert (again.facts.ending, again.facts.fault) == ("failed", first.facts.fault)
    assert again.facts.verdict.startswith("The curve is the same")


@pytest.mark.parametrize("step", [20, 32])
def test_a_run_that_was_stopped_is_made_again_as_far(train, capsys, step):
    """In the middle of an epoch, and at the end of one."""
    with ctrl_c(step):
        train("tiny", "--epochs", 50, code=130)
    out, _ = reproduce(capsys)
    again, first = sorted(kept(), key=lambda run: not run.facts.repeats)
    assert f"to the last bit over all {step} steps." in out
    assert (again.facts.ending, len(again.curve)) == ("stopped", step)
    assert np.array_equal(again.outcome.predicted, first.outcome.predicted)


def test_the_verdict_is_told_where_it_cannot_be_kept(train, capsys, monkeypatch):
    from cnnstudio.runs.store import RunStore

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    train("tiny", "--epochs", 1)
    monkeypatch.setattr(RunStore, "_write", fail)
    out, said = reproduce(capsys)
    assert out.splitlines()[1:] == ["The curve is the same to the last bit over all 16 steps."]
    assert said.splitlines()[-1].endswith("No space left on device.")
    assert len(kept()) == 1
