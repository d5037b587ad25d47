#!/usr/bin/env bash
# nbgrader restores a test that a student changed; one that a student deleted stays away, and scores 0.
#
# One would guess: the tests are the teacher's: autograde puts all of them back into the notebook
#   before it runs, whatever happened to the cells.
# What happens: a locked test cell that was changed is written anew from the gradebook, and a right
#   answer has 10 of 10 points. If the cell was deleted it is not put back: the same answer has 4 of
#   10, the cell has no score, and the submission waits for a manual grade, although there is no cell
#   that one could grade. OverwriteCells.add_missing_cells = True puts it back: 10 of 10.
# Why it matters: one slip of the keyboard in a class of hundreds. The table that is exported has 4 of
#   10, as for a wrong answer, and nothing in the log of autograde names the missing cell.
# Seen with: nbgrader 0.9.6 (nbconvert 7.17.2), 2026-11-29.
# Source: https://github.com/jupyter/nbgrader/issues/1682 (opened, of 2022) and pull request 1770,
#   which made the option; nbgrader/preprocessors/overwritecells.py of that release, opened (False by
#   default).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/python" -m pip install --quiet --no-compile --disable-pip-version-check \
    nbgrader==0.9.6 nbconvert==7.17.2 ipykernel==7.4.0
mkdir "$folder/course"
cd "$folder/course"
# Settings, kernels and history of whoever runs this stay out of it.
export PATH="$folder/env/bin:$PATH" HOME="$folder" IPYTHONDIR="$folder/ipython" \
    JUPYTER_CONFIG_DIR="$folder/config" JUPYTER_DATA_DIR="$folder/data"
python -W ignore - 2>"$folder/log" <<'PYTHON' || { cat "$folder/log" >&2; exit 1; }
import copy
from pathlib import Path

import nbformat
import nbgrader
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

print("nbgrader", nbgrader.__version__)


def cell(name, source, **marks):
    plain = {"grade": False, "solution": False, "locked": False, "task": False}
    return new_code_cell(
        source,
        metadata={"nbgrader": {"grade_id": name, "schema_version": 3, **plain, **marks}},
    )


def save(notebook, path):
    Path(path).parent.mkdir(parents=True)
    nbformat.write(notebook, path)


test = {"grade": True, "locked": True}
source = new_notebook(
    cells=[
        cell("answer", "### BEGIN SOLUTION\ndice = 0.8\n### END SOLUTION", solution=True),
        cell("positive", "assert dice > 0", points=4, **test),
        cell("below-one", "assert dice < 1", points=6, **test),
    ],
    metadata={"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}},
)
save(source, "source/lab/lab.ipynb")
here = Path.cwd()
book = f"sqlite:///{here / 'gradebook.db'}"
config = Config()
config.CourseDirectory.root = str(here)
config.CourseDirectory.db_url = book
assert NbGraderAPI(config=config).generate_assignment("lab")["success"]
released = nbformat.read("release/lab/lab.ipynb", 4)
released.cells[0].source = "dice = 0.8"
found, logs = {}, {}
for student in ("untouched", "changed", "deleted", "put-back"):
    notebook = copy.deepcopy(released)
    if student == "changed":
        notebook.cells[2].source = "pass"
    elif student != "untouched":
        del notebook.cells[2]
    save(notebook, f"submitted/{student}/lab/lab.ipynb")
    config.OverwriteCells.add_missing_cells = student == "put-back"
    said = NbGraderAPI(config=config).autograde("lab", student)
    assert said["success"], said
    logs[student] = said.get("log") or ""
    with Gradebook(book) as gradebook:
        sub = gradebook.find_submission("lab", student)
        found[student] = (sub.score, sub.max_score, sub.needs_manual_grade)
    print(f"{student}: %g of %g points, manual grade wanted: %s" % found[student])
assert found["untouched"] == found["changed"] == found["put-back"] == (10, 10, False)
assert found["deleted"] == (4, 10, True), "a deleted test is put back, or told, now"
assert "below-one" not in logs["deleted"]
print("as described")
PYTHON
