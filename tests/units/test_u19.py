"""Unit 19, pitfalls: what its questions rest on, and what the lecture's code would earn there."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from mlmi_course.questions import u19_pitfalls as q

UNIT = "u19_pitfalls"
SEEDS = [pytest.param(seed, id=f"{UNIT}-{seed}") for seed in range(5)]
faults = sys.modules[f"mlmi_course.questions.{UNIT}.faults"]
abstracts = sys.modules[f"mlmi_course.questions.{UNIT}._abstracts"]


# ---- abstracts ---------------------------------------------------------------------------------


def test_every_abstract_has_ten_sentences_and_five_faults() -> None:
    for seed in range(0, 10_000, 97):
        subjects = [subject for subject, _ in abstracts.drawn(seed)]
        assert sorted(subjects) == list(range(10))
        assert len(faults._right(seed)) == 5
        assert "{" not in q.abstract(seed)


def test_abstracts_differ_and_stay_as_they_are() -> None:
    assert len({q.abstract(seed) for seed in range(60)}) == 60
    assert q.abstract(7) == q.abstract(np.int64(7))
    right = [faults._right(seed) for seed in range(400)]
    for letter in abstracts.LETTERS:
        share = np.mean([letter in letters for letters in right])
        assert 0.35 < share < 0.65, "no letter is a safe guess"


@pytest.mark.parametrize("number", [-1, 10_000, 2.5, "seven", True])
def test_no_such_abstract(number: Any) -> None:
    with pytest.raises(ValueError, match="whole one from 0 to 9999"):
        q.abstract(number)
    assert q.faults.check({"number": number, "letters": "ABCDE"}).status == "fail"


@pytest.mark.parametrize("number", [42, 42.0, "42", "0042", np.int64(42)])
def test_a_number_may_be_written_in_several_ways(number: Any) -> None:
    assert q.faults.check({"number": number, "letters": faults._right(42)}).status == "pass"


def test_an_answer_is_judged_by_its_own_abstract() -> None:
    for seed in (0, 5, 4711):
        right = faults._right(seed)
        for form in (right, right.lower(), ", ".join(right), list(right), right[::-1]):
            assert q.faults.check({"number": seed, "letters": form}).status == "pass"
        assert q.faults.check({"number": seed + 1, "letters": right}).status == "fail"


@pytest.mark.parametrize(
    "answer", ["ABCDE", {"number": 3}, {"number": 3, "letters": "ABCDEFGHIJ"}, 7, {}]
)
def test_other_forms_are_told_what_is_asked_for(answer: Any) -> None:
    assert q.faults.check(answer).status == "fail"


def test_one_letter_for_another_is_told_what_was_missed_and_not_what_was_accused() -> None:
    right = faults._right(19)
    other = next(letter for letter in abstracts.LETTERS if letter not in right)
    verdict = q.faults.check({"number": 19, "letters": right[1:] + other})
    assert verdict.misconception is not None
    assert f"{other}:" not in str(verdict)


def test_the_example_is_nobodys_own() -> None:
    number = abstracts.EXAMPLE
    assert q.faults.check({"number": number, "letters": faults._right(number)}).status == "fail"


# ---- what the others rest on ---------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wide_matching_is_the_auc(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels, scores = rng.integers(0, 2, 50), rng.integers(0, 9, 50).astype(float)
    found = q.matched_auc.right(labels, scores, rng.uniform(20, 90, 50), 1000)
    assert found == pytest.approx(roc_auc_score(labels, scores))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_attack_beats_every_control(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image, mask = rng.uniform(0.2, 0.8, (9, 9)), np.ones((9, 9), bool)
    for ill in (True, False):
        got = q.attacked.right(image, mask, 1.0, ill, 0.02, rng.choice([-1, 1], (50, 9, 9)))
        assert (got["attack"] < 0) == ill
        assert abs(got["attack"]) > 10 * abs(got["control"])
        assert np.abs(got["image"] - image).max() <= 0.02 + 1e-12


def test_two_of_three_classes_are_the_lectures_formula_and_twice_scikit_learns_score() -> None:
    rng = np.random.default_rng(0)
    one = rng.uniform(0.05, 0.95, 40)
    labels = rng.permutation(np.arange(40) % 2)
    p = np.column_stack([1 - one, one, np.full(40, 1e-12)])
    got = q.carried_over.right(p, np.array([0.5, 0.5, 1]), np.array([0.9, 0.1, 1]), labels)
    odds = one / (1 - one) * (0.1 / 0.9)
    np.testing.assert_allclose(got["probabilities"][:, 1], odds / (1 + odds), atol=1e-9)
    weights = np.where(labels == 1, 0.1, 0.9)
    twice = 2 * brier_score_loss(labels, odds / (1 + odds), sample_weight=weights)
    assert got["brier"] == pytest.approx(twice, abs=1e-9)


def test_sorting_a_list_moves_minutes_and_makes_none() -> None:
    """Where all scans take the same time, the sum of the waits does not depend on the order."""
    rng = np.random.default_rng(0)
    arrive = np.cumsum(rng.exponential(6, 300))
    level = rng.integers(0, 3, 300)
    waits = [
        q.two_readers.right(arrive, np.full(300, 11.0), order, 2) for order in (level, 0 * level)
    ]
    assert waits[0].sum() == pytest.approx(waits[1].sum())
    assert waits[0][level == 0].mean() < waits[1][level == 0].mean()


def test_the_sums_of_the_plan_are_the_textbooks() -> None:
    """The reference uses a closed form; here is the loop."""
    rng = np.random.default_rng(3)
    reference, drift = rng.normal(3, 0.5, 60), 0.3
    picks = rng.integers(0, 60, (20, 80))
    z, shift = (reference - reference.mean()) / reference.std(), drift / reference.std()

    def lengths(runs: np.ndarray, h: float) -> tuple[list[int], int]:
        found, rang = [], 0
        for run in runs:
            up = down = 0.0
            length = 0
            for one in run:
                length += 1
                up, down = max(0, up + one - shift / 2), max(0, down - one - shift / 2)
                if up > h or down > h:
                    rang += 1
                    break
            found.append(length)
        return found, rang

    when, rang = lengths(z[picks], 3.0)
    late, _ = lengths(z[picks] + shift, 3.0)
    cost = 10_000 * rang / sum(when) * 7 + 5 * np.mean(late)
    got = q.plan.right(reference, drift, picks, np.array([3.0]), 7, 5)
    assert got["cost"] == pytest.approx(cost)


@pytest.mark.parametrize("seed", SEEDS)
def test_recalibration_makes_the_sum_right(seed: int) -> None:
    rng = np.random.default_rng(seed)
    told, outcome = rng.uniform(0.05, 0.95, 80), rng.integers(0, 2, 80)
    moved = q.recalibrated.right(told, outcome, told)
    assert moved.mean() == pytest.approx(outcome.mean())
    assert np.array_equal(np.argsort(moved), np.argsort(told))


# ---- what the lecture's code would earn --------------------------------------------------------


def _lectures_waits(arrive: Any, minutes: Any, level: Any, readers: int) -> Any:
    return sys.modules[f"mlmi_course.questions.{UNIT}.two_readers"]._waits(
        arrive, minutes, level, 1
    )


def _by_strata(labels: Any, scores: Any, ages: Any, years: float) -> float:
    """The stratified AUC of the lecture, with boxes of age for strata."""
    right = pairs = 0.0
    boxes = np.asarray(ages) // years
    for box in np.unique(boxes):
        here = boxes == box
        n = labels[here].sum() * (1 - labels[here]).sum()
        if n:
            right += n * roc_auc_score(labels[here], scores[here])
            pairs += n
    return right / pairs if pairs else float("nan")


def _two_classes(p: Any, trained: Any, here: Any, labels: Any) -> dict[str, Any]:
    odds = p / (1 - p) * (here / (1 - here)) / (trained / (1 - trained))
    moved = odds / (1 + odds)
    return {"probabilities": moved, "brier": float(np.mean((moved - np.eye(3)[labels]) ** 2))}


PASTED = {
    "two_readers": _lectures_waits,
    "matched_auc": _by_strata,
    "carried_over": _two_classes,
}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"{UNIT}-{name}") for name in PASTED])
def test_the_lectures_code_is_no_answer(name: str) -> None:
    for seed in range(3):
        verdict = getattr(q, name).verdict(PASTED[name], np.random.default_rng(seed))
        assert verdict.status == "fail"


LAB = Path(__file__).resolve().parents[2] / "course" / "19_pitfalls" / "lab.py"
COLLEAGUES = {"matched_auc": "colleagues_matched", "two_readers": "colleagues_waits"}


@pytest.mark.parametrize("name", [pytest.param(name, id=f"{UNIT}-{name}") for name in COLLEAGUES])
def test_what_is_to_be_mended_is_told_so(name: str) -> None:
    body = ast.parse(LAB.read_text(encoding="utf-8")).body
    node = next(n for n in body if isinstance(n, ast.FunctionDef) and n.name == COLLEAGUES[name])
    scope: dict[str, Any] = {"np": np}
    exec(compile(ast.Module([node], []), "lab.py", "exec"), scope)

    def unmended(*arguments: Any) -> Any:
        try:
            return scope[COLLEAGUES[name]](*arguments)
        except ZeroDivisionError:
            return float("nan")

    for seed in range(5):
        verdict = getattr(q, name).verdict(unmended, np.random.default_rng(seed))
        assert verdict.misconception == "unmended"
