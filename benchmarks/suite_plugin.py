"""A plugin of pytest that runs one part of the suite, of this tree or an older one, and times it.

``MLMI_BENCH_UNIT`` is the number of a unit, or empty for the tests of none.  A line of JSON for
each phase of a test goes to ``MLMI_BENCH_OUT``.
"""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path

import pytest

# By its path: an older tree has a package "tests" too, without this module.
_FILE = Path(__file__).parents[1] / "tests" / "suite" / "parts.py"
_SPEC = importlib.util.spec_from_file_location("parts_of_the_suite", _FILE)
assert _SPEC is not None
assert _SPEC.loader is not None
parts = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(parts)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of one unit, or those of none."""
    unit = os.environ["MLMI_BENCH_UNIT"]
    others = [item for item in items if parts.part_of(item.nodeid).unit != unit]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if parts.part_of(item.nodeid).unit == unit]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write down a phase of a test: ``setup``, ``call`` or ``teardown``."""
    phase = {"test": report.nodeid, "phase": report.when, "seconds": report.duration}
    with open(os.environ["MLMI_BENCH_OUT"], "a", encoding="utf-8") as file:
        file.write(json.dumps(phase | {"outcome": report.outcome}) + "\n")
