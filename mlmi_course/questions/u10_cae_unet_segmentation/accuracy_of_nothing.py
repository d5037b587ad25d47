"""The accuracy of an empty mask."""

import numpy as np

from mlmi_course.checks import asks_value
from mlmi_course.questions.u10_cae_unet_segmentation._masks import masses

_CUT = 12  # rows and columns that go on each side


def _outlines(cut=_CUT):
    return np.asarray(masses().masks)[:, cut : 64 - cut, cut : 64 - cut] > 0


def _background(cut=_CUT):
    return float(1 - _outlines(cut).mean())


@asks_value(
    points=1,
    tolerance=5e-4,
    see="The trap",
    hints=(
        "An empty mask says *background* everywhere. Where is that right?",
        "`data.masks[:, 12:-12, 12:-12]` are the outlines of the cropped images: 1 in a mass and 0 "
        "elsewhere. The share of zeros is the answer.",
    ),
)
def accuracy_of_nothing():
    """The accuracy of an empty mask"""
    return _background()


accuracy_of_nothing.variants(
    _background,
    not_cropped=(
        {"cut": 0},
        "That is the accuracy for the whole images. Here 12 rows and columns went on each side.",
    ),
    twelve_in_all=(
        {"cut": _CUT // 2},
        "That is the accuracy with 52 × 52 pixels: 12 rows and columns were cut off in all. Twelve "
        "go on *each* side, so that 40 × 40 pixels are left.",
    ),
)


@accuracy_of_nothing.mistake
def divided_by_the_whole():
    """You divide by the pixels of the whole images. Only those that are left are judged."""
    return float((~_outlines()).sum() / _outlines(0).size)


@accuracy_of_nothing.mistake
def share_of_the_masses():
    """That is the share of pixels that lie in a mass. An empty mask is wrong on these, and right
    on all others.
    """
    return 1 - _background()


@accuracy_of_nothing.mistake
def percent():
    """That is in percent. A share between 0 and 1 is asked for."""
    return 100 * _background()


accuracy_of_nothing.knows(
    "zero",
    0.0,
    "That is its Dice coefficient. Its accuracy also counts the pixels that it rightly leaves "
    "alone.",
)
