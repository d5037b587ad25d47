"""One way to refuse a number that makes no sense."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["is_whole", "require_range", "require_whole"]


def is_whole(value: Any) -> bool:
    """Whether it is a whole number of Python's or NumPy's; True and False are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def require_whole(name: str, value: Any, least: int) -> int:
    """Refuse what is no whole number, or too small; return it as an int.

    Examples
    --------
    >>> require_whole("n", 2.5, 1)
    Traceback (most recent call last):
        ...
    ValueError: n must be a whole number of at least 1, got 2.5
    """
    if not is_whole(value) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")
    return int(value)


def require_range(name: str, value: float, low: float, high: float, unit: str = "") -> None:
    """Refuse what lies outside; ``unit`` is appended as it is, with its space."""
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low:g} to {high:g}{unit}, got {value!r}")
