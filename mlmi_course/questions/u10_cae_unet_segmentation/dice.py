"""Dice, case by case."""

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.questions.u10_cae_unet_segmentation._shared import (
    EACH,
    filled,
    pairs,
    ratio,
    undefined_where,
)


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
    both = (truth & prediction).sum(axis=(1, 2))
    return ratio(2 * both, truth.sum(axis=(1, 2)) + prediction.sum(axis=(1, 2)))


@dice.inputs
def dice_inputs(rng):
    truth, found = pairs(rng)
    yield Case((truth, found), "five masses")
    found = found.copy()
    found[1] = False
    yield Case((truth, found), "five masses, one of them not found at all")
    truth, found = truth.copy(), found.copy()
    truth[3] = False
    yield Case((truth, found), "an image without a mass, in which something was marked")
    found = found.copy()
    found[3] = False
    yield Case((truth, found), "an image without a mass, left empty by the prediction")


@dice.mistake
def jaccard(truth, prediction):
    """That is the Jaccard index: intersection over union. Dice is twice the intersection over the
    sum of both sizes, D = 2J / (1 + J), and never smaller.
    """
    return ratio((truth & prediction).sum(EACH), (truth | prediction).sum(EACH))


@dice.mistake
def pooled(t, p):
    """You put the pixels of all images into one pot. There a large mass outvotes the small ones.
    One value for each image is asked for: sum over `axis=(1, 2)`.
    """
    return float(ratio(2 * (t & p).sum(), t.sum() + p.sum()))


@dice.mistake
def zero_for_empty(t, p):
    """For a truth and a prediction that are both empty you return 0: the worst score for somebody
    who was right. 0/0 is undefined: return nan, and let it be counted.
    """
    return filled(dice.right(t, p), 0.0)


@dice.mistake
def one_for_empty(t, p):
    """For a truth and a prediction that are both empty you return 1. Some challenges do. But then
    healthy images lift the mean, and nobody sees it. Return nan.
    """
    return filled(dice.right(t, p), 1.0)


@dice.mistake
def dropped(t, p):
    """You leave out what is undefined. Then the values no longer belong to their images, and
    nobody learns how many there were. Keep the nan in its place.
    """
    return (d := dice.right(t, p))[~np.isnan(d)]


@dice.mistake
def undefined_without_a_mass(t, p):
    """Where only the truth is empty you return nan. Something was marked in a healthy image: that
    scores 0. Only 0/0 is undefined, where *both* masks are empty.
    """
    return undefined_where(dice.right(t, p), t)


@dice.mistake
def undefined_if_missed(t, p):
    """Where only one of the two masks is empty you return nan. A mass that was not found at all
    scores 0. Only where *both* masks are empty is Dice undefined.
    """
    return undefined_where(dice.right(t, p), t, p)


@dice.mistake
def or_for_plus(t, p):
    """Values above 1: the sum of two Boolean arrays is *or*, and counts the common pixels once.
    Sum each mask, then add the two numbers.
    """
    return 2 * jaccard(t, p)


@dice.mistake
def background(t, p):
    """That is the Dice coefficient of the *background*, which is large and easy: the masks are
    inverted.
    """
    return dice.right(~t, ~p)


@dice.mistake
def accuracy(t, p):
    """That is the accuracy over pixels: it also counts the background that both leave alone, and
    there is so much of it that nothing else matters.
    """
    return (t == p).mean(axis=EACH)


@dice.mistake
def recall(t, p):
    """You divide by the truth alone. That is the share that was found; a mask over the whole
    breast would score 1.
    """
    return ratio((t & p).sum(EACH), t.sum(EACH))


@dice.mistake
def precision(t, p):
    """You divide by the prediction alone. Then a single pixel in the middle of the mass would
    score 1.
    """
    return ratio((t & p).sum(EACH), p.sum(EACH))


@dice.mistake
def not_twice(t, p):
    """The 2 is missing: two identical masks must score 1, and yours score one half."""
    return ratio((t & p).sum(EACH), t.sum(EACH) + p.sum(EACH))
