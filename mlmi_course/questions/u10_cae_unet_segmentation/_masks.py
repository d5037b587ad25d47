"""The lab's masses, and the made-up masks that its questions judge."""

from __future__ import annotations

from typing import Any

import numpy as np

PER_IMAGE = (1, 2)  # summed over rows and columns: one number is left for each image


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

    Each image has hits, false alarms and misses, and never as many of the last two: else a question
    could not tell which of them an answer divides by.
    """
    while True:
        radii = rng.permutation(np.linspace(1.5, 4.5, n))
        where = rng.uniform(4, 8, (n, 2))
        moved = where + rng.uniform(-2.0, 2.0, (n, 2))
        grown = radii * rng.choice([0.7, 0.8, 1.2, 1.3], n)
        truth = np.stack([disc(*side, *p, r) for p, r in zip(where, radii, strict=True)])
        found = np.stack([disc(*side, *p, r) for p, r in zip(moved, grown, strict=True)])
        found |= rng.random(found.shape) < 0.02  # stray pixels, as real predictions have them
        tp, fp, fn = (m.sum(PER_IMAGE) for m in (truth & found, found & ~truth, truth & ~found))
        if (tp >= 2).all() and (fp >= 1).all() and (fn >= 1).all() and (fp != fn).all():
            return truth, found


def without(masks, *empty):
    """The same masks, some of them emptied."""
    masks = masks.copy()
    masks[list(empty)] = False
    return masks
