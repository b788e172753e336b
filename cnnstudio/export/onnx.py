"""ONNX files with every size declared and every node named after its block.

Opset 17 and IR 8, which nearly every program reads; 19 and 9 where padding is circular.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper
from onnx.reference import ReferenceEvaluator

from cnnstudio import __version__
from cnnstudio.blocks import Activation
from cnnstudio.engine.model import Model
from cnnstudio.errors import ExportError
from cnnstudio.export.onnx_graph import Graph, edge
from cnnstudio.export.onnx_nodes import emit
from cnnstudio.export.onnx_place import Place
from cnnstudio.export.onnx_reference import ConvTranspose
from cnnstudio.export.verify import Run

VERSIONS, WRAPPING = (17, 8), (19, 9)
"""Opset and IR of ordinary files, and of those in which a border wraps around."""

_INPUT, _LOGITS, _PROBABILITIES = "x", "logits", "probabilities"


def write(model: Model, path: Path, class_names: tuple[str, ...]) -> None:
    """Write `model` to `path`; raises ExportError when it cannot be expressed."""
    proto = _model(model, class_names)
    try:
        onnx.checker.check_model(proto, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ExportError(f"The ONNX checker refuses the network: {_first_line(error)}") from error
    path.write_bytes(proto.SerializeToString())


def read(model: Model, path: Path) -> Run:
    """What the file at `path` computes, by ONNX's own reference evaluator."""
    evaluator = ReferenceEvaluator(onnx.load(path), new_ops=[ConvTranspose])

    def run(pictures: NDArray[np.float32]) -> Any:
        try:
            return evaluator.run([_LOGITS], {_INPUT: pictures})[0]  # type: ignore[index]
        except (ValueError, TypeError, IndexError, RuntimeError) as error:
            words = f"The ONNX reference cannot run the network: {_first_line(error)}"
            raise ExportError(words) from error

    return run


def _model(model: Model, class_names: tuple[str, ...]) -> onnx.ModelProto:
    graph = Graph()
    graph.need_room(model.vector.size)
    ends = _fill(graph, model)
    opset, ir = WRAPPING if graph.wraps else VERSIONS
    source = edge(_INPUT, tuple(model.network.input.picture_shape))
    proto = helper.make_model(
        graph.build("network", source, ends),
        opset_imports=[helper.make_opsetid("", opset)],
        ir_version=ir,
        producer_name="CNN Studio",
        producer_version=__version__,
    )
    helper.set_model_props(proto, _words(model, class_names, ends))
    return proto


def _fill(graph: Graph, model: Model) -> tuple[str, ...]:
    """Add every block; the names of the outputs.

    A softmax at the end is a second output: the values before it are what a loss and a comparison
    need.
    """
    source, blocks, arrays = _INPUT, list(model.report.blocks), model.weights
    last = blocks[-1]
    softmax = last if last.block == Activation("softmax") else None
    for entry in blocks[:-1] if softmax else blocks:
        source = emit(Place(graph, entry, arrays, source))
    if source == _INPUT:
        shape = tuple(model.network.input.picture_shape)
        graph.node("Identity", "INPUT", (source,), "input", shape)
    graph.rename_end(_LOGITS)
    if softmax is None:
        return (_LOGITS,)
    emit(Place(graph, softmax, arrays, _LOGITS))
    graph.rename_end(_PROBABILITIES)
    return _LOGITS, _PROBABILITIES


def _words(model: Model, class_names: tuple[str, ...], ends: tuple[str, ...]) -> dict[str, str]:
    """What whoever uses the file must know, under metadata_props."""
    size = "x".join(str(side) for side in model.network.input.picture_shape)
    inside = _PROBABILITIES in ends
    return {
        "input": f"x in 0..1, float32, {size}; padding inside",
        "softmax": "inside, as the output probabilities" if inside else "not inside",
        "class_names": json.dumps(class_names, ensure_ascii=False),
    }


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
