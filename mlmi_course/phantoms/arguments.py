"""The simulators' arguments by name and type, for completion, ``help`` and type checkers.

The simulators describe them and know their defaults.  They are listed here once more because
importing a simulator takes long, and a loader must be able to say what it takes before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

__all__ = [
    "CohortArguments",
    "HeadArguments",
    "LungArguments",
    "MassArguments",
    "PatchArguments",
    "SectionArguments",
    "SliceArguments",
    "VolumeArguments",
]


class SectionArguments(TypedDict, total=False):
    """Of :func:`mlmi_course.phantoms.mammography.section_blocks`."""

    difficulty: float
    exposure: float | None
    vessels: float | None
    single_grains: float | None
    dust: float | None


class PatchArguments(SectionArguments, total=False):
    """Of :func:`mlmi_course.phantoms.mammography.patch_blocks`."""

    brightness_shortcut: bool
    duplicate_patients: float
    marker: bool
    label_noise: float


class MassArguments(TypedDict, total=False):
    """Of :func:`mlmi_course.phantoms.masses.lesion_blocks`."""

    exposure: float
    contrast: float
    beta: float
    ambiguity: float
    prevalence: float
    views: int | None
    density: float | None
    spiculation: float | None
    diameter_mm: float | None
    borders: bool


class LungArguments(TypedDict, total=False):
    """Of :func:`mlmi_course.phantoms.lung.patch_blocks`."""

    pattern: str
    prevalence: float
    fraction: float | None
    hole_mm: float | None
    lobule_mm: float
    density_hu: float | None
    noise: float
    per_patient: int
    equal_histograms: bool
    retest: bool
    airway: bool
    lumen_mm: float | None
    wall_mm: float | None


class HeadArguments(TypedDict, total=False):
    """Of every head: those of :class:`mlmi_course.phantoms.brain.HeadParameters`."""

    field: float
    vendor: str
    noise: float
    bias: float
    skull: bool
    atrophy: float | None
    lesions: float
    epvs: float
    tumour: float
    hippocampus: bool


class SliceArguments(HeadArguments, total=False):
    """Of :func:`mlmi_course.phantoms.brain.slice_blocks`."""

    contrasts: Sequence[str]
    slices: int
    levels: tuple[float, float]
    thickness: float
    ct: bool


class VolumeArguments(HeadArguments, total=False):
    """Of :func:`mlmi_course.phantoms.brain.volume_blocks`."""

    contrasts: Sequence[str]
    step: float
    ct: bool


class CohortArguments(TypedDict, total=False):
    """Of :func:`mlmi_course.phantoms.cohort.simulate`."""

    world: int
    features: int
    informative: int
    blocks: int
    block_size: int
    effect: float
    sites: int
    batch: float
    batch_covariance: float
    confounder: float
    site_follows_age: float
    features_follow_age: float
    median_days: float
    censored: float
    genes: int
    clock_genes: int
    twins: int
    twin_share: float
    missing: float
    without_genes: float
