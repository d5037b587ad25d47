"""Unit 07, radiomics: the phantom, and what its questions rest on."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy import ndimage

from mlmi_course.phantoms import ibsi
from mlmi_course.questions import u07_radiomics as q
from mlmi_course.questions.u07_radiomics._pairs import contrast_and_entropy, counts, directions


def module(name: str):
    """A question's module: its name in the package is the question's."""
    return sys.modules[f"mlmi_course.questions.u07_radiomics.{name}"]


# ---- the phantom -----------------------------------------------------------------------------


def test_the_phantom_is_as_published() -> None:
    levels = ibsi.digital_phantom()
    assert levels.shape == (4, 4, 5)
    inside = levels[levels > 0]
    assert len(inside) == 74
    # First order features are functions of these counts.
    assert np.bincount(inside).tolist() == [0, 50, 0, 1, 16, 0, 7]
    assert (inside**2).sum() == ibsi.REFERENCE["first order"]["energy"]


def test_the_references_have_three_digits_and_one_place_each() -> None:
    values = [v for family in ibsi.REFERENCE.values() for v in family.values()]
    assert len(values) == 110
    assert all(float(f"{value:.3g}") == value for value in values)


def test_merged_and_averaged_contrast_are_the_published_ones() -> None:
    levels = ibsi.digital_phantom()
    tables = [counts(levels, step, 6) for step in directions(3)]
    merged = contrast_and_entropy(sum(tables), log=np.log2)
    averaged = np.mean([contrast_and_entropy(t, log=np.log2) for t in tables], axis=0)
    for found, family in ((merged, "GLCM, merged"), (averaged, "GLCM")):
        reference = ibsi.REFERENCE[family]
        assert float(f"{found[0]:.3g}") == reference["contrast"]
        assert float(f"{found[1]:.3g}") == reference["joint entropy"]


# ---- questions -------------------------------------------------------------------------------


def test_each_change_moves_the_contrast_clearly() -> None:
    """No share lies near the limit of a tenth."""
    contrast = module("what_changes")._contrast
    shares = [abs(contrast(case) / contrast() - 1) for case in "ABCDE"]
    assert shares[0] < 1e-9
    assert shares[3] < 0.05
    assert min(shares[1], shares[2], shares[4]) > 0.5


def test_muscles_have_the_same_mixture() -> None:
    """Without the scanner, no first-order number tells fine from coarse; texture does."""
    images, coarse = q.muscles(400, seed=5)
    score = module("streaks")._score
    assert abs(score(coarse, images.mean(axis=(1, 2))) - 0.5) < 0.12
    assert abs(score(coarse, images.std(axis=(1, 2))) - 0.5) < 0.12
    flat = images / ndimage.gaussian_filter(images, (0, 4, 4))
    assert score(coarse, -module("streaks")._rough(flat)) > 0.97


@pytest.mark.parametrize(
    ("answer", "most"),
    [("raw", 0.0), ("bins_of_25", 0.0), ("by_variance", 1.0), ("by_mean", 1.0), ("logarithm", 1.0)],
)
def test_half_a_normalisation_earns_little(answer: str, most: float) -> None:
    wrong = q.streaks.misconceptions[answer].answer
    points = [q.streaks.verdict(wrong, np.random.default_rng(seed)).points for seed in range(8)]
    assert np.mean(points) <= most


def test_borders_are_ordered_and_koch_is_near_its_dimension() -> None:
    border = module("border_dimension")
    rows, columns = np.mgrid[:512, :512] - 255.5
    disc = border._dimension(np.hypot(rows, columns) < 190)
    assert disc == pytest.approx(1.0, abs=0.08)
    assert border._dimension(border.koch()) == pytest.approx(1.26, abs=0.1)


def test_the_volume_in_disguise_leaves_nothing() -> None:
    rng = np.random.default_rng(0)
    volume, scanner = rng.lognormal(size=40), np.arange(40) % 2
    assert q.left_over.right(volume**3, volume, scanner, rng.normal(size=40)) == 0.0
    # With nothing to take out, it is Spearman's correlation, nearly.
    feature = rng.normal(size=4000)
    outcome = feature + rng.normal(size=4000)
    scanner = np.arange(4000) % 2
    left = q.left_over.right(feature, rng.normal(size=4000), scanner, outcome)
    assert left == pytest.approx(0.69, abs=0.04)
