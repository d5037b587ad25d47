"""Masses that nobody has seen."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from mlmi_course.checks import ModelQuestion, Verdict
from mlmi_course.questions.u10_cae_unet_segmentation.dice import dice

_FRESH = 200  # images, each of another patient

# The reference is better than the simple method by 0.091 to 0.102 (three starts), with a standard
# deviation of 0.023 over draws of 100 patients, so of about 0.016 over draws of 200.  The bar
# lies four of these below the lowest.
_CLEAR_OF_IT = 0.025


def _draw_fresh(rng):
    from mlmi_course.phantoms.masses import lesions

    # One image a patient, and none of these patients is in the lab's own set.
    cases = lesions(_FRESH, size=64, seed=1000 + int(rng.integers(10**6)), contrast=1.5, views=1)
    return cases["images"], cases["masks"] > 0


def _score_masks(truth, prediction):
    prediction = np.asarray(prediction)
    if prediction.shape != truth.shape:
        raise ValueError(
            f"one mask for each image is needed, shape {truth.shape}, and yours have shape "
            f"{prediction.shape}"
        )
    if not np.isin(prediction, (0, 1)).all():
        raise ValueError(
            "a mask is True or False; these look like probabilities: compare them with a threshold"
        )
    return float(np.median(dice.right(truth, prediction > 0)))


def _brightest_spot(images):
    """The lecture's simple method, with the numbers that it chooses on the lab's images."""
    return np.stack([_spot(_local_contrast(image)) for image in images])


def _local_contrast(image):
    from scipy import ndimage

    grey = image.astype(float)
    breast = grey > 25
    around = ndimage.gaussian_filter(grey * breast, 6)
    around /= ndimage.gaussian_filter(breast * 1.0, 6) + 1e-3
    fine = ndimage.gaussian_filter(grey, 1)
    return (fine - around) * ndimage.binary_erosion(fine > 25, iterations=4)


def _spot(score):
    from scipy import ndimage

    pieces, _ = ndimage.label(score > 0.3 * score.max(), structure=np.ones((3, 3)))
    return (pieces > 0) & (pieces == pieces[np.unravel_index(score.argmax(), score.shape)])


class _BesideTheSimpleMethod(ModelQuestion):
    """A model that is measured beside the simple method: it earns what it gains on that."""

    def _score(
        self, answer: Any, score: float, images: Any, labels: Any, predictions: Any
    ) -> Verdict:
        beside = copy(self)
        beside.chance = _score_masks(labels, _brightest_spot(images))
        beside.threshold = beside.chance + _CLEAR_OF_IT
        return super(_BesideTheSimpleMethod, beside)._score(
            answer, score, images, labels, predictions
        )


segment = _BesideTheSimpleMethod(
    title="Masses that nobody has seen",
    points=4,
    draw=_draw_fresh,
    metric=_score_masks,
    threshold=1.0,
    chance=0.0,
    budget_s=90,
    see="The U-Net",
    hints=(
        "`trained(…)` gives a network, `training.predict(network, images)` its probabilities, "
        "`> 0.5` a mask for each image.",
        "Far below what is needed? Look at the loss. Cross-entropy alone is content with almost "
        "empty masks after so few epochs; the sum of both losses is not.",
        "Still below? A rate of 0.001 is small for so few epochs: try 0.005, and 8 epochs. "
        "Then keep the biggest piece of each mask.",
    ),
)


@segment.mistake
def nothing(images):
    """Your masks are empty. 98 % of the pixels are right, and not one mass is found. Look at the
    largest probabilities: are they all below your threshold?
    """
    return np.zeros(images.shape, bool)


@segment.mistake
def everything(images):
    """Your masks cover the whole image. No mass is missed, and none is found."""
    return np.ones(images.shape, bool)


@segment.mistake
def whole_breast(images):
    """You found the breast, and it is not the mass. A grey value alone does not tell them apart:
    gland is as bright.
    """
    return images > 20


segment.knows(
    "simple_method",
    _brightest_spot,
    "That is the lecture's simple method, without a network: the mark that a network has to beat.",
)


@segment.mistake
def bright(images):
    """You marked what is bright. So is gland. A network has to learn shape as well."""
    return images > images.max(axis=(1, 2), keepdims=True) / 2
