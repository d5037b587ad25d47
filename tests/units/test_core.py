"""The core of every unit that has deeper sections runs alone: a reader may skip all of them.

The rest of the units are run as they are, with their notebooks.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mlmi_course.building.build import Notebook, read_unit, unit_notebooks
from mlmi_course.building.course import read_course
from mlmi_course.building.execution import run
from mlmi_course.building.sittings import core, is_deeper

ROOT = Path(__file__).resolve().parents[2]


def _with_deeper_sections() -> list[pytest.param]:
    course = read_course(ROOT)
    return [
        pytest.param(unit.questions, notebook, id=notebook.path)
        for unit in course.units
        for notebook in unit_notebooks(course, unit, *read_unit(course, unit))
        if notebook.kind != "exercise" and any(is_deeper(notebook.body))
    ]


@pytest.mark.parametrize(("unit", "notebook"), _with_deeper_sections())
def test_the_core_runs_alone(unit: str, notebook: Notebook) -> None:
    shown, seconds = run(ROOT, core(notebook))
    assert len(shown.cells) < len(notebook.header) + len(notebook.body)
    print(f"{notebook.path}: the core took {seconds:.0f} s")
