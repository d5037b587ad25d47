"""A grader in a process of its own: a line of JSON in for each submission, a line out.

It holds the grader, and the secret, which come through its standard input and are nowhere
else to be seen.  When its input ends, it ends, and so do all sandboxes that it opened.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import queue
import socket
import sys
import threading
from typing import Any, BinaryIO

from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.judge.grader import Grader
from mlmi_course.grading.judge.units import load_unit
from mlmi_course.grading.records import Isolation
from mlmi_course.grading.sandbox.attempts import Attempt, ForkedAttempt, PlainAttempt
from mlmi_course.grading.sandbox.launch import wait_until_ready
from mlmi_course.grading.sandbox.limits import Limits

_MOST_MEMORY = 8 * 2**30


def main() -> None:
    """Grade what comes until nothing more comes."""
    # A question that prints must not disturb the protocol.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read, args=(sys.stdin.buffer, lines), daemon=True).start()
    try:
        setup = json.loads(lines.get())
        attempts = _Attempts(setup["control"], Limits(**setup["limits"]))
        grader = _grader(setup, attempts)
        grader.rehearse()  # while the fork server is still importing
        attempts.wait()
        _be_modest()
    except GradingError as error:
        _answer(answers, {"error": str(error)})
        return
    _answer(answers, {"ready": True})
    while True:
        job = json.loads(lines.get())
        graded = grader.grade(job["student"], job["file"], base64.b64decode(job["content"]))
        _answer(answers, {"graded": graded.to_json()})


def _be_modest() -> None:
    """A reply may make a question build something huge: then it fails, and not this machine."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


def _read(source: BinaryIO, lines: queue.Queue[bytes]) -> None:
    """Pass lines on; leave at once when the other side is gone, even in the middle of a job."""
    for line in source:
        lines.put(line)
    os._exit(0)


def _answer(answers: BinaryIO, what: dict[str, Any]) -> None:
    answers.write(json.dumps(what).encode() + b"\n")
    answers.flush()


def _grader(setup: dict[str, Any], attempts: _Attempts) -> Grader:
    isolation: Isolation = "bubblewrap" if setup["control"] is not None else "unsandboxed"
    secret = setup["seed"]
    return Grader(
        unit=load_unit(setup["module"]),
        seed=None if secret is None else base64.b64decode(secret),
        limits=attempts.limits,
        isolation=isolation,
        start=attempts.start,
    )


class _Attempts:
    """Starts attempts, in forks of the fork server or, without one, in processes of their own."""

    def __init__(self, control: int | None, limits: Limits) -> None:
        self.limits = limits
        self._connection = None if control is None else socket.socket(fileno=control)

    def wait(self) -> None:
        """Wait until the fork server has imported what submissions will ask for."""
        if self._connection is not None:
            self._size = wait_until_ready(self._connection)

    def start(self) -> Attempt:
        if self._connection is None:
            return PlainAttempt(self.limits)
        return ForkedAttempt(self.limits, self._connection, self._size)


if __name__ == "__main__":
    main()
