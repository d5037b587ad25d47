"""Judge a submission: run its cells, ask its answers, and let each question decide.

The trusted side.  A question's own ``verdict`` is called, with a stand-in for the student's
answer; references, the seed and the inputs of later cases are known on this side alone.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlmi_course.checks import (
    FunctionQuestion,
    ModelQuestion,
    Question,
    ValueQuestion,
    Verdict,
)
from mlmi_course.checks.calling import seed_of
from mlmi_course.checks.messages import Message
from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.judge.notebooks import (
    NotANotebook,
    all_cells,
    code_cells,
    units_named,
)
from mlmi_course.grading.judge.session import RemoteAnswer, Session
from mlmi_course.grading.judge.units import GradedUnit
from mlmi_course.grading.judge.written import texts_of_exercise, written_text
from mlmi_course.grading.records import Graded, Isolation, QuestionGrade
from mlmi_course.grading.sandbox.attempts import Attempt
from mlmi_course.grading.sandbox.limits import Limits
from mlmi_course.grading.submissions import clean, digest

_LONGEST_ANSWER = 20_000
_LONGEST_MESSAGE = 1_000_000


@dataclass(frozen=True)
class Grader:
    """All that stays the same from one submission to the next.

    Attributes
    ----------
    unit : GradedUnit
    seed : bytes or None
        The secret; None draws what notebooks draw.
    limits : Limits
    isolation : str
        How attempts are isolated, for the record.
    start : callable
        Starts an attempt.
    """

    unit: GradedUnit
    seed: bytes | None
    limits: Limits
    isolation: Isolation
    start: Callable[[], Attempt]

    def grade(self, student: str, file: str, content: bytes) -> Graded:
        """Judge one submission, whatever it is."""
        began = time.perf_counter()
        notes: list[str] = []
        try:
            cells = code_cells(content)
        except NotANotebook as error:
            grades, eye = self._none(str(error)), [str(error)]
        else:
            elsewhere = self._other_unit(cells)
            if elsewhere:
                grades, eye = self._none(elsewhere), [elsewhere]
            else:
                grades, eye = self._judged(cells, notes)
                self._find_texts(content, grades, eye)
        return Graded(
            student=student,
            file=file,
            digest=digest(content),
            questions=grades,
            seconds=round(time.perf_counter() - began, 3),
            isolation=self.isolation,
            notes=tuple(clean(note) for note in notes),
            needs_eye=tuple(clean(reason) for reason in eye),
        )

    def rehearse(self) -> None:
        """See that every question can be asked on this computer.

        Raises
        ------
        GradingError
            If a reference or its data cannot be had: that would be nobody's mistake but ours.
        """
        for name, question in self.unit.questions.items():
            try:
                _rehearse(question, self.generator(name))
            except Exception as error:
                raise GradingError(
                    f"the question {name} cannot be asked on this computer: "
                    f"{type(error).__name__}: {error}"
                ) from None

    def generator(self, question: str) -> np.random.Generator:
        """Return the random numbers from which a question's inputs are drawn."""
        if self.seed is None:
            return seed_of(self.unit.module_name, question)
        text = b"\0".join([self.seed, self.unit.module_name.encode(), question.encode()])
        return np.random.default_rng(list(hashlib.sha256(text).digest()))

    def _other_unit(self, cells: list[str]) -> str | None:
        named = units_named(cells)
        if not named or self.unit.module_name in named:
            return None
        others = ", ".join(sorted(name.removeprefix("u") for name in named))
        return f"this notebook is for unit {others}, not for {self.unit.name}"

    def _none(self, why: str) -> dict[str, QuestionGrade]:
        says = Message.of(f"Nothing could be judged: {why}.")
        return {
            name: _grade(Verdict("not attempted", 0.0, question.points, says))
            for name, question in self.unit.questions.items()
        }

    def _judged(
        self, cells: Sequence[str], notes: list[str]
    ) -> tuple[dict[str, QuestionGrade], list[str]]:
        """Judge what a kernel would have, and then what a second pass completes.

        The better verdict counts, so that the second pass can give points and take none.
        """
        session = Session(self.unit, self.limits, self.start, cells, notes)
        try:
            session.run_cells()
            questions = self.unit.questions
            grades = {name: self._judge(session, question) for name, question in questions.items()}
            wanting = [name for name, grade in grades.items() if _rank(grade) < _FULL]
            if wanting and session.repair():
                for name in wanting:
                    grades[name] = self._judge_again(session, questions[name], grades[name])
        finally:
            session.close()
        return grades, session.needs_eye

    def _find_texts(self, content: bytes, grades: dict[str, QuestionGrade], eye: list[str]) -> None:
        """Take free text from where a student put it, if its own place is blank."""
        for name, question in self.unit.questions.items():
            if not question.by_a_person or grades[name].status != "not attempted":
                continue
            text = written_text(all_cells(content), name, texts_of_exercise(self.unit.name))
            if text is not None:
                grades[name] = _grade(question.verdict(text, self.generator(name)), text)
                eye.append(f"{name}: free text")

    def _judge_again(
        self, session: Session, question: Question, first: QuestionGrade
    ) -> QuestionGrade:
        """The better of two verdicts, with what a person should look at because of it."""
        before = list(session.needs_eye)
        second = self._judge(session, question)
        if _rank(second) <= _rank(first):
            session.needs_eye[:] = before
            return first
        own = f"{question.name}: "
        after = session.needs_eye[len(before) :]
        session.needs_eye[:] = [r for r in before if not r.startswith(own)] + after
        return second

    def _judge(self, session: Session, question: Question) -> QuestionGrade:
        answer = session.answer(question)
        try:
            verdict = question.verdict(answer, self.generator(question.name))
        except Exception as error:  # a reply so strange that the question itself stumbled
            session.look(question.name, f"could not be judged ({type(error).__name__})")
            says = Message.of("What your answer gave could not be judged; a person looks at it.")
            verdict = Verdict("fail", 0.0, question.points, says)
        if isinstance(answer, RemoteAnswer) and answer.lost:
            session.look(question.name, answer.lost)
        if verdict.status == "needs a person":
            session.look(question.name, "free text")
        return _grade(verdict, answer if question.by_a_person else None)


_FULL = (1.0, 3)
_STATUSES = {"not attempted": 0, "fail": 1, "needs a person": 2, "pass": 3}


def _rank(grade: QuestionGrade) -> tuple[float, int]:
    """Order verdicts: by points, then by how much the student has done."""
    if grade.status == "needs a person":
        return _FULL  # there is nothing more to win
    return grade.points / grade.out_of, _STATUSES[grade.status]


def _rehearse(question: Question, rng: np.random.Generator) -> None:
    if isinstance(question, FunctionQuestion):
        for case in question.draw(rng):
            question.reference(*case.arguments)
    elif isinstance(question, ValueQuestion):
        question.reference()
    elif isinstance(question, ModelQuestion):
        images, labels = question.draw(rng)
        if callable(question.threshold):
            question.threshold(images, labels)


def _grade(verdict: Verdict, answer: Any = None) -> QuestionGrade:
    said = verdict.message
    html = said.html
    if len(html) > _LONGEST_MESSAGE:  # a picture of something huge
        html = Message.of(said.text).html[:_LONGEST_MESSAGE]
    return QuestionGrade(
        status=verdict.status,
        points=verdict.points,
        out_of=verdict.out_of,
        text=_steady(clean(said.text)[:_LONGEST_MESSAGE]),
        html=_steady(clean(html)),
        misconception=verdict.misconception,
        near=verdict.near,
        answer=clean(answer)[:_LONGEST_ANSWER] if isinstance(answer, str) else None,
    )


def _steady(text: str) -> str:
    """Addresses of objects differ from one run to the next, and tell nobody anything."""
    return re.sub(r"\b0x[0-9a-f]{6,16}\b", "0x…", text)
