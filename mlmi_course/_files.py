"""Files are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(
    path: Path, content: str | bytes, *, private: bool = False, durable: bool = False
) -> None:
    """Write a file so that no reader ever finds half of it.

    Two processes may write the same file at the same moment: one of them wins, and the file
    is whole.  Folders above it are made.

    Parameters
    ----------
    path : Path
    content : str or bytes
        A text becomes UTF-8 with the line ends that it has, on every system.
    private : bool
        For its owner's eyes, as are the folders that are made for it.
    durable : bool
        On the disk when this returns, and not only on its way there: for what nobody can make
        again.

    Raises
    ------
    OSError
        Where it cannot be written; the file is then as it was.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    path.parent.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        if not private:
            os.chmod(name, 0o644)  # mkstemp makes files that only their owner can read
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
