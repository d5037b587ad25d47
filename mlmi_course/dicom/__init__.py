"""Medical images as arrays that still know where they are in the patient.

Four ideas of DICOM are kept in one place here, because every unit needs them:

* **stored values are not Hounsfield units** until slope and intercept are applied
  (:func:`to_hounsfield`);
* **a screen shows fewer greys than a scanner measures**, so a window chooses which values
  are spread over the greys (:func:`window`, :data:`WINDOWS`, :func:`apply_voi`);
* **an array index is not a position**: a :class:`Volume` keeps the affine map from one to
  the other, and so can show any scan the same way up;
* **a file is not a scan**: names and numbers lie, slices go missing, and the patient must
  not be recognised (:func:`read_volume`, :func:`deidentify`).

Importing this package costs NumPy and nothing else.
"""

from __future__ import annotations

from mlmi_course.dicom.deidentification import deidentify
from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import series_table
from mlmi_course.dicom.geometry import (
    oblique_affine,
    slice_normal,
    slice_order,
    stack_affine,
    tilted_affine,
    uneven_gap,
)
from mlmi_course.dicom.headers import aspect, header_table
from mlmi_course.dicom.intensity import WINDOWS, apply_voi, to_hounsfield, window, window_ends
from mlmi_course.dicom.reading import read_volume
from mlmi_course.dicom.volume import PLANES, Edges, Volume, volume_from_nifti
from mlmi_course.dicom.writing import write_series

__all__ = [
    "PLANES",
    "WINDOWS",
    "DicomError",
    "Edges",
    "Volume",
    "apply_voi",
    "aspect",
    "deidentify",
    "header_table",
    "oblique_affine",
    "read_volume",
    "series_table",
    "slice_normal",
    "slice_order",
    "stack_affine",
    "tilted_affine",
    "to_hounsfield",
    "uneven_gap",
    "volume_from_nifti",
    "window",
    "window_ends",
    "write_series",
]
