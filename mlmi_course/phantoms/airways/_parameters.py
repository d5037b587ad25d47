"""What a caller may set, and the numbers that nobody may."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from mlmi_course._numbers import require_range, require_whole

__all__ = ["AIR_HU", "LUNG_HU", "SPACING_MM", "AirwayParameters"]

SPACING_MM: Final = 1.0
"""Millimetres between voxels, in all three directions."""

AIR_HU: Final = -1000.0
"""Attenuation of air."""

LUNG_HU: Final = -860.0
"""Attenuation of lung tissue between vessels, as in :mod:`mlmi_course.phantoms.lung`."""

_RANGES: Final = {
    "radius_mm": (1.5, 5.0, " mm"),
    "smallest_mm": (0.5, 2.0, " mm"),
    "exponent": (2.0, 4.0, ""),
    "taper": (0.0, 0.3, ""),
    "bend": (0.0, 60.0, " degrees"),
    "noise": (0.0, 200.0, " HU"),
    "leaks": (0.0, 20.0, ""),
    "decoys": (0.0, 60.0, ""),
}


@dataclass(frozen=True, kw_only=True)
class AirwayParameters:
    """What may be set; :func:`mlmi_course.phantoms.airways.simulate` describes each.

    Raises
    ------
    ValueError
        If a number makes no sense.

    Examples
    --------
    >>> AirwayParameters(exponent=7)
    Traceback (most recent call last):
        ...
    ValueError: exponent must be from 2 to 4, got 7
    """

    size: int = 64
    radius_mm: float = 3.1
    smallest_mm: float = 0.8
    exponent: float = 3.0
    taper: float = 0.06
    bend: float = 14.0
    noise: float = 60.0
    leaks: float = 2.0
    decoys: float = 20.0

    def __post_init__(self) -> None:
        require_whole("size", self.size, 1)
        require_range("size", self.size, 32, 128, " voxels")
        for field in fields(self):
            if field.name in _RANGES:
                low, high, unit = _RANGES[field.name]
                require_range(field.name, getattr(self, field.name), low, high, unit)
        if self.smallest_mm >= self.radius_mm:
            raise ValueError(
                f"smallest_mm must be below radius_mm, got {self.smallest_mm:g} and "
                f"{self.radius_mm:g}: such a tree would have no branch"
            )
