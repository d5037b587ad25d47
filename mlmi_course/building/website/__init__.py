"""The web site: pages for sphinx, made from the course and from the notebooks once executed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from mlmi_course.building.course import Course, Unit
from mlmi_course.building.website.staging import stage

__all__ = ["make", "stage"]


def make(
    course: Course,
    units: Sequence[Unit],
    out: Path,
    *,
    workers: int = 2,
    tell: Callable[[str], None] = lambda line: None,
) -> bool:
    """Make the web site, and say whether sphinx had nothing to complain about.

    Parameters
    ----------
    course : Course
    units : sequence of Unit
        Those that the site shows.
    out : Path
        Folder of the finished pages; what it held is removed.
    workers : int
        Kernels, and then readers and writers of pages, at a time.
    tell : callable
        Gets a line for each notebook that was executed.

    Raises
    ------
    AuthorError
        When a source is wrong or a cell raises.
    """
    import sphinx  # noqa: F401  what is missing is said before minutes are spent

    shutil.rmtree(out, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="mlmi-site-") as folder:
        source = Path(folder) / "source"
        stage(course, units, source, workers=workers, tell=tell)
        tell("writing the pages …")
        command = [
            sys.executable, "-m", "sphinx", "--builder", "html", "--quiet", "--jobs", str(workers),
            "--fail-on-warning", "--keep-going", "--doctree-dir", f"{folder}/doctrees",
            "--conf-dir", str(course.root / "site"), str(source), str(out),
        ]  # fmt: skip
        environment = {**os.environ, "MLMI_SITE_SOURCE": str(source)}
        done = subprocess.run(command, env=environment, cwd=course.root, check=False)
    return done.returncode == 0
