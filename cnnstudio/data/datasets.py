"""Data sets by name: labelled pictures to train and to test with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cnnstudio import paths
from cnnstudio.data import idx
from cnnstudio.errors import DataError

NAMES = ("mnist",)
"""The data sets that come with the program."""

_CLASSES = 10


@dataclass(frozen=True)
class Images:
    """Labelled pictures: `pixels` uint8 (N, channels, height, width), `labels` uint8 (N,).

    Raises DataError when there are not as many labels as pictures.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if len(self.pixels) != len(self.labels):
            raise DataError(
                f"There are {len(self.pixels):,} pictures, but {len(self.labels):,} labels."
            )

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, part: slice | NDArray[np.intp]) -> Images:
        """Some of the pictures; a slice shares the memory."""
        return Images(self.pixels[part], self.labels[part])


@dataclass(frozen=True)
class Dataset:
    """A data set: what the classes are called, pictures to train with and pictures to test with."""

    name: str
    class_names: tuple[str, ...]
    train: Images
    test: Images

    def split(self, validation: int) -> tuple[Images, Images]:
        """The training pictures without the last `validation` ones, and those.

        Raises DataError when nothing would be left to train with.
        """
        size = len(self.train)
        if not 0 <= validation < size:
            raise DataError(
                f"{validation:,} of the {size:,} training pictures cannot be kept aside for "
                f"validation; use at most {size - 1:,}."
            )
        return self.train[: size - validation], self.train[size - validation :]


def load(name: str | Path) -> Dataset:
    """The data set `name`: "mnist", or a folder with four IDX files named as MNIST's, plain or .gz.

    Raises DataError that names the file and what is wrong with it.
    """
    if name == "mnist":
        return _read(name, paths.resource("mnist"))
    folder = Path(name)
    try:
        is_folder = folder.is_dir()
    except (OSError, ValueError):
        is_folder = False
    if is_folder:
        return _read(folder.name, folder)
    raise DataError(
        f"There is no data set {str(name)!r}; there is mnist, or give a folder with the four files "
        "of MNIST's form."
    )


def lasting(name: str) -> str:
    """The name by which the data set `name` is found from every folder, for a project file.

    Raises DataError for a folder whose name is no text, which no file can hold.
    """
    found = name if name in NAMES else str(Path(name).absolute())
    try:
        found.encode()
    except UnicodeEncodeError as error:
        raise DataError(
            f"The name of the folder {found!r} is no text, so that no project can name it; give it "
            "another name."
        ) from error
    return found


def class_names(name: str) -> tuple[str, ...]:
    """What the classes of the data set `name` are called, without reading its pictures."""
    return tuple(str(digit) for digit in range(_CLASSES))


def _read(name: str, folder: Path) -> Dataset:
    train, test = _part(folder, "train"), _part(folder, "t10k")
    if train.pixels.shape[1:] != test.pixels.shape[1:]:
        (_, height, width), (_, high, wide) = train.pixels.shape[1:], test.pixels.shape[1:]
        raise DataError(
            f"{folder.name}: the training pictures are {height}x{width}, but the test pictures "
            f"{high}x{wide}."
        )
    return Dataset(name, class_names(name), train, test)


def _part(folder: Path, part: str) -> Images:
    pixels = idx.read_images(_find(folder, f"{part}-images-idx3-ubyte"))
    labels = idx.read_labels(_find(folder, f"{part}-labels-idx1-ubyte"), _CLASSES)
    try:
        return Images(pixels[:, None], labels)
    except DataError as error:
        raise DataError(f"{folder.name}, {part} files: {error}") from error


def _find(folder: Path, stem: str) -> Path:
    packed, plain = folder / f"{stem}.gz", folder / stem
    for path in (packed, plain):
        if path.exists():
            return path
    raise DataError(f"{packed} is missing.")
