"""Real sets on this computer: what they are, importing, loading, verifying and removing them.

A set lies in ``data/<name>`` of the reader's home.  It is put there after every file in it has
been read, and all at once: whoever is interrupted has the set that was there before.

What there is, how large and under which licence stands in ``data_fetch/registry.toml``; how it is
read stands here.  :mod:`mlmi_course.data.getting` downloads it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

import numpy as np

from data_fetch import Entry, entries, locked
from data_fetch.registry import TCIA
from mlmi_course._home import home
from mlmi_course.data import cache, cmepda, published
from mlmi_course.data.cache import Arrays, folder_size
from mlmi_course.data.finding import DataError
from mlmi_course.data.unpacking import unpack

__all__ = [
    "REAL_SETS",
    "NotImported",
    "RealSet",
    "absent",
    "catalogue",
    "data_folder",
    "downloads_folder",
    "import_set",
    "imported_files",
    "install",
    "load_real",
    "lock_of",
    "real_set",
    "remove_set",
    "sets_here",
    "verify_set",
]

_MANIFEST: Final = "manifest.json"
_IMPORTING, _REPLACED = ".importing-", ".replaced-"
_STALE_S: Final = 24 * 3600.0


class NotImported(FileNotFoundError):
    """A real set that is not on this computer, with the command that brings it there."""


@dataclass(frozen=True, kw_only=True)
class RealSet:
    """How a published set is read.

    Attributes
    ----------
    name : str
        Its name in ``data_fetch/registry.toml``.
    publisher, datasheet : str
        Where it came from, and the page that describes it.
    unit : str
        What its images are called.
    find, read : callable
        Find its files in a folder; read them into arrays.
    classes : mapping of int to str
    spacing : (float, float), optional
        Millimetres.
    modality : str
        Of volumes, whose files do not say.
    has_patients : bool
        Whether the publisher says which images are of one patient.
    note : str
        What a reader must know of it.
    """

    name: str
    publisher: str
    datasheet: str
    unit: str
    find: Callable[[Path], tuple[Path, list[Path]]]
    read: Callable[[Path, Iterable[Path]], Arrays]
    classes: Mapping[int, str] = field(default_factory=dict)
    spacing: tuple[float, float] | None = None
    modality: str = ""
    has_patients: bool = True
    note: str = ""


def _medmnist(name: str, classes: Mapping[int, str], more: str) -> RealSet:
    return RealSet(
        name=name,
        publisher="MedMNIST v2, Zenodo 10519652",
        datasheet="docs/datasheets/real.md",
        unit="images",
        find=published.find_medmnist,
        read=published.read_medmnist,
        classes=classes,
        has_patients=False,
        note="The publisher does not say which images are of one patient: each counts as a patient "
        f"of its own, so a random split may leak and nobody can tell. {more}",
    )


REAL_SETS: Final[Mapping[str, RealSet]] = MappingProxyType(
    {
        one.name: one
        for one in (
            RealSet(
                name="cmepda-microcalcifications",
                publisher="INFN, as published for the CMEPDA course",
                datasheet="docs/datasheets/microcalcifications.md",
                unit="patches",
                find=cmepda.find_microcalcifications,
                read=cmepda.read_microcalcifications,
                classes={0: "normal", 1: "microcalcifications"},
                spacing=(0.085, 0.085),
            ),
            RealSet(
                name="cmepda-masses",
                publisher="INFN, as published for the CMEPDA course",
                datasheet="docs/datasheets/masses.md",
                unit="masses",
                find=cmepda.find_masses,
                read=cmepda.read_masses,
                classes={0: "benign", 1: "malignant"},
            ),
            _medmnist(
                "breastmnist",
                {0: "malignant", 1: "normal or benign"},
                "Label 1 is NOT malignant: the publisher counts normal and benign as positive.",
            ),
            _medmnist(
                "pneumoniamnist",
                {0: "normal", 1: "pneumonia"},
                "The test part comes from another part of its source than training and validation.",
            ),
            RealSet(
                name="msd-hippocampus",
                publisher="Medical Segmentation Decathlon, Task04",
                datasheet="docs/datasheets/real.md",
                unit="volumes",
                find=published.find_hippocampus,
                read=published.read_hippocampus,
                classes={0: "background", 1: "anterior", 2: "posterior"},
                modality="MR",
                has_patients=False,
                note="The publisher does not say which volumes are of one patient, and both "
                "hippocampi of a patient may be among them: each volume counts as a patient of its "
                "own, so a random split may leak. Grey values have no unit and differ from volume "
                "to volume by orders of magnitude: scale each volume by itself.",
            ),
            RealSet(
                name="ixi-t1",
                publisher="IXI, Imperial College London",
                datasheet="docs/datasheets/real.md",
                unit="volumes",
                find=published.find_ixi,
                read=published.read_ixi,
                modality="MR",
                note="Three hospitals, three scanners: the site shows in every image.",
            ),
        )
    }
)
"""How each set that can be kept is read, by name; collections of TCIA come on top."""


def real_set(name: str) -> RealSet:
    """How a set is read.

    Raises
    ------
    DataError
        If no set that can be kept on this computer has that name.

    Examples
    --------
    >>> real_set("ixi-t1").unit
    'volumes'
    """
    if name in REAL_SETS:
        return REAL_SETS[name]
    if name.startswith(TCIA) and name.removeprefix(TCIA).replace("_", "").isalnum():
        return RealSet(
            name=name,
            publisher="The Cancer Imaging Archive, by way of the NCI Imaging Data Commons",
            datasheet="docs/datasheets/real.md",
            unit="series",
            find=published.find_dicom,
            read=published.read_dicom,
        )
    if name in entries():
        raise DataError(
            f"{name} has no loader here; read its files with mlmi_course.dicom.read_volume "
            f"(how to apply for them: mlmi data get {name})"
        )
    raise DataError(
        f"no real set is called {name!r}; there are: {', '.join(REAL_SETS)}, {TCIA}COLLECTION"
    )


def catalogue(name: str) -> Entry:
    """What is known of a set: size, licence, citation.

    Raises
    ------
    DataError
        If no set has that name.

    Examples
    --------
    >>> catalogue("breastmnist").licence
    'CC BY 4.0'
    """
    if name in entries():
        return entries()[name]
    about = (_read_manifest(_folder(real_set(name).name)) or {}).get("about", {})
    return Entry(
        name=name,
        kind="tcia",
        title=f"{name.removeprefix(TCIA)} (The Cancer Imaging Archive)",
        about="see its page",
        licence=about.get("licence", "see its page"),
        citation=about.get("citation", ""),
        page="https://portal.imaging.datacommons.cancer.gov/collections/",
    )


def data_folder() -> Path:
    """Where real sets are.

    Examples
    --------
    >>> data_folder().name
    'data'
    """
    return home() / "data"


def downloads_folder(name: str) -> Path:
    """Where a set's unfinished download is."""
    return home() / "downloads" / name


def lock_of(name: str) -> Path:
    """The file that is locked by whoever works on a set."""
    return home() / "downloads" / f"{name}.lock"


# -- loading -----------------------------------------------------------------------------------


def load_real(name: str) -> tuple[Arrays, dict[str, Any], Path]:
    """Read a set: its arrays, further facts for the typed object, and its folder.

    Raises
    ------
    NotImported
        If it is not on this computer.
    DataError
        If its files have been changed since they were kept.
    """
    known = real_set(name)
    folder = _folder(name)
    manifest = _read_manifest(folder)
    if manifest is None:
        raise NotImported(absent(name))
    sizes = manifest["bytes"]
    files = [folder / file for file in sizes]
    checksum = hashlib.sha256()
    for file, size in zip(files, sizes.values(), strict=True):
        try:
            found = file.stat()
        except OSError:
            found = None
        if found is None or found.st_size != size:
            raise DataError(f"{file} is not as it was kept; {_again(name)}")
        checksum.update(f"{file.name}\0{size}\0{found.st_mtime_ns}\0".encode())
    arrays = cache.kept_arrays(
        name,
        lambda: [known.read(folder, files)],
        manifest["images"],
        code=cache.code_checksum(known.read),
        parameters={"files": checksum.hexdigest()},
    )
    entry = catalogue(name)
    facts = {
        "name": name,
        "source": f"{known.publisher}; on this computer",
        "licence": entry.licence if not entry.licence_note else entry.licence_note,
        "description": f"{entry.title}. {describe(known, arrays)}",
        "classes": known.classes,
        "datasheet": known.datasheet,
    }
    return arrays, facts, folder


def absent(name: str) -> str:
    """What to tell about a set that is not on this computer.

    Examples
    --------
    >>> absent("breastmnist")
    'breastmnist (about 560 kB) is not on this computer; get it: mlmi data get breastmnist'
    """
    return f"{name} ({catalogue(name).size}) is not on this computer; get it: mlmi data get {name}"


def _again(name: str) -> str:
    return f"remove the set and get it again: mlmi data clear {name}, then mlmi data get {name}"


def describe(known: RealSet, arrays: Arrays) -> str:
    """Say what was found in a set, what is odd in it included."""
    groups = arrays["groups"]
    cases = arrays.get("case", groups)
    told = f"{len(groups)} {known.unit}"
    if "labels" in arrays:
        counts = [f"{np.sum(arrays['labels'] == k)} {what}" for k, what in known.classes.items()]
        told += f" ({', '.join(counts)})"
    if known.has_patients:
        of = "cases" if "case" in arrays else "patients"
        told += f" of {len(np.unique(cases))} {of}"
    notes = [known.note] if known.note else []
    return " ".join([f"{told}.", *_parts(arrays), *_oddities(known, arrays, cases), *notes])


def _parts(arrays: Arrays) -> list[str]:
    if "subset" not in arrays:
        return []
    names, counts = np.unique(arrays["subset"], return_counts=True)
    if len(names) == 1:
        return [f"{names[0]} only: the other part is not in this copy."]
    return [f"In parts: {', '.join(f'{n} {k}' for n, k in zip(names, counts, strict=True))}."]


def _oddities(known: RealSet, arrays: Arrays, cases: np.ndarray) -> list[str]:
    told = _duplicates(arrays, known.unit) if "duplicate_of" in arrays else []
    if known.has_patients and "labels" in arrays:
        labels = arrays["labels"]
        both = len(np.intersect1d(cases[labels == 0], cases[labels == 1]))
        if both:
            told.append(f"{both} case{'s hold' if both > 1 else ' holds'} both classes.")
    return told


def _duplicates(arrays: Arrays, unit: str) -> list[str]:
    again = arrays["duplicate_of"] != ""
    count = int(np.sum(again))
    if not count:
        return [f"No two {unit} are identical."]
    told = f"{count} of the {unit} repeat{'s' * (count == 1)} an earlier one pixel by pixel"
    if "subset" in arrays:
        subset_of = dict(zip(arrays["file"].tolist(), arrays["subset"].tolist(), strict=True))
        before = [subset_of[file] for file in arrays["duplicate_of"][again].tolist()]
        astride = sum(a != b for a, b in zip(before, arrays["subset"][again].tolist(), strict=True))
        if astride:
            told += f", {astride} of them across Train and Test"
    patients = len(np.unique(arrays["groups"]))
    return [f"{told}; cases that share one count as one patient, which makes {patients} patients."]


# -- keeping -----------------------------------------------------------------------------------


def import_set(name: str, path: Path) -> str:
    """Check a copy of a published set, and keep it on this computer.

    Parameters
    ----------
    name : str
        A key of :data:`REAL_SETS`, or a collection of TCIA.
    path : Path
        A folder, or a ``.zip``, ``.npz`` or ``.tar`` archive, compressed or not.

    Returns
    -------
    str
        What was found.

    Raises
    ------
    DataError
        If anything in it does not fit.  What was there before stays as it was.
    OSError
        If it cannot be read or kept.
    """
    known = real_set(name)
    if not path.exists():
        raise DataError(f"there is no {path}; give the folder or the archive of the set")
    with locked(lock_of(name)):
        return install(known, path)


def install(
    known: RealSet,
    path: Path,
    *,
    whole: bool = False,
    take: bool = False,
    about: Mapping[str, str] | None = None,
) -> str:
    """Check a set and give it its place; the caller holds its lock.

    Parameters
    ----------
    known : RealSet
    path : Path
        A folder or an archive.
    whole : bool
        Whether it must have all the files that the registry counts.
    take : bool
        Whether files may be taken out of the folder instead of copied.
    about : mapping, optional
        Facts to keep with it.

    Returns
    -------
    str
        What was found.

    Raises
    ------
    DataError, OSError
        As :func:`import_set`.
    """
    data_folder().mkdir(parents=True, exist_ok=True)
    _sweep()
    staging = data_folder() / f"{_IMPORTING}{uuid4().hex}"
    most = _most_bytes(known.name)
    try:
        staging.mkdir()
        source = path
        if not path.is_dir():
            source = staging / "unpacked"
            unpack(path, source, most_bytes=most)
            take = True
        try:
            root, files = known.find(source)
            if sum(file.stat().st_size for file in files) > most:
                raise DataError(f"{root} has more than {most / 2**20:.0f} MB: not this set")
            arrays = known.read(root, files)
            _check_parts(known, root, files, arrays, whole)
        except DataError as error:
            # Readers know their archive, and not where it was unpacked.
            raise DataError(str(error).replace(str(source), str(path))) from error
        keep = {"images": len(arrays["groups"]), "about": dict(about or {})}
        _keep(root, files, staging / "set", keep, take=take)
        _replace(staging / "set", _folder(known.name))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return describe(known, arrays)


def _most_bytes(name: str) -> int:
    entry = catalogue(name)
    return 2**50 if entry.kind == "tcia" else entry.unpacked


def _check_parts(
    known: RealSet, root: Path, files: Iterable[Path], arrays: Arrays, whole: bool
) -> None:
    """Compare with the numbers that the registry gives."""
    entry = catalogue(known.name)
    if whole and entry.counts:
        found = Counter(file.parent.relative_to(root).as_posix() for file in files)
        _require_equal(known.name, dict(found), entry.counts, "files")
    if entry.images:
        parts = Counter(arrays["subset"].tolist())
        _require_equal(known.name, dict(parts), entry.images, "images")


def _require_equal(
    name: str, found: Mapping[str, int], wanted: Mapping[str, int], what: str
) -> None:
    if dict(found) != dict(wanted):

        def told(counts: Mapping[str, int]) -> str:
            return ", ".join(
                f"{k} {counts.get(k, 0)}" for k in [*wanted, *sorted({*found} - {*wanted})]
            )

        raise DataError(f"this is not {name}: it has {what} {told(found)}, and not {told(wanted)}")


def _keep(
    root: Path, files: Iterable[Path], folder: Path, manifest: dict[str, Any], *, take: bool
) -> None:
    sizes, hashes = {}, {}
    for file in files:
        inside = file.relative_to(root)
        kept = folder / inside
        kept.parent.mkdir(parents=True, exist_ok=True)
        if take:
            shutil.move(file, kept)
        else:
            shutil.copyfile(file, kept)
        sizes[inside.as_posix()] = kept.stat().st_size
        hashes[inside.as_posix()] = _sha256(kept)
    text = json.dumps({**manifest, "bytes": sizes, "sha256": hashes})
    (folder / _MANIFEST).write_text(text, encoding="utf-8")


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# -- what is here ------------------------------------------------------------------------------


def sets_here() -> list[str]:
    """Names of all sets on this computer."""
    if not data_folder().is_dir():
        return []
    names = {folder.name.removeprefix(_REPLACED) for folder in data_folder().iterdir()}
    names = {name for name in names if not name.startswith(".")}
    return sorted(name for name in names if _read_manifest(_folder(name)) is not None)


def imported_files(name: str) -> int:
    """Number of files of a set; 0 if it is not on this computer."""
    return len((_read_manifest(_folder(name)) or {"bytes": ()})["bytes"])


def verify_set(name: str) -> list[str]:
    """Read every file of a set again; return those that are not as they were kept.

    Raises
    ------
    NotImported
        If it is not on this computer.
    DataError
        If no set has that name.
    """
    folder = _folder(real_set(name).name)
    manifest = _read_manifest(folder)
    if manifest is None:
        raise NotImported(absent(name))
    wrong = []
    for file, checksum in manifest["sha256"].items():
        try:
            same = _sha256(folder / file) == checksum
        except OSError:
            same = False
        if not same:
            wrong.append(file)
    return wrong


def remove_set(name: str) -> int:
    """Remove a set, what was made from it and its unfinished download; return the bytes.

    Raises
    ------
    DataError
        If the name is not known.
    """
    real_set(name)
    with locked(lock_of(name)):
        size = cache.clear(name)
        for folder in (_folder(name), downloads_folder(name)):
            size += folder_size(folder)
            if folder.exists():
                shutil.rmtree(folder)
    return size


def _folder(name: str) -> Path:
    """The set's folder, put back if an import was cut short between two renames."""
    folder = data_folder() / name
    replaced = data_folder() / f"{_REPLACED}{name}"
    if not folder.exists() and replaced.exists():
        with suppress(OSError):
            replaced.rename(folder)
    return folder


def _read_manifest(folder: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        sizes, hashes = dict(manifest["bytes"]), dict(manifest["sha256"])
        return {**manifest, "bytes": sizes, "sha256": hashes, "images": int(manifest["images"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _replace(new: Path, folder: Path) -> None:
    """Put a folder in another's place; the old one is put back if that fails.

    No system renames a folder over a full one, so there are two steps.  If the process dies
    between them, `_folder` finds the old one.
    """
    replaced = folder.with_name(f"{_REPLACED}{folder.name}")
    had = folder.exists()
    if had:
        shutil.rmtree(replaced, ignore_errors=True)
        folder.rename(replaced)
    try:
        new.rename(folder)
    except OSError:
        if had:
            replaced.rename(folder)
        raise
    shutil.rmtree(replaced, ignore_errors=True)


def _sweep() -> None:
    for old in data_folder().glob(f"{_IMPORTING}*"):
        with suppress(OSError):
            if time.time() - old.stat().st_mtime > _STALE_S:
                shutil.rmtree(old)
