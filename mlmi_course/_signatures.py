"""Functions that pass arguments on, and still show them by name."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, Final, TypeVar, get_type_hints

__all__ = ["USUAL", "shows"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


class _Usual:
    def __repr__(self) -> str:
        return "…"


USUAL: Final = _Usual()
"""In a signature: the default of whoever gets the argument in the end."""


def shows(arguments: type) -> Callable[[_Function], _Function]:
    """Show arguments one by one in a function's signature, where Python writes ``**``.

    Completion in a notebook and ``help`` read the signature, and do not look into ``Unpack``.

    Parameters
    ----------
    arguments : TypedDict or dataclass
        Names and types; a dataclass also has the defaults.

    Examples
    --------
    >>> from mlmi_course.phantoms.arguments import SectionArguments
    >>> @shows(SectionArguments)
    ... def load(n=24, **arguments):
    ...     return arguments
    >>> list(inspect.signature(load).parameters)
    ['n', 'difficulty', 'exposure', 'vessels', 'single_grains', 'dust']
    >>> load(dust=0.2)
    {'dust': 0.2}
    """
    defaults = {}
    if dataclasses.is_dataclass(arguments):
        defaults = {field.name: field.default for field in dataclasses.fields(arguments)}

    def mark(function: _Function) -> _Function:
        signature = inspect.signature(function)
        own = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
        more = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=defaults.get(name, USUAL),
                annotation=kind,
            )
            for name, kind in get_type_hints(arguments).items()
        ]
        shown = signature.replace(parameters=[*own, *more])
        function.__signature__ = shown  # type: ignore[attr-defined]
        return function

    return mark
