"""What a student is told: never less, and never anything that is not so."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlmi_course.checks import FunctionQuestion, Misconception, ModelQuestion, ValueQuestion
from mlmi_course.checks.comparing import difference, rounding
from mlmi_course.checks.lectures import address
from mlmi_course.checks.messages import Message, Verbatim, plain, prose_html

BOUND = "The bound, for `any` start"


def _root(x: float) -> float:
    return x**0.5


def _roots(**changes: object) -> FunctionQuestion:
    settings: dict[str, object] = {
        "title": "The root",
        "inputs": lambda rng: [(2.0,), (3.0,), (5.0,)],
        "reference": _root,
        "misconceptions": {"half": Misconception(lambda x: x / 2, "That is *half* of `x * 1`.")},
        "hints": ("Look at **both** of `a * b`, and *not* at 2 * 3.",),
        "see": "Roots",
    }
    question = FunctionQuestion(**{**settings, **changes})  # type: ignore[arg-type]
    question.name = "root"
    return question


def _rounded(value):
    return {"a": np.round(value["a"], 2)} if isinstance(value, dict) else np.round(value, 2)


def unwritten(x):
    raise NotImplementedError


class TestUnwritten:
    def test_a_helper_that_is_not_written_is_named(self) -> None:
        def root(x):
            return unwritten(x) + 1

        verdict = _roots().check(root)
        assert verdict.status == "fail"
        assert "a call of `unwritten`, which still says `raise NotImplementedError`" in str(verdict)
        assert "in the line “return unwritten(x) + 1”" in str(verdict)

    def test_also_behind_another_helper(self) -> None:
        def between(x):
            return unwritten(x)

        assert "a call of `unwritten`" in str(_roots().check(lambda x: between(x)))

    def test_a_blank_within_the_answer_is_its_own(self) -> None:
        def root(x):
            def inner():
                raise NotImplementedError

            return inner()

        assert _roots().check(root).status == "not attempted"

    def test_a_model_that_calls_one(self) -> None:
        question = ModelQuestion(
            title="t",
            draw=lambda rng: (np.zeros(3), np.zeros(3)),
            metric=lambda labels, predictions: 1.0,
            threshold=0.5,
            chance=0.0,
        )
        verdict = question.check(lambda images: unwritten(images))
        assert verdict.status == "fail"
        assert "a call of `unwritten`" in str(verdict)


def _for_ever(x):
    while True:
        pass


def _for_ever_and_swallowing(x):
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            if time.monotonic() > _for_ever_and_swallowing.until:
                raise


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="nothing can be interrupted here")
class TestEndless:
    @staticmethod
    def impatient() -> FunctionQuestion:
        question = _roots()
        question.patience_s = 0.3
        return question

    def test_an_endless_loop_stops_with_a_message(self) -> None:
        told = str(self.impatient().check(_for_ever))
        assert "✗ 0/1" in told
        assert "after 0.3 s of computing it had not come to an end" in told
        assert "Does a loop never stop?" in told
        assert "in the line “" in told

    def test_one_that_swallows_exceptions_is_stopped_again(self) -> None:
        _for_ever_and_swallowing.until = time.monotonic() + 2
        assert "had not come to an end" in str(self.impatient().check(_for_ever_and_swallowing))

    def test_the_limit_is_ten_seconds(self) -> None:
        assert _roots().patience_s == 10

    def test_a_slow_answer_is_not_stopped_while_others_keep_the_machine_busy(self) -> None:
        """What counts is computing: a process that waits for a processor does not compute."""

        def waits(x):
            time.sleep(0.5)
            return x**0.5

        assert self.impatient().check(waits).status == "pass"

    def test_a_library_is_not_interrupted_while_it_is_imported(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first call of TensorFlow takes longer than an answer may, and half of it is none."""
        slow = "import time\nstart = time.process_time()\n"
        slow += "while time.process_time() < start + 1: pass\nroot = lambda x: x ** 0.5\n"
        (tmp_path / "a_slow_library.py").write_text(slow)
        monkeypatch.syspath_prepend(tmp_path)

        def root(x):
            import a_slow_library

            return a_slow_library.root(x)

        assert self.impatient().check(root).status == "pass"

        def endless(x):
            import a_slow_library

            while a_slow_library:
                pass

        assert "had not come to an end" in str(self.impatient().check(endless))

    def test_handler_and_timer_of_others_are_as_before(self) -> None:
        rung = []
        before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
        try:
            signal.setitimer(signal.ITIMER_REAL, 60)
            self.impatient().check(_for_ever)
            assert 50 < signal.setitimer(signal.ITIMER_REAL, 0)[0] <= 60
            os.kill(os.getpid(), signal.SIGALRM)
            assert rung == [1]
        finally:
            signal.signal(signal.SIGALRM, before)

    def test_a_grader_is_not_disturbed(self) -> None:
        """A verdict, unlike a check, sets no timer: the referee has limits of its own."""
        timers = []

        def looks(x):
            timers.append(signal.getitimer(signal.ITIMER_REAL)[0])
            return x**0.5

        question = self.impatient()
        question.verdict(looks, np.random.default_rng(0))
        assert timers == [0, 0, 0]
        question.check(looks)
        assert all(left > 0 for left in timers[3:])

    def test_in_another_thread_the_answer_runs_without_a_limit(self) -> None:
        verdicts = []
        thread = threading.Thread(target=lambda: verdicts.append(self.impatient().check(_root)))
        thread.start()
        thread.join()
        assert verdicts[0].status == "pass"

    def test_a_picture_that_never_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("mlmi_course.checks.question._PICTURE_S", 0.3)
        question = _roots(picture=lambda answer: answer(1.0))
        assert "had not come to an end" in str(question.show(_for_ever))


class TestRounding:
    def test_a_rounded_answer_is_told_so(self) -> None:
        told = str(_roots().check(lambda x: round(x**0.5, 3)))
        assert "✗ 0/1" in told
        assert "That is right, but rounded to 3 decimals" in told

    def test_arrays_and_dictionaries(self) -> None:
        for form in (lambda x: np.array([x**0.5, x / 7]), lambda x: {"a": [x**0.5, x / 7]}):
            question = _roots(reference=form, misconceptions={})
            told = str(question.check(lambda x, form=form: _rounded(form(x))))
            assert "rounded to 2 decimals" in told

    @pytest.mark.parametrize("answer", [lambda x: 1.4, lambda x: round(x**0.5 + 0.1, 3)])
    def test_no_other_answer_is(self, answer) -> None:
        assert "rounded" not in str(_roots().check(answer))

    def test_one_whole_number_may_be_chance(self) -> None:
        question = _roots(inputs=lambda rng: [(8.5,)], misconceptions={})
        assert "rounded" not in str(question.check(lambda x: 3))

    def test_a_value(self) -> None:
        question = ValueQuestion(title="t", reference=lambda: 84.6683, tolerance=1e-7)
        assert "rounded to 1 decimal," in str(question.check(84.7))
        assert "rounded" not in str(question.check(85))  # may be a guess, and would be told so
        assert "rounded" not in str(question.check(84.6))

    def test_digits(self) -> None:
        assert rounding([123.456, 0.123456], [123.0, 0.123]) == "to 3 digits"
        assert rounding({"a": 0.5, "b": [0.126, np.nan]}, {"a": 0.5, "b": [0.13, np.nan]}) == (
            "to 2 decimals"
        )
        assert rounding([1.0, 2.0], [1.0, 2.0]) is None
        assert rounding("text", "text") is None


class TestNothingLooksIdentical:
    @pytest.mark.parametrize(
        ("expected", "got"),
        [
            (0.123456789, 0.123456),
            (1234567.25, 1234567.5),
            (np.array([0.12345678, 1.0]), np.array([0.12345, 1.0])),
            ([0.12345678, "a"], [0.1234561, "a"]),
            ({"dice": 0.8000004}, {"dice": 0.8000051}),
            (np.linspace(0, 1, 200), np.linspace(0, 1.00001, 200)),
            (0.1 + 0.2, 0.3),
            ("a" * 500 + "b", "a" * 500 + "c"),
        ],
    )
    def test_expected_and_yours(self, expected: object, got: object) -> None:
        question = _roots(
            inputs=lambda rng: [(1,)],
            reference=lambda x: expected,
            misconceptions={},
            tolerance=1e-17,
        )
        lines = str(question.check(lambda x: got)).splitlines()
        if isinstance(expected, str):
            assert "from character 500 on: expected 'b', got 'c'" in lines[1]
            return
        shown = [line.partition(": ")[2] for line in lines if line.startswith(("  exp", "  yours"))]
        assert len(set(shown)) == 2, shown

    def test_six_digits_where_they_are_enough(self) -> None:
        assert "yours: 0.333333" in str(_roots(misconceptions={}).check(lambda x: 1 / 3))


class TestRightAnswersOfAnotherForm:
    """What is right stays right in whatever container it comes."""

    @pytest.mark.parametrize(
        ("expected", "got"),
        [
            (1.5, np.float32(1.5)),
            (1.5, np.array(1.5)),
            (1.5, pd.Series([1.5])),
            (1.5, Fraction(3, 2)),
            (True, np.True_),
            (1, True),
            (np.array([1.0, 2.0]), pd.Series([1.0, 2.0], index=[5, 7])),
            (np.array([1.0, np.nan]), pd.array([1.0, None], dtype="Float64").to_numpy(float)),
            (np.array([1, 2]), (1, 2)),
            (np.array([1.5, 2.0]), [Fraction(3, 2), 2]),
            (np.array([1.0, np.nan]), np.ma.array([1.0, 3.0], mask=[False, True])),
            (np.array([True, False]), [np.True_, False]),
            (np.ones((2, 2)), pd.DataFrame(np.ones((2, 2)))),
            ([1, 2, 3], range(1, 4)),
            ([1, 2, 3], {1: 0, 2: 0, 3: 0}.keys()),
            (["a", "b"], pd.Series(["a", "b"])),
            (["a", "b"], pd.Index(["a", "b"])),
            (["a", "b"], np.array(["a", "b"])),
            ((1.0, 2.0), np.array([1.0, 2.0])),
            ({"a": 1, "b": 2}, pd.Series({"b": 2, "a": 1})),
            ({"a": np.array([1, 2])}, pd.DataFrame({"a": [1, 2]})),
        ],
    )
    def test_equal(self, expected: object, got: object) -> None:
        assert difference(expected, got) is None

    @pytest.mark.parametrize(
        ("expected", "got"),
        [
            (1.5, "1.5"),
            (np.array([1.0, 2.0]), ["1", "2"]),
            (np.array([1.0, 2.0]), np.array(["1", "2"], dtype=object)),
            (["1"], [1]),
            ({"a": 1}, pd.Series([1])),
            ([1, 2], {1, 2}),
            (np.array([1.0, np.nan]), np.ma.array([1.0, 3.0])),
        ],
    )
    def test_not_equal(self, expected: object, got: object) -> None:
        assert difference(expected, got) is not None


class TestMarks:
    @pytest.mark.parametrize(
        ("text", "html", "without"),
        [
            ("*one* **two**", "<em>one</em> <strong>two</strong>", "one two"),
            ("(*one*), two", "(<em>one</em>), two", "(one), two"),
            ("2 * 3 * 4 and 2*3*4", None, None),
            ("`a*b*c` *x*", "<code>a*b*c</code> <em>x</em>", "`a*b*c` x"),
            ("*the `a * b` of it*", "<em>the <code>a * b</code> of it</em>", "the `a * b` of it"),
            ("f(*args, **names)", None, None),
            ("x**2 + y**2", None, None),
            ("*<b>*", "<em>&lt;b&gt;</em>", "<b>"),
        ],
    )
    def test_prose(self, text: str, html: str | None, without: str | None) -> None:
        assert prose_html(text) == (html or text)
        assert plain(text) == (without or text)

    def test_hints_and_messages_have_no_literal_asterisks(self) -> None:
        hint = _roots().hint()
        assert str(hint).endswith("Look at both of `a * b`, and not at 2 * 3.")
        assert "<strong>both</strong> of <code>a * b</code>, and <em>not</em> at 2 * 3." in (
            hint._repr_html_()
        )
        verdict = _roots().check(lambda x: x / 2)
        assert "That is half of `x * 1`." in str(verdict)
        assert "<em>half</em>" in verdict._repr_html_()

    def test_code_of_a_student_is_left_as_it_is(self) -> None:
        message = Message.of(Verbatim("In the line “f(*a) + g(*b)*c”."))
        assert "f(*a) + g(*b)*c" in message.text
        assert "f(*a) + g(*b)*c" in message.html


class TestReadOn:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        cells = [
            {"cell_type": "markdown", "source": ["# 01 · Roots\n", "\n", "## Roots (5 min)\n"]},
            {"cell_type": "code", "source": ["## Roots\n"]},
            {
                "cell_type": "markdown",
                "source": ["### The bound, for `any` start (12 min, deeper)"],
            },
        ]
        (tmp_path / "lectures").mkdir()
        (tmp_path / "exercises").mkdir()
        (tmp_path / "lectures" / "01_roots.ipynb").write_text(json.dumps({"cells": cells}))
        monkeypatch.chdir(tmp_path / "exercises")
        return tmp_path

    def test_it_leads_to_the_heading(self, folder: Path) -> None:
        question = _roots()
        question.unit = "u01_roots"
        verdict = question.check(lambda x: 0)
        link = '<a href="../lectures/01_roots.ipynb#Roots-(5-min)">Roots</a>'
        assert f"Read on in the lecture: “{link}”." in verdict._repr_html_()
        assert "Read on in the lecture: “Roots”." in str(verdict)

    def test_marks_and_minutes(self, folder: Path) -> None:
        assert address("u01_roots", BOUND) == (
            "../lectures/01_roots.ipynb#The-bound%2C-for-any-start-(12-min%2C-deeper)"
        )

    def test_a_heading_that_is_gone_leads_to_the_lecture(self, folder: Path) -> None:
        assert address("u01_roots", "Other") == "../lectures/01_roots.ipynb"

    def test_where_no_lecture_lies_there_is_no_link(self, folder: Path) -> None:
        question = _roots()
        question.unit = "u02_other"
        told = question.check(lambda x: 0)._repr_html_()
        assert "<a " not in told
        assert "Read on in the lecture: “Roots”." in told

    def test_a_damaged_lecture_is_no_obstacle(self, folder: Path) -> None:
        (folder / "lectures" / "01_roots.ipynb").write_text("{")
        assert address("u01_roots", "Roots") == ""

    def test_a_grader_gets_no_link(self, folder: Path) -> None:
        question = _roots()
        question.unit = "u01_roots"
        verdict = question.verdict(lambda x: 0, np.random.default_rng(0))
        assert "<a " not in verdict._repr_html_()


class TestAHairBelow:
    """A model as good as the bar, but for luck."""

    @staticmethod
    def question(**changes: object) -> ModelQuestion:
        settings: dict[str, object] = {
            "title": "Half of them",
            "points": 4,
            "draw": lambda rng: (np.arange(100), np.arange(100) % 2),
            "metric": lambda labels, predictions: float(np.mean(labels == predictions)),
            "threshold": 0.9,
            "chance": 0.5,
            "misconceptions": {"ones": Misconception(lambda images: np.ones(100), "Always one.")},
        }
        return ModelQuestion(**{**settings, **changes})  # type: ignore[arg-type]

    @staticmethod
    def right_on(n: int):
        return lambda images: np.where(np.arange(100) < n, images % 2, 1 - images % 2)

    @pytest.mark.parametrize("noise", [0.02, lambda images, labels: 0.02, None])
    def test_it_is_told_kindly(self, noise: object) -> None:
        verdict = self.question(noise=noise).check(self.right_on(89))
        assert str(verdict).startswith("≈ 3.9/4")
        assert "✗" not in str(verdict) + verdict._repr_html_()
        assert "within the noise of training" in str(verdict)
        assert "Read on" not in str(verdict)
        assert (verdict.points, verdict.out_of) == (3.9, 4)

    @pytest.mark.parametrize("noise", [0.02, None])
    def test_a_worse_one_is_not(self, noise: object) -> None:
        verdict = self.question(noise=noise).check(self.right_on(80))
        assert str(verdict).startswith("✗ 3/4")
        assert not verdict.near

    def test_a_known_mistake_is_one_however_near(self) -> None:
        verdict = self.question(noise=1.0).check(lambda images: np.ones(100))
        assert verdict.misconception == "ones"
        assert str(verdict).startswith("✗")

    def test_a_metric_that_cannot_be_resampled(self) -> None:
        question = self.question(
            draw=lambda rng: (np.arange(100), {"labels": np.arange(100) % 2}),
            metric=lambda labels, predictions: float(np.mean(labels["labels"] == predictions)),
        )
        assert str(question.check(self.right_on(89))).startswith("✗ 3.9/4")
