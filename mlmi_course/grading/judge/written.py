"""Free text that stands beside its place: in a cell of text, or behind one quotation mark too many.

A person marks free text, so what matters is that nobody's words are lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from mlmi_course.grading.judge.notebooks import Cell, NotANotebook, all_cells

_QUOTES = ('"""', "'''")
_BLANK = ". …\n\t"


def written_text(cells: Sequence[Cell], name: str, own: Iterable[str] = ()) -> str | None:
    """Find what a student wrote for a question whose variable is still blank.

    Parameters
    ----------
    cells : sequence of (kind, source)
        The whole notebook.
    name : str
        The variable.
    own : iterable of str
        The exercise's own cells of text; without them only text that names the variable counts.

    Returns
    -------
    str or None

    Examples
    --------
    >>> written_text([("code", 'why = \"\"\"She said "no"\"\"\"')], "why")
    'She said "no"'
    >>> written_text([("markdown", 'why = \"\"\"Because.\"\"\"')], "why")
    'Because.'
    >>> written_text([("code", "why = ..."), ("markdown", "Because.")], "why", own={"A lab"})
    'Because.'
    """
    place = None
    for number, (_, source) in enumerate(cells):
        begin = re.search(rf"^\s*{re.escape(name)}\s*=", source, re.MULTILINE)
        if begin is None:
            continue
        place = number
        if text := _between_quotes(source[begin.end() :]):
            return text
    known = {text.strip() for text in own}
    if place is None or not known:
        return None
    found = []
    for kind, source in cells[place + 1 :]:
        if kind == "code" and f"{name}.check" not in source:
            break
        if kind == "markdown" and source.strip() not in known:
            found.append(source.strip())
        elif kind == "markdown":
            break
    return _worth("\n\n".join(found))


def _between_quotes(source: str) -> str | None:
    starts = [(source.find(quotes), quotes) for quotes in _QUOTES if quotes in source]
    if not starts:
        return None
    start, quotes = min(starts)
    rest = source[start + len(quotes) :]
    end = rest.rfind(quotes)
    return _worth(rest if end < 0 else rest[:end])


def _worth(text: str) -> str | None:
    return text.strip() if text.strip(_BLANK) else None


@cache
def texts_of_exercise(unit: str) -> frozenset[str]:
    """The cells of text of a unit's exercise; none where the exercises are not at hand."""
    file = Path(__file__).resolve().parents[3] / "exercises" / f"{unit}.ipynb"
    try:
        return frozenset(text for kind, text in all_cells(file.read_bytes()) if kind == "markdown")
    except (OSError, NotANotebook):
        return frozenset()
