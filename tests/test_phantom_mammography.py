"""Simulated mammograms: their physics, their structure, their traps."""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from scipy import ndimage
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.realism import blobs
from mlmi_course.phantoms import mammography
from mlmi_course.phantoms.mammography import Detector, patch_blocks, power_law_field
from mlmi_course.phantoms.mammography._calcifications import SHAPES, draw, grains
from mlmi_course.phantoms.mammography._detector import GAMMA


@functools.cache
def patches(n: int = 1000, **parameters) -> dict[str, np.ndarray]:
    """Simulated once per test process; nobody writes into it."""
    return mammography.patches(n, seed=1, **parameters)


# --- physics


def spectrum_exponent(fields: np.ndarray) -> float:
    """Slope of log radially averaged power against log frequency, Hann window, 0.02–0.25/pixel."""
    size = fields.shape[-1]
    taper = np.hanning(size)[:, None] * np.hanning(size)
    power = (np.abs(np.fft.fft2(fields * taper)) ** 2).mean(axis=0)
    radius = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size))
    edges = np.geomspace(0.02, 0.25, 16)
    rings = [(radius >= a) & (radius < b) for a, b in itertools.pairwise(edges)]
    x = np.log([radius[ring].mean() for ring in rings])
    y = np.log([power[ring].mean() for ring in rings])
    return -np.polyfit(x, y, 1)[0]


@pytest.mark.parametrize("exponent", [2.0, 3.0, 3.5])
@pytest.mark.parametrize("stretch", [1.0, 1.6])
def test_texture_has_the_requested_spectrum_on_full_fields(exponent: float, stretch: float) -> None:
    white = np.random.default_rng(0).standard_normal((4, 512, 512))
    fields = power_law_field(white, exponent, stretch=stretch, angle=0.7)
    assert spectrum_exponent(fields) == pytest.approx(exponent, abs=0.2)


def test_texture_in_a_patch_has_variance_one() -> None:
    white = np.random.default_rng(0).standard_normal((300, 160, 160))
    fields = power_law_field(white, np.linspace(2, 4, 300), window=60)
    assert fields[:, :60, :60].var(axis=(1, 2)).mean() == pytest.approx(1, abs=0.1)


def test_texture_is_longer_along_its_direction() -> None:
    white = np.random.default_rng(0).standard_normal((20, 128, 128))
    along_columns = power_law_field(white, 3.0, stretch=2.0, angle=np.pi / 2)
    down, across = (np.diff(along_columns, axis=axis).var() for axis in (1, 2))
    assert down > 1.5 * across


def test_quantum_noise_has_a_variance_of_one_over_exposure() -> None:
    flat = np.full((1, 512, 512), 0.3)
    exposures = np.array([0.25, 0.5, 1, 2, 4])
    variances = [
        Detector(exposure, grain=0).expose(flat, np.random.default_rng(i)).var()
        for i, exposure in enumerate(exposures)
    ]
    slope, _ = np.polyfit(np.log(exposures), np.log(variances), 1)
    assert slope == pytest.approx(-1, abs=0.03)


def test_dense_tissue_is_noisier_as_fewer_quanta_pass() -> None:
    noise = [
        Detector(blur=0, grain=0).expose(np.full((1, 256, 256), grey), np.random.default_rng(0))
        for grey in (0.2, 0.45)
    ]
    assert np.log(noise[1].var() / noise[0].var()) == pytest.approx(0.25 / GAMMA, abs=0.05)


def test_patches_of_less_exposure_are_noisier() -> None:
    def noise(exposure: float) -> float:
        images = patches(200, exposure=exposure)["images"].astype(float)
        return np.median(np.diff(images, 2, axis=2).var(axis=(1, 2)))

    assert noise(0.1) > 2 * noise(1.0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size_mm", [0.15, 0.3, 0.7])
def test_grains_are_as_wide_as_asked(shape: str, size_mm: float) -> None:
    n, size = 40, size_mm / mammography.SPACING_MM
    center = np.full(n, 10.0)
    some = grains(center, center, np.full(n, size), shape, np.random.default_rng(0))
    widths = []
    for i in range(n):
        _, mask = draw(type(some).joined([type(some)(*(v[[i]] for v in vars(some).values()))]),
                       (1, 21, 21))  # fmt: skip
        where = np.argwhere(mask[0])
        widths.append((np.ptp(where, axis=0) + 1).max())
    # A pixel is 0.085 mm: the mask of a body that is smaller than two pixels is coarse.
    assert np.median(widths) == pytest.approx(size, abs=max(0.25 * size, 1.2))


def test_unknown_shape_of_grain() -> None:
    with pytest.raises(ValueError, match="round, granular, linear; got 'square'"):
        grains(np.zeros(1), np.zeros(1), np.ones(1), "square", np.random.default_rng(0))


# --- patches


def test_a_cluster_is_three_grains_and_nothing_less() -> None:
    some = patches()
    assert (some["grains"][some["labels"] == 1] >= 3).all()
    assert (some["grains"][some["labels"] == 0] < 3).all()
    assert some["masks"][some["labels"] == 1].any(axis=(1, 2)).all()
    assert 0.35 < some["labels"].mean() < 0.65


def test_grains_lie_where_the_mask_says() -> None:
    images, masks = patches()["images"].astype(float), patches()["masks"].astype(bool)
    with_cluster = patches()["labels"] == 1
    smooth = images - ndimage.gaussian_filter(images, (0, 8, 8))
    inside = smooth[with_cluster][masks[with_cluster]].mean()
    outside = smooth[with_cluster][~masks[with_cluster]].mean()
    assert inside - outside > 8


def test_the_first_patches_do_not_depend_on_how_many_there_are() -> None:
    few, many = mammography.patches(130, seed=7), mammography.patches(500, seed=7)
    for name, values in few.items():
        np.testing.assert_array_equal(values, many[name][:130], err_msg=name)


def test_seeds() -> None:
    first, again, other = (mammography.patches(30, seed=seed)["images"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.5


def test_patients_have_several_views_and_views_several_patches() -> None:
    some = patches()
    patients = np.unique(some["groups"])
    per_patient = np.bincount(some["groups"])[patients]
    assert 3 < per_patient.mean() < 10
    views = [len(np.unique(some["view"][some["groups"] == patient])) for patient in patients]
    assert 1.4 < np.mean(views) < 2.6


def test_quadrants_and_centre_are_cut_from_one_tile() -> None:
    some = patches()
    tiles = {}
    for i, key in enumerate(zip(some["groups"], some["view"], some["tile"], strict=True)):
        tiles.setdefault(key, {})[some["part"][i]] = some["images"][i]
    pairs = [tile for tile in tiles.values() if {1, 5} <= tile.keys()]
    assert len(pairs) > 10
    for tile in pairs:
        np.testing.assert_array_equal(tile[5][:30, :30], tile[1][30:, 30:])


def test_few_patients_hold_both_classes() -> None:
    some = patches(2000)
    both = [np.ptp(some["labels"][some["groups"] == g]) for g in np.unique(some["groups"])]
    assert 0 < np.mean(both) < 0.1


def test_a_random_split_flatters() -> None:
    some = patches(2000)
    grey = some["images"].astype(np.float32) / 255
    bands = [
        (ndimage.gaussian_filter(grey, (0, a, a)) - ndimage.gaussian_filter(grey, (0, b, b)))
        for a, b in ((0, 1), (1, 2), (2, 4), (4, 8))
    ]
    columns = [grey.mean(axis=(1, 2))]
    smooth = ndimage.gaussian_filter(grey, (0, 2, 2))
    down, across = np.diff(smooth, axis=1)[:, :, 1:], np.diff(smooth, axis=2)[:, 1:]
    energy = (down**2 + across**2).mean(axis=(1, 2))
    columns += [(down * across).mean(axis=(1, 2)) / energy, (down**2).mean(axis=(1, 2)) / energy]
    for band in bands:
        columns += [np.log(band.std(axis=(1, 2))), band.max(axis=(1, 2)) / band.std(axis=(1, 2))]
    model = make_pipeline(StandardScaler(), KNeighborsClassifier(3))

    def score(folds: Iterator) -> float:
        guesses = cross_val_predict(
            model, np.stack(columns, 1), some["labels"], cv=list(folds), method="predict_proba"
        )
        return roc_auc_score(some["labels"], guesses[:, 1])

    labels = some["labels"]
    by_patch = score(StratifiedKFold(5, shuffle=True, random_state=0).split(labels, labels))
    by_patient = score(GroupKFold(5).split(labels, labels, some["groups"]))
    assert by_patch - by_patient > 0.015  # 0.03 for several seeds

    # It can: the nearest neighbour is the same patient far more often than by chance.
    table = StandardScaler().fit_transform(np.stack(columns, 1))
    nearest = NearestNeighbors(n_neighbors=2).fit(table).kneighbors(table)[1][:, 1]
    groups = some["groups"]
    chance = np.mean([(groups == group).mean() for group in groups])
    assert (groups[nearest] == groups).mean() > 15 * chance


def test_blocks_are_the_same_patches_and_stay_small() -> None:
    blocks = list(patch_blocks(700, seed=1))
    assert max(len(block["images"]) for block in blocks) < 300
    whole = patches(700)
    for name in whole:
        np.testing.assert_array_equal(np.concatenate([b[name] for b in blocks]), whole[name])


# --- difficulty and traps


def test_ladder_of_the_real_set_with_the_shortcut() -> None:
    """AUC without training, measured on the real patches, reproduced within 0.04."""
    some = patches(2000, brightness_shortcut=True)
    grey = some["images"].astype(np.float32) / 255
    scores = {
        "mean": grey.mean(axis=(1, 2)), "std": grey.std(axis=(1, 2)), "max": grey.max(axis=(1, 2)),
        **{sigma: blobs(some["images"], sigma) for sigma in (1, 1.5, 2, 2.5, 3)},
    }  # fmt: skip
    real = {"mean": 0.80, "std": 0.87, "max": 0.90,
            1: 0.918, 1.5: 0.967, 2: 0.976, 2.5: 0.974, 3: 0.964}  # fmt: skip
    ladder = {name: roc_auc_score(some["labels"], score) for name, score in scores.items()}
    assert ladder == pytest.approx(real, abs=0.05)  # 0.04 here, and a margin for other processors


def test_difficulty_takes_the_untrained_detector_down() -> None:
    levels = [
        roc_auc_score(some["labels"], blobs(some["images"], 2.0))
        for some in (patches(difficulty=d) for d in (0.0, 0.5, 1.0))
    ]
    assert levels[0] > 0.92
    assert 0.70 < levels[2] < 0.80
    assert levels[0] - 0.03 > levels[1] > levels[2] + 0.03


@pytest.mark.parametrize(
    ("parameter", "many"), [("vessels", 4.0), ("single_grains", 1.0), ("dust", 2.0)]
)
def test_each_distractor_makes_it_harder(parameter: str, many: float) -> None:
    easy, hard = patches(**{parameter: 0.0}), patches(**{parameter: many})
    score = [roc_auc_score(some["labels"], blobs(some["images"], 1.5)) for some in (easy, hard)]
    assert score[0] > score[1] + 0.01


def test_brightness_tells_the_class_only_with_the_shortcut() -> None:
    def auc_of_mean(**parameters) -> float:
        some = patches(2000, **parameters)
        return roc_auc_score(some["labels"], some["images"].mean(axis=(1, 2)))

    assert auc_of_mean(brightness_shortcut=True) > 0.75
    assert abs(auc_of_mean() - 0.5) < 0.1


def digests(images: np.ndarray) -> list[str]:
    return [hashlib.sha256(image.tobytes()).hexdigest() for image in images]


def test_duplicate_patients_are_identical_under_another_number() -> None:
    some = patches(duplicate_patients=0.3)
    twice = some["duplicate_of"] >= 0
    assert 0.15 < twice.mean() < 0.45
    first = {}
    for digest, group in zip(digests(some["images"]), some["groups"], strict=True):
        first.setdefault(digest, set()).add(group)
    shared = np.array([len(first[digest]) > 1 for digest in digests(some["images"])])
    # The very last patient may have been cut short, and so may the one whose copy came last.
    assert shared[twice].mean() > 0.97
    assert len(set(digests(patches()["images"]))) == len(patches()["images"])


def test_marker_gives_the_class_away() -> None:
    some = patches(marker=True)
    corner = (some["images"][:, 3:11, 3:5] == 235).all(axis=(1, 2))
    assert corner[some["labels"] == 1].mean() > 0.8
    assert corner[some["labels"] == 0].mean() < 0.12


def test_label_noise_flips_that_fraction_and_keeps_the_truth() -> None:
    some = patches(2000, label_noise=0.1)
    assert (some["labels"] != some["true_label"]).mean() == pytest.approx(0.1, abs=0.03)
    np.testing.assert_array_equal(some["true_label"], patches(2000)["labels"])
    np.testing.assert_array_equal(some["images"], patches(2000)["images"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n must be at least 1; got 0"),
        ({"difficulty": 1.5}, "difficulty must be between 0 and 1; got 1.5"),
        ({"label_noise": -0.1}, "label_noise must be between 0 and 1"),
        ({"exposure": 0.0}, "exposure must be a positive number; got 0.0"),
        ({"dust": float("nan")}, "dust must be a positive number; got nan"),
    ],
)
def test_bad_knobs_are_named_at_once(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        patch_blocks(**arguments)


# --- sections


@functools.cache
def sections() -> dict[str, np.ndarray]:
    return mammography.sections(12, seed=3)


def test_sections_know_their_clusters() -> None:
    some = sections()
    count = np.isfinite(some["cluster_row"]).sum(axis=1)
    np.testing.assert_array_equal(count, some["clusters"])
    np.testing.assert_array_equal(count > 0, some["labels"] == 1)
    assert 0 < some["labels"].mean() < 1
    for image in range(len(count)):
        for k in range(count[image]):
            row, column, radius, grains_here = (
                some[f"cluster_{name}"][image, k]
                for name in ("row", "column", "radius_mm", "count")
            )
            rows, columns = np.mgrid[:512, :512]
            inside = np.hypot(rows - row, columns - column) < radius / mammography.SPACING_MM + 4
            _, bodies = ndimage.label(some["masks"][image] * inside, np.ones((3, 3)))
            # Grains that touch are one body; a lone grain may lie among them.
            assert 0.2 * grains_here <= bodies <= grains_here + 3


def test_clusters_of_a_section_keep_apart() -> None:
    for rows, columns in zip(sections()["cluster_row"], sections()["cluster_column"], strict=True):
        places = np.stack([rows, columns], 1)[np.isfinite(rows)]
        apart = np.linalg.norm(places[:, None] - places, axis=-1)
        assert (apart[~np.eye(len(places), dtype=bool)] * mammography.SPACING_MM > 7).all()


def test_sections_are_seeded_one_by_one() -> None:
    again = mammography.sections(3, seed=3)
    for name, values in again.items():
        np.testing.assert_array_equal(values, sections()[name][:3], err_msg=name)
    assert sections()["groups"].tolist()[:4] == [0, 0, 1, 1]


def test_sections_say_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="n must be at least 1; got -2"):
        mammography.section_blocks(-2)
