"""Stored outputs: what tagged cells printed when their notebook was last executed.

A tagged cell keeps, beside its text, a hash of the code of all cells up to and including
itself, taken when it was executed.  Where that hash is no longer the hash of the code, the
output is *stale*: it may still be right, but nobody has looked.

The digits beside a statement differ between processors.  So an execution of the same code keeps
the stored digits as long as the statements are the same, and leaves no trace in the files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mlmi_course.building.code import code_hash
from mlmi_course.building.notebooks import cell_ids
from mlmi_course.building.source import Cell
from mlmi_course.checks.results import statements

FORM = "result: number (statement)"
"""How stored texts are printed; what was stored in another form is stale, whatever its code."""


@dataclass(frozen=True)
class Stored:
    """Outputs of a notebook's tagged cells, by cell id, and what is wrong with them.

    Parameters
    ----------
    outputs : dict
        Cell id to ``{"text": …, "code": …}``.
    missing, stale : tuple of Cell
        Tagged cells without an output, and with one from other code.
    """

    outputs: dict[str, dict[str, str]]
    missing: tuple[Cell, ...] = ()
    stale: tuple[Cell, ...] = ()


def code_hashes(cells: Sequence[Cell]) -> dict[str, str]:
    """Hash of the code up to and including each tagged cell, by cell id."""
    sources: list[str] = [f'"""{FORM}"""']
    hashes = {}
    for cell_id, cell in zip(cell_ids(cells), cells, strict=True):
        if cell.is_code:
            sources.append(cell.source)
        if cell.is_checked:
            hashes[cell_id] = code_hash(sources)
    return hashes


def carry_over(cells: Sequence[Cell], previous: str | None) -> Stored:
    """Outputs that a notebook inherits from its last version on disk.

    Parameters
    ----------
    cells : sequence of Cell
        The new notebook's cells.
    previous : str or None
        Text of the file on disk.

    Notes
    -----
    A cell finds its output by its id.  A cell whose comment was reworded has a new id, but
    still the same code before it, and so finds its output by the hash of that code.
    """
    by_id = dict(_read_outputs(previous))
    by_code = {stored["code"]: stored for stored in by_id.values()}
    outputs, missing, stale = {}, [], []
    cells_by_id = dict(zip(cell_ids(cells), cells, strict=True))
    for cell_id, code in code_hashes(cells).items():
        stored = by_id.get(cell_id) or by_code.get(code)
        if stored is None:
            missing.append(cells_by_id[cell_id])
            continue
        outputs[cell_id] = stored
        if stored["code"] != code:
            stale.append(cells_by_id[cell_id])
    return Stored(outputs, tuple(missing), tuple(stale))


def keep_digits(
    new: dict[str, dict[str, str]], old: dict[str, dict[str, str]]
) -> dict[str, dict[str, str]]:
    """What to store of an execution, given what is stored: the old digits, where they still hold.

    Parameters
    ----------
    new, old : dict
        Cell id to ``{"text": …, "code": …}``, as in `Stored.outputs`.

    Returns
    -------
    dict
        As ``new``, but with the old text wherever the code is the same and both texts state the
        same.
    """
    return {
        cell_id: before
        if (before := old.get(cell_id))
        and before["code"] == ran["code"]
        and statements(before["text"]) == statements(ran["text"])
        else ran
        for cell_id, ran in new.items()
    }


def _read_outputs(text: str | None) -> Iterator[tuple[str, dict[str, str]]]:
    """Well-formed stored outputs of a notebook; whatever is not well-formed counts as absent."""
    try:
        cells = json.loads(text or "{}").get("cells", [])
    except (ValueError, AttributeError):
        return
    for cell in cells:
        match cell:
            case {
                "id": str(cell_id),
                "metadata": {"mlmi": {"code": str(code)}},
                "outputs": [{"output_type": "stream", "name": "stdout", "text": text}],
            }:
                yield cell_id, {"text": _joined(text), "code": code}


def _joined(text: Any) -> str:
    return text if isinstance(text, str) else "".join(text)
