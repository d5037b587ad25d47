"""Mean inside a mask."""

import numpy as np

from mlmi_course import plots
from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u21_virtual_biopsy._shared import disc


@asks(
    points=2,
    see="Averaging",
    hints=(
        "Square brackets with a mask take the pixels: `image[mask]`.",
        "An empty mask takes no pixel, and the mean of nothing is not a number. "
        "`mask.any()` tells.",
    ),
)
def mean_inside(image, mask):
    """Mean inside a mask"""
    return float(image[mask].mean()) if mask.any() else float("nan")


@mean_inside.inputs
def cases(rng):
    image = rng.normal(10, 3, size=(4, 5)).round(1)
    mask = np.zeros(image.shape, dtype=bool)
    mask[1:3, 1:4] = True
    yield Case((image, mask), "a rectangle")
    yield Case((image, np.ones_like(mask)), "a mask that covers all")
    yield Case((image, np.zeros_like(mask)), "an empty mask")


@mean_inside.mistake
def mean_of_all(image, mask):
    """That is the mean of the whole image. Take only the pixels under the mask."""
    return float(image.mean())


@mean_inside.mistake
def product(image, mask):
    """Pixels outside were made 0 and still counted. Divide by the pixels inside."""
    return float((image * mask).mean())


@mean_inside.picture
def mean_of_the_disc(answer):
    image, mask = disc()
    mean = float(call(answer, (image, mask)))
    return plots.histogram(
        image[mask],
        label="grey value",
        marks={"your mean": mean},
        alt=f"Histogram of the grey values inside a disc, with your mean at {mean:.2f}.",
    )
