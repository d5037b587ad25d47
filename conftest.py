"""Rules for every notebook cell that nbval runs, beyond what nbval checks by itself."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Callable, Iterator
from queue import Empty

import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile

from mlmi_course.checks.results import NUMBERS, WITHOUT_NUMBERS

pytest_plugins = ("tests.suite.durations", "tests.suite.selection", "tests.suite.balance")


def pytest_configure(config: pytest.Config) -> None:
    # Kernels inherit the environment: what the notebooks do must not touch a reader's progress.
    if "MLMI_HOME" not in os.environ:
        os.environ["MLMI_HOME"] = tempfile.mkdtemp(prefix="mlmi-home-")
    IPyNbFile.setup = _as_if_no_test_were_running(IPyNbFile.setup)
    IPyNbFile.setup_sanitize_files = _statements_alone(IPyNbFile.setup_sanitize_files)


def _statements_alone(read: Callable[[IPyNbFile], None]) -> Callable[[IPyNbFile], None]:
    """Compare what ``result(...)`` states, and not the digits: those differ between processors.

    It is what a file for ``--nbval-sanitize-with`` would do, but nobody has to name that file.
    """

    @functools.wraps(read)
    def with_our_pattern(self: IPyNbFile) -> None:
        read(self)
        self.sanitize_patterns[f"(?m){NUMBERS.pattern}"] = WITHOUT_NUMBERS

    return with_our_pattern


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
    if isinstance(item, IPyNbCell):
        during = "".join(
            output["text"]
            for output in item.test_outputs or ()
            if output.get("output_type") == "stream" and output.get("name") == "stderr"
        )
        noise = during + _late_noise(item.parent.kernel)
        if noise:
            pytest.fail(f"this cell wrote to standard error:\n{noise}", pytrace=False)
    return result


_END = "\0"
_WRITE_END = f"import os, sys; _ = os.write(2, {_END.encode()!r}); sys.stderr.flush()"


def _late_noise(kernel: RunningKernel) -> str:
    """What compiled code wrote to standard error during the last cell and is still on its way.

    The kernel reads that from a pipe in a thread of its own, so it may arrive after the cell has
    ended.  The pipe keeps its order: once a mark written now has come out, all before it has too.
    """
    kernel.kc.execute(_WRITE_END, silent=False, store_history=False, allow_stdin=False)
    late = ""
    while _END not in late:
        try:
            message = kernel.get_message("iopub", timeout=10)
        except Empty:
            raise RuntimeError("the kernel's standard error cannot be watched") from None
        if message["msg_type"] == "stream" and message["content"]["name"] == "stderr":
            late += message["content"]["text"]
    return late.replace(_END, "")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[pytest.TestReport]:
    """Let a fixture's clean-up know whether its test failed."""
    report = yield
    if report.when == "call":
        item.failed = report.failed  # type: ignore[attr-defined]
    return report
