"""From a file to a model that computes, as every command needs it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from cnnstudio.blocks import Shape
from cnnstudio.commands import output
from cnnstudio.data import datasets
from cnnstudio.data.datasets import Images
from cnnstudio.engine import metrics
from cnnstudio.engine.crew import Lanes
from cnnstudio.engine.fault import check_answers
from cnnstudio.engine.metrics import Evaluation
from cnnstudio.engine.model import Model
from cnnstudio.engine.parallel import default_threads, quiet
from cnnstudio.errors import CnnFileError, DataError
from cnnstudio.network import templates, text_form
from cnnstudio.network.pictures import padded_input
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


def shown(file: str) -> str:
    """The name of `file` for a sentence; a network in words has none."""
    return "The network" if templates.is_text(file) else file


def padded(project: Project) -> Project:
    """`project` with smaller pictures than its INPUT says surrounded by background, if they can be.

    See `padded_input`.
    """
    shape = Shape(datasets.load(project.data).test.pixels.shape[1:])
    block = padded_input(project.network.input, shape)
    if block is None:
        return project
    output.note(
        f"The pictures of {project.data} are {shape[1]}x{shape[2]}; read as "
        f"{text_form.write_blocks((block,))}."
    )
    return dataclasses.replace(project, network=project.network.replace(0, block))


def build_trained(project: Project, file: str) -> Model:
    """The model of a project that has weights and one output for each class of its data.

    Raises CnnFileError when `file` has no weights, DataError when the outputs are others.
    """
    model = build(project)
    if project.weights is None:
        words = templates.is_text(file)
        given, stem = (f'"{file}"', "trained") if words else (file, Path(file).stem)
        raise CnnFileError(
            f"{shown(file)} is not trained; train it first: "
            f"cnnstudio train {given} --out {stem}.cnn"
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


def measure(model: Model, images: Images) -> Evaluation:
    """What `model` makes of `images`; raises TrainingError when an answer is no number."""
    with quiet():  # what ran away in training may do so here, too
        result = metrics.evaluate(model, images)
    check_answers(model, images.pixels, result.logits)
    return result
