"""Unit 20: its references agree with lifelines, and its checks judge what students handed in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlmi_course.questions import u20_survival as q
from mlmi_course.questions.u20_survival._columns import columns, square, unrounded

lifelines = pytest.importorskip("lifelines")

UNIT = "u20_survival"


def _patients(seed: int, n: int = 40, ties: bool = True) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    time = rng.integers(1, 30, n) if ties else rng.permutation(np.arange(1, n + 1))
    return time, (rng.random(n) < 0.6).astype(int)


@pytest.mark.parametrize("seed", range(5), ids=lambda seed: f"{UNIT}-{seed}")
def test_references_agree_with_lifelines(seed: int) -> None:
    from lifelines.statistics import logrank_test
    from lifelines.utils import concordance_index, restricted_mean_survival_time

    time, event = _patients(seed)
    fitted = lifelines.KaplanMeierFitter().fit(time, event)
    at = np.array([0.5, 3, 10, 17.5, 25])
    np.testing.assert_allclose(q.survival.right(time, event, at), fitted.predict(at))
    mean = restricted_mean_survival_time(fitted, t=20)
    assert q.rmst.right(time, event, 20.0) == pytest.approx(mean)

    group = np.random.default_rng(seed + 99).integers(0, 2, len(time))
    one, two = group == 1, group == 0
    p = logrank_test(time[one], time[two], event[one], event[two]).p_value
    assert q.log_rank.right(time, event, group) == pytest.approx(p)

    risk = np.random.default_rng(seed).integers(0, 5, len(time))
    c = concordance_index(time, -risk, event)
    assert q.c_index.right(risk, time, event) == pytest.approx(c)


def test_the_partial_likelihood_is_highest_where_lifelines_says() -> None:
    import pandas as pd

    time, event = _patients(3, ties=False)
    x = np.random.default_rng(3).normal(size=len(time))
    table = pd.DataFrame({"x": x, "time": time, "event": event})
    model = lifelines.CoxPHFitter().fit(table, "time", "event")
    best = float(model.params_["x"])
    likelihood = q.log_partial_likelihood.right
    assert likelihood(best, x, time, event) == pytest.approx(model.log_likelihood_, abs=1e-6)
    for away in (-0.01, 0.01):
        assert likelihood(best + away, x, time, event) < likelihood(best, x, time, event)


def _status(name: str, answer: Any) -> str:
    """Judge an answer on five draws; a right answer passes all of them."""
    question = getattr(q, name)
    found = {question.verdict(answer, np.random.default_rng(seed)).status for seed in range(5)}
    found.add(question.check(answer).status)
    return "pass" if found == {"pass"} else "fail" if found == {"fail"} else str(found)


def _dropping(
    goes: Callable[..., int], *, strongest: bool = True, again: bool = True
) -> Callable[[np.ndarray, float], list[int]]:
    """Write a student's loop: ``goes(part, first, second, stay, signed)`` is the place to drop."""

    def drop_correlated(x: np.ndarray, limit: float) -> list[int]:
        signed = np.corrcoef(x.T)
        np.fill_diagonal(signed, 0)
        matrix, stay = np.abs(signed), list(range(x.shape[1]))
        if not again:  # one walk over all pairs
            gone: set[int] = set()
            for i, j in np.argwhere(np.triu(matrix) > limit).tolist():
                if i not in gone and j not in gone:
                    gone.add(goes(matrix, i, j, stay, signed))
            return [i for i in stay if i not in gone]
        while (part := matrix[np.ix_(stay, stay)]).max() > limit:
            pair = np.unravel_index(part.argmax(), part.shape)
            first, second = pair if strongest else np.argwhere(part > limit)[0]
            stay.pop(goes(part, first, second, stay, signed))
        return stay

    return drop_correlated


def _larger(of: Callable[..., Any]) -> Callable[..., int]:
    """Drop the first of a pair if its value is larger, else the second."""

    def goes(part: Any, first: int, second: int, stay: Any, signed: Any) -> int:
        values = of(part, stay, signed)
        return first if values[first] > values[second] else second

    return goes


_MEAN = _larger(lambda part, stay, signed: part.mean(axis=1))
DROPPED_WRONGLY = {
    "second": _dropping(lambda part, first, second, stay, signed: second),
    "first": _dropping(lambda part, first, second, stay, signed: first),
    "signed": _dropping(
        _larger(lambda part, stay, signed: signed[np.ix_(stay, stay)].mean(axis=1))
    ),
    "first-pair": _dropping(_MEAN, strongest=False),
    "one-pass": _dropping(_MEAN, again=False),
    "all-columns": _dropping(_larger(lambda part, stay, signed: np.abs(signed).mean(axis=1)[stay])),
    "partners": _dropping(_larger(lambda part, stay, signed: (part > 0.6).sum(axis=1))),
    "runner-up": _dropping(_larger(lambda part, stay, signed: np.sort(part, axis=1)[:, -2])),
    "median": _dropping(_larger(lambda part, stay, signed: np.median(part, axis=1))),
}


@pytest.mark.parametrize(
    "answer", [pytest.param(it, id=f"{UNIT}-{name}") for name, it in DROPPED_WRONGLY.items()]
)
def test_a_wrong_choice_among_correlated_columns_fails(answer: Any) -> None:
    assert _status("drop_correlated", answer) == "fail"


def test_the_later_column_goes_where_the_means_are_equal() -> None:
    def at_a_tie(goes: str) -> Callable[..., int]:
        def choose(part: Any, first: int, second: int, stay: Any, signed: Any) -> int:
            one, other = part[first].mean(), part[second].mean()
            if np.isclose(one, other):
                return min(first, second) if goes == "first" else max(first, second)
            return first if one > other else second

        return choose

    assert _status("drop_correlated", _dropping(at_a_tie("later"))) == "pass"
    assert _status("drop_correlated", _dropping(at_a_tie("first"))) == "fail"
    # Numbers as they come: the last digit chooses, and the check draws tables where it errs.
    assert _status("drop_correlated", _dropping(_MEAN)) == "fail"
    verdict = q.drop_correlated.check(_dropping(_MEAN))
    assert verdict.misconception == "earlier_of_equals"


def test_rounding_would_choose_among_equals_in_one_table_of_five() -> None:
    rng = np.random.default_rng(0)
    tables = [columns(rng, square((95,))).round(3) for _ in range(300)]
    earlier = np.mean([unrounded(x, 0.8) == [1] for x in tables])
    assert 0.1 < earlier < 0.4
    assert all(q.drop_correlated.right(x, 0.8) == [0] for x in tables)


def test_the_lecture_drops_the_column_that_the_question_wants() -> None:
    source = (
        Path(__file__)
        .resolve()
        .parents[2]
        .joinpath("course/20_survival/lecture.py")
        .read_text(encoding="utf-8")
    )
    start = source.index("def without_twins")
    scope: dict[str, Any] = {"np": np}
    exec(source[start : source.index("# %%", start)], scope)
    for seed in range(30):
        for case in q.drop_correlated.draw(np.random.default_rng(seed)):
            assert scope["without_twins"](*case.arguments) == q.drop_correlated.right(
                *case.arguments
            )


def _c_of(comparable: Callable[..., Any]) -> Callable[..., float]:
    def c_index(risk: np.ndarray, time: np.ndarray, event: np.ndarray) -> float:
        pairs = comparable(time, event)
        right = (risk[:, None] > risk) + 0.5 * (risk[:, None] == risk)
        return float(right[pairs].mean()) if pairs.any() else float("nan")

    return c_index


def test_tied_times_count_in_the_c_index() -> None:
    from lifelines.utils import concordance_index

    def with_ties(time: np.ndarray, event: np.ndarray) -> np.ndarray:
        return (time[:, None] <= time) & (event[:, None] == 1) & ~np.eye(len(time), dtype=bool)

    def without_ties(time: np.ndarray, event: np.ndarray) -> np.ndarray:
        return (time[:, None] < time) & (event[:, None] == 1)

    def by_library(risk: np.ndarray, time: np.ndarray, event: np.ndarray) -> float:
        try:
            return concordance_index(time, -risk, event)
        except ZeroDivisionError:
            return float("nan")

    def crashes_on_ties(risk: np.ndarray, time: np.ndarray, event: np.ndarray) -> float:
        if len(set(time.tolist())) < len(time):
            raise ValueError("tied times")
        return by_library(risk, time, event)

    assert _status("c_index", by_library) == "pass"
    for wrong in (_c_of(with_ties), _c_of(without_ties), crashes_on_ties):
        assert _status("c_index", wrong) == "fail"


def test_other_wrong_answers_fail() -> None:
    def counts_values(p_cuts: np.ndarray, p_shuffled: np.ndarray) -> float:
        return (1 + (p_shuffled <= p_cuts.min()).sum()) / (1 + len(p_shuffled))

    def larger(p_train: np.ndarray, p_test: np.ndarray) -> float:
        return max(p_train.min(), p_test[p_train.argmin()])

    def n_minus_one(x: np.ndarray, limit: float) -> np.ndarray:
        kept = x[:, x.var(axis=0, ddof=1) >= limit]
        return (kept - kept.mean(axis=0)) / kept.std(axis=0)

    def sorts(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
        return q.survival.right(time, event, np.sort(at))

    assert _status("honest_p", counts_values) == "fail"
    assert _status("reported_p", larger) == "fail"
    assert _status("prepare", n_minus_one) == "fail"
    assert _status("survival", sorts) == "fail"
    verdict = q.breast_c.check(0.6793)
    assert (verdict.status, verdict.misconception) == ("fail", "age_left_out")
    assert q.breast_c.check(0.682).status == "pass"


def test_other_right_answers_pass() -> None:
    def by_days(time: np.ndarray, event: np.ndarray, horizon: float) -> float:
        return float(np.sum(q.survival.right(time, event, np.arange(horizon))))

    def by_library(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
        return lifelines.KaplanMeierFitter().fit(time, event).predict(at).to_numpy()

    assert _status("rmst", by_days) == "pass"
    assert _status("survival", by_library) == "pass"
