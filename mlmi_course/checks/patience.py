"""Stop a call that never ends, where the computer lets us: in a notebook's main thread."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN_S = 0.5  # an answer that swallows exceptions is interrupted again


class Interrupted(BaseException):
    """Raised within a call that took too long.

    No :class:`Exception`, so that the ``except Exception`` of an answer does not swallow it.
    """


def can_interrupt() -> bool:
    """Whether a call can be interrupted here: on POSIX, in the main thread."""
    return hasattr(signal, "setitimer") and (threading.current_thread() is threading.main_thread())


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise :class:`Interrupted` inside the block when it has taken too long.

    A machine that others keep busy is given the time it needs: what counts is the process's own
    computing time, or four times as much on the clock.  Where nothing can be interrupted the
    block simply runs.

    Parameters
    ----------
    seconds : float
        Seconds of computing.  An infinite limit is none.

    Notes
    -----
    The signal handler, and a timer that somebody else had set, are as before afterwards.  Python
    looks for signals between two of its instructions: a single long call into a compiled library
    ends before it is interrupted.
    """
    if not can_interrupt() or not math.isfinite(seconds):
        yield
        return
    began, computed = time.monotonic(), time.process_time()

    def ring(_signal: int, _frame: FrameType | None) -> None:
        spent, waited = time.process_time() - computed, time.monotonic() - began
        if spent >= 0.9 * seconds or waited >= 4 * seconds:
            raise Interrupted

    handler = signal.signal(signal.SIGALRM, ring)
    earlier, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler if handler is not None else signal.SIG_DFL)
        if earlier:
            left = max(earlier - (time.monotonic() - began), 1e-3)
            signal.setitimer(signal.ITIMER_REAL, left, interval)
