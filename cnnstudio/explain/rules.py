"""The rule of every type of block; the modules of the families hand them in."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from cnnstudio.blocks import Block, Shape
from cnnstudio.explain.asked import Rule
from cnnstudio.explain.probing import PROBED
from cnnstudio.explain.terms import Bools

FAMILIES = ("convolutions", "poolings", "fully_connected", "pointwise", "composites")
"""The modules here that have a table ``RULES``."""


@cache
def _rules() -> dict[type[Block], Rule]:
    """All tables as one; read when first needed, as composites look their blocks up in it."""
    modules = [import_module(f"cnnstudio.explain.{family}") for family in FAMILIES]
    return {kind: rule for module in modules for kind, rule in module.RULES.items()}


def rule_of(block: Block) -> Rule:
    """The rule of the block's type; probing where it has none of its own."""
    return _rules().get(type(block), PROBED)


def seen_by(block: Block, shape: Shape, marked: Bools) -> Bools:
    """The inputs ``shape`` that marked outputs of a block may depend on."""
    return rule_of(block).seen(block, shape, marked)
