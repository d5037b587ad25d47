"""Inputs are drawn until every known mistake shows, and a mistake gets the name that it has."""

from __future__ import annotations

import numpy as np
import pytest

from mlmi_course.checks import AnswerRaised, Case, FunctionQuestion, Misconception
from mlmi_course.checks.trials import Replies

SEEDS = range(200)


def _largest_of_three(**changes: object) -> FunctionQuestion:
    """Its mistakes hide whenever the largest of three numbers happens to stand first, or last."""
    settings: dict[str, object] = {
        "title": "The largest of three",
        "inputs": lambda rng: [Case((rng.permutation([1.0, 5.0, 9.0]),)) for _ in range(3)],
        "reference": lambda x: float(max(x)),
        "misconceptions": {
            "first": Misconception(lambda x: float(x[0]), "That is the first."),
            "last": Misconception(lambda x: float(x[-1]), "That is the last."),
            "middle": Misconception(lambda x: float(np.median(x)), "That is the median."),
        },
    }
    return FunctionQuestion(**{**settings, **changes})  # type: ignore[arg-type]


def _luck(question: FunctionQuestion) -> dict[str, int]:
    """On how many of 200 seeds each known wrong answer passes, or gets another's name."""
    lucky = dict.fromkeys(question.misconceptions, 0)
    for seed in SEEDS:
        for name, wrong in question.misconceptions.items():
            verdict = question.verdict(wrong.answer, np.random.default_rng(seed))
            lucky[name] += verdict.misconception != name
    return lucky


def test_without_redrawing_luck_decides() -> None:
    question = _largest_of_three()
    question.most_draws = 1
    lucky = _luck(question)
    assert min(lucky.values()) > 3, lucky  # 1 of 27 has the largest in one place three times
    unfair = next(seed for seed in SEEDS if question._settle(np.random.default_rng(seed)).untold)
    with pytest.raises(ValueError, match="of up to 1 draws none tells"):
        question.trial(np.random.default_rng(unfair))


def test_with_redrawing_nobody_is_lucky() -> None:
    assert _luck(_largest_of_three()) == {"first": 0, "last": 0, "middle": 0}


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_the_draw_hangs_on_the_generator_alone(seed: int) -> None:
    """Another process, another question object, another answer before: the same inputs."""
    seen: list[list[float]] = []

    def looks(x: np.ndarray) -> float:
        seen.append(x.tolist())
        return float(max(x))

    again = _largest_of_three()
    again.verdict(min, np.random.default_rng(seed))
    for question in (_largest_of_three(), again):
        assert question.verdict(looks, np.random.default_rng(seed)).status == "pass"
    assert seen[:3] == seen[3:]


def test_a_class_is_judged_on_one_draw_that_is_computed_once() -> None:
    asked = []
    question = _largest_of_three(reference=lambda x: asked.append(1) or float(max(x)))
    for _ in range(30):
        question.verdict(lambda x: float(max(x)), np.random.default_rng(7))
    assert len(asked) < 30


def test_a_generator_that_goes_on_draws_other_inputs() -> None:
    """The second verdict with one generator is no copy of the first, cached or not."""
    question = _largest_of_three(inputs=lambda rng: [(rng.permutation([1.0, 5.0, 9.0, 11.0]),)])
    draws = []
    for _ in range(2):
        rng = np.random.default_rng(3)
        draws.append([question.trial(rng).cases[0].arguments[0].tolist() for _ in range(6)])
    assert draws[0] == draws[1]
    assert len({tuple(draw) for draw in draws[0]}) > 1


def test_the_author_is_told_which_mistake_never_shows() -> None:
    question = _largest_of_three(
        misconceptions={
            "sorted_first": Misconception(lambda x: float(sorted(x)[-1]), "This is no mistake."),
            "first": Misconception(lambda x: float(x[0]), "That is the first."),
        }
    )
    question.name = "largest"
    with pytest.raises(ValueError, match=r"(?s)^largest: .*'sorted_first' is taken for the right"):
        question.trial(np.random.default_rng(0))
    # A student is judged all the same.
    assert question.check(lambda x: float(max(x))).status == "pass"


def test_the_author_is_told_of_two_names_for_one_mistake() -> None:
    twice = {
        "first": Misconception(lambda x: float(x[0]), "That is the first."),
        "at_zero": Misconception(lambda x: float(np.asarray(x).ravel()[0]), "That is number 0."),
    }
    with pytest.raises(ValueError, match="'at_zero' is taken for first"):
        _largest_of_three(misconceptions=twice).trial(np.random.default_rng(0))


def test_inputs_without_luck_are_not_drawn_again() -> None:
    drawn = []
    question = _largest_of_three(inputs=lambda rng: drawn.append(1) or [([9.0, 1.0, 9.0],)])
    question.check(lambda x: 9.0)
    assert len(drawn) == 1


class TestNames:
    """A mistake must explain every reply; no other is named."""

    @staticmethod
    def question(**changes: object) -> FunctionQuestion:
        """The mean of what is above a limit, 0 if nothing is."""

        def reference(x: np.ndarray, limit: float) -> float:
            return float(x[x > limit].mean()) if (x > limit).any() else 0.0

        settings: dict[str, object] = {
            "title": "Mean above a limit",
            "inputs": lambda rng: [
                Case((rng.normal(size=9), -9.0), "a limit below everything"),
                Case((np.append(rng.normal(size=9), 0.5), 0.0)),
                Case((np.array([1.0, 2.0, 3.0]), 2.0), "a number at the limit"),
                Case((np.array([1.0, 2.0]), 5.0), "nothing above"),
            ],
            "reference": reference,
            "misconceptions": {
                "of_all": Misconception(lambda x, limit: float(x.mean()), "Of all."),
                "at_the_limit": Misconception(
                    lambda x, limit: float(x[x >= limit].mean()) if (x >= limit).any() else 0.0,
                    "At the limit.",
                ),
                "nan": Misconception(
                    lambda x, limit: reference(x, limit) if (x > limit).any() else float("nan"),
                    "A nan.",
                ),
            },
        }
        return FunctionQuestion(**{**settings, **changes})  # type: ignore[arg-type]

    def test_one_coincidence_is_no_name(self) -> None:
        """Equal to the mean of all where it first fails, and right where that would be wrong."""

        def by_sign(x: np.ndarray, limit: float) -> float:
            if limit == 0:
                return float(x.mean())
            return float(x[x > limit].mean()) if (x > limit).any() else 0.0

        verdict = self.question().check(by_sign)
        assert (verdict.status, verdict.misconception) == ("fail", None)

    def test_breaking_down_at_an_edge_does_not_hide_a_mistake(self) -> None:
        def at_limit_and_careless(x: np.ndarray, limit: float) -> float:
            return float(x[x >= limit].mean())  # nan where nothing is above

        def at_limit_and_raises(x: np.ndarray, limit: float) -> float:
            return sum(x[x >= limit].tolist()) / len(x[x >= limit])

        for answer in (at_limit_and_careless, at_limit_and_raises):
            assert self.question().check(answer).misconception == "at_the_limit"

    def test_another_value_at_an_edge_is_another_mistake(self) -> None:
        def at_limit_and_minus_one(x: np.ndarray, limit: float) -> float:
            return float(x[x >= limit].mean()) if (x >= limit).any() else -1.0

        assert self.question().check(at_limit_and_minus_one).misconception is None

    def test_an_answer_is_called_once_for_each_case(self) -> None:
        """A grader pays for each call, and a random answer would not agree with itself."""
        calls = []

        def of_all(x: np.ndarray, limit: float) -> float:
            calls.append(1)
            return float(x.mean())

        assert self.question().check(of_all).misconception == "of_all"
        assert len(calls) == 4

    def test_after_a_lost_process_nothing_more_is_asked(self) -> None:
        calls = []

        class Lost:
            def __call__(self, x: np.ndarray, limit: float) -> float:
                calls.append(1)
                if len(calls) > 2:
                    raise AnswerRaised("the process was lost")
                return float(x.mean())

        verdict = self.question().verdict(Lost(), np.random.default_rng(0))
        assert verdict.misconception == "of_all"
        assert len(calls) == 3


def test_replies_are_asked_for_when_they_are_needed() -> None:
    calls = []
    replies = Replies(lambda x: calls.append(x) or x, [Case((1,)), Case((2,))])
    assert (replies[1].value, replies[1].value) == (2, 2)
    assert calls == [2]
