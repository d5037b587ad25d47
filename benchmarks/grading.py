"""Grade one assignment with ``mlmi grade`` and with the tools that people use for it.

Run it with ``python -m benchmarks.grading``: 60 submissions for each tool may take an hour, with
``--nbgrader 8 --otter 4`` some fifteen minutes; about 1 GB of memory.
nbgrader and otter-grader are looked for in ``.venv-bench``, where they do not meet our set::

    python3 -m venv .venv-bench && .venv-bench/bin/pip install nbgrader otter-grader

A tool that is not there is a row that says so.  It never fails: tests do that, because machines
are noisy; what counts is the ratio between rows of one run.

What is compared:

* the assignment is the fixture unit 90, one question of each kind.  The first cell imports
  TensorFlow and Keras, nothing trains.  All submissions are right, and no two are alike;
* each tool is started once for all of them, as its command line does it (``otter run`` takes
  one submission, so it is started for each), and its start is counted;
* the kernels of nbgrader and otter are our own Python, so that all import the same TensorFlow;
* memory is the peak of the proportional set size, summed over all processes of the tool and
  looked at every 0.3 s;
* for a verdict to be right, every question must have the points that it deserves.  Hostile
  submissions come from ``tests/grading/attacks.py``, without those that harm a machine on
  which nobody stops them.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from mlmi_course.building.nbgrader import CONFIG, TEST_CELL
from tests.grading.attacks import ATTACKS
from tests.grading.submitting import (
    FULL,
    IMPORTS,
    PREDICT,
    STRETCH,
    THOUGHT,
    TOTAL,
    hand_in,
    notebook,
)

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / ".venv-bench"
UNIT = "tests.grading.fixtures.u90_sample"
CHECKED = {name: points for name, points in FULL.items() if name != "thought"}
PATIENCE_S = 60  # for a submission in the hands of a tool that sets no limit of its own
HOSTILE = (
    "no-metadata",
    "reordered",
    "syntax-error",
    "infinite-loop",
    "input",
    "missing-package",
    "os-exit",
    "os-exit-in-an-answer",
    "numpy-patched-and-wrong",
    "engine-patched-and-wrong",
    "equal-to-anything",
    "evil-objects",
)

# What a kernel runs: our Python, the fixture among the questions, the tool's packages last.
_KERNEL = """
import sys
sys.path.append({packages!r})
sys.path.insert(0, {root!r})
import mlmi_course.questions
mlmi_course.questions.__path__.append({fixtures!r})
from ipykernel import kernelapp
kernelapp.launch_new_instance()
"""
_OTTER_TEST = '''OK_FORMAT = True
test = {{"name": "{name}", "points": {points}, "suites": [{{"type": "doctest", "scored": True,
    "setup": "", "teardown": "", "cases": [{{"hidden": False, "locked": False, "code":
    r""">>> q.{name}.check({name}).points == {points}
True"""}}]}}]}}
'''
_NO_PICTURES = PREDICT.replace("q.predict.show(predict)\n", "")

Points = Mapping[str, float]


class Run(NamedTuple):
    """What a tool did: time, memory, and points by student; None for those it lost."""

    seconds: float
    bytes: int
    points: dict[str, Points]

    def right(self, deserved: Mapping[str, Points]) -> list[str]:
        """Students who got exactly what they deserve."""
        return [
            who
            for who, points in deserved.items()
            if who in self.points
            and all(abs(self.points[who].get(q, 0.0) - points[q]) < 1e-9 for q in CHECKED)
        ]


# ---- submissions ---------------------------------------------------------------------------

_STRETCHES = (
    STRETCH,
    """
def stretch(image, greys):
    return np.interp(image, (image.min(), image.max()), greys)

q.stretch.check(stretch)
""",
    """
def stretch(image, greys):
    span = np.ptp(image)
    return greys[0] + (greys[1] - greys[0]) * (image - np.min(image)) / span

q.stretch.check(stretch)
""",
    """
def unit(image):
    moved = image - image.min()
    return moved / moved.max()

stretch = lambda image, greys: unit(image) * np.diff(greys)[0] + greys[0]
q.stretch.check(stretch)
""",
)
_TOTALS = (
    TOTAL,
    "total = 100 * 101 // 2\nq.total.check(total)",
    "total = int(np.arange(101).sum())\nq.total.check(total)",
    "total = 0\nfor n in range(101):\n    total += n\nq.total.check(total)",
    "total = np.float64(5050)\nq.total.check(total)",
)
_PREDICTS = (
    _NO_PICTURES,
    """
def predict(images):
    return np.mean(images, axis=(1, 2)) > 0.5

q.predict.check(predict)
""",
    """
def predict(images):
    return 1 / (1 + np.exp(-10 * (images.reshape(len(images), -1).mean(1) - 0.5)))

q.predict.check(predict)
""",
)
_TENSORFLOW = "import tensorflow as tf\nimport keras\n" + IMPORTS
_TRAINED = """
keras.utils.set_random_seed(0)
labels = np.arange(400) % 2
images = np.random.default_rng(0).normal(size=(400, 8, 8)) + labels[:, None, None]
model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1, activation="sigmoid")])
model.compile(optimizer=keras.optimizers.Adam(0.02), loss="binary_crossentropy")
model.fit(images, labels, epochs=30, verbose=0)

def predict(images):
    return model.predict(images, verbose=0).ravel()

q.predict.check(predict)
"""
_TOO_SLOW = "import time\n" + _NO_PICTURES.replace(
    "def predict(images):\n", "def predict(images):\n    time.sleep(3)\n"
)


def correct(number: int, predicts: Iterable[str] = _PREDICTS) -> dict[str, bytes]:
    """So many right submissions, of which no two are alike."""
    predicts = tuple(predicts)
    made = {}
    for n in range(number):
        cells = [
            _TENSORFLOW,
            _STRETCHES[n % len(_STRETCHES)],
            f"# attempt {n}\nattempt = np.linspace(0, {n + 1}, 50)\nprint(attempt.mean())",
            _TOTALS[n % len(_TOTALS)],
            predicts[n % len(predicts)],
            THOUGHT.replace("256", str(256 + n)),
        ]
        made[f"student{n:03d}"] = notebook(cells)
    return made


# ---- measuring -----------------------------------------------------------------------------


def _family(root: int) -> list[int]:
    """A process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        with suppress(OSError, ValueError):
            stat = Path(f"/proc/{int(entry)}/stat").read_bytes().rpartition(b")")[2].split()
            children.setdefault(int(stat[1]), []).append(int(entry))
    found, waiting = [], [root]
    while waiting:
        process = waiting.pop()
        found.append(process)
        waiting += children.get(process, [])
    return found


def _held(processes: Iterable[int]) -> int:
    """Proportional set size of processes together, in bytes."""
    total = 0
    for process in processes:
        with suppress(OSError, ValueError, IndexError):
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
            total += int(text.partition("\nPss:")[2].split()[0]) * 1024
    return total


def _measure(
    command: list[str | Path],
    folder: Path,
    environment: Mapping[str, str],
    limit: float | None = None,
) -> tuple[float, int]:
    """Run a command to its end, or to the limit; seconds, and bytes at the peak."""
    peak, over = 0, threading.Event()
    with (folder / "log.txt").open("ab") as log:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | environment, stdout=log, stderr=log
        )

        def watch() -> None:
            nonlocal peak
            while not over.wait(0.3):
                peak = max(peak, _held(_family(process.pid)))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            for one in reversed(_family(process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            process.wait()
        seconds = time.perf_counter() - start
        over.set()
        watcher.join()
    return seconds, peak


def ours(folder: Path, submissions: Mapping[str, bytes], workers: int) -> Run:
    """``mlmi grade``."""
    hand_in(folder / "submissions", dict(submissions))
    program = [sys.executable, "-m", "mlmi_course.cli"]
    installed = Path(sys.executable).with_name("mlmi")
    command = [
        *([installed] if installed.is_file() else program),
        *("grade", UNIT, "submissions", "--seed-file", "seed.txt", "--out", "grades"),
        *("--workers", str(workers)),
    ]
    seconds, peak = _measure(command, folder, {"PYTHONPATH": str(ROOT)})
    points: dict[str, Points] = {}
    gradebook = folder / "grades/gradebook.csv"
    if gradebook.is_file():
        with gradebook.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
            for row in rows:  # a question is called total too, and stands before the sum
                points[row[0]] = {q: float(row[head.index(q)] or 0) for q in CHECKED}
    return Run(seconds, peak, points)


def _kernels(folder: Path) -> dict[str, str]:
    """Environment in which the kernel ``python3`` is our Python."""
    code = _KERNEL.format(
        packages=str(next((BENCH / "lib").glob("python3*/site-packages"), BENCH)),
        root=str(ROOT),
        fixtures=str(ROOT / "tests/grading/fixtures"),
    )
    kernel = folder / "jupyter/kernels/python3/kernel.json"
    kernel.parent.mkdir(parents=True)
    argv = [sys.executable, "-c", code, "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    return {
        "JUPYTER_PATH": str(folder / "jupyter"),
        "PATH": f"{BENCH / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }


def for_nbgrader(content: bytes) -> bytes:
    """A submission with nbgrader's tests, each behind the check of its question."""

    def told(name: str, points: float, **kind: bool) -> dict[str, Any]:
        about = {"schema_version": 3, "grade_id": name, "points": points, "cell_type": "code"}
        flags = {"grade": True, "solution": False, "locked": False, "task": False}
        return {"nbgrader": {**about, **flags, **kind}}

    def test(name: str) -> dict[str, Any]:
        return {
            "cell_type": "code",
            "id": f"check-{name}",
            "metadata": told(f"check-{name}", CHECKED[name], locked=True),
            "execution_count": None,
            "outputs": [],
            "source": TEST_CELL.format(question=name, answers=name).rstrip("\n"),
        }

    whole = json.loads(content)
    missing, cells = list(CHECKED), []
    stripped = not any("metadata" in cell for cell in whole["cells"])
    for number, cell in enumerate(whole["cells"]):
        source = "".join(cell["source"])
        cell.setdefault("metadata", {})
        cell["id"] = cell.pop("x", f"cell-{number}")
        cells.append(cell)
        if source.strip().startswith("thought ="):
            cell["metadata"] = told("thought", 2.0, solution=True)
        for name in [name for name in missing if f"q.{name}.check(" in source]:
            missing.remove(name)
            cells.append(test(name))
    cells += [test(name) for name in missing]
    if stripped:
        for cell in cells:
            cell["metadata"] = {}
    return json.dumps({**whole, "cells": cells}).encode()


def nbgrader(folder: Path, submissions: Mapping[str, bytes]) -> Run:
    """``nbgrader autograde``; making the assignment is not counted."""
    environment = _kernels(folder)
    (folder / "nbgrader_config.py").write_text(CONFIG)
    source = folder / "source/sample/sample.ipynb"
    source.parent.mkdir(parents=True)
    cells = [IMPORTS, STRETCH, TOTAL, _NO_PICTURES, THOUGHT]
    source.write_bytes(for_nbgrader(notebook(cells)))
    program = BENCH / "bin/nbgrader"
    _measure([program, "generate_assignment", "sample"], folder, environment)
    for student, content in submissions.items():
        target = folder / f"submitted/{student}/sample/sample.ipynb"
        target.parent.mkdir(parents=True)
        target.write_bytes(for_nbgrader(content))
    seconds, peak = _measure([program, "autograde", "sample"], folder, environment)
    points: dict[str, dict[str, float]] = {}
    query = (
        "select assignment.student_id, cell.name, grade.auto_score"
        " from grade join base_cell as cell on cell.id = grade.cell_id"
        " join submitted_notebook as notebook on notebook.id = grade.notebook_id"
        " join submitted_assignment as assignment on assignment.id = notebook.assignment_id"
    )
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(folder / "gradebook.db")) as connection,
    ):
        for student, cell, score in connection.execute(query):
            # nbgrader leaves rows behind also for what it failed to grade.
            if (folder / f"autograded/{student}/sample/sample.ipynb").is_file():
                points.setdefault(student, {})[cell.removeprefix("check-")] = score or 0.0
    return Run(seconds, peak, dict(points))


def otter(folder: Path, submissions: Mapping[str, bytes]) -> Run:
    """``otter run``, once for each; packing the tests is not counted."""
    environment = _kernels(folder)
    program = BENCH / "bin/otter"
    (folder / "tests").mkdir()
    for name, points in CHECKED.items():
        (folder / f"tests/{name}.py").write_text(_OTTER_TEST.format(name=name, points=points))
    _measure([program, "generate", "-t", "tests", "-o", "tests.zip"], folder, environment)
    seconds, peak, found = 0.0, 0, {}
    for student, content in submissions.items():
        out = folder / f"out/{student}"
        out.mkdir(parents=True)
        (folder / f"{student}.ipynb").write_bytes(content)
        command = [program, "run", "-a", "tests.zip", "-o", out, "--no-logo", f"{student}.ipynb"]
        took, held = _measure(command, folder, environment, limit=PATIENCE_S)
        seconds, peak = seconds + took, max(peak, held)
        with suppress(OSError, ValueError, KeyError):
            tests = json.loads((out / "results.json").read_text())["tests"]
            scores = {test["name"]: float(test.get("score") or 0) for test in tests}
            if any(name in CHECKED for name in scores):
                found[student] = {name: scores.get(name, 0.0) for name in CHECKED}
    return Run(seconds, peak, found)


def installed(tool: str) -> str | None:
    """Version of a tool in ``.venv-bench``."""
    package = {"otter": "otter_grader"}.get(tool, tool)
    found = sorted(BENCH.glob(f"lib/python3*/site-packages/{package}-*.dist-info"))
    if not found or not (BENCH / "bin" / tool).is_file():
        return None
    return found[-1].name.removesuffix(".dist-info").rpartition("-")[2]


# ---- tables --------------------------------------------------------------------------------

PARTS = ("speed", "growth", "models", "hostile")


class Bench:
    """One run of the benchmark: where its files lie, and which tools it found."""

    def __init__(self, top: Path, numbers: Mapping[str, int]) -> None:
        self.top, self.numbers = top, numbers
        self.console = Console(width=110, highlight=False)
        self.folders = 0
        calls = {"nbgrader autograde": (nbgrader, "nbgrader"), "otter run": (otter, "otter")}
        self.others: dict[str, tuple[Callable[..., Run], int]] = {}
        self.absent: list[str] = []
        for command, (call, tool) in calls.items():
            version = installed(tool)
            self.console.print(f"{tool}: {version or 'not installed in .venv-bench'}")
            if version is None:
                self.absent.append(command)
            elif numbers[tool]:
                self.others[command] = (call, numbers[tool])
        self.console.print(f"{os.cpu_count()} cores, load average {_load()} before the first row")

    def grade(self, tool: Callable[..., Run], what: Mapping[str, bytes], *more: Any) -> Run:
        """Grade submissions in a folder of their own."""
        self.folders += 1
        folder = self.top / str(self.folders)
        folder.mkdir()
        return tool(folder, what, *more)

    def speed(self) -> None:
        """Right submissions, tool beside tool."""
        heads = ("tool", "submissions", "seconds", "s each", "times", "peak MB", "right", "load")
        table = Table(*heads, title="Right submissions, start-up included")
        best = 0.0

        def row(name: str, number: int, tool: Callable[..., Run], *more: Any) -> None:
            nonlocal best
            submissions = correct(number)
            run = self.grade(tool, submissions, *more)
            each = run.seconds / number
            best = best or each
            right = len(run.right(dict.fromkeys(submissions, CHECKED)))
            cells = (
                name, str(number), f"{run.seconds:.1f}", f"{each:.2f}", f"{each / best:.1f}",
                f"{run.bytes / 1e6:.0f}", f"{right}/{number}", _load(),
            )  # fmt: skip
            table.add_row(*cells)
            self.console.print(*cells, sep=" | ")  # at once: the next one takes minutes

        row("mlmi grade, 2 workers", self.numbers["ours"], ours, 2)
        row("mlmi grade, 1 worker", self.numbers["ours"], ours, 1)
        for command, (call, number) in self.others.items():
            row(command, number, call)
        for command in self.absent:
            table.add_row(command, "not installed")
        self.console.print(table)

    def growth(self) -> None:
        """More submissions, as much more work."""
        table = Table("submissions", "seconds", "s each", "right", title="Growing, 2 workers")
        for number in (10, 40, 160):
            submissions = correct(number)
            run = self.grade(ours, submissions, 2)
            right = len(run.right(dict.fromkeys(submissions, CHECKED)))
            each = f"{run.seconds / number:.3f}"
            table.add_row(str(number), f"{run.seconds:.1f}", each, f"{right}/{number}")
        self.console.print(table)

    def models(self) -> None:
        """A question about a model, which has a budget of its own."""
        table = Table("predict is …", "submissions", "s each", "right", title="A budget of 2 s")
        for name, predict, points in (
            ("a formula", _NO_PICTURES, 3.0),
            ("a network that the notebook trains", _TRAINED, 3.0),
            ("too slow by a second: no points for it", _TOO_SLOW, 0.0),
        ):
            submissions = correct(8, [predict])
            run = self.grade(ours, submissions, 2)
            right = len(run.right(dict.fromkeys(submissions, CHECKED | {"predict": points})))
            table.add_row(name, "8", f"{run.seconds / 8:.2f}", f"{right}/8")
        self.console.print(table)

    def hostile(self) -> None:
        """Submissions that try something, or are broken."""
        deserved = {a.name: a.points for a in ATTACKS if a.name in HOSTILE}
        contents = {a.name: a.content for a in ATTACKS if a.name in HOSTILE}
        runs: dict[str, Run] = {}
        for command, (call, *more) in {
            "mlmi grade": (ours, 2),
            **{command: (call,) for command, (call, _) in self.others.items()},
        }.items():
            runs[command] = run = self.grade(call, contents, *more)
            self.console.print(f"{command}, {run.seconds:.0f} s, right:", *run.right(deserved))
        table = Table("submission", *runs, *self.absent, title="Hostile and broken submissions")
        for name, points in deserved.items():
            cells = []
            for run in runs.values():
                given = run.points.get(name)
                got = sum((given or {}).get(question, 0.0) for question in CHECKED)
                wrong = "no verdict" if given is None else f"{got:g} of 6"
                cells.append("right" if name in run.right(deserved) else f"[red]{wrong}[/red]")
            cells += ["not installed"] * len(self.absent)
            table.add_row(f"{name}, worth {sum(points.values()):g}", *cells)
        right = [f"{len(run.right(deserved))}/{len(deserved)}" for run in runs.values()]
        table.add_row("right", *right)
        self.console.print(table)


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def main() -> None:
    """Measure what was asked for, and print each table as soon as it is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all of them if none")
    for tool in ("ours", "nbgrader", "otter"):
        parser.add_argument(f"--{tool}", type=int, default=60, help="right submissions for it")
    parser.add_argument("--keep", action="store_true", help="leave the files where they are")
    chosen = parser.parse_args()
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    top = Path(tempfile.mkdtemp(prefix="mlmi-bench-grading-"))
    os.environ["MLMI_HOME"] = str(top / "home")
    bench = Bench(top, vars(chosen))
    for part in chosen.parts or PARTS:
        getattr(bench, part)()
    bench.console.print(f"load average {_load()} after the last row")
    if chosen.keep:
        bench.console.print(f"kept: {top}")
    else:
        shutil.rmtree(top, ignore_errors=True)


if __name__ == "__main__":
    main()
