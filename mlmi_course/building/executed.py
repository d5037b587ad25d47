"""Notebooks with all their outputs, for pages and slides: each is run once and kept.

The key of what is kept holds the notebook's text and all of ``mlmi_course`` that notebooks may use:
after any change there, the notebook is run again.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

from mlmi_course._files import write_whole
from mlmi_course.building.build import Notebook
from mlmi_course.building.course import Course
from mlmi_course.building.execution import run

# No notebook imports these, so they change nothing that one shows.
_NOT_IN_NOTEBOOKS = ("building/", "grading/", "cli.py")

KEPT = "site/_build/executed"


def executed(
    course: Course,
    notebooks: Sequence[Notebook],
    *,
    workers: int = 1,
    tell: Callable[[str], None] = lambda line: None,
) -> dict[str, nbformat.NotebookNode]:
    """Notebooks with their outputs, by path; the widgets are static pictures, with their states.

    Parameters
    ----------
    course : Course
    notebooks : sequence of Notebook
    workers : int
        Kernels at a time.
    tell : callable
        Gets a line for each notebook that was run.

    Raises
    ------
    AuthorError
        When a cell raises.
    """
    package = _package_digest(course.root)

    def one(notebook: Notebook) -> nbformat.NotebookNode:
        digest = hashlib.sha256(f"{package}\0{notebook.text({})}".encode()).hexdigest()[:16]
        name = notebook.path.replace("/", "-").removesuffix(".ipynb")
        kept = course.root / KEPT / f"{name}-{digest}.ipynb"
        if not kept.is_file():
            node, seconds = run(course.root, notebook, static="ahead")
            for old in kept.parent.glob(f"{name}-*.ipynb"):
                old.unlink()
            kept.parent.mkdir(parents=True, exist_ok=True)
            write_whole(kept, nbformat.writes(node) + "\n")
            tell(f"executed {notebook.path} in {seconds:.0f} s")
        return nbformat.read(kept, as_version=4)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        return dict(zip((n.path for n in notebooks), pool.map(one, notebooks), strict=True))


def _package_digest(root: Path) -> str:
    """Digest of the package's files, and of the Python that runs it."""
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted((root / "mlmi_course").rglob("*")):
        inside = path.relative_to(root / "mlmi_course").as_posix()
        if path.is_file() and path.suffix != ".pyc" and not inside.startswith(_NOT_IN_NOTEBOOKS):
            digest.update(inside.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
