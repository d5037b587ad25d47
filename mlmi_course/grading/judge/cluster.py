"""Grade on a cluster: Dask distributed sends submissions to machines, and again if one is lost.

Each thread of a Dask worker keeps a grader of its own in a process beside it, and all of them
share the fork server of their machine.  The secret travels to the workers, which are trusted
as this machine is: use Dask's own TLS where the network is not.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections.abc import Iterable, Iterator
from uuid import uuid4

from mlmi_course.grading.errors import GradingError
from mlmi_course.grading.judge.runner import Job, Setup, Worker, WorkerLost, WorkerPool
from mlmi_course.grading.records import Graded

_CONNECT_S = 15
_AHEAD = 2  # jobs for each thread of the cluster: one in work, one on its way


def grade_on(address: str, setup: Setup, jobs: Iterable[Job]) -> Iterator[tuple[str, Graded | str]]:
    """Grade jobs on a cluster.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``"tcp://host:8786"``.
    setup : Setup
    jobs : iterable of Job
        Taken only as fast as the cluster grades them, so that a class is never held at once.

    Yields
    ------
    The student, and Graded or the reason why there is no verdict
        In the order in which they are done.

    Raises
    ------
    GradingError
        If there is no scheduler, or its workers cannot grade.
    """
    try:
        from distributed import Client, Future, as_completed
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise GradingError(
            "Dask distributed is not installed: pip install mlmi-course[grading]"
        ) from None
    try:
        client = Client(address, timeout=_CONNECT_S)
    except (OSError, TimeoutError, ValueError) as error:
        raise GradingError(f"there is no Dask scheduler at {address} ({error})") from None
    with client:
        run = uuid4().hex
        asked: dict[Future, str] = {}
        done = as_completed()
        numbered = enumerate(jobs)

        def hand_out(most: int) -> None:
            for n, job in itertools.islice(numbered, most):
                key = f"mlmi-{run}-{n}"
                future = client.submit(_grade_there, setup, job, key=key, pure=False)
                asked[future] = job.student
                done.add(future)

        try:
            hand_out(_AHEAD * max(1, sum(client.nthreads().values())))
            for future in done:
                student = asked.pop(future)
                try:
                    result: Graded | str = Graded.from_json(future.result())
                except (KilledWorker, WorkerLost):
                    result = "the grader ended while it judged this one"
                future.release()
                hand_out(1)
                yield student, result
        finally:
            client.cancel(list(asked))
            with contextlib.suppress(Exception):
                client.run(_finish_there)


# ---- on a Dask worker ------------------------------------------------------------------------

_lock = threading.Lock()
_pools: dict[Setup, WorkerPool] = {}
_workers: dict[tuple[Setup, int], Worker] = {}


def _grade_there(setup: Setup, job: Job) -> str:
    """Grade one submission with this thread's own grader, made when it is first needed."""
    for last in (False, True):
        try:
            return _own_worker(setup).grade(job).to_json()
        except WorkerLost:
            _drop_own_worker(setup)
            if last:
                raise
    raise WorkerLost


def _own_worker(setup: Setup) -> Worker:
    key = (setup, threading.get_ident())
    with _lock:
        if setup not in _pools:
            _pools[setup] = WorkerPool(setup)
        if key not in _workers:
            _workers[key] = _pools[setup].worker()
        return _workers[key]


def _drop_own_worker(setup: Setup) -> None:
    with _lock:
        worker = _workers.pop((setup, threading.get_ident()), None)
    if worker is not None:
        worker.close()


def _finish_there() -> None:
    """End what was started on this machine."""
    with _lock:
        for worker in _workers.values():
            worker.close()
        for pool in _pools.values():
            pool.close()
        _workers.clear()
        _pools.clear()
