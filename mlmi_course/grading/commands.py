"""What ``mlmi grade`` and ``mlmi check`` print."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mlmi_course.checks.messages import number
from mlmi_course.grading import run
from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.records import Graded, QuestionGrade
from mlmi_course.grading.sandbox.limits import Limits


def grade(options: run.GradeOptions, marks: Path | None = None) -> bool:
    """Grade a folder of submissions and write the gradebook.

    Returns
    -------
    bool
        Whether every submission has a verdict.

    Raises
    ------
    GradingError
        With what an instructor has to mend, in one line.
    """
    from mlmi_course.grading.gradebook import writing
    from mlmi_course.grading.gradebook.marks import read_marks

    plan = run.plan(options)
    students = [submission.student for submission in plan.submissions] + list(plan.without)
    entered = read_marks(marks, plan.assignment, students) if marks else None
    for entry in plan.aside:
        print(f"left aside: {_plain(entry)}")
    if plan.changed:
        print(f"a regrade: {'; '.join(plan.changed)}")
    done = 0
    print("starting: every question is tried once before the first submission …", file=sys.stderr)
    try:
        with _progress(len(students), run.already_graded(plan)) as tell:

            def report(student: str, graded: Graded | None, why: str) -> None:
                nonlocal done
                done += graded is not None
                tell(student, graded, why)

            outcome = run.carry_out(plan, report)
    except KeyboardInterrupt:
        raise run.stopped(plan, done) from None
    writing.write(
        outcome.assignment, outcome.graded, options.out, marks=entered, without=outcome.failed
    )
    earlier = len(outcome.graded) - done
    again = f", {earlier} of them in an earlier run" if earlier else ""
    print(
        f"graded {len(outcome.graded)} of {len(students)}{again}: {options.out / 'gradebook.html'}"
    )
    for student, why in outcome.failed.items():
        print(f"no verdict for {_plain(student)}: {why}", file=sys.stderr)
    return not outcome.failed


@contextmanager
def _progress(total: int, earlier: int) -> Iterator[Callable[[str, Graded | None, str], None]]:
    """A bar on a terminal, a line for each submission elsewhere."""
    if not sys.stdout.isatty():
        yield lambda student, graded, why: print(_line(student, graded, why), flush=True)
        return
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[last]}", markup=False),
    )
    with Progress(*columns, console=Console()) as bar:
        task = bar.add_task("grading", total=total, completed=earlier, last="")

        def tell(student: str, graded: Graded | None, why: str) -> None:
            bar.update(task, advance=1, last=_line(student, graded, why))
            if graded is None or any("free text" not in reason for reason in graded.needs_eye):
                bar.console.print(_line(student, graded, why), markup=False, highlight=False)

        yield tell


def _line(student: str, graded: Graded | None, why: str) -> str:
    if graded is None:
        return f"{_plain(student)}: no verdict, {why}"
    out_of = sum(question.out_of for question in graded.questions.values())
    eye = [reason for reason in graded.needs_eye if "free text" not in reason]
    look = f"  look: {_plain('; '.join(eye))}" if eye else ""
    score = f"{number(graded.points)}/{number(out_of)}"
    return f"{_plain(student)}: {score}, {graded.seconds:.1f} s{look}"


def _plain(text: str) -> str:
    """Text that cannot move the cursor: a file name may hold anything."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def check(notebook: Path, limits: Limits) -> bool:
    """Check one's own notebook: the public inputs, in a process of its own, without walls.

    Returns
    -------
    bool
        Whether no answer failed.
    """
    from mlmi_course.grading.judge.grader import Grader
    from mlmi_course.grading.judge.notebooks import NotANotebook, code_cells, units_named
    from mlmi_course.grading.judge.units import find_unit
    from mlmi_course.grading.sandbox.attempts import PlainAttempt

    try:
        content = notebook.read_bytes()
        named = units_named(code_cells(content))
    except (OSError, NotANotebook) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise GradingError(f"{notebook} cannot be checked: {why}") from None
    if len(named) != 1:
        found = ", ".join(sorted(named)) or "none"
        raise GradingError(
            f"{notebook} cannot be checked: it should import the questions of one unit, and "
            f"imports {found}"
        )
    folder = notebook.resolve().parent
    grader = Grader(
        unit=find_unit(named.pop()),
        seed=None,
        limits=limits,
        isolation="subprocess",
        start=lambda: PlainAttempt(limits, folder),
    )
    print(f"running {notebook} from top to bottom …", file=sys.stderr)
    graded = grader.grade(notebook.stem, notebook.name, content)
    for name, question in grader.unit.questions.items():
        verdict = graded.questions[name]
        print(f"{verdict.symbol} {question.title}: {_points(verdict)}")
        if verdict.status == "fail":
            print("    " + verdict.text.replace("\n", "\n    "))
    for note in graded.notes:
        print(f"note: {_plain(note)}")
    judged = [q for q in graded.questions.values() if q.status != "needs a person"]
    out_of = sum(verdict.out_of for verdict in judged)
    print(f"{number(graded.points)} of {number(out_of)} points that the checks can give")
    return all(verdict.status != "fail" for verdict in judged)


def _points(verdict: QuestionGrade) -> str:
    return {
        "not attempted": "not attempted",
        "needs a person": f"recorded, worth {number(verdict.out_of)}",
    }.get(verdict.status, f"{number(verdict.points)}/{number(verdict.out_of)}")


def hand_out(folder: Path, out: Path) -> None:
    """Pack the feedback of a class, and say what lies where.

    Raises
    ------
    GradingError
        If there is no gradebook in the folder.
    """
    from mlmi_course.grading.gradebook.handout import hand_out as pack

    done = pack(folder, out)
    for path, count in done.uploads.items():
        print(f"{path}: feedback of {count} students, to upload")
    print(f"{out / 'students'}: an archive for each of {done.students} students")
    for student in done.without:
        print(f"no page for {_plain(student)}: nothing was graded")
