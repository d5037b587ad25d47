"""How sets show themselves in a notebook: a sheet of small images, and facts in a table."""

from __future__ import annotations

import html
import io
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course._figures import figure_html

TILE: Final = 72  # pixels on a side of a small image
_GAP: Final = 2
_BRIGHTEST: Final = 99.5  # per cent of the pixels that are no brighter than white


def size_text(shape: Sequence[int]) -> str:
    return "×".join(str(length) for length in shape)


def spacing_text(spacing: tuple[float, float] | None) -> str:
    if spacing is None:
        return "unknown"
    row, column = spacing
    return f"{row:g} mm" if row == column else f"{row:g} mm between rows, {column:g} mm in a row"


def fact_rows(facts: Mapping[str, str | None], datasheet: str | None) -> str:
    # No colours of our own: the page's serve in the light and in the dark theme.
    cell = 'style="text-align:left"'
    rows = "".join(
        f'<tr><th scope="row" {cell}>{html.escape(name)}</th>'
        f"<td {cell}>{html.escape(text)}</td></tr>"
        for name, text in facts.items()
        if text is not None
    )
    if datasheet:
        # Every notebook of the course lies one folder below the project's.
        link = html.escape(f"../{datasheet}", quote=True)
        rows += (
            f'<tr><th scope="row" {cell}>datasheet</th>'
            f'<td {cell}><a href="{link}">{html.escape(datasheet)}</a></td></tr>'
        )
    return rows


def figure(sheet: NDArray[np.uint8], alt: str) -> str:
    return figure_html(_png(sheet), alt, sheet.shape[1])


def sheet_of(
    rows: Sequence[NDArray[np.uint8 | np.uint16 | np.int16]], side: int = TILE
) -> NDArray[np.uint8]:
    """Grey and opacity of rows of small images on a common grey scale, with clear gaps."""
    low = min(int(row.min()) for row in rows)
    # A few bright pixels of 16 bits would leave the rest of the picture dark.
    high = max(
        int(row.max() if row.dtype == np.uint8 else np.percentile(row, _BRIGHTEST)) for row in rows
    )
    many = max(len(row) for row in rows)
    step = side + _GAP
    sheet = np.zeros((len(rows) * step - _GAP, many * step - _GAP, 2), np.uint8)
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            grey = np.clip((image - float(low)) * (255 / max(high - low, 1)), 0, 255)
            tile = _tile(grey, side)
            place = sheet[i * step :, j * step :][: tile.shape[0], : tile.shape[1]]
            place[..., 0], place[..., 1] = tile, 255
    return sheet


def _tile(image: NDArray[np.float64], side: int) -> NDArray[np.uint8]:
    from PIL import Image

    scale = side / max(image.shape)
    size = (max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1))
    return np.asarray(
        Image.fromarray(image.astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)
    )


def _png(sheet: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, "png", compress_level=3)
    return buffer.getvalue()
