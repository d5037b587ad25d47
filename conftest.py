"""Rules for every notebook cell that nbval runs, beyond what nbval checks by itself."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Callable, Iterator

import pytest
from nbval.plugin import IPyNbFile


def pytest_configure(config: pytest.Config) -> None:
    # Kernels inherit the environment: what the notebooks do must not touch a reader's progress.
    if "MLMI_HOME" not in os.environ:
        os.environ["MLMI_HOME"] = tempfile.mkdtemp(prefix="mlmi-home-")
    IPyNbFile.setup = _as_if_no_test_were_running(IPyNbFile.setup)


def _as_if_no_test_were_running(start: Callable[[IPyNbFile], None]) -> Callable[..., None]:
    """Hide pytest from the kernels: one that sees it lets compiled code's noise slip by."""

    @functools.wraps(start)
    def start_unseen(self: IPyNbFile) -> None:
        test = os.environ.pop("PYTEST_CURRENT_TEST", None)
        try:
            start(self)
        finally:
            if test is not None:
                os.environ["PYTEST_CURRENT_TEST"] = test

    return start_unseen


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a notebook cell that writes to standard error: students take noise for failure."""
    result = yield
    noise = "".join(
        output["text"]
        for output in getattr(item, "test_outputs", None) or ()
        if output.get("output_type") == "stream" and output.get("name") == "stderr"
    )
    if noise:
        pytest.fail(f"this cell wrote to standard error:\n{noise}", pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[pytest.TestReport]:
    """Let a fixture's clean-up know whether its test failed."""
    report = yield
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report
