"""Which worker runs what: the longest first, so that nobody sits alone with it at the end.

A refinement of ``--dist loadfile`` of pytest-xdist, through its own hook.  Tests of a file stay
together, as they share fixtures; where a file has tests for each unit, those of a unit do.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.suite.durations import FILE
from tests.suite.parts import group_of, part_of

GUESSES = {"browser": 60.0, "core alone": 50.0, "nbval": 30.0, "questions": 20.0}
"""Seconds of a unit's tests that nobody has timed yet: it is new."""


class ByGroup(LoadScopeScheduling):
    """Hands out groups in the order in which the workers have collected them."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log) -> LoadScopeScheduling | None:
    """Take the place of the scheduler that ``--dist loadfile`` names."""
    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # that would be by the number of tests
    return ByGroup(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest group first, in every worker alike."""
    if hasattr(config, "workerinput"):
        durations = json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}
        groups = {item.nodeid: group_of(item.nodeid) for item in items}
        items.sort(key=lambda item: -expected(groups[item.nodeid], durations))


def expected(group: str, durations: Mapping[str, float]) -> float:
    """Seconds that a group will take: as stored, or guessed where it is of a unit.

    Examples
    --------
    >>> expected("tests/test_plots.py", {"tests/test_plots.py": 9.5})
    9.5
    >>> expected("lectures/22_new.ipynb", {})
    30.0
    """
    if group in durations:
        return durations[group]
    kind, unit = part_of(group)
    return GUESSES.get(kind, 1.0) if unit else 1.0
