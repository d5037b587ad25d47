"""Names of files that never collide, and folders that only their owner can open."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

__all__ = ["file_stems", "private_folder"]

_DEVICES = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}
_LONGEST_STEM = 60


def file_stems(students: Iterable[str]) -> dict[str, str]:
    """A file name for each student, without its ending: plain letters, and no two alike.

    Names that would give the same file, on disks too that take ``A`` for ``a``, all get a part
    of a hash behind them.

    >>> file_stems(["Zoë O'Neil", "../../etc"])
    {"Zoë O'Neil": 'Zoe_O_Neil', '../../etc': 'etc'}
    >>> [len(stem) for stem in file_stems(["ana", "Ana"]).values()]
    [12, 12]
    """
    slugs = {student: _slug(student) for student in students}
    stems = dict(slugs)
    for digits in (8, 16, 32, 64):  # longer, if somebody is called like another one's file
        used = Counter(stem.lower() for stem in stems.values())
        stems = {
            student: stem
            if used[stem.lower()] == 1 and stem
            else f"{slugs[student] or 'student'}-{_hash(student)[:digits]}"
            for student, stem in stems.items()
        }
    return stems


def private_folder(folder: Path) -> None:
    """Make a folder that its owner alone can open; one that is there stays as it is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _slug(student: str) -> str:
    """Plain letters, or nothing where no name is left or Windows reserves it."""
    plain = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9.-]+", "_", plain).strip("._-")[:_LONGEST_STEM].rstrip("._-")
    return "" if slug.lower().partition(".")[0] in _DEVICES else slug


def _hash(student: str) -> str:
    return hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()
