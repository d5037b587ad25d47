"""Simulated airways in CT: a branching tree whose graph is known, in a small volume with noise.

A tree divides by Murray's law, tapers and bends; it is drawn into a volume at low resolution, with
walls, vessels, short spaces that look like airways (as cysts do), and holes of emphysema into
which the air of a branch leaks.  What is airway and what is not is known for every voxel.

>>> from mlmi_course.phantoms import airways
>>> patient = airways.simulate(0, size=48)
>>> patient.volume.shape, patient.volume.dtype
((48, 48, 48), dtype('int16'))
>>> int(patient.tree.generation.max()) >= 2
True
"""

from mlmi_course.phantoms.airways._parameters import (
    AIR_HU,
    LUNG_HU,
    SPACING_MM,
    AirwayParameters,
)
from mlmi_course.phantoms.airways._simulate import Airways, simulate
from mlmi_course.phantoms.airways._tree import AirwayTree, branching_angles, daughters

__all__ = [
    "AIR_HU",
    "LUNG_HU",
    "SPACING_MM",
    "AirwayParameters",
    "AirwayTree",
    "Airways",
    "branching_angles",
    "daughters",
    "simulate",
]
