"""Passages of pages that are otherwise written by hand: tables made from each ``unit.toml``.

A passage stands between two lines: ``<!-- begin of the units: … -->`` and
``<!-- end of the units -->``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from mlmi_course.building.course import Course, PerNotebook, Unit
from mlmi_course.building.findings import AuthorError, Finding

HOURS_A_CREDIT = (25, 30)
"""Of the European Credit Transfer System (ECTS Users' Guide 2015)."""

ALL_WORK = 1.5
"""Hours of work to an hour of notebooks: stretch tasks, reading and revision.  Chosen."""


def begin(what: str) -> str:
    """The line above a passage."""
    return f"<!-- begin of the {what}: `mlmi build` writes them from course/*/unit.toml -->"


def end(what: str) -> str:
    """The line below a passage."""
    return f"<!-- end of the {what} -->"


def with_passages(course: Course) -> dict[str, str]:
    """The pages with their passages made anew; a page that a course has not is left out.

    Raises
    ------
    AuthorError
        Where the two lines are missing between which a passage stands.
    """
    files = {}
    for path, passages in _PAGES.items():
        file = course.root / path
        if not file.is_file():
            continue
        text = file.read_text(encoding="utf-8")
        for what, make in passages.items():
            before, begun, rest = text.partition(begin(what))
            _, ended, after = rest.partition(end(what))
            if not (begun and ended):
                message = f"the {what} stand between the lines {begin(what)} and {end(what)}"
                raise AuthorError(Finding(path, 1, message))
            text = f"{before}{begin(what)}\n{make(course)}\n{end(what)}{after}"
        files[path] = text
    return files


def _units(course: Course) -> str:
    """A row for each unit, for whoever chooses what to learn; its picture where there is one."""
    rows = ["| | unit | you learn to | lecture | lab |", "|---|---|---|---|---|"]
    for unit in course.with_appendices:
        link = f"[{unit.label} {unit.title}](lectures/{unit.name}.ipynb)"
        file = f"docs/pictures/unit-{unit.number}.png"
        picture = f"![]({file})" if (course.root / file).is_file() else ""
        lecture, lab = (_minutes(core, deeper) for core, deeper in _per_notebook(unit))
        rows.append(f"| {picture} | {link} | {unit.you_learn_to} | {lecture} | {lab} |")
    return "\n".join(rows)


def _hours(course: Course) -> str:
    """Minutes and hours, for whoever plans a term."""
    rows = ["| part | unit | lecture | lab | hours |", "|---|---|---:|---:|---:|"]
    total = 0
    for part in course.parts:
        for unit in part.units:
            both = _per_notebook(unit)
            minutes = sum(core + deeper for core, deeper in both)
            total += minutes
            lecture, lab = (_minutes(core, deeper) for core, deeper in both)
            name = f"{unit.label} {unit.title}"
            rows.append(f"| {part.title} | {name} | {lecture} | {lab} | {minutes / 60:.1f} |")
    hours = total / 60
    most, least = (ALL_WORK * hours / credit for credit in HOURS_A_CREDIT)
    rows.append(f"| | all | | | {hours:.0f} |")
    rows += ["", f"With everything, about {ALL_WORK * hours:.0f} hours of work: "]
    rows[-1] += f"{least:.1f} to {most:.1f} credits (ECTS)."
    return "\n".join(rows)


def _notes(course: Course) -> str:
    """Links to the pages for whoever teaches."""
    return "\n".join(
        f"- [{unit.number} {unit.title}](../instructors/{unit.name}.md)" for unit in course.units
    )


def _per_notebook(unit: Unit) -> tuple[tuple[int, int], tuple[int, int]]:
    """Minutes of the core and deeper ones, of the lecture and of the lab."""
    deeper = unit.deeper or PerNotebook(0, 0)
    return (unit.minutes.lecture, deeper.lecture), (unit.minutes.lab, deeper.lab)


def _minutes(core: int, deeper: int) -> str:
    if not core:
        return "–"
    return f"{core} min, {deeper} deeper" if deeper else f"{core} min"


_PAGES: Mapping[str, Mapping[str, Callable[[Course], str]]] = MappingProxyType(
    {
        "README.md": {"units": _units},
        "docs/syllabus.md": {"hours": _hours, "notes": _notes},
    }
)
