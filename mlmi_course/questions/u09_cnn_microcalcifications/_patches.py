"""Hard patches, other ones for each seed."""

from __future__ import annotations

import numpy as np


def hard_patches(
    n: int = 3000, seed: int | np.random.Generator = 909
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Simulated patches on which the strongest spot is often harmless.

    Parameters
    ----------
    n : int
        How many.
    seed : int or numpy.random.Generator
        Other seeds, other patients.

    Returns
    -------
    images : ndarray of uint8, shape (n, 60, 60)
    labels : ndarray of int, shape (n,)
        1 with a cluster, 0 without.
    patients : ndarray of int, shape (n,)

    Examples
    --------
    >>> images, labels, patients = hard_patches(20)
    >>> images.shape
    (20, 60, 60)
    """
    from mlmi_course.phantoms.mammography import patches

    if isinstance(seed, np.random.Generator):
        seed = int(seed.integers(1_000_000, 2**31))  # never the seed of a notebook
    drawn = patches(n, seed=seed, difficulty=1.0)
    return drawn["images"], drawn["labels"].astype(int), drawn["groups"].astype(int)
