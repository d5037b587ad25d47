"""Unit 20: its references agree with lifelines, and its checks judge what students handed in."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlmi_course.questions import u20_survival as q

lifelines = pytest.importorskip("lifelines")

UNIT = "u20_survival"
SEEDS = [pytest.param(seed, id=f"{UNIT}-{seed}") for seed in range(5)]


def _patients(seed: int, n: int = 40, ties: bool = True) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    time = rng.integers(2, 30, n) if ties else rng.permutation(np.arange(2, n + 2))
    return time, (rng.random(n) < 0.6).astype(int)


@pytest.mark.parametrize("seed", SEEDS)
def test_late_entry_agrees_with_lifelines(seed: int) -> None:
    time, event = _patients(seed, 60)
    rng = np.random.default_rng(seed)
    entry = np.where(rng.random(60) < 0.5, 0, rng.integers(0, time))
    at = np.array([0.5, 3, 10, 17.5, 25])
    fitted = lifelines.KaplanMeierFitter().fit(time, event, entry=entry)
    np.testing.assert_allclose(q.late_entry.right(entry, time, event, at), fitted.predict(at))


@pytest.mark.parametrize("seed", SEEDS)
def test_gehan_agrees_with_lifelines(seed: int) -> None:
    from lifelines.statistics import logrank_test

    time, event = _patients(seed)
    group = np.random.default_rng(seed + 99).integers(0, 2, len(time))
    one, two = group == 1, group == 0
    test = logrank_test(time[one], time[two], event[one], event[two], weightings="wilcoxon")
    assert q.gehan.right(time, event, group) == pytest.approx(test.p_value)


def test_the_stratified_likelihood_is_highest_where_lifelines_says() -> None:
    time, event = _patients(3, ties=False)
    rng = np.random.default_rng(3)
    x, hospital = rng.normal(size=len(time)), rng.integers(1, 4, len(time))
    table = pd.DataFrame({"x": x, "time": time, "event": event, "hospital": hospital})
    model = lifelines.CoxPHFitter().fit(table, "time", "event", strata=["hospital"])
    best = float(model.params_["x"])
    likelihood = q.stratified_likelihood.right
    assert likelihood(best, x, time, event, hospital) == pytest.approx(
        model.log_likelihood_, abs=1e-6
    )
    for away in (-0.01, 0.01):
        assert likelihood(best + away, x, time, event, hospital) < likelihood(
            best, x, time, event, hospital
        )


def _status(name: str, answer: Any) -> str:
    """Judge an answer on five draws; a right answer passes all of them."""
    question = getattr(q, name)
    found = {question.verdict(answer, np.random.default_rng(seed)).status for seed in range(5)}
    found.add(question.check(answer).status)
    return "pass" if found == {"pass"} else "fail" if found == {"fail"} else str(found)


COURSE = Path(__file__).resolve().parents[2] / "course" / "20_survival"


def _function(file: str, name: str) -> Callable[..., Any]:
    """A function as the lecture or the exercise shows it."""
    source = (COURSE / file).read_text(encoding="utf-8")
    body = ast.parse(source).body
    node = next(n for n in body if isinstance(n, ast.FunctionDef) and n.name == name)
    scope: dict[str, Any] = {"np": np}
    exec(compile(ast.Module([node], []), file, "exec"), scope)
    return scope[name]


def _alive(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The lecture's loop over the days with a death, as a student would turn it into a function."""
    shares = np.ones(len(at))
    for day in np.unique(time[event == 1]):
        at_risk = np.sum(time >= day)
        deaths = np.sum((time == day) & (event == 1))
        shares[np.asarray(at) >= day] *= 1 - deaths / at_risk
    return shares


def _log_rank(time: np.ndarray, event: np.ndarray, group: np.ndarray) -> float:
    from lifelines.statistics import logrank_test

    one = group == 1
    return logrank_test(time[one], time[~one], event[one], event[~one]).p_value


PASTED = {
    "late_entry": lambda entry, time, event, at: _alive(time, event, at),
    "gehan": _log_rank,
    "stratified_likelihood": lambda w, x, time, event, hospital: _function(
        "lecture.py", "log_partial_likelihood"
    )(w, x, time, event),
    "keep_repeatable": lambda x, limit, icc: _function("lecture.py", "without_twins")(x, limit),
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"{UNIT}-{name}") for name in PASTED])
def test_the_lectures_code_is_no_answer(name: str) -> None:
    """And whoever pastes it is told what is different here."""
    assert _status(name, PASTED[name]) == "fail"
    assert getattr(q, name).check(PASTED[name]).misconception is not None


MENDED = {
    "landmark": "unmended",
    "breast_c": "unmended",
    "prepare": "unmended",
    "honest_p": "unmended",
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"{UNIT}-{name}") for name in MENDED])
def test_the_faulty_function_of_the_exercise_is_known(name: str) -> None:
    """What the exercise shows is what the check calls ``unmended``."""
    if name == "breast_c":
        source = (COURSE / "lab.py").read_text(encoding="utf-8")
        start = source.index("from lifelines import CoxPHFitter\n")
        scope: dict[str, Any] = {}
        exec(source[start : source.index("# %%", start)], scope)
        known, hazard = scope["known"], scope["hazard"]
        theirs = scope["concordance_index"](known["time"], hazard, known["cens"])
    else:
        theirs = _function("lab.py", f"colleagues_{name}")
    assert getattr(q, name).check(theirs).misconception == "unmended"


def test_other_right_answers_pass() -> None:
    def by_library(
        entry: np.ndarray, time: np.ndarray, event: np.ndarray, at: np.ndarray
    ) -> np.ndarray:
        return lifelines.KaplanMeierFitter().fit(time, event, entry=entry).predict(at).to_numpy()

    def by_sorting(x: np.ndarray, limit: float, icc: np.ndarray) -> list[int]:
        strength = pd.DataFrame(x).corr().abs().to_numpy().copy()
        np.fill_diagonal(strength, -1)
        left = set(range(x.shape[1]))
        while True:
            pairs = [(strength[i, j], i, j) for i in left for j in left if i < j]
            if not pairs or max(pairs)[0] <= limit:
                return sorted(left)
            _, i, j = max(pairs)
            left.remove(min((i, j), key=lambda column: icc[column]))

    assert _status("keep_repeatable", by_sorting) == "pass"
    assert _status("late_entry", by_library) == "pass"


def test_the_directions_are_not_close_calls() -> None:
    """A change below 5 % is none: A is well below, the others well above."""
    median = import_module("mlmi_course.questions.u20_survival.what_moves")._median
    shares = {case: median(case) / median() - 1 for case in "ABCD"}
    assert abs(shares["A"]) < 0.02
    assert shares["B"] > 0.2
    assert shares["C"] < -0.1
    assert shares["D"] > 0.1


def test_a_cut_is_judged_by_what_it_costs() -> None:
    """Who uses the censored rightly passes, by curve or by model; the middle earns nothing."""
    registry = pd.DataFrame(q.registry())
    model = lifelines.CoxPHFitter().fit(registry, "time", "event")
    grid = pd.DataFrame({"score": np.arange(-20, 21) / 10})
    dies = 1 - model.predict_survival_function(grid, times=[365]).to_numpy()[0]
    by_cox = float(grid["score"][np.argmax(dies > 1 / 4)])  # a missed patient costs three times 1
    assert _status("treat", lambda score: score >= by_cox) == "pass"
    middle = [
        q.treat.verdict(lambda score: score >= 0.1, np.random.default_rng(seed)).points
        for seed in range(5)
    ]
    assert max(middle) < 1
