"""A new unit, whole: small, real, and in the style of the house."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from string import Template

from mlmi_course._files import write_whole
from mlmi_course._names import did_you_mean
from mlmi_course.building.course import COURSE_TOML, UNIT_NAME, Course, Part, unit_toml
from mlmi_course.building.findings import AuthorError, Finding

_PART_UNITS = re.compile(r"^units\s*=\s*\[(?P<names>[^\]]*)\]", re.MULTILINE)


_QUESTIONS = ("__init__", "_shared", "mean_inside", "pixels_or_patients")


def write_unit(course: Course, number: str, name: str, part: Part) -> list[str]:
    """Write the sources of a new unit, and enter it at the end of its part of the course.

    Parameters
    ----------
    course : Course
        The course as it is.
    number, name : str
        Such as ``"22"`` and ``"my_topic"``.
    part : Part
        Of the course.

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
    questions = f"mlmi_course/questions/u{unit}"
    files = {
        unit_toml(unit): _filled("unit.toml", words),
        f"course/{unit}/lecture.py": _filled("lecture.py", words),
        f"course/{unit}/lab.py": _filled("lab.py", words),
        **{f"{questions}/{m}.py": _filled(f"questions/{m}.py", words) for m in _QUESTIONS},
        f"tests/units/test_u{number}.py": _filled("test.py", words),
    }
    for path in (*files, f"{questions}.py"):
        if (course.root / path).exists():
            _refuse(f"{unit} is taken: there is {path}")
    files[COURSE_TOML] = with_unit(toml, unit, course.parts.index(part))
    for path, text in files.items():
        write_whole(course.root / path, text)
    return list(files)


def find_part(course: Course, wanted: str) -> Part:
    """A part by its number in the course, by its title, or by the first word of it.

    Raises
    ------
    AuthorError
        If there is no such part.
    """
    for place, part in enumerate(course.parts, 1):
        if wanted in (str(place), part.title, part.title.split()[0]):
            return part
    titles = [part.title for part in course.parts]
    others = did_you_mean(wanted, titles) or f"; there are: {', '.join(titles)}"
    raise AuthorError(Finding(COURSE_TOML, 1, f"no part {wanted!r}{others}"))


def with_unit(toml: str, unit: str, part: int) -> str:
    """The text of ``course.toml`` with a unit added to a part, counted from 0.

    The text is edited, and not written anew, so that comments and layout stay.
    """
    lists = list(_PART_UNITS.finditer(toml))
    if part >= len(lists):
        _refuse("there is no [[part]] with units = […] to add the unit to")
    start, end = lists[part].span("names")
    text = toml[:start] + _with_name(lists[part]["names"], unit) + toml[end:]
    if unit not in tomllib.loads(text)["part"][part]["units"]:
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
