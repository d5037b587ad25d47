"""Simulated sets: one loader each, in front of :mod:`mlmi_course.phantoms`.

The first time they are asked for, images are made and kept in :mod:`mlmi_course.data.cache`; from
then on they are read from disk.  What the parameters of a loader do stands with the simulator that
it names; which there are, completion and ``help`` show.
"""

from typing import Final

from mlmi_course.data.simulated._request import LICENCE
from mlmi_course.data.simulated.brain import (
    BRAIN_SLICES,
    BRAIN_VOLUMES,
    load_brain_slices,
    load_brain_volumes,
)
from mlmi_course.data.simulated.cohort import load_cohort
from mlmi_course.data.simulated.lung import LUNG_PATCHES, load_lung_patches
from mlmi_course.data.simulated.mammography import (
    MAMMOGRAMS,
    MICROCALCIFICATIONS,
    load_mammograms,
    load_microcalcifications,
)
from mlmi_course.data.simulated.masses import MASSES, load_masses
from mlmi_course.data.simulated.tumours import TUMOURS, load_tumour_cohort

__all__ = [
    "LICENCE",
    "SIMULATED",
    "load_brain_slices",
    "load_brain_volumes",
    "load_cohort",
    "load_lung_patches",
    "load_mammograms",
    "load_masses",
    "load_microcalcifications",
    "load_tumour_cohort",
]

SIMULATED: Final = (
    MICROCALCIFICATIONS,
    MAMMOGRAMS,
    MASSES,
    LUNG_PATCHES,
    BRAIN_SLICES,
    BRAIN_VOLUMES,
    TUMOURS,
)
"""What is simulated and kept; for ``mlmi data list``."""
