"""Keep TensorFlow's start-up lines out of the notebooks.

TensorFlow's compiled code writes to file descriptor 2 while it is being imported, before it
reads any setting, so no environment variable and no Python-level redirection stops it.  What
does: point descriptor 2 at the null device while, and only while, the module executes.
Python's own exceptions are not affected: a failing import still raises as usual.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_STDERR = 2
_ERRORS_ONLY = "3"


@contextlib.contextmanager
def stderr_to_null() -> Iterator[None]:
    """Send everything written to file descriptor 2 to the null device for a while.

    Where the process has no descriptor 2 (a windowed program), nothing is done.

    Examples
    --------
    >>> import os
    >>> with stderr_to_null():
    ...     _ = os.write(2, b"nobody sees this")
    """
    try:
        saved = os.dup(_STDERR)
    except OSError:
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, _STDERR)
        yield
    finally:
        os.dup2(saved, _STDERR)
        os.close(null)
        os.close(saved)


class _QuietTensorFlow(MetaPathFinder):
    """Find ``tensorflow`` as usual, and make its loader silent."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "tensorflow":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def execute_quietly(module: ModuleType) -> Any:
            with stderr_to_null():
                result = execute(module)
            # Its Python half has a log of its own.  It warns, among others, that functions are
            # traced again and again, whenever a notebook has trained its fifth network.
            if os.environ.get("TF_CPP_MIN_LOG_LEVEL") == _ERRORS_ONLY:
                logging.getLogger("tensorflow").setLevel(logging.ERROR)
            return result

        spec.loader.exec_module = execute_quietly  # type: ignore[method-assign]
        return spec


def silence_tensorflow() -> None:
    """Arrange that a later ``import tensorflow`` prints nothing; a second call does nothing.

    The level of TensorFlow's own logs is lowered too, unless the reader has set
    ``TF_CPP_MIN_LOG_LEVEL``: it governs what is printed *after* the import.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", _ERRORS_ONLY)
    if not any(isinstance(finder, _QuietTensorFlow) for finder in sys.meta_path):
        sys.meta_path.insert(0, _QuietTensorFlow())
