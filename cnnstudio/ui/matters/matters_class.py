"""What matters in the probe image for a class: the picture with its colours, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from cnnstudio.explain.grad_cam import cam_paths
from cnnstudio.network import Network, inner
from cnnstudio.ui.document.reasons import no_classes
from cnnstudio.ui.document.saving import save_menu
from cnnstudio.ui.document.session import Session
from cnnstudio.ui.maps.inquiry import Inquiry, Wanted, Weights, Workshop
from cnnstudio.ui.maps.probe import Probe
from cnnstudio.ui.matters.choices import NARROW, fill, fill_paths
from cnnstudio.ui.matters.matters_evidence import (
    METHODS,
    TIPS,
    Evidence,
    Found,
    Way,
    evidence,
    find,
    percent,
)
from cnnstudio.ui.matters.matters_picture import HeatBar, HeatPicture, colours_of
from cnnstudio.ui.parts.choice_fields import Combo, Segmented
from cnnstudio.ui.parts.labels import label
from cnnstudio.ui.theme import ThemeManager
from cnnstudio.ui.typography import pretty

PATCHES = (3, 5, 7, 9, 13)
USUAL_PATCH = 7

ROOM = 440
"""From this width on, in pixels, the picture without colours stands beside it."""

FILLS = {"grey": "grey", "black": "black", "mean": "mean"}
KINDS = {"strength": "Strength", "signed": "Times pixel"}


@dataclass(frozen=True)
class Asked:
    """What was asked, to which probe; two of them are the same where the pixels are."""

    network: Network
    unit: int
    way: Way
    pixels: int
    probe: Probe = field(compare=False)


class ClassEvidence(QWidget):
    """Asks the probe image about a class whenever one of them, or the weights, have changed."""

    def __init__(self, session: Session, themes: ThemeManager) -> None:
        super().__init__()
        self._session, self._themes = session, themes
        self._workshop = Workshop()
        self._inquiry = Inquiry(session, self)
        self._inquiry.answered.connect(self._take)
        self._inquiry.failed.connect(self._fail)
        self.evidence: Evidence | None = None
        self._base = np.zeros((1, 1, 3), np.float32)
        self.methods = Segmented(METHODS, themes)
        self.methods.set_value("occlusion")
        for method, button in self.methods.buttons.items():
            button.setToolTip(TIPS[method])
            button.setAccessibleName(METHODS[method])
        self.classes = self._combo("Class that is asked about", 124)
        self.patch = self._combo("Size of the patch", 72)
        self.fill = self._combo("What the patch is filled with", 76)
        self.kinds = self._combo("What is shown of the gradient", 116)
        self.block = self._combo("Block whose maps are asked", NARROW)
        for size in PATCHES:
            self.patch.addItem(pretty(f"{size}x{size}"), size)
        self.patch.setCurrentIndex(PATCHES.index(USUAL_PATCH))
        for colour, words in FILLS.items():
            self.fill.addItem(words, colour)
        for kind, words in KINDS.items():
            self.kinds.addItem(words, kind)
        self.plain = HeatPicture("The probe image", themes)
        self.picture = HeatPicture("What matters in the probe image", themes)
        self.name = label("title")
        self.caption = label("caption", wrap=True)
        self.caption.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.bar = HeatBar(themes)
        self.words = label("caption", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._arrange()
        self.methods.chosen.connect(lambda *_: self.refresh())
        for picture in (self.plain, self.picture):
            picture.hovered.connect(self._tell)

    def _combo(self, name: str, width: int) -> Combo:
        combo = Combo(self._themes)
        combo.setAccessibleName(name)
        combo.setToolTip(name)
        combo.setMaximumWidth(width)
        combo.activated.connect(self.refresh)
        return combo

    def _options(self) -> tuple[Combo, ...]:
        return (self.classes, self.patch, self.fill, self.kinds, self.block)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        self.methods.setFixedWidth(208)
        head.addWidget(self.methods)
        head.addWidget(self.classes)
        head.addStretch(1)
        side = QVBoxLayout()
        side.setSpacing(4)
        side.addWidget(self.name)
        side.addWidget(self.caption)
        options = QHBoxLayout()
        options.setSpacing(6)
        for combo in self._options()[1:]:
            options.addWidget(combo)
        options.addStretch(1)
        side.addStretch(1)
        side.addLayout(options)
        side.addWidget(self.bar)
        body = QHBoxLayout()
        body.setSpacing(12)
        body.addWidget(self.plain)
        body.addWidget(self.picture)
        body.addLayout(side, 1)
        body.addWidget(self.words, 10)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addLayout(body, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """See whether there is room for both pictures."""
        super().resizeEvent(event)
        self.plain.setVisible(not self.words.isVisible() and self.width() >= ROOM)

    # ---- what is asked

    def refresh(self) -> None:
        """Ask about the present state; what is shown stays until the answer is there."""
        reason = self._reason()
        if reason:
            self._inquiry.drop()
            self.evidence = None
        else:
            self._ask()
        self._show_options(hidden=bool(reason))
        self._show_words(reason or self._inquiry.failure)

    def _ask(self) -> None:
        self._offer_classes()
        self._offer_blocks()
        session = self._session
        unit, way, probe = self._unit(), self._way(), session.probe
        if unit is None or probe is None or (way.method == "cam" and way.block is None):
            return
        weights = Weights.of(session)
        asked = Asked(session.network, unit, way, id(probe.pixels), probe)
        self._inquiry.ask(asked, weights, partial(self._work, weights, asked))

    def rest(self) -> None:
        """Nobody looks: give up what is under way."""
        self._inquiry.drop()

    def stop(self) -> None:
        """End the thread, as on closing."""
        self._inquiry.stop()

    def _work(self, weights: Weights, asked: Asked, wanted: Wanted) -> Found | None:
        model = self._workshop.model(weights)
        return find(model, asked.probe.pixels, asked.unit, asked.way, wanted)

    def _reason(self) -> str:
        """Why nothing can be asked, in one sentence."""
        session = self._session
        reason = no_classes(session)
        if reason:
            return reason
        if self.methods.value() == "cam" and not cam_paths(session.report):
            return "Grad-CAM asks the maps of a block, but this network has no block with maps."
        return ""

    def _show_words(self, sentence: str) -> None:
        """A sentence in place of the pictures; an empty one gives them back."""
        self.words.setText(sentence)
        self.words.setVisible(bool(sentence))
        self.plain.setVisible(not sentence and self.width() >= ROOM)
        for part in (self.picture, self.name, self.caption, self.bar):
            part.setVisible(not sentence)

    def _show_options(self, *, hidden: bool) -> None:
        method = "" if hidden else self.methods.value()
        self.classes.setVisible(not hidden)
        self.patch.setVisible(method == "occlusion")
        self.fill.setVisible(method == "occlusion")
        self.kinds.setVisible(method == "gradient")
        self.block.setVisible(method == "cam")

    def _offer_classes(self) -> None:
        """Predicted, true where it is known, and all classes by name."""
        probe, names = self._session.probe, self._names()
        predicted = self._predicted()
        offered: list[tuple[str, object]] = []
        if predicted is not None:
            offered.append((f"Predicted: {names[predicted]}", "predicted"))
        if probe is not None and probe.label is not None and probe.label < len(names):
            offered.append((f"True: {names[probe.label]}", "true"))
        offered += [(f"Class {name}", unit) for unit, name in enumerate(names)]
        fill(self.classes, offered)

    def _offer_blocks(self) -> None:
        network, paths = self._session.network, cam_paths(self._session.report)
        before = self.block.count()
        fill_paths(self.block, network, paths)
        whole = [path for path in paths if len(path) == 1]
        if not before and whole:
            self.block.setCurrentIndex(paths.index(whole[-1]))

    def _names(self) -> list[str]:
        shape, data = self._session.report.output_shape, self._session.dataset
        units = shape[0] if shape else 0
        known = data.class_names[:units] if data else ()
        return [*known, *(str(unit) for unit in range(len(known), units))]

    def _predicted(self) -> int | None:
        found = self._session.probabilities
        return None if found is None or np.isnan(found).any() else int(np.argmax(found))

    def _unit(self) -> int | None:
        """The output that the chosen class stands for now."""
        chosen, probe = self.classes.currentData(), self._session.probe
        if chosen == "predicted":
            return self._predicted()
        if chosen == "true":
            return probe.label if probe else None
        return int(chosen) if isinstance(chosen, int) else None

    def _way(self) -> Way:
        method = self.methods.value()
        if method == "occlusion":
            return Way(method, self.patch.currentData(), self.fill.currentData())
        if method == "gradient":
            return Way(method, signed=self.kinds.currentData() == "signed")
        return Way(method, block=self.block.currentData())

    # ---- what is shown

    def _take(self, asked: Asked, weights: Weights, found: Found) -> None:
        names, way = self._names(), asked.way
        if asked.network != self._session.network or asked.unit >= len(names):
            return
        block = inner.full_name(asked.network, way.block) if way.block is not None else ""
        _, height, width = asked.probe.pixels.shape
        self.evidence = evidence(found, way, names[asked.unit], block, (height, width))
        self._base = colours_of(asked.probe.pixels)
        self.name.setText(self._heading(names[asked.unit], asked.probe))
        self.plain.show_picture(self._base)
        self.picture.show_picture(self._base, self.evidence.heat)
        self.picture.setAccessibleDescription(self.evidence.words)
        self.bar.show_ends(*self.evidence.ends, signed=self.evidence.signed)
        self._show_words("")
        self._tell(None)

    def _heading(self, name: str, probe: Probe) -> str:
        """The class with its probability, and what the probe is."""
        assert self.evidence is not None
        data = self._session.dataset
        words = f"{name}: {percent(self.evidence.probability)}"
        words += f"  ·  {probe.label_words(data.class_names)}" if data is not None else ""
        return words if self._session.trained else f"{words}  ·  random weights"

    def _fail(self) -> None:
        self.evidence = None
        self._show_words(self._inquiry.failure)

    def _tell(self, place: tuple[int, int] | None) -> None:
        """Say what the pixel under the pointer means, or what the whole picture does."""
        if self.evidence is not None:
            words = self.evidence.words if place is None else self.evidence.at(*place)
            self.caption.setText(pretty(words))
            self.caption.setToolTip(pretty(self.evidence.words))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Save the picture with its colours."""
        found = self.evidence
        if found is None:
            return
        ground = self._themes.theme.color("window")
        name, base = f"what-matters-{self.methods.value()}", self._base
        menu = save_menu(self, name, self.picture, lambda: found.table(base), self._session, ground)
        menu.popup(event.globalPos())
