"""Worker processes as seen from outside: they end with their program, and nobody hears of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WAIT = 60.0
"""Seconds in which a process must have ended; on a busy machine that takes a moment."""

PROGRAM = """
import multiprocessing, sys
import numpy as np
from cnnstudio import Model
from cnnstudio.blocks import FullyConnected, Input
from cnnstudio.network import Network

def main():
    network = Network((Input(1, 4, 4), FullyConnected(3)))
    gradients = Model(network, threads=3, lanes="processes").gradients()
    pictures, labels = np.zeros((12, 1, 4, 4), np.uint8), np.zeros(12, np.uint8)
    gradients.compute(pictures, labels)
    print(*(process.pid for process in multiprocessing.active_children()), flush=True)
    {rest}

if __name__ == "__main__":
    main()
"""


def started(folder: Path, rest: str) -> subprocess.Popen[str]:
    file = folder / "program.py"
    file.write_text(PROGRAM.replace("{rest}", rest), "utf-8")
    return subprocess.Popen(
        [sys.executable, "-W", "error", str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


def is_running(pid: int) -> bool:
    """Whether there is such a process that is not waiting to be buried."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def ended(pids: list[int]) -> bool:
    limit = time.monotonic() + WAIT
    while any(map(is_running, pids)) and time.monotonic() < limit:
        time.sleep(0.01)
    return not any(map(is_running, pids))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(
    "rest", ["while True: gradients.compute(pictures, labels)", "import time; time.sleep(60)"]
)
def test_no_process_outlives_the_one_that_is_killed(tmp_path: Path, rest: str) -> None:
    program = started(tmp_path, rest)
    assert program.stdout is not None
    pids = [int(word) for word in program.stdout.readline().split()]
    assert len(pids) == 2
    assert all(map(is_running, pids))
    program.kill()
    _, errors = program.communicate(timeout=WAIT)
    assert ended(pids)
    assert errors == ""


@pytest.mark.skipif(sys.platform == "win32", reason="the processes are looked for by POSIX means")
@pytest.mark.parametrize("rest", ["pass", "gradients.rest()", "import os; os._exit(0)"])
def test_a_program_that_ends_leaves_nothing_and_says_nothing(tmp_path: Path, rest: str) -> None:
    before = memory_files()
    program = started(tmp_path, rest)
    output, errors = program.communicate(timeout=WAIT)
    assert program.returncode == 0, errors
    assert ended([int(word) for word in output.split()])
    assert errors == ""
    assert not {name for name in memory_files() - before if name.startswith(("pym", "psm", "sem."))}


def memory_files() -> set[str]:
    folder = Path("/dev/shm")
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are a matter of POSIX")
def test_ctrl_c_is_heard_by_the_program_alone(tmp_path: Path) -> None:
    """The terminal sends it to all processes; the workers must neither end nor complain."""
    rest = """
    import signal
    heard = []
    signal.signal(signal.SIGINT, lambda *_: heard.append(1))
    print("listening", flush=True)
    while not heard:
        gradients.compute(pictures, labels)
    before = {process.pid for process in multiprocessing.active_children()}
    for _ in range(20):
        gradients.compute(pictures, labels)
    print(*before, flush=True)
    """.strip()
    program = started(tmp_path, rest)
    assert program.stdout is not None
    pids = sorted(program.stdout.readline().split())
    assert program.stdout.readline() == "listening\n"
    os.killpg(program.pid, signal.SIGINT)
    output, errors = program.communicate(timeout=WAIT)
    assert sorted(output.split()) == pids
    assert errors == ""


def test_a_worker_loads_little() -> None:
    """It starts in a moment, and needs no screen."""
    program = (
        "import sys, cnnstudio.engine.processes, cnnstudio.engine.model\n"
        "heavy = {'PySide6', 'torch', 'onnx', 'pyqtgraph', 'safetensors', 'tqdm'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    words = [sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "[]\n"


FROZEN = """
import multiprocessing, multiprocessing.spawn, sys
if "-c" in sys.argv:  # the resource tracker; what freezes programs sees to this
    exec(sys.argv[sys.argv.index("-c") + 1])
    sys.exit()
sys.frozen = True
multiprocessing.set_executable({executable!r})
multiprocessing.freeze_support = multiprocessing.spawn.freeze_support  # as on Windows
from cnnstudio.cli import main
if "--multiprocessing-fork" not in sys.argv:
    from cnnstudio.engine import crew
    crew.Contest = lambda: None  # processes from the first step on
    plain = crew.Processes.compute
    def told(self, batch):
        scores = plain(self, batch)
        sys.stderr.write("by processes, ")
        return scores
    crew.Processes.compute = told
sys.exit(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for a frozen build is a script")
def test_a_frozen_build_starts_processes_too(tmp_path: Path) -> None:
    """There the program is its own interpreter, and is started again with other words."""
    executable, program = tmp_path / "cnnstudio", tmp_path / "program.py"
    executable.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{program}" "$@"\n', "utf-8")
    executable.chmod(0o755)
    program.write_text(FROZEN.format(executable=str(executable)), "utf-8")
    words = ["train", "lecture", "--limit", "640", "--batch-size", "64", "--epochs", "1"]
    done = subprocess.run(
        [executable, *words, "--threads", "2", "--validation", "100", "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 2
    assert done.stderr.count("by processes, ") == 10
    assert "Traceback" not in done.stderr
