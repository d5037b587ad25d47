"""Why malignant rather than benign? Grad-CAM of a difference, in three dimensions."""

import numpy as np

from mlmi_course.checks import Case, asks


def _relu(x):
    return np.maximum(x, 0)


def _over_places(gradients):
    return gradients.mean(axis=(0, 1, 2))


def _rather(
    channels,
    for_this,
    for_that,
    *,
    asked=lambda this, that: this - that,
    weight=_over_places,
    each=lambda x: x,
    cut=_relu,
):
    return cut(each(channels * weight(asked(for_this, for_that))).sum(axis=-1))


@asks(
    points=3,
    see="Grad-CAM: ask the last map",
    hints=(
        "The score is now *one logit minus the other*. What is the gradient of a difference?",
        "There are three axes of places, 0, 1 and 2, and the mean goes over all of them: one "
        "weight for each channel.",
        "`weights = (malignant - benign).mean(axis=(0, 1, 2))`, then the sum over channels, then "
        "the ReLU.",
    ),
)
def rather_than(channels, malignant, benign):
    """Malignant rather than benign"""
    return _rather(channels, malignant, benign)


@rather_than.inputs
def cases(rng):
    for shape, about in (((3, 4, 5, 3), "three channels"), ((2, 3, 3, 4), "four channels")):
        while True:
            channels = _relu(rng.normal(size=shape)).round(2)
            this, that = rng.normal(0.2, 1, (2, *shape)).round(2)
            uncut = _rather(channels, this, that, cut=lambda x: x)
            if (uncut > 0.05).any() and (uncut < -0.05).any():
                break
        yield Case((channels, this, that), about)
    same = np.ones((2, 2, 2, 2))
    yield Case((same, 0.5 * same, 2 * same), "channels that all speak for benign")


rather_than.variants(
    _rather,
    ordinary=(
        {"asked": lambda this, that: this},
        "That is the Grad-CAM of *malignant* alone. Where both logits rise it lights up as well, "
        "though nothing there tells the two apart.",
    ),
    reversed=(
        {"asked": lambda this, that: that - this},
        "That is benign rather than malignant: the difference is turned round.",
    ),
    added=(
        {"asked": lambda this, that: this + that},
        "You added the gradients. That asks what speaks for *either*.",
    ),
    planes_apart=(
        {"weight": lambda gradients: gradients.mean(axis=(1, 2), keepdims=True)},
        "Each plane has its own weights in yours. There are three axes of places here: the mean "
        "goes over all of them.",
    ),
    over_two_of_three=(
        {"weight": lambda gradients: gradients.mean(axis=(0, 1), keepdims=True)},
        "The mean goes over two of three axes of places. Axes 0, 1 and 2 are places; only the last "
        "one is the channels.",
    ),
    over_channels=(
        {"weight": lambda gradients: gradients.mean(axis=-1, keepdims=True)},
        "You averaged the gradients over the channels. Then there is a weight for each place, and "
        "none for a channel.",
    ),
    not_averaged=(
        {"weight": lambda gradients: gradients},
        "You multiplied by the gradient of each place: those are exact contributions. Grad-CAM "
        "takes one weight for a whole channel.",
    ),
    summed=(
        {"weight": lambda gradients: gradients.sum(axis=(0, 1, 2))},
        "You added the gradients up instead of averaging them: all values are too large by the "
        "number of places.",
    ),
    relu_first=(
        {"each": _relu},
        "The ReLU came before the sum. A channel that speaks for benign can then cancel nothing. "
        "First add up, then cut.",
    ),
    no_relu=(
        {"cut": lambda x: x},
        "The ReLU is missing: what speaks for benign, below zero, is cut to 0.",
    ),
    absolute=(
        {"cut": np.abs},
        "You took the absolute value. What speaks for benign is then shown as if it spoke for "
        "malignant.",
    ),
)


@rather_than.mistake
def two_maps_subtracted(channels, malignant, benign):
    """You subtracted two finished maps. Each was cut at 0 before, so what speaks *against* benign
    is lost. Subtract the gradients, and cut once, at the end.
    """
    one, other = (_rather(channels, g, 0 * g) for g in (malignant, benign))
    return one - other


@rather_than.mistake
def two_maps_subtracted_and_cut(channels, malignant, benign):
    """You subtracted two finished maps and cut again. Each was cut at 0 before, so what speaks
    *against* benign is lost. Subtract the gradients, and cut once, at the end.
    """
    one, other = (_rather(channels, g, 0 * g) for g in (malignant, benign))
    return _relu(one - other)
