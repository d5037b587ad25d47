"""Data sets of the course: simulated ones that need no network, and real ones once they are here.

``load_microcalcifications()``, ``load_mammograms()`` and ``load_masses()`` give an
:class:`ImageSet`, which says where it came from, its licence, its pixel spacing and its patients,
and splits itself by patient.  ``load_lung_patches()`` gives one in Hounsfield units,
``load_brain_slices()`` one with several contrasts of MRI, and ``load_brain_volumes()`` heads in
three dimensions.  ``load_cohort()`` gives a table of
patients and the truth behind it, ``load_tumour_cohort()`` patients with images, clinic and omics.

``source="cmepda"`` gives the real set instead, once it is on this computer: ``mlmi data list``
shows what there is, ``mlmi data get NAME`` downloads it.  ``load_medmnist()``,
``load_hippocampus()``, ``load_ixi()`` and ``load_tcia()`` load real sets that have no simulated
counterpart; those of volumes give a :class:`VolumeSet`.  Nothing is ever simulated in the place of
real data.

Sets that ship with a library (pydicom's examples, nilearn's MNI152, scikit-learn's tables) are
loaded through that library; what is here is what no library holds.

Where what is:

==============================  ===========================================================
``imageset`` ``volumeset``      what every loader returns; ``splitting`` divides it by patient
``simulated``                   loaders in front of the simulators of ``mlmi_course.phantoms``
``cache``                       simulated and decoded arrays, kept on disk for the next time
``real``                        sets of others on this computer: readers, import, loaders
``fetch``                       a real set downloaded, through ``data_fetch``
``arrays`` ``errors``           named arrays to an ImageSet; what can be wrong with a set
==============================  ===========================================================
"""

from mlmi_course.data.errors import DataError, NotImported
from mlmi_course.data.imageset import ImageSet, Item
from mlmi_course.data.real.archives import load_tcia_tcga
from mlmi_course.data.real.loaders import load_hippocampus, load_ixi, load_medmnist, load_tcia
from mlmi_course.data.simulated import (
    load_brain_slices,
    load_brain_volumes,
    load_cohort,
    load_lung_patches,
    load_mammograms,
    load_masses,
    load_microcalcifications,
    load_tumour_cohort,
)
from mlmi_course.data.volumeset import VolumeItem, VolumeSet

__all__ = [
    "DataError",
    "ImageSet",
    "Item",
    "NotImported",
    "VolumeItem",
    "VolumeSet",
    "load_brain_slices",
    "load_brain_volumes",
    "load_cohort",
    "load_hippocampus",
    "load_ixi",
    "load_lung_patches",
    "load_mammograms",
    "load_masses",
    "load_medmnist",
    "load_microcalcifications",
    "load_tcia",
    "load_tcia_tcga",
    "load_tumour_cohort",
]
