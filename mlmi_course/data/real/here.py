"""Real sets on this computer: which there are, loading, verifying and removing them."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_fetch import locked
from mlmi_course.data import cache
from mlmi_course.data.cache import Arrays, folder_size
from mlmi_course.data.errors import DataError, NotImported
from mlmi_course.data.real.describing import describe
from mlmi_course.data.real.folders import (
    REPLACED,
    data_folder,
    downloads_folder,
    file_hash,
    lock_of,
    read_manifest,
    set_folder,
)
from mlmi_course.data.real.sets import absent, catalogue, real_set

__all__ = [
    "LoadedSet",
    "imported_files",
    "load_real",
    "remove_set",
    "sets_here",
    "verify_set",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedSet:
    """A real set as its publisher's files give it, before it becomes a typed object.

    Attributes
    ----------
    name : str
    arrays : dict of str to ndarray, shape (n, …)
        What its reader found; read-only.
    folder : Path
        Where its files are.
    source, licence, description : str
        Where it came from, what you may do with it, and what was found in it.
    classes : mapping of int to str
        What the labels mean.
    datasheet : str
        The page that describes it, from the project's folder.
    """

    name: str
    arrays: Arrays
    folder: Path
    source: str
    licence: str
    description: str
    classes: Mapping[int, str]
    datasheet: str

    @property
    def facts(self) -> dict[str, Any]:
        """What an ImageSet and a VolumeSet take of it as they are, by name."""
        names = ("name", "source", "licence", "description", "classes", "datasheet")
        return {name: getattr(self, name) for name in names}


def load_real(name: str) -> LoadedSet:
    """Read a set that is on this computer.

    Returns
    -------
    LoadedSet

    Raises
    ------
    NotImported
        If it is not on this computer.
    DataError
        If its files have been changed since they were kept.
    """
    known = real_set(name)
    folder = set_folder(name)
    manifest = read_manifest(folder)
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
    arrays = cache.cached_arrays(
        name,
        lambda: [known.read(folder, files)],
        manifest["images"],
        code=cache.code_checksum(known.read),
        parameters={"files": checksum.hexdigest()},
    )
    entry = catalogue(name)
    return LoadedSet(
        name=name,
        arrays=arrays,
        folder=folder,
        source=f"{known.publisher}; on this computer",
        licence=entry.licence_note or entry.licence,
        description=f"{entry.title}. {describe(known, arrays)}",
        classes=known.classes,
        datasheet=known.datasheet,
    )


def _again(name: str) -> str:
    return f"remove the set and get it again: mlmi data clear {name}, then mlmi data get {name}"


def sets_here() -> list[str]:
    """Names of all sets on this computer."""
    if not data_folder().is_dir():
        return []
    names = {folder.name.removeprefix(REPLACED) for folder in data_folder().iterdir()}
    names = {name for name in names if not name.startswith(".")}
    return sorted(name for name in names if read_manifest(set_folder(name)) is not None)


def imported_files(name: str) -> int:
    """Number of files of a set; 0 if it is not on this computer."""
    return len((read_manifest(set_folder(name)) or {"bytes": ()})["bytes"])


def verify_set(name: str) -> list[str]:
    """Read every file of a set again; return those that are not as they were kept.

    Raises
    ------
    NotImported
        If it is not on this computer.
    DataError
        If no set has that name.
    """
    folder = set_folder(real_set(name).name)
    manifest = read_manifest(folder)
    if manifest is None:
        raise NotImported(absent(name))
    wrong = []
    for file, checksum in manifest["sha256"].items():
        try:
            same = file_hash(folder / file) == checksum
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
        for folder in (set_folder(name), downloads_folder(name)):
            size += folder_size(folder)
            if folder.exists():
                shutil.rmtree(folder)
    return size
