"""Unit 02, data you can trust: its references agree with libraries, its simulators with theory."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlmi_course.questions import u02_data_you_can_trust as q

UNIT = "mlmi_course.questions.u02_data_you_can_trust"
SEEDS = [pytest.param(seed, id=f"u02-{seed}") for seed in range(4)]


def _module(name: str) -> Any:
    return importlib.import_module(f"{UNIT}.{name}")


@pytest.mark.parametrize("seed", SEEDS)
def test_the_auc_of_a_table_is_that_of_scikit_learn(seed: int) -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(seed)
    healthy, ill = rng.integers(1, 30, (2, 5))
    labels = np.repeat([0, 1], [healthy.sum(), ill.sum()])
    scores = np.concatenate([np.repeat(np.arange(5), counts) for counts in (healthy, ill)])
    assert q.auc_counts.right(healthy, ill) == pytest.approx(roc_auc_score(labels, scores))


@pytest.mark.parametrize("seed", SEEDS)
def test_persons_are_connected_components(seed: int) -> None:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    rng = np.random.default_rng(seed)
    pairs = rng.integers(0, 25, (14, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    graph = coo_matrix((np.ones(len(pairs)), pairs.T), shape=(25, 25))
    group = connected_components(graph, directed=False)[1]
    found = q.persons.right(np.arange(25), pairs.tolist())
    expected = [int(np.flatnonzero(group == group[k]).min()) for k in range(25)]
    np.testing.assert_array_equal(found, expected)


def _honest_with_scikit_learn(x: Any, labels: Any, patients: Any) -> float:
    """The analysis without leaks, from scikit-learn's parts."""
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GridSearchCV, PredefinedSplit
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    class Best(TransformerMixin, BaseEstimator):  # type: ignore[misc]
        def fit(self, x: Any, y: Any) -> Best:
            gap = np.abs(x[y == 1].mean(axis=0) - x[y == 0].mean(axis=0))
            self.columns_ = np.argsort(-gap)[:8]
            return self

        def transform(self, x: Any) -> Any:
            return x[:, self.columns_]

    table = pd.DataFrame(x)
    patients = pd.Series(patients).groupby(list(table.to_numpy().T)).transform("min").to_numpy()
    first = ~table.duplicated().to_numpy()
    x, labels, patients = x[first], labels[first], patients[first]
    recipe = make_pipeline(
        FunctionTransformer(np.log), StandardScaler(), Best(), KNeighborsClassifier()
    )
    fold = np.unique(patients, return_inverse=True)[1] % 4
    areas = []
    for k in range(4):
        train = fold != k
        inner = np.unique(patients[train], return_inverse=True)[1] % 2
        search = GridSearchCV(
            recipe,
            {"kneighborsclassifier__n_neighbors": [1, 3, 7, 15]},
            scoring="roc_auc",
            cv=PredefinedSplit(inner),
        ).fit(x[train], labels[train])
        areas.append(roc_auc_score(labels[~train], search.predict_proba(x[~train])[:, 1]))
    return float(np.mean(areas))


def test_the_analysis_without_leaks_is_that_of_scikit_learn() -> None:
    assert q.honest_auc.right(*q.archive()) == pytest.approx(
        _honest_with_scikit_learn(*q.archive())
    )


def test_each_leak_adds_and_the_truth_is_below() -> None:
    module = _module("honest_auc")
    leaking = ("duplicates", "scaler", "selection", "tuning")
    studies = [
        module._set(np.random.default_rng(seed), 60, 2, 200, 24, np.random.default_rng(1))
        for seed in range(6)
    ]
    all_four, none = (
        np.mean([module._analysed(*study, leaking=left) for study in studies])
        for left in (leaking, ())
    )
    assert all_four - none > 0.15


@pytest.mark.parametrize(("readers", "prevalence"), [(2, 0.1), (4, 0.5), (7, 0.05)])
def test_the_spread_of_kappa_is_that_of_simulated_studies(readers: int, prevalence: float) -> None:
    module = _module("plan")
    rng = np.random.default_rng(readers)
    cases, repeats = 800, 1500
    ill = rng.random((repeats, cases, 1)) < prevalence
    chance = np.where(ill, module._SENSITIVITY, 1 - module._SPECIFICITY)
    yes = (rng.random((repeats, cases, readers)) < chance).sum(axis=-1)
    disagree = (2 * yes * (readers - yes) / (readers * (readers - 1))).mean(axis=1)
    p = yes.mean(axis=1) / readers
    kappa = 1 - disagree / (2 * p * (1 - p))
    # the standard error of a standard deviation is sd / sqrt(2 n): 1.8 % here
    assert module._spread(readers, prevalence) == pytest.approx(
        kappa.std() * np.sqrt(cases), rel=0.08
    )


def test_fleiss_kappa_of_two_readers_is_scotts_pi() -> None:
    """With two readers the plan's κ is Scott's π, which statsmodels calls Fleiss' kappa."""
    inter_rater = pytest.importorskip("statsmodels.stats.inter_rater")
    rng = np.random.default_rng(0)
    said = rng.integers(0, 2, (60, 3))
    yes = said.sum(axis=1)
    disagree = (2 * yes * (3 - yes) / 6).mean()
    p = said.mean()
    table = np.column_stack([yes, 3 - yes])
    assert 1 - disagree / (2 * p * (1 - p)) == pytest.approx(inter_rater.fleiss_kappa(table))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_interval_draws_whole_patients(seed: int) -> None:
    """The variance of drawn rates is that of a ratio of sums over patients."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 6, 200)
    patients = np.repeat(np.arange(200), counts)
    hit = (rng.random(len(patients)) < np.repeat(rng.beta(2, 1, 200), counts)).astype(int)
    drawn = rng.integers(0, 200, (400, 200))
    low, high = q.interval.right(hit, patients, drawn)
    of_patient = np.bincount(patients, hit - hit.mean())
    expected = 2 * 1.96 * np.sqrt((of_patient**2).sum()) / len(hit)
    assert high - low == pytest.approx(expected, rel=0.25)


def test_limits_hold_95_percent_at_every_size() -> None:
    rng = np.random.default_rng(3)
    size = np.exp(rng.normal(np.log(30), 0.5, 40_000))
    a, b = (
        1.15 * size * np.exp(rng.normal(0, 0.06, size.size)),
        size * np.exp(rng.normal(0, 0.06, size.size)),
    )
    found = q.limits.right(a, b)
    share = 100 * (a / b - 1)
    inside = (found["lower"] <= share) & (share <= found["upper"])
    for part in (size < 20, size > 60):
        assert inside[part].mean() == pytest.approx(0.95, abs=0.01)


def test_joined_strata_do_not_pass_for_balanced() -> None:
    module = _module("balanced_folds")
    draws = [module._draw(np.random.default_rng(seed)) for seed in range(6)]
    reached = [
        module._gained(labels, module._by_library(table, module._joined(table)))
        for table, labels in draws
    ]
    assert np.median(reached) < q.balanced_folds.threshold - 0.05


def test_a_registry_keeps_its_columns_in_range() -> None:
    table = q.registry()
    assert table[:, 1].max() == 5
    assert table[:, 2].max() == 2
    assert set(table[:, 3]) == {0, 1}
    for person in np.unique(table[:, 0]):
        assert len(np.unique(table[table[:, 0] == person, 1:], axis=0)) == 1
