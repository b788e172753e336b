"""From a file to a model that computes, as every command needs it."""

from __future__ import annotations

from pathlib import Path

from cnnstudio.data import datasets
from cnnstudio.engine.crew import Lanes
from cnnstudio.engine.model import Model
from cnnstudio.engine.parallel import default_threads
from cnnstudio.errors import CnnFileError, DataError
from cnnstudio.network.project_file import Project


def build(project: Project, threads: int | None = None, lanes: Lanes = "threads") -> Model:
    """The model of `project` with its weights, or the recipe's random ones when it has none.

    Raises NetworkError when the network does not fit.
    """
    threads = threads or default_threads()
    model = Model(project.network, seed=project.recipe.seed, threads=threads, lanes=lanes)
    if project.weights is not None:
        model.load(project.weights)
    return model


def build_trained(project: Project, file: str) -> Model:
    """The model of a project that has weights and one output for each class of its data.

    Raises CnnFileError when `file` has no weights, DataError when the outputs are others.
    """
    model = build(project)
    if project.weights is None:
        stem = Path(file).stem
        raise CnnFileError(
            f"{file} is not trained; train it first: cnnstudio train {file} --out {stem}.cnn"
        )
    classes = len(datasets.class_names(project.data))
    if model.output_shape != (classes,):
        found = "x".join(map(str, model.output_shape))
        raise DataError(
            f"{file} ends with {found} values, but the data has {classes} classes; end it with a "
            f"fully connected block of {classes} units and train it."
        )
    return model


def load_data(name: str, model: Model) -> datasets.Dataset:
    """The data set `name`; raises DataError when its pictures or classes are not the network's."""
    dataset = datasets.load(name)
    expected = tuple(model.network.input.picture_shape)
    found = dataset.test.pixels.shape[1:]
    if found != expected:
        raise DataError(
            f"The pictures of {name} are {found[1]}x{found[2]}x{found[0]}, but the network takes "
            f"{expected[1]}x{expected[2]}x{expected[0]}; change its Input block."
        )
    return dataset
