"""An exported network run by onnxruntime and by the ONNX reference, beside the engine."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cnnstudio.engine.model import Model
from cnnstudio.export import export
from cnnstudio.network import Network

onnxruntime = pytest.importorskip("onnxruntime")
onnxruntime.set_default_logger_severity(4)


def runtime(path: Path, x: np.ndarray) -> list[np.ndarray]:
    """What onnxruntime computes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        path.read_bytes(), options, providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"x": x})


def used(network: Network) -> Model:
    """A model of `network` as after some training: random biases and running statistics."""
    model, generator = Model(network, seed=3), np.random.default_rng(3)
    model.vector += generator.normal(0, 0.1, model.vector.size)
    for name, values in model.statistics.items():
        low = 0.3 if name.endswith("variance") else -0.5
        values[...] = generator.uniform(low, 1.5, values.shape)
    return model


def assert_exports(path: Path, network: Network) -> None:
    """Both runners must agree with the engine."""
    model = used(network)
    result = export(model, path, images=None)
    assert result.largest_difference < 1e-5
    x = np.random.default_rng(4).random((3, *network.input.picture_shape), np.float32)
    expected = model.forward(x)
    got = runtime(path, x)[0]
    assert got.shape == expected.shape
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(got / scale, expected / scale, rtol=1e-4, atol=1e-5)
