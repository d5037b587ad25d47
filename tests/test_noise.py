"""The rules of conftest for notebook cells can themselves fail: here they must."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]

NOISE = {
    "a_result": ("print('a result')", True),
    "a_warning": ("import sys; print('a warning', file=sys.stderr)", False),
    "compiled": ("import os; _ = os.write(2, b'compiled code speaks')", False),
    "tensorflow": ("import tensorflow", False),
    "the_course_first": ("import mlmi_course; import tensorflow", True),
}
"""Sources of a cell, and whether it passes."""

SOURCE = "from mlmi_course.checks import result\nresult('n', 3)\nresult('AUC', 0.961, at_least=0.9)"
STORED = {
    "as_stored": ("n: 3\nAUC 0.957 (≥ 0.9: yes)\n", True),
    "other_digits": ("n: 3\nAUC -1.2e-05 (≥ 0.9: yes)\n", True),
    "another_number": ("n: 4\nAUC 0.961 (≥ 0.9: yes)\n", False),
    "not_so": ("n: 3\nAUC 0.961 (≥ 0.9: no)\n", False),
    "another_bound": ("n: 3\nAUC 0.961 (≥ 0.95: yes)\n", False),
    "without_a_number": ("n: 3\nAUC ≥ 0.9: yes\n", False),
}
"""What the cell SOURCE has stored, and whether it passes."""


@pytest.fixture(scope="module")
def failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """How the cell of each notebook failed, or an empty text; all run once, as by ``make test``."""
    folder = tmp_path_factory.mktemp("noise")
    cells = {name: nbformat.v4.new_code_cell(source) for name, (source, _) in NOISE.items()}
    for name, (stored, _) in STORED.items():
        cells[name] = nbformat.v4.new_code_cell(
            SOURCE,
            execution_count=1,
            metadata={"tags": ["nbval-check-output"]},
            outputs=[nbformat.v4.new_output("stream", name="stdout", text=stored)],
        )
    for name, cell in cells.items():
        nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / f"{name}.ipynb")
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider",
         "--nbval-lax", "--nbval-current-env", f"--junit-xml={folder}/told.xml", str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    told = {
        test.attrib["classname"].removesuffix(".ipynb").rpartition(".")[2]: "".join(
            map(_text, test.findall("failure"))
        )
        for test in ElementTree.parse(folder / "told.xml").iter("testcase")
    }
    assert set(told) == set(cells), run.stdout
    return told


def _text(failure: ElementTree.Element) -> str:
    return f"{failure.get('message')} {failure.text}"


@pytest.mark.parametrize("name", NOISE)
def test_a_cell_that_writes_to_standard_error_fails(name: str, failures: dict[str, str]) -> None:
    passes = NOISE[name][1]
    assert (failures[name] == "") is passes
    assert ("wrote to standard error" in failures[name]) is not passes


@pytest.mark.parametrize("name", STORED)
def test_the_statement_is_compared_and_not_its_digits(name: str, failures: dict[str, str]) -> None:
    assert (failures[name] == "") is STORED[name][1]
