"""What a run leaves to other days, and to other tests: ``--today`` and ``--unit``.

``make test`` passes ``--today``.  Then

- the tests in :data:`TURNS` are for the units that changed since they passed all of their tests
  (:mod:`tests.suite.proved`), and for two others, which change from day to day.  A change of what
  such a test is about is one of all units;
- those in :data:`SLEEPS` are left out for units that *sleep*: neither they nor anything behind them
  (:mod:`tests.suite.behind`) changed since, so they would do once more what they did;
- a notebook is executed once: the browser compares what it prints with what is stored, so nbval
  leaves it out.  Where there is no browser, nbval runs it.

What is left out is named when the run begins and when it ends.  ``make test-all`` leaves nothing
out.  ``MLMI_TODAY=2026-11-29`` sets the date; ``MLMI_PROVED=nothing`` takes every unit for changed.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from zlib import crc32

import pytest

from tests.suite.parts import part_of
from tests.suite.proved import ABOUT, changed, key_of

TOGETHER = 2

TURNS = {
    "the lecture in nbval": r"lectures/(?:\d\d|appendix)_\w+\.ipynb::",
    "the lecture in the browser": r"tests/e2e/test_(?:lectures|appendices)\.py::.*\[u\w",
    "the core without what is deeper": r"tests/units/test_core\.py::.*\[\w+/\d\d_",
    "the solution in the grader": r"tests/grading/test_engine\.py::test_the_solution.*\[\d\d_",
    "the exercise in a bare folder": r"tests/test_bare_folder\.py::.*\[u\d\d_",
}
"""Tests of a single unit that take turns, as patterns of their ids."""

SLEEPS = {
    "the exercise in the browser": r"tests/e2e/test_exercises\.py::test_the_exercise.*\[u\d\d_",
    "the exercise in nbval": r"exercises/\d\d_\w+\.ipynb::",
    "the solution in nbval": r"solutions/\d\d_\w+\.ipynb::",
    "the questions": r"tests/units/(test_questions\.py::.*\[u\d\d_|test_u\d\d\w*\.py::)",
}
"""Tests of a single unit that are left out while all that they run is as it was."""

ROOMS = {
    "the grader": r"tests/grading/(?P<file>(?!test_engine\b)\w+)\.py::",
    "DICOM": r"tests/dicom/(?P<file>\w+)\.py::",
}
"""Tests of no unit: while all that they run is as it was, a file in :data:`APART` has its turn."""

APART = 4


def in_turn(units: Sequence[str], today: datetime.date) -> frozenset[str]:
    """The two units whose turn it is.

    Examples
    --------
    >>> [sorted(in_turn(["01", "05", "09", "20"], datetime.date(2026, 11, day))) for day in (1, 2)]
    [['09', '20'], ['01', '05']]
    """
    first = TOGETHER * today.toordinal()
    return frozenset(units[(first + place) % len(units)] for place in range(min(2, len(units))))


# ---- what is run ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """Which units the tests that take turns are for, on a day.

    Parameters
    ----------
    today : str
    units, turn, changed : list of str
        Numbers of units, and names of appendices.
    everywhere : list of str
        Those of :data:`TURNS` and :data:`SLEEPS` that are for all units, and of :data:`ROOMS` that
        are for all files.
    behind : list of str
        Units behind which something changed.
    widgets : list of str
        Units whose widgets changed: their lectures are run in the browser.
    """

    today: str
    units: list[str]
    turn: list[str]
    changed: list[str]
    everywhere: list[str]
    behind: list[str] = field(default_factory=list)
    widgets: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, root: Path, today: datetime.date) -> Plan:
        """The plan of a day, for the course that lies in a folder."""
        folders = (path.name for path in (root / "course").glob("*/"))
        units = sorted(filter(None, map(key_of, folders)))
        kinds = [f"{kind}{unit}" for kind in ("", "behind ", "widgets of ") for unit in units]
        all_of_it = os.environ.get("MLMI_PROVED") == "nothing"
        now = {*kinds, *ABOUT, *ROOMS} if all_of_it else changed(root)
        return cls(
            today=today.isoformat(),
            units=units,
            turn=sorted(in_turn(units, today)),
            changed=sorted(now & {*units}),
            everywhere=sorted(now & {*ABOUT, *ROOMS}),
            behind=[unit for unit in units if f"behind {unit}" in now],
            widgets=[unit for unit in units if f"widgets of {unit}" in now],
        )

    def runs(self, kind: str) -> frozenset[str]:
        """Units for which tests are run that :data:`TURNS` or :data:`SLEEPS` names."""
        if kind in self.everywhere:
            return frozenset(self.units)
        also = self.behind if kind in SLEEPS else []
        if kind == "the lecture in the browser":
            also = self.widgets
        return frozenset({*self.turn, *self.changed, *also})

    def leaves_out(self, nodeid: str) -> str:
        """What kind of tests a test belongs to that waits for another day, or an empty text."""
        for kind, pattern in (TURNS | SLEEPS).items():
            if re.match(pattern, nodeid) and part_of(nodeid).unit not in self.runs(kind):
                return kind
        for room, pattern in ROOMS.items():
            if room not in self.everywhere and (found := re.match(pattern, nodeid)):
                day = datetime.date.fromisoformat(self.today).toordinal()
                return "" if (crc32(found["file"].encode()) + day) % APART == 0 else room
        return ""

    def lines(self) -> list[str]:
        """What a reader of the output is told: what runs and, above all, what does not."""
        new = f"changed since they were proved: {_list(self.changed)}"
        said = [f"{self.today}: units {new}; in turn today: {_list(self.turn)}"]
        for kind in TURNS:
            if rest := {*self.units} - self.runs(kind):
                said.append(f"left to another day: {kind}, units {_list(rest)}")
        if rest := {*self.units} - {*self.turn, *self.changed}:
            said.append(f"left to another day: four of a model's five draws, units {_list(rest)}")
        for kind in SLEEPS:
            if rest := {*self.units} - self.runs(kind):
                said.append(f"as it was, with all behind it: {kind}, units {_list(rest)}")
        for room in ROOMS:
            if room not in self.everywhere:
                said.append(
                    f"as it was, with all behind it: {room}, but one file of tests in {APART}"
                )
        said.append("a notebook that the browser runs is compared there, and not run by nbval too")
        return [*said, "`make test-all` leaves nothing out"]


def _list(units: Iterable[str]) -> str:
    return " ".join(sorted(units)) or "none"


def run_by_the_browser(nodeids: Iterable[str]) -> frozenset[str]:
    """Notebooks that the given tests of the browser run, and compare with what is stored.

    Examples
    --------
    >>> run_by_the_browser(["tests/e2e/test_lectures.py::test_it[u05_perceptrons]"])
    frozenset({'lectures/05_perceptrons.ipynb'})
    """
    named = r"(?:\d\d|appendix)_\w+"
    pattern = rf"tests/e2e/test_(lectures|appendices|exercises)\.py::.*\[u({named})\]"
    found = filter(None, (re.match(pattern, nodeid) for nodeid in nodeids))
    return frozenset(
        f"{match[1].replace('appendices', 'lectures')}/{match[2]}.ipynb" for match in found
    )


# ---- pytest -----------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--unit",
        default=None,
        help="only the tests of one unit, by its number, or of an appendix, by its name: 01",
    )
    parser.addoption(
        "--today",
        action="store_true",
        help="execute a notebook once; units that did not change take turns in the costly tests",
    )


_unit = ""


def is_wanted(unit: str) -> bool:
    """Whether tests of a unit are asked for; with ``--unit``, others are not even imported.

    Parameters
    ----------
    unit : str
        As in ``"u05_perceptrons"``.
    """
    return unit.startswith(f"u{_unit}")


def pytest_configure(config: pytest.Config) -> None:
    global _unit
    if (unit := config.getoption("--unit")) is not None:
        _unit = f"{int(unit):02d}_" if unit.isdigit() else unit
    if config.getoption("--today"):
        told = getattr(config, "workerinput", {}).get("plan")
        config.stash[_PLAN] = Plan(**told) if told else Plan.of(config.rootpath, _today())


_PLAN = pytest.StashKey[Plan]()


def _today() -> datetime.date:
    told = os.environ.get("MLMI_TODAY")
    return datetime.date.fromisoformat(told) if told else datetime.date.today()


def has_changed(config: pytest.Config, unit: str) -> bool:
    """Whether ``--today`` finds that a unit changed, such as ``"u05_perceptrons"``."""
    plan = config.stash.get(_PLAN, None)
    return plan is not None and key_of(unit[1:]) in plan.changed


def seed_of_today(config: pytest.Config, unit: str, seeds: range) -> range:
    """All the seeds, or the one of the day where ``--today`` finds that a unit rests.

    It neither changed nor has its turn.
    """
    plan = config.stash.get(_PLAN, None)
    if plan is None or unit[1:3] in {*plan.changed, *plan.turn}:
        return seeds
    place = datetime.date.fromisoformat(plan.today).toordinal() % len(seeds)
    return seeds[place : place + 1]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:
    """Give the plan to a worker: at midnight, or after an edit, it would make another one."""
    if _PLAN in node.config.stash:
        node.workerinput["plan"] = asdict(node.config.stash[_PLAN])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of other units, of other days, and of what the browser does anyway."""
    left: set[str] = set()
    if _unit:
        left = {item.nodeid for item in items if part_of(item.nodeid).unit != _unit.rstrip("_")}
    if (plan := config.stash.get(_PLAN, None)) is not None:
        left |= {item.nodeid for item in items if plan.leaves_out(item.nodeid)}
        from tests.e2e.jupyterlab import find_chromium  # needed here alone

        if find_chromium():
            done = run_by_the_browser(item.nodeid for item in items if item.nodeid not in left)
            left |= {i.nodeid for i in items if i.nodeid.partition("::Cell ")[0] in done}
    if left:
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left])
        items[:] = [item for item in items if item.nodeid not in left]


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what runs before it runs."""
    return config.stash[_PLAN].lines() if _PLAN in config.stash else []


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say once more what did not run, where the result is read."""
    if _PLAN in config.stash:
        terminalreporter.section("what ran today")
        for line in config.stash[_PLAN].lines():
            terminalreporter.write_line(line)
