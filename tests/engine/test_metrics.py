"""Losses and measured accuracy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from cnnstudio.blocks import FullyConnected, Input
from cnnstudio.data.datasets import Images
from cnnstudio.engine.losses import SoftmaxCrossEntropy, cross_entropy, softmax
from cnnstudio.engine.metrics import Predictions, evaluate
from cnnstudio.engine.model import Model
from cnnstudio.errors import DataError
from cnnstudio.network import Network


def test_softmax_and_cross_entropy_equal_pytorch_even_far_out() -> None:
    logits = np.random.default_rng(0).standard_normal((9, 4))
    logits *= np.repeat([1, 30, 1000], 3)[:, None]
    labels = np.arange(9) % 4
    theirs = torch.from_numpy(logits)
    assert softmax(logits) == pytest.approx(torch.softmax(theirs, 1).numpy(), abs=1e-12)
    expected = functional.cross_entropy(theirs, torch.from_numpy(labels), reduction="none")
    assert cross_entropy(logits, labels) == pytest.approx(expected.numpy(), rel=1e-12, abs=1e-12)


def test_the_heads_gradient_equals_pytorch() -> None:
    logits = np.random.default_rng(1).standard_normal((5, 7))
    labels = np.arange(7) % 5
    theirs = torch.from_numpy(logits.T.copy()).requires_grad_()
    loss = functional.cross_entropy(theirs, torch.from_numpy(labels), reduction="sum")
    (loss * 0.25).backward()
    gradient = np.zeros_like(logits)
    score = SoftmaxCrossEntropy(logits, gradient).compute(labels, 0.25)
    assert score.loss == pytest.approx(loss.item(), rel=1e-12)
    assert score.correct == np.count_nonzero(logits.argmax(axis=0) == labels)
    assert np.abs(gradient.T - theirs.grad.numpy()).max() < 1e-12


def passing_model() -> Model:
    """Three outputs that are the three pixels."""
    model = Model(Network((Input(1, 1, 3), FullyConnected(3))), dtype=np.float64)
    model.parameters["fc1.weight"][...] = np.eye(3)
    return model


def test_evaluation_counts_what_was_taken_for_what() -> None:
    pixels = np.zeros((5, 1, 1, 3), np.uint8)
    for image, taken_for in enumerate((0, 0, 1, 2, 1)):
        pixels[image, 0, 0, taken_for] = 255
    result = evaluate(passing_model(), Images(pixels, np.array([0, 1, 1, 2, 2], np.uint8)))
    assert result.images == 5
    assert result.accuracy == pytest.approx(3 / 5)
    assert result.confusion.tolist() == [[1, 0, 0], [1, 1, 0], [0, 1, 1]]
    assert result.predictions.tolist() == [0, 0, 1, 2, 1]
    right, wrong = np.log(2 + np.e) - 1, np.log(2 + np.e)
    assert result.loss == pytest.approx((3 * right + 2 * wrong) / 5)


def test_no_pictures_give_nan() -> None:
    result = evaluate(
        passing_model(), Images(np.zeros((0, 1, 1, 3), np.uint8), np.zeros(0, np.uint8))
    )
    assert np.isnan(result.loss)
    assert np.isnan(result.accuracy)
    assert result.confusion.sum() == 0


def test_pictures_or_labels_that_do_not_fit_are_refused() -> None:
    model = passing_model()
    with pytest.raises(DataError, match="takes pictures of 1x1x3"):
        evaluate(model, Images(np.zeros((2, 1, 2, 2), np.uint8), np.zeros(2, np.uint8)))
    with pytest.raises(DataError, match="Labels go from 0 to 2"):
        evaluate(model, Images(np.zeros((2, 1, 1, 3), np.uint8), np.array([0, 3], np.uint8)))


def test_predictions_agree_with_the_evaluation_and_put_the_worst_first() -> None:
    generator = np.random.default_rng(2)
    model = Model(Network((Input(1, 4, 4), FullyConnected(5))), seed=1)
    labels = generator.integers(0, 5, 60).astype(np.uint8)
    images = Images(generator.integers(0, 256, (60, 1, 4, 4)).astype(np.uint8), labels)
    result = evaluate(model, images)
    found = Predictions.from_logits("test", labels, result.logits, epoch=3)
    assert len(found) == found.total == 60
    assert found.classes == 5
    assert np.array_equal(found.confusion, result.confusion)
    assert np.array_equal(found.predicted, result.predictions)
    assert found.probabilities == pytest.approx(model.probabilities(images.pixels), abs=1e-7)
    losses = cross_entropy(result.logits, labels)
    assert -np.log(found.own) == pytest.approx(losses, rel=1e-4)
    assert set(found.wrong) == set(np.flatnonzero(result.predictions != labels))
    assert list(losses[found.wrong]) == sorted(losses[found.wrong], reverse=True)


def test_predictions_of_no_pictures() -> None:
    nothing = Predictions.from_logits("test", np.zeros(0, np.uint8), np.zeros((0, 3)), epoch=0)
    assert nothing.confusion.tolist() == [[0] * 3] * 3
    assert len(nothing.wrong) == 0
