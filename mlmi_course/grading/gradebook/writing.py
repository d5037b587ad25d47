"""Write the gradebook: CSV files for machines, pages for people, and what a regrade must know.

What lies in the folder afterwards:

=========================  ==================================================================
``gradebook.csv``          one row a student, one column a question, and the total
``gradebook-canvas.csv``   the totals, as Canvas imports them
``gradebook-moodle.csv``   the totals with a line of feedback, as Moodle imports them
``moodle-worksheet.csv``   the same for a Moodle assignment's own grading worksheet
``gradebook.html``         the class
``feedback/….html``        one page a student, which tells nothing about others
``marks.csv``              every mark that a person ever entered
``marks-todo.csv``         the answers that wait for a mark, to be filled in
``gradebook.json``         release and questions that the grades were made with
=========================  ==================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlmi_course._files import write_whole
from mlmi_course.grading.gradebook.handout import ABOUT
from mlmi_course.grading.gradebook.html import class_page, feedback_page
from mlmi_course.grading.gradebook.marks import (
    KEPT,
    TODO,
    Marks,
    collect_marks,
    marks_text,
    todo_text,
)
from mlmi_course.grading.gradebook.rows import StudentRow, class_rows
from mlmi_course.grading.gradebook.tables import (
    canvas_table,
    moodle_table,
    moodle_worksheet,
    plain_table,
)
from mlmi_course.grading.records import Assignment, Graded

__all__ = ["changed_questions", "write"]


def write(
    assignment: Assignment,
    graded: Iterable[Graded],
    out: Path,
    *,
    marks: Marks | None = None,
    without: Mapping[str, str] | None = None,
) -> None:
    """Write the gradebook of a class into a folder.

    Each file is written whole or not at all, and none before all are made.  The CSV files
    depend on the grades and marks alone, and not on their order nor on the time they took.

    Parameters
    ----------
    assignment : Assignment
        What was graded, and with what.
    graded : iterable of Graded
        One for each student, in any order.
    out : Path
        Folder; it is made where it is missing.
    marks : Marks, optional
        What a person entered now.  Marks that the folder holds already are kept.
    without : mapping of str to str, optional
        Students without a verdict, and why: they stand in every table, without points.

    Raises
    ------
    ValueError
        For two submissions of one student.
    MarksError
        For a file of marks in the folder that is damaged.
    """
    graded = list(graded)
    marks = collect_marks(assignment, graded, out, marks)
    rows = class_rows(assignment, graded, marks, without)
    about = _about(assignment, rows, _read_about(out))
    notices = [*_notices(about, assignment, rows), *_unused(marks, rows)]
    files = {f"feedback/{row.stem}.html": feedback_page(assignment, row) for row in rows} | {
        "gradebook.csv": plain_table(assignment, rows),
        "gradebook-canvas.csv": canvas_table(assignment, rows),
        "gradebook-moodle.csv": moodle_table(assignment, rows),
        "moodle-worksheet.csv": moodle_worksheet(rows),
        TODO: todo_text(assignment, graded, marks),
        "gradebook.html": class_page(assignment, rows, notices),
        ABOUT: json.dumps(about, indent=1, ensure_ascii=False) + "\n",
    }
    before = _read_about(out).get("feedback", [])
    # Marks first: they are the only thing here that no run can bring back.
    if marks or (out / KEPT).is_file():
        _write(out / KEPT, marks_text(marks))
    for name, text in files.items():
        _write(out / name, text)
    for name in set(before) - set(about["feedback"]):
        (out / "feedback" / Path(name).name).unlink(missing_ok=True)


def _write(path: Path, text: str) -> None:
    # A file name may hold bytes that are no text at all; they become question marks.
    write_whole(path, text.encode("utf-8", errors="replace"), private=True, durable=True)


def changed_questions(assignment: Assignment, out: Path) -> tuple[str, ...]:
    """Questions that are not the ones that the gradebook in a folder was made with."""
    before = _read_about(out).get("questions")
    return () if before is None else _differences(before, _digests(assignment))


def _digests(assignment: Assignment) -> dict[str, str]:
    return {question.name: question.digest for question in assignment.questions}


def _differences(before: dict[str, str], now: dict[str, str]) -> tuple[str, ...]:
    names = dict.fromkeys([*now, *before])
    return tuple(name for name in names if before.get(name) != now.get(name))


def _about(
    assignment: Assignment, rows: Sequence[StudentRow], before: dict[str, Any]
) -> dict[str, Any]:
    """What the next run must know; the last other set of questions is remembered, too."""
    now = {
        "unit": assignment.unit,
        "release": assignment.release,
        "seed_digest": assignment.seed_digest,
        "questions": _digests(assignment),
    }
    other = before.get("before")
    if before.get("questions", now["questions"]) != now["questions"]:
        other = {key: before.get(key) for key in now}
    return {
        **now,
        "before": other,
        "feedback": [f"{row.stem}.html" for row in rows],
        "students": _pages(rows),
    }


def _pages(rows: Sequence[StudentRow]) -> dict[str, dict[str, str]]:
    """Whose page is whose, and what was graded: for handing out."""
    return {row.student: {"page": f"{row.stem}.html", "file": row.graded.file} for row in rows}


def _read_about(out: Path) -> dict[str, Any]:
    """What the gradebook in a folder was made with; nothing where there is none."""
    try:
        about = json.loads((out / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if _is_about(about) and _is_about(about.get("before") or about) else {}


def _is_about(about: Any) -> bool:
    return isinstance(about, dict) and isinstance(about.get("questions"), dict)


def _notices(
    about: dict[str, Any], assignment: Assignment, rows: Sequence[StudentRow]
) -> list[str]:
    notices = []
    if about["before"]:
        names = _differences(about["before"]["questions"], about["questions"])
        if names:
            notices.append(
                f"An earlier gradebook in this folder was made with other questions (release "
                f"{about['before']['release']}, now {assignment.release}): {', '.join(names)}. "
                "Grades of the two do not compare."
            )
    exposed = sum(row.graded.isolation == "unsandboxed" for row in rows if not row.without)
    if exposed:
        notices.append(
            f"Without a sandbox: {exposed} of {len(rows)} submissions ran with your own rights "
            "and could have changed their grade, or anything else on this computer."
        )
    return notices


def _unused(marks: Marks, rows: Sequence[StudentRow]) -> list[str]:
    known = {(row.student, answer.question.name) for row in rows for answer in row.answers}
    unused = [f"{mark.student} ({mark.question})" for mark in marks if mark.key not in known]
    if not unused:
        return []
    shown = ", ".join(sorted(unused)[:5]) + (" …" if len(unused) > 5 else "")
    return [f"{KEPT} keeps marks that belong to no submission here: {shown}."]
