"""Where good libraries mean different things by one name: rows that are computed, not remembered.

A row is a function: its docstring says what each library means, its body is the example that the
page shows, and it returns what came out, by label.  A module holds the rows of a group, and the
first line of its docstring is the group's heading.

    @row("Energy of a GLCM", libraries=("scikit-image",), units=("20",), ours="…")
    def glcm_energy():
        \"\"\"What it is to one, and to the other.\"\"\"
        …
        return {"graycoprops(…, 'energy')": 0.1, "graycoprops(…, 'ASM')": 0.01}

``python -m conventions`` computes them all, and says which differ from ``values.json``; with
``--write`` it stores what came out.  ``tests/test_conventions.py`` does the same and fails.  From
the functions' text and the stored values `mlmi build` writes ``docs/conventions.md``, which
imports nothing: all that stands in the decorator is literal.

Rows about libraries that the course does not install are scripts in ``findings/``;
``python -m conventions.findings`` runs them.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlmi_course.building.conventions import slug

HERE = Path(__file__).parent
GROUPS = (
    "geometry",
    "dicom_files",
    "masks",
    "images",
    "radiomics",
    "statistics",
    "survival",
    "networks",
    "embedding",
)
"""Modules with rows, in the order of the page."""


@dataclass(frozen=True)
class Row:
    """A row: its heading, the libraries that it computes with, and how.

    Parameters
    ----------
    title : str
        Its heading on the page, from which its address is made.
    libraries : tuple of str
        Names of distributions, as in ``constraints.txt``.
    compute : callable
        Takes nothing and gives values by label.
    margin : float
        By how much a number may differ, relative to its size.
    """

    title: str
    libraries: tuple[str, ...]
    compute: Callable[[], dict[str, Any]]
    margin: float = 1e-3

    @property
    def address(self) -> str:
        """What stands behind the # in a link to it."""
        return slug(self.title)

    def values(self) -> dict[str, Any]:
        """What the installed libraries give, as it is stored."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return {label: storable(value) for label, value in self.compute().items()}


ROWS: dict[str, Row] = {}


def row(
    title: str,
    *,
    libraries: tuple[str, ...],
    ours: str,
    units: tuple[str, ...] = (),
    margin: float = 1e-3,
) -> Callable[[Callable[[], dict[str, Any]]], Callable[[], dict[str, Any]]]:
    """Make a row of a function; ``ours`` says what this course uses, and why."""

    def note(compute: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
        made = Row(title, libraries, compute, margin)
        if made.address in ROWS:
            raise ValueError(f"two rows have the address {made.address}")
        ROWS[made.address] = made
        return compute

    return note


def all_rows() -> dict[str, Row]:
    """Every row, by its address."""
    for group in GROUPS:
        importlib.import_module(f"conventions.{group}")
    return ROWS


def refused(call: Callable[[], Any]) -> str:
    """The kind of error that a call ends with, or what it gives where it gives something."""
    try:
        given = call()
    except Exception as error:
        return type(error).__name__
    return f"no error: {given}"


def storable(value: Any) -> Any:
    """A value as JSON keeps it: to six digits, with nan and infinities as words.

    Examples
    --------
    >>> import numpy as np
    >>> storable(np.array([1, 2])), storable(np.float32(2 / 3)), storable(float("nan"))
    ([1, 2], 0.666667, 'nan')
    """
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [storable(part) for part in value]
    if isinstance(value, float):
        digits = f"{value:.6g}"
        return float(digits) if digits.lstrip("-") not in ("nan", "inf") else digits
    if isinstance(value, (bool, int, str)):
        return value
    raise TypeError(f"a row gives numbers, texts and lists of them, got {type(value).__name__}")


def differ(stored: Any, computed: Any, margin: float) -> bool:
    """Whether two values are different ones: numbers by more than the margin.

    Examples
    --------
    >>> differ(1.0, 1.0001, 1e-3), differ([1, "a"], [1, "b"], 1e-3), differ(2, 3, 1.0)
    (False, True, True)
    """
    if isinstance(stored, list) and isinstance(computed, list):
        pairs = zip(stored, computed, strict=False)
        return len(stored) != len(computed) or any(differ(a, b, margin) for a, b in pairs)
    numbers = [isinstance(v, (int, float)) and not isinstance(v, bool) for v in (stored, computed)]
    if all(numbers) and (isinstance(stored, float) or isinstance(computed, float)):
        return abs(stored - computed) > margin * max(abs(stored), abs(computed)) + 1e-9
    return type(stored) is not type(computed) or stored != computed
