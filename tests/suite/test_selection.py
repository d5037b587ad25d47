"""What is left to another day: the right tests, and only where a unit is proved."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from tests.suite import proved, selection
from tests.suite.balance import expected
from tests.suite.durations import by_group, table
from tests.suite.selection import Plan, in_turn, run_by_the_browser, seed_of_today
from tests.suite.stored import differences

ROOT = Path(__file__).resolve().parents[2]
TODAY = datetime.date(2026, 11, 29)
UNITS = ["01", "05", "09", "10", "20"]
KINDS = ("", "behind ", "widgets of ")


FILES = {
    "course/05_x/lecture.py": "prose and code",
    "lectures/05_x.ipynb": "",
    "mlmi_course/questions/u05_x/__init__.py": "",
    "mlmi_course/questions/u05_x/dice.py": "",
    "mlmi_course/questions/solutions/u05_x.json": "",
    "mlmi_course/shipped/u05_bars.csv": "",
    "course/05_x/make_table.py": "",
    "tests/units/test_u05_bars.py": "",
}
"""A unit; others are made of it."""


def _notebook_of(prose: str = "words", code: str = "1 + 1", printed: str = "2\n") -> str:
    made = nbformat.v4.new_notebook()
    made.cells = [
        nbformat.v4.new_markdown_cell(prose, id="a"),
        nbformat.v4.new_code_cell(
            code, id="b", outputs=[nbformat.v4.new_output("stream", name="stdout", text=printed)]
        ),
    ]
    return nbformat.writes(made)


class Course:
    """A course whose units are all proved as they are."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for unit in UNITS:
            for path, text in FILES.items():
                self.write(path.replace("05", unit), text)
            self.write(f"lectures/{unit}_x.ipynb", _notebook_of())
        self.write("mlmi_course/__init__.py")
        self.write("mlmi_course/plots.py")
        self.write("course/course.toml")
        self.prove()

    def write(self, path: str, text: str = "") -> None:
        """Write a file."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, "utf-8")

    def prove(self) -> None:
        """State that everything passed as it is."""
        self.write(proved.FILE, json.dumps({"proved": proved.states(proved.here(self.root))}))

    def changed(self) -> list[str]:
        """What changed since."""
        return sorted(proved.changed(self.root))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return Course(tmp_path / "course")


@pytest.mark.parametrize("path", [path for path in FILES if not path.endswith("lecture.py")])
def test_a_unit_is_changed_by_what_is_executed_of_it(course: Course, path: str) -> None:
    new = _notebook_of(code="3") if path.endswith("ipynb") else "'new'"
    assert course.changed() == []
    course.write(path, new)
    assert course.changed() == ["05"]
    course.prove()
    assert course.changed() == []
    (course.root / path).unlink()
    assert course.changed() == ["05"]


@pytest.mark.parametrize(
    ("notebook", "changed"),
    [
        ({"prose": "other words"}, []),
        ({"code": "1 + 2"}, ["05"]),
        ({"printed": "3\n"}, ["05"]),
    ],
)
def test_a_word_is_no_change_and_a_result_is_one(
    course: Course, notebook: dict[str, str], changed: list[str]
) -> None:
    course.write("course/05_x/lecture.py", "other words")
    course.write("lectures/05_x.ipynb", _notebook_of(**notebook))
    assert course.changed() == changed


def test_a_unit_is_not_changed_by_what_is_not_its_own(course: Course) -> None:
    for path in ("mlmi_course/plots.py", "course/course.toml", "tests/units/test_core.py",
                 "course/05_x/__pycache__/a.pyc", "lectures/.ipynb_checkpoints/05_x.ipynb",
                 "tests/units/.test_u05.py.swp"):  # fmt: skip
        course.write(path, "new")
    assert course.changed() == []


def test_a_new_unit_is_changed_and_so_is_all_where_nothing_is_proved(course: Course) -> None:
    course.write("course/22_x/lecture.py")
    assert course.changed() == ["22", "behind 22", "widgets of 22"]
    (course.root / proved.FILE).unlink()
    of_units = [f"{kind}{unit}" for kind in KINDS for unit in (*UNITS, "22")]
    assert course.changed() == sorted([*of_units, *proved.ABOUT, *proved.ROOMS_OF_TESTS])


def test_a_unit_wakes_where_something_behind_it_changes(course: Course) -> None:
    asks = "from mlmi_course import plots\nfrom mlmi_course.widgets.deep import one\n"
    course.write("mlmi_course/questions/u09_x/dice.py", asks)
    course.write("mlmi_course/widgets/deep.py")
    course.write("constraints.txt", "numpy==2.4.1")
    course.prove()
    course.write("mlmi_course/plots.py", "'new'")
    assert course.changed() == ["behind 09"]
    course.write("mlmi_course/widgets/deep.py", "'new'")
    assert course.changed() == ["behind 09", "widgets of 09"]
    course.prove()
    course.write("constraints.txt", "numpy==2.4.2")
    rooms = ["DICOM", *(f"behind {unit}" for unit in UNITS), "the grader"]
    assert course.changed() == rooms


def test_a_change_of_the_grader_is_one_of_all_units(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Plan.of(course.root, TODAY).everywhere == []
    course.write("mlmi_course/grading/judge/grader.py", "'new'")
    assert Plan.of(course.root, TODAY).everywhere == ["the grader", "the solution in the grader"]
    assert Plan.of(course.root, TODAY).changed == []
    monkeypatch.setenv("MLMI_PROVED", "nothing")
    assert Plan.of(course.root, TODAY).changed == UNITS


def test_a_commit_and_its_checkout_look_the_same(course: Course) -> None:
    def git(*arguments: str) -> None:
        who = {f"GIT_{w}_{k}": "x" for w in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")}
        subprocess.run(
            ["git", "-C", str(course.root), *arguments],
            check=True, capture_output=True, env=os.environ | who,
        )  # fmt: skip

    git("init", "--quiet")
    course.write("course/05_x/été.csv", "a name with accents")
    git("add", "--all")
    git("commit", "--quiet", "--message", "x")
    before = proved.states(proved.here(course.root))
    course.write("tests/units/test_u05_bars.py", "'new'")  # not committed
    assert proved.states(proved.committed(course.root, "HEAD")) == before
    assert course.changed() == ["05"]
    with pytest.raises(SystemExit, match="no commit 'nowhere' here"):
        proved.committed(course.root, "nowhere")


def test_the_units_of_this_course_are_proved_as_they_were() -> None:
    """A unit that was taken out, or renamed, would stay in the file for ever."""
    stated = json.loads((ROOT / proved.FILE).read_text("utf-8"))["proved"]
    assert {*stated} <= {*proved.states(proved.here(ROOT))}


def test_each_unit_has_its_turn_before_any_has_it_twice() -> None:
    for units in (UNITS, UNITS[:4], UNITS[:1], [f"{n:02d}" for n in range(1, 22)]):
        days = -(-len(units) // 2)
        turns = [
            unit
            for day in range(days)
            for unit in in_turn(units, TODAY + datetime.timedelta(days=day))
        ]
        assert set(turns) == set(units)
        assert len(turns) <= len(units) + 1


LECTURE = "tests/e2e/test_lectures.py::test_the_lecture_moves[u{}_x]"
ASLEEP = (
    "solutions/{}_x.ipynb::Cell 3",
    "exercises/{}_x.ipynb::Cell 3",
    "tests/e2e/test_exercises.py::test_the_exercise_answers[u{}_x]",
    "tests/units/test_questions.py::test_is_complete[u{}_x-risk]",
    "tests/units/test_u{}.py::test_a_bar",
)
TODAY_AND_01_05 = ("2026-11-29", UNITS, ["01", "05"])


def _run(plan: Plan, nodeid: str) -> list[str]:
    return [unit for unit in UNITS if not plan.leaves_out(nodeid.format(unit))]


@pytest.mark.parametrize(
    ("changed", "everywhere", "widgets", "runs"),
    [
        ([], [], [], ["01", "05"]),
        (["20"], [], [], ["01", "05", "20"]),
        ([], ["the lecture in the browser"], [], UNITS),
        ([], [], ["10"], ["01", "05", "10"]),
    ],
)
def test_a_plan_leaves_out_what_neither_changed_nor_is_in_turn(
    changed: list[str], everywhere: list[str], widgets: list[str], runs: list[str]
) -> None:
    plan = Plan(*TODAY_AND_01_05, changed, everywhere, behind=UNITS, widgets=widgets)
    assert _run(plan, LECTURE) == runs
    for nodeid in (*ASLEEP, "tests/test_plots.py::test_a_line"):
        assert _run(plan, nodeid) == UNITS


@pytest.mark.parametrize("nodeid", ASLEEP)
def test_a_unit_sleeps_while_all_behind_it_is_as_it_was(nodeid: str) -> None:
    assert _run(Plan(*TODAY_AND_01_05, ["09"], [], behind=["10"]), nodeid) == UNITS[:4]
    questions, exercise = ["the questions"], ["the exercise in the browser"]
    assert (_run(Plan(*TODAY_AND_01_05, [], questions), nodeid) == UNITS) is ("units" in nodeid)
    assert (_run(Plan(*TODAY_AND_01_05, [], exercise), nodeid) == UNITS) is ("e2e" in nodeid)


def test_a_room_sleeps_too_but_for_a_file_in_turn() -> None:
    files = sorted(path.stem for path in (ROOT / "tests" / "dicom").glob("test_*.py"))
    days = [TODAY + datetime.timedelta(days=day) for day in range(selection.APART)]
    ran = []
    for day in days:
        plan = Plan(day.isoformat(), UNITS, [], [], [])
        ran += [f for f in files if not plan.leaves_out(f"tests/dicom/{f}.py::test_a")]
        assert any("as it was" in line and "DICOM" in line for line in plan.lines())
        assert not plan.leaves_out("tests/grading/test_engine.py::test_a")
    assert sorted(ran) == files, "each has one day"
    awake = Plan(TODAY.isoformat(), UNITS, [], [], ["DICOM"])
    assert not any(awake.leaves_out(f"tests/dicom/{file}.py::test_a") for file in files)


def test_the_rooms_reach_what_they_are_about() -> None:
    files = proved.here(ROOT)
    for room, module in (("the grader", "grading/sandbox/agent.py"), ("DICOM", "dicom/reading.py")):
        found = proved.reached(files, [proved.ROOMS_OF_TESTS[room]])
        assert f"mlmi_course/{module}" in found
        assert "mlmi_course/networks.py" not in found


@pytest.mark.parametrize(
    ("unit", "seeds"), [("u01_x", range(5)), ("u09_x", range(5)), ("u20_x", range(4, 5))]
)
def test_a_unit_at_rest_tries_the_seed_of_the_day(unit: str, seeds: range) -> None:
    config = SimpleNamespace(stash=pytest.Stash())
    assert seed_of_today(config, unit, range(5)) == range(5)  # without --today, all of them
    config.stash[selection._PLAN] = Plan("2026-11-29", UNITS, ["01"], ["09"], [])
    assert seed_of_today(config, unit, range(5)) == seeds


def test_every_pattern_names_tests_that_there_are() -> None:
    """A test that was renamed would run for every unit, each day, and nobody would notice."""
    unit = next(path.stem for path in sorted((ROOT / "lectures").glob("*.ipynb")))
    plan = Plan("2026-11-29", [unit[:2]], [], [], [])
    for file, function, parameter in (
        ("tests/e2e/test_lectures.py", "test_the_lecture_moves", f"u{unit}"),
        ("tests/grading/test_engine.py", "test_the_solution_gets_full_marks_and_the_exercise_none",
         unit),
        ("tests/units/test_core.py", "test_the_core_runs_alone", f"lectures/{unit}.ipynb"),
        ("tests/test_bare_folder.py", "test_an_exercise_runs_in_an_empty_folder", f"u{unit}"),
    ):  # fmt: skip
        assert f"def {function}(" in (ROOT / file).read_text("utf-8")
        assert plan.leaves_out(f"{file}::{function}[{parameter}]")
    for kind in ("lectures", "exercises", "solutions"):
        assert plan.leaves_out(f"{kind}/{unit}.ipynb::Cell 3")
    for kind, function in (
        ("lectures", "test_the_lecture_moves"),
        ("exercises", "test_the_exercise_answers"),
    ):
        assert f"def {function}(" in (ROOT / f"tests/e2e/test_{kind}.py").read_text("utf-8")
        nodeid = f"tests/e2e/test_{kind}.py::{function}[u{unit}]"
        assert plan.leaves_out(nodeid)
        assert run_by_the_browser([nodeid]) == {f"{kind}/{unit}.ipynb"}


MINIATURE = """
import pytest, os
@pytest.mark.parametrize("unit", ["u01_x", "u05_x", "u09_x", "u10_x", "u20_x"])
def test_the_lecture_moves(unit):
    with open("ran", "a") as file:
        file.write(unit[1:3] + " ")
"""


@pytest.mark.parametrize(
    ("options", "ran"),
    [
        (["--today", "-n", "2", "--dist", "loadfile"], "01 05 20"),
        ([], "01 05 09 10 20"),
        (["--unit", "9"], "09"),
    ],
)
def test_a_run_of_pytest_names_what_it_leaves_out(
    course: Course, options: list[str], ran: str
) -> None:
    course.write("tests/e2e/test_lectures.py", MINIATURE)
    course.write("pytest.ini", "[pytest]\n")
    course.prove()
    course.write("course/20_x/make_table.py", "edited")
    plugins = [f"-ptests.suite.{name}" for name in ("selection", "balance", "durations")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-pno:cacheprovider", *plugins, *options, "tests"],
        cwd=course.root, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "MLMI_TODAY": "2026-11-30", "MLMI_PROVED": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted((course.root / "ran").read_text().split()) == ran.split()
    named = "left to another day: the lecture in the browser, units 09 10"
    assert done.stdout.count(named) == (2 if "--today" in options else 0)


# ---- durations, and what is compared ------------------------------------------------------------


def test_the_table_adds_up() -> None:
    seconds = Counter({
        "lectures/05_x.ipynb::Cell 1": 1.0,
        "lectures/05_x.ipynb::Cell 2": 2.5,
        "tests/units/test_questions.py::test_a[u20_x-risk]": 4.0,
        "tests/test_plots.py::test_b": 8.0,
    })  # fmt: skip
    rows = [line.split() for line in table(seconds)]
    assert rows == [
        ["unit", "package", "questions", "nbval", "all"],
        ["05", "–", "–", "3.5", "3.5"],
        ["20", "–", "4.0", "–", "4.0"],
        ["none", "8.0", "–", "–", "8.0"],
        ["all", "8.0", "4.0", "3.5", "15.5"],
    ]
    assert by_group(seconds) == {
        "lectures/05_x.ipynb": 3.5,
        "tests/units/test_questions.py [u20]": 4.0,
        "tests/test_plots.py": 8.0,
    }


def test_the_longest_come_first_and_new_units_are_guessed() -> None:
    known = {"lectures/01_x.ipynb": 12.0, "tests/test_plots.py": 20.0}
    groups = ["tests/test_new.py", "lectures/01_x.ipynb", "tests/test_plots.py",
              "tests/e2e/test_lectures.py [u22]"]  # fmt: skip
    assert sorted(groups, key=lambda group: -expected(group, known)) == groups[::-1]


def _notebook(*cells: tuple[str, str]) -> nbformat.NotebookNode:
    made = nbformat.v4.new_notebook()
    for place, (source, printed) in enumerate(cells, start=1):
        outputs = [nbformat.v4.new_output("stream", name="stdout", text=printed)]
        made.cells.append(
            nbformat.v4.new_code_cell(
                source, execution_count=place, outputs=outputs if printed else [],
                metadata={"tags": ["nbval-check-output"]},
            )
        )  # fmt: skip
    return made


@pytest.mark.parametrize(
    ("printed", "same"),
    [
        ("AUC 0.957 (≥ 0.9: yes)\n", True),
        ("AUC 0.921 (≥ 0.9: yes)\n", True),
        ("AUC 0.957 (≥ 0.9: no)\n", False),
        ("AUC 0.957 (≥ 0.8: yes)\n", False),
        ("", False),
    ],
)
def test_statements_are_compared_and_not_their_digits(printed: str, same: bool) -> None:
    stored = _notebook(("n", "3\n"), ("auc", "AUC 0.957 (≥ 0.9: yes)\n"))
    found = differences(stored, _notebook(("n", "3\n"), ("auc", printed)))
    assert (found == []) is same
    assert all("cell 1 stored:" in text for text in found)


def test_a_cell_that_was_not_run_and_rich_output_are_differences() -> None:
    stored = _notebook(("n", "3\n"))
    never = _notebook(("n", "3\n"))
    never.cells[0].execution_count = None
    assert "was not run" in differences(stored, never)[0]
    rich = _notebook(("n", "3\n"))
    rich.cells[0].outputs.append(nbformat.v4.new_output("display_data", {"text/plain": "3"}))
    assert "[display_data]" in differences(stored, rich)[0]
    untagged = _notebook(("n", "4\n"))
    untagged.cells[0].metadata = {}
    assert differences(stored, untagged) == []
