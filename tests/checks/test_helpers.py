"""Answers that call the answer to an earlier question, which may be wrong, or not written yet."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from mlmi_course.checks import FunctionQuestion, ModelQuestion, asks
from mlmi_course.checks.helpers import helpers_of


@asks(points=1)
def doubled(x):
    """Twice the number"""
    return 2 * x


@doubled.inputs
def numbers(rng):
    yield (int(rng.integers(3, 9)),)


@asks(points=1)
def quadrupled(x):
    """Four times the number"""
    return 4 * x


quadrupled.inputs(numbers)


@quadrupled.mistake
def squared(x):
    """That is the square."""
    return x * x


doubled.others = quadrupled.others = {"doubled": doubled, "quadrupled": quadrupled}

WRONG = "def doubled(x):\n    return x"
UNWRITTEN = "def doubled(x):\n    raise NotImplementedError"
LATER = "def quadrupled(x):\n    return doubled(doubled(x))"


def _notebook(*cells: str, **there: Any) -> dict[str, Any]:
    scope: dict[str, Any] = {"np": np, **there}
    for cell in cells:
        exec(cell, scope)
    return scope


class TestHelpers:
    def test_a_wrong_helper_is_named_and_nothing_else(self) -> None:
        root = "def doubled(x):\n    return x ** 2 ** 0.5"  # twice makes the square
        for first in (WRONG, root):
            verdict = quadrupled.check(_notebook(first, LATER)["quadrupled"])
            assert (verdict.status, verdict.misconception) == ("fail", None)
            assert "calls `doubled`, and the check of that one does not pass yet" in str(verdict)
            assert "expected" in str(verdict)

    def test_where_the_helper_is_right_the_mistake_is_the_answers(self) -> None:
        right = "def doubled(x):\n    return x + x"
        later = "def quadrupled(x):\n    return x * doubled(x) / 2"
        verdict = quadrupled.check(_notebook(right, later)["quadrupled"])
        assert verdict.misconception == "squared"
        assert "doubled" not in str(verdict)

    def test_a_right_answer_passes_whatever_it_calls(self) -> None:
        later = "def quadrupled(x):\n    return 4 * doubled(x)"
        assert quadrupled.check(_notebook(WRONG, later)["quadrupled"]).status == "pass"

    def test_a_helper_that_is_not_written(self) -> None:
        verdict = quadrupled.check(_notebook(UNWRITTEN, LATER)["quadrupled"])
        assert verdict.status == "fail"
        assert "a call of `doubled`, which still says `raise NotImplementedError`" in str(verdict)
        assert "does not pass yet" not in str(verdict), "it was said already"

    def test_also_where_the_answer_swallows_it(self) -> None:
        later = (
            "def quadrupled(x):\n    try:\n        return doubled(doubled(x))\n"
            "    except Exception:\n        return x * x"
        )
        verdict = quadrupled.check(_notebook(UNWRITTEN, later)["quadrupled"])
        assert (verdict.status, verdict.misconception) == ("fail", None)
        assert "calls `doubled`" in str(verdict)

    def test_a_helper_that_breaks_down(self) -> None:
        broken = "def doubled(x):\n    return [][x]"
        verdict = quadrupled.check(_notebook(broken, LATER)["quadrupled"])
        assert "IndexError" in str(verdict)
        assert "calls `doubled`" in str(verdict)

    def test_behind_a_function_of_the_students_own(self) -> None:
        between = "def twice(f, x):\n    return f(f(x))"
        later = "def quadrupled(x):\n    return [twice(lambda y: doubled(y), x)][0]"
        verdict = quadrupled.check(_notebook(WRONG, between, later)["quadrupled"])
        assert "calls `doubled`" in str(verdict)

    def test_two_that_call_each_other_come_to_an_end(self) -> None:
        scope = _notebook(
            "def doubled(x):\n    return x if x < 99 else quadrupled(x)",
            "def quadrupled(x):\n    return x if x < 99 else doubled(x)",
        )
        assert "calls `doubled`" in str(quadrupled.check(scope["quadrupled"]))
        assert "calls `quadrupled`" in str(doubled.check(scope["doubled"]))

    def test_a_model_that_calls_one(self) -> None:
        model = ModelQuestion(
            title="t",
            draw=lambda rng: (np.arange(4), np.arange(4)),
            metric=lambda labels, predictions: float(np.mean(labels == predictions)),
            threshold=0.9,
            chance=0.0,
        )
        model.others = doubled.others

        @model.mistake
        def nothing(images):
            """All are 0."""
            return 0 * images

        predict = "def predict(images):\n    return 0 * doubled(images)"
        verdict = model.check(_notebook(WRONG, predict)["predict"])
        assert (verdict.misconception, verdict.points) == (None, 0.27)
        assert "calls `doubled`" in str(verdict)
        right = "def doubled(x):\n    return x + x"
        assert model.check(_notebook(right, predict)["predict"]).misconception == "nothing"

    def test_a_grader_goes_by_the_replies_alone(self) -> None:
        answer = _notebook(WRONG, LATER)["quadrupled"]
        verdict = quadrupled.verdict(answer, np.random.default_rng(0))
        assert "calls `doubled`" not in str(verdict)

    def test_what_is_imported_is_no_helper(self) -> None:
        scope = _notebook(LATER, doubled=np.square)
        assert helpers_of(scope["quadrupled"]) == {}
        assert helpers_of(np.square) == {}
        assert helpers_of(print) == {}


UNITS = {"slice_order": "u01_medical_images", "saliency": "u13_explainability"}
STEP = """
def slice_step(headers):
    normal = np.cross(*np.reshape(headers[0]["ImageOrientationPatient"], (2, 3)))
    places = [headers[i]["ImagePositionPatient"] @ normal for i in slice_order(headers)]
    return float(np.median(np.diff(places)))
"""
SHARES = """
def integrated_gradients(image, baseline, weights, biases, output_weights, steps):
    way = image - baseline
    along = [baseline + (k + 0.5) / steps * way for k in range(steps)]
    return way * np.mean([saliency(x, weights, biases, output_weights, 1) for x in along], axis=0)
"""
CHAINS = [("slice_order", "slice_step", STEP), ("saliency", "integrated_gradients", SHARES)]


@pytest.mark.parametrize(("earlier", "later", "text"), CHAINS)
def test_the_units_questions_that_build_on_others(earlier: str, later: str, text: str) -> None:
    """None is named that was not made, and the right earlier answer is never blamed."""
    module = import_module(f"mlmi_course.questions.{UNITS[earlier]}")
    first, second = getattr(module, earlier), getattr(module, later)
    calls = f"def {earlier}(*given):\n    return answer(*given)"
    unwritten = f"def {earlier}(*given):\n    raise NotImplementedError"
    verdict = second.check(_notebook(unwritten, text)[later])
    assert verdict.status == "fail"
    assert f"a call of `{earlier}`, which still says" in str(verdict)
    for name, wrong in first.misconceptions.items():
        verdict = second.check(_notebook(calls, text, answer=wrong.answer)[later])
        if verdict.status != "pass":  # a saliency map with its signs serves well here
            assert verdict.misconception is None, name
            assert f"calls `{earlier}`" in str(verdict), name
    verdict = second.check(_notebook(calls, text, answer=first.right)[later])
    assert f"calls `{earlier}`" not in str(verdict)
    assert verdict.misconception == ("of_saliency_maps" if earlier == "saliency" else None)


def test_every_function_question_knows_the_others_of_its_unit() -> None:
    module = import_module("mlmi_course.questions.u05_perceptrons")
    assert isinstance(module.backward, FunctionQuestion)
    assert module.call_back.others["backward"] is module.backward
