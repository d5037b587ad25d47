"""How far what the course states depends on the processor, the threads and the seeds.

Each lecture and solution is run under settings that stand for other computers, and under other
seeds for what trains.  Beside the bound of each statement stands what came out::

    python -m benchmarks.spread           # all units: an hour and more
    python -m benchmarks.spread 09 13     # these alone; the others keep what was measured
    python -m benchmarks.spread --tables  # docs/spread.md again from what was measured

What was measured is kept in ``benchmarks/measured``, one file a unit; `docs/spread.md` is made
from all of them.  A statement should lie four standard deviations inside its bound.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MEASURED = ROOT / "benchmarks" / "measured"
REPORT = ROOT / "docs" / "spread.md"

ENOUGH = 4.0
"""Standard deviations between the mean and the bound."""

MOST_OF_A_TOLERANCE = 0.25
"""What ``np.allclose`` may use up: rounding has no standard deviation worth the name."""


def _threads(n: int) -> dict[str, str]:
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    names += ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
    return dict.fromkeys(names, str(n))


# The instruction sets of oneDNN, of NumPy's own loops and of its OpenBLAS go together, as they
# would on such a processor.
_AVX2 = {
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4",
}
_SSE41 = {
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4",
}

_AVX512 = {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE"}
_OFF = {"TF_ENABLE_ONEDNN_OPTS": "0"}

SETTINGS: dict[str, tuple[dict[str, str], int]] = {
    "2 threads, AVX-512": ({**_threads(2), **_AVX512}, 0),
    "1 thread, AVX2": ({**_threads(1), **_AVX2}, 0),
    "2 threads, SSE4.1": ({**_threads(2), **_SSE41}, 0),
    "4 threads, oneDNN off, seeds + 1000": ({**_threads(4), **_OFF}, 1000),
    "2 threads, AVX2, seeds + 2000": ({**_threads(2), **_AVX2}, 2000),
    "1 thread, AVX-512, seeds + 3000": ({**_threads(1), **_AVX512}, 3000),
}
"""Environment of each setting, and what is added to the seeds of what trains.

Each run costs minutes, so the settings are crossed: every number of threads, every instruction set
and every seed occurs, and none of them always together with another.
"""


@dataclass(frozen=True)
class Statement:
    """Something a notebook states, and what it was under each setting.

    Parameters
    ----------
    notebook, kind, name : str
    bound : dict
        ``at_least``, ``at_most`` or ``within``; empty for an exact value.
    values : dict
        Setting to number or text.  Of a model's score, the distance from the bar.
    digits : int
        Of an exact number, as it is printed.
    bar : str
        Of a model's score: the bars, for people.
    """

    notebook: str
    kind: str
    name: str
    bound: dict[str, Any]
    values: dict[str, float | str]
    digits: int = 3
    bar: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it has a mean."""
        return all(isinstance(value, int | float) for value in self.values.values())

    @property
    def numbers(self) -> list[float]:
        """The values, in the order of the settings."""
        return [float(value) for value in self.values.values()]

    @property
    def is_exact(self) -> bool:
        """Whether it came out the same under all settings, to nine digits."""
        if not self.is_number:
            return len(set(self.values.values())) == 1
        first = self.numbers[0]
        if math.isnan(first):  # what is undefined, and has to be
            return all(map(math.isnan, self.numbers))
        return all(math.isclose(v, first, rel_tol=1e-9, abs_tol=1e-12) for v in self.numbers)

    @property
    def deviation(self) -> float:
        """Standard deviation over the settings; 0 for a single one."""
        if len(self.numbers) < 2 or self.is_exact:
            return 0.0
        return statistics.stdev(self.numbers) if all(map(math.isfinite, self.numbers)) else math.inf

    @property
    def edges(self) -> tuple[float, float]:
        """Between these it states the same."""
        low, high = -math.inf, math.inf
        if self.bound:
            low = self.bound.get("at_least", low)
            high = self.bound.get("at_most", high)
            low, high = self.bound.get("within", (low, high))
        elif self.numbers[0] and math.isfinite(self.numbers[0]):
            # An exact number is printed to some digits: beyond half of the last one it differs.
            first = self.numbers[0]
            step = 10.0 ** (math.floor(math.log10(abs(first))) + 1 - self.digits)
            step = min(step, 1.0) if first.is_integer() else step  # counts are printed whole
            shown = round(first / step) * step
            low, high = shown - step / 2, shown + step / 2
        return low, high

    @property
    def margin(self) -> float:
        """How many standard deviations the mean lies from the nearer edge; below 0 beyond it."""
        low, high = self.edges
        mean = statistics.fmean(self.numbers)
        room = min(mean - low, high - mean)
        return room / self.deviation if self.deviation else math.copysign(math.inf, room)

    @property
    def verdict(self) -> str:
        """``holds``, ``close`` or ``changes``."""
        if self.kind in ("text", "verdict", "stopped") or not self.is_number:
            return (
                "holds" if self.is_exact and self.kind not in ("verdict", "stopped") else "changes"
            )
        if self.kind == "allclose":  # some show that two things differ, and those must differ
            if len({value <= 1 for value in self.numbers}) > 1:
                return "changes"
            clear = max(self.numbers) <= MOST_OF_A_TOLERANCE
            return "holds" if clear or min(self.numbers) >= 1 / MOST_OF_A_TOLERANCE else "close"
        if self.kind == "prediction":  # a guess counts within a quarter of the truth, or so
            apart = max(self.numbers) - min(self.numbers)
            return "holds" if apart <= 0.1 * abs(statistics.fmean(self.numbers)) else "close"
        if not self.bound and all(map(math.isnan, self.numbers)):
            return "holds"
        low, high = self.edges
        if not all(low <= value <= high for value in self.numbers):
            return "changes"
        return "holds" if self.margin >= ENOUGH else "close"


# ---- measuring -------------------------------------------------------------------------------


def measure(unit: str, settings: Sequence[str], tell: Any = print) -> None:
    """Run a unit under each setting, and keep what came out after each of them."""
    for setting in settings:
        environment, _ = SETTINGS[setting]
        with tempfile.NamedTemporaryFile("r", suffix=".json") as file:
            command = [
                sys.executable,
                "-m",
                "benchmarks.spread",
                "--child",
                unit,
                setting,
                file.name,
            ]
            subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **environment})
            found = json.load(file)
        path = MEASURED / f"{unit[:2]}.json"
        kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        kept = _merged(kept, setting, found)
        MEASURED.mkdir(exist_ok=True)
        path.write_text(_json(kept), encoding="utf-8")
        tell(f"{unit}, {setting}: {found['seconds']:.0f} s", flush=True)


def run_here(unit_name: str, setting: str, into: Path) -> None:
    """Run a unit's lecture and solution in this process's environment; write what came out."""
    from mlmi_course.building.build import build
    from mlmi_course.building.course import read_course
    from mlmi_course.building.execution import run
    from mlmi_course.building.findings import AuthorError
    from mlmi_course.building.source import Cell
    from mlmi_course.checks.results import statements

    course = read_course(ROOT)
    shift = SETTINGS[setting][1]
    draw = 1 + list(SETTINGS).index(setting)
    lines: list[dict[str, Any]] = []
    seconds = 0.0
    for notebook in build(course, course.select([unit_name])).notebooks:
        if notebook.kind == "exercise":
            continue
        with tempfile.TemporaryDirectory() as folder:
            record = Path(folder) / "record.jsonl"
            code = "from benchmarks.recording import record, shift_seeds\n"
            code += f"record({str(record)!r}, {draw})"
            code += f"\nshift_seeds({shift})" if shift else ""
            hooked = replace(notebook, header=(Cell("code", code), *notebook.header))
            own: list[dict[str, Any]] = []
            try:
                node, took = run(ROOT, hooked)
                seconds += took
                cells = zip((*hooked.header, *hooked.body), node.cells, strict=True)
                for number, (_, ran) in enumerate(c for c in cells if c[0].is_checked):
                    text = "".join(o.get("text", "") for o in ran.outputs)
                    own.append(
                        {
                            "kind": "text",
                            "name": f"tagged cell {number + 1}",
                            "value": statements(text),
                        }
                    )
            except AuthorError as error:
                own.append({"kind": "stopped", "name": "the notebook", "value": str(error)})
            if record.is_file():
                recorded = record.read_text(encoding="utf-8").splitlines()
                own = [*map(json.loads, recorded), *own]
            lines += [{"notebook": notebook.kind, **line} for line in own]
    into.write_text(json.dumps({"seconds": seconds, "lines": lines}), encoding="utf-8")


def _merged(kept: dict[str, Any], setting: str, found: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a unit, with one setting measured anew."""
    kept = {"made": {}, "seconds": {}, "statements": [], **kept}
    kept["made"][setting] = f"{date.today().isoformat()}, {_processor()}"
    kept["seconds"][setting] = round(found["seconds"])
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    for statement in kept["statements"]:
        statement["values"].pop(setting, None)
        known[_key(statement)] = statement
    times: dict[tuple[Any, ...], int] = {}
    for line in found["lines"]:
        bound = {k: line[k] for k in ("at_least", "at_most", "within") if k in line}
        value = line["value"]
        entry = {
            "notebook": line["notebook"],
            "kind": line["kind"],
            "name": line["name"],
            "bound": {} if line["kind"] == "score" else bound,
            "digits": line.get("digits", 3),
            "values": {},
        }
        base = _key({**entry, "time": 0})
        times[base] = times.get(base, 0) + 1
        entry["time"] = times[base]
        if line["kind"] == "score":
            entry["bars"] = {}
        entry = known.setdefault(_key(entry), entry)
        if line["kind"] == "score":
            entry["bars"][setting] = _rounded(bound["at_least"])
        entry["values"][setting] = _rounded(value)
    kept["statements"] = [s for s in known.values() if s["values"]]
    return kept


def _key(statement: dict[str, Any]) -> tuple[Any, ...]:
    names = ("notebook", "kind", "name", "bound", "digits", "time")
    return tuple(json.dumps(statement[name]) for name in names)


def _rounded(value: float | str) -> float | str:
    return float(f"{value:.10g}") if isinstance(value, int | float) else value


def _processor() -> str:
    for line in (
        Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").is_file() else []
    ):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _json(kept: dict[str, Any]) -> str:
    """One line a statement, so that differences can be read."""
    rows = ",\n  ".join(json.dumps(s, ensure_ascii=False) for s in kept["statements"])
    head = {name: kept[name] for name in ("made", "seconds")}
    text = json.dumps(head, ensure_ascii=False, indent=1)
    return text.removesuffix("\n}") + f',\n "statements": [\n  {rows}\n ]\n}}\n'


# ---- the tables ------------------------------------------------------------------------------


def read(unit: str) -> list[Statement]:
    """What was measured of a unit."""
    kept = json.loads((MEASURED / f"{unit[:2]}.json").read_text(encoding="utf-8"))
    found = []
    for row in kept["statements"]:
        row = dict(row)
        row.pop("time")
        bars = row.pop("bars", None)
        if bars:
            row["values"] = {s: value - bars[s] for s, value in row["values"].items()}
            row["bound"] = {"at_least": 0}
            low, high = min(bars.values()), max(bars.values())
            row["bar"] = f"{low:.3g}" if low == high else f"{low:.3g} … {high:.3g}"
        found.append(Statement(**row))
    return found


@dataclass(frozen=True)
class Stored:
    """What the notebooks of a unit state as they are committed: claims with a bound, and texts."""

    claims: dict[tuple[str, str, str], str]
    texts: frozenset[tuple[str, str]]

    def still_states(self, s: Statement) -> bool:
        """Whether a measured statement stands there yet; of other kinds nobody asks."""
        if s.kind == "result" and s.bound:
            return (s.notebook, s.name, _bound(s)) in self.claims
        return s.kind != "text" or any(
            (s.notebook, str(v)) in self.texts for v in s.values.values()
        )


def stored(unit: str, root: Path = ROOT) -> Stored:
    """Read what a unit's notebooks state now."""
    from mlmi_course.checks.results import NUMBERS, statements

    claims: dict[tuple[str, str, str], str] = {}
    texts: set[tuple[str, str]] = set()
    for kind, folder in (("lecture", "lectures"), ("solution", "solutions")):
        notebook = json.loads((root / folder / f"{unit}.ipynb").read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            text = "".join("".join(o.get("text", [])) for o in cell.get("outputs", []))
            texts.add((kind, statements(text)))
            for match in NUMBERS.finditer(text):
                claim = match[2].strip("()").rsplit(":", 1)[0].removeprefix("within ")
                claims[kind, match[1].removesuffix(":"), claim] = statements(match[0])
    return Stored(claims, frozenset(texts))


def not_measured(unit: str, root: Path = ROOT) -> list[str]:
    """Statements that a unit's notebooks store, and that were not measured as they stand there."""
    known = {(s.notebook, s.name, _bound(s)) for s in read(unit) if s.kind == "result" and s.bound}
    now = stored(unit, root).claims
    return [f"{claim[0]}: {text}" for claim, text in now.items() if claim not in known]


def read_current(unit: str) -> tuple[list[Statement], list[Statement]]:
    """What was measured of a unit and is stated yet, and what was restated or left since."""
    now = stored(unit)
    found = read(unit)
    current = [s for s in found if now.still_states(s)]
    return current, [s for s in found if not now.still_states(s)]


def unit_table(unit: str) -> Iterator[str]:
    """Lines of Markdown about one unit."""
    found, gone = read_current(unit)
    made = json.loads((MEASURED / f"{unit[:2]}.json").read_text(encoding="utf-8"))["made"]
    exact = [s for s in found if s.is_exact and s.verdict == "holds"]
    same = f"The same to nine digits under all of them: {len(exact)}. "
    if len(made) == 1:
        same = "One run alone shows no spread: only what does not hold is listed. "
    shown = [
        s
        for s in found
        if s not in exact and not (s.kind in ("text", "allclose") and s.verdict == "holds")
    ]
    clear = [s for s in found if s.kind == "allclose" and s.verdict == "holds"]
    yield f"## {unit}\n"
    yield (
        f"Measured under {len(made)} of {len(SETTINGS)} settings, {', '.join(map(repr, made))} "
        f"({'; '.join(sorted(set(made.values())))}). {same}"
        f"Clear comparisons by `np.allclose`: {len(clear)}.\n"
    )
    if new := not_measured(unit):
        yield f"Stored, but not measured as it stands ({len(new)}):\n"
        yield from (f"- {line}" for line in new)
        yield ""
    if gone := sorted({f"{s.notebook}: {s.name}" for s in gone if s.kind == "result"}):
        yield f"Measured, and stated otherwise or no more since ({len(gone)}):\n"
        yield from (f"- {line}" for line in gone)
        yield ""
    if not shown:
        return
    yield "| notebook | statement | bound | least | mean | most | SD | margin (SD) | |"
    yield "|---|---|---|---:|---:|---:|---:|---:|---|"
    for s in shown:
        name = s.name.replace("|", "\\|")
        verdict = s.verdict if s.verdict == "holds" else f"**{s.verdict}**"
        if not s.is_number or s.kind in ("verdict", "stopped"):
            texts = sorted(
                {
                    str(v).strip().replace("\n", " / ").replace("|", "\\|")[:120]
                    for v in s.values.values()
                }
            )
            yield f"| {s.notebook} | {name} | | {' ⟷ '.join(texts)} | | | | | {verdict} |"
            continue
        margin = f"{s.margin:.1f}" if math.isfinite(s.margin) else ""
        cells = [min(s.numbers), statistics.fmean(s.numbers), max(s.numbers), s.deviation]
        numbers = " | ".join(
            f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}" for value in cells
        )
        yield f"| {s.notebook} | {name} | {_bound(s)} | {numbers} | {margin} | {verdict} |"


def _bound(s: Statement) -> str:
    if s.kind == "score":
        return f"score − bar ≥ 0; bar {s.bar}"
    if not s.bound:
        return "its digits" if s.kind == "result" else ""
    (kind, bound), *_ = s.bound.items()
    if kind == "within":
        return f"{bound[0]:g} … {bound[1]:g}"
    return f"{'≥' if kind == 'at_least' else '≤'} {bound:g}"


HEAD = """\
# What the statements of the course depend on

Made by `python -m benchmarks.spread`; do not edit it. Each lecture and solution was run under these
settings:

{settings}

The threads are those of OpenMP, OpenBLAS and both of TensorFlow's pools, the instruction set that
of oneDNN, OpenBLAS and NumPy's own loops. *Seeds + 1000* moves the seeds of first weights, of the
order of batches and of TensorFlow; simulated patients, and what plain NumPy trains, stay. A setting
only limits what the processor offers: where it has no AVX-512, the settings of that name use less.

**SD** is the standard deviation over the settings, **margin** the distance of the mean from the
bound in SD; four are asked for. A statement *holds* if it gave the same answer everywhere and has
that margin, is *close* if it has less, and *changes* if the answers differ. Of a model question the
score less its bar is shown, on the public draw of its images and on another draw for each setting.
Texts of tagged cells, `np.allclose`, lost points and the truths of predictions are measured too,
and listed where they do not hold. What came out the same to nine digits is only counted.
"""


def write_report(course: Sequence[str]) -> None:
    """Write docs/spread.md from what was measured of the course's units."""
    units = [unit for unit in course if (MEASURED / f"{unit[:2]}.json").is_file()]
    absent = ", ".join(unit for unit in course if unit not in units)
    settings = "\n".join(
        f"- **{name}**: "
        + (
            f"seeds + {shift}"
            if shift
            else " ".join(f"`{k}={v}`" for k, v in env.items() if k != "NPY_DISABLE_CPU_FEATURES")
        )
        for name, (env, shift) in SETTINGS.items()
    )
    parts = [HEAD.format(settings=settings)]
    everything = [s for unit in units for s in read_current(unit)[0]]
    counts = {v: sum(s.verdict == v for s in everything) for v in ("holds", "close", "changes")}
    parts.append(
        f"Of {len(everything)} things measured, {counts['holds']} hold, {counts['close']} are "
        f"close and {counts['changes']} change.\n"
    )
    if absent:
        parts.append(f"Not measured yet: {absent}.\n")
    parts += ["\n".join(unit_table(unit)) + "\n" for unit in units]
    REPORT.write_text("\n".join(parts), encoding="utf-8")


def main() -> None:
    """Read the command line."""
    from mlmi_course.building.course import read_course

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("units", nargs="*", metavar="UNIT", help="by number; all by default")
    parser.add_argument(
        "--setting", action="append", choices=list(SETTINGS), help="one of them alone"
    )
    parser.add_argument("--tables", action="store_true", help="measure nothing")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        unit, setting, into = options.child
        run_here(unit, setting, Path(into))
        return
    course = read_course(ROOT)
    if not options.tables:
        for unit in course.select(options.units):
            if not options.setting:
                (MEASURED / f"{unit.number}.json").unlink(missing_ok=True)
            measure(unit.name, options.setting or list(SETTINGS))
    write_report([unit.name for unit in course.units])


if __name__ == "__main__":
    main()
