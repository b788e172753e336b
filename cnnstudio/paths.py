"""Where resources are: beside the package in a source tree, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path


def resources() -> Path:
    """The folder of icons, fonts, themes, templates and data."""
    package = Path(__file__).resolve().parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"
