"""Archives of patches where a lead letter stands on some, in any corner."""

from functools import cache

import numpy as np


@cache
def _pool(seed):
    """Patches to draw from, simulated once."""
    from mlmi_course.phantoms.mammography import patches

    drawn = patches(1200, seed=seed, difficulty=0.5)
    return drawn["images"], drawn["labels"].astype(int)


def with_letters(images, which, rng):
    """Burn the letter L into some images, in a corner each."""
    lettered = images.copy()
    for i in np.flatnonzero(which):
        row, column = rng.integers(1, 7, 2) + 46 * rng.integers(0, 2, 2)
        lettered[i, row : row + 8, column : column + 2] = 235
        lettered[i, row + 6 : row + 8, column : column + 5] = 235
    return lettered


def drawn_from(seed, n, shares, rng):
    """Patches, one of three with a cluster, as often as there are pairs of shares.

    A pair says how many with a cluster, and how many without, have a letter.
    """
    images, labels = _pool(seed)
    which = np.concatenate(
        [
            rng.choice(np.flatnonzero(labels == label), many, replace=False)
            for label, many in ((1, n // 3), (0, n - n // 3))
        ]
    )
    which = rng.permutation(which)
    truth = labels[which]
    shown = [
        with_letters(images[which], rng.random(n) < np.where(truth == 1, ill, healthy), rng)
        for ill, healthy in shares
    ]
    return np.concatenate(shown), np.tile(truth, len(shown))


def archive(n: int = 500, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Patches whose truth is known; letters stand mostly on those with a cluster.

    Parameters
    ----------
    n : int
        How many, 700 at most.
    seed : int

    Returns
    -------
    images : ndarray of uint8, shape (n, 60, 60)
    labels : ndarray of int, shape (n,)
        1 with a cluster of microcalcifications: one of three.

    Examples
    --------
    >>> images, labels = archive(30)
    >>> images.shape, int(labels.sum())
    ((30, 60, 60), 10)
    """
    return drawn_from(1302, n, ((0.9, 0.1),), np.random.default_rng([13, seed]))
