"""Write ``docs/speed.md``: what ``make bench`` prints of reading, loading and grading.

Run it with ``python -m benchmarks.page``, alone on the machine; ten minutes.  ``--environment``
also builds two environments, which loads half a gigabyte twice.  Numbers on the page are those of
the machine that made it; what is compared there is ratios, measured side by side.
"""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "speed.md"
PARTS = {
    "Reading DICOM": "benchmarks.dicom",
    "Loading simulated sets": "benchmarks.data",
    "Grading a class": "benchmarks.class_of",
}
ENVIRONMENT = "The environment"


def told_by(module: str, *arguments: str) -> str:
    """What a benchmark prints."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "110", "NO_COLOR": "1", "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        text=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines())


def environments() -> None:
    """Build the course's environment by uv and by pip, from caches that are empty, and print."""
    table = Table("what", "seconds", "ratio", "limit")
    with tempfile.TemporaryDirectory(prefix="mlmi-bench-") as name:
        scratch = Path(name)
        wanted = ["-c", str(ROOT / "constraints.txt"), f"{ROOT}[test]"]
        seconds = {}
        for tool in ("uv", "pip"):
            folder = scratch / tool
            python = str(folder / "bin" / "python")
            start = time.perf_counter()
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            install = {
                "uv": [
                    sys.executable, "-m", "uv", "pip", "install", "-q", "--compile-bytecode",
                    "--cache-dir", str(scratch / "uv-cache"), "-p", python,
                ],
                "pip": [python, "-m", "pip", "install", "-q", "--no-cache-dir"],
            }[tool]  # fmt: skip
            subprocess.run([*install, *wanted], check=True, stdout=subprocess.DEVNULL)
            seconds[tool] = time.perf_counter() - start
        ratio = f"{seconds['uv'] / seconds['pip']:.2f}"
        told = f"{seconds['uv']:.0f} / {seconds['pip']:.0f}"
        table.add_row("make venv by uv / by pip, empty caches", told, ratio, "0.4")
    Console(width=100).print(table)


def page(parts: dict[str, str]) -> str:
    """The page, of what each part printed."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    lines = [
        "# What it costs",
        "",
        f"Made by `python -m benchmarks.page --environment` on {datetime.date.today():%Y-%m-%d}:",
        f"{os.cpu_count()} cores ({processor}), {platform.system()}, Python",
        f"{platform.python_version()}. `make bench` prints the same, and more. Seconds are",
        "those of this machine; ratios were measured side by side, in turns.",
    ]
    for title, told in parts.items():
        lines += ["", f"## {title}", "", "```text", told, "```"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, and write the page."""
    if "--only-environment" in sys.argv:
        environments()
        return
    parts = {title: told_by(module) for title, module in PARTS.items()}
    if "--environment" in sys.argv:
        parts[ENVIRONMENT] = told_by("benchmarks.page", "--only-environment")
    PAGE.write_text(page(parts), "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
