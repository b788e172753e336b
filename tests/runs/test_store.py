"""Kept runs: written whole, read back the same, deleted and brought back."""

from __future__ import annotations

import dataclasses
import json
import threading
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D, Residual
from cnnstudio.data.datasets import Images
from cnnstudio.engine import environment
from cnnstudio.engine.curve import Curve
from cnnstudio.engine.metrics import evaluate
from cnnstudio.engine.model import Model
from cnnstudio.engine.progress import Progress
from cnnstudio.errors import CnnFileError, TrainingError
from cnnstudio.network import Network, Recipe
from cnnstudio.network.project_file import Project
from cnnstudio.runs import reproduction
from cnnstudio.runs.comparison import Difference, compare
from cnnstudio.runs.outcome import reckon
from cnnstudio.runs.record import KeptChange, KeptRun, Outcome, facts_of
from cnnstudio.runs.store import RunStore

NETWORK = Network((Input(height=12, width=12), Conv2D(2, 3), MaxPool2D(), FullyConnected(10)))
EPOCH = {
    "train_loss": 0.5,
    "train_accuracy": 0.75,
    "validation_loss": 0.25,
    "validation_accuracy": 0.875,
    "seconds": 1.5,
    "images_per_second": 1000.0,
}


def run(network: Network = NETWORK, recipe: Recipe | None = None, **others: Any) -> KeptRun:
    """A run of two epochs with weights, a curve with awkward numbers, and predictions."""
    history = tuple(
        EPOCH | {"epoch": epoch, "validation_accuracy": a}
        for epoch, a in ((1, 0.875), (2, float("nan")))
    )
    weights = dict(Model(network, seed=3).parameters)
    project = Project(network, recipe or Recipe(seed=3), weights, history, name="Small")
    curve = np.random.default_rng(1).normal(size=(50, 3)) / 3
    curve[:, 0] = np.arange(1, 51) / 25
    curve[7, 1] = np.nan
    labels = np.arange(30) % 10
    predicted = np.where(np.arange(30) % 7 == 0, 9, labels)
    facts = facts_of(
        project,
        begun="2026-11-22T18:30:12+01:00",
        seconds=3.0,
        ending="finished",
        environment=environment.present(2),
        **others,
    )
    return KeptRun(facts, project, curve, Outcome("test", labels, predicted, labels / 10))


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def test_run_comes_back_as_it_was_kept(store: RunStore) -> None:
    kept = run(changes=[KeptChange(1.5, "Learning rate 0.001 -> 0.0005")])
    name = store.add(kept)
    again = store.load(name)
    assert again.facts == kept.facts
    assert again.project.network == kept.project.network
    assert again.recipe == kept.recipe
    assert again.curve.tobytes() == kept.curve.tobytes()
    assert again.project.weights is not None
    assert kept.project.weights is not None
    for key, array in kept.project.weights.items():
        assert np.array_equal(array, again.project.weights[key])
    assert again.outcome is not None
    assert kept.outcome is not None
    assert again.outcome.of == "test"
    for column in ("labels", "predicted", "confidences"):
        assert np.array_equal(getattr(again.outcome, column), getattr(kept.outcome, column))


def test_facts_tell_what_the_table_shows() -> None:
    facts = run().facts
    assert (facts.title, facts.epochs, facts.seed) == ("Small", 2, 3)
    assert facts.parameters == 20 + (5 * 5 * 2 + 1) * 10
    assert (facts.validation_accuracy, facts.best_accuracy) == (None, 0.875)
    assert facts.network.startswith("INPUT 12x12x1 > CONV 2@3x3")


def test_newest_run_stands_first(store: RunStore) -> None:
    old, new = run(), run()
    new = dataclasses.replace(new, facts=run(title="New").facts)
    later = dataclasses.replace(
        new, facts=type(new.facts)(**{**_fields(new), "begun": "2026-11-23T08:00:00+01:00"})
    )
    names = [store.add(later), store.add(old)]
    assert [listed.name for listed in store.listing().runs] == names
    assert store.listing().runs[0].facts.title == "New"


def test_of_the_runs_of_one_second_the_last_stands_first(store: RunStore) -> None:
    for thousandth in (300, 100, 400, 200):
        facts = msgspec.structs.replace(
            run().facts, begun=f"2026-11-22T18:30:12.{thousandth}+01:00"
        )
        store.add(dataclasses.replace(run(), facts=facts))
    begun = [listed.facts.begun[20:23] for listed in store.listing().runs]
    assert begun == ["400", "300", "200", "100"]
    assert store.find("newest") == store.listing().runs[0].name


def _fields(kept: KeptRun) -> dict[str, Any]:
    return {name: getattr(kept.facts, name) for name in kept.facts.__struct_fields__}


def test_empty_folder_has_no_runs(store: RunStore) -> None:
    assert store.listing().runs == ()
    store.tidy()


def test_deleted_run_can_be_brought_back_until_tidied(store: RunStore) -> None:
    name = store.add(run())
    store.delete(name)
    assert store.listing().runs == ()
    store.restore(name)
    assert [listed.name for listed in store.listing().runs] == [name]
    store.delete(name)
    store.tidy(grace=60)
    store.restore(name)
    store.delete(name)
    store.tidy()
    with pytest.raises(CnnFileError, match="cannot be moved"):
        store.restore(name)


def test_title_and_note_can_be_changed(store: RunStore) -> None:
    name = store.add(run())
    store.describe(name, title="Smaller", note="for the lecture")
    facts = store.listing().runs[0].facts
    assert (facts.title, facts.note) == ("Smaller", "for the lecture")
    assert facts.epochs == 2


def test_two_windows_that_write_notes_at_once_leave_whole_facts(store: RunStore) -> None:
    name = store.add(run())
    failures: list[Exception] = []

    def write(who: str) -> None:
        try:
            for number in range(15):
                RunStore(store._folder).describe(name, note=f"{who} {number}")
        except CnnFileError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(who,)) for who in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert store.listing().runs[0].facts.note.endswith(" 14")
    assert sorted(path.name for path in (store._folder / name).iterdir()) == [
        "curve.csv", "network.cnn", "run.json", "test.csv",
    ]  # fmt: skip


def test_note_for_a_damaged_run_is_refused_with_its_name(store: RunStore, tmp_path: Path) -> None:
    name = store.add(run())
    (tmp_path / "runs" / name / "run.json").write_text("{")
    with pytest.raises(CnnFileError, match=rf"The run in .*{name} cannot be read: run\.json is"):
        store.describe(name, note="x")


def test_damaged_run_is_told_and_the_others_are_shown(store: RunStore, tmp_path: Path) -> None:
    good, bad = store.add(run()), store.add(run())
    (tmp_path / "runs" / bad / "run.json").write_text("{")
    listing = store.listing()
    assert [listed.name for listed in listing.runs] == [good]
    assert len(listing.warnings) == 1
    assert bad in listing.warnings[0]
    assert "damaged" in listing.warnings[0]


@pytest.mark.parametrize(
    ("others", "words"),
    [
        ({"version": 2, "mood": "good"}, "by a newer CNN Studio (format 2, this one reads"),
        ({"format": "cnnstudio"}, "it is no run of CNN Studio, but of 'cnnstudio'"),
    ],
)
def test_run_of_another_program_is_told_by_its_head(
    store: RunStore, tmp_path: Path, others: dict[str, Any], words: str
) -> None:
    name = store.add(run())
    path = tmp_path / "runs" / name / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | others))
    (warning,) = store.listing().warnings
    assert words in warning
    assert "damaged" not in warning
    with pytest.raises(CnnFileError) as caught:
        store.load(name)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("curve.csv", "epoch,loss\n1,2\n", "its columns are not epoch, loss, accuracy"),
        ("curve.csv", "epoch,loss,accuracy\n1,a,3\n", "no table of numbers"),
        ("curve.csv", "", "no table of numbers"),
        ("curve.csv", "", "curve.csv is damaged"),
        ("run.json", "{", "run.json is damaged"),
        ("test.csv", "label,predicted,confidence\n1.5,2,0.5\n", "no whole number"),
        ("test.csv", "label,predicted,confidence\n1e300,2,0.5\n", "no whole number"),
        ("network.cnn", "x", "network.cnn cannot be opened"),
    ],
)
def test_damaged_file_is_one_sentence(
    store: RunStore, tmp_path: Path, file: str, text: str, words: str
) -> None:
    name = store.add(run())
    (tmp_path / "runs" / name / file).write_text(text)
    with pytest.raises(CnnFileError, match=words) as caught:
        store.load(name)
    assert str(caught.value).startswith("The run in ")
    assert str(caught.value).count("\n") == 0


def test_run_that_was_never_finished_is_not_shown_and_goes(store: RunStore, tmp_path: Path) -> None:
    store.add(run())
    half = tmp_path / "runs" / ".20261122-183012-abcdef"
    half.mkdir()
    assert len(store.listing().runs) == 1
    store.tidy()
    assert not half.exists()
    assert len(store.listing().runs) == 1


def test_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file is in the way")
    with pytest.raises(CnnFileError, match="The run cannot be kept in"):
        RunStore(tmp_path / "runs").add(run())


# ---- two runs


def test_runs_that_are_the_same_have_no_differences() -> None:
    found = compare(run(), run())
    assert (found.blocks, found.recipe, found.others) == ((), (), ())
    assert found.flips is not None
    assert len(found.flips.mended) == len(found.flips.spoiled) == 0


def test_differences_of_blocks_and_recipe_are_named() -> None:
    other = Network(
        (
            Input(height=12, width=12),
            Conv2D(4, 3, activation="relu"),
            Residual(blocks=(Conv2D(4, 3, padding="same"),)),
            MaxPool2D(),
            FullyConnected(10),
        )
    )
    found = compare(run(), run(other, Recipe(seed=3, learning_rate=0.01)))
    assert Difference("CONV 1: Filters", "2", "4") in found.blocks
    assert Difference("CONV 1: Activation", "none", "relu") in found.blocks
    added = [each for each in found.blocks if not each.first]
    assert [each.what for each in added] == ["RESIDUAL 1"]
    assert len(found.blocks) == 3
    assert found.recipe == (Difference("Learning rate", "0.001", "0.01"),)


def test_rows_of_blocks_are_written_out() -> None:
    def network(kernel: int) -> Network:
        row = (Conv2D(1, kernel, padding="same"),)
        return Network((Input(height=12, width=12), Residual(blocks=row), FullyConnected(10)))

    (difference,) = compare(run(network(3)), run(network(5))).blocks
    assert "3x3" in difference.first
    assert "5x5" in difference.second


def test_flipped_pictures_are_found() -> None:
    first, second = run(), run()
    labels = np.array([0, 1, 2, 3])
    first = dataclasses.replace(
        first, outcome=Outcome("test", labels, np.array([0, 2, 3, 3]), labels)
    )
    second = dataclasses.replace(
        second, outcome=Outcome("test", labels, np.array([1, 1, 4, 3]), labels)
    )
    flips = compare(first, second).flips
    assert flips is not None
    assert flips.images == 4
    assert [flips.mended.tolist(), flips.spoiled.tolist(), flips.otherwise.tolist()] == [
        [1],
        [0],
        [2],
    ]


def test_outcomes_of_other_pictures_are_not_compared() -> None:
    first, second = run(), run()
    labels = np.array([0, 1])
    second = dataclasses.replace(second, outcome=Outcome("test", labels, labels, labels))
    assert compare(first, second).flips is None


# ---- a run made again


def test_same_curve_is_recognised_to_the_bit() -> None:
    found = reproduction.judge(run(), run())
    assert found.same
    assert found.sentence == "The curve is the same to the last bit over all 50 steps."


def test_first_step_that_differs_is_named() -> None:
    again = run()
    again.curve[20, 1] += 1e-12
    found = reproduction.judge(run(), again)
    assert (found.same, found.first) == (False, 21)
    assert "part at step 21 of 50" in found.sentence


def test_run_from_earlier_weights_cannot_be_reproduced() -> None:
    assert reproduction.refusal(run()) is None
    assert "1 epoch before" in (reproduction.refusal(run(epochs_before=1)) or "")
    changed = run(changes=[KeptChange(1.0, "Batch size 64 -> 32")])
    assert "Batch size 64 -> 32" in (reproduction.refusal(changed) or "")


def test_run_that_began_later_is_compared_where_both_have_steps() -> None:
    whole, late = run(), run()
    late.curve[:] = whole.curve
    late = dataclasses.replace(late, curve=late.curve[30:])
    found = reproduction.judge(late, whole)
    assert (found.same, found.steps, found.whole) == (True, 20, 50)
    found = reproduction.judge(whole, late)
    assert found.sentence.endswith("over 20 steps; the run had 50.")


def coarser(kept: KeptRun) -> KeptRun:
    """As of a very long run: the first 20 steps are 10 points."""
    older = kept.curve[:20].reshape(10, 2, 3)
    means = np.column_stack([older[:, 1, 0], older[:, :, 1:].mean(axis=1)])
    return dataclasses.replace(kept, curve=np.concatenate([means, kept.curve[20:]]))


def test_points_for_several_steps_are_not_compared() -> None:
    for again in (run(), coarser(run())):
        found = reproduction.judge(coarser(run()), again)
        assert (found.same, found.steps, found.whole) == (True, 30, 50)
        assert found.sentence == (
            "The curve is the same to the last bit over the last 30 of 50 steps, the only ones "
            "that are kept one by one."
        )
    assert reproduction.judge(run(), coarser(run())).sentence.endswith(
        "over 30 steps; the run had 50."
    )


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (41, "they part at step 41 of 50, and"),
        (21, "they part at step 21 of 50 or before, and"),
    ],
)
def test_steps_are_counted_from_the_first_of_the_run(step: int, words: str) -> None:
    again = run()
    again.curve[step - 1, 1] += 1e-12
    found = reproduction.judge(coarser(run()), coarser(again))
    assert (found.same, found.first) == (False, step)
    assert words in found.sentence


def test_steps_of_a_curve_as_long_as_a_training_of_hours_are_counted() -> None:
    """The curve of the engine, with an odd number of steps an epoch."""
    steps = [
        Progress(n // 433 + 1, 300, n % 433 + 1, 433, n / 7, 0.5, 0.1, 1.0, 1.0)
        for n in range(100_000)
    ]
    curve = Curve()
    for start in range(0, len(steps), 256):
        curve = curve.extended(steps[start : start + 256])
    kept = dataclasses.replace(run(), curve=curve.points.copy())
    found = reproduction.judge(kept, kept)
    assert found.whole == 100_000
    assert 32_768 <= found.steps <= len(curve) < 100_000
    other = dataclasses.replace(run(), curve=curve.points.copy())
    other.curve[np.flatnonzero(curve.steps == 90_001)[0], 1] += 1
    assert reproduction.judge(kept, other).first == 90_001


def test_run_from_weights_trained_for_less_than_an_epoch_cannot_be_reproduced() -> None:
    assert "had been trained before" in (reproduction.refusal(run(pretrained=True)) or "")


def test_changes_in_a_run_are_a_difference() -> None:
    changed = run(changes=[KeptChange(1.5, "Batch size 64 -> 32")])
    (found,) = compare(run(), changed).recipe
    assert found == Difference("Changed meanwhile", "", "epoch 1.50: Batch size 64 -> 32")


def test_outcome_is_what_the_model_says() -> None:
    kept = run()
    pixels = np.random.default_rng(2).integers(0, 256, (300, 1, 12, 12)).astype(np.uint8)
    images = Images(pixels, (np.arange(300) % 10).astype(np.uint8))
    found = reckon(kept.project, "test", images)
    model = Model(NETWORK, seed=3)
    assert found is not None
    assert np.array_equal(found.predicted, model.forward(pixels).argmax(axis=1))
    assert found.accuracy == evaluate(model, images).accuracy
    assert np.allclose(found.confidences, model.probabilities(pixels).max(axis=1), atol=1e-6)
    assert reckon(kept.project, "test", images, lambda: False) is None


def test_there_is_no_outcome_of_lost_weights() -> None:
    """Regression: NaN was kept as an answer for the first class."""
    kept, images = run(), Images(np.ones((3, 1, 12, 12), np.uint8), np.zeros(3, np.uint8))
    assert kept.project.weights is not None
    lost = {name: values * np.nan for name, values in kept.project.weights.items()}
    with pytest.raises(TrainingError, match="no numbers for 3 of 3 pictures"):
        reckon(dataclasses.replace(kept.project, weights=lost), "test", images)


def test_full_disk_is_one_sentence_about_the_run(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cnnstudio.network.archive.write", full)
    with pytest.raises(CnnFileError) as caught:
        store.add(run())
    words = f"The run cannot be kept in {tmp_path / 'runs'}: No space left on device."
    assert str(caught.value) == words
    assert list((tmp_path / "runs").iterdir()) == []
