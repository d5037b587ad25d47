"""Three kinds of question: a function, a value, a thought.  That of a model is in ``models``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from mlmi_course.checks.calling import (
    AnswerRaised,
    HelperUnwritten,
    NotAttempted,
    is_blank,
    seed_of,
)
from mlmi_course.checks.comparing import difference, digits_that_tell, rounding
from mlmi_course.checks.helpers import helpers_of
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
        evidence = self._called_with(trial.cases[failed])
        if isinstance(error, AnswerRaised):
            return self._stopped(error, *blame(self, answer, error), *evidence)
        blamed = blame(self, answer)
        if blamed:  # whatever the replies look like, the mistake may lie there
            evidence += _beside(trial.expected(failed), replies[failed].value)
            return self._failed(*blamed, *evidence)
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

    def knows_forms_of_letters(self) -> None:
        """Know a right answer of letters, such as ``"BDF"``, in other forms that students write.

        Small, with commas or spaces between them, or backwards: who has found the right ones is
        told so, and how to write them.

        Examples
        --------
        >>> faults = ValueQuestion(title="Which are wrong?", reference=lambda: "BDF")
        >>> faults.knows_forms_of_letters()
        >>> "as one word" in str(faults.check("b, d, f"))
        True
        """
        right = self.right()
        for case, letters in (("", right), ("small_", right.lower())):
            for name, between in (
                ("with_commas", ", "),
                ("with_bare_commas", ","),
                ("with_spaces", " "),
            ):
                form = between.join(letters)
                how = "write their letters in capitals, as one word."
                self.knows(case + name, form, f"Those are the ones, but not as `{form}`: {how}")
        says = "Those are the ones. Write their letters in capitals, without spaces."
        self.knows("small_letters", right.lower(), says)
        says = "Those are the ones. Write their letters in the order of the alphabet."
        self.knows("backwards", right[::-1], says)

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
        if how := _asked_form(expected, answer):
            return self._failed(f"Those are the right ones, in another form: {how}", *evidence)
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


def _asked_form(expected: Any, answer: Any) -> str:
    """How to write an answer of letters or words that is right but for its form; else empty."""
    if isinstance(expected, str):
        if not expected.isupper() or sorted({*expected}) != [*expected]:
            return ""
        found = "".join(_words(answer))
        same = len(found) == len(expected) and {*found} == {*expected.casefold()}
        how = "write their letters in capitals, in the order of the alphabet, as one word."
        return how if same else ""
    if not isinstance(expected, Mapping) or not isinstance(answer, Mapping):
        return ""
    texts = [value for value in expected.values() if isinstance(value, str)]
    if len(texts) < len(expected) or not all(re.fullmatch(r"[\w ]+", text) for text in texts):
        return ""  # such as signs, which are no words
    keys = {str(key).strip().casefold(): key for key in answer}
    if keys.keys() != {str(key).casefold() for key in expected}:
        return ""
    for key, value in expected.items():
        if sorted(_words(answer[keys[str(key).casefold()]])) != sorted(_words(value)):
            return ""
    key, value = next(iter(expected.items()))
    return f"write each as one text, as in `{{{key!r}: {value!r}}}`."


def _words(answer: Any) -> list[str]:
    """The words of a text, or of a list of texts, without case, punctuation and *and*."""
    if isinstance(answer, list | tuple | set):
        answer = " ".join(map(str, answer))
    if not isinstance(answer, str):
        return []
    return [word for word in re.findall(r"[^\W_]+", answer.casefold()) if word != "and"]


def blame(question: Question, answer: Any, error: Exception | None = None) -> tuple[str, ...]:
    """Say that a failed answer calls that to another question, if that one is not right either.

    Only in the student's own notebook: a grader has no more than a stand-in for the answer.
    """
    if not question._is_home or isinstance(error, HelperUnwritten):  # which says so itself
        return ()
    for name, helper in helpers_of(answer).items():
        other = question.others.get(name)
        # One that is being judged already calls the function that calls it.
        if not isinstance(other, FunctionQuestion) or other is question or other._is_home:
            continue
        with other._at_home():
            if other.verdict(helper, seed_of(other.unit, other.name)).status != "pass":
                return (
                    f"Your function calls `{name}`, and the check of that one does not pass yet. "
                    f"Mend `{name}` first, then run this cell again.",
                )
    return ()


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
