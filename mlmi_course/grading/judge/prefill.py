"""Fill the data cache before the first fork: submissions read it and cannot write it."""

from __future__ import annotations

import ast
import contextlib
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from mlmi_course.checks.progress import home
from mlmi_course.grading.judge.notebooks import NotANotebook, code_cells

_MOST = 10_000

#: A loader of ``mlmi_course.data``, its arguments, and its named arguments.
Load = tuple[str, tuple[Any, ...], tuple[tuple[str, Any], ...]]


def common_loads(contents: Iterable[bytes]) -> tuple[Load, ...]:
    """Return the calls of loaders that more than half of the notebooks make.

    Only calls with plain and modest arguments count: what is loaded here is loaded outside the
    sandbox.  Whatever is missing is simulated inside, again for each submission.
    """
    found: Counter[Load] = Counter()
    total = 0
    for content in contents:
        with contextlib.suppress(NotANotebook):
            total += 1
            found.update(_loads(code_cells(content)))
    return tuple(sorted((load for load, count in found.items() if 2 * count > total), key=repr))


def _loads(cells: Iterable[str]) -> set[Load]:
    loads: set[Load] = set()
    for cell in cells:
        if "load_" not in cell:
            continue
        # A magic or a mistake: then this cell names nothing.
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            for node in ast.walk(ast.parse(cell)):
                if isinstance(node, ast.Call) and (load := _load(node)):
                    loads.add(load)
    return loads


def _load(call: ast.Call) -> Load | None:
    from mlmi_course import data

    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name not in data.__all__ or not name.startswith("load_"):
        return None
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not all(isinstance(value, ast.Constant) and _is_modest(value.value) for value in values):
        return None
    named = tuple((str(keyword.arg), keyword.value.value) for keyword in call.keywords)  # type: ignore[attr-defined]
    return name, tuple(value.value for value in call.args), named  # type: ignore[attr-defined]


def _is_modest(value: Any) -> bool:
    return isinstance(value, bool | str) or (isinstance(value, int | float) and value <= _MOST)


def fill(loads: Sequence[Load]) -> None:
    """Load what will be loaded, so that it is on the disk; a failure only costs time later."""
    with contextlib.suppress(OSError):  # what is mounted must exist when the sandbox starts
        (home() / "cache").mkdir(parents=True, exist_ok=True)
    if not loads:
        return
    from mlmi_course import data

    for name, arguments, named in loads:
        with contextlib.suppress(Exception):
            getattr(data, name)(*arguments, **dict(named))
