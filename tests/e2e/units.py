"""The finished units, and an answer that is wrong and one that is right for each of them.

Nothing here knows a unit by name: one that is added to ``course.toml`` is tested as it comes.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import nbformat

from mlmi_course.building.course import read_course
from mlmi_course.checks import FunctionQuestion, Question, Unit

ROOT = Path(__file__).resolve().parents[2]

UNITS = [unit.questions for unit in read_course(ROOT).units]
"""As in ``u01_medical_images``: what ``--unit 01`` selects among."""


@dataclass(frozen=True)
class Try:
    """A question of a unit, and what a student types into its cell.

    Parameters
    ----------
    question : FunctionQuestion
    wrong, right : str
        Sources of the answer's cell.
    says : str
        What the check must say to the wrong one.
    """

    question: FunctionQuestion
    wrong: str
    right: str
    says: str


def questions_of(unit: str) -> list[Question]:
    """All questions of a unit, in order."""
    import_module(f"mlmi_course.questions.{unit}")
    return [*Unit(f"mlmi_course.questions.{unit}").questions.values()]


def a_try(unit: str) -> Try:
    """The unit's first question about a function, with a known misconception and the solution."""
    question = next(it for it in questions_of(unit) if isinstance(it, FunctionQuestion))
    name = question.name
    misconception, known = next(iter(question.misconceptions.items()))
    folder = ROOT / "mlmi_course" / "questions" / "solutions"
    solutions = json.loads((folder / f"{unit}.json").read_text(encoding="utf-8"))
    wrong = (
        f"def {name}(*arguments):\n"
        f'    return q.{name}.misconceptions["{misconception}"].answer(*arguments)\n'
    )
    return Try(question, wrong, solutions[name], known.says)


def committed(name: str) -> nbformat.NotebookNode:
    """A notebook as it lies in the course, with its stored outputs."""
    return nbformat.read(ROOT / name, as_version=4)


def words(text: str) -> str:
    """A text without its typography, as a page and a source both have it."""
    return " ".join(re.findall(r"\w+", text))
