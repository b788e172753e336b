"""The command line as a process: signals, pipes, missing PySide6, a quick start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnnstudio import cli, load, paths
from cnnstudio.runs.store import user_store

COMMAND = [sys.executable, "-m", "cnnstudio"]


def run(*words: object, **options: object) -> subprocess.CompletedProcess[str]:
    texts = [str(word) for word in words]
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [*COMMAND, *texts], capture_output=True, text=True, timeout=120, check=False, **options
    )


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )


def test_the_three_ways_in_are_the_same():
    first = run("check", "lecture", "--json")
    second = subprocess.run(
        [sys.executable, "main.py", "check", "lecture", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=os.path.dirname(os.path.dirname(os.path.dirname(__file__))),  # noqa: PTH120
    )
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == second.stdout != ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_keeps_what_was_learned(tmp_path):
    out = tmp_path / "a.cnn"
    process = subprocess.Popen(
        [*COMMAND, "train", "tiny", "--epochs", "500", "--json", "--out", str(out)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"Stopped; what was learned so far is in {out}." in errors
    assert "Traceback" not in errors
    saved = load(out)
    assert saved.weights is not None
    assert len(saved.history) >= 1
    (run,) = user_store().listing().runs
    assert (run.facts.ending, run.facts.epochs) == ("stopped", len(saved.history))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGPIPE")
def test_a_reader_that_leaves_is_no_error():
    process = subprocess.Popen(
        [*COMMAND, "train", "tiny", "--epochs", "3", "--limit", "640", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == cli.BROKEN_PIPE
    assert "BrokenPipe" not in errors
    assert "Traceback" not in errors


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a display is a matter of Linux")
def test_without_a_display_the_command_is_named():
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    result = run(env={name: text for name, text in os.environ.items() if name not in hidden})
    assert result.returncode == 2
    assert len(result.stderr.splitlines()) == 1
    assert "cnnstudio train lecture" in result.stderr


def test_without_pyside6_the_command_is_named():
    block = "import sys; sys.modules['PySide6'] = None\n"
    result = python(block + "from cnnstudio import cli; sys.exit(cli.main([]))")
    assert result.returncode == 2
    assert "The window cannot be opened, PySide6 is not usable here" in result.stderr
    assert "cnnstudio train lecture --epochs 4" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_a_console_commands_work_and_fail_with_their_code():
    """As of pythonw on Windows, where there is nothing to write to."""
    hide = "import sys; sys.stdout = sys.stderr = None\nfrom cnnstudio import cli\n"
    train = ["train", "tiny", "--epochs", "1", "--limit", "64", "--validation", "9"]
    for words, code in ((["check", "lecture", "--json"], 0), (train, 0), (["check", "nothing"], 2)):
        result = python(f"{hide}sys.exit(cli.main({words}))")
        assert (result.returncode, result.stdout, result.stderr) == (code, "", "")


def test_commands_need_no_pyside6_and_light_ones_no_engine():
    code = (
        "import sys; sys.modules['PySide6'] = None\n"
        "from cnnstudio import cli; code = cli.main(['check', 'lecture'])\n"
        "heavy = [m for m in ('torch', 'onnx', 'cnnstudio.engine') if m in sys.modules]\n"
        "sys.exit(code or ' '.join(heavy) or None)"
    )
    result = python(code)
    assert result.returncode == 0, result.stderr
    train = "['train', 'tiny', '--epochs', '1', '--limit', '64', '--validation', '9']"
    code = "import sys; sys.modules['PySide6'] = None\n"
    result = python(code + f"from cnnstudio import cli; sys.exit(cli.main({train}))")
    assert result.returncode == 0, result.stderr


def test_the_package_itself_is_light_and_complete():
    names = "Network, Model, check, load, save, datasets"
    code = (
        "import sys, cnnstudio\n"
        "assert 'numpy' not in sys.modules and 'msgspec' not in sys.modules\n"
        f"from cnnstudio import {names}\n"
        "assert check(load('lecture').network).parameters == 63802\n"
        "assert datasets.load and Model and save and Network\n"
        "assert set(cnnstudio.__all__) <= set(dir(cnnstudio))\n"
        "try: cnnstudio.nothing\n"
        "except AttributeError as error: assert 'nothing' in str(error)\n"
        "else: raise SystemExit(1)"
    )
    result = python(code)
    assert result.returncode == 0, result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are text")
def test_names_that_are_no_text_are_shown_all_the_same(tmp_path):
    out = os.fsencode(tmp_path) + b"/\xff.cnn"
    words = ["train", "tiny", "--epochs", "1", "--limit", "64", "--validation", "9", "--out", out]
    for extra in ([], ["--json"]):
        result = subprocess.run(
            [*COMMAND, *words, *extra], capture_output=True, timeout=120, check=False
        )
        assert result.returncode == 0, result.stderr
        assert b"udcff.cnn" in result.stdout
    assert os.listdir(os.fsencode(tmp_path)) == [b"\xff.cnn"]  # noqa: PTH208
    result = subprocess.run(
        [*COMMAND, "check", b"no\xff.cnn"], capture_output=True, timeout=120, check=False
    )
    assert result.returncode == 2
    assert b"Traceback" not in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are text")
def test_a_data_folder_whose_name_is_no_text_is_refused_before_the_work(tmp_path):
    folder = os.fsencode(tmp_path) + b"/\xff"
    os.symlink(os.fsencode(paths.resource("mnist")), folder)  # noqa: PTH211
    result = subprocess.run(
        [*COMMAND, "train", "tiny", "--data", folder], capture_output=True, timeout=120, check=False
    )
    assert result.returncode == 2
    assert result.stdout == b""
    assert result.stderr.count(b"\n") == 1
    assert b"/\\udcff' is no text" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_an_output_that_is_full_is_a_sentence(unbuffered):
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    for words in (["check", "lecture"], ["check", "lecture", "--json"]):
        with Path("/dev/full").open("w") as full:
            result = subprocess.run(
                [*COMMAND, *words],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=120,
                check=False,
                env=environment,
            )
        assert result.returncode == 2
        assert result.stderr == "The results cannot be written: No space left on device.\n"


def test_check_answers_quickly():
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        run("check", "lecture")
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 1.0
