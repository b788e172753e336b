"""The network's figure saved from the window, opened again by what reads such files."""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog, QMessageBox

from cnnstudio.export import diagram
from cnnstudio.export.svg import FONT, Drawing, text_width
from cnnstudio.network import Network, check, templates
from cnnstudio.network.text_form import read
from cnnstudio.ui.canvas.view import Canvas
from cnnstudio.ui.document.diagram import (
    FIGURES,
    POINTS,
    ask_figure,
    ask_table,
    fill_figure_menu,
    save,
)
from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Notice
from cnnstudio.ui.main_window import MainWindow
from cnnstudio.ui.parts import question
from cnnstudio.ui.parts.passing_menu import passing_menu

NETWORKS = {
    **{name: templates.load(name).network for name in ("lecture", "lenet5", "best", "nielsen-11")},
    "deep": read(
        "CONV 8@3x3 same > RESIDUAL [CONV 16@3x3 same stride 2 floor] > "
        "PARALLEL [CONV 4@1x1 | CONV 4@3x3 same] > POOL global > FC 10"
    ),
    "long": read("CONV 8@3x3 same" + " > BN > RELU > CONV 8@3x3 same" * 19 + " > FC 10"),
    "misfit": read("CONV 6@5x5 stride 2 > FC 10"),
    "empty": Network(),
}


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> Network:
    return NETWORKS[request.param]


def renderer_of(network: Network) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(diagram.draw(network, "Title").encode()))


def test_the_svg_is_one_that_qt_draws(window: MainWindow, network: Network, tmp_path: Path) -> None:
    save(tmp_path / "a.svg", network, "Title")
    renderer = QSvgRenderer(str(tmp_path / "a.svg"))
    assert renderer.isValid()
    assert renderer.defaultSize() == renderer_of(network).defaultSize()


def test_the_png_has_two_pixels_for_one(
    window: MainWindow, network: Network, tmp_path: Path
) -> None:
    save(tmp_path / "a.png", network, "Title")
    picture = QImage(str(tmp_path / "a.png"))
    assert picture.size() == 2 * renderer_of(network).defaultSize()
    assert picture.pixelColor(0, 0).name() == "#ffffff"
    step = max(1, picture.width() // 300)
    seen = {
        picture.pixel(x, y)
        for x in range(0, picture.width(), step)
        for y in range(0, picture.height(), step)
    }
    assert len(seen) > 5


def test_the_pdf_is_one_page_of_the_figures_size_in_vectors(
    window: MainWindow, network: Network, tmp_path: Path
) -> None:
    save(tmp_path / "a.pdf", network, "Title")
    content = (tmp_path / "a.pdf").read_bytes()
    assert content.startswith(b"%PDF-1.")
    assert content.count(b"/Type /Page\n") == 1
    box = re.search(rb"/MediaBox \[([\d. ]+)\]", content)
    assert box is not None
    size = renderer_of(network).defaultSize()
    expected = [0, 0, size.width() * POINTS, size.height() * POINTS]
    assert [float(side) for side in box[1].split()] == pytest.approx(expected, abs=1)
    assert b"/Subtype /Image" not in content
    assert b"/FontDescriptor" in content, "text stays text"
    streams = re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)
    drawn = b"".join(unpacked(stream) for stream in streams)
    assert drawn.count(b" Tj") + drawn.count(b"Tf") > 1


def unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


@pytest.mark.parametrize(
    "words", ["48,120 parameters", "28×28 padded to", "RESIDUAL 12", "mean of each map", "6 @ 5×5"]
)
@pytest.mark.parametrize("size", [11, 18])
def test_words_are_as_wide_as_was_reckoned(window: MainWindow, words: str, size: int) -> None:
    """The figure is laid out without Qt; in Inter its words must have the room they got."""
    font = QFont(FONT)
    font.setPixelSize(size)
    real = QFontMetricsF(font).horizontalAdvance(words)
    assert real <= 1.04 * text_width(words, size) <= 1.25 * real


def test_qt_takes_the_font_although_browsers_are_told_of_others(window: MainWindow) -> None:
    drawing = Drawing()
    drawing.text(100, 30, "48,120 parameters", 18, "black", weight=600)
    source = drawing.document(200, 50, "Words", "white")
    plain, _, rest = source.partition("<style>")
    images = []
    for each in (source, plain + rest.partition("</style>")[2], source.replace(f'"{FONT}"', '"x"')):
        image = QImage(200, 50, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        QSvgRenderer(QByteArray(each.encode())).render(painter)
        painter.end()
        images.append(image)
    assert images[0] == images[1]
    assert images[0] != images[2]


def answer(patch: pytest.MonkeyPatch, path: Path | str) -> list[tuple[str, ...]]:
    """Choose `path` in the next file dialogs; what they were asked."""
    asked: list[tuple[str, ...]] = []

    def ask(_parent: object, *words: str) -> tuple[str, str]:
        asked.append(words)
        return str(path), ""

    patch.setattr(QFileDialog, "getSaveFileName", ask)
    return asked


@pytest.fixture
def notices(window: MainWindow) -> list[Notice]:
    found: list[Notice] = []
    window.session.noticed.connect(found.append)
    return found


@pytest.mark.parametrize("suffix", FIGURES)
def test_the_figure_is_asked_for_by_the_documents_name(
    window: MainWindow, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    notices: list[Notice],
) -> None:  # fmt: skip
    asked = answer(monkeypatch, tmp_path / "figure")
    ask_figure(window.session, window, suffix)
    _, name, filters = asked[0]
    assert Path(name).name == f"{window.session.title}{suffix}"
    assert filters == f"{FIGURES[suffix]} (*{suffix})"
    assert (tmp_path / f"figure{suffix}").is_file()
    assert [(n.sentence, n.severity) for n in notices] == [(f"Saved figure{suffix}.", "done")]


def test_a_file_that_gets_its_suffix_is_not_replaced_unasked(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.svg").write_text("old")
    answer(monkeypatch, tmp_path / "a")
    monkeypatch.setattr(question, "ask", lambda *_: QMessageBox.StandardButton.No)
    ask_figure(window.session, window, ".svg")
    assert (tmp_path / "a.svg").read_text() == "old"
    monkeypatch.setattr(question, "ask", lambda *_: QMessageBox.StandardButton.Yes)
    ask_figure(window.session, window, ".svg")
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize("suffix", FIGURES)
def test_a_failure_is_told(
    window: MainWindow, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    notices: list[Notice],
) -> None:  # fmt: skip
    answer(monkeypatch, tmp_path / "none" / f"a{suffix}")
    ask_figure(window.session, window, suffix)
    assert len(notices) == 1
    assert "cannot be written: there is no folder" in notices[0].sentence
    answer(monkeypatch, "")
    ask_figure(window.session, window, suffix)
    assert len(notices) == 1


@contextlib.contextmanager
def small_disk() -> Iterator[None]:
    """No file can have more than a few bytes."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


SAVED = {"figure": ("PDF", "SVG", "PNG", "CSV"), "panel": ("SVG", "PNG", "CSV")}


class Dots:
    """Something to save."""

    def draw(self, painter: QPainter) -> None:
        for place in range(9):
            painter.drawEllipse(9 * place, 4, 5, 5)

    def drawn_size(self) -> QSize:
        return QSize(90, 20)

    def table(self) -> list[list[object]]:
        return [["place"], *([9 * place] for place in range(99))]


@pytest.mark.parametrize(
    ("of", "words"), [(of, words) for of in ("figure", "panel") for words in SAVED[of]]
)
def test_a_full_disk_is_told_and_the_old_file_stays(
    window: MainWindow, of: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    notices: list[Notice],
) -> None:  # fmt: skip
    """Regression: Qt tells of no write that fails, and half a file was said to be saved."""
    path, dots = tmp_path / f"a.{words.lower()}", Dots()
    path.write_text("old")
    answer(monkeypatch, path)
    menu = passing_menu(window)
    if of == "figure":
        fill_figure_menu(menu, window.session, window)
    else:
        menu = save_menu(window, "a", dots, dots.table, window.session, QColor("white"))
    for action in menu.actions():
        if words in action.text():
            with small_disk():
                action.trigger()
            assert "cannot be written: File too large." in notices[-1].sentence
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
    assert len(notices) == 1


def test_the_sizes_are_saved_as_a_table(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, tmp_path / "a.csv")
    ask_table(window.session, window)
    lines = (tmp_path / "a.csv").read_text("utf-8").splitlines()
    assert lines[0].startswith("block,type,settings,output,parameters")
    assert lines[2] == "CONV 1,Conv2D,6 @ 5x5 · stride 1 · ReLU,28x28x6,156,117600,5"
    assert len(lines) == 1 + len(check(window.session.network).blocks)


def test_the_canvas_menu_saves_it(
    canvas_of: Callable[[Network], Canvas], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = canvas_of(NETWORKS["misfit"])
    canvas.session.select((1,))
    menu = passing_menu(canvas)
    fill_figure_menu(menu, canvas.session, canvas)
    assert len(menu.actions()) == len(FIGURES) + 1
    for action, suffix in zip(menu.actions(), (*FIGURES, ".csv"), strict=True):
        answer(monkeypatch, tmp_path / f"a{suffix}")
        action.trigger()
        assert (tmp_path / f"a{suffix}").stat().st_size > 100
    assert canvas.session.selection == (1,)
    menu.close()
    menu.deleteLater()
