"""The course as ``course/course.toml`` describes it.

.. code-block:: toml

    title = "Machine learning for medical imaging"

    [repository]                      # optional: adds the Colab badge and install cell
    url = "https://github.com/owner/name"
    tag = "v1.0"

    [[part]]
    title = "I Images and data"
    units = ["01_medical_images"]

    [unit."01_medical_images"]
    title = "Medical images"
    promise = "One sentence: what the reader can do afterwards."
    objectives = ["read …", "convert …", "choose …"]
    minutes = { lecture = 50, lab = 60 }
    deeper = { lecture = 25, lab = 0 }  # beside the minutes: sections marked "(12 min, deeper)"
    prerequisites = ["NumPy arrays and indexing"]
    data = [{ name = "…", source = "…", licence = "…" }]
    needs = "CPU is enough."
    budget_s = { lecture = 30, lab = 30 }
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlmi_course.building.findings import AuthorError, Finding, stop_if_any

COURSE_TOML = "course/course.toml"
UNIT_NAME = re.compile(r"\d\d_[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
MOST_SECONDS_A_NOTEBOOK = 90
_RELEASE = re.compile(r"v\d+(?:\.\d+)*(?:(?:a|b|rc)\d+)?")
MOST_SECONDS_THE_COURSE = 25 * 60

# First words that give an objective away as a topic rather than something to do.
_NO_VERBS = {"a", "an", "the", "how", "what", "why", "when", "you", "to", "about", "of"}


@dataclass(frozen=True)
class PerNotebook:
    """One number for the lecture and one for the lab of a unit."""

    lecture: int
    lab: int


@dataclass(frozen=True)
class DataSource:
    """Data that a unit uses: what, from where, and under which licence."""

    name: str
    source: str
    licence: str


@dataclass(frozen=True)
class Repository:
    """Where the course is published; with it, notebooks can open on Colab."""

    url: str
    tag: str


@dataclass(frozen=True)
class Unit:
    """One unit: a lecture and a lab, and the questions that the lab asks.

    ``minutes`` are those that everybody needs.  ``deeper`` are those of the sections that a
    reader may skip; a unit that says how many is held to the length of two sittings.
    """

    name: str
    title: str
    promise: str
    objectives: tuple[str, ...]
    minutes: PerNotebook
    prerequisites: tuple[str, ...]
    data: tuple[DataSource, ...]
    needs: str
    budget_s: PerNotebook
    deeper: PerNotebook | None = None

    @property
    def number(self) -> str:
        """The two digits that all files of the unit start with."""
        return self.name[:2]

    @property
    def questions(self) -> str:
        """Name of the module with the unit's questions."""
        return f"u{self.name}"


@dataclass(frozen=True)
class Part:
    """A group of units, in teaching order."""

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
        """All units, in teaching order."""
        return tuple(unit for part in self.parts for unit in part.units)

    def select(self, wanted: list[str]) -> tuple[Unit, ...]:
        """Units by number (``1`` or ``01``) or name; all of them for an empty list."""
        if not wanted:
            return self.units
        return tuple(self._find(text) for text in wanted)

    def part_of(self, unit: Unit) -> Part:
        """The part that a unit belongs to."""
        return next(part for part in self.parts if unit in part.units)

    def _find(self, wanted: str) -> Unit:
        for unit in self.units:
            if wanted == unit.name or wanted.zfill(2) == unit.number:
                return unit
        names = ", ".join(unit.name for unit in self.units)
        raise AuthorError(Finding(COURSE_TOML, 1, f"no unit {wanted!r}; there are: {names}"))


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


def read_course(root: Path) -> Course:
    """Read and validate ``course/course.toml``.

    Raises
    ------
    AuthorError
        With one finding for everything that is wrong in the file.
    """
    text = (root / COURSE_TOML).read_text(encoding="utf-8")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        raise AuthorError(Finding(COURSE_TOML, int(at[1]) if at else 1, str(error))) from None
    reader = _Reader(text)
    course = reader.course(root, document)
    stop_if_any(reader.findings)
    return course


class _Reader:
    """Turns TOML tables into the objects above, and collects what does not fit."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.findings: list[Finding] = []

    def course(self, root: Path, document: dict[str, Any]) -> Course:
        tables = self.take(document, "unit", dict, "") or {}
        units = {name: self.unit(name, table) for name, table in tables.items()}
        found = self.take(document, "part", list, "") or []
        if not all(isinstance(table, dict) for table in found):
            self.wrong("part", "is a list of tables; begin each with [[part]]")
        parts = tuple(self.part(table, units) for table in found if isinstance(table, dict))
        listed = [unit.name for part in parts for unit in part.units]
        for name in sorted({name for name in listed if listed.count(name) > 1}):
            self.wrong(name, "is listed in more than one place")
        numbers = [name[:2] for name in units]
        for name in units:
            if name not in listed:
                self.wrong(name, "belongs to no part")
            if numbers.count(name[:2]) > 1:
                self.wrong(name, "shares its number with another unit")
        total = sum(unit.budget_s.lecture + unit.budget_s.lab for unit in units.values())
        if total > MOST_SECONDS_THE_COURSE:
            self.wrong("", f"budgets sum to {total} s, more than {MOST_SECONDS_THE_COURSE} s")
        self.no_others(document, {"title", "part", "unit", "repository"}, "")
        return Course(
            root=root,
            title=self.text(document, "title", ""),
            parts=parts,
            repository=self.repository(document),
        )

    def repository(self, document: dict[str, Any]) -> Repository | None:
        if "repository" not in document:
            return None
        table = self.take(document, "repository", dict, "") or {}
        self.no_others(table, {"url", "tag"}, "repository")
        if not _RELEASE.fullmatch(str(table.get("tag", ""))):
            # A branch would change under readers' hands in the middle of a term.
            self.wrong("repository", "tag must be that of a release, such as v1.0.0")
        return Repository(
            url=self.text(table, "url", "repository").rstrip("/"),
            tag=self.text(table, "tag", "repository"),
        )

    def part(self, table: dict[str, Any], units: dict[str, Unit]) -> Part:
        title = self.text(table, "title", "part")
        names = self.texts(table, "units", title)
        self.no_others(table, {"title", "units"}, title)
        for name in names:
            if name not in units:
                self.wrong(name, f'has no table [unit."{name}"]')
        return Part(title, tuple(units[name] for name in names if name in units))

    def unit(self, name: str, table: dict[str, Any]) -> Unit:
        if not UNIT_NAME.fullmatch(name):
            self.wrong(name, "is no unit name; they look like 01_medical_images")
        unit = Unit(
            name=name,
            title=self.text(table, "title", name),
            promise=self.text(table, "promise", name),
            objectives=self.texts(table, "objectives", name),
            minutes=self.numbers(table, "minutes", name),
            prerequisites=self.texts(table, "prerequisites", name),
            data=tuple(self.data(t, name) for t in self.take(table, "data", list, name) or []),
            needs=self.text(table, "needs", name),
            budget_s=self.numbers(table, "budget_s", name),
            deeper=self.numbers(table, "deeper", name, least=0) if "deeper" in table else None,
        )
        self.no_others(table, set(Unit.__dataclass_fields__) - {"name"}, name)
        if not 3 <= len(unit.objectives) <= 5:
            self.wrong(name, f"has {len(unit.objectives)} objectives, not 3 to 5")
        for objective in unit.objectives:
            if objective.split()[0].lower() in _NO_VERBS:
                self.wrong(name, f"an objective does not start with a verb: {objective!r}")
        if max(unit.budget_s.lecture, unit.budget_s.lab) > MOST_SECONDS_A_NOTEBOOK:
            self.wrong(name, f"budget_s is more than {MOST_SECONDS_A_NOTEBOOK} s")
        return unit

    def data(self, table: Any, where: str) -> DataSource:
        if not isinstance(table, dict):
            self.wrong(where, "data holds something that is no table")
            table = {}
        self.no_others(table, set(DataSource.__dataclass_fields__), where)
        return DataSource(*(self.text(table, key, where) for key in ("name", "source", "licence")))

    def numbers(
        self, table: dict[str, Any], key: str, where: str, *, least: int = 1
    ) -> PerNotebook:
        pair = self.take(table, key, dict, where) or {}
        values = [pair.get(name) for name in ("lecture", "lab")]
        whole = all(type(v) is int and v >= least for v in values)
        if set(pair) != {"lecture", "lab"} or not whole:
            self.wrong(where, f"{key} must be {{ lecture = …, lab = … }} in whole numbers")
            return PerNotebook(1, 1)
        return PerNotebook(*values)

    def text(self, table: dict[str, Any], key: str, where: str) -> str:
        value = self.take(table, key, str, where)
        if value is not None and not value.strip():
            self.wrong(where, f"{key} is empty")
        return (value or "").strip()

    def texts(self, table: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
        values = self.take(table, key, list, where) or []
        if not all(isinstance(value, str) and value.strip() for value in values):
            self.wrong(where, f"{key} must hold strings that are not empty")
            return ()
        return tuple(values)

    def take(self, table: dict[str, Any], key: str, kind: type, where: str) -> Any:
        value = table.get(key)
        if isinstance(value, kind):
            return value
        expected = {str: "a string", list: "a list", dict: "a table"}[kind]
        self.wrong(where, f"{key} must be {expected}")
        return None

    def no_others(self, table: dict[str, Any], known: set[str], where: str) -> None:
        for key in sorted(set(table) - known):
            self.wrong(where, f"unknown key {key!r}")

    def wrong(self, where: str, message: str) -> None:
        # TOML readers keep no positions, so point at the first line that names the table.
        tables = [
            i for i, line in enumerate(self.lines, 1) if line.startswith("[") and where in line
        ]
        mentions = [i for i, line in enumerate(self.lines, 1) if where in line]
        line = (tables or mentions or [1])[0] if where else 1
        prefix = f"{where}: " if where else ""
        self.findings.append(Finding(COURSE_TOML, line, prefix + message))
