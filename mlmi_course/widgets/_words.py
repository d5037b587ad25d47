"""Numbers in sentences, and what a value may be."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Its sources stand where it is public, in the package's own file.
TYPICAL_HU: Final[tuple[tuple[str, float, float], ...]] = (
    ("air", -1000.0, -1000.0),
    ("lung, breathed in", -910.0, -850.0),
    ("fat", -100.0, -50.0),
    ("water", 0.0, 0.0),
    ("soft organs and blood", 20.0, 65.0),
    ("bone", 700.0, 3000.0),
)


def typical_hu(value: float) -> str:
    """Where a CT value lies among :data:`TYPICAL_HU`, in words.

    Examples
    --------
    >>> typical_hu(41)
    'in the typical range of soft organs and blood (20 to 65 HU)'
    >>> typical_hu(-30)
    'between fat (−100 to −50 HU) and water (0 HU)'
    """
    below = above = None
    for name, low, high in TYPICAL_HU:
        if low == high:
            entry = f"{name} ({number(low)} HU)"
        else:
            entry = f"{name} ({number(low)} to {number(high)} HU)"
        if low <= value <= high:
            return f"the value of {entry}" if low == high else f"in the typical range of {entry}"
        if high < value:
            below = entry
        elif above is None:
            above = entry
    if below is None:
        return f"below {above}"
    return f"between {below} and {above}" if above else f"above {below}"


def probe(image: NDArray[np.floating], row: int, column: int, unit: str = "") -> str:
    """The value of one pixel in a sentence.

    Examples
    --------
    >>> probe(np.array([[0.0, 41.0]]), 0, 1, "HU")
    'Row 0, column 1: 41 HU, in the typical range of soft organs and blood (20 to 65 HU).'
    """
    value = float(image[row, column])
    place = f"Row {row}, column {column}"
    if not np.isfinite(value):
        return f"{place}: no value, nothing was measured here (padding)."
    words = f"{place}: {with_unit(value, unit)}"
    return f"{words}, {typical_hu(value)}." if unit == "HU" else f"{words}."


def grey(image: ArrayLike) -> NDArray[np.float64]:
    pixels = np.asarray(image)
    if pixels.ndim != 2 or pixels.dtype.kind not in "biuf" or not np.isfinite(pixels).any():
        raise ValueError(
            "this needs one grey image of shape (rows, columns) with numbers in it, got shape "
            f"{pixels.shape} of {pixels.dtype}"
        )
    return pixels.astype(float)


def limits(values: NDArray[Any]) -> tuple[float, float]:
    if values.dtype.kind == "f":
        values = values[np.isfinite(values)]
    return float(values.min()), float(values.max())


def whole_numbers(low: float, high: float) -> bool:
    """Whether sliders in steps of one are fine enough for this range."""
    return high - low >= 50


def number(value: float) -> str:
    """A short number with a real minus sign, which screen readers say as "minus"."""
    return f"{float(value):.4g}".replace("-", "−") if abs(value) < 1e4 else f"{value:.0f}"


def with_unit(value: float, unit: str) -> str:
    return f"{number(value)} {unit}" if unit else number(value)


def lower(description: str) -> str:
    """The description as it stands inside a sentence."""
    return description[:1].lower() + description[1:] if description[1:2].islower() else description


def title(word: str) -> str:
    return word[:1].upper() + word[1:]
