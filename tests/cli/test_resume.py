"""Runs that are killed and go on: the same weights to the bit; a sentence for what cannot be."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from cnnstudio import cli, load, save
from cnnstudio.blocks import (
    BatchNorm,
    Conv2D,
    Dropout,
    FullyConnected,
    Input,
    MaxPool2D,
    Residual,
)
from cnnstudio.engine import checkpoint, environment
from cnnstudio.engine.checkpoint import NAMES
from cnnstudio.engine.recorder import Recorder
from cnnstudio.network import Network, Recipe
from cnnstudio.network.project_file import Project

COMMAND = [sys.executable, "-m", "cnnstudio", "train"]
PATIENCE = 60.0
"""Seconds to wait for a process that must do something."""

NETWORK = Network(
    (
        Input(),
        Conv2D(4, 5, stride=2, rounding="floor", activation="relu"),
        BatchNorm(),
        Residual((Conv2D(4, 3, padding="same", activation="tanh"),), activation="relu"),
        MaxPool2D(4, 4),
        FullyConnected(16, activation="relu"),
        Dropout(0.4),
        FullyConnected(10),
    )
)
RECIPES = {
    "everything": Recipe(
        epochs=2, batch_size=50, optimizer="adamw", learning_rate=0.01, schedule="one_cycle",
        ema=0.9, clip=1.0, l1=1e-6, l2=1e-4, label_smoothing=0.1, warm_up=0.5, shift=2.0,
        rotation=10.0, scaling=0.1, elastic=1.0, patience=3, validation=500, seed=3,
    ),
    "nesterov": Recipe(
        epochs=2, batch_size=64, optimizer="nesterov", learning_rate=0.02, schedule="step",
        step_epochs=1, step_factor=0.5, validation=500, seed=4,
    ),
}  # fmt: skip


def weights_of(path: Path) -> str:
    """The SHA-256 of the weights in a project file, byte for byte."""
    with zipfile.ZipFile(path) as archive:
        return hashlib.sha256(archive.read("weights.safetensors")).hexdigest()


def figures_of(path: Path) -> list[dict]:
    """The history in a project file without what a clock says."""
    clock = ("seconds", "images_per_second")
    return [{k: v for k, v in epoch.items() if k not in clock} for epoch in load(path).history]


def words(folder: Path, *more: object) -> list[str]:
    given = (folder / "net.json", "--limit", 1200, "--threads", 1, "--json", *more)
    return [str(word) for word in given]


def stamps(folder: Path) -> list[int]:
    return [(folder / name).stat().st_mtime_ns for name in NAMES if (folder / name).exists()]


def wait_for_writes(process: subprocess.Popen, folder: Path, writes: int) -> bool:
    """Wait until so many checkpoints were seen written; False when the process ends before."""
    end, before = time.monotonic() + PATIENCE, stamps(folder)
    while writes:
        if process.poll() is not None:
            return False
        assert time.monotonic() < end, "the process writes nothing"
        now = stamps(folder)
        writes -= now != before
        before = now
    return True


def wait_for_a_half_written_one(process: subprocess.Popen, folder: Path) -> None:
    while process.poll() is None and not list(folder.glob(".*.tmp")):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("name", RECIPES)
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bits(tmp_path, name):
    save(Project(NETWORK, RECIPES[name]), tmp_path / "net.json")
    assert cli.main(["train", *words(tmp_path, "--out", tmp_path / "whole.cnn")]) == 0
    folder, out = tmp_path / "run", tmp_path / "out.cnn"
    run = words(tmp_path, "--checkpoint", folder, "--checkpoint-every", 0, "--resume", "--out", out)
    chance, killed, said, alive = random.Random(5), 0, "", True
    while alive:
        process = subprocess.Popen(
            [*COMMAND, *run], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        alive = wait_for_writes(process, folder, chance.randint(2, 14))
        if alive and chance.random() < 0.5:
            wait_for_a_half_written_one(process, folder)
        process.kill()
        _, errors = process.communicate(timeout=PATIENCE)
        said += errors
        killed += process.returncode == -signal.SIGKILL
    assert process.returncode == 0, said
    assert killed >= 2
    assert said.count("Going on from the checkpoint in") >= killed - 1
    assert "differ" not in said
    assert {path.name for path in folder.iterdir()} == set(NAMES)
    assert weights_of(out) == weights_of(tmp_path / "whole.cnn")
    assert figures_of(out) == figures_of(tmp_path / "whole.cnn")
    assert load(out).recipe == RECIPES[name]


# ---- what is said


@pytest.fixture(scope="module")
def half(tmp_path_factory) -> Path:
    """A folder with a network and, in `run`, a run of two epochs that was stopped in the second."""
    folder = tmp_path_factory.mktemp("half")
    recipe = RECIPES["nesterov"]
    save(Project(NETWORK, recipe), folder / "net.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Recorder, "look", interrupting(1, 5))
        run = words(folder, "--checkpoint", folder / "run", "--checkpoint-every", 1000)
        assert cli.main(["train", *run]) == 130
    found = checkpoint.load(folder / "run")
    assert (found.epoch, found.step) == (2, 5)
    return folder


def interrupting(epoch: int, step: int):
    """Recorder.look, but Ctrl+C comes at that step after that epoch."""
    look = Recorder.look

    def look_and_interrupt(self, trainer, progress, history, *others):
        look(self, trainer, progress, history, *others)
        if (progress.epoch, progress.step) == (epoch + 1, step):
            signal.raise_signal(signal.SIGINT)

    return look_and_interrupt


@pytest.fixture
def stopped(half, tmp_path) -> Path:
    """A copy of `half` to go on with."""
    return shutil.copytree(half, tmp_path / "half")


def train(capsys, *given: object, code: int = 0) -> tuple[list[dict], str]:
    """Run `train`; the objects that it printed, and what it said beside, without the bar."""
    assert cli.main(["train", *(str(word) for word in given)]) == code
    captured = capsys.readouterr()
    said = [line.rsplit("\r")[-1].strip() for line in captured.err.splitlines()]
    return [json.loads(line) for line in captured.out.splitlines()], "\n".join(filter(None, said))


def test_a_stopped_run_goes_on_where_it_was(capsys, stopped):
    whole, out = stopped / "whole.cnn", stopped / "out.cnn"
    train(capsys, *words(stopped, "--out", whole))
    run = ("--checkpoint", stopped / "run", "--resume", "--out", out)
    (epoch, last), said = train(capsys, *words(stopped, *run))
    assert epoch["epoch"] == 2
    assert last["out"] == str(out)
    assert (
        f"Going on from the checkpoint in {stopped / 'run'}, after step 5 of 19 in epoch 2." in said
    )
    assert "differ" not in said
    assert weights_of(out) == weights_of(whole)
    assert figures_of(out) == figures_of(whole)


def test_what_is_not_given_is_as_it_was(capsys, stopped):
    """Recipe, data, limit and threads come from the checkpoint."""
    out = stopped / "out.cnn"
    given = (stopped / "net.json", "--checkpoint", stopped / "run", "--resume", "--out", out)
    _, said = train(capsys, *given, "--json")
    assert "differ" not in said
    train(capsys, *words(stopped, "--out", stopped / "whole.cnn"))
    assert weights_of(out) == weights_of(stopped / "whole.cnn")


def test_ctrl_c_says_how_to_go_on_and_keeps_what_the_recipe_keeps(capsys, tmp_path, monkeypatch):
    """What is in --out are the averaged weights; what goes on are the others."""
    save(Project(NETWORK, RECIPES["everything"]), tmp_path / "net.json")
    monkeypatch.setattr(Recorder, "look", interrupting(1, 5))
    run = ("--checkpoint", tmp_path / "run", "--out", tmp_path / "a.cnn")
    _, said = train(capsys, *words(tmp_path, *run), code=130)
    assert said.endswith(
        f"Stopped; what was learned so far is in {tmp_path / 'a.cnn'}. Add --resume to go on."
    )
    found = checkpoint.load(tmp_path / "run")
    assert (found.epoch, found.step, len(found.history)) == (2, 5, 1)
    kept = load(tmp_path / "a.cnn").weights["fc2.weight"].ravel()
    best = found.state.arrays["stopping.weights"]
    raw = found.state.arrays["run.weights"]
    assert any(np.array_equal(kept, part) for part in windows(best, kept.size))
    assert not any(np.array_equal(kept, part) for part in windows(raw, kept.size))
    monkeypatch.undo()
    run = (*run[:2], "--resume", "--out", tmp_path / "b.cnn")
    train(capsys, *words(tmp_path, *run))
    train(capsys, *words(tmp_path, "--out", tmp_path / "c.cnn"))
    assert weights_of(tmp_path / "b.cnn") == weights_of(tmp_path / "c.cnn")


def windows(vector: np.ndarray, size: int) -> np.ndarray:
    return np.lib.stride_tricks.sliding_window_view(vector, size)


def test_a_finished_run_is_measured_and_saved_again(capsys, stopped):
    run = ("--checkpoint", stopped / "run", "--resume", "--out")
    *_, measured = train(capsys, *words(stopped, *run, stopped / "a.cnn"))[0]
    (last,), said = train(capsys, *words(stopped, *run, stopped / "b.cnn"))
    assert said == f"The run in {stopped / 'run'} is finished; there is nothing left to train."
    assert last["out"] == str(stopped / "b.cnn")
    assert last["test_accuracy"] == measured["test_accuracy"]
    assert (stopped / "a.cnn").read_bytes() == (stopped / "b.cnn").read_bytes()


def test_epochs_can_be_added_to_a_finished_run(capsys, stopped):
    run = ("--checkpoint", stopped / "run", "--resume")
    train(capsys, *words(stopped, *run))
    out = stopped / "out.cnn"
    (epoch, _), _ = train(capsys, *words(stopped, *run, "--epochs", 3, "--out", out))
    assert epoch["epoch"] == 3
    train(capsys, *words(stopped, "--epochs", 3, "--out", stopped / "whole.cnn"))
    assert weights_of(out) == weights_of(stopped / "whole.cnn")
    assert load(out).recipe.epochs == 3


def test_a_run_on_a_trained_file_goes_on_also_when_that_file_is_the_result(capsys, tmp_path):
    """The file that a run begins with is written over by its end."""
    save(Project(NETWORK, RECIPES["nesterov"].with_values(epochs=1)), tmp_path / "net.json")
    train(capsys, *words(tmp_path, "--out", tmp_path / "a.cnn"))
    file, *options = words(tmp_path, "--checkpoint", tmp_path / "run", "--out", tmp_path / "a.cnn")
    (epoch, _), said = train(capsys, tmp_path / "a.cnn", *options)
    assert epoch["epoch"] == 2
    assert "Going on from the weights in" in said
    after = (tmp_path / "a.cnn").read_bytes()
    (_,), said = train(capsys, tmp_path / "a.cnn", *options, "--resume")
    assert "weights in" not in said
    assert (tmp_path / "a.cnn").read_bytes() == after
    assert [epoch["epoch"] for epoch in load(tmp_path / "a.cnn").history] == [1, 2]
    assert file.endswith("net.json")


def test_without_a_checkpoint_there_is_a_note_and_a_beginning(capsys, tmp_path):
    save(Project(NETWORK, RECIPES["nesterov"].with_values(epochs=1)), tmp_path / "net.json")
    run = words(tmp_path, "--checkpoint", tmp_path / "new" / "run", "--resume")
    (epoch, _), said = train(capsys, *run)
    assert "no checkpoint in" in said
    assert "training begins from the start" in said
    assert epoch["epoch"] == 1
    assert checkpoint.load(tmp_path / "new" / "run").epoch == 1


def test_other_threads_are_said(capsys, stopped):
    run = ("--checkpoint", stopped / "run", "--resume", "--threads", 2)
    _, said = train(capsys, *words(stopped, *run))
    assert "because the number of threads was 1 and is 2." in said


def test_another_machine_is_said(capsys, stopped, monkeypatch):
    monkeypatch.setattr(environment, "_processor", lambda: "abacus")
    _, said = train(capsys, *words(stopped, "--checkpoint", stopped / "run", "--resume"))
    assert "because the processor was " in said
    assert "and is abacus." in said


def test_a_damaged_checkpoint_is_said_and_the_other_goes_on(capsys, stopped):
    newest = max(NAMES, key=lambda name: (stopped / "run" / name).stat().st_mtime_ns)
    path = stopped / "run" / newest
    path.write_bytes(path.read_bytes()[:-1000])
    out = stopped / "out.cnn"
    run = ("--checkpoint", stopped / "run", "--resume", "--out", out)
    _, said = train(capsys, *words(stopped, *run))
    assert f"{path} cannot be used: " in said
    assert "after step 19 of 19 in epoch 1." in said
    train(capsys, *words(stopped, "--out", stopped / "whole.cnn"))
    assert weights_of(out) == weights_of(stopped / "whole.cnn")


def test_a_disk_that_fills_up_does_not_end_the_run(capsys, stopped, monkeypatch):
    before = {name: (stopped / "run" / name).read_bytes() for name in NAMES}

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    run = ("--checkpoint", stopped / "run", "--resume", "--checkpoint-every", 0, "--no-keep")
    (epoch, _), said = train(capsys, *words(stopped, *run))
    assert epoch["epoch"] == 2
    assert said.count("No space left on device") == 1
    assert "Training goes on without this checkpoint." in said
    assert {name: (stopped / "run" / name).read_bytes() for name in NAMES} == before


def test_early_stopping_is_said(capsys, tmp_path):
    recipe = Recipe(epochs=30, learning_rate=1e-8, patience=2, validation=100)
    save(Project(NETWORK, recipe), tmp_path / "net.json")
    run = words(tmp_path, "--checkpoint", tmp_path / "run", "--limit", 200)
    (*epochs, _), said = train(capsys, *run, "--out", tmp_path / "a.cnn")
    assert len(epochs) < 30
    assert (
        "Training stopped early: 2 epochs without a better accuracy on the images kept aside. "
        f"The weights of epoch {len(epochs) - 2} are kept."
    ) in said
    (_,), said = train(capsys, *run, "--resume", "--out", tmp_path / "b.cnn")
    assert "is finished" in said
    assert weights_of(tmp_path / "a.cnn") == weights_of(tmp_path / "b.cnn")


def test_the_best_epoch_is_said_when_it_is_not_the_last(capsys, tmp_path):
    """A network that knew all digits sees only one of them from then on."""
    recipe = Recipe(epochs=3, learning_rate=0.01, validation=500)
    save(Project(Network((Input(), FullyConnected(10))), recipe), tmp_path / "net.json")
    train(capsys, *words(tmp_path, "--out", tmp_path / "good.cnn"))
    spoil = ("--limit", 1, "--epochs", 9, "--patience", 9)
    (*epochs, _), said = train(capsys, tmp_path / "good.cnn", "--json", *spoil)
    assert epochs[0]["validation_accuracy"] > epochs[-1]["validation_accuracy"] + 0.2
    assert said.endswith("The weights of epoch 4 are kept, the best on the images kept aside.")


def test_a_loss_that_runs_away_leaves_the_last_good_weights(capsys, tmp_path):
    recipe = Recipe(optimizer="sgd", learning_rate=100.0, validation=100)
    save(
        Project(Network((Input(), FullyConnected(99), FullyConnected(10))), recipe),
        tmp_path / "net.json",
    )
    out = tmp_path / "a.cnn"
    _, said = train(capsys, *words(tmp_path, "--out", out), code=2)
    assert said.endswith(f"The last good weights are in {out}.")
    assert all(np.isfinite(array).all() for array in load(out).weights.values())


# ---- what is refused


def refused(capsys, folder: Path, *more: object, file: str = "net.json") -> str:
    """Go on with the run in `folder`, which must not be; the sentence, and nothing is changed."""
    before = {path: path.read_bytes() for path in sorted((folder / "run").iterdir())}
    run = [folder / file, "--checkpoint", folder / "run", *more]
    assert cli.main(["train", *(str(word) for word in run)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (sentence,) = captured.err.splitlines()
    assert {path: path.read_bytes() for path in sorted((folder / "run").iterdir())} == before
    return sentence


def test_a_run_is_not_written_over(capsys, stopped):
    sentence = refused(capsys, stopped)
    assert "holds the checkpoint of a run already; add --resume to go on with it" in sentence


OTHERS = {
    ("--batch-size", 32): "'Batch size' was 64 and is 32, so that its steps would be others",
    ("--optimizer", "adam"): "'Optimizer' was nesterov and is adam",
    ("--seed", 5): "'Seed' was 4 and is 5",
    ("--limit", 1000): "it trained with 1,200 pictures, and there are 1,000",
    ("--validation", 400): "'Validation' was 500 and is 400",
    ("--epochs", 1): "its epoch 2 is begun already, and 'Epochs' is 1",
}


@pytest.mark.parametrize("option", OTHERS)
def test_another_run_is_refused(capsys, stopped, option):
    sentence = refused(capsys, stopped, "--resume", *option)
    assert f"The run in {stopped / 'run'} cannot go on like this: {OTHERS[option]}." in sentence


def test_more_epochs_are_refused_where_the_learning_rate_depends_on_them(capsys, tmp_path):
    recipe = RECIPES["nesterov"].with_values(schedule="cosine", epochs=1)
    save(Project(NETWORK, recipe), tmp_path / "net.json")
    train(capsys, *words(tmp_path, "--checkpoint", tmp_path / "run"))
    sentence = refused(capsys, tmp_path, "--resume", "--epochs", 2)
    assert "'Epochs' was 1 and is 2, and the learning rate of the schedule cosine" in sentence


def test_another_network_is_refused(capsys, stopped):
    other = NETWORK.replace(5, FullyConnected(17, activation="relu"))
    save(Project(other), stopped / "other.json")
    sentence = refused(capsys, stopped, "--resume", file="other.json")
    assert "'Units' of FC 1 was 16 and is 17" in sentence


def test_checkpoints_of_which_none_is_whole_are_refused(capsys, stopped):
    for name in NAMES:
        (stopped / "run" / name).write_bytes(b"PK and so on")
    sentence = refused(capsys, stopped, "--resume")
    assert "There is no whole checkpoint in" in sentence


def test_usage_is_one_sentence(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    cases = {
        ("--resume",): "--resume needs --checkpoint DIR, the folder of the run.",
        ("--checkpoint-every", "0"): "--checkpoint-every needs --checkpoint DIR",
        ("--checkpoint-every", "-1"): "-1 is not a number of seconds from 0 up",
        ("--checkpoint-every", "nan"): "nan is not a number of seconds",
        ("--checkpoint-every", "often"): "often is not a number of seconds",
        ("--checkpoint", str(tmp_path / "file")): "file cannot be used for checkpoints: ",
        ("--checkpoint", str(tmp_path / "file"), "--resume"): "file cannot be used for",
    }
    for given, expected in cases.items():
        assert cli.main(["train", "tiny", "--limit", "9", *given]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert expected in captured.err
        assert len(captured.err.splitlines()) == 1
        assert "Traceback" not in captured.err


def test_the_curve_is_in_the_file_whole_also_after_a_resume(capsys, tmp_path, monkeypatch):
    words = ("train", "tiny", "--epochs", "2", "--limit", "640", "--validation", "50000")
    words = (*words, "--threads", "1", "--batch-size", "64")
    assert cli.main([*words, "--out", str(tmp_path / "whole.cnn")]) == 0
    whole = load(tmp_path / "whole.cnn").curve
    assert whole.shape == (20, 5)
    assert whole[:, 0].tolist() == pytest.approx([step / 10 for step in range(1, 21)])
    folder = str(tmp_path / "run")
    assert cli.main([*words[:3], "1", *words[4:], "--checkpoint", folder]) == 0
    out = str(tmp_path / "resumed.cnn")
    assert cli.main(["train", "tiny", "--epochs", "2", "--checkpoint", folder, "--resume",
                     "--out", out]) == 0  # fmt: skip
    assert load(out).curve.tobytes() == whole.tobytes()
    more = str(tmp_path / "more.cnn")
    assert cli.main(["train", out, *words[2:], "--out", more]) == 0
    assert load(more).curve[:20].tobytes() == whole.tobytes()
    assert load(more).curve[:, 4].tolist() == list(range(1, 41))
