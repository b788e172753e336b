"""Nodes that the ONNX reference evaluator computes wrongly or too slowly, for it to use instead."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx.reference.op_run import OpRun


class ConvTranspose(OpRun):
    """The node for maps with explicit padding, from its definition: inputs painted onto a canvas.

    The evaluator's own takes a group's filters from the wrong rows of the weight, refuses output
    padding that the dilation allows, and takes minutes where this takes a moment.
    """

    op_domain = ""

    def _run(
        self,
        x: NDArray[Any],
        w: NDArray[Any],
        bias: NDArray[Any] | None = None,
        dilations: list[int] | None = None,
        group: int = 1,
        output_padding: list[int] | None = None,
        pads: list[int] | None = None,
        strides: list[int] | None = None,
        **_others: Any,
    ) -> tuple[NDArray[Any]]:
        """(N, C, H, W) and (C, filters / group, rows, columns) to (N, filters, H', W')."""
        (down, right), (rows, columns) = strides or (1, 1), dilations or (1, 1)
        parts = zip(np.split(x, group, axis=1), np.split(w, group), strict=True)
        products = [np.einsum("nchw,cfij->nfhwij", *part, optimize=True) for part in parts]
        values = np.concatenate(products, axis=1)
        _, _, height, width, tall, wide = values.shape
        added = output_padding or (0, 0)
        canvas = np.zeros(
            (
                *values.shape[:2],
                down * (height - 1) + rows * (tall - 1) + 1 + added[0],
                right * (width - 1) + columns * (wide - 1) + 1 + added[1],
            ),
            x.dtype,
        )
        for i, j in np.ndindex(tall, wide):
            vertical = slice(i * rows, i * rows + down * (height - 1) + 1, down)
            horizontal = slice(j * columns, j * columns + right * (width - 1) + 1, right)
            canvas[:, :, vertical, horizontal] += values[..., i, j]
        top, left, bottom, end = pads or (0, 0, 0, 0)
        y = canvas[:, :, top : canvas.shape[2] - bottom, left : canvas.shape[3] - end]
        return (y if bias is None else y + bias[:, None, None],)
