"""One way to refuse a number that makes no sense, for every simulator."""

from __future__ import annotations

import numpy as np


def require_whole(name: str, value: int, least: int) -> None:
    """Refuse what is no whole number, or too small."""
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")


def require_range(name: str, value: float, low: float, high: float, unit: str = "") -> None:
    """Refuse what lies outside; ``unit`` is appended as it is, with its space."""
    if not low <= value <= high:
        raise ValueError(f"{name} must be from {low:g} to {high:g}{unit}, got {value!r}")
