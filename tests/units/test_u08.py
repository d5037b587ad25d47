"""Unit 08: its references agree with scikit-learn, and its checks judge what students handed in."""

from __future__ import annotations

import ast
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.cross_decomposition import PLSRegression
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import Ridge

from mlmi_course.questions import u08_classification_and_regression as q

UNIT = "u08_classification_and_regression"
SEEDS = [pytest.param(seed, id=f"{UNIT}-{seed}") for seed in range(5)]
COURSE = Path(__file__).resolve().parents[2] / "course" / "08_classification_and_regression"


def _functions(file: str, *names: str) -> dict[str, Any]:
    """Functions as the lecture or the exercise shows them."""
    body = ast.parse((COURSE / file).read_text(encoding="utf-8")).body
    nodes = [n for n in body if isinstance(n, ast.FunctionDef) and n.name in names]
    scope: dict[str, Any] = {"np": np}
    exec(compile(ast.Module(nodes, []), file, "exec"), scope)
    return scope


def _status(name: str, answer: Any) -> str:
    """Judge an answer on five draws; a right answer passes all of them."""
    question = getattr(q, name)
    found = {question.verdict(answer, np.random.default_rng(seed)).status for seed in range(5)}
    return "pass" if found == {"pass"} else "fail" if found == {"fail"} else str(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_linear_models_agree_with_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, new = rng.normal(2, 3, size=(12, 5)), rng.normal(2, 3, size=(4, 5))
    y = x @ rng.normal(size=5) + rng.normal(size=12) + 7
    pls = PLSRegression(1, scale=False).fit(x, y)
    np.testing.assert_allclose(q.pls_predict.right(x, y, new), pls.predict(new).ravel())
    plain = Ridge(3.0).fit(x, y)
    found = q.ridge_towards.right(x, y, 3.0, np.zeros(5))
    np.testing.assert_allclose(found, [plain.intercept_, *plain.coef_])
    there = rng.normal(size=5)
    rest = Ridge(3.0).fit(x, y - x @ there)  # what `there` leaves, shrunk towards zero
    np.testing.assert_allclose(q.ridge_towards.right(x, y, 3.0, there)[1:], there + rest.coef_)


@pytest.mark.parametrize("seed", SEEDS)
def test_shrinking_finds_the_smallest_price(seed: int) -> None:
    from scipy.optimize import minimize_scalar

    rng = np.random.default_rng(seed)
    z, price = rng.normal(0, 2, 6), rng.uniform(0, 3, 6)
    found = q.shrink.right(z, 0.6, 0.4, price)
    for w, value, factor in zip(found, z, price, strict=True):

        def paid(w: float, value: float = value, factor: float = factor) -> float:
            penalty = 0.4 * abs(w) + 0.3 * w**2
            return (w - value) ** 2 / 2 + 0.6 * factor * penalty

        best = minimize_scalar(paid, bounds=(-9, 9), method="bounded", options={"xatol": 1e-9})
        assert w == pytest.approx(best.x, abs=1e-5)


def test_the_standard_error_is_that_of_many_studies() -> None:
    from scipy.stats import mannwhitneyu, norm

    n = q.cases_needed.right(0.75, 2, 0.05)
    rng, shift = np.random.default_rng(0), np.sqrt(2) * norm.ppf(0.75)
    areas = [
        mannwhitneyu(rng.normal(shift, 1, n), rng.normal(size=2 * n)).statistic / (2 * n * n)
        for _ in range(600)
    ]
    assert 1.96 * np.std(areas) == pytest.approx(0.05, rel=0.15)


def test_the_mended_clock_is_that_of_scikit_learn() -> None:
    source = (COURSE / "lab.py").read_text(encoding="utf-8")
    start = source.index("from sklearn.linear_model import Ridge\n")
    end = source.index("### END SOLUTION", source.index("q.what_changes.hint"))
    cells = source[start:end].replace("### BEGIN SOLUTION", "")
    code = "\n".join(line for line in cells.splitlines() if not line.startswith("#"))
    scope: dict[str, Any] = {"np": np, "print": lambda *_: None}
    exec(compile(code, "lab.py", "exec"), scope)
    assert scope["honest_error"] == pytest.approx(q.honest_error.right(), abs=1e-9)


def test_the_answers_of_the_clock_lie_apart() -> None:
    """No fault, left in, gives the honest number within the tolerance of the check."""
    for wrong in q.honest_error.misconceptions.values():
        value = wrong.answer() if callable(wrong.answer) else wrong.answer
        assert abs(value - q.honest_error.right()) > 0.05


MENDED = {"pls_predict": "colleagues_pls"}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"{UNIT}-{name}") for name in MENDED])
def test_the_faulty_function_of_the_exercise_is_known(name: str) -> None:
    theirs = _functions("lab.py", MENDED[name])[MENDED[name]]
    assert getattr(q, name).check(theirs).misconception == "unmended"


def _pasted() -> dict[str, Callable[..., Any]]:
    shown = _functions("lecture.py", "soft", "ridge", "first_component")
    soft, ridge, first = shown["soft"], shown["ridge"], shown["first_component"]
    return {
        "shrink": lambda z, lam, mix, price: soft(z, lam * mix) / (1 + lam * (1 - mix)),
        "ridge_towards": lambda x, y, lam, there: ridge(x, y, lam),
        "pls_predict": lambda x, y, new: new @ first(x, y)[1],
        "bone_age": lambda age, reading, new_age, new_reading: new_reading - new_age,
    }


@pytest.mark.parametrize("name", [pytest.param(name, id=f"{UNIT}-{name}") for name in _pasted()])
def test_the_lectures_code_is_no_answer(name: str) -> None:
    assert _status(name, _pasted()[name]) == "fail"


def test_a_staircase_tells_risks_as_well() -> None:
    """Platt's method is one right answer; isotonic regression, and a rounded risk, are others."""
    score, sick = q.study()["held out"]
    for low in (1e-6, 0.001, 0.01):
        stairs = IsotonicRegression(y_min=low, y_max=1 - low, out_of_bounds="clip")
        stairs.fit(score, sick)

        def told(new: np.ndarray, stairs: IsotonicRegression = stairs) -> np.ndarray:
            odds = stairs.predict(new) / (1 - stairs.predict(new)) * 0.2 / 0.8 * 0.3 / 0.7
            return (odds / (1 + odds)).round(2)

        assert _status("risk", told) == "pass"


def test_half_of_the_way_earns_little() -> None:
    """Who calibrates on the training patients, or forgets the prevalence, gets nothing."""
    for name in ("on_training_patients", "both_groups", "prevalence_of_the_study"):
        wrong = q.risk.misconceptions[name].answer
        verdict = q.risk.verdict(wrong, np.random.default_rng(3))
        assert verdict.misconception == name
        assert verdict.points == 0


def test_the_best_risk_is_the_best() -> None:
    """The formula that the share is measured against is the true risk."""
    module = import_module("mlmi_course.questions.u08_classification_and_regression.risk")
    score, labels = module._draw(np.random.default_rng(1))
    told = module._true_risk(score)
    for part in np.array_split(np.argsort(told), 8):
        off = labels[part, 0].mean() - told[part].mean()
        assert abs(off) < 4 * np.sqrt(told[part].mean() / len(part)) + 1e-4


def test_other_right_answers_pass() -> None:
    def by_loop(chosen: np.ndarray, most_false: float) -> list[int]:
        runs, genes = chosen.shape
        q_each = int(chosen[0].sum())
        return [
            gene
            for gene in range(genes)
            if 2 * chosen[:, gene].sum() / runs - 1 >= q_each**2 / genes / most_false - 1e-9
        ]

    def by_rows(x: np.ndarray, y: np.ndarray, lam: float, there: np.ndarray) -> np.ndarray:
        p = x.shape[1]  # extra rows, whose outcome is what the weights should be
        rows = np.vstack([np.column_stack([np.ones(len(x)), x]), np.eye(p + 1)[1:] * lam**0.5])
        return np.linalg.lstsq(rows, np.append(y, lam**0.5 * there), rcond=None)[0]

    assert _status("stable_genes", by_loop) == "pass"
    assert _status("ridge_towards", by_rows) == "pass"
