"""Simulated patches of lung in CT: tissue with emphysema of known extent, size of hole and pattern.

A patch is a square of an axial slice, in Hounsfield units.  Tissue is made of lobules.  Emphysema
takes tissue away: in the *centrilobular* pattern round holes lie near the centres of lobules, in
the *panlobular* one whole lobules thin out.  Two patches can be given the same histogram, so that
nothing but texture tells them apart; an airway with a wall of known thickness can be added, and a
second scan of the same tissue.

>>> from mlmi_course.phantoms import lung
>>> found = lung.patches(4, fraction=0.2, pattern="centrilobular")
>>> found["images"].shape, found["images"].dtype
((4, 64, 64), dtype('int16'))
>>> found["masks"].mean(axis=(1, 2)).round(3).tolist()
[0.2, 0.2, 0.2, 0.2]
"""

from mlmi_course.phantoms.lung._blocks import patch_blocks, patches
from mlmi_course.phantoms.lung._parameters import AIR_HU, PATTERNS, SPACING_MM, LungParameters

__all__ = ["AIR_HU", "PATTERNS", "SPACING_MM", "LungParameters", "patch_blocks", "patches"]
