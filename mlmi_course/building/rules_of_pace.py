"""Rules on time: what a reader is promised, in which sittings, and what may be skipped."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from mlmi_course.building.code import live_before, names_bound
from mlmi_course.building.contract import Lesson, Problem, Section
from mlmi_course.building.sittings import is_deeper
from mlmi_course.building.slide_plan import MOST_SLIDES, guessed, plan

MINUTES_TOLERANCE = 0.2
MOST_MINUTES_HALF = 45  # a lesson
MOST_MINUTES_LAB = 60
MOST_DEEPER = {"lecture": 60, "lab": 45}

# Sections that need no minutes: they are read in passing, or by those who have time left.
_UNTIMED = ("what to remember", "go further", "stretch", "where you stand")


def section_minutes(lesson: Lesson) -> Iterator[Problem]:
    """Each ``##`` section says its minutes, and they add up to those of ``unit.toml``.

    Sections marked ``(12 min, deeper)`` add up to ``deeper`` there.  *What to remember*, *Go
    further*, *Stretch* and *Where you stand* may do without.
    """
    for section in lesson.sections:
        title = section.heading.text
        if section.minutes is None and not title.lower().startswith(_UNTIMED):
            yield _at(section, f"say the minutes: ## {title} (8 min)")
        if section.is_deeper and lesson.unit.deeper is None:
            yield _at(section, "unit.toml does not say how many minutes are deeper")
    promised = {False: ("", lesson.minutes)}
    if lesson.unit.deeper:
        promised[True] = ("deeper ", getattr(lesson.unit.deeper, lesson.kind))
    for deeper, (word, minutes) in promised.items():
        total = _minutes(lesson.sections, deeper)
        if abs(total - minutes) > MINUTES_TOLERANCE * minutes:
            message = f"{word}sections sum to {total} min, unit.toml says {minutes} min"
            yield Problem(lesson.cells[0], 0, message)


def sittings(lesson: Lesson) -> Iterator[Problem]:
    """A lecture has two halves that each fit into a lesson, and a lab fits into one sitting.

    The section *Break* ends the first half: it says what the reader can do now, and asks three
    quiz questions.  What a reader may skip has limits too.
    """
    if lesson.unit.deeper is None:
        return
    before: Section | None
    for before, section in zip([None, *lesson.sections], lesson.sections, strict=False):
        starts_deeper, ends_deeper = section.is_deeper, before is not None and before.is_deeper
        inside = section.heading.line > 0 or section.heading.cell in (
            before.cells if before else ()
        )
        if (starts_deeper or ends_deeper) and inside:
            yield _at(
                section, "a deeper section, and what follows it, begin with a cell of their own"
            )
    limit = MOST_DEEPER[lesson.kind]
    total = _minutes(lesson.sections, True)
    if total > limit:
        yield Problem(lesson.cells[0], 0, f"{total} min of deeper sections; {limit} are the most")
    if lesson.kind == "lab":
        total = _minutes(lesson.sections, False)
        if total > MOST_MINUTES_LAB:
            message = f"the lab's core takes {total} min; {MOST_MINUTES_LAB} are the most"
            yield Problem(lesson.cells[0], 0, message)
        return
    breaks = [i for i, s in enumerate(lesson.sections) if s.heading.text.startswith("Break")]
    if len(breaks) != 1:
        message = f"{len(breaks)} sections ## Break: what you can do now (2 min); one is needed"
        yield Problem(lesson.cells[0], 0, message)
        return
    cut = breaks[0] + 1
    for name, half in (("first", lesson.sections[:cut]), ("second", lesson.sections[cut:])):
        total = _minutes(half, False)
        if total > MOST_MINUTES_HALF:
            message = f"the {name} half takes {total} min; {MOST_MINUTES_HALF} are the most"
            yield Problem(lesson.cells[0], 0, message)


def slides(lesson: Lesson) -> Iterator[Problem]:
    """The core of a lecture has as many slides as one can present in its time.

    The slides are counted as ``mlmi slides`` makes them.  Text that is said and not shown, in a
    cell tagged ``notes``, has none.
    """
    if lesson.kind != "lecture" or lesson.unit.deeper is None:
        return
    pairs = zip(lesson.cells, is_deeper(lesson.cells), strict=True)
    core = [cell for cell, deeper in pairs if not deeper]
    count = len(plan(lesson.unit.title, lesson.unit.promise, (), guessed(core)))
    if count > MOST_SLIDES:
        message = (
            f"the core has {count} slides; {MOST_SLIDES} are the most: show less, or give texts "
            'that are only said tags=["notes"]'
        )
        yield Problem(lesson.cells[0], 0, message)


def core_alone(lesson: Lesson) -> Iterator[Problem]:
    """What everybody reads needs nothing that only a section marked *deeper* defines."""
    skipped = {c: s.heading.text for s in lesson.sections if s.is_deeper for c in s.cells}
    known: set[str] = set()
    deeper: dict[str, str] = {}
    for cell in lesson.code:
        if "solution" in cell.tags:
            continue
        if cell not in skipped:
            for name in sorted(live_before(cell.source) & set(deeper)):
                message = f"{name!r} is defined only in “{deeper[name]}”, which a reader may skip"
                yield Problem(cell, 0, message)
        for statement in ast.parse(cell.source).body:
            for name in names_bound(statement):
                if cell in skipped and name not in known:
                    deeper[name] = skipped[cell]
                elif cell not in skipped:
                    known.add(name)
                    deeper.pop(name, None)


def _minutes(sections: Iterable[Section], is_deeper: bool) -> int:
    return sum(section.minutes or 0 for section in sections if section.is_deeper == is_deeper)


def _at(section: Section, message: str) -> Problem:
    return Problem(section.heading.cell, section.heading.line, message)
