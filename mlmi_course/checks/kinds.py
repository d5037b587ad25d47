"""The four kinds of question: a function, a value, a trained model, a thought."""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlmi_course.checks.calling import AnswerRaised, NotAttempted, call, is_blank
from mlmi_course.checks.comparing import difference
from mlmi_course.checks.messages import Message, Shown, is_picture, kind_of, number
from mlmi_course.checks.question import Question, Wrong
from mlmi_course.checks.verdicts import Verdict


@dataclass(frozen=True)
class Case:
    """The arguments of one call of a student's function.

    Parameters
    ----------
    arguments : tuple
        What the function is called with: arrays, numbers, texts, lists, dictionaries.
    about : str, optional
        Why this case is interesting, for the message if it fails: ``"a window of width 1"``.
    """

    arguments: tuple[Any, ...]
    about: str = ""


class FunctionQuestion(Question):
    """The student writes a function; it is compared with a reference on random inputs.

    Parameters
    ----------
    inputs : callable
        ``inputs(rng)`` gives the cases, :class:`Case` or plain tuples of arguments.  Put
        ordinary ones first and edge cases last: the first case that fails is reported, and a
        known wrong answer is recognised by agreeing with the student on every case up to there.
    reference : callable
        The right function.
    tolerance : float, default 1e-6
        Two numbers agree within ``tolerance * max(1, abs(expected))``.
    **common
        See :class:`Question`.

    Examples
    --------
    >>> double = FunctionQuestion(
    ...     title="Twice the number",
    ...     inputs=lambda rng: [(3,), (0,), (-2,)],
    ...     reference=lambda x: 2 * x,
    ...     wrong={"square": Wrong(lambda x: x**2, "That is the square. Twice means times 2.")},
    ... )
    >>> double.check(lambda x: x + x).status
    'pass'
    >>> print(double.check(lambda x: x * x))
    ✗ 0/1
    That is the square. Twice means times 2.
      called with: x = 3
      expected: 6
      yours: 9
    """

    def __init__(
        self,
        *,
        inputs: Callable[[np.random.Generator], Iterable[Case | tuple]],
        reference: Callable[..., Any],
        tolerance: float = 1e-6,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.inputs = inputs
        self.reference = reference
        self.tolerance = tolerance

    def verdict(self, answer: Any, rng: np.random.Generator) -> Verdict:
        """Judge a function, or its stand-in."""
        if is_blank(answer):
            return self._untouched("Write the function, run its cell, then run this one again.")
        if not callable(answer):
            return self._failed(
                f"Hand in the function itself, without parentheses: "
                f"q.{self.name}.check({self.name}). What arrived is {kind_of(answer)}."
            )
        cases = [c if isinstance(c, Case) else Case(tuple(c)) for c in self.inputs(rng)]
        for tried, case in enumerate(cases, start=1):
            expected = self.reference(*case.arguments)
            try:
                got = call(answer, case.arguments)
            except NotAttempted:
                return self._untouched("The function still says `raise NotImplementedError`.")
            except AnswerRaised as error:
                return self._stopped(error, *self._called_with(case))
            found = difference(expected, got, self.tolerance)
            if found:
                return self._explain(answer, cases, tried, expected, got, found)
        return self._passed(f"Right on all {len(cases)} inputs that were tried.")

    def _explain(
        self, answer: Any, cases: Sequence[Case], tried: int, expected: Any, got: Any, found: str
    ) -> Verdict:
        """Report the last case that was tried, by the name of the misconception if known."""
        case = cases[tried - 1]
        if got is None and expected is not None:
            return self._failed(
                "The function returns nothing. Is a `return` missing?", *self._called_with(case)
            )
        evidence = (*self._called_with(case), *_beside(expected, got))
        name = self._recognise(answer, cases, tried)
        if name:
            return self._failed(self.wrong[name].says, *evidence, misconception=name)
        return self._failed(f"Not right yet: {found}.", *evidence)

    def _called_with(self, case: Case) -> tuple[Any, ...]:
        """Show the arguments by the names that the reference gives them."""
        names = list(inspect.signature(self.reference).parameters)
        pairs = list(zip(names, case.arguments, strict=False))
        pictures = [Shown(name, value) for name, value in pairs if is_picture(value)]
        others = [Shown(name, value) for name, value in pairs if not is_picture(value)]
        about = f"This happened with {case.about}." if case.about else ""
        inline = [part for part in others if isinstance(part.value, int | float | str | tuple)]
        if not pictures and len(inline) == len(others):  # all of it fits into one line
            text = ", ".join(f"{part.label} = {_inline(part.value)}" for part in inline)
            return (about, Shown("called with", _Raw(text)))
        return (about, *others, *pictures)

    def _recognise(self, answer: Any, cases: Sequence[Case], tried: int) -> str | None:
        """Return the known wrong answer that behaves like this one, if there is one.

        It must agree on every case so far, right and wrong.  Where several do, the cases still
        to come decide.
        """
        alike = [
            name
            for name, wrong in self.wrong.items()
            if all(self._agree(answer, wrong, case) for case in cases[:tried])
        ]
        if len(alike) < 2:
            return alike[0] if alike else None
        later = cases[tried:]
        return max(
            alike,
            key=lambda name: sum(self._agree(answer, self.wrong[name], case) for case in later),
        )

    def _agree(self, answer: Any, wrong: Wrong, case: Case) -> bool:
        try:
            theirs = call(answer, case.arguments)
            if wrong.matches is not None:
                return bool(wrong.matches(self.reference(*case.arguments), theirs))
            ours = call(wrong.answer, case.arguments)
            return difference(ours, theirs, self.tolerance) is None
        except (AnswerRaised, NotAttempted, TypeError, ValueError):
            return False


class ValueQuestion(Question):
    """The student finds a value; it is compared with one computed from the same data.

    Parameters
    ----------
    reference : callable
        ``reference()`` computes the right value, when it is needed.
    tolerance : float, default 1e-6
        Two numbers agree within ``tolerance * max(1, abs(expected))``.
    tell : bool, default False
        Whether a wrong answer is shown what was expected.  By default it is not: a value is
        easily copied.
    **common
        See :class:`Question`.  In ``wrong``, an answer is a value, or a function that
        computes it.

    Examples
    --------
    >>> slices = ValueQuestion(title="How many slices?", reference=lambda: 27)
    >>> slices.check(27).status, slices.check(26).status, slices.check(...).status
    ('pass', 'fail', 'not attempted')
    """

    def __init__(
        self,
        *,
        reference: Callable[[], Any],
        tolerance: float = 1e-6,
        tell: bool = False,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.reference = reference
        self.tolerance = tolerance
        self.tell = tell

    def verdict(self, answer: Any, rng: np.random.Generator) -> Verdict:
        """Judge a value."""
        if is_blank(answer):
            return self._untouched("Put your value in place of the dots.")
        if callable(answer):
            return self._failed("This question asks for a value; what arrived is a function.")
        expected = self.reference()
        found = difference(expected, answer, self.tolerance)
        if found is None:
            return self._passed("Right.")
        evidence = _beside(expected, answer) if self.tell else (Shown("yours", answer),)
        for name, wrong in self.wrong.items():
            value = wrong.answer() if callable(wrong.answer) else wrong.answer
            if difference(value, answer, self.tolerance) is None:
                return self._failed(wrong.says, *evidence, misconception=name)
        if self.tell:
            return self._failed(f"Not right yet: {found}.", *evidence)
        if not _same_form(expected, answer):
            return self._failed(
                f"This question asks for {_form(expected)}; what arrived is {_form(answer)}.",
                *evidence,
            )
        return self._failed("That is not it yet.", *evidence)


class ModelQuestion(Question):
    """The student trains a model; it is measured on images drawn for this check.

    Parameters
    ----------
    draw : callable
        ``draw(rng)`` gives fresh ``(images, labels)``, of any kind that ``metric`` reads.
    metric : callable
        ``metric(labels, predictions)`` gives one number, higher being better.
    threshold : float or callable
        The score that earns all points, or ``threshold(images, labels)``: usually what a
        reference model reaches on this draw, minus three standard errors.
    chance : float
        The score that earns nothing.  Points grow in a straight line from here.
    budget_s : float, default 10
        Seconds that the predictions may take.
    **common
        See :class:`Question`.  The answer is a function ``predict(images)``.
    """

    def __init__(
        self,
        *,
        draw: Callable[[np.random.Generator], tuple[Any, Any]],
        metric: Callable[[Any, Any], float],
        threshold: float | Callable[[Any, Any], float],
        chance: float,
        budget_s: float = 10.0,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.draw = draw
        self.metric = metric
        self.threshold = threshold
        self.chance = chance
        self.budget_s = budget_s

    def verdict(self, answer: Any, rng: np.random.Generator) -> Verdict:
        """Judge a function ``predict(images)``, or its stand-in."""
        if is_blank(answer):
            return self._untouched("Write predict(images), then run this cell again.")
        if not callable(answer):
            return self._failed(
                f"Hand in a function predict(images); what arrived is {kind_of(answer)}."
            )
        images, labels = self.draw(rng)
        start = time.perf_counter()
        try:
            predictions = call(answer, (images,))
        except NotAttempted:
            return self._untouched("The function still says `raise NotImplementedError`.")
        except AnswerRaised as error:
            return self._stopped(error, f"It was given {len(images)} fresh images.")
        seconds = time.perf_counter() - start
        if seconds > self.budget_s:
            return self._failed(f"The predictions took too long: {self.budget_s:g} s is the limit.")
        try:
            score = float(self.metric(labels, predictions))
        except Exception as error:  # whatever a metric makes of predictions that are none
            return self._failed(f"The predictions could not be scored: {error}.")
        return self._score(score, images, labels, predictions)

    def _score(self, score: float, images: Any, labels: Any, predictions: Any) -> Verdict:
        needed = self.threshold
        needed = float(needed(images, labels) if callable(needed) else needed)
        measured = f"On {len(images)} fresh images: {number(round(score, 3))}"
        if score >= needed:
            return self._passed(f"{measured}, and {number(round(needed, 3))} was needed.")
        share = (score - self.chance) / (needed - self.chance)
        points = self.points * float(np.clip(np.nan_to_num(share), 0, 1))
        points = math.floor(100 * points + 1e-6) / 100  # down: "✗ 3/3" would be a riddle
        says = f"{measured}; all points take {number(round(needed, 3))}."
        for name, wrong in self.wrong.items():
            if difference(call(wrong.answer, (images,)), predictions) is None:
                return self._failed(wrong.says, says, points=points, misconception=name)
        return self._failed(says, points=points)


class ThoughtQuestion(Question):
    """The student writes a few sentences; a person marks them by a rubric.

    Parameters
    ----------
    rubric : str
        What earns the points, for the person who marks.  Students do not see it here.
    **common
        See :class:`Question`.

    Examples
    --------
    >>> who = ThoughtQuestion(title="Who is the gold standard?", rubric="Names a panel: 1 point.")
    >>> print(who.check("A panel of three readers, because one reader alone errs."))
    ✎ recorded, worth 1
    Your 10 words were recorded; a person marks them.
    """

    by_a_person = True

    def __init__(self, *, rubric: str, **common: Any) -> None:
        super().__init__(**common)
        self.rubric = rubric

    def verdict(self, answer: Any, rng: np.random.Generator) -> Verdict:
        """Record an answer; a blank one is not attempted."""
        if is_blank(answer) or (isinstance(answer, str) and not answer.strip(". …\n\t")):
            return self._untouched("Write your thoughts between the triple quotes.")
        if not isinstance(answer, str):
            return self._failed(
                f"Write a text between triple quotes; what arrived is {kind_of(answer)}."
            )
        count = len(answer.split())
        words = f"{count} words were" if count != 1 else "one word was"
        compare = f" Alone? Compare with `q.{self.name}.solution()`." if self.name else ""
        message = Message.of(f"Your {words} recorded; a person marks them.{compare}")
        return Verdict("needs a person", 0.0, self.points, message)


class _Raw:
    """A text that is shown as it is, without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _inline(value: Any) -> str:
    return number(value) if isinstance(value, int | float) else repr(value)


def _beside(expected: Any, got: Any) -> tuple[Shown, Shown]:
    """Show two values; two pictures share their grey scale, or they could not be compared."""
    limits = None
    if is_picture(expected) and is_picture(got):
        finite = np.asarray(expected, dtype=float)[np.isfinite(expected)]
        limits = (float(finite.min()), float(finite.max())) if finite.size else None
    if is_picture(expected) and not isinstance(got, np.ndarray):
        return Shown("expected", expected), Shown("yours", got)
    return Shown("expected", expected, limits), Shown("yours", got, limits)


def _form(value: Any) -> str:
    """Name the kind of a value, and the shape of an array, without giving the value away."""
    return f"an array of shape {value.shape}" if isinstance(value, np.ndarray) else kind_of(value)


def _same_form(expected: Any, got: Any) -> bool:
    """Whether the two are of one kind and shape, so that only the numbers are wrong."""
    if isinstance(expected, np.ndarray | int | float | np.generic):
        try:
            return np.shape(expected) == np.shape(got) and not isinstance(got, str)
        except ValueError:
            return False
    return isinstance(got, type(expected))
