"""The table of units in the README, which is made from each ``unit.toml``."""

from __future__ import annotations

from mlmi_course.building.course import Course, PerNotebook, Unit
from mlmi_course.building.findings import AuthorError, Finding

README = "README.md"
BEGIN = "<!-- begin of the units: `mlmi build` writes them from course/*/unit.toml -->"
END = "<!-- end of the units -->"


def with_units(course: Course) -> dict[str, str]:
    """The README with a row for each unit; nothing where a course has no README.

    Raises
    ------
    AuthorError
        Where the two lines are missing between which the table stands.
    """
    file = course.root / README
    if not file.is_file():
        return {}
    text = file.read_text(encoding="utf-8")
    before, begun, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (begun and ended):
        message = f"the table of units stands between the lines {BEGIN} and {END}"
        raise AuthorError(Finding(README, 1, message))
    return {README: f"{before}{BEGIN}\n{_table(course)}\n{END}{after}"}


def _table(course: Course) -> str:
    rows = ["| unit | you learn to | lecture | lab |", "|---|---|---|---|"]
    for part in course.parts:
        rows += [_row(unit) for unit in part.units]
    return "\n".join(rows)


def _row(unit: Unit) -> str:
    link = f"[{unit.number} {unit.title}](lectures/{unit.name}.ipynb)"
    skipped = unit.deeper or PerNotebook(0, 0)
    lecture = _minutes(unit.minutes.lecture, skipped.lecture)
    return (
        f"| {link} | {unit.you_learn_to} | {lecture} | {_minutes(unit.minutes.lab, skipped.lab)} |"
    )


def _minutes(core: int, deeper: int) -> str:
    return f"{core} min, {deeper} deeper" if deeper else f"{core} min"
