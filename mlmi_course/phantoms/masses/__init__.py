"""Simulated mammographic masses, each outlined by two readers.

A lesion of known extent lies in a breast with a power-law texture.  It is projected, blurred,
exposed and digitised; two simulated readers outline it.  They share what is ambiguous in a case
and differ in their habits, so no network can be right about the margin and neither can they.

>>> from mlmi_course.phantoms import masses
>>> cases = masses.lesions(4, size=64, seed=1)
>>> cases["images"].shape, cases["masks"].dtype
((4, 64, 64), dtype('uint8'))
"""

from mlmi_course.phantoms.masses._blocks import (
    FIELD_MM,
    SPACING_MM,
    lesion_blocks,
    lesions,
    mass_free,
)

__all__ = ["FIELD_MM", "SPACING_MM", "lesion_blocks", "lesions", "mass_free"]
