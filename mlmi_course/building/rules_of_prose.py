"""Rules on the text: its headings, links and formulae, how it opens, how it ends, its quiz."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from mlmi_course.building.contract import Lesson, Problem, prose_lines

QUIZ_QUESTIONS = 3

_PAPER = re.compile(r"doi\.org/10\.|\bdoi:\s*10\.|arxiv\.org/|\barxiv:\s*\d", re.IGNORECASE)
_QUIZ = re.compile(r"<details>\s*<summary>\s*\S.*?</summary>\s*\S.*?</details>", re.DOTALL)
_BETWEEN = r"(?:\s*[,–-]\s*|,?\s+(?:and|or|to)\s+)"
_UNIT_NUMBERS = re.compile(
    r"\b(?:units?|lectures?|labs?|exercises?|solutions?)\s+(?:\#\s*)?"
    rf"(?P<numbers>\d\d(?:{_BETWEEN}\d\d)*)\b(?![.:/]\d)",
    re.IGNORECASE,
)
_UNIT_FILES = re.compile(
    r"\b(?:lectures|exercises|solutions|course|instructors)/(?P<name>(?:\d\d|appendix)_\w+)"
    r"|\b(?P<file>(?:\d\d|appendix)_\w+)\.ipynb"
)
_EMPTY_LINK = re.compile(r"\[\s*\]\([^)]*\)|\[[^\]]*\]\(\s*\)")


def absent_units(lesson: Lesson) -> Iterator[Problem]:
    """No text sends a reader to a unit that is not there.

    ``unit 07``, ``units 05 and 07``, ``lab 07`` and ``lectures/07_topic.ipynb`` are references, in
    prose, comments and code, and so are they in what the unit says of itself.  A number of
    one digit is none: hidden units have such numbers too.
    """
    there = {lesson.unit.name, *(unit.name for unit in lesson.course)}
    numbers = {name[:2] for name in there}  # that of an appendix is none
    said = "\n".join([lesson.unit.promise, *lesson.unit.objectives, *lesson.unit.prerequisites])
    texts = [(cell, cell.source) for cell in lesson.source.cells]
    for cell, text in [(lesson.cells[0], said), *texts]:
        for found in _UNIT_NUMBERS.finditer(text):
            for number in re.findall(r"\d\d", found["numbers"]):
                if number not in numbers:
                    line = text.count("\n", 0, found.start()) if text is not said else 0
                    yield Problem(cell, line, f"there is no unit {number} to send a reader to")
        for found in _UNIT_FILES.finditer(text):
            if (found["name"] or found["file"]) not in there:
                line = text.count("\n", 0, found.start()) if text is not said else 0
                yield Problem(cell, line, f"{found[0]} is not there to send a reader to")


def headings(lesson: Lesson) -> Iterator[Problem]:
    """The only H1 is the generated title, and no level of heading is skipped."""
    level = 1
    for heading in lesson.headings:
        if heading.level == 1:
            message = "the title is generated from unit.toml; start with ##"
            yield Problem(heading.cell, heading.line, message)
        elif heading.level > level + 1:
            message = f"heading of level {heading.level} below one of level {level}"
            yield Problem(heading.cell, heading.line, message)
        level = heading.level


def links(lesson: Lesson) -> Iterator[Problem]:
    """No link is empty, and every image in the prose has alternative text."""
    for cell in lesson.prose:
        for number, line in prose_lines(cell):
            if found := _EMPTY_LINK.search(line):
                yield Problem(cell, number, f"empty link or image text: {found[0]}")


def markdown(lesson: Lesson) -> Iterator[Problem]:
    """No wrapped line of prose became a list, and every ``$`` has its partner.

    A line that begins with ``+``, ``-``, ``*`` or ``1.`` starts a list, also in the middle of a
    sentence or of a formula, and what is left of the formula is shown as it was typed.
    """
    reader = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
    reader.disable("text_join")  # or an escaped dollar could not be told from a bare one
    for cell in lesson.prose:
        tokens = reader.parse(cell.source)
        ends: dict[int, int] = {}  # of the last paragraph, by depth of nesting
        for token in tokens:
            place = token.map or [0, 0]
            if token.type == "paragraph_open":
                ends[token.level] = place[1]
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                start = place[0]
                before, line = ("", *map(str.strip, cell.source.split("\n")))[start : start + 2]
                nested = token.level > 0 and before.endswith((".", ":", ";", "?", "!"))
                if ends.get(token.level) == start and not nested:
                    message = (
                        f"this line starts a list: {line[:30]!r}; wrap the sentence or formula "
                        "elsewhere, or put an empty line before a list that you mean"
                    )
                    yield Problem(cell, start, message)
            elif token.type == "inline":
                for number, line in _lines_of_text(token.children or ()):
                    if "$" in line:
                        message = f"a $ without its partner: {line.strip()[:40]!r}; a dollar is \\$"
                        yield Problem(cell, place[0] + number, message)


def _lines_of_text(tokens: Iterable[Token]) -> Iterator[tuple[int, str]]:
    """Text outside of formulae and code, by its line (from 0) in the paragraph."""
    number = 0
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            number += 1
        elif token.type == "text":
            yield number, token.content
        else:
            number += token.content.count("\n")


def opening(lesson: Lesson) -> Iterator[Problem]:
    """A lecture opens with *You need*: the terms and the maths that it uses."""
    if lesson.kind == "lecture":
        first = lesson.headings[0].text if lesson.headings else ""
        if not first.lower().startswith("you need"):
            yield Problem(
                lesson.cells[0], 0, "a lecture opens with the section: ## You need (5 min)"
            )


def ending(lesson: Lesson) -> Iterator[Problem]:
    """A lecture ends with *What to remember*, *Go further* (papers) and *Quiz*."""
    if lesson.kind != "lecture":
        return
    for title in ("What to remember", "Go further", "Quiz"):
        text = lesson.section(title)
        if text is None:
            yield Problem(lesson.cells[0], 0, f"a lecture ends with the section: ## {title}")
        elif title == "Go further" and not _PAPER.search(text):
            yield Problem(lesson.cells[0], 0, "Go further names at least one paper by DOI or arXiv")


def quiz(lesson: Lesson) -> Iterator[Problem]:
    """The quiz has exactly three questions, and so has the break between two halves.

    A question is followed by its folded answer:

    .. code-block:: html

        **1.** Which unit do CT numbers have?

        <details><summary>Answer</summary>

        Hounsfield units (HU): water is 0, air is −1000.

        </details>
    """
    if lesson.kind != "lecture":
        return
    for title in ("Break", "Quiz") if lesson.unit.deeper else ("Quiz",):
        text = lesson.section(title)
        count = len(_QUIZ.findall(text or ""))
        if text is not None and count != QUIZ_QUESTIONS:
            message = (
                f"the {title.lower()} has {count} questions (<details><summary>…), "
                f"not {QUIZ_QUESTIONS}"
            )
            yield Problem(lesson.cells[0], 0, message)
