"""The fork server: has imported what submissions import, and forks for each attempt.

Runs inside bubblewrap.  It never runs a TensorFlow operation (a fork after one hangs), opens no
file of a submission and runs no student code.  For each attempt it forks a *supervisor*, which
makes the inner namespaces and holds the life line; the supervisor forks the first process of the
inner pid namespace, and that one forks the process in which the student's code lives.  When the
life line is cut, the supervisor kills the first process, and the kernel kills all others with it.
"""

from __future__ import annotations

import array
import contextlib
import gc
import json
import os
import select
import signal
import socket
import sys
from importlib import import_module
from typing import Any

from mlmi_course.grading.sandbox import namespaces
from mlmi_course.grading.sandbox.usage import held_by

_LONGEST = 65536


def main() -> None:
    """Import, say so, and fork on request until the other end hangs up."""
    setup = json.loads(sys.argv[1])
    master = socket.socket(fileno=setup["control"])
    namespaces.new_keyring()
    namespaces.become(setup["user"])
    os.chdir("/tmp")
    for name in setup["modules"]:
        try:
            import_module(name)
        except Exception as error:  # submissions that need it will say so themselves
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
    from mlmi_course.grading.sandbox import agent

    agent.prepare_for_forks()
    # What exists now stays: a collection in a child would touch, and so copy, every page.
    gc.collect()
    gc.freeze()
    pages = open("/proc/self/statm").read().split()  # noqa: SIM115
    size = {"mapped": int(pages[0]) * 4096, "held": held_by("self")}
    _answer_requests(master, json.dumps({"ready": size}).encode())


def _answer_requests(master: socket.socket, hello: bytes) -> None:
    """Serve the master, which brings further controls, and the controls, which ask for forks."""
    controls = {master.fileno(): master}
    master.send(hello)
    while True:
        ready, _, _ = select.select(list(controls), [], [], 1.0)
        for number in ready:
            control = controls[number]
            try:
                message, descriptors, _, _ = socket.recv_fds(control, _LONGEST, 4)
            except OSError:
                message, descriptors = b"", []
            if not message and control is master:
                return
            if not message:
                controls.pop(number).close()
            elif control is master:
                new = socket.socket(fileno=descriptors[0])
                new.send(hello)
                controls[new.fileno()] = new
            else:
                _fork_supervisor(json.loads(message), descriptors, controls)
        _bury()


def _bury() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _fork_supervisor(
    request: dict[str, Any], descriptors: list[int], controls: dict[int, socket.socket]
) -> None:
    if os.fork() == 0:
        try:
            _supervise(request, *descriptors)
        except BaseException as error:
            _tell(descriptors[1], {"failed": f"{type(error).__name__}: {error}"})
        finally:
            os._exit(0)
    for descriptor in descriptors:
        os.close(descriptor)


def _supervise(request: dict[str, Any], data: int, line: int) -> None:
    """Be the supervisor: make the walls, start the student's process, end it when told to."""
    _close_all_but(data, line)
    # Credentials go with the message: the grader learns our pid in its own namespace.
    life_line = socket.socket(fileno=line)
    life_line.send(b'{"supervisor": 1}')
    namespaces.enter_namespaces()
    namespaces.mount_scratch("/tmp", request["limits"]["disk_mb"])
    namespaces.mount_scratch("/dev/shm", 64)
    os.makedirs("/tmp/home")
    os.makedirs("/tmp/work")
    first = os.fork()
    if first == 0:
        with contextlib.suppress(BaseException):
            _be_first(request, data, line)
        os._exit(1)
    os.close(data)
    ended = os.pidfd_open(first)
    waited_for: list[Any] = [life_line, ended]
    select.select(waited_for, [], [])
    with contextlib.suppress(ProcessLookupError):
        os.kill(first, signal.SIGKILL)
    _, status = os.waitpid(first, 0)
    _tell(line, {"ended": os.waitstatus_to_exitcode(status)})


def _be_first(request: dict[str, Any], data: int, line: int) -> None:
    """Be process 1 of the inner namespace: start the student's, and bury what it leaves."""
    os.close(line)
    namespaces.die_with_parent()
    namespaces.cover_processes()
    namespaces.drop_capabilities()
    os.setsid()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            _be_student(request, data)
        os._exit(0)
    os.close(data)
    while True:
        ended, status = os.wait()
        if ended == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def _be_student(request: dict[str, Any], data: int) -> None:
    from mlmi_course.grading.sandbox import agent
    from mlmi_course.grading.sandbox.limits import Limits, limit_this_process

    agent.quiet_streams()
    os.chdir("/tmp/work")
    limit_this_process(Limits(**request["limits"]), address_space=request["mapped"], own_user=True)
    namespaces.filter_calls()
    agent.serve(socket.socket(fileno=data))


def _close_all_but(*kept: int) -> None:
    """Close every other descriptor: the controls of other workers above all."""
    low = 3
    for number in sorted(kept):
        os.closerange(low, number)
        low = number + 1
    os.closerange(low, 4096)


def _tell(line: int, what: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        socket.socket(fileno=os.dup(line)).send(json.dumps(what).encode())


_ = array  # socket.recv_fds needs it: imported while files can still be found

if __name__ == "__main__":
    main()
