"""What ``mlmi_course.questions`` is inside a sandbox: names and texts that judge nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any


class InertVerdict:
    """What a check answers where nothing is judged."""

    status, points, out_of, message, misconception = "not attempted", 0.0, 0.0, "", None
    headline = ""

    def __repr__(self) -> str:
        return ""


class InertQuestion:
    """A question that knows its texts and no answer."""

    def __init__(self, name: str, title: str, points: float) -> None:
        self.name, self.title, self.points = name, title, points
        self.hints, self.hints_given, self.last = (), 0, None

    def check(self, answer: Any = ...) -> InertVerdict:
        """Judge nothing."""
        return InertVerdict()

    def show(self, answer: Any = ...) -> None:
        """Draw nothing."""

    def hint(self) -> None:
        """Give no hint."""

    def solution(self) -> None:
        """Show no solution."""

    def __repr__(self) -> str:
        return self.title


class InertProgress:
    """A table in which nobody has points."""

    rows, not_attempted, summary, points = (), (), "", 0.0

    def __init__(self, out_of: float) -> None:
        self.out_of = out_of

    def __repr__(self) -> str:
        return ""


def install(
    unit: str,
    questions: Mapping[str, tuple[str, float]],
    helpers: Mapping[str, str] | None = None,
) -> None:
    """Put the stub where notebooks import their questions from.

    Parameters
    ----------
    unit : str
        Name of the module, such as ``"u01_medical_images"``.
    questions : mapping of name to (title, points)
    helpers : mapping of str to str
        Code of what the unit offers besides questions; see
        :mod:`mlmi_course.grading.judge.helpers`.
    """
    package = _empty("mlmi_course.questions")
    module = _empty(f"mlmi_course.questions.{unit}")
    sources = dict(helpers or {})
    for name in filter(None, sources):
        setattr(module, name, _empty(f"{module.__name__}.{name}"))
    for name, code in sources.items():
        place = sys.modules[f"{module.__name__}.{name}".rstrip(".")]
        exec(compile(code, f"<{place.__name__}>", "exec"), place.__dict__)
    for name, (title, points) in questions.items():
        setattr(module, name, InertQuestion(name, title, points))
    out_of = sum(points for _, points in questions.values())
    module.progress = lambda: InertProgress(out_of)  # type: ignore[attr-defined]
    module.__all__ = [*questions, "progress"]  # type: ignore[attr-defined]
    setattr(package, unit, module)
    sys.modules["mlmi_course"].questions = package  # type: ignore[attr-defined]


def _empty(name: str) -> ModuleType:
    """A package of nothing, under a name by which it is imported."""
    module = ModuleType(name, "Questions, without their answers.")
    module.__path__ = []
    module.__package__ = name
    sys.modules[name] = module
    return module
