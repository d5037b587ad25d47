"""A finished figure with its alternative text, and the figure that a function draws on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course._figures import figure_html
from mlmi_course.plots._colours import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT: Final = 10
_INCH: Final = 100  # CSS pixels that an inch of the figure takes on the page
_DPI: Final = 144  # drawn finer than shown, so that text stays sharp on dense screens


class Picture:
    """A finished figure with its alternative text.

    Jupyter drops the alternative text of ordinary matplotlib output; this object shows itself
    as an HTML ``<figure>`` and keeps it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    axes : Axes or tuple of Axes
        What was drawn on; change it before the picture is shown, if you like.
    alt : str
        One sentence for readers who cannot see the picture.
    trim : bool, default False
        Whether to cut the empty rows above and below: side by side, pictures of unlike shapes
        leave some that cannot be foreseen.

    Raises
    ------
    ValueError
        If ``alt`` is missing or blank.

    Examples
    --------
    >>> from mlmi_course import plots
    >>> picture = plots.image(np.eye(8), alt="A white diagonal on black.")
    >>> picture
    Picture: A white diagonal on black.
    >>> picture.png()[1:4]
    b'PNG'
    """

    def __init__(self, figure: Figure, axes: Any, alt: str, *, trim: bool = False) -> None:
        self.figure = figure
        self.axes = axes
        self.alt = require_alt(alt)
        self.trim = trim

    def png(self) -> bytes:
        """The picture as the bytes of a PNG file."""
        import io

        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from PIL import Image

        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        # Nothing is transparent on a white figure: without alpha the file is a quarter smaller.
        pixels = np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])
        if self.trim:
            pixels = _without_empty_rows(pixels, keep=round(0.05 * self.figure.dpi))
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(
            buffer, "png", compress_level=3, dpi=(self.figure.dpi, self.figure.dpi)
        )
        return buffer.getvalue()

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file; the suffix says how (``.png``, ``.pdf``, ``.svg``)."""
        path = Path(path)
        if path.suffix.lower() == ".png":
            path.write_bytes(self.png())
        else:
            self.figure.savefig(path)
        return path

    def _repr_html_(self) -> str:
        width = round(self.figure.get_figwidth() * _INCH)
        return figure_html(self.png(), self.alt, width, background="white")

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"


def _without_empty_rows(pixels: NDArray[np.uint8], keep: int) -> NDArray[np.uint8]:
    """Cut white rows above and below what was drawn, but for a margin of ``keep`` rows."""
    inked = np.flatnonzero((pixels < 255).any(axis=(1, 2)))
    if not inked.size:
        return pixels
    return pixels[max(inked[0] - keep, 0) : inked[-1] + keep + 1]


def require_alt(alt: Any) -> str:
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(
            "give alt='…': one sentence for readers who cannot see the picture "
            "(or ax=… to draw on axes of your own)"
        )
    return " ".join(alt.split())


def figure(
    size: tuple[float, float] = (4.6, 3.4), rows: int = 1, columns: int = 1, dpi: float = _DPI
) -> tuple[Figure, NDArray[Any]]:
    """A plain white matplotlib figure and its axes, which pyplot does not know about.

    pyplot would show the figure a second time under the cell, and keep it in memory.

    Parameters
    ----------
    size : (float, float)
        Width and height in inches; an inch is 100 pixels on the page.
    rows, columns : int
        Axes side by side and one below the other.
    dpi : float
        Dots to an inch in the file.  On the page an inch is 100 pixels whatever the dots are;
        the default is finer, for dense screens.

    Returns
    -------
    Figure, ndarray of Axes with shape (rows, columns)

    Examples
    --------
    >>> fig, axes = figure(columns=2)
    >>> axes.shape
    (1, 2)
    """
    from matplotlib.figure import Figure

    fig = Figure(figsize=size, dpi=dpi, layout="constrained", facecolor="white")
    axes = fig.subplots(rows, columns, squeeze=False)
    return fig, axes


def draw(
    paint: Callable[[Axes], Any],
    *,
    alt: str | None,
    ax: Axes | None,
    title: str | None,
    size: tuple[float, float],
    bare: bool = False,
) -> Picture | Axes:
    """Paint on the given axes, or on new ones that become a Picture."""
    if ax is None:
        require_alt(alt)
        fig, axes = figure(size)
        target = axes[0, 0]
        if bare:
            # A picture that fills its figure needs no layout engine: half the time to draw.
            fig.set_layout_engine("none")
            top = 0.3 / size[1] if title else 0.0
            target.set_position((0, 0, 1, 1 - top))
    else:
        target = ax
    paint(target)
    if title:
        target.set_title(title, fontsize=FONT + 1, color=INK, pad=5)
    return target if ax is not None else Picture(target.figure, target, alt)
