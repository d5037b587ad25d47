"""Real sets on this computer: what they are, importing, loading and removing them.

A set is copied into ``data/<name>`` of the reader's home after every file in it has been read,
and all at once: whoever is interrupted has the set that was there before.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid4

import numpy as np

from mlmi_course._home import home
from mlmi_course.data import cache, cmepda
from mlmi_course.data.cache import Arrays, folder_size
from mlmi_course.data.cmepda import DataError
from mlmi_course.data.unpacking import unpack

__all__ = [
    "REAL_SETS",
    "NotImported",
    "RealSet",
    "data_folder",
    "import_set",
    "imported_files",
    "load_real",
    "remove_set",
]

_MANIFEST: Final = "manifest.json"
_IMPORTING, _REPLACED = ".importing-", ".replaced-"
_STALE_S: Final = 24 * 3600.0
_MOST_BYTES: Final = 64 * 2**20  # ten times the larger set


class NotImported(FileNotFoundError):
    """A real set that is not on this computer, with the command that brings it there."""


@dataclass(frozen=True, kw_only=True)
class RealSet:
    """A published set that can be imported.

    Attributes
    ----------
    name : str
        For ``mlmi data import``.
    title, size, licence, datasheet : str
        What it is, how large, what you may do with it, and the page that describes it.
    unit : str
        What its images are called.
    spacing : (float, float) or None
        Millimetres.
    classes : mapping of int to str
    files_per_image : int
    find, read : callable
        From :mod:`mlmi_course.data.cmepda`.
    """

    name: str
    title: str
    size: str
    licence: str
    datasheet: str
    unit: str
    spacing: tuple[float, float] | None
    classes: Mapping[int, str]
    files_per_image: int
    find: Callable[[Path], tuple[Path, list[Path]]]
    read: Callable[[Path, Iterable[Path]], Arrays]


_LICENCE: Final = (
    "not stated in the files; published for teaching in INFN's CMEPDA course: ask its owners "
    "before passing it on"
)

REAL_SETS: Final[Mapping[str, RealSet]] = MappingProxyType(
    {
        one.name: one
        for one in (
            RealSet(
                name="cmepda-microcalcifications",
                title="Real patches of mammograms, with and without microcalcifications (INFN)",
                # Train as we have it: 556 files, 1.0 MB; a 60 × 60 PGM has 3.6 kB.
                size="797 patches of 60×60 pixels, less than 3 MB",
                licence=_LICENCE,
                datasheet="docs/datasheets/microcalcifications.md",
                unit="patches",
                spacing=(0.085, 0.085),
                classes={0: "normal", 1: "microcalcifications"},
                files_per_image=1,
                find=cmepda.find_microcalcifications,
                read=cmepda.read_microcalcifications,
            ),
            RealSet(
                name="cmepda-masses",
                title="Real mammographic masses with semi-automatic outlines (INFN)",
                size="two files of 16 kB a mass, of 125×125 pixels",
                licence=_LICENCE,
                datasheet="docs/datasheets/masses.md",
                unit="masses",
                spacing=None,
                classes={0: "benign", 1: "malignant"},
                files_per_image=2,
                find=cmepda.find_masses,
                read=cmepda.read_masses,
            ),
        )
    }
)
"""What can be imported, by name."""


def data_folder() -> Path:
    """Where imported sets are.

    Examples
    --------
    >>> data_folder().name
    'data'
    """
    return home() / "data"


def load_real(name: str) -> tuple[Arrays, dict[str, Any]]:
    """Read an imported set: its arrays, and the other fields of an :class:`ImageSet`.

    Raises
    ------
    NotImported
        If it is not on this computer.
    DataError
        If its files have been changed since they were imported.
    """
    known = _known(name)
    folder = _folder(name)
    sizes = _manifest(folder)
    if sizes is None:
        raise NotImported(
            f"{name} is not on this computer ({folder} is missing). It is not downloaded for you: "
            f"get the set ({known.size}) from the CMEPDA course, then run: "
            f"mlmi data import {name} PATH"
        )
    files = [folder / file for file in sizes]
    checksum = hashlib.sha256()
    for file, size in zip(files, sizes.values(), strict=True):
        try:
            found = file.stat()
        except OSError:
            found = None
        if found is None or found.st_size != size:
            raise DataError(
                f"{file} is not what was imported; import the set again: "
                f"mlmi data import {name} PATH"
            )
        checksum.update(f"{file.name}\0{size}\0{found.st_mtime_ns}\0".encode())
    arrays = cache.kept_arrays(
        name,
        lambda: [known.read(folder, files)],
        len(files) // known.files_per_image,
        code=cache.code_checksum(known.read),
        parameters={"files": checksum.hexdigest()},
    )
    return arrays, {
        "name": name,
        "spacing": known.spacing,
        "source": "INFN, as published for the CMEPDA course; imported on this computer",
        "licence": known.licence,
        "description": f"{known.title}. {describe(known, arrays)}",
        "classes": known.classes,
        "datasheet": known.datasheet,
    }


def describe(known: RealSet, arrays: Arrays) -> str:
    """Say what was found in a set, what is odd in it included."""
    labels, groups = arrays["labels"], arrays["groups"]
    counts = ", ".join(f"{np.sum(labels == k)} {what}" for k, what in known.classes.items())
    cases = arrays.get("case", groups)
    told = [f"{len(labels)} {known.unit} ({counts}) of {len(np.unique(cases))} cases."]
    if "subset" in arrays:
        subsets = np.unique(arrays["subset"])
        if len(subsets) == 1:
            told.append(f"{subsets[0]} only: the other part is not in this copy.")
    if "duplicate_of" in arrays:
        told += _duplicates(arrays, known.unit)
    both = len(np.intersect1d(cases[labels == 0], cases[labels == 1]))
    if both:
        told.append(f"{both} case{'s hold' if both > 1 else ' holds'} both classes.")
    return " ".join(told)


def _duplicates(arrays: Arrays, unit: str) -> list[str]:
    again = arrays["duplicate_of"] != ""
    count = int(np.sum(again))
    if not count:
        return [f"No two {unit} are identical."]
    subset_of = dict(zip(arrays["file"].tolist(), arrays["subset"].tolist(), strict=True))
    originals = [subset_of[file] for file in arrays["duplicate_of"][again].tolist()]
    astride = sum(a != b for a, b in zip(originals, arrays["subset"][again].tolist(), strict=True))
    patients = len(np.unique(arrays["groups"]))
    told = f"{count} of the {unit} repeat{'s' * (count == 1)} an earlier one pixel by pixel"
    if astride:
        told += f", {astride} of them across Train and Test"
    return [f"{told}; cases that share one count as one patient, which makes {patients} patients."]


def import_set(name: str, path: Path) -> str:
    """Check a copy of a published set, and keep it on this computer.

    Parameters
    ----------
    name : str
        A key of :data:`REAL_SETS`.
    path : Path
        A folder, or a ``.zip`` or ``.tar.gz`` archive.

    Returns
    -------
    str
        What was found.

    Raises
    ------
    DataError
        If anything in it does not fit.  What was imported before stays as it was.
    OSError
        If it cannot be read or kept.
    """
    known = _known(name)
    if not path.exists():
        raise DataError(f"there is no {path}; give the folder or the archive of the set")
    data_folder().mkdir(parents=True, exist_ok=True)
    _sweep()
    staging = data_folder() / f"{_IMPORTING}{uuid4().hex}"
    try:
        staging.mkdir()
        source = path
        if not path.is_dir():
            source = staging / "unpacked"
            unpack(path, source)
        try:
            root, files = known.find(source)
            if sum(file.stat().st_size for file in files) > _MOST_BYTES:
                raise DataError(f"{root} has more than {_MOST_BYTES / 2**20:.0f} MB: not this set")
            found = describe(known, known.read(root, files))
        except DataError as error:
            # Readers know their archive, and not where it was unpacked.
            raise DataError(str(error).replace(str(source), str(path))) from error
        _copy(root, files, staging / "set")
        _replace(staging / "set", _folder(name))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return found


def remove_set(name: str) -> int:
    """Remove an imported set and what was made from it; return the number of bytes.

    Raises
    ------
    DataError
        If the name is not known.
    """
    _known(name)
    folder = _folder(name)
    size = cache.clear(name) + folder_size(folder)
    if folder.exists():
        shutil.rmtree(folder)
    return size


def imported_files(name: str) -> int:
    """Number of files of an imported set; 0 if it is not on this computer."""
    return len(_manifest(_folder(name)) or ())


def _known(name: str) -> RealSet:
    if name not in REAL_SETS:
        raise DataError(f"no real set is called {name!r}; there are: {', '.join(REAL_SETS)}")
    return REAL_SETS[name]


def _folder(name: str) -> Path:
    """The set's folder, put back if an import was cut short between two renames."""
    folder = data_folder() / name
    replaced = data_folder() / f"{_REPLACED}{name}"
    if not folder.exists() and replaced.exists():
        with suppress(OSError):
            replaced.rename(folder)
    return folder


def _manifest(folder: Path) -> dict[str, int] | None:
    try:
        return dict(json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["bytes"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _copy(root: Path, files: Iterable[Path], folder: Path) -> None:
    sizes = {}
    for file in files:
        inside = file.relative_to(root)
        (folder / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, folder / inside)
        sizes[inside.as_posix()] = (folder / inside).stat().st_size
    (folder / _MANIFEST).write_text(json.dumps({"bytes": sizes}), encoding="utf-8")


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
