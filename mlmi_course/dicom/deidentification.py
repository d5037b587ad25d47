"""Removing from DICOM files what says who the patient is, and proving that it is gone.

The rules are those of the standard's table, as kept by the package dicom-anonymizer.  Around
them stands what a table of elements cannot do: the same new UID for the same old one in
every file, dates that move together, file names, the file's own preamble, and a last search
of what is about to be handed over for everything that was taken out.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlmi_course.dicom.cleaning import clean, scrub
from mlmi_course.dicom.errors import DicomError
from mlmi_course.dicom.files import blamed_on
from mlmi_course.dicom.names import names_in
from mlmi_course.dicom.pixel_bytes import check_pixels, trim_pixels
from mlmi_course.dicom.private_elements import lost, measured_in
from mlmi_course.dicom.proof import Record, compare, elements, inventory, search
from mlmi_course.dicom.pseudonyms import as_key, days_back, digest, patient_of
from mlmi_course.dicom.recognisable import warnings_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["deidentify"]

_METHODS: Final = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
)
_SAFE_PRIVATE_METHOD: Final = ("113111", "Retain Safe Private Option")


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

    key = as_key(salt)
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


# -- one file ------------------------------------------------------------------------------


def _one_file(
    file: Path,
    result: Path,
    key: bytes,
    written: dict[str, Path],
    patients: dict[str, tuple[str, Path]],
    safe: bool,
) -> Record:
    import pydicom
    from pydicom.errors import InvalidDicomError

    record = Record()
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
        check_pixels(file, dataset)
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
        names = names_in(elements(dataset))
        known = measured_in(dataset)
        before = inventory(dataset)
        patient = patient_of(dataset)
        _check_one_patient(file, dataset, patient, patients)
        record.warnings += warnings_of(dataset)
        trim_pixels(file, dataset)
        clean(dataset, key, days_back(key, patient), safe)
        scrub(dataset, names)
        record.warnings += lost(known, measured_in(dataset), safe)
        folder = _declare(dataset, key, patient, safe)
        compare(before, inventory(dataset), record)
        name = digest(key, "file", old_uid).hex()[:16]
        target = result / folder / f"image-{name}.dcm"
        target.parent.mkdir(parents=True, exist_ok=True)
        dataset.preamble = b"\0" * 128  # may hold anything at all in the original
        dataset.save_as(target, enforce_file_format=True)
        search(file, target, names, safe)
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


def _declare(dataset: Any, key: bytes, patient: str, safe: bool) -> Path:
    """Say in the file what was done, and return the folder that it belongs in."""
    from pydicom import Dataset, FileMetaDataset, Sequence

    pseudonym = f"P-{digest(key, 'patient', patient).hex()[:12]}"
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
        f"{name}-{digest(key, 'folder', str(dataset.get(keyword, ''))).hex()[:12]}"
        for name, keyword in (("study", "StudyInstanceUID"), ("series", "SeriesInstanceUID"))
    ]
    return Path(pseudonym, *parts)
