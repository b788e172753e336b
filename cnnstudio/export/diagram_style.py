"""The colours and sizes of the diagram: the light theme's families on white paper."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from cnnstudio import paths
from cnnstudio.blocks import Block, Family


@dataclass(frozen=True)
class Style:
    """What the drawing is made with; colours as #RRGGBB."""

    paper: str
    text: str
    faint: str
    wire: str
    error: str
    families: Mapping[str, str]

    def color(self, block: Block) -> str:
        """The colour of the block's family."""
        return self.family(block.family)

    def family(self, family: Family) -> str:
        """The colour of a family."""
        return self.families[family.value]


@lru_cache(maxsize=1)
def style() -> Style:
    """The style of the light theme, whose colours the eyes of the colour-blind tell apart."""
    theme = json.loads(paths.resource("themes", "light.json").read_text("utf-8"))
    colors = theme["colors"]
    return Style(
        paper=colors["paper"],
        text=colors["text"],
        faint=colors["text2"],
        wire=colors["text3"],
        error=colors["errortext"],
        families={name: family["solid"] for name, family in theme["families"].items()},
    )
