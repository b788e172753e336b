"""Project files: saved and loaded without loss, and one sentence for every way to be broken."""

from __future__ import annotations

import dataclasses
import io
import json
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnnstudio.blocks import Conv2D, Dropout, FullyConnected, Input, MaxPool2D
from cnnstudio.engine.trainer import EpochResult
from cnnstudio.errors import CnnFileError, SettingError
from cnnstudio.network import Network, Recipe, check, project_file, schema, templates, weights
from cnnstudio.network.project_file import Project, load, save
from tests.strategies import any_of, networks

NETWORK = Network(
    (Input(height=8, width=8), Conv2D(2, 3, activation="relu"), MaxPool2D(), FullyConnected(3))
)
EPOCH = {
    "epoch": 1,
    "train_loss": 0.5,
    "train_accuracy": 0.75,
    "validation_loss": None,
    "validation_accuracy": 0.5,
    "seconds": 2.0,
    "images_per_second": 100.0,
}
CHANGE = {
    "position": 1.5,
    "values": {"learning_rate": 0.001, "batch_size": 32},
    "before": {"learning_rate": 0.01, "batch_size": 64},
    "remark": "Back to the weights of epoch 1.20",
}
PNG = b"\x89PNG\r\n\x1a\n and so on"


def trained(network: Network = NETWORK, dtype: type = np.float32) -> Project:
    """A project with every member filled."""
    generator = np.random.default_rng(0)
    arrays = {
        name: generator.normal(size=shape).astype(dtype)
        for name, shape in weights.shapes(network).items()
    }
    return Project(
        network,
        Recipe(epochs=3),
        arrays,
        (EPOCH,),
        PNG,
        "Mine",
        "mnist",
        "A test network.",
        (CHANGE,),
    )


def assert_same(got: Project, expected: Project) -> None:
    for name in {field.name for field in dataclasses.fields(Project)} - {"weights"}:
        assert getattr(got, name) == getattr(expected, name)
    assert (got.weights is None) == (expected.weights is None)
    if got.weights is not None and expected.weights is not None:
        assert got.weights.keys() == expected.weights.keys()
        for name, array in expected.weights.items():
            assert got.weights[name].dtype == array.dtype
            np.testing.assert_array_equal(got.weights[name], array)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_everything_comes_back(tmp_path, dtype):
    project = trained(dtype=dtype)
    save(project, tmp_path / "a.cnn")
    assert_same(load(tmp_path / "a.cnn"), project)


def test_an_untrained_project_has_only_its_text(tmp_path):
    save(Project(NETWORK), tmp_path / "a.cnn")
    assert zipfile.ZipFile(tmp_path / "a.cnn").namelist() == ["project.json"]
    assert_same(load(tmp_path / "a.cnn"), Project(NETWORK))


def test_a_network_alone_can_be_saved(tmp_path):
    save(NETWORK, tmp_path / "a.cnn")
    assert load(tmp_path / "a.cnn") == Project(NETWORK)


def test_json_holds_the_network_and_recipe_alone(tmp_path):
    project = trained()
    save(project, tmp_path / "a.json")
    got = load(tmp_path / "a.json")
    assert got.weights is None
    assert (got.network, got.recipe, got.name) == (project.network, project.recipe, "Mine")


def test_a_network_that_does_not_fit_can_be_saved_untrained(tmp_path):
    network = Network((Input(), FullyConnected(3), Conv2D(2, 3)))
    save(Project(network), tmp_path / "a.cnn")
    assert load(tmp_path / "a.cnn").network == network


def test_equal_projects_are_equal_files(tmp_path):
    for name in ("a.cnn", "b.cnn"):
        save(trained(), tmp_path / name)
    assert (tmp_path / "a.cnn").read_bytes() == (tmp_path / "b.cnn").read_bytes()


settings_of_a_recipe = any_of(Recipe).map(Recipe.values)
changes = st.builds(
    lambda position, values, before, remark: {
        "position": position,
        "values": {name: values[name] for name in values.keys() & before.keys()},
        "before": {name: before[name] for name in values.keys() & before.keys()},
        "remark": remark,
    },
    st.floats(0, 1e6),
    settings_of_a_recipe,
    settings_of_a_recipe,
    st.text(max_size=20),
)
projects = st.builds(
    Project,
    network=networks(),
    recipe=any_of(Recipe),
    name=st.text(max_size=20),
    description=st.text(max_size=20),
    data=st.text(max_size=20),
    preview=st.none() | st.binary(max_size=20).map(lambda rest: PNG + rest),
    history=st.lists(st.just(EPOCH), max_size=3).map(tuple),
    changes=st.lists(changes, max_size=3).map(tuple),
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(projects, st.sampled_from([".cnn", ".json"]))
def test_saving_and_loading_is_identity_for_any_document(tmp_path_factory, project, suffix):
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    save(project, path)
    if suffix == ".json":
        project = Project(
            project.network,
            project.recipe,
            name=project.name,
            data=project.data,
            description=project.description,
        )
    assert_same(load(path), project)


@st.composite
def mutations(draw, sizes):
    """Some bytes changed, and maybe the end cut off, of one of the files."""
    which = draw(st.integers(0, len(sizes) - 1))
    place = st.integers(0, sizes[which] - 1)
    changes = draw(st.lists(st.tuples(place, st.integers(0, 255)), max_size=8))
    return which, changes, draw(st.just(0) | place)


@pytest.fixture(scope="module")
def good_files(tmp_path_factory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("good")
    for name, project in (("a.cnn", trained()), ("b.cnn", Project(NETWORK)), ("c.json", trained())):
        save(project, folder / name)
    return [path.read_bytes() for path in sorted(folder.iterdir())]


@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_bytes_give_nothing_but_a_file_error(tmp_path_factory, good_files, data):
    which, changes, lost = data.draw(mutations([len(good) for good in good_files]))
    content = bytearray(good_files[which])
    for place, value in changes:
        content[place] = value
    path = tmp_path_factory.getbasetemp() / "damaged.cnn"
    path.write_bytes(bytes(content[: len(content) - lost]))
    message = failure_of(load, path)
    assert not message or (message.startswith("damaged.cnn") and "\n" not in message)


def failure_of(function, *args: object) -> str:
    """The sentence of the CnnFileError, empty when there was none; anything else passes through."""
    try:
        function(*args)
    except CnnFileError as error:
        return str(error)
    return ""


@settings(max_examples=300)
@given(data=st.data())
def test_damaged_weights_give_nothing_but_a_file_error(data):
    good = weights.encode(trained().weights or {}, NETWORK)
    _, changes, lost = data.draw(mutations([min(len(good), 400)]))
    content = bytearray(good)
    for place, value in changes:
        content[place] = value
    failure_of(weights.decode, bytes(content[: len(content) - lost]), NETWORK)


def archive_of(**changes: bytes | None) -> bytes:
    """A good archive with some members replaced, added or (None) left out."""
    target = io.BytesIO()
    project = trained()
    members: dict[str, bytes | None] = {
        "project.json": schema.encode(project_file.to_record(project)),
        "weights.safetensors": weights.encode(project.weights, NETWORK),
    }
    members |= {name.replace("__", "."): content for name, content in changes.items()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            if content is not None:
                archive.writestr(name, content)
    return target.getvalue()


def text_with(**changes: object) -> bytes:
    record = project_file.to_record(Project(NETWORK))
    record.update(changes)
    return json.dumps(record).encode()


def blocks(*entries: object) -> dict[str, object]:
    return {"blocks": [{"type": "Input", "settings": {}}, *entries]}


def changed(**fields: object) -> bytes:
    return json.dumps([CHANGE | fields]).encode()


def weights_of(**arrays: np.ndarray) -> bytes:
    import safetensors.numpy

    good = dict(trained().weights or {})
    changes = {name.replace("__", "."): array for name, array in arrays.items()}
    merged = {name: array for name, array in (good | changes).items() if array is not None}
    return safetensors.numpy.save(merged)


def test_the_helper_makes_good_archives(tmp_path):
    (tmp_path / "a.cnn").write_bytes(archive_of())
    assert load(tmp_path / "a.cnn").weights is not None


GOOD = archive_of()
FAULTS = {
    "empty": (b"", "it is empty"),
    "foreign": (b"\x7fELF....", "neither a project of CNN Studio nor a network in JSON"),
    "text": (b"hello", "neither a project"),
    "foreign zip": (archive_of(evil__txt=b"x"), "it holds 'evil.txt'"),
    "path in a member": (archive_of(**{"../x": b"x"}), "it holds '../x'"),
    "cut zip": (GOOD[: len(GOOD) // 2], "damaged or cut short"),
    "only PK": (b"PK\3\4", "damaged or cut short"),
    "no project": (archive_of(project__json=None), "project.json is missing"),
    "damaged json": (b'{"format": ', "its JSON is damaged"),
    "malformed json": (b'{"format": x}', "its JSON is damaged: invalid character"),
    "field of two lines": (text_with(**{"a\nb": 1}), "unknown field a b"),
    "empty json": (b"{}", "it is JSON, but no project of CNN Studio .it has no 'format'."),
    "other json": (b'{"blocks": 3}', "it is JSON, but no project of CNN Studio"),
    "no version": (b'{"format": "cnnstudio"}', "there is no format 0"),
    "json list": (b"[1]", "neither a project"),
    "deep json": (b'{"a":' + b"[" * 100_000, "its JSON is damaged"),
    "not utf-8": (b'{"format": "\xff\xfe"}', "cannot be opened"),
    "other format": (text_with(format="keras"), "no project of CNN Studio, but of 'keras'"),
    "newer": (text_with(version=99), "written by a newer CNN Studio .format 99.* update"),
    "older than any": (text_with(version=0), "there is no format 0"),
    "unknown field": (text_with(shell="rm"), "unknown field shell"),
    "wrong type": (text_with(name=3), r"expected str, got int - at \$.name"),
    "no blocks": (text_with(network={"blocks": []}), "begins with one Input block"),
    "unknown block": (
        text_with(network=blocks({"type": "Magic"})),
        "block 2 is wrong: There is no block type 'Magic'",
    ),
    "unknown setting": (
        text_with(network=blocks({"type": "Conv2D", "settings": {"x": 1}})),
        "block 2 is wrong: Conv2D has no setting 'x'",
    ),
    "setting missing": (
        text_with(network=blocks({"type": "Conv2D", "settings": {"filters": 1}})),
        "Conv2D needs the setting 'kernel'",
    ),
    "setting out of range": (
        text_with(network=blocks({"type": "FullyConnected", "settings": {"units": -3}})),
        "block 2 is wrong: Units must be a whole number from 1 to 65,536, not -3",
    ),
    "huge number": (
        text_with(network=blocks({"type": "FullyConnected", "settings": {"units": 10**30}})),
        "cannot be opened",
    ),
    "two inputs": (text_with(network=blocks({"type": "Input"})), "has no other"),
    "recipe": (text_with(recipe={"epochs": 0}), "the recipe is wrong: Epochs must be"),
    "recipe's field": (text_with(recipe={"speed": 1}), "Recipe has no setting 'speed'"),
    "weights damaged": (archive_of(weights__safetensors=b"12345678"), "weights are damaged"),
    "weights empty": (archive_of(weights__safetensors=b""), "weights are damaged"),
    "weights lack": (
        archive_of(weights__safetensors=weights_of(fc1__bias=None)),
        "its weights lack fc1.bias",
    ),
    "weights foreign": (
        archive_of(weights__safetensors=weights_of(fc9__bias=np.zeros(2, np.float32))),
        "hold fc9.bias, which the network does not have",
    ),
    "weights' shape": (
        archive_of(weights__safetensors=weights_of(fc1__bias=np.zeros((3, 2), np.float32))),
        "fc1.bias in its weights has the shape 3x2, but the network needs 3",
    ),
    "weights' type": (
        archive_of(weights__safetensors=weights_of(fc1__bias=np.zeros(3, np.int32))),
        "fc1.bias in its weights is of the type I32",
    ),
    "weights without fit": (
        archive_of(project__json=text_with(network=blocks({"type": "Conv2D", "settings": {
            "filters": 1, "kernel": 99}}))),
        "it has weights, but its network does not fit together",
    ),
    "history": (archive_of(history__json=b'[{"epoch": "x"}]'), "expected int, got str"),
    "changes": (archive_of(changes__json=b'[{"position": -1}]'), "expected float >= 0"),
    "curve damaged": (archive_of(curve__safetensors=b"12345678"), "its curve is damaged"),
    "curve of nothing": (
        archive_of(curve__safetensors=weights_of(fc1__bias=np.zeros(3, np.float32))),
        "what should be its curve holds no points",
    ),
    "curve too large": (
        archive_of(curve__safetensors=bytes(2**23 + 1)),
        "curve.safetensors in it has 8,388,609 bytes",
    ),
    "recipe that it was trained by": (
        text_with(trained_by={"epochs": 0}),
        "the recipe is wrong: Epochs must be",
    ),
    "changes of no setting": (
        archive_of(changes__json=changed(values={"speed": 1}, before={"speed": 2})),
        "Recipe has no setting 'speed'",
    ),
    "changes from nothing": (
        archive_of(changes__json=changed(before={})),
        "the change at epoch 1.50 names other settings before and after",
    ),
    "changes out of range": (
        archive_of(changes__json=changed(values={"batch_size": 0}, before={"batch_size": 8})),
        "the recipe is wrong: Batch size must be",
    ),
    "newer with more in it": (
        archive_of(project__json=text_with(version=99), thoughts__json=b"[]"),
        "written by a newer CNN Studio",
    ),
    "preview": (archive_of(preview__png=b"GIF89a"), "preview.png in it is no PNG picture"),
    "weights bomb": (
        archive_of(weights__safetensors=bytes(2**24)),
        "weights.safetensors in it has 16,777,216 bytes, where at most",
    ),
    "text bomb": (archive_of(project__json=b" " * 2**25), "it has 33,554,432 bytes, where at most"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_one_sentence_with_the_files_name(tmp_path, fault):
    content, words = FAULTS[fault]
    path = tmp_path / "mine.cnn"
    path.write_bytes(content)
    with pytest.raises(CnnFileError, match=words) as caught:
        load(path)
    assert str(caught.value).startswith("mine.cnn cannot be opened: ")
    assert str(caught.value).endswith(".")
    assert not str(caught.value).endswith("..")
    assert "\n" not in str(caught.value)


def test_a_member_twice_is_refused(tmp_path):
    path = tmp_path / "a.cnn"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("project.json", b"{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("project.json", b"{}")
    with pytest.raises(CnnFileError, match=r"it holds project\.json twice"):
        load(path)


def test_an_encrypted_member_is_refused(tmp_path):
    content = bytearray(GOOD)
    content[content.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "a.cnn").write_bytes(content)
    with pytest.raises(CnnFileError, match="encrypted or packed"):
        load(tmp_path / "a.cnn")


def test_a_table_that_begins_before_the_file_is_refused(tmp_path):
    content = bytearray(GOOD)
    place = content.index(b"PK\5\6")
    content[place + 16 : place + 20] = (2**31).to_bytes(4, "little")
    (tmp_path / "a.cnn").write_bytes(content)
    with pytest.raises(CnnFileError, match=r"a\.cnn cannot be opened: .* damaged or cut short"):
        load(tmp_path / "a.cnn")


def test_a_member_that_lies_about_its_size_is_not_unpacked(tmp_path):
    content = bytearray(archive_of(project__json=b" " * 2**28))
    size = (2**28).to_bytes(4, "little")
    while (place := content.find(size)) >= 0:
        content[place : place + 4] = (100).to_bytes(4, "little")
    (tmp_path / "a.cnn").write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(CnnFileError, match=r"project\.json in it is damaged"):
            load(tmp_path / "a.cnn")
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()


def test_older_formats_are_brought_up_to_date(tmp_path, monkeypatch):
    def rename(record):
        record["name"] = record.pop("label")
        return record

    monkeypatch.setattr(schema, "VERSION", 2)
    monkeypatch.setattr(schema, "MIGRATIONS", {1: rename})
    (tmp_path / "a.json").write_bytes(text_with(version=1, label="Old"))
    assert load(tmp_path / "a.json").name == "Old"


def test_a_missing_file_and_a_folder_are_sentences(tmp_path):
    with pytest.raises(CnnFileError, match=r"none\.cnn cannot be read: No such file"):
        load(tmp_path / "none.cnn")
    with pytest.raises(CnnFileError, match="cannot be read"):
        load(tmp_path)


def test_a_preview_must_be_a_picture(tmp_path):
    with pytest.raises(CnnFileError, match=r"a\.cnn cannot be written: .* no PNG picture"):
        save(Project(NETWORK, preview=b"GIF89a"), tmp_path / "a.cnn")


def no_traces(folder: Path, *expected: str) -> bool:
    return sorted(path.name for path in folder.iterdir()) == sorted(expected)


@pytest.mark.parametrize("step", ["write", "flush", "replace"])
def test_a_failed_write_leaves_the_old_file_whole(tmp_path, monkeypatch, step):
    path = tmp_path / "a.cnn"
    save(trained(), path)
    before = path.read_bytes()

    def fail(*_args, **_options):
        raise OSError(28, "No space left on device")

    if step == "write":
        monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
    elif step == "flush":
        monkeypatch.setattr("os.fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(CnnFileError, match=r"No space left on device\. The old file is unchanged"):
        save(Project(NETWORK), path)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert no_traces(tmp_path, "a.cnn")


def test_an_interrupted_write_leaves_the_old_file_whole(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    save(trained(), path)
    before = path.read_bytes()
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        save(Project(NETWORK), path)
    assert path.read_bytes() == before
    assert no_traces(tmp_path, "a.json")


def test_targets_that_cannot_be_written_are_named(tmp_path, monkeypatch):
    (tmp_path / "folder.cnn").mkdir()
    with pytest.raises(CnnFileError, match=r"folder\.cnn cannot be written: it is a folder\."):
        save(Project(NETWORK), tmp_path / "folder.cnn")
    with pytest.raises(CnnFileError, match="there is no folder .*nowhere"):
        save(Project(NETWORK), tmp_path / "nowhere" / "a.cnn")
    with pytest.raises(CnnFileError, match=r"must end in \.cnn, or in \.json"):
        save(Project(NETWORK), tmp_path / "a.txt")
    (tmp_path / "locked.cnn").write_bytes(b"old")
    try:
        (tmp_path / "circle.cnn").symlink_to("circle.cnn")
    except OSError:
        pass  # this system makes no symbolic links
    else:
        with pytest.raises(CnnFileError, match=r"circle\.cnn cannot be written: .*link"):
            save(Project(NETWORK), tmp_path / "circle.cnn")
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(CnnFileError, match="it is write-protected. The old file is unchanged"):
        save(Project(NETWORK), tmp_path / "locked.cnn")
    assert (tmp_path / "locked.cnn").read_bytes() == b"old"


def test_weights_that_are_not_the_networks_are_not_saved(tmp_path):
    other = Network((Input(height=8, width=8), FullyConnected(3), Dropout()))
    with pytest.raises(CnnFileError, match=r"a\.cnn cannot be written: its weights hold conv1"):
        save(Project(other, weights=trained().weights), tmp_path / "a.cnn")
    assert no_traces(tmp_path)


def test_the_mode_and_the_link_of_the_old_file_stay(tmp_path):
    path, link = tmp_path / "a.cnn", tmp_path / "link.cnn"
    save(Project(NETWORK), path)
    path.chmod(0o640)
    try:
        link.symlink_to(path)
    except OSError:
        pytest.skip("this system makes no symbolic links")
    save(trained(), link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 in (0o640, 0o666)
    assert load(path).weights is not None


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_weights_in_pieces_are_the_file_of_safetensors(kind):
    arrays = {name: array.astype(kind) for name, array in (trained().weights or {}).items()}
    mixed = arrays | {name: array.astype("<f4") for name, array in list(arrays.items())[:2]}
    for weighted in (arrays, mixed):
        assert weights.encode(weighted, NETWORK) == safetensors.numpy.save(weighted)


def test_every_template_is_in_one_group():
    grouped = [name for _, names in templates.GROUPS for name in names]
    assert sorted(grouped) == sorted(templates.names())


def test_templates_say_what_the_sources_say():
    parameters = {
        "lecture": 63_802, "harley-original": 62_902, "lenet5": 61_706, "nielsen": 1_672_570
    }  # fmt: skip
    for template in templates.list_all():
        report = check(template.project.network, classes=10)
        assert report.ok
        assert template.title
        assert template.description.endswith(".")
        if template.name in parameters:
            assert report.parameters == parameters[template.name]
    assert set(parameters) < set(templates.names())


def test_every_template_file_is_listed():
    from cnnstudio import paths

    files = {path.stem for path in paths.resource("templates").iterdir()}
    assert files == set(templates.names())


def test_documents_are_files_or_templates(tmp_path, monkeypatch):
    assert templates.open_document("lecture").name == "Lecture network"
    save(Project(NETWORK, name="Mine"), tmp_path / "lecture.cnn")
    assert templates.open_document(str(tmp_path / "lecture.cnn")).name == "Mine"
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lecture.cnn").rename(tmp_path / "strange")
    assert templates.open_document("strange").name == "Mine"
    (tmp_path / "tiny").mkdir()
    assert templates.open_document("tiny") == templates.load("tiny")
    with pytest.raises(CnnFileError, match="no file and no template named 'lectur'; the templates"):
        templates.open_document("lectur")
    with pytest.raises(CnnFileError, match=r"none\.json cannot be read"):
        templates.open_document("none.json")


def test_settings_refuse_what_files_may_hold():
    """The schema lets lists of numbers through; the declarations decide."""
    with pytest.raises(SettingError):
        Conv2D(filters=[1, 2], kernel=3)  # type: ignore[arg-type]


def test_history_holds_what_the_trainer_tells():
    fields = tuple(field.name for field in dataclasses.fields(EpochResult))
    assert schema.EpochRecord.__struct_fields__ == fields


def test_the_curve_and_the_recipe_it_was_made_by_come_back(tmp_path: Path) -> None:
    points = np.random.default_rng(0).random((500, 5))
    used = Recipe(epochs=3, learning_rate=0.02)
    project = dataclasses.replace(trained(), curve=points, trained_by=used)
    save(project, tmp_path / "a.cnn")
    found = load(tmp_path / "a.cnn")
    assert found.curve.tobytes() == points.tobytes()
    assert found.trained_by == used
    save(dataclasses.replace(found, trained_by=found.recipe), tmp_path / "b.cnn")
    assert load(tmp_path / "b.cnn").trained_by is None, "it is its recipe"
    save(dataclasses.replace(found, weights=None, history=()), tmp_path / "c.cnn")
    assert load(tmp_path / "c.cnn").curve is None, "there is no curve of what is not trained"
