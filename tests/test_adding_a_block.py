"""CONTRIBUTING's way to add a block, gone with a new one in a copy of the source."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

BLOCK = '''
"""CHANNEL SCALE: a learned factor for every channel."""

from dataclasses import dataclass
from typing import ClassVar

from cnnstudio.blocks.block import Block, Family, Formula, Shape, need_maps
from cnnstudio.blocks.settings import Switch, declare


@dataclass(frozen=True)
class ChannelScale(Block):
    family: ClassVar[Family] = Family.REGULARISE
    stem: ClassVar[str] = "scale"
    title: ClassVar[str] = "Channel scale"
    help: ClassVar[str] = "Multiplies every map by a learned factor."

    bias: bool = declare(Switch(label="Bias", help="Whether a learned constant is added."), False)

    def parameter_shapes(self, shape: Shape) -> dict[str, tuple[int, ...]]:
        channels, _, _ = need_maps(shape, self.title)
        return {name: (channels,) for name in ("weight", "bias") if name == "weight" or self.bias}

    def fans(self, shape: Shape) -> tuple[float, float]:
        return 1.0, 1.0

    def multiply_adds(self, shape: Shape) -> int:
        return shape.size

    def parameter_formula(self, shape: Shape) -> Formula:
        return Formula("C", str(shape[0]), str(self.parameters(shape)))
'''

LAYER = '''
"""CHANNEL SCALE: a product for every map."""

import numpy as np

from cnnstudio.blocks.channel_scale import ChannelScale
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site


class ChannelScaleLayer(Layer):
    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        self._weight = site.parameters["weight"][:, None, None]
        self._gradient = site.gradients.get("weight")
        self.y, self.dy = site.buffer(*x.shape), site.gradient_buffer(*x.shape)

    def forward(self) -> None:
        np.multiply(self.x, self._weight, out=self.y)

    def backward(self) -> None:
        if self._gradient is not None:
            self._gradient += np.einsum("hcwn,hcwn->c", self.x, self.dy)
        if self.dx is not None:
            np.multiply(self.dy, self._weight, out=self.dx)


LAYERS: Layers = {ChannelScale: (ChannelScaleLayer,)}
'''

EXPORTED = """
def _channel_scale(place: Place, block: ChannelScale) -> str:
    factors = place.array("weight")
    assert factors is not None
    weight = place.constant("weight", factors.reshape(1, -1, 1, 1))
    return place.node("Mul", place.source, weight)


BLOCKS:"""

PALETTE = """
from cnnstudio.blocks.palette import PALETTE
print(*(tile.label for group in PALETTE for tile in group.tiles))
"""

TYPED = """
from cnnstudio.network import phrases, text_form
print(text_form.write_blocks(phrases.suggestions("chan scale bias")[0].blocks))
"""

WHY = """
import numpy as np
from cnnstudio import Model, load
from cnnstudio.explain.cells import Cell
from cnnstudio.explain.explanation import explain
from cnnstudio.explain.trace import Trace
model = Model(load("new.json").network)
found = explain(Trace(model, np.random.rand(1, 28, 28)), Cell((2,), (3, 4, 5)))
(term,) = found.terms
expected = model.parameters["scale1.weight"][3]
print(term.cell.place, abs(term.weight - expected) < 1e-6)
"""


def changed(file: Path, *replacements: tuple[str, str]) -> None:
    text = file.read_text("utf-8")
    for old, new in replacements:
        assert text.count(old) == 1, f"{file.name}: {old!r} is not there once"
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The source with the block added: two new files, one entry, one line (and their imports)."""
    root = tmp_path / "source"
    package = root / "cnnstudio"
    shutil.copytree(ROOT / "cnnstudio", package, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "resources").symlink_to(ROOT / "resources", target_is_directory=True)
    (package / "blocks/channel_scale.py").write_text(BLOCK.lstrip(), "utf-8")
    (package / "engine/layers/channel_scale.py").write_text(LAYER.lstrip(), "utf-8")
    first = "from cnnstudio.blocks.connection_table import"
    new = f"from cnnstudio.blocks.channel_scale import ChannelScale\n{first}"
    changed(
        package / "blocks/__init__.py",
        (first, new),
        ("    BatchNorm,\n    Dropout,", "    BatchNorm,\n    ChannelScale,\n    Dropout,"),
    )
    changed(
        package / "export/onnx_nodes.py",
        ("from cnnstudio.blocks.composite", new.replace(first, "from cnnstudio.blocks.composite")),
        ("\nBLOCKS:", EXPORTED),
        ("    Dropout: _dropout,", "    ChannelScale: _channel_scale,\n    Dropout: _dropout,"),
    )
    return root


def run(root: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_new_block_is_checked_trained_saved_exported_and_in_the_palette(copy: Path) -> None:
    network = json.loads((ROOT / "resources/templates/tiny.json").read_text("utf-8"))
    network["network"]["blocks"].insert(2, {"type": "ChannelScale", "settings": {}})
    (copy / "new.json").write_text(json.dumps(network), "utf-8")
    report = json.loads(run(copy, "-m", "cnnstudio", "check", "new.json", "--json"))
    scale = report["blocks"][2]
    assert (scale["name"], scale["output_shape"], scale["parameters"]) == (
        "SCALE 1",
        [8, 24, 24],
        8,
    )
    short = ("--epochs", "1", "--limit", "256", "--out", "out.cnn")
    run(copy, "-m", "cnnstudio", "train", "new.json", *short)
    run(copy, "-m", "cnnstudio", "export", "out.cnn", "out.onnx")
    assert (copy / "out.onnx").stat().st_size > 1000
    assert "Channel scale" in run(copy, "-c", PALETTE)
    assert run(copy, "-c", WHY) == "(3, 4, 5) True\n"
    line = "INPUT 28x28x1 > CONV 8@5x5 > ChannelScale bias=true > ChannelScale > FC 10"
    assert run(copy, "-m", "cnnstudio", "check", line, "--text") == f"{line}\n"
    assert run(copy, "-c", TYPED) == "ChannelScale bias=true\n"
    run(copy, "-m", "cnnstudio", "export", line, "out.svg")
    assert "SCALE 2" in (copy / "out.svg").read_text("utf-8")
