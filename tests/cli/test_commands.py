"""The command line: results on stdout, exit codes, one sentence for every error."""

from __future__ import annotations

import dataclasses
import json
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from cnnstudio import Model, cli, load, paths, save
from cnnstudio.blocks import Conv2D, FullyConnected, Input
from cnnstudio.blocks import settings as kinds
from cnnstudio.network import Network, Recipe, templates
from cnnstudio.network.project_file import Project

QUICK = ("--epochs", "1", "--limit", "640", "--validation", "50000", "--threads", "1")


@pytest.fixture(scope="module")
def trained(tmp_path_factory, small_data) -> Path:
    """The tiny network, trained for a moment."""
    out = tmp_path_factory.mktemp("trained") / "tiny.cnn"
    words = ["train", "tiny", "--data", str(small_data), "--validation", "200", "--epochs", "3"]
    assert cli.main([*words, "--out", str(out), "--json"]) == 0
    return out


def png_of(pixels: np.ndarray) -> bytes:
    """A grey PNG file of (H, W) bytes."""
    height, width = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def run(capsys, *words: object, code: int = 0) -> str:
    """Run a command that must end with `code`; what it printed as results."""
    assert cli.main([str(word) for word in words]) == code
    return capsys.readouterr().out


def fails(capsys, *words: object, code: int = 2) -> str:
    """Run a command that must fail with one sentence and no results; the sentence."""
    assert cli.main([str(word) for word in words]) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert "Traceback" not in captured.err
    return lines[0]


def objects(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


# ---- templates and check


def test_check_lecture_says_what_the_lecture_says(capsys):
    (report,) = objects(run(capsys, "check", "lecture", "--json"))
    assert (report["ok"], report["parameters"]) == (True, 63_802)
    assert report["multiply_adds"] == 418_600
    blocks = {block["name"]: block for block in report["blocks"]}
    assert [block["output_shape"] for block in report["blocks"]] == [
        [1, 32, 32], [6, 28, 28], [6, 14, 14], [16, 10, 10], [16, 5, 5], [120], [100], [10]
    ]  # fmt: skip
    fields = [blocks[name]["receptive_field"] for name in ("CONV 1", "POOL 1", "CONV 2", "POOL 2")]
    assert fields == [5, 6, 14, 16]
    assert [block["parameters"] for block in report["blocks"]] == [
        0, 156, 0, 2_416, 0, 48_120, 12_100, 1_010
    ]  # fmt: skip
    assert blocks["CONV 1"]["type"] == "Conv2D"
    assert all(block["problems"] == [] for block in report["blocks"])


def test_check_in_words(capsys):
    text = run(capsys, "check", "lecture")
    assert "CONV 1  6 @ 5x5 | stride 1 | ReLU" in text
    assert "It fits: 63,802 parameters, 418,600 multiply-adds." in text


def test_check_says_no_with_the_arithmetic_and_repairs(capsys, tmp_path):
    network = Network((Input(height=7, width=7), Conv2D(2, 3, stride=3), FullyConnected(10)))
    save(Project(network), tmp_path / "a.json")
    (report,) = objects(run(capsys, "check", tmp_path / "a.json", "--json", code=1))
    assert not report["ok"]
    _, conv, fc = report["blocks"]
    (problem,) = conv["problems"]
    assert problem["severity"] == "error"
    assert "(7 - 3) / 3 + 1 = 2.33" in problem["message"]
    assert "pad 1 -> 3x3" in problem["repairs"]
    assert conv["output_shape"] is None
    assert fc["output_shape"] is None
    text = run(capsys, "check", tmp_path / "a.json", code=1)
    assert "repair: pad 1 -> 3x3" in text
    assert "It does not fit" in text


def test_templates(capsys):
    text = run(capsys, "templates")
    assert [line.split()[0] for line in text.splitlines()] == list(templates.names())
    assert "63,802 parameters" in text
    records = {record["name"]: record for record in objects(run(capsys, "templates", "--json"))}
    assert records["nielsen"]["parameters"] == 1_672_570


# ---- train and evaluate


def test_train_reports_epochs_and_evaluate_gives_the_same(capsys, tmp_path, small_data):
    out = tmp_path / "a.cnn"
    words = ["train", "tiny", "--data", small_data, "--validation", 200, "--epochs", 2]
    *epochs, last = objects(run(capsys, *words, "--out", out, "--json"))
    assert [sorted(epoch) for epoch in epochs] == [
        sorted(
            ("epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy",
             "seconds", "images_per_second")
        )
    ] * 2  # fmt: skip
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]
    assert epochs[1]["train_loss"] < epochs[0]["train_loss"]
    assert set(last) == {"test_loss", "test_accuracy", "parameters", "out", "run"}
    assert (last["parameters"], last["out"]) == (3_098, str(out))
    (judged,) = objects(run(capsys, "evaluate", out, "--json"))
    assert judged["images"] == 300
    assert judged["test_accuracy"] == last["test_accuracy"]
    assert judged["test_loss"] == last["test_loss"]
    confusion = np.array(judged["confusion"])
    assert confusion.shape == (10, 10)
    assert np.trace(confusion) / 300 == last["test_accuracy"]
    saved = load(out)
    assert saved.recipe.epochs == 2
    assert [record["epoch"] for record in saved.history] == [1, 2]
    assert saved.history[0]["train_loss"] == epochs[0]["train_loss"]


@pytest.mark.parametrize("template", ["lecture", "nielsen"])
def test_the_same_seed_gives_the_same_file_but_for_the_clock(capsys, tmp_path, template):
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        options = ("--limit", 96, "--epochs", 1, "--batch-size", 64, "--validation", 50)
        run(capsys, "train", template, *options, "--seed", seed, "--out", tmp_path / f"{name}.cnn")
    a, b, c = (load(tmp_path / f"{name}.cnn").weights for name in "abc")
    assert all(np.array_equal(a[name], b[name]) for name in a)
    assert not all(np.array_equal(a[name], c[name]) for name in a)


def test_options_go_into_the_recipe(capsys, tmp_path):
    options = ["--optimizer", "momentum", "--momentum", "0.5", "--learning-rate", "0.01"]
    options += ["--batch-size", "32", "--seed", "7", *QUICK]
    text = run(capsys, "train", "tiny", *options, "--out", tmp_path / "a.cnn")
    assert text.startswith("epoch 1/1   loss ")
    assert "test accuracy" in text
    recipe = load(tmp_path / "a.cnn").recipe
    assert (recipe.optimizer, recipe.momentum, recipe.learning_rate) == ("momentum", 0.5, 0.01)
    assert (recipe.batch_size, recipe.seed, recipe.validation) == (32, 7, 50_000)


def test_training_goes_on_from_the_weights_of_the_file(capsys, tmp_path, trained):
    out = tmp_path / "more.cnn"
    assert cli.main(["train", str(trained), "--epochs", "1", "--out", str(out), "--json"]) == 0
    captured = capsys.readouterr()
    assert f"Going on from the weights in {trained}." in captured.err
    (epoch, _) = objects(captured.out)
    assert epoch["epoch"] == 4
    assert epoch["train_loss"] < load(trained).history[0]["train_loss"]
    assert [record["epoch"] for record in load(out).history] == [1, 2, 3, 4]


def test_training_goes_on_inside_the_epoch_that_the_file_was_left_in(capsys, tmp_path, trained):
    stopped, out = tmp_path / "stopped.cnn", tmp_path / "more.cnn"
    whole = load(trained)
    steps = len(whole.curve) // 3
    half = whole.curve[: 2 * steps + steps // 2]
    save(dataclasses.replace(whole, history=whole.history[:2], curve=half), stopped)
    (epoch, _) = objects(run(capsys, "train", stopped, "--epochs", 1, "--out", out, "--json"))
    assert epoch["epoch"] == 3
    assert load(out).curve[:, 0] == pytest.approx(whole.curve[:, 0])


def test_progress_goes_to_stderr(capsys):
    assert cli.main(["train", "tiny", "--json", *QUICK]) == 0
    captured = capsys.readouterr()
    assert "epoch 1/1" in captured.err
    assert len(objects(captured.out)) == 2


def test_without_validation_its_figures_are_null(capsys, small_data):
    words = ("train", "tiny", "--data", small_data, "--validation", 0, "--epochs", 1)
    epoch, _ = objects(run(capsys, *words, "--json"))
    assert epoch["validation_loss"] is None
    assert "validation" not in run(capsys, *words)


def test_a_data_folder_is_found_again_from_another_folder(
    capsys, tmp_path, monkeypatch, small_data
):
    monkeypatch.chdir(small_data.parent)
    out = tmp_path / "a.cnn"
    words = ("train", "tiny", "--data", small_data.name, "--validation", 200, "--epochs", 1)
    run(capsys, *words, "--out", out)
    monkeypatch.chdir(tmp_path)
    (judged,) = objects(run(capsys, "evaluate", out, "--json"))
    assert judged["images"] == 300
    assert load(out).data == str(small_data)


def test_evaluate_in_words(capsys, trained):
    text = run(capsys, "evaluate", trained)
    assert "on 300 test pictures" in text
    assert len(text.splitlines()) == 15


# ---- predict


def test_predict_reads_pictures_as_people_make_them(capsys, tmp_path, trained, mnist):
    files, labels = [], []
    for index in range(40):
        digit = mnist.test.pixels[index, 0]
        page = np.full((400, 300), 255, np.uint8)
        page[60:340, 10:290] = 255 - np.kron(digit, np.ones((10, 10), np.uint8))
        files.append(tmp_path / f"{index}.png")
        files[-1].write_bytes(png_of(page))
        labels.append(int(mnist.test.labels[index]))
    records = objects(run(capsys, "predict", trained, *files, "--json"))
    assert [record["file"] for record in records] == [str(file) for file in files]
    assert sum(record["label"] == label for record, label in zip(records, labels)) >= 30  # noqa: B905
    for record in records:
        assert len(record["probabilities"]) == 10
        assert sum(record["probabilities"]) == pytest.approx(1, abs=1e-5)
        assert np.argmax(record["probabilities"]) == record["label"]
    text = run(capsys, "predict", trained, files[0])
    assert text.startswith(f"{files[0]}: ")


def test_a_picture_in_mnists_form_is_taken_as_it_is(capsys, tmp_path, trained, mnist):
    from cnnstudio.data.preprocess import to_float
    from cnnstudio.engine.model import Model

    (tmp_path / "a.png").write_bytes(png_of(mnist.test.pixels[3, 0]))
    (record,) = objects(run(capsys, "predict", trained, tmp_path / "a.png", "--json"))
    project = load(trained)
    model = Model(project.network)
    model.load(project.weights)
    expected = model.probabilities(to_float(mnist.test.pixels[3:4]))[0]
    np.testing.assert_allclose(record["probabilities"], expected, atol=1e-6)


def test_predict_names_the_picture_that_is_wrong(capsys, tmp_path, trained, mnist):
    (tmp_path / "good.png").write_bytes(png_of(mnist.test.pixels[0, 0]))
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "white.png").write_bytes(png_of(np.full((50, 50), 255, np.uint8)))
    for name, words in (("text", "This is no picture"), ("white", "is blank"), ("none", "No such")):
        sentence = fails(
            capsys, "predict", trained, tmp_path / "good.png", tmp_path / f"{name}.png"
        )
        assert f"{name}.png" in sentence
        assert words in sentence


# ---- export


def test_export_says_how_well_it_agrees(capsys, tmp_path, trained):
    for suffix in ("onnx", "npz", "safetensors"):
        text = run(capsys, "export", trained, tmp_path / f"a.{suffix}")
        assert f"a.{suffix}: " in text
        assert "agrees with the engine on 32 real pictures" in text


def test_export_of_an_untrained_network_says_so(capsys, tmp_path):
    assert cli.main(["export", "tiny", str(tmp_path / "a.npz")]) == 0
    assert "tiny is not trained; its random starting weights" in capsys.readouterr().err


def test_export_needs_no_pictures(capsys, tmp_path, trained):
    """A folder of pictures may be on another machine by now."""
    path = tmp_path / "a.cnn"
    save(dataclasses.replace(load(trained), data=str(tmp_path / "gone")), path)
    assert cli.main(["export", str(path), str(tmp_path / "a.onnx")]) == 0
    captured = capsys.readouterr()
    assert "agrees with the engine on 32 pictures of noise" in captured.out
    assert captured.err == (
        f"There is no data set '{tmp_path / 'gone'}'; there is mnist, or give a folder with the "
        "four files of MNIST's form. Pictures of noise are used to verify the file.\n"
    )
    assert (tmp_path / "a.onnx").is_file()


def test_a_network_for_other_pictures_is_exported_too(capsys, tmp_path):
    save(Network((Input(3, 9, 12), Conv2D(2, 3))), tmp_path / "a.json")
    assert cli.main(["export", str(tmp_path / "a.json"), str(tmp_path / "a.onnx")]) == 0
    assert "agrees with the engine on 32 pictures of noise" in capsys.readouterr().out


# ---- what can be wrong


def test_damaged_projects_are_one_sentence_for_every_command(capsys, tmp_path, trained):
    good = trained.read_bytes()
    damaged = {
        "empty.cnn": b"",
        "cut.cnn": good[: len(good) // 2],
        "foreign.cnn": b"\x7fELF\x02\x01\x01",
        "broken.cnn": good[:200] + b"\0" * 50 + good[250:],
        "broken.json": b'{"format": "cnnstudio", "version": 1, "network": [}',
        "wrong.json": b'{"format": "cnnstudio", "version": 1, "network": {"blocks": 3}}',
    }
    for name, content in damaged.items():
        path = tmp_path / name
        path.write_bytes(content)
        for command in (["check"], ["train"], ["evaluate"], ["predict"], ["export"], []):
            rest = {"predict": ["a.png"], "export": [tmp_path / "a.onnx"]}
            words = [*command, path, *rest.get(command[0] if command else "", [])]
            assert name in fails(capsys, *words)


@pytest.mark.parametrize("part", ["train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
def test_damaged_data_is_one_sentence(capsys, tmp_path, small_data, part):
    folder = shutil.copytree(small_data, tmp_path / "data")
    good = (folder / part).read_bytes()
    for content in (b"", good[:-20], b"hello", good[:30] + b"\0" * 9 + good[39:]):
        (folder / part).write_bytes(content)
        assert part in fails(capsys, "train", "tiny", "--data", folder)
    assert "no data set 'nothing'" in fails(capsys, "train", "tiny", "--data", "nothing")


def test_targets_are_checked_before_the_work(capsys, tmp_path):
    (tmp_path / "folder.cnn").mkdir()
    assert "it is a folder" in fails(capsys, "train", "tiny", "--out", tmp_path / "folder.cnn")
    assert "must end in .cnn" in fails(capsys, "train", "tiny", "--out", tmp_path / "a.txt")
    assert "no folder" in fails(capsys, "train", "tiny", "--out", tmp_path / "no" / "a.cnn")
    assert fails(capsys, "train", "tiny", "--out", tmp_path / "a.json") == (
        "a.json cannot be written: trained weights are saved in a file whose name ends in .cnn."
    )
    assert "a.pt cannot be exported" in fails(capsys, "export", "lecture", tmp_path / "a.pt")


def test_a_disk_that_fills_up_leaves_the_old_file(capsys, tmp_path, monkeypatch, trained):
    out = tmp_path / "a.cnn"
    shutil.copy(trained, out)
    before = out.read_bytes()

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    assert cli.main(["train", "tiny", "--json", *QUICK, "--out", str(out)]) == 2
    assert "No space left on device. The old file is unchanged." in capsys.readouterr().err
    assert out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["a.cnn"]


def test_a_network_that_does_not_fit_is_answered_with_1(capsys, tmp_path):
    network = Network((Input(), Conv2D(2, 3, stride=3, padding=(0, 1)), FullyConnected(10)))
    save(Project(network), tmp_path / "a.json")
    for words in (["train"], ["export"]):
        rest = [tmp_path / "a.npz"] if words == ["export"] else []
        sentence = fails(capsys, *words, tmp_path / "a.json", *rest, code=1)
        assert "CONV 1 does not fit: (28 - 3) / 3 + 1 = 9.33." in sentence


def test_data_that_does_not_belong_to_the_network(capsys, tmp_path):
    save(Project(Network((Input(height=32, width=32), FullyConnected(10)))), tmp_path / "a.json")
    sentence = fails(capsys, "train", tmp_path / "a.json")
    assert "are 28x28x1, but the network takes 32x32x1" in sentence
    save(Project(Network((Input(), FullyConnected(12)))), tmp_path / "b.json")
    sentence = fails(capsys, "train", tmp_path / "b.json")
    assert "gives 12 values, but the data has 10 classes" in sentence


def test_an_untrained_network_is_neither_evaluated_nor_asked(capsys):
    assert "tiny is not trained; train it first" in fails(capsys, "evaluate", "tiny")
    assert "tiny is not trained; train it first" in fails(capsys, "predict", "tiny", "a.png")


@pytest.mark.parametrize(
    ("last", "found"),
    [(FullyConnected(12), "12"), (FullyConnected(5), "5"), (Conv2D(10, 28), "10x1x1")],
)
def test_other_outputs_than_classes_are_neither_evaluated_nor_asked(capsys, tmp_path, last, found):
    network, path = Network((Input(), last)), tmp_path / "a.cnn"
    save(Project(network, weights=dict(Model(network).parameters)), path)
    for words in (["evaluate", path], ["predict", path, "a.png"]):
        sentence = fails(capsys, *words)
        assert f"a.cnn ends with {found} values, but the data has 10 classes" in sentence


def test_usage_is_one_sentence(capsys):
    cases = {
        ("check",): "required: FILE",
        ("check", "nothing"): "no file and no template named 'nothing'",
        ("train", "tiny", "--epochs", "many"): "invalid int value: 'many'",
        ("train", "tiny", "--epochs", "0"): "Epochs must be a whole number from 1",
        ("train", "tiny", "--limit", "0"): "0 is not a whole number from 1 up",
        ("train", "tiny", "--limit", "abc"): "--limit: abc is not a whole number from 1 up",
        ("train", "tiny", "--threads", "2.5"): "--threads: 2.5 is not a whole number from 1 up",
        ("train", "tiny", "--learning-rate", "nan"): "Learning rate must be a number",
        ("train", "tiny", "--optimizer", "magic"): "Optimizer must be one of sgd, momentum",
        ("train", "tiny", "--validation", "50001"): "Validation must be",
        ("train", "tiny", "--speed", "9"): (
            "cnnstudio train: unrecognized arguments: --speed 9 (see cnnstudio train --help)"
        ),
        ("runs", "compare", "a", "b", "c"): "arguments: c (see cnnstudio runs compare --help)",
        ("check", ""): "No file was named.",
        ("evaluate", " "): "No file was named.",
        ("",): "No file was named.",
        ("frobnicate", "tiny"): "'frobnicate' is no command; the commands are templates, check",
        ("--frobnicate",): "cnnstudio: ",
        ("no-such-file.cnn",): "no-such-file.cnn cannot be read: No such file or directory.",
        ("no-such-template",): "no file and no template named",
    }
    for words, expected in cases.items():
        assert expected in fails(capsys, *words)


def test_names_that_no_file_can_have(capsys, tmp_path):
    name = "a" * 300
    assert "no file and no template" in fails(capsys, "check", name)
    assert "no file and no template" in fails(capsys, name)
    assert "cannot be read" in fails(capsys, "check", f"{name}.cnn")
    assert "no data set" in fails(capsys, "train", "tiny", "--data", name)
    assert "cannot be written" in fails(capsys, "train", "tiny", "--out", f"{name}.cnn")
    assert "cannot be written" in fails(capsys, "export", "tiny", f"{name}.npz")


@pytest.mark.parametrize(
    "words",
    [
        ("check", "NAME"),
        ("check", "NAME.cnn"),
        ("NAME",),
        ("NAME", "tiny"),
        ("train", "tiny", "--out", "NAME"),
        ("train", "tiny", "--out", "NAME.cnn"),
        ("export", "tiny", "NAME.npz"),
    ],
)
def test_a_name_of_many_letters_is_not_printed_back(capsys, words):
    sentence = fails(capsys, *(each.replace("NAME", "a" * 90_000) for each in words))
    assert "a" * 50 in sentence
    assert len(sentence) < 400


def test_help_and_version(capsys):
    assert "check" in run(capsys, "--help")
    assert "--learning-rate" in run(capsys, "train", "--help")
    assert run(capsys, "--version") == "CNN Studio 0.1.0\n"


@pytest.mark.parametrize("name", Recipe.declarations())
def test_every_setting_of_the_recipe_is_an_option(capsys, tmp_path, name):
    """It is in the help with its words, reaches the recipe, and refuses a bad value."""
    setting, option = Recipe.declarations()[name], f"--{name.replace('_', '-')}"
    told = " ".join(run(capsys, "train", "--help").split())
    assert f" {option} " in told
    assert " ".join(setting.help.split()) in told
    assert f"{setting.label} must be " in fails(capsys, "train", "tiny", option, BAD[type(setting)])
    value = GOOD.get(name) or other_than_default(setting, name)
    options = {"--epochs": 1, "--limit": 64, "--validation": 50, "--threads": 1, option: value}
    given = [word for pair in options.items() for word in pair]
    run(capsys, "train", "tiny", *given, "--out", tmp_path / "a.cnn")
    assert getattr(load(tmp_path / "a.cnn").recipe, name) == value


BAD = {kinds.WholeNumber: -1, kinds.Fraction: -1.5, kinds.Choice: "nothing"}
"""For each kind of setting a value that none of them allows."""

GOOD = {"epochs": 2, "learning_rate": 0.02, "validation": 60}
"""Where a value in the middle of the range would take long or spoil everything."""


def other_than_default(setting: kinds.Setting, name: str) -> object:
    default = getattr(Recipe(), name)
    if isinstance(setting, kinds.Choice):
        return next(word for word in reversed(setting.options) if word != default)
    assert isinstance(setting, kinds.WholeNumber | kinds.Fraction)
    step = 1 if isinstance(setting, kinds.WholeNumber) else 2**-7
    return default + step if default + step <= setting.maximum else default - step


def test_too_little_memory_is_a_sentence(capsys, monkeypatch):
    from cnnstudio.commands import models

    def fail(*_args: object, **_options: object) -> None:
        raise MemoryError

    monkeypatch.setattr(models, "build", fail)
    assert "not enough memory" in fails(capsys, "train", "tiny")


def test_the_resources_hold_the_data_that_commands_use():
    assert paths.resource("mnist", "train-images-idx3-ubyte.gz").is_file()


# ---- weights that are no numbers


@pytest.mark.parametrize("value", [np.nan, np.inf, 3e38])
def test_lost_weights_are_told_in_one_sentence(capsys, tmp_path, mnist, value):
    """Regression: NaN passed for the digit 0, and its share of right ones for an accuracy."""
    model, path = Model(templates.load("tiny").network), tmp_path / "a.cnn"
    for weights in model.parameters.values():
        weights[...] = value
    save(Project(model.network, weights=dict(model.weights)), path)
    (tmp_path / "7.png").write_bytes(png_of(mnist.test.pixels[0, 0]))
    for words in (
        ("evaluate", path),
        ("predict", path, tmp_path / "7.png"),
        ("predict", path, tmp_path / "7.png", "--json"),
        ("export", path, tmp_path / "a.onnx"),
        ("export", path, tmp_path / "a.npz"),
    ):
        sentence = fails(capsys, *words)
        assert "began in CONV 1, whose" in sentence
        assert sentence.endswith("Train it from the start, with a smaller learning rate.")
    assert not (tmp_path / "a.onnx").exists()


def test_lost_weights_are_not_trained_on(capsys, tmp_path, small_data):
    """Regression: the last good weights were said to be in a file that held the lost ones."""
    model, path, out = Model(templates.load("tiny").network), tmp_path / "a.cnn", tmp_path / "b.cnn"
    model.parameters["fc1.bias"][0] = np.nan
    save(Project(model.network, weights=dict(model.weights)), path)
    words = ("train", path, "--data", small_data, "--validation", 200, "--out", out)
    assert cli.main([str(word) for word in words]) == 2
    told = capsys.readouterr().err
    assert "cannot go on from these weights: the bias of FC 1 is not finite." in told
    assert not out.exists()
