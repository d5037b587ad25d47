"""Feedback as the learning platforms take it: one archive to upload, one file for each student.

Moodle's *Upload multiple feedback files in a zip* wants the folders of its own download,
``Fullname_number_assignsubmission_file``; Canvas' *Upload submissions* wants the names of its own
download.  Canvas shows what comes back under the name that the student gave, a notebook's; so
there the feedback is a notebook, with the page as its only cell.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlmi_course._files import write_whole
from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.submissions import platform_of

__all__ = ["ABOUT", "HandedOut", "hand_out"]

ABOUT = "gradebook.json"
_PAGE = "feedback.html"
# The same bytes from the same pages: no time of day in the archive.
_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class HandedOut:
    """What was written.

    Attributes
    ----------
    uploads : dict of Path to int
        Archives for a platform, and how many students are in each.
    students : int
        Archives of single students.
    without : tuple of str
        Students who handed in nothing that could be graded, and so get no page.
    """

    uploads: dict[Path, int]
    students: int
    without: tuple[str, ...]


def hand_out(grades: Path, out: Path) -> HandedOut:
    """Write the archives.

    Parameters
    ----------
    grades : Path
        Folder of a gradebook.
    out : Path
        Where the archives go.

    Raises
    ------
    GradingError
        If there is no gradebook in the folder.
    """
    listed = _listed(grades)
    uploads: dict[str, dict[str, bytes]] = {"moodle": {}, "canvas": {}}
    without = []
    for student, about in listed.items():
        page = grades / "feedback" / str(about.get("page", ""))
        if not about.get("file"):
            without.append(student)
            continue
        try:
            content = page.read_bytes()
        except OSError as error:
            raise GradingError(f"{page} cannot be read: {error.strerror}; grade again") from None
        zipped = out / "students" / f"{page.stem}.zip"
        write_whole(zipped, _archive({_PAGE: content}), private=True, durable=True)
        entry = str(about["file"]).split("/")[0]
        platform = platform_of(entry)
        if platform is None:
            continue
        if platform.kind == "moodle":
            uploads["moodle"][f"{_moodle_folder(entry)}/{_PAGE}"] = content
        else:
            uploads["canvas"][entry] = _as_notebook(content.decode("utf-8"))
    written = {}
    for kind, files in uploads.items():
        if files:
            path = out / f"{kind}-feedback.zip"
            write_whole(path, _archive(files), private=True, durable=True)
            written[path] = len(files)
    return HandedOut(written, len(listed) - len(without), tuple(without))


def _listed(grades: Path) -> dict[str, dict[str, Any]]:
    try:
        students = json.loads((grades / ABOUT).read_text(encoding="utf-8"))["students"]
        return dict(students)
    except (OSError, ValueError, KeyError, TypeError):
        raise GradingError(
            f"there is no gradebook in {grades}; make one first: mlmi grade … --out {grades}"
        ) from None


def _moodle_folder(entry: str) -> str:
    """The folder of Moodle's download, also where a file carries its name in front."""
    parts = entry.split("_")
    return "_".join(parts[:4])


def _as_notebook(page: str) -> bytes:
    body = page.partition("<body>")[2].rpartition("</body>")[0].strip()
    cell = {"cell_type": "markdown", "id": "feedback", "metadata": {}, "source": body}
    about = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(about, ensure_ascii=False, indent=1).encode()


def _archive(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(_entry(name), files[name])
    return buffer.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
