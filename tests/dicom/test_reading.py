"""Reading scans: the right voxel at the right place, or one error that helps."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset, FileMetaDataset, Sequence, examples
from pydicom.data import get_testdata_file
from pydicom.uid import UID, generate_uid

from mlmi_course.dicom import (
    DicomError,
    Volume,
    oblique_affine,
    read_volume,
    series_table,
    tilted_affine,
    write_series,
)
from mlmi_course.phantoms.ct import chest_phantom, hounsfield_at
from tests.dicom.conftest import UPRIGHT, scan

RLE = "1.2.840.10008.1.2.5"


def same(back: Volume, original: Volume, affine: np.ndarray | None = None) -> None:
    np.testing.assert_array_equal(back.array, original.array)
    np.testing.assert_allclose(
        back.affine, original.affine if affine is None else affine, atol=1e-6
    )
    assert (back.modality, back.unit) == ("CT", "HU")


# -- geometry ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"shuffled_names": True},
        {"lying_instance_numbers": True},
        {"shuffled_names": True, "lying_instance_numbers": True, "seed": 5},
        {"gap": 2.0},
        {"gap": -3.0},
    ],
)
def test_names_numbers_and_thickness_do_not_matter(tmp_path, options):
    write_series(scan(), tmp_path, **options)
    same(read_volume(tmp_path), scan())


def test_affine_by_hand(tmp_path):
    back = read_volume(write_series(scan(), tmp_path)[0].parent)
    # Row 3, column 2 of slice 4: 2 × 0.7 mm to the Left, 3 × 0.5 mm back, 4 × 5 mm up.
    assert back.position((4, 3, 2)).round(9).tolist() == [-7 + 1.4, 11 + 1.5, 100 + 20]
    assert back.spacing == pytest.approx((5, 0.5, 0.7))


def test_shuffled_files_really_are_in_another_order(tmp_path):
    files = write_series(scan(), tmp_path, shuffled_names=True, lying_instance_numbers=True)
    assert files != sorted(files)
    numbers = [pydicom.dcmread(file).InstanceNumber for file in files]
    assert numbers != sorted(numbers)


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (0, 2, 1)])
@pytest.mark.parametrize("sign", [1, -1])
def test_sagittal_coronal_and_upside_down(tmp_path, order, sign):
    affine = np.eye(4)
    for axis, step in zip(order, (sign * 4.0, 0.5, 0.7), strict=True):
        affine[:3, (0, 1, 2)[order.index(axis)]] = np.eye(3)[axis] * step
    original = scan(affine=affine)
    write_series(original, tmp_path, shuffled_names=True)
    back = read_volume(tmp_path)
    # Slices are sorted along row × column, so the stack may come back turned round.
    flip = bool((back.affine[:3, 0] * affine[:3, 0]).sum() < 0)
    np.testing.assert_array_equal(back.array, original.array[::-1] if flip else original.array)
    corner = back.position((0, 0, 0))
    np.testing.assert_allclose(corner, original.position((5 if flip else 0, 0, 0)), atol=1e-6)
    normal = np.cross(back.affine[:3, 2], back.affine[:3, 1])
    assert normal @ back.affine[:3, 0] > 0


def test_oblique_by_hand(tmp_path):
    write_series(scan(), tmp_path, oblique=30, shuffled_names=True)
    back = read_volume(tmp_path)
    cosine, sine = np.cos(np.pi / 6), 0.5
    np.testing.assert_allclose(back.affine[:3, 0], [0, -5 * sine, 5 * cosine], atol=1e-6)
    np.testing.assert_allclose(back.affine[:3, 1], [0, 0.5 * cosine, 0.5 * sine], atol=1e-6)
    middle = (np.array(scan().shape) - 1) / 2
    np.testing.assert_allclose(back.position(middle), scan().position(middle), atol=1e-6)
    np.testing.assert_array_equal(back.array, scan().array)
    assert "gantry tilt (degrees)" not in back.info


def test_a_tilted_gantry_shears_the_affine(tmp_path):
    write_series(scan(), tmp_path, tilt=20, shuffled_names=True)
    back = read_volume(tmp_path)
    same(back, scan(), tilted_affine(UPRIGHT, 20))
    assert back.info["gantry tilt (degrees)"] == 20
    assert back.affine[:3, 0].round(6).tolist() == [0, 0, 5]  # the table moved straight
    assert back.spacing[0] == pytest.approx(5)


@pytest.mark.parametrize("turn", [{"oblique": 25}, {"tilt": -18}, {"oblique": 10, "tilt": 15}])
def test_the_anatomy_is_found_where_the_affine_says(tmp_path, turn):
    """Sample the patient on the turned grid, write, read, and look up single points."""
    base = chest_phantom((12, 16, 16), (24, 20, 20)).affine
    affine = tilted_affine(oblique_affine(base, turn.get("oblique", 0)), turn.get("tilt", 0))
    write_series(chest_phantom((12, 16, 16), affine=affine), tmp_path, shuffled_names=True)
    back = read_volume(tmp_path)
    for index in np.random.default_rng(0).integers(0, [12, 16, 16], size=(60, 3)):
        assert back.array[tuple(index)] == hounsfield_at(back.position(index))


def test_spacing_comes_from_positions_of_an_mr_volume(tmp_path):
    path = Path(examples.get_path("mr"))
    one = read_volume(path)
    assert (one.modality, one.unit, one.spacing) == ("MR", "", (0.8, 0.3125, 0.3125))
    header = pydicom.dcmread(path)
    for i in range(3):
        position = np.add(np.array(header.ImagePositionPatient, float), [0, 0, 2.5 * i])
        header.ImagePositionPatient = [f"{number:.4f}" for number in position]
        header.SOPInstanceUID = f"1.2.3.{i}"
        header.save_as(tmp_path / f"{9 - i}.dcm")
        header = pydicom.dcmread(path)
    assert read_volume(tmp_path).spacing[0] == pytest.approx(2.5)


# -- values ------------------------------------------------------------------------------------


def test_hounsfield_of_a_real_slice():
    ct = examples.ct
    back = read_volume(examples.get_path("ct"))
    np.testing.assert_array_equal(back.array[0], ct.pixel_array * 1.0 - 1024)
    assert back.array.dtype == np.float32
    np.testing.assert_allclose(back.affine[:3, 3], np.array(ct.ImagePositionPatient, float))


def test_padding_becomes_nan(tmp_path):
    array = scan().array.copy()
    array[:, 0, 0] = np.nan
    padded = Volume(array, scan().spacing, UPRIGHT, "CT", "HU")
    write_series(padded, tmp_path)
    same(read_volume(tmp_path), padded)


def test_padding_range_and_padding_written_unsigned(series, edit):
    for file in series:
        dataset = pydicom.dcmread(file)
        pixels = dataset.pixel_array.copy()
        pixels[0, :5] = range(10, 15)  # -1014 to -1010 HU: below air
        dataset.PixelData = pixels.tobytes()
        dataset.save_as(file)
        edit(file, PixelPaddingValue=10, PixelPaddingRangeLimit=14)
    assert np.isnan(read_volume(series[0].parent).array[0, 0]).sum() == 5
    dataset = pydicom.dcmread(series[0])
    pixels = dataset.pixel_array.copy()
    pixels[2, 2] = -2000
    dataset.PixelData = pixels.tobytes()
    del dataset.PixelPaddingRangeLimit
    dataset.add_new("PixelPaddingValue", "US", 63536)
    dataset.save_as(series[0])
    assert np.isnan(read_volume(series[0]).array[0, 2, 2])


def test_every_slice_keeps_its_own_rescale(series, edit):
    # As in PET, where each slice uses its own slope to fill 16 bits.
    for i, file in enumerate(series):
        edit(file, Modality="PT", Units="BQML", RescaleSlope=str(i + 1), RescaleIntercept="0")
    back = read_volume(series[0].parent)
    stored = scan().array + 1024
    np.testing.assert_allclose(back.array, stored * np.arange(1, 7)[:, None, None])
    assert (back.modality, back.unit) == ("PT", "BQML")


@pytest.mark.parametrize(("kind", "unit"), [("US", ""), ("HU", "HU"), ("MGML", "MGML")])
def test_the_unit_is_what_the_file_says(series, edit, kind, unit):
    for file in series:
        edit(file, RescaleType=kind)
    assert read_volume(series[0].parent).unit == unit


def test_only_ct_is_in_hounsfield_units(series, edit):
    for file in series:
        edit(file, Modality="MR", RescaleType="HU")
    assert read_volume(series[0].parent).unit == ""


def test_monochrome1_is_presentation_only(series, edit):
    for file in series:
        edit(file, PhotometricInterpretation="MONOCHROME1")
    back = read_volume(series[0].parent)
    same(back, scan())
    assert back.info["photometric interpretation"] == "MONOCHROME1"


def test_modality_lut(series):
    dataset = pydicom.dcmread(series[0])
    table = Dataset()
    table.add_new("LUTDescriptor", "SS", [4, 24, 16])
    table.ModalityLUTType = "OD"
    table.add_new("LUTData", "US", [5, 6, 7, 900])
    del dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType
    dataset.ModalityLUTSequence = Sequence([table])
    dataset.save_as(series[0])
    back = read_volume(series[0])
    assert back.array[0, 0, :6].tolist() == [5, 6, 7, 900, 900, 900]
    assert back.unit == "OD"


def test_rt_dose_is_scaled_and_placed():
    dose = pydicom.dcmread(examples.get_path("rt_dose"))
    back = read_volume(examples.get_path("rt_dose"))
    np.testing.assert_allclose(back.array, dose.pixel_array * dose.DoseGridScaling, rtol=1e-6)
    step = dose.GridFrameOffsetVector[1] - dose.GridFrameOffsetVector[0]
    np.testing.assert_allclose(back.affine[:3, 0], [0, 0, step])


def test_a_dose_with_a_rescale_of_one_is_still_in_gray(tmp_path):
    dose = pydicom.dcmread(examples.get_path("rt_dose"))
    right = read_volume(examples.get_path("rt_dose"))
    dose.RescaleSlope, dose.RescaleIntercept = 1, 0
    dose.save_as(tmp_path / "dose.dcm")
    np.testing.assert_array_equal(read_volume(tmp_path / "dose.dcm").array, right.array)


# -- groups and series -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keyword", "values"),
    [
        ("EchoTime", ["4.6", "10.2", "2"]),
        ("TemporalPositionIdentifier", ["1", "2", "10"]),
        ("DiffusionBValue", [0.0, 1000.0, 500.0]),
        ("ImageType", [["ORIGINAL", "PRIMARY", "M"], ["ORIGINAL", "PRIMARY", "P"]]),
    ],
)
def test_volumes_at_the_same_positions_are_kept_apart(tmp_path, edit, keyword, values):
    for i, value in enumerate(values):
        for file in write_series(scan(), tmp_path / str(i), shuffled_names=True, seed=i):
            elements = {
                "Modality": "MR",
                "SeriesInstanceUID": "1.2.3",
                "StudyInstanceUID": "1.2.4",
                "FrameOfReferenceUID": "1.2.5",
                keyword: value,
                "RescaleIntercept": str(1000 * i),
            }
            edit(file, **elements)
    first = read_volume(tmp_path)
    names = first.info["groups"]
    assert [first.info["group"], len(names)] == [names[0], len(values)]
    numbers = [value if isinstance(value, list) else float(value) for value in values]
    for place, which in enumerate(sorted(range(len(values)), key=numbers.__getitem__)):
        back = read_volume(tmp_path, group=place)
        np.testing.assert_array_equal(back.array, scan().array + 1024 + 1000 * which)
        assert names[place].startswith("b=" if keyword == "DiffusionBValue" else keyword)
    with pytest.raises(DicomError, match=f"no group {len(values)}"):
        read_volume(tmp_path, group=len(values))


def test_echoes_and_phases_together(tmp_path, edit):
    for echo in range(2):
        for time in range(3):
            seed = 10 * echo + time
            for file in write_series(scan(), tmp_path / str(seed), seed=seed):
                edit(
                    file,
                    Modality="MR",
                    SeriesInstanceUID="1.2.3",
                    StudyInstanceUID="1.2.4",
                    FrameOfReferenceUID="1.2.5",
                    EchoTime=str(5 + echo),
                    TemporalPositionIdentifier=str(time + 1),
                )
    names = read_volume(tmp_path).info["groups"]
    assert names[:2] == [
        "EchoTime 5, TemporalPositionIdentifier 1",
        "EchoTime 5, TemporalPositionIdentifier 2",
    ]
    assert len(names) == 6
    os.remove(next((tmp_path / "12").iterdir()))
    with pytest.raises(DicomError, match="same position"):
        read_volume(tmp_path)


def one_series(folder: Path, edit, volumes: int, elements) -> None:
    """Volumes at the same positions; ``elements(volume, slice)`` goes into each header."""
    for i in range(volumes):
        for place, file in enumerate(write_series(scan(), folder / str(i), seed=i)):
            common = {
                "Modality": "MR",
                "SeriesInstanceUID": "1.2.3",
                "StudyInstanceUID": "1.2.4",
                "FrameOfReferenceUID": "1.2.5",
                "RescaleIntercept": str(1000 * i),
            }
            edit(file, **common, **elements(i, place))


def which_volumes(folder: Path) -> list[int]:
    """The numbers given to ``one_series``, in the order in which the groups are read."""
    found = []
    for group in range(len(read_volume(folder).info["groups"])):
        offset = read_volume(folder, group=group).array - scan().array - 1024
        assert np.ptp(offset) == 0  # no slice of another volume
        found.append(round(float(offset[0, 0, 0]) / 1000))
    return found


DIRECTIONS = [None, [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]


def test_diffusion_directions_beside_a_b0_that_has_none(tmp_path, edit):
    def elements(i, place):
        direction = {"DiffusionGradientOrientation": DIRECTIONS[i]} if i else {}
        return {"DiffusionBValue": 1000.0 if i else 0.0, **direction}

    one_series(tmp_path, edit, 4, elements)
    assert which_volumes(tmp_path) == [0, 3, 2, 1]
    names = read_volume(tmp_path).info["groups"]
    assert names == ["b=0", "b=1000 (0, 0, 1)", "b=1000 (0, 1, 0)", "b=1000 (1, 0, 0)"]


@pytest.mark.parametrize(
    "elements",
    [
        lambda i, place: {"TriggerTime": str(30 * i + 2.5 * place)},
        # Slice 3 of a phase is later than slice 0 of the next: only the rank is left.
        lambda i, place: {"TriggerTime": str(9 * i + 2.5 * place)},
        lambda i, place: {"AcquisitionTime": f"10{2 * i:02d}{place:02d}.5"},
        lambda i, place: {"ContentTime": f"1015{12 * i + place:02d}", "AcquisitionTime": "10"},
        # Past midnight.
        lambda i, place: {
            "AcquisitionDate": "20240101" if i == 0 else "20240102",
            "AcquisitionTime": f"{235950 if i == 0 else i * 100 + 1:06d}.{place}",
        },
    ],
)
def test_points_in_time_that_differ_from_slice_to_slice(tmp_path, edit, elements):
    one_series(tmp_path, edit, 3, elements)
    assert which_volumes(tmp_path) == [0, 1, 2]
    assert read_volume(tmp_path).info["group"].endswith("Time: 1")
    os.remove(next((tmp_path / "1").iterdir()))
    with pytest.raises(DicomError, match="same position"):
        read_volume(tmp_path)


def test_magnitude_and_phase_of_a_drifting_cine(tmp_path, edit):
    def elements(i, place):
        kind = "MP"[i % 2]
        return {
            "ImageType": ["ORIGINAL", "PRIMARY", kind],
            "TriggerTime": str(30 * (i // 2) + 2.5 * place),
            "ContentTime": f"1015{i if place % 2 else 5 - i:02d}",  # order of the export
        }

    one_series(tmp_path, edit, 4, elements)
    assert which_volumes(tmp_path) == [0, 2, 1, 3]


def test_a_rank_in_time_does_not_mix_magnitude_and_phase(tmp_path, edit):
    def elements(i, place):
        number = i if place % 2 else 3 - i
        kind = "M" if i == 0 or (i == 1 and place != 2) else "P"
        return {
            "ImageType": ["ORIGINAL", "PRIMARY", kind],
            "ContentTime": f"1015{number:02d}",
        }

    one_series(tmp_path, edit, 4, elements)
    with pytest.raises(DicomError, match="same position"):
        read_volume(tmp_path)


def test_several_series_need_a_choice(tmp_path):
    for number, text in [(1, "thin"), (2, "thick"), (3, "thick")]:
        settings = {"SeriesNumber": number, "SeriesDescription": text}
        write_series(scan(number + 2), tmp_path / str(number), patient=settings, seed=number)
    table = series_table(tmp_path)
    assert table["number"].tolist() == [1, 2, 3]
    assert table["files"].tolist() == [3, 4, 5]
    with pytest.raises(DicomError, match="3 series are mixed") as caught:
        read_volume(tmp_path)
    assert all(uid in str(caught.value) for uid in table.index)
    assert caught.value.path == tmp_path
    assert read_volume(tmp_path, 2).shape[0] == 4
    assert read_volume(tmp_path, "thin").shape[0] == 3
    assert read_volume(tmp_path, table.index[2]).shape[0] == 5
    with pytest.raises(DicomError, match="2 series fit"):
        read_volume(tmp_path, "thick")
    with pytest.raises(DicomError, match="no series fit"):
        read_volume(tmp_path, 9)


def test_reports_beside_a_series_are_passed_over(series):
    report = get_testdata_file("test-SR.dcm", download=False)
    shutil.copy(report, series[0].parent / "report.dcm")
    (series[0].parent / "README.txt").write_text("notes")
    (series[0].parent / ".DS_Store").write_bytes(b"x")
    same(read_volume(series[0].parent), scan())


def test_dicomdir():
    path = examples.get_path("dicomdir")
    table = series_table(path)
    assert len(table) > 5
    with pytest.raises(DicomError, match="series are mixed"):
        read_volume(path)
    heart = read_volume(path, "SmartScore - Gated 0.5 sec")
    assert (heart.shape, heart.unit, heart.spacing[0]) == ((5, 16, 16), "HU", 2.5)
    with pytest.raises(DicomError, match="another orientation"):
        read_volume(path, "Scout")
    with pytest.raises(DicomError, match="slices missing"):
        read_volume(path, "Routine Brain")  # four slices of a long scan


def test_dicomdir_that_lists_a_lost_file(tmp_path):
    shutil.copy(examples.get_path("dicomdir"), tmp_path)
    with pytest.raises(DicomError, match="not there"):
        read_volume(tmp_path / "DICOMDIR")


# -- multi-frame -------------------------------------------------------------------------------


def enhanced(path: Path, modality: str = "CT", echoes: int = 1, syntax: str | None = None) -> Path:
    """An Enhanced CT or MR file whose frames are stored from top to bottom."""
    one = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.1")
    number = "2.1" if modality == "CT" else "4.1"
    one.SOPClassUID = UID(f"1.2.840.10008.5.1.4.1.1.{number}")
    one.file_meta.MediaStorageSOPClassUID = one.SOPClassUID
    one.file_meta.MediaStorageSOPInstanceUID = one.SOPInstanceUID = generate_uid()
    one.Modality, one.SeriesInstanceUID, one.StudyInstanceUID = modality, "1.2.3", "1.2.4"
    one.FrameOfReferenceUID = "1.2.5"
    one.Rows, one.Columns, one.NumberOfFrames = 8, 10, 6 * echoes
    one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
    one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 16, 16, 15, 1
    measures, orientation, shared, value = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = ["0.5", "0.7"], "99"
    orientation.ImageOrientationPatient = ["1", "0", "0", "0", "1", "0"]
    value.RescaleSlope, value.RescaleIntercept, value.RescaleType = "1", "-1024", "HU"
    if modality == "MR":
        value.RescaleType = "US"
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.PlaneOrientationSequence = Sequence([orientation])
    shared.PixelValueTransformationSequence = Sequence([value])
    one.SharedFunctionalGroupsSequence = Sequence([shared])
    frames, pixels = [], []
    for place in reversed(range(6)):
        for echo in range(echoes):
            frame, position, time = Dataset(), Dataset(), Dataset()
            position.ImagePositionPatient = ["-7", "11", str(100 + 5 * place)]
            frame.PlanePositionSequence = Sequence([position])
            time.EffectiveEchoTime = 20.0 - echo
            frame.MREchoSequence = Sequence([time])
            frames.append(frame)
            pixels.append(scan().array[place] + 1024 + 500 * echo)
    one.PerFrameFunctionalGroupsSequence = Sequence(frames)
    one.PixelData = np.array(pixels).astype("<i2").tobytes()
    one["PixelData"].VR = "OW"
    if syntax:
        one.compress(syntax, generate_instance_uid=False)
    one.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("syntax", [None, RLE])
def test_enhanced_ct(tmp_path, syntax):
    same(read_volume(enhanced(tmp_path / "a", syntax=syntax)), scan())


def test_enhanced_mr_with_two_echoes(tmp_path):
    path = enhanced(tmp_path / "a", "MR", echoes=2)
    first, second = read_volume(path), read_volume(path, group=1)
    assert first.info["groups"] == ["EffectiveEchoTime 19", "EffectiveEchoTime 20"]
    np.testing.assert_array_equal(second.array, scan().array)
    np.testing.assert_array_equal(first.array, scan().array + 500)
    assert (first.modality, first.unit) == ("MR", "")
    np.testing.assert_allclose(first.affine, UPRIGHT)


def test_enhanced_diffusion_keeps_its_directions_in_nested_items(tmp_path):
    path = enhanced(tmp_path / "a", "MR", echoes=4)
    dataset = pydicom.dcmread(path)
    for i, frame in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        del frame.MREchoSequence
        diffusion, direction = Dataset(), Dataset()
        diffusion.DiffusionBValue = 1000.0 if i % 4 else 0.0
        if i % 4:
            direction.DiffusionGradientOrientation = DIRECTIONS[i % 4]
            diffusion.DiffusionGradientDirectionSequence = Sequence([direction])
        frame.MRDiffusionSequence = Sequence([diffusion])
    dataset.save_as(path)
    assert len(read_volume(path).info["groups"]) == 4
    for group, which in enumerate([0, 3, 2, 1]):
        back = read_volume(path, group=group)
        np.testing.assert_array_equal(back.array, scan().array + 500 * which)


def test_a_rescale_of_its_own_for_each_frame(tmp_path):
    path = enhanced(tmp_path / "a")
    dataset = pydicom.dcmread(path)
    for i, frame in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        value = Dataset()
        value.RescaleSlope, value.RescaleIntercept, value.RescaleType = str(i + 1), "0", "HU"
        frame.PixelValueTransformationSequence = Sequence([value])
    dataset.save_as(path)
    slopes = np.arange(6, 0, -1)[:, None, None]  # frames are stored from the top
    np.testing.assert_array_equal(read_volume(path).array, (scan().array + 1024) * slopes)


def test_frames_without_places_are_refused(tmp_path):
    path = enhanced(tmp_path / "a")
    dataset = pydicom.dcmread(path)
    del dataset.PerFrameFunctionalGroupsSequence
    dataset.save_as(path)
    with pytest.raises(DicomError, match="frames over time"):
        read_volume(path)


# -- compressed --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "syntax",
    [
        "1.2.840.10008.1.2",  # implicit VR
        "1.2.840.10008.1.2.1.99",  # deflated
        RLE,
        "1.2.840.10008.1.2.4.80",  # JPEG-LS lossless
        "1.2.840.10008.1.2.4.90",  # JPEG 2000 lossless
    ],
)
def test_lossless_encodings_give_the_same_voxels(tmp_path, syntax):
    original = chest_phantom((4, 40, 40), (60, 10, 10))  # JPEG 2000 needs 32 pixels or more
    files = write_series(original, tmp_path, transfer_syntax=syntax)
    assert pydicom.dcmread(files[0]).file_meta.TransferSyntaxUID == syntax
    same(read_volume(tmp_path), original)


def as_lossless_jpeg(file: Path, syntax: str = "JPEGLosslessProcess14_1") -> bool:
    """Compress a file with GDCM; False where that is not installed."""
    try:
        import gdcm
    except ImportError:
        return False
    reader = gdcm.ImageReader()
    reader.SetFileName(str(file))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(getattr(gdcm.TransferSyntax, syntax)))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(file))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
    return True


@pytest.mark.parametrize("syntax", ["JPEGLosslessProcess14", "JPEGLosslessProcess14_1"])
def test_jpeg_lossless(tmp_path, syntax):
    files = write_series(scan(), tmp_path)
    if not all(as_lossless_jpeg(file, syntax) for file in files):
        pytest.skip("NOT TESTED, python-gdcm is missing")
    assert "JPEG Lossless" in pydicom.dcmread(files[0]).file_meta.TransferSyntaxUID.name
    same(read_volume(tmp_path), scan())


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_implicit.dcm",
        "MR_small_padded.dcm",
        "693_J2KI.dcm",
        "J2K_pixelrep_mismatch.dcm",
        "rtdose_rle.dcm",
    ],
)
def test_pydicoms_own_files(name):
    path = get_testdata_file(name, download=False)
    back = read_volume(path)
    dataset = pydicom.dcmread(path)
    assert back.shape[1:] == (dataset.Rows, dataset.Columns)
    if name.startswith("MR_small"):
        np.testing.assert_array_equal(
            back.array, read_volume(get_testdata_file("MR_small.dcm")).array
        )


def test_baseline_jpeg_in_grey(series):
    """8-bit JPEG is lossy: near, and of the right shape."""
    from io import BytesIO

    from PIL import Image
    from pydicom.encaps import encapsulate

    smooth = np.add.outer(np.arange(8), np.arange(10)).astype(np.uint8) * 8
    dataset = pydicom.dcmread(series[0])
    data = BytesIO()
    Image.fromarray(smooth).save(data, "JPEG", quality=95)
    dataset.PixelData = encapsulate([data.getvalue()])
    dataset["PixelData"].VR = "OB"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.file_meta.TransferSyntaxUID = UID("1.2.840.10008.1.2.4.50")
    dataset.save_as(series[0])
    np.testing.assert_allclose(read_volume(series[0]).array[0] + 1024, smooth, atol=4)


# -- NIfTI -------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_nifti_is_turned_to_lps(tmp_path, suffix):
    import nibabel

    affine = nibabel.affines.from_matvec(np.diag([-2, 3, 4]), [10, -20, 30])
    values = np.arange(24, dtype="float32").reshape(4, 3, 2)
    path = tmp_path / f"a{suffix}"
    nibabel.save(nibabel.Nifti1Image(values, affine), path)
    back = read_volume(path)
    assert (back.modality, back.unit, back.spacing) == ("", "", (4, 3, 2))
    assert back.position((0, 0, 0)).tolist() == [-10, 20, 30]
    np.testing.assert_array_equal(back.array, values.T)


def test_nifti_over_time_has_groups(tmp_path):
    import nibabel

    values = np.arange(48, dtype="int16").reshape(4, 3, 2, 2)
    path = tmp_path / "a.nii"
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)
    assert read_volume(path).info["groups"] == ["volume 0", "volume 1"]
    np.testing.assert_array_equal(read_volume(path, group=1).array, values[..., 1].T)
    with pytest.raises(DicomError, match="no group 2"):
        read_volume(path, group=2)


@pytest.mark.parametrize(
    ("stored", "given"),
    [("uint8", "float32"), ("int16", "float32"), (">i2", "float32"), ("int32", "float64")],
)
def test_nifti_values_are_float(tmp_path, stored, given):
    import nibabel

    path = tmp_path / "a.nii"
    values = np.arange(24).reshape(4, 3, 2).astype(stored)
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)
    back = read_volume(path)
    assert back.array.dtype == given
    np.testing.assert_array_equal(back.array, values.T)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.ones((4, 3, 2), "complex64"), "complex numbers"),
        (np.ones((4, 3, 2), [(c, "u1") for c in "RGB"]), "colours"),
        (np.ones((4, 3), "int16"), r"shape \(4, 3\): 2 dimensions; a scan has 3"),
        (np.ones((4, 3, 2, 1, 3), "int16"), r"shape \(4, 3, 2, 1, 3\): 5 dimensions"),
    ],
)
def test_nifti_that_is_no_scan_is_not_called_damaged(tmp_path, values, words):
    import nibabel

    path = tmp_path / "a.nii"
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), path)
    with pytest.raises(DicomError, match=words) as caught:
        read_volume(path)
    assert "damaged" not in str(caught.value)


@pytest.mark.parametrize("keep", [0, 100, 348, 360])
def test_nifti_cut_off(tmp_path, keep):
    import nibabel

    path = tmp_path / "a.nii"
    nibabel.save(nibabel.Nifti1Image(np.ones((4, 3, 2), "float32"), np.eye(4)), path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DicomError, match=r"a\.nii"):
        read_volume(path)


# -- bad input ---------------------------------------------------------------------------------


def refused(path: Path, words: str, names: Path) -> None:
    with pytest.raises(DicomError, match=words) as caught:
        read_volume(path)
    assert str(caught.value).startswith(f"{names}: ")
    assert caught.value.path == names
    assert caught.value.advice


def test_folders_with_nothing_to_read(tmp_path):
    refused(tmp_path, "holds no DICOM files", tmp_path)
    refused(tmp_path / "nowhere", "no such file", tmp_path / "nowhere")
    refused(tmp_path / "nowhere.nii", "no such file", tmp_path / "nowhere.nii")


def test_files_that_are_not_dicom(series):
    odd = series[0].parent / "odd"
    odd.write_text("not a picture at all")
    refused(odd, "not a DICOM file", odd)
    refused(series[0].parent, "not a DICOM file", odd)


@pytest.mark.parametrize("kept", [0.05, 0.5, 0.9, -1, -2])
def test_files_that_are_cut_off(series, kept):
    data = series[3].read_bytes()
    end = int(len(data) * kept) if kept > 0 else len(data) + int(kept)
    series[3].write_bytes(data[:end])
    with pytest.raises(DicomError, match="slice_0004"):
        read_volume(series[0].parent)


@pytest.mark.parametrize(
    ("elements", "words"),
    [
        ({"PixelData": None}, "no pixel data"),
        ({"Rows": None}, "Rows is missing"),
        ({"Rows": 4}, "pixels|bytes"),
        ({"RescaleSlope": "0"}, "slope 0"),
        ({"RescaleSlope": None}, "no HU"),
        ({"ImagePositionPatient": None}, "no place in the patient"),
        ({"ImageOrientationPatient": ["1", "0", "0", "0", "0", "1"]}, "another orientation"),
        ({"ImageOrientationPatient": ["1", "0", "0", "1", "0", "0"]}, "right angle"),
        ({"PixelSpacing": ["0.5", "0.5"]}, "another PixelSpacing"),
        ({"PixelSpacing": ["0.5", "0"]}, "not positive"),
        ({"PixelSpacing": None}, "PixelSpacing is missing"),
        ({"PhotometricInterpretation": "RGB"}, "colours"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "colours"),
        ({"FrameOfReferenceUID": "1.2.3"}, "FrameOfReferenceUID differs"),
        ({"Modality": "MR"}, "Modality differs"),
    ],
)
def test_one_bad_slice_is_named(series, edit, elements, words):
    edit(series[3], **elements)
    refused(series[0].parent, words, series[3])


def test_a_missing_slice_is_named_by_its_neighbours(tmp_path):
    write_series(scan(), tmp_path, missing=[2])
    with pytest.raises(
        DicomError, match=r"10 mm from slice_0002\.dcm to slice_0004\.dcm.*1 slice "
    ):
        read_volume(tmp_path)
    write_series(scan(8), tmp_path / "b", missing=[2, 3])
    with pytest.raises(DicomError, match="2 slices missing"):
        read_volume(tmp_path / "b")


def test_slices_off_the_line_are_refused(series, edit):
    edit(series[3], ImagePositionPatient=["-4", "11", "115"])
    with pytest.raises(DicomError, match="apart elsewhere"):
        read_volume(series[0].parent)


def test_rounded_positions_are_accepted(tmp_path, edit):
    affine = UPRIGHT.copy()
    affine[2, 0] = 1.25
    for file in write_series(scan(affine=affine), tmp_path):
        where = [round(float(x), 1) for x in pydicom.dcmread(file).ImagePositionPatient]
        edit(file, ImagePositionPatient=where)
    assert read_volume(tmp_path).spacing[0] == pytest.approx(1.25, abs=0.02)


def test_the_same_image_twice(series):
    shutil.copy(series[2], series[0].parent / "zz.dcm")
    refused(series[0].parent, "the same image as slice_0003", series[0].parent / "zz.dcm")


def test_two_slices_at_one_place_with_nothing_to_tell_them_apart(series, edit):
    edit(series[3], ImagePositionPatient=["-7", "11", "110"])
    with pytest.raises(DicomError, match=r"slice_0003.*slice_0004.*same position"):
        read_volume(series[0].parent)


@pytest.mark.parametrize("name", ["rgb_color", "palette_color", "ybr_color", "jpeg2k"])
def test_pictures_in_colour(name):
    path = Path(examples.get_path(name))
    refused(path, "picture in colours", path)


@pytest.mark.parametrize("name", ["rt_plan", "waveform"])
def test_files_without_a_picture(name):
    path = Path(examples.get_path(name))
    refused(path, "no image", path)


def test_projections_say_why(series, edit):
    elements = {"ImagePositionPatient": None, "ImageOrientationPatient": None}
    edit(series[0], **elements, Modality="DX", ImagerPixelSpacing=["0.1", "0.1"])
    refused(series[0], "measured at the detector", series[0])


def test_a_single_slice_needs_its_thickness(series, edit):
    edit(series[0], SliceThickness=None)
    refused(series[0], "without SliceThickness", series[0])
    assert read_volume(series[1]).spacing == pytest.approx((5, 0.5, 0.7))


def test_group_must_be_a_number():
    with pytest.raises(ValueError, match="from 0"):
        read_volume(examples.get_path("ct"), group=-1)


def test_nothing_is_written_to_standard_error(tmp_path):
    """Neither by warnings nor by the decoders' C code, for good files and damaged ones."""
    for name in ["JPEG-lossy.dcm", "MR_small_jp2klossless.dcm", "badVR.dcm", "MR_truncated.dcm"]:
        path = Path(get_testdata_file(name, download=False))
        shutil.copy(path, tmp_path / name)
        (tmp_path / f"cut_{name}").write_bytes(path.read_bytes()[: -path.stat().st_size // 3])
    code = (
        "import sys, pathlib\n"
        "from mlmi_course.dicom import read_volume, DicomError\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir():\n"
        "    try: read_volume(path)\n"
        "    except DicomError: print('refused')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert run.stderr == ""
    assert "refused" in run.stdout


def test_the_error_survives_a_trip_between_processes():
    import pickle

    error = pickle.loads(pickle.dumps(DicomError("a/b", "broken", "mend it")))
    assert str(error) == "a/b: broken; mend it"
    assert isinstance(error, ValueError)
