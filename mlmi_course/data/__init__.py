"""Data sets of the course.

Images are simulated here and need no network: ``load_microcalcifications()``,
``load_mammograms()`` and ``load_masses()`` give an :class:`ImageSet`, which says where it came
from, its licence, its pixel spacing and its patients, and splits itself by patient.  They are
made once and then read from disk.  ``load_brain_slices()`` gives one, too, with several contrasts
of MRI, and ``load_brain_volumes()`` heads in three dimensions.  ``load_cohort()`` gives a table of
patients and the truth behind it.

``source="cmepda"`` gives the real set instead, once it has been imported with
``mlmi data import``.  Nothing is ever simulated in the place of real data.

Sets that ship with a library (pydicom's examples, nilearn's MNI152, scikit-learn's tables) are
loaded through that library; what is here is what no library holds.
"""

from mlmi_course.data.archives import load_tcia_tcga
from mlmi_course.data.brain import HeadScan, load_brain_slices, load_brain_volumes
from mlmi_course.data.cmepda import DataError
from mlmi_course.data.imageset import ImageSet, Item
from mlmi_course.data.loaders import (
    load_cohort,
    load_mammograms,
    load_masses,
    load_microcalcifications,
)
from mlmi_course.data.real import NotImported

__all__ = [
    "DataError",
    "HeadScan",
    "ImageSet",
    "Item",
    "NotImported",
    "load_brain_slices",
    "load_brain_volumes",
    "load_cohort",
    "load_mammograms",
    "load_masses",
    "load_microcalcifications",
    "load_tcia_tcga",
]
