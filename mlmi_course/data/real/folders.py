"""Where real sets and their unfinished downloads lie, and the note that is kept with each."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from mlmi_course._home import home

__all__ = [
    "MANIFEST",
    "REPLACED",
    "data_folder",
    "downloads_folder",
    "file_hash",
    "lock_of",
    "read_manifest",
    "set_folder",
]

MANIFEST: Final = "manifest.json"
REPLACED: Final = ".replaced-"  # before the name of a set whose successor is being put in place


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


def set_folder(name: str) -> Path:
    """The set's folder, put back if an import was cut short between two renames."""
    folder = data_folder() / name
    replaced = data_folder() / f"{REPLACED}{name}"
    if not folder.exists() and replaced.exists():
        with suppress(OSError):
            replaced.rename(folder)
    return folder


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """What was noted when a set was kept: sizes and checksums; None where there is no set."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        sizes, hashes = dict(manifest["bytes"]), dict(manifest["sha256"])
        return {**manifest, "bytes": sizes, "sha256": hashes, "images": int(manifest["images"])}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def file_hash(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
