"""Names in every script, of every length, however they are typed again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom import Dataset, Sequence

from mlmi_course.dicom import deidentify
from tests.dicom.makers import mr_slice

SALT = "a secret that only this test knows"
SMALL = np.arange(24).reshape(4, 6)
# Enough pixels that a search for nothing, or for two letters, would find them among these.
LARGE = np.random.default_rng(0).integers(0, 2**16, (128, 128))


def cleaned(tmp_path: Path, pixels: np.ndarray = SMALL, **elements) -> pydicom.FileDataset:
    path = mr_slice(tmp_path / "a", 0, pixels, BodyPartExamined="KNEE", **elements)
    deidentify(path, tmp_path / "out", SALT)
    (result,) = (tmp_path / "out").rglob("*.dcm")
    return pydicom.dcmread(result)


SCRIPTS = {
    "Cyrillic": ("ISO_IR 192", "Достоевский^Фёдор", "доктор ДОСТОЕВСКИЙ"),
    "Cyrillic, ISO 8859-5": ("ISO_IR 144", "Достоевский^Фёдор", "Достоевский"),
    "Greek": ("ISO_IR 192", "Παπαδόπουλος^Γιώργος", "ΠΑΠΑΔΟΠΟΥΛΟΣ"),
    "Arabic": ("ISO_IR 192", "محفوظ^نجيب", "د. محفوظ"),
    "Hebrew": ("ISO_IR 192", "עגנון^שמואל", "עגנון"),
    "Chinese": ("ISO_IR 192", "Wang^XiaoDong=王^小东", "患者王小东检查"),
    "Japanese": ("ISO_IR 192", "Yamada^Tarou=山田^太郎=やまだ^たろう", "山田さん"),
    "Korean": ("ISO_IR 192", "Hong^Gildong=홍^길동=홍^길동", "길동 님"),
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("pixels", [SMALL, LARGE])
def test_names_in_every_script_can_be_removed_and_are_found_again(tmp_path, script, pixels):
    charset, name, retyped = SCRIPTS[script]
    after = cleaned(
        tmp_path, pixels, SpecificCharacterSet=charset, PatientName=name, FilterType=retyped
    )
    assert not after.FilterType
    assert str(after.PatientName).startswith("P-")
    np.testing.assert_array_equal(after.pixel_array, pixels)


@pytest.mark.parametrize(
    ("name", "typed", "stays"),
    [
        ("Li^Na", "LI, 2nd scan", False),
        ("Li^Na", "scan_of_Li_2", False),
        ("Li^Na", "Lipid filter", True),
        ("Bo^Å", "for Bo", False),
        ("Bo^Å", "Body", True),
        ("Kim^Min", "KIM", False),
        ("Øre^Bo", "ore", False),
        ("王^芳", "王", False),
        ("Smith^J", "J filter", True),  # an initial is found everywhere
        ("van der Berg^Mr", "MR van", True),  # words of every language
    ],
)
def test_short_names_are_found_as_words(tmp_path, name, typed, stays):
    after = cleaned(tmp_path, SpecificCharacterSet="ISO_IR 192", PatientName=name, FilterType=typed)
    assert bool(after.FilterType) is stays


def test_short_names_do_not_cost_the_terms_of_the_standard(tmp_path):
    after = cleaned(
        tmp_path,
        PatientName="Gr^Hfs^Se",
        ScanningSequence="GR",
        SequenceVariant="SE",
        PatientPosition="HFS",
        ConvolutionKernel="GR 5",
    )
    assert (after.ScanningSequence, after.SequenceVariant) == ("GR", "SE")
    assert after.PatientPosition == "HFS"
    assert not after.ConvolutionKernel


@pytest.mark.parametrize("name", ["Müller", "Mueller", "Muller"])
@pytest.mark.parametrize("typed", ["MÜLLER", "mueller", "Muller filter", "Mu\u0308ller"])
def test_umlauts_are_found_however_they_are_spelt(tmp_path, name, typed):
    after = cleaned(
        tmp_path, SpecificCharacterSet="ISO_IR 192", PatientName=f"{name}^X", FilterType=typed
    )
    assert not after.FilterType


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        *(("Bjørnsen", "BJORNSEN"), ("Bjørnsen", "Bjoernsen"), ("Ångström", "Aangstroem")),
        *(("Weiß", "WEISS"), ("Łukasz", "Lukasz"), ("Nuñez", "Nunez")),
        ("Meyer-Schmidt", "Schmidt"),
    ],
)
def test_other_letters_with_marks(tmp_path, name, typed):
    after = cleaned(
        tmp_path, SpecificCharacterSet="ISO_IR 192", PatientName=f"{name}^X", FilterType=typed
    )
    assert not after.FilterType


def test_local_codes_go_with_their_meaning(tmp_path):
    local, without, public = Dataset(), Dataset(), Dataset()
    local.CodingSchemeDesignator, local.CodeValue = "99OURS", "ROOM12"
    local.CodeMeaning = "Dr Rocinante's room"
    without.CodeValue, without.CodeMeaning = "STAFF7", "somebody"
    public.CodingSchemeDesignator, public.CodeValue = "SCT", "72696002"
    public.CodeMeaning = "Knee"
    after = cleaned(tmp_path, DerivationCodeSequence=Sequence([local, without, public]))
    first, second, third = after.DerivationCodeSequence
    assert (first.CodeValue, first.CodeMeaning) == ("", "")
    assert (second.CodeValue, second.CodeMeaning) == ("", "")
    assert (third.CodeValue, third.CodeMeaning) == ("72696002", "Knee")
