"""Plain files are read without a parser: the values must be those that pydicom gives."""

from __future__ import annotations

import logging
import tracemalloc
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from mlmi_course.dicom import DicomError, decoding, read_volume, write_series
from tests.dicom.conftest import scan
from tests.dicom.makers import mr_slice

ROWS, COLUMNS = 6, 7


def folder_of(folder: Path, seed: int = 0, slices: int = 5, **elements) -> Path:
    """Slices whose bits are all used, whatever the header says that is stored."""
    rng = np.random.default_rng(seed)
    for place in range(slices):
        pixels = rng.integers(0, 2**16, size=(ROWS, COLUMNS))
        mr_slice(folder / f"{place}.dcm", 5.0 * place, pixels, InstanceNumber=place, **elements)
    return folder


def by_pydicom(folder: Path) -> np.ndarray:
    """Slices of a folder, each decoded and rescaled by pydicom."""
    slices = []
    for path in sorted(folder.iterdir()):
        one = pydicom.dcmread(path)
        slope, intercept = one.get("RescaleSlope", 1), one.get("RescaleIntercept", 0)
        slices.append(one.pixel_array * np.float32(slope) + np.float32(intercept))
    return np.array(slices)


def saved_as(folder: Path, syntax: str) -> None:
    """Change how the files of a folder are encoded."""
    for path in folder.iterdir():
        one = pydicom.dcmread(path)
        if syntax == ExplicitVRBigEndian:
            one.PixelData = np.frombuffer(one.PixelData, "<u2").astype(">u2").tobytes()
        one.file_meta.TransferSyntaxUID = syntax
        little, implicit = syntax != ExplicitVRBigEndian, syntax == ImplicitVRLittleEndian
        pydicom.dcmwrite(path, one, little_endian=little, implicit_vr=implicit,
                         enforce_file_format=True)  # fmt: skip


@pytest.fixture
def parsed(monkeypatch) -> list[Path]:
    """Files that were given to pydicom with their pixels."""
    seen = []
    plain = decoding.read_dataset

    def noted(path, *, pixels):
        seen.append(path)
        return plain(path, pixels=pixels)

    monkeypatch.setattr(decoding, "read_dataset", noted)
    return seen


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("signed", [0, 1])
@pytest.mark.parametrize("used", [1, 12, 16])
def test_the_values_are_those_of_pydicom(tmp_path, parsed, syntax, signed, used):
    folder_of(tmp_path, BitsStored=used, HighBit=used - 1, PixelRepresentation=signed,
              RescaleSlope="0.3", RescaleIntercept="-7.25")  # fmt: skip
    saved_as(tmp_path, syntax)
    volume = read_volume(tmp_path)
    np.testing.assert_allclose(volume.array, by_pydicom(tmp_path), rtol=1e-6)
    assert volume.array.dtype == np.float32
    assert parsed == []


def test_what_is_not_plain_is_parsed(tmp_path, parsed):
    folder_of(tmp_path / "big")
    saved_as(tmp_path / "big", ExplicitVRBigEndian)
    np.testing.assert_array_equal(read_volume(tmp_path / "big").array, by_pydicom(tmp_path / "big"))
    assert len(parsed) == 5

    folder_of(tmp_path / "followed")
    last = tmp_path / "followed" / "4.dcm"
    one = pydicom.dcmread(last)
    one.add_new(0xFFFCFFFC, "OB", bytes(8))  # padding after the pixels
    one.save_as(last)
    expected = by_pydicom(tmp_path / "followed")
    parsed.clear()
    np.testing.assert_array_equal(read_volume(tmp_path / "followed").array, expected)
    assert parsed == [last]


@pytest.mark.parametrize("cut", [1, 2, 2 * COLUMNS, 2 * ROWS * COLUMNS])
def test_a_file_that_is_cut_off_is_refused_as_before(tmp_path, cut):
    folder = folder_of(tmp_path)
    path = folder / "3.dcm"
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(DicomError, match=r"3\.dcm") as caught:
        read_volume(folder)
    size = 2 * ROWS * COLUMNS
    assert f"{size - cut} bytes of pixel data where the header needs {size}" in str(caught.value)


def test_a_slice_in_wider_numbers_widens_the_volume(tmp_path):
    """One slice of 32 bits: float32 would round its values."""
    folder = folder_of(tmp_path, slices=3)
    wide = pydicom.dcmread(folder / "1.dcm")
    values = np.full((ROWS, COLUMNS), 2**24 + 1, "<u4")
    wide.BitsAllocated = wide.BitsStored = 32
    wide.HighBit, wide.PixelData = 31, values.tobytes()
    wide.save_as(folder / "1.dcm")
    volume = read_volume(folder)
    assert volume.array.dtype == np.float64
    np.testing.assert_array_equal(volume.array, by_pydicom_exactly(folder))


def by_pydicom_exactly(folder: Path) -> np.ndarray:
    """Stored values as they are, in double precision."""
    return np.array(
        [pydicom.dcmread(p).pixel_array.astype(float) for p in sorted(folder.iterdir())]
    )


def test_a_slice_with_another_rescale_keeps_its_own(tmp_path):
    folder = folder_of(tmp_path)
    for place, slope in enumerate(("1", "2", "0.5", "4", "3")):
        one = pydicom.dcmread(folder / f"{place}.dcm")
        one.RescaleSlope, one.RescaleIntercept = slope, place
        one.save_as(folder / f"{place}.dcm")
    np.testing.assert_array_equal(read_volume(folder).array, by_pydicom(folder))


def test_a_wrong_rescale_names_its_file_and_says_nothing_else(tmp_path, caplog):
    folder = folder_of(tmp_path, RescaleSlope="1", RescaleIntercept="0")
    one = pydicom.dcmread(folder / "2.dcm")
    one.RescaleSlope = "0"
    one.save_as(folder / "2.dcm")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DicomError, match=r"2\.dcm.*slope 0"):
            read_volume(folder)
    assert caplog.records == []
    assert logging.root.manager.disable == logging.NOTSET


def test_a_volume_is_not_held_twice(tmp_path):
    array = np.zeros((40, 256, 256), np.float32)
    series = scan(slices=2)
    volume = type(series)(array, series.spacing, series.affine, "CT", "HU", {})
    write_series(volume, tmp_path)
    read_volume(tmp_path)  # what is imported is not counted
    tracemalloc.start()
    read = read_volume(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.25 * read.array.nbytes
