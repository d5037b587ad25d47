"""Walls that no attack of `attacks.py` tries: each with a stand-in that harms nothing."""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mlmi_course.grading.judge.grader import Grader
from mlmi_course.grading.judge.notebooks import NotANotebook, code_cells, units_named
from mlmi_course.grading.judge.runner import modules_for
from mlmi_course.grading.judge.units import load_unit
from mlmi_course.grading.sandbox import protocol
from mlmi_course.grading.sandbox.attempts import ForkedAttempt
from mlmi_course.grading.sandbox.launch import Sandbox, wait_until_ready, why_not
from mlmi_course.grading.sandbox.limits import Limits
from tests.conftest import missing
from tests.grading.submitting import HONEST, IMPORTS, THOUGHT, TOTAL, notebook
from tests.grading.test_protocol import _frame

UNIT = "tests.grading.fixtures.u90_sample"
HERE = Path(__file__).resolve().parents[2]


def _grader(limits: Limits) -> Iterator[Grader]:
    if reason := why_not():
        missing("bubblewrap", reason)
    made = Sandbox(modules_for([]))
    control = made.new_control()
    size = wait_until_ready(control)

    def start() -> ForkedAttempt:
        return ForkedAttempt(limits, control, size)

    yield Grader(load_unit(UNIT), b"a secret", limits, "bubblewrap", start)
    control.close()
    made.close()


@pytest.fixture(scope="module")
def walls() -> Iterator[Grader]:
    yield from _grader(Limits(memory_mb=300, patience_s=6, total_wait_s=3))


def _answer(grader: Grader, *cells: str) -> str | None:
    graded = grader.grade("a", "a.ipynb", notebook([IMPORTS, *cells]))
    return graded.questions["thought"].answer


# ---- keys ---------------------------------------------------------------------------------------

KEYCTL, ADD_KEY = {"x86_64": (250, 248), "aarch64": (219, 217)}.get(platform.machine(), (0, 0))
LOOK_FOR_KEY = f"""
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
found = libc.syscall({KEYCTL}, 10, -3, b"user", b"mlmi-stand-in", 0)
thought = "found" if found > 0 else "nothing"
"""
# A new session with a key in it, as a login has one; then the grader is started from there.
WITH_A_KEY = f"""
import ctypes, runpy, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall({KEYCTL}, 1, None)
made = libc.syscall({ADD_KEY}, b"user", b"mlmi-stand-in", b"harmless", 8, -3)
print("key", made, flush=True)
from tests.grading.test_walls import LOOK_FOR_KEY, _answer, _grader
from mlmi_course.grading.sandbox.limits import Limits
here = {{}}
exec(LOOK_FOR_KEY, here)
for grader in _grader(Limits()):
    print("outside", here["thought"], "inside", _answer(grader, LOOK_FOR_KEY), flush=True)
"""


def test_the_keys_of_the_instructor_stay_outside() -> None:
    if not KEYCTL or sys.platform != "linux":
        pytest.skip("no keys here")
    if reason := why_not():
        missing("bubblewrap", reason)
    done = subprocess.run(
        [sys.executable, "-c", WITH_A_KEY], cwd=HERE, capture_output=True, text=True, timeout=900
    )
    if "key -1" in done.stdout:
        pytest.skip("this machine lets nobody keep keys")
    assert "outside found inside nothing" in done.stdout, done.stdout + done.stderr


def test_a_new_keyring_is_another_one() -> None:
    """Where the call exists: the same function in a process of its own, seen from inside it."""
    code = f"""
import ctypes
from mlmi_course.grading.sandbox import namespaces
libc = ctypes.CDLL(None, use_errno=True)
before = libc.syscall({KEYCTL}, 0, -3, 1)
namespaces.new_keyring()
after = libc.syscall({KEYCTL}, 0, -3, 1)
print(before, after)
"""
    if not KEYCTL or sys.platform != "linux":
        pytest.skip("no keys here")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=HERE, capture_output=True, text=True, check=True
    )
    before, after = map(int, done.stdout.split())
    if after < 0:
        pytest.skip("this machine lets nobody keep keys")
    assert before != after


# ---- memory that is nobody's ------------------------------------------------------------------


def test_shared_memory_counts(walls: Grader) -> None:
    code = "import mmap\nheld = mmap.mmap(-1, 2**20 * 500)\n"
    code += (
        "for place in range(0, len(held), 4096):\n    held[place] = 1\nimport time; time.sleep(1)"
    )
    graded = walls.grade("a", "a.ipynb", notebook([IMPORTS, code, TOTAL]))
    assert any("more than 300 MB of memory" in note for note in graded.notes), graded.notes
    assert graded.questions["total"].points == 1
    little = code.replace("500", "20").replace("time.sleep(1)", "None")
    assert walls.grade("a", "a.ipynb", notebook([IMPORTS, little])).notes == ()


def test_memory_files_are_refused(walls: Grader) -> None:
    code = """
import os
try:
    os.memfd_create("stand-in")
    thought = "made"
except PermissionError:
    thought = "refused"
"""
    assert _answer(walls, code) == "refused"
    scope: dict[str, str] = {}
    exec(code, scope)  # and here, where there is no wall, it is made
    assert scope["thought"] == "made"


# ---- the trusted side ---------------------------------------------------------------------------


@pytest.mark.clock
def test_a_million_blanks_are_read_once() -> None:
    cells = ["from mlmi_course.questions import" + " " * 300_000, "mlmi_course.questions " * 10_000]
    start = time.process_time()
    assert units_named(cells) == set()
    assert time.process_time() - start < 1  # 45 s and more when each blank was tried twice


def test_a_notebook_of_millions_of_parts_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content = b'{"cells": [' + b"[]," * 3_000_000 + b"[]]}"
    monkeypatch.setattr("json.loads", lambda *_: pytest.fail("it was read"))
    with pytest.raises(NotANotebook, match="millions of parts"):
        code_cells(content)


def test_a_picture_of_ten_megabytes_is_read() -> None:
    text = notebook(HONEST).replace(b'"outputs": []', b'"outputs": ["' + b"A" * 10**7 + b'"]', 1)
    assert len(code_cells(text)) == len(HONEST)


def test_a_reply_does_not_grow(walls: Grader) -> None:
    """NumPy would give every text the room of the longest: 2 MB would become 8 GB."""
    tree = ["x" * 1_000_000] + ["y"] * 2_000
    with pytest.raises(protocol.ProtocolError, match="grow too large"):
        protocol.receive(_frame(tree))
    fine = ["a text of usual length"] * 2_000
    assert protocol.receive(_frame(fine))[1] == fine
    strangers = [{"unknown": ["x", ""]}] * 6_000
    with pytest.raises(protocol.ProtocolError, match="do not travel"):
        protocol.receive(_frame(strangers))
    with pytest.raises(protocol.ProtocolError, match="too many parts"):
        protocol.receive(_frame([[]] * 1_700_000))
    code = "total = ['x' * 1_000_000] + ['y'] * 2_000"
    graded = walls.grade("a", "a.ipynb", notebook([IMPORTS, code, THOUGHT]))
    assert graded.questions["total"].points == 0
    assert graded.questions["thought"].status == "needs a person"


# ---- sleeping -----------------------------------------------------------------------------------


def test_sleeping_below_every_limit_ends_too(walls: Grader) -> None:
    naps = ["import time\ntime.sleep(0.4)"] * 300  # two minutes, none of them over a limit
    graded = walls.grade("a", "a.ipynb", notebook([IMPORTS, *naps, TOTAL]))
    assert any("it waited for too long" in note for note in graded.notes)
    assert np.isfinite(graded.points)


def test_an_honest_nap_is_no_offence(walls: Grader) -> None:
    graded = walls.grade("a", "a.ipynb", notebook([IMPORTS, "import time\ntime.sleep(1)", TOTAL]))
    assert graded.questions["total"].points == 1
    assert graded.notes == ()
