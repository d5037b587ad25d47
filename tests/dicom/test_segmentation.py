"""Segmentations: the right organ, on the right grid, with the right volume."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest
from pydicom import Dataset, Sequence

from mlmi_course.dicom import DicomError, read_volume
from tests.dicom.makers import mr_slice, segmentation

ONE = np.zeros((4, 6), int)
ONE[1, 2:5] = 1
TWO = np.zeros((4, 6), int)
TWO[:, 2] = 1  # overlaps ONE in a pixel


def test_two_organs_are_two_volumes_on_one_grid(tmp_path):
    path = segmentation(
        tmp_path / "seg", {1: {5: ONE, 10: ONE}, 2: {10: TWO, 15: TWO, 20: ONE}}, labels=("A", "B")
    )
    first, second = read_volume(path), read_volume(path, group=1)
    assert first.info["groups"] == ["segment 1 A", "segment 2 B"]
    assert first.info["segment"] == {"number": 1, "label": "A", "algorithm": "MANUAL"}
    zero = 0 * ONE
    np.testing.assert_array_equal(first.array, [ONE, ONE, zero, zero])
    np.testing.assert_array_equal(second.array, [zero, TWO, TWO, ONE])
    np.testing.assert_allclose(first.affine, second.affine)
    assert first.position((0, 0, 0)).tolist() == [0, 0, 5]
    assert (first.modality, first.spacing) == ("SEG", (5, 2, 3))
    with pytest.raises(DicomError, match="no group 2"):
        read_volume(path, group=2)


def test_slices_that_are_not_stored_come_back_as_zeros(tmp_path):
    """Two slices 20 mm apart are 2 slices of 5 mm, not 40 mm of organ."""
    path = segmentation(tmp_path / "seg", {1: {25: ONE, 5: ONE}}, labels=("A",))
    back = read_volume(path)
    assert back.shape == (5, 4, 6)
    assert back.array.sum(axis=(1, 2)).tolist() == [3, 0, 0, 0, 3]
    assert back.info["slices not stored"] == 3
    assert "SpacingBetweenSlices" in back.info["grid"]
    assert "group" not in back.info


@pytest.mark.parametrize("spacing", [5.0, None])
def test_the_referenced_image_beside_it_gives_the_grid(tmp_path, spacing):
    for i in range(8):
        mr_slice(tmp_path / "in" / f"{i}", 5 * i, ONE)
    path = segmentation(tmp_path / "in" / "seg", {1: {10: ONE, 20: ONE}}, spacing=spacing)
    one = pydicom.dcmread(path)
    reference = Dataset()
    reference.SeriesInstanceUID = "1.2.3"
    one.ReferencedSeriesSequence = Sequence([reference])
    one.save_as(path)
    image = read_volume(tmp_path / "in", "1.2.3")
    back = read_volume(tmp_path / "in", "1.2.99")
    assert back.shape == image.shape
    np.testing.assert_allclose(back.affine, image.affine)
    assert np.flatnonzero(back.array.any(axis=(1, 2))).tolist() == [2, 4]


def test_a_label_map_has_a_background_that_is_zero(tmp_path):
    labels = 0 * ONE
    labels[0], labels[1, :2] = 1, 3
    path = segmentation(
        tmp_path / "seg", {0: {0: labels, 5: 0 * labels}}, "LABELMAP", PixelPaddingValue=0
    )
    back = read_volume(path)
    assert np.isfinite(back.array).all()
    assert (back.array != 0).sum() == 6
    assert back.info["groups"] == ["segment 1 Liver", "segment 2 Spleen", "segment 3 Kidney"]
    np.testing.assert_array_equal(read_volume(path, group=2).array[0], labels == 3)
    assert not read_volume(path, group=1).array.any()
    assert back.info["segmentation type"] == "LABELMAP"


@pytest.mark.parametrize("maximum", [255, 200])
def test_fractions_are_fractions(tmp_path, maximum):
    path = segmentation(
        tmp_path / "seg",
        {1: {0: ONE * maximum, 5: TWO * (maximum // 2)}},
        "FRACTIONAL",
        labels=("A",),
        maximum=maximum,
    )
    back = read_volume(path)
    np.testing.assert_allclose(back.array[0], ONE)
    np.testing.assert_allclose(back.array[1], TWO * (maximum // 2) / maximum, rtol=1e-6)
    assert back.info["fractions are"] == "PROBABILITY"


def test_stored_slices_on_no_grid_are_not_called_missing(tmp_path):
    path = segmentation(
        tmp_path / "seg", {1: {0: ONE, 7: ONE, 10: ONE}}, spacing=4.0, labels=("A",)
    )
    with pytest.raises(DicomError, match="no even grid") as caught:
        read_volume(path)
    for word in ("missing there", "copy"):
        assert word not in str(caught.value)


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"SegmentationType": "CONTOUR"}, "unknown type 'CONTOUR'"),
        ({"SegmentSequence": Sequence()}, "describes no segment"),
    ],
)
def test_what_a_segmentation_lacks_is_said(tmp_path, elements, words):
    path = segmentation(tmp_path / "seg", {1: {0: ONE, 5: ONE}}, **elements)
    with pytest.raises(DicomError, match=words):
        read_volume(path)


def test_fractions_without_their_maximum(tmp_path):
    path = segmentation(tmp_path / "seg", {1: {0: ONE, 5: ONE}}, "FRACTIONAL", maximum=0)
    with pytest.raises(DicomError, match="MaximumFractionalValue"):
        read_volume(path)


def test_two_pictures_of_one_segment_at_one_place(tmp_path):
    path = segmentation(tmp_path / "seg", {1: {0: ONE, 5: ONE, 5.001: TWO}})
    with pytest.raises(DicomError, match="two pictures at one position"):
        read_volume(path)
