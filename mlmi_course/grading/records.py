"""What is known about one graded submission, and how it is kept.

A run writes one line of JSON for each submission to ``grades.jsonl`` as soon as it is judged;
the gradebook is made from those lines and from nothing else.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from mlmi_course.checks.verdicts import Status, symbol

__all__ = ["Assignment", "Graded", "QuestionGrade", "QuestionInfo"]

Isolation = Literal["bubblewrap", "subprocess", "unsandboxed"]


@dataclass(frozen=True)
class QuestionInfo:
    """One question of the assignment, as the gradebook shows it.

    Attributes
    ----------
    name, title : str
        Its name in the notebook and in words.
    out_of : float
        Points it is worth.
    kind : str
        Class of the question, such as ``"FunctionQuestion"``.
    digest : str
        Changes when the question changes.
    hints, rubric : tuple of str
        Shown in the feedback; a rubric is for free text.
    """

    name: str
    title: str
    out_of: float
    kind: str
    digest: str
    hints: tuple[str, ...] = ()
    rubric: tuple[str, ...] = ()


@dataclass(frozen=True)
class Assignment:
    """What is graded, and with what: the first line of a log.

    Attributes
    ----------
    unit, title : str
        Such as ``"01_medical_images"``.
    release : str
        Release of the course.
    seed_digest : str
        Tells two seeds apart without giving the seed away.
    questions : tuple of QuestionInfo
        In the order of the notebook.
    """

    unit: str
    title: str
    release: str
    seed_digest: str
    questions: tuple[QuestionInfo, ...]

    @property
    def out_of(self) -> float:
        """Points of the whole assignment."""
        return sum(question.out_of for question in self.questions)

    def to_json(self) -> str:
        """One line."""
        return _line(self)

    @classmethod
    def from_json(cls, line: str) -> Assignment:
        """The reverse of `to_json`."""
        fields = json.loads(line)
        questions = tuple(
            QuestionInfo(**{**q, "hints": tuple(q["hints"]), "rubric": tuple(q["rubric"])})
            for q in fields.pop("questions")
        )
        return cls(**fields, questions=questions)


@dataclass(frozen=True)
class QuestionGrade:
    """The verdict on one answer.

    Attributes
    ----------
    status, points, out_of
        As in `mlmi_course.checks.Verdict`.
    text, html : str
        The message; the HTML is the checking engine's own, with the student's words escaped.
    misconception : str, optional
        Name of the known wrong answer.
    answer : str, optional
        What the student wrote, for free text only; unescaped.
    near : bool
        As in `mlmi_course.checks.Verdict`.
    """

    status: Status
    points: float
    out_of: float
    text: str
    html: str
    misconception: str | None = None
    answer: str | None = None
    near: bool = False

    @property
    def symbol(self) -> str:
        """✓, ✗, ○, ✎, or ≈ for a model that is as good as there."""
        return symbol(self.status, self.near)


@dataclass(frozen=True)
class Graded:
    """One submission, judged.

    Attributes
    ----------
    student : str
        Name, from the file or folder; any characters.
    file : str
        Path of the notebook below the folder of submissions.
    digest : str
        Of the file's bytes: another upload is another submission.
    questions : dict of str to QuestionGrade
        One for each question of the assignment, in its order.
    seconds : float
        Time taken; not part of the CSV, which is the same for every run.
    isolation : {"bubblewrap", "subprocess", "unsandboxed"}
        Which path ran the student's code.
    notes : tuple of str
        What happened on the way, for the student and the instructor, such as "cell 4 stopped
        with SyntaxError".
    needs_eye : tuple of str
        Why a person should look: free text, a timeout, a lost process.
    """

    student: str
    file: str
    digest: str
    questions: dict[str, QuestionGrade]
    seconds: float
    isolation: Isolation
    notes: tuple[str, ...] = ()
    needs_eye: tuple[str, ...] = field(default=())

    @property
    def points(self) -> float:
        """Points earned so far."""
        return sum(question.points for question in self.questions.values())

    def to_json(self) -> str:
        """One line."""
        return _line(self)

    @classmethod
    def from_json(cls, line: str) -> Graded:
        """The reverse of `to_json`."""
        fields = json.loads(line)
        questions = {name: QuestionGrade(**grade) for name, grade in fields["questions"].items()}
        lists = {name: tuple(fields[name]) for name in ("notes", "needs_eye")}
        return cls(**{**fields, **lists, "questions": questions})


def _line(record: Any) -> str:
    return json.dumps(asdict(record), ensure_ascii=False, separators=(",", ":"))
