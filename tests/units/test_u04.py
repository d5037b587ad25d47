"""Unit 04: pairs with a known relation, references beside SimpleITK, tables made again."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from mlmi_course import shipped
from mlmi_course.phantoms import pairs
from mlmi_course.questions import u04_registration as q

sitk = pytest.importorskip("SimpleITK")

UNIT = Path(__file__).resolve().parents[2] / "course" / "04_registration"


def _script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, UNIT / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _one_thread():
    before = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads()
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
    yield
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(before)


def test_the_truth_of_a_pair_lays_its_scans_on_each_other() -> None:
    pair = pairs.rigid_pair(3, noise=0.0, bias=0.0)
    images = [
        sitk.GetArrayFromImage(sitk.Resample(pair.moving, pair.fixed, t, sitk.sitkLinear, 0.0))
        for t in (pair.truth, pair.truth.GetInverse(), sitk.Transform())
    ]
    fixed = sitk.GetArrayFromImage(pair.fixed)
    brain = sitk.GetArrayFromImage(pair.fixed_labels) > 0
    right, inverted, nothing = (np.corrcoef(fixed[brain], i[brain])[0, 1] for i in images)
    assert right > 0.95
    assert right > nothing + 0.1 > inverted + 0.1


def test_labels_and_landmarks_go_with_the_truth() -> None:
    pair = pairs.deformed_pair(2)
    carried = sitk.Resample(
        pair.moving_labels, pair.fixed_labels, pair.truth, sitk.sitkNearestNeighbor, 0
    )
    one, other = (sitk.GetArrayFromImage(x) for x in (pair.fixed_labels, carried))
    assert (one == other)[one > 0].mean() > 0.75
    assert pairs.target_error(pair.truth, pair.truth, pair.landmarks).max() == 0
    assert all(pair.fixed_labels[pair.fixed_labels.TransformPhysicalPointToIndex(p)] > 0
               for p in pair.landmarks.tolist())  # fmt: skip


def test_a_pair_depends_on_its_seed_alone() -> None:
    first, again, other = (pairs.rigid_pair(seed) for seed in (5, 5, 6))
    arrays = [sitk.GetArrayFromImage(pair.fixed) for pair in (first, again, other)]
    np.testing.assert_array_equal(arrays[0], arrays[1])
    assert np.abs(arrays[0] - arrays[2]).max() > 10


@pytest.mark.parametrize("seed", range(5))
def test_fields_do_not_fold_and_reach_as_far_as_asked(seed: int) -> None:
    field = pairs.random_field(np.random.default_rng(seed)).GetDisplacementField()
    lengths = np.linalg.norm(sitk.GetArrayFromImage(field), axis=-1)
    assert lengths.max() == pytest.approx(15)
    assert sitk.GetArrayFromImage(sitk.DisplacementFieldJacobianDeterminant(field)).min() > 0.2


def test_a_field_that_would_fold_is_refused() -> None:
    with pytest.raises(ValueError, match="folds"):
        pairs.random_field(np.random.default_rng(0), millimetres=40, wave=10)
    with pytest.raises(ValueError, match="axis"):
        pairs.rigid(5, (0, 0, 0), axis=(0, 0, 0))


def test_noise_and_bias_are_as_large_as_asked() -> None:
    flat = sitk.Image([40, 40, 40], sitk.sitkFloat32) + 100.0
    flat.SetSpacing([6.0] * 3)
    flat.SetOrigin([-117.0] * 3)
    quiet = sitk.GetArrayFromImage(
        pairs.scan(flat, rng=np.random.default_rng(0), noise=0, bias=0.2)
    )
    assert np.ptp(quiet[5:-5]) <= 20.001
    noisy = sitk.GetArrayFromImage(
        pairs.scan(flat, rng=np.random.default_rng(0), noise=0.05, bias=0)
    )
    assert noisy[20].std() == pytest.approx(5, rel=0.1)


def test_index_to_index_agrees_with_simpleitk() -> None:
    rng = np.random.default_rng(2)
    spacing, origin = rng.uniform(0.5, 3, (2, 2)), rng.uniform(-50, 50, (2, 2))
    centre, shift = rng.uniform(-20, 20, (2, 2))
    matrix = q.index_to_index.right(25.0, centre, shift, spacing[0], origin[0], spacing[1],
                                    origin[1])  # fmt: skip
    images = []
    for s, o in zip(spacing, origin, strict=True):
        image = sitk.Image([20, 20], sitk.sitkFloat32)
        image.SetSpacing(s.tolist())
        image.SetOrigin(o.tolist())
        images.append(image)
    turned = sitk.Euler2DTransform(centre.tolist(), np.deg2rad(25.0), shift.tolist())
    for index in ((0.0, 0.0), (3.0, 11.0)):
        point = images[0].TransformContinuousIndexToPhysicalPoint(index)
        there = images[1].TransformPhysicalPointToContinuousIndex(turned.TransformPoint(point))
        np.testing.assert_allclose((matrix @ [*index, 1])[:2], there)


def test_folded_agrees_with_simpleitk_inside() -> None:
    rng = np.random.default_rng(1)
    field = rng.normal(size=(2, 14, 12))
    image = sitk.GetImageFromArray(np.moveaxis(field[::-1], 0, -1).copy(), isVector=True)
    image.SetSpacing([2.5, 1.2])
    theirs = sitk.GetArrayFromImage(sitk.DisplacementFieldJacobianDeterminant(image))[1:-1, 1:-1]
    a, b = np.gradient(field[0], 1.2, 2.5)
    c, d = np.gradient(field[1], 1.2, 2.5)
    np.testing.assert_allclose(((1 + a) * (1 + d) - b * c)[1:-1, 1:-1], theirs)
    ours = q.folded.right(field, (1.2, 2.5))
    assert ours["smallest"] <= theirs.min() + 1e-12


def test_practice_pairs_fit_where_they_say() -> None:
    found, shifts = q.practice(5)
    again, _ = q.practice(3)
    np.testing.assert_array_equal(found[:3].shape, again.shape)
    assert np.abs(shifts).max() <= 3
    for pair, shift in zip(found, shifts, strict=True):
        ct, mr = q.overlapping(pair, shift)
        bone = (ct > 500) & (ct < 2000)  # without the clips
        if bone.any():
            assert mr[bone].mean() < mr[~bone].mean()


def test_a_row_of_the_tables_comes_out_again() -> None:
    make = _script("make_table")
    table = shipped.table("u04_rigid")
    row = make.rigid_rows(1, ("t1", "t1"), ("MI",))[0]
    kept = table[(table["pair"] == 1) & (table["metric"] == "MI")].iloc[0]
    assert row["tre"] == pytest.approx(kept["tre"], abs=0.1)
    assert row["start"] == kept["start"]
    assert len(table) == 60
    assert len(shipped.table("u04_deformed")) == 120


def test_a_row_of_the_augmentation_comes_out() -> None:
    make = _script("make_augmentation")
    row = make.measure("registration", 0, steps=2, test=range(60, 62))
    assert 0 <= row["worst"] <= row["dice"] <= 1
    table = shipped.table("u04_augmentation")
    assert table.groupby("arm").size().to_dict() == dict.fromkeys(
        ("none", "affine", "elastic", "registration"), 8
    )


def test_a_point_is_found_again_in_the_same_scan() -> None:
    make = _script("make_features")
    images, mask = make.slices(0)
    centres = np.argwhere(mask)[400:403]
    fixed = make.scanned(images["t1"], 1)
    flat = make.search(fixed, fixed, centres, lambda cut: cut.reshape(len(cut), -1))
    assert all(error == 0 for errors in flat.values() for error in errors)
