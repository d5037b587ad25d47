"""Series written for teaching: valid files, the same from the same seed, defects as asked."""

from __future__ import annotations

import numpy as np
import pydicom
import pytest

from mlmi_course.dicom import DicomError, Volume, read_volume, write_series
from mlmi_course.phantoms.ct import chest_phantom
from tests.dicom.conftest import UPRIGHT, scan


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    options = {"shuffled_names": True, "lying_instance_numbers": True}
    one, two, other = (
        write_series(scan(), tmp_path / name, seed=seed, **options)
        for name, seed in [("a", 1), ("b", 1), ("c", 2)]
    )
    assert [f.name for f in one] == [f.name for f in two]
    assert [f.read_bytes() for f in one] == [f.read_bytes() for f in two]
    assert [f.name for f in one] != [f.name for f in other]
    first, last = pydicom.dcmread(one[0]), pydicom.dcmread(other[0])
    assert first.StudyInstanceUID != last.StudyInstanceUID


def test_round_trip_within_rounding(tmp_path):
    original = chest_phantom((8, 32, 32), (35, 12, 12), noise=20, round_field=True)
    write_series(original, tmp_path)
    back = read_volume(tmp_path)
    np.testing.assert_allclose(back.array, original.array, atol=0.5)
    np.testing.assert_allclose(back.affine, original.affine, atol=1e-9)
    assert back.info["description"] == "simulated chest CT"


def test_headers_are_in_order(tmp_path):
    files = write_series(scan(), tmp_path, gap=2)
    headers = [pydicom.dcmread(file) for file in files]
    assert [header.InstanceNumber for header in headers] == [1, 2, 3, 4, 5, 6]
    assert len({header.SOPInstanceUID for header in headers}) == 6
    assert len({header.SeriesInstanceUID for header in headers}) == 1
    assert headers[0].PixelSpacing == [0.5, 0.7]
    assert headers[0].SliceThickness == 3
    assert "PixelPaddingValue" not in headers[0]
    assert all(
        header.file_meta.MediaStorageSOPInstanceUID == header.SOPInstanceUID for header in headers
    )


def test_elements_of_the_patient(tmp_path):
    files = write_series(
        scan(), tmp_path, patient={"PatientName": "Doe^Jane", "PatientAge": "034Y"}
    )
    header = pydicom.dcmread(files[0])
    assert (header.PatientName, header.PatientAge) == ("Doe^Jane", "034Y")


def test_missing_slices_are_not_written(tmp_path):
    files = write_series(scan(), tmp_path, missing=[0, 3])
    assert [file.name for file in files] == [f"slice_000{n}.dcm" for n in (2, 3, 5, 6)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"missing": range(6)}, "must leave some"),
        ({"missing": [6]}, "must leave some"),
        ({"gap": 5}, "leaves nothing"),
        ({"transfer_syntax": "1.2.840.10008.1.2.2"}, "big-endian"),
        ({"transfer_syntax": "1.2.840.10008.1.2.4.70"}, "cannot write JPEG Lossless"),
    ],
)
def test_options_that_make_no_sense(tmp_path, options, words):
    with pytest.raises(ValueError, match=words):
        write_series(scan(), tmp_path, **options)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"unit": ""}, "only CT in HU"),
        ({"modality": "MR"}, "only CT in HU"),
        ({"array": np.full((1, 2, 2), 1e6)}, "16 bits"),
        ({"array": np.full((1, 2, 2), -3024.0)}, "kept for padding"),
    ],
)
def test_volumes_that_cannot_be_written(tmp_path, changes, words):
    settings = {"array": np.zeros((1, 2, 2)), "modality": "CT", "unit": "HU", **changes}
    with pytest.raises(ValueError, match=words):
        write_series(Volume(spacing=(5, 0.5, 0.7), affine=UPRIGHT, **settings), tmp_path)


def test_nothing_is_overwritten(tmp_path):
    write_series(scan(), tmp_path)
    with pytest.raises(DicomError, match="already there"):
        write_series(scan(), tmp_path)
