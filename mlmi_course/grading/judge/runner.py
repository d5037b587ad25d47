"""Workers on this machine, and the sandbox that they share."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.judge.notebooks import NotANotebook, code_cells
from mlmi_course.grading.judge.prefill import Load, fill
from mlmi_course.grading.records import Graded
from mlmi_course.grading.sandbox.launch import Sandbox, files_of
from mlmi_course.grading.sandbox.limits import Limits

_START_S = 300.0
_KERAS = r"keras|tensorflow|networks|training"
# A module, and what in the code of a notebook asks for it.
_HEAVY: tuple[tuple[str, str], ...] = (
    ("tensorflow", _KERAS),
    ("keras", _KERAS),
    ("pandas", r"pandas|metrics|\bdata\b"),
    ("scipy.ndimage", r"scipy|metrics|phantoms"),
    ("scipy.stats", r"scipy\.stats|metrics"),
    ("sklearn.linear_model", r"sklearn"),
    ("sklearn.metrics", r"sklearn|metrics"),
    ("skimage.measure", r"skimage"),
    ("pydicom.examples", r"pydicom"),
    ("nibabel", r"nibabel|nilearn"),
    ("mlmi_course.dicom", r"\bdicom\b"),
    ("mlmi_course.metrics", r"\bmetrics\b"),
    ("mlmi_course.phantoms", r"phantoms"),
    ("mlmi_course.networks", r"networks"),
    ("mlmi_course.training", r"training"),
)
_LIGHT = (
    "numpy",
    "matplotlib.pyplot",
    "mlmi_course.grading.sandbox.cells",
    "mlmi_course.checks",
    "mlmi_course.plots",
    "mlmi_course.grading.sandbox.agent",
)


class WorkerLost(Exception):
    """The grader itself ended or hung; the submission may be tried again."""


@dataclass(frozen=True)
class Setup:
    """What a worker must know; it can be sent to another machine.

    Attributes
    ----------
    module : str
        Of the questions.
    seed : bytes or None
    limits : Limits
    sandboxed : bool
    modules : tuple of str
        What the fork server imports.
    loads : tuple
        What is put into the data cache first; see :mod:`mlmi_course.grading.judge.prefill`.
    """

    module: str
    seed: bytes | None
    limits: Limits
    sandboxed: bool
    modules: tuple[str, ...] = ()
    loads: tuple[Load, ...] = ()


@dataclass(frozen=True)
class Job:
    """One submission to grade."""

    student: str
    file: str
    content: bytes


def modules_for(contents: Iterable[bytes]) -> tuple[str, ...]:
    """Choose what to import before the first fork: what these notebooks speak of.

    An import that is missing here happens in the sandbox; it only takes longer.
    """
    wanted: set[str] = set()
    for content in contents:
        # Outputs count for nothing, but a file without the word need not be read as a notebook.
        new = [(m, asks) for m, asks in _HEAVY if m not in wanted and _speaks_of(content, asks)]
        if not new:
            continue
        with contextlib.suppress(NotANotebook):
            code = "\n".join(code_cells(content))
            wanted |= {module for module, asks in new if re.search(asks, code)}
    return (*_LIGHT, *(module for module, _ in _HEAVY if module in wanted))


def _speaks_of(content: bytes, asks: str) -> bool:
    return re.search(asks.encode(), content) is not None


class WorkerPool:
    """The sandbox of this machine, kept alive, and workers on demand.

    Parameters
    ----------
    setup : Setup
    """

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._lock = threading.Lock()
        self._sandbox = self._launch() if setup.sandboxed else None

    def _launch(self) -> Sandbox:
        fill(self._setup.loads)
        return Sandbox(self._setup.modules, files_of(self._setup.module))

    def worker(self) -> Worker:
        """Start a worker; one that ended is made anew."""
        if self._sandbox is None:
            return Worker(self._setup, None)
        with self._lock:
            if not self._sandbox.alive:
                self._sandbox.close()
                self._sandbox = self._launch()
            return Worker(self._setup, self._sandbox)

    def close(self) -> None:
        """End the sandbox; workers are closed by those who use them."""
        if self._sandbox is not None:
            self._sandbox.close()


class Worker:
    """A grader in a process of its own.

    Parameters
    ----------
    setup : Setup
    sandbox : Sandbox or None
        None runs student code without walls.
    """

    def __init__(self, setup: Setup, sandbox: Sandbox | None) -> None:
        self._limits = setup.limits
        control = sandbox.new_control() if sandbox else None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mlmi_course.grading.judge.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[control.fileno()] if control else [],
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(_path())},
        )
        self._ready = False
        message = {
            "module": setup.module,
            "seed": None if setup.seed is None else base64.b64encode(setup.seed).decode(),
            "limits": setup.limits.to_json(),
            "control": control.fileno() if control else None,
        }
        if control:
            control.close()
        with contextlib.suppress(OSError):  # a worker that died at once is noticed below
            self._say(message)

    def grade(self, job: Job) -> Graded:
        """Grade one submission.

        Raises
        ------
        WorkerLost
            If the worker died or hung.
        GradingError
            If it cannot work at all.
        """
        if not self._ready:
            self._hear(_START_S)
            self._ready = True
        try:
            self._say(
                {
                    "student": job.student,
                    "file": job.file,
                    "content": base64.b64encode(job.content).decode(),
                }
            )
        except OSError:
            raise WorkerLost from None
        return Graded.from_json(
            self._hear(10 * self._limits.wait_for(self._limits.total_s))["graded"]
        )

    def _say(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message).encode() + b"\n")
        self._process.stdin.flush()

    def _hear(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        overtime = threading.Timer(seconds, self._process.kill)
        overtime.daemon = True
        overtime.start()
        try:
            answer = json.loads(self._process.stdout.readline())
        except ValueError:
            raise WorkerLost from None
        finally:
            overtime.cancel()
        if "error" in answer:
            raise GradingError(answer["error"])
        return answer

    def close(self) -> None:
        """End the worker and its sandbox."""
        with contextlib.suppress(OSError):
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()


def _path() -> Sequence[str]:
    """Where this process finds modules: a worker must find the same questions."""
    return [str(Path(entry).resolve()) for entry in sys.path if entry and Path(entry).is_dir()]
