"""Runs a notebook from top to bottom and collects what its tagged cells print."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError

from mlmi_course.building.build import Notebook, build
from mlmi_course.building.course import Course, Unit
from mlmi_course.building.files import write_changed
from mlmi_course.building.findings import Finding, stop_if_any
from mlmi_course.building.notebooks import cell_ids
from mlmi_course.building.outputs import code_hashes, keep_digits
from mlmi_course.building.source import Cell

SECONDS_A_CELL = 600
"""A cell that runs longer has hung; the budget of a whole notebook is far below."""


@dataclass(frozen=True)
class Execution:
    """What an execution gave: outputs by cell id, as `Notebook.text` takes them, and seconds."""

    outputs: dict[str, dict[str, str]]
    seconds: float


def run(
    root: Path, notebook: Notebook, *, static: str = "1"
) -> tuple[nbformat.NotebookNode, float]:
    """Run a notebook in a fresh kernel and an empty folder; return it with outputs, and seconds.

    Parameters
    ----------
    root : Path
        The course; its own ``mlmi_course`` is the one that the notebook imports.
    notebook : Notebook
        What to run.
    static : str
        ``MLMI_STATIC`` of its kernel; ``"ahead"`` draws the states of explorers too.

    Raises
    ------
    AuthorError
        When a cell raises.
    """
    node = nbformat.reads(notebook.text({}), as_version=4)
    reached = 0

    def started(cell: nbformat.NotebookNode, cell_index: int) -> None:
        nonlocal reached
        reached = cell_index

    client = NotebookClient(
        node,
        timeout=SECONDS_A_CELL,
        kernel_name="python3",
        on_cell_start=started,
        extra_arguments=["--HistoryManager.enabled=False", "--IPKernelApp.log_level=ERROR"],
    )
    begin = time.monotonic()
    stopped = ""
    with tempfile.TemporaryDirectory(prefix="mlmi-") as folder:
        client.resources = {"metadata": {"path": folder}}
        try:
            client.execute(env={**_environment(root, Path(folder)), "MLMI_STATIC": static})
        except (CellControlSignal, DeadKernelError) as error:
            stopped = str(error).strip().splitlines()[-1]
    seconds = time.monotonic() - begin
    if stopped:
        cells = (*notebook.header, *notebook.body)
        line = cells[reached].line if reached >= len(notebook.header) else 1
        stop_if_any([Finding(notebook.source, line, f"the cell stops: {stopped}")])
    return node, seconds


def execute(root: Path, notebook: Notebook) -> Execution:
    """Run a notebook as `run` does, and keep what its tagged cells print.

    Raises
    ------
    AuthorError
        When a cell raises or writes to stderr, or a tagged cell does anything but print.
    """
    node, seconds = run(root, notebook)
    pairs = zip((*notebook.header, *notebook.body), node.cells, strict=True)
    executed = list(pairs)[len(notebook.header) :]
    findings = [
        Finding(notebook.source, cell.line, message)
        for cell, ran in executed
        if (message := _refusal(cell, ran.get("outputs", [])))
    ]
    stop_if_any(findings)
    hashes = code_hashes(notebook.body)
    texts = zip(cell_ids(notebook.body), (ran for _, ran in executed), strict=True)
    outputs = {
        cell_id: {"text": _printed(ran.outputs), "code": hashes[cell_id]}
        for cell_id, ran in texts
        if cell_id in hashes
    }
    return Execution(outputs, seconds)


def execute_units(
    course: Course,
    units: Sequence[Unit],
    *,
    fresh: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[tuple[Notebook, Execution]]:
    """Build and execute units one by one; write each as soon as all of it has succeeded.

    Parameters
    ----------
    course : Course
    units : sequence of Unit
    fresh : bool, default False
        Store all digits anew; otherwise those whose code and statement are as before are kept.
    tell : callable
        Called with what begins now, before the seconds that it takes.

    Raises
    ------
    AuthorError
        As `execute` does; the files of that unit are then as they were.
    """
    build(course, units)  # what is wrong in the sources is said before minutes are spent
    for unit in units:
        built = build(course, [unit])
        done = []
        for notebook in built.notebooks:
            if notebook.kind != "exercise":
                tell(f"{notebook.path} …")
                execution = execute(course.root, notebook)
                before = {} if fresh else notebook.carry_over(course.root).outputs
                outputs = keep_digits(execution.outputs, before)
                built.files[notebook.path] = notebook.text(outputs)
                done.append((notebook, execution))
        write_changed(course.root, built.files)
        yield from done


def _environment(root: Path, home: Path) -> dict[str, str]:
    path = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path),
        "MLMI_STATIC": "1",
        # The author's own progress is not the course's business, nor the reverse.
        "MLMI_HOME": str(home / ".mlmi"),
    }


def _refusal(cell: Cell, outputs: list[nbformat.NotebookNode]) -> str:
    """Why a cell's outputs cannot be accepted; empty when they can."""
    noise = "".join(o.text for o in outputs if o.get("name") == "stderr").strip()
    if noise:
        return f"the cell writes to stderr: {noise.splitlines()[-1]}"
    if not cell.is_checked:
        return ""
    rich = next((o.output_type for o in outputs if o.output_type != "stream"), None)
    if rich:
        return f"a tagged cell only prints, but this one gives rich output ({rich})"
    if not _printed(outputs).strip():
        return "a tagged cell must print something, and this one prints nothing"
    return ""


def _printed(outputs: list[nbformat.NotebookNode]) -> str:
    return "".join(output.text for output in outputs if output.get("name") == "stdout")
