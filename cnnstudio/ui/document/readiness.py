"""Why a network cannot be trained on the pictures that are loaded, in one sentence."""

from __future__ import annotations

from cnnstudio.blocks import Shape
from cnnstudio.data.datasets import Dataset
from cnnstudio.network import Network, Report
from cnnstudio.network.pictures import padded_input
from cnnstudio.network.text_form import write_block


def refusal(network: Network, report: Report, dataset: Dataset) -> str | None:
    """The first reason, with what to do about it; None when there is none."""
    errors = [p.message for _, p in report.problems if p.severity == "error"]
    if errors:
        return f"{errors[0]} Repair it to start training."
    name, classes, output = dataset.name.upper(), len(dataset.class_names), report.output_shape
    if output is None or not output.is_flat or output.size != classes:
        return (
            f"The network ends with {output}, but {name} has {classes} classes: end with a fully "
            f"connected block of {classes} units."
        )
    wanted, given = network.input.picture_shape, Shape(dataset.train.pixels.shape[1:])
    if wanted != given:
        better = padded_input(network.input, given) or network.input.with_values(
            channels=given[0], height=given[1], width=given[2]
        )
        return (
            f"The network takes pictures of {wanted}, but those of {name} are {given}: change the "
            f"block to {write_block(better)}."
        )
    if not report.parameters:
        return "The network has nothing to learn: insert a CONV or FC block."
    return None
