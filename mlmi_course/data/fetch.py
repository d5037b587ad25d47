"""A real set, from the web to this computer: download, check, keep.

:mod:`data_fetch` downloads the bytes, :mod:`mlmi_course.data.real` looks into them and gives them
their place.  Two processes that want the same set do it one after the other, and the second
finds it done.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from data_fetch import Entry, FetchError, Report, RetryPolicy, download, locked
from data_fetch import tcia as tcia_archive
from data_fetch.errors import OfflineError, WrongHashError
from data_fetch.registry import size_text
from mlmi_course._files import write_whole
from mlmi_course._home import home
from mlmi_course.data import real
from mlmi_course.data.cache import folder_size
from mlmi_course.data.errors import DataError

__all__ = ["fetch_set", "pins"]

_PINS: Final = "pins.json"


def fetch_set(
    name: str,
    *,
    patients: int | None = None,
    accept_new: bool = False,
    report: Report | None = None,
    retry: RetryPolicy | None = None,
    bar: bool = False,
) -> str:
    """Download a set, check it and keep it, whole or not at all.

    Parameters
    ----------
    name : str
        A name in ``data_fetch/registry.toml``, or ``tcia-`` and a collection.
    patients : int, optional
        Of a collection of TCIA, the first so many patients.
    accept_new : bool
        Take a file whose publisher states no checksum although it differs from the one that
        this computer got before.
    report, retry
        See :mod:`data_fetch`.
    bar : bool
        Whether a client that has a progress bar of its own shows it.

    Returns
    -------
    str
        What was found in it.

    Raises
    ------
    FetchError
        If it cannot be downloaded.  What has come is kept for the next try.
    DataError
        If it is not what it should be.  Then nothing is kept.
    OSError
        If the disk is full or refuses.
    """
    report = report or Report()
    known, entry = real.real_set(name), real.catalogue(name)
    if entry.kind not in ("download", "tcia"):
        raise FetchError(f"{name} cannot be downloaded by a program; how to get it: {entry.how}")
    if patients is not None and entry.kind != "tcia":
        raise FetchError(f"{name} comes whole: only collections of TCIA are chosen by patient")

    def waiting() -> None:
        report.say(f"another process works on {name}; waiting for it")

    with locked(real.lock_of(name), waiting):
        if real.imported_files(name):
            return f"it is already in {real.data_folder() / name}"
        if entry.kind == "tcia":
            return _collection(known, patients, bar)
        return _file(known, entry, accept_new, report, retry)


def _file(
    known: real.RealSet,
    entry: Entry,
    accept_new: bool,
    report: Report,
    retry: RetryPolicy | None,
) -> str:
    source = entry.file
    assert source is not None
    folder = real.downloads_folder(entry.name)
    folder.mkdir(parents=True, exist_ok=True)
    size = source.bytes or source.about_bytes or 0
    _require_space(entry.name, folder, 2 * size - folder_size(folder))
    pin = None if source.hash or accept_new else pins().get(entry.name)
    try:
        file = download(
            source,
            folder,
            known_hash=pin["hash"] if pin else None,
            report=report,
            retry=retry,
        )
    except OfflineError as error:
        raise OfflineError(
            f"{error} Or fetch {source.urls[0]} on another computer, and run: "
            f"mlmi data import {entry.name} {source.name}"
        ) from error
    except WrongHashError as error:
        if not pin:
            raise
        raise WrongHashError(
            f"{source.name} is not the file that this computer got on {pin['date']}, and its "
            "publisher states no checksum; ask what has changed, then take it with: "
            f"mlmi data get {entry.name} --accept-new"
        ) from error
    report.say("checking what is inside")
    try:
        found = real.install(known, file, whole=True)
    except DataError:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if source.hash is None:
        _pin(entry.name, file)
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _collection(known: real.RealSet, patients: int | None, bar: bool) -> str:
    selection = tcia_archive.choose(known.name, patients)
    folder = real.downloads_folder(known.name)
    folder.mkdir(parents=True, exist_ok=True)
    _require_space(known.name, folder, selection.bytes - folder_size(folder))
    tcia_archive.download(selection, folder, bar=bar)
    # A smaller choice than before: what is not asked for any more must not come along.
    wanted = {folder / selection.folder(row) for row in selection.series.itertuples()}
    for series in folder.glob("*/*"):
        if series not in wanted:
            shutil.rmtree(series)
    about = {"licence": selection.licence, "citation": selection.citation}
    try:
        return real.install(known, folder, take=True, about=about)
    finally:
        # Kept now, or not what it should be: in both cases of no further use.
        shutil.rmtree(folder, ignore_errors=True)


def _require_space(name: str, folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise FetchError(
            f"{name} needs {size_text(needed)} in {home()} until it is unpacked, and "
            f"{size_text(free)} are free: make room, or set MLMI_HOME to a folder on another disk"
        )


# -- checksums of files whose publisher states none ---------------------------------------------


def pins() -> dict[str, dict[str, str]]:
    """Checksums of what was first downloaded here, by name of the set: ``hash`` and ``date``."""
    try:
        return dict(json.loads((home() / _PINS).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _pin(name: str, file: Path) -> None:
    import pooch

    new = {"hash": f"sha256:{pooch.file_hash(file, 'sha256')}", "date": date.today().isoformat()}
    kept: Mapping[str, Any] = pins()
    if kept.get(name, {}).get("hash") == new["hash"]:
        return
    write_whole(home() / _PINS, json.dumps({**kept, name: new}, indent=1))
