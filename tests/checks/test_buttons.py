"""The buttons below a verdict, as far as no browser is needed to press them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mlmi_course.checks import Question, Verdict, asks, buttons
from mlmi_course.checks.buttons import Pressable

ipywidgets = pytest.importorskip("ipywidgets")


def a_question() -> Question:
    @asks(points=2)
    def double(number: int) -> int:
        """Twice a number."""
        return 2 * number

    double.hints = ("Add it to itself.",)
    double.name, double.unit = "double", "u00_example"
    return double


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A notebook in which somebody has written nothing yet."""
    monkeypatch.delenv("MLMI_STATIC", raising=False)
    found = SimpleNamespace(user_ns={}, kernel=object())
    monkeypatch.setattr(buttons, "_shell", lambda: found)
    return found


def pressed(box: Any, name: str) -> None:
    (button,) = [b for b in box.children[0].children if b.description == name]
    button.click()


def verdict_of(question: Question) -> Verdict:
    return Verdict("fail", 0, question.points, buttons_message())


def buttons_message() -> Any:
    from mlmi_course.checks import Message

    return Message.of("Not yet.")


def test_elsewhere_a_verdict_is_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    question = a_question()
    assert buttons._shell() is None, "no notebook"
    verdict = verdict_of(question)
    assert buttons.with_buttons(question, verdict) is verdict


def test_a_pressable_verdict_is_the_same_verdict(shell: SimpleNamespace) -> None:
    question = a_question()
    verdict = verdict_of(question)
    pressable = buttons.with_buttons(question, verdict)
    assert isinstance(pressable, Pressable)
    assert pressable == verdict
    assert str(pressable) == str(verdict)
    assert pressable._repr_html_() == verdict._repr_html_()


def test_check_judges_what_the_name_means_now(shell: SimpleNamespace) -> None:
    question = a_question()
    told: list[Verdict] = []
    monkey = SimpleNamespace(answers=[])

    def check(answer: Any) -> Verdict:
        monkey.answers.append(answer)
        return verdict_of(question)

    question.check = check  # type: ignore[method-assign]
    box = Pressable(question, verdict_of(question)).buttons(told.append)
    pressed(box, "Check")
    shell.user_ns["double"] = str
    pressed(box, "Check")
    assert monkey.answers == [..., str]
    assert len(told) == 2


def test_hints_come_one_by_one_and_stay(shell: SimpleNamespace) -> None:
    question = a_question()
    box = Pressable(question, verdict_of(question)).buttons(lambda verdict: None)
    for count in (1, 2, 2):  # the second says that there are no more, once
        pressed(box, "Hint")
        assert box.children[1].value.count("mlmi-note") == count
    assert "Add it to itself." in box.children[1].value
    pressed(box, "Solution")
    assert "The solution is not at hand." in box.children[1].value
