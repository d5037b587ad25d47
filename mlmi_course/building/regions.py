"""Solution regions: the lines between ``### BEGIN SOLUTION`` and ``### END SOLUTION``.

What a student finds in their place:

- in a function: ``# YOUR CODE HERE`` and ``raise NotImplementedError``;
- at the top level of a cell, for each name that is used later: ``# YOUR CODE HERE`` and
  ``name = ...``;
- for a text between triple quotes: ``# YOUR ANSWER HERE`` and dots between triple quotes.
"""

from __future__ import annotations

import ast
from collections.abc import Set
from dataclasses import dataclass

from mlmi_course.building.code import live_before, names_bound
from mlmi_course.building.findings import CellError

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"


@dataclass(frozen=True)
class Region:
    """Lines (from 0) of the two markers within a cell, and of the last code between them."""

    first: int
    last: int
    last_code: int

    def holds(self, node: ast.stmt | ast.expr) -> bool:
        """Whether a piece of the cell's code lies inside."""
        return self.first <= node.lineno - 1 and (node.end_lineno or node.lineno) - 1 <= self.last

    def cuts(self, node: ast.stmt | ast.expr) -> bool:
        """Whether a piece of the cell's code lies inside only in part."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        apart = last < self.first or self.last < first
        # The end marker is a comment, so a function may end on the line above it.
        around = first < self.first and self.last_code <= last
        return not (apart or around or self.holds(node))


@dataclass(frozen=True)
class Blanked:
    """A cell as students get it, and the names that they are to fill."""

    source: str
    stubs: tuple[str, ...]


def find_regions(source: str) -> tuple[Region, ...]:
    """Solution regions of a cell, in order.

    Raises
    ------
    CellError
        For a marker without its partner, a region in a region, or a region with no code.
    """
    regions: list[Region] = []
    begin: int | None = None
    lines = source.split("\n")
    for number, line in enumerate(lines):
        if line.strip() == BEGIN:
            if begin is not None:
                raise CellError(number, "BEGIN SOLUTION inside a solution region")
            begin = number
        elif line.strip() == END:
            if begin is None:
                raise CellError(number, "END SOLUTION without BEGIN SOLUTION")
            code = [i for i in range(begin, number) if _is_code(lines[i])]
            if not code:
                raise CellError(begin, "no code between BEGIN SOLUTION and END SOLUTION")
            regions.append(Region(begin, number, code[-1]))
            begin = None
    if begin is not None:
        raise CellError(begin, "BEGIN SOLUTION without END SOLUTION")
    return tuple(regions)


def without_markers(source: str) -> str:
    """The complete cell, as solutions show it."""
    return "\n".join(line for line in source.split("\n") if line.strip() not in {BEGIN, END})


def blank(source: str, read_later: Set[str] = frozenset()) -> Blanked:
    """The cell as students get it.

    Parameters
    ----------
    source : str
        The complete cell, with its markers.
    read_later : set of str
        Names that later cells read.

    Raises
    ------
    CellError
        When a region cannot be blanked; the message says how to write it instead.
    """
    regions = find_regions(source)
    tree = ast.parse(source)
    lines = source.split("\n")
    stubs: list[str] = []
    for region in reversed(regions):  # from the end, so that line numbers stay true
        _refuse_cut_statements(tree, region)
        if owner := _function_around(tree, region):
            stubs.append(owner)
            body = ["# YOUR CODE HERE", "raise NotImplementedError"]
        else:
            body, names = _placeholders(source, tree, region, read_later)
            stubs += reversed(names)
        indent = _indent(lines[region.first + 1 : region.last])
        lines[region.first : region.last + 1] = [indent + line if line else "" for line in body]
    blanked = "\n".join(lines)
    try:
        ast.parse(blanked)
    except SyntaxError:
        message = "without the solution region, the cell is not valid Python"
        raise CellError(regions[0].first, message) from None
    return Blanked(blanked, tuple(reversed(stubs)))


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.strip().startswith("#")


def _indent(lines: list[str]) -> str:
    line = next(line for line in lines if _is_code(line))
    return line[: len(line) - len(line.lstrip())]


def _refuse_cut_statements(tree: ast.Module, region: Region) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and region.cuts(node):
            raise CellError(region.first, "the solution region cuts a statement in two")


def _function_around(tree: ast.Module, region: Region) -> str | None:
    """Name of the outermost function or class, if the region is in the body of a function."""
    for statement in tree.body:
        for node in ast.walk(statement):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if any(region.holds(child) for child in ast.walk(node) if isinstance(child, ast.stmt)):
                if region.holds(node):
                    continue  # the def line itself is hidden: refused below
                return getattr(statement, "name", node.name)
    return None


def _placeholders(
    source: str, tree: ast.Module, region: Region, read_later: Set[str]
) -> tuple[list[str], list[str]]:
    """Lines and names for a region at the top level of a cell."""
    hidden = [node for node in tree.body if region.holds(node)]
    if not hidden:
        raise CellError(
            region.first, "a solution region stands in a function, or at the top level of a cell"
        )
    rest = "\n".join(source.split("\n")[region.last + 1 :])
    read = live_before(rest, read_later)
    lines: list[str] = []
    names: list[str] = []
    for node in hidden:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            kind = "class" if isinstance(node, ast.ClassDef) else "def"
            raise CellError(
                region.first,
                f"put the {kind} line of {node.name!r} above BEGIN SOLUTION, "
                "so that students see its signature",
            )
        _refuse_needed_imports(node, region, read)
        for name in sorted(names_bound(node) & read - set(names)):
            names.append(name)
            lines += _text_blank(name) if _is_text(source, node) else _value_blank(name)
    if not names:
        raise CellError(
            region.first,
            "nothing outside the solution region reads what it assigns: "
            "students would have nothing to fill in",
        )
    return lines, names


def _refuse_needed_imports(node: ast.stmt, region: Region, read: Set[str]) -> None:
    if isinstance(node, ast.Import | ast.ImportFrom):
        for alias in node.names:
            name = (alias.asname or alias.name).split(".")[0]
            if name in read:
                raise CellError(
                    region.first,
                    f"put the import of {name!r} above BEGIN SOLUTION: it is used later",
                )


def _is_text(source: str, statement: ast.stmt) -> bool:
    """Whether a statement assigns a text between triple quotes."""
    value = getattr(statement, "value", None)
    if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        return False
    return (ast.get_source_segment(source, value) or "").startswith(('"""', "'''"))


def _value_blank(name: str) -> list[str]:
    return ["# YOUR CODE HERE", f"{name} = ..."]


def _text_blank(name: str) -> list[str]:
    return ["# YOUR ANSWER HERE", f'{name} = """', "...", '"""']
