"""The guard against noise in notebooks can itself fail: here it must."""

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
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider",
         "--nbval-lax", "--nbval-current-env", str(path)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert (run.returncode == 0) is passes, run.stdout
    assert ("wrote to standard error" in run.stdout) is not passes
