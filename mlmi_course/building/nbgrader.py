"""Export a unit to nbgrader, for institutions that live in it.

What is written is the layout of an nbgrader course:

======================================  =====================================================
``source/UNIT/UNIT.ipynb``              what ``nbgrader generate_assignment UNIT`` reads
``release/UNIT/UNIT.ipynb``             the same for students, with nbgrader's checksums
``solution/UNIT.ipynb``                 the reference solution, as a submission; keep it
``nbgrader_config.py``                  what makes nbgrader leave our blanks as they are
======================================  =====================================================

The tests in it are the checks that students see, on their public inputs, and run inside the
student's own process as everything in nbgrader does: see INSTRUCTORS.md for what that means.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nbformat

from mlmi_course.building.build import read_unit
from mlmi_course.building.course import Course, Unit, unit_toml
from mlmi_course.building.findings import AuthorError, Finding
from mlmi_course.building.headers import header_cells
from mlmi_course.building.lab import Asked, Lab, is_hidden
from mlmi_course.building.notebooks import METADATA
from mlmi_course.building.regions import without_markers
from mlmi_course.building.source import Cell, without_waivers

__all__ = ["CONFIG", "TEST_CELL", "export_unit"]

TEST_CELL = """\
# Points for nbgrader, which takes the number that this cell shows.  Keep it as it is.
from contextlib import redirect_stderr as _quietly
from io import StringIO as _Nowhere

with _quietly(_Nowhere()):  # nbgrader takes a warning for a failure
    _points = float(q.{question}.check({answers}).points)
_points
"""

CONFIG = '''\
"""nbgrader's settings for this course; written by `mlmi export nbgrader`."""

from nbgrader import preprocessors as steps

c = get_config()  # noqa: F821

# The blanks are in the notebooks already, and say what to write where.  nbgrader's own
# ClearSolutions would put its stub in their place, also where a value or a text is asked for.
c.GenerateAssignment.preprocessors = [
    steps.IncludeHeaderFooter,
    steps.LockCells,
    steps.ClearOutput,
    steps.CheckCellMetadata,
    steps.ComputeChecksums,
    steps.SaveCells,
    steps.ClearHiddenTests,
    steps.ClearMarkScheme,
    steps.ComputeChecksums,
    steps.CheckCellMetadata,
]
'''


@dataclass(frozen=True)
class _Part:
    """A cell of the export: as students get it, as it is solved, and what nbgrader knows of it."""

    kind: str
    blank: str
    solved: str
    nbgrader: Mapping[str, Any] | None = None


def export_unit(course: Course, unit: Unit) -> dict[str, str]:
    """The files of an nbgrader course for one unit.

    Parameters
    ----------
    course : Course
    unit : Unit

    Returns
    -------
    dict of str to str
        Path to text.  Nothing is written.

    Raises
    ------
    AuthorError
        For a unit that cannot be built or has no lab, and for a cell that holds the answers to a
        free-text question and to another one: nbgrader gives a cell to one of them.
    """
    _, lab = read_unit(course, unit)
    if lab is None:
        raise AuthorError(Finding(unit_toml(unit.name), 1, "an appendix has no lab to export"))
    questions = importlib.import_module(f"mlmi_course.questions.{unit.questions}")
    header = [_Part(c.kind, c.source, c.source) for c in header_cells(course, unit, "exercise")]
    parts = [*header, *_parts(lab, lambda name: getattr(questions, name))]
    blank = _notebook(parts, [part.blank for part in parts])
    solved = _notebook(parts, [part.solved for part in parts])
    name = unit.name
    return {
        f"source/{name}/{name}.ipynb": blank,
        f"release/{name}/{name}.ipynb": _notebook(
            parts, [part.blank for part in parts], checksums=True
        ),
        f"solution/{name}.ipynb": solved,
        "nbgrader_config.py": CONFIG,
    }


def _parts(lab: Lab, question: Callable[[str], Any]) -> Iterator[_Part]:
    """A lab's cells, and behind each check a cell that nbgrader reads the points from."""
    asked = {ask.question: ask for ask in lab.asked if ask.method == "check"}
    homes = _homes(lab, asked, question)
    for cell in lab.source.cells:
        blank = lab.blanked[cell].source if cell in lab.blanked else cell.source
        if is_hidden(cell) or not (blank := without_waivers(blank)):
            continue
        solved = without_waivers(without_markers(cell.source))
        yield _Part(cell.kind, blank, solved, homes.get(cell))
        for name, ask in asked.items():
            if cell.is_code and _holds(cell, ask.line) and not question(name).by_a_person:
                yield _test(ask, question(name).points)


def _holds(cell: Cell, line: int) -> bool:
    return cell.line <= line <= cell.line + cell.source.count("\n")


def _homes(
    lab: Lab, asked: Mapping[str, Asked], question: Callable[[str], Any]
) -> dict[Cell, dict[str, Any]]:
    """What nbgrader has to know about each cell in which students write an answer."""
    homes: dict[Cell, dict[str, Any]] = {}
    taken: dict[Cell, str] = {}
    for name, ask in asked.items():
        by_a_person = question(name).by_a_person
        for cell in ask.homes:
            other = taken.get(cell)
            if other and (by_a_person or question(other).by_a_person):
                raise AuthorError(
                    Finding(
                        lab.source.path,
                        cell.line,
                        f"nbgrader cannot mark {other!r} and {name!r} in one cell: part them",
                    )
                )
            if other is None:
                taken[cell] = name
                homes[cell] = _metadata(_grade_id(name, ask.homes.index(cell)), solution=True)
        if by_a_person:
            # Grade and solution in one: a person marks it, and an untouched one is zero.
            homes[ask.homes[-1]] |= {"grade": True, "points": float(question(name).points)}
    return homes


def _grade_id(question: str, place: int) -> str:
    return question if place == 0 else f"{question}-{place + 1}"


def _test(ask: Asked, points: float) -> _Part:
    source = TEST_CELL.format(question=ask.question, answers=", ".join(ask.answers)).rstrip("\n")
    nbgrader = _metadata(f"check-{ask.question}", grade=True, locked=True) | {
        "points": float(points)
    }
    return _Part("code", source, source, nbgrader)


def _metadata(
    grade_id: str, *, grade: bool = False, solution: bool = False, locked: bool = False
) -> dict[str, Any]:
    """nbgrader's metadata of a cell, in version 3 of its schema."""
    return {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
        "cell_type": "code",
    }


def _notebook(parts: Sequence[_Part], sources: Sequence[str], *, checksums: bool = False) -> str:
    notebook = nbformat.v4.new_notebook(metadata=METADATA, nbformat_minor=5)
    for number, (part, source) in enumerate(zip(parts, sources, strict=True)):
        new = nbformat.v4.new_code_cell if part.kind == "code" else nbformat.v4.new_markdown_cell
        cell = new(source, id=f"cell-{number:03d}")
        if part.nbgrader:
            cell.metadata["nbgrader"] = dict(part.nbgrader)
            if checksums:
                cell.metadata["nbgrader"]["checksum"] = _checksum(source, part.nbgrader)
            # As nbgrader's LockCells does, so that our release is its release.
            cell.metadata["deletable"] = False
            if part.nbgrader["locked"]:
                cell.metadata["editable"] = False
        notebook.cells.append(cell)
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def _checksum(source: str, nbgrader: Mapping[str, Any]) -> str:
    """As ``nbgrader.utils.compute_checksum`` does: nbgrader tells by it an untouched answer."""
    locked = not nbgrader["solution"] and (nbgrader["grade"] or nbgrader["locked"])
    told = [source, "code", str(nbgrader["grade"]), str(nbgrader["solution"]), str(locked)]
    told.append(nbgrader["grade_id"])
    if nbgrader["grade"]:
        told.append(str(nbgrader["points"]))
    return hashlib.md5("".join(told).encode(), usedforsecurity=False).hexdigest()
