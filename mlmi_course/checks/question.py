"""What every kind of question has in common."""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from html import escape
from importlib import resources
from inspect import cleandoc
from typing import Any, TypeVar, overload

import numpy as np

from mlmi_course.checks import lectures, progress
from mlmi_course.checks.buttons import with_buttons
from mlmi_course.checks.calling import (
    AnswerRaised,
    InputChanged,
    NotAttempted,
    OutOfPatience,
    call,
    guarded,
    seed_of,
)
from mlmi_course.checks.messages import Message, Pointer, Verbatim, plain, prose_html
from mlmi_course.checks.patience import Interrupted, at_most
from mlmi_course.checks.verdicts import Verdict

_PICTURE_S = 60.0  # a picture may take many calls

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Misconception:
    """A known wrong answer, and what to say to whoever gives it.

    Parameters
    ----------
    answer : object
        What a student with this misconception would hand in: a function, a value.
    says : str
        The message, which names the misconception and points to the way out, without giving
        the answer away.
    matches : callable, optional
        ``matches(expected, got)`` says whether a reply shows this misconception, where equality
        with ``answer`` cannot: a reply that is random, for example.
    """

    answer: Any
    says: str
    matches: Callable[[Any, Any], bool] | None = None


@dataclass(frozen=True)
class Note:
    """A short text that shows itself in a notebook: a hint, a solution, a placeholder."""

    title: str
    body: str
    is_code: bool = False

    def __str__(self) -> str:
        body = self.body if self.is_code else plain(self.body)
        return f"{self.title}\n{body}".strip()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if self.is_code:
            body = f"<pre>{escape(self.body)}</pre>"
        else:
            body = f'<p style="margin:4px 0">{prose_html(self.body)}</p>'
        return (
            '<div class="mlmi-note" style="border-left:4px solid #0072B2;padding:2px 12px;'
            f'margin:4px 0"><strong>{escape(self.title)}</strong>{body}</div>'
        )


class Question(ABC):
    """One question of a lab.

    Parameters
    ----------
    title : str
        What is asked, in a few words.
    points : float, default 1
        What a right answer is worth.
    hints : sequence of str
        Shown one at a time, from the general to the particular.
    misconceptions : mapping of str to Misconception
        Known wrong answers by name, in the order in which they are tried.
    not_allowed : sequence of str
        Dotted names of package functions that the answer must not call.
    see : str
        Where to read on: the heading of the lecture's section.
    picture : callable, optional
        Draws what the answer does: called with the answer, returns a picture.

    Notes
    -----
    :meth:`verdict` never assumes that the answer lives in its own process.  It calls it with
    arrays, numbers, texts, lists and dictionaries, and expects such things back.
    """

    #: Whether a person gives the points, and not the check.
    by_a_person = False

    #: Seconds of computing after which one call of an answer is stopped in a notebook.
    patience_s = 10.0

    def __init__(
        self,
        *,
        title: str,
        points: float = 1,
        hints: Sequence[str] = (),
        misconceptions: Mapping[str, Misconception] | None = None,
        not_allowed: Sequence[str] = (),
        see: str = "",
        picture: Callable[[Any], Any] | None = None,
    ) -> None:
        if points <= 0:
            raise ValueError(f"A question is worth more than nothing; got points={points}.")
        self.title = title
        self.points = points
        self.hints = tuple(hints)
        self.misconceptions = dict(misconceptions or {})
        self.not_allowed = tuple(not_allowed)
        self.see = see
        self._picture = picture
        # Given by Unit, which knows under which name the module holds this question.
        self.name = ""
        self.unit = ""
        self.others: Mapping[str, Question] = {}  # of the same unit
        self._hints_given = 0
        self._is_home = False
        self._last: Verdict | None = None
        self._how: progress.How = "own"

    # ---- what a kind of question defines ------------------------------------------------

    @abstractmethod
    def verdict(self, answer: Any, rng: np.random.Generator) -> Verdict:
        """Judge an answer, or its stand-in, on inputs drawn from ``rng``."""

    # ---- what the author of a question writes beside it ---------------------------------

    @overload
    def mistake(self, answer: _Function, /) -> _Function: ...

    @overload
    def mistake(
        self, *, matches: Callable[[Any, Any], bool]
    ) -> Callable[[_Function], _Function]: ...

    def mistake(  # type: ignore[misc]  # mypy 2.4 wants the first argument by name
        self,
        answer: Any = None,
        /,
        *,
        matches: Callable[[Any, Any], bool] | None = None,
    ) -> Any:
        """Decorate a known wrong answer; its docstring is what the student is told.

        The function itself comes back, so that other mistakes may call it.  Mistakes are tried in
        the order in which they are written.

        Parameters
        ----------
        answer : callable
            What a student with this misconception would hand in.  Of a value it returns the value.
        matches : callable, optional
            See :class:`Misconception`.

        Raises
        ------
        ValueError
            If it has no docstring, or if the question knows a mistake of this name.
        """

        def register(function: _Function) -> _Function:
            self.knows(function.__name__, function, _message_of(function), matches=matches)
            return function

        return register if answer is None else register(answer)

    def knows(
        self,
        name: str,
        answer: Any,
        says: str,
        *,
        matches: Callable[[Any, Any], bool] | None = None,
    ) -> None:
        """Add a known wrong answer that is a value, or a function which stands elsewhere."""
        if name in self.misconceptions:
            raise ValueError(f"{self.name or self.title} knows the mistake {name!r} already.")
        self.misconceptions[name] = Misconception(answer, says, matches)

    def variants(
        self, function: Callable[..., Any], **table: tuple[Mapping[str, Any], str]
    ) -> None:
        """Add mistakes that are one function with other parameters.

        Parameters
        ----------
        function : callable
            Takes the question's arguments, and these parameters by name.
        **table
            Name of the mistake to its parameters and its message.

        Examples
        --------
        >>> import numpy as np
        >>> from mlmi_course.checks import asks
        >>> @asks(points=1)
        ... def mean(x):
        ...     '''The mean'''
        ...     return float(np.mean(x))
        >>> def root(x, power=1):
        ...     return float(np.mean(x**power) ** (1 / power))
        >>> mean.variants(root, quadratic=({"power": 2}, "That is the root of the mean square."))
        >>> list(mean.misconceptions)
        ['quadratic']
        """
        for name, (parameters, says) in table.items():
            self.knows(name, partial(function, **parameters), says)

    def picture(self, draws: _Function) -> _Function:
        """Decorate what draws an answer: called with the answer, it returns a picture."""
        self._picture = draws
        return draws

    @property
    def has_picture(self) -> bool:
        """Whether :meth:`show` has something to draw."""
        return self._picture is not None

    # ---- what a student uses ------------------------------------------------------------

    def check(self, answer: Any = ...) -> Verdict:
        """Judge your answer and say what is right, or what is not and why.

        The answer is tried on made-up inputs, the same ones every time.  Nothing is sent
        anywhere.

        Parameters
        ----------
        answer : object
            Your function (without parentheses behind it), or your value.
        """
        if self.not_allowed and callable(answer):
            answer = guarded(answer, self.not_allowed)
        with self._at_home():
            verdict = self.verdict(answer, seed_of(self.unit, self.name))
        self._last = verdict
        self._how = progress.record(self.unit, self.name, verdict)
        return verdict if self._how == "ours" else with_buttons(self, verdict)

    def show(self, answer: Any = ...) -> Any:
        """Draw what your answer does, or say why there is nothing to draw yet."""
        if self._picture is None:
            return Note("There is no picture for this question.", f"Try q.{self.name}.check(...).")
        if answer is ...:
            return self._nothing_to_draw()
        try:
            with at_most(_PICTURE_S):
                return self._picture(answer)
        except Interrupted:
            return Note("Your answer could not be drawn.", _stopped(OutOfPatience(_PICTURE_S)))
        except (NotAttempted, NotImplementedError):
            return self._nothing_to_draw()
        except AnswerRaised as error:
            return Note("Your answer could not be drawn.", _stopped(error))
        except Exception as error:
            return Note(
                "Your answer could not be drawn.",
                f"It gave something that no picture can be made of ({error}). "
                f"q.{self.name}.check({self.name}) says more.",
            )

    def hint(self) -> Note:
        """Give the next hint, one at a time."""
        if self._hints_given >= len(self.hints):
            return Note(
                "No more hints.",
                f"Read the lecture's section “{self.see}” again, or look at our answer with "
                f"q.{self.name}.solution()."
                if self.see
                else f"Our answer: q.{self.name}.solution()",
            )
        self._hints_given += 1
        title = f"Hint {self._hints_given} of {len(self.hints)}"
        return Note(title, self.hints[self._hints_given - 1])

    def solution(self) -> Note:
        """Show one right answer.  There may be others."""
        text = _solutions(self.unit).get(self.name)
        if text is None:
            return Note(
                "The solution is not at hand.",
                f"This installation holds no solution for {self.name}; see the folder solutions/.",
            )
        if not self.by_a_person:  # there one is asked to compare, after writing
            progress.looked(self.unit, self.name)
        return Note(f"One answer to “{self.title}”", text, is_code=True)

    @property
    def hints_given(self) -> int:
        """How many hints were asked for in this session."""
        return self._hints_given

    @property
    def how(self) -> progress.How:
        """Whose the last answer was: ``"own"``, ``"looked"`` (at our solution), or ``"ours"``."""
        return self._how

    @property
    def last(self) -> Verdict | None:
        """The last verdict of this session, if any."""
        return self._last

    def __repr__(self) -> str:
        return (
            f"{self.title} ({self.points:g} points). "
            f"Try q.{self.name}.check({self.name}), .hint() or .solution()."
        )

    # ---- for the kinds ------------------------------------------------------------------

    def _passed(self, *parts: Any) -> Verdict:
        return Verdict("pass", self.points, self.points, Message.of(*parts))

    def _failed(
        self, *parts: Any, points: float = 0.0, misconception: str | None = None
    ) -> Verdict:
        message = Message.of(*parts, self._pointer())
        return Verdict("fail", points, self.points, message, misconception)

    def _pointer(self) -> Pointer | str:
        """Say where to read on; a link where the lecture lies where the course has it."""
        if not self.see:
            return ""
        # Whoever grades sends the message elsewhere, and on a hosted service there is no lecture.
        address = lectures.address(self.unit, self.see) if self._is_home else ""
        return Pointer("Read on in the lecture: “", self.see, "”.", address)

    def _untouched(self, what: str) -> Verdict:
        return Verdict("not attempted", 0.0, self.points, Message.of(what))

    def _stopped(self, error: AnswerRaised, *parts: Any) -> Verdict:
        return self._failed(_stopped(error), *parts)

    @contextmanager
    def _at_home(self) -> Iterator[None]:
        """While a student asks, in her own notebook, and no grader does."""
        before, self._is_home = self._is_home, True
        try:
            yield
        finally:
            self._is_home = before

    def _call(self, answer: Any, arguments: Sequence[Any]) -> Any:
        """Call an answer; one that never ends is stopped in a notebook, and a grader sees to it."""
        return call(answer, arguments, seconds=self.patience_s if self._is_home else math.inf)

    def _nothing_to_draw(self) -> Note:
        return Note("Nothing to draw yet.", f"Write `{self.name}` above, then run this cell again.")


def _stopped(error: AnswerRaised) -> Verbatim:
    if isinstance(error, InputChanged):
        return Verbatim(error.what)
    if isinstance(error, OutOfPatience):
        where = f" in the line “{error.line}”" if error.line else ""
        return Verbatim(f"Your code was stopped{where}: {error.what}")
    where = f" in the line “{error.line}”" if error.line else ""
    return Verbatim(f"Your code stopped{where}, with {error.what}.")


def _message_of(function: Callable[..., Any]) -> str:
    """What a mistake's docstring says: its lines joined, its paragraphs kept apart."""
    text = cleandoc(function.__doc__ or "")
    if not text:
        raise ValueError(
            f"The mistake {function.__name__} has no docstring to tell the student what is wrong."
        )
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def _solutions(unit: str) -> dict[str, str]:
    """Read the solutions that the build took from the lab's source."""
    file = resources.files("mlmi_course.questions") / "solutions" / f"{unit}.json"
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
