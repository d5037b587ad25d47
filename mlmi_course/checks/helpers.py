"""Find the functions of a notebook that an answer leans on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType
from typing import Any


def helpers_of(answer: Callable[..., Any]) -> dict[str, FunctionType]:
    """Return the functions that an answer calls by name, and those which they call in turn.

    Parameters
    ----------
    answer : callable
        A student's function.

    Returns
    -------
    dict of str to function
        Those that stand where the answer stands, the nearest ones first; what is imported is no
        helper.  Nothing for an answer that is no plain function.

    Examples
    --------
    >>> def order(numbers):
    ...     return sorted(numbers)
    >>> def smallest(numbers):
    ...     return min(order(n)[0] for n in numbers)
    >>> list(helpers_of(smallest))
    ['order']
    """
    try:
        waiting: list[Any] = [inspect.unwrap(answer)]
    except Exception:  # an object whose attributes raise
        return {}
    found: dict[str, FunctionType] = {}
    for function in waiting:  # which grows on the way
        if not isinstance(function, FunctionType):
            continue
        scope = function.__globals__
        for name in _names(function.__code__):
            value = scope.get(name)
            if (
                isinstance(value, FunctionType)
                and value.__globals__ is scope
                and not any(value is known for known in waiting)
            ):
                found[name] = value
                waiting.append(value)
    return found


def _names(code: CodeType) -> Iterator[str]:
    """All names that code looks up, that of functions within it too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


__all__ = ["helpers_of"]
