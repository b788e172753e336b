"""Templates: the networks that come with the program, each a bare project file with its words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cnnstudio import paths
from cnnstudio.errors import CnnFileError
from cnnstudio.network import project_file, text_form
from cnnstudio.network.atomic import exists, shown
from cnnstudio.network.project_file import Project

_LADDER = tuple(f"nielsen-{rung}" for rung in range(1, 12))
"""The networks of Nielsen's chapter 6, in the order of his results."""

_ORDER = ("lecture", "harley-original", "lenet5", "nielsen", "tiny", "best", *_LADDER)

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Lecture", ("lecture", "tiny")),
    ("Classics", ("harley-original", "lenet5")),
    ("Nielsen's ladder", (*_LADDER, "nielsen")),
    ("Best", ("best",)),
)
"""The names of the templates by what they are for, as a gallery shows them."""


@dataclass(frozen=True)
class Template:
    """A network to begin with: `name` for the command line, title and description for people."""

    name: str
    title: str
    description: str
    project: Project


def names() -> tuple[str, ...]:
    """The names of all templates, the lecture's first."""
    return _ORDER


def load(name: str) -> Project:
    """The template `name`, read once; raises CnnFileError when there is none."""
    if name not in _ORDER:
        raise CnnFileError(
            f"There is no file and no template named {shown(name)!r}; the templates are "
            f"{', '.join(_ORDER)}."
        )
    return _read(name)


@cache
def _read(name: str) -> Project:
    return project_file.load(paths.resource("templates", f"{name}.json"))


@cache
def list_all() -> tuple[Template, ...]:
    """All templates with their words."""
    found = []
    for name in _ORDER:
        project = load(name)
        found.append(Template(name, project.name, project.description, project))
    return tuple(found)


def is_text(words: str | Path) -> bool:
    """Whether `words` is a network written as text, and no file, template or name of a file."""
    path = Path(words)
    named = str(words) in _ORDER or path.suffix.lower() in project_file.SUFFIXES or exists(path)
    return not named and text_form.is_text_form(str(words))


def open_document(text: str | Path) -> Project:
    """The project that `text` names: a .cnn or .json file, a template, or a network in words.

    A file goes before a template of its name, a template before a folder, and all before a network
    in the text form. Raises CnnFileError, or TextFormError for such a text.
    """
    if not str(text).strip():
        raise CnnFileError("No file was named.")
    path = Path(text)
    if str(text) in _ORDER and not path.is_file():
        return load(str(text))
    if is_text(text):
        return Project(text_form.read(str(text)))
    is_path = path.suffix.lower() in project_file.SUFFIXES or len(path.parts) > 1 or exists(path)
    return project_file.load(path) if is_path else load(str(text))
