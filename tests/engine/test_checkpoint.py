"""Checkpoints: they come back to the bit, and no accident leaves less than one whole generation."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import json
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D, Residual
from cnnstudio.data.datasets import Images
from cnnstudio.engine import checkpoint, environment
from cnnstudio.engine.checkpoint import NAMES, Checkpoint, load, prepare, save
from cnnstudio.engine.model import Model
from cnnstudio.engine.run import Run, conflicts, fingerprint
from cnnstudio.engine.trainer import Trainer
from cnnstudio.engine.training_state import TrainingState
from cnnstudio.errors import CnnFileError
from cnnstudio.network import Network, Recipe
from cnnstudio.network.project_file import Project
from tests.engine.harness import blobs

NETWORK = Network((Input(1, 8, 8), FullyConnected(2)))
EPOCH = {
    "epoch": 1,
    "train_loss": 0.1,
    "train_accuracy": 0.75,
    "validation_loss": None,
    "validation_accuracy": None,
    "seconds": 2.0,
    "images_per_second": 1 / 3,
}
CHANGE = {
    "position": 0.5,
    "values": {"learning_rate": 0.001},
    "before": {"learning_rate": 0.01},
    "remark": "",
}
RUN = Run(
    Project(NETWORK, Recipe(epochs=3), None, (EPOCH,), None, "Mine", "mnist", "A test.", (CHANGE,)),
    limit=64,
    pictures=fingerprint(blobs(64), blobs(8)),
    environment=environment.present(2),
    steps_before=7,
    begun="2026-11-22T18:30:12.345+01:00",
)


def made(number: int = 1) -> Checkpoint:
    """A checkpoint whose numbers depend on `number`."""
    generator = np.random.default_rng(number)
    arrays = {
        "vector": generator.normal(size=12).astype(np.float32),
        "square": generator.normal(size=(3, 2)),
        "order": generator.permutation(9),
        "nothing": np.empty(0, np.float32),
    }
    facts = {"step": number, "loss": 0.1 + 0.2 * number, "none": None, "a": {"b": [1, 2**200]}}
    facts["rank"] = [float("-inf"), 1e-320]
    curve = None if number == 2 else generator.normal(size=(number, 5))
    history = tuple(EPOCH | {"epoch": 2 + i} for i in range(number - 1))
    made = (number, 10 + number, history, number)
    return Checkpoint(RUN, TrainingState(arrays, facts), *made, curve=curve)


def assert_same(got: Checkpoint | None, expected: Checkpoint) -> None:
    assert got is not None
    for field in dataclasses.fields(Checkpoint):
        if field.name not in ("state", "warnings", "curve"):
            assert getattr(got, field.name) == getattr(expected, field.name), field.name
    np.testing.assert_array_equal(got.curve, expected.curve)
    assert got.state.facts == expected.state.facts
    assert got.state.arrays.keys() == expected.state.arrays.keys()
    for name, array in expected.state.arrays.items():
        assert got.state.arrays[name].dtype == array.dtype
        assert got.state.arrays[name].shape == array.shape
        assert got.state.arrays[name].tobytes() == array.tobytes()


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A folder with checkpoint 1 in the first and 2 in the second file."""
    for number in (1, 2):
        save(tmp_path, made(number))
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


# ---- the normal way


def test_everything_comes_back(tmp_path):
    save(tmp_path, made(3))
    found = load(tmp_path)
    assert_same(found, made(3))
    assert found.warnings == ()


def test_a_folder_without_checkpoints_has_none(tmp_path):
    (tmp_path / "mine.txt").write_text("hello")
    for folder in (tmp_path, tmp_path / "missing"):
        assert load(folder) is None
        assert not checkpoint.exists_in(folder)


def test_generations_are_written_in_turn(tmp_path):
    for number in range(1, 6):
        save(tmp_path, made(number))
        assert checkpoint.exists_in(tmp_path)
        assert_same(load(tmp_path), made(number))
        if number > 1:
            (tmp_path / NAMES[(number - 1) % 2]).rename(tmp_path / "aside")
            assert_same(load(tmp_path), made(number - 1))
            (tmp_path / "aside").rename(tmp_path / NAMES[(number - 1) % 2])
    assert set(contents(tmp_path)) == set(NAMES)


def test_equal_checkpoints_are_equal_files(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        save(tmp_path / name, made())
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_foreign_files_stay(tmp_path):
    foreign = (".checkpoint-3-0123abcd.tmp", ".checkpoint-1-0123abc.tmp", "checkpoint-3.zip", "a")
    leftover = ".checkpoint-2-0123abcd.tmp"
    for name in (*foreign, leftover):
        (tmp_path / name).write_text("mine")
    prepare(tmp_path)
    for number in range(1, 4):
        save(tmp_path, made(number))
    assert set(contents(tmp_path)) == {*foreign, *NAMES}
    assert all((tmp_path / name).read_text() == "mine" for name in foreign)


def test_prepare_makes_the_folder_or_says_why_not(tmp_path):
    prepare(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "b", tmp_path / ("n" * 300)):
        with pytest.raises(CnnFileError, match=r"cannot be used for checkpoints: [^\n]+\.$"):
            prepare(folder)
    (tmp_path / "a" / NAMES[1]).mkdir()
    with pytest.raises(CnnFileError, match=r"checkpoint-2.zip cannot be written: it is a folder\."):
        prepare(tmp_path / "a")


# ---- damage


def test_a_damaged_generation_falls_back_to_the_other_with_a_sentence(two):
    path = two / NAMES[1]
    good = path.read_bytes()
    place = good.index(made(2).state.arrays["vector"].tobytes())
    path.write_bytes(good[:place] + b"\0" + good[place + 1 :])
    found = load(two)
    assert_same(found, made(1))
    assert found.warnings == (
        f"{path} cannot be used: state.safetensors in it is damaged or cut short. "
        "checkpoint-1.zip can: it was written after step 11 of epoch 1.",
    )
    path.write_bytes(good)
    (two / NAMES[0]).write_bytes(b"")
    found = load(two)
    assert_same(found, made(2))
    assert NAMES[0] in found.warnings[0]
    assert "after step 12 of epoch 2" in found.warnings[0]


def test_when_nothing_is_whole_one_sentence_names_every_file(two):
    (two / NAMES[0]).write_bytes(b"hello")
    (two / NAMES[1]).write_bytes((two / NAMES[1]).read_bytes()[:-30])
    sentence = failure(two)
    assert all(name in sentence for name in NAMES)
    assert "Remove the files to begin again." in sentence
    (two / NAMES[1]).unlink()
    assert NAMES[1] not in failure(two)
    assert checkpoint.exists_in(two)


def test_what_cannot_be_read_at_all_is_named(two):
    (two / NAMES[0]).unlink()
    (two / NAMES[0]).mkdir()
    found = load(two)
    assert_same(found, made(2))
    assert "checkpoint-1.zip cannot be used: it cannot be read (" in found.warnings[0]


def failure(folder: Path) -> str:
    with pytest.raises(CnnFileError) as caught:
        load(folder)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def test_after_a_fall_back_the_damaged_file_is_replaced(two):
    (two / NAMES[1]).write_bytes(b"damaged")
    found = load(two)
    save(two, dataclasses.replace(made(2), number=found.number + 1))
    assert_same(load(two), made(2))
    assert load(two).warnings == ()


def test_any_changed_byte_is_harmless_or_noticed(two):
    path = two / NAMES[1]
    good = path.read_bytes()
    noticed = 0
    for place in range(len(good)):
        changed = bytearray(good)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        found = load(two)
        if found.number == 1:
            noticed += 1
            assert NAMES[1] in found.warnings[0]
            assert_same(found, made(1))
        else:
            assert_same(found, made(2))
            assert found.warnings == ()
    assert noticed > 0.8 * len(good)


@pytest.mark.parametrize("length", [30, 32], ids=["extra", "comment"])
def test_a_damaged_length_does_not_hide_the_curve(tmp_path, length):
    """Regression: the entries that a longer one swallowed passed for members never written."""
    save(tmp_path, made(1))
    path = tmp_path / NAMES[0]
    content = bytearray(path.read_bytes())
    hidden = content.rindex(b"PK\1\2")
    entry, end = content.rindex(b"PK\1\2", 0, hidden), content.rindex(b"PK\5\6")
    content[entry + length : entry + length + 2] = (end - hidden).to_bytes(2, "little")
    path.write_bytes(content)
    assert "its table of contents is lost" in failure(tmp_path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("whole")
    for number in (1, 2):
        save(folder, made(number))
    return list(contents(folder).values())


changes = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(changes, st.just(0) | st.integers(0, 10**6)), min_size=2, max_size=2))
def test_damaged_bytes_in_both_give_a_whole_state_or_a_sentence(tmp_path, whole, damages):
    for name, good, (bytes_changed, lost) in zip(NAMES, whole, damages, strict=True):
        content = bytearray(good)
        for place, value in bytes_changed:
            content[place % len(content)] = value
        (tmp_path / name).write_bytes(bytes(content[: len(content) - lost % len(content)]))
    found = sentence_or_checkpoint(tmp_path)
    if isinstance(found, Checkpoint):
        assert_same(found, made(found.number))
    else:
        assert "\n" not in found


def sentence_or_checkpoint(folder: Path) -> str | Checkpoint | None:
    try:
        return load(folder)
    except CnnFileError as error:
        return str(error)


def rewritten(path: Path, **changed: object) -> None:
    """Write the archive at `path` again with other members, and so with right check sums."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for member, value in changed.items():
        (name,) = [name for name in members if name.startswith(member)]
        members[name] = value(members[name])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


PROGRESS_CHANGES = {
    "no checkpoint of CNN Studio, but of 'other'": {"format": "other"},
    "written by another CNN Studio (format 3, this one reads 1 to 2)": {"version": 3},
    "written by another CNN Studio (format 0, this one reads 1 to 2)": {"version": 0},
    "expected int >= 0 - at $.step": {"step": -1},
    "expected int, got str - at $.epoch": {"epoch": "1"},
    "unknown field surprise": {"surprise": 1},
    "at $.environment.threads": {"environment": {"threads": "2"}},
    "at $.pictures": {"pictures": 5},
    "at $.history[0]": {"history": [{"epoch": 1}]},
}
FACTS_CHANGES = {
    b"[]": "facts.json in it holds no facts",
    b"{": "facts.json in it is damaged",
    b"\xff\xfe\xfa": "facts.json in it is damaged",
    b"[" * 10**5: "facts.json in it is damaged",
    b"9" * 5000: "facts.json in it is damaged",
}


@pytest.mark.parametrize("words", PROGRESS_CHANGES)
def test_progress_of_another_form_is_named(tmp_path, words):
    save(tmp_path, made())
    changed = PROGRESS_CHANGES[words]
    rewritten(
        tmp_path / NAMES[0], progress=lambda text: json.dumps(json.loads(text) | changed).encode()
    )
    sentence = failure(tmp_path).replace("`", "")
    assert words.split(" - ")[0] in sentence
    assert words.split(" - ")[-1] in sentence


def test_a_checkpoint_of_the_first_format_goes_on_as_one_without_changes(tmp_path):
    network, data = Network((Input(1, 8, 8), FullyConnected(4))), (blobs(64), blobs(8))
    run = Trainer(Model(network, 0), *data, Recipe(epochs=3))
    next(run.run())
    save(tmp_path, dataclasses.replace(made(), state=run.state()))
    rewritten(tmp_path / NAMES[0], progress=_first, facts=_without_changes)
    found = load(tmp_path)
    assert found is not None
    other = Trainer(Model(network, 1), *data, Recipe(epochs=3))
    other.restore(found.state)
    assert other.changes == ()
    assert other.model.state.tobytes() == run.model.state.tobytes()


def _without_changes(text):
    facts = json.loads(text)
    del facts["run"]["changes"]
    return json.dumps(facts).encode()


def _first(text):
    progress = json.loads(text)
    del progress["changed"]
    return json.dumps(progress | {"version": 1}).encode()


def test_a_curve_of_another_form_is_named(tmp_path):
    save(tmp_path, dataclasses.replace(made(), curve=np.zeros(3)))
    assert "what should be its curve holds no points" in failure(tmp_path)


@pytest.mark.parametrize("text", FACTS_CHANGES, ids=range(len(FACTS_CHANGES)))
def test_facts_of_another_form_are_named(tmp_path, text):
    save(tmp_path, made())
    rewritten(tmp_path / NAMES[0], facts=lambda _text: text)
    assert FACTS_CHANGES[text] in failure(tmp_path)


def test_states_and_projects_of_another_form_are_named(two):
    rewritten(two / NAMES[0], state=lambda data: data[:-1])
    rewritten(two / NAMES[1], project=lambda text: text.replace(b"FullyConnected", b"Nothing"))
    sentence = failure(two)
    assert "state.safetensors in it is damaged" in sentence
    assert "Nothing" in sentence


def test_a_state_that_unpacks_to_more_than_its_file_is_not_read(tmp_path):
    save(tmp_path, made())
    path = tmp_path / NAMES[0]
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["state.safetensors"] = b"\0" * 2**22
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert "state.safetensors in it has 4,194,304 bytes" in failure(tmp_path)


# ---- crashes and full disks


class Crash(BaseException):
    """The process ends here."""


OPERATIONS = (
    "cnnstudio.network.archive.zipfile.ZipFile",
    "cnnstudio.network.archive.zipfile.ZipFile.writestr",
    "cnnstudio.network.atomic.shutil.copymode",
    "cnnstudio.network.atomic.os.fsync",
    "os.replace",
    "cnnstudio.network.atomic.os.open",
    "cnnstudio.network.atomic.os.close",
)


@pytest.mark.parametrize("call", [1, 2, 3])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_crash_at_any_file_operation_leaves_a_whole_generation(two, operation, call):
    before = contents(two)
    happens = pytest.raises(Crash) if call == 1 else contextlib.suppress(Crash)
    with happens, crashing(operation, call):
        save(two, made(3))
    after = contents(two)
    assert after[NAMES[1]] == before[NAMES[1]]
    found = load(two)
    assert found.warnings == ()
    assert_same(found, made(found.number))
    assert found.number == (2 if after[NAMES[0]] == before[NAMES[0]] else 3)
    prepare(two)
    assert set(contents(two)) == set(NAMES)
    save(two, made(found.number + 1))
    assert_same(load(two), made(found.number + 1))


@contextlib.contextmanager
def crashing(operation: str, call: int):
    """The process dies at that call: nothing is cleaned up after it."""
    calls = 0
    with pytest.MonkeyPatch.context() as patch:
        target, name = operation.rsplit(".", 1)
        original = getattr(resolve(target), name)

        def counted(*args, **options):
            nonlocal calls
            calls += 1
            if calls == call:
                patch.setattr(Path, "unlink", lambda *_args, **_options: None)
                raise Crash
            return original(*args, **options)

        patch.setattr(resolve(target), name, counted)
        yield


def resolve(name: str) -> object:
    parts = name.split(".")
    for size in range(len(parts), 0, -1):
        with contextlib.suppress(ImportError):
            found = importlib.import_module(".".join(parts[:size]))
            for part in parts[size:]:
                found = getattr(found, part)
            return found
    raise AssertionError(name)


@pytest.mark.parametrize("operation", OPERATIONS[1:5])
def test_a_disk_that_is_full_is_one_sentence_and_changes_nothing(two, monkeypatch, operation):
    before = contents(two)

    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    target, name = operation.rsplit(".", 1)
    monkeypatch.setattr(resolve(target), name, full)
    with pytest.raises(CnnFileError) as caught:
        save(two, made(3))
    assert str(caught.value) == (
        f"{two / NAMES[0]} cannot be written: No space left on device. The old file is unchanged."
    )
    assert contents(two) == before


# ---- what may differ


def changed(run: Run = RUN, **recipe: object) -> Run:
    project = dataclasses.replace(run.project, recipe=run.project.recipe.with_values(**recipe))
    return dataclasses.replace(run, project=project)


def of_network(network: Network) -> Run:
    return dataclasses.replace(RUN, project=dataclasses.replace(RUN.project, network=network))


def test_the_same_run_may_go_on():
    assert list(conflicts(RUN, RUN)) == []
    elsewhere = dataclasses.replace(RUN.project, data="elsewhere", name="other words")
    assert list(conflicts(RUN, dataclasses.replace(RUN, project=elsewhere))) == []


def test_another_recipe_is_another_run():
    (words,) = conflicts(RUN, changed(batch_size=32))
    assert words == "'Batch size' was 64 and is 32, so that its steps would be others"
    words = " ".join(conflicts(RUN, changed(optimizer="sgd", seed=4)))
    assert "'Optimizer' was adam and is sgd" in words
    assert "'Seed' was 0 and is 4" in words


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "one_cycle"])
def test_epochs_may_be_added_where_the_learning_rate_does_not_depend_on_them(schedule):
    words = list(conflicts(changed(schedule=schedule), changed(schedule=schedule, epochs=9)))
    if schedule in ("constant", "step"):
        assert words == []
    else:
        assert words == [
            "'Epochs' was 3 and is 9, and the learning rate of the schedule "
            f"{schedule} depends on it"
        ]


def test_another_network_is_another_run():
    first = of_network(Network((Input(), Conv2D(6, 5), FullyConnected(10))))
    for blocks, expected in (
        ((Input(), FullyConnected(10)), "the network had 3 blocks and has 2"),
        ((Input(), Conv2D(7, 5), FullyConnected(10)), "'Filters' of CONV 1 was 6 and is 7"),
        ((Input(), MaxPool2D(), FullyConnected(10)), "CONV 1 of the network is now POOL 1"),
    ):
        assert list(conflicts(first, of_network(Network(blocks)))) == [expected]


def test_other_blocks_inside_a_block_are_another_run():
    first, second = (
        of_network(Network((Input(), Residual((Conv2D(filters, 3, padding="same"),)))))
        for filters in (1, 2)
    )
    (words,) = conflicts(first, second)
    assert words == "'Row' of RESIDUAL 1 changed"


def test_other_pictures_are_another_run():
    train, validation = blobs(64), blobs(8)
    others = {
        "it trained with 64 pictures, and there are 60": (train[:60], validation),
        "8 pictures were kept aside, and there are 7": (train, validation[1:]),
        "the pictures are others": (train[np.arange(64)[::-1]], validation),
    }
    pixels, labels = train.pixels.copy(), train.labels.copy()
    pixels[-1, -1, -1, -1] ^= 1
    labels[0] = (labels[0] + 1) % 4
    pairs = [(words, images) for words, images in others.items()]
    pairs += [("the pictures are others", (Images(pixels, train.labels), validation))]
    pairs += [("the pictures are others", (Images(train.pixels, labels), validation))]
    for words, images in pairs:
        now = dataclasses.replace(RUN, pictures=fingerprint(*images))
        assert list(conflicts(RUN, now)) == [words]


def test_another_environment_is_said_with_what_it_was():
    now = RUN.environment
    assert environment.differences(now, now) == []
    for name in now.__struct_fields__:
        other = msgspec.structs.replace(now, **{name: 1 if name == "threads" else "other"})
        (sentence,) = environment.differences(other, now)
        assert sentence.endswith(f"was {getattr(other, name)} and is {getattr(now, name)}.")
        assert "differ in the last bits" in sentence


def test_the_environment_names_what_decides_bits():
    now = environment.present(3)
    assert now.threads == 3
    assert now.numpy == np.__version__
    assert all(getattr(now, name) for name in now.__struct_fields__)
