"""``mlmi grade``: a folder of submissions in, a gradebook out."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from mlmi_course.grading.errors import GradingError, Stopped
from mlmi_course.grading.gradebook import log as logs
from mlmi_course.grading.gradebook.files import private_folder
from mlmi_course.grading.judge.prefill import exercise_loads
from mlmi_course.grading.judge.runner import Job, Setup, Worker, WorkerLost, WorkerPool, modules_for
from mlmi_course.grading.judge.units import GradedUnit, assignment, find_unit
from mlmi_course.grading.records import Assignment, Graded
from mlmi_course.grading.sandbox.launch import NoIsolation, seen_inside, why_not
from mlmi_course.grading.sandbox.limits import Limits
from mlmi_course.grading.submissions import Submission, digest, find_submissions

_MARKS = ("marks.csv", "marks-todo.csv")
_OURS = (logs.NAME, "gradebook.csv", "gradebook.html", "gradebook.json", "feedback", *_MARKS)
_TRIES = 2

#: Called with the student, the verdict (None where there is none) and the reason.
OnVerdict = Callable[[str, Graded | None, str], None]


@dataclass(frozen=True)
class GradeOptions:
    """What was asked for at the command line.

    Attributes
    ----------
    unit : str
        Number, name, or dotted name of a module.
    submissions, out, seed_file : Path
    workers : int
    overwrite : bool
        Whether what is in ``out`` from another run may go.
    sandboxed : bool
        False runs student code without walls.
    scheduler : str or None
        Address of a Dask scheduler.
    limits : Limits
    """

    unit: str
    submissions: Path
    out: Path
    seed_file: Path
    workers: int = 1
    overwrite: bool = False
    sandboxed: bool = True
    scheduler: str | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Plan:
    """A run that can begin: all that a person could have got wrong has been looked at."""

    options: GradeOptions
    unit: GradedUnit
    assignment: Assignment
    submissions: Sequence[Submission]
    setup: Setup
    kept: logs.Kept | None
    changed: Sequence[str] = ()
    without: Mapping[str, str] = field(default_factory=dict)
    aside: Sequence[str] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes
    ----------
    assignment : Assignment
    graded : list of Graded
        Sorted by student.
    failed : dict of str to str
        Students without a verdict, and why.
    """

    assignment: Assignment
    graded: list[Graded]
    failed: dict[str, str]


def plan(options: GradeOptions) -> Plan:
    """Look at everything before anything is written or run.

    Raises
    ------
    GradingError
        One line on what is wrong.
    """
    if options.workers < 1:
        raise GradingError("there must be at least one worker")
    unit = find_unit(options.unit)
    found = find_submissions(options.submissions)
    submissions = found.submissions
    seed = read_seed(options.seed_file)
    if options.sandboxed and options.scheduler is None and (reason := why_not()):
        raise NoIsolation(
            f"submissions cannot be isolated here: {reason}; nothing was run. "
            "--allow-unsandboxed runs them without walls, with your rights"
        )
    if options.sandboxed:
        _stay_unseen(options)
    wanted = assignment(unit, seed)
    kept, changed = _what_is_there(options, wanted)
    setup = Setup(unit.module, seed, options.limits, options.sandboxed)
    if options.sandboxed:
        modules = modules_for(_readable(submissions))
        setup = replace(setup, modules=modules, loads=exercise_loads(unit.name))
    return Plan(
        options, unit, wanted, submissions, setup, kept, changed, found.without, found.aside
    )


def _stay_unseen(options: GradeOptions) -> None:
    """Refuse folders that lie where every submission can read."""
    for path in (options.submissions, options.out, options.seed_file):
        if folder := seen_inside(path):
            raise GradingError(
                f"{path} lies in {folder}, which submissions can read; move it elsewhere"
            )


def read_seed(path: Path) -> bytes:
    """Read the secret from which inputs are drawn."""
    try:
        seed = path.read_bytes().strip()
    except FileNotFoundError:
        raise GradingError(
            f"there is no seed file {path}; write a secret of your own into one"
        ) from None
    except OSError as error:
        raise GradingError(f"the seed file {path} cannot be read: {error.strerror}") from None
    if len(seed) < 8:
        raise GradingError(f"the seed in {path} is too short to be a secret: use 8 characters")
    return seed


def _what_is_there(options: GradeOptions, wanted: Assignment) -> tuple[logs.Kept | None, list[str]]:
    """Return what of an earlier run can be kept, and which questions it asked otherwise."""
    out = options.out
    if out.exists() and not out.is_dir():
        raise GradingError(f"{out} is a file, not a folder")
    present = [name for name in _OURS if (out / name).exists()]
    others = out.exists() and any(out.iterdir()) and not present
    if others and not options.overwrite:
        raise GradingError(f"{out} exists and holds something else; --overwrite writes into it")
    try:
        kept = logs.read(out / logs.NAME)
    except GradingError:
        if not options.overwrite:
            raise
        return None, []
    if kept is None:
        if present and present != [logs.NAME] and not options.overwrite:
            raise GradingError(f"{out} holds grades without their log; --overwrite replaces them")
        return None, []
    if kept.assignment == wanted:
        return (None if options.overwrite else kept), []
    changes = _changes(kept.assignment, wanted)
    if not options.overwrite:
        raise GradingError(
            f"{out} holds grades that were made otherwise ({'; '.join(changes)}); "
            "--overwrite replaces them, another --out keeps them"
        )
    return None, changes


def _changes(before: Assignment, now: Assignment) -> list[str]:
    if before.unit != now.unit:
        return [f"unit {before.unit}"]
    told = []
    if before.seed_digest != now.seed_digest:
        told.append("another seed")
    if before.release != now.release:
        told.append(f"release {before.release}")
    earlier = {question.name: question for question in before.questions}
    differ = [q.name for q in now.questions if earlier.get(q.name) != q]
    differ += [name for name in earlier if name not in {q.name for q in now.questions}]
    if differ:
        told.append(f"other questions: {', '.join(differ)}")
    return told or ["another order of questions"]


def _readable(submissions: Sequence[Submission]) -> Iterator[bytes]:
    for submission in submissions:
        try:
            yield submission.read()
        except OSError:
            continue


def carry_out(plan: Plan, report: OnVerdict) -> Outcome:
    """Grade what is not graded yet, and keep each verdict as soon as it is there.

    Parameters
    ----------
    plan : Plan
    report : callable
        Told of each verdict, in the order in which they come.

    Raises
    ------
    GradingError
        If nothing can be graded at all.
    """
    options = plan.options
    private_folder(options.out)
    graded, failed = _still_valid(plan), dict(plan.without)
    for student, why in plan.without.items():
        report(student, None, why)
    open_ones = []
    for submission in plan.submissions:
        if not _is_as_before(submission, graded.get(submission.student)):
            graded.pop(submission.student, None)
            open_ones.append(submission)
    with logs.Log(options.out / logs.NAME, plan.assignment, plan.kept) as log:
        for student, result in _graded(plan, open_ones, log):
            if isinstance(result, Graded):
                graded[student] = result
                report(student, result, "")
            else:
                failed[student] = result
                report(student, None, result)
    return Outcome(plan.assignment, [graded[name] for name in sorted(graded)], failed)


def _is_as_before(submission: Submission, before: Graded | None) -> bool:
    """Whether an earlier run judged this very file."""
    if before is None or before.file != submission.file:
        return False
    with contextlib.suppress(OSError):  # one that cannot be read is told of when its turn comes
        return before.digest == digest(submission.read())
    return False


def _job(submission: Submission) -> Job | str:
    """A submission with its content, read only now: a class at once would fill the memory."""
    try:
        return Job(submission.student, submission.file, submission.read())
    except OSError as error:
        return f"{submission.file} cannot be read: {_reason(error)}"


def _still_valid(plan: Plan) -> dict[str, Graded]:
    """Earlier verdicts on submissions that are still there."""
    here = {submission.student for submission in plan.submissions}
    kept = plan.kept.graded if plan.kept else {}
    return {student: graded for student, graded in kept.items() if student in here}


def already_graded(plan: Plan) -> int:
    """How many submissions an earlier run judged; some may have been handed in anew since."""
    return len(_still_valid(plan))


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _graded(
    plan: Plan, submissions: Sequence[Submission], log: logs.Log
) -> Iterator[tuple[str, Graded | str]]:
    """Grade here or on a cluster; each student's verdict is in the log before it is told."""
    if not submissions:
        return
    if plan.options.scheduler:
        from mlmi_course.grading.judge.cluster import grade_on

        unreadable: dict[str, str] = {}
        jobs = _readable_jobs(submissions, unreadable)
        for student, result in grade_on(plan.options.scheduler, plan.setup, jobs):
            if isinstance(result, Graded):
                log.append(result)
            yield student, result
        yield from unreadable.items()
        return
    with _working(plan.setup, submissions, plan.options.workers, log) as results:
        for _ in submissions:
            judged = results.get()
            if isinstance(judged, BaseException):
                raise judged
            yield judged


def _readable_jobs(submissions: Sequence[Submission], unreadable: dict[str, str]) -> Iterator[Job]:
    """Read one after the other, as they are asked for; note those that cannot be read."""
    for submission in submissions:
        job = _job(submission)
        if isinstance(job, Job):
            yield job
        else:
            unreadable[submission.student] = job


@contextmanager
def _working(
    setup: Setup, submissions: Sequence[Submission], count: int, log: logs.Log
) -> Iterator[queue.Queue[tuple[str, Graded | str] | BaseException]]:
    """Let some workers take submissions from one queue; verdicts come through another."""
    pool = WorkerPool(setup)
    waiting: queue.SimpleQueue[Submission] = queue.SimpleQueue()
    for submission in submissions:
        waiting.put(submission)
    results: queue.Queue[tuple[str, Graded | str] | BaseException] = queue.Queue()
    writing, stop = threading.Lock(), threading.Event()
    slots = [_WorkerSlot(pool) for _ in range(min(count, len(submissions)))]

    def work(slot: _WorkerSlot) -> None:
        try:
            while not stop.is_set():
                try:
                    submission = waiting.get_nowait()
                except queue.Empty:
                    return
                job = _job(submission)
                result = slot.grade(job, stop) if isinstance(job, Job) else job
                if stop.is_set():
                    return
                if isinstance(result, Graded):
                    with writing:
                        log.append(result)
                results.put((submission.student, result))
        except BaseException as error:
            results.put(error)

    threads = [threading.Thread(target=work, args=(slot,), daemon=True) for slot in slots]
    try:
        for thread in threads:
            thread.start()
        yield results
    finally:
        stop.set()
        for slot in slots:
            slot.close()
        for thread in threads:
            thread.join()
        pool.close()


class _WorkerSlot:
    """One of the workers, replaced when it is lost."""

    def __init__(self, pool: WorkerPool) -> None:
        self._pool = pool
        self._worker: Worker | None = None

    def grade(self, job: Job, stop: threading.Event) -> Graded | str:
        """Grade a submission; a worker that it killed is replaced, and tried once more."""
        for _ in range(_TRIES):
            if stop.is_set():
                break
            if self._worker is None:
                self._worker = self._pool.worker()
            if stop.is_set():
                break
            try:
                return self._worker.grade(job)
            except WorkerLost:
                self._worker.close()
                self._worker = None
        return "the grader ended while it judged this one; look at it by hand"

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.close()


def stopped(plan: Plan, done: int) -> Stopped:
    """Say how to go on."""
    return Stopped(
        f"stopped after {done} of {len(plan.submissions)}; what was judged is kept in "
        f"{plan.options.out / logs.NAME}, and the same command goes on from there"
    )
