"""The INPUT for pictures of another size than it says."""

from __future__ import annotations

from cnnstudio.blocks import Input, Shape
from cnnstudio.blocks.block import pair


def padded_input(given: Input, pictures: Shape) -> Input | None:
    """The INPUT that surrounds smaller `pictures` by background up to the size that `given` has.

    The text form of the lecture's network begins with the padded size, INPUT 32x32x1, while the
    pictures of MNIST are 28x28. None where equal padding on both sides does not lead there.
    """
    channels, height, width = pictures
    missing = given.height - height, given.width - width
    odd = any(side < 0 or side % 2 for side in missing)
    if not any(missing) or odd or any(pair(given.pad)) or given.channels != channels:
        return None
    return given.with_values(height=height, width=width, pad=(missing[0] // 2, missing[1] // 2))
