"""What de-identification loses with the private elements, and what may stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest

from mlmi_course.dicom import DicomError, deidentify, read_volume
from tests.dicom.makers import b_value, mosaic, mr_slice

SALT = "a secret that only this test knows"
PIXELS = np.arange(24).reshape(4, 6)
SLICES = np.arange(5 * 4 * 6).reshape(5, 4, 6)


def clean(source: Path, folder: Path, **options: bool) -> tuple[Path, str]:
    table = deidentify(source, folder / "out", SALT, **options)
    (result,) = (folder / "out").rglob("*.dcm")
    return result, table.loc[0, "warnings"]


@pytest.fixture
def diffusion(tmp_path: Path) -> Path:
    path = mr_slice(tmp_path / "a", 0, PIXELS, BodyPartExamined="KNEE")
    b_value(path, 1000, [0.6, 0.8, 0.0])
    return path


def test_b_values_that_go_are_named_with_what_no_longer_works(diffusion, tmp_path):
    result, warning = clean(diffusion, tmp_path)
    assert "b-value (converters then write b = 0" in warning
    assert "gradient direction (converters then write 0 0 0" in warning
    assert "retain_safe_private=True keeps" in warning
    assert not [element for element in pydicom.dcmread(result) if element.tag.is_private]


def test_a_mosaic_that_can_no_longer_be_divided_is_warned_of(tmp_path):
    axial = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    path = mosaic(tmp_path / "a", SLICES, (0, 0, 0), axial, (0, 0, 1), BodyPartExamined="KNEE")
    result, warning = clean(path, tmp_path)
    assert "number of slices in the MOSAIC" in warning
    assert "can no longer be divided" in warning
    with pytest.raises(DicomError, match="MOSAIC"):
        read_volume(result)


@pytest.mark.parametrize("b", [0.0, 1000.0])
def test_standard_elements_stay_and_need_no_warning(tmp_path, b):
    changes = {"DiffusionBValue": b, "BodyPartExamined": "KNEE"}
    result, warning = clean(mr_slice(tmp_path / "a", 0, PIXELS, **changes), tmp_path)
    assert warning == ""
    assert pydicom.dcmread(result).DiffusionBValue == b


def test_safe_private_elements_stay_where_asked(diffusion, tmp_path):
    one = pydicom.dcmread(diffusion)
    one.private_block(0x0019, "SIEMENS MR HEADER").add_new(0x09, "LO", "WHISPER")
    one.private_block(0x0019, "SIEMENS MR HEADER").add_new(0x0A, "US", 25)
    one.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", b"WHISPER ")
    one.private_block(0x0011, "SIEMENS MR HEADER", create=True).add_new(0x0C, "LO", "WHISPER")
    one.save_as(diffusion)
    result, warning = clean(diffusion, tmp_path, retain_safe_private=True)
    after = pydicom.dcmread(result)
    assert b"WHISPER" not in result.read_bytes()
    kept = {str(e.tag) for e in after if e.tag.is_private}
    assert kept == {"(0019,0010)", "(0019,100C)", "(0019,100E)"}
    block = after.private_block(0x0019, "SIEMENS MR HEADER")
    assert (block[0x0C].value, block[0x0E].value) == (1000, [0.6, 0.8, 0.0])
    assert warning == ""
    codes = [item.CodeValue for item in after.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113107", "113111"]
    assert sum(map(len, after.DeidentificationMethod)) > 0


@pytest.mark.parametrize(("kind", "value"), [("LO", "Quixote"), ("OB", b"Quixote "), ("SQ", [])])
def test_a_safe_place_with_content_of_another_kind_is_not_safe(diffusion, tmp_path, kind, value):
    one = pydicom.dcmread(diffusion)
    block = one.private_block(0x0019, "SIEMENS MR HEADER")
    block.add_new(0x27, kind, value)
    one.save_as(diffusion)
    result, _ = clean(diffusion, tmp_path, retain_safe_private=True)
    assert b"Quixote" not in result.read_bytes()
    assert 0x0019_1027 not in pydicom.dcmread(result)


def test_a_name_in_a_safe_element_is_emptied_all_the_same(diffusion, tmp_path):
    one = pydicom.dcmread(diffusion)
    one.PatientName = "Quixote^Don"
    one.private_block(0x0019, "SIEMENS MR HEADER").add_new(0x0D, "CS", "QUIXOTE")
    one.save_as(diffusion)
    result, _ = clean(diffusion, tmp_path, retain_safe_private=True)
    assert b"QUIXOTE" not in result.read_bytes()


def test_nothing_private_stays_by_default_nor_below(diffusion, tmp_path):
    one = pydicom.dcmread(diffusion)
    item = pydicom.Dataset()
    item.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", "1000")
    one.SourceImageSequence = pydicom.Sequence([item])
    one.save_as(diffusion)
    result, _ = clean(diffusion, tmp_path)
    assert not [e for e in pydicom.dcmread(result).SourceImageSequence[0] if e.tag.is_private]
