"""Simulated heads in MR scanners: individual brains drawn from an average one.

The MNI152 tissue maps say where grey and white matter are in 152 people.  Each subject here is a
sample of them: warped by smooth random fields, with ventricles and sulci of its own, and decided
where the average is not.  Two vendors' scanners look at it with T1, T2, PD and FLAIR sequences,
through a bias field and with Rician noise; a CT scanner may look at it too.  All that is true of a
subject can be had: :func:`simulate` returns it in one object.

>>> from mlmi_course.phantoms import brain
>>> scan = brain.simulate(subject=3, level=15)
>>> sorted(scan.images), round(float(scan.fractions.sum(axis=0).min()), 3)
(['flair', 'pd', 't1', 't2'], 1.0)
"""

from mlmi_course.phantoms.brain._anatomy import MATERIALS, STRUCTURES, TISSUES
from mlmi_course.phantoms.brain._blocks import slice_blocks, slices, volume_blocks
from mlmi_course.phantoms.brain._parameters import FIELD_MM, HeadParameters
from mlmi_course.phantoms.brain._scan import Scan, simulate
from mlmi_course.phantoms.brain._scanner import HEIGHTS_MM, affine
from mlmi_course.phantoms.brain._signal import (
    CONTRASTS,
    FULL_SCALE,
    GAIN,
    HOUNSFIELD,
    RELAXATION,
    Relaxation,
    Sequence,
    relaxation,
    rician,
    sequences,
)

__all__ = [
    "CONTRASTS",
    "FIELD_MM",
    "FULL_SCALE",
    "GAIN",
    "HEIGHTS_MM",
    "HOUNSFIELD",
    "MATERIALS",
    "RELAXATION",
    "STRUCTURES",
    "TISSUES",
    "HeadParameters",
    "Relaxation",
    "Scan",
    "Sequence",
    "affine",
    "relaxation",
    "rician",
    "sequences",
    "simulate",
    "slice_blocks",
    "slices",
    "volume_blocks",
]
