"""How each block computes: the layers that do a block's arithmetic, in their order."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from cnnstudio.blocks import Block
from cnnstudio.engine.layers.layer import Layer


def _collected() -> dict[type[Block], tuple[type[Layer], ...]]:
    """The tables ``LAYERS`` of all files here as one."""
    files = [import_module(f"{__name__}.{file.name}") for file in pkgutil.iter_modules(__path__)]
    return {kind: layers for file in files for kind, layers in getattr(file, "LAYERS", {}).items()}


LAYERS = _collected()
"""The layers of every block type; one that has nothing to do at its place is left out."""
