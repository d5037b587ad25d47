"""What a caller may set, and the numbers that nobody may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mlmi_course._numbers import require_range, require_whole

__all__ = ["AIR_HU", "PATTERNS", "SPACING_MM", "LungParameters"]

SPACING_MM: Final = 0.6
"""Millimetres between pixels.  A patch of 64 pixels is 38.4 mm wide: some six lobules."""

AIR_HU: Final = -1000.0
"""Attenuation of air."""

PATTERNS: Final = ("none", "centrilobular", "panlobular")
"""What is destroyed, in the order of the labels: 0 nothing, 1 and 2 emphysema."""

_RANGES: Final = {
    "prevalence": (0.0, 1.0, ""),
    "fraction": (0.0, 0.9, ""),
    "hole_mm": (1.5, 20.0, " mm"),
    "lobule_mm": (8.0, 30.0, " mm"),
    "density_hu": (-950.0, -700.0, " HU"),
    "noise": (0.0, 200.0, " HU"),
    "lumen_mm": (1.0, 12.0, " mm"),
    "wall_mm": (0.3, 4.0, " mm"),
}


@dataclass(frozen=True, kw_only=True)
class LungParameters:
    """What may be set; :func:`mlmi_course.phantoms.lung.patch_blocks` describes each.

    Raises
    ------
    ValueError
        If a number makes no sense, or two parameters contradict each other.

    Examples
    --------
    >>> LungParameters(fraction=2)
    Traceback (most recent call last):
        ...
    ValueError: fraction must be from 0 to 0.9, got 2
    """

    pattern: str = "mixed"
    prevalence: float = 0.5
    fraction: float | None = None
    hole_mm: float | None = None
    lobule_mm: float = 15.0
    density_hu: float | None = None
    noise: float = 25.0
    per_patient: int = 1
    equal_histograms: bool = False
    retest: bool = False
    airway: bool = False
    lumen_mm: float | None = None
    wall_mm: float | None = None

    def __post_init__(self) -> None:
        for name, (low, high, unit) in _RANGES.items():
            value = getattr(self, name)
            if value is not None:
                require_range(name, value, low, high, unit)
        require_whole("per_patient", self.per_patient, 1)
        if self.pattern not in ("mixed", *PATTERNS):
            known = ", ".join(f'"{one}"' for one in ("mixed", *PATTERNS))
            raise ValueError(f"pattern must be one of {known}; got {self.pattern!r}")
        if self.equal_histograms and self.pattern != "mixed":
            raise ValueError(
                "equal_histograms=True pairs a centrilobular with a panlobular patient, so pattern "
                f'must stay "mixed"; got {self.pattern!r}'
            )
        if not self.airway and (self.lumen_mm is not None or self.wall_mm is not None):
            raise ValueError("lumen_mm and wall_mm describe an airway: say airway=True as well")
