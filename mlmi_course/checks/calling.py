"""Call a student's function, and turn whatever happens into something that can be judged."""

from __future__ import annotations

import copy
import functools
import inspect
import linecache
import math
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np

from mlmi_course.checks.comparing import difference
from mlmi_course.checks.patience import Interrupted, at_most


class NotAttempted(Exception):
    """The answer is still the blank that the exercise came with."""


class AnswerRaised(Exception):
    """The student's code stopped with an exception.

    A stand-in for an answer in another process raises it too, also where the process was
    lost or its reply made no sense.

    Parameters
    ----------
    what : str
        What happened, for example ``"ZeroDivisionError: division by zero"``.
    line : str, optional
        The line of the student's code where it happened.
    """

    def __init__(self, what: str, line: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.line = line


class InputChanged(AnswerRaised):
    """The answer changed an array, list or dictionary that it was given.

    :func:`call` finds out by looking at what it handed over.  A stand-in for an answer in
    another process must do the same where the answer lives, and raise this here.
    """

    def __init__(self) -> None:
        super().__init__(
            "Your function changes what it is given: whoever calls it next finds other data. "
            "Work on a copy, as in `hu = hu - 1` instead of `hu -= 1`."
        )


class HelperUnwritten(AnswerRaised):
    """The answer calls another function that is still the blank of the exercise."""


class OutOfPatience(AnswerRaised):
    """The answer was stopped, because it did not come to an end."""

    def __init__(self, seconds: float, line: str = "") -> None:
        super().__init__(
            f"after {seconds:g} s of computing it had not come to an end. Does a loop never stop?",
            line,
        )


def is_blank(answer: Any) -> bool:
    """Whether a value is the blank of an exercise: ``...``, or nothing at all."""
    return answer is ... or answer is None


def call(answer: Callable[..., Any], arguments: Sequence[Any], *, seconds: float = math.inf) -> Any:
    """Call the answer with copies of the arguments.

    Copies, so that a function that changes its input spoils neither the next comparison nor
    the picture of the input in the message.  NumPy's warnings are silenced: the random inputs
    are ours, and so is what they provoke.

    Parameters
    ----------
    answer : callable
    arguments : sequence
    seconds : float, optional
        Stop an endless call after so much computing, where that can be done; never by default.
        A grader has limits of its own.

    Raises
    ------
    NotAttempted
        If the function is still the stub of the exercise.
    OutOfPatience
        If the call was stopped.
    InputChanged
        If the function changed what it was given: the next cell would see other data.
    AnswerRaised
        If the function raises anything else, ``SystemExit`` included.
    """
    given = copy.deepcopy(tuple(arguments))
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), at_most(seconds):
            warnings.simplefilter("ignore")
            got = answer(*given)
    except (NotAttempted, AnswerRaised, KeyboardInterrupt):
        raise
    except Interrupted as error:
        if math.isinf(seconds):  # somebody else's limit
            raise
        raise OutOfPatience(seconds, _line_in(answer, error)) from None
    except NotImplementedError as error:
        if _in_a_library(error):
            raise AnswerRaised(_what(error), _line_in(answer, error)) from error
        unwritten = _unwritten_helper(answer, error)
        if unwritten:
            raise HelperUnwritten(*unwritten) from error
        raise NotAttempted from error
    except (Exception, SystemExit) as error:
        raise AnswerRaised(_what(error), _line_in(answer, error)) from error
    if not all(_unchanged(before, after) for before, after in zip(arguments, given, strict=True)):
        raise InputChanged
    return got


def _unchanged(before: Any, after: Any) -> bool:
    try:
        return difference(before, after, tolerance=0) is None
    except TypeError:  # an object that only a notebook's own question can know
        return True


def _in_a_library(error: BaseException) -> bool:
    """Whether an installed package raised it, and not the blank of an exercise."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return "site-packages" in frames[-1].f_code.co_filename


def _unwritten_helper(answer: Callable[..., Any], error: BaseException) -> tuple[str, str] | None:
    """Name another function that is still a blank, and the line that calls it.

    None if it is the answer itself that raises, or a function within it.
    """
    code = getattr(inspect.unwrap(answer), "__code__", None)
    frames = [(frame.f_code, number) for frame, number in traceback.walk_tb(error.__traceback__)]
    places = [i for i, (called, _) in enumerate(frames) if called is code]
    raiser = frames[-1][0]
    if (
        code is None
        or not places
        or raiser is code
        or raiser.co_qualname.startswith(f"{code.co_qualname}.<")
    ):
        return None
    caller, number = frames[-2]
    return (
        f"a call of `{raiser.co_name}`, which still says `raise NotImplementedError`: write that "
        "function first",
        linecache.getline(caller.co_filename, number).strip(),
    )


def _what(error: BaseException) -> str:
    words = traceback.format_exception_only(error)[-1].strip()
    return words if len(words) <= 300 else f"{words[:300]} …"


def _line_in(answer: Callable[..., Any], error: BaseException) -> str:
    """Return the deepest line of the traceback that the student wrote."""
    code = getattr(inspect.unwrap(answer), "__code__", None)
    if code is None:
        return ""
    # Every cell has a file name of its own, and a function may call another cell's helper:
    # what is *not* the student's lives in an installed package.
    frames = [
        (frame.f_code.co_filename, number)
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == code.co_filename or "ipykernel" in frame.f_code.co_filename
    ]
    return linecache.getline(*frames[-1]).strip() if frames else ""


def guarded(answer: Callable[..., Any], names: Sequence[str]) -> Callable[..., Any]:
    """Wrap an answer so that package functions it should not lean on refuse while it runs.

    Parameters
    ----------
    answer : callable
        The student's function.
    names : sequence of str
        Dotted names, for example ``"mlmi_course.metrics.dice"``.

    Notes
    -----
    In a notebook this is a reminder, not a wall: a grader keeps the functions out of reach.
    """

    try:
        scope = getattr(answer, "__globals__", {})
    except Exception:  # an object whose attributes raise is an answer too, if a strange one
        return answer

    @functools.wraps(answer)
    def guarded_answer(*arguments: Any) -> Any:
        with _refusing(names, scope):
            return answer(*arguments)

    return guarded_answer


@contextmanager
def _refusing(names: Sequence[str], scope: dict[str, Any]) -> Iterator[None]:
    """Replace functions in their module, and in ``scope`` where another name was given them."""
    replaced: list[tuple[dict[str, Any], str, Any]] = []
    for dotted in names:
        module, _, name = dotted.rpartition(".")
        home = import_module(module)
        forbidden, namespace = getattr(home, name), vars(home)  # a lazy module may lack it still
        places = [(namespace, name)]
        places += [(scope, alias) for alias, value in scope.items() if value is forbidden]
        for place, alias in places:
            replaced.append((place, alias, forbidden))
            place[alias] = _refusal(dotted)
    try:
        yield
    finally:
        for place, alias, original in replaced:
            place[alias] = original


def _refusal(dotted: str) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise RuntimeError(f"{dotted} is what this question asks you to write: do not call it here")

    return refuse


def seed_of(*names: str) -> np.random.Generator:
    """Return the random generator of public checks: the same for the same names, everywhere.

    >>> int(seed_of("u01", "to_hu").integers(1000)) == int(seed_of("u01", "to_hu").integers(1000))
    True
    """
    return np.random.default_rng(list("/".join(names).encode()))
