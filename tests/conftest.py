"""Rules that all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# On a busy machine an example takes as long as it takes.
settings.register_profile("mlmi", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("mlmi")


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the progress that tests make apart from a reader's own."""
    monkeypatch.setenv("MLMI_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="module")  # not longer: two browsers of one process exclude each other
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    from tests.e2e import jupyterlab as lab  # few tests need it

    path = lab.find_chromium()
    if path is None:
        missing("chromium", "install it with `make system-deps` to test in a real browser")
    with lab.browser(path) as browser:
        yield browser


def missing(requirement: str, reason: str) -> None:
    """Skip a test for want of something, or fail where ``CI_REQUIRE`` insists on it."""
    required = os.environ.get("CI_REQUIRE", "").split(",")
    if requirement in required:
        pytest.fail(f"{requirement} is required here: {reason}")
    pytest.skip(f"NOT TESTED, {requirement} is missing: {reason}")
