"""The simulated chest: the right tissue at the right place, on any grid."""

from __future__ import annotations

import numpy as np
import pytest

from mlmi_course.dicom import oblique_affine, tilted_affine
from mlmi_course.phantoms.ct import HOUNSFIELD, NODULE, chest_phantom, hounsfield_at

GRID = {"shape": (40, 64, 64), "spacing": (8.0, 6.0, 6.0)}


@pytest.mark.parametrize(
    ("place", "tissue"),
    [
        ((0, 0, 500), "fat"),  # the body goes on beyond the organs
        ((200, 0, 0), "air"),
        ((0, -112, 0), "fat"),
        ((-100, 10, 60), "lung"),
        ((100, -20, 60), "lung"),
        ((-70, 0, -80), "liver"),  # on the right
        ((95, 40, -85), "spleen"),  # on the left
        ((62, -20, -100), "fluid"),  # stomach, behind
        ((62, -55, -100), "air"),  # and its gas in front: the patient lies on the back
        ((20, 50, 5), "enhanced blood"),  # descending aorta, left of the spine
        ((40, -22, -2), "enhanced blood"),
        ((0, 70, 15), "marrow"),
        ((0, 92, 15), "fluid"),
        ((0, 15, 150), "air"),  # trachea
        (NODULE[:3], "nodule"),
    ],
)
def test_tissues(place, tissue):
    assert hounsfield_at(place) == HOUNSFIELD[tissue]


def test_without_contrast_agent_blood_is_like_muscle():
    assert hounsfield_at((20, 50, 5), enhanced=False) == HOUNSFIELD["blood"]
    assert (hounsfield_at((20, 50, 5)) > HOUNSFIELD["blood"]).all()


def test_left_is_not_right():
    """Every plane that shows left and right betrays a flip."""
    array = chest_phantom(**GRID).array
    for z in range(3, 38):
        different = np.abs(array[z] - array[z, :, ::-1]) > 40
        assert different.mean() > 0.005, z
    liver = np.isclose(array, HOUNSFIELD["liver"])
    assert liver[..., :32].sum() > 3 * liver[..., 32:].sum()  # x runs to the Left


@pytest.mark.parametrize("degrees", [0, 20])
def test_any_grid_samples_the_same_patient(degrees):
    affine = tilted_affine(oblique_affine(chest_phantom(**GRID).affine, degrees), -degrees / 2)
    scan = chest_phantom(GRID["shape"], affine=affine)
    np.testing.assert_allclose(scan.affine, affine)
    for index in np.random.default_rng(1).integers(0, GRID["shape"], size=(100, 3)):
        assert scan.array[tuple(index)] == hounsfield_at(scan.position(index))


def test_the_volume_of_the_nodule():
    x, y, z, radius = NODULE
    affine = np.zeros((4, 4))
    affine[[2, 1, 0], [0, 1, 2]] = 0.5
    affine[:, 3] = x - 8, y - 8, z - 8, 1
    scan = chest_phantom((33, 33, 33), affine=affine)
    counted = (scan.array == HOUNSFIELD["nodule"]).sum() * 0.5**3
    assert counted == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.02)


def test_vessels_stand_out_in_a_projection():
    lung = chest_phantom((40, 64, 64), (4, 5, 5)).array[22:36, 20:40, 10:24]
    assert lung.max(axis=1).max() == HOUNSFIELD["enhanced blood"]
    assert np.median(lung) == HOUNSFIELD["lung"]


def test_noise_is_seeded_and_of_the_size_asked_for():
    clean = chest_phantom(**GRID).array
    one, same, other = (chest_phantom(**GRID, noise=20, seed=s).array for s in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    assert (one - clean).std() == pytest.approx(20, rel=0.02)
    assert (one - clean).mean() == pytest.approx(0, abs=0.2)


def test_a_round_field_of_view_is_padded():
    array = chest_phantom(**GRID, round_field=True).array
    assert np.isnan(array[:, 0, 0]).all()
    assert np.isnan(array).mean() == pytest.approx(1 - np.pi / 4, abs=0.02)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"shape": (4, 4)}, "three positive whole numbers"),
        ({"shape": (0, 4, 4)}, "three positive whole numbers"),
        ({"spacing": (1, 1)}, "three positive numbers"),
        ({"spacing": (1, -1, 1)}, "three positive numbers"),
        ({"noise": -1}, "not negative"),
        ({"affine": np.eye(3)}, r"shape \(4, 4\)"),
    ],
)
def test_impossible_scans(arguments, words):
    with pytest.raises(ValueError, match=words):
        chest_phantom(**arguments)
    with pytest.raises(ValueError, match="three coordinates"):
        hounsfield_at([1, 2])
