"""A loss that sees small things."""

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.checks.calling import call
from mlmi_course.questions.u10_cae_unet_segmentation._shared import EACH, disc, pairs


@asks(
    points=3,
    see="Two losses",
    not_allowed=("mlmi_course.networks.dice_loss",),
    hints=(
        "Multiply truth and probability pixel by pixel. Where the truth is 0 nothing is left; "
        "where it is 1 the probability is left.",
        "Sum over rows and columns, `axis=(1, 2)`, so that one number remains for each image.",
        "`1 - (2 * both + 1) / (truth sum + probability sum + 1)`. Both + 1 belong to the formula.",
    ),
)
def soft_dice_loss(truth, probability):
    """A loss that sees small things"""
    both = (truth * probability).sum(axis=EACH)
    return 1 - (2 * both + 1) / (truth.sum(axis=EACH) + probability.sum(axis=EACH) + 1)


@soft_dice_loss.inputs
def loss_inputs(rng):
    truth, found = pairs(rng, n=4, side=(10, 12))
    probability = np.where(
        found, rng.uniform(0.35, 1, found.shape), rng.uniform(0, 0.4, found.shape)
    )
    yield Case((truth * 1.0, probability.round(3)), "four masses and probabilities")
    empty = np.zeros((2, 10, 12))
    unsure = empty.copy()
    unsure[1, 2:5, 3] = 0.7
    yield Case((empty, unsure), "two empty truths, one of them left empty")


_EVERY = (0, 1, 2)


def _loss_of(t, p, axis=EACH, smooth=1.0):
    with np.errstate(all="ignore"):
        return 1 - (2 * (t * p).sum(axis) + smooth) / (t.sum(axis) + p.sum(axis) + smooth)


@soft_dice_loss.mistake
def thresholded(t, p):
    """You turned the probabilities into a mask first. A small change of a probability then changes
    nothing: the slope is 0, and gradient descent stands still. Leave them soft.
    """
    return _loss_of(t, (p > 0.5) * 1.0)


@soft_dice_loss.mistake
def batch_summed(t, p):
    """You summed over the images as well. One large mass then outvotes the small ones. Sum over
    rows and columns only: one loss for each image.
    """
    return float(_loss_of(t, p, axis=_EVERY))


@soft_dice_loss.mistake
def mean_over_images(t, p):
    """You took the mean over the images. Keras does that itself: return one loss for each."""
    return float(soft_dice_loss.right(t, p).mean())


@soft_dice_loss.mistake
def means_for_sums(t, p):
    """You took means over the pixels in place of sums. The + 1 is then larger than all the rest,
    and the loss hardly moves.
    """
    return 1 - (2 * (t * p).mean(EACH) + 1) / (t.mean(EACH) + p.mean(EACH) + 1)


soft_dice_loss.variants(
    _loss_of,
    not_smoothed=(
        {"smooth": 0.0},
        "The + 1 above and below is missing. Without it an empty truth that is left empty is "
        "0/0, and a single nan spoils all weights of the network.",
    ),
)


@soft_dice_loss.mistake
def smoothed_below_only(t, p):
    """The + 1 stands only below. Then an empty truth that is left empty, which is right, has a
    loss of 1.
    """
    return 1 - 2 * (t * p).sum(EACH) / (t.sum(EACH) + p.sum(EACH) + 1)


@soft_dice_loss.mistake
def not_a_loss(t, p):
    """That grows as the mask gets better. A loss must fall: take 1 minus it."""
    return 1 - soft_dice_loss.right(t, p)


@soft_dice_loss.mistake
def squares(t, p):
    """You square the terms below, as the V-Net paper does. That is a loss too, but here the
    formula has no squares.
    """
    return 1 - (2 * (t * p).sum(EACH) + 1) / ((t**2).sum(EACH) + (p**2).sum(EACH) + 1)


@soft_dice_loss.mistake
def jaccard(t, p):
    """That is a soft Jaccard loss: intersection over union."""
    return 1 - ((t * p).sum(EACH) + 1) / (t.sum(EACH) + p.sum(EACH) - (t * p).sum(EACH) + 1)


@soft_dice_loss.picture
def draw_answer(answer):
    from mlmi_course import plots

    truth = disc(32, 32, 15.5, 15.5, 5) * 1.0
    levels = np.linspace(0, 1, 51)
    shown = {
        "as in the picture": truth,
        "too small": disc(32, 32, 15.5, 15.5, 3) * 1.0,
        "too large": disc(32, 32, 15.5, 15.5, 8) * 1.0,
    }
    curves = {
        name: [
            float(np.ravel(call(answer, (truth[None], level * mask[None])))[0]) for level in levels
        ]
        for name, mask in shown.items()
    }
    return plots.lines(
        curves,
        x=levels,
        xlabel="probability inside the mask",
        ylabel="your loss",
        alt="The loss of three masks falls smoothly as their probability grows, most for that of "
        "the right size.",
    )
