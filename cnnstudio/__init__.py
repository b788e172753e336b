"""CNN Studio: build, train and look inside convolutional neural networks.

The public names are imported when they are first asked for, so that the package itself is light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from cnnstudio.data import datasets
    from cnnstudio.engine.model import Model
    from cnnstudio.network import Network, check
    from cnnstudio.network.project_file import Project, save
    from cnnstudio.network.templates import open_document as load

__all__ = ["Model", "Network", "Project", "__version__", "check", "datasets", "load", "save"]

_HOMES = {
    "Model": ("cnnstudio.engine.model", "Model"),
    "Network": ("cnnstudio.network", "Network"),
    "Project": ("cnnstudio.network.project_file", "Project"),
    "check": ("cnnstudio.network", "check"),
    "datasets": ("cnnstudio.data", "datasets"),
    "load": ("cnnstudio.network.templates", "open_document"),
    "save": ("cnnstudio.network.project_file", "save"),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'cnnstudio' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    home = import_module(module)
    return getattr(home, attribute, None) or import_module(f"{module}.{attribute}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
