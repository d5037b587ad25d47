"""A copy of a published set, checked and kept on this computer.

A set lies in ``data/<name>`` of the reader's home.  It is put there after every file in it has
been read, and all at once: whoever is interrupted has the set that was there before.
"""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from data_fetch import locked
from mlmi_course.data.cache import Arrays
from mlmi_course.data.errors import DataError
from mlmi_course.data.real.describing import describe
from mlmi_course.data.real.folders import (
    MANIFEST,
    REPLACED,
    data_folder,
    file_hash,
    lock_of,
    set_folder,
)
from mlmi_course.data.real.sets import RealSet, catalogue, real_set
from mlmi_course.data.real.unpacking import unpack

__all__ = ["import_set", "install"]

_IMPORTING: Final = ".importing-"
_STALE_S: Final = 24 * 3600.0


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
        _replace(staging / "set", set_folder(known.name))
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
        hashes[inside.as_posix()] = file_hash(kept)
    text = json.dumps({**manifest, "bytes": sizes, "sha256": hashes})
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def _replace(new: Path, folder: Path) -> None:
    """Put a folder in another's place; the old one is put back if that fails.

    No system renames a folder over a full one, so there are two steps.  If the process dies
    between them, `set_folder` finds the old one.
    """
    replaced = folder.with_name(f"{REPLACED}{folder.name}")
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
