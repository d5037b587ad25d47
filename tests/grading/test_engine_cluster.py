"""Grading on a real Dask scheduler, one of whose workers is killed in the middle."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.gradebook import log
from mlmi_course.grading.records import Graded
from mlmi_course.grading.run import GradeOptions, Plan, carry_out, plan
from mlmi_course.grading.sandbox.launch import why_not
from tests.conftest import missing
from tests.grading.submitting import HONEST, IMPORTS, TOTAL, hand_in, notebook

HERE = Path(__file__).resolve().parents[2]
UNIT = "tests.grading.fixtures.u90_sample"


def _need_distributed() -> None:
    if find_spec("distributed") is None:
        missing("distributed", "pip install mlmi-course[grading]")


def _start(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + command[0], *command[1:]],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": str(HERE)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[str]]]]:
    _need_distributed()
    if reason := why_not():
        missing("bubblewrap", reason)
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = _start("dask_scheduler", *local, "--port", "0")
    address = _said(scheduler, r"Scheduler at:\s+(tcp://\S+)")
    workers = [
        _start("dask_worker", address, *local, "--nthreads", "1", "--no-nanny", "--name", name)
        for name in "ab"
    ]
    for worker in workers:
        _said(worker, r"(Starting established connection|Registered to)")
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.communicate()


def _said(process: subprocess.Popen[str], pattern: str) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(pattern, line):
            return found[1]
    raise AssertionError(f"{process.args} ended")


def _plan(folder: Path, address: str | None) -> Plan:
    return plan(
        GradeOptions(
            unit=UNIT,
            submissions=folder / "submissions",
            out=folder / ("there" if address else "here"),
            seed_file=folder / "seed.txt",
            scheduler=address,
        )
    )


def test_a_worker_that_is_killed_loses_nothing(
    cluster: tuple[str, list[subprocess.Popen[str]]], tmp_path: Path
) -> None:
    address, (victim, _) = cluster
    kinds = (HONEST, [IMPORTS, TOTAL], [*HONEST, "import time\ntime.sleep(0.3)"])
    hand_in(tmp_path / "submissions", {f"s{n}": notebook(kinds[n % 3]) for n in range(12)})
    done = []

    def report(student: str, graded: Graded | None, why: str) -> None:
        assert graded is not None, why
        done.append(student)
        if len(done) == 3:
            victim.send_signal(signal.SIGKILL)

    outcome = carry_out(_plan(tmp_path, address), report)
    assert victim.wait(10) == -signal.SIGKILL
    assert outcome.failed == {}
    assert sorted(done) == sorted({f"s{n}" for n in range(12)})
    here = carry_out(_plan(tmp_path, None), lambda student, graded, why: None)
    assert [g.questions for g in outcome.graded] == [g.questions for g in here.graded]
    kept = log.read(tmp_path / "there" / log.NAME)
    assert kept is not None
    assert len(kept.graded) == 12


def test_a_scheduler_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _need_distributed()
    monkeypatch.setattr("mlmi_course.grading.judge.cluster._CONNECT_S", 1)
    hand_in(tmp_path / "submissions", {"anna": notebook(HONEST)})
    with pytest.raises(GradingError, match="no Dask scheduler at tcp://127"):
        carry_out(_plan(tmp_path, "tcp://127.0.0.1:9"), lambda student, graded, why: None)
