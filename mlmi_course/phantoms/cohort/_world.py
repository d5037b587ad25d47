"""What is the same for all patients: names, effects, blocks and the distortions of sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.phantoms.cohort._records import EXPOSED, Settings

Numbers = NDArray[np.float64]

SHARE_BY_STAGE: Final = (0.20, 0.25, 0.30, 0.25)
CLINICAL: Final[Mapping[str, float]] = {
    "age": 0.25,
    "stage_II": 0.2,
    "stage_III": 0.5,
    "stage_IV": 0.9,
    "combined": -0.35,
}
"""Log hazard ratios, age per decade; chosen."""

_LOG_HAZARD_RATIOS: Final = (0.35, 0.50)
_COPY_CORRELATIONS: Final = (0.60, 0.95)
_SIZE_CORRELATIONS: Final = (0.80, 0.95)
_CLOCK_CORRELATIONS: Final = (0.20, 0.50)
# The first number for which the default cohort is a typical one for the LASSO (six of the seven
# features found and one false one), and the tumour's volume matters.
_SALT: Final = 2
_SITE_SHIFT, _FEATURE_SHIFT, _SCALE_SPREAD = 0.3, 0.4, 0.35

# Measures of a tumour's size, for the first block; the first is its head.
_SIZES: Final = (
    "shape_volume",
    "shape_surface_area",
    "shape_maximum_diameter",
    "shape_major_axis_length",
    "shape_minor_axis_length",
    "firstorder_total_energy",
    "glrlm_grey_level_non_uniformity",
    "glszm_size_zone_non_uniformity",
)
_FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "firstorder": ("mean", "median", "variance", "skewness", "kurtosis", "entropy", "range"),
    "glcm": ("contrast", "correlation", "energy", "homogeneity", "entropy", "cluster_shade"),
    "glrlm": ("short_run_emphasis", "long_run_emphasis", "run_percentage", "run_variance"),
    "glszm": ("small_area_emphasis", "large_area_emphasis", "zone_percentage", "zone_entropy"),
    "ngtdm": ("coarseness", "contrast", "busyness", "complexity", "strength"),
    "gldm": ("dependence_entropy", "dependence_variance", "small_dependence_emphasis"),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class World:
    """Nature and the scanners; arrays over features are in the alphabetical order of names."""

    names: tuple[str, ...]
    informative: NDArray[np.int64]
    effects: Numbers  # log hazard ratio per standard deviation, of the informative features
    head: NDArray[np.int64]  # of which feature this one is a copy: itself, if it is none
    correlation: Numbers  # with the head
    exposed: NDArray[np.int64]
    age_correlation: Numbers
    location: Numbers
    spread: Numbers
    shift: Numbers  # sites × features
    scale: Numbers
    partners: NDArray[np.int64]  # pairs × 2
    partner_correlation: Numbers  # per site
    gene_location: Numbers
    gene_spread: Numbers
    gene_age_correlation: Numbers


def generator(*seeds: int) -> np.random.Generator:
    """A generator of random numbers for one part of the simulation."""
    return np.random.default_rng([_SALT, *seeds])


def draw_world(settings: Settings) -> World:
    """Draw it from the seed ``settings.world``.

    Each part has a random generator of its own, so that a parameter changes one part only.
    """
    roles, effects, scanners, ages, units, genes = (
        generator(settings.world, part) for part in range(6)
    )
    names, head, correlation = _blocks(settings, roles)
    heads = np.unique(head[head != np.arange(len(head))])
    alone = np.setdiff1d(np.arange(len(head)), np.flatnonzero(np.isin(head, heads)))
    alone = roles.permutation(alone)
    n_heads = settings.informative_heads
    n_alone = settings.informative - n_heads
    informative = np.sort(
        np.concatenate([roles.choice(heads, n_heads, replace=False), alone[:n_alone]])
    )
    useless = alone[n_alone:]
    exposed, followers = useless[:EXPOSED], useless[EXPOSED:]

    sizes = np.linspace(*_LOG_HAZARD_RATIOS, settings.informative)
    signs = effects.choice([-1.0, 1.0], settings.informative)
    age_correlation = np.zeros(settings.features)
    followers = followers[: (len(useless) + 2) // 3]
    age_correlation[followers] = settings.features_follow_age * ages.choice(
        [-1.0, 1.0], len(followers)
    )
    rest = np.setdiff1d(useless[EXPOSED:], followers)
    shift, scale = _distortions(settings, scanners)
    return World(
        names=names,
        informative=informative,
        effects=settings.effect * signs * effects.permutation(sizes),
        head=head,
        correlation=correlation,
        exposed=np.sort(exposed) if settings.confounder else exposed[:0],
        age_correlation=age_correlation,
        # Positive for nearly everybody, on scales from 0.1 to 1000.
        spread=(spread := 10 ** units.uniform(-1, 3, settings.features)),
        location=spread * units.uniform(5, 10, settings.features),
        shift=shift,
        scale=scale,
        partners=rest[: len(rest) // 2 * 2].reshape(-1, 2),
        partner_correlation=settings.batch_covariance
        * np.where(np.arange(settings.sites) % 2, -1.0, 1.0),
        **_genes(settings, genes),
    )


def _blocks(
    settings: Settings, rng: np.random.Generator
) -> tuple[tuple[str, ...], NDArray[np.int64], Numbers]:
    """Names in alphabetical order; of each, its head and its correlation with the head."""
    p, size = settings.features, settings.block_size
    of_size = list(_SIZES[:size]) if settings.blocks else []
    names = of_size + _textures(p - len(of_size), rng)
    # Blocks take the names from the left; only then are names brought into alphabetical order.
    place = np.arange(p)
    head, correlation = place.copy(), np.ones(p)
    for first in range(0, settings.blocks * size, size):
        copies = slice(first + 1, first + size)
        head[copies] = first
        if first == 0:
            correlation[copies] = rng.uniform(*_SIZE_CORRELATIONS, size - 1)
        else:  # what measures size grows with it, but another copy may be inverted
            correlation[copies] = rng.uniform(*_COPY_CORRELATIONS, size - 1)
            correlation[copies] *= rng.choice([-1.0, 1.0], size - 1)
    order = np.argsort(names)
    rank = np.empty(p, dtype=np.int64)
    rank[order] = place
    return tuple(names[i] for i in order), rank[head[order]], correlation[order]


def _textures(count: int, rng: np.random.Generator) -> list[str]:
    """Shuffled names, so that they tell nothing about roles."""
    kinds = [f"{family}_{kind}" for family, many in _FAMILIES.items() for kind in many]
    rounds = -(-count // len(kinds))
    width = max(2, len(str(rounds)))  # the number is that of a filter, as of wavelets
    names = [f"{kind}_{i + 1:0{width}d}" for i in range(rounds) for kind in kinds]
    return [names[i] for i in rng.permutation(len(names))[:count]]


def _distortions(settings: Settings, rng: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Shift γ and scale δ of each site and feature, after Johnson, Li and Rabinovic 2007."""
    shape = (settings.sites, settings.features)
    shift = _SITE_SHIFT * rng.normal(size=(settings.sites, 1))
    shift = shift + _FEATURE_SHIFT * rng.normal(size=shape)
    # An inverse gamma distribution of mean 1 and the given standard deviation.
    a = 2 + 1 / _SCALE_SPREAD**2
    variance = (a - 1) / rng.gamma(a, size=shape)
    return settings.batch * shift, variance ** (settings.batch / 2)


def _genes(settings: Settings, rng: np.random.Generator) -> dict[str, Numbers]:
    p = settings.genes
    clock = rng.permutation(p)[: settings.clock_genes]
    correlation = np.zeros(p)
    correlation[clock] = rng.uniform(*_CLOCK_CORRELATIONS, len(clock)) * rng.choice(
        [-1.0, 1.0], len(clock)
    )
    return {
        "gene_location": rng.uniform(4, 12, p),  # log2 units
        "gene_spread": rng.uniform(0.3, 0.9, p),
        "gene_age_correlation": correlation,
    }
