"""Siemens mosaics and the grids of United Imaging: many slices in one picture."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom import Dataset, Sequence

from mlmi_course.dicom import DicomError, read_volume
from tests.dicom.makers import MR_IMAGE, b_value, blank, mosaic, mr_slice, save, with_pixels

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)  # row × column points to the Right
SLICES = np.arange(5 * 4 * 6).reshape(5, 4, 6) + 1  # 5 of 9 tiles are used
FIRST = (10.0, -20.0, 30.0)


@pytest.mark.parametrize(
    ("orientation", "normal"),
    [
        (AXIAL, (0.0, 0.0, 1.0)),
        (AXIAL, (0.0, 0.0, -1.0)),  # numbered from the head
        (SAGITTAL, (1.0, 0.0, 0.0)),  # as every sagittal scan of the scanner
        (SAGITTAL, (-1.0, 0.0, 0.0)),
    ],
)
def test_each_voxel_of_a_mosaic_lies_where_the_csa_header_says(tmp_path, orientation, normal):
    mosaic(tmp_path / "a", SLICES, FIRST, orientation, normal)
    back = read_volume(tmp_path / "a")
    assert back.shape == (5, 4, 6)
    assert back.spacing == pytest.approx((4, 2, 3))
    row, column = np.reshape(orientation, (2, 3))
    inverse = np.linalg.inv(back.affine)
    for z, y, x in np.ndindex(5, 4, 6):
        place = FIRST + 4.0 * z * np.array(normal) + 2.0 * y * column + 3.0 * x * row
        index = np.rint(inverse @ [*place, 1])[:3].astype(int)
        np.testing.assert_allclose(back.position(index), place, atol=1e-6)
        assert back.array[tuple(index)] == SLICES[z, y, x]
    assert back.info["mosaic"] == "5 slices of one picture"


def test_the_csa_header_alone_is_enough(tmp_path):
    path = mosaic(tmp_path / "a", SLICES, FIRST, AXIAL, (0.0, 0.0, 1.0), count=False)
    np.testing.assert_array_equal(read_volume(path).array, SLICES)


def test_without_the_csa_header_the_direction_is_assumed_and_said(tmp_path):
    path = mosaic(tmp_path / "a", SLICES, FIRST, SAGITTAL, (1.0, 0.0, 0.0), csa=False)
    with pytest.warns(UserWarning, match=r"MOSAIC.*exchange the ends"):
        back = read_volume(path)
    # Towards the Left, which is the other way round than row × column.
    np.testing.assert_array_equal(back.array, SLICES[::-1])
    assert "MOSAIC" in back.info["slice order"]


def test_a_mosaic_without_its_private_elements_is_refused(tmp_path):
    path = mosaic(tmp_path / "a", SLICES, FIRST, AXIAL, (0, 0, 1.0), csa=False, count=False)
    with pytest.raises(DicomError, match=r"MOSAIC.*are gone"):
        read_volume(path)


def test_a_private_number_that_came_through_an_archive_as_bytes(tmp_path):
    path = mosaic(tmp_path / "a", SLICES, FIRST, AXIAL, (0.0, 0.0, 1.0), count=False, csa=False)
    one = pydicom.dcmread(path)
    block = one.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0A, "UN", b"\5\0")
    one.save_as(path)
    with pytest.warns(UserWarning, match="MOSAIC"):
        np.testing.assert_array_equal(read_volume(path).array, SLICES)


def test_mosaics_between_which_the_patient_moved_are_volumes_each(tmp_path):
    """Two positions 0.3 mm apart are no two slices."""
    for i in range(3):
        mosaic(
            tmp_path / f"{9 - i}",
            SLICES + 1000 * i,
            (10, -20, 30 + 0.3 * i),
            AXIAL,
            (0.0, 0.0, 1.0),
            AcquisitionNumber=i + 1,
        )
    names = read_volume(tmp_path).info["groups"]
    assert names == ["AcquisitionNumber 1", "AcquisitionNumber 2", "AcquisitionNumber 3"]
    for group in range(3):
        back = read_volume(tmp_path, group=group)
        np.testing.assert_array_equal(back.array, SLICES + 1000 * group)
        assert back.position((0, 0, 0)).round(6).tolist() == [10, -20, 30 + round(0.3 * group, 1)]


def test_diffusion_mosaics_are_named_by_their_private_b_values(tmp_path):
    gradients = [(1000, [0.6, 0.8, 0.0]), (0, None), (1000, [0.0, -1.0, 0.0]), (50, [1.0, 0, 0])]
    for i, (b, direction) in enumerate(gradients):
        path = mosaic(tmp_path / str(i), SLICES + 1000 * i, FIRST, AXIAL, (0.0, 0.0, 1.0))
        b_value(path, b, direction)
    names = read_volume(tmp_path).info["groups"]
    assert names == ["b=0", "b=50 (1, 0, 0)", "b=1000 (0, -1, 0)", "b=1000 (0.6, 0.8, 0)"]
    for group, which in enumerate([1, 3, 2, 0]):
        np.testing.assert_array_equal(
            read_volume(tmp_path, group=group).array, SLICES + 1000 * which
        )


def test_an_ordinary_slice_among_mosaics_is_named(tmp_path):
    mosaic(tmp_path / "a", SLICES, FIRST, AXIAL, (0.0, 0.0, 1.0))
    odd = mr_slice(tmp_path / "b", 0, SLICES[0])
    with pytest.raises(DicomError, match="ordinary slice") as caught:
        read_volume(tmp_path)
    assert caught.value.path == odd


def test_pixels_that_cannot_be_so_many_tiles(tmp_path):
    path = mosaic(tmp_path / "a", SLICES, FIRST, AXIAL, (0.0, 0.0, 1.0), csa=False, count=False)
    one = pydicom.dcmread(path)
    one.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0A, "US", 50)
    one.save_as(path)
    with pytest.raises(DicomError, match=r"MOSAIC.*cannot be 8 × 8 slices"):
        read_volume(path)


def test_a_grid_of_united_imaging_has_a_position_for_each_tile(tmp_path):
    picture = np.vstack([np.hstack(SLICES[:3]), np.hstack([*SLICES[3:], 0 * SLICES[0]])])
    one = with_pixels(blank(MR_IMAGE, "MR", Manufacturer="UIH"), picture)
    one.ImageType = ["ORIGINAL", "PRIMARY", "M", "VFRAME"]
    one.ImageOrientationPatient, one.PixelSpacing, one.SliceThickness = list(AXIAL), [2, 3], 4
    items = []
    for i in range(5):
        item = Dataset()
        item.ImagePositionPatient = [10, -20, 30 - 4 * i]  # from the head
        items.append(item)
    block = one.private_block(0x0065, "Image Private Header", create=True)
    block.add_new(0x50, "DS", "5")
    block.add_new(0x51, "SQ", Sequence(items))
    back = read_volume(save(one, tmp_path / "a"))
    np.testing.assert_array_equal(back.array, SLICES[::-1])
    assert back.position((4, 0, 0)).tolist() == list(FIRST)
