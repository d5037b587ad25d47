"""The simulated cohort: is its truth what standard methods find, and do its traps catch them?

Measured figures are printed: run with ``-s`` to see them.
"""

from __future__ import annotations

import functools
import time
import warnings

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.utils import concordance_index
from scipy import stats
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    cross_val_predict,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from mlmi_course.metrics import Estimate, paired_difference
from mlmi_course.phantoms.cohort import Cohort, simulate


@functools.cache
def _default() -> Cohort:
    return simulate()


def _cox(design: pd.DataFrame, cohort: Cohort) -> CoxPHFitter:
    return CoxPHFitter().fit(
        design.assign(time=cohort.table["time"], event=cohort.table["event"]), "time", "event"
    )


# -- the table ---------------------------------------------------------------------------------


def test_table_is_complete_and_typed():
    cohort = simulate(genes=125)
    table = cohort.table
    assert table.shape == (600, 10 + 120 + 125)
    assert table.index.name == "patient"
    assert table.index.is_unique
    assert table.columns.is_unique
    assert not table.isna().any().any()
    assert (table[cohort.features + cohort.genes].dtypes == np.float64).all()
    assert (table[["time", "event", "progression"]].dtypes == np.int64).all()
    for column in ("site", "sex", "stage", "treatment"):
        assert table[column].dtype == "category"
    assert table["stage"].cat.ordered
    assert set(table["event"]) == set(table["progression"]) == {0, 1}
    assert table["age"].between(18, 90).all()
    assert (table["time"] >= 1).all()
    assert (cohort.truth.event_days > 0).all()
    assert not cohort.truth.twins
    assert table["family"].is_unique


@pytest.mark.parametrize("column", ["age", "comorbidity"])
def test_clinical_numbers_have_the_stated_distribution(column):
    values = simulate(4000).table[column]
    mean, spread = {"age": (62, 11), "comorbidity": (0, 1)}[column]
    assert abs(values.mean() - mean) < 0.06 * spread
    assert abs(values.std() - spread) < 0.06 * spread


def test_same_seed_same_cohort_and_other_seed_other_patients():
    parameters = {"n": 150, "batch": 1.0, "genes": 40, "twins": 5, "missing": 0.1}
    one, two, other = simulate(**parameters), simulate(**parameters), simulate(seed=1, **parameters)
    pd.testing.assert_frame_equal(one.table, two.table)
    pd.testing.assert_series_equal(one.truth.log_hazard, two.truth.log_hazard)
    assert not one.table.equals(other.table)
    # Other patients of the same world: what nature and the scanners do is the same.
    pd.testing.assert_series_equal(one.truth.coefficients, other.truth.coefficients)
    pd.testing.assert_frame_equal(one.truth.site_shift, other.truth.site_shift)
    assert one.truth.weibull_scale == other.truth.weibull_scale
    assert simulate(n=150, world=1).truth.informative != one.truth.informative


def test_a_switch_changes_only_what_it_names():
    plain = simulate(n=200, genes=50)
    seen = simulate(n=200, genes=50, batch=1.0, batch_covariance=0.5)
    pd.testing.assert_frame_equal(seen.truth.biology, plain.truth.biology)
    others = [c for c in plain.table if c not in plain.features]
    pd.testing.assert_frame_equal(seen.table[others], plain.table[others])
    assert (seen.table[plain.features] != plain.table[plain.features]).all().all()
    holes = simulate(n=200, genes=50, missing=0.2).table
    pd.testing.assert_frame_equal(holes, plain.table.where(holes.notna()))
    confounded = simulate(n=200, genes=50, confounder=0.5)
    kept = [f for f in plain.features if f not in confounded.truth.exposed]
    pd.testing.assert_frame_equal(confounded.table[kept], plain.table[kept])
    assert len(kept) == len(plain.features) - 5


def test_names_do_not_tell_what_is_informative():
    """Over worlds they stand anywhere in the alphabet, and volume need not be one of them."""
    ranks, volume, families = [], 0, set()
    for world in range(60):
        cohort = simulate(n=10, world=world)
        informative = cohort.truth.informative
        ranks += [cohort.features.index(name) / 119 for name in informative]
        volume += "shape_volume" in informative
        families |= {name.split("_")[0] for name in informative}
    assert 0.44 < np.mean(ranks) < 0.58  # 420 ranks: standard error 0.014
    assert stats.binom.ppf(1e-4, 60, 3 / 8) <= volume <= stats.binom.ppf(1 - 1e-4, 60, 3 / 8)
    assert len(families) == 7
    assert cohort.features == sorted(cohort.features)


@pytest.mark.clock
def test_drawing_takes_less_than_a_second():
    simulate(n=10)
    start = time.process_time()
    simulate(n=600, genes=125, batch=1.0, confounder=0.5)
    assert time.process_time() - start < 1


# -- blocks ------------------------------------------------------------------------------------


def test_blocks_are_as_correlated_as_stated():
    cohort = simulate(3000)
    found = cohort.table[cohort.features].corr()
    truth = cohort.truth
    assert len(truth.blocks) == 8
    strongest = 0.0
    for head, copies in truth.blocks.items():
        assert len(copies) == 5
        for copy in copies:
            assert abs(found.loc[head, copy] - truth.correlations[copy]) < 0.05
            strongest = max(strongest, abs(found.loc[head, copy]))
    disguised = (found["shape_volume"].abs() > 0.8).sum() - 1
    assert strongest > 0.9
    assert disguised >= 3
    assert "shape_volume" in truth.blocks
    in_blocks = {name for head, copies in truth.blocks.items() for name in (head, *copies)}
    alone = [name for name in cohort.features if name not in in_blocks]
    apart = found.loc[alone].to_numpy()
    assert (np.abs(apart[apart < 0.999]) < 0.1).all()
    copies = in_blocks - set(truth.blocks)
    assert not copies & set(truth.informative)
    assert len(truth.informative) == 7
    print(f"\nvolume in disguise: {disguised} features; strongest copy {strongest:.3f}")


# -- survival ----------------------------------------------------------------------------------


def test_truth_agrees_with_itself():
    cohort = simulate(n=300, confounder=0.5)
    truth, table = cohort.truth, cohort.table
    np.testing.assert_allclose(truth.covariates @ truth.coefficients, truth.log_hazard)
    standard = (table[list(truth.informative)] - truth.location) / truth.spread
    np.testing.assert_allclose(
        standard[list(truth.informative)], truth.covariates[list(truth.informative)]
    )
    np.testing.assert_allclose((table["age"] - 62) / 10, truth.covariates["age"])
    assert truth.coefficients["comorbidity"] == 0.5
    seen = np.minimum(truth.event_days, truth.censoring_days)
    assert ((table["time"] - seen >= 0) & (table["time"] - seen < 1)).all()
    assert ((truth.event_days <= truth.censoring_days) == table["event"]).all()


def test_death_comes_by_the_stated_hazard():
    """The cumulative hazard at death is exponential (Bender et al. 2005), and half die in time."""
    cohort = simulate(4000, seed=3)
    truth = cohort.truth
    days = truth.event_days / truth.weibull_scale
    cumulative = days**truth.weibull_shape * np.exp(truth.log_hazard)
    assert stats.kstest(cumulative, "expon").pvalue > 0.001
    assert stats.kstest(days**truth.weibull_shape, "expon").pvalue < 0.001  # it can fail
    assert abs((truth.event_days > 330).mean() - 0.5) < 0.03
    median = simulate(4000, median_days=700.0).truth.event_days.median()
    assert abs(median - 700) < 0.08 * 700


def test_cox_intervals_cover_the_truth():
    """95 % intervals hold the true coefficients in 95 of 100 cohorts, and no others."""
    repeats, hits, misses = 60, [], []
    for seed in range(repeats):
        cohort = simulate(300, seed=seed, confounder=0.3)
        fit = _cox(cohort.truth.covariates, cohort)
        low, high = fit.confidence_intervals_.to_numpy().T
        true = cohort.truth.coefficients[fit.params_.index].to_numpy()
        hits.append((low <= true) & (true <= high))
        misses.append((low <= 1.5 * true) & (1.5 * true <= high))
    covered, wrong = np.mean(hits), np.mean(misses)
    print(f"\ncoverage {covered:.3f} of {np.size(hits)} intervals; of wrong values {wrong:.3f}")
    worst = np.sum(hits, axis=0).min()
    assert worst >= stats.binom.ppf(0.0005 / 13, repeats, 0.95)  # one of 13 coefficients
    assert abs(covered - 0.95) < 0.028  # 780 intervals: 3.5 standard errors
    assert wrong < 0.80


@pytest.mark.parametrize("censored", [0.0, 0.15, 0.3, 0.6, 0.9])
def test_the_wanted_share_is_censored(censored):
    cohort = simulate(600, seed=4, censored=censored)
    assert abs((cohort.table["event"] == 0).mean() - censored) < 0.002
    # Censoring knows nothing: it is as common among the sick as among the healthy.
    if censored > 0:
        ends = cohort.truth.censoring_days
        assert stats.spearmanr(ends, cohort.truth.log_hazard).pvalue > 0.001


def test_nobody_can_rank_patients_better_than_the_truth():
    cohort = simulate(2000)
    table, truth = cohort.table, cohort.truth
    ceiling = concordance_index(table["time"], -truth.log_hazard, table["event"])
    auc = roc_auc_score(table["progression"], truth.progression_probability)
    print(f"\nceilings: C-index {ceiling:.3f}, AUC of progression {auc:.3f}")
    assert 0.72 < ceiling < 0.82
    assert 0.82 < auc < 0.92
    useless = simulate(2000, effect=0.0)
    assert (useless.truth.coefficients[list(useless.truth.informative)] == 0).all()
    assert useless.truth.progression_probability.eq(0.5).all()


# -- which features matter ---------------------------------------------------------------------


def _selected(cohort: Cohort, pairs: int = 25, penalty: float = 0.35) -> set[str]:
    """Stability selection (Meinshausen and Bühlmann 2010) with a logistic LASSO.

    Progression, features in standard deviations, 25 random halvings of the patients.  The penalty
    is 0.35 of the one at which everything is zero; what 70 % of the fits keep is selected.
    Penalty and threshold were chosen on worlds that are not used here.
    """
    x = StandardScaler().fit_transform(cohort.table[cohort.features])
    y = cohort.table["progression"].to_numpy()
    rng = np.random.default_rng(0)
    kept = np.zeros(x.shape[1])
    for _ in range(pairs):
        order = rng.permutation(len(y))
        for half in np.array_split(order, 2):
            most = np.abs(x[half].T @ (y[half] - y[half].mean())).max()
            model = LogisticRegression(
                l1_ratio=1, solver="liblinear", C=1 / (penalty * most), intercept_scaling=10
            )
            kept += model.fit(x[half], y[half]).coef_[0] != 0
    return {
        name
        for name, share in zip(cohort.features, kept / (2 * pairs), strict=True)
        if share >= 0.7
    }


def _quality(cohort: Cohort) -> tuple[float, float]:
    """Precision and recall; a copy of an informative feature counts as wrong."""
    selected, true = _selected(cohort), set(cohort.truth.informative)
    right = len(selected & true)
    return right / max(len(selected), 1), right / len(true)


def test_lasso_finds_the_informative_features_with_600_patients_and_not_with_60():
    assert min(_quality(_default())) >= 0.8
    worlds = range(1000, 1012)
    many = np.array([_quality(simulate(600, seed=world, world=world)) for world in worlds])
    few = np.array([_quality(simulate(60, seed=world, world=world)) for world in worlds])
    both = (many >= 0.8).all(axis=1).mean()
    print(f"\nn = 600: precision, recall {many.mean(axis=0).round(3)}, both ≥ 0.8 in {both:.0%}")
    print(f"n = 60: precision, recall {few.mean(axis=0).round(3)}; default {_quality(_default())}")
    assert (many.mean(axis=0) >= 0.8).all()
    assert both >= 0.6
    assert few[:, 1].mean() <= 0.4
    assert not (few >= 0.8).all(axis=1).any()


# -- sites -------------------------------------------------------------------------------------


def _site_auc(cohort: Cohort) -> float:
    """How well features tell the site: one against the rest, grouped cross-validation."""
    table = cohort.table
    scores = cross_val_predict(
        make_pipeline(StandardScaler(), LogisticRegression(C=0.01)),
        table[cohort.features],
        table["site"].astype(str),
        groups=table["family"],
        cv=StratifiedGroupKFold(5, shuffle=True, random_state=0),
        method="predict_proba",
    )
    return roc_auc_score(table["site"].astype(str), scores, multi_class="ovr", average="macro")


def test_features_betray_the_site_only_through_its_scanner():
    found = {batch: _site_auc(simulate(batch=batch)) for batch in (0.0, 0.3, 1.0)}
    print("\nAUC of the site by batch:", {batch: round(auc, 3) for batch, auc in found.items()})
    assert abs(found[0.0] - 0.5) <= 0.1
    assert found[1.0] >= 0.8
    assert found[0.0] < found[0.3] < found[1.0]


def _harmonised(reference: Cohort, cohort: Cohort) -> pd.DataFrame:
    """Location and scale of each site removed, as other patients of the site have them."""
    sites = reference.table.groupby("site", observed=True)[cohort.features]
    mean, spread = (values.loc[cohort.table["site"]] for values in (sites.mean(), sites.std()))
    return (cohort.table[cohort.features] - mean.to_numpy()) / spread.to_numpy()


def _site_auc_elsewhere(train: Cohort, test: Cohort, model) -> float:
    """Sites A and C against B and D, on new patients, after harmonising."""
    labels = [cohort.table["site"].isin(["A", "C"]) for cohort in (train, test)]
    model.fit(_harmonised(train, train), labels[0])
    return roc_auc_score(labels[1], model.decision_function(_harmonised(train, test)))


@pytest.mark.parametrize(("tie", "bent_sees_it"), [(0.0, False), (0.5, True)])
def test_location_and_scale_do_not_remove_a_difference_of_covariance(tie, bent_sees_it):
    train, test = (simulate(seed=seed, batch=0.3, batch_covariance=tie) for seed in (1, 2))
    linear = _site_auc_elsewhere(train, test, LogisticRegression(C=0.01))
    bent = _site_auc_elsewhere(train, test, SVC())
    print(f"\ncovariance {tie}: site AUC after harmonising, linear {linear:.3f}, RBF {bent:.3f}")
    assert abs(linear - 0.5) <= 0.1
    assert (bent >= 0.75) if bent_sees_it else (abs(bent - 0.5) <= 0.1)


def test_scanner_effects_are_those_of_the_truth():
    cohort = simulate(20_000, batch=1.0, features=20, blocks=0, informative=3)
    truth = cohort.truth
    standard = (cohort.table[cohort.features] - truth.location) / truth.spread
    sites = standard.groupby(cohort.table["site"], observed=True)
    assert np.abs(sites.mean() - truth.site_shift).to_numpy().max() < 0.15
    assert np.abs(sites.std() / truth.site_scale - 1).to_numpy().max() < 0.06
    none = simulate(50, batch=0.0).truth
    assert (none.site_shift == 0).all().all()
    assert (none.site_scale == 1).all().all()


def test_sites_can_follow_age_and_features_keep_their_slope():
    cohort = simulate(6000, batch=1.0, site_follows_age=1.0, features_follow_age=0.5)
    table, truth = cohort.table, cohort.truth
    ages = table.groupby("site", observed=True)["age"].agg(["min", "max"])
    assert (ages["min"].to_numpy()[1:] >= ages["max"].to_numpy()[:-1]).all()
    name = truth.age_slopes.abs().div(truth.spread).idxmax()
    assert (truth.age_slopes != 0).sum() >= 20
    slope = np.polyfit(table["age"], truth.biology[name], 1)[0]
    assert abs(slope / truth.age_slopes[name] - 1) < 0.1
    young = simulate(6000).table.groupby("site", observed=True)["age"].mean()
    assert np.ptp(young) < 2


# -- the confounder ----------------------------------------------------------------------------


def _exposure(cohort: Cohort, name: str) -> tuple[CoxPHFitter, CoxPHFitter]:
    """Cox models of one useless feature, without and with comorbidity.

    All else that matters is in both, as one column: the hazard without the part of comorbidity.
    """
    truth, comorbidity = cohort.truth, cohort.table["comorbidity"]
    crude = pd.DataFrame(
        {
            "exposure": (truth.biology[name] - truth.location[name]) / truth.spread[name],
            "rest": truth.log_hazard - truth.coefficients["comorbidity"] * comorbidity,
        }
    )
    return _cox(crude, cohort), _cox(crude.assign(comorbidity=comorbidity), cohort)


@pytest.mark.parametrize("strength", [0.0, 0.6])
def test_confounder_biases_the_crude_hazard_ratio_only(strength):
    exposed, repeats = simulate(10, confounder=0.6).truth.exposed[0], 25
    found, covers = np.empty((repeats, 2)), np.empty((repeats, 2), dtype=bool)
    for seed in range(repeats):
        cohort = simulate(600, seed=seed, confounder=strength)
        for model, fit in enumerate(_exposure(cohort, exposed)):
            low, high = fit.confidence_intervals_.loc["exposure"]
            found[seed, model] = fit.params_["exposure"]
            covers[seed, model] = low <= 0 <= high
    crude, adjusted = found.mean(axis=0)
    error = found.std(axis=0, ddof=1) / np.sqrt(repeats)
    print(
        f"\nstrength {strength}: hazard ratio crude {np.exp(crude):.3f}, adjusted "
        f"{np.exp(adjusted):.3f}; intervals with 1: {covers.mean(axis=0)}"
    )
    enough = stats.binom.ppf(0.001, repeats, 0.95)
    assert covers[:, 1].sum() >= enough
    assert abs(adjusted) < 3.5 * error[1]
    if strength:
        assert not covers[:, 0].any()
        assert 0.8 * strength**2 < crude < strength**2
    else:
        assert covers[:, 0].sum() >= enough
        assert abs(crude) < 3.5 * error[0]


def test_comorbidity_is_linked_with_features_and_sites_as_stated():
    for strength in (0.0, 0.6):
        cohort = simulate(3000, confounder=strength)
        sick = cohort.table["comorbidity"]
        found = cohort.table[cohort.features].corrwith(sick)
        for name in cohort.truth.exposed:
            assert abs(found[name] - strength) < 0.05
        assert found.drop(list(cohort.truth.exposed)).abs().max() < 0.08
        site = stats.spearmanr(cohort.table["site"].cat.codes, sick)
        assert (site.statistic > 0.4) if strength else (site.pvalue > 0.001)


# -- genes and twins ---------------------------------------------------------------------------


def test_twins_share_family_age_sex_and_genotype():
    cohort = simulate(300, twins=60, genes=2000)
    table = cohort.table
    standard = table[cohort.genes] - table[cohort.genes].mean()
    standard /= table[cohort.genes].std()
    pairs = np.array(cohort.truth.twins)
    assert pairs.shape == (60, 2)
    assert np.unique(pairs).size == 120
    one, two = table.loc[pairs[:, 0]], table.loc[pairs[:, 1]]
    for column in ("family", "age", "sex"):
        assert (one[column].to_numpy() == two[column].to_numpy()).all()
    assert (one["time"].to_numpy() != two["time"].to_numpy()).mean() > 0.9
    assert (table["family"].value_counts() == 2).sum() == 60
    alike = (standard.loc[pairs[:, 0]].to_numpy() * standard.loc[pairs[:, 1]].to_numpy()).mean()
    strangers = (
        standard.loc[pairs[:-1, 0]].to_numpy() * standard.loc[pairs[1:, 1]].to_numpy()
    ).mean()
    assert abs(alike - 0.5) < 0.03
    assert abs(strangers) < 0.03
    apart = np.abs(np.diff(table.index.get_indexer(pairs.ravel()).reshape(-1, 2), axis=1))
    assert np.median(apart) > 20  # they do not stand side by side


def test_only_the_clock_follows_age():
    cohort = simulate(4000, genes=125)
    slopes = cohort.truth.gene_age_slopes
    assert (slopes != 0).sum() == 36
    age = cohort.table["age"] - cohort.table["age"].mean()
    expression = cohort.table[cohort.genes]
    found = expression.mul(age, axis=0).mean() / age.pow(2).mean()
    error = expression.std() / np.sqrt(4000) / age.std()
    assert ((found - slopes).abs() / error).max() < 4.5
    np.testing.assert_allclose(
        expression.corrwith(cohort.table["age"])[slopes != 0].abs().agg(["min", "max"]),
        [0.2, 0.5],
        atol=0.06,
    )


def _optimism(cohort: Cohort) -> tuple[float, float, Estimate]:
    """R² of age by ridge regression with twins split, kept together, and the difference."""
    x, age, family = (cohort.table[columns] for columns in (cohort.genes, "age", "family"))
    model = make_pipeline(StandardScaler(), Ridge(alpha=len(cohort.genes)))
    split = cross_val_predict(model, x, age, cv=KFold(5, shuffle=True, random_state=0))
    kept = cross_val_predict(
        model, x, age, groups=family, cv=GroupKFold(5, shuffle=True, random_state=0)
    )
    explained = [1 - (age - predicted) ** 2 / age.var(ddof=0) for predicted in (split, kept)]
    difference = paired_difference(np.mean, *explained, groups=family)
    return explained[0].mean(), explained[1].mean(), difference


@pytest.mark.parametrize("genes", [125, 2000])
def test_splitting_twins_flatters_the_clock(genes):
    for seed in range(2):
        split, kept, difference = _optimism(simulate(120, seed=seed, twins=60, genes=genes))
        print(f"\n60 pairs × {genes}: R² split {split:.3f}, together {kept:.3f}; {difference}")
        assert difference.low > 0
        assert kept > 0.1  # there is an honest clock, too


def test_patients_who_are_no_twins_are_not_flattered():
    split, kept, _ = _optimism(simulate(120, genes=125))
    assert abs(split - kept) < 0.1


# -- holes -------------------------------------------------------------------------------------


def test_holes_are_where_they_are_wanted():
    cohort = simulate(genes=125, missing=0.1, without_genes=0.25)
    empty = cohort.table.isna()
    assert abs(empty[cohort.features].to_numpy().mean() - 0.1) < 0.01
    without = empty[cohort.genes].all(axis=1)
    assert without.sum() == 150
    assert abs(empty.loc[~without, cohort.genes].to_numpy().mean() - 0.1) < 0.01
    assert not empty.drop(columns=cohort.features + cohort.genes).any().any()
    assert not cohort.truth.biology.isna().any().any()


# -- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 9}, "n must be a whole number of at least 10, got 9"),
        ({"n": 600.0}, "n must be a whole number of at least 10, got 600.0"),
        ({"seed": -1}, "seed must be a whole number of at least 0"),
        ({"sites": 0}, "sites must be a whole number of at least 1"),
        ({"sites": 27}, "26 at most, got sites=27"),
        ({"block_size": 1}, "block_size must be a whole number of at least 2"),
        ({"censored": 0.95}, r"censored needs a number in \[0, 0.9\], got 0.95"),
        ({"censored": -0.1}, r"censored needs a number in \[0, 0.9\], got -0.1"),
        ({"missing": "0.1"}, r"missing needs a number in \[0, 0.9\], got '0.1'"),
        ({"confounder": 1.0}, r"confounder needs a number in \[0, 1\), got 1.0"),
        ({"batch": float("nan")}, r"batch needs a number in \[0, inf\), got nan"),
        ({"median_days": 0}, "median_days needs a number"),
        ({"informative": 121}, "informative=121 is more than features=120"),
        ({"features": 50}, "need 52 features, got features=50: raise it"),
        ({"features": 55, "confounder": 0.5}, "need 8 useless features outside of blocks, got 3"),
        ({"confounder": 0.8, "site_follows_age": 0.8}, "at most 1, got 0.8² [+] 0.8²"),
        ({"n": 100, "twins": 51}, "twins=51 pairs are 102 patients, got n=100"),
        ({"genes": 20}, "clock_genes=36 is more than genes=20"),
        ({"without_genes": 0.2}, "genes=0: set genes"),
    ],
)
def test_bad_input_is_one_clear_error(arguments, message):
    with pytest.raises(ValueError, match=message):
        simulate(**arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"n": 10},
        {"n": 10, "censored": 0.9},
        {"informative": 0},
        {"blocks": 0, "features": 7},
        {"blocks": 0, "features": 1, "informative": 1, "sites": 1},
        {"features": 52},
        {"blocks": 2, "block_size": 12},
        {"features": 5000, "n": 20},
        {"n": 10, "twins": 5, "genes": 36},
        {"sites": 26, "batch": 3.0},
        {"effect": 3.0},
        {"n": np.int64(12), "censored": np.float64(0.25)},
    ],
)
def test_odd_but_legal_cohorts(arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cohort = simulate(**arguments)
    assert np.isfinite(cohort.table[cohort.features].to_numpy()).all()
    assert np.isfinite(cohort.truth.event_days).all()
    assert len(cohort) == cohort.truth.settings.n


def test_reprs_are_short():
    cohort = _default()
    assert repr(cohort) == (
        "Cohort: 600 patients of 4 sites, 120 features, 0 genes; 420 deaths, 30 % censored"
    )
    assert len(repr(cohort.truth)) < 300
