"""PixelPaddingValue: nothing measured in CT, a real value everywhere else."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest

from mlmi_course.dicom import apply_voi, read_volume
from tests.dicom.makers import mr_slice


def test_the_background_of_an_mr_image_is_measured(tmp_path):
    pixels = np.zeros((4, 6), int)
    pixels[1:3, 1:5] = 300
    path = mr_slice(tmp_path / "a", 0, pixels, PixelPaddingValue=0)
    back = read_volume(path)
    np.testing.assert_array_equal(back.array[0], pixels)
    assert back.array.mean() == 100
    assert back.info["padding (stored)"] == 0


@pytest.mark.parametrize("modality", ["PT", "NM", "MR", "RTDOSE"])
def test_only_ct_has_values_that_were_not_measured(series, edit, modality):
    stored = int(pydicom.dcmread(series[0]).pixel_array[0, 0])
    for file in series:
        edit(file, Modality=modality, PixelPaddingValue=stored)
    assert np.isfinite(read_volume(series[0].parent).array).all()


@pytest.mark.parametrize(
    ("hounsfield", "excluded"), [(-1001, True), (-1024, True), (-1000, False), (0, False)]
)
def test_padding_of_ct_lies_below_air(series, edit, hounsfield, excluded):
    for file in series:
        one = pydicom.dcmread(file)
        pixels = one.pixel_array.copy()
        pixels[0, 0] = hounsfield + 1024
        one.PixelData = pixels.tobytes()
        one.save_as(file)
        edit(file, PixelPaddingValue=hounsfield + 1024)
    corner = read_volume(series[0].parent).array[0, 0, 0]
    assert np.isnan(corner) if excluded else corner == hounsfield


def test_on_a_screen_padding_is_black_in_every_modality(tmp_path):
    path = mr_slice(
        tmp_path / "a", 0, np.arange(24).reshape(4, 6), PhotometricInterpretation="MONOCHROME1"
    )
    one = pydicom.dcmread(path)
    assert apply_voi(one)[0, 0] == 1
    one.PixelPaddingValue = 0
    assert apply_voi(one)[0, 0] == 0
