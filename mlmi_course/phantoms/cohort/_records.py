"""What a simulation was asked for, and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from mlmi_course._numbers import require_whole

if TYPE_CHECKING:
    import pandas as pd

EXPOSED: Final = 5
"""How many useless features the confounder changes."""

_FEWEST: Final = MappingProxyType(
    {
        "n": 10,
        "seed": 0,
        "world": 0,
        "features": 1,
        "informative": 0,
        "blocks": 0,
        "block_size": 2,
        "sites": 1,
        "genes": 0,
        "clock_genes": 0,
        "twins": 0,
    }
)
# Lowest and highest value, and whether the highest itself is allowed.
_RANGES: Final = MappingProxyType(
    {
        "effect": (0.0, np.inf, False),
        "batch": (0.0, np.inf, False),
        "batch_covariance": (0.0, 1.0, False),
        "confounder": (0.0, 1.0, False),
        "site_follows_age": (0.0, 1.0, True),
        "features_follow_age": (0.0, 1.0, False),
        "median_days": (1.0, 36525.0, True),
        "censored": (0.0, 0.9, True),
        "twin_share": (0.0, 1.0, True),
        "missing": (0.0, 0.9, True),
        "without_genes": (0.0, 0.9, True),
    }
)
_MOST_SITES: Final = 26


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The arguments of :func:`simulate`, which explains them, checked."""

    n: int
    seed: int
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

    def __post_init__(self) -> None:
        for name, fewest in _FEWEST.items():
            require_whole(name, getattr(self, name), fewest)
        for name, (low, high, closed) in _RANGES.items():
            value = getattr(self, name)
            number = isinstance(value, Real) and not isinstance(value, bool)
            if not (number and (low <= value < high or (closed and value == high))):
                span = f"[{low:g}, {high:g}" + ("]" if closed else ")")
                raise ValueError(f"{name} needs a number in {span}, got {value!r}")
        self._require_room()

    @property
    def informative_heads(self) -> int:
        """How many informative features head a block."""
        return min(self.blocks, self.informative // 2)

    @property
    def useless(self) -> int:
        """How many features are in no block and have no effect."""
        alone = self.informative - self.informative_heads
        return self.features - self.blocks * self.block_size - alone

    def _require_room(self) -> None:
        """Refuse counts that do not fit into each other."""
        if self.informative > self.features:
            raise ValueError(
                f"informative={self.informative} is more than features={self.features}: lower "
                "informative or raise features"
            )
        if self.useless < 0:
            raise ValueError(
                f"{self.blocks} blocks of {self.block_size} features and {self.informative} "
                f"informative ones, {self.informative_heads} of them heads of blocks, need "
                f"{self.features - self.useless} features, got features={self.features}: raise "
                "it, or lower blocks, block_size or informative"
            )
        if (self.confounder or self.features_follow_age) and self.useless < EXPOSED + 3:
            raise ValueError(
                f"confounder and features_follow_age need {EXPOSED + 3} useless features outside "
                f"of blocks, got {self.useless}: raise features, or lower blocks or block_size"
            )
        if self.sites > _MOST_SITES:
            raise ValueError(f"sites are letters, {_MOST_SITES} at most, got sites={self.sites}")
        if self.site_follows_age**2 + self.confounder**2 > 1:
            raise ValueError(
                "age and comorbidity share what decides the site: site_follows_age² + "
                f"confounder² is at most 1, got {self.site_follows_age:g}² + "
                f"{self.confounder:g}²; lower one of them"
            )
        if 2 * self.twins > self.n:
            raise ValueError(
                f"twins={self.twins} pairs are {2 * self.twins} patients, got n={self.n}: raise n "
                "or lower twins"
            )
        if self.genes and self.clock_genes > self.genes:
            raise ValueError(
                f"clock_genes={self.clock_genes} is more than genes={self.genes}: lower "
                "clock_genes or raise genes"
            )
        if self.without_genes and not self.genes:
            raise ValueError("without_genes takes genes away, but genes=0: set genes, such as 125")


@dataclass(frozen=True, eq=False, kw_only=True)
class Truth:
    """Everything that generated a cohort.

    Tables and series are indexed by patient, feature, gene or site as their descriptions say;
    units are those of the cohort's table unless another is given.  Do not change them.

    Attributes
    ----------
    settings : Settings
        What :func:`simulate` was asked for.
    informative : tuple of str
        The features with an effect of their own.
    coefficients : Series
        Log hazard ratio of each column of ``covariates``.
    covariates : DataFrame, a row per patient
        The design of the hazard: informative features in standard deviations, as nature has
        them (without scanner effects or holes); ``age`` in decades from 62 years; 0/1 columns
        ``stage_II``, ``stage_III``, ``stage_IV`` and ``combined``; ``comorbidity``.
    log_hazard : Series, per patient
        ``covariates @ coefficients``; no method can rank patients better.
    weibull_shape, weibull_scale : float
        Of the baseline: survival is exp(−(t / scale)^shape × exp(log hazard)), scale in days.
    event_days, censoring_days : Series, per patient
        When death comes, and when observation ends; inf where nobody is censored.
    follow_up_days : float
        Days from the first recruited patient to the end of the study.
    progression_coefficients : Series, per informative feature
        Log odds ratio per standard deviation.
    progression_probability : Series, per patient
    blocks : mapping of str to tuple of str
        Copies of each head.
    correlations : Series, per feature
        Correlation of a copy with its head; 1 for all that are no copies.
    exposed : tuple of str
        Features that the confounder changes; empty without one.
    age_slopes : Series, per feature
        Change per year of age.
    location, spread : Series, per feature
        Mean and standard deviation in the population, without scanner effects.
    site_shift, site_scale : DataFrame, a row per site, a column per feature
        γ in standard deviations, and δ.
    partners : mapping of str to str
        Features that ``batch_covariance`` ties together.
    partner_correlation : Series, per site
    biology : DataFrame, patients × features
        The features as they would be without scanner effects or holes.
    gene_age_slopes : Series, per gene
        Log2 units per year of age; 0 for genes that are not in the clock.
    twins : tuple of (str, str)
        Pairs of identical twins.
    """

    settings: Settings
    informative: tuple[str, ...]
    coefficients: pd.Series
    covariates: pd.DataFrame
    log_hazard: pd.Series
    weibull_shape: float
    weibull_scale: float
    event_days: pd.Series
    censoring_days: pd.Series
    follow_up_days: float
    progression_coefficients: pd.Series
    progression_probability: pd.Series
    blocks: Mapping[str, tuple[str, ...]]
    correlations: pd.Series
    exposed: tuple[str, ...]
    age_slopes: pd.Series
    location: pd.Series
    spread: pd.Series
    site_shift: pd.DataFrame
    site_scale: pd.DataFrame
    partners: Mapping[str, str]
    partner_correlation: pd.Series
    biology: pd.DataFrame
    gene_age_slopes: pd.Series
    twins: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        named = ", ".join(self.informative) or "none"
        return f"Truth of {len(self.log_hazard)} patients; informative features: {named}"


@dataclass(frozen=True, eq=False)
class Cohort:
    """Patients, one row each, and what generated them.

    Attributes
    ----------
    table : DataFrame
        What a study would have; :func:`simulate` describes its columns.
    truth : Truth
        What no study has.
    """

    table: pd.DataFrame
    truth: Truth

    @property
    def features(self) -> list[str]:
        """Names of the radiomic features' columns, in alphabetical order."""
        return list(self.truth.biology.columns)

    @property
    def genes(self) -> list[str]:
        """Names of the genes' columns."""
        return list(self.truth.gene_age_slopes.index)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        deaths = int(self.table["event"].sum())
        return (
            f"Cohort: {len(self)} patients of {self.truth.settings.sites} sites, "
            f"{len(self.features)} features, {len(self.genes)} genes; {deaths} deaths, "
            f"{100 * (1 - deaths / len(self)):.0f} % censored"
        )
