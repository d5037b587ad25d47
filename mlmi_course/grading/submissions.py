"""Find what students handed in: every entry of the folder is a submission, or is named.

A notebook in the folder itself belongs to the student it is named after; whatever lies in a
folder below, to the student whom that folder is named after.  The names that Moodle and Canvas
give to downloaded files are understood: they hold the student's name and an identifier, with
which grades and feedback find their way back.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.judge.notebooks import MOST_BYTES


@dataclass(frozen=True)
class Submission:
    """One student's file.

    Attributes
    ----------
    student : str
        From the name of the file or folder.
    file : str
        Path below the folder of submissions.
    path : Path
    """

    student: str
    file: str
    path: Path

    def read(self) -> bytes:
        """Return the content of the file.

        Raises
        ------
        OSError
            If it cannot be read; also where it is a link or no regular file, which would lead
            the grader to another student's work or let it wait for ever.
        """
        descriptor = os.open(self.path, _NO_TRICKS)
        with open(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise OSError("it is not a regular file")
            # As much memory as asked for is taken, however short the file.
            return file.read(min(about.st_size, MOST_BYTES) + 1)


@dataclass(frozen=True)
class Found:
    """What a folder of submissions holds.

    Attributes
    ----------
    submissions : tuple of Submission
        Sorted by student: these are graded.
    without : dict of str to str
        Students whose entry cannot be graded, and why; they get a row without points.
    aside : tuple of str
        Entries of the system, such as ``.DS_Store``: named, and nobody's.
    """

    submissions: tuple[Submission, ...]
    without: dict[str, str] = field(default_factory=dict)
    aside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Platform:
    """What the name of a downloaded file tells.

    Attributes
    ----------
    kind : str
        ``"moodle"`` or ``"canvas"``.
    student : str
        As the platform writes the name.
    identifier : str
        The participant's number in Moodle, the user's in Canvas.
    """

    kind: str
    student: str
    identifier: str


_NO_TRICKS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)
# Fullname_participant_assignsubmission_file, with the file's own name behind it where Moodle
# was told not to make folders.
_MOODLE = re.compile(r"([^_]+)_(\d{1,18})_assignsubmission_[a-z]+_?(.*)", re.DOTALL)
# lastnamefirstname[_LATE]_user_attachment_file
_CANVAS = re.compile(r"([^_]+)_(?:LATE_)?(\d{1,18})_(\d{1,18})_(.+)", re.DOTALL)
_ENDINGS = (".ipynb", ".ipynb.json", ".ipynb.txt")
_OF_SYSTEMS = {"thumbs.db", "desktop.ini"}
_DEEPEST = 8


def digest(content: bytes) -> str:
    """Tell two uploads apart."""
    return hashlib.sha256(content).hexdigest()[:16]


def clean(text: str) -> str:
    """Make a text that can be written anywhere: a file name may hold bytes that are no text.

    >>> clean("Zo\\udceb")
    'Zo\\ufffd'
    """
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def platform_of(entry: str) -> Platform | None:
    """Read the name that Moodle or Canvas gave to an entry of a download.

    >>> platform_of("Ana Rossi_4711_assignsubmission_file").student
    'Ana Rossi'
    >>> platform_of("rossiana_LATE_123_456_lab.ipynb").identifier
    '123'
    >>> platform_of("Ana Rossi.ipynb") is None
    True
    """
    if found := _MOODLE.fullmatch(entry):
        return Platform("moodle", found[1].strip(), found[2])
    if found := _CANVAS.fullmatch(entry):
        return Platform("canvas", found[1].strip(), found[2])
    return None


def find_submissions(folder: Path) -> Found:
    """Return everything that was handed in.

    Raises
    ------
    GradingError
        If there is no folder, or nothing in it.
    """
    if not folder.is_dir():
        raise GradingError(f"{folder} is not a folder of submissions")
    aside: list[str] = []
    entries: dict[str, list[Path]] = {}
    listed = sorted(folder.iterdir())
    names = _names(listed)
    for path in listed:
        if _is_of_a_system(path.name):
            aside.append(clean(path.name))
        else:
            entries.setdefault(names[path.name], []).append(path)
    found, without = [], {}
    for student, paths in entries.items():
        notebooks = [n for path in paths for n in _notebooks_in(path)]
        if len(notebooks) == 1:
            file = clean(str(notebooks[0].relative_to(folder)))
            found.append(Submission(student, file, notebooks[0]))
            aside += [clean(p.name) for p in paths if not notebooks[0].is_relative_to(p)]
        elif notebooks:
            files = [clean(str(path.relative_to(folder))) for path in notebooks]
            without[student] = f"two notebooks: {', '.join(files)}; leave the one that counts"
        else:
            without[student] = "; ".join(_why_nothing(path) for path in paths)
    if not found:
        told = f": {'; '.join(without.values())}" if without else ""
        raise GradingError(
            f"no notebook (*.ipynb) in {folder}, nor in a folder for each student{told}"
        )
    return Found(
        tuple(sorted(found, key=lambda one: one.student)),
        dict(sorted(without.items())),
        tuple(aside),
    )


def _names(entries: list[Path]) -> dict[str, str]:
    """The student of each entry; two that a platform tells apart stay two."""
    names = {}
    ids: dict[str, set[str]] = {}
    for path in entries:
        entry = path.name
        platform = platform_of(entry)
        stem = entry if path.is_dir() else _stem(entry)
        names[entry] = _tidy(platform.student if platform else stem)
        ids.setdefault(names[entry], set()).add(platform.identifier if platform else "")
    return {
        entry: f"{name} {platform.identifier}"
        if len(ids[name]) > 1 and (platform := platform_of(entry))
        else name
        for entry, name in names.items()
    }


def _tidy(name: str) -> str:
    return unicodedata.normalize("NFC", clean(name))


def _stem(entry: str) -> str:
    """A file's name without what tells its kind."""
    low = entry.lower()
    for ending in sorted(_ENDINGS, key=len, reverse=True):
        if low.endswith(ending) and len(entry) > len(ending):
            return entry[: -len(ending)]
    stem, dot, ending = entry.rpartition(".")
    return stem if dot and stem and 0 < len(ending) <= 5 and ending.isalnum() else entry


def _is_of_a_system(name: str) -> bool:
    return name.startswith((".", "__", "~")) or name.lower() in _OF_SYSTEMS


def _is_notebook(path: Path) -> bool:
    return path.name.lower().endswith(_ENDINGS) and not path.is_dir()


def _notebooks_in(path: Path, depth: int = 0) -> list[Path]:
    """The notebooks of an entry, which may be a folder of folders."""
    if not path.is_dir() or path.is_symlink():
        return [path] if _is_notebook(path) else []
    if depth > _DEEPEST:
        return []
    try:
        inside = sorted(path.iterdir())
    except OSError:
        return []
    return [
        notebook
        for one in inside
        if not _is_of_a_system(one.name)
        for notebook in _notebooks_in(one, depth + 1)
    ]


def _why_nothing(path: Path) -> str:
    name = clean(path.name)
    if path.is_symlink():
        return f"{name} is a link, which is not followed"
    if not path.is_dir():
        hint = ", which has to be unpacked" if name.lower().endswith((".zip", ".gz", ".7z")) else ""
        return f"{name} is not a notebook{hint}"
    try:
        inside = [clean(one.name) for one in sorted(path.iterdir())]
    except OSError as error:
        return f"the folder {name} cannot be read: {error.strerror}"
    if not inside:
        return f"the folder {name} is empty"
    more = " …" if len(inside) > 3 else ""
    return f"no notebook in the folder {name}, which holds {', '.join(inside[:3])}{more}"
