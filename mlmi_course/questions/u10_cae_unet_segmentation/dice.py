"""Dice, case by case."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u10_cae_unet_segmentation._masks import (
    PER_IMAGE,
    pairs,
    ratio,
    without,
)


def _tversky(truth, prediction, *, fp=0.5, fn=0.5, factor=1.0, empty=np.nan):
    """Tversky's index, TP / (TP + fp·FP + fn·FN): Dice with halves, and its relatives."""
    both, extra, missed = truth & prediction, prediction & ~truth, truth & ~prediction
    tp, errors = both.sum(PER_IMAGE), fp * extra.sum(PER_IMAGE) + fn * missed.sum(PER_IMAGE)
    index = factor * ratio(tp, tp + errors)
    return np.where(np.isnan(index), empty, index)


@asks(
    points=2,
    see="Four counts and the Dice coefficient",
    not_allowed=("mlmi_course.metrics.dice",),
    hints=(
        "`truth & prediction` is True where both are. Sum it over rows and columns, `axis=(1, 2)`: "
        "one number is left for each image.",
        "Above: twice the pixels in both. Below: the pixels of the truth plus those of the "
        "prediction.",
        "0/0 in NumPy is nan with a warning, and nan is what is asked for. "
        "`with np.errstate(invalid='ignore'):` keeps it quiet.",
    ),
)
def dice(truth, prediction):
    """Dice, case by case"""
    both = (truth & prediction).sum(PER_IMAGE)
    return ratio(2 * both, truth.sum(PER_IMAGE) + prediction.sum(PER_IMAGE))


@dice.inputs
def cases(rng):
    truth, found = pairs(rng)
    yield Case((truth, found), "five masses")
    yield Case((truth, without(found, 1)), "five masses, one of them not found at all")
    healthy = without(truth, 3)
    yield Case(
        (healthy, without(found, 1)), "an image without a mass, in which something was marked"
    )
    yield Case(
        (healthy, without(found, 1, 3)), "an image without a mass, left empty by the prediction"
    )


dice.variants(
    _tversky,
    jaccard=(
        {"fp": 1, "fn": 1},
        "That is the Jaccard index: intersection over union. Dice is twice the intersection over "
        "the sum of both sizes, D = 2J / (1 + J), and never smaller.",
    ),
)


@dice.mistake
def pooled(truth, prediction):
    """You put the pixels of all images into one pot. There a large mass outvotes the small ones.
    One value for each image is asked for: sum over `axis=(1, 2)`.
    """
    return float(dice.right(truth.reshape(1, -1, 1), prediction.reshape(1, -1, 1))[0])


dice.variants(
    _tversky,
    zero_for_empty=(
        {"empty": 0.0},
        "For a truth and a prediction that are both empty you return 0: the worst score for "
        "somebody who was right. 0/0 is undefined: return nan, and let it be counted.",
    ),
    one_for_empty=(
        {"empty": 1.0},
        "For a truth and a prediction that are both empty you return 1. Some challenges do. But "
        "then healthy images lift the mean, and nobody sees it. Return nan.",
    ),
)


@dice.mistake
def dropped(truth, prediction):
    """You leave out what is undefined. Then the values no longer belong to their images, and
    nobody learns how many there were. Keep the nan in its place.
    """
    values = dice.right(truth, prediction)
    return values[~np.isnan(values)]


@dice.mistake
def undefined_without_a_mass(truth, prediction):
    """Where only the truth is empty you return nan. Something was marked in a healthy image: that
    scores 0. Only 0/0 is undefined, where *both* masks are empty.
    """
    return np.where(truth.any(PER_IMAGE), dice.right(truth, prediction), np.nan)


@dice.mistake
def undefined_if_missed(truth, prediction):
    """Where only one of the two masks is empty you return nan. A mass that was not found at all
    scores 0. Only where *both* masks are empty is Dice undefined.
    """
    marked = prediction.any(PER_IMAGE)
    return np.where(marked, undefined_without_a_mass(truth, prediction), np.nan)


dice.variants(
    _tversky,
    or_for_plus=(
        {"fp": 1, "fn": 1, "factor": 2},
        "Values above 1: the sum of two Boolean arrays is *or*, and counts the common pixels once. "
        "Sum each mask, then add the two numbers.",
    ),
)


@dice.mistake
def background(truth, prediction):
    """That is the Dice coefficient of the *background*, which is large and easy: the masks are
    inverted.
    """
    return dice.right(~truth, ~prediction)


@dice.mistake
def accuracy(truth, prediction):
    """That is the accuracy over pixels: it also counts the background that both leave alone, and
    there is so much of it that nothing else matters.
    """
    return (truth == prediction).mean(PER_IMAGE)


dice.variants(
    _tversky,
    recall=(
        {"fp": 0, "fn": 1},
        "You divide by the truth alone. That is the share that was found; a mask over the whole "
        "breast would score 1.",
    ),
    precision=(
        {"fp": 1, "fn": 0},
        "You divide by the prediction alone. Then a single pixel in the middle of the mass would "
        "score 1.",
    ),
    not_twice=(
        {"factor": 0.5},
        "The 2 is missing: two identical masks must score 1, and yours score one half.",
    ),
)
