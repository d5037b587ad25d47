"""Masks of volumes: kept exactly, on the same voxels, or one error."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest

from mlmi_course.data import VolumeSet
from mlmi_course.dicom import Volume

AFFINE = np.array([[0, 0, 1, 0], [0, 2, 0, 0], [3, 0, 0, 0], [0, 0, 0, 1]], float)


def volume(array: np.ndarray, affine: np.ndarray = AFFINE) -> Volume:
    return Volume(array, tuple(np.linalg.norm(affine[:3, :3], axis=0)), affine)


IMAGE = volume(np.arange(60, dtype=np.float32).reshape(3, 4, 5))


def of(mask) -> VolumeSet:
    return VolumeSet(
        name="x", volumes=[IMAGE], groups=[1], masks=[mask], source="made up", licence="none"
    )


def filled(value: float, kind: str = "float32") -> np.ndarray:
    array = np.zeros(IMAGE.shape, kind)
    array[1, 2, 3] = value
    return array


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        *((1, "uint8"), (255, "uint8"), (256, "int16"), (1035, "int16"), (-1, "int16")),
        *((40_000, "int32"), (2**24, "int32")),
    ],
)
@pytest.mark.parametrize("given", ["float32", "int64"])
def test_labels_are_kept_exactly_in_the_smallest_type(value, kind, given):
    mask = of(volume(filled(value, given)))[0].mask
    assert mask.array.dtype == kind
    assert mask.array[1, 2, 3] == value
    assert np.count_nonzero(mask.array) == 1


def test_booleans_are_zero_and_one():
    assert of(volume(filled(1, "bool")))[0].mask.array.dtype == np.uint8


@pytest.mark.parametrize(("value", "shown"), [(0.6, "0.6"), (np.nan, "nan"), (-0.5, "-0.5")])
def test_probabilities_are_no_outlines(value, shown):
    with pytest.raises(ValueError, match=rf"mask of volume 0.*whole numbers.*{shown}"):
        of(volume(filled(value)))[0]


@pytest.mark.parametrize(
    "other",
    [
        volume(np.zeros((3, 4, 6), np.uint8)),
        volume(np.zeros((3, 4, 5), np.uint8), AFFINE @ np.diag([-1, 1, 1, 1])),
        volume(np.zeros((3, 4, 5), np.uint8), AFFINE @ np.diag([1, 1, 2, 1])),
    ],
)
def test_a_mask_on_other_voxels_is_refused(other):
    with pytest.raises(ValueError, match="lies on other voxels"):
        of(other)[0]


def test_a_mask_moved_by_a_voxel_is_refused_and_by_a_rounding_error_is_not():
    for shift, fits in [(3.0, False), (0.3, False), (0.001, True)]:
        affine = AFFINE.copy()
        affine[2, 3] += shift
        data = of(volume(filled(1, "uint8"), affine))
        if fits:
            assert data[0].mask.array.sum() == 1
        else:
            with pytest.raises(ValueError, match="corners up to"):
                data[0]


def test_a_nifti_mask_read_as_float_keeps_its_labels(tmp_path):
    lps = np.diag([-1.0, -1, 1, 1])
    image = nibabel.Nifti1Image(filled(1035, "int16").T, (lps @ AFFINE)[:, [2, 1, 0, 3]])
    nibabel.save(image, tmp_path / "mask.nii.gz")
    mask = of(tmp_path / "mask.nii.gz")[0].mask
    assert mask.array[1, 2, 3] == 1035


def test_a_set_of_planes_says_what_it_cannot_keep():
    with pytest.raises(ValueError, match=r"0 to 255 \(0 to 1035\), which a set of images"):
        of(volume(filled(1035))).slices("axial")
    planes = of(volume(filled(7))).slices("axial")
    assert planes.masks.max() == 7
