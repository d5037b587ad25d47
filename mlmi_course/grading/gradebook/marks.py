"""Points that a person gives: read from a spreadsheet, merged, and never lost.

Three files in the folder of the gradebook, all with the columns ``student``, ``question``,
``points`` and ``comment``:

- ``marks-todo.csv`` is the template: a line for each answer that waits, with the answer in it;
- whatever file the instructor hands to ``mlmi grade --marks``, often that template filled in;
- ``marks.csv`` keeps everything that was ever entered.  A later mark replaces an earlier one.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlmi_course._names import did_you_mean
from mlmi_course.checks.messages import number
from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.gradebook.csv import BYTE_ORDER_MARK, csv_text, from_cell, safe_cell
from mlmi_course.grading.records import Assignment, Graded, QuestionInfo

__all__ = [
    "KEPT",
    "TODO",
    "Mark",
    "Marks",
    "MarksError",
    "answer_digest",
    "collect_marks",
    "is_free_text",
    "marks_text",
    "read_marks",
    "todo_text",
]

KEPT = "marks.csv"
TODO = "marks-todo.csv"

_NEEDED = ("student", "question", "points")
_COLUMNS = (*_NEEDED, "comment", "answer_digest")


class MarksError(GradingError):
    """What is wrong in a file of marks: a line for each problem."""


@dataclass(frozen=True)
class Mark:
    """Points that a person gave for one answer.

    Attributes
    ----------
    student, question : str
        Whose answer, and to what.
    points : float
        Points earned.
    comment : str
        What the student is told.
    answer : str
        Digest of the answer that was marked, to notice when it changes.
    """

    student: str
    question: str
    points: float
    comment: str = ""
    answer: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Student and question: there is one mark for each."""
        return self.student, self.question


@dataclass(frozen=True)
class Marks:
    """Marks by student and question."""

    by_key: Mapping[tuple[str, str], Mark] = field(default_factory=dict)

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> Marks:
        """Marks in a row; a later one replaces an earlier one."""
        return cls({mark.key: mark for mark in marks})

    def __iter__(self) -> Iterator[Mark]:
        return iter(self.by_key.values())

    def __len__(self) -> int:
        return len(self.by_key)

    def get(self, student: str, question: str) -> Mark | None:
        """The mark of one answer, if there is one."""
        return self.by_key.get((student, question))

    def merged(self, newer: Marks) -> Marks:
        """These marks and newer ones, which win.

        >>> old = Marks.of([Mark("Ana", "why", 1.0), Mark("Bo", "why", 2.0)])
        >>> [mark.points for mark in old.merged(Marks.of([Mark("Ana", "why", 1.5)]))]
        [1.5, 2.0]
        """
        return Marks({**self.by_key, **newer.by_key})


def is_free_text(question: QuestionInfo) -> bool:
    """Whether a person gives the points of a question."""
    return bool(question.rubric) or question.kind == "ThoughtQuestion"


def answer_digest(answer: str | None) -> str:
    """Tell two answers apart; nothing for no answer.

    >>> answer_digest("Because."), answer_digest(None)
    ('8e18bd2e335c', '')
    """
    if not answer:
        return ""
    return hashlib.sha256(answer.encode("utf-8", "replace")).hexdigest()[:12]


def read_marks(
    path: Path, assignment: Assignment, students: Iterable[str], *, kept: bool = False
) -> Marks:
    """Read a file of marks.

    Comma, semicolon or tab may separate the columns, and ``1,5`` is read like ``1.5``, since
    spreadsheets write what the country wants.  A line without points is a mark not yet given.

    Parameters
    ----------
    path : Path
        With the columns ``student``, ``question``, ``points``, and if you like ``comment``.
    assignment : Assignment
        What may be marked, and the most points that each question gives.
    students : iterable of str
        Who may be marked.
    kept : bool, default False
        Whether this is a file of ours from an earlier run.  Then a student or a question that
        is not there any more is no mistake, and its mark stays.

    Raises
    ------
    MarksError
        With one line for each student or question that is not there, for points that are no
        number or out of range, and for two marks of one answer.
    """
    lines = _read_table(path)
    who = _by_cell(students)
    questions = {question.name: question for question in assignment.questions}
    problems: list[str] = []
    marks: dict[tuple[str, str], Mark] = {}
    for number_of_line, row in lines:
        if not row["points"].strip():
            continue
        try:
            mark = _read_mark(row, questions, who, kept=kept)
            if marks.get(mark.key, mark).points != mark.points:
                raise MarksError(f"a second, different mark of {mark.student} for {mark.question}")
        except MarksError as error:
            problems.append(f"{path.name}, line {number_of_line}: {error}")
        else:
            marks[mark.key] = mark
    if problems:
        raise MarksError("\n".join(problems))
    return Marks(marks)


def collect_marks(
    assignment: Assignment, graded: Sequence[Graded], out: Path, given: Marks | None = None
) -> Marks:
    """All marks there are: those kept in a folder, its filled-in template, and those given now.

    A mark that does not say which answer it is for is taken to be for the present one.

    Raises
    ------
    MarksError
        As `read_marks`.
    """
    students = [one.student for one in graded]
    marks = Marks()
    for name in (KEPT, TODO):
        if (out / name).is_file():
            marks = marks.merged(read_marks(out / name, assignment, students, kept=True))
    answers = {
        (one.student, name): answer_digest(grade.answer)
        for one in graded
        for name, grade in one.questions.items()
    }
    marks = marks.merged(given or Marks())
    return Marks.of(
        mark if mark.answer else replace(mark, answer=answers.get(mark.key, "")) for mark in marks
    )


def marks_text(marks: Marks) -> str:
    """The file that keeps marks."""
    rows = [
        (mark.student, mark.question, number(mark.points), mark.comment, mark.answer)
        for mark in sorted(marks, key=lambda mark: mark.key)
    ]
    return BYTE_ORDER_MARK + csv_text([_COLUMNS, *rows])


def todo_text(assignment: Assignment, graded: Iterable[Graded], marks: Marks) -> str:
    """The template to fill in: free-text answers without a mark, or changed since.

    One question after the other, so that all answers to it are marked in one go.
    """
    header = ("student", "question", "points", "out_of", "comment", "answer", "answer_digest")
    rows = [
        (one.student, question.name, "", number(question.out_of), "", answer, digest)
        for question in assignment.questions
        if is_free_text(question)
        for one in sorted(graded, key=lambda one: one.student.casefold())
        if (grade := one.questions.get(question.name)) and grade.status == "needs a person"
        for answer in [grade.answer or ""]
        for digest in [answer_digest(answer)]
        if (mark := marks.get(one.student, question.name)) is None or mark.answer != digest
    ]
    return BYTE_ORDER_MARK + csv_text([header, *rows])


def _read_table(path: Path) -> list[tuple[int, dict[str, str]]]:
    """Number and cells of each line, by the name of the column."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise MarksError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise MarksError(f"{path.name} is not in UTF-8: save it as “CSV UTF-8”") from None
    header, *_ = text.splitlines() or [""]
    separator = max(",;\t", key=header.count)
    try:
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
        missing = [name for name in _NEEDED if name not in reader.fieldnames]
        if missing:
            found = ", ".join(reader.fieldnames) or "nothing"
            raise MarksError(
                f"{path.name} lacks the column {missing[0]!r}: its first line has to name "
                f"{', '.join(_NEEDED)}; it names {found}"
            )
        return [
            (reader.line_num, {name: row.get(name) or "" for name in _COLUMNS}) for row in reader
        ]
    except csv.Error as error:
        raise MarksError(f"{path.name} is no CSV file: {error}") from None


def _read_mark(
    row: dict[str, str],
    questions: Mapping[str, QuestionInfo],
    who: Mapping[str, str],
    *,
    kept: bool,
) -> Mark:
    cell, name = row["student"], row["question"].strip()
    # An accent may come back as a sign of its own from a file system or a spreadsheet.
    forms = (cell, unicodedata.normalize("NFC", cell), unicodedata.normalize("NFC", cell.strip()))
    student = next((who[form] for form in forms if form in who), None)
    if student is None:
        student = from_cell(cell)
        if not kept:
            raise MarksError(f"there is no submission of {student!r}{did_you_mean(cell, who)}")
    if name not in questions and not kept:
        raise MarksError(f"there is no question {name!r}{did_you_mean(name, questions)}")
    written = row["points"].strip()
    try:
        points = float(from_cell(written).replace(",", "."))
    except ValueError:
        raise MarksError(f"{written!r} is no number of points") from None
    most = questions[name].out_of if name in questions else math.inf
    if not 0 <= points <= most:  # false for nan, too
        raise MarksError(f"{written} points for {name}; it gives 0 to {number(most)}")
    return Mark(student, name, points, from_cell(row["comment"]), row["answer_digest"].strip())


def _by_cell(students: Iterable[str]) -> dict[str, str]:
    """Students by what may stand in a cell for them: as they are called, or as we write it."""
    listed = list(students)
    written = {
        safe_cell(student).encode("utf-8", "replace").decode(): student for student in listed
    }
    # What we write ourselves decides: “'=1” is the student “=1” and not one with an apostrophe.
    return {student: student for student in listed} | written
