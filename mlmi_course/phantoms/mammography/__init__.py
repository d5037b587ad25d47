"""Mammograms: patches with and without clusters of microcalcifications, and whole sections.

>>> from mlmi_course.phantoms import mammography
>>> mammography.patches(10)["images"].shape
(10, 60, 60)
"""

from mlmi_course.phantoms.mammography._detector import Detector, power_law_field
from mlmi_course.phantoms.mammography._patches import (
    SPACING_MM,
    MammographyParameters,
    patch_blocks,
    patches,
)
from mlmi_course.phantoms.mammography._sections import section_blocks, sections

__all__ = [
    "SPACING_MM",
    "Detector",
    "MammographyParameters",
    "patch_blocks",
    "patches",
    "power_law_field",
    "section_blocks",
    "sections",
]
