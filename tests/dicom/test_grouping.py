"""Which slices form a volume: contrasts, dimensions, time; and who is blamed if they do not."""

from __future__ import annotations

import os

import numpy as np
import pydicom
import pytest
from pydicom import Dataset, Sequence

from mlmi_course.dicom import DicomError, read_volume, series_table, write_series
from mlmi_course.dicom import files as dicom_files
from tests.dicom.conftest import UPRIGHT, scan
from tests.dicom.makers import blank, mr_slice, save
from tests.dicom.test_reading import enhanced

PIXELS = np.arange(24).reshape(4, 6)


def names(folder) -> list[str]:
    return read_volume(folder).info["groups"]


def firsts(folder) -> list[int]:
    """The smallest value of each group, in the order of the groups."""
    return [
        int(read_volume(folder, group=group).array.min()) for group in range(len(names(folder)))
    ]


# -- contrast before position ------------------------------------------------------------------


@pytest.mark.parametrize("slices", [1, 3])
def test_two_contrasts_whose_positions_interleave_are_two_volumes(tmp_path, slices):
    for i in range(slices):
        mr_slice(tmp_path / f"{i}a", 10 * i, PIXELS, EchoTime="10")
        mr_slice(tmp_path / f"{i}b", 10 * i + 5, PIXELS + 100, EchoTime="90")
    assert names(tmp_path) == ["EchoTime 10", "EchoTime 90"]
    assert firsts(tmp_path) == [0, 100]
    second = read_volume(tmp_path, group=1)
    assert second.position((0, 0, 0)).tolist() == [0, 0, 5]
    assert second.spacing[0] == pytest.approx(10 if slices > 1 else 5)


def test_two_contrasts_on_grids_of_their_own_one_of_them_over_time(tmp_path):
    for i in range(3):
        mr_slice(tmp_path / f"{i}a", 10 * i, PIXELS, EchoTime="10")
        for time in (1, 2):
            changes = {"EchoTime": "90", "TemporalPositionIdentifier": str(time)}
            mr_slice(tmp_path / f"{i}b{time}", 10 * i + 5, PIXELS + 100 * time, **changes)
    assert names(tmp_path) == [
        "EchoTime 10",
        "EchoTime 90, TemporalPositionIdentifier 1",
        "EchoTime 90, TemporalPositionIdentifier 2",
    ]
    assert firsts(tmp_path) == [0, 100, 200]


def test_an_echo_time_that_differs_in_the_last_digit_is_no_contrast(tmp_path):
    for i in range(4):
        mr_slice(tmp_path / str(i), 5 * i, PIXELS, EchoTime="4.6" if i % 2 else "4.61")
    assert read_volume(tmp_path).shape == (4, 4, 6)


def test_echoes_whose_positions_differ_by_two_micrometres_are_at_one_place(tmp_path):
    for i in range(3):
        for echo in (0, 1):
            changes = {"EchoTime": str(10 + 20 * echo)}
            mr_slice(tmp_path / f"{i}{echo}", 5 * i + 0.002 * echo, PIXELS + 100 * echo, **changes)
    assert names(tmp_path) == ["EchoTime 10", "EchoTime 30"]
    assert firsts(tmp_path) == [0, 100]


def test_two_kernels_of_one_ct_are_two_volumes(tmp_path, edit):
    for i, kernel in enumerate(["B70f", "B30f"]):
        for file in write_series(scan(), tmp_path / str(i), seed=i):
            common = {"SeriesInstanceUID": "1.2.3", "StudyInstanceUID": "1.2.4"}
            edit(file, **common, FrameOfReferenceUID="1.2.5", ConvolutionKernel=kernel)
    assert names(tmp_path) == ["ConvolutionKernel B30f", "ConvolutionKernel B70f"]


# -- time, and InstanceNumber as the last resort -----------------------------------------------


def over_time(folder, volumes: int, elements, slices: int = 3) -> None:
    for time in range(volumes):
        for i in range(slices):
            changes = elements(time, i)
            mr_slice(folder / f"{time}-{i}", 5 * i, PIXELS + 100 * time, **changes)


def test_a_scan_over_time_with_instance_numbers_only_is_read_and_said(tmp_path):
    """As GE exports fMRI: one time for all, no temporal position."""

    def elements(time, i):
        return {"InstanceNumber": str(3 * time + i + 1), "AcquisitionTime": "114815"}

    over_time(tmp_path, 11, elements)
    assert names(tmp_path)[10] == "in order of InstanceNumber: 11"
    assert firsts(tmp_path) == list(range(0, 1100, 100))
    assert "InstanceNumber alone" in read_volume(tmp_path).info["order of the groups"]


def test_a_time_goes_before_the_instance_number(tmp_path):
    def elements(time, i):
        return {"InstanceNumber": str(90 - 3 * time - i), "AcquisitionTime": f"1148{time:02d}"}

    over_time(tmp_path, 3, elements)
    assert names(tmp_path)[0] == "in order of AcquisitionTime: 1"
    assert firsts(tmp_path) == [0, 100, 200]
    assert "order of the groups" not in read_volume(tmp_path).info


def test_repeated_b_values_are_numbered_within_their_b_value(tmp_path):
    values = [0.0, 1000.0, 1000.0, 0.0, 50.0]

    def elements(time, i):
        return {"DiffusionBValue": values[time], "InstanceNumber": str(3 * time + i + 1)}

    over_time(tmp_path, 5, elements)
    assert names(tmp_path) == [
        "b=0, in order of InstanceNumber: 1",
        "b=0, in order of InstanceNumber: 2",
        "b=50, in order of InstanceNumber: 1",
        "b=1000, in order of InstanceNumber: 1",
        "b=1000, in order of InstanceNumber: 2",
    ]
    assert firsts(tmp_path) == [0, 300, 400, 100, 200]


def test_a_private_b_value_of_ge_with_its_mark(tmp_path):
    over_time(tmp_path, 2, lambda time, i: {})
    for file in tmp_path.iterdir():
        one = pydicom.dcmread(file)
        b = 0 if file.name.startswith("0") else 10**9 + 700
        one.private_block(0x0043, "GEMS_PARM_01", create=True).add_new(0x39, "IS", [b, 8, 0, 0])
        one.save_as(file)
    assert names(tmp_path) == ["b=0", "b=700"]


# -- DimensionIndexValues ----------------------------------------------------------------------


def test_dimension_indices_sort_enhanced_frames(tmp_path):
    """Nothing else tells these frames apart, and they are stored in another order."""
    path = enhanced(tmp_path / "a", "MR", echoes=3)
    one = pydicom.dcmread(path)
    pointers = []
    for tag in (0x00209057, 0x00209128):  # InStackPositionNumber, TemporalPositionIndex
        item = Dataset()
        item.add_new("DimensionIndexPointer", "AT", tag)
        pointers.append(item)
    one.DimensionIndexSequence = Sequence(pointers)
    for i, frame in enumerate(one.PerFrameFunctionalGroupsSequence):
        del frame.MREchoSequence
        content = Dataset()
        content.DimensionIndexValues = [6 - i // 3, 3 - i % 3]
        frame.FrameContentSequence = Sequence([content])
    one.save_as(path)
    assert names(path) == [f"TemporalPositionIndex index {i}" for i in (1, 2, 3)]
    for group, which in enumerate([2, 1, 0]):
        back = read_volume(path, group=group)
        np.testing.assert_array_equal(back.array, scan().array + 500 * which)


# -- objects without pixels, and directories ---------------------------------------------------


def test_objects_without_pixels_are_passed_over_by_their_class_and_counted(series):
    folder = series[0].parent
    header = pydicom.dcmread(series[0])
    for i, sop in enumerate(["1.2.840.10008.5.1.4.1.1.66", "1.3.46.670589.11.0.0.12.2"] * 2):
        # As Philips exports them: modality MR, in the very series of the images.
        raw = blank(sop, header.Modality, SeriesInstanceUID=header.SeriesInstanceUID)
        save(raw, folder / f"XX_{i}")
    back = read_volume(folder)
    np.testing.assert_array_equal(back.array, scan().array)
    counted = {"Raw Data Storage": 2, "private object of the manufacturer": 2}
    assert back.info["passed over"] == counted
    table = series_table(folder)
    assert table["files"].tolist() == [6]
    assert table.attrs["passed over"] == counted


def test_a_slice_that_lost_its_rows_is_not_passed_over(series, edit):
    edit(series[2], Rows=None)
    with pytest.raises(DicomError, match="Rows is missing") as caught:
        read_volume(series[0].parent)
    assert caught.value.path == series[2]


def directory(folder, name: str, listed: list[str]):
    one = blank("1.2.840.10008.1.3.10", "OT")
    records = []
    for file in listed:
        record = Dataset()
        record.DirectoryRecordType, record.ReferencedFileID = "IMAGE", ["SERIES", file]
        records.append(record)
    one.DirectoryRecordSequence = Sequence(records)
    return save(one, folder / name)


@pytest.mark.filterwarnings("ignore:Invalid value for VR CS")  # a dot in a file's name
@pytest.mark.parametrize("name", ["DICOMDIR", "dicomdir", "DirFile", "index"])
def test_a_directory_is_known_by_its_class_whatever_its_name(series, name):
    listed = [file.name.upper() for file in series]  # the medium's letters were made small
    path = directory(series[0].parents[1], name, listed)
    np.testing.assert_array_equal(read_volume(path).array, scan().array)
    np.testing.assert_array_equal(read_volume(path.parent).array, scan().array)


# -- other formats -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.nii.gz", "a NIfTI file, not a DICOM file; read it by itself"),
        ("a.nii", "a NIfTI file"),
        ("a.hdr", "half of an Analyze or NIfTI pair"),
        ("a.mgz", "a FreeSurfer volume"),
        ("A.NRRD", "an NRRD file"),
    ],
)
def test_other_formats_in_a_folder_are_named_for_what_they_are(series, name, words):
    path = series[0].parent / name
    path.write_bytes(b"\x1f\x8b\x08 something else")
    with pytest.raises(DicomError, match=words) as caught:
        read_volume(series[0].parent)
    assert caught.value.path == path


# -- messages that blame the right file --------------------------------------------------------


def test_a_localiser_in_front_of_a_scan_is_blamed_and_not_the_scan(tmp_path):
    odd = mr_slice(tmp_path / "0", 0, PIXELS, ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    for i in range(4):
        mr_slice(tmp_path / f"{i + 1}", 5 * i, PIXELS)
    with pytest.raises(DicomError, match=r"another orientation.*localiser") as caught:
        read_volume(tmp_path)
    assert caught.value.path == odd


def test_three_planes_of_a_localiser_blame_no_file(tmp_path):
    for i, plane in enumerate([[1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1]]):
        mr_slice(tmp_path / str(i), 5 * i, PIXELS, ImageOrientationPatient=plane)
    with pytest.raises(DicomError, match=r"another orientation.*localiser") as caught:
        read_volume(tmp_path)
    assert caught.value.path == tmp_path


def test_two_slice_distances_are_no_missing_slices(tmp_path):
    for i, height in enumerate([0, 5, 10, 15, 25, 35, 45]):
        mr_slice(tmp_path / str(i), height, PIXELS)
    with pytest.raises(DicomError, match="two slice distances: 5 mm up to 3, 10 mm") as caught:
        read_volume(tmp_path)
    assert caught.value.path == tmp_path
    assert "missing there" not in str(caught.value)
    assert "copy the whole series" not in str(caught.value)


def test_a_gap_blames_neither_neighbour(tmp_path):
    write_series(scan(), tmp_path, missing=[2])
    with pytest.raises(DicomError, match="1 slice missing") as caught:
        read_volume(tmp_path)
    assert caught.value.path == tmp_path


def test_two_halves_with_another_pixel_spacing_blame_no_file(tmp_path):
    for i in range(4):
        mr_slice(tmp_path / str(i), 5 * i, PIXELS, PixelSpacing=[2, 3] if i % 2 else [2.5, 3.5])
    with pytest.raises(DicomError, match="another PixelSpacing than others: 2 like") as caught:
        read_volume(tmp_path)
    assert caught.value.path == tmp_path


@pytest.mark.parametrize("keyword", ["PixelSpacing", "RescaleSlope", "SliceThickness"])
def test_a_decimal_comma_is_called_one(series, keyword):
    data = series[2].read_bytes()
    one = pydicom.dcmread(series[2])
    value = one[keyword].value
    text = "\\".join(map(str, value)) if one[keyword].VM > 1 else str(value)
    comma = text.replace(".", ",") if "." in text else f"{text},0"
    tag = one[keyword].tag
    start = data.index(tag.group.to_bytes(2, "little") + tag.elem.to_bytes(2, "little") + b"DS")
    length = int.from_bytes(data[start + 6 : start + 8], "little")
    comma = comma.encode().ljust(length + 2)
    changed = data[: start + 6] + len(comma).to_bytes(2, "little") + comma
    series[2].write_bytes(changed + data[start + 8 + length :])
    with pytest.raises(DicomError, match="decimal comma") as caught:
        read_volume(series[0].parent)
    assert caught.value.path == series[2]
    assert "damaged" not in str(caught.value)


def test_spect_is_called_spect(tmp_path):
    path = enhanced(tmp_path / "a")
    one = pydicom.dcmread(path)
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.20"
    one.Modality = "NM"
    del one.PerFrameFunctionalGroupsSequence
    one.save_as(path)
    with pytest.raises(DicomError, match="SPECT") as caught:
        read_volume(path)
    assert "over time" not in str(caught.value)


def test_an_aborted_scan_over_time_names_the_images_of_its_last_volume(tmp_path):
    over_time(tmp_path, 3, lambda time, i: {"InstanceNumber": str(4 * time + i + 1)}, slices=4)
    for file in ("2-3", "2-2"):
        os.remove(tmp_path / file)
    with pytest.raises(DicomError, match="aborted") as caught:
        read_volume(tmp_path)
    assert caught.value.path == tmp_path
    assert "2 of 4 slices have 3 images" in str(caught.value)
    assert "(2-0, 2-1)" in str(caught.value)


def test_an_uneven_dose_is_called_a_dose(tmp_path):
    one = blank("1.2.840.10008.5.1.4.1.1.481.2", "RTDOSE", DoseUnits="GY", DoseGridScaling="0.01")
    one.ImageOrientationPatient, one.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 0]
    one.PixelSpacing, one.NumberOfFrames = [2, 3], 4
    one.GridFrameOffsetVector = [0, 2.5, 5, 10]
    one.Rows, one.Columns, one.SamplesPerPixel = 4, 6, 1
    one.PhotometricInterpretation, one.BitsAllocated, one.BitsStored = "MONOCHROME2", 16, 16
    one.HighBit, one.PixelRepresentation = 15, 0
    one.PixelData = np.ones((4, 4, 6), "<u2").tobytes()
    one["PixelData"].VR = "OW"
    with pytest.raises(DicomError, match="GridFrameOffsetVector") as caught:
        read_volume(save(one, tmp_path / "a"))
    for word in ("missing there", "copy"):
        assert word not in str(caught.value)


# -- headers are read once ---------------------------------------------------------------------


def test_all_groups_of_a_scan_cost_one_reading_of_its_headers(tmp_path, monkeypatch):
    over_time(tmp_path, 4, lambda time, i: {"TemporalPositionIdentifier": str(time + 1)})
    for file in tmp_path.iterdir():
        os.utime(file, (1e9, 1e9))
    read = []
    original = dicom_files.read_dataset

    def counting(path, *, pixels):
        read.append(pixels)
        return original(path, pixels=pixels)

    monkeypatch.setattr(dicom_files, "read_dataset", counting)
    assert firsts(tmp_path) == [0, 100, 200, 300]
    assert read.count(False) == 12
    # What has changed since is read again.
    mr_slice(tmp_path / "0-0", 0, PIXELS + 7, TemporalPositionIdentifier="1")
    assert int(read_volume(tmp_path).array[0].min()) == 7
    assert read.count(False) == 24


def test_a_file_that_was_just_written_is_never_taken_for_the_one_before(tmp_path):
    for value in range(5):
        mr_slice(tmp_path / "a", 0, PIXELS + value, PixelSpacing=[2, 3 + value])
        back = read_volume(tmp_path)
        assert (int(back.array.min()), back.spacing[2]) == (value, 3 + value)


def test_the_order_in_the_patient_is_kept_within_every_group(tmp_path):
    over_time(tmp_path, 2, lambda time, i: {"EchoTime": str(10 + time)})
    np.testing.assert_allclose(read_volume(tmp_path).affine[:3, 0], [0, 0, 5])
    assert UPRIGHT[2, 0] == 5
