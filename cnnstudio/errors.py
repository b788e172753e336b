"""The exception tree: every error a user can cause carries one sentence made for that user.

CnnStudioError            base of all; ``str(error)`` is the sentence to show
├── SettingError          a setting has a value that its declaration does not allow
├── SizeError             a block does not fit the size it is given
├── NetworkError          an edit or a network is impossible as a whole
├── TextFormError         a network written as text cannot be understood
├── CnnFileError          a project, network or weights file cannot be read or written
├── DataError             pictures or labels cannot be read or do not belong to the network
├── TrainingError         training cannot start or go on
└── ExportError           a network cannot be exported, or the exported file disagrees
"""

from __future__ import annotations


class CnnStudioError(Exception):
    """Base of every error that is reported to the user as one sentence."""


class SettingError(CnnStudioError):
    """A setting has a value that its declaration does not allow."""


class SizeError(CnnStudioError):
    """A block does not fit the size that it is given."""


class NetworkError(CnnStudioError):
    """An edit or a network is impossible as a whole."""


class TextFormError(CnnStudioError):
    """A network written as text cannot be understood."""


class CnnFileError(CnnStudioError):
    """A project, network or weights file cannot be read or written."""


class DataError(CnnStudioError):
    """Pictures or labels cannot be read, or do not belong to the network."""


class TrainingError(CnnStudioError):
    """Training cannot start or cannot go on."""


class ExportError(CnnStudioError):
    """A network cannot be exported, or the exported file disagrees with the engine."""
