"""Why the network and its pictures cannot be looked at or asked, each in one sentence."""

from __future__ import annotations

from cnnstudio.ui.document.views import Views, not_drawn
from cnnstudio.ui.maps.probe import too_large
from cnnstudio.ui.typography import pretty


def no_pictures(views: Views) -> str:
    """Why there are no pictures; nothing where there are."""
    if views.dataset is not None and views.probe is not None:
        return ""
    return views.data_failure or "The pictures are still being loaded."


def misfit(views: Views) -> str:
    """That a block does not fit; nothing where all do."""
    name = next((block.name for block in views.report.blocks if not block.fits), None)
    return "" if name is None else f"{name} does not fit: repair it first."


def undrawn(views: Views) -> str:
    """Why there are no weights, not even of the blocks that fit; nothing where there are."""
    if views.preparing:
        return "The weights of this large network are still being drawn."
    if views.weights_failure is not None:
        return not_drawn(views.weights_failure)
    return too_large(views.report) or ""


def no_weights(views: Views) -> str:
    """Why the network as a whole has no weights; nothing where it has."""
    return misfit(views) or undrawn(views)


def other_size(views: Views, shape: tuple[int, ...]) -> str:
    """That pictures of `shape` are not those that INPUT takes; nothing where they are."""
    wanted, data = views.network.input.picture_shape, views.dataset
    if data is None or tuple(shape) == tuple(wanted):
        return ""
    return (
        f"INPUT takes pictures of {pretty(str(wanted))}, but those of {data.name} have another "
        "size. Change its channels, height and width."
    )


def nothing_seen(views: Views) -> str:
    """Why the blocks that fit make nothing of the probe; nothing where they do, or soon will."""
    reason = no_pictures(views) or undrawn(views)
    if reason or views.probe is None:
        return reason
    failure = views.look_failure
    unseen = f"The image could not be looked at: {failure.sentence}" if failure else ""
    return other_size(views, views.probe.pixels.shape) or unseen


def no_classes(views: Views) -> str:
    """Why the network cannot be asked about classes; nothing where it can."""
    reason = no_pictures(views) or no_weights(views)
    if reason:
        return reason
    shape = views.report.output_shape
    if shape is None or not shape.is_flat:
        return (
            f"The network ends with maps of {pretty(str(shape))}, so that it tells no classes "
            "apart: end it with a fully connected block."
        )
    return nothing_seen(views)
