"""Options and rules that all tests share, the notebooks' cells included."""

from __future__ import annotations

import os

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--unit", default=None, help="test only the unit with this number, e.g. 01")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep only the questions of one unit, where ``--unit`` asks for it."""
    wanted = config.getoption("--unit", default=None)
    if not wanted:
        return
    others = [
        item
        for item in items
        if "unit" in getattr(getattr(item, "callspec", None), "params", ())
        and not item.callspec.params["unit"].startswith(f"u{int(wanted):02d}_")
    ]
    items[:] = [item for item in items if item not in others]
    config.hook.pytest_deselected(items=others)


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the progress that tests make apart from a reader's own."""
    monkeypatch.setenv("MLMI_HOME", str(tmp_path_factory.mktemp("home")))


def missing(requirement: str, reason: str) -> None:
    """Skip a test for want of something, or fail where ``CI_REQUIRE`` insists on it."""
    required = os.environ.get("CI_REQUIRE", "").split(",")
    if requirement in required:
        pytest.fail(f"{requirement} is required here: {reason}")
    pytest.skip(f"NOT TESTED, {requirement} is missing: {reason}")
