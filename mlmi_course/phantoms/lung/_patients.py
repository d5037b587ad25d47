"""What differs between patients, and between the patches of one patient, drawn at random."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mlmi_course.phantoms.lung._parameters import LungParameters

__all__ = ["Patch", "Patient", "draw_pairs", "draw_patches", "draw_patients"]

CENTRILOBULAR: Final = 1
PANLOBULAR: Final = 2


@dataclass(frozen=True, eq=False)
class Patient:
    """A lung.  ``label`` is the place of its pattern in ``PATTERNS``; lengths in mm."""

    label: int
    fraction: float
    hole: float
    density: float
    wall: float


@dataclass(frozen=True, eq=False)
class Patch:
    """One place in a lung.  Everything that is random in it comes from ``rng``."""

    patient: Patient
    group: int
    number: int
    fraction: float
    lumen: float
    rng: np.random.Generator


def draw_patients(seed: int, parameters: LungParameters) -> Iterator[list[Patch]]:
    """Yield the patches of patient after patient, without end; each has generators of its own."""
    group = 0
    while True:
        own = np.random.SeedSequence(seed, spawn_key=(group,))
        patient = _draw(np.random.default_rng(own), parameters)
        yield draw_patches(patient, group, own, parameters)
        group += 1


def draw_pairs(seed: int, parameters: LungParameters) -> Iterator[tuple[list[Patch], list[Patch]]]:
    """Yield the patches of two patients who share everything but the pattern, without end."""
    pair = 0
    while True:
        own = np.random.SeedSequence(seed, spawn_key=(pair,))
        first = replace(_draw(np.random.default_rng(own), parameters, ill=True), label=1)
        one, other = own.spawn(2)
        left = draw_patches(first, 2 * pair, one, parameters)
        right = draw_patches(replace(first, label=PANLOBULAR), 2 * pair + 1, other, parameters)
        yield (
            left,
            [
                replace(patch, fraction=twin.fraction)
                for patch, twin in zip(right, left, strict=True)
            ],
        )
        pair += 1


def draw_patches(
    patient: Patient, group: int, own: np.random.SeedSequence, parameters: LungParameters
) -> list[Patch]:
    """Draw the patches of a patient: more or less ill, each with a bronchus of its own."""
    made = []
    for number, seed in enumerate(own.spawn(parameters.per_patient)):
        rng = np.random.default_rng(seed)
        spread, lumen = float(np.exp(rng.normal(0.0, 0.3))), float(rng.uniform(2.5, 6.0))
        several = parameters.fraction is None and parameters.per_patient > 1
        fraction = min(patient.fraction * (spread if several else 1.0), 0.9)
        lumen = lumen if parameters.lumen_mm is None else parameters.lumen_mm
        made.append(Patch(patient, group, number, fraction, lumen, rng))
    return made


def _draw(rng: np.random.Generator, parameters: LungParameters, *, ill: bool = False) -> Patient:
    """Draw a patient.

    Every number is drawn, also where a parameter overrules it: the rest of the patient stays the
    same.
    """
    chance, which = rng.random(2)
    # LAA% of COPD patients was 2.6 to 67.6 (Mishima et al., PNAS 96 (1999) 8829); a patch is no
    # lung, so half of the patients have less than a fifth: chosen.
    fraction = float(np.clip(np.exp(rng.normal(np.log(0.17), 0.7)), 0.02, 0.6))
    hole = float(np.clip(np.exp(rng.normal(np.log(4.0), 0.25)), 2.0, 8.0))
    density = float(rng.normal(-862.0, 12.0))
    # Chosen: walls that CT can measure.  See the notes of patch_blocks.
    wall = float(np.clip(rng.normal(1.1, 0.25), 0.6, 2.0))
    if parameters.pattern == "mixed":
        label = 1 + int(which < 0.5) if ill or chance < parameters.prevalence else 0
    else:
        label = ("none", "centrilobular", "panlobular").index(parameters.pattern)
    if parameters.fraction is not None:
        fraction = parameters.fraction
    return Patient(
        label=label,
        fraction=fraction if label else 0.0,
        hole=hole if parameters.hole_mm is None else parameters.hole_mm,
        density=density if parameters.density_hu is None else parameters.density_hu,
        wall=wall if parameters.wall_mm is None else parameters.wall_mm,
    )
