"""A made-up assignment and made-up verdicts, for tests that need no student's code."""

from __future__ import annotations

from mlmi_course.checks.messages import Message, Shown
from mlmi_course.grading.records import Assignment, Graded, QuestionGrade, QuestionInfo

QUESTIONS = (
    QuestionInfo("double", "Twice the number", 2.0, "FunctionQuestion", "d1", ("Times `2`.",)),
    QuestionInfo("area", "The area in cm²", 1.0, "ValueQuestion", "d2"),
    QuestionInfo("model", "A model", 3.0, "ModelQuestion", "d3"),
    QuestionInfo("why", "Why?", 2.0, "ThoughtQuestion", "d4", (), ("Names the cause: 1 point.",)),
)
ASSIGNMENT = Assignment("90_extra", "90 Extra", "1.2.3", "5eed", QUESTIONS)

# What a student may write to break a page, in whatever it stands.
ATTACK = (
    "\"'></title></style></textarea><script>window.hit=1</script>"
    "<img src=x onerror=window.hit=1><svg onload=window.hit=1>"
    "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>"
    "<a href=javascript:window.hit=1>x</a><base href=http://evil.test/>"
    "<img src=http://evil.test/a.png><link rel=stylesheet href=http://evil.test/b.css>"
    "{{ 7*7 }}{% if 1 %}49{% endif %}&lt;script&gt;"
)


def verdict(
    name: str,
    points: float | None = None,
    *,
    misconception: str | None = None,
    says: str = "Because.",
    shown: object = None,
    answer: str | None = None,
    html: str | None = None,
) -> QuestionGrade:
    """The verdict on an answer; no points and no answer mean that there is none."""
    out_of = next(question.out_of for question in QUESTIONS if question.name == name)
    if answer is not None:
        status, points = "needs a person", 0.0
    elif points is None:
        status, points = "not attempted", 0.0
    else:
        status = "pass" if points == out_of else "fail"
    parts = (says, *([Shown("yours", shown)] if shown is not None else []))
    message = Message.of(*parts)
    return QuestionGrade(
        status, points, out_of, message.text, html or message.html, misconception, answer
    )


def graded(
    student: str,
    *points: float | None,
    answer: str | None = None,
    seconds: float = 0.5,
    **others: object,
) -> Graded:
    """A submission with points for the first three questions, and a text for the last."""
    names = [question.name for question in QUESTIONS]
    grades = {name: verdict(name, p) for name, p in zip(names[:3], points, strict=True)}
    grades["why"] = verdict("why", answer=answer)
    grades |= others.pop("grades", {})
    fields = {"file": f"{student}.ipynb", "digest": "f" * 64, "isolation": "bubblewrap"} | others
    return Graded(student=student, questions=grades, seconds=seconds, **fields)


def small_class() -> list[Graded]:
    """Five students, of whom one did nothing and two wrote a text."""
    slip = verdict("double", 0.0, misconception="square", says="That is the `square`.")
    return [
        graded("Ana Rossi", 2.0, 1.0, 3.0, answer="Because of the window."),
        graded("Bo", 2.0, 0.0, 1.5, answer="No idea.", seconds=2.25),
        graded("Chiara", 0.0, 1.0, 0.0, grades={"double": slip}),
        graded("Dan", None, None, None),
        graded("Élodie", 0.0, 0.0, 3.0, grades={"double": slip}, needs_eye=("model: too slow",)),
    ]
