"""Everything that is generated, as a mapping from path to text; nothing is written here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from mlmi_course.building.contract import Lesson, recorded_predictions
from mlmi_course.building.conventions import conventions_page
from mlmi_course.building.course import Course, Unit
from mlmi_course.building.environment import environment_text
from mlmi_course.building.findings import AuthorError, Finding, stop_if_any
from mlmi_course.building.headers import KINDS, header_cells
from mlmi_course.building.lab import (
    Lab,
    is_hidden,
    match_questions,
    read_lab,
    with_forbidden_named,
)
from mlmi_course.building.leaks import find_leaks
from mlmi_course.building.notebooks import notebook_text
from mlmi_course.building.outputs import Stored, carry_over
from mlmi_course.building.passages import with_passages
from mlmi_course.building.questions import read_questions
from mlmi_course.building.regions import BEGIN, END, without_markers
from mlmi_course.building.sittings import marked
from mlmi_course.building.source import Cell, Source, read_source, without_waivers
from mlmi_course.building.teaching import teaching_page
from mlmi_course.checks.progress import SOLUTIONS_MARK

T = TypeVar("T")

_IMPORT_OF_QUESTIONS = re.compile(r"^from mlmi_course\.questions import \w+ as \w+$", re.MULTILINE)


@dataclass(frozen=True)
class Notebook:
    """One notebook: where it goes, the source it comes from, and its cells.

    Parameters
    ----------
    kind : str
        One of `mlmi_course.building.headers.KINDS`.
    path, source : str
        Relative to the root of the course.
    header, body : tuple of Cell
        The generated cells, and those of the source.
    """

    kind: str
    path: str
    source: str
    header: tuple[Cell, ...]
    body: tuple[Cell, ...]

    def carry_over(self, root: Path) -> Stored:
        """Outputs that it inherits from the file on disk."""
        file = root / self.path
        return carry_over(self.body, file.read_text(encoding="utf-8") if file.is_file() else None)

    def text(self, outputs: Mapping[str, Mapping[str, str]]) -> str:
        """Text of the file, with the given outputs."""
        slides = self.kind == "lecture"
        return notebook_text([*self.header, *self.body], outputs, slides=slides)


@dataclass(frozen=True)
class Build:
    """What a build gives.

    Parameters
    ----------
    files : dict
        Path relative to the root of the course, to text.
    notebooks : list of Notebook
        The notebooks among these files, before they were given their outputs.
    missing, stale : list of Finding
        Tagged cells whose output is absent, or comes from other code.
    """

    files: dict[str, str] = field(default_factory=dict)
    notebooks: list[Notebook] = field(default_factory=list)
    missing: list[Finding] = field(default_factory=list)
    stale: list[Finding] = field(default_factory=list)


def build(course: Course, units: Sequence[Unit]) -> Build:
    """Build units in memory.

    Raises
    ------
    AuthorError
        With the findings of all units, so that one run shows them all.
    """
    result = Build()
    findings = _folders_without_unit(course)
    for unit in units:
        try:
            lecture, lab = read_unit(course, unit)
        except AuthorError as error:
            findings += error.findings
            continue
        result.notebooks.extend(unit_notebooks(course, unit, lecture, lab))
        if lab:
            result.files.update(_other_files(course, unit, lecture, lab))
    stop_if_any(findings)
    for notebook in result.notebooks:
        stored = notebook.carry_over(course.root)
        result.files[notebook.path] = notebook.text(stored.outputs)
        for cells, into in ((stored.missing, result.missing), (stored.stale, result.stale)):
            into += [Finding(notebook.source, cell.line, notebook.path) for cell in cells]
    result.files.update(with_passages(course))
    result.files.update(conventions_page(course))
    if (course.root / "pyproject.toml").is_file():
        result.files["environment.yml"] = environment_text(course.root / "pyproject.toml")
    return result


def read_unit(course: Course, unit: Unit) -> tuple[Source, Lab | None]:
    """Read a unit's two sources, and make sure that they and the questions fit together.

    Returns
    -------
    Source, Lab or None
        None where an appendix has no lab.

    Raises
    ------
    AuthorError
        With everything that is wrong in the unit, as far as it can be told at once.
    """
    if not unit.has_lab:
        return _lecture_alone(course.root, unit), None
    findings: list[Finding] = []
    lecture = _attempt(findings, lambda: _read(course.root, unit, "lecture"))
    source = _attempt(findings, lambda: _read(course.root, unit, "lab"))
    lab = _attempt(findings, lambda: read_lab(source)) if source else None
    questions = _attempt(findings, lambda: read_questions(course.root, unit)) if lab else None
    if lab and questions:
        _attempt(findings, lambda: match_questions(unit, questions, lab))
    stop_if_any(findings)
    assert lecture
    assert lab
    assert questions
    return lecture, with_forbidden_named(questions, lab)


def _lecture_alone(root: Path, unit: Unit) -> Source:
    if (root / f"course/{unit.name}/lab.py").exists():
        message = "an appendix has no lab: remove lab.py, or make it a unit with a number"
        raise AuthorError(Finding(f"course/{unit.name}/lab.py", 1, message))
    return _read(root, unit, "lecture")


def unit_notebooks(course: Course, unit: Unit, lecture: Source, lab: Lab | None) -> list[Notebook]:
    """The three notebooks of a unit, or the one of an appendix."""
    bodies = {"lecture": (lecture.path, _complete(lecture))}
    if lab:
        bodies["exercise"] = (lab.source.path, exercise_cells(lab))
        bodies["solution"] = (lab.source.path, _named_as_ours(_complete(lab.source)))
    return [
        Notebook(
            kind=kind,
            path=f"{KINDS[kind]}/{unit.name}.ipynb",
            source=path,
            header=tuple(header_cells(course, unit, kind)),
            body=marked(body),
        )
        for kind, (path, body) in bodies.items()
    ]


def exercise_cells(lab: Lab) -> tuple[Cell, ...]:
    """A lab's cells as students get them: blanks for solutions, no stored outputs."""
    cells = [
        replace(cell, source=lab.blanked[cell].source if cell in lab.blanked else cell.source)
        for cell in lab.source.cells
        if not is_hidden(cell)
    ]
    kept = ({"fold"} & set(cell.tags) for cell in cells)
    shown = zip(cells, kept, strict=True)
    return _for_readers(replace(cell, tags=tuple(tags)) for cell, tags in shown)


def leaks(lab: Lab) -> list[Finding]:
    """What a unit's exercise gives away."""
    return list(find_leaks(lab.source, exercise_cells(lab)))


def _complete(source: Source) -> tuple[Cell, ...]:
    cells = [cell for cell in source.cells if "instructor" not in cell.tags]
    return _for_readers(replace(cell, source=without_markers(cell.source)) for cell in cells)


def _named_as_ours(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Mark the import of the questions, so that what runs here is nobody's own progress."""
    return tuple(
        replace(cell, source=_IMPORT_OF_QUESTIONS.sub(rf"\g<0>  {SOLUTIONS_MARK}", cell.source))
        if cell.is_code
        else cell
        for cell in cells
    )


def _for_readers(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    shown = (replace(cell, source=without_waivers(cell.source)) for cell in cells)
    return tuple(cell for cell in shown if cell.source)


def _other_files(course: Course, unit: Unit, lecture: Source, lab: Lab) -> dict[str, str]:
    """Outline and solution texts for the package, and the page for instructors."""
    solutions = json.dumps(lab.solutions(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    outline = json.dumps(_outline(course, unit, lecture, lab), indent=1, ensure_ascii=False) + "\n"
    files = {
        f"mlmi_course/outlines/{unit.name}.json": outline,
        f"mlmi_course/questions/solutions/{unit.questions}.json": solutions,
    }
    files[f"instructors/{unit.name}.md"] = teaching_page(course.root, unit, lecture, lab.source)
    return files


def _outline(course: Course, unit: Unit, lecture: Source, lab: Lab) -> dict[str, Any]:
    """What `mlmi progress` knows of a unit where only the package is installed."""
    return {
        "order": course.units.index(unit),
        "title": unit.title,
        "part": course.part_of(unit).title,
        "minutes": asdict(unit.minutes),
        "deeper": asdict(unit.deeper) if unit.deeper else None,
        "predictions": len(recorded_predictions(Lesson(unit, "lecture", lecture))),
        "questions": list(lab.solutions()),
    }


def _read(root: Path, unit: Unit, which: str) -> Source:
    source = read_source(root, f"course/{unit.name}/{which}.py")
    stop_if_any(_misplaced(source, is_lab=which == "lab"))
    return source


def _misplaced(source: Source, *, is_lab: bool) -> list[Finding]:
    """Solutions where no exercise would drop them."""
    findings = []
    for cell in source.cells:
        if "solution" in cell.tags and not is_lab:
            findings.append(source.finding(cell, 0, "a lecture has no solution cells"))
        if is_lab and cell.is_code:
            continue
        for number, line in enumerate(cell.source.split("\n")):
            if line.strip() in {BEGIN, END}:
                message = "solution regions stand in code cells of a lab"
                findings.append(source.finding(cell, number, message))
    return findings


def _folders_without_unit(course: Course) -> list[Finding]:
    names = {unit.name for unit in course.with_appendices}
    folders = [path for path in (course.root / "course").iterdir() if path.is_dir()]
    return [
        Finding(f"course/{folder.name}", 1, "this folder is no unit of course.toml")
        for folder in sorted(folders)
        if folder.name not in names and any(folder.glob("*.py"))
    ]


def _attempt(findings: list[Finding], step: Callable[[], T]) -> T | None:
    """The result of a step, or ``None`` and its findings."""
    try:
        return step()
    except AuthorError as error:
        findings += error.findings
        return None
