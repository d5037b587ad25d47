"""One process at a time."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from data_fetch.errors import FetchError

__all__ = ["locked"]

_POLL_S: Final = 0.2
_TAKEN: Final = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


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
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        waited = False
        while not _take(handle, file):
            if not waited:
                on_wait()
                waited = True
            sleep(_POLL_S)
        try:
            yield
        finally:
            _give_back(handle)
    finally:
        os.close(handle)


def _take(handle: int, file: Path) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _TAKEN:
            return False
        raise FetchError(
            f"{file.parent} is on a disk that knows no locks ({error.strerror}); set MLMI_HOME to "
            "a folder on a local disk"
        ) from error
    return True


def _give_back(handle: int) -> None:
    if os.name == "nt":
        import msvcrt

        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_UN)
