"""Two Otsus, one lesion."""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value


@cache
def _volumes():
    """Volumes in ml that three ways of masking give, of the scan that the lab describes."""
    scan = np.full((30, 40, 20), 100.0)
    scan[10:20, 10:22, 5:15] = 400.0  # the lesion
    voxel = 2.0 * 1.0 * 1.0 / 1000
    bright = scan > 250  # any threshold in the gap
    return {
        "A": float(bright.sum() * voxel),
        "B": float((~bright).sum() * voxel),
        "C": 0.0,
    }


def _swapped():
    right = _volumes()
    return {"A": right["B"], "B": right["A"], "C": 0.0}


@asks_value(
    points=2,
    see="One number a pixel",
    hints=(
        "One of the two libraries gives a number, the other a mask. What is 1 in that mask? The "
        "row *Otsu: which side is inside* has an example that runs.",
        "The lesion has 10 × 12 × 10 voxels, the scan 30 × 40 × 20, and a voxel has 2 mm³.",
        "Two masks that are each other's opposite share no voxel.",
    ),
)
def two_libraries():
    """Two Otsus, one lesion"""
    return _volumes()


two_libraries.knows(
    "both_bright",
    lambda: _volumes() | {"B": _volumes()["A"], "C": 1.0},
    "In one of the libraries 1 is the *dark* side. Try both on a small array.",
)
two_libraries.knows(
    "exchanged",
    _swapped,
    "You have the two libraries the wrong way round: try both on a small array.",
)
two_libraries.knows(
    "voxels",
    lambda: {"A": 1200.0, "B": 22800.0, "C": 0.0},
    "Those are voxels. A voxel has 2 mm³, and a millilitre 1,000 mm³.",
)
two_libraries.knows(
    "voxel_of_one",
    lambda: {"A": 1.2, "B": 22.8, "C": 0.0},
    "That is for voxels of 1 mm³. Here they have 2 × 1 × 1 mm.",
)
two_libraries.knows(
    "cubic_millimetres",
    lambda: {"A": 2400.0, "B": 45600.0, "C": 0.0},
    "Those are mm³. A millilitre has 1,000 of them.",
)
two_libraries.knows(
    "whole_scan",
    lambda: _volumes() | {"B": 48.0},
    "For B you counted the whole scan. The lesion is not in that mask.",
)
two_libraries.knows(
    "dice_of_opposites",
    lambda: _volumes() | {"C": 1.0},
    "The volumes are right. But do the two masks share a single voxel?",
)
