"""The skeleton of a new unit: small, real, and in the style of the house."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from string import Template

from mlmi_course._files import write_whole
from mlmi_course.building.course import COURSE_TOML, UNIT_NAME, Course
from mlmi_course.building.findings import AuthorError, Finding

_PART_UNITS = re.compile(r"^units\s*=\s*\[(?P<names>[^\]]*)\]", re.MULTILINE)


def write_unit(course: Course, number: str, name: str) -> list[str]:
    """Write the sources of a new unit and enter it at the end of ``course.toml``.

    Parameters
    ----------
    course : Course
        The course as it is.
    number, name : str
        Such as ``"22"`` and ``"my_topic"``.

    Returns
    -------
    list of str
        What was written, relative to the root of the course.

    Raises
    ------
    AuthorError
        For a name that no unit can have, and for a number or name that is taken.
    """
    unit = f"{number}_{name}"
    if not UNIT_NAME.fullmatch(unit):
        _refuse(f"{unit!r} is no unit name; they look like 22_my_topic")
    for other in course.units:
        if other.number == number or other.name[3:] == name:
            _refuse(f"{unit} is taken: there is {other.name}")
    title = name.replace("_", " ")
    words = {
        "unit": unit,
        "number": number,
        "questions": f"u{unit}",
        "title": title[0].upper() + title[1:],
        "title_in_text": title,
    }
    toml = (course.root / COURSE_TOML).read_text(encoding="utf-8")
    files = {
        f"course/{unit}/lecture.py": _filled("lecture.py", words),
        f"course/{unit}/lab.py": _filled("lab.py", words),
        f"mlmi_course/questions/u{unit}.py": _filled("questions.py", words),
        COURSE_TOML: with_unit(toml, unit) + _filled("course.toml", words),
    }
    for path in files:
        if path != COURSE_TOML and (course.root / path).exists():
            _refuse(f"{unit} is taken: there is {path}")
    for path, text in files.items():
        write_whole(course.root / path, text)
    return list(files)


def with_unit(toml: str, unit: str) -> str:
    """The text of ``course.toml`` with a unit added to its last part.

    The text is edited, and not written anew, so that comments and layout stay.
    """
    lists = list(_PART_UNITS.finditer(toml))
    if not lists:
        _refuse("there is no [[part]] with units = […] to add the unit to")
    start, end = lists[-1].span("names")
    text = toml[:start] + _with_name(lists[-1]["names"], unit) + toml[end:]
    if unit not in tomllib.loads(text)["part"][-1]["units"]:
        _refuse(f"add {unit!r} to its part by hand: the list of units was not understood")
    return text.rstrip("\n") + "\n"


def _with_name(names: str, unit: str) -> str:
    """The inside of a TOML list of strings, with one more; comments stay where they are."""
    last = names.rfind('"') + 1
    if not last:
        return f'"{unit}"'
    rest = names[last:].lstrip().removeprefix(",").rstrip()
    if "\n" not in names:
        return f'{names[:last]}, "{unit}"'
    return f'{names[:last]},{rest}\n    "{unit}",\n'


def _filled(template: str, words: dict[str, str]) -> str:
    file = resources.files("mlmi_course.building") / "templates" / f"{template}.txt"
    return Template(file.read_text(encoding="utf-8")).substitute(words)


def _refuse(message: str) -> None:
    raise AuthorError(Finding(COURSE_TOML, 1, message))
