"""The simulated masses: their physics, their two readers, and how rows are numbered."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course.metrics import dice
from mlmi_course.phantoms import masses

Cases = dict[str, NDArray]


SEEDS = (0, 7, 11)


@cache
def sequence(seed: int) -> Cases:
    return masses.lesions(200, seed=seed)


@pytest.fixture(params=SEEDS)
def cases(request) -> Cases:
    return sequence(request.param)


@pytest.fixture
def all_cases() -> Cases:
    """Of some 250 patients, where 80 would leave too much to chance."""
    parts = [sequence(seed) for seed in SEEDS]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def agreement(cases: Cases, one: str, other: str) -> NDArray[np.float64]:
    return dice(cases[one], cases[other], per_case=True)


def compactness(mask: NDArray) -> float:
    """4π area / perimeter², 1 for a disc; the perimeter is that of a smoothed outline."""
    # The gradient of a blurred mask integrates to the length of its outline.
    blurred = ndimage.gaussian_filter(np.pad(mask, 4).astype(float), 1.0)
    perimeter = np.hypot(*np.gradient(blurred)).sum()
    return 4 * np.pi * mask.sum() / perimeter**2


def exponent(images: NDArray, low: float, high: float) -> float:
    """Slope of log power: Hann window, power pooled over images, mean in rings of one cycle.

    ``low`` and ``high`` are in cycles per pixel.
    """
    n = images.shape[-1]
    images = images - images.mean(axis=(1, 2), keepdims=True)
    power = (np.abs(np.fft.fft2(images * np.outer(np.hanning(n), np.hanning(n)))) ** 2).mean(axis=0)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(n), np.fft.fftfreq(n)))
    ring = np.rint(frequency * n).astype(int)
    wanted = np.unique(ring[(frequency >= low) & (frequency <= high)])
    means = [power[ring == r].mean() for r in wanted]
    return -np.polyfit(np.log(wanted / n), np.log(means), 1)[0]


# Readers


def test_two_readers_agree_like_people(cases):
    values = agreement(cases, "masks", "second_reader")
    assert np.median(values) == pytest.approx(0.85, abs=0.03)
    assert values.min() > 0.2  # both outline the same thing


def test_readers_disagree_more_on_small_and_on_spiculated_lesions(cases):
    values = agreement(cases, "masks", "second_reader")
    small = cases["diameter_mm"] < np.quantile(cases["diameter_mm"], 0.25)
    large = cases["diameter_mm"] > np.quantile(cases["diameter_mm"], 0.75)
    assert np.median(values[small]) < np.median(values[large]) - 0.05
    spiculated, smooth = cases["spiculation"] > 0.5, cases["spiculation"] < 0.3
    assert np.median(values[spiculated]) < np.median(values[smooth]) - 0.03


def test_knowing_the_truth_is_no_better_than_being_the_other_reader(cases):
    readers = np.median(agreement(cases, "masks", "second_reader"))
    for reader in ("masks", "second_reader"):
        assert np.median(agreement(cases, reader, "lesion")) < readers + 0.02


def test_the_first_reader_is_generous_and_the_second_tight(cases):
    first, second, lesion = (
        cases[name].sum(axis=(1, 2), dtype=float) for name in ("masks", "second_reader", "lesion")
    )
    assert (first > second).mean() > 0.9
    smooth = cases["spiculation"] < 0.25  # without strands the truth lies between
    between = np.median((first / lesion)[smooth]), np.median((second / lesion)[smooth])
    assert between[0] > 1.05
    assert between[1] < 0.97


def test_readers_err_in_the_same_places():
    """Around the lesion, both outlines go out and in together; those of two cases do not."""
    cases = masses.lesions(90, seed=3, spiculation=0.1, diameter_mm=18.0)
    moved = np.stack([_moved(cases, name) for name in ("masks", "second_reader")])
    together = [np.corrcoef(a, b)[0, 1] for a, b in zip(*moved, strict=True)]
    apart = [np.corrcoef(a, b)[0, 1] for a, b in zip(moved[0], moved[1, ::-1], strict=True)]
    assert np.median(together) > 0.6
    assert abs(np.median(apart)) < 0.15


def _moved(cases: Cases, reader: str, sectors: int = 16) -> NDArray[np.float64]:
    """Return how much more than the lesion a reader outlines in each sector around it."""
    moved = []
    axis = np.arange(cases["lesion"].shape[-1])
    for lesion, mask in zip(cases["lesion"], cases[reader], strict=True):
        y, x = ndimage.center_of_mass(lesion)
        angle = np.arctan2(axis[:, None] - y, axis[None] - x)
        sector = np.floor((angle / (2 * np.pi) + 0.5) * sectors).astype(int) % sectors
        extra = mask.astype(float) - lesion
        moved.append(np.bincount(sector.ravel(), extra.ravel(), minlength=sectors))
    return np.array(moved)


def test_ambiguity_takes_both_readers_away_from_the_truth():
    for reader in ("masks", "second_reader"):
        sure, usual, vague = (
            np.median(agreement(_ambiguous(a), reader, "lesion")) for a in (0.0, 1.0, 2.0)
        )
        assert sure > usual + 0.02 > vague + 0.04


@cache
def _ambiguous(ambiguity: float) -> Cases:
    return masses.lesions(60, size=64, seed=5, ambiguity=ambiguity, spiculation=0.1)


def test_bright_tissue_draws_both_outlines(cases):
    """What readers add to a lesion is brighter than what they leave out beside it."""
    for reader in ("masks", "second_reader"):
        differences = []
        for image, lesion, mask in zip(
            cases["images"], cases["lesion"], cases[reader], strict=True
        ):
            ring = ndimage.binary_dilation(lesion, iterations=2) & ~lesion.astype(bool)
            added, left = ring & (mask == 1), ring & (mask == 0)
            if added.sum() > 5 and left.sum() > 5:
                differences.append(image[added].mean() - image[left].mean())
        assert np.median(differences) > 1.0


# Lesions


def test_masks_cover_what_real_ones_do(all_cases):
    """Real: 0.1 to 13 %, mean 2.1; quartiles 0.55, 1.1 and 2.8 in the sample of 36."""
    cover = 100 * all_cases["masks"].mean(axis=(1, 2))
    assert cover.min() > 0.05
    assert cover.max() < 16
    assert cover.mean() == pytest.approx(2.05, abs=0.45)
    assert np.quantile(cover, [0.25, 0.5, 0.75]) == pytest.approx([0.55, 1.1, 2.8], rel=0.35)


def test_masks_are_in_one_piece_without_holes():
    for name in ("masks", "second_reader", "lesion"):
        for mask in sequence(0)[name][:80]:
            assert ndimage.label(mask)[1] == 1
            assert (ndimage.binary_fill_holes(mask) == mask).all()


def test_spiculated_lesions_are_less_compact():
    rounds, spiculated = (
        masses.lesions(30, seed=4, spiculation=s, diameter_mm=16.0) for s in (0.0, 0.9)
    )
    for name in ("masks", "lesion"):
        values = [np.median([compactness(mask) for mask in c[name]]) for c in (rounds, spiculated)]
        assert values[0] > 0.8
        assert values[1] < values[0] - 0.15
    # The second reader leaves strands out, the first follows them: only his outline shows them.
    first, second = (
        np.median([compactness(m) for m in spiculated[n]]) for n in ("masks", "second_reader")
    )
    assert second > first + 0.1


def test_the_diameter_is_that_of_the_lesion():
    cases = masses.lesions(30, seed=6, spiculation=0.0, diameter_mm=20.0)
    area = cases["lesion"].sum(axis=(1, 2)) * masses.SPACING_MM**2
    np.testing.assert_allclose(2 * np.sqrt(area / np.pi), 20.0, rtol=0.06)
    np.testing.assert_allclose(cases["diameter_mm"], 20.0)


def test_lesions_are_bright_and_contrast_rules_them():
    bright, faint, none = (
        _contrast(masses.lesions(50, size=64, seed=8, contrast=c, borders=False))
        for c in (1.0, 0.5, 0.0)
    )
    assert np.median(bright) > np.median(faint) + 5 > np.median(none) + 10
    assert abs(np.median(none)) < 5


def _contrast(cases: Cases) -> NDArray[np.float64]:
    values = []
    for image, lesion in zip(cases["images"].astype(float), cases["lesion"] == 1, strict=True):
        ring = ndimage.binary_dilation(lesion, iterations=8)
        ring &= ~ndimage.binary_dilation(lesion, iterations=2)
        values.append(image[lesion].mean() - image[ring].mean())
    return np.array(values)


def test_malignant_lesions_are_more_spiculated_with_overlap(all_cases):
    malignant, benign = (all_cases["spiculation"][all_cases["labels"] == label] for label in (1, 0))
    assert malignant.mean() > benign.mean() + 0.2
    assert np.quantile(benign, 0.9) > np.quantile(malignant, 0.1)


# Breast and film


@pytest.mark.parametrize("beta", [2.0, 2.75, 3.5])
@pytest.mark.parametrize("size", [128, 96])
def test_the_spectrum_of_the_texture(beta, size):
    fields = masses.mass_free(60, size=size, seed=1, beta=beta)
    assert exponent(fields, 4 / size, 40 / 128 * 128 / size) == pytest.approx(beta, abs=0.2)
    assert fields.mean() == pytest.approx(0, abs=1e-3)


def test_the_texture_has_lines_and_is_no_gaussian_cloud():
    """Lines are bright: edges of the finest detail are skewed to the bright side."""
    fields = masses.mass_free(60, seed=2)
    detail = fields - ndimage.gaussian_filter(fields, (0, 2, 2))
    assert (detail**3).mean() / (detail**2).mean() ** 1.5 > 0.25


def test_quantum_noise_falls_with_exposure():
    """In optical thickness its variance is 1 / quanta; far from the ends the film keeps ratios."""
    clean, *noisy = (
        masses.lesions(12, seed=9, exposure=e, borders=False)["images"].astype(float)
        for e in (np.inf, 800.0, 3200.0)
    )
    midgrey = (clean > 90) & (clean < 170)
    low, high = ((image - clean)[midgrey].var() - 1 / 12 for image in noisy)
    assert low / high == pytest.approx(4.0, rel=0.12)


def test_dense_breasts_are_brighter_relative_to_their_fat():
    fatty, dense = (
        masses.lesions(30, size=64, seed=10, density=d, borders=False)["images"].astype(float)
        for d in (0.05, 0.5)
    )
    assert dense.std(axis=(1, 2)).mean() > fatty.std(axis=(1, 2)).mean() + 5


def test_some_images_show_air(cases):
    air = (cases["images"] <= 2).mean(axis=(1, 2))
    assert 0.3 < (air > 0.02).mean() < 0.9
    assert (air < 0.75).all()


def test_some_images_show_the_edge_of_the_film():
    without = _clear_edges(masses.lesions(40, size=64, seed=1, borders=False))
    with_edges = _clear_edges(masses.lesions(40, size=64, seed=1))
    assert without.sum() == 0
    assert 0.1 < with_edges.mean() < 0.6


def _clear_edges(cases: Cases) -> NDArray[np.bool_]:
    """Whether a column of pixels is white from top to bottom."""
    return (cases["images"] == 255).all(axis=1).any(axis=1)


# Rows


def same(one: Cases, other: Cases, rows: int | None = None) -> None:
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name][:rows], other[name][:rows], err_msg=name)


def test_columns():
    cases = masses.lesions(9, size=96, seed=1)
    for name in ("images", "masks", "second_reader", "lesion"):
        assert cases[name].shape == (9, 96, 96)
        assert cases[name].dtype == np.uint8
    for name in ("masks", "second_reader", "lesion"):
        assert set(np.unique(cases[name])) == {0, 1}
    assert cases["labels"].dtype == cases["view"].dtype == np.uint8
    assert cases["groups"].dtype == np.int32
    for name in ("spiculation", "diameter_mm", "density"):
        assert cases[name].dtype == np.float32
        assert cases[name].shape == (9,)


@pytest.mark.parametrize("block", [1, 7, 64])
def test_blocks_change_nothing(block):
    parts = list(masses.lesion_blocks(20, seed=2, block=block))
    assert max(len(part["images"]) for part in parts) <= block
    together = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    same(together, masses.lesions(20, seed=2))


def test_fewer_images_are_the_first_of_more():
    same(masses.lesions(40, seed=3), masses.lesions(13, seed=3), 13)


def test_another_seed_is_another_sequence():
    one, other = masses.lesions(8, seed=0), masses.lesions(8, seed=1)
    assert not np.array_equal(one["images"], other["images"])


def test_every_size_shows_the_same_patients():
    large, small = masses.lesions(30, seed=4), masses.lesions(30, seed=4, size=64)
    for name in ("labels", "groups", "view", "spiculation", "diameter_mm", "density"):
        np.testing.assert_array_equal(large[name], small[name])
    halved = large["lesion"].reshape(30, 64, 2, 64, 2).mean(axis=(2, 4)) > 0.5
    assert np.median(dice(halved, small["lesion"], per_case=True)) > 0.85
    halved = large["images"].reshape(30, 64, 2, 64, 2).mean(axis=(2, 4))
    similar = [
        np.corrcoef(a.ravel(), b.ravel())[0, 1]
        for a, b in zip(halved, small["images"], strict=True)
    ]
    assert min(similar) > 0.95


def test_patients(cases):
    groups = cases["groups"]
    assert (np.diff(groups) >= 0).all()
    assert np.array_equal(np.unique(groups), np.arange(groups[-1] + 1))
    sizes = np.bincount(groups)
    assert set(sizes[:-1]) == {1, 2, 3, 4}
    for name in ("labels", "density", "spiculation"):  # a patient's, not an image's
        for group in range(20):
            assert len(np.unique(cases[name][groups == group])) == 1
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    assert (cases["view"][first] == 0).all()
    assert cases["labels"][first].mean() == pytest.approx(0.48, abs=0.17)  # about 100 patients


def test_views_of_a_patient_differ():
    cases = masses.lesions(8, seed=5, views=4)
    assert cases["groups"].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert cases["view"].tolist() == [0, 1, 2, 3] * 2
    assert not np.array_equal(cases["images"][0], cases["images"][1])
    assert not np.array_equal(cases["masks"][0], cases["masks"][1])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n": 0}, "n must be a whole number"),
        ({"n": 2.5}, "n must be a whole number"),
        ({"size": 100}, "size must be one of"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"block": 0}, "block must be a whole number"),
        ({"views": 5}, "views must be 1, 2, 3 or 4"),
        ({"exposure": 0}, "exposure must be from 1"),
        ({"exposure": np.nan}, "exposure must be from 1"),
        ({"beta": 0}, "beta must be from 0.5 to 5"),
        ({"prevalence": 1.2}, "prevalence must be from 0 to 1"),
        ({"density": -0.1}, "density must be from 0 to 1"),
        ({"spiculation": 2}, "spiculation must be from 0 to 1"),
        ({"diameter_mm": 80}, "diameter_mm must be from 2 to 40 mm"),
    ],
)
def test_impossible_requests(arguments, words):
    with pytest.raises(ValueError, match=words):
        masses.lesion_blocks(**{"n": 2, **arguments})  # at the call, before the first block


def test_impossible_fields():
    with pytest.raises(ValueError, match="size must be one of"):
        masses.mass_free(2, size=50)
    with pytest.raises(ValueError, match=r"beta must be from 0\.5 to 5"):
        masses.mass_free(2, beta=9)
