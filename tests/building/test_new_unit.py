"""A new unit is complete from its first minute."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import mlmi_course
from mlmi_course.building.new_unit import with_unit
from mlmi_course.cli import app
from tests.building.conftest import Tree

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_unit_from_end_to_end(tree: Tree) -> None:
    package = Path(mlmi_course.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", "u[0-9]*", "solutions", "outlines")
    shutil.copytree(package, tree.root / "mlmi_course", dirs_exist_ok=True, ignore=ignored)
    created = tree.mlmi("new-unit", "22", "my_topic", "--part", "I")
    assert created.exit_code == 0, created.output
    assert "make test UNIT=22" in created.output
    assert [unit.name for unit in tree.course.units] == ["01_demo", "22_my_topic"]
    assert "# this comment stays" in tree.read("course/course.toml")

    assert tree.mlmi("lint", "22").exit_code == 0
    checked = tree.mlmi("build", "--check", "22")
    assert checked.exit_code == 0, checked.stderr

    # Its own tests, as `make test UNIT=22` runs them.
    for path in (
        "conftest.py",
        "tests/__init__.py",
        "tests/conftest.py",
        "tests/units/test_questions.py",
    ):
        tree.write(path, (ROOT / path).read_text(encoding="utf-8"))
    shutil.copytree(ROOT / "tests" / "suite", tree.root / "tests" / "suite")
    notebooks = [f"{f}/22_my_topic.ipynb" for f in ("lectures", "exercises", "solutions")]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--unit", "22",
         "-m", "not clock", "--nbval-lax", "--nbval-current-env", "tests/units", *notebooks],
        cwd=tree.root,
        env={**os.environ, "PYTHONPATH": str(tree.root), "MLMI_STATIC": "1"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = int(re.search(r"(\d+) passed", ran.stdout)[1])
    assert passed > 40, ran.stdout


@pytest.mark.parametrize(
    ("number", "name", "why"),
    [
        ("01", "other", "is taken: there is 01_demo"),
        ("02", "demo", "is taken: there is 01_demo"),
        ("2", "topic", "is no unit name"),
        ("02", "My-Topic", "is no unit name"),
        ("02", "my__topic", "is no unit name"),
        ("02", "../topic", "is no unit name"),
    ],
)
def test_refusals(tree: Tree, number: str, name: str, why: str) -> None:
    before = tree.snapshot()
    outcome = tree.mlmi("new-unit", number, name, "--part", "I")
    assert outcome.exit_code == 1
    assert why in outcome.stderr
    assert tree.snapshot() == before


def test_a_file_in_the_way_is_not_overwritten(tree: Tree) -> None:
    tree.write("mlmi_course/questions/u02_topic.py", "mine")
    assert "is taken" in tree.mlmi("new-unit", "02", "topic", "--part", "1").stderr
    assert tree.read("mlmi_course/questions/u02_topic.py") == "mine"


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ('["01_a"]', '["01_a", "02_b"]'),
        ("[]", '["02_b"]'),
        ('[\n    "01_a",  # first\n]', '[\n    "01_a",  # first\n    "02_b",\n]'),
        ('[\n    "01_a"\n]', '[\n    "01_a",\n    "02_b",\n]'),
    ],
)
def test_the_list_of_units_is_edited_as_text(units: str, expected: str) -> None:
    toml = '[[part]]\ntitle = "I"  # one\nunits = {}\n'
    second = '\n[[part]]\ntitle = "II"\nunits = ["03_c"]\n'
    assert with_unit(toml.format(units) + second, "02_b", 0) == toml.format(expected) + second


def test_the_part_is_asked_for(tree: Tree) -> None:
    outcome = tree.mlmi("new-unit", "02", "topic", "--part", "J Part")
    assert outcome.stderr == "course/course.toml:1: no part 'J Part'; did you mean 'I Part'?\n"
    asked = CliRunner().invoke(app, ["new-unit", "01", "x", "--root", str(tree.root)], input="I\n")
    assert "  I Part\nWhich part does it belong to?" in asked.stdout
    assert "01_x is taken" in asked.stderr
