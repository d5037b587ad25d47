"""The roll of the lab, distances between points, and the signs of components."""

from __future__ import annotations

from typing import Any

import numpy as np


def roll(n: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Points on a sheet that is rolled up in space.

    Parameters
    ----------
    n : int
        How many.
    seed : int

    Returns
    -------
    points : ndarray, shape (n, 3)
    along : ndarray, shape (n,)
        How far each point lies along the sheet, from its inner to its outer end.

    Examples
    --------
    >>> points, along = roll()
    >>> points.shape, bool(along.min() >= 0)
    ((400, 3), True)
    """
    from sklearn.datasets import make_swiss_roll

    points, angle = make_swiss_roll(n, random_state=seed)

    def length(t: Any) -> Any:
        """The arc length of the spiral (t cos t, t sin t) from its centre."""
        return (t * np.sqrt(1 + t**2) + np.arcsinh(t)) / 2

    return points, length(angle) - length(1.5 * np.pi)


def distances(points):
    points = np.asarray(points, dtype=float)
    return np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=-1))


def standardised(table):
    return (table - table.mean(axis=0)) / table.std(axis=0)


# A component and its opposite span the same line, so each question fixes a sign.


def sign_of_largest(rows):
    """One sign for each row: +1 where its entry of the largest absolute value is positive."""
    largest = np.abs(rows).argmax(axis=1)
    return np.sign(rows[np.arange(len(rows)), largest])


def sign_of_sum(rows):
    """One sign for each row: that of its sum, which often is that of its largest entry."""
    return np.where(rows.sum(axis=1) < 0, -1.0, 1.0)


def as_they_come(rows):
    """No sign is changed."""
    return np.ones(len(rows))


def has_clear_sign(rows):
    """Whether the largest entry of each row is the largest beyond doubt."""
    ordered = np.sort(np.abs(rows), axis=1)
    return bool((ordered[:, -1] - ordered[:, -2] > 0.02).all())
