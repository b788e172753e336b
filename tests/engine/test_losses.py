"""The loss and its gradient equal those of torch.nn.functional.cross_entropy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy as reference

from cnnstudio.engine.losses import SoftmaxCrossEntropy, cross_entropy


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_loss_and_gradient_equal_those_of_torch(smoothing: float) -> None:
    generator = np.random.default_rng(0)
    logits = generator.standard_normal((7, 5)) * 10
    labels = generator.integers(0, 5, 7)
    theirs = torch.from_numpy(logits).requires_grad_()
    loss = reference(theirs, torch.from_numpy(labels), label_smoothing=smoothing)
    loss.backward()
    gradient = np.empty((5, 7))
    score = SoftmaxCrossEntropy(logits.T.copy(), gradient).compute(labels, 1 / 7, smoothing)
    assert score.loss / 7 == pytest.approx(loss.item(), rel=1e-12)
    assert score.correct == (logits.argmax(axis=1) == labels).sum()
    assert pytest.approx(theirs.grad.numpy(), rel=1e-11, abs=1e-16) == gradient.T


def test_smoothing_changes_the_loss_and_takes_sureness_back() -> None:
    logits, gradient = np.array([[30.0], [0.0], [0.0]]), np.empty((3, 1))
    loss = SoftmaxCrossEntropy(logits, gradient)
    assert loss.compute(np.array([0]), 1.0).loss == pytest.approx(0, abs=1e-12)
    assert loss.compute(np.array([0]), 1.0, 0.3).loss == pytest.approx(0.3 * 2 / 3 * 30)
    assert gradient[:, 0] == pytest.approx([0.2, -0.1, -0.1])


def test_the_loss_of_evaluation_is_plain() -> None:
    generator = np.random.default_rng(1)
    logits, labels = generator.standard_normal((6, 4)), generator.integers(0, 4, 6)
    theirs = reference(torch.from_numpy(logits), torch.from_numpy(labels), reduction="none")
    assert cross_entropy(logits, labels) == pytest.approx(theirs.numpy(), rel=1e-12)
