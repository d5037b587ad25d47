"""Draws the patients of a world."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr, ndtri

from mlmi_course.phantoms.cohort._records import Cohort, Settings, Truth
from mlmi_course.phantoms.cohort._survival import (
    SHAPE,
    censoring_times,
    event_times,
    weibull_scale,
)
from mlmi_course.phantoms.cohort._world import CLINICAL, SHARE_BY_STAGE, World, generator

Numbers = NDArray[np.float64]

_AGE_MEAN, _AGE_SPREAD, _YOUNGEST, _OLDEST = 62.0, 11.0, 18.0, 90.0
_STAGES: Final = ("I", "II", "III", "IV")
_PROGRESSION: Final = 2.0  # log odds ratio over log hazard ratio
_POPULATION: Final = 10_000  # patients by whom the baseline hazard is set


def draw_patients(settings: Settings, world: World) -> Cohort:
    """Draw them from the seed ``settings.seed``.

    Each part has a random generator of its own, so that a parameter changes one part only.
    """
    import pandas as pd

    clinic, places, images, genetics, fate, end, grown, holes = (
        generator(settings.seed, settings.world, part) for part in range(8, 16)
    )
    n = settings.n
    width = max(4, len(str(n)))
    patients = pd.Index([f"P{i + 1:0{width}d}" for i in range(n)], name="patient")
    names, sites = list(world.names), [chr(ord("A") + i) for i in range(settings.sites)]
    genes = [f"gene_{i + 1:04d}" for i in range(settings.genes)]

    family = _families(settings, clinic)
    clinical = _clinic(family, clinic)
    site = _sites(settings, clinical, places)
    deviations = _biology(settings, world, clinical, images)
    expression = _expression(settings, world, clinical, family, genetics)

    log_ratios = _log_hazard_ratios(settings, world)
    covariates = np.column_stack([deviations[:, world.informative], *_design(clinical)])
    log_hazard = covariates @ log_ratios
    scale = weibull_scale(_population(settings, world), settings.median_days)
    events = event_times(log_hazard, scale, fate)
    ends, follow_up = censoring_times(events, settings.censored, end)
    log_odds = _PROGRESSION * deviations[:, world.informative] @ world.effects
    probability = expit(log_odds)

    seen = world.location + world.spread * _through_scanners(
        settings, world, deviations, clinical, site
    )
    seen, expression = _with_holes(settings, seen, expression, holes)
    table = pd.DataFrame(
        {
            "family": [f"F{number + 1:0{width}d}" for number in family],
            "site": pd.Categorical.from_codes(site, sites),
            "age": clinical["age"],
            "sex": pd.Categorical.from_codes(clinical["sex"], ["female", "male"]),
            "stage": pd.Categorical.from_codes(clinical["stage"], _STAGES, ordered=True),
            "treatment": pd.Categorical.from_codes(clinical["treatment"], ["standard", "combined"]),
            "comorbidity": clinical["comorbidity"],
            "time": np.maximum(1, np.ceil(np.minimum(events, ends))).astype(np.int64),
            "event": (events <= ends).astype(np.int64),
            "progression": (grown.random(n) < probability).astype(np.int64),
        },
        index=patients,
    )
    blocks = [
        pd.DataFrame(values, index=patients, columns=columns)
        for values, columns in ((seen, names), (expression, genes))
    ]
    truth = Truth(
        settings=settings,
        informative=(informative := tuple(names[i] for i in world.informative)),
        coefficients=pd.Series(
            log_ratios, [*informative, *CLINICAL, "comorbidity"], name="log hazard ratio"
        ),
        covariates=pd.DataFrame(
            covariates, index=patients, columns=[*informative, *CLINICAL, "comorbidity"]
        ),
        log_hazard=pd.Series(log_hazard, patients, name="log hazard"),
        weibull_shape=SHAPE,
        weibull_scale=scale,
        event_days=pd.Series(events, patients, name="event days"),
        censoring_days=pd.Series(ends, patients, name="censoring days"),
        follow_up_days=follow_up,
        progression_coefficients=pd.Series(
            _PROGRESSION * world.effects, list(informative), name="log odds ratio"
        ),
        progression_probability=pd.Series(probability, patients, name="probability"),
        blocks=_copies(world),
        correlations=pd.Series(world.correlation, names, name="correlation with head"),
        exposed=tuple(names[i] for i in world.exposed),
        age_slopes=pd.Series(
            world.age_correlation * world.spread / _AGE_SPREAD, names, name="per year"
        ),
        location=pd.Series(world.location, names, name="location"),
        spread=pd.Series(world.spread, names, name="spread"),
        site_shift=pd.DataFrame(world.shift, sites, names),
        site_scale=pd.DataFrame(world.scale, sites, names),
        partners=MappingProxyType({names[a]: names[b] for a, b in world.partners}),
        partner_correlation=pd.Series(world.partner_correlation, sites, name="correlation"),
        biology=pd.DataFrame(
            world.location + world.spread * deviations, index=patients, columns=names
        ),
        gene_age_slopes=pd.Series(
            world.gene_age_correlation * world.gene_spread / _AGE_SPREAD, genes, name="per year"
        ),
        twins=tuple(
            (str(patients[a]), str(patients[b])) for a, b in _pairs(family, settings.twins)
        ),
    )
    return Cohort(table=pd.concat([table, *blocks], axis=1), truth=truth)


# -- who comes ---------------------------------------------------------------------------------


def _families(settings: Settings, rng: np.random.Generator) -> NDArray[np.int64]:
    """A number for each patient; twins share it, and stand anywhere in the table."""
    number = np.arange(settings.n)
    number[: 2 * settings.twins] //= 2
    number[2 * settings.twins :] -= settings.twins
    return number if not settings.twins else rng.permuted(number)


def _pairs(family: NDArray[np.int64], twins: int) -> NDArray[np.int64]:
    """Rows of the twins, pairs × 2; their families have the lowest numbers."""
    return np.argsort(family, kind="stable")[: 2 * twins].reshape(-1, 2)


def _clinic(family: NDArray[np.int64], rng: np.random.Generator) -> dict[str, NDArray]:
    """Clinical columns; categories as codes."""
    n = len(family)
    youngest, oldest = ndtr((np.array([_YOUNGEST, _OLDEST]) - _AGE_MEAN) / _AGE_SPREAD)
    # Everything is drawn for n families and n patients, so that twins change nobody's stage.
    age = _AGE_MEAN + _AGE_SPREAD * ndtri(rng.uniform(youngest, oldest, n))
    sex = rng.integers(0, 2, n)
    return {
        "age": age.round(1)[family],
        "sex": sex[family],
        "stage": np.searchsorted(np.cumsum(SHARE_BY_STAGE)[:-1], rng.random(n)),
        "treatment": rng.integers(0, 2, n),
        "comorbidity": rng.normal(size=n),
    }


def _design(clinical: dict[str, NDArray]) -> list[Numbers]:
    """Columns that belong to the coefficients of ``CLINICAL``, and comorbidity."""
    stages = [(clinical["stage"] == stage).astype(float) for stage in (1, 2, 3)]
    decades = (clinical["age"] - _AGE_MEAN) / 10
    return [decades, *stages, clinical["treatment"].astype(float), clinical["comorbidity"]]


def _sites(
    settings: Settings, clinical: dict[str, NDArray], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Sites of falling size; a standard normal number, cut at its quantiles, decides."""
    of_age, of_health = settings.site_follows_age, settings.confounder
    decides = of_age * _standard_age(clinical) + of_health * clinical["comorbidity"]
    chance = np.sqrt(1 - of_age**2 - of_health**2)
    decides = decides + chance * rng.normal(size=settings.n)
    shares = np.linspace(3.0, 1.0, settings.sites)
    return np.searchsorted(ndtri(np.cumsum(shares / shares.sum())[:-1]), decides)


def _standard_age(clinical: dict[str, NDArray]) -> Numbers:
    return (clinical["age"] - _AGE_MEAN) / _AGE_SPREAD


# -- what is measured --------------------------------------------------------------------------


def _biology(
    settings: Settings, world: World, clinical: dict[str, NDArray], rng: np.random.Generator
) -> Numbers:
    """Features in standard deviations, patients × features."""
    own = rng.normal(size=(settings.n, settings.features))
    copies = world.head != np.arange(settings.features)
    deviations = np.where(
        copies,
        world.correlation * own[:, world.head] + np.sqrt(1 - world.correlation**2) * own,
        own,
    )
    of_health = _exposure(world, settings.confounder)
    remaining = np.sqrt(1 - of_health**2 - world.age_correlation**2)
    return _explained(world, clinical, of_health) + remaining * deviations


def _exposure(world: World, confounder: float) -> Numbers:
    """Correlation of each feature with comorbidity."""
    correlation = np.zeros(len(world.names))
    correlation[world.exposed] = confounder
    return correlation


def _explained(world: World, clinical: dict[str, NDArray], of_health: Numbers) -> Numbers:
    """What age and comorbidity explain of the features, patients × features."""
    return np.outer(_standard_age(clinical), world.age_correlation) + np.outer(
        clinical["comorbidity"], of_health
    )


def _expression(
    settings: Settings,
    world: World,
    clinical: dict[str, NDArray],
    family: NDArray[np.int64],
    rng: np.random.Generator,
) -> Numbers:
    """Genes in log2 units, patients × genes."""
    shape = (settings.n, settings.genes)
    genotype = rng.normal(size=shape)[family]
    own = rng.normal(size=shape)
    share = settings.twin_share
    residual = np.sqrt(share) * genotype + np.sqrt(1 - share) * own
    clock = world.gene_age_correlation
    deviations = np.outer(_standard_age(clinical), clock) + np.sqrt(1 - clock**2) * residual
    return world.gene_location + world.gene_spread * deviations


def _through_scanners(
    settings: Settings,
    world: World,
    deviations: Numbers,
    clinical: dict[str, NDArray],
    site: NDArray[np.int64],
) -> Numbers:
    """Features as each site sees them: what age and health explain is shifted, not scaled."""
    explained = _explained(world, clinical, _exposure(world, settings.confounder))
    residual = deviations - explained
    one, other = world.partners.T
    tie = world.partner_correlation[site][:, np.newaxis]
    residual[:, other] = tie * residual[:, one] + np.sqrt(1 - tie**2) * residual[:, other]
    return explained + world.shift[site] + world.scale[site] * residual


def _with_holes(
    settings: Settings, features: Numbers, expression: Numbers, rng: np.random.Generator
) -> tuple[Numbers, Numbers]:
    """NaN for cells, and for all genes of a patient, at random."""
    n = settings.n
    lost = rng.random(n).argsort()[: round(settings.without_genes * n)]
    features = np.where(rng.random(features.shape) < settings.missing, np.nan, features)
    expression = np.where(rng.random(expression.shape) < settings.missing, np.nan, expression)
    expression[lost] = np.nan
    return features, expression


# -- what comes of it --------------------------------------------------------------------------


def _log_hazard_ratios(settings: Settings, world: World) -> Numbers:
    return np.array([*world.effects, *CLINICAL.values(), settings.confounder])


def _population(settings: Settings, world: World) -> Numbers:
    """Log hazards of many patients of this world, the same for every seed."""
    rng = generator(settings.world, 7)
    clinical = _clinic(np.arange(_POPULATION), rng)
    of_features = np.sqrt((world.effects**2).sum()) * rng.normal(size=_POPULATION)
    of_clinic = np.array([*CLINICAL.values(), settings.confounder])
    return of_features + np.column_stack(_design(clinical)) @ of_clinic


def _copies(world: World) -> MappingProxyType[str, tuple[str, ...]]:
    """Copies of each head, by name."""
    copies = np.flatnonzero(world.head != np.arange(len(world.head)))
    return MappingProxyType(
        {
            world.names[head]: tuple(world.names[i] for i in copies if world.head[i] == head)
            for head in np.unique(world.head[copies])
        }
    )
