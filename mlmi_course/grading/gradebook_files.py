"""Files of a gradebook: cells that a spreadsheet shows and never runs, names that never collide."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["csv_text", "file_stems", "from_cell", "safe_cell", "write_whole"]

# What makes a spreadsheet take a cell for a formula, or for two cells, and our own mark.
_TAKEN_FOR_FORMULAS = "=+-@=+-@\t\r\n'"
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{d}{n}" for d in ("com", "lpt") for n in range(10)}
_LONGEST_STEM = 60


def safe_cell(text: str) -> str:
    """A text as a spreadsheet may hold it: what looks like a formula gets ``'`` in front.

    Spreadsheets run a cell that begins with ``=``, ``+``, ``-`` or ``@``, also from a CSV file.
    An apostrophe in front gets one more, so that `from_cell` can take ours away again.

    >>> safe_cell("Ada Lovelace"), safe_cell("=HYPERLINK()"), safe_cell("'t Hart")
    ('Ada Lovelace', "'=HYPERLINK()", "''t Hart")
    """
    return f"'{text}" if text[:1] and text[0] in _TAKEN_FOR_FORMULAS else text


def from_cell(cell: str) -> str:
    """The reverse of `safe_cell`.

    >>> from_cell("'=1"), from_cell("''t Hart"), from_cell("plain")
    ('=1', "'t Hart", 'plain')
    """
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in _TAKEN_FOR_FORMULAS else cell


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows of texts as CSV, each made safe, with ``\\n`` as line end on every system.

    >>> print(csv_text([["student", "note"], ["Ana, B.", "=1"]]), end="")
    student,note
    "Ana, B.",'=1
    """
    return "".join(f"{_line(row)}\n" for row in rows)


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


def write_whole(path: Path, text: str) -> None:
    """Write a file completely or not at all, as UTF-8, for its owner's eyes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            # A file name may hold bytes that are no text at all; they become question marks.
            file.write(text.encode("utf-8", errors="replace"))
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _line(row: Sequence[str]) -> str:
    # The writer quotes what occurs in its line end, so this one quotes \r and \n alike.
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([safe_cell(cell) for cell in row])
    return buffer.getvalue().removesuffix("\r\n")


def _slug(student: str) -> str:
    """Plain letters, or nothing where no name is left or Windows reserves it."""
    plain = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9.-]+", "_", plain).strip("._-")[:_LONGEST_STEM].rstrip("._-")
    return "" if slug.lower().partition(".")[0] in _DEVICES else slug


def _hash(student: str) -> str:
    return hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()
