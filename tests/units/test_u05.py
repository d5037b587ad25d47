"""Unit 05: what the general tests of questions cannot see."""

from __future__ import annotations

import json
from importlib import import_module, resources
from typing import Any

import numpy as np
import pytest

from mlmi_course.questions import u05_perceptrons as q
from mlmi_course.questions.u05_perceptrons.backward import NAMES, by_differences, network

_CALLS = import_module("mlmi_course.questions.u05_perceptrons.call_back")
_CHANGES = import_module("mlmi_course.questions.u05_perceptrons.what_happens")


def _solved(*names: str, **scope: Any) -> dict[str, Any]:
    """Run solutions of the lab one after the other, as its cells do."""
    file = resources.files("mlmi_course.questions") / "solutions" / "u05_perceptrons.json"
    texts = json.loads(file.read_text(encoding="utf-8"))
    scope |= {"np": np, "q": q}
    for name in names:
        exec(texts[name], scope)
    return scope


@pytest.mark.parametrize("seed", range(5))
def test_the_solution_is_worth_calling_by(seed: int) -> None:
    known, cancer = q.women(600)
    scope = _solved("call_back", known=known, cancer=cancer)
    verdict = q.call_back.verdict(scope["call_back"], np.random.default_rng(seed))
    assert verdict.status == "pass", str(verdict)


@pytest.mark.parametrize("name", sorted(q.call_back.misconceptions))
def test_no_known_mistake_earns_much_for_its_calls(name: str) -> None:
    answer = q.call_back.misconceptions[name].answer
    verdict = q.call_back.verdict(answer, np.random.default_rng(9))
    assert verdict.misconception == name, str(verdict)
    assert verdict.points < 0.3 * q.call_back.points, str(verdict)


def test_a_network_finds_the_asymmetry_and_the_lectures_cut_costs() -> None:
    from sklearn.neural_network import MLPClassifier

    known, cancer = q.women(600)
    model = MLPClassifier((8,), alpha=1, max_iter=1000, random_state=0).fit(known, cancer)

    def by_network(women: Any) -> Any:
        return model.predict_proba(women)[:, 1] > 1 / 11

    def early(women: Any) -> Any:
        return _CALLS._called(women, cut=1 / 51)

    verdict = q.call_back.verdict(by_network, np.random.default_rng(2))
    assert verdict.points > 0.8 * q.call_back.points, str(verdict)
    verdict = q.call_back.verdict(early, np.random.default_rng(2))
    assert verdict.points < 0.4 * q.call_back.points, str(verdict)


def test_each_change_is_far_from_the_hundredth_that_decides() -> None:
    for change, (before, after) in _CHANGES._numbers().items():
        moved = abs(after - before) / abs(before)
        assert moved < 1e-9 or moved > 0.05, change


def test_the_dials_stop_at_the_same_weights() -> None:
    """C, alpha and the weight decay, each minimised by its own library or by its own formula."""
    from scipy.optimize import minimize
    from sklearn.linear_model import LogisticRegression

    features, labels, _ = q.overlapping(60, seed=5)
    features = (features - features.mean(axis=0)) / features.std(axis=0)
    dial = q.dials.right(0.07, 60)

    def lowest(ridge: float, total: bool) -> Any:
        def loss(w: Any) -> float:
            each = np.logaddexp(0, -(2 * labels - 1) * (features @ w[:2] + w[2]))
            return float(ridge * (w[:2] @ w[:2]) + (each.sum() if total else each.mean()))

        return minimize(loss, np.zeros(3), tol=1e-12).x[:2]

    by_sklearn = LogisticRegression(C=dial["C"], tol=1e-10).fit(features, labels).coef_[0]
    for ridge, total in (
        (0.07 / 2, False),
        (dial["alpha"] / 2, False),
        (dial["L2"], False),
        (dial["weight_decay"] / 2, True),
    ):
        np.testing.assert_allclose(lowest(ridge, total), by_sklearn, atol=1e-4)


def test_the_bound_of_any_start_holds_where_the_classic_one_breaks() -> None:
    rows, labels = q.lumps()
    separator, start, rate = np.array([0.8, 0.6, -3.2]), np.array([0.0, 0.0, 100.0]), 0.01
    weights, made, again = start, 0, True
    while again:
        again = False
        for x, y in zip(rows, 2 * labels - 1, strict=True):
            if y * (weights @ x) <= 0:
                weights, made, again = weights + rate * y * x, made + 1, True
    given = rows[:, :2], 2 * labels - 1, separator
    assert q.mistake_bound.right(*given, np.zeros(3), rate) < made
    assert made <= q.mistake_bound.right(*given, start, rate)


def test_the_gradients_agree_with_central_differences() -> None:
    rng = np.random.default_rng(3)
    inputs, labels, costs = rng.normal(size=(30, 3)), rng.integers(0, 2, 30), rng.uniform(1, 9, 30)
    weights = dict(zip(NAMES, network(rng, 3, 4), strict=True))
    for name, gradient in q.backward.right(inputs, labels, costs, *weights.values()).items():
        by_trial = by_differences(inputs, labels, costs, weights, name)
        np.testing.assert_allclose(np.ravel(gradient), np.ravel(by_trial), atol=1e-8)
