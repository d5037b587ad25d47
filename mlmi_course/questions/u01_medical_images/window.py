"""A window, as the DICOM standard defines it."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u01_medical_images._slice import ct_slice


@asks(
    points=3,
    see="The window",
    not_allowed=("mlmi_course.dicom.window",),
    hints=(
        "The result runs from 0 (black) to 1 (white). Everything below the window is 0, "
        "everything above is 1: np.clip does both.",
        "In between, the order matters: subtract c − 0.5 first, then divide by w − 1, then add "
        "0.5. Brackets say so to Python.",
        "At w = 1 that formula divides by zero. The standard makes it a step: 1 where "
        "x > c − 0.5, and 0 elsewhere. Treat it with an `if` of its own.",
    ),
)
def window(hu, center, width):
    """A window, as the DICOM standard defines it"""
    if width == 1:
        return (hu > center - 0.5).astype(float)
    return np.clip((hu - (center - 0.5)) / (width - 1) + 0.5, 0, 1)


@window.inputs
def cases(rng):
    hu = rng.integers(-1000, 1500, size=(3, 4)).astype(float)
    center, width = float(rng.integers(20, 100)), float(rng.integers(1500, 2500))
    # Wide enough that some values lie inside and some outside on both sides.
    hu[0, :2] = -5000.0, 5000.0
    yield Case((hu, center, width), "a wide window")
    inside = np.arange(-100, 181, 40)  # whole numbers, as most CT files give them
    yield Case((inside, 40.0, 400.0), "whole numbers inside a soft-tissue window")
    yield Case((np.array([38.7, 39.2, 39.7, 40.2]), 40.0, 2.0), "a window of width 2")
    yield Case((np.array([39.1, 39.4, 39.6, 39.9]), 40.0, 1.5), "a window of width 1.5")
    yield Case((np.array([39.0, 39.5, 39.6, 40.0]), 40.0, 1.0), "a window of width 1, a step")


@window.mistake
def not_clipped(hu, center, width):
    """Values outside the window are not clipped: black is 0 and white is 1, and nothing is darker
    or brighter. (And look at the half pixel: DICOM's LINEAR has w − 1.)
    """
    return (hu - (center - width / 2)) / width


@window.mistake
def not_clipped_linear(hu, center, width):
    """The line is right, but it has no ends: values below the window must be 0, above it 1."""
    return (hu - (center - 0.5)) / ((width - 1) or 1) + 0.5


@window.mistake
def linear_exact(hu, center, width):
    """That is the function LINEAR_EXACT, which a file must ask for by name. The default LINEAR is
    half a unit to the left and divides by w − 1.
    """
    return np.clip((hu - center) / width + 0.5, 0, 1)


@window.mistake
def center_is_black(hu, center, width):
    """You start the window at its centre. The centre is the middle grey, 0.5."""
    return np.clip((hu - center) / width, 0, 1)


@window.mistake
def swapped(hu, center, width):
    """Centre and width seem to be swapped: the function is called with (hu, center, width)."""
    return linear_exact(hu, width, max(center, 1e-9))


@window.mistake
def own_range(hu, center, width):
    """You stretch the image's own minimum and maximum to black and white. Then the same tissue
    gets another grey in every image; the window alone decides.
    """
    clipped = np.clip(hu, center - width / 2, center + width / 2)
    return (clipped - clipped.min()) / max(clipped.max() - clipped.min(), 1e-9)


@window.mistake
def whole_greys(hu, center, width):
    """Your greys are cut to whole numbers. `np.zeros_like(hu)` and `hu.copy()` take over the type
    of `hu`, which may be integer: `hu.astype(float)` makes room for greys.
    """
    return window.right(hu, center, width).astype(hu.dtype)


@window.mistake
def width_one_divides_by_zero(hu, center, width):
    """A window of width 1 divides by zero. The standard makes it a step at c − 0.5."""
    with np.errstate(all="ignore"):
        return np.clip((hu - (center - 0.5)) / (width - 1) + 0.5, 0, 1)


@window.mistake
def step_below_two(hu, center, width):
    """Only at a width of exactly 1 is the window a step. Between 1 and 2 it is still a slope, if a
    steep one.
    """
    return window.right(hu, center, 1 if width < 2 else width)


@window.picture
def draw_answer(answer):
    from mlmi_course import plots

    ct = ct_slice()
    hu = ct.pixel_array * float(ct.RescaleSlope) + float(ct.RescaleIntercept)

    def through(name, center, width):
        grey = np.asarray(call(answer, (hu, center, width)), dtype=float)
        return f"{name}: {center:g}, {width:g}", lambda ax: plots.image(grey, ax=ax, vmin=0, vmax=1)

    settings = ("lung", -600.0, 1500.0), ("soft tissue", 40.0, 400.0), ("bone", 400.0, 1800.0)
    return plots.grid(
        [through(*one) for one in settings],
        columns=3,
        alt="The CT slice through your window function, at three settings.",
    )
