"""What a unit's page for instructors says of its questions is so."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from mlmi_course.checks import Unit

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted(path.name for path in (ROOT / "course").glob("[0-9][0-9]_*/"))


@pytest.mark.parametrize("unit", UNITS)
def test_where_students_stumble_is_known_to_the_checks(unit: str) -> None:
    plan = (ROOT / "course" / unit / "teaching.md").read_text(encoding="utf-8")
    module = f"mlmi_course.questions.u{unit}"
    import_module(module)
    questions = Unit(module).questions.values()
    known = {name for question in questions for name in question.misconceptions}
    stumbles = plan.split("### Where students stumble")[1].split("###")[0]
    named = re.findall(r"`(\w+)`", stumbles)
    assert len(named) >= 4
    assert set(named) <= known


@pytest.mark.parametrize("unit", UNITS)
def test_there_is_a_plan_for_both_halves(unit: str) -> None:
    page = (ROOT / "instructors" / f"{unit}.md").read_text(encoding="utf-8")
    for heading in ("## Aims", "### First half", "### Second half", "### What to skip", "## Quiz"):
        assert f"\n{heading}" in page
