"""The simulated patients with a brain tumour: physics, hazard, holes, and how rows are numbered."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter
from numpy.typing import NDArray

from mlmi_course.data import load_tumour_cohort
from mlmi_course.phantoms import tumours
from mlmi_course.phantoms.tumours._patients import MEDIAN_DAYS, Patient, draw_patient, split_of

Block = dict[str, NDArray]


@cache
def some(seed: int = 0) -> Block:
    return next(tumours.tumour_blocks(96, seed=seed, block=96))


@cache
def people(seed: int = 0, **effects: float) -> tuple[Patient, ...]:
    """Many patients without their images, which cost nothing."""
    parameters = tumours.TumourParameters(**effects)
    return tuple(draw_patient(seed, i, parameters) for i in range(2400))


# The image


def test_the_rim_enhances_and_the_oedema_is_bright_on_flair():
    block = some()
    for image, mask in zip(block["images"], block["masks"], strict=True):
        t1, flair = image.astype(float)
        if min((mask == part).sum() for part in (0, 1, 2, 3)) < 40:
            continue
        assert t1[mask == 2].mean() > t1[mask == 1].mean()
        assert t1[mask == 2].mean() > t1[mask == 3].mean()
        assert flair[mask == 3].mean() > flair[mask == 0].mean()


def test_areas_are_those_of_the_geometry():
    block = some()
    core = (block["masks"] % 3 > 0).sum(axis=(1, 2)) * tumours.SPACING_MM**2
    wanted = [tumours.geometry(one)["diameter_mm"] for one in block["phenotypes"]]
    np.testing.assert_allclose(2 * np.sqrt(core / np.pi), wanted, rtol=0.06)


def test_a_thicker_rim_leaves_less_necrosis():
    block = some()
    share = (block["masks"] == 1).sum(axis=(1, 2)) / (block["masks"] % 3 > 0).sum(axis=(1, 2))
    assert np.corrcoef(share, block["phenotypes"][:, 1])[0, 1] < -0.6


def test_noise_is_the_scanners():
    """In the corners, which are brain: D is the noisiest, A and C the quietest."""
    block = some()
    corner = block["images"][:, 1, :10, :10].astype(float)
    rough = np.abs(np.diff(corner, axis=2)).mean(axis=(1, 2)) / np.median(corner, axis=(1, 2))
    by_centre = [np.median(rough[block["centre"] == number]) for number in range(4)]
    assert by_centre[3] == max(by_centre)
    assert by_centre[1] > max(by_centre[0], by_centre[2])


# The hazard


def test_half_of_a_b_and_c_live_as_long_as_published():
    """14.3 months in 225 treated patients (BMC Cancer 13 (2013) 402)."""
    found = [one for one in people() if one.centre != "D"]
    fitted = KaplanMeierFitter().fit([p.time for p in found], [p.event for p in found])
    assert fitted.median_survival_time_ == pytest.approx(MEDIAN_DAYS, rel=0.12)


def test_the_true_risk_is_the_hazard():
    import pandas as pd

    table = pd.DataFrame(
        [[p.parts.sum(), p.time, p.event] for p in people()], columns=["risk", "time", "event"]
    )
    fitted = CoxPHFitter().fit(table, "time", "event")
    low, high = fitted.confidence_intervals_.loc["risk"]
    assert low - 0.05 < 1 < high + 0.05


def test_the_image_carries_about_half_of_the_variance():
    parts = np.array([one.parts for one in people()])[:, :3]
    shares = parts.var(axis=0) / parts.var(axis=0).sum()
    assert 0.45 < shares[1] < 0.6
    assert np.abs(np.corrcoef(parts.T) - np.eye(3)).max() < 0.08


def test_a_useless_image_changes_nothing_but_the_lives():
    usual, useless = people(), people(image_effect=0.0)
    assert all((a.phenotypes == b.phenotypes).all() for a, b in zip(usual, useless, strict=True))
    assert all((a.clinical == b.clinical).all() for a, b in zip(usual, useless, strict=True))
    assert {one.parts[1] for one in useless} == {0.0}
    assert sum(a.time != b.time for a, b in zip(usual, useless, strict=True)) > 1000


def test_genes_know_the_rim():
    """Radiogenomics: six genes follow the rim, and none follows the oedema."""
    found = [one for one in people() if not np.isnan(one.expression[0])]
    genes = np.array([one.expression for one in found])
    traits = np.array([one.phenotypes for one in found])
    strength = np.abs(np.corrcoef(genes.T, traits.T)[: genes.shape[1], genes.shape[1] :])
    assert (strength[:, 1] > 0.4).sum() == 6
    assert strength[:, 3].max() < 0.2


# Rows, splits and holes


def test_a_larger_cohort_goes_on_with_the_same_patients():
    few = next(tumours.tumour_blocks(5, seed=3))
    many = list(tumours.tumour_blocks(9, seed=3, block=4))
    for name, column in few.items():
        whole = np.concatenate([part[name] for part in many])
        np.testing.assert_array_equal(whole[:5], column)
    other = next(tumours.tumour_blocks(5, seed=4))
    assert not (other["images"] == few["images"]).all()


def test_splits():
    splits = np.array([split_of(number) for number in range(960)])
    assert np.bincount(splits).tolist() == [640, 120, 200]
    centres = np.array([one.centre for one in people()[:960]])
    assert set(centres[splits == 2]) == {"D"}
    assert (centres == "D").sum() == 200
    assert [np.sum((centres == c) & (splits == 1)) for c in "ABC"] == [40, 40, 40]


def test_blocks_are_missing_whole_and_by_centre():
    found = people()
    for one in found:
        for block in (one.pathology, one.expression, one.methylation):
            assert np.isnan(block).all() or not np.isnan(block).any()
    assert all(np.isnan(one.methylation[0]) for one in found if one.centre == "B")
    assert all(np.isnan(one.expression[0]) for one in found if one.centre == "C")
    biopsy = np.array([one.clinical[3] == 0 for one in found])
    lacking = np.array([np.isnan(one.pathology[0]) for one in found])
    assert lacking[biopsy].mean() > lacking[~biopsy].mean()


def test_the_loader_keeps_what_it_made():
    cohort = load_tumour_cohort(n=24)
    assert cohort.images.shape == (24, 2, 64, 64)
    assert not cohort.images.flags.writeable
    assert (load_tumour_cohort(n=24).images == cohort.images).all()
    assert len(cohort.take(cohort.locked)) == 8
    with pytest.raises(ValueError, match="a mask needs one value for each of the 24 patients"):
        cohort.take(np.ones(3, bool))


@pytest.mark.parametrize("name", ["image_effect", "omics_effect", "centre_shift"])
def test_bad_numbers_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be from 0 to 3"):
        tumours.tumour_blocks(3, **{name: 4.0})
    with pytest.raises(TypeError, match="no parameter colour"):
        load_tumour_cohort(n=3, colour=1)
