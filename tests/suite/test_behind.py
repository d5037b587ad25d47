"""What stands behind a unit: all that it can run, and not what only lies beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.suite import proved
from tests.suite.behind import behind

ROOT = Path(__file__).resolve().parents[2]

PACKAGE = {
    "__init__.py": "from mlmi_course._quiet import quiet\nquiet()",
    "_quiet.py": "",
    "training.py": "def fit():\n    from mlmi_course import networks",
    "networks.py": "import numpy",
    "widgets/__init__.py": "'Says'\nfrom mlmi_course.widgets._one import one\n"
    "from mlmi_course.widgets._two import two\n__all__ = ['one', 'two']\n"
    "LIMIT: int = 3\ndef both():\n    return one, two",
    "widgets/_one.py": "from mlmi_course.plots import image",
    "widgets/_two.py": "",
    "widgets/deep/__init__.py": "from mlmi_course.widgets.deep._three import three",
    "widgets/deep/_three.py": "",
    "plots.py": "",
    "shipped/__init__.py": "",
    "shipped/u09_cnn.npz": "",
    "shipped/u10_unet.npz": "",
    "data.csv": "",
    "grading/x.html": "",
    "questions/__init__.py": "",
    "questions/u05_x/__init__.py": "from mlmi_course.questions.u05_x.dice import dice",
    "questions/u05_x/dice.py": "from mlmi_course.training import fit",
}
ALWAYS = {"__init__.py", "_quiet.py", "data.csv"}
QUESTIONS = {"questions/__init__.py", "training.py", "networks.py"}


def _files(code: str) -> dict[str, bytes]:
    cells = [{"cell_type": "code", "source": [code]}, {"cell_type": "markdown", "source": ["#"]}]
    made = {f"mlmi_course/{path}": text.encode() for path, text in PACKAGE.items()}
    return made | {"lectures/05_x.ipynb": json.dumps({"cells": cells}).encode()}


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        ("import numpy as np", set()),
        ("import mlmi_course", set()),
        ("%matplotlib inline\nfrom mlmi_course import widgets", {"widgets/__init__.py"}),
        ("from mlmi_course import widgets\nwidgets.one(1)", {"widgets/_one.py", "plots.py"}),
        ("from mlmi_course import widgets as w\nw.one(w.two(1))",
         {"widgets/_one.py", "plots.py", "widgets/_two.py"}),
        ("from mlmi_course.widgets import two", {"widgets/_two.py"}),
        ("import mlmi_course\nmlmi_course.widgets.two()", {"widgets/_two.py"}),
        ("import mlmi_course.widgets as w\nw.two()", {"widgets/_two.py"}),
        ("from mlmi_course.widgets import deep\ndeep.three()",
         {"widgets/deep/__init__.py", "widgets/deep/_three.py"}),
        ("from mlmi_course.widgets import LIMIT", {"widgets/__init__.py"}),
        ("from mlmi_course.widgets import both",
         {"widgets/_one.py", "plots.py", "widgets/_two.py"}),
        ("from mlmi_course import widgets\nprint(dir(widgets))",
         {"widgets/_one.py", "plots.py", "widgets/_two.py", "widgets/deep/__init__.py",
          "widgets/deep/_three.py"}),
        ("from mlmi_course import shipped\nshipped.network('u09_cnn')",
         {"shipped/__init__.py", "shipped/u09_cnn.npz"}),
    ],
)  # fmt: skip
def test_a_name_reaches_what_it_comes_from(code: str, reached: set[str]) -> None:
    found = {path.removeprefix("mlmi_course/") for path in behind(_files(code), "05")}
    if any(path.startswith("widgets") for path in reached):
        reached = reached | {"widgets/__init__.py"}
    assert found == ALWAYS | QUESTIONS | reached


def test_a_new_neighbour_in_a_list_of_names_changes_nothing() -> None:
    """Else a new widget would wake all units."""
    files = _files("from mlmi_course.widgets import one")
    before = behind(files, "05")
    init = "mlmi_course/widgets/__init__.py"
    files[init] = files[init].replace(
        b"__all__", b"from mlmi_course.widgets._four import four\n__all__"
    )
    files["mlmi_course/widgets/_four.py"] = b""
    assert behind(files, "05") == before


@pytest.mark.parametrize(
    ("code", "line", "counts"),
    [
        ("from mlmi_course.widgets import LIMIT", b"LIMIT: int = 4", True),
        ("from mlmi_course.widgets import two", b"LIMIT: int = 4", False),
        ("from mlmi_course.widgets import two", b"LIMIT: int = len('four')", True),
        ("from mlmi_course.widgets import two", b"print(4)", True),
        ("from mlmi_course.widgets import two", b"def __getattr__(name): pass", True),
        ("from mlmi_course.widgets import two", b"def four(): return 4", False),
        ("from mlmi_course.widgets import four", b"def four(): return 4", True),
    ],
)
def test_what_an_init_does_counts_and_what_it_defines_where_it_is_asked_for(
    code: str, line: bytes, counts: bool
) -> None:
    files = _files(code)
    before = behind(files, "05")
    init = "mlmi_course/widgets/__init__.py"
    files[init] += b"\n" + line
    assert (behind(files, "05").get(init) != before.get(init)) is counts


def test_a_notebook_that_is_no_python_is_named() -> None:
    with pytest.raises(ValueError, match=r"lectures/05_x\.ipynb is not Python"):
        behind(_files("def"), "05")


WATCHED = """
import json, re, sys
from pathlib import Path

package, notebook = sys.argv[1:]
seen = set()


def watch(frame, event, _):
    path = frame.f_code.co_filename
    if event != "call" or not path.startswith(package) or path in seen:
        return
    while frame is not None:  # what a module does while it is imported is not a use of it
        if frame.f_code.co_name == "<module>" and frame.f_code.co_filename.startswith(package):
            return
        frame = frame.f_back
    seen.add(path)


sys.setprofile(watch)
scope = {"__name__": "__main__"}
for cell in json.loads(Path(notebook).read_text("utf-8"))["cells"]:
    if cell["cell_type"] == "code":
        exec(re.sub(r"^\\s*[%!].*$", "pass", "".join(cell["source"]), flags=re.M), scope)
sys.setprofile(None)
print("\\nSEEN", json.dumps(sorted(seen)))
"""


def test_what_a_solution_runs_is_behind_it() -> None:
    """Reading sources could miss something; running them does not."""
    unit = "05"
    notebook = next((ROOT / "solutions").glob(f"{unit}_*.ipynb"))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WATCHED, f"{ROOT / 'mlmi_course'}/", str(notebook)],
        capture_output=True, text=True, check=False,
        env=os.environ | {"MLMI_STATIC": "1", "MPLBACKEND": "agg"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    ran = {
        Path(path).relative_to(ROOT).as_posix()
        for path in json.loads(done.stdout.rpartition("SEEN ")[2])
    }
    ran = {path for path in ran if not path.startswith(f"mlmi_course/questions/u{unit}")}
    assert len(ran) > 10
    assert ran - {*behind(proved.here(ROOT), unit)} == set()
