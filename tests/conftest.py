"""Options and rules that all tests share, the notebooks' cells included."""

from __future__ import annotations

import os

import pytest

# Progress made by tests must not mix with a reader's own.
_HOME = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--unit", default=None, help="test only the unit with this number, e.g. 01")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLMI_HOME", str(tmp_path_factory.mktemp("home")))


def missing(requirement: str, reason: str) -> None:
    """Skip a test for want of something, or fail where ``CI_REQUIRE`` insists on it."""
    required = os.environ.get("CI_REQUIRE", "").split(",")
    if requirement in required:
        pytest.fail(f"{requirement} is required here: {reason}")
    pytest.skip(f"NOT TESTED, {requirement} is missing: {reason}")
