"""Take the code out of a notebook that anybody may have edited with anything."""

from __future__ import annotations

import json
import re
from typing import Any

MOST_BYTES = 100 * 2**20
_MOST_PARTS = 5_000_000


class NotANotebook(ValueError):
    """The file holds no notebook; the message says what it holds."""


#: A cell's kind, such as ``"code"``, and its source.
Cell = tuple[str, str]


def code_cells(content: bytes) -> list[str]:
    """Return the code of a notebook's cells, in their order.

    Metadata, ids, outputs and the version are not looked at: editors and hosted services
    change them at will.

    Parameters
    ----------
    content : bytes
        The file.

    Returns
    -------
    list of str
        Empty cells included, so that cell numbers are those that a person counts.

    Raises
    ------
    NotANotebook
        If there is no way to read it as one.

    Examples
    --------
    >>> code_cells(b'{"cells": [{"cell_type": "code", "source": ["a = 1\\\\n", "b = 2"]}]}')
    ['a = 1\\nb = 2']
    """
    return [source for kind, source in all_cells(content) if kind == "code"]


def all_cells(content: bytes) -> list[Cell]:
    """Return every cell of a notebook, text too; see :func:`code_cells`."""
    if not content.strip():
        raise NotANotebook("the file is empty")
    if len(content) > MOST_BYTES:
        raise NotANotebook(f"the file is larger than {MOST_BYTES >> 20} MB")
    # Each part becomes an object of Python's, many times as large as its text.
    if sum(content.count(mark) for mark in (b",", b"[", b"{")) > _MOST_PARTS:
        raise NotANotebook("the file is not a notebook: it has millions of parts")
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise NotANotebook("the file is not a notebook: it cannot be read as JSON") from None
    cells = _cells(notebook)
    if cells is None:
        raise NotANotebook("the file is not a notebook: it has no cells")
    return [(str(cell.get("cell_type")), _source(cell)) for cell in cells if isinstance(cell, dict)]


def _cells(notebook: Any) -> list[Any] | None:
    if not isinstance(notebook, dict):
        return None
    sheets = notebook.get("worksheets")  # nbformat 3 and before
    if "cells" not in notebook and isinstance(sheets, list):
        found = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        return [cell for cells in found if isinstance(cells, list) for cell in cells]
    cells = notebook.get("cells")
    return cells if isinstance(cells, list) else None


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def units_named(cells: list[str]) -> set[str]:
    """Return the modules of questions that the code speaks of.

    >>> sorted(units_named(["from mlmi_course.questions import u01_medical_images as q"]))
    ['u01_medical_images']
    """
    text = "\n".join(cells)
    # Nothing here tries a blank twice: a million of them cost no more than reading them.
    found = re.findall(r"mlmi_course\.questions\s++import\s++(?:\(\s*+)?(u\d\d_\w+)", text)
    return {*found, *re.findall(r"mlmi_course\.questions\.(u\d\d_\w+)", text)}
