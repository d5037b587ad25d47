"""The first cells of each notebook, which come from ``unit.toml`` and not from an author."""

from __future__ import annotations

from mlmi_course.building.course import Course, DataSource, Repository, Unit
from mlmi_course.building.source import Cell

KINDS = {"lecture": "lectures", "exercise": "exercises", "solution": "solutions"}
"""Kinds of notebooks, and their folders."""

_HOW_A_LAB_WORKS = """\
**How this works**

- Cells that say `# YOUR CODE HERE` are yours. *Run All* works at any time, also before you start.
- `q.name.check(name)` says at once whether your answer is right, and if not, where it goes wrong.
- `q.name.hint()` gives one hint at a time, `q.name.solution()` our answer. The buttons below each \
verdict do the same. Nothing leaves your computer.
- An answer may call any library that the course installs, `mlmi_course` itself included. A \
question that forbids a function names it where you write, and its check refuses it.
- A cell that never ends: menu *Kernel*, *Interrupt Kernel*."""

_ANSWERS_INCLUDED = """\
**These are the solutions.** The same notebook without them is `exercises/{name}.ipynb`; \
try that one first."""


def header_cells(course: Course, unit: Unit, kind: str) -> list[Cell]:
    """Title, promise, objectives, minutes, prerequisites, hardware and data of a notebook."""
    repository = course.repository
    badge = _badge(repository, unit, kind) if repository else []
    blocks = [
        f"# {unit.label} · {unit.title}: {kind}",
        *badge,
        f"*{unit.promise}*",
        f"**After this {_lesson(kind)} you can**",
        "\n".join(f"- {objective}" for objective in unit.objectives),
        "**Before you start**",
        "\n".join(f"- {name}:{text}" for name, text in _facts(course, unit, kind).items()),
    ]
    if kind == "exercise":
        blocks.append(_HOW_A_LAB_WORKS)
    if kind == "solution":
        blocks.append(_ANSWERS_INCLUDED.format(name=unit.name))
    cells = [Cell("markdown", "\n\n".join(blocks))]
    return [*cells, _install_cell(repository)] if repository else cells


def _lesson(kind: str) -> str:
    return "lecture" if kind == "lecture" else "lab"


def _facts(course: Course, unit: Unit, kind: str) -> dict[str, str]:
    """What follows each name and its colon: a few words, or a list of its own."""
    return {
        "Part": f" {course.part_of(unit).title}",
        "Time": f" {_time(unit, _lesson(kind))}",
        "You should know": f" {'; '.join(unit.prerequisites) or 'nothing beyond Python'}",
        "Hardware": f" {unit.needs}",
        "Data": "".join(map(_data, unit.data)) or " none",
    }


def _time(unit: Unit, lesson: str) -> str:
    """``about 90 minutes in two halves; 40 more in sections marked *deeper*``."""
    core = f"about {getattr(unit.minutes, lesson)} minutes"
    if unit.deeper is None:
        return core
    halves = " in two halves" if lesson == "lecture" else ""
    more = getattr(unit.deeper, lesson)
    skipped = f"; {more} more in sections marked *deeper*, which you may skip" if more else ""
    return f"{core}{halves}{skipped}"


def _data(data: DataSource) -> str:
    return f"\n    - {data.name} (from {data.source}; licence: {data.licence})"


def _badge(repository: Repository, unit: Unit, kind: str) -> list[str]:
    """Colab opens notebooks from GitHub only: elsewhere there is nothing to link to."""
    if not repository.url.startswith("https://github.com/"):
        return []
    where = repository.url.removeprefix("https://github.com/")
    path = f"{KINDS[kind]}/{unit.name}.ipynb"
    target = f"https://colab.research.google.com/github/{where}/blob/{repository.tag}/{path}"
    image = "https://colab.research.google.com/assets/colab-badge.svg"
    return [f"[![Open in Colab]({image})]({target})"]


def _install_cell(repository: Repository) -> Cell:
    source = f"""\
# On Colab this installs the course's package; elsewhere it does nothing.
import subprocess
import sys

if "google.colab" in sys.modules:
    package = "mlmi-course @ git+{repository.url}@{repository.tag}"
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", package], check=True)"""
    return Cell("code", source)
