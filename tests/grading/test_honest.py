"""A verdict is what a real kernel with errors allowed would have given, or better.

The same notebooks go through ipykernel, both kinds of sandbox, and ``mlmi check``.  The table in
``HONEST.md`` says how each came out; ``python -m tests.grading.test_honest`` writes it anew.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlmi_course.grading.judge.grader import Grader
from mlmi_course.grading.judge.runner import modules_for
from mlmi_course.grading.judge.units import load_unit
from mlmi_course.grading.sandbox.attempts import ForkedAttempt, PlainAttempt
from mlmi_course.grading.sandbox.launch import Sandbox, wait_until_ready, why_not
from mlmi_course.grading.sandbox.limits import Limits
from tests.conftest import missing
from tests.grading.honest import HONEST_BUT_ODD
from tests.grading.submitting import notebook

UNIT = "tests.grading.fixtures.u90_sample"
TABLE = Path(__file__).with_name("HONEST.md")
SECRET = b"a secret for the honest"
# What the last cell of a kernel's notebook says: the verdicts of the very same checks.
_VERDICTS = """
import hashlib as _h, json as _j, numpy as _n
import tests.grading.fixtures.u90_sample as _q
def _rng(name):
    seed = b"\\0".join([{secret!r}, b"u90_sample", name.encode()])
    return _n.random.default_rng(list(_h.sha256(seed).digest()))
def _points(name):
    verdict = getattr(_q, name).verdict(globals().get(name, ...), _rng(name))
    return [verdict.points, verdict.status]
print("VERDICTS " + _j.dumps({{name: _points(name) for name in {names!r}}}))
"""
_FIRST = """
import sys
sys.path.append({root!r})
import mlmi_course.questions
import tests.grading.fixtures.u90_sample as _u
sys.modules["mlmi_course.questions.u90_sample"] = mlmi_course.questions.u90_sample = _u
del sys, mlmi_course, _u
"""
NAMES = ("stretch", "total", "predict", "thought")

Points = dict[str, tuple[float, str]]


def in_a_kernel(cells: list[str]) -> Points:
    """Run the cells in ipykernel, errors allowed, then the checks."""
    import nbformat
    from nbclient import NotebookClient

    root = str(Path(__file__).resolve().parents[2])
    last = _VERDICTS.format(secret=SECRET, names=NAMES)
    with tempfile.TemporaryDirectory() as folder:
        sources = [_FIRST.format(root=root), *cells, last]
        made = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source.strip("\n")) for source in sources]
        )
        client = NotebookClient(
            made, timeout=600, allow_errors=True, resources={"metadata": {"path": folder}}
        )
        with client.setup_kernel():
            for place, cell in enumerate(made.cells):
                # The first is none of the student's: numbers of outputs stay as they are.
                client.execute_cell(cell, place, store_history=place > 0)
    said = "".join(o.get("text", "") for o in made.cells[-1].outputs)
    line = next(line for line in said.splitlines() if line.startswith("VERDICTS "))
    return {name: (points, status) for name, (points, status) in json.loads(line[9:]).items()}


def graded(grader: Grader, cells: list[str]) -> Points:
    """What the grader gives."""
    found = grader.grade("a", "a.ipynb", notebook(list(cells))).questions
    return {name: (found[name].points, found[name].status) for name in NAMES}


@pytest.fixture(scope="module")
def walls() -> Iterator[Grader]:
    if reason := why_not():
        missing("bubblewrap", reason)
    made = Sandbox(modules_for([]))
    control = made.new_control()
    size = wait_until_ready(control)
    limits = Limits()
    yield Grader(
        load_unit(UNIT), SECRET, limits, "bubblewrap", lambda: ForkedAttempt(limits, control, size)
    )
    control.close()
    made.close()


@pytest.fixture(scope="module")
def plain() -> Grader:
    """Also what ``mlmi check`` does, which draws public inputs and nothing else otherwise."""
    limits = Limits()
    return Grader(load_unit(UNIT), SECRET, limits, "unsandboxed", lambda: PlainAttempt(limits))


_ORDER = {"not attempted": 0, "fail": 1, "needs a person": 2, "pass": 3}


def _no_less(got: Points, kernel: Points) -> None:
    for name in NAMES:
        assert got[name][0] >= kernel[name][0], (name, got[name], kernel[name])
        assert _ORDER[got[name][1]] >= _ORDER[kernel[name][1]], (name, got[name], kernel[name])


def _table() -> dict[str, tuple[str, str]]:
    rows = [line.split("|")[1:-1] for line in TABLE.read_text(encoding="utf-8").splitlines()]
    cells = [[cell.strip() for cell in row] for row in rows if len(row) == 4]
    return {name: (kernel, ours) for name, kernel, ours, _ in cells[2:]}


def _in_short(points: Points) -> str:
    signs = {"pass": "✓", "fail": "✗", "not attempted": "○", "needs a person": "✎"}
    return " ".join(f"{signs[status]}{value:g}" for value, status in points.values())


def test_there_are_enough_and_each_is_in_the_table() -> None:
    assert len(HONEST_BUT_ODD) >= 40
    assert set(_table()) == set(HONEST_BUT_ODD)


@pytest.mark.parametrize("name", HONEST_BUT_ODD)
def test_no_less_than_a_kernel(name: str, walls: Grader) -> None:
    kernel = in_a_kernel(HONEST_BUT_ODD[name])
    got = graded(walls, HONEST_BUT_ODD[name])
    _no_less(got, kernel)
    assert _table()[name] == (_in_short(kernel), _in_short(got))


@pytest.mark.parametrize("name", HONEST_BUT_ODD)
def test_without_walls_the_same(name: str, plain: Grader) -> None:
    assert _in_short(graded(plain, HONEST_BUT_ODD[name])) == _table()[name][1]


def main() -> None:
    """Write the table."""
    limits = Limits()
    made = Sandbox(modules_for([]))
    control = made.new_control()
    size = wait_until_ready(control)
    grader = Grader(
        load_unit(UNIT), SECRET, limits, "bubblewrap", lambda: ForkedAttempt(limits, control, size)
    )
    lines = [
        "# Odd but honest notebooks",
        "",
        "Made by `python -m tests.grading.test_honest`, and compared with a real kernel in every",
        "run of the tests. The four verdicts are those of `stretch`, `total`, `predict` and",
        "`thought` in the fixture unit: ✓ right, ✗ wrong, ○ not attempted, ✎ for a person.",
        "",
        "| notebook | ipykernel, errors allowed | mlmi grade and mlmi check | |",
        "|---|---|---|---|",
    ]
    for name, cells in HONEST_BUT_ODD.items():
        kernel, got = in_a_kernel(cells), graded(grader, cells)
        more = "the second pass gives more" if _in_short(kernel) != _in_short(got) else "the same"
        lines.append(f"| {name} | {_in_short(kernel)} | {_in_short(got)} | {more} |")
        print(lines[-1], flush=True)
    made.close()
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
