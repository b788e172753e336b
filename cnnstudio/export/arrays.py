"""Parameters and running statistics by name ("conv1.weight"), for NumPy or as .safetensors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from cnnstudio.engine.model import Model
from cnnstudio.export.verify import Run


def write_npz(model: Model, path: Path, class_names: tuple[str, ...]) -> None:
    """One array each; weights are (out, in, rows, columns) and (out, in) as in PyTorch."""
    with path.open("wb") as file:
        np.savez(file, **model.weights)  # type: ignore[arg-type]


def read_npz(model: Model, path: Path) -> Run:
    """What the network computes with the arrays in `path`."""
    with np.load(path, allow_pickle=False) as file:
        return _run(model, dict(file))


def write_safetensors(model: Model, path: Path, class_names: tuple[str, ...]) -> None:
    """The same mapping in the safetensors format."""
    arrays = {name: np.ascontiguousarray(array) for name, array in model.weights.items()}
    path.write_bytes(safetensors.numpy.save(arrays))


def read_safetensors(model: Model, path: Path) -> Run:
    """What the network computes with the arrays in `path`."""
    return _run(model, safetensors.numpy.load(path.read_bytes()))


def _run(model: Model, arrays: Mapping[str, NDArray[Any]]) -> Run:
    copy = Model(model.network, dtype=model.dtype)
    copy.load(arrays)
    return copy.forward
