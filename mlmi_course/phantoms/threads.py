"""Blocks of images by two threads: NumPy and SciPy let go of the interpreter while they compute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Final, TypeVar

__all__ = ["in_order"]

_WORKERS: Final = 2

Task = TypeVar("Task")
Made = TypeVar("Made")


def in_order(work: Callable[[Task], Made], tasks: Iterable[Task]) -> Iterator[Made]:
    """Do tasks in threads and yield what was made, in the order of the tasks.

    Unlike ``Executor.map``, which takes all tasks at once, no more than two are at work or wait to
    be taken, so memory does not grow with their number.  A task draws from generators of its own,
    so the result does not depend on which is done first.

    Parameters
    ----------
    work : callable
    tasks : iterable
        Taken in this thread, one by one.

    Yields
    ------
    What ``work`` returned.

    Examples
    --------
    >>> list(in_order(lambda number: number**2, range(5)))
    [0, 1, 4, 9, 16]
    """
    waiting = iter(tasks)
    with ThreadPoolExecutor(_WORKERS) as pool:
        running: deque[Future[Made]] = deque(
            pool.submit(work, task) for task in islice(waiting, _WORKERS)
        )
        while running:
            made = running.popleft().result()
            running.extend(pool.submit(work, task) for task in islice(waiting, 1))
            yield made
