"""A class as rows and answers: what the checks gave, and what a person gave on top."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mlmi_course.grading.gradebook.files import file_stems
from mlmi_course.grading.gradebook.marks import Mark, Marks, answer_digest, is_free_text
from mlmi_course.grading.records import Assignment, Graded, QuestionGrade, QuestionInfo

__all__ = ["GradedAnswer", "State", "StudentRow", "by_name", "class_rows", "points_table"]

State = Literal["full", "part", "none", "not attempted", "waiting"]


@dataclass(frozen=True)
class GradedAnswer:
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
class StudentRow:
    """One student.

    Attributes
    ----------
    graded : Graded
    answers : tuple of GradedAnswer
        In the order of the questions.
    stem : str
        Name of the feedback file, without its ending.
    without : str
        Why there is no verdict at all, where there is none.
    """

    graded: Graded
    answers: tuple[GradedAnswer, ...]
    stem: str
    without: str = ""

    @property
    def student(self) -> str:
        """Name of the student."""
        return self.graded.student

    @property
    def points(self) -> float:
        """Points so far."""
        return sum(answer.points for answer in self.answers)

    @property
    def out_of(self) -> float:
        """Points of the whole assignment."""
        return sum(answer.question.out_of for answer in self.answers)

    @property
    def waiting(self) -> float:
        """Points that a person may still give."""
        return sum(answer.question.out_of for answer in self.answers if answer.state == "waiting")

    @property
    def to_look_at(self) -> tuple[str, ...]:
        """Why a person should look, free text aside: it has a list of its own."""
        reasons = [r for r in self.graded.needs_eye if not r.endswith("free text")]
        reasons += [
            f"the answer to {answer.question.name} changed after it was marked"
            for answer in self.answers
            if answer.changed
        ]
        return tuple(dict.fromkeys(reasons))


def class_rows(
    assignment: Assignment,
    graded: Sequence[Graded],
    marks: Marks,
    without: Mapping[str, str] | None = None,
) -> list[StudentRow]:
    """Rows in the order of the names, whatever the order in which they were graded.

    Parameters
    ----------
    assignment : Assignment
    graded : sequence of Graded
    marks : Marks
    without : mapping of str to str, optional
        Students without a verdict, and why: they get a row too.

    Raises
    ------
    ValueError
        For two submissions of one student.
    """
    reasons = dict(without or {})
    everybody = [*graded, *(_nobody(student, why) for student, why in reasons.items())]
    students = sorted((one.student for one in everybody), key=by_name)
    twice = sorted({student for student in students if students.count(student) > 1})
    if twice:
        raise ValueError(f"two submissions of one student: {', '.join(twice)}")
    stems = file_stems(students)
    return [
        StudentRow(
            one,
            tuple(_answers(assignment, one, marks)),
            stems[one.student],
            reasons.get(one.student, ""),
        )
        for one in sorted(everybody, key=lambda one: by_name(one.student))
    ]


# Letters that Unicode does not take apart into a plain one and a sign.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)


def by_name(student: str) -> tuple[str, str]:
    """Sort names as people do: an accent or a capital decides only between equals.

    >>> sorted(["Zoë", "Óscar", "ana", "Łukasz", "Max"], key=by_name)
    ['ana', 'Łukasz', 'Max', 'Óscar', 'Zoë']
    """
    apart = unicodedata.normalize("NFKD", student)
    plain = "".join(c for c in apart if not unicodedata.combining(c)).casefold()
    return plain.translate(_PLAIN), student


def _nobody(student: str, why: str) -> Graded:
    return Graded(student, "", "", {}, 0.0, "subprocess", (why,), (f"no verdict: {why}",))


def points_table(rows: Sequence[StudentRow], questions: int) -> np.ndarray:
    """Points of shape (students, questions); ``nan`` where an answer waits for its mark."""
    rows = [row for row in rows if not row.without]
    points = [[np.nan if c.state == "waiting" else c.points for c in row.answers] for row in rows]
    return np.array(points, dtype=float).reshape(len(rows), questions)


def _answers(assignment: Assignment, one: Graded, marks: Marks) -> list[GradedAnswer]:
    return [
        GradedAnswer(
            question,
            one.questions.get(question.name, _nothing(question)),
            marks.get(one.student, question.name),
        )
        for question in assignment.questions
    ]


def _nothing(question: QuestionInfo) -> QuestionGrade:
    return QuestionGrade("not attempted", 0.0, question.out_of, "", "")
