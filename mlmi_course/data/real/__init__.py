"""Real sets: published by others, downloaded or imported, and never replaced by simulated ones.

====================  =============================================================
``sets``              what there is, how each is read (:data:`REAL_SETS`)
``infn``              readers of the two sets of INFN
``published``         readers of MedMNIST, the Decathlon's hippocampus, IXI, DICOM series
``searching``         a published set in a folder that somebody else has made
``unpacking``         an archive that somebody else has packed
``importing``         a copy is checked and kept (:func:`import_set`)
``here``              what is on this computer: load, verify, remove (:func:`load_real`)
``folders``           where all of it lies
``describing``        what was found, in words
``loaders``           the public loaders of sets that have no simulated counterpart
``archives``          a table of what public archives hold
====================  =============================================================

:mod:`mlmi_course.data.fetch` downloads a set and hands it over to ``importing``.
"""

from mlmi_course.data.real.folders import data_folder, downloads_folder, lock_of
from mlmi_course.data.real.here import (
    LoadedSet,
    imported_files,
    load_real,
    remove_set,
    sets_here,
    verify_set,
)
from mlmi_course.data.real.importing import import_set, install
from mlmi_course.data.real.sets import REAL_SETS, RealSet, absent, catalogue, real_set

__all__ = [
    "REAL_SETS",
    "LoadedSet",
    "RealSet",
    "absent",
    "catalogue",
    "data_folder",
    "downloads_folder",
    "import_set",
    "imported_files",
    "install",
    "load_real",
    "lock_of",
    "real_set",
    "remove_set",
    "sets_here",
    "verify_set",
]
