"""Draw inputs on which every known mistake shows, and judge answers on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Number
from typing import Any

import numpy as np

from mlmi_course.checks.calling import AnswerRaised, NotAttempted, call
from mlmi_course.checks.comparing import ROUGHLY, difference, numbers_in, rounding
from mlmi_course.checks.question import Misconception


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


@dataclass(frozen=True)
class Reply:
    """What a call gave: a value, or the exception that ended it."""

    value: Any = None
    error: Exception | None = None


class Replies:
    """What an answer gives on the cases of a draw; each case is asked once, when it is needed."""

    def __init__(
        self,
        answer: Callable[..., Any],
        cases: Sequence[Case],
        ask: Callable[[Callable[..., Any], Sequence[Any]], Any] = call,
    ) -> None:
        self._answer = answer
        self._cases = cases
        self._ask = ask
        self._known: dict[int, Reply] = {}

    def __getitem__(self, place: int) -> Reply:
        if place not in self._known:
            self._known[place] = self._reply(self._cases[place])
        return self._known[place]

    def _reply(self, case: Case) -> Reply:
        try:
            return Reply(value=self._ask(self._answer, case.arguments))
        except (AnswerRaised, NotAttempted) as error:
            return Reply(error=error)


class Trial:
    """One draw of inputs, with what the reference and the known wrong answers give on it.

    Everything is computed when it is first needed, and only once: judging a class costs hardly
    more than judging one student.

    Parameters
    ----------
    cases : sequence of Case
    reference : callable
    misconceptions : mapping of str to Misconception
    tolerance : float
    """

    def __init__(
        self,
        cases: Sequence[Case],
        reference: Callable[..., Any],
        misconceptions: Mapping[str, Misconception],
        tolerance: float,
    ) -> None:
        self.cases = tuple(cases)
        self.reference = reference
        self.misconceptions = misconceptions
        self.tolerance = tolerance
        self.known = {name: Replies(it.answer, self.cases) for name, it in misconceptions.items()}
        self._expected: dict[int, Any] = {}

    def expected(self, place: int) -> Any:
        """Return what the reference gives on a case."""
        if place not in self._expected:
            self._expected[place] = self.reference(*self.cases[place].arguments)
        return self._expected[place]

    def is_right(self, reply: Reply, place: int) -> bool:
        """Whether a reply is what the reference gives on this case."""
        return (
            reply.error is None
            and difference(self.expected(place), reply.value, self.tolerance) is None
        )

    def first_failure(self, replies: Replies) -> int | None:
        """Return the first case on which an answer is not right, or None."""
        places = range(len(self.cases))
        return next((i for i in places if not self.is_right(replies[i], i)), None)

    def name_of(self, replies: Replies, failed: int) -> str | None:
        """Return the known wrong answer that behaves like this one, if there is one.

        Parameters
        ----------
        replies : Replies
            Of an answer that failed.
        failed : int
            The first case on which it did, by a value and not by an exception.

        Returns
        -------
        str or None
            The mistake that explains every *wrong* reply.  Where it would show and the answer is
            right after all, it was made in a part of the cases (an edge case was looked after):
            that is forgiven as long as it shows in at least as many.  A second slip is forgiven
            where the answer breaks down (an exception, or a nan in place of a number), if only
            one known mistake is left then: naming one that was not made is worse than naming none.
        """
        alike = [name for name in self.misconceptions if self._agrees_until(name, replies, failed)]
        if not alike:
            return None
        later = range(failed + 1, len(self.cases))
        whole: dict[str, int] = {}
        broken: list[str] = []
        for name in alike:
            agreements, shown, spared = 0, 1, 0
            for place in later:
                how = self._agreement(name, replies, place)
                if how is None:
                    break
                if how == "broken":
                    broken.append(name)
                    break
                agreements += how == "alike"
                shown += how == "alike" and not self.is_right(replies[place], place)
                spared += how == "spared"
            else:
                if spared <= shown:
                    whole[name] = agreements
        if whole:
            return max(whole, key=whole.__getitem__)
        return broken[0] if len(broken) == 1 else None

    def _agrees_until(self, name: str, replies: Replies, failed: int) -> bool:
        # The failure first: nearly every other mistake shows itself there.
        return all(self._is_alike(name, replies, place) for place in range(failed, -1, -1))

    def _is_alike(self, name: str, replies: Replies, place: int) -> bool:
        theirs = replies[place]
        if theirs.error is not None:
            return False
        matches = self.misconceptions[name].matches
        if matches is not None:
            try:
                return bool(matches(self.expected(place), theirs.value))
            except (TypeError, ValueError, KeyError, IndexError, AttributeError):
                return False  # a reply of a form that it was not written for
        return self._equals(name, replies, place)

    def _equals(self, name: str, replies: Replies, place: int) -> bool:
        """Whether an answer gives what the known wrong one gives."""
        if self.known[name] is replies:
            return True
        ours, theirs = self.known[name][place], replies[place]
        if ours.error is not None or theirs.error is not None:
            return False
        try:
            return difference(ours.value, theirs.value, self.tolerance) is None
        except TypeError:  # a known wrong answer of a form that cannot be compared
            return False

    def _agreement(self, name: str, replies: Replies, place: int) -> str | None:
        """How a mistake goes with a later reply: alike, hidden, spared, broken, or not (None)."""
        if self._is_alike(name, replies, place):
            return "alike"
        theirs = replies[place]
        if self.misconceptions[name].matches is not None and (
            self.is_right(theirs, place) or self._equals(name, replies, place)
        ):
            return "hidden"  # a mistake that need not show everywhere
        if self.is_right(theirs, place):
            return "spared"  # the mistake would show here, and was not made
        if theirs.error is not None:
            return "broken"
        if not _all_finite(theirs.value) and _all_finite(self.expected(place)):
            return "broken"
        return None

    def rounded_to(self, replies: Replies) -> str | None:
        """Say to what an answer is rounded, if every reply is the right one but for that."""
        found: set[str] = set()
        numbers: set[float] = set()
        for place in range(len(self.cases)):
            reply = replies[place]
            if reply.error is not None:
                return None
            if self.is_right(reply, place):
                continue
            how = rounding(self.expected(place), reply.value)
            if how is None:
                return None
            found.add(how)
            right = numbers_in(self.expected(place))
            numbers.update([] if right is None else right.tolist())
        # The same rule throughout; and a whole number or two might be chance.
        if len(found) != 1 or (found & {*ROUGHLY} and len(numbers) < 3):
            return None
        return found.pop()

    @cached_property
    def untold(self) -> dict[str, str | None]:
        """Known wrong answers that this draw does not tell apart, and what each is taken for.

        The value is the name of another known wrong answer, ``"the right answer"``, or None
        where the mistake is not recognised at all.
        """
        told: dict[str, str | None] = {}
        for name, replies in self.known.items():
            failed = self.first_failure(replies)
            if failed is None:
                told[name] = "the right answer"
            elif replies[failed].error is not None:
                told[name] = None
            elif (taken := self.name_of(replies, failed)) != name:
                told[name] = taken
        return told


def _all_finite(value: Any) -> bool:
    """Whether every number in a reply is finite; what holds no numbers is."""
    if isinstance(value, Mapping):
        return all(map(_all_finite, value.values()))
    if isinstance(value, list | tuple):
        return all(map(_all_finite, value))
    if isinstance(value, Number):
        return math.isfinite(abs(value))  # type: ignore[arg-type]
    try:
        array = np.asarray(value)
        return array.dtype.kind not in "fc" or bool(np.isfinite(array).all())
    except Exception:  # an object that cannot be looked at
        return True


class Draws:
    """Draws of a question, each redrawn until it tells all known wrong answers apart.

    Inputs are random, so now and then a mistake hides: a search that happens to find nothing, two
    slices that happen to lie where the mistake puts them.  Whoever made it would pass by luck.
    The next draw comes from the same generator, so it is as reproducible as the first.

    Parameters
    ----------
    most : int, default 30
        Draws that are tried.  A mistake that hides on one draw of ten hides on thirty with a
        probability of 10⁻³⁰.
    """

    def __init__(self, most: int = 30) -> None:
        self.most = most
        self._settled: dict[str, tuple[tuple[object, ...], Mapping[str, Any], Trial]] = {}

    def settle(
        self,
        rng: np.random.Generator,
        inputs: Callable[[np.random.Generator], Sequence[Case]],
        reference: Callable[..., Any],
        misconceptions: Mapping[str, Misconception],
        tolerance: float,
    ) -> Trial:
        """Return the first draw on which nothing is untold, or the best of those tried.

        Whoever asks again with a generator in the same state gets the same trial, without a new
        computation: the students of a class are judged on one draw.
        """
        question = (inputs, reference, *misconceptions.values(), tolerance, self.most)
        before = repr(rng.bit_generator.state)
        kept = self._settled.get(before)
        if kept is not None and kept[0] == question:
            rng.bit_generator.state = kept[1]
            return kept[2]
        best: Trial | None = None
        for _ in range(max(self.most, 1)):
            start = repr(rng.bit_generator.state)
            trial = Trial(inputs(rng), reference, misconceptions, tolerance)
            if best is None or len(trial.untold) < len(best.untold):
                best = trial
            if self.most < 2 or not trial.untold or repr(rng.bit_generator.state) == start:
                break  # inputs without luck are the same on every draw
        assert best is not None
        while len(self._settled) >= 4:  # the public draw, and a few more
            self._settled.pop(next(iter(self._settled)), None)
        self._settled[before] = (question, rng.bit_generator.state, best)
        return best


def complaint(trial: Trial, name: str, most: int) -> str:
    """Say to the author what a draw does not tell apart, and what to do."""
    lines = [
        f"  {wrong!r} " + (f"is taken for {taken}" if taken else "is not recognised")
        for wrong, taken in trial.untold.items()
    ]
    return (
        f"{name}: of up to {most} draws none tells the known wrong answers apart. On the best one\n"
        + "\n".join(lines)
        + "\nGive an input on which the mistake shows, change its answer, or leave it out."
    )


__all__ = ["Case", "Draws", "Replies", "Reply", "Trial", "complaint"]
