"""NIfTI files: which of two affines, and what counts as a volume."""

from __future__ import annotations

import warnings

import nibabel
import numpy as np
import pytest

from mlmi_course.dicom import DicomError, read_volume

VALUES = np.arange(24, dtype="int16").reshape(4, 3, 2)
SFORM = nibabel.affines.from_matvec(np.diag([2.0, 3, 4]), [10, 20, 30])


def save(path, qform, codes, values=VALUES):
    image = nibabel.Nifti1Image(values, SFORM)
    image.set_sform(SFORM, codes[0])
    image.set_qform(qform, codes[1])
    nibabel.save(image, path)
    return path


@pytest.mark.parametrize("sform_code", [2, 4])
def test_two_affines_that_differ_are_recorded_and_warned_of(tmp_path, sform_code):
    qform = SFORM.copy()
    qform[:3, 3] += [3, 4, 0]
    path = save(tmp_path / "a.nii.gz", qform, (sform_code, 1))
    with pytest.warns(UserWarning, match=r"sform and qform.*5 mm apart.*sform is used"):
        back = read_volume(path)
    assert back.position((0, 0, 0)).tolist() == [-10, -20, 30]
    assert back.info["sform"]["code"] == sform_code
    assert back.info["qform"]["code"] == 1
    assert np.array(back.info["qform"]["affine"])[:3, 3].tolist() == [-13, -24, 30]
    assert back.info["sform and qform differ by (mm)"] == 5


def test_a_turned_qform_is_measured_at_the_farthest_corner(tmp_path):
    """Only the spacing differs, as after a careless resampling: 1 mm over 3 steps of x."""
    qform = SFORM.copy()
    qform[0, 0] = 3
    with pytest.warns(UserWarning, match="3 mm apart"):
        back = read_volume(save(tmp_path / "a.nii", qform, (2, 1)))
    assert back.spacing == (4, 3, 2)


@pytest.mark.parametrize("codes", [(1, 1), (2, 0), (0, 1)])
def test_affines_that_agree_or_are_alone_are_silent(tmp_path, codes):
    path = save(tmp_path / "a.nii", SFORM, codes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        back = read_volume(path)
    assert "sform" not in back.info


@pytest.mark.parametrize("shape", [(4, 3, 2, 1), (4, 3, 2, 1, 1)])
def test_axes_of_length_one_are_no_dimensions(tmp_path, shape):
    path = tmp_path / "a.nii"
    nibabel.save(nibabel.Nifti1Image(VALUES.reshape(shape), SFORM), path)
    np.testing.assert_array_equal(read_volume(path).array, VALUES.T)
    with pytest.raises(DicomError, match="no group 1"):
        read_volume(path, group=1)
