"""The four kinds of question: what passes, what fails, and what is said."""

from __future__ import annotations

import numpy as np
import pytest

from mlmi_course.checks import (
    AnswerRaised,
    Case,
    FunctionQuestion,
    Misconception,
    ModelQuestion,
    NotAttempted,
    Question,
    ThoughtQuestion,
    ValueQuestion,
)


def _mean_question(**changes: object) -> FunctionQuestion:
    settings: dict[str, object] = {
        "title": "Mean inside a mask",
        "points": 2,
        "inputs": lambda rng: [
            Case((rng.normal(size=(3, 4)), np.eye(3, 4, dtype=bool)), "a diagonal mask"),
            Case((rng.normal(size=(3, 4)), np.zeros((3, 4), bool)), "an empty mask"),
        ],
        "reference": _mean_inside,
        "misconceptions": {
            "over_all": Misconception(
                lambda image, mask: image.mean(), "That is the mean of everything."
            ),
            "sum": Misconception(lambda image, mask: image[mask].sum(), "That is a sum."),
        },
        "see": "Means",
        "hints": ("First.", "Second."),
    }
    question = FunctionQuestion(**{**settings, **changes})  # type: ignore[arg-type]
    question.name = "mean_inside"
    return question


def _mean_inside(image: np.ndarray, mask: np.ndarray) -> float:
    return float(image[mask].mean()) if mask.any() else float("nan")


class TestFunctionQuestion:
    def test_right_answer_earns_all_points(self) -> None:
        verdict = _mean_question().check(_mean_inside)
        assert (verdict.status, verdict.points, verdict.out_of) == ("pass", 2, 2)
        assert "✓ 2/2" in str(verdict)

    @pytest.mark.parametrize("blank", [..., None])
    def test_blank_is_not_attempted(self, blank: object) -> None:
        assert _mean_question().check(blank).status == "not attempted"

    def test_stub_is_not_attempted(self) -> None:
        def stub(image, mask):
            raise NotImplementedError

        verdict = _mean_question().check(stub)
        assert verdict.status == "not attempted"
        assert verdict.points == 0

    def test_a_known_wrong_answer_is_named(self) -> None:
        verdict = _mean_question().check(lambda image, mask: np.mean(image))
        assert verdict.status == "fail"
        assert verdict.misconception == "over_all"
        assert "That is the mean of everything." in verdict.message.text
        assert "Means" in verdict.message.text

    def test_a_coincidence_on_the_last_case_is_not_named(self) -> None:
        """An answer that is right on the first case cannot have a misconception that is not."""

        def right_until_empty(image, mask):
            return image[mask].mean() if mask.any() else image[mask].sum()

        verdict = _mean_question().check(right_until_empty)
        assert verdict.status == "fail"
        assert verdict.misconception is None
        assert "an empty mask" in verdict.message.text

    def test_an_unknown_mistake_shows_input_expected_and_got(self) -> None:
        question = _mean_question(
            inputs=lambda rng: [Case((np.array([[1.0, 2.0]]), np.array([[True, False]])))]
        )
        text = question.check(lambda image, mask: 42.0).message.text
        assert "image: array([[1., 2.]])" in text
        assert "expected: 1" in text
        assert "yours: 42" in text

    def test_of_several_that_fit_the_later_cases_decide(self) -> None:
        question = FunctionQuestion(
            title="t",
            inputs=lambda rng: [(2,), (3,)],
            reference=lambda x: 10 * x,
            misconceptions={
                "double": Misconception(lambda x: 2 * x, "That is the double."),
                "square": Misconception(lambda x: x * x, "That is the square."),
            },
        )
        assert question.check(lambda x: x * x).misconception == "square"
        assert question.check(lambda x: x + x).misconception == "double"

    def test_a_random_reply_is_recognised_by_what_it_does(self) -> None:
        question = FunctionQuestion(
            title="t",
            inputs=lambda rng: [(["a", "a"],)],
            reference=lambda names: ["1", "1"],
            misconceptions={
                "random": Misconception(
                    lambda names: [str(np.random.default_rng().random()) for _ in names],
                    "Equal names became different.",
                    matches=lambda expected, got: len(set(got)) > len(set(expected)),
                )
            },
        )
        wrong = question.misconceptions["random"].answer
        assert question.check(wrong).misconception == "random"
        assert question.check(lambda names: ["2", "2"]).misconception is None

    def test_an_exception_shows_the_students_line_and_no_traceback_of_ours(self) -> None:
        def divides(image, mask):
            return 1 / 0

        text = _mean_question().check(divides).message.text
        assert "ZeroDivisionError: division by zero" in text
        assert "return 1 / 0" in text
        assert "mlmi_course" not in text
        assert "Traceback" not in text

    def test_exit_is_only_a_mistake(self) -> None:
        def leaves(image, mask):
            raise SystemExit(3)

        assert _mean_question().check(leaves).status == "fail"

    def test_wrong_number_of_parameters_is_explained(self) -> None:
        text = _mean_question().check(lambda image: 0).message.text
        assert "TypeError" in text

    def test_called_by_mistake(self) -> None:
        text = _mean_question().check(3.0).message.text
        assert "q.mean_inside.check(mean_inside)" in text

    def test_forgotten_return(self) -> None:
        assert "return" in _mean_question().check(lambda image, mask: None).message.text

    def test_changing_the_input_is_a_mistake_of_its_own(self) -> None:
        question = _mean_question(
            inputs=lambda rng: [Case((np.array([3.0, 1.0]), np.array([True, True])))],
        )

        def sorts_in_place(image, mask):
            image.sort()
            return image[mask].mean()

        verdict = question.check(sorts_in_place)
        assert verdict.status == "fail"
        assert "changes what it is given" in verdict.message.text
        assert "image: array([3., 1.])" in verdict.message.text

    def test_changing_the_input_does_not_spoil_the_message(self) -> None:
        question = _mean_question(
            inputs=lambda rng: [Case((np.array([3.0, 1.0]), np.array([True, True])))],
        )

        def sorts_in_place(image, mask):
            image.sort()
            raise ValueError("later")

        assert "image: array([3., 1.])" in question.check(sorts_in_place).message.text

    def test_the_same_check_draws_the_same_inputs(self) -> None:
        seen: list[np.ndarray] = []
        question = _mean_question()
        for _ in range(2):
            question.check(lambda image, mask: seen.append(image) or 0.0)
        first, second = seen[0], seen[len(seen) // 2]
        np.testing.assert_array_equal(first, second)

    def test_another_generator_draws_other_inputs(self) -> None:
        seen: list[np.ndarray] = []
        question = _mean_question()
        for seed in (1, 2):
            question.verdict(lambda im, mask: seen.append(im) or 0.0, np.random.default_rng(seed))
        assert not np.array_equal(seen[0], seen[len(seen) // 2])

    def test_an_answer_in_another_process_needs_nothing_but_a_call(self) -> None:
        """A grader hands in a stand-in: no code, no globals, no name."""

        class StandIn:
            def __call__(self, image, mask):
                return _mean_inside(image, mask)

        class Lost:
            def __call__(self, *arguments):
                raise AnswerRaised("the process was killed after 10 s")

        class Stub:
            def __call__(self, *arguments):
                raise NotAttempted

        rng = np.random.default_rng(0)
        assert _mean_question().verdict(StandIn(), rng).status == "pass"
        assert "killed after 10 s" in _mean_question().verdict(Lost(), rng).message.text
        assert _mean_question().verdict(Stub(), rng).status == "not attempted"

    def test_a_picture_of_the_input_is_shown(self) -> None:
        image = np.arange(400.0).reshape(20, 20)
        question = _mean_question(inputs=lambda rng: [Case((image, image > 7))])
        html = question.check(lambda image, mask: 0.0).message.html
        assert html.count("<img alt=") == 2
        assert "array(" not in html

    def test_an_object_that_equals_everything_is_wrong(self) -> None:
        class Everything:
            def __eq__(self, other: object) -> bool:
                return True

            __hash__ = None  # type: ignore[assignment]

        assert _mean_question().check(lambda image, mask: Everything()).status == "fail"


class _Rude:
    """An object that raises whatever is asked of it."""

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        raise RuntimeError("no array")

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __len__(self) -> int:
        raise RuntimeError("no len")


def _endless() -> list[object]:
    loop: list[object] = []
    loop.append(loop)
    return loop


@pytest.mark.parametrize(
    "got", [10**400, [10**400], _endless(), _Rude(), [_Rude()], {"a": _Rude()}, 1j, b"x", object]
)
@pytest.mark.parametrize("expected", [1.0, "CT", np.zeros(3), [1, 2], {"a": 1}])
def test_a_check_never_raises_whatever_comes_back(got: object, expected: object) -> None:
    question = FunctionQuestion(title="t", inputs=lambda rng: [(1,)], reference=lambda x: expected)
    verdict = question.check(lambda x: got)
    assert verdict.status == "fail"
    assert verdict._repr_html_()


def test_a_library_that_is_not_implemented_is_no_blank() -> None:
    import pandas as pd

    question = FunctionQuestion(title="t", inputs=lambda rng: [(1,)], reference=lambda x: x)
    verdict = question.check(lambda x: pd.api.extensions.ExtensionArray()._from_sequence([x]))
    assert verdict.status == "fail"


def test_numbers_that_differ_late_are_told_apart() -> None:
    question = FunctionQuestion(
        title="t", inputs=lambda rng: [(1,)], reference=lambda x: 1234.567, tolerance=1e-9
    )
    assert "expected 1234.567, got 1234.5691" in question.check(lambda x: 1234.5691).message.text


class TestNotAllowed:
    def test_the_function_of_the_package_refuses(self) -> None:
        from mlmi_course import dicom

        question = _mean_question(
            inputs=lambda rng: [((np.array([1.0]), 0.0, 1.0))],
            reference=lambda x, c, w: dicom.window(x, c, w),
            not_allowed=("mlmi_course.dicom.window",),
        )
        original = dicom.window
        text = question.check(lambda x, c, w: dicom.window(x, c, w)).message.text
        assert "mlmi_course.dicom.window is what this question asks you to write" in text
        assert dicom.window is original

    def test_also_under_another_name(self) -> None:
        from mlmi_course import dicom

        scope: dict[str, object] = {}
        exec(
            "from mlmi_course.dicom import window as mine\ndef f(x, c, w): return mine(x, c, w)",
            scope,
        )
        question = _mean_question(
            inputs=lambda rng: [((np.array([1.0]), 0.0, 1.0))],
            reference=lambda x, c, w: x,
            not_allowed=("mlmi_course.dicom.window",),
        )
        assert "asks you to write" in question.check(scope["f"]).message.text
        assert scope["mine"] is dicom.window

    def test_a_function_of_the_same_name_is_free(self) -> None:
        def window(x, c, w):
            return x

        question = _mean_question(
            inputs=lambda rng: [((np.array([1.0]), 0.0, 1.0))],
            reference=lambda x, c, w: x,
            not_allowed=("mlmi_course.dicom.window",),
        )
        assert question.check(window).status == "pass"


class TestValueQuestion:
    question = ValueQuestion(
        title="Width",
        reference=lambda: 84.668,
        tolerance=1e-3,
        misconceptions={
            "pixels": Misconception(128, "That is in pixels."),
            "computed": Misconception(lambda: 84.668 * 4, "Four times too wide."),
        },
    )

    @pytest.mark.parametrize(
        "answer",
        ["b, d, f", "B D F", "FDB", "bdf ", "B, D and F", ["B", "D", "F"], {"D", "B", "F"}],
    )
    def test_letters_in_another_form_are_told_so(self, answer: object) -> None:
        letters = ValueQuestion(title="Which?", reference=lambda: "BDF")
        verdict = letters.check(answer)
        assert (verdict.status, "as one word" in verdict.message.text) == ("fail", True)

    @pytest.mark.parametrize(
        "answer", ["BD", "BDDF", "ABDF", "BD F 1", ["B", "D"], ("B",), "B, D or F"]
    )
    def test_other_letters_are_not_called_right(self, answer: object) -> None:
        letters = ValueQuestion(title="Which?", reference=lambda: "BDF")
        assert "right ones" not in letters.check(answer).message.text

    WORDS = ValueQuestion(title="What?", reference=lambda: {"A": "up f", "B": "same"})

    @pytest.mark.parametrize(
        "answer",
        [
            {"A": "Up f", "B": "same"},
            {"A": "up, f", "B": " Same "},
            {"a": "f up", "b": "same"},
            {"A": ("up", "f"), "B": "same"},
        ],
    )
    def test_words_in_another_form_are_told_so(self, answer: object) -> None:
        verdict = self.WORDS.check(answer)
        assert (verdict.status, "such as" not in verdict.message.text) == ("fail", True)
        assert "as in `{'A': 'up f'}`" in verdict.message.text

    @pytest.mark.parametrize(
        "answer",
        [
            {"A": "up f"},
            {"A": "up f", "B": "up"},
            {"A": "up f", "B": "same", "C": "same"},
            {"A": 1, "B": "same"},
            "up f",
        ],
    )
    def test_other_words_are_not_called_right(self, answer: object) -> None:
        assert "right ones" not in self.WORDS.check(answer).message.text

    def test_signs_are_no_words(self) -> None:
        signs = ValueQuestion(title="Which way?", reference=lambda: {"A": "+1", "B": "<"})
        assert "right ones" not in signs.check({"A": "-1", "B": ">"}).message.text

    @pytest.mark.parametrize("answer", [84.668, 84.67, np.float32(84.668), np.array([84.668])])
    def test_right(self, answer: object) -> None:
        assert self.question.check(answer).status == "pass"

    def test_wrong_value_does_not_give_the_answer_away(self) -> None:
        verdict = self.question.check(80.0)
        assert verdict.status == "fail"
        assert "84" not in str(verdict)

    @pytest.mark.parametrize(("answer", "name"), [(128, "pixels"), (84.668 * 4, "computed")])
    def test_known_wrong(self, answer: float, name: str) -> None:
        assert self.question.check(answer).misconception == name

    def test_wrong_kind(self) -> None:
        told = self.question.check("84.7").message.text
        assert "asks for a number; what arrived is a text" in told
        assert "84.668" not in told
        assert "function" in self.question.check(lambda: 84.668).message.text

    def test_blank(self) -> None:
        assert self.question.check(...).status == "not attempted"


class TestModelQuestion:
    @staticmethod
    def question(**changes: object) -> ModelQuestion:
        settings: dict[str, object] = {
            "title": "Bright or dark",
            "points": 4,
            "draw": _draw_bright_or_dark,
            "metric": _accuracy,
            "threshold": 0.9,
            "chance": 0.5,
            "misconceptions": {
                "constant": Misconception(
                    lambda images: np.ones(len(images)), "It always says bright."
                )
            },
        }
        return ModelQuestion(**{**settings, **changes})  # type: ignore[arg-type]

    def test_a_good_model_passes(self) -> None:
        assert self.question().check(lambda images: images.mean((1, 2)) > 0).status == "pass"

    def test_points_grow_with_the_score(self) -> None:
        rng = np.random.default_rng(3)

        def mediocre(images: np.ndarray) -> np.ndarray:
            right = images.mean((1, 2)) > 0
            return np.where(rng.random(len(images)) < 0.3, ~right, right)

        verdict = self.question().check(mediocre)
        assert verdict.status == "fail"
        assert verdict.points == pytest.approx(2, abs=1)

    def test_a_constant_answer_is_named_and_earns_nothing(self) -> None:
        verdict = self.question().check(lambda images: np.ones(len(images)))
        assert verdict.misconception == "constant"
        assert verdict.points == pytest.approx(0, abs=0.5)

    @pytest.mark.parametrize(
        ("given", "told"),
        [
            (lambda images: images, "On 40 fresh images"),
            (lambda images: {"shown": images, "sigma": np.ones(40)}, "On 40 fresh images"),
            (lambda images: {"shown": images, "width": 3}, "On 40 fresh images"),
            (lambda images: {"shown": images, "width": np.array(3)}, "On 40 fresh images"),
            (lambda images: {"shown": images, "settings": [1, 2]}, "On fresh images"),
        ],
    )
    def test_it_tells_how_many_were_judged(self, given, told: str) -> None:
        images = np.random.default_rng(0).normal(size=(40, 4, 4))
        question = self.question(
            draw=lambda rng: (given(images), images.mean((1, 2)) > 0), misconceptions={}
        )
        verdict = question.check(lambda given: np.ones(40))
        assert told in verdict.message.text

    def test_predictions_of_the_wrong_shape(self) -> None:
        verdict = self.question().check(lambda images: np.ones(3))
        assert verdict.status == "fail"
        assert "could not be scored" in verdict.message.text

    def test_nan_predictions_earn_nothing(self) -> None:
        verdict = self.question(metric=lambda t, p: float("nan")).check(lambda images: images)
        assert (verdict.status, verdict.points) == ("fail", 0)

    def test_too_slow(self) -> None:
        import time

        def slow(images: np.ndarray) -> np.ndarray:
            end = time.process_time() + 0.2
            while time.process_time() < end:
                pass
            return images.mean((1, 2)) > 0

        assert "limit" in self.question(budget_s=0.1).check(slow).message.text

    def test_a_computer_that_is_busy_with_other_things_is_no_fault(self) -> None:
        import time

        def kept_waiting(images: np.ndarray) -> np.ndarray:
            time.sleep(0.3)
            return images.mean((1, 2)) > 0

        assert "limit" not in self.question(budget_s=0.2).check(kept_waiting).message.text

    def test_the_threshold_may_depend_on_the_draw(self) -> None:
        seen = []
        question = self.question(threshold=lambda images, labels: seen.append(len(labels)) or 0.9)
        question.check(lambda images: images.mean((1, 2)) > 0)
        assert seen == [200]


def _draw_bright_or_dark(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    labels = rng.random(200) < 0.5
    return np.where(labels, 1.0, -1.0)[:, None, None] + rng.normal(size=(200, 4, 4)), labels


def _accuracy(labels: np.ndarray, predictions: np.ndarray) -> float:
    predictions = np.asarray(predictions)
    if predictions.shape != labels.shape:
        raise ValueError(f"shape {predictions.shape} instead of {labels.shape}")
    return float((labels == predictions.astype(bool)).mean())


class TestThoughtQuestion:
    question = ThoughtQuestion(title="Why?", points=3, rubric="Names the patient: 3 points.")

    def test_recorded_not_judged(self) -> None:
        verdict = self.question.check("Because the patient moved.")
        assert (verdict.status, verdict.points, verdict.out_of) == ("needs a person", 0, 3)

    @pytest.mark.parametrize("blank", [..., None, "", "  \n", "...", "\n...\n"])
    def test_blank(self, blank: object) -> None:
        assert self.question.check(blank).status == "not attempted"

    def test_not_a_text(self) -> None:
        assert self.question.check(3).status == "fail"

    def test_the_rubric_is_not_shown_to_students(self) -> None:
        verdict = self.question.check("Because.")
        assert "Names the patient" not in str(verdict) + verdict._repr_html_()


class TestHintsAndSolutions:
    def test_one_hint_at_a_time(self) -> None:
        question = _mean_question()
        given = [str(question.hint()) for _ in range(3)]
        assert given[0] == "Hint 1 of 2\nFirst."
        assert given[1] == "Hint 2 of 2\nSecond."
        assert "No more hints" in given[2]
        assert question.hints_given == 2

    def test_a_solution_that_is_not_installed_is_said_to_be_missing(self) -> None:
        assert "not at hand" in str(_mean_question().solution())


class TestShow:
    def test_placeholder_for_a_stub(self) -> None:
        def stub(image, mask):
            raise NotImplementedError

        question = _mean_question(picture=lambda answer: answer(np.ones(2), np.ones(2) > 0))
        assert "Nothing to draw yet" in str(question.show(stub))
        assert "Nothing to draw yet" in str(question.show())

    def test_what_the_picture_gives_is_returned(self) -> None:
        assert _mean_question(picture=lambda answer: "drawn").show(_mean_inside) == "drawn"

    def test_a_wrong_answer_that_cannot_be_drawn_says_so(self) -> None:
        question = _mean_question(picture=lambda answer: float("x"))
        assert "could not be drawn" in str(question.show(_mean_inside))


def test_html_of_student_text_is_escaped() -> None:
    verdict = ValueQuestion(title="t", reference=lambda: "x").check("<script>alert(1)</script>")
    assert "<script>" not in verdict._repr_html_()


def test_a_question_must_be_worth_something() -> None:
    with pytest.raises(ValueError, match="points=0"):
        ThoughtQuestion(title="t", rubric="r", points=0)


def test_a_question_is_abstract() -> None:
    with pytest.raises(TypeError):
        Question(title="t")  # type: ignore[abstract]
