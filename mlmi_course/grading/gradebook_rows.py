"""A class as rows and cells: what the checks gave, and what a person gave on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlmi_course.grading.gradebook_files import file_stems
from mlmi_course.grading.marks import Mark, Marks, answer_digest, is_free_text
from mlmi_course.grading.records import Assignment, Graded, QuestionGrade, QuestionInfo

__all__ = ["Cell", "Row", "State", "class_rows", "points_table"]

State = Literal["full", "part", "none", "not attempted", "waiting"]


@dataclass(frozen=True)
class Cell:
    """One student's answer to one question.

    Attributes
    ----------
    question : QuestionInfo
    grade : QuestionGrade
        What the check said.
    mark : Mark, optional
        What a person said; it replaces the points of the check.
    """

    question: QuestionInfo
    grade: QuestionGrade
    mark: Mark | None = None

    @property
    def points(self) -> float:
        """Points earned; none yet while the answer waits."""
        return self.mark.points if self.mark else self.grade.points

    @property
    def state(self) -> State:
        """What became of it."""
        if self.mark is None and self.grade.status in ("needs a person", "not attempted"):
            return "waiting" if self.grade.status == "needs a person" else "not attempted"
        if self.points >= self.question.out_of:
            return "full"
        return "part" if self.points > 0 else "none"

    @property
    def is_free_text(self) -> bool:
        """Whether a person gives the points."""
        return is_free_text(self.question)

    @property
    def changed(self) -> bool:
        """Whether another answer was marked than the one that is there now."""
        return bool(
            self.mark and self.mark.answer and self.mark.answer != answer_digest(self.grade.answer)
        )


@dataclass(frozen=True)
class Row:
    """One student.

    Attributes
    ----------
    graded : Graded
    cells : tuple of Cell
        In the order of the questions.
    stem : str
        Name of the feedback file, without its ending.
    """

    graded: Graded
    cells: tuple[Cell, ...]
    stem: str

    @property
    def student(self) -> str:
        """Name of the student."""
        return self.graded.student

    @property
    def points(self) -> float:
        """Points so far."""
        return sum(cell.points for cell in self.cells)

    @property
    def out_of(self) -> float:
        """Points of the whole assignment."""
        return sum(cell.question.out_of for cell in self.cells)

    @property
    def waiting(self) -> float:
        """Points that a person may still give."""
        return sum(cell.question.out_of for cell in self.cells if cell.state == "waiting")

    @property
    def to_look_at(self) -> tuple[str, ...]:
        """Why a person should look, free text aside: it has a list of its own."""
        reasons = [r for r in self.graded.needs_eye if not r.endswith("free text")]
        reasons += [
            f"the answer to {cell.question.name} changed after it was marked"
            for cell in self.cells
            if cell.changed
        ]
        return tuple(dict.fromkeys(reasons))


def class_rows(assignment: Assignment, graded: Sequence[Graded], marks: Marks) -> list[Row]:
    """Rows in the order of the names, whatever the order in which they were graded.

    Raises
    ------
    ValueError
        For two submissions of one student.
    """
    students = sorted(one.student for one in graded)
    twice = sorted({student for student in students if students.count(student) > 1})
    if twice:
        raise ValueError(f"two submissions of one student: {', '.join(twice)}")
    stems = file_stems(students)
    return [
        Row(one, tuple(_cells(assignment, one, marks)), stems[one.student])
        for one in sorted(graded, key=lambda one: one.student)
    ]


def points_table(rows: Sequence[Row], questions: int) -> np.ndarray:
    """Points of shape (students, questions); ``nan`` where an answer waits for its mark."""
    points = [[np.nan if c.state == "waiting" else c.points for c in row.cells] for row in rows]
    return np.array(points, dtype=float).reshape(len(rows), questions)


def _cells(assignment: Assignment, one: Graded, marks: Marks) -> list[Cell]:
    return [
        Cell(
            question,
            one.questions.get(question.name, _nothing(question)),
            marks.get(one.student, question.name),
        )
        for question in assignment.questions
    ]


def _nothing(question: QuestionInfo) -> QuestionGrade:
    return QuestionGrade("not attempted", 0.0, question.out_of, "", "")
