"""Cells that a spreadsheet shows and never runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# Excel reads UTF-8 only where the file begins with this mark; Moodle and Canvas skip it.
BYTE_ORDER_MARK = "\ufeff"

__all__ = ["BYTE_ORDER_MARK", "csv_text", "from_cell", "safe_cell"]

# What makes a spreadsheet take a cell for a formula, or for two cells, and our own mark.
_TAKEN_FOR_FORMULAS = "=+-@=+-@\t\r\n'"


def safe_cell(text: str) -> str:
    """A text as a spreadsheet may hold it: what looks like a formula gets ``'`` in front.

    Spreadsheets run a cell that begins with ``=``, ``+``, ``-`` or ``@``, also from a CSV file.
    An apostrophe in front gets one more, so that `from_cell` can take ours away again.

    >>> safe_cell("Ada Lovelace"), safe_cell("=HYPERLINK()"), safe_cell("'t Hart")
    ('Ada Lovelace', "'=HYPERLINK()", "''t Hart")
    """
    return f"'{text}" if text[:1] and text[0] in _TAKEN_FOR_FORMULAS else text


def from_cell(cell: str) -> str:
    """The reverse of `safe_cell`.

    >>> from_cell("'=1"), from_cell("''t Hart"), from_cell("plain")
    ('=1', "'t Hart", 'plain')
    """
    return cell[1:] if len(cell) > 1 and cell[0] == "'" and cell[1] in _TAKEN_FOR_FORMULAS else cell


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows of texts as CSV, each made safe, with ``\\n`` as line end on every system.

    >>> print(csv_text([["student", "note"], ["Ana, B.", "=1"]]), end="")
    student,note
    "Ana, B.",'=1
    """
    return "".join(f"{_line(row)}\n" for row in rows)


def _line(row: Sequence[str]) -> str:
    # The writer quotes what occurs in its line end, so this one quotes \r and \n alike.
    # It knows of one separator only; spreadsheets of other countries split at these too.
    return ",".join(_quoted(safe_cell(cell)) for cell in row)


def _quoted(cell: str) -> str:
    if any(mark in cell for mark in ";\t"):
        return '"' + cell.replace('"', '""') + '"'
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow([cell, ""])
    return buffer.getvalue().removesuffix(",\r\n")
