"""The page of conventions is made from rows, stored values and scripts, and nothing is imported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conventions import findings
from mlmi_course.building.conventions import PAGE
from mlmi_course.building.findings import AuthorError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.building.conftest import Tree

ROWS = '''"""Lengths."""

import a_library_that_nobody_has
from conventions import row


@row("An inch: how long", libraries=("rulers",), units=("01",), ours="millimetres.")
def inch():
    """Two rulers disagree."""
    length = 2.54
    return {"one | two": length, "the other": 2.5}
'''
VALUES = {
    "an-inch-how-long": {
        "versions": {"rulers": "1.2"},
        "values": {"one | two": 2.54, "other": True},
    }
}
SCRIPT = """#!/usr/bin/env bash
# A ruler that shrinks.
#
# One would guess: it stays.
# What happens: x_1 gets *shorter*,
#   every day.
# Why it matters: one measures.
# Seen with: rulers 1.2, 2026-11-29.
# Source: https://example.org/a_page (opened).
echo {last}
exit {code}
"""


@pytest.fixture
def with_rows(tree: Tree) -> Tree:
    tree.write("conventions/__init__.py", 'GROUPS = ("lengths",)\n')
    tree.write("conventions/lengths.py", ROWS)
    tree.write("conventions/values.json", json.dumps(VALUES))
    tree.write("findings/shrinks.sh", SCRIPT.format(last="as described", code=0))
    return tree


def test_a_row_becomes_a_section(with_rows: Tree) -> None:
    page = with_rows.build().files[PAGE]
    assert "## Lengths\n\n### An inch: how long\n\nTwo rulers disagree." in page
    assert "```python\nlength = 2.54\nreturn {" in page
    assert "| one \\| two | 2.54 |\n| other | yes |" in page
    assert "- **rulers** 1.2: [An inch: how long](#an-inch-how-long)" in page
    assert "**Our choice**: millimetres." in page
    assert "Met in [01 Demo](../lectures/01_demo.ipynb)." in page


def test_a_script_becomes_a_section(with_rows: Tree) -> None:
    page = with_rows.build().files[PAGE]
    assert "### A ruler that shrinks\n\n*One would guess*: it stays." in page
    assert r"x\_1 gets \*shorter\*, every day." in page
    assert "Source: <https://example.org/a_page> (opened)." in page
    assert "*Not run yet.*" in page


def test_a_course_without_rows_has_no_such_page(tree: Tree) -> None:
    assert PAGE not in tree.build().files


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("libraries=(", "libraries=tuple("), "are literal texts"),
        (('    """Two rulers disagree."""\n', ""), "has no docstring"),
        (("An inch", "A foot"), "is not stored"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(
    with_rows: Tree, change: tuple[str, str], said: str
) -> None:
    with_rows.write("conventions/lengths.py", ROWS.replace(*change))
    with pytest.raises(AuthorError, match=said):
        with_rows.build()


def test_a_script_without_a_source_is_named(with_rows: Tree) -> None:
    with_rows.write("findings/shrinks.sh", SCRIPT.replace("# Source", "# From"))
    with pytest.raises(AuthorError, match="its header has"):
        with_rows.build()


@pytest.mark.parametrize(
    ("last", "code", "verdict"),
    [
        ("as described", 0, "as described"),
        ("as described", 1, "otherwise: as described"),
        ("it grows now", 0, "otherwise: it grows now"),
    ],
)
def test_scripts_are_run_and_their_verdicts_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str, code: int, verdict: str
) -> None:
    (tmp_path / "shrinks.sh").write_text(SCRIPT.format(last=last, code=code))
    monkeypatch.setattr("sys.argv", ["findings"])
    assert findings.main(tmp_path) == (verdict != "as described")
    assert json.loads((tmp_path / "verdicts.json").read_text())["shrinks"]["verdict"] == verdict
