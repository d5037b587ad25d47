"""Unit 18, harmonisation: what its questions and its stored table rest on."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import SimpleITK as sitk

from mlmi_course import shipped
from mlmi_course.phantoms import brain
from mlmi_course.questions import u18_harmonisation as q
from mlmi_course.questions.u18_harmonisation._tables import location_scale


def module(name: str):
    """A question's module: its name in the package is the question's."""
    return sys.modules[f"mlmi_course.questions.u18_harmonisation.{name}"]


def test_location_and_scale_is_what_the_package_answers() -> None:
    """Stored answers of neuroHarmonize 2.4.5, made by course/18_harmonisation/make_combat.py."""
    table = shipped.table("u18_combat")
    x, answered = (table[[f"{k}{i}" for i in range(1, 7)]].to_numpy() for k in ("x", "ls"))
    site, age = table["site"].to_numpy(), table[["age"]].to_numpy()
    assert np.abs(location_scale(x, site, age) - answered).max() < 2e-6
    shrunk = table[[f"eb{i}" for i in range(1, 7)]].to_numpy()
    assert 0.01 < np.abs(shrunk - answered).max() < 1


def test_harmonise_on_its_own_training_is_location_and_scale() -> None:
    rng = np.random.default_rng(0)
    site, age = rng.integers(0, 3, 60), rng.normal(60, 9, 60)
    x = rng.normal(size=(60, 4)) + site[:, None]
    found = q.harmonise.right(x, site, {"age": age}, x, site, {"age": age})
    assert np.allclose(found, location_scale(x, site, age[:, None]))


def test_packages_traps_are_in_the_cases() -> None:
    """Order of covariates, a constant feature, one patient at a site, a site that is new."""
    cases = q.harmonise.draw(np.random.default_rng(3))
    assert any(list(c.arguments[2]) != list(c.arguments[5]) for c in cases)
    assert any((np.ptp(c.arguments[0], axis=0) == 0).any() for c in cases)
    assert any(np.unique(c.arguments[1], return_counts=True)[1].min() == 1 for c in cases)
    assert any(set(c.arguments[4]) - set(c.arguments[1]) for c in cases)


def test_each_quantity_moves_clearly() -> None:
    measured = module("what_changes")._measured
    shares = {case: measured(case)[1] / measured(case)[0] - 1 for case in "ABCDE"}
    assert abs(shares["B"]) < 1e-9
    assert min(shares["C"], shares["D"]) > 0.15
    assert max(shares["A"], shares["E"]) < -0.2


def test_landmarks_are_simpleitks() -> None:
    a, b = (
        brain.simulate(3, level=18, size=64, vendor=v).images["t1"][0].astype(float) for v in "AB"
    )
    for k in (1, 7):
        theirs = sitk.HistogramMatching(
            sitk.GetImageFromArray(b),
            sitk.GetImageFromArray(a),
            numberOfHistogramLevels=4096,
            numberOfMatchPoints=k,
        )
        ours = q.by_landmarks.right(b, a, k)
        assert np.abs(ours - sitk.GetArrayFromImage(theirs)).mean() < 0.5


def test_the_lectures_cures_earn_nothing() -> None:
    """With the best constants that 40 patients give, on 40 others."""
    score = module("prepare")._score
    best = {}
    for name in ("z", 1, 12):
        parts = []
        for seed in (0, 1):
            images, tissue = q.brains(40, seed=seed)
            ends = (name, 100 - name) if name != "z" else (1, 99)
            low, high = np.percentile(images, ends, axis=1, keepdims=True)
            z = (images - images.mean(1, keepdims=True)) / images.std(1, keepdims=True)
            parts.append((z if name == "z" else (images - low) / (high - low), tissue))
        tried = [(a, b) for a in range(40, 240, 20) for b in range(60, 420, 20)]
        a, b = max(tried, key=lambda ab: score(parts[0][1], ab[0] + ab[1] * parts[0][0]))
        best[name] = score(parts[1][1], a + b * parts[1][0])
    assert max(best.values()) < q.prepare.chance + 0.004


@pytest.mark.parametrize("seed", range(3))
def test_peaks_reach_the_bar(seed: int) -> None:
    images, tissue = q.brains(40, seed=seed + 10)
    found = module("prepare")
    assert found._score(tissue, found._three_peaks(images)) > q.prepare.threshold


def test_travellers_keep_the_limit() -> None:
    rng = np.random.default_rng(0)
    m = q.travellers.right(5, 5, 1.0, 0.3, 0.0, 0.0, True, 0.1, 100)
    off = (rng.normal(0, 0.3, (20_000, m)) - rng.normal(0, 0.3, (20_000, m))).mean(axis=1)
    assert off.std() == pytest.approx(0.1, rel=0.03)


def test_shrunk_means_are_nearer_to_the_truth() -> None:
    rng = np.random.default_rng(1)
    sizes = np.tile([5, 10, 100], 8)
    raw, drawn = [], []
    for _ in range(50):
        truth = rng.normal(30, 3, 24)
        means = truth + rng.normal(0, 8, 24) / np.sqrt(sizes)
        raw.append(((means - truth) ** 2).mean())
        drawn.append(((q.league.right(means, sizes, 8.0) - truth) ** 2).mean())
    assert np.mean(drawn) < 0.85 * np.mean(raw)
