"""What a command says when it cannot go on: one line, no traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

_AUTHOR_TOOLS = {
    "jupytext": "author",
    "nbclient": "author",
    "nbformat": "author",
    "pydantic": "author",
    "sphinx": "site",
    "mdit_py_plugins": "site",
}


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Say what an author did wrong in one line each, without a traceback."""
    from mlmi_course.building.findings import AuthorError

    try:
        yield
    except AuthorError as error:
        stop(str(error))
    except ModuleNotFoundError as error:
        if error.name not in _AUTHOR_TOOLS:
            raise
        extra = _AUTHOR_TOOLS[error.name]
        stop(f"{error.name} is not installed: pip install mlmi-course[{extra}]")


@contextmanager
def data_errors() -> Iterator[None]:
    """Say in one line what is wrong with a set, or why it does not come."""
    from data_fetch import FetchError
    from mlmi_course.data import DataError, NotImported

    try:
        yield
    except (DataError, FetchError, NotImported) as error:
        stop(str(error))
    except KeyboardInterrupt:
        typer.echo("stopped; what has come is kept, and the same command goes on", err=True)
        sys.exit(130)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        stop(f"{error.strerror or error}{where}")


@contextmanager
def grading_errors() -> Iterator[None]:
    """Say in one line each what keeps submissions from being graded."""
    from mlmi_course.grading.errors import GradingError, Stopped
    from mlmi_course.grading.gradebook.marks import MarksError

    try:
        yield
    except Stopped as error:
        typer.echo(str(error), err=True)
        sys.exit(130)
    except (GradingError, MarksError) as error:
        stop(str(error))
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        stop(f"{error.strerror or error}{where}")


def stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(1)
