"""Who the patients are: everything about them but their image."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlmi_course.phantoms.cohort import WEIBULL_SHAPE, weibull_scale
from mlmi_course.phantoms.tumours._parameters import (
    CENTRES,
    CLINICAL_EFFECTS,
    EXPRESSION,
    IMAGE_EFFECTS,
    INTERNAL,
    METHYLATION,
    OMICS_EFFECTS,
    PATTERN,
    PHENOTYPES,
    TumourParameters,
)

__all__ = ["MEDIAN_DAYS", "Patient", "draw_patient", "split_of"]

Numbers = NDArray[np.float64]

MEDIAN_DAYS: Final = 435.0
"""Median survival of the population of A, B and C: 14.3 months."""

_SALT: Final = 21
_WORLD: Final = 2026
_KPS: Final = (60.0, 70.0, 80.0, 90.0, 100.0)
_KPS_SHARE: Final = (0.10, 0.20, 0.30, 0.28, 0.12)
_MGMT: Final = 0.40
_FOLLOW_UP: Final = (200.0, 1700.0)  # days from diagnosis to the end of the study
_LOSS: Final = 3000.0  # mean of the days after which somebody is lost
_ENTRY_YEARS: Final = (2012, 2020)


class Patient(NamedTuple):
    """One patient.  Its image is drawn from ``rng`` next, so nothing else may be."""

    rng: np.random.Generator
    centre: str
    split: int
    clinical: Numbers  # age, sex (1 woman), kps, resection (0 biopsy, 1 partial, 2 whole)
    phenotypes: Numbers
    pathology: Numbers
    expression: Numbers
    methylation: Numbers
    parts: Numbers  # of the log hazard: clinical, image, omics, centre
    time: float
    event: int
    year: int


class _World(NamedTuple):
    loadings: Numbers  # of each gene on: hazard signature, rim phenotype, two idle modules
    sites: Numbers  # of each CpG on: hazard signature, age, idle
    scale: float


def split_of(number: int) -> int:
    """0 development, 1 internal, 2 external: by the patient's place in the cohort."""
    place = number % len(PATTERN)
    return 2 if PATTERN[place] == "D" else int(place in INTERNAL)


@lru_cache(maxsize=1)
def _world() -> _World:
    rng = np.random.default_rng([_SALT, _WORLD])
    loadings = np.zeros((len(EXPRESSION), 4))
    # Six genes carry the signature, six follow the rim (radiogenomics), two modules do nothing.
    for module, genes in enumerate((slice(0, 6), slice(6, 12), slice(12, 18), slice(18, 24))):
        signs = rng.choice([-1.0, 1.0], 6)
        loadings[genes, module] = signs * rng.uniform(0.55, 0.8, 6)
    order = rng.permutation(len(EXPRESSION))
    sites = np.zeros((len(METHYLATION), 3))
    for module, cpgs in enumerate((slice(0, 5), slice(5, 10), slice(10, 14))):
        count = len(range(*cpgs.indices(len(METHYLATION))))
        sites[cpgs, module] = rng.choice([-1.0, 1.0], count) * rng.uniform(0.5, 0.75, count)
    # The scale is that of the usual effects: what a parameter takes away does not come back
    # as a longer life of everybody.
    drawn = [_traits(np.random.default_rng([_SALT, _WORLD, i]), "ABC"[i % 3]) for i in range(3000)]
    usual = TumourParameters()
    risks = np.array([_parts("A", *traits, usual).sum() for traits in drawn])
    return _World(
        loadings[order], sites[rng.permutation(len(METHYLATION))], weibull_scale(risks, MEDIAN_DAYS)
    )


def _traits(
    rng: np.random.Generator, centre: str, shift: float = 1.0
) -> tuple[Numbers, Numbers, Numbers]:
    """Clinic, phenotypes of the image, and what drives the omics; always the same draws."""
    here, usual = CENTRES[centre], CENTRES["A"]
    age_mean = usual.age + shift * (here.age - usual.age)
    biopsy = usual.biopsy + shift * (here.biopsy - usual.biopsy)
    normal, chance = rng.standard_normal(14), rng.random(4)
    age = float(np.clip(age_mean + 11 * normal[0], 18, 90))
    kps = _KPS[int(np.searchsorted(np.cumsum(_KPS_SHARE)[:-1], chance[0]))]
    resection = 0.0 if chance[1] < biopsy else 1.0 + (chance[1] > biopsy + (1 - biopsy) * 0.45)
    clinical = np.array([round(age, 1), float(chance[2] < 0.42), kps, resection])
    phenotypes = normal[1 : 1 + len(PHENOTYPES)]
    # MGMT, Ki-67, the signatures of expression and methylation, and idle modules.
    drivers = np.concatenate([[float(chance[3] < _MGMT)], normal[6:14]])
    return clinical, phenotypes, drivers


def _parts(
    centre: str,
    clinical: Numbers,
    phenotypes: Numbers,
    drivers: Numbers,
    parameters: TumourParameters,
) -> Numbers:
    effects = CLINICAL_EFFECTS
    clinic = (
        effects["age"] * (clinical[0] - 62)
        + effects["kps"] * (clinical[2] - 81)
        + effects["resection"] * clinical[3]
    )
    image = parameters.image_effect * (np.array([*IMAGE_EFFECTS.values()]) @ phenotypes)
    weights = np.array([*OMICS_EFFECTS.values()])
    omics = parameters.omics_effect * (weights @ drivers[: len(weights)])
    return np.array([clinic, image, omics, parameters.centre_shift * CENTRES[centre].log_hazard])


def draw_patient(seed: int, number: int, parameters: TumourParameters) -> Patient:
    """Draw one; other patients have nothing to do with it, so any beginning stays the same."""
    world = _world()
    centre = PATTERN[number % len(PATTERN)]
    here = CENTRES[centre]
    rng = np.random.default_rng([_SALT, seed, number])
    clinical, phenotypes, drivers = _traits(rng, centre, parameters.centre_shift)
    parts = _parts(centre, clinical, phenotypes, drivers, parameters)

    exponential, lost = rng.exponential(size=2)
    death = world.scale * (exponential / np.exp(parts.sum())) ** (1 / WEIBULL_SHAPE)
    end = min(rng.uniform(*_FOLLOW_UP), _LOSS * lost)
    year = int(rng.integers(_ENTRY_YEARS[0], _ENTRY_YEARS[1] + 1))

    modules = np.array([drivers[2], phenotypes[1], drivers[4], drivers[5]])
    own = np.sqrt(1 - (world.loadings**2).sum(axis=1))
    expression = world.loadings @ modules + own * rng.standard_normal(len(EXPRESSION))
    causes = np.array([drivers[3], (clinical[0] - 62) / 11, drivers[6]])
    noise = np.sqrt(1 - (world.sites**2).sum(axis=1))
    logit = world.sites @ causes + noise * rng.standard_normal(len(METHYLATION))
    methylation = 1 / (1 + np.exp(-logit))
    pathology = np.array([drivers[0], np.clip(np.exp(np.log(22) + 0.5 * drivers[1]), 2, 90)])

    absent = rng.random(3)
    # A biopsy yields less tissue, so more of its assays fail.
    factor = 1.5 if clinical[3] == 0 else 0.75
    shares = (here.no_pathology, here.no_expression, here.no_methylation)
    for block, chance, share in zip(
        (pathology, expression, methylation), absent, shares, strict=True
    ):
        if share >= 1 or chance < min(share * factor, 0.95):
            block[:] = np.nan
    return Patient(
        rng=rng,
        centre=centre,
        split=split_of(number),
        clinical=clinical,
        phenotypes=phenotypes,
        pathology=pathology,
        expression=expression,
        methylation=methylation,
        parts=parts,
        time=float(max(1.0, np.ceil(min(death, end)))),
        event=int(death <= end),
        year=year,
    )
