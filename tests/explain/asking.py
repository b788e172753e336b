"""Models, pictures and paths for the tests of explanations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cnnstudio.blocks import Activation, Block, FullyConnected
from cnnstudio.blocks.composite import Composite
from cnnstudio.engine.model import Model
from cnnstudio.explain.cells import Path, spot_at
from cnnstudio.network import Network, Report, check
from tests.engine.harness import around
from tests.pipelines import PLAIN


def case(network: Network, seed: int, dtype: type = np.float64) -> tuple[Model, np.ndarray]:
    """A model as after some training, and a picture."""
    model, generator = Model(network, seed, dtype), np.random.default_rng(seed)
    model.vector += 0.3 * generator.standard_normal(model.vector.size)
    for name, values in model.statistics.items():
        low = 0.3 if name.endswith("variance") else -0.5
        values[...] = generator.uniform(low, 1.5, values.shape)
    return model, generator.random(network.input.picture_shape)


def with_scores(network: Network) -> Network:
    """The network with a row of scores at its end."""
    if network.blocks[-1] == Activation("softmax"):
        network = network.remove(len(network) - 1)
    shape = check(network).output_shape
    assert shape is not None
    return network if shape.is_flat else network.insert(len(network), FullyConnected(3))


def paths(report: Report) -> Iterator[Path]:
    """The paths of all blocks, also of those inside others, with a shortcut's projection."""
    for index in range(len(report.blocks)):
        yield from _inside(report, (index,))


def _inside(report: Report, path: Path) -> Iterator[Path]:
    yield path
    spot = spot_at(report, path)
    if isinstance(spot.block, Composite):
        for number, row in enumerate(spot.block.rows(spot.input_shape)):
            for place in range(len(row)):
                yield from _inside(report, (*path, number, place))


def every_option(kind: type[Block]) -> list[Network]:
    """Networks around blocks of a type: every value of every setting, beside ordinary others."""
    plain = {name: values[-1 if name == "padding" else 0] for name, values in PLAIN[kind].items()}
    plain |= {"padding": 1, "kernel": 3, "filters": 2, "rounding": "floor"}
    plain = {name: value for name, value in plain.items() if name in PLAIN[kind]}
    settings = [plain | {name: value} for name, values in PLAIN[kind].items() for value in values]
    if "padding_mode" in PLAIN[kind]:
        more = {"padding": (2, 1), "stride": (1, 2), "dilation": (2, 1)}
        settings += [{**each, **more} for each in settings]
    unique = dict.fromkeys(kind(**each) for each in (settings or [{}]))
    networks = (around(block) for block in unique)
    return [network for network in networks if check(network).ok]
