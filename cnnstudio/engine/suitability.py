"""Whether pictures, network and recipe go together, before time is put into training."""

from __future__ import annotations

from cnnstudio.data.datasets import Images
from cnnstudio.engine.fault import check_weights
from cnnstudio.engine.model import Model
from cnnstudio.errors import DataError, TrainingError
from cnnstudio.network.recipe import Recipe

ENOUGH_IMAGES = 100
"""Images for each output from which a class that no label names is no accident."""


def check_suitable(
    model: Model, train: Images, validation: Images, recipe: Recipe, classes: int | None
) -> None:
    """Raise TrainingError when pictures, classes, labels or recipe do not go with the network.

    Weights that are no numbers cannot be trained on, either.

    `classes` says how many classes the data has; without it the labels tell, as far as they can.
    """
    if not len(train):
        raise TrainingError("There are no pictures to train with.")
    if recipe.patience and not len(validation):
        raise TrainingError(
            f"A patience of {recipe.patience} needs images kept aside to measure with, but there "
            "are none. Set Validation above 0, or Patience to 0."
        )
    if recipe.warm_up > recipe.epochs:
        raise TrainingError(
            f"A warm-up of {recipe.warm_up:g} epochs is longer than the {recipe.epochs} of the "
            "run, so that its learning rate would never be reached. Set Warm-up lower, or Epochs "
            "higher."
        )
    for images in (train, validation):
        try:
            model.check_pictures(images.pixels)
        except DataError as error:
            raise TrainingError(str(error)) from error
    shape = model.output_shape
    if len(shape) != 1:
        raise TrainingError(
            f"The network ends with maps of {'x'.join(map(str, shape))}, but training needs one "
            "row of values, one for each class. End it with a fully connected block."
        )
    check_weights(model)
    _check_classes(shape[0], train, validation, classes)


def _check_classes(values: int, train: Images, validation: Images, classes: int | None) -> None:
    named = 1 + max(int(images.labels.max()) for images in (train, validation) if len(images))
    too_many = values > (named if classes is None else classes)
    if classes is None and len(train) < ENOUGH_IMAGES * values:
        too_many = False
    known = max(named, classes or 0)
    if too_many or values < known:
        raise TrainingError(
            f"The network gives {values} values, but the data has {known} classes. End it with a "
            f"fully connected block of {known} units."
        )
