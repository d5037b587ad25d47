"""Unit 21: its network, its models and its study are what they say."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from mlmi_course.biopsy.measured import measure, redrawn
from mlmi_course.biopsy.measuring import FEATURES, correlated_fields, features
from mlmi_course.biopsy.modelling import (
    c_index,
    c_of_groups,
    calibration_slope,
    dead_by,
    fit_cox,
    net_benefit,
    paired_gain,
)
from mlmi_course.biopsy.segmenting import probabilities, relative
from mlmi_course.biopsy.study import Study
from mlmi_course.data import load_tumour_cohort
from mlmi_course.questions import u21_virtual_biopsy as q

lifelines = pytest.importorskip("lifelines")

PROTOCOL = {
    "population": "adults",
    "outcome": "death within 365 days",
    "blocks": ["clinical", "radiomic"],
    "fusion": "early",
    "metric": "gain in C",
    "costs": {"missed": 3, "needless": 2},
    "threshold": 0.4,
}


@cache
def _patients(seed: int = 0, n: int = 150) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, size=(n, 3))
    lived = 400 * rng.exponential(size=n) / np.exp(x @ [0.5, -0.3, 0.0])
    watched = rng.uniform(50, 900, n)
    table = pd.DataFrame(x, columns=["a", "b", "c"])
    return table.assign(time=np.minimum(lived, watched), event=lived <= watched)


@pytest.mark.parametrize("seed", range(3))
def test_the_cox_model_is_that_of_lifelines(seed: int) -> None:
    table = _patients(seed)
    x, time, event = table[["a", "b", "c"]].to_numpy(), table["time"], table["event"]
    mine = fit_cox(x, time, event, penalty=0.0)
    theirs = lifelines.CoxPHFitter().fit(table, "time", "event")
    np.testing.assert_allclose(mine.weights / mine.scale, theirs.params_, rtol=1e-4)
    # On the day of a death: between two, lifelines draws a straight line, and we a step.
    day = float(time[event & (time <= 365)].max())
    alive = theirs.predict_survival_function(table[["a", "b", "c"]], times=[day]).to_numpy()[0]
    np.testing.assert_allclose(mine.dead_by(x, day), 1 - alive, atol=1e-4)
    slope, error = calibration_slope(time, event, mine.risk(x))
    assert slope == pytest.approx(1.0, abs=0.05)
    risk = table.assign(risk=mine.risk(x))[["risk", "time", "event"]]
    theirs = lifelines.CoxPHFitter().fit(risk, "time", "event")
    assert error == pytest.approx(float(theirs.standard_errors_["risk"]), rel=0.05)


def test_c_and_the_share_of_the_dead_are_those_of_lifelines() -> None:
    from lifelines.utils import concordance_index

    table = _patients(5)
    time, event, risk = table["time"], table["event"], table["a"]
    assert c_index(time, event, risk) == pytest.approx(concordance_index(time, -risk, event))
    curve = lifelines.KaplanMeierFitter().fit(time, event)
    assert dead_by(time, event, 300) == pytest.approx(1 - curve.predict(300))
    half = np.arange(len(table)) % 2 == 0
    (both,) = c_of_groups(time, event, [risk], [half, ~half])
    assert both[0] == pytest.approx(c_index(time[half], event[half], risk[half]))
    gain, low, high = paired_gain(time, event, table["a"], table["c"], 200)
    assert low < gain < high
    assert gain == pytest.approx(c_index(time, event, risk) - c_index(time, event, table["c"]))


def test_net_benefit_of_everybody_is_the_textbooks() -> None:
    table = _patients(6)
    dead = dead_by(table["time"], table["event"])
    everybody = net_benefit(table["time"], table["event"], np.ones(len(table)), 0.25)
    assert everybody == pytest.approx(dead - (1 - dead) / 3)
    assert net_benefit(table["time"], table["event"], np.zeros(len(table)), 0.25) == 0


def test_numpy_runs_the_network_as_keras_does() -> None:
    from mlmi_course import shipped

    images = load_tumour_cohort(n=12).images
    theirs = shipped.network("u21_unet").predict(relative(images), verbose=0)
    np.testing.assert_allclose(probabilities(images), theirs, atol=1e-4)


def test_the_network_is_good_at_home() -> None:
    cohort = load_tumour_cohort(n=96)
    found = measure(cohort.images)
    truth, core = cohort.masks % 3 > 0, found.labels % 3 > 0
    dice = 2 * (truth & core).sum(axis=(1, 2)) / (truth.sum(axis=(1, 2)) + core.sum(axis=(1, 2)))
    assert np.median(dice[cohort.centre != "D"]) > 0.95
    spread = redrawn(cohort.images[:6], draws=4).std(axis=0)
    assert spread.shape == (6, len(FEATURES))
    assert (spread[:, 0] > 0).all()


def test_features_of_a_disc() -> None:
    y, x = np.mgrid[:64, :64] - 31.5
    labels = np.where(np.hypot(x, y) < 10, 1, np.where(np.hypot(x, y) < 15, 2, 0))[None]
    found = dict(zip(FEATURES, features(np.ones((1, 2, 64, 64)), labels, 2.0)[0], strict=True))
    assert found["diameter_mm"] == pytest.approx(60, rel=0.02)
    assert found["rim_mm"] == pytest.approx(10, rel=0.05)
    assert found["irregularity"] == pytest.approx(1, abs=0.03)
    assert found["oedema_mm"] == 0


def test_fields_are_standard_normal_and_their_neighbours_agree() -> None:
    field = correlated_fields(np.random.default_rng(0), (200, 32, 32))
    assert field.std() == pytest.approx(1, abs=0.05)
    assert np.corrcoef(field[:, :, 1:].ravel(), field[:, :, :-1].ravel())[0, 1] > 0.9


def test_a_study_opens_when_sealed_and_closes_when_changed() -> None:
    protocol = dict(PROTOCOL, threshold=None)
    study = Study(protocol)
    assert study.seal() == "Not sealed: it has no 'threshold'."
    assert study.results() == "The locked data stay closed: no protocol was sealed."
    protocol["threshold"] = 0.5
    assert "does not follow from the costs" in study.seal()
    protocol["threshold"] = 0.4
    seal = study.seal()
    assert seal == f"Sealed: {q.fingerprint.right(protocol)[:16]}…"
    protocol["blocks"] = ["clinical", "deep"]
    assert study.results() == (
        "The locked data stay closed: the protocol is not the one that was sealed (blocks)."
    )
    assert study.patient() == study.broken() == study.results()
    assert Study({**PROTOCOL, "threshold": np.float32(0.4)}).seal().startswith("Sealed")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"blocks": ["radiomic"]}, "'clinical'"),
        ({"blocks": "clinical"}, "must be a list"),
        ({"fusion": "both"}, "'early' or 'late'"),
        ({"costs": 3}, "'missed' and 'needless'"),
        ({"costs": {"missed": 0, "needless": 0}}, "positive numbers"),
        ({"threshold": "0.4"}, "must be a number"),
        ({"threshold": float("nan")}, "must be a number"),
        ({"blocks": ["clinical", "clinical"]}, "twice"),
        ({"blocks": ["clinical", ["deep"]]}, "must be a list"),
    ],
)
def test_a_protocol_that_makes_no_sense_is_not_sealed(change: dict, says: str) -> None:
    assert says in Study({**PROTOCOL, **change}).seal()
    assert Study(...).seal() == "Not sealed: write the protocol, a dictionary."
