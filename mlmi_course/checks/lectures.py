"""Find a section of a lecture, to lead there from a message."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

_HEADING = re.compile(r"^#{2,6} +(.+?) *$", re.MULTILINE)
# The build and the authors put minutes, and the word "deeper", behind a heading.
_BEHIND = re.compile(r" \(\d+ min[^)]*\)$")


def address(unit: str, heading: str, folder: Path | None = None) -> str:
    """Return the relative address of a lecture's section, or nothing where it is not at hand.

    Parameters
    ----------
    unit : str
        Name of the module of questions, for example ``"u01_medical_images"``.
    heading : str
        As :class:`~mlmi_course.checks.Question` has it in ``see``: without minutes.
    folder : Path, optional
        Where the notebook lies that the address will stand in: by default the working folder,
        which is where Jupyter runs a notebook.

    Returns
    -------
    str
        ``"../lectures/01_medical_images.ipynb#Masks-(9-min)"``: JupyterLab opens the notebook and
        goes to the heading.  Empty if there is no such file: a notebook on a hosted service, or
        one that was moved, has no lecture beside it.

    Notes
    -----
    JupyterLab's anchor is the text of the heading with ``-`` for each space, read in
    ``createHeaderId`` of ``@jupyterlab/rendermime``.
    """
    lecture = (folder or Path.cwd()) / ".." / "lectures" / f"{unit.removeprefix('u')}.ipynb"
    try:
        headings = _headings(str(lecture), lecture.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    whole = next((text for text in headings if _BEHIND.sub("", text) == heading), None)
    anchor = f"#{quote(_anchor(whole), safe='()')}" if whole else ""
    return f"../lectures/{lecture.name}{anchor}"


def _anchor(heading: str) -> str:
    shown = re.sub(r"[`*]", "", heading)  # marks that the page does not show
    return shown.replace(" ", "-")


@functools.lru_cache(maxsize=4)
def _headings(path: str, _changed: int) -> tuple[str, ...]:
    return tuple(_read_headings(json.loads(Path(path).read_text(encoding="utf-8"))))


def _read_headings(notebook: dict) -> Iterator[str]:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            yield from _HEADING.findall("".join(cell["source"]))
