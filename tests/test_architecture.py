"""The rules of the source: who may import whom, and what is where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "cnnstudio"
SOURCES = sorted(PACKAGE.rglob("*.py"))

ALLOWED = {
    "blocks": set(),
    "network": {"blocks"},
    "data": set(),
    "engine": {"blocks", "network", "data"},
    "explain": {"blocks", "network", "data", "engine"},
    "export": {"blocks", "network", "data", "engine"},
    "runs": {"blocks", "network", "data", "engine"},
    "commands": {"blocks", "network", "data", "engine", "explain", "export", "runs"},
    "ui": {"blocks", "network", "data", "engine", "explain", "export", "runs"},
}
"""The parts of the package and what each may import beside itself, errors.py and paths.py."""

EVERYBODYS = {"errors", "paths"}
FRONT = {"__init__", "__main__", "cli"}
"""The files at the top of the package; they may import everything."""

QT = {"PySide6", "shiboken6"}
LIGHT = {"numpy", "onnx", "torch", "safetensors", *QT}
"""What blocks/ must do without: it only says what a block is."""


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def part_of(path: Path) -> str:
    """The part of the package that a file belongs to."""
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str, int]]:
    """Line, full name and level of everything that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, 0) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, f"{node.module or ''}.{alias.name}", node.level


def breaches(path: Path) -> list[str]:
    """Every import of `path` that a rule forbids, in words."""
    part, found = part_of(path), []
    for line, name, level in imports(path):
        top, *rest = name.split(".")
        where = f"{name_of(path)}:{line}"
        if level:
            found.append(f"{where} imports {name} relatively")
        if top in QT and part != "ui":
            found.append(f"{where} imports {top} outside of ui/")
        if top in LIGHT and part == "blocks":
            found.append(f"{where} imports {top} in blocks/")
        if top == "cnnstudio" and part not in FRONT | EVERYBODYS:
            target = rest[0] if rest else "everything"
            allowed = {part, "__version__", *ALLOWED[part], *EVERYBODYS}
            if target not in allowed:
                found.append(f"{where}: {part}/ may not import {target}")
    return found


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_keep_to_the_layers(path):
    assert breaches(path) == []


def test_every_part_of_the_package_has_its_rule():
    parts = {part_of(path) for path in SOURCES}
    assert parts <= ALLOWED.keys() | EVERYBODYS | FRONT


def test_errors_and_paths_stand_alone():
    for part in EVERYBODYS:
        targets = {name.split(".")[1] for _, name, _ in imports(PACKAGE / f"{part}.py")
                   if name.startswith("cnnstudio.")}  # fmt: skip
        assert targets <= EVERYBODYS


def test_the_rules_catch_what_they_forbid(tmp_path, monkeypatch):
    """The checker itself is checked: every kind of breach is seen."""
    folder = tmp_path / "cnnstudio"
    (folder / "blocks").mkdir(parents=True)
    bad = folder / "blocks" / "bad.py"
    bad.write_text(
        "import numpy\nfrom PySide6.QtCore import QObject\nfrom . import block\n"
        "def f():\n    from cnnstudio.network import check\n"
    )
    monkeypatch.setitem(globals(), "PACKAGE", folder)
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    words = "\n".join(breaches(bad))
    for expected in ("numpy in blocks/", "PySide6 outside", "relatively", "may not import network"):
        assert expected in words


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_module_begins_with_a_sentence(path):
    tree = ast.parse(path.read_text("utf-8"))
    words = ast.get_docstring(tree)
    assert words, f"{name_of(path)} has no docstring"
    first = words.splitlines()[0]
    assert first.endswith((".", ":")) or len(words.splitlines()) > 1, first


def test_the_top_level_is_what_the_design_says():
    visible = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    expected = {
        "cnnstudio", "resources", "tests", "main.py", "pyproject.toml", "README.md", "LICENSE",
        "CHANGELOG.md", "CONTRIBUTING.md",
    }  # fmt: skip
    # What the README's commands write here is no part of the source.
    suffixes = {".cnn", ".json", ".onnx", ".npz", ".safetensors", ".egg-info"}
    made = {"build", "dist", "htmlcov"} | {n for n in visible if Path(n).suffix in suffixes}
    assert visible - made <= expected


def test_resources_hold_no_python():
    assert not list((ROOT / "resources").rglob("*.py"))


def test_nothing_is_pickled():
    forbidden = {"pickle", "cPickle", "marshal", "shelve", "dill", "joblib"}
    for path in SOURCES:
        assert not {name.split(".")[0] for _, name, _ in imports(path)} & forbidden, name_of(path)


def test_menus_end_with_their_closing():
    """Qt keeps a menu with its parent; the menu bar's alone are to stay."""
    at_home = {"cnnstudio/ui/parts/passing_menu.py", "cnnstudio/ui/menu/menus.py"}
    makers = {name_of(path) for path in SOURCES if "QMenu(" in path.read_text(encoding="utf-8")}
    assert makers == at_home
