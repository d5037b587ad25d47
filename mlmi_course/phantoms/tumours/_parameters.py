"""What a caller may set, and the numbers that nobody may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from mlmi_course._numbers import require_range

__all__ = [
    "CENTRES",
    "CLINICAL",
    "CLINICAL_EFFECTS",
    "CONTRASTS",
    "EXPRESSION",
    "IMAGE_EFFECTS",
    "LABELS",
    "METHYLATION",
    "OMICS_EFFECTS",
    "PATHOLOGY",
    "PATTERN",
    "PHENOTYPES",
    "SIZE",
    "SPACING_MM",
    "SPLITS",
    "Centre",
    "TumourParameters",
]

SIZE: Final = 64
"""Pixels on a side."""

SPACING_MM: Final = 1.8
"""Millimetres between pixels.  An image of 64 pixels is 115 mm wide."""

CONTRASTS: Final = ("t1ce", "flair")
"""The channels: T1 after a contrast agent, and FLAIR."""

LABELS: Final[Mapping[int, str]] = MappingProxyType(
    {0: "brain", 1: "necrosis", 2: "enhancing rim", 3: "oedema"}
)
"""What the numbers of a mask mean."""

SPLITS: Final = ("development", "internal", "external")
"""Development; locked patients of the same centres; locked patients of a centre of its own."""

PHENOTYPES: Final = ("size", "rim", "irregularity", "oedema", "heterogeneity")
"""What of the image changes the hazard; each is standard normal."""

IMAGE_EFFECTS: Final[Mapping[str, float]] = MappingProxyType(
    {"size": 0.20, "rim": 0.42, "irregularity": 0.42, "oedema": 0.25, "heterogeneity": 0.25}
)
"""Log hazard ratios per standard deviation; chosen, which of them matter is Molina-García's."""

CLINICAL: Final = ("age", "sex", "kps", "resection")
CLINICAL_EFFECTS: Final[Mapping[str, float]] = MappingProxyType(
    {"age": 0.030, "kps": -0.025, "resection": -0.31}
)
"""Log hazard ratios per year, per point, and per step of resection: two steps are 0.54."""

PATHOLOGY: Final = ("mgmt", "ki67")
EXPRESSION: Final = tuple(f"gene_{number:02d}" for number in range(1, 31))
METHYLATION: Final = tuple(f"cpg_{number:02d}" for number in range(1, 21))
OMICS_EFFECTS: Final[Mapping[str, float]] = MappingProxyType(
    {"mgmt": -0.40, "ki67": 0.15, "expression": 0.30, "methylation": 0.20}
)
"""Log hazard ratios: MGMT methylated against not; the others per standard deviation."""


class Centre(NamedTuple):
    """A hospital: its scanner, its patients, and what it does not measure."""

    vendor: str
    field: float
    noise: float  # standard deviation of the noise, as a share of white matter's signal
    blur: float  # standard deviation in pixels
    age: float  # mean, years
    biopsy: float  # share of patients with a biopsy alone
    log_hazard: float  # added to everybody's, for reasons that no table holds
    no_pathology: float
    no_expression: float
    no_methylation: float


CENTRES: Final[Mapping[str, Centre]] = MappingProxyType(
    {
        "A": Centre("A", 1.5, 0.11, 0.8, 61.0, 0.35, 0.0, 0.05, 0.20, 0.25),
        "B": Centre("B", 1.5, 0.14, 0.9, 62.0, 0.40, 0.0, 0.10, 0.25, 1.00),
        "C": Centre("A", 3.0, 0.10, 0.8, 60.0, 0.40, 0.0, 0.10, 1.00, 0.20),
        "D": Centre("B", 3.0, 0.17, 1.0, 66.0, 0.50, 0.25, 0.10, 0.30, 0.50),
    }
)
"""The hospitals.  All of these numbers are chosen."""

# Of 24 patients in a row, 19 are of A, B and C, of whom three are locked, and five of D.  The
# pattern is fixed, so that a larger cohort goes on where a smaller one ends.
PATTERN: Final = "ABCDABCADBACDABCADBACDBA"
INTERNAL: Final = (1, 7, 15)


@dataclass(frozen=True, kw_only=True)
class TumourParameters:
    """What may be set; :func:`mlmi_course.phantoms.tumours.tumour_blocks` describes each.

    Raises
    ------
    ValueError
        If a number makes no sense.

    Examples
    --------
    >>> TumourParameters(image_effect=-1)
    Traceback (most recent call last):
        ...
    ValueError: image_effect must be from 0 to 3, got -1
    """

    image_effect: float = 1.0
    omics_effect: float = 1.0
    centre_shift: float = 1.0

    def __post_init__(self) -> None:
        for name in ("image_effect", "omics_effect", "centre_shift"):
            require_range(name, getattr(self, name), 0.0, 3.0)
