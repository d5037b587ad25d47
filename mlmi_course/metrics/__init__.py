"""Measures of quality for segmentation, detection, classification and agreement.

NumPy in, numbers out, and one set of conventions for all of them:

* **Order.**  The truth comes first, then the prediction; labels come before scores.
* **Masks.**  Booleans, or numbers that are all 0 or 1.  Nothing is thresholded, broadcast or
  squeezed for you: probabilities, NaN, labels beyond 1 and two different shapes are a
  :exc:`ValueError` that says what to do.
* **Cases.**  An array of one to three axes is *one* case.  With ``per_case=True`` the first
  axis counts the cases and there is one value for each.  Voxels of different cases are never
  pooled: a large lesion would outvote a small one.  Four axes without ``per_case`` are refused.
* **Labels.**  With ``labels=[1, 2]`` each label is measured against everything else, and the
  result gets a last axis, one value a label in the order given.
* **Nothing to measure.**  Where a denominator is zero the value is undefined, and ``empty`` is
  returned: nan unless you say otherwise.  That is 0/0, not a good or a bad score: calling it 1
  (as BraTS and Metrics Reloaded do) lifts the mean by the share of healthy cases, calling it 0
  punishes being right.  nnU-Net and MONAI return nan too.  :func:`summarise` counts what is
  undefined, so that it is not lost in silence.
* **Millimetres.**  ``spacing`` is in mm and in the order of the array's axes, (z, y, x) for a
  volume, as in :class:`mlmi_course.dicom.Volume`.
* **Patients.**  What is drawn in a bootstrap is the group, that is, the patient, with all of
  its images.  Without ``groups`` each row is taken for a patient of its own, which is right
  only if it is.
* **Estimates.**  A value with an interval is an :class:`Estimate`: a ``float`` that also has
  ``low`` and ``high``.

>>> truth = [[0, 1, 1], [0, 1, 1]]
>>> prediction = [[0, 0, 1], [0, 1, 1]]
>>> round(dice(truth, prediction), 3)
0.857

Importing this module costs NumPy and nothing else: SciPy, pandas and
surface-distance are loaded by the functions that need them.
"""

from __future__ import annotations

from mlmi_course.metrics._agreement import BlandAltman, bland_altman, icc
from mlmi_course.metrics._detection import Froc, froc
from mlmi_course.metrics._intervals import Estimate, auc, bootstrap, paired_difference
from mlmi_course.metrics._overlap import (
    dice,
    false_negative_rate,
    false_positive_rate,
    jaccard,
    precision,
    recall,
    specificity,
    volume_similarity,
)
from mlmi_course.metrics._surfaces import hausdorff, hausdorff95, surface_dice
from mlmi_course.metrics._tables import segmentation_report, summarise

__all__ = [
    "BlandAltman",
    "Estimate",
    "Froc",
    "auc",
    "bland_altman",
    "bootstrap",
    "dice",
    "false_negative_rate",
    "false_positive_rate",
    "froc",
    "hausdorff",
    "hausdorff95",
    "icc",
    "jaccard",
    "paired_difference",
    "precision",
    "recall",
    "segmentation_report",
    "specificity",
    "summarise",
    "surface_dice",
    "volume_similarity",
]
