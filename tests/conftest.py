"""Rules that all tests share."""

from __future__ import annotations

import os

import pytest


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
