"""Reads ``lecture.py`` and ``lab.py`` (jupytext's percent format) into cells."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import jupytext

from mlmi_course.building.findings import AuthorError, Finding, stop_if_any

TAGS = {
    "solution": "a whole cell that only solutions/ shows",
    "instructor": "a note for instructors: in no notebook, but in instructors/NN_name.md",
    "fold": "code that only draws: readers see its picture, and the code when they ask",
    "notes": "a text that has no slide: it is said",
    "nbval-check-output": "its printed text is stored, and the tests must reproduce it",
}

# Comments with which an author waives a rule; they are for authors, so no notebook shows them.
_WAIVER = re.compile(r"^\s*(?:#|<!--)\s*(?:lint-ok|leak-ok):.*$")
_MARKER = re.compile(r"^# %%")
_FORMAT = {"extension": ".py", "format_name": "percent", "comment_magics": False}
# What jupytext notes for its own round trip.
_JUPYTEXT_KEYS = {"tags", "cell_marker", "lines_to_next_cell", "lines_to_end_of_cell_marker"}


@dataclass(frozen=True)
class Cell:
    """One cell of a source file.

    Parameters
    ----------
    kind : str
        ``"code"`` or ``"markdown"``.
    source : str
        Its text.
    line : int
        Line of the source file (from 1) on which that text starts.
    tags : tuple of str
        See `TAGS`.
    """

    kind: str
    source: str
    line: int = 1
    tags: tuple[str, ...] = ()

    @property
    def is_code(self) -> bool:
        """Whether the cell holds code."""
        return self.kind == "code"

    @property
    def is_checked(self) -> bool:
        """Whether the cell's output is stored and compared."""
        return "nbval-check-output" in self.tags


@dataclass(frozen=True)
class Source:
    """A source file: its path relative to the root of the course, and its cells."""

    path: str
    cells: tuple[Cell, ...]

    def finding(self, cell: Cell, line: int, message: str, rule: str = "") -> Finding:
        """A finding on a line (from 0) of one of the cells."""
        return Finding(self.path, cell.line + line, message, rule)


def read_source(root: Path, path: str) -> Source:
    """Read one source file.

    Raises
    ------
    AuthorError
        When the file is absent, or has text outside its cells, unknown tags, empty cells or
        code that is not Python.
    """
    try:
        text = (root / path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise AuthorError(Finding(path, 1, "this file is missing")) from None
    except UnicodeDecodeError as error:
        line = (root / path).read_bytes()[: error.start].count(b"\n") + 1
        raise AuthorError(Finding(path, line, "this line is not UTF-8; save it so")) from None
    return parse_source(path, text)


def parse_source(path: str, text: str) -> Source:
    """Like `read_source`, for a text that is already in memory."""
    lines = text.splitlines()
    markers = [number for number, line in enumerate(lines) if _MARKER.match(line)]
    first = markers[0] if markers else len(lines)
    outside = next((i for i in range(first) if lines[i].strip()), None)
    if outside is not None:
        raise AuthorError(Finding(path, outside + 1, "text before the first `# %%` line"))
    if not markers:
        raise AuthorError(Finding(path, 1, "no cell: a cell starts with a `# %%` line"))
    raw = jupytext.reads(text, fmt=_FORMAT).cells
    if len(raw) != len(markers):
        raise AuthorError(Finding(path, 1, "a `# %%` line stands inside a string or a comment"))

    findings: list[Finding] = []
    cells = []
    for node, marker in zip(raw, markers, strict=True):
        findings += [Finding(path, marker + 1, message) for message in _header_problems(node)]
        cell = Cell(
            kind=node.cell_type,
            source=node.source.strip("\n"),
            line=_first_line(lines, marker) + 1,
            tags=tuple(node.metadata.get("tags", ())),
        )
        findings += _body_problems(path, cell)
        cells.append(cell)
    stop_if_any(findings)
    return Source(path, tuple(cells))


def without_waivers(source: str) -> str:
    """A cell's text without the lines in which its author waives a rule."""
    lines = source.split("\n")
    return "\n".join(line for line in lines if not _WAIVER.match(line)).strip("\n")


def _first_line(lines: list[str], marker: int) -> int:
    """Line (from 0) where the text of the cell below a marker starts."""
    below = next((i for i in range(marker + 1, len(lines)) if lines[i].strip()), marker)
    first = marker if _MARKER.match(lines[below]) else below
    opens_a_string = lines[first].strip() in {'"""', 'r"""', "'''", "r'''"}
    return first + 1 if "[markdown]" in lines[marker] and opens_a_string else first


def _header_problems(node: dict) -> list[str]:
    """What is wrong with the ``# %%`` line itself."""
    tags = node["metadata"].get("tags", [])
    if node["cell_type"] not in {"code", "markdown"}:
        return [f"a {node['cell_type']} cell; only code and markdown cells are used"]
    # A misspelt `tags=` would otherwise show a solution to students.
    if set(node["metadata"]) - _JUPYTEXT_KEYS:
        return ['line not understood; write: # %% [markdown] tags=["solution"]']
    problems = [f"unknown tag {tag!r}; known: {', '.join(TAGS)}" for tag in tags if tag not in TAGS]
    if node["cell_type"] == "code" and "notes" in tags:
        problems.append("notes on a code cell, which nobody says")
    if node["cell_type"] == "markdown" and "fold" in tags:
        problems.append("fold on a markdown cell, which has no code")
    if node["cell_type"] == "markdown" and "nbval-check-output" in tags:
        problems.append("nbval-check-output on a markdown cell, which prints nothing")
    return problems


def _body_problems(path: str, cell: Cell) -> list[Finding]:
    if not cell.source.strip():
        return [Finding(path, cell.line, "empty cell")]
    if not cell.is_code:
        return []
    try:
        ast.parse(cell.source)
    except SyntaxError as error:
        line = error.lineno or 1
        text = cell.source.split("\n")[min(line, cell.source.count("\n") + 1) - 1].strip()
        message = f"not valid Python: {error.msg}"
        if text.startswith(("%", "!")):
            message = f"magics and shell lines have no place in the course: {text}"
        return [Finding(path, cell.line + line - 1, message)]
    return []
