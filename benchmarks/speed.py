"""Measure what a reader waits for, and print each time beside its limit.

Run it with ``make bench``.  It never fails: tests do that, at five times a limit, because
machines are noisy.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]


class Time(NamedTuple):
    """One measurement, in seconds."""

    what: str
    seconds: float
    limit: float


def median_of(call: Callable[[], Any], repeats: int = 5) -> float:
    """Return the median time of a call that has been warmed up once."""
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def imports() -> Iterator[Time]:
    """Time a fresh interpreter that imports the package, less one that imports nothing."""

    def start(code: str) -> float:
        return median_of(lambda: subprocess.run([sys.executable, "-c", code], check=True))

    yield Time("import mlmi_course", start("import mlmi_course") - start("pass"), 0.3)


def checks() -> Iterator[Time]:
    """Time each question's check on the answer that the course itself gives."""
    from mlmi_course.building.course import read_course
    from mlmi_course.checks import FunctionQuestion, Question, Unit, ValueQuestion

    for unit in read_course(ROOT).units:
        module = import_module(f"mlmi_course.questions.{unit.questions}")
        for name, question in Unit(module.__name__).questions.items():
            if isinstance(question, FunctionQuestion):
                answer = question.reference
            elif isinstance(question, ValueQuestion):
                answer = question.reference()
            else:
                continue
            assert isinstance(question, Question)
            seconds = median_of(lambda q=question, a=answer: q.check(a))
            yield Time(f"check u{unit.number}.{name}", seconds, 0.2)


def pictures() -> Iterator[Time]:
    """Time what happens when a slider moves: draw, encode, hand over."""
    from mlmi_course import plots

    image = np.random.default_rng(0).normal(size=(128, 128))
    yield Time(
        "plots.image, 128×128",
        median_of(lambda: plots.image(image, alt="noise")._repr_html_()),
        0.1,
    )


def notebooks() -> Iterator[Time]:
    """Time each notebook from its first cell to its last, kernel start included."""
    from nbclient import NotebookClient
    from nbformat import read

    for kind in ("lectures", "exercises", "solutions"):
        for file in sorted((ROOT / kind).glob("*.ipynb")):
            notebook = read(file, as_version=4)
            with tempfile.TemporaryDirectory() as folder:
                client = NotebookClient(
                    notebook, timeout=600, resources={"metadata": {"path": folder}}
                )
                start = time.perf_counter()
                client.execute()
                yield Time(f"{kind}/{file.stem}", time.perf_counter() - start, 90.0)


def main() -> None:
    """Measure everything and print one table."""
    os.environ["MLMI_HOME"] = tempfile.mkdtemp(prefix="mlmi-bench-")
    table = Table("what", "seconds", "limit", "share of the limit")
    for measure in (imports, checks, pictures, notebooks):
        for it in measure():
            share = it.seconds / it.limit
            style = "green" if share <= 1 else "bold red"
            table.add_row(it.what, f"{it.seconds:.3f}", f"{it.limit:g}", f"[{style}]{share:.0%}")
    Console().print(table)


if __name__ == "__main__":
    main()
