"""The few patches of the lab, how they are drawn, and what is measured on them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np


def small_set(labels: np.ndarray, groups: np.ndarray, size: int, repeat: int) -> np.ndarray:
    """Draw a small training set: patient after patient, of both classes about as many images.

    The next patient comes from the class that has fewer images so far.  Nobody gives more than an
    eighth of the images, or four: else a single patient could be a small set.

    Parameters
    ----------
    labels : ndarray of 0 and 1, shape (n,)
    groups : ndarray of int, shape (n,)
        The patient of each image.
    size : int
        Images wanted; exactly so many are drawn.
    repeat : int
        Another number, other patients.

    Returns
    -------
    ndarray of int, shape (size,)
        Row numbers.

    Examples
    --------
    >>> groups = np.arange(60) // 3
    >>> rows = small_set(groups % 2, groups, 12, repeat=1)
    >>> len(rows), len(np.unique(groups[rows])), int((groups[rows] % 2).sum())
    (12, 4, 6)
    """
    rng = np.random.default_rng([repeat, size])
    most = max(4, size // 8)
    patients = rng.permutation(np.unique(groups))
    sick = {g: bool(labels[groups == g].max()) for g in patients}
    queues = [[g for g in patients if sick[g] == one] for one in (False, True)]
    rows: list[int] = []
    while len(rows) < size:
        if not any(queues):
            raise ValueError(f"there are only {len(rows)} images to draw, and {size} are wanted")
        ones = int(labels[rows].sum()) if rows else 0
        fewer = int(ones < len(rows) - ones)
        group = (queues[fewer] or queues[1 - fewer]).pop()
        own = rng.permutation(np.flatnonzero(groups == group))
        rows += own[: min(most, size - len(rows))].tolist()
    return np.array(rows)


def six_numbers(images: np.ndarray) -> np.ndarray:
    """Measure a patch without learning: mean, spread, maximum, strongest blob at three sizes.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, rows, columns)

    Returns
    -------
    ndarray, shape (n, 6)
        Logarithms of the mean, the standard deviation, the maximum, and the strongest response of a
        Laplacian of Gaussian (LoG) at σ = 1, 2 and 3 pixels.

    Examples
    --------
    >>> six_numbers(np.eye(9, dtype=np.uint8)[None] * 200).shape
    (1, 6)
    """
    from scipy import ndimage

    grey = images.astype(np.float32) / 255
    columns = [grey.mean((1, 2)), grey.std((1, 2)), grey.max((1, 2))]
    for sigma in (1, 2, 3):
        curvature = sum(
            ndimage.gaussian_filter(grey, (0, sigma, sigma), order=order)
            for order in ((0, 2, 0), (0, 0, 2))
        )
        columns.append(-curvature.min((1, 2)))
    return np.log(np.stack(columns, axis=1) + 1e-6)


def few_patches() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the 120 hard patches of the lab: images, labels, patients.

    Returns
    -------
    images : ndarray of uint8, shape (120, 60, 60)
    labels : ndarray of 0 and 1, shape (120,)
        1 with a cluster of microcalcifications.
    groups : ndarray of int, shape (120,)
        The patient.

    Examples
    --------
    >>> images, labels, groups = few_patches()
    >>> images.shape, len(np.unique(groups)) > 10
    ((120, 60, 60), True)
    """
    images, labels, groups = _few_patches()
    return images.copy(), labels.copy(), groups.copy()


@lru_cache(maxsize=1)  # only 120 of 1,500 are kept: drawing them takes longer than all else
def _few_patches():
    from mlmi_course.phantoms.mammography import patches

    pool = patches(1500, seed=21, difficulty=1.0)
    rows = small_set(pool["labels"], pool["groups"], 120, repeat=1)
    return pool["images"][rows], pool["labels"][rows].astype(int), pool["groups"][rows]


def auc(labels, scores):
    """The area under the ROC curve by ranks: far quicker than scikit-learn's on a hundred draws."""
    from scipy.stats import rankdata

    ones = labels == 1
    n, m = int(ones.sum()), int((~ones).sum())
    return float((rankdata(scores)[ones].sum() - n * (n + 1) / 2) / (n * m))
