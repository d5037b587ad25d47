"""The four kinds of question: a function, a value, a trained model, a thought."""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import numpy as np

from mlmi_course.checks.calling import AnswerRaised, NotAttempted, call, is_blank
from mlmi_course.checks.comparing import difference, digits_that_tell, rounding
from mlmi_course.checks.messages import (
    Message,
    Shown,
    Verbatim,
    is_picture,
    kind_of,
    number,
)
from mlmi_course.checks.question import Question
from mlmi_course.checks.trials import Case, Draws, Replies, Trial, complaint
from mlmi_course.checks.verdicts import Verdict

_Inputs = TypeVar("_Inputs", bound=Callable[[np.random.Generator], Iterable[Any]])


class FunctionQuestion(Question):
    """The student writes a function; it is compared with a reference on random inputs.

    Parameters
    ----------
    reference : callable
        The right function.
    inputs : callable
        ``inputs(rng)`` gives the cases, :class:`Case` or plain tuples of arguments.  Put
        ordinary ones first and edge cases last: the first case that fails is reported.  Inputs are
        drawn again, from the same ``rng``, until each known wrong answer shows and is recognised
        by its own name; a known wrong answer is recognised by explaining every reply.
    tolerance : float, default 1e-6
        Two numbers agree within ``tolerance * max(1, abs(expected))``.
    **common
        See :class:`Question`.

    Examples
    --------
    >>> from mlmi_course.checks import Misconception
    >>> double = FunctionQuestion(
    ...     title="Twice the number",
    ...     inputs=lambda rng: [(3,), (0,), (-2,)],
    ...     reference=lambda x: 2 * x,
    ...     misconceptions={"square": Misconception(lambda x: x**2, "That is the square.")},
    ... )
    >>> double.check(lambda x: x + x).status
    'pass'
    >>> print(double.check(lambda x: x * x))
    ✗ 0/1
    That is the square.
      called with: x = 3
      expected: 6
      yours: 9
    """

    def __init__(
        self,
        *,
        reference: Callable[..., Any],
        inputs: Callable[[np.random.Generator], Iterable[Case | tuple]] | None = None,
        tolerance: float = 1e-6,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self._inputs = inputs
        self.reference = reference
        self.tolerance = tolerance
        self._draws = Draws()

    def verdict(self, answer: Any, rng: np.random.Generator) -> Verdict:
        """Judge a function, or its stand-in."""
        if is_blank(answer):
            return self._untouched("Write the function, run its cell, then run this one again.")
        if not callable(answer):
            return self._failed(
                f"Hand in the function itself, without parentheses: "
                f"q.{self.name}.check({self.name}). What arrived is {kind_of(answer)}."
            )
        trial = self._settle(rng)
        replies = Replies(answer, trial.cases, self._call)
        failed = trial.first_failure(replies)
        if failed is None:
            return self._passed(f"Right on all {len(trial.cases)} inputs that were tried.")
        error = replies[failed].error
        if isinstance(error, NotAttempted):
            return self._untouched("The function still says `raise NotImplementedError`.")
        if isinstance(error, AnswerRaised):
            return self._stopped(error, *self._called_with(trial.cases[failed]))
        return self._explain(trial, replies, failed)

    @property
    def right(self) -> Callable[..., Any]:
        """The right function."""
        return self.reference

    def inputs(self, draws: _Inputs) -> _Inputs:
        """Decorate what draws the cases: ``inputs(rng)`` of the parameters above."""
        self._inputs = draws
        return draws

    def draw(self, rng: np.random.Generator) -> list[Case]:
        """Draw one set of cases, as they come.

        Raises
        ------
        ValueError
            If the question has no inputs.
        """
        if self._inputs is None:
            raise ValueError(
                f"{self.name or self.title} has no inputs: decorate what draws them with "
                f"@{self.name or 'question'}.inputs."
            )
        return [c if isinstance(c, Case) else Case(tuple(c)) for c in self._inputs(rng)]

    def trial(self, rng: np.random.Generator) -> Trial:
        """Draw inputs on which every known wrong answer shows and gets its own name.

        Parameters
        ----------
        rng : numpy.random.Generator
            Drawn from again and again until this is so; see :attr:`most_draws`.

        Returns
        -------
        Trial
            The cases, and what each known wrong answer gives on them.

        Raises
        ------
        ValueError
            If no draw tells all known wrong answers apart: their author should see it.
        """
        trial = self._settle(rng)
        if trial.untold:
            raise ValueError(complaint(trial, self.name or self.title, self.most_draws))
        return trial

    @property
    def most_draws(self) -> int:
        """How many draws are tried; 1 takes the first as it comes."""
        return self._draws.most

    @most_draws.setter
    def most_draws(self, most: int) -> None:
        self._draws.most = most

    def _settle(self, rng: np.random.Generator) -> Trial:
        return self._draws.settle(
            rng, self.draw, self.reference, self.misconceptions, self.tolerance
        )

    def _explain(self, trial: Trial, replies: Replies, failed: int) -> Verdict:
        """Report the first case that is not right, by the name of the misconception if known."""
        case, expected, got = trial.cases[failed], trial.expected(failed), replies[failed].value
        if got is None and expected is not None:
            return self._failed(
                "The function returns nothing. Is a `return` missing?", *self._called_with(case)
            )
        evidence = (*self._called_with(case), *_beside(expected, got))
        name = trial.name_of(replies, failed)
        if name:
            return self._failed(self.misconceptions[name].says, *evidence, misconception=name)
        rounded = trial.rounded_to(replies)
        if rounded is not None:
            return self._failed(_too_round(rounded), *evidence)
        found = difference(expected, got, self.tolerance)
        return self._failed(Verbatim(f"Not right yet: {found}."), *evidence)

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
        See :class:`Question`.  A mistake's answer is a value, or a function that
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

    @property
    def right(self) -> Callable[[], Any]:
        """The function that computes the right value."""
        return self.reference

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
        for name, wrong in self.misconceptions.items():
            value = wrong.answer() if callable(wrong.answer) else wrong.answer
            if difference(value, answer, self.tolerance) is None:
                return self._failed(wrong.says, *evidence, misconception=name)
        # Only where the answer itself has digits enough: 0.9 may be a guess.
        rounded = rounding(expected, answer)
        if rounded is not None and _significant(answer) >= 3:
            return self._failed(_too_round(rounded), *evidence)
        if self.tell:
            return self._failed(Verbatim(f"Not right yet: {found}."), *evidence)
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
        The score that earns all points, or ``threshold(images, labels)``.  A trained network
        differs between processors, numbers of threads and seeds: state what the solution reaches
        on average over all of these, minus four standard deviations (``docs/spread.md``).
    noise : float or callable, optional
        How far below the bar a score still is there but for luck, or ``noise(images, labels)``:
        usually one standard deviation of the solution's score over processors, threads and
        seeds.  Such a model is told so kindly, and keeps the points that it earned.  Without it,
        one standard error of the score on this draw, by bootstrap over its images.
    chance : float
        The score that earns nothing.  Points grow in a straight line from here.
    budget_s : float, default 10
        Seconds that the predictions may take, by the clock or in computing, whichever is less.
    drawn : str, default "images"
        What is drawn, in the plural, for the messages.
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
        noise: float | Callable[[Any, Any], float] | None = None,
        budget_s: float = 10.0,
        drawn: str = "images",
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.patience_s = 6 * budget_s  # a little too slow is said with its time
        self.draw = draw
        self.metric = metric
        self.threshold = threshold
        self.chance = chance
        self.noise = noise
        self.budget_s = budget_s
        self.drawn = drawn

    def verdict(self, answer: Any, rng: np.random.Generator) -> Verdict:
        """Judge a function ``predict(images)``, or its stand-in."""
        if is_blank(answer):
            return self._untouched("Write predict(images), then run this cell again.")
        if not callable(answer):
            return self._failed(
                f"Hand in a function predict(images); what arrived is {kind_of(answer)}."
            )
        images, labels = self.draw(rng)
        start, worked = time.perf_counter(), time.process_time()
        try:
            predictions = self._call(answer, (images,))
        except NotAttempted:
            return self._untouched("The function still says `raise NotImplementedError`.")
        except AnswerRaised as error:
            return self._stopped(error, f"It was given {len(images)} fresh {self.drawn}.")
        # Where another job keeps the cores busy, the computer is slow and not the answer.  A
        # stand-in computes in a process of its own, and is stopped there.
        seconds = min(time.perf_counter() - start, time.process_time() - worked)
        if seconds > self.budget_s:
            return self._failed(f"The predictions took too long: {self.budget_s:g} s is the limit.")
        try:
            score = float(self.metric(labels, predictions))
        except Exception as error:  # whatever a metric makes of predictions that are none
            return self._failed(Verbatim(f"The predictions could not be scored: {error}."))
        return self._score(score, images, labels, predictions)

    def _score(self, score: float, images: Any, labels: Any, predictions: Any) -> Verdict:
        needed = self.threshold
        needed = float(needed(images, labels) if callable(needed) else needed)
        measured = f"On {len(images)} fresh {self.drawn}: {number(round(score, 3))}"
        if score >= needed:
            return self._passed(f"{measured}, and {number(round(needed, 3))} was needed.")
        share = (score - self.chance) / (needed - self.chance)
        points = self.points * float(np.clip(np.nan_to_num(share), 0, 1))
        points = math.floor(100 * points + 1e-6) / 100  # down: "✗ 3/3" would be a riddle
        says = f"{measured}; all points take {number(round(needed, 3))}."
        for name, wrong in self.misconceptions.items():
            if difference(call(wrong.answer, (images,)), predictions) is None:
                return self._failed(wrong.says, says, points=points, misconception=name)
        if needed - score <= self._luck(images, labels, predictions):
            message = Message.of(
                f"{says} The difference is within the noise of training: two runs of one model "
                "differ by as much. Train again, or go on: there is no mistake to look for."
            )
            return Verdict("fail", points, self.points, message, near=True)
        return self._failed(says, points=points)

    def _luck(self, images: Any, labels: Any, predictions: Any) -> float:
        """How much of a score's distance from the bar is luck."""
        if self.noise is not None:
            return float(self.noise(images, labels) if callable(self.noise) else self.noise)
        return _standard_error(self.metric, labels, predictions)


def _standard_error(metric: Callable[[Any, Any], float], labels: Any, predictions: Any) -> float:
    """Bootstrap the standard error of a score over its cases; 0 where that cannot be done."""
    try:
        labels, predictions = np.asarray(labels), np.asarray(predictions)
        rng = np.random.default_rng(0)  # the same answer, the same verdict
        drawn = rng.integers(0, len(labels), (50, len(labels)))
        scores = [float(metric(labels[rows], predictions[rows])) for rows in drawn]
    except Exception:  # labels in a dictionary, a resample of one class
        return 0.0
    return float(np.std(scores, ddof=1)) if np.isfinite(scores).all() else 0.0


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
    digits = digits_that_tell(expected, got)
    return Shown("expected", expected, limits, digits), Shown("yours", got, limits, digits)


def _too_round(rounded: str) -> str:
    return (
        f"That is right, but rounded {rounded}, which is too much. Hand in the number as it was "
        "computed; round only what you print."
    )


def _significant(value: Any) -> int:
    """Count the digits of a number, without zeros in front; 0 of anything else."""
    try:
        digits = f"{abs(float(value)):.15g}".split("e")[0].replace(".", "").strip("0")
    except (TypeError, ValueError):
        return 0
    return len(digits)


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
