"""Compare what a notebook printed, wherever it was run, with what it has stored, as nbval does."""

from __future__ import annotations

import nbformat

from mlmi_course.checks.results import NUMBERS, WITHOUT_NUMBERS

CHECKED = "nbval-check-output"


def differences(stored: nbformat.NotebookNode, ran: nbformat.NotebookNode) -> list[str]:
    """What tagged cells print now and printed before, where it is not the same statement.

    Parameters
    ----------
    stored : NotebookNode
        As it is committed.
    ran : NotebookNode
        The same after a run.

    Returns
    -------
    list of str
        A text for each cell that was not run, and for each tagged one that differs.
    """
    assert [c.source for c in stored.cells] == [c.source for c in ran.cells], "another notebook"
    found = []
    for place, (before, now) in enumerate(zip(stored.cells, ran.cells, strict=True)):
        if now.cell_type != "code":
            continue
        if now.execution_count is None and now.source.strip():
            found.append(f"cell {place} was not run: {now.source[:80]}")
        elif CHECKED in now.metadata.get("tags", ()) and _said(before) != _said(now):
            found.append(f"cell {place} stored:\n{_said(before)}\nand prints now:\n{_said(now)}")
    return found


def _said(cell: nbformat.NotebookNode) -> str:
    """What a cell states: its text without the digits that no two processors share."""
    texts = [
        output.text if output.output_type == "stream" else f"[{output.output_type}]\n"
        for output in cell.outputs
    ]
    return NUMBERS.sub(WITHOUT_NUMBERS, "".join(texts))
