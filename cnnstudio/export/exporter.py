"""The one way out: the suffix picks the writer, and only a verified file replaces the target."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnnstudio.data.datasets import Images
from cnnstudio.engine.model import Model
from cnnstudio.errors import ExportError
from cnnstudio.export import arrays, diagram, verify
from cnnstudio.export.verify import Run, Verification
from cnnstudio.network.atomic import check_writable, not_written, replacing


@dataclass(frozen=True)
class Writer:
    """How one kind of file is written and run again, and in whose name the result is told."""

    write: Callable[[Model, Path, tuple[str, ...]], None]
    read: Callable[[Model, Path], Run]
    runner: str


def _write_onnx(model: Model, path: Path, class_names: tuple[str, ...]) -> None:
    # The package onnx takes a while to import, so only those who need it do.
    from cnnstudio.export import onnx

    onnx.write(model, path, class_names)


def _read_onnx(model: Model, path: Path) -> Run:
    from cnnstudio.export import onnx

    return onnx.read(model, path)


WRITERS: Mapping[str, Writer] = {
    ".onnx": Writer(_write_onnx, _read_onnx, "the ONNX reference"),
    ".npz": Writer(arrays.write_npz, arrays.read_npz, "the file read back"),
    ".safetensors": Writer(arrays.write_safetensors, arrays.read_safetensors, "the file read back"),
}
"""The kinds of files by suffix."""

SUFFIXES = tuple(WRITERS)


def export(
    model: Model, path: str | Path, *, class_names: Sequence[str] = (), images: Images | None
) -> Verification:
    """Write `model` to `path`, run what was written on `images`, and keep it if it agrees.

    Without `images` of the network's size noise is used. Raises ExportError when the suffix is
    unknown, the network cannot be expressed, the file cannot be written or does not agree; the old
    file stays then.
    """
    path = Path(path)
    check_target(path)
    writer = WRITERS[path.suffix.lower()]
    try:
        with replacing(path) as temporary:
            writer.write(model, temporary, tuple(class_names))
            run = writer.read(model, temporary)
            return verify.compare(model, run, images, path.name, writer.runner)
    except OSError as error:
        raise ExportError(not_written(path, error)) from error


def check_target(path: Path) -> None:
    """Raise ExportError when nothing can be exported to `path`, before work is put into it."""
    if path.suffix.lower() not in WRITERS:
        raise ExportError(
            f"{path.name} cannot be exported: the name must end in one of {', '.join(WRITERS)}, "
            f"or in {diagram.SUFFIX} for a drawing."
        )
    try:
        check_writable(path)
    except OSError as error:
        raise ExportError(not_written(path, error)) from error
