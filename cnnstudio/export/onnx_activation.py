"""Activation functions in ONNX: one node each, or a few where opset 17 has none."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from cnnstudio.blocks.activation import activation_words
from cnnstudio.errors import ExportError
from cnnstudio.export.onnx_place import Place


def activated(place: Place, edge: str, function: str) -> str:
    """The edge behind `function` of the block's output; raises ExportError for an unknown one."""
    if function == "none":
        return edge
    if function in COMPOSED:
        return COMPOSED[function](place, edge)
    if function not in SIMPLE:
        raise ExportError(
            f"{place.entry.name} cannot be exported: ONNX files know no {function} activation."
        )
    kind, attributes = SIMPLE[function]
    return place.step(kind, (edge,), activation_words(function), **attributes)


def _gelu(place: Place, edge: str) -> str:
    """X * (1 + erf(x / sqrt 2)) / 2; ONNX has a node of its own only from opset 20 on."""
    constants = (("root", math.sqrt(2)), ("one", 1.0), ("half", 0.5))
    root, one, half = (place.number(f"gelu_{name}", value) for name, value in constants)
    scaled = place.step("Div", (edge, root), "GELU scaled")
    share = place.step("Erf", (scaled,), "GELU erf")
    raised = place.step("Add", (share, one), "GELU raised")
    halved = place.step("Mul", (raised, half), "GELU halved")
    return place.step("Mul", (edge, halved), "GELU")


def _scaled_tanh(place: Place, edge: str) -> str:
    """1.7159 tanh(2x / 3)."""
    slope, height = place.number("slope", 2 / 3), place.number("height", 1.7159)
    inner = place.step("Mul", (edge, slope), "scaled input")
    curved = place.step("Tanh", (inner,), "tanh")
    return place.step("Mul", (curved, height), "scaled tanh")


SIMPLE: Mapping[str, tuple[str, dict[str, Any]]] = {
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": 0.01}),
    "elu": ("Elu", {"alpha": 1.0}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "softmax": ("Softmax", {"axis": 1}),
}
"""Functions that are one node: its type and attributes."""

COMPOSED: Mapping[str, Callable[[Place, str], str]] = {
    "gelu": _gelu,
    "scaled_tanh": _scaled_tanh,
}
"""Functions that are put together from several nodes."""
