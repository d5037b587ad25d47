"""``grades.jsonl``: the assignment, then one line for each submission that was judged."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from filelock import FileLock, Timeout

from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.records import Assignment, Graded

NAME = "grades.jsonl"


@dataclass(frozen=True)
class Kept:
    """What a log holds.

    Attributes
    ----------
    assignment : Assignment
    graded : dict of str to Graded
        By student; of several lines the last counts.
    size : int
        Bytes of whole lines: a run that was killed may have left half a line behind them.
    """

    assignment: Assignment
    graded: dict[str, Graded]
    size: int


def read(path: Path) -> Kept | None:
    """Read a log; None where there is none, or not even its first line is whole.

    Raises
    ------
    GradingError
        If the file is something else.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    whole = content[: content.rfind(b"\n") + 1]
    if not whole:
        return None
    lines = whole.decode("utf-8", errors="replace").split("\n")[:-1]
    try:
        assignment = Assignment.from_json(lines[0])
        graded = [Graded.from_json(line) for line in lines[1:]]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise GradingError(f"{path} is not a log of grades, or is damaged") from None
    return Kept(assignment, {one.student: one for one in graded}, len(whole))


class Log:
    """A log that is being written, by one run at a time.

    Parameters
    ----------
    path : Path
    assignment : Assignment
    kept : Kept, optional
        What stays; without it the log starts anew.
    """

    def __init__(self, path: Path, assignment: Assignment, kept: Kept | None) -> None:
        self._lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0, mode=0o600)
        try:
            self._lock.acquire()
        except Timeout:
            raise GradingError(f"another run is writing {path}") from None
        except (OSError, NotImplementedError):
            pass  # a file system without locks
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._file: BinaryIO = open(descriptor, "ab")  # noqa: SIM115 - closed by __exit__
        self._file.truncate(kept.size if kept else 0)
        if kept is None:
            self._write(assignment.to_json())

    def append(self, graded: Graded) -> None:
        """Write one line and wait until it is on the disk."""
        self._write(graded.to_json())

    def _write(self, line: str) -> None:
        self._file.write(line.encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._lock.release()
