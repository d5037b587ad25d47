"""The grader on honest work, and what a run does when it is stopped, repeated or misused."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

from mlmi_course import data
from mlmi_course.checks import Question, ValueQuestion
from mlmi_course.cli import app
from mlmi_course.grading import run
from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.gradebook import log
from mlmi_course.grading.judge.grader import Grader
from mlmi_course.grading.judge.notebooks import all_cells
from mlmi_course.grading.judge.prefill import exercise_loads
from mlmi_course.grading.judge.runner import modules_for
from mlmi_course.grading.judge.units import assignment, find_unit, load_unit
from mlmi_course.grading.judge.written import texts_of_exercise, written_text
from mlmi_course.grading.records import Graded, Isolation
from mlmi_course.grading.sandbox import launch
from mlmi_course.grading.sandbox.attempts import Attempt, ForkedAttempt, PlainAttempt
from mlmi_course.grading.sandbox.launch import Sandbox, wait_until_ready, why_not
from mlmi_course.grading.sandbox.limits import Limits
from mlmi_course.grading.submissions import find_submissions
from tests.conftest import missing
from tests.grading.submitting import (
    FULL,
    HONEST,
    IMPORTS,
    PREDICT,
    STRETCH,
    THOUGHT,
    TOTAL,
    hand_in,
    notebook,
)

HERE = Path(__file__).resolve().parents[2]
UNIT = "tests.grading.fixtures.u90_sample"
LIMITS = Limits(cell_s=20, call_s=10)
SECRET = b"a secret of the tests"
KERAS = """
import keras
keras.utils.set_random_seed(1)
def trained():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 2048)
    images = rng.normal(size=(2048, 8, 8)).astype("float32") + labels[:, None, None]
    model = keras.Sequential([keras.layers.Input((8, 8)), keras.layers.Flatten(),
                              keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.05), "binary_crossentropy")
    model.fit(images, labels, epochs=3, verbose=0)
    return model
model = trained()
thought = repr(float(model.predict(np.ones((1, 8, 8)), verbose=0)[0, 0]))
predict = model
"""


@dataclass(frozen=True)
class Start:
    """A way to start an attempt."""

    isolation: Isolation
    attempt: Callable[[], Attempt]


@pytest.fixture(scope="module")
def forkserver() -> Iterator[Sandbox]:
    """One fork server, with TensorFlow, for all tests of this module."""
    if reason := why_not():
        missing("bubblewrap", reason)
    made = Sandbox(modules_for([notebook([KERAS, "import pydicom"])]))
    yield made
    made.close()


@pytest.fixture(params=["walls", "plain"])
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    """Each way to start an attempt."""
    if request.param == "plain":
        yield Start("unsandboxed", lambda: PlainAttempt(LIMITS))
    else:
        yield from _behind_walls(request.getfixturevalue("forkserver"))


def _behind_walls(forkserver: Sandbox, limits: Limits = LIMITS) -> Iterator[Start]:
    control = forkserver.new_control()
    size = wait_until_ready(control)
    yield Start("bubblewrap", lambda: ForkedAttempt(limits, control, size))
    control.close()


@pytest.fixture
def walls(forkserver: Sandbox) -> Iterator[Start]:
    """The way with walls."""
    yield from _behind_walls(forkserver)


@pytest.fixture
def usual_walls(forkserver: Sandbox) -> Iterator[Start]:
    """The way with walls, with the limits that instructors get: some units train a network."""
    yield from _behind_walls(forkserver, Limits())


def _grader(unit: str, start: Start, limits: Limits = LIMITS) -> Grader:
    return Grader(load_unit(unit), SECRET, limits, start.isolation, start.attempt)


def _points(graded: Graded) -> dict[str, float]:
    return {name: grade.points for name, grade in graded.questions.items()}


# ---- verdicts -------------------------------------------------------------------------------


UNITS = sorted(path.stem for path in (HERE / "solutions").glob("[0-9][0-9]_*.ipynb"))


@pytest.mark.parametrize("unit", UNITS)
def test_the_solution_gets_full_marks_and_the_exercise_none(unit: str, usual_walls: Start) -> None:
    _solution_and_exercise(unit, usual_walls)


def test_the_solution_gets_full_marks_without_walls_too() -> None:
    _solution_and_exercise(
        "01_medical_images", Start("unsandboxed", lambda: PlainAttempt(Limits()))
    )


def _solution_and_exercise(unit: str, start: Start) -> None:
    grader = _grader(f"mlmi_course.questions.u{unit}", start, Limits())
    graded = grader.grade("a", "a.ipynb", (HERE / "solutions" / f"{unit}.ipynb").read_bytes())
    for question, grade in graded.questions.items():
        by_a_person = grader.unit.questions[question].by_a_person
        assert grade.status == ("needs a person" if by_a_person else "pass"), grade.text
        assert by_a_person or grade.points == grade.out_of
    assert graded.notes == ()
    blank = grader.grade("b", "b.ipynb", (HERE / "exercises" / f"{unit}.ipynb").read_bytes())
    assert {grade.status for grade in blank.questions.values()} == {"not attempted"}
    assert blank.points == 0


def test_all_four_kinds(start: Start) -> None:
    graded = _grader(UNIT, start).grade("anna", "anna.ipynb", notebook(HONEST))
    assert _points(graded) == FULL
    statuses = [grade.status for grade in graded.questions.values()]
    assert statuses == ["pass", "pass", "pass", "needs a person"]
    assert graded.questions["thought"].answer == "A screen shows 256 greys."
    assert graded.needs_eye == ("thought: free text",)


BURN = """
import time
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
"""


def test_a_model_may_compute_for_its_own_budget_and_a_function_may_not(
    forkserver: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(cell_s=20, call_s=0.4)
    slow_predict = PREDICT.replace("    return", "    burn(0.9)\n    return")
    slow_stretch = STRETCH.replace("    low,", "    burn(0.9)\n    low,")
    submitted = notebook((IMPORTS, BURN, slow_stretch, slow_predict))
    with contextmanager(_behind_walls)(forkserver, limits) as start:
        grader = _grader(UNIT, start, limits)
        monkeypatch.setattr(grader.unit.questions["predict"], "budget_s", 20.0)
        generous = grader.grade("a", "a.ipynb", submitted).questions
        monkeypatch.setattr(grader.unit.questions["predict"], "budget_s", 0.1)
        mean = grader.grade("a", "a.ipynb", submitted).questions
    assert generous["predict"].status == "pass", generous["predict"].text
    assert "longer than 0.4 s" in generous["stretch"].text
    assert mean["predict"].points == 0
    assert "longer than 0.6 s" in mean["predict"].text


WRONG = {
    "stretch": (
        "def stretch(image, greys):\n    return image",
        "def stretch(image, greys):\n    u = image - image.min()\n    return u / u.max()",
        "def stretch(image, greys):\n    return (image - image.min()) / 0",
        "def stretch(image, greys):\n    return 1 / 0",
        "def stretch(image, greys):\n    return h(image)\ndef h(x):\n    raise KeyError(3)",
        "def stretch(image, greys):\n    image += 1\n    return image",
        "def stretch(image, greys):\n    greys.append(1)\n    return image",
        "def stretch(image, greys):\n    return {1, 2}",
        "def stretch(image, greys):\n    return print",
        "def stretch(image):\n    return image",
        "def stretch(image, greys):\n    pass",
        "def stretch(image, greys):\n    raise NotImplementedError",
        "stretch = 3",
        "stretch = None",
    ),
    "total": (
        "total = 4950",
        "total = '5050'",
        "total = [5050.0]",
        "total = print",
        "total = float('nan')",
        "total = object",
    ),
    "predict": (
        "def predict(images):\n    return np.ones(len(images))",
        "def predict(images):\n    return images[:, 0, 0]",
        "def predict(images):\n    return 'bright'",
        "def predict(images):\n    raise SystemExit",
    ),
    "thought": ("thought = 'one'", "thought = ' ... '", "thought = 7"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_verdict_is_that_of_a_notebook(name: str, start: Start) -> None:
    """Word for word, where the answer lives in this process and where it does not."""
    grader = _grader(UNIT, start)
    question = grader.unit.questions[name]
    some = WRONG[name] if grader.isolation == "bubblewrap" else WRONG[name][::4]
    for code in some:
        scope: dict[str, object] = {"np": np}
        exec(code, scope)
        here = question.verdict(scope[name], grader.generator(name))
        there = grader.grade("a", "a.ipynb", notebook([IMPORTS, code])).questions[name]
        assert (there.status, there.points) == (here.status, here.points), code
        assert there.misconception == here.misconception
        assert _told(there.text) == _told(here.message.text)


def _told(text: str) -> str:
    """What is said, but for the line (a test has no cells) and addresses of objects."""
    return re.sub(r" in the line “.*?”|0x[0-9a-f]+", "", text)


def test_the_inputs_come_from_the_secret_and_the_public_seed_from_the_notebook() -> None:
    unit = load_unit(UNIT)
    seeds = (b"secret one", b"secret two", None)
    drawn = [Grader(unit, s, LIMITS, "subprocess", list).generator("stretch") for s in seeds]  # type: ignore[arg-type]
    values = [generator.integers(10**9) for generator in drawn]
    assert len(set(values)) == 3
    from mlmi_course.checks.calling import seed_of

    assert values[2] == seed_of("u90_sample", "stretch").integers(10**9)


def test_training_works_in_a_fork_and_twice_alike(walls: Start) -> None:
    grader = _grader(UNIT, walls)
    content = notebook([IMPORTS, KERAS])
    first, second = (grader.grade("a", "a.ipynb", content) for _ in range(2))
    assert first.notes == ()
    assert first.questions["predict"].status == "pass"
    assert first.questions["thought"].answer == second.questions["thought"].answer


def test_luck_is_the_same_in_every_attempt(start: Start) -> None:
    lucky = "import random\nthought = repr([random.random(), np.random.rand()])"
    grader = _grader(UNIT, start)
    told = {
        grader.grade("a", "a.ipynb", notebook([IMPORTS, lucky])).questions["thought"].answer
        for _ in range(2)
    }
    assert len(told) == 1


def test_data_beside_the_questions_comes_along_and_references_do_not(start: Start) -> None:
    code = """
known = sorted(name for name in vars(q) if not name.startswith("__"))
thought = repr([q.wedge().size, q.wedge(3).tolist(), known])
"""
    graded = _grader(UNIT, start).grade("a", "a.ipynb", notebook([IMPORTS, code]))
    names = ["_GREYS", "_row", "annotations", "np", "predict", "progress", "stretch", "thought"]
    expected = repr([8, [0.0, 0.5, 1.0], [*names, "total", "wedge"]])
    assert graded.questions["thought"].answer == expected


def test_a_cell_draws_on_where_the_last_one_stopped(start: Start) -> None:
    draw = "{} = np.random.rand()"
    cells = [IMPORTS, draw.format("a"), draw.format("b"), "thought = 'same' if a == b else 'other'"]
    graded = _grader(UNIT, start).grade("a", "a.ipynb", notebook(cells))
    assert graded.questions["thought"].answer == "other"


def test_an_error_of_the_question_is_no_mistake_of_a_student(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    grader = _grader(UNIT, start)
    broken = ValueQuestion(title="Broken", reference=lambda: 1 / 0)
    monkeypatch.setitem(grader.unit.questions, "total", broken)
    with pytest.raises(GradingError, match=r"the question total cannot be asked .*ZeroDivision"):
        grader.rehearse()


# ---- units and submissions --------------------------------------------------------------------


@pytest.mark.parametrize("wanted", ["1", "01", "01_medical_images", "u01_medical_images"])
def test_a_unit_is_found_by_number_and_name(wanted: str) -> None:
    assert find_unit(wanted).name == "01_medical_images"


def test_the_digest_of_a_question_follows_its_own_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (HERE / "tests/grading/fixtures/u90_sample.py").read_text(encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    changed = {
        "u91_same": source,
        "u91_code": source.replace("* (high - low) + low", "* (high - low) + low * 1"),
        "u91_hint": source.replace("Young Gauss knew.", "Add them up."),
    }
    digests = {}
    for name, text in changed.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        infos = assignment(load_unit(f"{name}"), None).questions
        digests[name] = {info.name: info.digest for info in infos}
    assert digests["u91_hint"] == digests["u91_same"]
    differ = {n for n in FULL if digests["u91_code"][n] != digests["u91_same"][n]}
    assert differ == {"stretch"}


def test_the_cache_is_filled_with_what_the_exercise_loads(tmp_path: Path) -> None:
    loads = "from mlmi_course.data import load_cohort\nd = load_cohort(50, seed=3)\n"
    loads += "e = load_cohort(n=10**9)\nf = load_cohort(n=20_000)\ng = load_cohort(n=n)"
    (tmp_path / "90_sample.ipynb").write_bytes(notebook([loads, "load_cohort(:"]))
    assert exercise_loads("90_sample", tmp_path) == (("load_cohort", (50,), (("seed", 3),)),)
    assert exercise_loads("91_other", tmp_path) == ()


def test_a_submission_names_no_loader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Graded alone, it is the whole class; what it loads is loaded behind the walls."""
    if reason := why_not():
        missing("bubblewrap", reason)
    monkeypatch.setattr(data, "load_cohort", lambda *_: pytest.fail("called outside the sandbox"))
    code = "from mlmi_course.data import load_cohort\nload_cohort(n=4)\n"
    hand_in(tmp_path / "submissions", {"anna": notebook([IMPORTS, code])})
    assert _run(_command(tmp_path, "out"))[0] == 0


def test_submissions_read_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if reason := why_not():
        missing("bubblewrap", reason)
    loads = (("load_microcalcifications", (), (("n", 4),)),)
    monkeypatch.setattr(run, "exercise_loads", lambda unit: loads)
    code = "from mlmi_course import data\ndata.load_microcalcifications(n=4)\nimport os\n"
    code += "from mlmi_course.data.cache import cache_folder\n"
    code += "thought = repr([os.listdir(cache_folder()), os.access(cache_folder(), os.W_OK)])"
    hand_in(tmp_path / "submissions", {"anna": notebook([IMPORTS, code])})
    assert _run(_command(tmp_path, "out"))[0] == 0
    kept = log.read(tmp_path / "out" / log.NAME)
    assert kept is not None
    answer = kept.graded["anna"].questions["thought"].answer
    assert answer == "[['microcalcifications'], False]"


ENTRIES = {
    "Ana Rossi.IPYNB": "ana rossi",
    "Bo.ipynb.json": "bo",
    "Cy.ipynb.txt": "cy",
    "Dan/week 1/lab/lab.ipynb": "dan",
    "Eve_4711_assignsubmission_file/lab.ipynb": "eve",
    "fayola_LATE_12_34_lab.ipynb": "fayola",
}
NOT_GRADED = {
    "Gil.zip": "has to be unpacked",
    "Hao.py": "is not a notebook",
    "Ida/notes.txt": "which holds notes.txt",
    "Jo/": "is empty",
    "Kim/a.ipynb Kim/b.ipynb": "two notebooks: Kim/a.ipynb, Kim/b.ipynb",
    "Lin.ipynb Lin/lab.ipynb": "two notebooks: Lin/lab.ipynb, Lin.ipynb",
}


def _entries(folder: Path) -> None:
    for paths in (*ENTRIES, *NOT_GRADED, ".DS_Store", ".ipynb_checkpoints/b.ipynb"):
        for path in [paths] if " 1" in paths or paths in ENTRIES else paths.split(" "):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            if path.endswith("/"):
                (folder / path).mkdir()
            else:
                (folder / path).write_bytes(notebook(HONEST))


def test_every_entry_is_a_submission_or_is_named(tmp_path: Path) -> None:
    _entries(tmp_path)
    found = find_submissions(tmp_path)
    assert {one.student.lower() for one in found.submissions} == set(ENTRIES.values())
    assert {one.file for one in found.submissions} == set(ENTRIES)
    assert len(found.without) == len(NOT_GRADED)
    for (name, why), (entry, words) in zip(
        sorted(found.without.items()), sorted(NOT_GRADED.items()), strict=True
    ):
        assert entry.startswith(name)
        assert words in why
    assert set(found.aside) == {".DS_Store", ".ipynb_checkpoints"}


def test_two_students_of_one_name_stay_two(tmp_path: Path) -> None:
    for number in ("11", "22"):
        path = tmp_path / f"Ana Rossi_{number}_assignsubmission_file" / "lab.ipynb"
        path.parent.mkdir()
        path.write_bytes(notebook(HONEST))
    students = [one.student for one in find_submissions(tmp_path).submissions]
    assert students == ["Ana Rossi 11", "Ana Rossi 22"]


def test_nobody_is_missing_from_table_and_page(tmp_path: Path) -> None:
    hand_in(tmp_path / "submissions", {})
    _entries(tmp_path / "submissions")
    status, told = _run(_command(tmp_path, "out", PLAIN))
    assert status == 1
    assert "left aside: .DS_Store" in told
    rows = (tmp_path / "out/gradebook.csv").read_text("utf-8-sig").splitlines()
    page = (tmp_path / "out/gradebook.html").read_text("utf-8")
    names = [entry.replace("/", ".").replace("_", ".").split(".")[0] for entry in ENTRIES]
    for name in names:
        assert f"{name},2,1,3,,6" in rows
        assert f">{name}</a>" in page
    for entry in NOT_GRADED:
        assert f"{entry[:2] if entry.startswith('Jo') else entry[:3]},,,,," in rows
        assert f"no verdict for {entry[:2]}" in told
    assert "two notebooks: Kim/a.ipynb, Kim/b.ipynb" in page


# ---- runs ---------------------------------------------------------------------------------------


def _class_of(count: int) -> dict[str, bytes]:
    lucky = "def predict(images):\n    return np.random.rand(len(images))"
    kinds = (
        HONEST,
        [IMPORTS, "stretch = 1", TOTAL, lucky, THOUGHT],
        [IMPORTS, "total = 5151", "def stretch(:", PREDICT],
        [IMPORTS, STRETCH, "import os; os._exit(0)", PREDICT],
    )
    return {f"s{n:02d}": notebook([*kinds[n % 4], f"n = {n}"]) for n in range(count)}


def _command(folder: Path, out: str, *options: str) -> list[str]:
    fixed = ["--seed-file", str(folder / "seed.txt"), "--out", str(folder / out)]
    return ["grade", UNIT, str(folder / "submissions"), *fixed, *options]


def _mlmi(command: list[str], folder: Path = HERE, **options: object) -> subprocess.Popen[str]:
    # A shell's job in the background ignores Ctrl-C, and so would all that these tests start in it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return _started(command, folder, **options)
    finally:
        signal.signal(signal.SIGINT, before)


def _started(command: list[str], folder: Path, **options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *(() if folder == HERE else ("-P",)), "-m", "mlmi_course.cli", *command],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,  # type: ignore[call-overload]
    )


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of 40, graded once by two workers."""
    if reason := why_not():
        missing("bubblewrap", reason)
    folder = tmp_path_factory.mktemp("forty")
    hand_in(folder / "submissions", _class_of(40))
    process = _mlmi(_command(folder, "two", "--workers", "2"))
    told, _ = process.communicate(timeout=900)
    assert process.returncode == 0, told
    assert told.count("\n") == 42  # one for each, what it does first, and the sum
    return folder


@pytest.mark.parametrize("workers", ["1", "4"])
def test_the_number_of_workers_changes_nothing(forty: Path, workers: str) -> None:
    process = _mlmi(_command(forty, workers, "--workers", workers))
    told, _ = process.communicate(timeout=900)
    assert process.returncode == 0, told
    assert (forty / workers / "gradebook.csv").read_bytes() == (
        forty / "two" / "gradebook.csv"
    ).read_bytes()


def test_a_killed_run_goes_on(forty: Path) -> None:
    out = forty / "killed"
    process = _mlmi(_command(forty, out.name, "--workers", "2"))
    # At another moment each time, but never so late that a busy machine ends the run before.
    wanted = int(np.random.default_rng().integers(2, 25))
    deadline = time.monotonic() + 600
    while not (out / log.NAME).exists() or (out / log.NAME).read_bytes().count(b"\n") < wanted:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate()
    with open(out / log.NAME, "ab") as file:  # as if killed in the middle of a line
        file.write(b'{"student":"half')
    before = (out / log.NAME).read_bytes().count(b"\n") - 1
    again = _mlmi(_command(forty, out.name, "--workers", "2"))
    told, _ = again.communicate(timeout=900)
    assert again.returncode == 0, told
    assert f"graded 40 of 40, {before} of them in an earlier run" in told
    assert told.count("\n") == 40 - before + 2
    assert (out / "gradebook.csv").read_bytes() == (forty / "two/gradebook.csv").read_bytes()


def test_ctrl_c_stops_cleanly(tmp_path: Path) -> None:
    if reason := why_not():
        missing("bubblewrap", reason)
    # The second one sleeps for as long as it may, so that the run cannot end before the signal; a
    # single worker takes it up only when the first is told of, with all of its time ahead.
    waits = notebook(["import time\nwhile True:\n    time.sleep(1)"])
    hand_in(tmp_path / "submissions", {"a": notebook(HONEST), "b": waits})
    process = _mlmi(_command(tmp_path, "out", "--workers", "1"))
    assert process.stdout is not None
    assert process.stdout.readline().startswith("starting: ")
    assert process.stdout.readline().startswith("a: ")
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=600)
    assert process.returncode == 130, told
    last = told.strip().splitlines()[-1]
    assert last.startswith("stopped after 1 of 2")
    assert "the same command goes on from there" in last
    assert "Traceback" not in told
    kept = log.read(tmp_path / "out" / log.NAME)
    assert kept is not None
    assert set(kept.graded) == {"a"}


def test_a_killed_run_leaves_nothing_running(tmp_path: Path) -> None:
    if reason := why_not():
        missing("bubblewrap", reason)
    mark = f"{time.time_ns() % 10**9 + 10**9}"
    code = f"import subprocess, time\nsubprocess.Popen(['sleep', '{mark}'])\ntime.sleep(60)"
    hand_in(tmp_path / "submissions", {"slow": notebook([code])})
    process = _mlmi(_command(tmp_path, "out"))

    def running() -> bool:
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
        return f"sleep {mark}" in listed

    _wait(running)
    process.kill()
    process.communicate()
    _wait(lambda: not running())


def _wait(condition: object, seconds: float = 600) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


# ---- the command line: what a person may get wrong -----------------------------------------------


@pytest.fixture
def small(tmp_path: Path) -> Path:
    hand_in(tmp_path / "submissions", {"anna": notebook(HONEST), "bert": notebook([])})
    return tmp_path


def _run(command: list[str]) -> tuple[int, str]:
    result = CliRunner().invoke(app, command)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def _refused(command: list[str], words: str) -> None:
    status, told = _run(command)
    assert status == 1
    assert words in told
    assert told.count("\n") == 1, told


PLAIN = "--allow-unsandboxed"


def test_an_empty_folder(small: Path) -> None:
    (small / "none").mkdir()
    _refused(
        ["grade", UNIT, str(small / "none"), *_command(small, "out", PLAIN)[3:]], "no notebook"
    )
    assert not (small / "out").exists()


def test_two_files_for_one_student_stop_nobody_else(small: Path) -> None:
    (small / "submissions/anna").mkdir()
    (small / "submissions/anna/lab.ipynb").write_bytes(notebook(HONEST))
    status, told = _run(_command(small, "out", PLAIN))
    assert status == 1
    assert "no verdict for anna: two notebooks: anna/lab.ipynb, anna.ipynb" in told
    assert "bert: 0/8" in told


def test_what_an_instructor_makes_is_for_the_instructor_alone(small: Path) -> None:
    assert _run(_command(small, "out", PLAIN))[0] == 0
    for path in (small / "out", *(small / "out").rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    ignored = ["secret.txt", "submissions/a.ipynb", "grades/gradebook.csv", "hand-out/a.zip"]
    done = subprocess.run(["git", "check-ignore", *ignored], cwd=HERE, capture_output=True)
    if done.returncode == 128:  # no repository: a copy without its history
        pytest.skip("not in a git repository")
    assert done.stdout.decode().split() == ignored


def test_a_missing_or_short_seed(small: Path) -> None:
    (small / "seed.txt").write_text("short\n")
    _refused(_command(small, "out", PLAIN), "too short")
    (small / "seed.txt").unlink()
    _refused(_command(small, "out", PLAIN), "there is no seed file")


def test_an_unknown_unit(small: Path) -> None:
    command = _command(small, "out", PLAIN)
    _refused([command[0], "77", *command[2:]], "there is no unit 77; there are: 01_")
    _refused([command[0], "no.such", *command[2:]], "there is no module of questions no.such")
    _refused([command[0], "../05", *command[2:]], "there is no unit ../05; there are: 01_")


def test_a_folder_that_holds_something_else(small: Path) -> None:
    (small / "out").mkdir()
    (small / "out" / "thesis.txt").write_text("mine")
    _refused(_command(small, "out", PLAIN), "holds something else")
    assert _run(_command(small, "out", PLAIN, "--overwrite"))[0] == 0
    assert (small / "out" / "thesis.txt").read_text() == "mine"


def test_grades_made_otherwise_stay(small: Path) -> None:
    assert _run(_command(small, "out", PLAIN))[0] == 0
    before = (small / "out/gradebook.csv").read_bytes()
    (small / "seed.txt").write_text("another secret\n")
    _refused(_command(small, "out", PLAIN), "made otherwise (another seed)")
    assert (small / "out/gradebook.csv").read_bytes() == before
    status, told = _run(_command(small, "out", PLAIN, "--overwrite"))
    assert (status, "a regrade: another seed" in told) == (0, True)


def test_a_new_upload_is_graded_again_and_the_rest_is_not(small: Path) -> None:
    assert _run(_command(small, "out", PLAIN))[0] == 0
    (small / "submissions/bert.ipynb").write_bytes(notebook([IMPORTS, TOTAL]))
    status, told = _run(_command(small, "out", PLAIN))
    assert status == 0
    assert "graded 2 of 2, 1 of them in an earlier run" in told
    assert "bert: 1/8" in told
    assert "anna:" not in told


def test_unreadable_files_get_no_verdict_and_the_others_do(small: Path) -> None:
    folder = small / "submissions"
    (folder / "copy.ipynb").symlink_to(folder / "anna.ipynb")
    os.mkfifo(folder / "pipe.ipynb")
    status, told = _run(_command(small, "out", PLAIN))
    assert status == 1
    assert "anna: 6/8" in told
    assert "no verdict for copy: copy.ipynb cannot be read" in told
    assert "no verdict for pipe: pipe.ipynb cannot be read" in told
    kept = log.read(small / "out" / log.NAME)
    assert kept is not None
    assert set(kept.graded) == {"anna", "bert"}


def test_a_class_is_never_in_memory_at_once(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notebooks full of pictures: 12 of 4 MB, and two workers hold one each."""
    picture = {"output_type": "display_data", "data": {"image/png": "A" * 4_000_000}}
    for number in range(12):
        book = json.loads(notebook([IMPORTS]))
        book["cells"][0]["outputs"] = [picture]
        (small / f"submissions/full{number}.ipynb").write_text(json.dumps(book))
    read = 0

    def grade(self, job, stop):
        nonlocal read
        read += len(job.content)
        return "judged by nobody"

    monkeypatch.setattr(run._WorkerSlot, "grade", grade)
    monkeypatch.setattr(run, "WorkerPool", lambda setup: SimpleNamespace(close=lambda: None))
    folders = (small / name for name in ("submissions", "out", "seed.txt"))
    plan = run.plan(run.GradeOptions(UNIT, *folders, workers=2, sandboxed=False))
    tracemalloc.start()
    outcome = run.carry_out(plan, lambda *told: None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(outcome.failed) == 14
    assert read > 48_000_000
    assert peak < 24_000_000  # two of 4 MB, each twice where it is being copied, and room


def test_without_isolation_nothing_runs(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch.shutil, "which", lambda name: None)
    _refused(_command(small, "out"), "submissions cannot be isolated here")
    assert not (small / "out").exists()


@pytest.mark.parametrize("what", ["submissions", "seed.txt"])
def test_nothing_secret_lies_where_submissions_read(small: Path, what: str) -> None:
    if reason := why_not():
        missing("bubblewrap", reason)
    there = Path(os.environ["MLMI_HOME"]) / "cache"
    there.mkdir(parents=True)
    (small / what).rename(there / what)
    (small / what).symlink_to(there / what)
    _refused(_command(small, "out"), "which submissions can read")


def test_a_damaged_log(small: Path) -> None:
    (small / "out").mkdir()
    (small / "out" / log.NAME).write_text("no log\nat all\n")
    _refused(_command(small, "out", PLAIN), "is not a log of grades")
    assert (small / "out" / log.NAME).read_text() == "no log\nat all\n"


def test_two_runs_do_not_write_one_log(small: Path) -> None:
    about = assignment(load_unit(UNIT), b"a secret")
    with (
        log.Log(small / log.NAME, about, None),
        pytest.raises(GradingError, match="another run"),
    ):
        log.Log(small / log.NAME, about, None)


# ---- mlmi check ----------------------------------------------------------------------------------


def test_check_judges_ones_own_notebook() -> None:
    status, told = _run(["check", str(HERE / "solutions/01_medical_images.ipynb")])
    assert status == 0
    assert "✓ Stored numbers to Hounsfield units: 2/2" in told
    assert "22 of 22 points" in told


def test_check_says_what_a_notebook_says(tmp_path: Path) -> None:
    path = tmp_path / "lab.ipynb"
    code = "def mip(hu, plane):\n    return hu.max(axis=0)"
    first = "import numpy as np\nfrom mlmi_course.questions import u01_medical_images as q"
    path.write_bytes(notebook([first, code]))
    status, told = _run(["check", str(path)])
    question = import_module("mlmi_course.questions.u01_medical_images").mip
    assert isinstance(question, Question)
    assert status == 1
    assert question.check(lambda hu, plane: hu.max(axis=0)).message.text.split("\n")[0] in told


def test_a_random_py_beside_the_notebook_harms_nobody(tmp_path: Path) -> None:
    (tmp_path / "random.py").write_text("raise RuntimeError('not this one')")
    first = "import numpy as np\nfrom mlmi_course.questions import u01_medical_images as q"
    (tmp_path / "lab.ipynb").write_bytes(
        notebook([first, "def mip(hu, plane):\n    return hu.max(axis=0)"])
    )
    process = _mlmi(["check", "lab.ipynb"], folder=tmp_path)
    told, _ = process.communicate(timeout=900)
    assert "Traceback" not in told
    assert "✗ " in told


def test_free_text_is_found_where_a_student_put_it(start: Start) -> None:
    grader = _grader(UNIT, start)
    cells = [IMPORTS, 'thought = """He said "a range""""', TOTAL]
    graded = grader.grade("a", "a.ipynb", notebook(cells))
    assert graded.questions["thought"].status == "needs a person"
    assert graded.questions["thought"].answer == 'He said "a range"'
    turned = notebook([IMPORTS, "x = 'here'"]).replace(
        b"# A lab", b"thought = ---The eye.---".replace(b"-", b"'")
    )
    assert grader.grade("a", "a.ipynb", turned).questions["thought"].answer == "The eye."


def test_text_below_the_blank_is_an_answer_where_the_exercise_is_known() -> None:
    exercise = (HERE / "exercises/01_medical_images.ipynb").read_bytes()
    made = json.loads(exercise)
    place = next(
        n for n, c in enumerate(made["cells"]) if "shared_picture = " in "".join(c["source"])
    )
    own = texts_of_exercise("01_medical_images")
    assert written_text(all_cells(exercise), "shared_picture", own) is None
    answer = {"cell_type": "markdown", "metadata": {}, "source": "A burnt-in name."}
    made["cells"].insert(place + 1, answer)
    cells = all_cells(json.dumps(made).encode())
    assert written_text(cells, "shared_picture", own) == "A burnt-in name."


def test_check_refuses_what_is_no_lab(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text("{}")
    _refused(["check", str(tmp_path / "a.ipynb")], "it has no cells")
    (tmp_path / "a.ipynb").write_bytes(notebook(["x = 1"]))
    _refused(["check", str(tmp_path / "a.ipynb")], "imports none")
    _refused(["check", str(tmp_path / "b.ipynb")], "cannot be checked")


def test_a_course_below_tmp_is_refused_with_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox has a /tmp of its own, which would hide the course."""
    monkeypatch.setattr(launch.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(launch.sys, "prefix", "/tmp/course/.venv")
    assert "covers /tmp, and /tmp/course/.venv lies in it" in str(why_not())
