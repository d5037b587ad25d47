"""Run the cells of a notebook as a kernel does, errors allowed.  Lives inside the sandbox.

The cells go through IPython's own shell, in their order, within a running event loop: what a
magic, an indented cell, a pasted prompt, ``await`` or a future import means is IPython's to say.
What a grader has no use for is left out: history, pictures, tracebacks, installers.

A second pass can then complete the cells that stopped, from the statement that stopped them.
The grader asks for it only where it has already judged what the first pass gave.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.formatters import DisplayFormatter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets import Bool, Dict, Unicode
from traitlets import Set as TraitSet
from traitlets.config import Config, Configurable

_INSTALLERS = ("pip", "pip3", "conda", "mamba", "micromamba", "uv", "apt", "apt-get")
_INSTALLS = re.compile(rf"\s*(sudo +)?(\S*python\S* +-m +)?({'|'.join(_INSTALLERS)})\b")
_NOTHING_INSTALLED = "nothing is installed while grading"
# Cell magics around plain Python: the second pass completes what is inside.
_WRAPPERS = re.compile(r"\s*%%(time|capture|prun)\b[^\n]*\n")


class OutOfTime(BaseException):
    """The time of a cell or of a question is over; ``except Exception`` does not catch it."""


@dataclass
class _Stopped:
    """A cell that an exception ended: the statements from that one on."""

    number: int
    left: list[ast.stmt]
    file: str = ""


@dataclass
class _Told:
    """What is reported of one cell."""

    notes: list[str] = field(default_factory=list)


class RunningNotebook:
    """A kernel without a front end, and the cells that ran in it."""

    def __init__(self) -> None:
        prepare()
        self._told = _Told()
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        self._shell = ZMQInteractiveShell.instance()
        self._shell.told = self._told
        # A kernel looks for modules in its folder: ``%%writefile`` and then ``import``.
        sys.path.insert(0, "")
        self._bound: dict[str, tuple[Any, int]] = {}
        self._stopped: dict[int, _Stopped] = {}
        self._remember(0)

    @property
    def namespace(self) -> dict[str, Any]:
        """What the cells defined."""
        return self._shell.user_ns

    def run(self, number: int, source: str) -> dict[str, Any]:
        """Run one cell.

        Returns
        -------
        dict
            ``notes``; ``stopped`` with the exception that ended the cell, if one did, and
            ``left`` with the number of statements that a second pass may complete; ``late``
            where it computed for too long.
        """
        self._told.notes = []
        self._shell.compile.cell = number  # type: ignore[attr-defined]
        error: BaseException | None
        try:
            result = self._in_the_loop(source)
            error = result.error_before_exec or result.error_in_exec
        except BaseException as outside:  # in IPython's own lines: OutOfTime above all
            error = outside
        self._close_figures()
        self._remember(number)
        notes = {"notes": self._told.notes}
        if error is None:
            return notes
        if isinstance(error, OutOfTime):
            return {**notes, "late": True}
        self._stopped[number] = self._what_is_left(number, source, error)
        return {**notes, "stopped": _in_words(error), "left": len(self._stopped[number].left)}

    def repair(self, number: int) -> dict[str, Any]:
        """Complete a cell that stopped: run each statement that is left, on its own.

        A name that a later cell has bound keeps its value.

        Returns
        -------
        dict
            ``done`` and ``left``: the numbers of statements that ran, and that stopped again.
        """
        stopped = self._stopped[number]
        later = {name: value for name, (value, cell) in self._bound.items() if cell > number}
        left = []
        done = 0
        for node in stopped.left:
            try:
                code = compile(ast.Module([node], []), stopped.file, "exec", _flags(self._shell))
                with self._shell.builtin_trap:
                    exec(code, self.namespace)
                done += 1
            except OutOfTime:
                return {"late": True, "done": done, "left": 0}
            except BaseException:  # SystemExit too
                left.append(node)
            finally:
                self.namespace.update(later)
        self._close_figures()
        self._remember(number)
        stopped.left = left
        return {"done": done, "left": len(left)}

    # ---- the first pass ---------------------------------------------------------------------

    def _in_the_loop(self, source: str) -> Any:
        if self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)
        return self._loop.run_until_complete(self._run(source))

    async def _run(self, source: str) -> Any:
        """Run a cell the way ipykernel does: awaited only where it awaits something itself."""
        shell = self._shell
        trouble = None
        try:
            transformed = shell.transform_cell(source)
        except Exception:
            transformed, trouble = source, sys.exc_info()
        more = {"transformed_cell": transformed, "preprocessing_exc_tuple": trouble}
        if not shell.should_run_async(source, **more):
            return shell.run_cell(source, store_history=True)
        try:
            return await shell.run_cell_async(source, store_history=True, **more)
        finally:
            shell.events.trigger("post_execute")

    def _remember(self, number: int) -> None:
        """Note which cell bound which name last."""
        bound = self._bound
        for name, value in self.namespace.items():
            before = bound.get(name)
            if before is None or before[0] is not value:
                bound[name] = (value, number)

    def _close_figures(self) -> None:
        """After each cell a kernel shows its figures and closes them."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            try:
                pyplot.close("all")
            except Exception:  # a student's own pyplot
                return

    # ---- the second pass --------------------------------------------------------------------

    def _what_is_left(self, number: int, source: str, error: BaseException) -> _Stopped:
        wrapped = _WRAPPERS.match(source)
        try:
            code = self._shell.transform_cell(source[wrapped.end() :] if wrapped else source)
            nodes = ast.parse(code).body
        except BaseException:  # it was never Python
            return _Stopped(number, [])
        file = self._shell.compile.name_of(number)  # type: ignore[attr-defined]
        line = 0 if wrapped else _line_of(error, file)
        left = [node for node in nodes if (node.end_lineno or 0) >= line]
        return _Stopped(number, left, file)


def _line_of(error: BaseException, file: str) -> int:
    """The line of the cell that was running, 0 where that cannot be told."""
    lines = [n for frame, n in traceback.walk_tb(error.__traceback__) if _is(frame, file)]
    return lines[0] if lines else 0


def _is(frame: Any, file: str) -> bool:
    return frame.f_code.co_filename == file


def _flags(shell: InteractiveShell) -> int:
    """Future imports of earlier cells hold in later ones."""
    return shell.compile.flags


def _in_words(error: BaseException) -> str:
    try:
        words = traceback.format_exception_only(error)[-1].strip()
        if isinstance(error, SyntaxError):
            words += f" (line {error.lineno})"
    except BaseException:  # the message of an exception is the student's code too
        words = type(error).__name__
    return words[:300]


# ---- IPython's shell, without a front end ----------------------------------------------------


class _Compiler(CachingCompiler):
    """Names a cell as a kernel does: a traceback through it is the student's, not ours."""

    cell = 0

    def name_of(self, number: int) -> str:
        return f"<ipykernel cell {number}>"

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return self.name_of(self.cell)


class _NoPictures(DisplayFormatter):
    """Formats nothing; what displays itself still may."""

    def format(self, obj: Any, include: Any = None, exclude: Any = None) -> Any:
        self.ipython_display_formatter(obj)
        return {}, {}


class _Silent(DisplayHook):
    """Keeps ``_`` and ``Out``, and writes nothing."""

    def write_output_prompt(self) -> None: ...

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None: ...


class ZMQInteractiveShell(InteractiveShell):
    """A shell that notebooks take for a kernel's: some ask for the name of its class."""

    compiler_class = _Compiler
    displayhook_class = _Silent
    # A kernel has one; notebooks that reach for it find a dead end and not an error.
    kernel = None

    told: _Told

    def init_profile_dir(self, profile_dir: Any) -> None:
        """Keep no profile: nothing of a reader's own settings counts here."""
        self.profile_dir = None

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        """Keep no folder."""

    def ask_exit(self) -> None:
        """Stay: what comes after ``exit`` counts too."""

    def init_virtualenv(self) -> None:
        """Leave the path of modules as it is."""

    def init_display_formatter(self) -> None:
        """Format nothing."""
        self.display_formatter = _NoPictures(parent=self)
        self.configurables.append(self.display_formatter)  # type: ignore[arg-type]

    def enable_matplotlib(self, gui: Any = None) -> tuple[Any, Any]:
        """Accept any way to show figures: nobody sees them."""
        return "agg", "agg"

    def enable_gui(self, gui: Any = None) -> None:
        """Accept any kind of window."""

    @contextlib.contextmanager
    def _tee(self, channel: str) -> Iterator[None]:
        """Keep no copy of what is printed: IPython would hold endless output in memory."""
        yield

    def showtraceback(self, *_: Any, **__: Any) -> None:
        """Print no traceback: the grader gets the exception itself."""

    def showsyntaxerror(self, *_: Any, **__: Any) -> None:
        """Print nothing."""

    def system(self, command: str) -> None:
        """Run a command of the system, as ``!`` does; installers are skipped."""
        self.user_ns["_exit_code"] = self._command(command).returncode

    system_piped = system_raw = system

    def getoutput(self, command: str, split: bool = True, depth: int = 0) -> Any:
        """Run a command of the system and return what it prints."""
        said = self._command(command).stdout.decode(errors="replace")
        return SList(said.splitlines()) if split else said

    def _command(self, command: str) -> subprocess.CompletedProcess[bytes]:
        full = self.var_expand(command, depth=2)
        if _INSTALLS.match(full):
            self.skip(f"!{full.strip()}", _NOTHING_INSTALLED)
            return subprocess.CompletedProcess(full, 0, b"", b"")
        return subprocess.run(
            full,
            shell=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def skip(self, what: str, why: str) -> None:
        """Note that something was left out."""
        self.told.notes.append(f"skipped `{what[:80]}`: {why}")


class InlineBackend(Configurable):
    """What notebooks set of the way in which figures are shown; nobody sees them here."""

    figure_format = Unicode("png").tag(config=True)
    figure_formats = TraitSet({"png"}).tag(config=True)
    print_figure_kwargs = Dict().tag(config=True)
    rc = Dict().tag(config=True)
    close_figures = Bool(True).tag(config=True)


def prepare() -> None:
    """Make the shell, if there is none: before a fork it is made once for all."""
    if ZMQInteractiveShell.initialized():
        return
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    config.InteractiveShell.colors = "NoColor"
    # Notebooks look here to see whether they run in a notebook.
    config.IPKernelApp.connection_file = ""
    # A module of this name, so that pickling and type hints work as in a notebook.
    module = ModuleType("__main__")
    shell = ZMQInteractiveShell.instance(config=config, user_module=module)
    for name in _INSTALLERS:
        shell.register_magic_function(_skipping(shell, name), "line", name)
    # ``%config InlineBackend…`` finds what it sets; the real one would import all of Matplotlib.
    shell.configurables.append(InlineBackend(parent=shell))  # type: ignore[arg-type]


def _skipping(shell: ZMQInteractiveShell, name: str) -> Any:
    def skip(line: str) -> None:
        shell.skip(f"%{name} {line}", _NOTHING_INSTALLED)

    return skip
