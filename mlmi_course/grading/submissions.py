"""Find the notebooks to grade in a folder: one file, or one folder, for each student."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from dataclasses import dataclass
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
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError("it is not a regular file")
            return file.read(MOST_BYTES + 1)


_NO_TRICKS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)


def digest(content: bytes) -> str:
    """Tell two uploads apart."""
    return hashlib.sha256(content).hexdigest()[:16]


def clean(text: str) -> str:
    """Make a text that can be written anywhere: a file name may hold bytes that are no text.

    >>> clean("Zo\\udceb")
    'Zo\\ufffd'
    """
    return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)


def find_submissions(folder: Path) -> list[Submission]:
    """Return the submissions in a folder, sorted by student.

    A notebook in the folder itself belongs to the student it is named after; a notebook in a
    folder below, to the student whom that folder is named after.

    Raises
    ------
    GradingError
        If there is no notebook, or a student has two.
    """
    if not folder.is_dir():
        raise GradingError(f"{folder} is not a folder of submissions")
    found: dict[str, Submission] = {}
    for path in sorted(_notebooks(folder)):
        below = path.relative_to(folder)
        name = below.parts[0] if len(below.parts) > 1 else path.stem
        student = unicodedata.normalize("NFC", clean(name))
        if student in found:
            raise GradingError(
                f"two files for {student}: {found[student].file} and {clean(str(below))}; "
                "leave the one that counts"
            )
        found[student] = Submission(student, clean(str(below)), path)
    if not found:
        raise GradingError(f"no notebook (*.ipynb) in {folder}, nor in a folder for each student")
    return [found[student] for student in sorted(found)]


def _notebooks(folder: Path) -> list[Path]:
    places = [folder]
    places += [path for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
    return [
        path
        for place in places
        if place == folder or not place.name.startswith((".", "__"))
        for path in place.iterdir()
        if path.suffix == ".ipynb" and not path.name.startswith((".", "__")) and not path.is_dir()
    ]
