"""A network in words wherever a FILE is, and printed again."""

from __future__ import annotations

import pytest

from cnnstudio import cli, load
from cnnstudio.blocks import Input
from cnnstudio.network import templates
from cnnstudio.network.text_form import read, write
from tests.cli.test_commands import fails, objects, run

TINY = "INPUT 28x28x1 > CONV 4@5x5 + RELU > POOL max 4x4 > FC 10"
LONG = "INPUT 28x28x1" + " > CONV 4@3x3 same + RELU" * 200 + " > FC 10"
"""More characters than a file's name may have."""


def test_check_takes_words(capsys):
    (report,) = objects(run(capsys, "check", TINY, "--json"))
    assert [block["output_shape"] for block in report["blocks"]] == [
        [1, 28, 28], [4, 24, 24], [4, 6, 6], [10]
    ]  # fmt: skip
    assert report["parameters"] == 104 + 1_450
    assert "It fits: 1,554 parameters" in run(capsys, "check", TINY)
    assert len(objects(run(capsys, "check", LONG, "--json"))[0]["blocks"]) == 202


def test_the_line_of_the_lecture_in_its_padded_size(capsys):
    line = (
        "INPUT 32x32x1 > CONV 6@5x5 + RELU > POOL max 2x2 > CONV 16@5x5 + RELU > POOL max 2x2 "
        "> FC 120 > FC 100 > FC 10"
    )
    assert "63,802 parameters, 418,600 multiply-adds" in run(capsys, "check", line)


@pytest.mark.parametrize("name", templates.names())
def test_a_template_in_words_is_the_template(capsys, name):
    line = run(capsys, "check", name, "--text").rstrip("\n")
    assert read(line) == templates.load(name).network
    assert run(capsys, "check", line, "--json") == run(capsys, "check", name, "--json")
    assert run(capsys, "check", line, "--text") == f"{line}\n"


def test_what_does_not_fit_is_printed_and_answered_with_1(capsys):
    line = "INPUT 7x7x1 > CONV 2@3x3 stride 3 > FC 10"
    assert run(capsys, "check", line, "--text", code=1) == f"{line}\n"


def test_words_are_trained_and_exported(capsys, tmp_path):
    out = tmp_path / "a.cnn"
    quick = ("--epochs", "1", "--limit", "256", "--validation", "0", "--threads", "1")
    run(capsys, "train", TINY, *quick, "--out", out)
    project = load(out)
    assert write(project.network) == TINY
    assert project.weights is not None
    assert cli.main(["export", TINY, str(tmp_path / "a.onnx")]) == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("The network is not trained; its random starting weights")
    assert (tmp_path / "a.onnx").stat().st_size > 1_000


@pytest.mark.parametrize("size", ["32x32x1", "30x32x1"])
def test_a_size_above_the_pictures_is_their_padding(capsys, tmp_path, size):
    out = tmp_path / "a.cnn"
    line = f"INPUT {size} > POOL max 2x2 > FC 10"
    quick = ("--epochs", "1", "--limit", "64", "--validation", "0", "--threads", "1")
    assert cli.main(["train", line, *quick, "--out", str(out)]) == 0
    given = load(out).network.input
    height = int(size[:2])
    assert given == Input(pad=((height - 28) // 2, 2))
    assert "The pictures of mnist are 28x28; read as INPUT 28x28x1 pad" in capsys.readouterr().err


@pytest.mark.parametrize("size", ["33x33x1", "20x20x1", "32x32x3"])
def test_a_size_that_no_padding_gives_is_refused(capsys, size):
    sentence = fails(capsys, "train", f"INPUT {size} > FC 10", "--epochs", "1")
    assert sentence.startswith("The pictures of mnist are 28x28x1, but the network takes")


@pytest.mark.parametrize("command", ["check", "train", "evaluate", "predict", "export", None])
def test_a_word_that_is_wrong_is_one_sentence_for_every_command(capsys, tmp_path, command):
    more = {"predict": ["a.png"], "export": [tmp_path / "a.onnx"]}.get(command, [])
    words = [command] if command else []
    sentence = fails(capsys, *words, "INPUT 28x28x1 > CONV 6@5y5 > FC 10", *more)
    assert sentence.startswith('Block 2 (character 22): kernel "5y5" is not understood; expected ')


def test_an_untrained_network_in_words_is_not_evaluated(capsys):
    sentence = fails(capsys, "evaluate", TINY)
    assert sentence == (
        f'The network is not trained; train it first: cnnstudio train "{TINY}" --out trained.cnn'
    )


def test_files_go_before_words(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fc 10").write_text("not a network")
    assert "fc 10 cannot be opened" in fails(capsys, "check", "fc 10")
    assert "There is no file and no template named 'flatten'" in fails(capsys, "check", "flatten")
    assert "conv 6.json cannot be read" in fails(capsys, "check", "conv 6.json")


def test_one_form_at_a_time(capsys):
    assert "not allowed with" in fails(capsys, "check", "lecture", "--json", "--text")
