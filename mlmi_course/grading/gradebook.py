"""Write the gradebook: CSV files for machines, pages for people, and what a regrade must know.

What lies in the folder afterwards:

=========================  ==================================================================
``gradebook.csv``          one row a student, one column a question, and the total
``gradebook-canvas.csv``   the totals, as Canvas imports them
``gradebook-moodle.csv``   the totals with a line of feedback, as Moodle imports them
``gradebook.html``         the class
``feedback/….html``        one page a student, which tells nothing about others
``marks.csv``              every mark that a person ever entered
``marks-todo.csv``         the answers that wait for a mark, to be filled in
``gradebook.json``         release and questions that the grades were made with
=========================  ==================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mlmi_course.checks.messages import number
from mlmi_course.grading.gradebook_files import csv_text, write_whole
from mlmi_course.grading.gradebook_html import class_page, feedback_page
from mlmi_course.grading.gradebook_rows import Cell, Row, class_rows
from mlmi_course.grading.marks import KEPT, TODO, Marks, collect_marks, marks_text, todo_text
from mlmi_course.grading.records import Assignment, Graded

__all__ = ["changed_questions", "write"]

_ABOUT = "gradebook.json"


def write(
    assignment: Assignment, graded: Iterable[Graded], out: Path, *, marks: Marks | None = None
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

    Raises
    ------
    ValueError
        For two submissions of one student.
    MarksError
        For a file of marks in the folder that is damaged.
    """
    graded = list(graded)
    marks = collect_marks(assignment, graded, out, marks)
    rows = class_rows(assignment, graded, marks)
    about = _about(assignment, rows, _read_about(out))
    notices = [*_notices(about, assignment, rows), *_unused(marks, rows)]
    files = {f"feedback/{row.stem}.html": feedback_page(assignment, row) for row in rows} | {
        "gradebook.csv": _plain(assignment, rows),
        "gradebook-canvas.csv": _canvas(assignment, rows),
        "gradebook-moodle.csv": _moodle(assignment, rows),
        TODO: todo_text(assignment, graded, marks),
        "gradebook.html": class_page(assignment, rows, notices),
        _ABOUT: json.dumps(about, indent=1, ensure_ascii=False) + "\n",
    }
    before = _read_about(out).get("feedback", [])
    # Marks first: they are the only thing here that no run can bring back.
    if marks or (out / KEPT).is_file():
        write_whole(out / KEPT, marks_text(marks))
    for name, text in files.items():
        write_whole(out / name, text)
    for name in set(before) - set(about["feedback"]):
        (out / "feedback" / Path(name).name).unlink(missing_ok=True)


def changed_questions(assignment: Assignment, out: Path) -> tuple[str, ...]:
    """Questions that are not the ones that the gradebook in a folder was made with."""
    before = _read_about(out).get("questions")
    return () if before is None else _differences(before, _digests(assignment))


def _plain(assignment: Assignment, rows: Sequence[Row]) -> str:
    """One row a student, one column a question; an answer that waits for its mark is empty."""
    header = ["student", *(question.name for question in assignment.questions), "total"]
    body = [
        [row.student, *(_points(cell) for cell in row.cells), number(row.points)] for row in rows
    ]
    return csv_text([header, *body])


def _canvas(assignment: Assignment, rows: Sequence[Row]) -> str:
    """As Canvas exports a gradebook and reads it back, with one assignment.

    Canvas looks for a student under ID, SIS User ID, SIS Login ID and name, and here knows the
    name of the submission alone: it stands as name and as login.
    """
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment.title]
    possible = ["    Points Possible", "", "", "", "", number(assignment.out_of)]
    body = [[row.student, "", "", row.student, "", _total(row)] for row in rows]
    return csv_text([header, possible, *body])


def _moodle(assignment: Assignment, rows: Sequence[Row]) -> str:
    """For Moodle's “Import grades: CSV file”, where each column is mapped by hand.

    Points and feedback stand side by side because Moodle drops the points of a grade item
    whose feedback alone is imported.
    """
    title = assignment.title
    header = ["Username", f"{title} (Real)", f"{title} (Feedback)"]
    body = [[row.student, _total(row), _one_line(row)] for row in rows]
    return csv_text([header, *body])


def _points(cell: Cell) -> str:
    return "" if cell.state == "waiting" else number(cell.points)


def _total(row: Row) -> str:
    """The total, once it is final: a platform would show students a lower one as their grade."""
    return "" if row.waiting else number(row.points)


def _one_line(row: Row) -> str:
    if row.waiting:
        return ""
    told = [
        f"{cell.question.name} {_points(cell)}/{number(cell.question.out_of)}" for cell in row.cells
    ]
    comments = [cell.mark.comment for cell in row.cells if cell.mark and cell.mark.comment]
    return " · ".join([*told, *comments])


def _digests(assignment: Assignment) -> dict[str, str]:
    return {question.name: question.digest for question in assignment.questions}


def _differences(before: dict[str, str], now: dict[str, str]) -> tuple[str, ...]:
    names = dict.fromkeys([*now, *before])
    return tuple(name for name in names if before.get(name) != now.get(name))


def _about(assignment: Assignment, rows: Sequence[Row], before: dict[str, Any]) -> dict[str, Any]:
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
    return {**now, "before": other, "feedback": [f"{row.stem}.html" for row in rows]}


def _read_about(out: Path) -> dict[str, Any]:
    """What the gradebook in a folder was made with; nothing where there is none."""
    try:
        about = json.loads((out / _ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if _is_about(about) and _is_about(about.get("before") or about) else {}


def _is_about(about: Any) -> bool:
    return isinstance(about, dict) and isinstance(about.get("questions"), dict)


def _notices(about: dict[str, Any], assignment: Assignment, rows: Sequence[Row]) -> list[str]:
    notices = []
    if about["before"]:
        names = _differences(about["before"]["questions"], about["questions"])
        if names:
            notices.append(
                f"An earlier gradebook in this folder was made with other questions (release "
                f"{about['before']['release']}, now {assignment.release}): {', '.join(names)}. "
                "Grades of the two do not compare."
            )
    exposed = sum(row.graded.isolation == "unsandboxed" for row in rows)
    if exposed:
        notices.append(
            f"Without a sandbox: {exposed} of {len(rows)} submissions ran with your own rights "
            "and could have changed their grade, or anything else on this computer."
        )
    return notices


def _unused(marks: Marks, rows: Sequence[Row]) -> list[str]:
    known = {(row.student, cell.question.name) for row in rows for cell in row.cells}
    unused = [f"{mark.student} ({mark.question})" for mark in marks if mark.key not in known]
    if not unused:
        return []
    shown = ", ".join(sorted(unused)[:5]) + (" …" if len(unused) > 5 else "")
    return [f"{KEPT} keeps marks that belong to no submission here: {shown}."]
