"""The untrusted end of the connection: runs a submission's cells and calls its answers.

Student code lives in this very process and may do to it what it likes.  Nothing that is said
here is believed: it is an answer, and the grader judges it.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import sys
import types
import zlib
from importlib import import_module
from typing import Any

from mlmi_course.checks.calling import AnswerRaised, InputChanged, NotAttempted, call
from mlmi_course.grading.judge import stubs
from mlmi_course.grading.sandbox import protocol
from mlmi_course.grading.sandbox.cells import OutOfTime, RunningNotebook, prepare

# Bound now: student code may replace the modules' own.
_send, _receive, _call = protocol.send, protocol.receive, call


def serve(connection: socket.socket) -> None:
    """Do what the grader asks until it hangs up."""
    stream = connection.makefile("rwb")
    head, _ = _receive(stream)
    questions = {name: (title, points) for name, title, points in head["questions"]}
    stubs.install(head["unit"], questions, head["helpers"])
    allowed = _Refusals(head["not_allowed"])
    notebook = RunningNotebook()
    _own_warnings()
    _send(stream, {"turn": head["turn"]})
    while True:
        try:
            head, value = _receive(stream)
        except EOFError:
            return
        try:
            answer, reply = _respond(notebook, allowed, head, value)
        except OutOfTime:  # between two lines of ours
            answer, reply = {"late": True}, None
        try:
            _send(stream, {**answer, "turn": head["turn"]}, reply)
        except OSError:
            return
        except BaseException as error:  # a value whose own methods raise when looked at
            said = {"raised": f"{type(error).__name__} while reading what it returned", "line": ""}
            _send(stream, {**said, "turn": head["turn"]})


def _respond(
    notebook: RunningNotebook, allowed: _Refusals, head: dict[str, Any], value: Any
) -> tuple[dict[str, Any], Any]:
    if head.get("seed"):
        _seed(head["seed"])
    if head["do"] == "cell":
        with _at_most(head["seconds"]):
            return notebook.run(head["number"], value), None
    if head["do"] == "repair":
        with _at_most(head["seconds"]):
            return notebook.repair(head["number"]), None
    answer = notebook.namespace.get(head["name"], ...)
    if head["do"] == "look":
        return ({"callable": True}, None) if callable(answer) else ({"callable": False}, answer)
    with _at_most(head["seconds"]), allowed.refusing(head["question"]):
        return _called(answer, value)


def _called(answer: Any, arguments: Any) -> tuple[dict[str, Any], Any]:
    """Call an answer just as a notebook's check does."""
    try:
        return {}, _call(answer, arguments)
    except NotAttempted:
        return {"stub": True}, None
    except InputChanged:
        return {"changed": True}, None
    except AnswerRaised as error:
        return {"raised": error.what[:500], "line": error.line[:500]}, None
    except OutOfTime:
        return {"late": True}, None
    except BaseException as error:
        return {"raised": type(error).__name__, "line": ""}, None


def _seed(seed: str) -> None:
    """Give the first cell and every call the same luck, whatever ran before."""
    number = zlib.crc32(seed.encode())
    random.seed(number)
    sys.modules["numpy"].random.seed(number)
    if "keras" in sys.modules:
        with contextlib.suppress(Exception):
            sys.modules["keras"].utils.set_random_seed(number)


@contextlib.contextmanager
def _at_most(seconds: float) -> Any:
    """Interrupt Python code that computes for too long; what ignores this is killed later."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.signal(signal.SIGPROF, _interrupt)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _interrupt(*_: Any) -> None:
    raise OutOfTime


def _own_warnings() -> None:
    """Forget what earlier imports warned of: every submission starts alike."""
    import warnings

    warnings.simplefilter("ignore")


class _Refusals:
    """Package functions that refuse while the answer to a question runs that asks for them.

    They are replaced before the first cell, so that another name for one refuses too.
    """

    def __init__(self, names: dict[str, list[str]]) -> None:
        self._names = names
        self._now: set[str] = set()
        for dotted in sorted({name for some in names.values() for name in some}):
            module, _, name = dotted.rpartition(".")
            with contextlib.suppress(ImportError, AttributeError):
                namespace = import_module(module)
                setattr(namespace, name, self._refusing(dotted, getattr(namespace, name)))

    def _refusing(self, dotted: str, function: Any) -> Any:
        import functools

        @functools.wraps(function)
        def refusing(*arguments: Any, **named: Any) -> Any:
            if dotted in self._now:
                raise RuntimeError(
                    f"{dotted} is what this question asks you to write: do not call it here"
                )
            return function(*arguments, **named)

        return refusing

    @contextlib.contextmanager
    def refusing(self, question: str) -> Any:
        self._now.update(self._names.get(question, ()))
        try:
            yield
        finally:
            self._now.clear()


def quiet_streams() -> None:
    """Read nothing and print nowhere: endless output costs its author's time alone."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    if null > 2:
        os.close(null)


def prepare_for_forks() -> None:
    """Make the shell, and fix how many threads TensorFlow will use, without starting any."""
    prepare()
    tensorflow: types.ModuleType | None = sys.modules.get("tensorflow")
    if tensorflow is not None:
        tensorflow.config.threading.set_intra_op_parallelism_threads(2)
        tensorflow.config.threading.set_inter_op_parallelism_threads(2)
