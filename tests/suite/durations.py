"""Seconds of the workers, by unit and by kind, printed when the run ends.

``--store-durations`` keeps them by group in ``durations.json``; `balance` reads it.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.suite.parts import group_of, part_of

FILE = Path(__file__).with_name("durations.json")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store-durations", action="store_true", help="keep how long each group of tests took"
    )


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # workers report to the one that leads them
        config.pluginmanager.register(Durations(config), "durations-by-unit")


class Durations:
    """Adds up what the reports say: set-up, test and clean-up."""

    def __init__(self, config: pytest.Config) -> None:
        self._store = config.getoption("--store-durations")
        self._seconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add the seconds of one phase of a test."""
        self._seconds[report.nodeid] += report.duration

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table; store the file where that was asked for."""
        if sum(self._seconds.values()) >= 1:
            terminalreporter.section("seconds of the workers, by unit and kind")
            for line in table(self._seconds):
                terminalreporter.write_line(line)
        if self._store:
            kept = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}
            kept |= by_group(self._seconds)
            FILE.write_text(json.dumps(kept, indent=0, sort_keys=True) + "\n", "utf-8")


def by_group(seconds: Counter[str]) -> dict[str, float]:
    """Seconds of what is run in one go, where they are not too few to matter."""
    groups: Counter[str] = Counter()
    for nodeid, duration in seconds.items():
        groups[group_of(nodeid)] += duration
    return {group: round(total, 1) for group, total in groups.items() if total >= 0.5}


def table(seconds: Counter[str]) -> list[str]:
    """A row for each unit and one for what belongs to none; a column for each kind; sums."""
    parts: Counter[tuple[str, str]] = Counter()
    for nodeid, duration in seconds.items():
        kind, unit = part_of(nodeid)
        for cell in ((unit, kind), (unit, "all"), ("all", kind), ("all", "all")):
            parts[cell] += duration
    kinds = sorted({kind for _, kind in parts} - {"all"}, key=lambda kind: -parts["all", kind])
    units = sorted({unit for unit, _ in parts} - {"all", ""})
    rows = [*units, *([""] if ("", "all") in parts else []), "all"]
    widths = [max(8, len(kind)) for kind in kinds]

    def line(name: str, cells: list[str], total: str) -> str:
        return f"{name:<8}" + "".join(
            f"  {cell:>{width}}" for cell, width in zip([*cells, total], [*widths, 8], strict=True)
        )

    def shown(unit: str, kind: str) -> str:
        return f"{parts[unit, kind]:.1f}" if (unit, kind) in parts else "–"

    return [line("unit", kinds, "all")] + [
        line(unit or "none", [shown(unit, kind) for kind in kinds], shown(unit, "all"))
        for unit in rows
    ]
