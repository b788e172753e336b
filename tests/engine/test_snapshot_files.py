"""Snapshots on the disk: only new ones are written, within a budget, and damage costs one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from cnnstudio.engine.progress import EpochResult
from cnnstudio.engine.snapshot_files import SnapshotFiles, load
from cnnstudio.engine.snapshots import LARGEST, Snapshot, Snapshots

SIZE = 100
LIKE = np.zeros(SIZE, np.float32)


def snapshot(step: int) -> Snapshot:
    epoch = EpochResult(step // 50, 0.5, 0.9, np.nan, np.nan, 1.0, 100.0) if step >= 50 else None
    figures = (1 / step, 0.5) if step else (np.nan, np.nan)
    return Snapshot(step, step / 50, np.full(SIZE, step, np.float32), *figures, epoch)


def run_to(last: int) -> Snapshots:
    snapshots = Snapshots()
    for step in range(last + 1):
        if snapshots.is_due(step):
            snapshots.add(snapshot(step))
    return snapshots


def files(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder / "snapshots").iterdir()}


def test_they_come_back_as_they_were(tmp_path: Path) -> None:
    kept = run_to(200).kept
    SnapshotFiles(tmp_path).keep(kept)
    found = load(tmp_path, LIKE, 200)
    assert [each.step for each in found] == [each.step for each in kept]
    for before, after in zip(kept, found, strict=True):
        assert after.state.tobytes() == before.state.tobytes()
        assert not after.state.flags.writeable
        assert after.position == before.position
        np.testing.assert_equal(after.loss, before.loss)
        np.testing.assert_equal(vars(after.epoch or before), vars(before.epoch or before))
    assert [each.step for each in load(tmp_path, LIKE, 60)][-1] <= 60, "not what came after"


def test_only_new_ones_are_written_and_those_let_go_are_removed(tmp_path: Path) -> None:
    kept = run_to(100).kept
    SnapshotFiles(tmp_path).keep(kept)
    before = files(tmp_path)
    again = SnapshotFiles(tmp_path)
    again.keep((*kept[:5], *kept[6:], snapshot(110)))
    after = files(tmp_path)
    assert "00000110.safetensors" in after
    assert len(after) == len(before)
    assert all(after[name] == before[name] for name in after if name in before)
    again.keep((*kept, snapshot(110)))
    assert files(tmp_path) == after, "one that was let go does not come back"


def test_the_disk_has_a_budget_of_its_own(tmp_path: Path) -> None:
    small = SnapshotFiles(tmp_path, budget=10 * LIKE.nbytes)
    for last in (20, 100, 400, 2000):
        small.keep(run_to(last).kept)
        assert len(files(tmp_path)) <= 10
    steps = [each.step for each in load(tmp_path, LIKE, 2000)]
    assert steps[0] == 0
    assert steps[-1] > 1800
    SnapshotFiles(tmp_path, budget=LIKE.nbytes).keep(run_to(2000).kept)
    assert files(tmp_path) == {}, "one alone is no way back"


def test_of_a_network_of_which_there_are_two_there_are_two_on_the_disk(tmp_path: Path) -> None:
    """Regression: there were none between 12 and 24 MB of weights, without a word."""
    state = np.zeros(LARGEST // 4, np.float32)
    snapshots = Snapshots()
    for step in (0, 8):
        snapshots.add(Snapshot(step, step / 50, state))
    SnapshotFiles(tmp_path).keep(snapshots.kept)
    assert [each.step for each in load(tmp_path, state, 8)] == [0, 8]


def test_what_is_damaged_or_of_another_network_is_left_out(tmp_path: Path) -> None:
    SnapshotFiles(tmp_path).keep(run_to(30).kept)
    folder = tmp_path / "snapshots"
    whole = (folder / "00000003.safetensors").read_bytes()
    for name, content in {
        "00000001.safetensors": whole[:50],
        "00000002.safetensors": b"",
        "00000004.safetensors": whole.replace(b"position", b"opposite"),
        "00000005.safetensors": whole + bytes(2**17),
        "99999999999999999.safetensors": whole,
        "notes.txt": b"mine",
    }.items():
        (folder / name).write_bytes(content)
    steps = [each.step for each in load(tmp_path, LIKE, 30)]
    assert steps[:4] == [0, 3, 6, 7]
    assert load(tmp_path, np.zeros(SIZE + 1, np.float32), 30) == ()
    assert load(tmp_path / "nowhere", LIKE, 30) == ()
