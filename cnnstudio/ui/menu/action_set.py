"""The actions of the table as QActions that always say what they do and why they are off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QWidget

from cnnstudio.ui.document.session import Session
from cnnstudio.ui.icons import icon
from cnnstudio.ui.menu.command import Command
from cnnstudio.ui.menu.spec import Spec
from cnnstudio.ui.theme import Theme, ThemeManager
from cnnstudio.ui.typography import pretty

Handlers = Mapping[str, Callable[[], object]]
Checks = Mapping[str, Callable[[], bool]]


class ActionSet(QObject):
    """A QAction for each entry of a table, named ``action_<name>`` and added to the window.

    `handlers` has a function for each of them: KeyError tells the one that is missing. `checks`
    has, for those that can be on or off, whether they are on.
    """

    def __init__(
        self,
        window: QWidget,
        session: Session,
        themes: ThemeManager,
        specs: Sequence[Spec],
        handlers: Handlers,
        checks: Checks,
    ) -> None:
        super().__init__(window)
        self._session, self._themes = session, themes
        self.specs = {spec.name: spec for spec in specs}
        self._checks = checks
        self._needs = {need for spec in specs for need in spec.needs}
        self._said: dict[str, tuple[str, str | None]] = {}
        self._history, self._chosen = session.history, session.selected_paths
        self.by_name = {spec.name: self._create(spec, handlers[spec.name]) for spec in specs}
        window.addActions(list(self.by_name.values()))
        for signal in (session.file_changed, session.training_changed, session.probe_changed):
            signal.connect(self.refresh)
        session.selection_changed.connect(self._follow_selection)
        session.network_changed.connect(self._follow_network)
        themes.changed.connect(self._tint)
        self._tint()
        self.refresh()

    def _create(self, spec: Spec, run: Callable[[], object]) -> QAction:
        action = QAction(spec.text, self.parent())
        action.setObjectName(f"action_{spec.name}")
        keys = [QKeySequence(key) for key in spec.keys]
        action.setShortcuts(
            [k for i, k in enumerate(keys) if k not in keys[:i] and not k.isEmpty()]
        )
        action.setCheckable(spec.name in self._checks)
        action.triggered.connect(lambda _checked=False: self._run(run))
        return action

    def _run(self, run: Callable[[], object]) -> None:
        """Do it; what is on or off is asked for afterwards, as a click has changed the mark."""
        run()
        self._show_checks()

    def _follow_network(self) -> None:
        """Behind an edit `file_changed` tells of it, too; of weights that are drawn it does not."""
        if self._session.history is self._history:
            self.refresh()

    def _follow_selection(self) -> None:
        """What an edit selects was selected already when `file_changed` told of the edit."""
        is_known = self._session.history is self._history
        if not is_known or self._session.selected_paths != self._chosen:
            self.refresh()

    def refresh(self) -> None:
        """Say what each action would do now, and offer those that can be done."""
        self._history, self._chosen = self._session.history, self._session.selected_paths
        reasons = {need: need(self._session) for need in self._needs}
        for name, spec in self.specs.items():
            refusal = next((words for need in spec.needs if (words := reasons[need])), None)
            words = spec.words(self._session) if spec.words else spec.text
            if self._said.get(name) != (words, refusal):
                self._said[name] = words, refusal
                self._show(spec, self.by_name[name], words, refusal)
        self._show_checks()

    def commands(self) -> Iterator[Command]:
        """The actions as rows of the command list, those of menus in menus last."""
        for name, spec in sorted(self.specs.items(), key=lambda item: "/" in item[1].menu):
            action = self.by_name[name]
            yield Command(
                pretty(spec.words(self._session) if spec.words else spec.command or spec.text),
                action.trigger,
                pretty(spec.help),
                shortcut_words(action),
                spec.refusal(self._session),
                spec.icon,
                spec.family,
                checked=action.isChecked(),
                name=name,
                other_title=spec.text,
            )

    def _show(self, spec: Spec, action: QAction, words: str, refusal: str | None) -> None:
        help_words = words if words != spec.text else spec.help
        action.setEnabled(refusal is None)
        action.setText(words)
        action.setToolTip(refusal or pretty(help_words) + keys_behind(action))

    def _show_checks(self) -> None:
        for name, is_on in self._checks.items():
            self.by_name[name].setChecked(is_on())

    def _tint(self) -> None:
        for spec in self.specs.values():
            if spec.icon:
                self.by_name[spec.name].setIcon(tinted(spec, self._themes.theme))


def keys_behind(action: QAction) -> str:
    """The shortcut as it stands behind a tooltip, or nothing."""
    keys = shortcut_words(action)
    return f"  ({keys})" if keys else ""


def shortcut_words(action: QAction) -> str:
    """The first shortcut as people read it, or nothing."""
    return key_words(action.shortcut())


def key_words(keys: QKeySequence) -> str:
    """Keys as people read them; both keys that say Enter are called so."""
    return keys.toString(QKeySequence.SequenceFormat.NativeText).replace("Return", "Enter")


def tinted(spec: Spec, theme: Theme) -> QIcon:
    """The icon of `spec` in the colours of `theme`."""
    tone = theme.color("onaccent") if spec.name == "train" else theme.color("text2")
    colour = theme.family(spec.family) if spec.family else tone
    return icon(spec.icon, colour, disabled=theme.color("disabled"))
