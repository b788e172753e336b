"""A misfit has a picture wherever windows are to blame, and nowhere else."""

from __future__ import annotations

import pytest

from cnnstudio.blocks import (
    Block,
    Conv2D,
    ConvTranspose2D,
    GlobalAvgPool2D,
    LocallyConnected2D,
    Shape,
    TableConv2D,
    TiledConv2D,
)
from cnnstudio.errors import SizeError
from cnnstudio.ui.canvas.misfit import misfit_of

MAPS = Shape((6, 8, 8))


@pytest.mark.parametrize(
    "block",
    [
        Conv2D(4, 3, stride=2, groups=2, padding_mode="reflect"),
        TableConv2D(3, stride=2),
        LocallyConnected2D(4, 3, stride=2),
        TiledConv2D(4, 3, stride=2),
    ],
    ids=repr,
)
def test_windows_that_hang_over(block: Block) -> None:
    misfit = misfit_of(block, MAPS)
    assert misfit is not None
    assert (misfit.setting, misfit.size, misfit.start, misfit.over) == ("stride", 8, 6, 1)


@pytest.mark.parametrize(
    "block",
    [
        Conv2D(4, 3, groups=4),
        Conv2D(4, 3, padding=8, padding_mode="reflect"),
        Conv2D(4, 2, padding="same"),
        TableConv2D(3, [[6]]),
        ConvTranspose2D(4, 3, padding=20),
    ],
    ids=repr,
)
def test_no_picture_where_no_window_is_to_blame(block: Block) -> None:
    with pytest.raises(SizeError):
        block.output_shape(MAPS)
    assert misfit_of(block, MAPS) is None


def test_no_picture_of_what_has_no_windows() -> None:
    assert misfit_of(GlobalAvgPool2D(), MAPS) is None
    assert misfit_of(Conv2D(4, 9), Shape((10,))) is None
