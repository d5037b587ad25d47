"""Units as assignments of nbgrader, and the proof by nbgrader itself."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from mlmi_course.building import nbgrader as export
from mlmi_course.building.course import read_course
from mlmi_course.building.findings import AuthorError
from mlmi_course.building.lab import read_lab
from mlmi_course.building.source import read_source
from mlmi_course.cli import app
from tests.conftest import missing

ROOT = Path(__file__).parents[2]
COURSE = read_course(ROOT)
UNIT = COURSE.units[0]


def cells(text: str) -> list[dict[str, Any]]:
    return json.loads(text)["cells"]


def known(text: str) -> dict[str, dict[str, Any]]:
    """nbgrader's metadata of a notebook, by grade id."""
    found = [c["metadata"]["nbgrader"] for c in cells(text) if "nbgrader" in c["metadata"]]
    by_id = {meta["grade_id"]: meta for meta in found}
    assert len(by_id) == len(found), "two cells with one grade id"
    return by_id


def sources(text: str) -> str:
    return "\n\n".join("".join(cell["source"]) for cell in cells(text))


@pytest.fixture(scope="module", params=COURSE.units, ids=lambda unit: unit.name)
def exported(request: pytest.FixtureRequest) -> SimpleNamespace:
    unit = request.param
    files = export.export_unit(COURSE, unit)
    return SimpleNamespace(
        unit=unit,
        files=files,
        source=files[f"source/{unit.name}/{unit.name}.ipynb"],
        release=files[f"release/{unit.name}/{unit.name}.ipynb"],
        solution=files[f"solution/{unit.name}.ipynb"],
        questions=import_module(
            f"mlmi_course.questions.{unit.questions}"
        ).progress.__self__.questions,
    )


def test_every_question_gives_its_points_once(exported: SimpleNamespace):
    meta = known(exported.release)
    assert {m["schema_version"] for m in meta.values()} == {3}
    graded = {name: m["points"] for name, m in meta.items() if m["grade"]}
    assert graded == {
        name if question.by_a_person else f"check-{name}": float(question.points)
        for name, question in exported.questions.items()
    }


def test_tests_are_locked_and_answers_are_not(exported: SimpleNamespace):
    for cell in cells(exported.release):
        meta = cell["metadata"].get("nbgrader")
        if meta and meta["grade_id"].startswith("check-"):
            assert (meta["grade"], meta["solution"], meta["locked"]) == (True, False, True)
            assert cell["metadata"]["editable"] is False
        elif meta:
            assert (meta["solution"], meta["locked"]) == (True, False)
            assert "editable" not in cell["metadata"]
            assert any(blank in "".join(cell["source"]) for blank in ("YOUR CODE", "YOUR ANSWER"))


def test_students_get_no_solution(exported: SimpleNamespace):
    blank, solved = sources(exported.release), sources(exported.solution)
    assert sources(exported.source) == blank
    assert "SOLUTION" not in blank + solved
    answers = json.loads(
        (ROOT / f"mlmi_course/questions/solutions/{exported.unit.questions}.json").read_text()
    )
    for name, answer in answers.items():
        assert answer.splitlines()[-1] in solved, name
        assert answer not in blank, name


def test_a_cell_is_not_shared_by_a_text_and_a_check(tmp_path: Path):
    lab = tmp_path / "lab.py"
    lab.write_text(
        "# %%\nfrom mlmi_course.questions import u90_x as q\n\n"
        '# %%\n### BEGIN SOLUTION\nwhy = "so"\nhow = 2\n### END SOLUTION\n\n'
        "# %%\nq.why.check(why)\n\n# %%\nq.how.check(how)\n"
    )
    read = read_lab(read_source(tmp_path, "lab.py"))
    kinds = {name: SimpleNamespace(by_a_person=name == "why", points=1) for name in ("why", "how")}
    with pytest.raises(AuthorError, match=r"lab.py:5: nbgrader cannot mark 'why' and 'how'"):
        list(export._parts(read, kinds.__getitem__))
    for kind in kinds.values():
        kind.by_a_person = False
    parts = [
        part.nbgrader["grade_id"]
        for part in export._parts(read, kinds.__getitem__)
        if part.nbgrader
    ]
    assert parts == ["why", "check-why", "check-how"]


def test_the_command(tmp_path: Path):
    out = tmp_path / "course"

    def run(*more: str) -> Any:
        return CliRunner().invoke(
            app, ["export", "nbgrader", UNIT.number, "--out", str(out), "--root", str(ROOT), *more]
        )

    first = run()
    assert first.exit_code == 0, first.output
    assert {str(path.relative_to(out)) for path in out.rglob("*.*")} == set(
        export.export_unit(COURSE, UNIT)
    )
    assert run().exit_code == 0  # nothing differs
    config = out / "nbgrader_config.py"
    config.write_text("c = get_config()  # mine\n")
    refused = run()
    assert refused.exit_code == 1
    assert "nbgrader_config.py is there and differs" in refused.output
    assert "mine" in config.read_text()
    assert run("--overwrite").exit_code == 0
    assert "mine" not in config.read_text()
    unknown = CliRunner().invoke(app, ["export", "nbgrader", "99", "--root", str(ROOT)])
    assert unknown.exit_code == 1
    assert "no unit '99'" in unknown.output


# ---- nbgrader itself -----------------------------------------------------------------------


def find_nbgrader() -> Path | None:
    """nbgrader in an environment of its own; it does not fit into ours."""
    named = os.environ.get("MLMI_NBGRADER")
    path = Path(named) if named else ROOT / ".venv-bench/bin/nbgrader"
    return path if path.is_file() else None


@pytest.fixture
def nbgrader(tmp_path: Path):
    """Run nbgrader in an exported course, with kernels that have this package."""
    program = find_nbgrader()
    if program is None:
        missing(
            "nbgrader",
            "python3 -m venv .venv-bench && .venv-bench/bin/pip install nbgrader "
            "(or name the program in MLMI_NBGRADER) to prove the export",
        )
    kernel = tmp_path / "jupyter/kernels/python3/kernel.json"
    kernel.parent.mkdir(parents=True)
    start = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": start, "display_name": "Python 3", "language": "python"}))
    environment = os.environ | {
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
    }
    folder = tmp_path / "course"
    for path, text in export.export_unit(COURSE, UNIT).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")

    def run(code: str) -> Path:
        python = program.with_name("python")
        done = subprocess.run(
            [python, "-c", code], cwd=folder, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return folder

    return run


# What `nbgrader generate_assignment` and `nbgrader autograde` do, without their start-ups.
_NBGRADER = """
from nbgrader.apps import NbGrader, NbGraderAPI

app = NbGrader()
app.load_config_file()
api = NbGraderAPI(config=app.config)
for done in {calls}:
    assert done["success"], done.get("error") or done["log"]
"""


def test_nbgrader_agrees(nbgrader):
    """Full marks for the reference solution, none for the stub, and its release is ours."""
    name = UNIT.name
    folder = nbgrader(_NBGRADER.format(calls=f"[api.generate_assignment({name!r}, force=True)]"))
    release = folder / f"release/{name}/{name}.ipynb"
    assert json.loads(release.read_text()) == json.loads(
        export.export_unit(COURSE, UNIT)[f"release/{name}/{name}.ipynb"]
    )
    for student, path in {"solved": f"solution/{name}.ipynb", "stub": str(release)}.items():
        hand_in(folder / path, folder / f"submitted/{student}/{name}/{name}.ipynb")
    graded = f"[api.autograde({name!r}, who) for who in ('solved', 'stub')]"
    nbgrader(_NBGRADER.format(calls=graded))
    questions = import_module(f"mlmi_course.questions.{UNIT.questions}").progress.__self__.questions
    by_checks = sum(q.points for q in questions.values() if not q.by_a_person)
    cells = grades(folder / "gradebook.db")
    scores = {who: sum(c[2] or 0 for c in cells if c[0] == who) for who in ("solved", "stub")}
    assert scores == {"solved": by_checks, "stub": 0.0}
    # What is left is the free text, which waits for a person where there is one, and only there.
    assert {(who, cell) for who, cell, _, by_hand in cells if by_hand} == {
        ("solved", question) for question, q in questions.items() if q.by_a_person
    }


def hand_in(notebook: Path, submitted: Path) -> None:
    """Hand in a notebook without its pictures, which cost time and give no points."""
    content = json.loads(notebook.read_text())
    content["cells"] = [c for c in content["cells"] if ".show(" not in "".join(c["source"])]
    submitted.parent.mkdir(parents=True)
    submitted.write_text(json.dumps(content))


def grades(database: Path) -> list[tuple[str, str, float | None, bool]]:
    """Student, cell, points that nbgrader gave, and whether it wants a person to mark."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(
            "select assignment.student_id, cell.name, grade.auto_score, grade.needs_manual_grade"
            " from grade join base_cell as cell on cell.id = grade.cell_id"
            " join submitted_notebook as notebook on notebook.id = grade.notebook_id"
            " join submitted_assignment as assignment on assignment.id = notebook.assignment_id"
        ).fetchall()
