"""The document: an immutable network, its check, repairs, history and file."""

from __future__ import annotations

from cnnstudio.network.check import BlockReport, Problem, Report, check
from cnnstudio.network.consequences import Consequence, consequences
from cnnstudio.network.history import History
from cnnstudio.network.network import Network
from cnnstudio.network.recipe import Recipe
from cnnstudio.network.repair import Repair

__all__ = [
    "BlockReport",
    "Consequence",
    "History",
    "Network",
    "Problem",
    "Recipe",
    "Repair",
    "Report",
    "check",
    "consequences",
]
