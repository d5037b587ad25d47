"""A loss that sees small things."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u10_cae_unet_segmentation._masks import PER_IMAGE, disc, pairs


def _loss_with(truth, probability, *, total=np.sum, axis=PER_IMAGE, above=1.0, below=1.0, power=1):
    """The soft Dice loss of Milletari et al., with other totals, other smoothing or squares."""
    both = total(truth * probability, axis)
    sizes = total(truth**power, axis) + total(probability**power, axis)
    with np.errstate(invalid="ignore"):
        return 1 - (2 * both + above) / (sizes + below)


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
    return _loss_with(truth, probability)


@soft_dice_loss.inputs
def cases(rng):
    truth, found = pairs(rng, n=4, side=(10, 12))
    sure, unsure = rng.uniform(0.35, 1, found.shape), rng.uniform(0, 0.4, found.shape)
    probability = np.where(found, sure, unsure).round(3)
    yield Case((truth * 1.0, probability), "four masses and probabilities")
    empty, marked = np.zeros((2, 2, 10, 12))
    marked[1, 2:5, 3] = 0.7
    yield Case((empty, marked), "two empty truths, one of them left empty")


@soft_dice_loss.mistake
def thresholded(truth, probability):
    """You turned the probabilities into a mask first. A small change of a probability then changes
    nothing: the slope is 0, and gradient descent stands still. Leave them soft.
    """
    return soft_dice_loss.right(truth, (probability > 0.5) * 1.0)


@soft_dice_loss.mistake
def batch_summed(truth, probability):
    """You summed over the images as well. One large mass then outvotes the small ones. Sum over
    rows and columns only: one loss for each image.
    """
    return float(_loss_with(truth, probability, axis=None))


@soft_dice_loss.mistake
def mean_over_images(truth, probability):
    """You took the mean over the images. Keras does that itself: return one loss for each."""
    return float(soft_dice_loss.right(truth, probability).mean())


soft_dice_loss.variants(
    _loss_with,
    means_for_sums=(
        {"total": np.mean},
        "You took means over the pixels in place of sums. The + 1 is then larger than all the "
        "rest, and the loss hardly moves.",
    ),
    not_smoothed=(
        {"above": 0.0, "below": 0.0},
        "The + 1 above and below is missing. Without it an empty truth that is left empty is "
        "0/0, and a single nan spoils all weights of the network.",
    ),
    smoothed_below_only=(
        {"above": 0.0},
        "The + 1 stands only below. Then an empty truth that is left empty, which is right, has a "
        "loss of 1.",
    ),
)


@soft_dice_loss.mistake
def not_a_loss(truth, probability):
    """That grows as the mask gets better. A loss must fall: take 1 minus it."""
    return 1 - soft_dice_loss.right(truth, probability)


soft_dice_loss.variants(
    _loss_with,
    squares=(
        {"power": 2},
        "You square the terms below, as the V-Net paper does. That is a loss too, but here the "
        "formula has no squares.",
    ),
)


@soft_dice_loss.mistake
def jaccard(truth, probability):
    """That is a soft Jaccard loss: intersection over union."""
    both = (truth * probability).sum(PER_IMAGE)
    return 1 - (both + 1) / (truth.sum(PER_IMAGE) + probability.sum(PER_IMAGE) - both + 1)


@soft_dice_loss.picture
def as_the_probability_grows(answer):
    from mlmi_course import plots

    truth = disc(32, 32, 15.5, 15.5, 5) * 1.0
    levels = np.linspace(0, 1, 51)
    shown = {"as in the picture": 5, "too small": 3, "too large": 8}
    curves = {}
    for name, radius in shown.items():
        mask = disc(32, 32, 15.5, 15.5, radius) * 1.0
        losses = [call(answer, (truth[None], level * mask[None])) for level in levels]
        curves[name] = [float(np.ravel(loss)[0]) for loss in losses]
    return plots.lines(
        curves,
        x=levels,
        xlabel="probability inside the mask",
        ylabel="your loss",
        alt="The loss of three masks falls smoothly as their probability grows, most for that of "
        "the right size.",
    )
