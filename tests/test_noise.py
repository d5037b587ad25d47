"""The rules of conftest for notebook cells can themselves fail: here they must."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("source", "passes"),
    [
        ("print('a result')", True),
        ("import sys; print('a warning', file=sys.stderr)", False),
        ("import os; _ = os.write(2, b'compiled code speaks')", False),
        ("import tensorflow", False),
        ("import mlmi_course; import tensorflow", True),
    ],
)
def test_a_cell_that_writes_to_standard_error_fails(
    source: str, passes: bool, tmp_path: Path
) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    path = tmp_path / "noise.ipynb"
    nbformat.write(notebook, path)
    run = nbval(path)
    assert (run.returncode == 0) is passes, run.stdout
    assert ("wrote to standard error" in run.stdout) is not passes


@pytest.mark.parametrize(
    ("stored", "passes"),
    [
        ("n: 3\nAUC 0.957 (≥ 0.9: yes)\n", True),
        ("n: 3\nAUC -1.2e-05 (≥ 0.9: yes)\n", True),
        ("n: 4\nAUC 0.961 (≥ 0.9: yes)\n", False),
        ("n: 3\nAUC 0.961 (≥ 0.9: no)\n", False),
        ("n: 3\nAUC 0.961 (≥ 0.95: yes)\n", False),
        ("n: 3\nAUC ≥ 0.9: yes\n", False),
    ],
)
def test_the_statement_is_compared_and_not_its_digits(
    stored: str, passes: bool, tmp_path: Path
) -> None:
    source = (
        "from mlmi_course.checks import result\nresult('n', 3)\nresult('AUC', 0.961, at_least=0.9)"
    )
    cell = nbformat.v4.new_code_cell(
        source,
        execution_count=1,
        metadata={"tags": ["nbval-check-output"]},
        outputs=[nbformat.v4.new_output("stream", name="stdout", text=stored)],
    )
    path = tmp_path / "statement.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    run = nbval(path)
    assert (run.returncode == 0) is passes, run.stdout


def nbval(path: Path) -> subprocess.CompletedProcess[str]:
    """Run a notebook as ``make test`` does."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider",
         "--nbval-lax", "--nbval-current-env", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
