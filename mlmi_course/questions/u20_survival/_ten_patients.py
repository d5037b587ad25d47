"""The ten patients of the lecture, and days that no two share."""

from __future__ import annotations

import numpy as np

TEN = (
    np.array([31, 58, 58, 90, 120, 120, 175, 210, 260, 340]),
    np.array([1, 1, 0, 1, 1, 1, 0, 1, 0, 1]),
)


TREATED = np.array([0, 1, 1, 0, 0, 1, 1, 0, 0, 1])


def apart(rng, n, longest=400):
    """Draw n different whole days, in no order."""
    return rng.choice(np.arange(5, longest), size=n, replace=False)
