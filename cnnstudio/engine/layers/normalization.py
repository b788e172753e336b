"""BATCH NORM: maps normalised by the whole batch's mean and variance, which the lanes share."""

from __future__ import annotations

import numpy as np

from cnnstudio.blocks import BatchNorm
from cnnstudio.engine.layers.layer import Array, Layer, Layers, Site


class BatchNormLayer(Layer):
    """y = weight * (x - mean) / sqrt(variance + epsilon) + bias, for each map or unit.

    In training mean and variance are those of the batch, all lanes together (arXiv 1502.03167,
    algorithm 1), otherwise the running ones.
    """

    def __init__(self, site: Site, x: Array, dx: Array | None) -> None:
        super().__init__(site, x, dx)
        assert isinstance(site.block, BatchNorm)
        self._block, self._meeting, self._lane = site.block, site.meeting, site.lane
        self._weight, self._bias = site.parameters["weight"], site.parameters["bias"]
        self._mean, self._variance = (
            site.statistics["running_mean"],
            site.statistics["running_variance"],
        )
        self._gradients = site.gradients
        self._training = site.training
        channel = 0 if x.ndim == 2 else 1
        self._others = tuple(axis for axis in range(x.ndim) if axis != channel)
        self._spread = (-1, *(1,) * (x.ndim - 1 - channel))
        self.y = x if site.may_overwrite and not site.training else site.buffer(*x.shape)
        self.dy = site.gradient_buffer(*x.shape)
        self._normal = site.buffer(*x.shape) if site.training else self.y
        self._scratch = site.buffer(*x.shape) if site.training else self.y

    def forward(self) -> None:
        """Normalise, scale and shift."""
        if self._training:
            self._normalise_by_batch()
            np.multiply(self._normal, self._shaped(self._weight), out=self.y)
            np.add(self.y, self._shaped(self._bias), out=self.y)
            return
        scale = self._scale()
        np.multiply(self.x, self._shaped(scale), out=self.y)
        np.add(self.y, self._shaped(self._bias - scale * self._mean), out=self.y)

    def _scale(self) -> Array:
        """What each value is multiplied by where the statistics are the running ones."""
        scale: Array = self._weight / np.sqrt(self._variance + self._block.epsilon)
        return scale

    def _normalise_by_batch(self) -> None:
        """Mean first, then the squares of what is left of it: no large numbers cancel."""
        channels = len(self._weight)
        own = np.append(self._sum(self.x), self.x.dtype.type(self.x.size // channels))
        *_, count = total = self._total(own)
        mean = total[:-1] / count
        np.subtract(self.x, self._shaped(mean), out=self._normal)
        np.multiply(self._normal, self._normal, out=self._scratch)
        variance = self._total(self._sum(self._scratch)) / count
        self._inverse = 1 / np.sqrt(variance + self._block.epsilon)
        self._count = count
        np.multiply(self._normal, self._shaped(self._inverse), out=self._normal)
        if self._lane == 0:
            self._keep(mean, variance * (count / max(count - 1, 1)))

    def _keep(self, mean: Array, variance: Array) -> None:
        """Move the running statistics towards the batch's."""
        share = self._block.momentum
        for kept, new in ((self._mean, mean), (self._variance, variance)):
            kept += share * (new - kept)

    def backward(self) -> None:
        """The gradient of algorithm 1, with the sums over the whole batch; else only a factor."""
        assert self.dy is not None
        if not self._training:
            if self.dx is not None:
                np.multiply(self.dy, self._shaped(self._scale()), out=self.dx)
            return
        np.multiply(self.dy, self._normal, out=self._scratch)
        weight, bias = self._sum(self._scratch), self._sum(self.dy)
        np.copyto(self._gradients["weight"], weight)
        np.copyto(self._gradients["bias"], bias)
        both = self._total(np.concatenate((weight, bias))) / self._count
        if self.dx is None:
            return
        weight, bias = np.split(both, 2)
        np.multiply(self._normal, self._shaped(weight), out=self._normal)
        np.subtract(self.dy, self._normal, out=self.dx)
        np.subtract(self.dx, self._shaped(bias), out=self.dx)
        np.multiply(self.dx, self._shaped(self._weight * self._inverse), out=self.dx)

    def _sum(self, values: Array) -> Array:
        """The sum over all but the channels."""
        total: Array = np.add.reduce(values, axis=self._others)
        return total

    def _total(self, own: Array) -> Array:
        return self._meeting.total(self._lane, own)

    def _shaped(self, values: Array) -> Array:
        """One number for each channel, so that it spreads over the maps."""
        return values.reshape(self._spread)


LAYERS: Layers = {
    BatchNorm: (BatchNormLayer,),
}
