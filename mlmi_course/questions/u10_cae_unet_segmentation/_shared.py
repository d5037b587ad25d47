"""What several questions of the unit share."""

from __future__ import annotations

from typing import Any

import numpy as np


def masses(n: int = 400, seed: int = 10) -> Any:
    """Simulated masses of 64×64 pixels, with lesions of half again the usual thickness.

    Parameters
    ----------
    n : int
        How many images.  A patient has one to four of them.
    seed : int
        Other seeds, other patients.

    Returns
    -------
    ImageSet
        From :func:`mlmi_course.data.load_masses`, with ``contrast=1.5``.

    Examples
    --------
    >>> masses(n=3).images.shape
    (3, 64, 64)
    """
    from mlmi_course.data import load_masses

    return load_masses(n=n, seed=seed, size=64, contrast=1.5)


def ratio(over, under):
    """Divide; nan wherever the denominator is 0, whatever stands above."""
    under = np.asarray(under, dtype=float)
    with np.errstate(all="ignore"):
        return np.where(under == 0, np.nan, np.asarray(over, dtype=float) / under)


def disc(rows, columns, row, column, radius):
    y, x = np.indices((rows, columns))
    return (y - row) ** 2 + (x - column) ** 2 <= radius**2


def pairs(rng, n=5, side=(12, 14)):
    """Discs of very different sizes, and predictions that are moved and too small or too large.

    The counts are such that the mistakes below cannot be taken for each other.
    """
    while True:
        radii = rng.permutation(np.linspace(1.5, 4.5, n))
        where = rng.uniform(4, 8, (n, 2))
        moved = where + rng.uniform(-2.0, 2.0, (n, 2))
        grown = radii * rng.choice([0.7, 0.8, 1.2, 1.3], n)
        truth = np.stack([disc(*side, *p, r) for p, r in zip(where, radii, strict=True)])
        found = np.stack([disc(*side, *p, r) for p, r in zip(moved, grown, strict=True)])
        # Stray pixels, as real predictions have them.
        found |= rng.random(found.shape) < 0.02
        tp, fp, fn = (m.sum(axis=(1, 2)) for m in (truth & found, found & ~truth, truth & ~found))
        if (tp >= 2).all() and (fp >= 1).all() and (fn >= 1).all() and (fp != fn).all():
            return truth, found


EACH = (1, 2)


def filled(values, by):
    return np.where(np.isnan(values), by, values)


def undefined_where(values, *masks):
    """Return the values, nan where one of the masks is empty."""
    empty = np.any([~mask.any(axis=EACH) for mask in masks], axis=0)
    return np.where(empty, np.nan, values)
