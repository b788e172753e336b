"""The figure of a network: right in what it says, whole for any network, and plain SVG."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given, settings

from cnnstudio import cli
from cnnstudio.blocks import Input, Shape
from cnnstudio.errors import ExportError
from cnnstudio.export import diagram
from cnnstudio.export.diagram_box import Scale
from cnnstudio.export.diagram_style import style
from cnnstudio.export.svg import number, text_width
from cnnstudio.network import Network, check, templates
from cnnstudio.network.text_form import read
from tests.strategies import networks

SVG = "{http://www.w3.org/2000/svg}"

ALLOWED = {"svg", "title", "style", "rect", "polygon", "polyline", "circle", "text"}
"""What QtSvg and office programs draw alike."""

DEEP = read(
    "INPUT 28x28x1 > CONV 8@3x3 same + BN > RESIDUAL [CONV 8@3x3 same + RELU > CONV 8@3x3 same] > "
    "RESIDUAL [CONV 16@3x3 same stride 2 floor] > PARALLEL [CONV 4@1x1 | CONV 4@3x3 same | "
    "RESIDUAL [CONV 16@3x3 same]] > PARALLEL [CONV 20@1x1 | CONV 20@1x1] sum > POOL global > FC 10"
)
LONG = read("INPUT 32x32x3" + " > CONV 16@3x3 same > BN > RELU" * 19 + " > POOL global > FC 10")


def parsed(network: Network, title: str = "") -> ET.Element:
    return ET.fromstring(diagram.draw(network, title))


def words(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def corners(root: ET.Element) -> list[tuple[float, float]]:
    """Every point of every shape, and the ends of every line of text."""
    found = []
    for element in root.iter():
        for point in (element.get("points") or "").split():
            x, y = point.split(",")
            found.append((float(x), float(y)))
        if element.tag == f"{SVG}text":
            x, y, size = (float(element.get(name, "")) for name in ("x", "y", "font-size"))
            width = text_width(element.text or "", size)
            left = x if element.get("text-anchor") == "start" else x - width / 2
            found += [(left, y - size), (left + width, y)]
        if element.tag == f"{SVG}rect":
            x, y = (float(element.get(name, "0")) for name in ("x", "y"))
            found += [(x, y), (x + float(element.get("width", "")), y)]
    return found


@pytest.mark.parametrize("name", templates.names())
def test_it_says_what_the_check_says(name):
    project = templates.load(name)
    report = check(project.network)
    said = words(parsed(project.network, project.name))
    assert said[0] == project.name
    assert said[1] == (
        f"{report.parameters:,} parameters  ·  {report.multiply_adds:,} multiply-adds an image"
    )
    for entry in report.blocks:
        assert entry.name in said
        if entry.parameters:
            assert f"{entry.parameters:,} parameters" in said
        if entry.output_shape and not entry.output_shape.is_flat:
            assert str(entry.output_shape).replace("x", "×") in said


def test_the_lecture_by_hand():
    said = words(parsed(templates.load("lecture").network))
    conv = said.index("CONV 1")
    assert said[conv : conv + 5] == ["CONV 1", "6 @ 5×5", "ReLU", "28×28×6", "156 parameters"]
    fc = said.index("FC 1")
    assert said[fc : fc + 4] == ["FC 1", "120 units", "ReLU", "48,120 parameters"]


@settings(max_examples=60)
@given(networks())
def test_any_network_is_drawn_within_its_frame(network):
    root = parsed(network)
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    assert root.get("viewBox") == f"0 0 {number(width)} {number(height)}"
    for x, y in corners(root):
        assert -1 <= x <= width + 1
        assert -1 <= y <= height + 1


@pytest.mark.parametrize("network", [DEEP, LONG, Network()], ids=["deep", "long", "empty"])
def test_only_plain_svg_with_one_font(network):
    root = parsed(network)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= ALLOWED
    fonts = {element.get("font-family") for element in root.iter(f"{SVG}text")}
    assert fonts == {"Inter"}
    (style,) = [element.text for element in root.iter(f"{SVG}style")]
    assert "font-family:Inter,Arial,sans-serif" in style, "for browsers that have no Inter"
    sizes = {float(element.get("font-size", "")) for element in root.iter(f"{SVG}text")}
    assert min(sizes) >= 11


def test_rows_in_a_composite_are_drawn_with_their_names():
    said = words(parsed(DEEP))
    assert said.count("RESIDUAL 1") == 2  # one of the row, one in a branch
    assert said.count("PROJECTION") == 1  # where size and channels change
    for name in ("PARALLEL 1", "PARALLEL 2", "POOL 1", "FC 1"):
        assert said.count(name) == 1
    assert said.count("CONV 1") == 8


def test_a_long_network_stands_in_rows():
    root = parsed(LONG)
    names = {entry.name for entry in check(LONG).blocks}
    lines: dict[str, int] = {}
    for element in root.iter(f"{SVG}text"):
        if element.text in names:
            lines[element.get("y", "")] = lines.get(element.get("y", ""), 0) + 1
    assert sum(lines.values()) == len(LONG) == 60
    assert 3 <= len(lines) <= 6
    assert float(root.get("width", "")) < 1_500


def test_labels_of_a_row_keep_clear_of_each_other():
    for network in (LONG, DEEP, *(templates.load(name).network for name in templates.names())):
        lines: dict[str, list[tuple[float, float]]] = {}
        for element in parsed(network).iter(f"{SVG}text"):
            if element.get("text-anchor") == "middle":
                half = text_width(element.text or "", float(element.get("font-size", ""))) / 2
                x = float(element.get("x", ""))
                lines.setdefault(element.get("y", ""), []).append((x - half, x + half))
        for spans in lines.values():
            spans.sort()
            for before, after in pairwise(spans):
                assert before[1] < after[0]


def test_what_does_not_fit_shows_no_size():
    network = read("INPUT 28x28 > CONV 6@5x5 stride 2 > POOL max 2x2 > FC 10")
    said = words(parsed(network))
    assert said[1] == "CONV 1 does not fit: (28 - 5) / 2 + 1 = 12.50."
    assert said.count("?") == 3
    assert said.count("! does not fit") == 1


def test_sizes_are_those_of_the_maps():
    scale = Scale(100, 32)
    large, small = scale.box(Shape((6, 32, 32))), scale.box(Shape((6, 8, 16)))
    assert large.height == large.width == pytest.approx(100)
    assert small.height < small.width < large.width
    assert scale.box(Shape((64, 8, 8))).depth > scale.box(Shape((6, 8, 8))).depth
    assert scale.box(Shape((1000,))).height > scale.box(Shape((10,))).height


def test_the_same_network_gives_the_same_bytes():
    network = templates.load("best").network
    assert diagram.draw(network, "a") == diagram.draw(network, "a")


def test_titles_are_only_words():
    title = 'a < b & "c"\x00\x0b</text><script/>'
    root = parsed(Network((Input(),)), title)
    assert words(root)[0] == 'a < b & "c"</text><script/>'


def test_colours_are_the_families():
    text = diagram.draw(templates.load("lecture").network)
    look = style()
    used = {"INPUT", "CONV", "POOL", "FC"}
    for family, color in look.families.items():
        assert (f'fill="{color}"' in text) is (family in used)


def test_the_command_draws_an_untrained_network(capsys, tmp_path):
    out = tmp_path / "a.svg"
    assert cli.main(["export", "lenet5", str(out)]) == 0
    captured = capsys.readouterr()
    assert captured.out == "a.svg drawn, a figure of 10 blocks.\n"
    assert captured.err == ""
    assert words(ET.fromstring(out.read_text("utf-8")))[0] == "LeNet-5"
    assert cli.main(["export", "CONV 6@5x5 stride 2 > FC 10", str(out)]) == 0
    assert "CONV 1 does not fit" in capsys.readouterr().err
    assert re.search("CONV 1 does not fit", out.read_text("utf-8"))
    assert cli.main(["export", "tiny", str(tmp_path / "none" / "a.svg")]) == 2
    assert "there is no folder" in capsys.readouterr().err
    assert cli.main(["export", "tiny", str(tmp_path / "a.gif")]) == 2
    assert ".svg for a drawing" in capsys.readouterr().err


def test_a_failure_leaves_the_old_file(tmp_path, monkeypatch):
    out = tmp_path / "a.svg"
    out.write_text("old")

    def fail(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(diagram, "draw", fail)
    with pytest.raises(ExportError, match="The old file is unchanged"):
        diagram.write(Network(), out)
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]
