"""A drawing as SVG text: shapes and words in the part of SVG that every viewer understands.

No clip-path, no markers, one font name: that is what QtSvg and office programs take.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

FONT = "Inter"

_OTHERS = f"<style>@media all{{text{{font-family:{FONT},Arial,sans-serif}}}}</style>"
"""What browsers take where the font is not there. QtSvg takes no list, and overlooks @media."""

Point = tuple[float, float]

_WIDTHS = {**dict.fromkeys("iljI.,:;'|!", 0.27), **dict.fromkeys("ftr()[] ", 0.36),
           **dict.fromkeys("mwMW@%", 0.87), **dict.fromkeys("0123456789×+", 0.62)}  # fmt: skip
_CAPITAL, _SMALL = 0.69, 0.57
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML file may hold."""


class Drawing:
    """Collects shapes; sizes and places in pixels, y downwards."""

    def __init__(self) -> None:
        self._elements: list[str] = []

    def polygon(
        self, points: Sequence[Point], fill: str, stroke: str = "none", **more: str
    ) -> None:
        """A closed shape; further attributes by name, with _ for the hyphen."""
        corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self._add("polygon", points=corners, fill=fill, stroke=stroke, **more)

    def line(self, points: Sequence[Point], stroke: str, width: float = 1.0, **more: str) -> None:
        """A line through points."""
        corners = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        more = {"stroke_linejoin": "round", "stroke_linecap": "round"} | more
        self._add(
            "polyline", points=corners, fill="none", stroke=stroke, stroke_width=number(width),
            **more,
        )  # fmt: skip

    def rectangle(self, x: float, y: float, width: float, height: float, **more: str) -> None:
        """An upright rectangle."""
        sides = {"x": x, "y": y, "width": width, "height": height}
        self._add("rect", **{name: number(value) for name, value in sides.items()}, **more)

    def circle(self, x: float, y: float, radius: float, fill: str, stroke: str = "none") -> None:
        """A circle around a point."""
        self._add("circle", cx=number(x), cy=number(y), r=number(radius), fill=fill, stroke=stroke)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        fill: str,
        *,
        weight: int = 400,
        anchor: str = "middle",
    ) -> None:
        """A line of words; `y` is that of the line they stand on."""
        self._elements.append(
            f'<text x="{number(x)}" y="{number(y)}" font-family="{FONT}" '
            f'font-size="{number(size)}" font-weight="{weight}" text-anchor="{anchor}" '
            f'fill="{fill}">{escape(clean(words))}</text>'
        )

    def document(self, width: float, height: float, title: str, ground: str) -> str:
        """The whole as an SVG file of that size."""
        size = f"{number(width)} {number(height)}"
        sides = f'width="{number(width)}" height="{number(height)}"'
        return "\n".join(
            (
                '<?xml version="1.0" encoding="UTF-8"?>',
                f'<svg xmlns="http://www.w3.org/2000/svg" {sides} viewBox="0 0 {size}">',
                f"<title>{escape(clean(title))}</title>",
                _OTHERS,
                f'<rect {sides} fill="{ground}"/>',
                *self._elements,
                "</svg>\n",
            )
        )

    def _add(self, name: str, **attributes: str) -> None:
        words = (f'{key.replace("_", "-")}="{value}"' for key, value in attributes.items())
        self._elements.append(f"<{name} {' '.join(words)}/>")


def number(value: float) -> str:
    """`value` to a hundredth, without idle zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def clean(words: str) -> str:
    """`words` without what no XML file may hold."""
    return _FORBIDDEN.sub("", words)


def text_width(words: str, size: float) -> float:
    """About how wide `words` are in Inter; within a few percent, and rather too wide."""
    widths = (_WIDTHS.get(letter, _CAPITAL if letter.isupper() else _SMALL) for letter in words)
    return size * sum(widths)


def mix(color: str, ground: str, share: float) -> str:
    """`color` with a `share` of `ground`, both as #RRGGBB."""
    pairs = zip(_channels(color), _channels(ground), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def _channels(color: str) -> tuple[int, ...]:
    return tuple(int(color[place : place + 2], 16) for place in (1, 3, 5))
