"""What differs between patients and between the views of one patient, drawn at random."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["HARMONICS", "MassParameters", "Patient", "View", "draw_patient", "draw_views"]

HARMONICS: Final = 10
"""An outline is a sum of this many waves around the lesion."""

_VIEWS: Final = (0.2, 0.4, 0.2, 0.2)  # chances of one to four images


@dataclass(frozen=True)
class MassParameters:
    """What a caller may set; see :func:`mlmi_course.phantoms.masses.lesion_blocks`."""

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


@dataclass(frozen=True, eq=False)
class Patient:
    """A breast with one lesion.  Lengths in mm, thickness of the breast in cm."""

    malignant: bool
    density: float
    thickness_cm: float
    beta: float
    towards_right: bool
    film_border: bool
    diameter: float
    spiculation: float
    softness: float
    strength: float
    ambiguity: float
    axis_ratio: float
    waves: NDArray[np.float64]  # (HARMONICS, 2): cosine and sine
    spicules: NDArray[np.float64]  # (number, 4): angle, length, half-width, bend


@dataclass(frozen=True, eq=False)
class View:
    """One image of a patient: where the breast lies, and how the film was exposed."""

    patient: Patient
    number: int
    mediolateral: bool
    nipple: float
    radius: float
    centre_x: float
    centre_y: float
    lesion_x: float
    lesion_y: float
    diameter: float
    turn: float
    squeeze: float
    gamma: float
    speed: float
    muscle: float
    border: tuple[float, float, float] | None  # depth, width in mm, tilt in radians
    specks: NDArray[np.float64]  # (number, 3): x, y, strength
    shared: NDArray[np.float64]  # (HARMONICS, 2), what both readers see wrongly
    own: NDArray[np.float64]  # (2, HARMONICS, 2), what each does for himself
    noise: np.random.Generator


def draw_patient(rng: np.random.Generator, parameters: MassParameters) -> tuple[Patient, int]:
    """Draw a patient, and the number of images that there are.

    Every number is drawn, also where a parameter overrules it: the rest of the patient stays the
    same.
    """
    malignant = bool(rng.random() < parameters.prevalence)
    count = int(rng.choice(4, p=_VIEWS)) + 1
    # Yaffe et al., Med Phys 36 (2009) 5437: mean 19 %, 95 % of women below 45 %.
    density = float(rng.beta(1.6, 6.7))
    thickness = float(np.clip(rng.normal(5.9, 1.6), 2.5, 9.0))
    beta = parameters.beta + float(np.clip(rng.normal(0, 0.15), -0.3, 0.3))
    diameter = float(np.clip(np.exp(rng.normal(np.log(10.3), 0.6)), 3.6, 34.0))
    spiculation = float(rng.beta(2.6, 2.2) if malignant else rng.beta(1.2, 5.0))
    softness, strength, ambiguity = np.exp(rng.normal(0, (0.45, 0.3, 0.3)))
    ratio = float(rng.uniform(0.62, 1.0))
    waves = rng.normal(size=(HARMONICS, 2))
    spicules = rng.random((24, 4))
    sides = rng.random(2)
    if parameters.density is not None:
        density = parameters.density
    if parameters.spiculation is not None:
        spiculation = parameters.spiculation
    if parameters.diameter_mm is not None:
        diameter = parameters.diameter_mm
    made = Patient(
        malignant=malignant,
        density=density,
        thickness_cm=thickness,
        beta=beta,
        towards_right=bool(sides[0] < 0.65),
        film_border=bool(sides[1] < 0.5),
        diameter=diameter,
        spiculation=spiculation,
        softness=(0.4 + 0.02 * diameter) * (0.6 + spiculation) * float(softness),
        strength=1.5 * parameters.contrast * float(strength),
        ambiguity=parameters.ambiguity * float(ambiguity),
        axis_ratio=ratio,
        waves=_outline_waves(waves, spiculation),
        spicules=_spicules(spicules, spiculation, diameter),
    )
    return made, count if parameters.views is None else parameters.views


def _outline_waves(draws: NDArray[np.float64], spiculation: float) -> NDArray[np.float64]:
    """Smooth and round, or lobed and irregular: waves 3 … 10 grow with the spiculation."""
    order = np.arange(1, HARMONICS + 1)
    size = (0.02 + 0.22 * spiculation) / order**0.9
    size[:2] *= 0.3  # the first shifts, the second is the ellipse's
    return draws * size[:, np.newaxis]


def _spicules(
    draws: NDArray[np.float64], spiculation: float, diameter: float
) -> NDArray[np.float64]:
    """Thin strands of tissue that radiate from the lesion: none below a spiculation of 0.25."""
    number = round(22 * max(spiculation - 0.25, 0.0) / 0.75)
    angle, length, width, bend = draws[:number].T
    return np.stack(
        [
            2 * np.pi * angle,
            diameter / 2 * (0.25 + 1.1 * spiculation * length) + 1.0,
            0.45 + 0.035 * diameter * (0.5 + width),
            0.8 * (bend - 0.5),
        ],
        axis=1,
    )


def draw_views(
    made: Patient, seeds: list[np.random.SeedSequence], parameters: MassParameters
) -> Iterator[View]:
    """Draw the images of a patient, one for each seed."""
    for number, seed in enumerate(seeds):
        yield _view(np.random.default_rng(seed), made, number, parameters)


def _view(rng: np.random.Generator, made: Patient, number: int, parameters: MassParameters) -> View:
    diameter = (
        made.diameter * float(rng.uniform(0.92, 1.08))
        if parameters.diameter_mm is None
        else (made.diameter)
    )
    reach = diameter / 2
    mediolateral = number % 2 == 1
    towards = 1.0 if made.towards_right else -1.0
    nipple = rng.normal(0.35 if mediolateral else 0.0, 0.3)
    nipple = nipple if made.towards_right else np.pi - nipple
    radius = rng.uniform(58.0, 95.0)
    # The lesion in the breast's own coordinates: along the line to the nipple, and across it.
    across = rng.uniform(-0.7, 0.7) * (radius - reach - 4.0)
    furthest = np.sqrt((radius - reach - 4.0) ** 2 - across**2)
    along = rng.uniform(-0.7 * radius, 0.9 * furthest)
    # Images were cut out around lesions, but not always.
    spread = 2.0 if rng.random() < 0.72 else 12.0
    limit = 44.0 - reach
    lesion = np.clip(rng.normal(0, spread, 2), -limit, limit)
    cos, sin = np.cos(nipple), np.sin(nipple)
    centre = lesion - np.array([along * cos - across * sin, along * sin + across * cos])
    draws = rng.random(8)
    border = None
    if parameters.borders and made.film_border and draws[0] < 0.85:
        depth = 1.0 + 4.0 * draws[1] if draws[2] < 0.7 else 8.0 + 14.0 * draws[1]
        room = 48.0 + towards * lesion[0] - reach - 4.0
        border = (min(depth, max(room, 1.0)), 2.0 + 18.0 * draws[3], 0.05 * (draws[4] - 0.5))
    speckled = rng.random() < 0.2
    specks = rng.normal(size=(rng.integers(2, 10), 3))
    specks[:, :2] = specks[:, :2] * (22.0 if rng.random() < 0.6 else 0.5 * reach) + lesion
    return View(
        patient=made,
        number=number,
        mediolateral=mediolateral,
        nipple=float(nipple),
        radius=float(radius),
        centre_x=float(centre[0]),
        centre_y=float(centre[1]),
        lesion_x=float(lesion[0]),
        lesion_y=float(lesion[1]),
        diameter=diameter,
        turn=float(rng.uniform(0, 2 * np.pi)),
        squeeze=float(rng.uniform(0.85, 1.0)),
        gamma=float(np.exp(rng.normal(np.log(2.3), 0.2))),
        speed=float(rng.normal(-0.08, 0.18)),
        muscle=float(draws[5] * 26.0 - 4.0) if mediolateral and draws[6] < 0.6 else -np.inf,
        border=border,
        specks=specks if speckled else specks[:0],
        shared=rng.normal(size=(HARMONICS, 2)),
        own=rng.normal(size=(2, HARMONICS, 2)),
        noise=rng,
    )
