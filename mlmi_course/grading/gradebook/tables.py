"""The gradebook as tables: our own, and those that Canvas and Moodle import."""

from __future__ import annotations

from collections.abc import Sequence

from mlmi_course.checks.messages import number
from mlmi_course.grading.gradebook.csv import BYTE_ORDER_MARK, csv_text
from mlmi_course.grading.gradebook.rows import GradedAnswer, StudentRow
from mlmi_course.grading.records import Assignment
from mlmi_course.grading.submissions import platform_of

__all__ = ["canvas_table", "moodle_table", "moodle_worksheet", "plain_table"]


def plain_table(assignment: Assignment, rows: Sequence[StudentRow]) -> str:
    """One row a student, one column a question; an answer that waits for its mark is empty."""
    header = ["student", *(question.name for question in assignment.questions), "total"]
    body = [
        [row.student, *(_points(row, answer) for answer in row.answers), _so_far(row)]
        for row in rows
    ]
    return BYTE_ORDER_MARK + csv_text([header, *body])


def canvas_table(assignment: Assignment, rows: Sequence[StudentRow]) -> str:
    """As Canvas exports a gradebook and reads it back, with one assignment.

    Canvas looks for a student under ID, SIS User ID, SIS Login ID and name.  The ID stands in
    the names of files that were downloaded from Canvas; where nothing but a name is known, it
    stands as name and as login.
    """
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", assignment.title]
    possible = ["    Points Possible", "", "", "", "", number(assignment.out_of)]
    body = []
    for row in rows:
        number_there = _number_on(row, "canvas")
        login = "" if number_there else row.student
        body.append([row.student, number_there, "", login, "", _total(row)])
    return BYTE_ORDER_MARK + csv_text([header, possible, *body])


def moodle_table(assignment: Assignment, rows: Sequence[StudentRow]) -> str:
    """For Moodle's “Import grades: CSV file”, where each column is mapped by hand.

    Points and feedback stand side by side because Moodle drops the points of a grade item
    whose feedback alone is imported.
    """
    title = assignment.title
    header = ["Username", f"{title} (Real)", f"{title} (Feedback)"]
    body = [[row.student, _total(row), _one_line(row)] for row in rows]
    return BYTE_ORDER_MARK + csv_text([header, *body])


def moodle_worksheet(rows: Sequence[StudentRow]) -> str:
    """For *Upload grading worksheet* of a Moodle assignment, which knows students by number.

    The numbers stand in the names of the folders that were downloaded from Moodle; who came
    otherwise is not in it.  Empty grades are skipped there.
    """
    header = ("Identifier", "Full name", "Grade", "Last modified (grade)", "Feedback comments")
    body = [
        [f"Participant {number_there}", row.student, _total(row), "-", _one_line(row)]
        for row in rows
        if (number_there := _number_on(row, "moodle"))
    ]
    return BYTE_ORDER_MARK + csv_text([header, *body])


def _number_on(row: StudentRow, kind: str) -> str:
    """The student's number on a platform, where the name of the file tells it."""
    platform = platform_of(row.graded.file.split("/")[0])
    return platform.identifier if platform and platform.kind == kind else ""


def _points(row: StudentRow, answer: GradedAnswer) -> str:
    nothing_yet = answer.state == "waiting" or (row.without and answer.mark is None)
    return "" if nothing_yet else number(answer.points)


def _so_far(row: StudentRow) -> str:
    return "" if row.without and not row.points else number(row.points)


def _total(row: StudentRow) -> str:
    """The total, once it is final: a platform would show students a lower one as their grade."""
    return "" if row.waiting else _so_far(row)


def _one_line(row: StudentRow) -> str:
    if row.waiting:
        return ""
    if row.without:
        return f"no verdict: {row.without}"
    told = [
        f"{answer.question.name} {_points(row, answer)}/{number(answer.question.out_of)}"
        for answer in row.answers
    ]
    comments = [
        answer.mark.comment for answer in row.answers if answer.mark and answer.mark.comment
    ]
    return " · ".join([*told, *comments])
