"""Core and deeper: what everybody reads of a unit, and what a reader may skip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mlmi_course.building.contract import HEADING, MINUTES, prose_lines
from mlmi_course.building.source import Cell

if TYPE_CHECKING:
    from mlmi_course.building.build import Notebook


def is_deeper(cells: Sequence[Cell]) -> list[bool]:
    """Whether a reader may skip each cell: it stands in a section marked *deeper*."""
    found = []
    deeper = False
    for cell in cells:
        for title in _titles(cell):
            stated = MINUTES.search(title)
            deeper = bool(stated and stated[2])
        found.append(deeper)
    return found


def core(notebook: Notebook) -> Notebook:
    """A notebook without what a reader may skip."""
    pairs = zip(notebook.body, is_deeper(notebook.body), strict=True)
    return replace(notebook, body=tuple(cell for cell, deeper in pairs if not deeper))


def marked(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Cells whose deeper sections say below their heading that they may be skipped, and to where.

    The heading itself says it too, but a reader who has got into a section looks for the way on.
    """
    cells = list(cells)
    for number, deeper in enumerate(is_deeper(cells)):
        if not deeper or not any(MINUTES.search(title) for title in _titles(cells[number])):
            continue
        heading, _, text = cells[number].source.partition("\n")
        after = zip(cells[number + 1 :], is_deeper(cells)[number + 1 :], strict=True)
        titles = (title for cell, skipped in after if not skipped for title in _titles(cell))
        on = next(titles, None)
        way = f" The core goes on with *{MINUTES.sub('', on).strip()}*." if on else ""
        mark = f"> **Deeper.** You may skip this section: the core does not need it.{way}"
        cells[number] = replace(cells[number], source=f"{heading}\n\n{mark}\n{text}".rstrip("\n"))
    return tuple(cells)


def _titles(cell: Cell) -> list[str]:
    """Headings of the second level in a cell."""
    if cell.is_code:
        return []
    lines = (HEADING.match(line) for _, line in prose_lines(cell))
    return [match[2] for match in lines if match and len(match[1]) == 2]
