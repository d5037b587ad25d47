"""Removing from DICOM files what says who the patient is, and proving that it is gone.

The rules are those of the standard's table, as kept by the package dicom-anonymizer.  Around
them stands what a table of elements cannot do: the same new UID for the same old one in
every file, dates that move together, file names, the file's own preamble, and a last search
of what is about to be handed over for everything that was taken out.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlmi_course.dicom.codestream import without_text
from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import blamed_on
from mlmi_course.dicom.names import Names, is_standard_uid, names_in, texts
from mlmi_course.dicom.private_elements import SAFE_PRIVATE, is_safe, lost, measured_in

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["deidentify"]

_SALT_BYTES: Final = 16
_LONGEST_SHIFT_DAYS: Final = 3650
_METHODS: Final = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
)
_SAFE_PRIVATE_METHOD: Final = ("113111", "Retain Safe Private Option")
# Schemes whose meanings are published; those of others are whatever somebody typed.
_SCHEMES: Final = frozenset(
    {"BARI", "BI", "DCM", "FMA", "I10", "I9C", "ISO639_2", "ISO3166_1", "LN", "MDC", "NCIt"}
    | {"NDC", "RADLEX", "RXNORM", "SCT", "SNM3", "SRT", "UBERON", "UCUM", "UMLS"}
)
# Free content that the standard's table does not list, or wants replaced and not removed.
_FREE_CONTENT: Final = ("DocumentTitle", "EncapsulatedDocument", "ICCProfile", "LUTExplanation")
_CLOCK: Final = r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?"
# What may stand in dates, times and numbers (DICOM PS3.5, 6.2); readers accept anything.
_GRAMMAR: Final = {
    "DA": re.compile(r"\d{8}", re.ASCII),
    "DT": re.compile(rf"\d{{8}}(?:{_CLOCK})?(?:[+-]\d{{4}})?", re.ASCII),
    "TM": re.compile(_CLOCK, re.ASCII),
    "DS": re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII),
    "IS": re.compile(r"[+-]?\d{1,12}(?:\.0*)?", re.ASCII),
}
_BINARY_NUMBERS: Final = frozenset({"FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"})
_NOT_SHIFTED: Final = frozenset({"PatientBirthDate"})
_BURNED_IN: Final = frozenset({"US", "SC", "XC", "ES", "OP", "OT", "DOC"})
_FACE: Final = ("HEAD", "BRAIN", "FACE", "SKULL", "NECK", "SINUS", "ORBIT", "JAW")
# All other parts (EYE, CSPINE, WHOLEBODY) may show a face: the list of these has no end.
_FACELESS: Final = frozenset(
    {"ABDOMEN", "ABDOMENPELVIS", "ANKLE", "ARM", "BLADDER", "BREAST", "CALCANEUS", "CHEST"}
    | {"CHESTABDOMEN", "CHESTABDPELVIS", "COLON", "ELBOW", "FEMUR", "FINGER", "FOOT", "FOREARM"}
    | {"HAND", "HEART", "HIP", "HUMERUS", "KIDNEY", "KNEE", "LEG", "LIVER", "LSPINE", "LUNG"}
    | {"PANCREAS", "PELVIS", "PROSTATE", "SPLEEN", "SSPINE", "THIGH", "THORAX", "TOE", "TSPINE"}
    | {"UTERUS", "WRIST"}
)


def deidentify(
    source: str | os.PathLike[str],
    destination: str | os.PathLike[str],
    salt: str | bytes,
    *,
    retain_safe_private: bool = False,
) -> pd.DataFrame:
    """Write copies of DICOM images that no longer say who the patient is.

    Parameters
    ----------
    source : str or path
        A file, or a folder, searched with all folders in it.
    destination : str or path
        A folder that does not exist yet or is empty.  It appears only when every file has
        been written and checked; after an error there is nothing.
    salt : str or bytes
        A secret of at least 16 bytes, such as ``secrets.token_hex(16)``.  The same salt maps
        the same patient, study and image to the same new names, today and next year; whoever
        has it can test a guess at who somebody is, so keep it as you keep the original data.
    retain_safe_private : bool
        Keep those private elements of CT, MR and PET that the standard knows to name nobody
        (PS3.15, table E.3.10-1; docs/dicom.md lists them): b-values, most of all.  All others go.

    Returns
    -------
    DataFrame
        One row for each file found: ``source`` (old name), ``file`` (new name, ``""`` where
        the file was left out), the keywords that were ``removed``, ``emptied``, ``replaced``
        (new UIDs and dates included), and ``warnings``.  It joins old names with new ones:
        keep it as secret as the salt.

    Raises
    ------
    ValueError
        If the salt is too short.
    DicomError
        If the destination is in use, there is no image in the source, a file is damaged or of
        an unsupported kind, one study belongs to two patients, an overlay hides in the pixel
        values, or something identifying is left at the end.

    Notes
    -----
    * Follows the Basic Application Confidentiality Profile (code 113100) with the option
      "Retain Longitudinal Temporal Information Modified Dates" (113107): all dates of a
      patient move back by the same secret number of days, between 1 and 3,650, so that
      intervals stay; times of day stay.  Shifted dates are this option, not the profile.
    * PatientName and PatientID become the same pseudonym, so that a data set can still be
      split by patient.
    * Private elements, overlays, curves, and elements that the DICOM dictionary does not know
      are removed, in sequences too; ``warnings`` says what can no longer be measured without
      them (of classic diffusion files dcm2niix would write b-values and directions of zeros).
    * Text that repeats a name or number which was removed elsewhere in the file is emptied,
      with or without its punctuation and accents, and whether umlauts are written ü, ue or u;
      names of two or three letters where they stand as a word, and not in coded terms; a number
      in the header, if it is a removed one of six digits or more.  **Not found** are initials,
      nicknames, slips of the pen, and names in another script than the file's.
    * Elements of another kind (VR) than the dictionary's are removed; dates, times and numbers
      that are none are emptied.  Document titles, encapsulated documents, explanations of
      lookup tables and colour profiles are removed.  Codes and their meanings stay for
      published coding schemes, and are emptied for all others.
    * Files without an image (reports, plans, DICOMDIR) and files that are not DICOM are left
      out, which the table says: free text cannot be cleaned by rules.
    * **The pixels are not changed**; comments and application segments in compressed pictures
      are removed, and bytes after the end of a picture.  Text burned into the picture and
      faces that can be rendered from a volume are warned of, by what the header says; look at
      the pictures.

    References
    ----------
    DICOM PS3.15, Annex E (profile, options and table E.1-1); PS3.16, CID 7050.

    Examples
    --------
    >>> import secrets, tempfile
    >>> from pydicom import examples
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     table = deidentify(examples.get_path("overlay"), folder, secrets.token_hex(16))
    >>> "PatientBirthDate" in table.loc[0, "emptied"], "PatientID" in table.loc[0, "replaced"]
    (True, True)
    """
    import pandas as pd

    key = _key(salt)
    source, destination = Path(source), Path(destination)
    files = _files(source)
    _check_destination(source, destination)
    made = [folder for folder in destination.parents if not folder.exists()]  # innermost first
    destination.parent.mkdir(parents=True, exist_ok=True)
    # Beside the destination, so that the last step is a rename and cannot fail half-way.
    workplace = Path(tempfile.mkdtemp(prefix=".deidentify-", dir=destination.parent))
    done = False
    try:
        result = workplace / "result"
        result.mkdir()
        written: dict[str, Path] = {}
        patients: dict[str, tuple[str, Path]] = {}
        records = [
            _one_file(file, result, key, written, patients, retain_safe_private) for file in files
        ]
        if not written:
            raise DicomError(source, "there is no DICOM image in it", "check the path")
        if destination.exists():
            destination.rmdir()  # empty, as was checked; fails if it no longer is
        result.rename(destination)
        done = True
    finally:
        shutil.rmtree(workplace, ignore_errors=True)
        if not done:
            for folder in made:
                with contextlib.suppress(OSError):  # somebody else has put something there
                    folder.rmdir()
    base = source if source.is_dir() else source.parent
    rows = [
        (
            str(file.relative_to(base)),
            record.file,
            *(", ".join(sorted(names)) for names in (record.removed, record.emptied)),
            ", ".join(sorted(record.replaced)),
            "; ".join(record.warnings),
        )
        for file, record in zip(files, records, strict=True)
    ]
    columns = ["source", "file", "removed", "emptied", "replaced", "warnings"]
    return pd.DataFrame(rows, columns=columns)


@dataclass
class _Record:
    """What was done to one file."""

    file: str = ""
    removed: set[str] = field(default_factory=set)
    emptied: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)


def _key(salt: str | bytes) -> bytes:
    key = salt.encode() if isinstance(salt, str) else salt
    if not isinstance(key, bytes) or len(key) < _SALT_BYTES or len(set(key)) < 6:
        raise ValueError(
            f"the salt must be a secret of at least {_SALT_BYTES} bytes that nobody can guess: "
            "secrets.token_hex(16) makes one; keep it with the original data"
        )
    return key


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise DicomError(source, "there is no such file or folder", "check the path")
    return sorted(file for file in source.rglob("*") if file.is_file())


def _check_destination(source: Path, destination: Path) -> None:
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise DicomError(
            destination, "already in use, and nothing is ever overwritten", "name a new folder"
        )
    inside, outside = destination.resolve(), source.resolve()
    if source.is_dir() and (inside == outside or outside in inside.parents):
        raise DicomError(
            destination, "lies within the source", "name a folder beside it, never among originals"
        )


# -- secrets -------------------------------------------------------------------------------


def _digest(key: bytes, purpose: str, text: str) -> bytes:
    # The purpose keeps apart what is made of equal texts: a UID says nothing about a shift.
    return hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).digest()


def _new_uid(key: bytes, uid: str) -> str:
    """A UID made from a UUID (DICOM PS3.5, B.2)."""
    return f"2.25.{uuid.UUID(bytes=_digest(key, 'uid', uid)[:16], version=5).int}"


def _patient(dataset: Any) -> str:
    """What makes two files be of one patient."""
    for keywords in (
        ("PatientID", "IssuerOfPatientID"),
        ("PatientName", "PatientBirthDate"),
        ("StudyInstanceUID",),
    ):
        parts = [str(dataset.get(keyword) or "").strip() for keyword in keywords]
        if parts[0]:
            return "\0".join((keywords[0], *parts))
    return str(dataset.get("SOPInstanceUID", ""))


def _shift(key: bytes, patient: str) -> timedelta:
    number = int.from_bytes(_digest(key, "days", patient)[:8], "big")
    return timedelta(days=1 + number % _LONGEST_SHIFT_DAYS)


# -- one file ------------------------------------------------------------------------------


def _one_file(
    file: Path,
    result: Path,
    key: bytes,
    written: dict[str, Path],
    patients: dict[str, tuple[str, Path]],
    safe: bool,
) -> _Record:
    import pydicom
    from pydicom.errors import InvalidDicomError

    record = _Record()
    with blamed_on(file, "de-identifying"):
        try:
            dataset = pydicom.dcmread(file)
        except InvalidDicomError:
            record.warnings.append("left out: not a DICOM file")
            return record
        if "PixelData" not in dataset:
            _check_no_image(file, dataset)
            record.warnings.append("left out: no image, and free text cannot be cleaned by rules")
            return record
        _check_pixels(file, dataset)
        old_uid = str(dataset.get("SOPInstanceUID") or "")
        if not old_uid:
            raise DicomError(file, "SOPInstanceUID is missing", "export the file again")
        if old_uid in written:
            if file.read_bytes() != written[old_uid].read_bytes():
                raise DicomError(
                    file,
                    f"another image with the SOPInstanceUID of {written[old_uid].name}",
                    "remove one of the two",
                )
            record.warnings.append("left out: a copy of another file")
            return record
        names = names_in(_elements(dataset))
        known = measured_in(dataset)
        before = _inventory(dataset)
        patient = _patient(dataset)
        _check_one_patient(file, dataset, patient, patients)
        record.warnings += _warnings(dataset)
        _trim_pixels(file, dataset)
        _clean(dataset, key, _shift(key, patient), safe)
        _scrub(dataset, names)
        record.warnings += lost(known, measured_in(dataset), safe)
        folder = _declare(dataset, key, patient, safe)
        _compare(before, _inventory(dataset), record)
        name = _digest(key, "file", old_uid).hex()[:16]
        target = result / folder / f"image-{name}.dcm"
        target.parent.mkdir(parents=True, exist_ok=True)
        dataset.preamble = b"\0" * 128  # may hold anything at all in the original
        dataset.save_as(target, enforce_file_format=True)
        _search(file, target, names, safe)
        written[old_uid] = file
        record.file = target.relative_to(result).as_posix()
    return record


def _check_one_patient(
    file: Path, dataset: Any, patient: str, patients: dict[str, tuple[str, Path]]
) -> None:
    """One study under two pseudonyms, with two shifts, could not be put together again."""
    study = str(dataset.get("StudyInstanceUID") or "")
    if not study:
        return
    known, other = patients.setdefault(study, (patient, file))
    if known != patient:
        raise DicomError(
            file,
            f"in one study with {other.name}, but of another patient by its PatientID or "
            "IssuerOfPatientID (one may be missing)",
            "make these elements the same in all files of the study",
        )


def _check_no_image(file: Path, dataset: Any) -> None:
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        raise DicomError(
            file, "pixels that are floating-point numbers are unsupported", "leave the file out"
        )
    if "Rows" in dataset:
        raise DicomError(file, "an image without its pixel data: cut off", "copy the file again")


def _check_pixels(file: Path, dataset: Any) -> None:
    from pydicom.pixels.utils import get_expected_length

    if not dataset.file_meta.TransferSyntaxUID.is_compressed and len(
        dataset.PixelData
    ) < get_expected_length(dataset):
        raise DicomError(file, "the pixel data is cut off", "copy the file again")
    for group in range(0x6000, 0x6020, 2):
        element = dataset.get((group, 0x0102))
        if element is not None and element.value:
            raise DicomError(
                file,
                "an overlay, which may hold text, hides in unused bits of the pixel values",
                "clear these bits first; they cannot be removed as an element",
            )


def _warnings(dataset: Any) -> list[str]:
    found = []
    modality = str(dataset.get("Modality") or "")
    kinds = dataset.get("ImageType") or []
    burned = str(dataset.get("BurnedInAnnotation") or "")
    if burned == "YES" or (
        burned != "NO"
        and (modality in _BURNED_IN or "SECONDARY" in kinds or "SCREEN SAVE" in kinds)
    ):
        found.append("text may be burned into the picture: look at it")
    part = " ".join(
        str(dataset.get(keyword) or "").upper()
        for keyword in ("BodyPartExamined", "StudyDescription", "SeriesDescription", "ProtocolName")
    )
    faces = any(word in part for word in _FACE)
    named = re.findall("[A-Z]+", str(dataset.get("BodyPartExamined") or "").upper())
    if str(dataset.get("RecognizableVisualFeatures") or "") == "YES":
        found.append("the file says that the patient can be recognised in the picture")
    elif modality in ("CT", "MR", "PT") and (faces or not named or set(named) - _FACELESS):
        unsure = (
            "a part of the body that may include the head"
            if named
            else ("an unnamed part of the body")
        )
        what = "a head" if faces else unsure
        found.append(f"{what}: a face can be rendered from a volume; remove it (defacing)")
    return found


# -- bytes beside the pixels ---------------------------------------------------------------


def _trim_pixels(file: Path, dataset: Any) -> None:
    """Remove what stands in the pixel data but is not needed to make the picture."""
    from pydicom.encaps import encapsulate, generate_frames
    from pydicom.pixels.utils import get_expected_length

    pixels = dataset["PixelData"]
    if not dataset.file_meta.TransferSyntaxUID.is_compressed:
        size = get_expected_length(dataset)
        if bytes(pixels.value[size:]).strip(b"\0") or len(pixels.value) > size + size % 2:
            pixels.value = pixels.value[:size] + b"\0" * (size % 2)
        return
    count = int(dataset.get("NumberOfFrames") or 1)
    table = ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")
    offsets = tuple(dataset[name].value for name in table) if table[0] in dataset else None
    try:
        frames = list(
            generate_frames(pixels.value, number_of_frames=count, extended_offsets=offsets)
        )
        if len(frames) != count:
            raise ValueError(f"{len(frames)} frames instead of {count}")
        new = [without_text(frame, dataset.Rows * dataset.Columns) for frame in frames]
    except (IndexError, ValueError) as error:
        raise DicomError(
            file,
            f"the compressed pixels cannot be searched for text ({error})",
            "decompress the file first",
        ) from error
    if [frame.rstrip(b"\0") for frame in frames] != [frame.rstrip(b"\0") for frame in new]:
        pixels.value = encapsulate(new)
        for name in table:  # they counted the bytes that are gone
            if name in dataset:
                del dataset[name]


# -- cleaning ------------------------------------------------------------------------------


def _clean(dataset: Any, key: bytes, shift: timedelta, safe: bool) -> None:
    """Apply the rules to a data set and, innermost first, to all that are nested in it."""
    from dicomanonymizer import anonymize_dataset
    from pydicom.datadict import dictionary_has_tag

    kept = {e.tag for e in dataset if e.tag.is_private and is_safe(e)} if safe else set()
    # The blocks of what stays: their creator's element says whose they are.
    kept |= {(tag.group << 16) + (tag.element >> 8) for tag in kept}
    for element in list(dataset):
        if element.tag in kept:
            continue
        group = element.tag.group
        # Overlays and curves have even group numbers that repeat: 60xx and 50xx.
        repeating = group >> 8 in (0x50, 0x60)
        known = dictionary_has_tag(element.tag)
        if element.tag.is_private or repeating or not known or _misdeclared(element):
            del dataset[element.tag]
        elif element.VR == "SQ":
            for item in element.value:
                _clean(item, key, shift, safe)
        elif element.VR == "UI":
            _each(element, lambda uid: _mapped(uid, key))
        elif element.VR in ("DA", "DT") and element.keyword not in _NOT_SHIFTED:
            grammar = _GRAMMAR[element.VR]
            _each(element, lambda date, grammar=grammar: _shifted(str(date), grammar, shift))
        elif element.VR in _GRAMMAR and not all(
            _GRAMMAR[element.VR].fullmatch(text.strip(" \0")) for text in texts(element)
        ):
            element.value = ""
    anonymize_dataset(
        dataset,
        extra_anonymization_rules=None,
        delete_private_tags=False,  # done, all but those that may stay
        base_rules_gen=_rules,
    )
    for keyword in (
        *("DataSetTrailingPadding", "DigitalSignaturesSequence", "MACParametersSequence"),
        *_FREE_CONTENT,
    ):
        if keyword in dataset:
            del dataset[keyword]
    scheme = str(dataset.get("CodingSchemeDesignator") or "")
    if scheme not in _SCHEMES:
        # A local code means what its hospital says: it may number a room, a device, a person.
        for keyword in ("CodeMeaning", "CodeValue", "LongCodeValue", "URNCodeValue"):
            if keyword in dataset:
                dataset[keyword].value = ""


def _misdeclared(element: Any) -> bool:
    """Whether the file gives an element a kind that the dictionary does not.

    The table's rules go by the dictionary: a study date declared as text would be kept, as
    dates are, but not have been moved.
    """
    from pydicom.datadict import dictionary_VR

    kind = dictionary_VR(element.tag)
    kinds = {kind, *kind.split(" or ")}  # "US or SS", as the pixels' kind decides
    # A number of another width holds no text, and the picture may not be readable without it.
    return element.VR not in kinds and not (
        element.VR in _BINARY_NUMBERS and kinds & _BINARY_NUMBERS
    )


def _each(element: Any, change: Callable[[Any], str]) -> None:
    from pydicom.multival import MultiValue

    if isinstance(element.value, MultiValue):
        element.value = [change(value) for value in element.value]
    elif element.value:
        element.value = change(element.value)


def _mapped(uid: str, key: bytes) -> str:
    return uid if is_standard_uid(uid) else _new_uid(key, str(uid))


def _shifted(text: str, grammar: re.Pattern[str], shift: timedelta) -> str:
    """A date (DA) or moment (DT) some days earlier; empty where it is not a whole date."""
    text = text.strip(" \0")
    if not grammar.fullmatch(text):
        return ""
    try:
        return f"{datetime.strptime(text[:8], '%Y%m%d') - shift:%Y%m%d}".zfill(8) + text[8:]
    except (ValueError, OverflowError):
        return ""


@lru_cache(maxsize=1)
def _base_rules() -> Mapping[tuple[int, ...], Callable[[Any, Any], None]]:
    """The library's table, less what :func:`_clean` has already done better."""
    from dicomanonymizer.simpledicomanonymizer import (
        delete,
        delete_or_empty_or_replace_UID,
        initialize_actions,
        keep,
    )
    from pydicom.datadict import dictionary_has_tag, dictionary_VR, keyword_for_tag

    table = initialize_actions("dicomfields_2026c")
    rules = {tag: action for tag, action in table.items() if len(tag) == 2}  # no curves, overlays
    for tag, action in rules.items():
        number = (tag[0] << 16) + tag[1]
        kind = dictionary_VR(number) if dictionary_has_tag(number) else ""
        keyword = keyword_for_tag(number)
        if kind == "UI" or (kind in ("DA", "DT", "TM") and keyword not in _NOT_SHIFTED):
            # The option retains dates, modified, and times.  The library would fill in
            # random UIDs from a table that lasts as long as the process, and one fixed date.
            rules[tag] = keep
        elif action is delete_or_empty_or_replace_UID:
            rules[tag] = keep  # references to other images: their UIDs are replaced already
        elif keyword in ("PatientBirthDate", "PatientBirthTime") or (
            kind in ("SQ", "OB", "UN") and action is not delete
        ):
            rules[tag] = _without_content
    return rules


def _rules() -> dict[tuple[int, ...], Callable[[Any, Any], None]]:
    return dict(_base_rules())


def _without_content(dataset: Any, tag: Any) -> None:
    """Empty an element whatever its kind, where the table wants a dummy or nothing."""
    element = dataset.get(tag)
    if element is not None:
        element.value = (
            [] if element.VR == "SQ" else b"" if element.VR in ("OB", "OW", "UN") else ""
        )


def _scrub(dataset: Any, names: Names) -> None:
    """Empty every text that repeats what was taken out elsewhere."""
    for element in list(_elements(dataset)):
        if names.in_element(element):
            element.value = ""


def _declare(dataset: Any, key: bytes, patient: str, safe: bool) -> Path:
    """Say in the file what was done, and return the folder that it belongs in."""
    from pydicom import Dataset, FileMetaDataset, Sequence

    pseudonym = f"P-{_digest(key, 'patient', patient).hex()[:12]}"
    dataset.PatientName = dataset.PatientID = pseudonym
    dataset.PatientIdentityRemoved = "YES"
    dataset.LongitudinalTemporalInformationModified = "MODIFIED"
    methods = (*_METHODS, _SAFE_PRIVATE_METHOD) if safe else _METHODS
    dataset.DeidentificationMethod = [meaning[:64] for _, meaning in methods]
    items = []
    for code, meaning in methods:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, "DCM", meaning
        items.append(item)
    dataset.DeidentificationMethodCodeSequence = Sequence(items)
    # The file's own header names the machines that it passed: begin a new one.
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    dataset.file_meta = meta
    parts = [
        f"{name}-{_digest(key, 'folder', str(dataset.get(keyword, ''))).hex()[:12]}"
        for name, keyword in (("study", "StudyInstanceUID"), ("series", "SeriesInstanceUID"))
    ]
    return Path(pseudonym, *parts)


# -- checking ------------------------------------------------------------------------------


def _elements(dataset: Any) -> Iterator[Any]:
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                yield from _elements(item)
        yield element


def _inventory(dataset: Any, where: str = "") -> dict[str, tuple[str, Any]]:
    """Place of each element (with its sequences) → its name and value."""
    found = {}
    for element in dataset:
        place = f"{where}{element.tag}"
        name = element.keyword or f"private {element.tag}"
        if element.VR == "SQ":
            found[place] = (name, len(element.value))
            for i, item in enumerate(element.value):
                found |= _inventory(item, f"{place}[{i}]")
        elif element.keyword != "PixelData":
            found[place] = (name, str(element.value))
    return found


def _compare(
    before: dict[str, tuple[str, Any]], after: dict[str, tuple[str, Any]], record: _Record
) -> None:
    for place, (name, value) in before.items():
        now = after.get(place)
        if now is None:
            record.removed.add(name)
        elif now[1] != value:
            (record.emptied if now[1] in ("", "b''", "[]", "None", 0) else record.replaced).add(
                name
            )


def _search(file: Path, target: Path, names: Names, safe: bool) -> None:
    """The proof: read back what was written and look for all that should be gone."""
    import pydicom

    if names.in_bytes(target.read_bytes()):
        raise DicomError(
            file,
            "a name or number that identifies is left in the result (in the pixel data, "
            "perhaps, as a comment of the compression)",
            "decompress the file first, or clean it by hand",
        )
    for element in _elements(pydicom.dcmread(target)):
        if names.in_element(element):
            raise DicomError(
                file, f"{element.keyword} still names what it should not", "clean it by hand"
            )
        may_stay = safe and element.tag.is_private and _may_stay(element)
        if (element.tag.is_private and not may_stay) or element.tag.group >> 8 in (0x50, 0x60):
            raise DicomError(file, f"{element.tag} was not removed", "clean it by hand")


def _may_stay(element: Any) -> bool:
    """Whether a private element is known to be safe, or reserves the block of one that is."""
    return is_safe(element) or (element.tag.is_private_creator and element.value in SAFE_PRIVATE)
