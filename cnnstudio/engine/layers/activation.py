"""ACTIVATION: the bias and the function that end a CONV or FC block, or a block of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from cnnstudio.blocks import Activation, Block
from cnnstudio.engine.layers.erf import erf
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site

LEAK = 0.01
SCALE, SLOPE = 1.7159, 2 / 3
"""LeCun's scaled tanh, 1.7159 tanh(2x / 3)."""


class Function:
    """A function applied in place: ``y = f(y)`` and, from that `y`, ``dy = dy * f'``."""

    monotone: ClassVar[bool] = True
    """Whether f never falls; then it commutes with taking the maximum."""

    def __init__(self, y: Array, dy: Array | None) -> None:
        self.y = y
        self.dy = y[:0] if dy is None else dy
        self.factor = np.empty_like(self.y if dy is not None else y[:0])

    def forward(self) -> None:
        """Replace y by f(y)."""
        raise NotImplementedError

    def backward(self) -> None:
        """Multiply dy by the slope of f where y came from."""
        raise NotImplementedError


class _Relu(Function):
    """max(0, x)."""

    def __init__(self, y: Array, dy: Array | None) -> None:
        super().__init__(y, dy)
        # NumPy takes the maximum of two arrays three times as fast as that with a single number.
        self._zeros = np.zeros(y.shape[-2:], y.dtype)
        self._zero = np.zeros((), y.dtype)
        self._open = np.zeros(self.factor.shape, bool)

    def forward(self) -> None:
        np.maximum(self.y, self._zeros, out=self.y)

    def backward(self) -> None:
        np.greater(self.y, self._zero, out=self._open)
        np.multiply(self.dy, self._open, out=self.dy)


class _LeakyRelu(Function):
    """x where positive, 0.01 x elsewhere."""

    def forward(self) -> None:
        np.maximum(self.y, self.y * LEAK, out=self.y)

    def backward(self) -> None:
        np.maximum(self.y > 0, LEAK, out=self.factor)
        np.multiply(self.dy, self.factor, out=self.dy)


class _Elu(Function):
    """x where positive, exp(x) - 1 elsewhere."""

    def forward(self) -> None:
        below = np.minimum(self.y, 0)
        np.expm1(below, out=below)
        np.maximum(self.y, 0, out=self.y)
        np.add(self.y, below, out=self.y)

    def backward(self) -> None:
        np.minimum(self.y, 0, out=self.factor)
        np.add(self.factor, 1, out=self.factor)
        np.multiply(self.dy, self.factor, out=self.dy)


class _Sigmoid(Function):
    """1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2, which cannot overflow."""

    def forward(self) -> None:
        np.multiply(self.y, 0.5, out=self.y)
        np.tanh(self.y, out=self.y)
        np.multiply(self.y, 0.5, out=self.y)
        np.add(self.y, 0.5, out=self.y)

    def backward(self) -> None:
        np.subtract(1, self.y, out=self.factor)
        np.multiply(self.factor, self.y, out=self.factor)
        np.multiply(self.dy, self.factor, out=self.dy)


class _Tanh(Function):
    """tanh(x)."""

    def forward(self) -> None:
        np.tanh(self.y, out=self.y)

    def backward(self) -> None:
        np.multiply(self.y, self.y, out=self.factor)
        np.subtract(1, self.factor, out=self.factor)
        np.multiply(self.dy, self.factor, out=self.dy)


class _ScaledTanh(Function):
    """1.7159 tanh(2x / 3)."""

    def forward(self) -> None:
        np.multiply(self.y, SLOPE, out=self.y)
        np.tanh(self.y, out=self.y)
        np.multiply(self.y, SCALE, out=self.y)

    def backward(self) -> None:
        np.multiply(self.y, self.y, out=self.factor)
        np.multiply(self.factor, -SLOPE / SCALE, out=self.factor)
        np.add(self.factor, SLOPE * SCALE, out=self.factor)
        np.multiply(self.dy, self.factor, out=self.dy)


class _Gelu(Function):
    """x times the normal distribution's share below x, with the exact error function."""

    monotone = False

    def __init__(self, y: Array, dy: Array | None) -> None:
        super().__init__(y, dy)
        self._x = np.zeros_like(y)
        self._share = np.zeros_like(y)

    def forward(self) -> None:
        np.copyto(self._x, self.y)
        np.multiply(self._x, 0.5**0.5, out=self._share)
        np.multiply(erf(self._share) + 1, 0.5, out=self._share)
        np.multiply(self._x, self._share, out=self.y)

    def backward(self) -> None:
        np.multiply(self._x, self._x, out=self.factor)
        np.multiply(self.factor, -0.5, out=self.factor)
        np.exp(self.factor, out=self.factor)
        np.multiply(self.factor, (2 * np.pi) ** -0.5, out=self.factor)
        np.multiply(self.factor, self._x, out=self.factor)
        np.add(self.factor, self._share, out=self.factor)
        np.multiply(self.dy, self.factor, out=self.dy)


class _Softmax(Function):
    """exp(x) over the sum of all exp(x), across the channels or units."""

    monotone = False

    def __init__(self, y: Array, dy: Array | None) -> None:
        super().__init__(y, dy)
        self._axis = 0 if y.ndim == 2 else 1

    def forward(self) -> None:
        np.subtract(self.y, self.y.max(axis=self._axis, keepdims=True), out=self.y)
        np.exp(self.y, out=self.y)
        np.divide(self.y, self.y.sum(axis=self._axis, keepdims=True), out=self.y)

    def backward(self) -> None:
        np.multiply(self.dy, self.y, out=self.factor)
        np.subtract(self.dy, self.factor.sum(axis=self._axis, keepdims=True), out=self.dy)
        np.multiply(self.dy, self.y, out=self.dy)


FUNCTIONS: Mapping[str, type[Function]] = {
    "relu": _Relu,
    "leaky_relu": _LeakyRelu,
    "elu": _Elu,
    "gelu": _Gelu,
    "sigmoid": _Sigmoid,
    "tanh": _Tanh,
    "scaled_tanh": _ScaledTanh,
    "softmax": _Softmax,
}


def function_of(block: Block) -> type[Function] | None:
    """The function that a block ends with, if any."""
    values = block.values()
    return FUNCTIONS.get(values.get("function", values.get("activation", "none")))


class FinishLayer(Layer):
    """What ends a CONV, FC or activation block: y = f(x + bias), in place where nobody needs x.

    The bias is one number for each channel or unit. It stands alone, so that a max pooling can go
    before it and leave it less to do; a bias for each place, which a maximum may not go before, is
    added by a layer of its own.
    """

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        self.y = x if site.may_overwrite else site.buffer(*x.shape)
        self.dy = dx
        self._bias: Array | None = None
        self._gradient: Array | None = None
        if _has_bias(site):
            self._bias = site.parameters["bias"].reshape(-1, *(1,) * (x.ndim - 1 - _channels(x)))
            self._gradient = site.gradients.get("bias")
        self._others = tuple(axis for axis in range(x.ndim) if axis != _channels(x))
        function = function_of(site.block)
        self._function = None if function is None else function(self.y, self.dy)
        self.keeps_output = self._function is not None

    @classmethod
    def needed(cls, site: Site) -> bool:
        """Whether there is a bias or a function."""
        return _has_bias(site) or function_of(site.block) is not None

    def forward(self) -> None:
        """Add the bias, apply the function."""
        if self._bias is not None:
            np.add(self.x, self._bias, out=self.y)
        elif self.y is not self.x:
            np.copyto(self.y, self.x)
        if self._function is not None:
            self._function.forward()

    def backward(self) -> None:
        """In place; the bias's gradient is the sum over everything but the channels."""
        assert self.dy is not None
        if self._function is not None:
            self._function.backward()
        if self._gradient is not None:
            np.add.reduce(self.dy, axis=self._others, out=self._gradient)


def _has_bias(site: Site) -> bool:
    """Whether there is a bias for each channel or unit."""
    return "bias" in site.parameters and site.parameters["bias"].ndim == 1


def _channels(x: Array) -> int:
    """The axis of the channels or units."""
    return 0 if x.ndim == 2 else 1


LAYERS: Layers = {
    Activation: (FinishLayer,),
}
