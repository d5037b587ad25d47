"""A new unit is complete from its first minute."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mlmi_course
from mlmi_course.building.new_unit import with_unit
from tests.building.conftest import Tree


def test_a_new_unit_from_end_to_end(tree: Tree) -> None:
    package = Path(mlmi_course.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__", "u[0-9]*", "solutions")
    shutil.copytree(package, tree.root / "mlmi_course", dirs_exist_ok=True, ignore=ignored)
    created = tree.mlmi("new-unit", "22", "my_topic")
    assert created.exit_code == 0, created.output
    assert [unit.name for unit in tree.course.units] == ["01_demo", "22_my_topic"]
    assert "# this comment stays" in tree.read("course/course.toml")

    assert tree.mlmi("lint", "22").exit_code == 0
    checked = tree.mlmi("build", "--check", "22")
    assert checked.exit_code == 0, checked.stderr

    # Only the wrong answers that the skeleton ships are wrong.
    program = (
        "from mlmi_course.questions import u22_my_topic as q\n"
        "question = q.mean_inside\n"
        "assert len(question.misconceptions) >= 2\n"
        "for wrong in question.misconceptions.values():\n"
        "    assert wrong.says in str(question.check(wrong.answer)), wrong.says\n"
        "assert question.check(question.reference).status == 'pass'\n"
    )
    notebooks = [f"{f}/22_my_topic.ipynb" for f in ("lectures", "exercises", "solutions")]
    environment = {**os.environ, "PYTHONPATH": str(tree.root), "MLMI_STATIC": "1"}
    nbval = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax", "--nbval-current-env"]
    for arguments in (["-c", program], [*nbval, *notebooks]):
        ran = subprocess.run(
            [sys.executable, *arguments],
            cwd=tree.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


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
    outcome = tree.mlmi("new-unit", number, name)
    assert outcome.exit_code == 1
    assert why in outcome.stderr
    assert tree.snapshot() == before


def test_a_file_in_the_way_is_not_overwritten(tree: Tree) -> None:
    tree.write("mlmi_course/questions/u02_topic.py", "mine")
    assert "is taken" in tree.mlmi("new-unit", "02", "topic").stderr
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
    assert with_unit(toml.format(units), "02_b") == toml.format(expected)
