"""Reads a lab in the order in which its cells run: what students fill, and what is asked."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from mlmi_course.building.code import live_before, names_bound, names_read, statement_source
from mlmi_course.building.course import Unit
from mlmi_course.building.findings import CellError, Finding, stop_if_any
from mlmi_course.building.questions import UnitQuestions
from mlmi_course.building.regions import Blanked, Region, blank, find_regions, without_markers
from mlmi_course.building.source import Cell, Source, without_waivers

QUESTIONS_ALIAS = "q"

NOT_HERE = "Not to be called here"
_BLANK = re.compile(r"^(?P<indent> *)# YOUR CODE HERE$", re.MULTILINE)


@dataclass(frozen=True)
class Asked:
    """A call such as ``q.dice.check(dice)``.

    Parameters
    ----------
    question, method : str
        ``"dice"`` and ``"check"``.
    line : int
        Line of the source file.
    answers : tuple of str
        Names that are handed over.
    homes : tuple of Cell
        The cells in which the student writes what is handed over.
    """

    question: str
    method: str
    line: int
    answers: tuple[str, ...] = ()
    homes: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Lab:
    """A lab whose cells fit together.

    Parameters
    ----------
    source : Source
        The file.
    blanked : mapping of Cell to Blanked
        The student's version of each cell that holds solution regions.
    asked : tuple of Asked
        All uses of the unit's questions, in order.
    """

    source: Source
    blanked: Mapping[Cell, Blanked]
    asked: tuple[Asked, ...]

    def solutions(self) -> dict[str, str]:
        """Solution text of each question, by its name."""
        texts = {}
        for ask in self.asked:
            if ask.method == "check" and ask.question not in texts:
                texts[ask.question] = "\n\n\n".join(map(_solution_text, ask.homes))
        return texts


def read_lab(source: Source) -> Lab:
    """Blank the solution regions, and make sure that *Run All* never crashes an exercise.

    Raises
    ------
    AuthorError
        For regions that cannot be blanked, and for code at the top level of a cell that runs
        something before the student has written it.
    """
    for_students = tuple(cell for cell in source.cells if cell.is_code and not is_hidden(cell))
    blanked = _blank_all(source, for_students)
    reading = _Reading(source, blanked)
    for cell in for_students:
        reading.read(cell)
    stop_if_any(reading.findings)
    return Lab(source, blanked, tuple(reading.asked))


def is_hidden(cell: Cell) -> bool:
    """Whether students do not see a cell in their exercise."""
    return bool({"solution", "instructor"} & set(cell.tags))


def with_forbidden_named(questions: UnitQuestions, lab: Lab) -> Lab:
    """Say in a student's cell what its question forbids to call: there it cannot be overlooked."""
    blanked = dict(lab.blanked)
    for question, defined in questions.defined.items():
        homes = next((ask.homes for ask in lab.asked if ask.question == question and ask.homes), ())
        for home in homes if defined.not_allowed else ():
            if home in blanked and f"# {NOT_HERE}" not in blanked[home].source:
                with_names = partial(_with_names, names=defined.not_allowed)
                source = _BLANK.sub(with_names, blanked[home].source, count=1)
                blanked[home] = replace(blanked[home], source=source)
    return replace(lab, blanked=blanked)


def _with_names(found: re.Match[str], names: tuple[str, ...]) -> str:
    indent = found["indent"]
    named = ", ".join(name.removeprefix("mlmi_course.") for name in names)
    lines = textwrap.wrap(f"{NOT_HERE}: {named}", 96 - len(indent), break_on_hyphens=False)
    return "\n".join([found[0], *(f"{indent}# {line}" for line in lines)])


def match_questions(unit: Unit, questions: UnitQuestions, lab: Lab) -> None:
    """Make sure that a lab asks the questions of its unit: all of them, and no others.

    Raises
    ------
    AuthorError
        With a finding for each question that is not asked or does not exist.
    """
    wanted = f"from mlmi_course.questions import {unit.questions} as {QUESTIONS_ALIAS}"
    findings = []
    if not any(wanted in cell.source for cell in lab.source.cells if cell.is_code):
        findings.append(Finding(lab.source.path, 1, f"the questions are not imported: {wanted}"))
    checked = {ask.question for ask in lab.asked if ask.method == "check"}
    for name, defined in questions.defined.items():
        if name not in checked:
            message = f"{name!r} is never asked: {lab.source.path} has no q.{name}.check(…)"
            findings.append(Finding(defined.path, defined.line, message))
    for ask in lab.asked:
        if ask.question not in questions.names:
            message = f"there is no q.{ask.question}; {questions.path} does not define it"
            findings.append(Finding(lab.source.path, ask.line, message))
        elif ask.method == "check" and not ask.homes:
            message = f"q.{ask.question}.check(…) is given nothing that the student writes"
            findings.append(Finding(lab.source.path, ask.line, message))
    stop_if_any(findings)


def _blank_all(source: Source, cells: tuple[Cell, ...]) -> dict[Cell, Blanked]:
    findings = []
    blanked = {}
    live: set[str] = set()
    for cell in reversed(cells):
        try:
            if find_regions(cell.source):
                blanked[cell] = blank(cell.source, live)
        except CellError as error:
            findings.append(source.finding(cell, error.line, error.message))
        live = live_before(cell.source, live)
    stop_if_any(findings)
    return blanked


@dataclass
class _Reading:
    """Goes through the exercise as its cells would run, before the student wrote anything."""

    source: Source
    blanked: Mapping[Cell, Blanked]
    asked: list[Asked] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    homes: dict[str, Cell] = field(default_factory=dict)  # where each stub is to be written
    reads: dict[str, set[str]] = field(default_factory=dict)  # what functions need when called

    def read(self, cell: Cell) -> None:
        regions = find_regions(cell.source)
        stubs = set(self.blanked[cell].stubs) if cell in self.blanked else set()
        for statement in ast.parse(cell.source).body:
            hidden = any(region.holds(statement) for region in regions)
            if not hidden:
                self._use(cell, statement, regions)
            for name in names_bound(statement):
                self.homes.pop(name, None)
                self.reads.pop(name, None)
                if name in stubs:
                    self.homes[name] = cell
                elif not hidden and _runs_later(statement):
                    self.reads[name] = names_read(statement_source(cell.source, statement))

    def _use(self, cell: Cell, statement: ast.stmt, regions: tuple[Region, ...]) -> None:
        visitor = _Uses()
        visitor.visit(statement)
        for call in visitor.calls:
            homes = {home: None for name in call.handed for home in self._needs(name)}
            line = cell.line + call.line - 1
            self.asked.append(Asked(call.question, call.method, line, call.handed, tuple(homes)))
        for name in visitor.names:
            if any(region.holds(name) for region in regions) or not self._needs(name.id):
                continue
            message = (
                f"{name.id!r} is not written yet when an exercise runs: hand it to a question, "
                f"q.….check({name.id}), or use it inside a function"
            )
            self.findings.append(self.source.finding(cell, name.lineno - 1, message))

    def _needs(self, name: str) -> list[Cell]:
        """Cells that the student must have written before a name can be used."""
        seen: set[str] = set()
        open_names = [name]
        while open_names:
            current = open_names.pop()
            if current not in seen:
                seen.add(current)
                open_names += self.reads.get(current, ())
        cells = {self.homes[name] for name in seen if name in self.homes}
        return sorted(cells, key=lambda cell: cell.line)


@dataclass(frozen=True)
class _Call:
    """A use of a question, and the names handed to it."""

    question: str
    method: str
    line: int
    handed: tuple[str, ...] = ()


class _Uses(ast.NodeVisitor):
    """Names that a statement reads at once, apart from those handed to a question."""

    def __init__(self) -> None:
        self.names: list[ast.Name] = []
        self.calls: list[_Call] = []

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._visit_all([*node.decorator_list, *node.args.defaults, *node.args.kw_defaults])

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all([*node.args.defaults, *node.args.kw_defaults])

    def visit_Call(self, node: ast.Call) -> None:
        match node.func:
            case ast.Attribute(
                value=ast.Attribute(value=ast.Name(id=alias), attr=question), attr=method
            ) if alias == QUESTIONS_ALIAS:
                arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
                parts = [part for argument in arguments for part in _displayed(argument)]
                handed = tuple(part.id for part in parts if isinstance(part, ast.Name))
                self.calls.append(_Call(question, method, node.lineno, handed))
                self._visit_all([part for part in parts if not isinstance(part, ast.Name)])
            case _:
                self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        match node.value:
            case ast.Name(id=alias) if alias == QUESTIONS_ALIAS:
                self.calls.append(_Call(node.attr, "", node.lineno))
            case _:
                self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.names.append(node)

    def _visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)


def _displayed(argument: ast.expr) -> Iterator[ast.expr]:
    """The argument itself, or the members of a tuple, list or dictionary."""
    match argument:
        case ast.Tuple(elts=members) | ast.List(elts=members) | ast.Dict(values=members):
            for member in members:
                yield from _displayed(member)
        case ast.Starred(value=value):
            yield from _displayed(value)
        case _:
            yield argument


def _runs_later(statement: ast.stmt) -> bool:
    """Whether a statement defines something that reads its names only when it is called."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return True
    return isinstance(getattr(statement, "value", None), ast.Lambda)


def _solution_text(cell: Cell) -> str:
    """A complete cell without its calls to questions, which are no part of an answer."""
    source = without_waivers(without_markers(cell.source))
    asking: set[int] = set()
    for statement in ast.parse(source).body:
        match statement:
            case ast.Expr(value=ast.Call(func=called)) if ast.unparse(called).startswith(
                f"{QUESTIONS_ALIAS}."
            ):
                asking |= {*range(statement.lineno - 1, statement.end_lineno or statement.lineno)}
    lines = [line for row, line in enumerate(source.split("\n")) if row not in asking]
    return "\n".join(lines).strip("\n")
