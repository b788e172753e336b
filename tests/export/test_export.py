"""Exports: what a file says, that it is verified, and what stands in the way of one."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import safetensors.numpy

from cnnstudio.blocks import Activation, BatchNorm, Conv2D, FullyConnected, Input
from cnnstudio.data import datasets
from cnnstudio.data.preprocess import to_float
from cnnstudio.engine.model import Model
from cnnstudio.errors import ExportError
from cnnstudio.export import SUFFIXES, exporter, onnx_graph, onnx_nodes, verify
from cnnstudio.export import export as run_export
from cnnstudio.export.onnx_place import Place
from cnnstudio.network import Network, templates
from tests.export.runners import runtime, used

NAMES = tuple("0123456789")


@pytest.fixture(scope="module")
def images() -> datasets.Images:
    return datasets.load("mnist").test


@pytest.fixture(scope="module")
def lecture() -> Model:
    return Model(templates.load("lecture").network, seed=1)


def test_an_unknown_block_is_a_sentence(tmp_path, monkeypatch, lecture):
    monkeypatch.setattr(onnx_nodes, "BLOCKS", {Input: onnx_nodes.BLOCKS[Input]})
    with pytest.raises(ExportError, match="CONV 1 cannot be exported: ONNX files know no Conv"):
        run_export(lecture, tmp_path / "a.onnx", images=None)
    assert not list(tmp_path.iterdir())


def test_the_file_says_all_that_its_reader_must_know(tmp_path, lecture, images):
    result = run_export(lecture, tmp_path / "a.onnx", class_names=NAMES, images=images)
    assert result.images == 32
    assert result.limit == 1e-4
    assert result.largest_difference < 1e-5
    assert "agrees with the engine on 32 real pictures" in result.words
    proto = onnx.load(tmp_path / "a.onnx")
    assert proto.ir_version == 8
    assert [entry.version for entry in proto.opset_import] == [17]
    words = {entry.key: entry.value for entry in proto.metadata_props}
    assert words["input"] == "x in 0..1, float32, 1x28x28; padding inside"
    assert words["softmax"] == "not inside"
    assert json.loads(words["class_names"]) == list(NAMES)
    names = [node.name for node in proto.graph.node]
    for name in ("CONV 1", "POOL 1", "CONV 2", "POOL 2", "FC 1", "FC 2", "FC 3"):
        assert name in names
    assert len(set(names)) == len(names)


def declared(proto: onnx.ModelProto) -> dict[str, list[int | str]]:
    edges = [*proto.graph.input, *proto.graph.value_info, *proto.graph.output]
    return {
        info.name: [side.dim_param or side.dim_value for side in info.type.tensor_type.shape.dim]
        for info in edges
    }


def test_every_edge_has_a_declared_size(tmp_path, lecture):
    run_export(lecture, tmp_path / "a.onnx", images=None)
    proto = onnx.load(tmp_path / "a.onnx")
    sizes = declared(proto)
    assert sizes["x"] == ["N", 1, 28, 28]
    assert sizes["conv1.relu"] == ["N", 6, 28, 28]
    assert sizes["pool2"] == ["N", 16, 5, 5]
    assert sizes["logits"] == ["N", 10]
    assert {edge for node in proto.graph.node for edge in node.output} <= sizes.keys()


def test_a_softmax_at_the_end_is_a_second_output(tmp_path):
    network = Network((Input(), FullyConnected(10), Activation("softmax")))
    model = Model(network)
    run_export(model, tmp_path / "a.onnx", images=None)
    x = np.random.default_rng(0).random((4, 1, 28, 28), np.float32)
    logits, probabilities = runtime(tmp_path / "a.onnx", x)
    np.testing.assert_allclose(logits, model.forward(x), atol=1e-5)
    np.testing.assert_allclose(probabilities, model.probabilities(x), atol=1e-6)
    words = {p.key: p.value for p in onnx.load(tmp_path / "a.onnx").metadata_props}
    assert words["softmax"] == "inside, as the output probabilities"


def test_arrays_are_what_another_program_needs(tmp_path, lecture, images):
    """PyTorch computes the lecture's network from the .npz file alone."""
    torch = pytest.importorskip("torch")
    f = torch.nn.functional
    result = run_export(lecture, tmp_path / "a.npz", class_names=NAMES, images=images)
    assert result.largest_difference == 0
    with np.load(tmp_path / "a.npz") as file:
        p = {name: torch.from_numpy(array) for name, array in file.items()}
    x = to_float(images.pixels[:8])
    y = f.pad(torch.from_numpy(x), (2, 2, 2, 2))
    for conv in ("conv1", "conv2"):
        y = f.max_pool2d(f.relu(f.conv2d(y, p[f"{conv}.weight"], p[f"{conv}.bias"])), 2)
    y = y.flatten(1)
    for fc in ("fc1", "fc2"):
        y = f.relu(f.linear(y, p[f"{fc}.weight"], p[f"{fc}.bias"]))
    y = f.linear(y, p["fc3.weight"], p["fc3.bias"])
    np.testing.assert_allclose(y.numpy(), lecture.forward(x), atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_kind_of_file_is_verified(tmp_path, suffix, dtype):
    model = Model(templates.load("tiny").network, dtype=dtype)
    result = run_export(model, tmp_path / f"a{suffix}", images=None)
    assert result.target == f"a{suffix}"
    assert "pictures of noise" in result.words
    assert (tmp_path / f"a{suffix}").stat().st_size > 4 * model.vector.size


def test_arrays_hold_the_running_statistics_too(tmp_path):
    model = used(Network((Input(2, 5, 5), Conv2D(3, 3), BatchNorm())))
    for name in ("a.npz", "a.safetensors"):
        run_export(model, tmp_path / name, images=None)
    with np.load(tmp_path / "a.npz") as file:
        written = [dict(file), safetensors.numpy.load_file(tmp_path / "a.safetensors")]
    for arrays in written:
        assert set(arrays) == {*model.parameters, *model.statistics}
        for name in ("norm1.running_mean", "norm1.running_variance"):
            assert np.array_equal(arrays[name], model.statistics[name])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_disagrees_is_not_kept(tmp_path, monkeypatch, suffix):
    model = Model(templates.load("tiny").network)
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"old")
    writer = exporter.WRITERS[suffix]

    def spoiled(model: Model, temporary: Path, names: tuple[str, ...]) -> None:
        before = model.vector[:1].copy()
        model.vector[:1] += 0.5
        writer.write(model, temporary, names)
        model.vector[:1] = before

    spoiler = exporter.Writer(spoiled, writer.read, writer.runner)
    monkeypatch.setattr(exporter, "WRITERS", {suffix: spoiler})
    with pytest.raises(ExportError, match="was not kept: .* differ from the engine's by"):
        run_export(model, path, images=None)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_numbers_that_are_not_finite_are_not_kept(tmp_path):
    model = Model(templates.load("tiny").network)
    model.vector[0] = np.nan
    with pytest.raises(ExportError, match="was not kept"):
        run_export(model, tmp_path / "a.npz", images=None)
    assert not list(tmp_path.iterdir())


def test_another_shape_of_output_is_not_kept(lecture):
    with pytest.raises(ExportError, match="it gives .32, 9. values instead of .32, 10."):
        verify.compare(lecture, lambda x: np.zeros((len(x), 9)), None, "a.onnx", "x")


def test_targets_that_cannot_be_written_are_named(tmp_path, monkeypatch, lecture):
    with pytest.raises(ExportError, match=r"a\.pt cannot be exported: the name must end in .*onnx"):
        run_export(lecture, tmp_path / "a.pt", images=None)
    (tmp_path / "b.onnx").mkdir()
    with pytest.raises(ExportError, match=r"b\.onnx cannot be written: it is a folder"):
        run_export(lecture, tmp_path / "b.onnx", images=None)
    (tmp_path / "c.npz").write_bytes(b"old")

    def fail(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(ExportError, match=r"No space left on device\. The old file is unchanged"):
        run_export(lecture, tmp_path / "c.npz", images=None)
    assert (tmp_path / "c.npz").read_bytes() == b"old"


def test_parameters_beyond_the_format_are_refused(tmp_path, monkeypatch, lecture):
    monkeypatch.setattr(onnx_graph, "LARGEST", 1000)
    with pytest.raises(ExportError, match=r"255,208 bytes of parameters do not fit"):
        run_export(lecture, tmp_path / "a.onnx", images=None)


def test_what_onnx_itself_refuses_is_a_sentence(tmp_path, monkeypatch, lecture):
    from cnnstudio.export import onnx as writer

    def no_conv(place: Place, block: Conv2D) -> str:
        return place.node("NoSuchNode", place.source)

    def wrong_size(place: Place, block: Conv2D) -> str:
        return place.node("MatMul", place.source, place.source)

    monkeypatch.setattr(onnx_nodes, "BLOCKS", {**onnx_nodes.BLOCKS, Conv2D: no_conv})
    with pytest.raises(ExportError, match="The ONNX checker refuses the network: ."):
        run_export(lecture, tmp_path / "a.onnx", images=None)
    monkeypatch.setattr(onnx_nodes, "BLOCKS", {**onnx_nodes.BLOCKS, Conv2D: wrong_size})
    monkeypatch.setattr(writer.onnx.checker, "check_model", lambda *_args, **_options: None)
    with pytest.raises(ExportError, match="The ONNX reference cannot run the network: ."):
        run_export(lecture, tmp_path / "a.onnx", images=None)
    assert not list(tmp_path.iterdir())
