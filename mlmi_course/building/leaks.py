"""Finds solutions that stayed visible in an exercise.

A leak is a run of twelve or more consecutive tokens of a solution region, imports aside, that
also stands in the student's notebook, in code or in code quoted by its prose.  An author who
wants that says so in the cell with the region, and says why; notebooks do not show that line::

    # leak-ok: the loop is given, the lesson is the formula
"""

from __future__ import annotations

import ast
import re
import textwrap
import tokenize
from collections.abc import Iterable, Iterator

from mlmi_course.building.code import Token, tokens
from mlmi_course.building.findings import Finding
from mlmi_course.building.regions import Region, find_regions
from mlmi_course.building.source import Cell, Source

RUN = 12

_WAIVED = re.compile(r"^\s*#\s*leak-ok:[ \t]*\S", re.MULTILINE)
_FENCE = re.compile(r"^(```+|~~~+)[^\n]*\n(.*?)^\1", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)


def find_leaks(source: Source, shown: Iterable[Cell]) -> Iterator[Finding]:
    """Solution regions of a lab that its exercise gives away.

    Parameters
    ----------
    source : Source
        The lab.
    shown : iterable of Cell
        The exercise's cells, as students get them.
    """
    pieces = [(cell, piece) for cell in shown for piece in _code_in(cell)]
    for cell in source.cells:
        if not cell.is_code or _WAIVED.search(cell.source):
            continue
        for region in find_regions(cell.source):
            runs = dict(_runs(_solution_tokens(cell.source, region)))
            for other, piece in pieces:
                hit = next((runs[key] for key, _ in _runs(piece) if key in runs), None)
                if hit is not None:
                    message = f"solution leaks into the exercise, line {other.line} of this file: "
                    text = cell.source.split("\n")[hit].strip()
                    yield source.finding(cell, hit, message + text)


def _runs(found: list[Token]) -> Iterator[tuple[tuple[str, ...], int]]:
    texts = [token.text for token in found]
    for start in range(len(texts) - RUN + 1):
        yield tuple(texts[start : start + RUN]), found[start].line


def _solution_tokens(source: str, region: Region) -> list[Token]:
    imports = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno - 1, node.end_lineno or node.lineno)
    }
    inside = range(region.first, region.last)
    return [t for t in tokens(source) if t.line in inside and t.line not in imports]


def _code_in(cell: Cell) -> Iterator[list[Token]]:
    """Each piece of code that a cell shows."""
    if cell.is_code:
        yield list(tokens(cell.source))
        return
    for match in _FENCE.finditer(cell.source):
        yield _tolerant_tokens(match[2])
    for match in _INLINE.finditer(_FENCE.sub("", cell.source)):
        yield _tolerant_tokens(match[2])


def _tolerant_tokens(text: str) -> list[Token]:
    """Tokens of quoted code, which may be a fragment: then line by line, as far as it goes."""
    try:
        return list(tokens(textwrap.dedent(text)))
    except (SyntaxError, tokenize.TokenError):
        pass
    found: list[Token] = []
    for line in text.splitlines():
        try:
            found += tokens(line.strip())
        except (SyntaxError, tokenize.TokenError):
            found += [Token(word, 0) for word in line.split()]
    return found
