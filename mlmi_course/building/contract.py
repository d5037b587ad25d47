"""The notebook contract: applies the rules of ``rules`` to a unit, and honours waivers.

A waiver names the rule and the reason, in the cell that breaks it.  Notebooks do not show it::

    # lint-ok: cell-length — the table of sequences is one object
    <!-- lint-ok: predict — the cell above asks the question -->
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mlmi_course.building.course import Unit
from mlmi_course.building.findings import Finding
from mlmi_course.building.source import Cell, Source

_WAIVER = re.compile(r"^\s*(?:#|<!--)\s*lint-ok:\s*([\w-]*)\s*(?:—|--|:)?\s*(.*?)\s*(?:-->)?\s*$")
HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*$")
"""A line of prose that is a heading: its marks, and its text."""
MINUTES = re.compile(r"\((\d+) min(, deeper)?\)$")
"""How a heading says its minutes, and that a reader may skip it."""
_FENCE = re.compile(r"^\s*(```|~~~)")


@dataclass(frozen=True)
class Heading:
    """A heading of the prose, and where it stands."""

    level: int
    text: str
    cell: Cell
    line: int


@dataclass(frozen=True)
class Section:
    """What stands below one heading of the second level.

    Attributes
    ----------
    heading : Heading
    cells : tuple of Cell
        From the one with the heading on.
    minutes : int or None
        None where the heading does not say.
    is_deeper : bool
        Whether a reader may skip it: ``## The bound for any start (12 min, deeper)``.
    """

    heading: Heading
    cells: tuple[Cell, ...]
    minutes: int | None
    is_deeper: bool


@dataclass(frozen=True)
class Problem:
    """What a rule finds: a cell, a line (from 0) within it, and what is wrong."""

    cell: Cell
    line: int
    message: str


@dataclass(frozen=True)
class Lesson:
    """A lecture or a lab, as the rules see it: without the notes for instructors.

    ``course`` are the units that a reader finds beside it.
    """

    unit: Unit
    kind: str
    source: Source
    course: tuple[Unit, ...] = ()

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """All cells that some reader sees, in order."""
        return tuple(cell for cell in self.source.cells if "instructor" not in cell.tags)

    @cached_property
    def code(self) -> tuple[Cell, ...]:
        """The cells with code."""
        return tuple(cell for cell in self.cells if cell.is_code)

    @cached_property
    def prose(self) -> tuple[Cell, ...]:
        """The cells with text."""
        return tuple(cell for cell in self.cells if not cell.is_code)

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """All headings, in order."""
        return tuple(
            Heading(len(match[1]), match[2], cell, number)
            for cell in self.prose
            for number, line in prose_lines(cell)
            if (match := HEADING.match(line))
        )

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """What stands below each heading of the second level; cells above the first are in none."""
        tops = [heading for heading in self.headings if heading.level == 2]
        starts = [self.cells.index(heading.cell) for heading in tops]
        found = []
        for heading, start, end in zip(tops, starts, [*starts[1:], len(self.cells)], strict=True):
            stated = MINUTES.search(heading.text)
            minutes, deeper = stated.groups() if stated else (None, None)
            cells = self.cells[start : max(end, start + 1)]
            found.append(Section(heading, cells, int(minutes) if minutes else None, bool(deeper)))
        return tuple(found)

    @cached_property
    def minutes(self) -> int:
        """What ``unit.toml`` promises."""
        return getattr(self.unit.minutes, self.kind)

    def nodes(self) -> Iterator[tuple[Cell, Any]]:
        """Every piece of every code cell, of whatever kind."""
        for cell in self.code:
            for node in ast.walk(ast.parse(cell.source)):
                yield cell, node

    def calls(self, module: str) -> Iterator[tuple[Cell, ast.Call]]:
        """Calls such as ``module.function(…)``."""
        for cell, node in self.nodes():
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if name == module:
                    yield cell, node

    def section(self, title: str) -> str | None:
        """Text below the first heading that starts with a title, up to the next such heading."""
        start = next((h for h in self.headings if h.text.lower().startswith(title.lower())), None)
        if start is None:
            return None
        lines: list[str] = []
        inside = False
        for cell in self.prose:
            for number, line in enumerate(cell.source.split("\n")):
                heading = next(
                    (h for h in self.headings if h.cell is cell and h.line == number), None
                )
                if heading is start:
                    inside = True
                elif inside and heading and heading.level <= start.level:
                    return "\n".join(lines)
                elif inside:
                    lines.append(line)
        return "\n".join(lines)


def recorded_predictions(lesson: Lesson) -> dict[str, Cell]:
    """Names of ``name = ask("…?")`` and their cells, where ``ask = Predictions("NN_topic")``."""
    askers: set[str] = set()
    asked: dict[str, Cell] = {}
    for cell, node in lesson.nodes():
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="Predictions"))
            ):
                askers.add(name)
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=asker))
            ) if asker in askers:
                asked[name] = cell
    return asked


def prose_lines(cell: Cell) -> Iterator[tuple[int, str]]:
    """Lines of a markdown cell with their numbers (from 0), without its code fences."""
    fenced = False
    for number, line in enumerate(cell.source.split("\n")):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def lint(lesson: Lesson) -> list[Finding]:
    """Everything in a lecture or lab that breaks the contract and is not waived."""
    from mlmi_course.building.rules import RULES

    findings = []
    waived: dict[Cell, set[str]] = {}
    for cell in lesson.source.cells:
        for number, line in enumerate(cell.source.split("\n")):
            if match := _WAIVER.match(line):
                name, reason = match.groups()
                waived.setdefault(cell, set()).add(name)
                if name not in RULES:
                    message = f"no rule is called {name!r}; there are: {', '.join(RULES)}"
                    findings.append(lesson.source.finding(cell, number, message, "waiver"))
                elif not reason:
                    message = f"a waiver gives its reason: lint-ok: {name} — because …"
                    findings.append(lesson.source.finding(cell, number, message, "waiver"))
    for name, rule in RULES.items():
        findings += [
            lesson.source.finding(problem.cell, problem.line, problem.message, name)
            for problem in rule(lesson)
            if name not in waived.get(problem.cell, ())
        ]
    return sorted(findings)
