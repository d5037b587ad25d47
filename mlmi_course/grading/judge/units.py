"""The unit that is graded: its questions, and what identifies them."""

from __future__ import annotations

import ast
import hashlib
import inspect
import re
import textwrap
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module, resources
from types import CodeType, FunctionType, ModuleType
from typing import Any

import mlmi_course
from mlmi_course._names import did_you_mean
from mlmi_course.checks import Misconception, Question, Unit
from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.judge.helpers import helper_sources
from mlmi_course.grading.records import Assignment, QuestionInfo

_PACKAGE = "mlmi_course.questions"


@dataclass(frozen=True)
class GradedUnit:
    """A module or package of questions.

    Attributes
    ----------
    module : str
        Dotted name.
    questions : dict of str to Question
        In the order of the unit, which is that of the notebook.
    helpers : dict of str to str
        Code of the unit's public functions that give data for the notebook, by module; see
        :func:`mlmi_course.grading.judge.helpers.helper_sources`.
    """

    module: str
    questions: dict[str, Question]
    helpers: dict[str, str] = field(default_factory=dict)

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
        if re.fullmatch(r"u\d\d_\w+\.py", entry.name)
        or (re.fullmatch(r"u\d\d_\w+", entry.name) and (entry / "__init__.py").is_file())
    )
    if re.fullmatch(r"\w+(\.\w+)+", wanted):
        return load_unit(wanted)
    number = f"u{int(wanted):02d}_" if wanted.isdecimal() else None
    for name in known:
        if name in (wanted, f"u{wanted}") or (number and name.startswith(number)):
            return load_unit(f"{_PACKAGE}.{name}")
    names = [name.removeprefix("u") for name in known]
    others = did_you_mean(wanted, names) or f"; there are: {', '.join(names)}"
    raise GradingError(f"there is no unit {wanted}{others}")


def load_unit(module: str) -> GradedUnit:
    """Import a module of questions."""
    try:
        loaded = import_module(module)
    except ModuleNotFoundError as error:
        raise GradingError(f"there is no module of questions {module} ({error})") from None
    questions = Unit(module).questions
    if not questions:
        raise GradingError(f"{module} asks no question")
    return GradedUnit(module, questions, helper_sources(loaded))


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
    decides = _Decides(module.__name__)
    decides.gather(vars(question))
    text = "\0".join([type(question).__name__, name, *sorted(decides.found.values())])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class _Decides:
    """What a value is made of: settings, and the source of functions and of those they call."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self.found: dict[str, str] = {}

    def gather(self, value: Any) -> None:
        """Add a value, and what it leads to within the unit."""
        if isinstance(value, Misconception):
            self.gather(value.answer)
        elif isinstance(value, Question):
            self.gather(vars(value).get("reference"))
        elif isinstance(value, partial):
            self.gather([value.func, value.args, value.keywords])
        elif isinstance(value, dict):
            for key, item in value.items():
                if key not in _NOT_JUDGING:
                    self.found.setdefault(f"key {key}", str(key))
                    self.gather(item)
        elif isinstance(value, list | tuple | set):
            for item in value:
                self.gather(item)
        elif hasattr(value, "__wrapped__"):
            self.gather(value.__wrapped__)
        elif isinstance(value, FunctionType):
            self._gather_function(value)
        elif isinstance(value, str | int | float | bool):
            self.found.setdefault(f"value {value!r}", repr(value))

    def _gather_function(self, function: FunctionType) -> None:
        key = f"function {id(function.__code__)}"
        if key in self.found or not self._is_own(function.__module__):
            return
        self.found[key] = _judging_source(function)
        scope = function.__globals__
        codes = [function.__code__]
        while codes:
            code = codes.pop()
            codes += [part for part in code.co_consts if isinstance(part, CodeType)]
            values = [scope[used] for used in code.co_names if used in scope]
            modules = [vars(v) for v in values if isinstance(v, ModuleType)]
            own = [names for names in modules if self._is_own(names["__name__"])]
            values += [names[used] for names in own for used in code.co_names if used in names]
            for value in values:
                if not isinstance(value, ModuleType):
                    self.gather(value)

    def _is_own(self, module: str | None) -> bool:
        return f"{module}.".startswith(f"{self._unit}.")


def _judging_source(function: FunctionType) -> str:
    """Source of a function without its decorators and its docstring, which speak to people."""
    source = inspect.getsource(function)
    try:
        (node,) = ast.parse(textwrap.dedent(source)).body
    except (SyntaxError, ValueError):  # a lambda in the middle of something
        return source
    if not isinstance(node, ast.FunctionDef):
        return source
    lines = source.splitlines()
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        del lines[first.lineno - 1 : first.end_lineno]
    return "\n".join(lines[node.lineno - 1 :])


# What changes from one session to the next, or is said to students and judges nothing.
_NOT_JUDGING = {"_hints_given", "_how", "_is_home", "_last", "_picture"} | {
    "hints", "name", "others", "see", "unit",
}  # fmt: skip
