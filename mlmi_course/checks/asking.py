"""Write a question in one place: the right answer, then its inputs, its mistakes, its picture."""

from __future__ import annotations

from collections.abc import Callable
from inspect import cleandoc
from typing import Any

from mlmi_course.checks.kinds import FunctionQuestion, ValueQuestion


def asks(points: float = 1, **settings: Any) -> Callable[[Callable[..., Any]], FunctionQuestion]:
    """Turn the right function into the question that asks for it.

    The function's name is that of the question, and its docstring is the title.  What belongs to
    the question follows it: ``@name.inputs``, ``@name.mistake``, ``@name.picture``.

    Parameters
    ----------
    points : float, default 1
    **settings
        ``see``, ``hints``, ``tolerance``, ``not_allowed``: see :class:`FunctionQuestion`.

    Returns
    -------
    callable
        A decorator; the function itself stays at hand as ``name.right``.

    Raises
    ------
    ValueError
        If the function has no docstring, or its docstring more than a line.

    Examples
    --------
    >>> import numpy as np
    >>> @asks(points=2, see="Spread", hints=("How many deviations are free?",))
    ... def variance(x):
    ...     '''The variance of a sample'''
    ...     return float(np.sum((x - x.mean()) ** 2) / (len(x) - 1))
    >>> @variance.inputs
    ... def few_numbers(rng):
    ...     yield (rng.normal(size=5),)
    >>> @variance.mistake
    ... def of_the_population(x):
    ...     '''You divide by n. The mean was taken from the same numbers: divide by n - 1.'''
    ...     return float(np.var(x))
    >>> variance.check(lambda x: float(np.var(x, ddof=1))).status
    'pass'
    >>> variance.check(lambda x: float(np.var(x))).misconception
    'of_the_population'
    >>> variance.right(np.array([1.0, 3.0]))
    2.0
    """

    def ask(right: Callable[..., Any]) -> FunctionQuestion:
        question = FunctionQuestion(
            title=_title_of(right), points=points, reference=right, **settings
        )
        question.name = right.__name__
        return question

    return ask


def asks_value(points: float = 1, **settings: Any) -> Callable[[Callable[[], Any]], ValueQuestion]:
    """Turn the function that computes a value into the question that asks for the value.

    Parameters
    ----------
    points : float, default 1
    **settings
        ``see``, ``hints``, ``tolerance``, ``tell``: see :class:`ValueQuestion`.

    Returns
    -------
    callable
        A decorator.  A value that is known to be wrong is added by ``name.mistake``, as a function
        that computes it, or by ``name.knows``.

    Raises
    ------
    ValueError
        If the function has no docstring, or its docstring more than a line.

    Examples
    --------
    >>> @asks_value(points=1)
    ... def slices():
    ...     '''How many slices?'''
    ...     return 27
    >>> slices.knows("fence", 26, "Those are the gaps between them.")
    >>> slices.check(27).status, slices.check(26).misconception
    ('pass', 'fence')
    """

    def ask(right: Callable[[], Any]) -> ValueQuestion:
        question = ValueQuestion(title=_title_of(right), points=points, reference=right, **settings)
        question.name = right.__name__
        return question

    return ask


def _title_of(function: Callable[..., Any]) -> str:
    title = cleandoc(function.__doc__ or "")
    if not title or "\n" in title:
        raise ValueError(
            f"{function.__name__} is a question, so its docstring is the title: one line, and what "
            "arrived " + ("has more." if title else "has none.")
        )
    return title


__all__ = ["asks", "asks_value"]
