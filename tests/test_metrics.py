"""What `mlmi_course.metrics` promises: the right numbers, said in plain words when there is none.

Every measure is compared with numbers worked out by hand and with an independent tool:
scikit-learn, SimpleITK, SciPy, surface-distance, pingouin, or a few lines of brute force.
"""

from __future__ import annotations

import copy
import functools
import itertools
import pickle
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlmi_course import metrics
from mlmi_course.metrics import Estimate

pytestmark = pytest.mark.filterwarnings(
    # surface-distance 0.1 still uses the old names of two SciPy functions.
    "ignore:.*scipy.ndimage.*namespace is deprecated:DeprecationWarning"
)

OVERLAPS = [
    metrics.dice,
    metrics.jaccard,
    metrics.precision,
    metrics.recall,
    metrics.specificity,
    metrics.false_negative_rate,
    metrics.false_positive_rate,
    metrics.volume_similarity,
]
SYMMETRIC = [metrics.dice, metrics.jaccard, metrics.volume_similarity]

# 3 true positives, 2 false positives, 1 false negative, 4 true negatives.
TRUTH = np.array([[1, 1, 1, 1, 0], [0, 0, 0, 0, 0]], bool)
PREDICTION = np.array([[1, 1, 1, 0, 1], [1, 0, 0, 0, 0]], bool)


def to_truth(truth, prediction, **options):
    return metrics.false_positive_rate(truth, prediction, "truth", **options)


@st.composite
def mask_pairs(draw, dimensions=(1, 3), longest=6):
    shape = draw(hnp.array_shapes(min_dims=dimensions[0], max_dims=dimensions[1], max_side=longest))
    return draw(hnp.arrays(bool, shape)), draw(hnp.arrays(bool, shape))


# -- overlap: values ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (metrics.dice, 6 / 9),
        (metrics.jaccard, 3 / 6),
        (metrics.precision, 3 / 5),
        (metrics.recall, 3 / 4),
        (metrics.specificity, 4 / 6),
        (metrics.false_negative_rate, 1 / 4),
        (metrics.false_positive_rate, 2 / 6),
        (to_truth, 2 / 4),
        (metrics.volume_similarity, 1 - 1 / 9),
    ],
)
def test_overlap_by_hand(measure, expected):
    value = measure(TRUTH, PREDICTION)
    assert type(value) is float
    assert value == pytest.approx(expected)


@given(mask_pairs())
def test_overlaps_lie_between_0_and_1_or_are_undefined(masks):
    for measure in OVERLAPS:
        value = measure(*masks)
        assert np.isnan(value) or 0 <= value <= 1


@given(mask_pairs())
def test_symmetric_overlaps_do_not_mind_the_order(masks):
    truth, prediction = masks
    for measure in SYMMETRIC:
        assert np.array_equal(measure(truth, prediction), measure(prediction, truth), True)
    one, other = metrics.precision(truth, prediction), metrics.recall(prediction, truth)
    assert np.array_equal(one, other, equal_nan=True)


@given(mask_pairs())
def test_overlaps_are_tied_to_each_other(masks):
    d, j = metrics.dice(*masks), metrics.jaccard(*masks)
    assert np.isnan(d) == np.isnan(j)
    assume(not np.isnan(d))
    assert j == pytest.approx(d / (2 - d))
    assert metrics.volume_similarity(*masks) >= d - 1e-12
    p, r = metrics.precision(*masks), metrics.recall(*masks)
    if p + r > 0:  # False for nan too
        assert d == pytest.approx(2 * p * r / (p + r))
    assert np.isnan(r) or metrics.false_negative_rate(*masks) == pytest.approx(1 - r)
    s = metrics.specificity(*masks)
    assert np.isnan(s) or metrics.false_positive_rate(*masks) == pytest.approx(1 - s)


@given(mask_pairs())
def test_dice_follows_from_the_rates_relative_to_the_truth(masks):
    assume(masks[0].any())
    fnr, fpr = metrics.false_negative_rate(*masks), to_truth(*masks)
    assert metrics.dice(*masks) == pytest.approx(2 * (1 - fnr) / (2 - fnr + fpr))


@pytest.mark.parametrize(
    ("one_minus_fnr", "one_minus_fpr", "published"),
    [(0.998, 0.939, 0.969), (0.963, 0.968, 0.965)],  # readers; nnU-Net
)
def test_published_rates_return_the_published_dice(one_minus_fnr, one_minus_fpr, published):
    fnr, fpr = 1 - one_minus_fnr, 1 - one_minus_fpr
    assert round(2 * (1 - fnr) / (2 - fnr + fpr), 3) == published


def test_the_two_false_positive_rates_part_company():
    truth, prediction = np.zeros((2, 1000), bool)
    truth[:10] = prediction[:50] = True
    assert metrics.false_positive_rate(truth, prediction) == pytest.approx(40 / 990)
    assert to_truth(truth, prediction) == 4.0  # no upper bound
    assert np.isnan(to_truth(np.zeros(9), np.ones(9)))  # no value at all
    wider = [np.pad(mask, (0, 9000)) for mask in (truth, prediction)]
    assert metrics.false_positive_rate(*wider) < 0.005  # only the view became wider
    assert to_truth(*wider) == 4.0
    with pytest.raises(ValueError, match="negatives"):
        metrics.false_positive_rate(truth, prediction, "positives")


@settings(max_examples=30, deadline=None)  # the first one imports scikit-learn
@given(mask_pairs())
def test_scikit_learn_agrees(masks):
    from sklearn import metrics as sk

    truth, prediction = masks
    for ours, theirs in [
        (metrics.dice, sk.f1_score),
        (metrics.jaccard, sk.jaccard_score),
        (metrics.precision, sk.precision_score),
        (metrics.recall, sk.recall_score),
    ]:
        expected = theirs(truth.ravel(), prediction.ravel(), zero_division=1.0)
        assert ours(truth, prediction, empty=1.0) == pytest.approx(expected)


def test_simpleitk_and_scipy_agree():
    import SimpleITK as sitk
    from scipy.spatial import distance

    rng = np.random.default_rng(0)
    truth, prediction = rng.random((2, 8, 9, 10)) < [[[[0.4]]], [[[0.3]]]]
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    # For its rates, SimpleITK takes the second image for the truth.
    overlap.Execute(*(sitk.GetImageFromArray(m.astype(np.uint8)) for m in (prediction, truth)))
    assert metrics.dice(truth, prediction) == pytest.approx(overlap.GetDiceCoefficient())
    assert metrics.jaccard(truth, prediction) == pytest.approx(overlap.GetJaccardCoefficient())
    missed = metrics.false_negative_rate(truth, prediction)
    assert missed == pytest.approx(overlap.GetFalseNegativeError())
    # Theirs is signed and twice as large: see the docstring.
    similar = metrics.volume_similarity(truth, prediction)
    assert similar == pytest.approx(1 - abs(overlap.GetVolumeSimilarity()) / 2)
    apart = distance.dice(truth.ravel(), prediction.ravel())
    assert metrics.dice(truth, prediction) == pytest.approx(1 - apart)


# -- overlap: nothing to measure ---------------------------------------------------------------


@pytest.mark.parametrize("empty", [np.nan, 0.0, 1.0, -1])
def test_undefined_is_what_was_asked_for(empty):
    nothing, everything = np.zeros((3, 3), bool), np.ones((3, 3), bool)
    undefined = {
        metrics.dice: [(nothing, nothing)],
        metrics.jaccard: [(nothing, nothing)],
        metrics.volume_similarity: [(nothing, nothing)],
        metrics.precision: [(nothing, nothing), (everything, nothing)],
        metrics.recall: [(nothing, nothing), (nothing, everything)],
        metrics.false_negative_rate: [(nothing, nothing), (nothing, everything)],
        to_truth: [(nothing, nothing), (nothing, everything)],
        metrics.specificity: [(everything, everything), (everything, nothing)],
        metrics.false_positive_rate: [(everything, everything), (everything, nothing)],
    }
    for measure, pairs in undefined.items():
        for masks in pairs:
            assert np.array_equal(measure(*masks, empty=empty), empty, equal_nan=True)


def test_one_empty_mask_is_the_worst_not_undefined():
    nothing, something = np.zeros(4, bool), np.array([0, 1, 1, 0], bool)
    for masks in [(nothing, something), (something, nothing)]:
        for measure in SYMMETRIC:
            assert measure(*masks) == 0.0
    assert metrics.recall(something, nothing) == 0
    assert metrics.precision(nothing, something) == 0


def test_one_pixel():
    assert metrics.dice([True], [True]) == 1
    assert metrics.dice([True], [False]) == 0
    assert np.isnan(metrics.specificity([True], [True]))


# -- overlap: labels and batches ---------------------------------------------------------------


def test_labels_give_one_value_each_in_the_order_given():
    truth, prediction = np.array([0, 1, 1, 2, 2, 2]), np.array([0, 1, 2, 2, 2, 0])
    assert metrics.dice(truth, prediction, labels=[1, 2]) == pytest.approx([2 / 3, 4 / 6])
    assert metrics.recall(truth, prediction, labels=[2, 1]) == pytest.approx([2 / 3, 1 / 2])
    assert np.isnan(metrics.dice(truth, prediction, labels=[1, 7])[1])
    assert metrics.dice(truth, prediction, labels=(0,)).shape == (1,)
    floats = truth.astype(float), prediction.astype(np.float32)  # as NIfTI files give them
    assert metrics.dice(*floats, labels=[1, 2]) == pytest.approx([2 / 3, 4 / 6])


@given(
    hnp.arrays(np.uint8, (2, 4, 5), elements=st.integers(0, 3)),
    st.permutations([0, 1, 2, 3]),
)
def test_new_names_for_the_labels_change_nothing(maps, names):
    new = np.array(names)[maps]
    for measure in (metrics.dice, metrics.recall):
        before = measure(*maps, labels=[0, 1, 2, 3])
        after = measure(*new, labels=names)
        assert np.array_equal(before, after, equal_nan=True)


def test_scikit_learn_agrees_on_labels():
    from sklearn.metrics import f1_score, jaccard_score

    truth, prediction = np.random.default_rng(0).integers(0, 4, size=(2, 500))
    for ours, theirs in [(metrics.dice, f1_score), (metrics.jaccard, jaccard_score)]:
        expected = theirs(truth, prediction, average=None, labels=[3, 1, 2])
        assert ours(truth, prediction, labels=[3, 1, 2]) == pytest.approx(expected)


def test_cases_are_measured_one_by_one_and_never_pooled():
    truth, prediction = np.zeros((2, 2, 10, 10), int)
    truth[0, :9], prediction[0, :9] = 1, 1  # large and perfect
    truth[1, 0, 0], prediction[1, 0, 1] = 1, 1  # small and missed
    for measure in [*OVERLAPS, to_truth]:
        together = measure(truth, prediction, per_case=True)
        alone = [measure(a, b) for a, b in zip(truth, prediction, strict=True)]
        assert together.tolist() == alone
    assert metrics.dice(truth, prediction, per_case=True).tolist() == [1, 0]
    both = metrics.dice(truth, prediction, per_case=True, labels=[0, 1])
    assert both.shape == (2, 2)
    assert both[1] == pytest.approx([98 / 99, 0])


def test_a_batch_of_volumes_is_not_pooled_by_accident():
    batch = np.zeros((2, 8, 8, 1), bool)
    with pytest.raises(ValueError, match="per_case=True"):
        metrics.dice(batch, batch)
    assert metrics.dice(batch, batch, per_case=True).shape == (2,)


# -- overlap: what is no mask -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("truth", "prediction", "options", "words"),
    [
        (np.zeros((4, 4)), np.zeros((4, 5)), {}, r"\(4, 4\) and \(4, 5\).*one grid"),
        (np.zeros((4, 4)), np.zeros((4, 4, 1)), {}, r"axis of length 1"),
        (np.zeros(4), [0, 0.3, 1, 1], {}, "prediction is not a mask.*0.3.*prediction > 0.5"),
        (np.zeros(4), [0, np.nan, 1, 1], {}, "prediction contains NaN"),
        ([0, 1, 2, 3], [0, 1, 2, 3], {}, "truth is not a mask.*labels="),
        ([0, 255], [0, 255], {}, "255"),
        ([0, -1], [0, 1], {}, "-1"),
        (np.zeros((0, 4)), np.zeros((0, 4)), {"per_case": True}, r"nothing .* \(0, 4\)"),
        ([], [], {}, "nothing"),
        (True, True, {}, "one to three axes"),
        ([0, 1], [0, 1], {"per_case": True}, "at least one more"),
        (["a"], ["a"], {}, "real numbers"),
        ([1j], [1j], {}, "complex"),
        ([[0, 1], [0]], [[0, 1], [0]], {}, "different shapes"),
        ([0, 1], [0, 1], {"labels": []}, "whole numbers"),
        ([0, 1], [0, 1], {"labels": 1}, "whole numbers"),
        ([0, 1], [0, 1], {"labels": [1, 1]}, "twice"),
        ([0, 1.5], [0, 1], {"labels": [1]}, "nearest neighbour"),
        ([0, np.nan], [0, 1], {"labels": [1]}, "NaN"),
        ([0, np.inf], [0, 1], {"labels": [1]}, "whole numbers"),
    ],
)
def test_what_is_no_mask_is_refused_in_words(truth, prediction, options, words):
    for measure in (metrics.dice, metrics.recall):
        with pytest.raises(ValueError, match=words):
            measure(truth, prediction, **options)


@pytest.mark.parametrize("dtype", ["bool", "u1", "i2", ">i4", "u8", "f2", "f4", ">f8"])
def test_every_type_of_mask_counts_the_same(dtype):
    masks = [mask.astype(dtype) for mask in (TRUTH, PREDICTION)]
    before = copy.deepcopy(masks)
    assert metrics.dice(*masks) == pytest.approx(6 / 9)
    assert metrics.dice(masks[0], PREDICTION) == pytest.approx(6 / 9)
    assert all(np.array_equal(a, b) for a, b in zip(masks, before, strict=True))


def test_the_layout_in_memory_does_not_matter():
    rng = np.random.default_rng(0)
    truth, prediction = rng.random((2, 40, 60, 80)) < 0.5  # more than one chunk
    expected = 2 * (truth & prediction).sum() / (truth.sum() + prediction.sum())
    fortran = np.asfortranarray(prediction)
    assert metrics.dice(truth, prediction) == expected
    assert metrics.dice(truth, fortran) == expected
    assert metrics.dice(np.asfortranarray(truth), fortran) == expected
    assert metrics.dice(truth[::-1], prediction[::-1]) == expected
    assert metrics.dice(truth.T, prediction.T) == expected
    a, b = truth[::2, 1:, ::3], fortran[::2, 1:, ::3]
    assert metrics.dice(a, b) == 2 * (a & b).sum() / (a.sum() + b.sum())
    still = truth.copy()
    still.flags.writeable = False
    assert metrics.dice(still, prediction) == expected


# -- overlap: cost ------------------------------------------------------------------------------


def large_masks():
    truth = np.zeros((60, 512, 512), bool)
    truth[10:50, 100:400, 100:400] = True
    return truth, np.roll(truth, 3, axis=1)


@pytest.mark.parametrize("dtype", ["bool", "u1", "f8"])
def test_temporaries_stay_below_8_megabytes(dtype):
    truth, prediction = (mask.astype(dtype, copy=False) for mask in large_masks())
    for masks in [
        (truth, prediction),
        (truth, prediction[:, ::-1]),
        (truth, prediction.T.copy().T),
    ]:
        tracemalloc.start()
        metrics.dice(*masks)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak <= 8e6


@pytest.mark.clock
def test_dice_is_not_slower_than_simpleitk():
    import SimpleITK as sitk

    def best(call):
        times = []
        for _ in range(3):
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
        return min(times)

    masks = large_masks()
    images = [sitk.GetImageFromArray(mask.view(np.uint8)) for mask in masks]
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    # Measured: about a fifteenth.  Machines are noisy, so only a gross violation fails.
    assert best(lambda: metrics.dice(*masks)) < best(lambda: overlap.Execute(*images))


def test_importing_the_module_is_light():
    heavy = ["pandas", "scipy", "sklearn", "pingouin", "surface_distance", "matplotlib"]
    code = f"import sys, mlmi_course.metrics; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"


# -- surfaces ----------------------------------------------------------------------------------


def surface_points(mask, spacing):
    """The definition, voxel by voxel: inside, with a face neighbour outside."""
    padded = np.pad(mask, 1)
    points = []
    for index in np.argwhere(padded):
        steps = itertools.chain(np.eye(mask.ndim, dtype=int), -np.eye(mask.ndim, dtype=int))
        if not all(padded[tuple(index + step)] for step in steps):
            points.append((index - 1) * spacing)
    return np.array(points)


def blobs(seed, shape=(9, 11, 10)):
    from scipy import ndimage

    noise = np.random.default_rng(seed).normal(size=(2, *shape))
    return [ndimage.gaussian_filter(one, 1.5) > 0.05 for one in noise]


@pytest.mark.parametrize("seed", range(4))
def test_distances_agree_with_their_definition_and_with_scipy(seed):
    from scipy.spatial.distance import directed_hausdorff

    spacing = (2.5, 0.7, 1.0)
    masks = blobs(seed)
    a, b = (surface_points(mask, spacing) for mask in masks)
    apart = np.linalg.norm(a[:, None] - b[None], axis=-1)
    forth, back = apart.min(axis=1), apart.min(axis=0)
    value = metrics.hausdorff(*masks, spacing)
    assert value == pytest.approx(max(forth.max(), back.max()))
    assert value == pytest.approx(max(directed_hausdorff(a, b)[0], directed_hausdorff(b, a)[0]))
    expected = max(np.percentile(forth, 95), np.percentile(back, 95))
    assert metrics.hausdorff95(*masks, spacing) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(4))
def test_simpleitk_agrees_on_the_contours(seed):
    import SimpleITK as sitk

    spacing = (2.5, 0.7, 1.0)
    masks = [np.pad(mask, 1) for mask in blobs(seed)]
    images = []
    for mask in masks:
        image = sitk.GetImageFromArray(mask.astype(np.uint8))
        image.SetSpacing(spacing[::-1])
        images.append(sitk.LabelContour(image, fullyConnected=False))
    theirs = sitk.HausdorffDistanceImageFilter()
    theirs.Execute(*images)
    expected = theirs.GetHausdorffDistance()
    assert metrics.hausdorff(*masks, spacing) == pytest.approx(expected, rel=1e-5)


@settings(max_examples=50, deadline=None)
@given(mask_pairs(dimensions=(2, 3), longest=5))
def test_properties_of_distances(masks):
    assume(all(mask.any() for mask in masks))
    far, most = metrics.hausdorff(*masks, 2.0), metrics.hausdorff95(*masks, 2.0)
    assert 0 <= most <= far
    assert far == metrics.hausdorff(*masks[::-1], 2.0)
    assert metrics.hausdorff(*masks, 1.0) == pytest.approx(far / 2)  # mm, not voxels
    assert metrics.hausdorff(masks[0], masks[0], 1.0) == 0
    near = metrics.surface_dice(*masks, 2.0, tolerance=1.0)
    assert 0 <= near <= metrics.surface_dice(*masks, 2.0, tolerance=3.0) <= 1
    assert near == pytest.approx(metrics.surface_dice(*masks[::-1], 2.0, tolerance=1.0))


def test_spacing_follows_the_axes():
    truth, prediction = np.zeros((2, 10, 10), bool)
    truth[2, 2] = prediction[2, 5] = True
    assert metrics.hausdorff(truth, prediction, (5.0, 0.5)) == pytest.approx(1.5)
    assert metrics.hausdorff(truth, prediction, (0.5, 5.0)) == pytest.approx(15)
    assert metrics.surface_dice(truth, prediction, (5.0, 0.5), 1.5) == 1
    assert metrics.surface_dice(truth, prediction, (0.5, 5.0), 1.5) == 0


def test_hausdorff_of_a_ball_in_a_shell_is_between_surfaces():
    # Over all voxels of the masks it would be 0 one way and large the other.
    y, x = np.ogrid[-10:11, -10:11]
    disc = y**2 + x**2 <= 81
    ring = disc & (y**2 + x**2 > 49)
    assert metrics.hausdorff(disc, ring, 1.0) < 3


@pytest.mark.parametrize("seed", range(3))
def test_surface_dice_is_that_of_surface_distance(seed):
    import surface_distance

    masks, spacing = blobs(seed), (2.0, 1.0, 1.5)
    found = surface_distance.compute_surface_distances(*masks, spacing)
    for tolerance in (0, 1, 2.5):
        expected = surface_distance.compute_surface_dice_at_tolerance(found, tolerance)
        assert metrics.surface_dice(*masks, spacing, tolerance) == pytest.approx(expected)


def test_distances_of_empty_masks_and_of_one_pixel():
    nothing, pixel = np.zeros((2, 5, 5), bool)
    pixel[2, 2] = True
    for distance in (metrics.hausdorff, metrics.hausdorff95):
        assert np.isnan(distance(nothing, nothing, 1.0))
        assert distance(nothing, nothing, 1.0, empty=0) == 0
        assert distance(nothing, pixel, 1.0) == distance(pixel, nothing, 1.0) == np.inf
        assert distance(pixel, pixel, 1.0) == 0
    assert np.isnan(metrics.surface_dice(nothing, nothing, 1.0, 1))
    assert metrics.surface_dice(nothing, pixel, 1.0, 1) == 0
    assert metrics.surface_dice(pixel, pixel, 1.0, 0) == 1


def test_distances_for_labels_and_cases():
    maps = np.zeros((2, 2, 8, 8), int)
    maps[0, 0, 1, 1], maps[1, 0, 1, 3] = 1, 1
    maps[:, 0, 6, 6] = 2
    maps[0, 1, 1, 1] = 1
    values = metrics.hausdorff(*maps, 0.5, labels=[1, 2], per_case=True)
    assert np.array_equal(values, [[1.0, 0.0], [np.inf, np.nan]], equal_nan=True)
    assert metrics.surface_dice(*maps, 0.5, 1, labels=[1, 2], per_case=True)[0].tolist() == [1, 1]
    assert metrics.hausdorff95(maps[0, 0], maps[1, 0], 0.5, labels=[1]).tolist() == [1.0]


@pytest.mark.parametrize(
    "spacing", [(1, 1), (1, 1, 0), (1, 1, -1), (1, 1, np.nan), 0, (1, 1, 1, 1)]
)
def test_impossible_spacings_are_refused_even_for_empty_masks(spacing):
    nothing = np.zeros((3, 3, 3), bool)
    for call in (metrics.hausdorff, metrics.hausdorff95):
        with pytest.raises(ValueError, match="spacing"):
            call(nothing, nothing, spacing)
    with pytest.raises(ValueError, match="spacing"):
        metrics.surface_dice(nothing, nothing, spacing, 1)


def test_impossible_surfaces_are_refused():
    with pytest.raises(ValueError, match="tolerance"):
        metrics.surface_dice(TRUTH, PREDICTION, 1.0, -1)
    with pytest.raises(ValueError, match="two or three axes"):
        metrics.surface_dice([0, 1], [0, 1], 1.0, 1)


# -- tables ------------------------------------------------------------------------------------


def test_report_has_what_the_functions_say():
    truths, predictions = [TRUTH, TRUTH[:, :4]], [PREDICTION, PREDICTION[:, :4]]  # two shapes
    report = metrics.segmentation_report(truths, predictions, 2.0, ["P1", "P2"], tolerance=1)
    assert report[["case", "group"]].to_numpy().tolist() == [[0, "P1"], [1, "P2"]]
    assert report["truth_voxels"].tolist() == [4, 4]
    assert report["prediction_voxels"].tolist() == [5, 4]
    for measure in OVERLAPS:
        expected = [measure(a, b) for a, b in zip(truths, predictions, strict=True)]
        assert report[measure.__name__].tolist() == expected
    assert report["false_positives_to_truth"].tolist() == [0.5, 0.25]
    for case, masks in enumerate(zip(truths, predictions, strict=True)):
        row = report.loc[case]
        assert row["hausdorff_mm"] == metrics.hausdorff(*masks, 2.0)
        assert row["hausdorff95_mm"] == metrics.hausdorff95(*masks, 2.0)
        assert row["surface_dice"] == metrics.surface_dice(*masks, 2.0, 1)


def test_report_keeps_failures_and_healthy_cases():
    nothing = np.zeros((4, 4), bool)
    something = np.pad(np.ones((2, 2), bool), 1)
    report = metrics.segmentation_report(
        [nothing, something, something], [nothing, nothing, something], 1.0, tolerance=1
    )
    assert report["dice"].isna().tolist() == [True, False, False]
    assert report["hausdorff_mm"].tolist()[1:] == [np.inf, 0]
    assert report["surface_dice"].tolist()[1:] == [0, 1]
    summary = metrics.summarise(report)
    assert summary.loc["dice", ["n", "undefined", "mean"]].tolist() == [2, 1, 0.5]
    assert summary.loc["hausdorff_mm", ["median", "mean"]].tolist() == [np.inf, np.inf]


def test_report_of_labels_has_a_row_each():
    maps = np.random.default_rng(0).integers(0, 3, size=(2, 4, 6, 6))
    spacings = [(1.0, 1.0), (2.0, 1.0), (1.0, 1.0), (1.0, 3.0)]
    report = metrics.segmentation_report(*maps, spacings, labels=[2, 1])
    assert report["case"].tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert report["label"].tolist() == [2, 1] * 4
    expected = metrics.dice(*maps, labels=[2, 1], per_case=True)
    assert report["dice"].to_numpy().reshape(4, 2) == pytest.approx(expected)
    far = metrics.hausdorff(*maps[:, 3], spacings[3], labels=[2, 1])
    assert report["hausdorff_mm"].to_numpy()[6:] == pytest.approx(far)
    summary = metrics.summarise(report)
    assert summary.loc[(1, "dice"), "median"] == pytest.approx(np.median(expected[:, 1]))


def test_summary_by_hand_and_per_patient():
    import pandas as pd

    report = pd.DataFrame(
        {"case": range(5), "group": list("AAABC"), "dice": [0.9, 0.7, 0.8, 0.5, np.nan]}
    )
    row = metrics.summarise(report).loc["dice"]
    assert row[["n", "undefined"]].tolist() == [4, 1]
    assert row["median"] == pytest.approx(0.75)
    assert row[["q1", "q3", "iqr"]].tolist() == pytest.approx([0.65, 0.825, 0.175])
    assert row["mean"] == pytest.approx(0.725)
    assert row["sd"] == pytest.approx(np.std([0.9, 0.7, 0.8, 0.5], ddof=1))
    per_patient = metrics.summarise(report, per="group").loc["dice"]
    assert per_patient[["n", "undefined"]].tolist() == [2, 1]
    assert per_patient["mean"] == pytest.approx((0.8 + 0.5) / 2)
    assert "case" not in metrics.summarise(report).index


@settings(deadline=None)  # the first one imports pandas
@given(st.lists(st.one_of(st.floats(0, 50), st.just(np.inf)), min_size=1, max_size=12))
def test_quartiles_do_not_turn_infinities_into_nan(values):
    import pandas as pd

    row = metrics.summarise(pd.DataFrame({"d": values})).loc["d"]
    capped = np.where(np.isinf(values), 1e9, values)
    for name, share in [("q1", 0.25), ("median", 0.5), ("q3", 0.75)]:
        expected = np.quantile(capped, share)
        if expected > 1e3:  # between a distance and infinity, or both infinite
            assert row[name] == np.inf
        else:
            assert row[name] == pytest.approx(expected)


def test_mistaken_reports_are_refused():
    import pandas as pd

    report = metrics.segmentation_report
    with pytest.raises(ValueError, match="one mask a case"):
        report([TRUTH], [PREDICTION, PREDICTION])
    with pytest.raises(ValueError, match=r"case 1: .*not a mask"):
        report([TRUTH, TRUTH], [PREDICTION, PREDICTION * 0.5])
    with pytest.raises(ValueError, match="no cases"):
        report([], [])
    with pytest.raises(ValueError, match="first axis"):
        report(np.zeros(4), np.zeros(4))
    with pytest.raises(ValueError, match="groups"):
        report([TRUTH], [PREDICTION], groups=["a", "b"])
    with pytest.raises(ValueError, match="millimetres"):
        report([TRUTH], [PREDICTION], tolerance=1)
    with pytest.raises(ValueError, match="2 rows for 1 cases"):
        report([TRUTH], [PREDICTION], [(1, 1), (1, 1)])
    table = report([TRUTH], [PREDICTION])
    with pytest.raises(ValueError, match="groups"):
        metrics.summarise(table, per="group")
    with pytest.raises(ValueError, match="per must be"):
        metrics.summarise(table, per="patient")
    with pytest.raises(ValueError, match="no rows"):
        metrics.summarise(pd.DataFrame({"dice": []}))


# -- estimates ---------------------------------------------------------------------------------


def test_an_estimate_is_a_number_that_cannot_be_changed():
    estimate = Estimate(0.9, 0.8, 0.95)
    assert isinstance(estimate, float)
    assert estimate == estimate.value == 0.9
    assert type(estimate + 0) is float
    assert f"{estimate:.2f}" == "0.90"
    assert str(estimate) == "0.900 [0.800, 0.950]"
    with pytest.raises(AttributeError, match="cannot be changed"):
        estimate.low = 0
    for twin in (pickle.loads(pickle.dumps(estimate)), copy.deepcopy(estimate)):
        assert repr(twin) == repr(estimate)


# -- AUC ---------------------------------------------------------------------------------------


def test_auc_by_hand():
    # Pairs of a positive and a negative: 3 > 1, 3 > 2, 2 > 1, and 2 = 2 counts half.
    assert metrics.auc([0, 0, 1, 1], [1, 2, 2, 3], resamples=10) == 3.5 / 4


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_auc_agrees_with_scikit_learn(seed):
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(seed)
    labels = np.r_[0, 0, 1, 1, rng.integers(0, 2, 30)]
    scores = rng.integers(0, 8, labels.size)  # many ties
    value = metrics.auc(labels, scores, resamples=5)
    assert value == pytest.approx(roc_auc_score(labels, scores))
    assert metrics.auc(labels, -scores, resamples=5) == pytest.approx(1 - value)


def test_resampled_areas_are_those_of_the_repeated_rows():
    """The fast way, with weights, gives what repeating rows and asking scikit-learn gives."""
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    labels, groups = rng.integers(0, 2, 60), rng.integers(0, 12, 60)
    scores = np.round(labels + rng.normal(size=60), 1)
    fast = metrics.auc(labels, scores, groups, resamples=100, seed=3)
    slow = metrics.bootstrap(
        roc_auc_score, scores, labels=labels, groups=groups, resamples=100, seed=3
    )
    assert (fast.low, fast.value, fast.high) == pytest.approx((slow.low, slow.value, slow.high))


def clustered(rng, patients=40, images=5, between=1.0, within=0.5, effect=1.0):
    """Images of patients, whose scores share what is the patient's own."""
    label = np.arange(patients) % 2
    own = rng.normal(scale=between, size=patients)
    noise = rng.normal(scale=within, size=(patients, images))
    scores = (effect * label + own)[:, None] + noise
    groups = np.repeat(np.arange(patients), images)
    return np.repeat(label, images), scores.ravel(), groups


def test_intervals_over_patients_cover_and_those_over_images_do_not():
    from scipy.stats import norm

    truth = norm.cdf(1 / np.sqrt(2 * (1 + 0.25)))
    rng = np.random.default_rng(0)
    simulations = 200
    by_patient = by_image = wider = 0
    for _ in range(simulations):
        labels, scores, groups = clustered(rng)
        right = metrics.auc(labels, scores, groups, resamples=200, seed=rng)
        wrong = metrics.auc(labels, scores, resamples=200, seed=rng)
        by_patient += right.low <= truth <= right.high
        by_image += wrong.low <= truth <= wrong.high
        wider += right.high - right.low > wrong.high - wrong.low
    assert 0.88 <= by_patient / simulations <= 0.99  # nominal 0.95; 40 patients; 3 SE
    assert by_image / simulations < 0.80
    assert wider == simulations


def test_the_same_seed_gives_the_same_interval():
    labels, scores, groups = clustered(np.random.default_rng(1))
    first, again, other = (metrics.auc(labels, scores, groups, seed=s) for s in (5, 5, 6))
    assert repr(first) == repr(again) != repr(other)
    narrower = metrics.auc(labels, scores, groups, level=0.5)
    assert first.low < narrower.low < narrower.high < first.high


def test_the_names_and_the_order_of_patients_do_not_matter():
    labels, scores, groups = clustered(np.random.default_rng(1), patients=10)
    names = np.array([f"P{g:03d}" for g in groups])
    order = np.random.default_rng(0).permutation(len(labels))
    one = metrics.auc(labels, scores, groups)
    for options in [(labels, scores, names), (labels[order], scores[order], groups[order])]:
        other = metrics.auc(*options)
        assert (one, one.low, one.high) == pytest.approx((other, other.low, other.high))


def test_resamples_of_one_class_are_drawn_again_and_counted():
    labels, scores = np.r_[np.zeros(20), 1, 1], np.arange(22.0)
    found = metrics.auc(labels, scores, resamples=500)
    # No positive is drawn with the probability (20/22)^22 = 12 %.
    assert 0.08 < found.redrawn / (500 + found.redrawn) < 0.17
    assert found.low <= found <= found.high == 1


@pytest.mark.parametrize(
    ("labels", "scores", "groups", "words"),
    [
        ([1, 1, 1], [1, 2, 3], None, "all 1"),
        ([0, 1, 2], [1, 2, 3], None, "0, 1, 2"),
        (["a", "b"], [1, 2], None, "numbers"),
        ([0, 1, 0], [1, np.nan, 3], None, "NaN in 1 rows, the first of them row 1"),
        ([0, 1, 0], [1, np.inf, 3], None, "infinite"),
        ([0, 1, 0], [1, 2], None, "got 2 and 3"),
        ([0, 0, 1, 1], [1, 2, 3, 4], [1, 2, 3, 3], "class 1 comes from one patient"),
        ([0, 0, 1, 1], [1, 2, 3, 4], [1, 1, 1, 1], "at least two patients"),
        ([0, 0, 1, 1], [1, 2, 3, 4], [1, 2, 3], "groups needs"),
        ([0, 0, 1, 1], [1, 2, 3, 4], [1, 2, 3, np.nan], "without a patient"),
        ([0, 0, 1, 1], [1, 2, 3, 4], ["a", "b", "c", None], "without a patient"),
        ([], [], None, "at least one"),
        ([[0, 1]], [[0, 1]], None, "one entry a case"),
    ],
)
def test_impossible_aucs_are_refused_in_words(labels, scores, groups, words):
    with pytest.raises(ValueError, match=words):
        metrics.auc(labels, scores, groups)


def test_impossible_options_are_refused():
    with pytest.raises(ValueError, match="level"):
        metrics.auc([0, 1, 0, 1], [1, 2, 3, 4], level=95)
    with pytest.raises(ValueError, match="resamples"):
        metrics.auc([0, 1, 0, 1], [1, 2, 3, 4], resamples=0)


# -- other bootstraps ---------------------------------------------------------------------------


def test_bootstrap_of_a_mean_covers_as_it_should():
    rng = np.random.default_rng(0)
    simulations = 200
    covered = 0
    for _ in range(simulations):
        groups = np.repeat(np.arange(30), 3)
        values = rng.normal(size=30)[groups] + 0.3 * rng.normal(size=90)
        found = metrics.bootstrap(np.mean, values, groups=groups, resamples=150, seed=rng)
        covered += found.low <= 0 <= found.high
    assert 0.86 <= covered / simulations <= 0.99


def test_a_paired_interval_is_narrower_than_two_unpaired_ones():
    rng = np.random.default_rng(0)
    hard = rng.uniform(0.3, 0.9, size=40)  # what a patient's lesion is like, for any method
    a, b = hard + 0.03 + rng.normal(scale=0.02, size=40), hard + rng.normal(scale=0.02, size=40)
    difference = metrics.paired_difference(np.mean, a, b)
    assert difference == pytest.approx(np.mean(a) - np.mean(b))
    assert 0 < difference.low < difference.high < 0.06
    one, other = metrics.bootstrap(np.mean, a), metrics.bootstrap(np.mean, b)
    assert one.low < other.high  # the two intervals overlap all the same
    back = metrics.paired_difference(np.mean, b, a)
    assert (back, back.low, back.high) == pytest.approx(
        (-difference, -difference.high, -difference.low)
    )


def test_paired_difference_of_a_method_with_itself_is_nothing():
    values = np.random.default_rng(0).random(20)
    assert metrics.paired_difference(np.median, values, values).high == 0


def test_a_wrapped_auc_is_as_quick_as_auc_and_may_still_refuse():
    """Submissions are graded with auc wrapped: resamples within each resample took minutes."""
    rng = np.random.default_rng(0)
    labels, a, b = rng.integers(0, 2, 1000), rng.random(1000), rng.random(1000)
    groups, calls = np.arange(1000) // 2, []

    @functools.wraps(metrics.auc)
    def wrapped(*arguments, **named):
        calls.append(1)
        return metrics.auc(*arguments, **named)

    @functools.wraps(metrics.auc)
    def refusing(*arguments, **named):
        raise RuntimeError("not here")

    usual = metrics.paired_difference(metrics.auc, a, b, groups, labels=labels)
    again = metrics.paired_difference(wrapped, a, b, groups, labels=labels)
    assert (again, again.low, again.high) == (usual, usual.low, usual.high)
    assert 1 <= len(calls) <= 2
    with pytest.raises(RuntimeError, match="not here"):
        metrics.paired_difference(refusing, a, b, groups, labels=labels)


def test_paired_difference_of_scores_by_auc_or_by_scikit_learn():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(2)
    labels, a, groups = clustered(rng)
    b = a + rng.normal(size=a.size)
    options = {"labels": labels, "groups": groups, "resamples": 100}
    fast = metrics.paired_difference(metrics.auc, a, b, **options)
    slow = metrics.paired_difference(roc_auc_score, a, b, **options)
    assert fast == pytest.approx(roc_auc_score(labels, a) - roc_auc_score(labels, b))
    assert (fast.low, fast.high) == pytest.approx((slow.low, slow.high))


def test_mistaken_bootstraps_are_refused():
    with pytest.raises(ValueError, match="got 2 and 3"):
        metrics.paired_difference(np.mean, [1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="b is NaN"):
        metrics.paired_difference(np.mean, [1, 2, 3], [1, np.nan, 2])
    with pytest.raises(ValueError, match="infinite"):
        metrics.paired_difference(np.mean, [1, 2, 3], [1, np.inf, 2])
    with pytest.raises(ValueError, match="labels"):
        metrics.paired_difference(metrics.auc, [1, 2, 3], [1, 2, 3])
    with pytest.raises(ValueError, match="two patients"):
        metrics.bootstrap(np.mean, [1.0])
    with pytest.raises(ValueError, match="gives nan"):
        metrics.bootstrap(lambda values: np.nan, [1.0, 2.0])
    with pytest.raises(ValueError, match="too few patients"):  # defined for all rows at once only
        metrics.bootstrap(lambda values: 1.0 if len(set(values)) == 50 else np.nan, np.arange(50))


# -- agreement ---------------------------------------------------------------------------------

# Six subjects, four judges: P. E. Shrout and J. L. Fleiss, Psychol Bull 86 (1979) 420, table 2.
JUDGES = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)


@pytest.mark.parametrize(
    ("kind", "published"),
    [
        ("ICC(1,1)", 0.17),
        ("ICC(A,1)", 0.29),
        ("ICC(C,1)", 0.71),
        ("ICC(1,k)", 0.44),
        ("ICC(A,k)", 0.62),
        ("ICC(C,k)", 0.91),
    ],
)
@pytest.mark.parametrize("raters", [2, 4])
def test_icc_as_published_and_as_pingouin_says(kind, published, raters, monkeypatch):
    import pandas as pd
    import pingouin

    judges = JUDGES[:, :raters]
    found = metrics.icc(judges, kind)
    assert raters < 4 or round(found, 2) == published
    subject, rater = (index.ravel() for index in np.indices(judges.shape))
    long = pd.DataFrame({"s": subject, "r": rater, "v": judges.ravel()})
    monkeypatch.setitem(pingouin.options, "round.column.CI95", None)
    row = pingouin.intraclass_corr(long, "s", "r", "v").set_index("Type").loc[kind]
    assert found == pytest.approx(row["ICC"])
    assert [found.low, found.high] == pytest.approx(list(row["CI95"]), rel=1e-9)


def test_icc_from_mean_squares_with_an_interval_that_is_not_rounded():
    from scipy.stats import f

    n, k = JUDGES.shape
    mean = JUDGES.mean()
    subjects = k * ((JUDGES.mean(axis=1) - mean) ** 2).sum() / (n - 1)
    raters = n * ((JUDGES.mean(axis=0) - mean) ** 2).sum() / (k - 1)
    rest = ((JUDGES - mean) ** 2).sum() - (n - 1) * subjects - (k - 1) * raters
    rest /= (n - 1) * (k - 1)
    expected = (subjects - rest) / (subjects + (k - 1) * rest + k * (raters - rest) / n)
    assert metrics.icc(JUDGES) == pytest.approx(expected)
    consistent = metrics.icc(JUDGES, "ICC(C,1)")
    ratio, free = subjects / rest, (n - 1) * (k - 1)
    low = ratio / f.ppf(0.975, n - 1, free)
    assert consistent.low == pytest.approx((low - 1) / (low + k - 1), rel=1e-9)


def test_a_constant_bias_costs_agreement_but_not_consistency():
    rng = np.random.default_rng(0)
    true = rng.normal(100, 10, size=50)
    ratings = np.column_stack([true, 1.15 * true]) + rng.normal(size=(50, 2))
    assert np.corrcoef(ratings.T)[0, 1] > 0.95
    assert metrics.icc(ratings) < 0.80 < metrics.icc(ratings, "ICC(C,1)")


def test_icc_at_its_ends():
    found = metrics.icc([[1, 1], [2, 2], [5, 5]])
    assert (found, found.low, found.high) == (1, 1, 1)
    assert metrics.icc([[1, 3], [2, 2], [3, 1]]) < 0
    apart = metrics.icc([[1, 2], [2, 3], [3, 4]])
    assert apart == pytest.approx(2 / 3)
    assert 0 < apart.low < apart < apart.high < 1
    assert metrics.icc([[1, 2], [2, 3], [3, 4]], "ICC(C,1)") == pytest.approx(1)


@pytest.mark.parametrize(
    ("ratings", "kind", "words"),
    [
        (JUDGES, "ICC2", "kind must be one of"),
        (JUDGES[:, 0], "ICC(A,1)", r"\(subjects, raters\)"),
        (JUDGES[:, :1], "ICC(A,1)", r"\(6, 1\)"),
        (JUDGES[:1], "ICC(A,1)", r"\(1, 4\)"),
        ([[1, 2], [np.nan, 3]], "ICC(A,1)", "whole subject"),
        ([["a", "b"], ["c", "d"]], "ICC(A,1)", "numbers"),
        (np.full((4, 2), 7), "ICC(A,1)", "all ratings are 7"),
    ],
)
def test_impossible_iccs_are_refused(ratings, kind, words):
    with pytest.raises(ValueError, match=words):
        metrics.icc(ratings, kind)


def test_bland_altman_by_hand():
    found = metrics.bland_altman([1, 2, 3, 4], [0, 2, 2, 4])  # differences 1, 0, 1, 0
    sd = np.sqrt(1 / 3)
    assert found.n == 4
    assert found.sd == pytest.approx(sd)
    assert found.bias == 0.5
    assert found.upper == pytest.approx(0.5 + 1.959964 * sd)
    assert found.lower == pytest.approx(0.5 - 1.959964 * sd)
    assert found.bias.high == pytest.approx(0.5 + 3.182446 * sd / 2)  # Student, 3 degrees
    assert found.lower.low < found.lower < found.lower.high
    assert found.upper.high - 0.5 == pytest.approx(0.5 - found.lower.low)  # mirrored
    swapped = metrics.bland_altman([0, 2, 2, 4], [1, 2, 3, 4])
    assert (swapped.bias, swapped.lower.low) == pytest.approx((-0.5, -found.upper.high))
    assert "4 pairs" in str(found)


def test_limits_of_agreement_are_covered_exactly_also_by_few_pairs():
    from scipy.stats import norm

    rng = np.random.default_rng(0)
    true_limit = 0.3 + norm.ppf(0.975)
    hits = []
    for _ in range(500):
        a = rng.normal(0.3, 1, size=8)
        found = metrics.bland_altman(a, np.zeros(8))
        hits.append(
            (
                found.upper.low <= true_limit <= found.upper.high,
                found.bias.low <= 0.3 <= found.bias.high,
            )
        )
    assert np.mean(hits, axis=0) == pytest.approx([0.95, 0.95], abs=0.03)


def test_with_many_pairs_the_limits_are_those_of_bland_and_altman():
    a = np.random.default_rng(0).normal(size=2000)
    found = metrics.bland_altman(a, np.zeros(2000))
    error = found.sd * np.sqrt(1 / 2000 + 1.96**2 / (2 * 1999))
    assert found.upper.high - found.upper == pytest.approx(1.96 * error, rel=0.05)


def test_bland_altman_of_unsigned_pixels_does_not_wrap_around():
    a, b = np.array([1, 2, 3], np.uint8), np.array([2, 4, 3], np.uint8)
    assert metrics.bland_altman(a, b).bias == -1


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ([1, 2, 3], [1, 2], "one value a subject"),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]], "one value a subject"),
        ([1, 2], [1, 2], "three pairs"),
        ([1, 2, np.nan], [1, 2, 3], "a has 1 values"),
        ([1, 2, 3], [1, np.inf, 3], "b has 1 values"),
    ],
)
def test_impossible_pairs_are_refused(a, b, words):
    with pytest.raises(ValueError, match=words):
        metrics.bland_altman(a, b)


# -- FROC --------------------------------------------------------------------------------------

LESIONS = [[(10, 10), (50, 50)], [(20, 20)], []]
MARKS = [
    [(0.9, 10, 12), (0.8, 11, 10), (0.3, 50, 53), (0.5, 90, 90)],  # 2 on one lesion, 1 false
    [(0.7, 80, 20)],  # false
    [(0.6, 5, 5), (0.2, 70, 70)],  # false
]


def test_froc_by_hand():
    curve = metrics.froc(MARKS, LESIONS, radius=3, rates=[0.1, 1 / 3, 2 / 3, 1, 2], resamples=20)
    # The second mark on the first lesion (0.8) is not a point: it is neither true nor false.
    assert curve.thresholds.tolist() == [np.inf, 0.9, 0.7, 0.6, 0.5, 0.3, 0.2]
    assert curve.false_marks == pytest.approx(np.array([0, 0, 1, 2, 3, 3, 4]) / 3)
    assert curve.sensitivity == pytest.approx(np.array([0, 1, 1, 1, 1, 2, 2]) / 3)
    assert list(curve.at.values()) == pytest.approx([1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 3])
    assert curve.mean == pytest.approx(np.mean([1 / 3, 1 / 3, 1 / 3, 2 / 3, 2 / 3]))
    assert (curve.lesions, curve.images, curve.counted_images, curve.radius) == (3, 3, 3, 3.0)
    assert "at 0.1" in str(curve)


def test_froc_counts_false_marks_where_it_is_told_to():
    options = {"radius": 3, "rates": [1], "resamples": 20}
    free = metrics.froc(MARKS, LESIONS, **options, false_marks_on="lesion-free")
    assert free.counted_images == 1
    assert free.false_marks.tolist() == [0, 0, 1, 1, 2]  # 0.6 and 0.2, over one image
    assert free.thresholds.tolist() == [np.inf, 0.9, 0.6, 0.3, 0.2]
    assert free.at[1] == pytest.approx(2 / 3)


def test_a_mark_between_two_lesions_belongs_to_the_nearest():
    lesions, empty = [[(0, 0), (4, 0)], [(9, 9)]], []
    one = metrics.froc([[(0.9, 1, 0)], empty], lesions, radius=3, rates=[1], resamples=5)
    assert one.at[1] == pytest.approx(1 / 3)
    # The radius is included, and a mark beyond it is false.
    edge = metrics.froc([[(0.9, 7, 0)], empty], lesions, radius=3, rates=[1], resamples=5)
    assert edge.at[1] == pytest.approx(1 / 3)
    far = metrics.froc([[(0.9, 7.01, 0)], empty], lesions, radius=3, rates=[1], resamples=5)
    assert (far.at[1], far.false_marks[-1]) == (0, 0.5)


def test_marks_of_equal_score_enter_together():
    # One true and two false marks share a score: with one false mark allowed, none may enter.
    marks, lesions = [[(0.5, 0), (0.5, 50), (0.5, 90)], [(0.4, 0)]], [[(0,)], [(0,)]]
    curve = metrics.froc(marks, lesions, radius=1, rates=[0.5, 1], resamples=5)
    assert curve.at[0.5] == 0
    assert curve.at[1] == 1


def test_a_rate_is_met_exactly_despite_rounding():
    # 0.1 false marks per image on 30 images are 3, although 0.1 * 30 > 3 in floating point.
    lesions = [[(0.0,)]] + [[] for _ in range(29)]
    marks = [[(0.5, 0)]] + [[(0.9, 50)] for _ in range(3)] + [[] for _ in range(26)]
    assert metrics.froc(marks, lesions, 1, rates=[0.1, 0.09], resamples=5).at == {0.1: 1, 0.09: 0}


def brute_force_sensitivity(marks, lesions, radius, rate):
    """Try every threshold, matching mark by mark."""
    scores = [*sorted({mark[0] for image in marks for mark in image}), np.inf]
    best = 0.0
    for threshold in scores:
        hits = false = 0
        for image, places in zip(marks, lesions, strict=True):
            found = set()
            for score, *position in image:
                apart = [np.linalg.norm(np.subtract(position, place)) for place in places]
                if score < threshold:
                    continue
                if apart and min(apart) <= radius:
                    found.add(int(np.argmin(apart)))
                else:
                    false += 1
            hits += len(found)
        if false / len(marks) <= rate + 1e-12:
            best = max(best, hits / sum(map(len, lesions)))
    return best


def random_images(rng, images=12):
    lesions = [rng.uniform(0, 40, size=(rng.integers(0, 3), 3)) for _ in range(images)]
    lesions[0] = np.array([[5.0, 5, 5]])
    marks = []
    for places in lesions:
        near = places[rng.random(len(places)) < 0.8]
        near = np.repeat(near, 2, axis=0) + rng.normal(scale=3, size=(2 * len(near), 3))
        position = np.concatenate([near, rng.uniform(0, 40, size=(rng.poisson(1.5), 3))])
        marks.append(np.column_stack([rng.integers(0, 10, len(position)) / 10, position]))
    return marks, lesions


@pytest.mark.parametrize("seed", range(10))
def test_froc_agrees_with_brute_force(seed):
    marks, lesions = random_images(np.random.default_rng(seed))
    rates = [0.25, 0.5, 1, 3]
    curve = metrics.froc(marks, lesions, 5.0, rates=rates, resamples=50)
    for rate in rates:
        assert curve.at[rate] == pytest.approx(brute_force_sensitivity(marks, lesions, 5.0, rate))
        assert 0 <= curve.at[rate].low <= curve.at[rate].high <= 1
    assert (np.diff(curve.sensitivity) >= 0).all()
    assert (np.diff(curve.false_marks) >= 0).all()
    assert list(curve.at.values()) == sorted(curve.at.values())


def test_froc_resamples_as_if_images_were_repeated():
    """Bootstrap weights must mean copies of images: compare the spread with real copies."""
    marks, lesions = random_images(np.random.default_rng(0), images=20)
    curve = metrics.froc(marks, lesions, 5.0, rates=[1], resamples=400)
    rng = np.random.default_rng(0)
    values = []
    while len(values) < 400:
        chosen = np.repeat(np.arange(20), rng.multinomial(20, np.full(20, 1 / 20)))
        sample = [[part[i] for i in chosen] for part in (marks, lesions)]
        if any(len(places) for places in sample[1]):
            once = metrics.froc(*sample, 5.0, rates=[1], resamples=1)
            values.append(float(once.at[1]))
    assert [curve.at[1].low, curve.at[1].high] == pytest.approx(np.quantile(values, [0.025, 0.975]))


def test_froc_over_patients_is_wider_than_over_their_images():
    rng = np.random.default_rng(0)
    patients = np.repeat(np.arange(15), 8)
    easy = rng.random(15) < 0.6
    lesions = [[(20.0, 20.0)] for _ in patients]
    marks = [[(0.9, 20, 20)] if easy[p] else [(0.5, 70, 70)] for p in patients]
    by_patient = metrics.froc(marks, lesions, 2, rates=[0.5], groups=patients).at[0.5]
    by_image = metrics.froc(marks, lesions, 2, rates=[0.5]).at[0.5]
    assert by_patient == by_image
    assert by_patient.high - by_patient.low > 2 * (by_image.high - by_image.low)


@pytest.mark.parametrize(
    ("marks", "lesions", "options", "words"),
    [
        (MARKS, LESIONS[:2], {}, "got 3 and 2"),
        (MARKS, [[], [], []], {}, "no lesion"),
        ([[], []], [[(1, 2)], [(1, 2)]], {"false_marks_on": "lesion-free"}, "without a lesion"),
        ([[(0.9, 1, 2, 3)], []], [[(1, 2)], []], {}, r"\[2, 3\]"),
        ([(0.9, 1, 2), []], [[(1, 2)], []], {}, "image 0 needs one row each"),
        ([[(np.nan, 1, 2)], []], [[(1, 2)], []], {}, "detections of image 0 must be finite"),
        ([[], []], [[(1, np.inf)], []], {}, "lesions of image 0 must be finite"),
        (MARKS, LESIONS, {"radius": 0}, "radius"),
        (MARKS, LESIONS, {"rates": []}, "rates"),
        (MARKS, LESIONS, {"rates": [0]}, "rates"),
        (MARKS, LESIONS, {"false_marks_on": "healthy"}, "lesion-free"),
        (MARKS, LESIONS, {"groups": [1, 1, 1]}, "two patients"),
        (MARKS, LESIONS, {"level": 2}, "level"),
    ],
)
def test_impossible_frocs_are_refused_in_words(marks, lesions, options, words):
    with pytest.raises(ValueError, match=words):
        metrics.froc(marks, lesions, **({"radius": 3} | options))


def test_images_without_any_mark_are_a_curve_too():
    curve = metrics.froc([[], []], [[(1, 2)], []], radius=1, resamples=10)
    assert curve.sensitivity.tolist() == [0]
    assert set(curve.at.values()) == {0.0}


@pytest.mark.parametrize("nobody", [None, float("nan"), pd.NA, pd.NaT])
def test_a_case_without_a_patient_is_never_dropped_in_silence(nobody: object) -> None:
    masks = np.ones((3, 4, 4), bool)
    with pytest.raises(ValueError, match="without a patient"):
        metrics.segmentation_report(masks, masks, groups=["P1", nobody, "P2"])
    with pytest.raises(ValueError, match="without a patient"):
        metrics.auc([0, 1, 0, 1], [1, 2, 3, 4], ["P1", nobody, "P2", "P3"])
    report = pd.DataFrame({"case": [0, 1], "group": ["P1", nobody], "dice": [0.5, 0.7]})
    with pytest.raises(ValueError, match="without a patient"):
        metrics.summarise(report, per="group")


def test_patients_may_be_named_by_texts_and_numbers_at_once() -> None:
    found = metrics.paired_difference(np.mean, [1, 2, 3], [0, 1, 2], ["P1", 2, "P3"])
    assert float(found) == 1.0


def test_groups_follow_the_two_methods() -> None:
    a, b = [0.9, 0.8, 0.7, 0.6], [0.8, 0.8, 0.6, 0.6]
    by_position = metrics.paired_difference(np.mean, a, b, ["P1", "P1", "P2", "P2"])
    by_name = metrics.paired_difference(np.mean, a, b, groups=["P1", "P1", "P2", "P2"])
    assert (by_position, by_position.low) == (by_name, by_name.low)


def test_icc_of_too_few_ratings_is_one_clear_error() -> None:
    with pytest.raises(ValueError, match="five ratings"):
        metrics.icc([[1, 2], [3, 5]])
