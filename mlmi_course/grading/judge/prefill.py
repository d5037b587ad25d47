"""Fill the data cache before the first fork: submissions read it and cannot write it."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from mlmi_course._home import home
from mlmi_course.grading.judge.notebooks import NotANotebook, code_cells

_MOST = 10_000

#: A loader of ``mlmi_course.data``, its arguments, and its named arguments.
Load = tuple[str, tuple[Any, ...], tuple[tuple[str, Any], ...]]


def exercise_loads(unit: str, folder: Path | None = None) -> tuple[Load, ...]:
    """Return the calls of loaders that a unit's exercise makes.

    What is loaded here is loaded outside the sandbox, so that no submission has a say in it.
    Only calls with plain and modest arguments count.  Whatever is missing, also where the
    exercises are not at hand, is simulated inside, again for each submission.

    Parameters
    ----------
    unit : str
        Such as ``"05_perceptrons"``.
    folder : Path, optional
        Of the exercises; those beside the package by default.
    """
    folder = folder or Path(__file__).resolve().parents[3] / "exercises"
    try:
        cells = code_cells((folder / f"{unit}.ipynb").read_bytes())
    except (OSError, NotANotebook):
        return ()
    return tuple(sorted(_loads(cells), key=repr))


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
