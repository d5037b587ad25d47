"""Compressed pixels: every installed decoder is asked before a file is called damaged."""

from __future__ import annotations

import importlib.util

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate, generate_frames

from mlmi_course.dicom import DicomError, read_volume, write_series
from mlmi_course.dicom.codestream import is_whole
from tests.dicom.conftest import scan
from tests.dicom.makers import mr_slice
from tests.dicom.test_reading import as_lossless_jpeg

JPEG_LS = "1.2.840.10008.1.2.4.80"
needs_gdcm = pytest.mark.skipif(
    importlib.util.find_spec("gdcm") is None, reason="NOT TESTED, python-gdcm is missing"
)


def jpeg_ls(folder, change):
    """A JPEG-LS slice whose stream has been changed."""
    path = write_series(scan(), folder, transfer_syntax=JPEG_LS)[0]
    one = pydicom.dcmread(path)
    (stream,) = generate_frames(one.PixelData, number_of_frames=1)
    one.PixelData = encapsulate([change(stream.rstrip(b"\0"))])
    one.save_as(path)
    return path


def with_fill_byte(stream: bytes) -> bytes:
    """Any marker may be preceded by fill bytes FF (ITU-T T.81, B.1.1.2)."""
    at = stream.index(b"\xff\xda")
    return stream[:at] + b"\xff" + stream[at:]


@needs_gdcm
def test_jpeg_ls_with_a_fill_byte_is_read_by_another_decoder(tmp_path):
    path = jpeg_ls(tmp_path, with_fill_byte)
    np.testing.assert_array_equal(read_volume(path).array[0], scan().array[0])


@pytest.mark.parametrize("kept", [0.3, 0.7, 0.95])
def test_a_stream_that_is_cut_off_is_given_to_no_lenient_decoder(tmp_path, kept):
    path = jpeg_ls(tmp_path, lambda stream: stream[: int(kept * len(stream))])
    with pytest.raises(DicomError, match="cannot be decoded"):
        read_volume(path)


def test_every_decoder_that_was_asked_is_named(tmp_path):
    path = jpeg_ls(tmp_path, lambda stream: stream[:20] + bytes(40) + stream[60:])
    with pytest.raises(DicomError, match="pyjpegls: ") as caught:
        read_volume(path)
    if importlib.util.find_spec("gdcm"):
        assert "gdcm: " in str(caught.value)


@needs_gdcm
def test_jpeg_of_12_bits(tmp_path):
    """Pillow knows 8 bits only; lossy, so near and not equal."""
    smooth = np.add.outer(np.arange(32), np.arange(40)) * 55
    path = mr_slice(tmp_path / "a", 0, smooth, BitsStored=12, HighBit=11)
    assert as_lossless_jpeg(path, "JPEGExtendedProcess2_4")
    one = pydicom.dcmread(path)
    assert (one.file_meta.TransferSyntaxUID[-2:], one.BitsStored) == ("51", 12)
    back = read_volume(path).array[0]
    assert back.max() > 3500
    np.testing.assert_allclose(back, smooth, atol=30)


@needs_gdcm
def test_the_same_from_another_program(tmp_path):
    sitk = pytest.importorskip("SimpleITK", reason="NOT TESTED, SimpleITK is missing")
    one = pydicom.dcmread(get_testdata_file("JPEG-lossy.dcm", download=False))
    one.ImagePositionPatient, one.ImageOrientationPatient = [0, 0, 0], [1, 0, 0, 0, 1, 0]
    one.PixelSpacing, one.SliceThickness = [1, 1], 1
    one.save_as(tmp_path / "a")
    expected = sitk.GetArrayFromImage(sitk.ReadImage(get_testdata_file("JPEG-lossy.dcm")))
    np.testing.assert_array_equal(read_volume(tmp_path / "a").array, expected)


def test_whole_and_broken_streams(tmp_path):
    one = pydicom.dcmread(write_series(scan(), tmp_path, transfer_syntax=JPEG_LS)[0])
    (stream,) = generate_frames(one.PixelData, number_of_frames=1)
    assert is_whole(stream)
    assert is_whole(with_fill_byte(stream))
    assert not is_whole(stream.rstrip(b"\0")[:-2])
    assert not is_whole(b"something else")
