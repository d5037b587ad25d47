"""The unit that is graded: its questions, and what identifies them."""

from __future__ import annotations

import hashlib
import inspect
import re
from dataclasses import dataclass
from functools import partial
from importlib import import_module, resources
from types import CodeType, FunctionType, ModuleType
from typing import Any

import mlmi_course
from mlmi_course.checks import Misconception, Question, Unit
from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.judge.helpers import helper_source
from mlmi_course.grading.records import Assignment, QuestionInfo

_PACKAGE = "mlmi_course.questions"


@dataclass(frozen=True)
class GradedUnit:
    """A module of questions.

    Attributes
    ----------
    module : str
        Dotted name.
    questions : dict of str to Question
        In the order of the module, which is that of the notebook.
    helpers : str
        Code of the module's public functions that give data for the notebook.
    """

    module: str
    questions: dict[str, Question]
    helpers: str = ""

    @property
    def module_name(self) -> str:
        """Last part of the module's name, such as ``"u01_medical_images"``."""
        return self.module.rpartition(".")[2]

    @property
    def name(self) -> str:
        """Name of the unit, such as ``"01_medical_images"``."""
        return self.module_name.removeprefix("u")

    @property
    def title(self) -> str:
        """Number and name in words, such as ``"01 Medical images"``."""
        number, _, words = self.name.partition("_")
        return f"{number} {words.replace('_', ' ').capitalize()}".strip()


def find_unit(wanted: str) -> GradedUnit:
    """Return a unit by number or name, or by the dotted name of a module of one's own.

    Parameters
    ----------
    wanted : str
        Such as ``"1"``, ``"01"``, ``"01_medical_images"``, or ``"my_course.u90_extra"``.

    Raises
    ------
    GradingError
        If there is no such unit.
    """
    known = sorted(
        entry.name.removesuffix(".py")
        for entry in resources.files(_PACKAGE).iterdir()
        if re.fullmatch(r"u\d\d_\w+(\.py)?", entry.name)
    )
    if re.fullmatch(r"\w+(\.\w+)+", wanted):
        return load_unit(wanted)
    number = f"u{int(wanted):02d}_" if wanted.isdecimal() else None
    for name in known:
        if name in (wanted, f"u{wanted}") or (number and name.startswith(number)):
            return load_unit(f"{_PACKAGE}.{name}")
    names = ", ".join(name.removeprefix("u") for name in known)
    raise GradingError(f"there is no unit {wanted}; there are: {names}")


def load_unit(module: str) -> GradedUnit:
    """Import a module of questions."""
    try:
        loaded = import_module(module)
    except ModuleNotFoundError as error:
        raise GradingError(f"there is no module of questions {module} ({error})") from None
    questions = Unit(module).questions
    if not questions:
        raise GradingError(f"{module} asks no question")
    return GradedUnit(module, questions, helper_source(loaded))


def assignment(unit: GradedUnit, seed: bytes | None) -> Assignment:
    """Describe what is graded, for the log and the gradebook."""
    loaded = import_module(unit.module)
    return Assignment(
        unit=unit.name,
        title=unit.title,
        release=str(mlmi_course.__version__),
        seed_digest=_seed_digest(seed),
        questions=tuple(_info(loaded, name, q) for name, q in unit.questions.items()),
    )


def _seed_digest(seed: bytes | None) -> str:
    if seed is None:
        return "public"
    # Slow on purpose: a short secret could be guessed from a quick one.
    return hashlib.pbkdf2_hmac("sha256", seed, b"mlmi-seed", 200_000).hex()[:12]


def _info(module: ModuleType, name: str, question: Question) -> QuestionInfo:
    rubric = getattr(question, "rubric", ())
    return QuestionInfo(
        name=name,
        title=question.title,
        out_of=float(question.points),
        kind=type(question).__name__,
        digest=_digest(module, name, question),
        hints=question.hints,
        rubric=(rubric,) if isinstance(rubric, str) else tuple(rubric),
    )


def _digest(module: ModuleType, name: str, question: Question) -> str:
    """Checksum of all that decides a verdict: settings, and the code that they lead to."""
    found: dict[str, str] = {}
    _gather(vars(question), module.__name__, found)
    text = "\0".join([type(question).__name__, name, *sorted(found.values())])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _gather(value: Any, unit: str, found: dict[str, str]) -> None:
    """Collect what a value is made of: the source of functions, and of those that they call."""
    if isinstance(value, Misconception):
        _gather(value.answer, unit, found)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in _NOT_JUDGING:
                found.setdefault(f"key {key}", str(key))
                _gather(item, unit, found)
    elif isinstance(value, list | tuple | set):
        for item in value:
            _gather(item, unit, found)
    elif isinstance(value, partial):
        _gather((value.func, value.args, value.keywords), unit, found)
    elif hasattr(value, "__wrapped__"):
        _gather(value.__wrapped__, unit, found)
    elif isinstance(value, FunctionType):
        _gather_function(value, unit, found)
    elif isinstance(value, str | int | float | bool):
        found.setdefault(f"value {value!r}", repr(value))


def _gather_function(function: FunctionType, unit: str, found: dict[str, str]) -> None:
    key = f"function {id(function.__code__)}"
    if key in found or not f"{function.__module__}.".startswith(f"{unit}."):
        return
    found[key] = inspect.getsource(function)
    scope = function.__globals__
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [part for part in code.co_consts if isinstance(part, CodeType)]
        for used in code.co_names:
            it = scope.get(used)
            # Of another question its right answer counts, which is called as its attribute.
            _gather(it.reference if hasattr(it, "reference") else it, unit, found)


# What changes from one session to the next, or is said to students and judges nothing.
_NOT_JUDGING = {"_hints_given", "_last", "hints", "see", "_picture", "name", "unit"}
