"""One attempt at running a submission, seen from the trusted side."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Literal

from mlmi_course.grading.sandbox import launch, protocol
from mlmi_course.grading.sandbox.limits import Limits, hard
from mlmi_course.grading.sandbox.usage import used_by

_CREDENTIALS = struct.Struct("3i")
_LOOK_EVERY_S = 0.1

Reason = Literal["time", "idle", "memory", "ended", "nonsense"]


class Lost(Exception):
    """The attempt is over: it was stopped, ended by itself, or answers nonsense.

    Attributes
    ----------
    reason : {"time", "idle", "memory", "ended", "nonsense"}
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class Attempt(ABC):
    """A process with a submission's code in it, and the connection to it.

    Parameters
    ----------
    limits : Limits
    connection : socket
        The connection.
    root : int or None
        The process from which all others of the attempt descend.
    held : int
        Bytes that each process holds from the start.
    """

    def __init__(
        self, limits: Limits, connection: socket.socket, root: int | None, held: int
    ) -> None:
        self._limits, self._root, self._held = limits, root, held
        self._connection = connection
        self._stream = connection.makefile("rwb")
        self._turn = 0
        self._reason: Reason | None = None
        self._lock = threading.Lock()
        # What is being waited for: seconds of computing, and since when.
        self._asking: tuple[float, float] | None = None
        #: Seconds without computing, so far and at most.
        self.waited_s = 0.0
        self.may_wait_s = limits.total_wait_s
        self._over = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    @property
    def cpu_s(self) -> float:
        """Seconds of computing so far, as far as the system tells."""
        used = used_by(self._root) if self._root else None
        return used.cpu_s if used else 0.0

    def ask(
        self, head: dict[str, Any], value: Any = None, *, seconds: float
    ) -> tuple[dict[str, Any], Any]:
        """Send a request and return the reply.

        Parameters
        ----------
        head, value
            See :func:`mlmi_course.grading.sandbox.protocol.send`.
        seconds : float
            Of computing; what ignores the sandbox's own warning is killed a little later.

        Raises
        ------
        Lost
            If no reply comes, or one that makes no sense.  The attempt is over then.
        """
        self._turn += 1
        self._asking = (seconds, time.monotonic())
        try:
            message = {**head, "turn": self._turn, "seconds": seconds}
            protocol.send(self._stream, message, value, strict=True)
            reply, got = protocol.receive(self._stream)
            if reply.get("turn") != self._turn:
                raise protocol.ProtocolError("a reply to another question")
        except (EOFError, OSError):
            self._stop("ended")
        except protocol.ProtocolError:
            self._stop("nonsense")
        except TypeError:  # the question itself sends what cannot travel
            self._stop("nonsense")
            raise
        else:
            return reply, got
        finally:
            self._asking = None
        raise Lost(self._reason or "ended")

    def _watch(self) -> None:
        """End the attempt when it idles, computes or holds too much."""
        asked, began, before, idle_s = None, 0.0, 0.0, 0.0
        while not self._over.wait(_LOOK_EVERY_S):
            asking = self._asking
            if asking is None:
                continue
            seconds, start = asking
            used = used_by(self._root) if self._root else None
            cpu_s = used.cpu_s if used else 0.0
            if asking is not asked:
                asked, began, idle_s = asking, cpu_s, 0.0
            # It computes, or would if the machine let it; else it waits.
            if used and not used.ready and cpu_s <= before:
                idle_s += _LOOK_EVERY_S
                self.waited_s += _LOOK_EVERY_S
            elif used is None:
                idle_s += _LOOK_EVERY_S
            before = cpu_s
            # Where the system tells nothing of processes, all time looks idle: be generous.
            most_s = self._limits.wait_for(seconds) * (1 if used else 3)
            if self.waited_s > self.may_wait_s:
                return self._stop("idle")
            if idle_s > most_s or time.monotonic() - start > 10 * most_s:
                return self._stop("idle")
            if used is None:
                continue
            own = used.bytes - used.processes * self._held
            if own > self._limits.memory_mb * 2**20:
                return self._stop("memory")
            if cpu_s - began > hard(seconds) or cpu_s > hard(self._limits.total_s):
                return self._stop("time")
        return None

    def _stop(self, reason: Reason) -> None:
        with self._lock:
            self._reason = self._reason or reason
        self.close()

    def close(self) -> None:
        """End every process of the attempt."""
        self._over.set()
        self._kill()
        # Whatever still holds the other end, nobody waits for it any longer.
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    @abstractmethod
    def _kill(self) -> None: ...


class ForkedAttempt(Attempt):
    """An attempt in a fork of the fork server, behind two walls."""

    def __init__(self, limits: Limits, control: socket.socket, size: dict[str, int]) -> None:
        request = {"limits": limits.to_json(), "mapped": size["mapped"]}
        connection, self._line = launch.ask_for_fork(control, request)
        super().__init__(limits, connection, _supervisor(self._line), size["held"])

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)


def _supervisor(line: socket.socket) -> int | None:
    """Return the supervisor's process id, which the kernel itself attests and translates."""
    line.settimeout(30)
    try:
        message, extra, _, _ = line.recvmsg(4096, socket.CMSG_SPACE(_CREDENTIALS.size))
    except OSError:
        return None
    for level, kind, data in extra:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS) and message:
            return _CREDENTIALS.unpack(data)[0] or None
    return None


class PlainAttempt(Attempt):
    """An attempt in a process of its own, with a time limit and what limits the system has.

    No walls: for the student's own work, and for instructors who accept it.
    """

    def __init__(self, limits: Limits, folder: Path | None = None) -> None:
        self._scratch = None
        if folder is None:
            self._scratch = tempfile.TemporaryDirectory(
                prefix="mlmi-grade-", ignore_cleanup_errors=True
            )
        connection, theirs = socket.socketpair()
        kept = [theirs.fileno()] if os.name == "posix" else []
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-P",  # a random.py beside the notebook is none of ours
                "-m",
                "mlmi_course.grading.sandbox.plain",
                json.dumps(limits.to_json()),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=kept,
            cwd=folder or (self._scratch.name if self._scratch else None),
            env=_plain_environment(),
            start_new_session=True,
        )
        _hand_over(theirs, self._process)
        theirs.close()
        super().__init__(limits, connection, self._process.pid, 0)

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def close(self) -> None:
        """End the process and those it started, and remove what it wrote."""
        super().close()
        self._process.wait()
        if self._scratch is not None:
            self._scratch.cleanup()


def _plain_environment() -> dict[str, str]:
    import mlmi_course

    package = str(Path(str(mlmi_course.__file__)).resolve().parents[1])
    return {**os.environ, **launch.QUIET, "PYTHONPATH": package}


def _hand_over(connection: socket.socket, process: subprocess.Popen[bytes]) -> None:
    """Give a child its end of the connection: a number on POSIX, a description on Windows."""
    assert process.stdin is not None
    if os.name == "posix":
        process.stdin.write(str(connection.fileno()).encode())
    else:
        process.stdin.write(connection.share(process.pid))  # type: ignore[attr-defined]
    process.stdin.close()
