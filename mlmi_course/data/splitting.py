"""Dividing rows at random, so that no patient is on two sides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["split_rows"]

_ORDERS: Final = 12  # random orders that a split tries
_UNITS: Final = 6000  # patients that it handles in all of them


def split_rows(
    groups: NDArray[Any],
    labels: NDArray[Any] | None,
    fractions: Sequence[float],
    seed: int,
    *,
    by: str = "patient",
) -> list[NDArray[np.int64]]:
    """The rows of each part of :meth:`mlmi_course.data.ImageSet.split`, which describes it.

    Parameters
    ----------
    groups : ndarray, shape (n,)
    labels : ndarray, shape (n,), or None
    fractions : sequence of float
    seed : int
    by : {"patient", "image"}

    Returns
    -------
    list of ndarray of int

    Raises
    ------
    ValueError
        As there.
    """
    shares = _fractions(fractions)
    if by not in ("patient", "image"):
        raise ValueError(f'by must be "patient" or "image", got {by!r}')
    units = groups if by == "patient" else np.arange(len(groups))
    codes = np.unique(units, return_inverse=True)[1]
    count = int(codes.max()) + 1 if len(codes) else 0
    if count < len(shares):
        raise ValueError(f"{len(shares)} parts need as many {by}s, and the set has only {count}")
    classes = np.zeros(len(groups), int)
    if labels is not None:
        classes = np.unique(labels, return_inverse=True)[1]
    counts = np.zeros((count, classes.max() + 1))
    np.add.at(counts, (codes, classes), 1)
    part = _assign(counts, shares, np.random.default_rng(seed))[codes]
    return [np.flatnonzero(part == number) for number in range(len(shares))]


def _fractions(given: Sequence[float]) -> NDArray[np.float64]:
    try:
        shares = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        shares = np.zeros(0)
    fitting = shares.ndim == 1 and len(shares) > 1 and bool((shares > 0).all())
    if not fitting or not math.isclose(shares.sum(), 1, abs_tol=1e-6):
        raise ValueError(
            "fractions needs two or more positive numbers with the sum 1, such as (0.6, 0.2, 0.2); "
            f"got {given!r}"
        )
    return shares


def _assign(
    counts: NDArray[np.float64], shares: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """The part of each unit, given how many images of each class a unit has."""
    aims = shares[:, None] * counts.sum(axis=0)
    # A rare class counts as much as a common one.
    scale = 1 / np.maximum(counts.sum(axis=0), 1)
    scaled, aims = (counts * scale).tolist(), (aims * scale).tolist()
    # Thousands of units balance by themselves, and would take long.
    orders = max(min(_ORDERS, _UNITS // len(counts)), 1)
    best, least = np.zeros(len(counts), np.int64), math.inf
    for _ in range(orders):
        parts, miss = _fill(scaled, aims, rng.permutation(len(counts)).tolist())
        if miss < least:
            best, least = parts, miss
    return best


def _fill(
    units: list[list[float]], aims: list[list[float]], order: list[int]
) -> tuple[NDArray[np.int64], float]:
    """Put units into parts one after the other; also how far the parts are from their aims.

    Plain lists: for a handful of classes they are several times as quick as arrays.
    """
    lacking = [list(aim) for aim in aims]
    parts = np.zeros(len(units), np.int64)
    empty = set(range(len(aims)))
    for position, unit in enumerate(order):
        has = units[unit]
        # No part stays empty: the last units go where there is nothing yet.
        open_parts = empty if len(empty) >= len(order) - position else range(len(aims))
        chosen = max(open_parts, key=lambda part: _relief(lacking[part], has))
        parts[unit] = chosen
        empty.discard(chosen)
        lacking[chosen] = [need - h for need, h in zip(lacking[chosen], has, strict=True)]
    return parts, sum(need**2 for part in lacking for need in part)


def _relief(lacking: list[float], has: list[float]) -> float:
    """How much nearer to its aim a part comes by what a unit has."""
    return sum(h * (2 * need - h) for need, h in zip(lacking, has, strict=True))
