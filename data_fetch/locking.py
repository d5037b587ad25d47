"""One process at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from data_fetch.errors import FetchError

__all__ = ["locked"]

_POLL_S: Final = 0.2


@contextmanager
def locked(
    file: Path,
    on_wait: Callable[[], None] = lambda: None,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[None]:
    """Hold a lock, waiting for the process that holds it now.

    It is a lock of the operating system: it opens when its process ends, however it ends, so
    nothing is left behind that a person would have to remove.  The empty file stays.

    Parameters
    ----------
    file : Path
        Made if it is not there.
    on_wait : callable
        Called once if another process has the lock.
    sleep : callable
        Waits for a number of seconds between two looks.

    Raises
    ------
    FetchError
        If the disk knows no locks.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, locked(Path(folder) / "set.lock"):
    ...     print("alone")
    alone
    """
    from filelock import FileLock, Timeout

    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file, timeout=0)
    told = False
    while not lock.is_locked:
        try:
            lock.acquire()
        except Timeout:
            if not told:
                on_wait()
                told = True
            sleep(_POLL_S)
        except (OSError, NotImplementedError) as error:
            why = getattr(error, "strerror", None) or error
            raise FetchError(
                f"{file.parent} is on a disk that knows no locks ({why}); set MLMI_HOME to a "
                "folder on a local disk"
            ) from error
    try:
        yield
    finally:
        lock.release()
