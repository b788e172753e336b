"""Weights in a project file: safetensors, checked against the shapes that the network asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
import safetensors
from numpy.typing import NDArray

from cnnstudio.errors import CnnFileError
from cnnstudio.network.archive import Piece
from cnnstudio.network.check import check
from cnnstudio.network.network import Network

_TYPES: Mapping[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}


def shapes(network: Network) -> dict[str, tuple[int, ...]]:
    """The shape of every parameter and running statistic by name.

    Raises CnnFileError when the network does not fit.
    """
    report = check(network)
    if not report.ok:
        raise CnnFileError("it has weights, but its network does not fit together")
    found = {}
    for entry in report.blocks:
        assert entry.input_shape is not None
        block, size = entry.block, entry.input_shape
        for name, shape in (block.parameter_shapes(size) | block.state_shapes(size)).items():
            found[f"{entry.key}.{name}"] = shape
    return found


def largest_file(network: Network) -> int:
    """How many bytes the weights of `network` can take, so that no more need be unpacked."""
    expected = shapes(network)
    return sum(8 * math.prod(shape) + 1024 for shape in expected.values()) + 2**16


def encode(weights: Mapping[str, NDArray[Any]], network: Network) -> bytes:
    """The safetensors file of `weights`; raises CnnFileError when they are not the network's."""
    return b"".join(pieces(weights, network))


def pieces(weights: Mapping[str, NDArray[Any]], network: Network) -> list[Piece]:
    """The file of `encode` as a header and the memory of the arrays, which is not copied.

    Written one by one they let other threads take turns, where `safetensors` would hold the window
    up for as long as a large network takes. Raises CnnFileError.
    """
    arrays = {name: np.ascontiguousarray(array) for name, array in weights.items()}
    _compare({name: array.shape for name, array in arrays.items()}, network)
    for name, array in arrays.items():
        if array.dtype not in _TYPES.values():
            raise CnnFileError(f"{name} in the weights is of the type {array.dtype}")
    order = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))
    header, place = {}, 0
    for name in order:
        array = arrays[name]
        end = place + array.nbytes
        header[name] = {
            "dtype": f"F{8 * array.itemsize}",
            "shape": array.shape,
            "data_offsets": (place, end),
        }
        place = end
    words = msgspec.json.encode(header)
    words += b" " * (-len(words) % 8)
    start = len(words).to_bytes(8, "little") + words
    return [start, *(arrays[name].reshape(-1).view(np.uint8).data for name in order)]


def decode(data: bytes, network: Network) -> dict[str, NDArray[Any]]:
    """The arrays in a safetensors file; raises CnnFileError when they are not the network's."""
    try:
        tensors = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        raise CnnFileError(f"its weights are damaged: {error}") from error
    arrays = {}
    for name, tensor in tensors:
        kind = _TYPES.get(tensor["dtype"])
        if kind is None:
            raise CnnFileError(f"{name[:60]} in its weights is of the type {tensor['dtype']}")
        arrays[name] = np.frombuffer(tensor["data"], kind).reshape(tensor["shape"])
    _compare({name: array.shape for name, array in arrays.items()}, network)
    return arrays


def _compare(found: Mapping[str, tuple[int, ...]], network: Network) -> None:
    expected = shapes(network)
    for name in sorted(expected.keys() | found.keys()):
        if name not in found:
            raise CnnFileError(f"its weights lack {name}")
        if name not in expected:
            raise CnnFileError(f"its weights hold {name[:60]}, which the network does not have")
        if found[name] != expected[name]:
            raise CnnFileError(
                f"{name} in its weights has the shape {_words(found[name])}, but the network "
                f"needs {_words(expected[name])}"
            )


def _words(shape: tuple[int, ...]) -> str:
    return "x".join(str(side) for side in shape) or "of a single number"
