"""Cut, copy, paste and duplicate, through the system's clipboard."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from cnnstudio.blocks import Conv2D, FullyConnected, Input, MaxPool2D
from cnnstudio.blocks.residual import Residual
from cnnstudio.network import Network, text_form
from cnnstudio.ui.document import mime
from cnnstudio.ui.document.clipboard import Clipboard
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.main_window import MainWindow
from tests.ui.conftest import LECTURE

CONV = Conv2D(8, 3, padding=1, activation="relu")
LINE = (
    "INPUT 28x28x1 pad 2 > CONV 6@5x5 + RELU > POOL max 2x2 > CONV 16@5x5 + RELU > "
    "POOL max 2x2 > FC 120 + RELU > FC 100 + RELU > FC 10"
)


@pytest.fixture
def clipboard(session: Session) -> Iterator[Clipboard]:
    QGuiApplication.clipboard().clear()
    yield Clipboard(session)
    QGuiApplication.clipboard().clear()


@pytest.fixture
def told(session: Session) -> list[str]:
    sentences: list[str] = []
    session.noticed.connect(lambda notice: sentences.append(notice.sentence))
    return sentences


def give_text(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def test_copy_puts_a_fragment_and_readable_json_on_the_clipboard(
    session: Session, clipboard: Clipboard
) -> None:
    session.select((1, 4))
    clipboard.copy()
    data = QGuiApplication.clipboard().mimeData()
    expected = [
        {"type": "Conv2D", "settings": {"filters": 6, "kernel": 5, "activation": "relu"}},
        {"type": "MaxPool2D"},
    ]
    for raw in (bytes(data.data(mime.FRAGMENT).data()), data.text().encode()):
        records = json.loads(raw)["blocks"]
        assert [record["type"] for record in records] == [each["type"] for each in expected]
        assert records[0]["settings"].items() >= expected[0]["settings"].items()  # type: ignore[union-attr]


def test_cut_and_paste_move_blocks(session: Session, clipboard: Clipboard) -> None:
    blocks = session.network.blocks
    session.select((1, 3))
    clipboard.cut()
    assert session.network.blocks == (blocks[0], blocks[2], *blocks[4:])
    assert session.history.undo_words == "Cut 2 blocks"
    session.select((5,))
    clipboard.paste()
    assert session.network.blocks == (blocks[0], blocks[2], *blocks[4:], blocks[1], blocks[3])
    assert session.selection == (6, 7)
    assert session.history.undo_words == "Paste 2 blocks"
    clipboard.paste()
    assert len(session.network) == 10  # as often as one likes


def test_steps_are_called_after_the_block_that_they_take_or_make(
    session: Session, clipboard: Clipboard
) -> None:
    session.select((3,))
    clipboard.duplicate()
    assert session.history.undo_words == "Duplicate CONV 2"
    clipboard.cut()
    assert session.history.undo_words == "Cut CONV 3"
    session.select((1,))
    clipboard.paste()
    assert session.history.undo_words == "Paste CONV 2"


def test_duplicate_puts_copies_after_the_selection(session: Session, clipboard: Clipboard) -> None:
    blocks = session.network.blocks
    session.select((1, 2))
    clipboard.duplicate()
    assert session.network.blocks == (*blocks[:3], *blocks[1:3], *blocks[3:])
    assert session.selection == (3, 4)
    assert session.history.undo_words == "Duplicate 2 blocks"
    assert not QGuiApplication.clipboard().text()


def test_the_input_is_not_copied(session: Session, clipboard: Clipboard) -> None:
    session.select((0, 1))
    clipboard.copy()
    clipboard.paste()
    assert [type(b) for b in session.network.blocks].count(Input) == 1
    assert session.network.blocks[2] == session.network.blocks[1]


def test_paste_at_a_place(session: Session, clipboard: Clipboard) -> None:
    give_text("DROPOUT 0.2")
    session.select((7,))
    clipboard.paste((3,))
    assert session.network.names[3].startswith("DROPOUT")


# ---- in words


def test_copy_as_text_is_one_line_of_the_whole_network(
    session: Session, clipboard: Clipboard, told: list[str]
) -> None:
    clipboard.copy_text()
    text = QGuiApplication.clipboard().text()
    assert text == LINE
    assert text_form.read(text) == LECTURE
    assert told == ["Copied the network as text."]


def test_copy_as_text_of_a_selection(session: Session, clipboard: Clipboard) -> None:
    session.select((1, 2))
    clipboard.copy_text()
    assert QGuiApplication.clipboard().text() == "CONV 6@5x5 + RELU > POOL max 2x2"


def test_a_line_is_pasted_behind_the_selection(session: Session, clipboard: Clipboard) -> None:
    give_text("conv 8@3x3 same + relu  →  pool max 2×2\n")
    session.select((1,))
    clipboard.paste()
    assert session.network.blocks[2:4] == (
        Conv2D(8, 3, padding="same", activation="relu"),
        MaxPool2D(),
    )
    assert session.selection == (2, 3)


def test_a_whole_network_in_words_fills_an_empty_one_with_its_input(
    open_session: Callable[[Network], Session],
) -> None:
    session = open_session(Network())
    give_text(LINE)
    Clipboard(session).paste()
    assert session.network == LECTURE
    assert session.selection == tuple(range(1, 8))
    session.undo()
    assert session.network == Network()


def test_its_input_may_be_called_by_another_name(session: Session, clipboard: Clipboard) -> None:
    session.apply(Network(), "Empty")
    give_text("IMAGE 20x20x3 > CONV 4@3x3")
    clipboard.paste()
    assert session.network.blocks == (Input(3, 20, 20), Conv2D(4, 3))


def test_its_input_is_left_out_where_there_are_blocks_already(
    session: Session, clipboard: Clipboard
) -> None:
    give_text("INPUT 64x64x3 > FC 5")
    clipboard.paste()
    assert session.network.input == LECTURE.input
    assert session.network.blocks[-1] == FullyConnected(5)


def test_the_json_of_a_project_is_pasted_too(session: Session, clipboard: Clipboard) -> None:
    records = [{"type": "Input", "settings": {"pad": 2}}, {"type": "MaxPool2D"}]
    for content in ({"network": {"blocks": records}}, {"blocks": records}, records, records[1]):
        before = len(session.network)
        give_text(json.dumps(content))
        clipboard.paste()
        assert len(session.network) == before + 1
        assert session.network.blocks[-1] == MaxPool2D()


# ---- nonsense


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "hello",
        "3.14",
        "{",
        "[1, 2]",
        '{"blocks": []}',
        '{"blocks": [{"type": "Magic"}]}',
        '{"blocks": [{"type": "MaxPool2D"}, {"type": "Input"}]}',
        '{"network": []}',
        "CONV 16@0x0",
        "CONV 16@5x5 > POOL max",
        "INPUT 28x28x1 > CONV 6@5x5 > INPUT 3x3x1",
        "\ud800{",
        "[" * 5000,
        "> > >",
        "CONV 6@5x5 > " * 1200 + "FC 10",
        "x" * 1_200_000,
    ],
    ids=lambda text: repr(text[:24]),
)
def test_nonsense_is_told_in_one_sentence_and_changes_nothing(
    session: Session, clipboard: Clipboard, told: list[str], text: str
) -> None:
    data = QMimeData()
    data.setText(text)
    QGuiApplication.clipboard().setMimeData(data)
    before = session.network
    clipboard.paste()
    if session.network is before:
        assert len(told) == 1
        assert told[0].endswith(".")
        assert len(told[0]) < 300
        assert "\n" not in told[0]
    else:  # a line with a harmless slip may be understood
        assert text == "CONV 16@5x5 > POOL max"


def test_an_empty_clipboard_is_told(
    session: Session, clipboard: Clipboard, told: list[str]
) -> None:
    clipboard.paste()
    assert told == [
        "There are no blocks on the clipboard: copy some here, or a line such as "
        "CONV 16@5x5 + RELU > POOL max 2x2."
    ]


def test_a_damaged_fragment_is_told(
    session: Session, clipboard: Clipboard, told: list[str]
) -> None:
    data = QMimeData()
    data.setData(mime.FRAGMENT, b'{"blocks": [{"type": "Conv2D", "settings": {"filters": -1}}]}')
    QGuiApplication.clipboard().setMimeData(data)
    clipboard.paste()
    assert len(told) == 1
    assert session.network is LECTURE


def test_pasting_while_training_is_refused(
    session: Session, clipboard: Clipboard, told: list[str]
) -> None:
    give_text("FC 5")
    session._run.state = "running"
    clipboard.paste()
    assert told == ["Training is going on: stop it to change the network."]
    assert session.network is LECTURE
    session._run.state = "idle"


# ---- inside a block


def test_inside_a_block_all_of_it_works_on_its_row(
    open_session: Callable[[Network], Session],
) -> None:
    other = Conv2D(8, 5, padding=2)
    session = open_session(Network((Input(), Residual((CONV, other)), FullyConnected(10))))
    clipboard = Clipboard(session)

    def row() -> tuple[object, ...]:
        block = session.network.blocks[1]
        assert isinstance(block, Residual)
        return block.blocks

    session.select_path((1, 0, 0))
    clipboard.duplicate()
    assert row() == (CONV, CONV, other)
    session.select_path((1, 0, 2))
    clipboard.cut()
    assert row() == (CONV, CONV)
    session.select_path((1, 0, 0))
    clipboard.paste()
    assert row() == (CONV, other, CONV)
    clipboard.copy_text()
    assert QGuiApplication.clipboard().text() == "CONV 8@5x5 pad 2"
    for _ in range(3):
        session.undo()
    assert row() == (CONV, other)


def test_the_actions_of_the_window_reach_the_clipboard(window: MainWindow) -> None:
    window.findChild(object, "action_copy_text").trigger()
    assert text_form.read(QGuiApplication.clipboard().text()) == window.session.network
    window.session.select((1,))
    window.findChild(object, "action_copy").trigger()
    window.session.select((2,))
    window.findChild(object, "action_paste").trigger()
    assert window.session.network.blocks[3] == window.session.network.blocks[1]
