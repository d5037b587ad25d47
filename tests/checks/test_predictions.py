"""Predictions: what counts, what is kept, and what a reader sees."""

from __future__ import annotations

import pytest

from mlmi_course.checks import Predictions
from mlmi_course.checks.guesses import Guess, all_guesses, calibration, folder

CHOICES = ("mean", "spread", "LoG, σ = 2")


@pytest.fixture
def ask() -> Predictions:
    return Predictions("00_example")


def _ask(ask: Predictions):
    return ask("Which number finds most clusters?", *CHOICES)


@pytest.mark.parametrize(
    ("answer", "sure", "line"),
    [
        ("spread", True, "✗ You said “spread”, and were sure; it is “LoG, σ = 2”."),
        ("log", False, "✓ You said “LoG, σ = 2”, and were unsure: right."),
        (None, None, "○ It is “LoG, σ = 2”."),
    ],
)
def test_the_truth_is_shown_beside_what_was_said(ask, answer, sure, line) -> None:
    asked = _ask(ask)
    if answer:
        asked.guess(answer, sure=sure)
    assert str(asked.reveal("LoG, σ = 2")) == line


@pytest.mark.parametrize(("answer", "is_right"), [(20, True), ("24.9", True), (15.1, False)])
def test_a_number_is_right_within_a_share_of_the_truth(ask, answer, is_right) -> None:
    asked = ask("How many?", unit="sections", within=0.25)
    asked.guess(answer, sure=True)
    line = str(asked.reveal(20.4))
    assert asked.kept.right is is_right
    assert f"You said {float(answer):g} sections, and were sure; it is 20.4 sections" in line


def test_the_first_answer_that_met_its_truth_counts(ask) -> None:
    asked = _ask(ask)
    asked.guess("mean", sure=True)
    asked.guess("spread", sure=False)  # a change of mind before the result
    asked.reveal("LoG, σ = 2")
    asked.guess("LoG, σ = 2", sure=True)  # after it
    assert (asked.kept.answer, asked.kept.sure, asked.kept.right) == ("spread", False, False)


def test_an_answer_after_run_all_is_judged_at_once(ask) -> None:
    asked = _ask(ask)
    shown = asked.reveal("spread")  # Run All comes by before the reader does
    asked.guess("spread", sure=True)
    assert "right" in str(shown)
    assert asked.kept.right is True


def test_an_answer_outlives_the_kernel(ask) -> None:
    _ask(ask).guess("mean", sure=True)
    assert _ask(Predictions("00_example")).kept == Guess(
        "Which number finds most clusters?", "mean", True
    )


def test_a_question_in_other_words_is_another_question(ask) -> None:
    _ask(ask).guess("mean", sure=True)
    assert ask("Which one finds most?", *CHOICES).kept is None


@pytest.mark.parametrize("damage", ["", "{", '{"question": 1}', "[]"])
def test_a_damaged_file_is_no_answer(ask, damage) -> None:
    asked = _ask(ask)
    asked.guess("mean", sure=True)
    (path,) = folder().glob("*/*.json")
    path.write_text(damage, encoding="utf-8")
    assert _ask(Predictions("00_example")).kept is None
    assert all_guesses() == ()


def test_where_nothing_can_be_kept_the_session_remembers(ask, monkeypatch, tmp_path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("MLMI_HOME", str(blocked))
    asked = Predictions("00_example")("Sure?", "yes", "no")
    asked.guess("yes", sure=True)
    assert "right" in str(asked.reveal("yes"))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda p: p("Which", "a", "b"), "no question mark"),
        (lambda p: p("Which?", "a"), "two to 5 choices"),
        (lambda p: p("Which?", *"abcdef"), "got 6"),
        (lambda p: p("Which?", "a", "A"), "equal"),
        (lambda p: p("How many?"), "within=0.25"),
        (lambda p: p("Which?", "a", "b", within=0.1), "choices do without"),
        (lambda p: p("How many?", within=2), "between 0 and 1"),
        (lambda p: p("Which?", "a", "b").guess("c", sure=True), "'a', 'b'"),
        (lambda p: p("Which?", "ab", "ac").guess("a", sure=True), "none of the choices"),
        (lambda p: p("How many?", within=0.1).guess("many", sure=True), "'many'"),
        (lambda p: p("Which?", "a", "b").reveal("c"), "do not fit together"),
        (lambda p: Predictions("../x"), "name of a unit"),
    ],
)
def test_what_does_not_fit_is_said(ask, call, says) -> None:
    with pytest.raises(ValueError, match=says):
        call(ask)


def test_score_and_calibration(ask) -> None:
    for number, (answer, sure) in enumerate([("a", True), ("b", True), ("a", False)]):
        asked = ask(f"Question {number}?", "a", "b")
        asked.guess(answer, sure=sure)
        asked.reveal("a")
    ask("Unanswered?", "a", "b").reveal("b")
    assert str(ask.score()) == (
        "You made 3 of 4 predictions. Sure: 1 of 2 right. Unsure: 1 of 1 right."
    )
    picture = ask.calibration()
    assert picture.alt == "Predictions that were right: when sure 1 of 2, when unsure 1 of 1."
    assert calibration(()).alt.endswith("when sure 0 of 0, when unsure 0 of 0.")


def test_forgetting_begins_again(ask) -> None:
    asked = _ask(ask)
    asked.guess("mean", sure=True)
    asked.reveal("spread")
    ask.forget()
    assert (asked.kept, all_guesses()) == (None, ())
    assert str(asked.reveal("spread")).startswith("○")


class TestInABrowser:
    def _controls(self, asked):
        _, field, certainty, said = asked.widget().children
        return field, certainty, said

    def test_an_answer_needs_a_choice_and_a_certainty(self, ask) -> None:
        asked = _ask(ask)
        field, certainty, said = self._controls(asked)
        field.value = "mean"
        assert asked.kept is None
        certainty.value = True
        assert (asked.kept.answer, asked.kept.sure) == ("mean", True)
        assert said.value == "You said “mean”, and were sure."
        asked.reveal("spread")
        assert field.disabled
        assert certainty.disabled

    def test_a_number_is_typed(self, ask) -> None:
        asked = ask("How many?", within=0.2)
        field, certainty, said = self._controls(asked)
        certainty.value = False
        field.value = "about nine"
        assert asked.kept is None
        assert "such as 0.8" in said.value
        field.value = "9"
        assert asked.kept.answer == 9.0

    def test_an_earlier_answer_is_shown(self, ask) -> None:
        _ask(ask).guess("spread", sure=False)
        field, certainty, _ = self._controls(_ask(Predictions("00_example")))
        assert (field.value, certainty.value) == ("spread", False)

    def test_what_was_revealed_follows_a_later_answer(self, ask, monkeypatch) -> None:
        shown = []
        monkeypatch.setattr("IPython.display.display", shown.append)
        asked = _ask(ask)
        asked.reveal("spread")._ipython_display_()
        assert "You said" not in shown[0].value
        asked.guess("mean", sure=True)
        assert "You said “mean”" in shown[0].value

    def test_a_static_page_shows_the_question_alone(self, ask, monkeypatch) -> None:
        monkeypatch.setenv("MLMI_STATIC", "1")
        shown = []
        monkeypatch.setattr("IPython.display.display", shown.append)
        asked = _ask(ask)
        asked._ipython_display_()
        asked.reveal("spread")._ipython_display_()
        assert "Which number" in shown[0].data
        assert "<li>LoG, σ = 2</li>" in shown[0].data
        assert "It is “spread”" in shown[1].data
