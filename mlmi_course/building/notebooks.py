"""Cells to notebooks: the same bytes on every machine and on every run."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat

from mlmi_course.building.source import Cell

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def cell_ids(cells: Sequence[Cell]) -> list[str]:
    """Ids that depend on the content alone; twins are numbered.

    An edit changes the id of the edited cell and of no other, so diffs stay small and stored
    outputs find their cells again.
    """
    seen: Counter[str] = Counter()
    ids = []
    for cell in cells:
        digest = hashlib.sha256(f"{cell.kind}\0{cell.source}".encode()).hexdigest()[:12]
        seen[digest] += 1
        ids.append(digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
    return ids


def notebook_text(
    cells: Sequence[Cell], stored: Mapping[str, Mapping[str, str]], *, slides: bool = False
) -> str:
    """The text of a notebook file.

    Parameters
    ----------
    cells : sequence of Cell
        In order.
    stored : mapping
        For ids of tagged cells: ``{"text": …, "code": …}``, what the cell printed, and the
        hash of the code that was executed up to there.
    slides : bool
        Whether cells say where a slide begins, as JupyterLab and `mlmi slides` read it.
    """
    notebook = nbformat.v4.new_notebook(metadata=METADATA, nbformat_minor=5)
    ordinal = 0
    for cell_id, cell in zip(cell_ids(cells), cells, strict=True):
        ordinal += cell.is_code
        notebook.cells.append(_node(cell_id, cell, ordinal, stored.get(cell_id)))
    if slides:
        for cell, node, before in zip(cells, notebook.cells, [None, *cells], strict=False):
            if kind := _slide_type(cell, before):
                node.metadata["slideshow"] = {"slide_type": kind}
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def _node(
    cell_id: str, cell: Cell, ordinal: int, stored: Mapping[str, str] | None
) -> nbformat.NotebookNode:
    if not cell.is_code:
        return nbformat.v4.new_markdown_cell(cell.source, id=cell_id)
    metadata: dict[str, Any] = {}
    tags = {"nbval-check-output": cell.is_checked, "hide-input": "fold" in cell.tags}
    if any(tags.values()):
        metadata["tags"] = [tag for tag, given in tags.items() if given]
    if "fold" in cell.tags:  # the tag folds the code on the web site, this in JupyterLab
        metadata["jupyter"] = {"source_hidden": True}
    node = nbformat.v4.new_code_cell(cell.source, id=cell_id, metadata=metadata)
    if cell.is_checked and stored:
        node.metadata["mlmi"] = {"code": stored["code"]}
        # nbval refuses a stored output without a count.
        node.execution_count = ordinal
        node.outputs = [nbformat.v4.new_output("stream", name="stdout", text=stored["text"])]
    return node


def _slide_type(cell: Cell, before: Cell | None) -> str:
    """Where slides begin: at each section, each text, and after a question to the reader.

    So that nobody sees the answer while still being asked to predict it.
    """
    if not cell.is_code:
        return "slide" if cell.source.startswith(("# ", "## ")) else "subslide"
    asked = before is not None and not before.is_code and "**Predict.**" in before.source
    return "subslide" if asked else ""
