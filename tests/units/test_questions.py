"""Every question of every unit: the solution passes, the stub and the known-wrong do not."""

from __future__ import annotations

import ast
import datetime
import hashlib
import json
import os
import platform
import re
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from importlib import import_module, resources
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlmi_course.building.course import read_course
from mlmi_course.checks import FunctionQuestion, ModelQuestion, Question, Unit, ValueQuestion
from mlmi_course.checks.messages import as_text, plain
from mlmi_course.checks.trials import Replies
from tests.suite.selection import has_changed, is_wanted, seed_of_today

HERE = Path(__file__).resolve().parents[2]
THERE = [unit.questions for unit in read_course(HERE).units]
UNITS = [unit for unit in THERE if is_wanted(unit)]
SEEDS = 200  # one of them is as good as the secret one
PART = 20  # of them, on a day on which nothing has changed
CHECK_LIMIT_S = 0.2  # a test fails only at five times the limit: machines are noisy


def _questions(unit: str) -> dict[str, Question]:
    import_module(f"mlmi_course.questions.{unit}")
    return Unit(f"mlmi_course.questions.{unit}").questions


ALL = [pytest.param(unit, name, id=f"{unit}-{name}") for unit in UNITS for name in _questions(unit)]
JUDGED = [p for p in ALL if not _questions(p.values[0])[p.values[1]].by_a_person]
FUNCTIONS = [
    p for p in JUDGED if isinstance(_questions(p.values[0])[p.values[1]], FunctionQuestion)
]


def _question(unit: str, name: str) -> Any:
    return _questions(unit)[name]


def _reference_answer(question: Any) -> Any:
    """Run the solution that students are shown: it must be a right answer too."""
    scope: dict[str, Any] = {"np": np, "numpy": np}
    exec(_given(question.unit), scope)
    text = _solutions(question.unit)[question.name]
    if isinstance(question, ValueQuestion):
        return question.reference()
    exec(text, scope)
    return scope[question.name]


@cache
def _given(unit: str) -> str:
    """What a lab gives to its students: functions that it does not ask for, and constants."""
    lab = HERE / "course" / unit.removeprefix("u") / "lab.py"
    asked = _solutions(unit)

    def is_given(node: ast.stmt) -> bool:
        if isinstance(node, ast.FunctionDef):
            # What decorates a function is imported by the lab, and needed by no answer so far.
            return node.name not in asked and not node.decorator_list
        if not isinstance(node, ast.Assign):
            return False
        return not any(isinstance(part, ast.Name) for part in ast.walk(node.value))

    given = filter(is_given, ast.parse(lab.read_text(encoding="utf-8")).body)
    return "\n\n".join(map(ast.unparse, given))


def _solutions(unit: str) -> dict[str, str]:
    file = resources.files("mlmi_course.questions") / "solutions" / f"{unit}.json"
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("unit", "name"), ALL)
def test_is_complete(unit: str, name: str) -> None:
    question = _question(unit, name)
    assert (question.name, question.unit) == (name, unit), "Unit(__name__) ends the module"
    assert question.hints, "every question has a hint"
    assert question.see, "every question says where to read on"
    assert _solutions(unit)[name].strip()
    if not question.by_a_person:
        assert len(question.misconceptions) >= 2, "every question knows two misconceptions"
    says = [wrong.says for wrong in question.misconceptions.values()]
    assert len(set(says)) == len(says), "every misconception has a message of its own"


@pytest.mark.parametrize(("unit", "name"), ALL)
def test_the_pointer_leads_to_a_heading_of_the_lecture(unit: str, name: str) -> None:
    lecture = (HERE / "course" / unit.removeprefix("u") / "lecture.py").read_text(encoding="utf-8")
    headings = re.findall(r"^# #{2,} (.*?)(?: \(\d+ min(?:, deeper)?\))?$", lecture, re.MULTILINE)
    assert _question(unit, name).see in headings


@pytest.mark.parametrize(("unit", "name"), FUNCTIONS)
def test_every_seed_is_fair(unit: str, name: str, request: pytest.FixtureRequest) -> None:
    """The solution passes; each known wrong answer fails, and is called by its own name.

    Judged as a verdict judges, but on replies that are asked for once: a verdict on each of ten
    known wrong answers with each of 200 seeds would take an hour for all units.
    """
    question = _question(unit, name)
    solution = _reference_answer(question)
    seeds, prove = _seeds(unit, name, request.config)
    for seed in seeds:
        trial = question.trial(np.random.default_rng(seed))  # raises where a mistake hides
        failed = trial.first_failure(Replies(solution, trial.cases))
        assert failed is None, f"the solution is not right with seed {seed}, case {failed}"
    prove()


def _seeds(unit: str, name: str, config: pytest.Config) -> tuple[range, Callable[[], None]]:
    """Return the seeds to try, and what keeps in mind that they were fair.

    All of them where a unit is tested by its number, and wherever anything has changed since this
    computer tried them all: the question's module, the package, the libraries, this file.  A
    workflow remembers nothing: there, it is the units that changed since they were proved.  Else, a
    part that changes from day to day.  ``MLMI_SEEDS=200`` tries all.
    """
    asked = int(os.environ.get("MLMI_SEEDS", "0"))
    key, now = f"mlmi/fair/{unit}-{name}", _digest(unit)
    if asked:
        return range(asked), lambda: None
    cache = getattr(config, "cache", None)  # pytest may run without its memory
    proved = cache is not None and cache.get(key, None) == now
    elsewhere = os.environ.get("CI") and not has_changed(config, unit)
    if (proved or elsewhere) and not config.getoption("--unit", default=None):
        first = PART * (datetime.date.today().toordinal() % (SEEDS // PART))
        return range(first, first + PART), lambda: None
    return range(SEEDS), lambda: cache.set(key, now) if cache is not None else None


@cache
def _digest(unit: str) -> str:
    """Of all that decides whether the inputs of a unit's questions are fair."""
    package = HERE / "mlmi_course"
    files = [
        path
        for path in sorted(package.rglob("*.py"))
        if path.relative_to(package).parts[0] not in ("building", "grading", "questions")
    ]
    files += [*sorted((package / "questions").glob(f"{unit}/**/*.py")), Path(__file__)]
    files += (package / "questions").glob(f"{unit}.py")
    files += [package / "questions" / "solutions" / f"{unit}.json"]
    told = hashlib.sha256(platform.python_version().encode())
    for library in ("numpy", "scipy", "scikit-learn", "pandas"):
        told.update(f"{library} {version(library)}".encode())
    for path in files:
        told.update(path.read_bytes())
    return told.hexdigest()


def test_any_change_asks_for_all_seeds() -> None:
    digests = {unit: _digest(unit) for unit in THERE}
    assert len(set(digests.values())) == len(THERE)
    assert SEEDS >= 200
    assert SEEDS % PART == 0


@pytest.mark.parametrize(("unit", "name"), FUNCTIONS)
def test_the_solution_gets_full_marks(unit: str, name: str) -> None:
    question = _question(unit, name)
    answer = _reference_answer(question)
    verdict = question.check(answer)
    assert (verdict.status, verdict.points) == ("pass", question.points), str(verdict)


def _single(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype(np.float32)
    return np.float32(value) if isinstance(value, float | np.floating) else value


def _of_pandas(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim in (1, 2):
        return (pd.Series if value.ndim == 1 else pd.DataFrame)(value)
    return value


def _of_numpy(value: Any) -> Any:
    return np.array(value)[()] if isinstance(value, bool | int | float | str) else value


def _without_dimension(value: Any) -> Any:
    return np.array(value) if isinstance(value, bool | int | float | np.number) else value


FORMS: dict[str, Callable[[Any], Any]] = {
    "lists": lambda value: value.tolist() if isinstance(value, np.ndarray | np.generic) else value,
    "single precision": _single,
    "pandas": _of_pandas,
    "scalars of NumPy": _of_numpy,
    "arrays without a dimension": _without_dimension,
    "another order in memory": lambda v: np.asfortranarray(v) if isinstance(v, np.ndarray) else v,
}


def _in_form(value: Any, form: Callable[[Any], Any]) -> Any:
    """Every leaf of a reply in another form; a list becomes a tuple on the way."""
    if isinstance(value, dict):
        return {key: _in_form(item, form) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_in_form(item, form) for item in value)
    return form(value)


@pytest.mark.parametrize(("unit", "name"), FUNCTIONS)
def test_a_right_answer_may_have_another_form(unit: str, name: str) -> None:
    question = _question(unit, name)
    solution = _reference_answer(question)
    for form, change in FORMS.items():
        verdict = question.check(lambda *given, do=change: _in_form(solution(*given), do))
        assert verdict.status == "pass", f"as {form}: {verdict}"


@pytest.mark.parametrize(("unit", "name"), ALL)
def test_the_stub_is_not_attempted(unit: str, name: str) -> None:
    question = _question(unit, name)

    def stub(*arguments: Any) -> Any:
        raise NotImplementedError

    blanks = [...]
    if isinstance(question, FunctionQuestion | ModelQuestion):
        blanks.append(stub)
    for blank in blanks:
        verdict = question.check(blank)
        assert (verdict.status, verdict.points) == ("not attempted", 0.0)


@pytest.mark.parametrize(("unit", "name"), JUDGED)
def test_known_wrong_answers_are_recognised(
    unit: str, name: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    question = _question(unit, name)
    seeds = range(5)
    if isinstance(question, ModelQuestion):
        another_draw = _computing_once(question, monkeypatch)
        seeds = seed_of_today(request.config, unit, seeds)  # a draw takes seconds
    for seed in seeds:  # outside: a function's question keeps the inputs that it has just drawn
        if isinstance(question, ModelQuestion):
            another_draw()
        for wrong, known in question.misconceptions.items():
            answer = known.answer
            if isinstance(question, ValueQuestion) and callable(answer):
                answer = answer()
            verdict = question.verdict(answer, np.random.default_rng(seed))
            assert verdict.status == "fail", f"{wrong} with seed {seed}"
            assert verdict.points < question.points, f"{wrong} with seed {seed}"
            assert verdict.misconception == wrong, f"with seed {seed}: {verdict}"
            assert plain(known.says) in verdict.message.text


def _computing_once(question: ModelQuestion, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let a model's question compute once what depends on the draw alone; return what forgets it.

    Images, the bar and what the known wrong models say: each takes seconds, and all the known
    wrong models are judged on the same ones.
    """
    kept: dict[Any, Any] = {}

    def once(function: Any) -> Any:
        if not callable(function):
            return function

        def kept_or_computed(*arguments: Any) -> Any:
            if function not in kept:
                kept[function] = function(*arguments)
            return kept[function]

        return kept_or_computed

    for attribute in ("draw", "threshold", "noise"):
        monkeypatch.setattr(question, attribute, once(getattr(question, attribute)))
    known = {
        name: replace(wrong, answer=once(wrong.answer))
        for name, wrong in question.misconceptions.items()
    }
    monkeypatch.setattr(question, "misconceptions", known)
    return kept.clear


@pytest.mark.clock
@pytest.mark.parametrize(("unit", "name"), JUDGED)
def test_a_check_is_quick(unit: str, name: str) -> None:
    question = _question(unit, name)
    answer = _reference_answer(question)
    question.check(answer)  # the first one imports what it needs
    limit = question.budget_s if isinstance(question, ModelQuestion) else CHECK_LIMIT_S
    start = time.process_time()
    question.check(answer)
    assert time.process_time() - start < 5 * limit


@pytest.mark.parametrize(("unit", "name"), ALL)
def test_the_picture_draws_the_solution(unit: str, name: str) -> None:
    question = _question(unit, name)
    if not question.has_picture:
        assert "no picture" in str(question.show(1))
        return
    picture = question.show(_reference_answer(question))
    assert picture._repr_html_().startswith("<figure"), str(picture)


@pytest.mark.parametrize(("unit", "name"), FUNCTIONS)
def test_inputs_can_travel_to_another_process(unit: str, name: str) -> None:
    """A grader sends arguments as JSON and arrays: nothing else may be among them."""
    question = _question(unit, name)

    def plain(value: Any) -> bool:
        if isinstance(value, dict):
            return all(isinstance(k, str) and plain(v) for k, v in value.items())
        if isinstance(value, list | tuple):
            return all(plain(item) for item in value)
        if isinstance(value, np.ndarray):
            return value.dtype.kind in "biufc"
        return value is None or isinstance(value, bool | int | float | str)

    for case in question.draw(np.random.default_rng(0)):
        for argument in case.arguments:
            assert plain(argument), as_text(argument)
