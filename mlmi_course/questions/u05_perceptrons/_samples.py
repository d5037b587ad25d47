"""What lab and lecture learn from: lumps that a line can separate, bars that it cannot."""

import numpy as np


def lumps(n: int = 30, seed: int = 65, gap: float = 0.35) -> tuple[np.ndarray, np.ndarray]:
    """Two invented features of lumps that a straight line can separate.

    Parameters
    ----------
    n : int
        How many.
    seed : int
    gap : float
        No lump lies closer than this to the line that made the labels.

    Returns
    -------
    features : ndarray, shape (n, 3)
        Diameter in cm, roughness of the outline from 0 to 5, and a column of ones.
    labels : ndarray of int, shape (n,)
        1 for malignant, 0 for benign.

    Examples
    --------
    >>> features, labels = lumps()
    >>> features.shape, int(labels.sum())
    ((30, 3), 16)
    """
    rng = np.random.default_rng(seed)
    drawn = rng.uniform((0.5, 0), (4, 5), size=(20 * n, 2))
    along = (drawn - (2.2, 2.4)) @ (0.8, 0.6)
    chosen = np.flatnonzero(np.abs(along) > gap)[:n]
    features = np.column_stack([drawn[chosen], np.ones(n)])
    return features, (along[chosen] > 0).astype(int)


def overlapping(
    n: int, seed: int | np.random.Generator = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two invented features of lumps that no line separates: chance decides near the line.

    Parameters
    ----------
    n : int
        How many.
    seed : int or numpy.random.Generator

    Returns
    -------
    features : ndarray, shape (n, 2)
        Diameter in cm and roughness of the outline from 0 to 5.
    labels : ndarray of int, shape (n,)
        1 for malignant, 0 for benign.
    by_line : ndarray of int, shape (n,)
        What the line behind the labels says.

    Examples
    --------
    >>> features, labels, by_line = overlapping(80, seed=3)
    >>> features.shape, int((labels != by_line).sum())
    ((80, 2), 14)
    """
    rng = np.random.default_rng(seed)
    features = rng.uniform((0.5, 0), (4, 5), size=(n, 2))
    along = (features - (2.2, 2.4)) @ (0.8, 0.6)  # distance from the line
    return features, (along + rng.normal(0, 0.6, n) > 0).astype(int), (along > 0).astype(int)


def bars(n: int, seed: int | np.random.Generator = 0) -> tuple[np.ndarray, np.ndarray]:
    """Small images of one bar, upright or lying, brighter or darker than its ground.

    Parameters
    ----------
    n : int
        How many images.
    seed : int or numpy.random.Generator

    Returns
    -------
    images : ndarray, shape (n, 8, 8)
        The ground is 0 and the bar is +1 or −1; noise has a standard deviation of 0.3.
    labels : ndarray of int, shape (n,)
        1 for an upright bar, 0 for a lying one.

    Examples
    --------
    >>> images, labels = bars(5)
    >>> images.shape, labels.shape
    ((5, 8, 8), (5,))
    """
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, n)
    place, polarity = rng.integers(1, 7, n), rng.choice([-1.0, 1.0], n)
    lying = np.zeros((n, 8, 8))
    lying[np.arange(n), place] = polarity[:, None]
    images = np.where(labels[:, None, None] == 1, lying.transpose(0, 2, 1), lying)
    return images + rng.normal(0, 0.3, images.shape), labels
