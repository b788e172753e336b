"""`cnnstudio predict`: which class the digit in each picture file belongs to."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnstudio.commands import models, output
from cnnstudio.data import datasets, pictures
from cnnstudio.data.preprocess import fit_picture, to_float
from cnnstudio.engine.fault import check_answers
from cnnstudio.errors import DataError
from cnnstudio.network import templates


def run(arguments: Namespace) -> int:
    """Read every picture before the first answer is printed, then answer for each."""
    project = templates.open_document(arguments.file)
    model = models.build_trained(project, arguments.file)
    shape = tuple(model.network.input.picture_shape)
    pixels = np.stack([_picture(Path(image), shape) for image in arguments.images])
    shares = model.probabilities(to_float(pixels))
    check_answers(model, pixels, shares)
    names = datasets.class_names(project.data)
    for image, share in zip(arguments.images, shares, strict=True):
        _report(image, share, names, as_json=arguments.json)
    return 0


def _picture(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8]:
    picture = pictures.read(path)
    try:
        return fit_picture(picture, shape)
    except DataError as error:
        raise DataError(f"{path.name}: {error}") from error


def _report(
    image: str, share: NDArray[np.floating], names: tuple[str, ...], *, as_json: bool
) -> None:
    label = int(share.argmax())
    if as_json:
        record = {"file": output.name(image), "label": label, "probabilities": share.tolist()}
        output.record(record)
        return
    output.line(f"{image}: {names[label]} ({100 * share[label]:.1f} %)")
