"""Measure reading of DICOM series beside other programs, and print the ratios.

Run it with ``make bench`` or ``python -m benchmarks.dicom [FOLDER ...]``, where each folder holds
one real series.  It never fails.

Whatever is compared runs in turns, so that a change of the machine's mood meets both; a ratio is
that of the medians, warm cache.  dcm2niix also writes a file; it is left out where it is not
installed.  Memory is the peak of what Python and NumPy allocate, as a multiple of the array.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from mlmi_course.dicom import Volume, deidentify, read_volume, reading, write_series

SLICES = 500
SIDE = 512
REPEATS = 5
LIMITS = {
    "read_volume / SimpleITK": 0.5,
    "read_volume / dcm2niix": 1.2,
    "peak memory / the array": 1.15,
    "all groups / the first": 2.0,
    "deidentify / copying": 4.0,
}


def made_up(folder: Path, slices: int = SLICES, side: int = SIDE) -> Path:
    """A CT of noise: as long as a chest, and nothing in it compresses."""
    rng = np.random.default_rng(0)
    array = rng.integers(-1000, 2000, size=(slices, side, side)).astype(np.float32)
    affine = np.array([[0, 0, 0.7, 0], [0, 0.7, 0, 0], [1.25, 0, 0, 0], [0, 0, 0, 1]])
    write_series(Volume(array, (1.25, 0.7, 0.7), affine, "CT", "HU", {}), folder)
    return folder


def perfusion(folder: Path, times: int = 21, slices: int = 48, side: int = 64) -> Path:
    """A series that holds many volumes, one after the other in time."""
    import pydicom

    (folder / "all").mkdir()
    for path in made_up(folder / "one", slices, side).iterdir():
        file = pydicom.dcmread(path)
        uid = str(file.SOPInstanceUID)[:50]
        for moment in range(times):
            file.TemporalPositionIdentifier = moment + 1
            file.SOPInstanceUID = file.file_meta.MediaStorageSOPInstanceUID = f"{uid}.{moment + 1}"
            file.save_as(folder / "all" / f"{moment}-{path.name}")
    return folder / "all"


def afresh(path: Path, **options: int) -> Volume:
    """Read, and not from headers that are in memory."""
    reading._last = None
    return read_volume(path, **options)


def by_simpleitk(path: Path) -> np.ndarray:
    """The same, as its manual does it."""
    import SimpleITK as sitk

    reader = sitk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(path)))
    return sitk.GetArrayFromImage(reader.Execute())


def in_turns(calls: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Medians of seconds, each call after the other, several times."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for repeat in range(REPEATS + 1):
        for name, call in calls.items():
            start = time.perf_counter()
            call()
            if repeat:  # the first warms the cache
                taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def peak(path: Path) -> float:
    """Peak memory of a read, as a multiple of its array."""
    afresh(path)
    tracemalloc.start()
    array = afresh(path).array
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return highest / array.nbytes


def every_group(path: Path) -> None:
    """All volumes of a series, one after the other."""
    reading._last = None
    for group in range(len(read_volume(path).info["groups"])):
        read_volume(path, group=group)


def main() -> None:
    """Measure, and print a table."""
    title = f"DICOM, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    table = Table("what", "of what", "seconds", "ratio", "limit", title=title)

    def row(what: str, of: str, seconds: str, ratio: float) -> None:
        style = "green" if ratio <= LIMITS[what] else "bold red"
        table.add_row(what, of, seconds, f"[{style}]{ratio:.2f}", f"{LIMITS[what]:g}")

    with tempfile.TemporaryDirectory(prefix="mlmi-bench-") as name:
        scratch = Path(name)
        made = made_up(scratch / "series")
        series = {f"{SLICES} slices": made}
        series |= {Path(path).name: Path(path) for path in sys.argv[1:]}
        for title, path in series.items():
            calls: dict[str, Callable[[], object]] = {
                "ours": lambda path=path: afresh(path),
                "SimpleITK": lambda path=path: by_simpleitk(path),
            }
            if program := shutil.which("dcm2niix"):
                out = scratch / "nifti"
                out.mkdir(exist_ok=True)
                command = [program, "-b", "n", "-w", "1", "-o", str(out), str(path)]
                calls["dcm2niix"] = lambda command=command: subprocess.run(
                    command, check=True, capture_output=True
                )
            seconds = in_turns(calls)
            for other in [*seconds][1:]:
                told = f"{seconds['ours']:.2f} / {seconds[other]:.2f}"
                row(f"read_volume / {other}", title, told, seconds["ours"] / seconds[other])
            row("peak memory / the array", title, "–", peak(path))

        many = perfusion(scratch)
        seconds = in_turns({"all": lambda: every_group(many), "first": lambda: afresh(many)})
        told = f"{seconds['all']:.2f} / {seconds['first']:.2f}"
        row("all groups / the first", "21 × 48 slices", told, seconds["all"] / seconds["first"])

        def copied() -> None:
            shutil.rmtree(scratch / "copy", ignore_errors=True)
            shutil.copytree(made, scratch / "copy")

        def cleaned() -> None:
            shutil.rmtree(scratch / "clean", ignore_errors=True)
            deidentify(made, scratch / "clean", salt="a secret for the bench")

        seconds = in_turns({"clean": cleaned, "copy": copied})
        told = f"{seconds['clean']:.2f} / {seconds['copy']:.2f}"
        row("deidentify / copying", f"{SLICES} slices", told, seconds["clean"] / seconds["copy"])
    Console().print(table)


if __name__ == "__main__":
    main()
