"""Measure what loading data costs, and print each time beside its limit.

Run it with ``make bench`` or ``python -m benchmarks.data``.  It never fails: tests do that, at
five times a limit, because machines are noisy.

*Cold* is the first load, which simulates and writes; *warm* is the next, which maps files into
memory.  Growth is seen between n and 4 n images, in seconds of the processor, which other
programs on the machine change little.  Memory is the peak of what Python and NumPy allocate
(tracemalloc) while blocks are simulated and written, for n / 2 and for 2 n, which should be the
same.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.metrics import peak_memory
from benchmarks.speed import median_of


class Load(NamedTuple):
    """A loader, how many images a course notebook asks it for, and its limits in seconds."""

    call: Callable[..., Any]
    n: int
    cold: float | None = None
    warm: float = 0.1


def seconds(call: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    """Time one call."""
    start = clock()
    call()
    return clock() - start


def share(taken: float, limit: float | None) -> str:
    """Write a time as a share of its limit."""
    if limit is None:
        return "–"
    style = "green" if taken <= limit else "bold red"
    return f"[{style}]{taken / limit:.0%} of {limit:g} s"


def main() -> None:
    """Measure every loader and print two tables."""
    os.environ["MLMI_HOME"] = tempfile.mkdtemp(prefix="mlmi-bench-")
    from mlmi_course import data
    from mlmi_course.data import cache

    loads = (
        Load(data.load_microcalcifications, 2000, cold=3.0),
        Load(data.load_masses, 400, cold=5.0),
        Load(data.load_lung_patches, 400, cold=5.0),
        Load(data.load_mammograms, 24),
        Load(data.load_brain_slices, 300, cold=10.0),
    )
    times = Table("what", "seconds", "share of the limit", title="Waiting")
    growth = Table(
        "set", "n", "CPU s, n", "CPU s, 4 n", "times", "MB, n / 2", "MB, 2 n",
        title="Growing: 4 times the images, 4 times the work, no more memory",
    )  # fmt: skip
    for load in loads:
        name = load.call.__name__
        load.call(8)  # imports are not what is measured
        cold = seconds(lambda load=load: load.call(load.n))
        warm = median_of(lambda load=load: load.call(load.n))
        found = load.call(load.n)
        times.add_row(f"{name}({load.n}), cold", f"{cold:.3f}", share(cold, load.cold))
        times.add_row(f"{name}({load.n}), warm", f"{warm:.4f}", share(warm, load.warm))
        times.add_row("… its page", f"{median_of(found._repr_html_):.3f}", share(0, None))
        times.add_row("… split by patient", f"{median_of(found.split):.3f}", share(0, None))

        # Other seeds, so that everything is made again.
        few, many = (
            seconds(lambda load=load, n=n: load.call(n, seed=1), time.process_time)
            for n in (load.n, 4 * load.n)
        )
        memory = [
            peak_memory(lambda load=load, n=n: load.call(n, seed=2)) / 1e6
            for n in (load.n // 2, 2 * load.n)
        ]
        growth.add_row(
            found.name, str(load.n), f"{few:.2f}", f"{many:.2f}", f"{many / few:.1f}",
            *(f"{megabytes:.0f}" for megabytes in memory),
        )  # fmt: skip
    console = Console()
    console.print(times)
    console.print(growth)
    console.print(f"{cache.clear() / 1e6:.0f} MB removed again")


if __name__ == "__main__":
    main()
