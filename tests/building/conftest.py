"""A small course in a temporary folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mlmi_course.building.build import Build, build
from mlmi_course.building.course import Course, Unit, read_course
from mlmi_course.building.files import write_changed
from mlmi_course.cli import app

TOML = """\
title = "A course"  # this comment stays

[[part]]
title = "I Part"
units = ["01_demo"]
"""

UNIT_TOML = """\
title = "Demo"
promise = "See how it works."
you_learn_to = "count"
objectives = ["read numbers", "write numbers", "add numbers"]
minutes = { lecture = 10, lab = 10 }
prerequisites = ["counting"]
data = [{ name = "numbers", source = "the notebook", licence = "none" }]
needs = "CPU is enough"
budget_s = { lecture = 20, lab = 20 }
"""

LECTURE = """\
# %% [markdown]
# ## Numbers (10 min)
#
# Some words.

# %%
first = 1  # a comment

# %% tags=["nbval-check-output"]
print(first)

# %% [markdown] tags=["instructor"]
# Ask them to count.
"""

LAB = '''\
# %% [markdown]
# ## Double (10 min)

# %%
from mlmi_course.questions import u01_demo as q

# %%
def double(number):
    """Return twice the number."""
    ### BEGIN SOLUTION
    return number + number
    ### END SOLUTION


# %%
q.double.check(double)

# %% tags=["solution", "nbval-check-output"]
print(double(2))
'''

QUESTIONS = """\
from mlmi_course.checks import FunctionQuestion, Unit, ValueQuestion
double = FunctionQuestion(title="Twice", reference=lambda number: 2 * number)
progress = Unit(__name__).progress
"""

PYPROJECT = """\
[project]
name = "demo"
requires-python = ">=3.11,<3.14"
dependencies = ["pandas<3,>=2.2", "matplotlib>=3.9", "surface-distance>=0.1"]
[project.optional-dependencies]
lab = ["jupyterlab>=4.2"]
author = ["jupytext"]
"""


@dataclass(frozen=True)
class Tree:
    """A course on disk, and what one does with it."""

    root: Path

    def write(self, path: str, text: str) -> None:
        """Write a file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")

    def read(self, path: str) -> str:
        """Text of a file."""
        return (self.root / path).read_text(encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that occurs once."""
        text = self.read(path)
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {path}"
        self.write(path, text.replace(old, new))

    @property
    def course(self) -> Course:
        """The course as the file on disk describes it now."""
        return read_course(self.root)

    @property
    def unit(self) -> Unit:
        """Its first unit."""
        return self.course.units[0]

    def build(self) -> Build:
        """Build in memory."""
        return build(self.course, self.course.units)

    def write_build(self) -> list[str]:
        """Build and write."""
        return write_changed(self.root, self.build().files)

    def mlmi(self, *arguments: str) -> Any:
        """Run a command as a user does."""
        return CliRunner().invoke(app, [*arguments, "--root", str(self.root)])

    def snapshot(self) -> dict[str, bytes]:
        """Every file and what is in it."""
        files = (path for path in self.root.rglob("*") if path.is_file())
        return {str(path.relative_to(self.root)): path.read_bytes() for path in files}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A course with one unit, as an author left it, never built."""
    tree = Tree(tmp_path)
    tree.write("course/course.toml", TOML)
    tree.write("course/01_demo/unit.toml", UNIT_TOML)
    tree.write("course/01_demo/lecture.py", LECTURE)
    tree.write("course/01_demo/lab.py", LAB)
    tree.write("mlmi_course/questions/u01_demo.py", QUESTIONS)
    tree.write("pyproject.toml", PYPROJECT)
    return tree
