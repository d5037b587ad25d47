"""Solutions that stay visible are found; what only looks like one is not."""

from __future__ import annotations

import pytest

from mlmi_course.building.build import leaks
from mlmi_course.building.lab import read_lab
from mlmi_course.building.source import parse_source
from tests.building.conftest import Tree

ANSWER = "total = sum(value * weight for value, weight in pairs) / len(pairs)"
LAB = """\
# %%
def mean(pairs):
    ### BEGIN SOLUTION
    import collections, itertools, functools, operator, statistics, fractions, decimal
    {answer}
    return total
    ### END SOLUTION

# %% {header}
{shown}
"""


def found(shown: str, header: str = "", answer: str = ANSWER) -> list[str]:
    source = parse_source("lab.py", LAB.format(answer=answer, header=header, shown=shown))
    return [str(finding) for finding in leaks(read_lab(source))]


@pytest.mark.parametrize(
    ("shown", "header"),
    [
        (f"def other(pairs):\n    {ANSWER}", ""),
        ("def other(pairs):\n    total=sum(value*weight for value,\n      weight in pairs)", ""),
        (f"# Look:\n#\n# ```python\n# {ANSWER}\n# ```", "[markdown]"),
        (f"# Look: `{ANSWER}`.", "[markdown]"),
        (f"# ```\n# def broken(:\n# {ANSWER}\n# ```", "[markdown]"),
    ],
)
def test_leaks(shown: str, header: str) -> None:
    assert len(found(shown, header)) == 1
    assert found(shown, header)[0].startswith("lab.py:5: solution leaks into the exercise, line 1")


@pytest.mark.parametrize(
    ("shown", "header"),
    [
        ("# total = sum(value * weight for value, weight in pairs)", ""),
        ("[value * weight for value, weight in []]", ""),
        ("import collections, itertools, functools, operator, statistics, fractions, decimal", ""),
        (f"# {ANSWER}", "[markdown]"),
        (ANSWER.replace("pairs", "[(1, 2)]"), 'tags=["solution"]'),
    ],
)
def test_no_leaks(shown: str, header: str) -> None:
    if header == "" and shown.startswith("#"):
        shown += "\npass"
    assert found(shown, header) == []


def test_a_waiver_gives_its_reason() -> None:
    shown = f"def other(pairs):\n    {ANSWER}"
    assert found(shown, answer=f"# leak-ok: the loop is given\n    {ANSWER}") == []
    assert len(found(shown, answer=f"# leak-ok:\n    {ANSWER}")) == 1


def test_lint_reports_leaks(tree: Tree) -> None:
    tree.edit("course/01_demo/lab.py", "return number + number", ANSWER)
    tree.edit(
        "course/01_demo/lab.py", "# ## Double (10 min)", f"# ## Double (10 min)\n#\n# `{ANSWER}`"
    )
    assert "course/01_demo/lab.py:13: solution leaks" in tree.mlmi("lint").stderr
