"""What a paper prints."""

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.questions.u10_cae_unet_segmentation._shared import filled, pairs, undefined_where
from mlmi_course.questions.u10_cae_unet_segmentation.dice import dice


def _summary(values):
    known = values[~np.isnan(values)]
    q1, median, q3 = np.percentile(known, [25, 50, 75])
    return {
        "n": len(known),
        "undefined": len(values) - len(known),
        "median": float(median),
        "iqr": float(q3 - q1),
        "mean": float(known.mean()),
        "sd": float(known.std(ddof=1)),
    }


@asks(
    points=2,
    see="What two readers agree on",
    not_allowed=("mlmi_course.metrics.summarise", "mlmi_course.metrics.segmentation_report"),
    hints=(
        "`values = metrics.dice(truth, prediction, per_case=True)` gives one value an image, nan "
        "where it is undefined. `known = values[~np.isnan(values)]` are the others.",
        "`np.percentile(known, [25, 50, 75])` gives both quartiles and the median.",
        "`known.std(ddof=1)` divides by n − 1. Do not forget `undefined`: how many were left out.",
    ),
)
def report(truth, prediction):
    """What a paper prints"""
    return _summary(dice.right(truth, prediction))


@report.inputs
def report_inputs(rng):
    for n in (7, 10):
        truth, found = pairs(rng, n=n)
        found = found.copy()
        found[0] = False  # one is missed, so that mean and median are far apart
        yield Case((truth, found), f"{n} masses, one of them missed")
    truth = truth.copy()
    for image in (4, 6):
        truth[image] = found[image] = False
    yield Case((truth, found), "two images without a mass, both left empty")
    truth = truth.copy()
    truth[8] = False
    yield Case((truth, found), "three images without a mass, two of them left empty")


def _report_with(**changes):
    def wrong(truth, prediction):
        values = dice.right(truth, prediction)
        known = values[~np.isnan(values)]
        return _summary(values) | {name: float(f(known)) for name, f in changes.items()}

    return wrong


report.knows(
    "median_and_mean_swapped",
    _report_with(median=np.mean, mean=np.median),
    "Mean and median have changed places. One missed mass pulls the mean down; the median "
    "hardly notices.",
)


report.knows(
    "mean_as_median",
    _report_with(median=np.mean),
    "What you call the median is the mean. One missed mass pulls it down.",
)


@report.mistake
def sd_over_pixels(truth, prediction):
    """Your standard deviation is taken over pixels. It says nothing about how much patients
    differ, and shrinks as the background grows. Take it over the Dice values.
    """
    return report.right(truth, prediction) | {"sd": float((truth == prediction).std())}


@report.mistake
def pooled_mean(truth, prediction):
    """Your mean is the Dice of all pixels in one pot. The mean of the images' own values is asked
    for.
    """
    pooled = float(2 * (truth & prediction).sum() / (truth.sum() + prediction.sum()))
    return report.right(truth, prediction) | {"mean": pooled}


report.knows(
    "standard_error",
    _report_with(sd=lambda v: v.std(ddof=1) / np.sqrt(len(v))),
    "That is the standard error of the mean: how well you know the mean. The standard "
    "deviation says how much cases differ, and does not shrink with more of them.",
)


report.knows(
    "divided_by_n",
    _report_with(sd=np.std),
    "NumPy's `std` divides by n. For a sample divide by n − 1: `ddof=1`.",
)


@report.mistake
def undefined_as_zero(t, p):
    """Images whose truth and prediction are both empty enter as 0. They are undefined: leave them
    out, and say how many.
    """
    return _summary(filled(dice.right(t, p), 0.0))


@report.mistake
def undefined_among_n(t, p):
    """Your `n` counts all images. Count those with a defined value; the others are in
    `undefined`.
    """
    return report.right(t, p) | {"n": len(t)}


report.knows(
    "undefined_not_counted",
    _report_with(undefined=lambda v: 0),
    "You leave out what is undefined and say that there was nothing to leave out. A "
    "reader must learn how many cases the figures are *not* about.",
)


@report.mistake
def undefined_without_a_mass(t, p):
    """You leave out every image without a mass. Where something was marked in it, its Dice is 0,
    and defined. Only where both masks are empty is it undefined.
    """
    return _summary(undefined_where(dice.right(t, p), t))


@report.mistake
def undefined_kept(truth, prediction):
    """One undefined value makes your mean and median nan. Leave such cases out, and count them."""
    values = dice.right(truth, prediction)
    q1, median, q3 = np.percentile(values, [25, 50, 75])
    return report.right(truth, prediction) | {
        "median": float(median),
        "iqr": float(q3 - q1),
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
    }
