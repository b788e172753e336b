"""The line that says which image the maps are for, and goes to another."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.probe import Probe
from cnnstudio.ui.maps.probe_search import ANY, WRONG, ProbeSearch
from cnnstudio.ui.parts.buttons import PushButton
from cnnstudio.ui.parts.choice_fields import Combo
from cnnstudio.ui.parts.fields import Field
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.theme import ThemeManager

ORIGINS = {"test": "test image", "validation": "validation image"}


class ProbeBar(QWidget):
    """Its number among the test images, to be typed; one before and after, of any kind."""

    def __init__(
        self, session: Session, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._themes = session, themes
        self._names: tuple[str, ...] = ()
        self._shown: Probe | None = None
        self.search = ProbeSearch(session, self)
        self.words = label("caption", "probe")
        self.number = Field(themes, steppers=False)
        self.number.setFixedWidth(56)
        self.number.name("Number of the probe image", "Which image the maps are shown for")
        self.number.setToolTip("Which image the maps are shown for")
        self.number.finished.connect(self._take_number)
        self.number.cancelled.connect(self._show_number)
        self.label = label("caption")
        self.previous = self._button("chevron-left", "Previous probe image", -1)
        self.next = self._button("chevron-right", "Next probe image", 1)
        self.wanted = Combo(themes)
        self.wanted.setAccessibleName("Kind of image that is gone to")
        self.wanted.setToolTip("Which images the arrows go to: all, those of a class, or mistakes")
        self.wanted.setFixedWidth(104)
        self.wanted.activated.connect(self._search_wanted)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        for part in (self.words, self.previous, self.number, self.next, self.label, self.wanted):
            line.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if parent is not None:  # without one it would be shown as a window
            self.refresh()

    def refresh(self) -> None:
        """Show the present probe; a number that is being typed stays while the probe does."""
        probe, before = self._session.probe, self._shown
        self._shown = probe
        self.setVisible(probe is not None)
        if probe is None:
            return
        self._offer()
        self.words.setText("probe" if probe.is_drawn else ORIGINS[probe.origin])
        if probe is not before or not self.number.text.hasFocus():
            self._show_number()
        self.label.setText(self._label_words(probe))

    def _show_number(self) -> None:
        probe = self._session.probe
        self.number.set_wrong(False)
        if probe is not None:
            self.number.text.setText("" if probe.is_drawn else f"{probe.index + 1:,}")

    def _label_words(self, probe: Probe) -> str:
        assert self._session.dataset is not None
        words = probe.label_words(self._session.dataset.class_names)
        return words if probe.is_drawn else f"of {probe.total:,}, {words}"

    def _button(self, icon: str, words: str, step: int) -> PushButton:
        button = PushButton(self._themes, icon_name=icon)
        button.setAccessibleName(words)
        button.setToolTip(words)
        button.clicked.connect(lambda: self.search.go(step, self._wanted()))
        return button

    def _wanted(self) -> int:
        kind = self.wanted.currentData()
        return kind if isinstance(kind, int) else ANY

    def _search_wanted(self) -> None:
        """A kind that is chosen is gone to at once, unless the probe is of that kind."""
        probe, wanted = self._session.probe, self._wanted()
        if wanted != ANY and probe is not None and probe.label != wanted:
            self.search.go(1, wanted)

    def _offer(self) -> None:
        names = self._session.dataset.class_names if self._session.dataset else ()
        if names != self._names or not self.wanted.count():
            self._names = names
            self.wanted.clear()
            self.wanted.addItem("all images", ANY)
            self.wanted.addItem("mistakes", WRONG)
            for place, name in enumerate(names):
                self.wanted.addItem(f"only {name}", place)

    def _take_number(self) -> None:
        probe = self._session.probe
        text = self.number.text.text().replace(",", "").strip()
        if probe is not None and text.isdecimal() and 1 <= int(text) <= probe.total:
            if probe.is_drawn or int(text) != probe.index + 1:
                self._session.set_probe(int(text) - 1, probe.origin)
            self.number.set_wrong(False)
        else:
            self.number.set_wrong(bool(text) or probe is None or not probe.is_drawn)
