"""What the gallery offers: an empty network, the templates in groups, and the recent files."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path

from cnnstudio.errors import CnnStudioError
from cnnstudio.network import Network, Report, check, templates
from cnnstudio.network.atomic import exists
from cnnstudio.network.project_file import peek
from cnnstudio.network.templates import Template
from cnnstudio.ui.document.documents import Documents
from cnnstudio.ui.typography import pretty

_ACCURACY = re.compile(r"(\d+(?:\.\d+)?) %")

RECENT = "Recent"
FIRST_GROUP = "Empty, or the lecture's"
"""What the first group of templates is called here, where the empty network joins it."""


@dataclass(frozen=True)
class Entry:
    """One card: its words, what it opens, and the network that it shows."""

    name: str
    title: str
    line: str
    """What stands below the title."""
    description: str
    open: Callable[[], object]
    note: str = ""
    """What stands at the right of the line."""
    network: Network | None = None
    is_missing: bool = False

    @cached_property
    def report(self) -> Report | None:
        """The sizes of the network, for the drawing."""
        return check(self.network) if self.network else None

    def matches(self, text: str) -> bool:
        """Whether every word of `text` is somewhere in the words of the card."""
        words = _typed(f"{self.title} {self.line} {self.note} {self.description}")
        return all(word in words for word in _typed(text).split())


Group = tuple[str, tuple[Entry, ...]]


def template_groups(documents: Documents) -> tuple[Group, ...]:
    """The templates in their groups; the first begins with the empty network."""
    by_name = {template.name: template for template in templates.list_all()}
    (_, first), *others = templates.GROUPS
    from_lecture = (_empty(documents), *_of(documents, (by_name[name] for name in first)))
    return (
        (FIRST_GROUP, from_lecture),
        *((title, _of(documents, (by_name[n] for n in names))) for title, names in others),
    )


def accuracy(description: str) -> str:
    """The accuracy that a template's description gives, such as "98.78 %"; "" where none."""
    found = _ACCURACY.search(description)
    return found.group() if found else ""


def read_recent(documents: Documents, files: Iterable[Path]) -> tuple[Entry, ...]:
    """The cards of recent files; reads them, so that it may take long."""
    return tuple(_file(documents, path) for path in files)


def unread(documents: Documents, path: Path) -> Entry:
    """The card of a recent file before it was read."""
    return Entry(str(path), path.stem, "", str(path), partial(documents.open_recent, path))


def _empty(documents: Documents) -> Entry:
    words = "The INPUT alone: drag blocks onto the canvas, or press Ctrl+K and type."
    network = Network()
    return Entry("empty", "Empty network", "INPUT", words, documents.new_empty, network=network)


def _of(documents: Documents, chosen: Iterable[Template]) -> tuple[Entry, ...]:
    return tuple(_template(documents, template) for template in chosen)


def _template(documents: Documents, template: Template) -> Entry:
    network = template.project.network
    return Entry(
        template.name,
        template.title,
        f"{check(network).parameters:,} parameters",
        pretty(template.description),
        partial(documents.new, template.name),
        accuracy(template.description),
        network,
    )


def _file(documents: Documents, path: Path) -> Entry:
    """The card of a file; one that cannot be read shows no picture and says why when opened."""
    open_it = partial(documents.open_recent, path)
    if not exists(path):
        words = f"{path} is not there any more."
        return Entry(str(path), path.stem, "not there any more", words, open_it, is_missing=True)
    changed, network = "", None
    with contextlib.suppress(OSError):
        changed = _moment(datetime.fromtimestamp(path.stat().st_mtime))
    with contextlib.suppress(CnnStudioError):
        network = peek(path).network
    words = f"{path}, changed {changed}"
    return Entry(str(path), path.stem, changed, words, open_it, path.suffix, network)


def _typed(text: str) -> str:
    """As it is typed on a keyboard, in small letters."""
    return text.lower().replace("×", "x")


def _moment(moment: datetime) -> str:
    day = "today" if moment.date() == datetime.now().date() else f"{moment:%d %b %Y}"
    return f"{day}, {moment:%H:%M}"
