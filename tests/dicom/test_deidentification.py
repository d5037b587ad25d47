"""Nobody may be recognised by a file that leaves the house, and no voxel may move."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset, Sequence, examples
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.encaps import encapsulate, generate_frames

from mlmi_course.dicom import DicomError, deidentify, read_volume, write_series
from tests.dicom.conftest import scan

SALT = "a secret that only this test knows"
PICTURES = [
    "ct",
    "mr",
    "overlay",
    "jpeg2k",
    "palette_color",
    "rgb_color",
    "ybr_color",
    "rt_dose",
]
UNCHANGED = [
    *("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness"),
    *("GridFrameOffsetVector", "NumberOfFrames", "Rows", "Columns", "PixelPaddingValue"),
    *("RescaleSlope", "RescaleIntercept", "DoseGridScaling", "WindowCenter", "ImageType"),
]
PLANTED = {
    "name": "Quixote",
    "id": "MRN-77342-Z",
    "institution": "Sanatorio de la Mancha",
    "physician": "Rocinante",
    "accession": "ACC99812345",
    "private": "PRIVATEWHISPER",
    "nested private": "NESTEDWHISPER",
    "meta": "AETITLEWHISPER",
    "overlay": "OVERLAYWHISPER",
    "preamble": "PREAMBLEWHISPER",
    "comment": "COMMENTWHISPER",
    "operator": "Dulcinea",
}


def plant(dataset: pydicom.FileDataset) -> None:
    """Write identifying texts wherever a file can hold them."""
    dataset.PatientName = f"{PLANTED['name']}^Don"
    dataset.PatientID = PLANTED["id"]
    dataset.InstitutionName = PLANTED["institution"]
    dataset.ReferringPhysicianName = PLANTED["physician"]
    dataset.OperatorsName = PLANTED["operator"]
    dataset.AccessionNumber = PLANTED["accession"]
    dataset.PatientBirthDate = "16050116"
    dataset.ImageComments = PLANTED["comment"]
    # Elements that no table lists, but in which people write names.
    dataset.CodeMeaning = f"Seen by {PLANTED['physician'].upper()}"
    dataset.DerivationCodeSequence = Sequence([Dataset()])
    item = dataset.DerivationCodeSequence[0]
    item.CodeMeaning = f"copy of {PLANTED['id']}"
    item.PatientName = PLANTED["name"]
    item.add_new((0x0009, 0x0010), "LO", "SECRET MAKER")
    item.add_new((0x0009, 0x1001), "LO", PLANTED["nested private"])
    deeper = Dataset()
    deeper.OperatorsName = PLANTED["operator"]
    deeper.add_new((0x6000, 0x4000), "LT", PLANTED["overlay"])
    deeper.StudyDate = "20100310"
    item.PurposeOfReferenceCodeSequence = Sequence([deeper])
    dataset.add_new((0x0009, 0x0010), "LO", "SECRET MAKER")
    dataset.add_new((0x0009, 0x1001), "UN", PLANTED["private"].encode())
    dataset.add_new((0x6000, 0x3000), "OW", PLANTED["overlay"].encode())
    dataset.add_new((0x6002, 0x0022), "LO", PLANTED["overlay"])
    dataset.file_meta.SourceApplicationEntityTitle = PLANTED["meta"]
    dataset.file_meta.PrivateInformationCreatorUID = "1.2.3.4"
    dataset.file_meta.PrivateInformation = PLANTED["meta"].encode()
    dataset.preamble = PLANTED["preamble"].encode().ljust(128, b"\0")


def everything(dataset: Dataset):
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from everything(item)
        yield element


@pytest.fixture(params=PICTURES)
def planted(request, tmp_path) -> tuple[Path, pydicom.FileDataset]:
    """One of pydicom's examples, with identifiers planted, under a telling name."""
    dataset = pydicom.dcmread(examples.get_path(request.param))
    plant(dataset)
    folder = tmp_path / "original" / f"{PLANTED['name']} visit"
    folder.mkdir(parents=True)
    path = folder / f"{PLANTED['id']}.dcm"
    dataset.save_as(path)
    return path, dataset


@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")  # in the example file itself
def test_nothing_that_was_planted_survives(planted, tmp_path):
    path, before = planted
    out = tmp_path / "out"
    table = deidentify(path.parents[1], out, SALT)
    (result,) = [file for file in out.rglob("*") if file.is_file()]
    data = result.read_bytes().lower() + str(result.relative_to(out)).lower().encode()
    assert [word for word in PLANTED.values() if word.lower().encode() in data] == []
    old = {str(e.value) for e in everything(before) if e.VR == "UI" and e.value}
    old = {uid for uid in old if not uid.startswith("1.2.840.10008.")}
    assert old
    assert [uid for uid in old if uid.encode() in data] == []
    assert b"16050116" not in data
    after = pydicom.dcmread(result)
    assert not [e for e in everything(after) if e.tag.is_private or e.tag.group >> 8 == 0x60]
    assert table.loc[0, "file"] == result.relative_to(out).as_posix()
    for keyword in ("PatientName", "PatientID", "SOPInstanceUID"):
        assert keyword in table.loc[0, "replaced"]


def test_pixels_and_geometry_are_unchanged(planted, tmp_path):
    path, before = planted
    deidentify(path, tmp_path / "out", SALT)
    (result,) = (tmp_path / "out").rglob("*.dcm")
    after = pydicom.dcmread(result)
    np.testing.assert_array_equal(after.pixel_array, before.pixel_array)
    if before.file_meta.TransferSyntaxUID != pydicom.uid.JPEG2000Lossless:  # has a comment
        assert after.PixelData == before.PixelData
    assert after.file_meta.TransferSyntaxUID == before.file_meta.TransferSyntaxUID
    for keyword in UNCHANGED:
        assert after.get(keyword) == before.get(keyword), keyword


def test_the_file_says_what_was_done(planted, tmp_path):
    deidentify(planted[0], tmp_path / "out", SALT)
    (result,) = (tmp_path / "out").rglob("*.dcm")
    after = pydicom.dcmread(result)
    codes = [item.CodeValue for item in after.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113107"]
    assert after.PatientIdentityRemoved == "YES"
    assert after.LongitudinalTemporalInformationModified == "MODIFIED"
    assert all(len(method) <= 64 for method in after.DeidentificationMethod)
    assert after.PatientName == after.PatientID != ""
    assert after.PatientBirthDate == ""
    assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID
    assert after.file_meta.MediaStorageSOPClassUID == after.SOPClassUID
    assert after.preamble == b"\0" * 128


# -- series ------------------------------------------------------------------------------------


@pytest.fixture
def visits(tmp_path) -> Path:
    """Two visits of one patient, 100 days apart, and one of another patient."""
    for visit, (patient, date) in enumerate(
        [("MRN-0001", "20200110"), ("MRN-0001", "20200419"), ("MRN-0002", "20200110")]
    ):
        elements = {"PatientID": patient, "PatientName": f"Name^{patient}", "StudyDate": date}
        elements |= {"AcquisitionDateTime": f"{date}083015.25+0100", "BodyPartExamined": "CHEST"}
        write_series(scan(), tmp_path / "in" / f"visit {visit}", patient=elements, seed=visit)
    return tmp_path / "in"


def read_all(folder: Path) -> list[pydicom.FileDataset]:
    return [pydicom.dcmread(file) for file in sorted(folder.rglob("*.dcm"))]


def test_a_study_stays_a_study(visits, tmp_path):
    table = deidentify(visits, tmp_path / "out", SALT)
    assert table["warnings"].eq("").all()
    files = read_all(tmp_path / "out")
    assert len(files) == len(table) == 18
    assert len({file.PatientID for file in files}) == 2
    assert len({file.StudyInstanceUID for file in files}) == 3
    assert len({file.SeriesInstanceUID for file in files}) == 3
    assert len({file.SOPInstanceUID for file in files}) == 18
    assert all(len(file.SOPInstanceUID) <= 64 for file in files)
    folders = {file.parent for file in (tmp_path / "out").rglob("*.dcm")}
    for folder in folders:
        np.testing.assert_array_equal(read_volume(folder).array, scan().array)


def test_dates_move_together(visits, tmp_path):
    deidentify(visits, tmp_path / "out", SALT)
    files = read_all(tmp_path / "out")
    dates: dict[str, set[str]] = {}
    for file in files:
        dates.setdefault(file.PatientID, set()).add(file.StudyDate)
        assert file.AcquisitionDateTime == f"{file.StudyDate}083015.25+0100"
        assert file.StudyTime == "120000"
    two, one = sorted(dates.values(), key=len, reverse=True)
    first, second = sorted(datetime.strptime(date, "%Y%m%d") for date in two)
    assert (second - first).days == 100
    assert not {"20200110", "20200419"} & (one | two)
    assert first.strftime("%Y%m%d") not in one  # every patient has a shift of their own


def test_the_salt_decides_and_nothing_else(visits, tmp_path):
    """A second call, another day, another process: the same names; another salt: others."""
    outs = [
        (tmp_path / "a", SALT),
        (tmp_path / "b", SALT.encode()),
        (tmp_path / "c", "quite another secret, as long"),
    ]
    for out, salt in outs:
        deidentify(visits / "visit 1", out, salt)
    first, again, other = (
        {str(f.relative_to(out)): f.read_bytes() for f in out.rglob("*.dcm")} for out, _ in outs
    )
    assert first == again
    assert not set(first) & set(other)
    uids = [
        {
            str(e.value)
            for file in read_all(out)
            for e in everything(file)
            if e.VR == "UI" and not str(e.value).startswith("1.2.840.10008.")
        }
        for out, _ in outs
    ]
    assert uids[0] == uids[1]
    assert not uids[0] & uids[2]
    assert read_all(tmp_path / "a")[0].PatientID != read_all(tmp_path / "c")[0].PatientID


def test_references_point_to_the_new_uids(visits, tmp_path):
    first, second, *_ = sorted((visits / "visit 0").iterdir())
    dataset = pydicom.dcmread(second)
    reference = Dataset()
    reference.ReferencedSOPClassUID = dataset.SOPClassUID
    reference.ReferencedSOPInstanceUID = pydicom.dcmread(first).SOPInstanceUID
    outer = Dataset()
    outer.ReferencedInstanceSequence = Sequence([reference])
    dataset.ReferencedRawDataSequence = Sequence([outer])
    dataset.SourceImageSequence = Sequence([reference])
    dataset.save_as(second)
    deidentify(visits / "visit 0", tmp_path / "out", SALT)
    by_number = {file.InstanceNumber: file for file in read_all(tmp_path / "out")}
    item = by_number[2].ReferencedRawDataSequence[0].ReferencedInstanceSequence[0]
    assert item.ReferencedSOPInstanceUID == by_number[1].SOPInstanceUID
    assert item.ReferencedSOPClassUID == dataset.SOPClassUID
    assert by_number[2].SourceImageSequence[0] == item


@pytest.mark.parametrize("salt", ["", b"", "short", "fifteen letters", "a" * 40, None])
def test_weak_salts_are_refused(salt, tmp_path):
    with pytest.raises(ValueError, match="secret of at least 16 bytes"):
        deidentify(examples.get_path("ct"), tmp_path / "out", salt)
    assert not (tmp_path / "out").exists()


def test_warnings_about_faces_and_burned_in_text(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    settings = {"face": {"BodyPartExamined": "HEAD"}, "chest": {"BodyPartExamined": "CHEST"}}
    for name, elements in settings.items():
        dataset = pydicom.dcmread(examples.get_path("ct"))
        dataset.SOPInstanceUID = f"1.2.3.{len(name)}"
        dataset.update(elements)
        dataset.save_as(folder / f"{name}.dcm")
    shutil.copy(examples.get_path("rgb_color"), folder / "us.dcm")
    table = deidentify(folder, tmp_path / "out", SALT).set_index("source")["warnings"]
    assert "face" in table["face.dcm"]
    assert table["chest.dcm"] == ""
    assert "burned into" in table["us.dcm"]


def test_what_is_no_image_is_left_out_and_said(visits, tmp_path):
    shutil.copy(examples.get_path("rt_plan"), visits / "plan.dcm")
    (visits / "letter to Mr Quixote.txt").write_text("Dear Sir")
    copy = visits / "zz copy.dcm"
    shutil.copy(sorted((visits / "visit 0").iterdir())[0], copy)
    table = deidentify(visits, tmp_path / "out", SALT).set_index("source")
    left_out = table[table["file"] == ""]["warnings"]
    assert set(left_out.index) == {"plan.dcm", "letter to Mr Quixote.txt", "zz copy.dcm"}
    assert left_out.str.startswith("left out").all()
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 18


# -- where rules by the dictionary do not reach --------------------------------------------------


def cleaned(dataset: pydicom.FileDataset, folder: Path) -> tuple[pydicom.FileDataset, bytes]:
    """What becomes of one image, parsed and as bytes."""
    dataset.save_as(folder / "in.dcm")
    deidentify(folder / "in.dcm", folder / "out", SALT)
    (result,) = (folder / "out").rglob("*.dcm")
    return pydicom.dcmread(result), result.read_bytes()


def put(dataset: Dataset, keyword: str, kind: str, value: str | bytes) -> None:
    """Set an element whatever its kind and value, as a careless program may have written it."""
    tag = tag_for_keyword(keyword)
    dataset[tag] = DataElement(tag, kind, value, validation_mode=0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("keyword", "kind", "value"),
    [
        ("StudyDate", "LO", "20190317"),
        ("StudyInstanceUID", "LO", "1.2.3.4.5.6789"),
        ("ReferencedImageSequence", "LT", "Sorensen ward"),
        ("PixelPaddingValue", "LO", "Sorensen"),
        ("PatientName", "LO", "Sorensen"),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_elements_of_another_kind_than_the_dictionary_s(keyword, kind, value, nested, tmp_path):
    dataset = pydicom.dcmread(examples.get_path("ct"))
    dataset.SourceImageSequence = Sequence([Dataset()])
    put(dataset.SourceImageSequence[0] if nested else dataset, keyword, kind, value)
    assert value.encode() not in cleaned(dataset, tmp_path)[1]


def test_a_number_of_another_width_stays(tmp_path):
    dataset = pydicom.dcmread(examples.get_path("ct"))
    dataset[tag_for_keyword("Rows")] = DataElement(tag_for_keyword("Rows"), "UL", dataset.Rows)
    assert cleaned(dataset, tmp_path)[0].Rows == 128


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("keyword", "written", "value"),
    [
        ("StudyDate", "LO", "20200101Sorensen"),
        ("AcquisitionDateTime", "LO", "20200101Sorensen"),
        ("StudyTime", "LO", "Sorensen"),
        ("KVP", "LO", "Sorensen"),
        ("AcquisitionNumber", "LO", "Sorensen"),
        ("AcquisitionNumber", "LO", "0101701234"),
    ],
)
def test_dates_times_and_numbers_that_are_none(keyword, written, value, tmp_path):
    dataset = pydicom.dcmread(examples.get_path("ct"))
    dataset.PatientID = "010170-1234"
    kind = pydicom.datadict.dictionary_VR(keyword)
    put(dataset, keyword, written, value)
    path = tmp_path / "in.dcm"
    dataset.save_as(path)
    # The kind is two letters before the length: text under the kind of the dictionary.
    tag = tag_for_keyword(keyword)
    start = (tag >> 16).to_bytes(2, "little") + (tag & 0xFFFF).to_bytes(2, "little")
    data = path.read_bytes()
    assert data.count(start + b"LO") == 1
    path.write_bytes(data.replace(start + b"LO", start + kind.encode()))
    deidentify(path, tmp_path / "out", SALT)
    (result,) = (tmp_path / "out").rglob("*.dcm")
    assert pydicom.dcmread(result)[keyword].value in ("", None)
    assert value.lstrip("0").encode() not in result.read_bytes()


def test_small_numbers_stay_whatever_the_patient_s_is(tmp_path):
    dataset = pydicom.dcmread(examples.get_path("ct"))
    dataset.PatientID, dataset.InstanceNumber, dataset.KVP = "000120", 120, "120"
    after = cleaned(dataset, tmp_path)[0]
    assert (after.InstanceNumber, after.KVP) == (120, 120)


def test_bytes_after_the_last_pixel_are_cut_off(tmp_path):
    dataset = pydicom.dcmread(examples.get_path("ct"))
    pixels = dataset.PixelData
    dataset.PixelData = pixels + b"Hansen, Peter 1"
    assert cleaned(dataset, tmp_path)[0].PixelData == pixels


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["ybr_color", "jpeg2k", "rle"])
def test_comments_in_compressed_pixels_and_bytes_after_them_are_removed(name, tmp_path):
    if name == "rle":
        dataset = pydicom.dcmread(examples.get_path("rgb_color"))
        dataset.compress(pydicom.uid.RLELossless)
    else:
        dataset = pydicom.dcmread(examples.get_path(name))
    count = int(dataset.get("NumberOfFrames", 1))
    before = dataset.pixel_array.copy()
    frames = list(generate_frames(dataset.PixelData, number_of_frames=count))
    first = frames[0] if name == "rle" else frames[0].rstrip(b"\0")
    if name == "ybr_color":
        first = first[:2] + b"\xff\xfe\0\x0bHansen Bo" + b"\xff\xe1\0\x08Sorens" + first[2:]
    elif name == "jpeg2k":
        at = first.index(b"\xff\x5c")  # the main header goes on
        first = first[:at] + b"\xff\x64\0\x0d\0\x01Hansen Bo" + first[at:]
    frames[0] = first + b"Hansen B"
    dataset.PixelData = encapsulate(frames)
    after, data = cleaned(dataset, tmp_path)
    assert b"Hansen" not in data
    assert b"Sorens" not in data
    np.testing.assert_array_equal(after.pixel_array, before)


@pytest.mark.parametrize("name", ["Peter Hansen", "Hansen,Peter", "Hansen; Peter"])
def test_every_part_of_a_name_and_every_spelling_of_a_number(name, tmp_path):
    dataset = pydicom.dcmread(examples.get_path("ct"))
    dataset.PatientName, dataset.PatientID = name, "010170-1234"
    dataset.FilterType, dataset.ConvolutionKernel = "HANSEN", "0101701234"
    dataset.ScanOptions = "010170 1234"
    after = cleaned(dataset, tmp_path)[0]
    assert not after.FilterType
    assert not after.ConvolutionKernel
    assert not after.ScanOptions


@pytest.mark.filterwarnings("ignore")
def test_only_published_uids_stay(tmp_path):
    dataset = pydicom.dcmread(examples.get_path("ct"))
    dataset.StudyInstanceUID = "1.2.840.10008.99.0101701234"
    item = Dataset()
    item.CodingSchemeUID, item.ContextUID = "2.16.840.1.113883.6.96", "1.2.3.0101701234"
    dataset.DerivationCodeSequence = Sequence([item])
    after, data = cleaned(dataset, tmp_path)
    assert b"0101701234" not in data
    assert after.DerivationCodeSequence[0].CodingSchemeUID == "2.16.840.1.113883.6.96"
    assert after.SOPClassUID == dataset.SOPClassUID


def test_free_content_is_removed(tmp_path):
    dataset = pydicom.dcmread(examples.get_path("ct"))
    item, local, standard = Dataset(), Dataset(), Dataset()
    item.LUTExplanation = "Sorensen ward"
    dataset.VOILUTSequence = Sequence([item])
    dataset.DocumentTitle = "Sorensen ward"
    dataset.EncapsulatedDocument = dataset.ICCProfile = b"Sorensen ward "
    local.CodingSchemeDesignator, local.CodeMeaning = "99OURS", "Sorensen ward"
    standard.CodingSchemeDesignator, standard.CodeMeaning = "SCT", "Chest"
    dataset.DerivationCodeSequence = Sequence([local, standard])
    after, data = cleaned(dataset, tmp_path)
    assert b"Sorensen" not in data
    assert after.DerivationCodeSequence[1].CodeMeaning == "Chest"


@pytest.mark.parametrize(
    ("part", "warned"),
    [
        *[(part, True) for part in ("WHOLEBODY", "EYE", "CSPINE", "TEMPORALBONE", "", "CHEST EYE")],
        *[(part, False) for part in ("CHEST", "ABDOMEN", "KNEE", "BREAST", "Chest, Pelvis")],
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_face_is_expected_where_the_part_may_show_one(part, warned, tmp_path):
    dataset = pydicom.dcmread(examples.get_path("ct"))
    dataset.BodyPartExamined = part
    dataset.save_as(tmp_path / "in.dcm")
    table = deidentify(tmp_path / "in.dcm", tmp_path / "out", SALT)
    assert ("face" in table.loc[0, "warnings"]) is warned


# -- nothing by halves -------------------------------------------------------------------------


def nothing_left(folder: Path, words: str, source: Path) -> DicomError:
    before = sorted(folder.iterdir())
    with pytest.raises(DicomError, match=words) as caught:
        deidentify(source, folder / "out", SALT)
    assert sorted(folder.iterdir()) == before
    return caught.value


def test_a_damaged_file_stops_everything(visits, tmp_path):
    file = sorted((visits / "visit 2").iterdir())[3]
    file.write_bytes(file.read_bytes()[:-50])
    assert nothing_left(tmp_path, "cut off", visits).path == file


def test_another_image_with_the_same_uid_stops_everything(visits, tmp_path):
    file = sorted((visits / "visit 0").iterdir())[0]
    dataset = pydicom.dcmread(file)
    dataset.PixelData = b"\0" * len(dataset.PixelData)
    dataset.save_as(visits / "zz.dcm")
    nothing_left(tmp_path, "another image", visits)


def test_an_overlay_in_the_pixels_stops_everything(visits, tmp_path):
    file = sorted((visits / "visit 0").iterdir())[0]
    dataset = pydicom.dcmread(file)
    dataset.add_new((0x6000, 0x0102), "US", 12)
    dataset.save_as(file)
    nothing_left(tmp_path, "unused bits", visits)


def test_pixels_that_cannot_be_searched_stop_everything(tmp_path):
    dataset = pydicom.dcmread(examples.get_path("ybr_color"))
    dataset.PixelData = encapsulate([b"neither of them"] * 30)
    path = tmp_path / "us.dcm"
    dataset.save_as(path)
    nothing_left(tmp_path, "cannot be searched", path)


def test_floating_point_pixels_are_unsupported_and_not_cut_off(visits, tmp_path):
    file = sorted((visits / "visit 0").iterdir())[0]
    dataset = pydicom.dcmread(file)
    del dataset.PixelData
    dataset.FloatPixelData = b"\0" * 320
    dataset.save_as(file)
    nothing_left(tmp_path, "unsupported", visits)


@pytest.mark.parametrize("keyword", ["PatientID", "IssuerOfPatientID"])
def test_two_patients_in_one_study_stop_everything(keyword, visits, tmp_path):
    file = sorted((visits / "visit 0").iterdir())[2]
    dataset = pydicom.dcmread(file)
    setattr(dataset, keyword, "Another")
    dataset.save_as(file)
    nothing_left(tmp_path, "of another patient", visits)


def test_folders_made_for_a_failed_run_are_removed(visits, tmp_path):
    (tmp_path / "p").mkdir()
    with pytest.raises(DicomError):
        deidentify(examples.get_path("rt_plan"), tmp_path / "p" / "q" / "r" / "out", SALT)
    assert list((tmp_path / "p").iterdir()) == []


def test_a_source_without_images_or_without_anything(tmp_path):
    (tmp_path / "in").mkdir()
    nothing_left(tmp_path, "no DICOM image", tmp_path / "in")
    nothing_left(tmp_path, "no such file", tmp_path / "nowhere")


def test_nothing_is_overwritten(visits, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "precious").write_text("keep me")
    with pytest.raises(DicomError, match="ever overwritten"):
        deidentify(visits, out, SALT)
    assert (out / "precious").read_text() == "keep me"
    with pytest.raises(DicomError, match="within the source"):
        deidentify(visits, visits / "out", SALT)


def test_originals_are_not_touched(visits, tmp_path):
    before = {file: file.read_bytes() for file in visits.rglob("*") if file.is_file()}
    deidentify(visits, tmp_path / "out", SALT)
    assert before == {file: file.read_bytes() for file in visits.rglob("*") if file.is_file()}
