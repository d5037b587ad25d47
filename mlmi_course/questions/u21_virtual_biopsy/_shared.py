"""What several questions of the unit share, and what its notebooks look at."""

from __future__ import annotations

import numpy as np


def disc(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A disc that is brighter than its surroundings by 1, in noise of standard deviation 1.

    Returns
    -------
    image : ndarray, shape (64, 64)
    mask : ndarray of bool, shape (64, 64)
        True inside the disc.

    Examples
    --------
    >>> image, mask = disc()
    >>> int(mask.sum())
    437
    """
    row, column = np.indices((64, 64))
    mask = (row - 32) ** 2 + (column - 32) ** 2 < 12**2
    return mask + np.random.default_rng(seed).normal(size=mask.shape), mask
