"""The error function, which NumPy does not have (W. J. Cody, Math. Comp. 23, 1969)."""

from __future__ import annotations

import numpy as np

from cnnstudio.engine.layers.layer import Array

SMALL = 0.46875
"""Up to here erf(x) is x times a rational function of x squared."""
LARGE = 6.0
"""From here on 1 - erf(x) is below 3e-17, which is nothing in float64."""

_A = (3.16112374387056560e00, 1.13864154151050156e02, 3.77485237685302021e02,
      3.20937758913846947e03, 1.85777706184603153e-1)  # fmt: skip
_B = (2.36012909523441209e01, 2.44024637934444173e02, 1.28261652607737228e03,
      2.84423683343917062e03)  # fmt: skip
_C = (5.64188496988670089e-1, 8.88314979438837594e0, 6.61191906371416295e01,
      2.98635138197400131e02, 8.81952221241769090e02, 1.71204761263407058e03,
      2.05107837782607147e03, 1.23033935479799725e03, 2.15311535474403846e-8)  # fmt: skip
_D = (1.57449261107098347e01, 1.17693950891312499e02, 5.37181101862009858e02,
      1.62138957456669019e03, 3.29079923573345963e03, 4.36261909014324716e03,
      3.43936767414372164e03, 1.23033935480374942e03)  # fmt: skip


def erf(x: Array) -> Array:
    """The error function of every value, in the type of `x`; computed in float64, to 1e-15."""
    size = np.minimum(np.abs(x, dtype=np.float64), LARGE)
    square = size * size
    middle = 1 - np.exp(-square) * _ratio(size, (_C[8], *_C[:8]), _D)
    near = size * _ratio(square, (_A[4], *_A[:4]), _B)
    return np.copysign(np.where(size <= SMALL, near, middle), x).astype(x.dtype, copy=False)


def _ratio(x: Array, above: tuple[float, ...], below: tuple[float, ...]) -> Array:
    """One polynomial over the other; that below begins with an unwritten 1."""
    numerator = above[0] * x + above[1]
    for coefficient in above[2:]:
        numerator *= x
        numerator += coefficient
    denominator = x + below[0]
    for coefficient in below[1:]:
        denominator *= x
        denominator += coefficient
    numerator /= denominator
    return numerator
