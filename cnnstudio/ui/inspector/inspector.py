"""The inspector: settings and arithmetic of the selected blocks, or the network and its recipe."""

from __future__ import annotations

from collections import Counter
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from cnnstudio.blocks import Block, Family, Shape
from cnnstudio.blocks.row import rows_of
from cnnstudio.network import Network, Recipe, inner
from cnnstudio.network.inner_report import inner_report
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.inspector.drafts import Drafts, is_same_block
from cnnstudio.ui.inspector.facts import BlockFacts
from cnnstudio.ui.inspector.inspector_parts import Header, NetworkFacts
from cnnstudio.ui.inspector.recipe_form import RecipeForm
from cnnstudio.ui.inspector.settings_form import SettingsForm
from cnnstudio.ui.parts.labels import divider, label
from cnnstudio.ui.parts.later import Later
from cnnstudio.ui.theme import ThemeManager

MARGIN = 16

NARROWEST = 288
"""The least width, in pixels, in which no form is cut."""


class Inspector(QScrollArea):
    """Shows and edits what is selected: a block, several blocks, or with nothing the network.

    One editor's gesture is one undo step; blocks of one type are edited together. While training
    runs or is paused everything is shown, and of the recipe some settings can be changed.
    It follows the session by the next turn of the event loop; its public parts are up to date
    whenever they are asked for.
    """

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("inspector")
        self.setAccessibleName("Inspector")
        self._session = session
        self._themes = themes
        self._later = Later(self, self._refresh)
        self._shown: tuple[object, ...] = ()
        self._followed: object = None
        self.forms: dict[type, SettingsForm] = {}
        self._edited: Block | Recipe | None = None
        self._edited_path: inner.Path = ()
        self._network_shown = session.network
        self._drafts = Drafts()
        self._header = Header(themes)
        self._header.back.clicked.connect(self._go_back)
        self._hint = label("caption", wrap=True)
        self._network = NetworkFacts(themes)
        self.recipe_title = label("title", "Training recipe")
        self._line = divider()
        self._facts = BlockFacts(session, themes)
        self._facts.pointed.connect(self._mark)
        self._facts.chosen.connect(self._focus)
        self._build()
        self.verticalScrollBar().rangeChanged.connect(self._fit_margin)
        for signal in (session.network_changed, session.selection_changed, session.recipe_changed):
            signal.connect(self._later.ask)
        session.training_changed.connect(self._show_lock)
        themes.changed.connect(self._refresh)
        session.file_changed.connect(self._show_title)
        session.restarted.connect(self._begin_anew)
        self._refresh()

    @property
    def form(self) -> SettingsForm | None:
        """The form that is shown: a block type's or the recipe's; None for several types."""
        self._later.flush()
        return next((f for f in self.forms.values() if not f.isHidden()), None)

    @property
    def header(self) -> Header:
        """The name and the glyph of what is shown."""
        self._later.flush()
        return self._header

    @property
    def hint(self) -> QLabel:
        """What several selected blocks have to do with each other."""
        self._later.flush()
        return self._hint

    @property
    def network(self) -> NetworkFacts:
        """The totals of the network, shown while no block is selected."""
        self._later.flush()
        return self._network

    @property
    def facts(self) -> BlockFacts:
        """What is known about the selected blocks."""
        self._later.flush()
        return self._facts

    def focus_first(self) -> None:
        """Put the keyboard focus into the first setting that can be changed now, and show it.

        Where none can be, the first one takes it, for reading.
        """
        form = self.form
        shown = [] if form is None else [n for n, e in form.editors.items() if not e.isHidden()]
        if form is not None and shown:
            editor = form.editors[min(shown, key=form.is_locked)]
            editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.ensureWidgetVisible(editor, 0, MARGIN)

    def _mark(self, name: str) -> None:
        if self.form is not None:
            self.form.mark(name)

    def _focus(self, name: str) -> None:
        if self.form is not None:
            self.form.reveal(name)
            self.form.editors[name].setFocus(Qt.FocusReason.MouseFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up."""
        self._later.flush()
        super().showEvent(event)

    def _refresh(self) -> None:
        """Show the session's present state."""
        paths = self._session.selected_paths
        self._hint.setVisible(len(paths) > 1)
        is_inside = bool(paths) and len(paths[0]) > 1
        owner = inner.name(self._session.network, paths[0][:-2]) if is_inside else ""
        self._header.show_way_back(owner)
        if not paths:
            self._show_network()
        elif len(paths) == 1:
            self._show_block(paths[0])
        else:
            self._show_several(paths)
        self._show_lock()
        self._followed = self._chosen()
        self._network_shown = self._session.network

    def _show_lock(self) -> None:
        """Close what cannot be changed now."""
        form, locked = self.form, self._session.locked
        self._header.set_locked(locked)
        if isinstance(form, RecipeForm):
            form.lock(locked)
        elif form is not None:
            form.set_locked(locked)

    def _chosen(self) -> object:
        """What is selected: the places, and the kinds of the blocks there."""
        session = self._session
        return session.selected_paths, [type(block) for block in session.selected_blocks]

    def _build(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        self._column = column
        self._fit_margin()
        column.setSpacing(12)
        column.addWidget(self._header)
        column.addWidget(self._hint)
        column.addWidget(self._network)
        self._form_place = QVBoxLayout()
        column.addWidget(self.recipe_title)
        column.addLayout(self._form_place)
        column.addWidget(self._line)
        column.addWidget(self._facts)
        column.addStretch(1)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(NARROWEST)

    def _fit_margin(self) -> None:
        """Let the scroll bar stand in the margin, so that nothing moves when it comes."""
        bar = self.verticalScrollBar()
        right = MARGIN - bar.sizeHint().width() if bar.maximum() else MARGIN
        self._column.setContentsMargins(MARGIN, 4, right, MARGIN)

    def _show_title(self) -> None:
        """The name of the document, which changes without the network when it is saved."""
        if not self._session.selection:
            blocks = len(self._session.network) - 1
            self._header.show_words(self._session.title, f"{blocks} blocks after the input")

    def _show_network(self) -> None:
        session = self._session
        self._header.tile.show_glyph(Family.INPUT, "layout")
        self._show_title()
        self._network.show_network(session.report)
        self._show_parts(network=True)
        self._line.hide()
        key = ("recipe",)
        self._show_declared(session.recipe, key, fresh=key != self._shown)

    def _show_block(self, path: inner.Path) -> None:
        """The block at `path`, of the network or inside one of its blocks."""
        network, report = self._session.network, self._session.report
        entry, before = inner_report(report, path)
        block = entry.block
        self._header.tile.show_block(block)
        self._header.show_words(" › ".join(_names(network, path)), block.title)
        self._show_parts(facts=True)
        self._facts.show_block(entry, before, report)
        key = (type(block), path)
        fresh = self._is_other(key, path)
        form = self._show_declared(block, key, path, entry.input_shape, fresh=fresh)
        self._line.setVisible(bool(form.editors))
        if fresh:
            self.verticalScrollBar().setValue(0)

    def _is_other(self, key: tuple[object, ...], *paths: inner.Path) -> bool:
        """Whether other blocks are to be shown than those that are: an edit may bring them here."""
        before, after = self._network_shown, self._session.network
        same = key == self._shown and all(is_same_block(before, after, path) for path in paths)
        return not same

    def _show_declared(
        self,
        edited: Block | Recipe,
        key: tuple[object, ...],
        path: inner.Path = (),
        shape: Shape | None = None,
        *,
        fresh: bool,
    ) -> SettingsForm:
        """The form of one block or of the recipe, with what was typed in it before."""
        if fresh:
            self._keep_drafts()
        form = self._show_form(type(edited), key)
        form.show_values(edited.values(), shape, fresh=fresh)
        if fresh:
            form.restore(self._drafts.take(edited, path, self._session.network))
        self._edited, self._edited_path = edited, path
        return form

    def _go_back(self) -> None:
        paths = self._session.selected_paths
        if paths and len(paths[0]) > 1:
            self._session.select_path(paths[0][:-2])

    def _keep_drafts(self) -> None:
        """Remember what was typed and refused in the form that goes, for when it comes back."""
        if self.form is not None and self._edited is not None:
            self._drafts.keep(self._edited, self._edited_path, self.form.drafts())
        self._edited = None

    def _begin_anew(self) -> None:
        """Another document: what was typed belongs to the one before."""
        self._drafts.clear()
        self._shown, self._edited = (), None
        self._later.ask()

    def _show_several(self, paths: tuple[inner.Path, ...]) -> None:
        session, blocks = self._session, self._session.selected_blocks
        stems = Counter(block.stem.upper() for block in blocks)
        self._keep_drafts()
        self._header.tile.show_block(blocks[0])
        line = ", ".join(f"{number} {stem}" for stem, number in stems.items())
        self._header.show_words(f"{inner.called(session.network, paths)} selected", line)
        self._show_parts(facts=True)
        self._line.show()
        self._facts.show_several([inner_report(session.report, path)[0] for path in paths])
        same = len({type(block) for block in blocks}) == 1
        self._hint.setText(
            "A change applies to all of them."
            if same
            else "They are of several types: select blocks of one type to edit them together."
        )
        if not same:
            self._shown = ()
            self._hide_forms(but=None)
            return
        key = (type(blocks[0]), *paths)
        fresh = self._is_other(key, *paths)
        form = self._show_form(type(blocks[0]), key)
        names = [inner.name(session.network, path) for path in paths]
        form.show_several(
            [(n, b.values()) for n, b in zip(names, blocks, strict=True)], fresh=fresh
        )

    def _show_parts(self, *, network: bool = False, facts: bool = False) -> None:
        self._network.setVisible(network)
        self.recipe_title.setVisible(network)
        self._facts.setVisible(facts)

    def _hide_forms(self, *, but: SettingsForm | None) -> None:
        """A form that stays is never hidden in between: its field would lose the keyboard.

        Of one that goes, the panel takes the keyboard: Qt would pass it on as the Tab key does,
        and the canvas answers that by selecting a card.
        """
        focused = QApplication.focusWidget()
        for form in tuple(self.forms.values()):
            if form is not but:
                if focused is not None and form.isAncestorOf(focused):
                    self.setFocus(Qt.FocusReason.OtherFocusReason)
                form.set_shown(False)

    def _show_form(
        self, declared: type[Block] | type[Recipe], key: tuple[object, ...]
    ) -> SettingsForm:
        if declared not in self.forms:
            form = _make_form(declared, self._themes)
            self.forms[declared] = form
            form.edited.connect(partial(self._edit, form))
            form.pointed.connect(self._facts.mark)
            self._form_place.addWidget(form)
        self._shown = key
        form = self.forms[declared]
        self._hide_forms(but=form)
        form.set_shown(True)
        return form

    def _edit(self, form: SettingsForm, name: str, value: object, merge: bool) -> None:
        """Make an edit of the form; what the form then shows is there for the next key.

        A form that was hidden meanwhile, as behind another program, tells of what is not shown.
        """
        if self._followed == self._chosen() and not form.isHidden():
            self._make_edit(name, value, merge=merge)
        self._later.flush()

    def _make_edit(self, name: str, value: object, *, merge: bool) -> None:
        session, network = self._session, self._session.network
        if not session.selected_paths:
            session.set_recipe(session.recipe.with_values(**{name: value}), merge=merge)
            return
        for path in session.selected_paths:
            block = inner.block_at(network, path).with_values(**{name: value})
            network = inner.replace(network, path, block)
        session.apply(network, self._words(name), merge=merge)

    def _words(self, name: str) -> str:
        network, paths = self._session.network, self._session.selected_paths
        setting = inner.block_at(network, paths[0]).declarations()[name].label.lower()
        return f"Change {setting} of {inner.called(network, paths)}"


def _make_form(declared: type[Block] | type[Recipe], themes: ThemeManager) -> SettingsForm:
    """The recipe's form has groups of its own."""
    if issubclass(declared, Recipe):
        return RecipeForm(themes)
    return SettingsForm(declared, themes)


def _names(network: Network, path: inner.Path) -> list[str]:
    """The names of the blocks that lead to the one at `path`, the outermost first."""
    found = []
    for end in range(1, len(path) + 1, 2):
        name, owner = inner.name(network, path[:end]), path[: max(1, end - 2)]
        several = end > 1 and len(rows_of(inner.block_at(network, owner))) > 1
        found.append(f"branch {path[end - 2] + 1}, {name}" if several else name)
    return found
