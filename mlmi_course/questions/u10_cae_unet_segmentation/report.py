"""What a paper prints."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u10_cae_unet_segmentation._masks import pairs, without
from mlmi_course.questions.u10_cae_unet_segmentation.dice import (
    dice,
    pooled,
)
from mlmi_course.questions.u10_cae_unet_segmentation.dice import (
    undefined_without_a_mass as dice_without_a_mass_undefined,
)


def _middle_and_spread(values):
    q1, median, q3 = np.percentile(values, [25, 50, 75])
    return {
        "median": float(median),
        "iqr": float(q3 - q1),
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
    }


def _summary(values):
    known = values[~np.isnan(values)]
    counts = {"n": len(known), "undefined": len(values) - len(known)}
    return counts | _middle_and_spread(known)


def _report_with(truth, prediction, **changed):
    """The right report, but for the entries that are computed otherwise from the known values."""
    values = dice.right(truth, prediction)
    known = values[~np.isnan(values)]
    return _summary(values) | {name: float(entry(known)) for name, entry in changed.items()}


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
def cases(rng):
    for n in (7, 10):
        truth, found = pairs(rng, n=n)
        found = without(found, 0)  # so that mean and median are far apart
        yield Case((truth, found), f"{n} masses, one of them missed")
    found = without(found, 4, 6)
    yield Case((without(truth, 4, 6), found), "two images without a mass, both left empty")
    yield Case(
        (without(truth, 4, 6, 8), found), "three images without a mass, two of them left empty"
    )


report.variants(
    _report_with,
    median_and_mean_swapped=(
        {"median": np.mean, "mean": np.median},
        "Mean and median have changed places. One missed mass pulls the mean down; the median "
        "hardly notices.",
    ),
    mean_as_median=(
        {"median": np.mean},
        "What you call the median is the mean. One missed mass pulls it down.",
    ),
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
    return report.right(truth, prediction) | {"mean": pooled(truth, prediction)}


report.variants(
    _report_with,
    standard_error=(
        {"sd": lambda known: known.std(ddof=1) / np.sqrt(len(known))},
        "That is the standard error of the mean: how well you know the mean. The standard "
        "deviation says how much cases differ, and does not shrink with more of them.",
    ),
    divided_by_n=(
        {"sd": np.std},
        "NumPy's `std` divides by n. For a sample divide by n − 1: `ddof=1`.",
    ),
)


@report.mistake
def undefined_as_zero(truth, prediction):
    """Images whose truth and prediction are both empty enter as 0. They are undefined: leave them
    out, and say how many.
    """
    return _summary(np.nan_to_num(dice.right(truth, prediction)))


@report.mistake
def undefined_among_n(truth, prediction):
    """Your `n` counts all images. Count those with a defined value; the others are in
    `undefined`.
    """
    return report.right(truth, prediction) | {"n": len(truth)}


report.variants(
    _report_with,
    undefined_not_counted=(
        {"undefined": lambda known: 0},
        "You leave out what is undefined and say that there was nothing to leave out. A "
        "reader must learn how many cases the figures are *not* about.",
    ),
)


@report.mistake
def undefined_without_a_mass(truth, prediction):
    """You leave out every image without a mass. Where something was marked in it, its Dice is 0,
    and defined. Only where both masks are empty is it undefined.
    """
    return _summary(dice_without_a_mass_undefined(truth, prediction))


@report.mistake
def undefined_kept(truth, prediction):
    """One undefined value makes your mean and median nan. Leave such cases out, and count them."""
    values = dice.right(truth, prediction)
    return _summary(values) | _middle_and_spread(values)
