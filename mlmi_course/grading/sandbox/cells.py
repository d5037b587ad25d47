"""Run the cells of a notebook without Jupyter.  Lives inside the sandbox."""

from __future__ import annotations

import ast
import builtins
import linecache
import sys
import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Any

# Cell magics whose body is Python; the body of any other is not run.
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun", "memit", "python", "python3"}
_INSTALLERS = ("pip", "conda", "mamba", "uv", "apt", "apt-get")


class OutOfTime(BaseException):
    """The time of a cell or of a question is over; ``except Exception`` does not catch it."""


class Notebook:
    """A namespace, and the cells that fill it.

    Attributes
    ----------
    namespace : dict
        What the cells defined.
    notes : list of str
        What was skipped, in the cell that runs.
    """

    def __init__(self) -> None:
        # A module of this name, so that pickling and type hints work as in a notebook.
        self._module = ModuleType("__main__")
        sys.modules["__main__"] = self._module
        self.namespace = self._module.__dict__
        self.notes: list[str] = []
        self._shell = _Shell(self)
        self.namespace["display"] = _show_nothing
        # An installed IPython would find no shell of its own.
        self.namespace["get_ipython"] = builtins.get_ipython = lambda: self._shell  # type: ignore[attr-defined]

    def run(self, number: int, source: str) -> dict[str, Any]:
        """Run one cell.

        Returns
        -------
        dict
            ``notes``, and ``stopped`` with the exception that ended it, if one did; ``name`` is
            true where that was a name that nothing had defined yet.
        """
        self.notes = []
        try:
            self._execute(number, source)
        except OutOfTime:
            return {"notes": self.notes, "late": True}
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: only a cell ends
            said = _in_words(error)
            missing = isinstance(error, NameError)
            return {"notes": self.notes, "stopped": said, "name": missing}
        return {"notes": self.notes}

    def _execute(self, number: int, source: str) -> None:
        code = _to_python(source)
        # A name as a kernel gives it: a traceback through it is the student's, not ours.
        file = f"<ipykernel cell {number}>"
        linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
        for node in ast.parse(code, file).body:
            compiled = compile(ast.Module([node], []), file, "exec", dont_inherit=True)
            try:
                exec(compiled, self.namespace)
            except ImportError as error:
                # One package that is not here must not take the other imports with it.
                if not isinstance(node, ast.Import | ast.ImportFrom):
                    raise
                self.notes.append(f"skipped `{ast.unparse(node)[:80]}`: {_in_words(error)}")

    def run_code(self, code: str) -> None:
        """Run what a magic holds, in the same namespace."""
        exec(compile(_to_python(code), "<ipykernel magic>", "exec"), self.namespace)


class _Shell:
    """The little of IPython's shell that notebooks use."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self.user_ns = notebook.namespace
        self.kernel = None

    def run_line_magic(self, name: str, line: str, *_: Any, **__: Any) -> None:
        if name in ("time", "timeit", "prun"):
            self._notebook.run_code(line)
        elif name in _INSTALLERS:
            self._skip(f"%{name} {line}", "nothing is installed while grading")
        elif name == "run":
            self._skip(f"%{name} {line}", "no other file comes with a submission")

    def run_cell_magic(self, name: str, line: str, cell: str) -> None:
        if name in _PYTHON_MAGICS:
            self._notebook.run_code(cell)
        elif name == "writefile":
            with open(line.split()[-1], "w", encoding="utf-8") as file:
                file.write(cell)
        else:
            self._skip(f"%%{name}", "this kind of cell is not run")

    def system(self, command: str) -> None:
        self._skip(f"!{command}", "commands of the system are not run")

    def getoutput(self, command: str, *_: Any, **__: Any) -> list[str]:
        self.system(command)
        return []

    def magic(self, line: str) -> None:
        name, _, rest = line.partition(" ")
        self.run_line_magic(name, rest)

    def _skip(self, what: str, why: str) -> None:
        self._notebook.notes.append(f"skipped `{what[:80]}`: {why}")

    def __getattr__(self, name: str) -> Callable[..., None]:
        return _show_nothing


def _show_nothing(*_: Any, **__: Any) -> None:
    pass


def _to_python(source: str) -> str:
    """Turn magics and shell lines into calls of :class:`_Shell`, as IPython does."""
    if not any(mark in source for mark in "%!?"):
        return source
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(source)


def _in_words(error: BaseException) -> str:
    try:
        words = traceback.format_exception_only(error)[-1].strip()
        if isinstance(error, SyntaxError):
            words += f" (line {error.lineno})"
    except BaseException:  # the message of an exception is the student's code too
        words = type(error).__name__
    return words[:300]
