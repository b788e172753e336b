"""A growing ONNX graph in which every edge has a declared size."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from cnnstudio.errors import ExportError

BATCH = "N"
"""The name of the dimension that counts the pictures."""

LARGEST = 2**31 - 2**20
"""Bytes of constants that fit into one ONNX file, whose format ends at 2 GiB."""


class Graph:
    """Nodes, constants and edges in the order in which they are computed."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._edges: dict[str, onnx.ValueInfoProto] = {}
        self._bytes = 0

    def need_room(self, count: int) -> None:
        """Raise ExportError when `count` more numbers do not fit into one file."""
        size = self._bytes + 4 * count
        if size > LARGEST:
            raise ExportError(
                f"{size:,} bytes of parameters do not fit into an ONNX file, which ends at 2 GiB; "
                "export to .safetensors."
            )

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """A constant array; floats are stored as float32. Returns `name`; raises ExportError."""
        values = np.asarray(values)
        self.need_room(values.size)
        self._bytes += 4 * values.size
        if values.dtype.kind == "f":
            values = values.astype(np.float32)
        self._constants[name] = numpy_helper.from_array(np.array(values, order="C"), name)
        return name

    def number(self, name: str, value: float) -> str:
        """A constant number. Returns `name`."""
        return self.constant(name, np.array(value, np.float32))

    def node(
        self,
        kind: str,
        name: str,
        sources: tuple[str, ...],
        target: str,
        shape: tuple[int, ...],
        **attributes: Any,
    ) -> str:
        """A node `name` that gives the edge `target`, of `shape` for one picture. Returns it."""
        self._nodes.append(helper.make_node(kind, list(sources), [target], name=name, **attributes))
        self._edges[target] = edge(target, shape)
        return target

    @property
    def wraps(self) -> bool:
        """Whether a border holds the other side of the maps, which opset 17 does not know."""
        pads = (node for node in self._nodes if node.op_type == "Pad")
        return any(attribute.s == b"wrap" for pad in pads for attribute in pad.attribute)

    def rename_end(self, name: str) -> None:
        """Give the last node's edge another name."""
        last = self._nodes[-1]
        info = self._edges.pop(last.output[0])
        last.output[0] = info.name = name
        self._edges[name] = info

    def build(self, name: str, source: onnx.ValueInfoProto, ends: tuple[str, ...]) -> Any:
        """The graph that leads from the edge `source` to the edges `ends`."""
        inner = [info for key, info in self._edges.items() if key not in ends]
        return helper.make_graph(
            self._nodes,
            name,
            [source],
            [self._edges[end] for end in ends],
            initializer=list(self._constants.values()),
            value_info=inner,
        )


def edge(name: str, shape: tuple[int, ...]) -> onnx.ValueInfoProto:
    """An edge of float32 values with any number of pictures, each of `shape`."""
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [BATCH, *shape])
