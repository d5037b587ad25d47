"""What a reader may skip: it is marked, and the rest runs without it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlmi_course.building.build import Notebook, read_unit, unit_notebooks
from mlmi_course.building.execution import run
from mlmi_course.building.findings import AuthorError
from mlmi_course.building.sittings import core, is_deeper
from mlmi_course.building.source import Cell
from tests.building.conftest import LAB, LECTURE, Tree

PROOF = """\
# %% [markdown]
# ## A proof (5 min, deeper)
#
# Some more words.

# %%
second = first + 1

# %% [markdown]
# ## The end (5 min)

# %%
print({end})
"""


def words(text: str) -> Cell:
    return Cell("markdown", text)


def notebooks(tree: Tree) -> dict[str, Notebook]:
    built = unit_notebooks(tree.course, tree.unit, *read_unit(tree.course, tree.unit))
    return {notebook.kind: notebook for notebook in built}


def test_a_deeper_section_ends_where_the_next_begins() -> None:
    code = Cell("code", "1")
    cells = [words("## A (3 min)"), code, words("## B (2 min, deeper)\n\nText."), code,
             words("### Part\n\n```\n## no heading\n```"), words("## C"), code]  # fmt: skip
    assert is_deeper(cells) == [False, False, True, True, True, False, False]


def test_a_deeper_section_says_so_and_where_the_core_goes_on(tree: Tree) -> None:
    tree.write("course/01_demo/lecture.py", LECTURE + "\n" + PROOF.format(end="first"))
    tree.write("course/01_demo/lab.py", LAB.replace("(10 min)", "(10 min, deeper)"))
    for kind, way in (("lectures", " The core goes on with *The end*."), ("exercises", "")):
        cells = json.loads(tree.build().files[f"{kind}/01_demo.ipynb"])["cells"]
        (text,) = [t for c in cells if "deeper)" in (t := "".join(c["source"]))]
        heading, _, mark, *_ = text.split("\n")
        assert heading.endswith("(5 min, deeper)" if way else "(10 min, deeper)")
        assert mark == f"> **Deeper.** You may skip this section: the core does not need it.{way}"


@pytest.fixture
def with_package(tree: Tree) -> Tree:
    """A lecture that is run needs nothing of the package, but its folder."""
    Path(tree.root / "mlmi_course").mkdir(exist_ok=True)
    return tree


def test_the_core_runs_without_what_is_deeper(with_package: Tree) -> None:
    tree = with_package
    tree.write("course/01_demo/lecture.py", LECTURE + "\n" + PROOF.format(end="first"))
    node, _ = run(tree.root, core(notebooks(tree)["lecture"]))
    text = "\n".join(cell.source for cell in node.cells)
    assert "The end" in text
    assert "A proof" not in text
    assert "second" not in text


def test_a_core_that_needs_what_is_deeper_stops(with_package: Tree) -> None:
    tree = with_package
    tree.write("course/01_demo/lecture.py", LECTURE + "\n" + PROOF.format(end="second"))
    notebook = notebooks(tree)["lecture"]
    with pytest.raises(AuthorError, match="name 'second' is not defined"):
        run(tree.root, core(notebook))
    run(tree.root, notebook)
