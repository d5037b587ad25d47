"""Simulated patients with a brain tumour: images, clinic, omics, survival, and the true risk.

Four hospitals, each with its scanner.  Three of them have patients to develop on and patients
who are locked away; all of the fourth's are locked.  What an image has to say about survival is
known, because five of its phenotypes were drawn first, and both hazard and image made from them.
"""

from mlmi_course.phantoms.tumours._blocks import tumour_blocks
from mlmi_course.phantoms.tumours._images import geometry
from mlmi_course.phantoms.tumours._parameters import (
    CENTRES,
    CLINICAL,
    CLINICAL_EFFECTS,
    CONTRASTS,
    EXPRESSION,
    IMAGE_EFFECTS,
    LABELS,
    METHYLATION,
    OMICS_EFFECTS,
    PATHOLOGY,
    PHENOTYPES,
    SIZE,
    SPACING_MM,
    SPLITS,
    TumourParameters,
)
from mlmi_course.phantoms.tumours._records import TumourCohort, cohort_of

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
    "PHENOTYPES",
    "SIZE",
    "SPACING_MM",
    "SPLITS",
    "TumourCohort",
    "TumourParameters",
    "cohort_of",
    "geometry",
    "tumour_blocks",
]
