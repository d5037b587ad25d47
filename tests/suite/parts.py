"""What a test belongs to: a kind, a unit, and the group that one worker runs in one go."""

from __future__ import annotations

import re
from typing import NamedTuple

KINDS = {
    "lectures/": "nbval",
    "exercises/": "nbval",
    "solutions/": "nbval",
    "tests/e2e/": "browser",
    "tests/site/": "site",
    "tests/units/test_core.py": "core alone",
    "tests/units/": "questions",
    "tests/grading/": "grading",
    "tests/test_bare_folder.py": "bare folders",
    "tests/building/": "building",
    "tests/": "package",
    "mlmi_course/": "doctests",
    "data_fetch/": "doctests",
}
"""Kind by the beginning of a test's path; the first that fits counts."""

OF_A_UNIT = ("nbval", "browser", "core alone", "questions", "grading", "bare folders", "doctests")
"""Kinds whose tests may be about a unit of the course; in others, 01_demo is made up."""

_UNIT = re.compile(
    r"(?:^\w+/|/test_u|/u|\[u?|\[\w+/)(?:(?P<number>[0-9]{2})(?:_|\.py)|(?P<name>appendix_\w+))"
    r"|\[u(?P<of>[0-9]{2}|appendix_\w+)\]$"  # the name of a group
)


class Part(NamedTuple):
    """A kind of tests, and the unit that it is about, or none.

    A unit is told by its number, an appendix by its name.
    """

    kind: str
    unit: str


def part_of(nodeid: str) -> Part:
    """The part that a test belongs to.

    Examples
    --------
    >>> part_of("lectures/05_perceptrons.ipynb::Cell 3")
    Part(kind='nbval', unit='05')
    >>> part_of("tests/units/test_questions.py::test_is_complete[u20_survival-risk]")
    Part(kind='questions', unit='20')
    >>> part_of("tests/units/test_core.py::test_the_core_runs_alone[lectures/05_x.ipynb]")
    Part(kind='core alone', unit='05')
    >>> part_of("lectures/appendix_matlab.ipynb::Cell 3")
    Part(kind='nbval', unit='appendix_matlab')
    >>> part_of("tests/test_plots.py::test_a_line")
    Part(kind='package', unit='')
    """
    kind = next((kind for start, kind in KINDS.items() if nodeid.startswith(start)), "other")
    found = _UNIT.search(nodeid) if kind in OF_A_UNIT else None
    return Part(kind, (found["number"] or found["name"] or found["of"]) if found else "")


_BY_UNIT = ("tests/e2e/", "tests/units/test_questions.py", "tests/units/test_core.py")


def group_of(nodeid: str) -> str:
    """What one worker runs in one go: a file, as its tests share what was costly to make.

    Where they share little, the tests of one unit.

    Examples
    --------
    >>> group_of("tests/test_plots.py::test_a_line")
    'tests/test_plots.py'
    >>> group_of("tests/e2e/test_lectures.py::test_the_lecture_moves[u05_perceptrons]")
    'tests/e2e/test_lectures.py [u05]'
    """
    file = nodeid.partition("::")[0]
    unit = part_of(nodeid).unit
    return f"{file} [u{unit}]" if unit and file.startswith(_BY_UNIT) else file
