"""Finding DICOM files, reading their headers, and sorting them into series."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mlmi_course.dicom.errors import DicomError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["series_table"]

_DIRECTORY_CLASS: Final = "1.2.840.10008.1.3.10"
# Files that often lie beside a series.  Anything else in the folder must be DICOM: a slice
# whose first bytes are damaged must not be passed over in silence.
_BESIDE: Final = frozenset(
    {".bval", ".bvec", ".csv", ".db", ".gif", ".html", ".ini", ".jpg", ".json", ".log", ".md"}
    | {".pdf", ".png", ".py", ".tsv", ".txt", ".xlsx", ".xml", ".yaml", ".yml", ".zip"}
)
# Modalities of objects that never hold a picture (DICOM PS3.3, C.7.3.1.1.1).
_NOT_IMAGES: Final = frozenset(
    {"AU", "DOC", "ECG", "EPS", "FID", "HD", "KO", "PLAN", "PR", "REG", "RESP", "RTINTENT"}
    | {"RTPLAN", "RTRAD", "RTRECORD", "RTSEGANN", "RTSTRUCT", "RWV", "SR", "STAIN", "TEXTUREMAP"}
)
_BESIDE_NAMES: Final = frozenset(
    {"DICOMDIR", "DIRFILE", "LICENSE", "README", "VERSION", "CHANGES"}  # any case
)
# Storage classes whose objects hold a picture, by their names in the standard.
_PICTURES: Final = re.compile(
    r"Image Storage|Image - |(?<!Surface )Segmentation Storage|RT Dose Storage|Parametric Map|"
    r"Topography Map"
)
# What other files are, by the end of their names, and what reads them.
_FORMATS: Final = (
    ((".nii", ".nii.gz"), "a NIfTI file", "read it by itself: read_volume takes its path"),
    (
        (".hdr", ".img"),
        "half of an Analyze or NIfTI pair",
        "nibabel.load(path) reads the pair; "
        "nibabel.save(image, 'name.nii') makes one NIfTI file of it",
    ),
    (
        (".mgz", ".mgh"),
        "a FreeSurfer volume (MGH)",
        "nibabel.load(path) reads it; nibabel.save(image, 'name.nii') makes NIfTI of it",
    ),
    ((".nrrd", ".nhdr"), "an NRRD file", "SimpleITK.ReadImage(path) reads it"),
    ((".mha", ".mhd"), "a MetaImage", "SimpleITK.ReadImage(path) reads it"),
    ((".mnc", ".minc"), "a MINC file", "nibabel.load(path) reads it"),
    ((".par", ".rec"), "half of a Philips PAR/REC pair", "nibabel.load(path) reads it"),
)
_DECIMAL_COMMA: Final = re.compile(r"could not convert string to float: (.*\d,\d.*)")


_silence: Final[ContextVar[bool]] = ContextVar("silence", default=False)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """No warnings or log lines from libraries: what matters is checked and becomes an error.

    Around a loop over files it spares the turns their own: silence costs as much as a header.
    """
    if _silence.get():
        yield
        return
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    mine = _silence.set(True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        _silence.reset(mine)
        logging.disable(before)


@contextlib.contextmanager
def blamed_on(path: Path, doing: str) -> Iterator[None]:
    """Turn whatever a library raises over a damaged file into one DicomError that names it.

    The kinds cannot be listed: pydicom and its decoders raise some twenty of them, from
    ``struct.error`` to ``RecursionError``, depending on which byte is wrong.
    """
    try:
        with quiet():
            yield
    except DicomError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        if comma := _DECIMAL_COMMA.fullmatch(reason):
            raise DicomError(
                path,
                f"{doing} failed: the number {comma[1]} has a decimal comma",
                "DICOM has decimal points only: mend the program that wrote the file, or replace "
                "the comma",
            ) from error
        raise DicomError(
            path, f"{doing} failed ({reason})", "the file is damaged: copy or export it again"
        ) from error


def read_dataset(path: Path, *, pixels: bool) -> Any:
    """The data set of one DICOM file, with or without its pixel data."""
    import pydicom
    from pydicom.errors import InvalidDicomError

    with blamed_on(path, "reading the header"):
        try:
            dataset = pydicom.dcmread(path, stop_before_pixels=not pixels)
        except InvalidDicomError:
            for endings, kind, advice in _FORMATS:
                if path.name.lower().endswith(endings):
                    raise DicomError(path, f"{kind}, not a DICOM file", advice) from None
            raise DicomError(
                path,
                "not a DICOM file (the letters DICM are missing at byte 128)",
                "if it should be one, export it again; otherwise move it out of the folder",
            ) from None
        except OSError as error:
            raise DicomError(
                path, f"cannot be opened ({error.strerror or error})", "check the path and rights"
            ) from None
        if not str(getattr(dataset, "file_meta", {}).get("TransferSyntaxUID", "")):
            raise DicomError(
                path,
                "the file does not say how it is encoded (TransferSyntaxUID)",
                "export it again",
            )
        return dataset


def find_files(path: Path) -> list[Path]:
    """The files to read: of a folder all within it, of a DICOMDIR those it lists."""
    if path.is_dir():
        files = sorted(
            file
            for file in path.rglob("*")
            if file.is_file()
            and not any(part.startswith(".") for part in file.relative_to(path).parts)
            and file.name.upper() not in _BESIDE_NAMES
            and file.suffix.lower() not in _BESIDE
        )
        if not files:
            raise DicomError(path, "this folder holds no DICOM files", "check the path")
        return files
    if not path.exists():
        raise DicomError(path, "there is no such file or folder", "check the path")
    if _is_directory_file(path):
        return _listed_in(path)
    return [path]


def _is_directory_file(path: Path) -> bool:
    """By what the file says of itself: directories are named DICOMDIR, dicomdir, DIRFILE, …"""
    from pydicom.filereader import read_file_meta_info

    try:
        with quiet():
            return read_file_meta_info(path).get("MediaStorageSOPClassUID") == _DIRECTORY_CLASS
    except Exception:  # whatever is wrong is said better where it is read as an image
        return False


def _is_directory(dataset: Any) -> bool:
    return getattr(dataset, "file_meta", {}).get("MediaStorageSOPClassUID") == _DIRECTORY_CLASS


def _listed_in(directory: Path) -> list[Path]:
    """The image files of a DICOMDIR (DICOM PS3.3, F.3; file names: PS3.10, 8.2)."""
    files = []
    with blamed_on(directory, "reading the directory"):
        records = read_dataset(directory, pixels=False).get("DirectoryRecordSequence") or []
        for record in records:
            if record.get("DirectoryRecordType") != "IMAGE":
                continue
            name = record.get("ReferencedFileID") or ""
            parts = [name] if isinstance(name, str) else [str(part) for part in name]
            if not all(parts) or any(part in ("..", ".") or "/" in part for part in parts):
                raise DicomError(
                    directory,
                    f"it lists the impossible file name {parts}",
                    "read the folder instead",
                )
            files.append(_whatever_case(directory.parent, parts))
    if not files:
        raise DicomError(directory, "this DICOMDIR lists no images", "read the folder instead")
    for file in files:
        if not file.is_file():
            raise DicomError(
                file, f"listed in {directory} but not there", "copy the whole medium again"
            )
    return files


def _whatever_case(folder: Path, parts: Sequence[str]) -> Path:
    """A file of a medium, also where a copy turned its names into small letters."""
    path = folder.joinpath(*parts)
    if path.exists():
        return path
    for part in parts:
        found = (
            [file for file in folder.iterdir() if file.name.casefold() == part.casefold()]
            if folder.is_dir()
            else []
        )
        if len(found) != 1:
            return path
        folder = found[0]
    return folder


@dataclass(frozen=True)
class Series:
    """The files that share a SeriesInstanceUID, with their headers."""

    uid: str
    number: int | None
    description: str
    modality: str
    files: tuple[Path, ...]
    headers: tuple[Any, ...]
    # Objects without pixels that lay among the files of all series: kind → how many.
    passed_over: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        name = f"{self.description!r}, " if self.description else ""
        number = "no number" if self.number is None else f"number {self.number}"
        return f"{self.uid} ({number}, {name}{self.modality or '?'}, {len(self.files)} files)"


def read_series(path: Path) -> list[Series]:
    """All image series of a file, folder or DICOMDIR, by SeriesNumber."""
    with quiet():
        return _read_series(path)


def _read_series(path: Path) -> list[Series]:
    images: dict[str, list[tuple[Path, Any]]] = {}
    passed_over: Counter[str] = Counter()
    first: Path | None = None
    files_here = find_files(path)
    for file in files_here:
        header = read_dataset(file, pixels=False)
        first = first or file
        with blamed_on(file, "reading the header"):
            kind = _without_picture(header)
            if kind is not None:
                passed_over[kind] += 1
                continue
            uid = str(header.get("SeriesInstanceUID") or "")
            if not uid and len(files_here) > 1:
                raise DicomError(
                    file,
                    "it does not say to which series it belongs (SeriesInstanceUID)",
                    "the file is cut off or damaged: copy or export it again",
                )
            images.setdefault(uid, []).append((file, header))
    for uid, members in images.items():
        # A slice that lost its Rows must not vanish from among its fellows; where it has some,
        # the checks of single files name it.
        if not any("Rows" in header for _, header in members) and len(files_here) > 1:
            file, header = images[uid][0]
            raise DicomError(
                file,
                f"no pixel data: Rows is missing (Modality {header.get('Modality')})",
                "copy or export it again, or move it out of the folder",
            )
    if not any("Rows" in header for members in images.values() for _, header in members):
        images = {}
    if not images:
        raise DicomError(
            first if first is not None and path.is_file() else path,
            "no image in it: no pixel data",
            "reports, plans and structure sets are read with pydicom.dcmread",
        )
    series = []
    for uid, members in images.items():
        files, headers = zip(*members, strict=True)
        with blamed_on(files[0], "reading the header"):
            number = headers[0].get("SeriesNumber")
            series.append(
                Series(
                    uid=uid,
                    number=None if number in (None, "") else int(number),
                    description=str(headers[0].get("SeriesDescription") or ""),
                    modality=str(headers[0].get("Modality") or ""),
                    files=files,
                    headers=headers,
                    passed_over=dict(passed_over),
                )
            )
    return sorted(series, key=lambda s: (s.number is None, s.number or 0, s.uid))


def _without_picture(header: Any) -> str | None:
    """What an object without pixels is, by its SOP class; None for whatever should have them."""
    from pydicom.uid import UID, UID_dictionary

    if _is_directory(header):
        return "Media Storage Directory"
    uid = UID(str(header.get("SOPClassUID") or ""))
    if uid in UID_dictionary:
        return None if _PICTURES.search(uid.name) else uid.name
    if "Rows" in header:
        return None
    if uid and uid.is_private:
        return "private object of the manufacturer"
    modality = str(header.get("Modality") or "")
    return f"object of modality {modality}" if modality in _NOT_IMAGES else None


def choose_series(path: Path, found: Sequence[Series], wanted: str | int | None) -> Series:
    """The one series that fits, or an error that lists them all."""
    if wanted is None:
        fitting = list(found)
        problem = f"{len(found)} series are mixed here"
    else:
        fitting = [s for s in found if wanted in (s.uid, s.number, s.description) and wanted != ""]
        problem = f"{len(fitting) or 'no'} series fit series={wanted!r}"
    if len(fitting) == 1:
        return fitting[0]
    shown = "".join(f"\n  {s}" for s in found[:30]) + ("\n  …" if len(found) > 30 else "")
    raise DicomError(
        path, problem, f"pass series= the UID, the number or the description of one of:{shown}"
    )


def series_table(path: str | os.PathLike[str]) -> pd.DataFrame:
    """The image series in a folder, a DICOMDIR or a file.

    Parameters
    ----------
    path : str or path
        As for :func:`read_volume`.

    Returns
    -------
    DataFrame
        One row for each series, indexed by SeriesInstanceUID: ``number``, ``description``,
        ``modality`` and how many ``files``.  Each of the first two, or the index, can be
        given to :func:`read_volume` as ``series``.  Objects without pixels (reports, plans, raw
        data) are no series; ``table.attrs["passed over"]`` counts them by kind.

    Raises
    ------
    DicomError
        If a file cannot be read or none is an image.

    Examples
    --------
    >>> from pydicom import examples
    >>> series_table(examples.get_path("ct")).iloc[0].to_dict()
    {'number': 1, 'description': '', 'modality': 'CT', 'files': 1}
    """
    import pandas as pd

    found = read_series(Path(path))
    rows = [(s.uid, s.number, s.description, s.modality, len(s.files)) for s in found]
    columns = ["series", "number", "description", "modality", "files"]
    table = pd.DataFrame(rows, columns=columns).set_index("series")
    table.attrs["passed over"] = dict(found[0].passed_over)
    return table


def numbers(dataset: Any, keyword: str, count: int, path: Path) -> tuple[float, ...] | None:
    """An element's finite numbers, None where it is absent or empty."""
    value = dataset.get(keyword)
    if value is None or value == "" or (hasattr(value, "__len__") and len(value) == 0):
        return None
    values = [value] if isinstance(value, (str, int, float)) else list(value)
    floats = tuple(float(number) for number in values)
    if len(floats) != count or not all(math.isfinite(number) for number in floats):
        raise DicomError(
            path,
            f"{keyword} must hold {count} finite number{'s'[: count != 1]}, got {values}",
            "the header is damaged: export the file again",
        )
    return floats
