"""Measure what grading a class costs beside the notebooks' own work, and print it.

Run it with ``make bench`` or ``python -m benchmarks.class_of``, alone on the machine.  It never
fails.

* *A further submission* is the difference between two classes, graded by one worker, per notebook
  between them.  It is told as a multiple of what the same cells take in a bare IPython that has
  run them once, so that everything is imported, as it is in the grader.
* *The first verdict* is waited for from the start of the command; the notebook's own cells are in.
* *Memory* is the most that the leading process ever held, while it grades notebooks that are full
  of pictures.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mlmi_course.grading.judge.notebooks import code_cells

ROOT = Path(__file__).resolve().parents[1]
FEW, MANY = 4, 16
BIG, MEGABYTES = 60, 10

_OWN = """
import json, sys, time
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
cells = json.loads(sys.stdin.read())
for again in range(2):
    start = time.perf_counter()
    for cell in cells:
        shell.run_cell(cell, silent=True)
print("own", time.perf_counter() - start)
"""


def solution(unit: str) -> Path:
    """A right submission of a unit."""
    return next((ROOT / "solutions").glob(f"{unit}_*.ipynb"))


def hand_in(folder: Path, unit: str, count: int, megabytes: int = 0) -> Path:
    """A class that handed in the same work, no two files alike; with pictures where asked for."""
    folder.mkdir(parents=True)
    book = json.loads(solution(unit).read_text("utf-8"))
    first = next(cell for cell in book["cells"] if cell["cell_type"] == "code")
    picture = {"image/png": "A" * (megabytes * 2**20)}
    first["outputs"] = [{"output_type": "display_data", "data": picture, "metadata": {}}]
    for number in range(count):
        book["metadata"]["mlmi_number"] = number
        (folder / f"s{number:03d}.ipynb").write_text(json.dumps(book), "utf-8")
    return folder


def graded(scratch: Path, unit: str, submissions: Path, workers: int = 1) -> dict[str, float]:
    """Grade a folder; return seconds, those to the first verdict, and MB of the main process."""
    (scratch / "seed").write_text("a secret of the benchmark")
    out = scratch / f"out-{submissions.name}"
    code = (
        "import sys, resource; sys.argv[0] = 'mlmi'\n"
        "from mlmi_course.cli import app\n"
        "try: app()\n"
        "finally: print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)"
    )
    command = [sys.executable, "-u", "-c", code, "grade", unit, str(submissions)]
    command += ["--seed-file", str(scratch / "seed"), "--out", str(out), "--workers", str(workers)]
    start = time.perf_counter()
    first, told = 0.0, ""
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told += line
            if not first and re.match(r"s\d{3}: ", line.strip()):
                first = time.perf_counter() - start
    seconds = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(told)
    return {
        "seconds": seconds,
        "first": first,
        "megabytes": int(re.search(r"peak (\d+)", told)[1]) / 1024,  # type: ignore[index]
    }


def own_seconds(unit: str) -> float:
    """Seconds of a solution's cells in a bare IPython, everything imported."""
    cells = code_cells(solution(unit).read_bytes())
    environment = {**os.environ, "MPLBACKEND": "agg", "MLMI_STATIC": "1"}
    done = subprocess.run(
        [sys.executable, "-c", _OWN], input=json.dumps(cells), text=True,
        capture_output=True, check=True, env=environment, cwd=ROOT / "solutions",
    )  # fmt: skip
    return float(re.search(r"own ([\d.]+)", done.stdout)[1])  # type: ignore[index]


def first_check(unit: str) -> tuple[float, float]:
    """Seconds of a fresh Python that checks one answer of a unit, and of one that does nothing."""
    name = solution(unit).stem
    code = (
        f"from mlmi_course.questions import u{name} as unit\n"
        "from mlmi_course.checks import Unit\n"
        "import contextlib, io\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        "    question = next(iter(Unit(unit.__name__).questions.values()))\n"
        "    question.check(None)"
    )
    return _fresh(code), _fresh("pass")


def _fresh(code: str) -> float:
    taken = []
    for _ in range(4):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        taken.append(time.perf_counter() - start)
    return min(taken)


def main() -> None:
    """Measure, and print a table."""
    title = f"A class, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    table = Table("what", "measured", "limit", title=title)
    with tempfile.TemporaryDirectory(prefix="mlmi-bench-") as name:
        scratch = Path(name)
        for unit in ("01", "05"):
            one = graded(scratch, unit, hand_in(scratch / f"one-{unit}", unit, 1))
            told = f"{one['first']:.1f} s ({own_seconds(unit):.1f} s are the cells' own)"
            table.add_row(f"start to first verdict, unit {unit}", told, "2 s")
        few, many = (
            graded(scratch, "05", hand_in(scratch / f"class-{count}", "05", count))
            for count in (FEW, MANY)
        )
        further = (many["seconds"] - few["seconds"]) / (MANY - FEW)
        own = own_seconds("05")
        table.add_row(
            "a further submission of unit 05 / its own cells",
            f"{further:.2f} / {own:.2f} s = {further / own:.2f}",
            "1.1",
        )
        full = graded(scratch, "01", hand_in(scratch / "full", "01", BIG, MEGABYTES), workers=2)
        table.add_row(
            f"main process, {BIG} notebooks of {MEGABYTES} MB, two workers",
            f"{full['megabytes']:.0f} MB",
            "300 MB",
        )
        for unit in ("01", "05", "20"):
            with_unit, empty = first_check(unit)
            table.add_row(
                f"import and first check of unit {unit} in a fresh Python",
                f"{with_unit - empty:.2f} s",
                "0.5 s",
            )
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
