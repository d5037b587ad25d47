"""A class of hostile and broken submissions: each gets what an honest grader would give."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from mlmi_course.grading.records import Graded
from mlmi_course.grading.run import GradeOptions, Outcome, carry_out, plan
from mlmi_course.grading.sandbox.launch import why_not
from mlmi_course.grading.sandbox.limits import Limits
from tests.conftest import missing
from tests.grading.attacks import ATTACKS, FIND, MEMORY, NETWORK, PERSIST, Attack
from tests.grading.submitting import hand_in

UNIT = "tests.grading.fixtures.u90_sample"
STRICT = Limits(
    cell_s=1.0,
    call_s=1.0,
    total_s=60,
    memory_mb=400,
    disk_mb=20,
    processes=40,
    restarts=4,
    patience_s=2,
)


def _grade(folder: Path, attacks: list[Attack], *, sandboxed: bool) -> Outcome:
    submissions = {attack.name: attack.content for attack in attacks}
    options = GradeOptions(
        unit=UNIT,
        submissions=hand_in(folder / "submissions", submissions),
        out=folder / "grades",
        seed_file=folder / "seed.txt",
        workers=4,
        sandboxed=sandboxed,
        limits=STRICT,
    )
    return carry_out(plan(options), lambda student, graded, why: None)


@pytest.fixture(scope="module")
def behind_walls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graded]:
    if reason := why_not():
        missing("bubblewrap", reason)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        port = str(listener.getsockname()[1]).encode()
        attacks = [
            Attack(a.name, a.content.replace(b"PORT", port), a.points, a.notes, a.answer)
            for a in ATTACKS
        ]
        outcome = _grade(tmp_path_factory.mktemp("walls"), attacks, sandboxed=True)
        with pytest.raises(BlockingIOError):  # nobody came
            listener.accept()
    assert outcome.failed == {}
    return {graded.student: graded for graded in outcome.graded}


@pytest.fixture(scope="module")
def without_walls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graded]:
    harmless = [attack for attack in ATTACKS if attack.plain]
    outcome = _grade(tmp_path_factory.mktemp("plain"), harmless, sandboxed=False)
    assert outcome.failed == {}
    return {graded.student: graded for graded in outcome.graded}


def _judge(attack: Attack, graded: Graded) -> None:
    points = {name: grade.points for name, grade in graded.questions.items()}
    told = [*graded.notes, *graded.needs_eye]
    assert points == attack.points, told
    for words in attack.notes:
        assert any(words in note for note in told), told
    if attack.answer is not None:
        assert graded.questions["thought"].answer == attack.answer


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_behind_walls(attack: Attack, behind_walls: dict[str, Graded]) -> None:
    graded = behind_walls[attack.name]
    assert graded.isolation == "bubblewrap"
    _judge(attack, graded)


@pytest.mark.parametrize(
    "attack", [attack for attack in ATTACKS if attack.plain], ids=lambda attack: attack.name
)
def test_without_walls(attack: Attack, without_walls: dict[str, Graded]) -> None:
    graded = without_walls[attack.name]
    assert graded.isolation == "unsandboxed"
    _judge(attack, graded)


def test_nothing_is_left_running(behind_walls: dict[str, Graded]) -> None:
    deadline = time.monotonic() + 600
    while (
        "sleep 31337"
        in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    ):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _found(code: str) -> list[str]:
    scope: dict[str, Any] = {"__name__": "probe"}
    exec(code, scope)
    expected = "a local variable for the probe of memory to find"
    return [str(thing) for thing in scope["report"]() if expected]


def test_the_probes_find_what_is_there(tmp_path: Path) -> None:
    """The same code that finds nothing behind the walls finds it all where there are none."""
    hand_in(tmp_path / "submissions", {"anna": b"{}"})
    files = _found(FIND.replace('"/"', repr(str(tmp_path))))
    assert {Path(file).name for file in files} == {"anna.ipynb", "seed.txt"}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        assert any(port in address for address in _found(NETWORK.replace("PORT", port)))
    assert "expected" in _found(MEMORY)
    module = tmp_path / "numpy" / "__init__.py"
    module.parent.mkdir()
    module.touch()
    planted = PERSIST.replace("import os, numpy, mlmi_course", "import os").replace(
        "(numpy, mlmi_course)", f"(type('m', (), {{'__file__': {str(module)!r}}}),)"
    )
    assert str(module) in _found(planted)
