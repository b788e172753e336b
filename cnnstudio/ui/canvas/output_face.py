"""What the OUTPUT card says: the classes with their probabilities, or why there are none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from cnnstudio.data.datasets import Dataset
from cnnstudio.network import Repair, Report
from cnnstudio.ui.maps.probe import Probe
from cnnstudio.ui.typography import pretty, size

MOST_REPAIRS = 2
_FINENESS = 80
"""Steps of a bar's length; what does not change them need not be drawn."""


class Verdict(Enum):
    """What is known about the answer."""

    UNKNOWN = "unknown"
    MISFIT = "misfit"
    WAITING = "waiting"
    RANDOM = "random"
    DRAWN = "drawn"
    RIGHT = "right"
    WRONG = "wrong"
    LOST = "lost"


@dataclass(frozen=True)
class OutputFace:
    """All that the card shows; `names` and `shares` are those of the classes, in steps of a bar."""

    verdict: Verdict
    words: str
    size: str = "?"
    note: str = ""
    names: tuple[str, ...] = ()
    shares: tuple[int, ...] = ()
    percents: tuple[str, ...] = ()
    winner: int = 0
    repairs: tuple[Repair, ...] = ()
    tip: str = ""


def output_face(
    report: Report,
    dataset: Dataset | None,
    probe: Probe | None,
    probabilities: NDArray[np.floating] | None,
    *,
    trained: bool,
    previewed: bool = False,
    data_failure: str = "",
) -> OutputFace:
    """The face for a network with `report`; `trained` weights make its answer worth something.

    What is only `previewed` offers no repairs; `data_failure` says why there are no pictures.
    """
    shape = report.output_shape
    if shape is None:
        return OutputFace(Verdict.UNKNOWN, "Known when all blocks fit")
    if dataset is None:
        words = "The pictures cannot be read" if data_failure else "The pictures are being loaded"
        return OutputFace(Verdict.WAITING, words, size(shape), tip=data_failure)
    classes = len(dataset.class_names)
    if shape != (classes,):
        return _misfit(report, dataset, previewed)
    if probabilities is None or probe is None or len(probabilities) != classes:
        face = OutputFace(Verdict.WAITING, "Not computed yet", f"{classes} classes")
        return replace(face, names=tuple(dataset.class_names), shares=(0,) * classes)
    if not np.isfinite(probabilities).all():
        return _no_numbers(dataset)
    return _answer(dataset, probe, probabilities, trained)


def _misfit(report: Report, dataset: Dataset, previewed: bool) -> OutputFace:
    shape, classes = report.output_shape, len(dataset.class_names)
    assert shape is not None
    found = f"{shape.size:,} values" if shape.is_flat else f"maps of {pretty(str(shape))}"
    name = dataset.name.upper() if dataset.name.islower() else dataset.name
    words = f"The network gives {found}, but {name} has {classes} classes."
    problems = [p for p in report.blocks[-1].problems if p.kind == "output" and not previewed]
    repairs = problems[0].repairs[:MOST_REPAIRS] if problems else ()
    if len(report.blocks) == 1:
        return OutputFace(Verdict.UNKNOWN, f"{name}: {classes} classes", f"{classes} classes")
    return OutputFace(Verdict.MISFIT, words, size(shape), f"needs {classes}", repairs=repairs)


def _no_numbers(dataset: Dataset) -> OutputFace:
    names = tuple(dataset.class_names)
    return OutputFace(
        Verdict.LOST,
        "gives no numbers",
        f"{len(names)} classes",
        "nan",
        names,
        (0,) * len(names),
        tip="The weights have grown beyond all bounds.",
    )


def _answer(
    dataset: Dataset, probe: Probe, probabilities: NDArray[np.floating], trained: bool
) -> OutputFace:
    shares = np.asarray(probabilities, np.float64)
    winner, names = int(shares.argmax()), tuple(dataset.class_names)
    said = names[winner]
    verdict, words = _verdict(probe, winner, names, trained)
    percents = tuple(f"{share:.1%}".replace("%", " %") for share in shares)
    lines = (f"{name}: {percent}" for name, percent in zip(names, percents, strict=True))
    return OutputFace(
        verdict,
        words,
        f"{len(names)} classes",
        f"{said}: {percents[winner]}",
        names,
        tuple(round(_FINENESS * float(share)) for share in shares),
        percents,
        winner,
        tip="\n".join(("Probabilities for the probe image", *lines)),
    )


def _verdict(
    probe: Probe, winner: int, names: tuple[str, ...], trained: bool
) -> tuple[Verdict, str]:
    said = names[winner]
    if not trained:
        return Verdict.RANDOM, f"says {said}, with random weights"
    if probe.label is None:
        return Verdict.DRAWN, f"sees {said} in the drawing"
    if winner == probe.label:
        return Verdict.RIGHT, f"{said} is right"
    return Verdict.WRONG, f"{said} is wrong: it is {names[probe.label]}"


def bar_length(steps: int, longest: float) -> float:
    """How long a bar is that has so many of its steps."""
    return longest * steps / _FINENESS
