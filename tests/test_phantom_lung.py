"""The simulated patches of lung: their physics, their patterns, and how rows are numbered."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from inspect import signature

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course.metrics import auc
from mlmi_course.phantoms import lung

Patches = dict[str, NDArray]


@cache
def healthy(seed: int = 0) -> Patches:
    return lung.patches(150, seed=seed, pattern="none")


@cache
def pairs(seed: int = 0) -> Patches:
    return lung.patches(120, seed=seed, equal_histograms=True)


def parts(mask: NDArray) -> NDArray[np.float64]:
    """Areas of the connected parts that do not touch the border, in mm²."""
    labelled, count = ndimage.label(mask)
    border = set(np.concatenate([labelled[[0, -1]].ravel(), labelled[:, [0, -1]].ravel()]))
    sizes = ndimage.sum_labels(mask, labelled, np.arange(1, count + 1))
    inside = [size for label, size in enumerate(sizes, 1) if label not in border]
    return np.array(inside) * lung.SPACING_MM**2


# Tissue


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_healthy_tissue_is_as_dark_as_published(seed):
    """Below −950 HU: mean 2.0 ± 2.7 % (Zach), median 1.1, quartiles 0.5 and 2.5 % (Hoffman)."""
    found = healthy(seed)
    low = 100 * (found["images"] <= -950).mean(axis=(1, 2))
    assert 0.3 < low.mean() < 2.0
    assert 0.1 < np.median(low) < 1.1
    assert found["images"].mean() == pytest.approx(-851, abs=6)
    assert not found["masks"].any()
    assert not found["labels"].any()


def test_the_darkest_tissue_is_air():
    holes = lung.patches(40, pattern="centrilobular", hole_mm=10, fraction=0.3, noise=0)
    deep = np.stack([ndimage.binary_erosion(mask, iterations=4) for mask in holes["masks"]])
    inside = holes["images"][deep]
    # 85 % of 138 HU above air is gone.
    assert np.median(inside) == pytest.approx(-1000 + 0.15 * 138, abs=6)
    assert inside.min() > -1005


def test_fibres_and_vessels_go_with_the_tissue():
    thin = lung.patches(30, pattern="panlobular", fraction=0.6, noise=0, seed=3)
    both = (thin["masks"] == 1, thin["masks"] == 0)
    deep = [np.stack([ndimage.binary_erosion(m, iterations=4) for m in masks]) for masks in both]
    spread = [np.subtract(*np.percentile(thin["images"][where], [75, 25])) for where in deep]
    assert spread[0] < 0.3 * spread[1]


@pytest.mark.parametrize("fraction", [0.01, 0.1, 0.35, 0.8])
@pytest.mark.parametrize("pattern", ["centrilobular", "panlobular"])
def test_the_fraction_is_what_was_asked_for(pattern, fraction):
    found = lung.patches(12, pattern=pattern, fraction=fraction)
    share = found["masks"].mean(axis=(1, 2))
    np.testing.assert_allclose(share, fraction, atol=0.5 / 64**2 + 1e-12)
    np.testing.assert_allclose(found["fraction"], share, rtol=1e-6)


@pytest.mark.parametrize("hole", [3.0, 5.0, 8.0])
def test_holes_have_the_size_that_was_asked_for(hole):
    found = lung.patches(
        120, size=96, pattern="centrilobular", fraction=0.05, hole_mm=hole, lobule_mm=20, seed=1
    )
    areas = np.concatenate([parts(mask) for mask in found["masks"]])
    diameter = 2 * np.sqrt(areas[areas > 2] / np.pi)
    assert np.median(diameter) == pytest.approx(hole, rel=0.3)


def test_holes_grow_with_their_parameter_and_nothing_else_changes():
    small, large = (
        lung.patches(30, pattern="centrilobular", fraction=0.15, hole_mm=h, seed=2)
        for h in (2.5, 8)
    )
    counts = [np.mean([ndimage.label(m)[1] for m in f["masks"]]) for f in (small, large)]
    assert counts[0] > 2.5 * counts[1]
    np.testing.assert_array_equal(small["density_hu"], large["density_hu"])


def test_lobules_go_as_a_whole():
    """At the same fraction, the largest part of the panlobular pattern is far larger."""
    largest = {
        pattern: np.median(
            [
                np.bincount(ndimage.label(m)[0].ravel())[1:].max()
                for m in lung.patches(60, pattern=pattern, fraction=0.2, hole_mm=4)["masks"]
            ]
        )
        for pattern in ("centrilobular", "panlobular")
    }
    assert largest["panlobular"] > 2 * largest["centrilobular"]


def test_larger_lobules_make_fewer_groups():
    fine, coarse = (
        np.mean(
            [
                ndimage.label(m)[1]
                for m in lung.patches(
                    40, size=128, pattern="panlobular", fraction=0.3, lobule_mm=mm, seed=1
                )["masks"]
            ]
        )
        for mm in (8, 25)
    )
    assert fine > coarse


# Scanner


def test_noise_has_the_deviation_that_was_asked_for():
    clean, noisy = (lung.patches(30, noise=s, seed=4)["images"].astype(float) for s in (0, 40))
    noise = noisy - clean
    assert noise.std() == pytest.approx(40, rel=0.02)
    assert abs(noise.mean()) < 1
    beside = np.corrcoef(noise[:, :, 1:].ravel(), noise[:, :, :-1].ravel())[0, 1]
    assert 0.3 < beside < 0.7  # the reconstruction has blurred it


def test_a_second_scan_shows_the_same_tissue():
    found = lung.patches(60, retest=True, seed=5, noise=25)
    one, two = (found[name].astype(float) for name in ("images", "retest"))
    level = two.mean(axis=(1, 2)) - one.mean(axis=(1, 2))
    assert 3 < level.std() < 10  # another breath
    smooth = [ndimage.gaussian_filter(image, (0, 2, 2)) for image in (one, two)]
    same = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(*smooth, strict=True)]
    turned = zip(smooth[0], smooth[1][::-1], strict=True)
    other = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in turned]
    assert np.median(same) > 0.8
    assert abs(np.median(other)) < 0.2
    np.testing.assert_array_equal(one, lung.patches(60, seed=5, noise=25)["images"])


# Bronchi


def full_width(found: Patches) -> NDArray[np.float64]:
    """Thickness of each wall at half of its height, in mm, over a mean profile around it."""
    radii = np.arange(0, 8, 0.05)
    widths = []
    for image, row, column in zip(
        found["images"], found["airway_row"], found["airway_column"], strict=True
    ):
        # The artery lies on one side: the median over directions does not see it.
        angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        at = [
            row + np.outer(radii, np.cos(angles)) / lung.SPACING_MM,
            column + np.outer(radii, np.sin(angles)) / lung.SPACING_MM,
        ]
        profile = np.median(ndimage.map_coordinates(image.astype(float), at, order=1), axis=1)
        peak = profile.argmax()
        inner = np.flatnonzero(profile[:peak] < (profile[peak] + profile[0]) / 2)[-1]
        outside = np.median(profile[peak + 40 : peak + 60])
        beyond = np.flatnonzero(profile[peak:] < (profile[peak] + outside) / 2)[0] + peak
        widths.append(radii[beyond] - radii[inner])
    return np.array(widths)


def test_a_thick_wall_can_be_measured_and_a_thin_one_looks_thicker():
    bias = {}
    for wall in (0.5, 1.0, 2.0):
        found = lung.patches(20, pattern="none", airway=True, lumen_mm=5, wall_mm=wall, noise=0)
        bias[wall] = np.median(full_width(found)) - wall
    assert abs(bias[2.0]) < 0.15
    assert bias[0.5] > 0.4
    assert bias[0.5] > bias[1.0] > bias[2.0] - 0.05


def test_lumen_and_wall_are_as_large_as_they_say():
    found = lung.patches(40, airway=True, size=96, seed=1)
    for lumen, wall, mask in zip(found["lumen_mm"], found["wall_mm"], found["airway"], strict=True):
        area = (mask == 1).sum() * lung.SPACING_MM**2
        assert 2 * np.sqrt(area / np.pi) == pytest.approx(lumen, abs=0.25)
        both = (mask > 0).sum() * lung.SPACING_MM**2
        assert 2 * np.sqrt(both / np.pi) == pytest.approx(lumen + 2 * wall, abs=0.4)
    assert np.median(found["images"][found["airway"] == 2]) > -600
    assert np.median(found["images"][found["airway"] == 1]) < -900


def test_a_bronchus_changes_nothing_far_from_it():
    without, with_it = (lung.patches(6, airway=a, noise=0, seed=2) for a in (False, True))
    for name in ("masks", "labels", "density_hu"):
        np.testing.assert_array_equal(without[name], with_it[name])
    corner = np.s_[:, :8, :8]
    np.testing.assert_array_equal(without["images"][corner], with_it["images"][corner])
    assert not np.array_equal(without["images"], with_it["images"])


# Equal histograms


@pytest.mark.parametrize("seed", [0, 3])
def test_no_histogram_tells_a_pair_apart(seed):
    found = pairs(seed)
    one, other = (np.sort(found["images"][k::2].reshape(60, -1), axis=1) for k in (0, 1))
    np.testing.assert_array_equal(one, other)
    assert found["labels"].tolist() == [1, 2] * 60
    assert found["pair"].tolist() == np.repeat(np.arange(60), 2).tolist()
    np.testing.assert_array_equal(found["fraction"][::2], found["fraction"][1::2])
    np.testing.assert_array_equal(found["density_hu"][::2], found["density_hu"][1::2])
    low = (found["images"] < -950).mean(axis=(1, 2))
    assert float(auc(found["labels"] == 2, low)) == 0.5


def test_texture_tells_a_pair_apart():
    found = pairs()
    images = found["images"].astype(float)
    rough = ((images[:, 4:] - images[:, :-4]) ** 2).mean(axis=(1, 2))
    assert float(auc(found["labels"] == 1, rough / images.var(axis=(1, 2)))) > 0.8


def test_the_darkest_pixels_stay_where_tissue_is_lost():
    found = lung.patches(40, equal_histograms=True, noise=0, seed=1)
    for image, mask in zip(found["images"], found["masks"], strict=True):
        assert np.median(image[mask == 1]) < np.median(image[mask == 0]) - 40


def test_without_the_option_histograms_differ():
    found = lung.patches(2, seed=0)
    assert not np.array_equal(*(np.sort(image, axis=None) for image in found["images"]))
    assert "pair" not in found


# Rows


def same(one: Patches, other: Patches, rows: int | None = None) -> None:
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name][:rows], other[name][:rows], err_msg=name)


ALL = {"retest": True, "airway": True}


def test_columns():
    found = lung.patches(9, size=40, seed=1, **ALL)
    for name, kind in {
        "images": np.int16, "retest": np.int16, "masks": np.uint8, "airway": np.uint8,
    }.items():  # fmt: skip
        assert found[name].shape == (9, 40, 40)
        assert found[name].dtype == kind
    assert set(np.unique(found["airway"])) == {0, 1, 2}
    assert found["labels"].dtype == found["patch"].dtype == np.uint8
    assert found["groups"].dtype == np.int32
    for name in ("fraction", "hole_mm", "density_hu", "lumen_mm", "wall_mm", "airway_row"):
        assert found[name].dtype == np.float32
        assert found[name].shape == (9,)


@pytest.mark.parametrize("block", [1, 7, 64])
@pytest.mark.parametrize("equal", [False, True])
def test_blocks_change_nothing(block, equal):
    asked = {"seed": 2, "per_patient": 3, "equal_histograms": equal, **ALL}
    blocks = list(lung.patch_blocks(20, block=block, **asked))
    assert max(len(part["images"]) for part in blocks) <= block
    together = {name: np.concatenate([b[name] for b in blocks]) for name in blocks[0]}
    same(together, lung.patches(20, **asked))


@pytest.mark.parametrize("equal", [False, True])
def test_fewer_patches_are_the_first_of_more(equal):
    asked = {"seed": 3, "equal_histograms": equal, **ALL}
    same(lung.patches(30, **asked), lung.patches(13, **asked), 13)


def test_another_seed_is_another_sequence():
    one, other = lung.patches(8, seed=0), lung.patches(8, seed=1)
    assert not np.array_equal(one["images"], other["images"])


def test_patients():
    found = lung.patches(120, per_patient=4, seed=6)
    assert found["groups"].tolist() == np.repeat(np.arange(30), 4).tolist()
    assert found["patch"].tolist() == [0, 1, 2, 3] * 30
    for name in ("labels", "hole_mm", "density_hu"):  # a patient's, not a patch's
        assert (found[name].reshape(30, 4) == found[name][::4, None]).all()
    ill = found["labels"].reshape(30, 4)[:, 0] > 0
    own = found["fraction"].reshape(30, 4)
    assert (own[ill].std(axis=1) > 0).all()
    assert (own[~ill] == 0).all()


def test_pairs_keep_their_patches_together():
    found = lung.patches(12, per_patient=3, equal_histograms=True)
    assert found["pair"].tolist() == [0] * 6 + [1] * 6
    assert found["groups"].tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3
    for k in range(3):
        one, other = found["images"][k], found["images"][3 + k]
        np.testing.assert_array_equal(np.sort(one, axis=None), np.sort(other, axis=None))


def test_prevalence_and_patterns():
    labels = lung.patches(200, size=32, prevalence=0.3, seed=1)["labels"]
    assert (labels > 0).mean() == pytest.approx(0.3, abs=0.1)
    assert set(labels) == {0, 1, 2}
    assert not lung.patches(5, size=32, prevalence=0)["labels"].any()


def test_the_dataclass_has_the_arguments_of_the_simulator():
    given = signature(lung.patch_blocks).parameters
    assert [f.name for f in fields(lung.LungParameters)] == list(given)[4:]
    assert all(f.default == given[f.name].default for f in fields(lung.LungParameters))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n": 0}, "n must be a whole number"),
        ({"n": 2.5}, "n must be a whole number"),
        ({"size": 16}, "size must be from 32 to 256 pixels"),
        ({"size": 64.0}, "size must be a whole number"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"block": 0}, "block must be a whole number"),
        ({"per_patient": 0}, "per_patient must be a whole number"),
        ({"pattern": "paraseptal"}, 'pattern must be one of "mixed", "none"'),
        ({"prevalence": 1.2}, "prevalence must be from 0 to 1"),
        ({"fraction": -0.1}, r"fraction must be from 0 to 0\.9"),
        ({"fraction": np.nan}, r"fraction must be from 0 to 0\.9"),
        ({"hole_mm": 0.5}, r"hole_mm must be from 1\.5 to 20 mm"),
        ({"lobule_mm": 3}, "lobule_mm must be from 8 to 30 mm"),
        ({"density_hu": 0}, "density_hu must be from -950 to -700 HU"),
        ({"noise": -1}, "noise must be from 0 to 200 HU"),
        ({"airway": True, "wall_mm": 9}, r"wall_mm must be from 0\.3 to 4 mm"),
        ({"wall_mm": 1}, "say airway=True as well"),
        ({"equal_histograms": True, "pattern": "none"}, 'pattern must stay "mixed"'),
    ],
)
def test_impossible_requests(arguments, words):
    with pytest.raises(ValueError, match=words):
        lung.patch_blocks(**{"n": 2, **arguments})  # at the call, before the first block
