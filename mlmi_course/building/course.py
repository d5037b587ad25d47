"""The course as ``course/course.toml`` and the ``unit.toml`` of each unit describe it.

.. code-block:: toml

    # course/course.toml
    title = "Machine learning for medical imaging"

    [repository]                      # optional: adds the Colab badge and install cell
    url = "https://github.com/owner/name"
    tag = "v1.0"

    [[part]]
    title = "I Images and data"
    units = ["01_medical_images"]

    # course/01_medical_images/unit.toml
    title = "Medical images"
    promise = "One sentence: what the reader can do afterwards."
    you_learn_to = "read …, compute …, order …"  # the unit's row in the README
    objectives = ["read …", "convert …", "choose …"]
    minutes = { lecture = 50, lab = 60 }  # the sections of the notebooks add up to them
    deeper = { lecture = 25, lab = 0 }  # beside the minutes: sections marked "(12 min, deeper)"
    prerequisites = ["NumPy arrays and indexing"]
    data = [{ name = "…", source = "…", licence = "…" }]
    needs = "CPU is enough."
    budget_s = { lecture = 30, lab = 30 }  # that a notebook may run on two CPU cores

A part may list an *appendix* too: ``course/appendix_topic/``, a lecture without a lab.  Its
``unit.toml`` has the same keys, with ``lab = 0``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import pydantic
from pydantic import AfterValidator, ConfigDict, Field, StrictInt, StringConstraints, TypeAdapter
from pydantic.dataclasses import dataclass as checked
from pydantic_core import ErrorDetails

from mlmi_course._names import did_you_mean
from mlmi_course.building.findings import AuthorError, Finding, stop_if_any

COURSE_TOML = "course/course.toml"
UNIT_NAME = re.compile(r"\d\d_[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
APPENDIX_NAME = re.compile(r"appendix(?:_[a-z0-9]+)+")
MOST_SECONDS_A_NOTEBOOK = 90
MOST_SECONDS_A_UNIT = 140  # on average, both notebooks: the whole course is run before a release

# First words that give an objective away as a topic rather than something to do.
_NO_VERBS = {"a", "an", "the", "how", "what", "why", "when", "you", "to", "about", "of"}

# What a key must be, in the words of whoever wrote it; a text where nothing is said.
_SHAPES = {
    "budget_s": "{ lecture = …, lab = … } in whole numbers",
    "data": "a list of { name = …, source = …, licence = … }",
    "deeper": "{ lecture = …, lab = … } in whole numbers",
    "minutes": "{ lecture = …, lab = … } in whole numbers",
    "objectives": "a list of texts that are not empty",
    "part": "a list of tables; begin each with [[part]]",
    "prerequisites": "a list of texts that are not empty",
    "repository": "a table with url and tag",
    "units": "a list of texts that are not empty",
}

T = TypeVar("T")
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_AS_WRITTEN = ConfigDict(extra="forbid")


def _three_to_five_verbs(objectives: tuple[str, ...]) -> tuple[str, ...]:
    if not 3 <= len(objectives) <= 5:
        raise ValueError(f"there are {len(objectives)}, not 3 to 5")
    for objective in objectives:
        if objective.split()[0].lower() in _NO_VERBS:
            raise ValueError(f"each starts with a verb, and not as {objective!r} does")
    return objectives


def _short_enough(budget: PerNotebook) -> PerNotebook:
    if max(budget.lecture, budget.lab) > MOST_SECONDS_A_NOTEBOOK:
        raise ValueError(f"a notebook may run {MOST_SECONDS_A_NOTEBOOK} s, and no more")
    return budget


def _as_of_its_kind(minutes: PerNotebook, info: pydantic.ValidationInfo) -> PerNotebook:
    has_lab = not APPENDIX_NAME.fullmatch(info.data.get("name", ""))
    if minutes.lecture < 1 or (has_lab and minutes.lab < 1):
        raise ValueError(f"{_SHAPES['minutes']}, from 1 on")
    if minutes.lab and not has_lab:
        raise ValueError("an appendix has no lab: lab = 0")
    return minutes


@checked(frozen=True, config=_AS_WRITTEN)
class PerNotebook:
    """One number for the lecture and one for the lab of a unit."""

    lecture: Annotated[StrictInt, Field(ge=0)]
    lab: Annotated[StrictInt, Field(ge=0)]


@checked(frozen=True, config=_AS_WRITTEN)
class DataSource:
    """Data that a unit uses: what, from where, and under which licence."""

    name: Text
    source: Text
    licence: Text


@checked(frozen=True, config=_AS_WRITTEN)
class Repository:
    """Where the course is published; with it, notebooks can open on Colab.

    The tag is that of a release: a branch would change under readers' hands in the middle of a
    term.
    """

    url: Annotated[Text, AfterValidator(lambda url: url.rstrip("/"))]
    tag: Annotated[str, StringConstraints(pattern=r"^v\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?$")]


@checked(frozen=True, config=_AS_WRITTEN)
class Unit:
    """One unit: a lecture and a lab, and the questions that the lab asks; or an appendix.

    An appendix is a lecture alone: its ``minutes`` have ``lab=0``.  ``you_learn_to`` goes on with
    verbs, for a row of the README.  ``minutes`` are those that everybody needs.  ``deeper`` are
    those of the sections that a reader may skip; a unit that says how many is held to the length
    of two sittings.
    """

    name: str
    title: Text
    promise: Text
    you_learn_to: Text
    objectives: Annotated[tuple[Text, ...], AfterValidator(_three_to_five_verbs)]
    minutes: Annotated[PerNotebook, AfterValidator(_as_of_its_kind)]
    prerequisites: tuple[Text, ...]
    data: tuple[DataSource, ...]
    needs: Text
    budget_s: Annotated[PerNotebook, AfterValidator(_short_enough)]
    deeper: PerNotebook | None = None

    @property
    def has_lab(self) -> bool:
        """Whether there are an exercise and a solution beside the lecture: not in an appendix."""
        return not APPENDIX_NAME.fullmatch(self.name)

    @property
    def number(self) -> str:
        """What all files of the unit start with: two digits, or the name of an appendix."""
        return self.name[:2] if self.has_lab else self.name

    @property
    def label(self) -> str:
        """What stands before the title on a page: ``"07"``, or ``"Appendix"``."""
        return self.number if self.has_lab else "Appendix"

    @property
    def questions(self) -> str:
        """Name of the package or module with the unit's questions."""
        return f"u{self.name}"


@dataclass(frozen=True)
class Part:
    """A group of units, in teaching order; the last one may hold the appendices."""

    title: str
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class Course:
    """The whole course, and the folder that holds it."""

    root: Path
    title: str
    parts: tuple[Part, ...]
    repository: Repository | None = None

    @property
    def units(self) -> tuple[Unit, ...]:
        """All units with a lab, in teaching order."""
        return tuple(unit for unit in self.with_appendices if unit.has_lab)

    @property
    def with_appendices(self) -> tuple[Unit, ...]:
        """Everything that has a lecture, in the order of ``course.toml``."""
        return tuple(unit for part in self.parts for unit in part.units)

    def select(self, wanted: list[str]) -> tuple[Unit, ...]:
        """Units by number (``1`` or ``01``) or name; all and the appendices for an empty list."""
        if not wanted:
            return self.with_appendices
        return tuple(self._find(text) for text in wanted)

    def part_of(self, unit: Unit) -> Part:
        """The part that a unit belongs to."""
        return next(part for part in self.parts if unit in part.units)

    def _find(self, wanted: str) -> Unit:
        for unit in self.with_appendices:
            if wanted == unit.name or wanted.zfill(2) == unit.number:
                return unit
        names = [unit.name for unit in self.with_appendices]
        others = did_you_mean(wanted, names) or f"; there are: {', '.join(names)}"
        raise AuthorError(Finding(COURSE_TOML, 1, f"no unit {wanted!r}{others}"))


def find_root(start: Path) -> Path:
    """Walk up from a folder to the one that holds ``course/course.toml``.

    Raises
    ------
    FileNotFoundError
        When no folder above holds it.
    """
    for folder in (start, *start.parents):
        if (folder / COURSE_TOML).is_file():
            return folder
    raise FileNotFoundError(f"no {COURSE_TOML} in {start} or above it; try --root FOLDER")


def unit_toml(name: str) -> str:
    """Where a unit is described, from the root of the course.

    Examples
    --------
    >>> unit_toml("01_medical_images")
    'course/01_medical_images/unit.toml'
    """
    return f"course/{name}/unit.toml"


@checked(frozen=True, config=_AS_WRITTEN)
class _ListedPart:
    title: Text
    units: tuple[Text, ...]


@checked(frozen=True, config=_AS_WRITTEN)
class _CourseFile:
    title: Text
    part: tuple[_ListedPart, ...]
    repository: Repository | None = None


def read_course(root: Path) -> Course:
    """Read and validate ``course/course.toml``, and the ``unit.toml`` of each unit.

    Raises
    ------
    AuthorError
        With one finding, which names file and key, for everything that is wrong in them.
    """
    listed = _File(root, COURSE_TOML).read(_CourseFile)
    names = [name for part in listed.part for name in part.units]
    findings = _wrong_names(root, names)
    units: dict[str, Unit] = {}
    for name in names:
        try:
            if (root / unit_toml(name)).is_file():
                units[name] = _File(root, unit_toml(name)).read(Unit, name=name)
        except AuthorError as error:
            findings += error.findings
    total = sum(unit.budget_s.lecture + unit.budget_s.lab for unit in units.values())
    if total > MOST_SECONDS_A_UNIT * len(units):
        message = f"budgets sum to {total} s, more than {MOST_SECONDS_A_UNIT} s for each unit"
        findings.append(Finding(COURSE_TOML, 1, message))
    stop_if_any(findings)
    return Course(
        root=root,
        title=listed.title,
        parts=tuple(Part(p.title, tuple(units[name] for name in p.units)) for p in listed.part),
        repository=listed.repository,
    )


def _wrong_names(root: Path, names: list[str]) -> list[Finding]:
    """What is wrong with the units that the parts list, before anything of them is read."""
    file = _File(root, COURSE_TOML)
    findings = []
    for name in names:
        others = [other for other in names if other != name]
        is_unit = UNIT_NAME.fullmatch(name)
        if not is_unit and not APPENDIX_NAME.fullmatch(name):
            problem = "is no unit name; they look like 01_medical_images, or appendix_topic"
        elif names.count(name) > 1:
            problem = "is listed in more than one place"
        elif is_unit and name[:2] in [other[:2] for other in others]:
            problem = "shares its number with another unit"
        elif not (root / unit_toml(name)).is_file():
            problem = f"has no {unit_toml(name)}"
        else:
            continue
        findings.append(Finding(COURSE_TOML, file.line(name), f"{name} {problem}"))
    for path in sorted(root.glob(unit_toml("*"))):
        if path.parent.name not in names:
            message = f"no part in {COURSE_TOML} lists {path.parent.name}"
            findings.append(Finding(unit_toml(path.parent.name), 1, message))
    return findings


class _File:
    """A file of TOML, which says what does not fit by its key and in our words."""

    def __init__(self, root: Path, path: str) -> None:
        self.path = path
        self.text = (root / path).read_text(encoding="utf-8")

    def read(self, kind: type[T], **given: Any) -> T:
        """Turn the file into an object, to which some values are given."""
        try:
            table = tomllib.loads(self.text)
            for key in sorted(given.keys() & table.keys()):
                raise AuthorError(Finding(self.path, self.line(key), f"unknown key {key!r}"))
            return TypeAdapter(kind).validate_python({**given, **table})
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            raise AuthorError(Finding(self.path, int(at[1]) if at else 1, str(error))) from None
        except pydantic.ValidationError as error:
            raise AuthorError(*sorted({self._finding(one) for one in error.errors()})) from None

    def line(self, word: str, *, after: int = 0) -> int:
        """The first line that begins with a key, or else that holds a word; 1 where none does."""
        lines = list(enumerate(self.text.splitlines(), 1))[after:]
        begins = [n for n, line in lines if re.match(rf"\[*{re.escape(word)}\b", line)]
        return next(iter([*begins, *(n for n, line in lines if word in line)]), 1)

    def _finding(self, error: ErrorDetails) -> Finding:
        names = [part for part in error["loc"] if isinstance(part, str)]
        top, key = names[0], names[-1]
        # Readers of TOML keep no positions: the key is looked for, in its own [[part]] if need be.
        after = 0
        if top == "part" and top != key:
            top, place = key, int(error["loc"][1])
            tables = [n for n, line in enumerate(self.text.splitlines(), 1) if "[[part]]" in line]
            after = tables[place] if place < len(tables) else 0
        missing = error["type"] == "missing" and top == key
        line = max(after, 1) if missing else self.line(top, after=after)
        return Finding(self.path, line, _message(error, top, key))


def _message(error: ErrorDetails, top: str, key: str) -> str:
    """Say what does not fit in the words of whoever wrote it."""
    match error["type"]:
        case "unexpected_keyword_argument" if key == "unit":
            return f"unknown key 'unit': what it says of a unit goes to {unit_toml('NN_topic')}"
        case "unexpected_keyword_argument":
            return f"unknown key {key!r}" + (f" in {top}" if top != key else "")
        case "missing" if top == key:
            return f"{key} is missing; it must be {_SHAPES.get(key, 'a text')}"
        case "string_pattern_mismatch":
            return f"{top}: {key} must be that of a release, such as v1.0.0"
        case "string_too_short" if top == key and top not in _SHAPES:
            return f"{key} is empty"
        case "value_error":
            return f"{top}: {error['ctx']['error']}"
    return f"{top} must be {_SHAPES.get(top, 'a text')}"
