"""How long a unit's tests take, in this tree and in an older one, side by side.

``make bench-suite UNITS="05 20"`` measures each unit in both trees, one after the other, and the
tests that belong to no unit; what was measured before is kept in ``build/bench-suite`` and not
measured again.  Then it says what a suite of 2, 4, 8 and 21 such units takes.

The older tree is a git worktree with an environment of its own, made by its own ``make venv``.
Each run is one process, so its seconds are those of one worker.  Have the machine for yourself; or
read the table of processor seconds, which other jobs hardly change, and which counts no waiting.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.suite.parts import part_of
from tests.suite.selection import TOGETHER, Plan

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "bench-suite"
BEFORE = "7c7dc57"
"""The commit before the suite was made not to grow."""

NONE = "none"
EVERYTHING = ["--doctest-modules", "mlmi_course", "data_fetch", "tests",
              "lectures", "exercises", "solutions"]  # fmt: skip
NBVAL = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout", "600"]


@dataclass(frozen=True)
class Seconds:
    """Seconds of one worker for a unit.

    Parameters
    ----------
    whole : float
        Where the unit changed, or has its turn.
    quiet : float
        On any other day.
    shared : float
        Of what was made once for all units (a server, a browser, a sandbox): set-up of fixtures.
    """

    whole: float
    quiet: float
    shared: float


def measure(tree: Path, unit: str) -> dict[str, object]:
    """Run the tests of a unit, or of none, in a tree.

    Returns
    -------
    dict
        ``phases`` of the tests, ``seconds`` of all, and ``cpu``: processor seconds of the run and
        of all that it started (servers, kernels, browsers).
    """
    out = FOLDER / f"{tree.name}-{unit}.jsonl"
    out.unlink(missing_ok=True)
    number = "" if unit == NONE else unit
    environment = os.environ | {
        "PYTHONPATH": str(ROOT / "benchmarks"),
        "MLMI_BENCH_UNIT": number,
        "MLMI_BENCH_OUT": str(out),
        "MLMI_SEEDS": "20",  # as many in both trees
    }
    today = []
    if (tree / "tests" / "suite" / "selection.py").is_file():
        today = ["--today"]
        if number:
            environment["MLMI_PROVED"] = "nothing"  # so every unit has changed
    command = [str(tree / ".venv/bin/python"), "-m", "pytest", "-q", "-p", "suite_plugin",
               "-p", "no:cacheprovider", *today, *NBVAL, *_paths(tree, number)]  # fmt: skip
    start, cpu = time.perf_counter(), _cpu_of_children()
    done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True)
    seconds, cpu = time.perf_counter() - start, _cpu_of_children() - cpu
    (FOLDER / f"{tree.name}-{unit}.txt").write_text(done.stdout + done.stderr, "utf-8")
    if done.returncode not in (0, 1):
        sys.exit(f"pytest could not run in {tree}:\n{(done.stdout + done.stderr)[-3000:]}")
    phases = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    failed = [p["test"] for p in phases if p["outcome"] == "failed"]
    if failed:  # it was measured all the same; a test that failed may have ended early
        Console().print(f"[yellow]{tree.name}, unit {unit}: {len(failed)} failed, {failed[0]} …")
    return {"seconds": seconds, "cpu": cpu, "phases": phases}


def _cpu_of_children() -> float:
    """Processor seconds of the processes that have ended below this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _paths(tree: Path, number: str) -> list[str]:
    """Where the tests of a unit lie; all that there is, for those of none."""
    if not number:
        return EVERYTHING
    there = ["tests/e2e", "tests/test_bare_folder.py", "tests/grading/test_engine.py"]
    own = [
        file
        for file in tree.glob("tests/units/test_*.py")
        if file.name.startswith(f"test_u{number}") or not file.name.startswith("test_u")
    ]
    own += tree.glob(f"*s/{number}_*.ipynb")
    return there + [str(path.relative_to(tree)) for path in own]


def summed(phases: Sequence[Mapping[str, object]], units: Sequence[str]) -> Seconds:
    """Seconds of a unit, from the phases of its tests.

    Fixtures that a test of Python asks for are made once for many units; only the kernel of a
    notebook is its own.
    """
    plan = Plan("", list(units), [], [], [])
    parts: Counter[str] = Counter()
    for phase in phases:
        test = str(phase["test"])
        shared = phase["phase"] != "call" and part_of(test).kind != "nbval"
        turn = "" if shared else ("turn" if plan.leaves_out(test) else "always")
        parts["shared" if shared else turn] += float(str(phase["seconds"]))
    return Seconds(parts["turn"] + parts["always"], parts["always"], parts["shared"])


def older_tree(commit: str) -> Path:
    """A worktree of a commit with an environment of its own; made where it is not there."""
    tree = FOLDER / commit
    if not tree.is_dir():
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", tree, commit], check=True)
    subprocess.run(["make", "-C", tree, "venv"], check=True)
    return tree


def _measured(tree: Path, unit: str, *, again: bool) -> tuple[list[dict[str, object]], float]:
    """Phases of a unit's tests and their processor seconds, as kept for this state of the tree."""
    head = ["git", "-C", tree, "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(head, check=True, capture_output=True, text=True).stdout.strip()
    kept = FOLDER / f"{commit}-{unit}.json"
    if again or not kept.is_file():
        print(f"measuring unit {unit} of {commit} …", flush=True)
        kept.write_text(json.dumps(measure(tree, unit)), "utf-8")
    told = json.loads(kept.read_text("utf-8"))
    return told["phases"], told["cpu"]


def _rows(
    now: Mapping[str, Seconds], before: Mapping[str, Seconds]
) -> Iterator[tuple[str, float, float, float]]:
    """Name, seconds before, seconds now where it changed, and on a quiet day."""
    for unit in sorted(now):
        yield f"unit {unit}", before[unit].whole, now[unit].whole, now[unit].quiet


def suite(fixed: float, units: Sequence[Seconds], count: int, *, turns: bool) -> float:
    """Worker-seconds of a suite of many such units: two of them whole, where they take turns.

    Examples
    --------
    >>> unit = Seconds(50, 20, 5)
    >>> suite(100, [unit], 8, turns=False), suite(100, [unit], 8, turns=True)
    (505.0, 325.0)
    """
    whole = statistics.mean(it.whole for it in units)
    quiet = statistics.mean(it.quiet for it in units)
    shared = max(it.shared for it in units)
    at_once = min(TOGETHER, count) if turns else count
    return float(fixed + shared + at_once * whole + (count - at_once) * quiet)


def main() -> None:
    """Measure, and print four tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("units", nargs="*", help="numbers of units; all of them by default")
    parser.add_argument("--before", default=BEFORE, metavar="COMMIT", help="the other tree")
    parser.add_argument("--again", action="store_true", help="measure what is kept once more")
    parser.add_argument("--no-fixed", action="store_true", help="leave out the tests of no unit")
    arguments = parser.parse_args()
    there = sorted(path.name[:2] for path in (ROOT / "course").glob("[0-9][0-9]_*/"))
    units = arguments.units or there
    if unknown := sorted({*units} - {*there}):
        parser.error(f"there is no unit {', '.join(unknown)}; there are {', '.join(there)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    trees = {"before": older_tree(arguments.before), "now": ROOT}
    seconds: dict[str, dict[str, Seconds]] = {"before": {}, "now": {}}
    fixed = {"before": 0.0, "now": 0.0}
    cpu: dict[str, dict[str, float]] = {"before": {}, "now": {}}
    kinds: dict[str, Counter[str]] = {"before": Counter(), "now": Counter()}
    for unit in [*units, *([] if arguments.no_fixed else [NONE])]:
        for name, tree in trees.items():
            phases, cpu[name][unit] = _measured(tree, unit, again=arguments.again)
            if unit == NONE:
                fixed[name] = sum(float(str(phase["seconds"])) for phase in phases)
            else:
                seconds[name][unit] = summed(phases, there)
                for phase in phases:
                    kinds[name][part_of(str(phase["test"])).kind] += float(str(phase["seconds"]))
    _print_kinds(kinds["now"], kinds["before"])
    _print_cpu(cpu["now"], cpu["before"])
    _print(seconds["now"], seconds["before"], fixed, complete=not arguments.no_fixed)


def _print_kinds(now: Mapping[str, float], before: Mapping[str, float]) -> None:
    table = Table("of these units, where they changed", "before", "now")
    for kind in sorted({*now, *before}, key=lambda kind: -before.get(kind, 0)):
        table.add_row(kind, f"{before.get(kind, 0):.0f}", f"{now.get(kind, 0):.0f}")
    Console().print(table)


def _print_cpu(now: Mapping[str, float], before: Mapping[str, float]) -> None:
    table = Table("processor seconds, where it changed", "before", "now", "now / before")
    for unit in sorted(now):
        name = "tests of no unit" if unit == NONE else f"unit {unit}"
        share = f"{now[unit] / before[unit]:.0%}"
        table.add_row(name, f"{before[unit]:.0f}", f"{now[unit]:.0f}", share)
    Console().print(table)


def _print(
    now: Mapping[str, Seconds],
    before: Mapping[str, Seconds],
    fixed: Mapping[str, float],
    *,
    complete: bool,
) -> None:
    console = Console()
    table = Table("seconds of one worker", "before", "now, changed", "now, else", "now / before")
    for name, old, whole, quiet in _rows(now, before):
        share = f"{whole / old:.0%} … {quiet / old:.0%}"
        table.add_row(name, f"{old:.0f}", f"{whole:.0f}", f"{quiet:.0f}", share)
    shared = [max(it.shared for it in units.values()) for units in (before, now)]
    table.add_row("made once for all", *(f"{s:.0f}" for s in shared), "", "")
    if complete:
        table.add_row("tests of no unit", f"{fixed['before']:.0f}", f"{fixed['now']:.0f}", "", "")
    console.print(table)
    if not complete:
        return
    table = Table("minutes on two cores, for so many units", "2", "4", "8", "21")
    for name, units, which, turns in (
        ("before", before, "before", False),
        ("now, all changed", now, "now", False),
        ("now, none changed", now, "now", True),
    ):
        minutes = [
            suite(fixed[which], [*units.values()], count, turns=turns) / 120
            for count in (2, 4, 8, 21)
        ]
        table.add_row(name, *(f"{m:.1f}" for m in minutes))
    console.print(table)
    console.print("Environment (about three minutes) and checks of the sources come on top.")


if __name__ == "__main__":
    main()
