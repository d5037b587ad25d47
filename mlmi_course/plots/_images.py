"""One grey image, many of them side by side, and what is marked on one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from mlmi_course import dicom
from mlmi_course._numbers import require_whole
from mlmi_course.plots._colours import INK, OKABE_ITO
from mlmi_course.plots._intensity import Window, as_pixels, draw_colour_bar, greys, highest, lowest
from mlmi_course.plots._parts import blank, fit, halo, scale_bar
from mlmi_course.plots._picture import FONT, Picture, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def image(
    data: ArrayLike,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
    window: Window | None = None,
    spacing: tuple[float, float] | None = None,
    colour_bar: bool = False,
    unit: str = "",
    cmap: str = "gray",
    size: float = 4.0,
) -> Picture | Axes:
    """A grey image, with pixels of the right shape and a scale in millimetres.

    Parameters
    ----------
    data : array_like, shape (rows, columns) or (rows, columns, 3)
        Grey values, or colours (uint8, or floats in 0–1).  NaN is drawn black, as padding.
    alt : str
        One sentence for readers who cannot see the picture; required unless ``ax`` is given.
    ax : Axes, optional
        Draw here and return it.
    title : str, optional
    vmin, vmax : float, optional
        Values drawn black and white; the smallest and the largest if left out.
    window : (centre, width) or (centre, width, function), optional
        A DICOM window instead of ``vmin`` and ``vmax``; see :func:`mlmi_course.dicom.window`.
    spacing : (float, float), optional
        Millimetres between rows and between columns; adds a scale bar.
    colour_bar : bool
        Show which grey is which value, in ``unit``.
    unit : str
    cmap : str
        Name of a matplotlib colour map, for maps that are not anatomy.
    size : float
        Longer side of the picture in inches (100 pixels on the page each).

    Returns
    -------
    Picture or Axes
        The axes count pixels: draw on them with ``ax.plot(column, row)``.

    Raises
    ------
    ValueError
        If ``data`` is not an image, ``alt`` is missing, or window and vmin/vmax are both given.

    Examples
    --------
    >>> import numpy as np
    >>> image(np.eye(64), alt="A white diagonal on black.", spacing=(0.5, 0.5))
    Picture: A white diagonal on black.
    """
    pixels = as_pixels(data)
    if window is not None and (vmin is not None or vmax is not None):
        raise ValueError("give either window=(centre, width) or vmin and vmax, not both")
    ratio = dicom.aspect(spacing) if spacing is not None else 1.0
    rows, columns = pixels.shape[:2]

    def paint(target: Axes) -> None:
        shown = greys(target, pixels, vmin, vmax, window, cmap)
        target.set_aspect(ratio)
        if spacing is not None:
            edges = (-0.5, columns - 0.5, rows - 0.5, -0.5)  # pixel centres are whole numbers
            scale_bar(target, edges, float(spacing[1]))
        if colour_bar:
            draw_colour_bar(target, shown, window, unit)

    width, height = fit(columns, rows * ratio, size)
    if title:
        height += 0.3
    return draw(
        paint,
        alt=alt,
        ax=ax,
        title=title,
        size=(width + (0.8 if colour_bar else 0), height),
        bare=not colour_bar,
    )


def montage(
    images: Sequence[ArrayLike] | ArrayLike,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    titles: Sequence[str] | None = None,
    columns: int | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
    window: Window | None = None,
    spacing: tuple[float, float] | None = None,
    same_scale: bool = True,
    cmap: str = "gray",
    size: float = 8.0,
) -> Picture | Axes:
    """Many small images side by side.

    Parameters
    ----------
    images : array_like, shape (n, rows, columns), or list of images
        The images of a list may differ in shape; each is drawn in a cell of its own.
    alt, ax, title, vmin, vmax, window, spacing, cmap
        As for :func:`image`.
    titles : sequence of str, optional
        One for each image, written above it.
    columns : int, optional
        Images in a row; about a square if left out.
    same_scale : bool
        One grey scale for all images (so that they can be compared), or one for each.
    size : float
        Width in inches.

    Returns
    -------
    Picture or Axes

    Examples
    --------
    >>> import numpy as np
    >>> montage(np.zeros((6, 8, 8)), columns=3, alt="Six black squares.")
    Picture: Six black squares.
    """
    pictures = [as_pixels(one) for one in images]
    if not pictures:
        raise ValueError("montage needs at least one image, got none")
    if titles is not None and len(titles) != len(pictures):
        raise ValueError(f"montage got {len(pictures)} images but {len(titles)} titles")
    if window is not None and (vmin is not None or vmax is not None):
        raise ValueError("give either window=(centre, width) or vmin and vmax, not both")
    ratio = dicom.aspect(spacing) if spacing is not None else 1.0
    count = len(pictures)
    columns = require_whole("columns", columns, 1) if columns else math.ceil(math.sqrt(count))
    columns = min(columns, count)
    lines_needed = math.ceil(count / columns)
    # A cell is as large as the largest image; one unit is the width of a pixel.
    wide = max(one.shape[1] for one in pictures)
    high = max(one.shape[0] for one in pictures) * ratio
    if window is None and same_scale:
        vmin = lowest(pictures) if vmin is None else vmin
        vmax = highest(pictures) if vmax is None else vmax

    def paint(target: Axes) -> None:
        gap = 0.03 * wide
        inches = size if ax is None else target.get_window_extent().width / target.figure.dpi
        inch = (columns * wide + (columns - 1) * gap) / inches  # in units of this axes
        head = 0.24 * inch if titles is not None else 0.0
        for number, picture in enumerate(pictures):
            row, column = divmod(number, columns)
            left = column * (wide + gap) + (wide - picture.shape[1]) / 2
            up = row * (high + head + gap) + head + (high - picture.shape[0] * ratio) / 2
            box = (left, left + picture.shape[1], up + picture.shape[0] * ratio, up)
            greys(target, picture, vmin, vmax, window, cmap, extent=box)
            if titles is not None:
                target.text(
                    column * (wide + gap) + wide / 2, up - 0.05 * inch, titles[number],
                    ha="center", va="bottom", fontsize=FONT, color=INK,
                )  # fmt: skip
            if spacing is not None and number == 0:
                scale_bar(target, box, float(spacing[1]))
        total = columns * wide + (columns - 1) * gap
        tall = lines_needed * (high + head) + (lines_needed - 1) * gap
        blank(target, total, tall)

    gap, head = 0.03 * wide, 0.24 if titles is not None else 0.0
    scale = size / (columns * wide + (columns - 1) * gap)
    tall = lines_needed * (high * scale + head) + (lines_needed - 1) * gap * scale
    return draw(
        paint, alt=alt, ax=ax, title=title, size=(size, tall + (0.3 if title else 0)), bare=True
    )


def edge_letters(
    ax: Axes, edges: dicom.Edges, box: tuple[float, float, float, float] | None = None
) -> Axes:
    """Write what lies at the edges of an image: R, L, A, P, S or I.

    Parameters
    ----------
    ax : Axes
        An image is drawn on it.
    edges : Edges
        From :meth:`mlmi_course.dicom.Volume.plane_edges`.
    box : tuple of float, optional
        Where the image lies (left, right, bottom, top), in units of the axes; the whole axes if
        left out.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from mlmi_course import plots
    >>> fig, axes = plots.figure()
    >>> ax = edge_letters(image(np.eye(8), ax=axes[0, 0]), dicom.Edges("A", "P", "R", "L"))
    >>> [text.get_text() for text in ax.texts]
    ['A', 'P', 'R', 'L']
    """
    left, right, bottom, top = box or (*ax.get_xlim(), *ax.get_ylim())
    places = {
        edges.top: ((left + right) / 2, top, "center", "top", (0, -2)),
        edges.bottom: ((left + right) / 2, bottom, "center", "bottom", (0, 2)),
        edges.left: (left, (top + bottom) / 2, "left", "center", (3, 0)),
        edges.right: (right, (top + bottom) / 2, "right", "center", (-3, 0)),
    }
    for letter, (across, down, ha, va, offset) in places.items():
        ax.annotate(
            letter, (across, down), xytext=offset, textcoords="offset points", ha=ha, va=va,
            fontsize=FONT, fontweight="bold", color="white", path_effects=halo(),
        )  # fmt: skip
    return ax


def cross_hair(ax: Axes, row: float, column: float) -> Axes:
    """Point at one pixel of an image, leaving the pixel itself in view.

    Parameters
    ----------
    ax : Axes
        An image is drawn on it.
    row, column : float
        The pixel, in units of the axes.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import numpy as np
    >>> from mlmi_course import plots
    >>> fig, axes = plots.figure()
    >>> ax = cross_hair(image(np.eye(8), ax=axes[0, 0]), 3, 4)
    """
    left, right = ax.get_xlim()
    bottom, top = ax.get_ylim()
    # The gap: large enough to see the pixel, and some of what is around it.
    gap = 0.03 * max(abs(right - left), abs(top - bottom)) + 0.5
    dark, bright = ("black", 2.6), (OKABE_ITO["yellow"], 1.2)
    for colour, width in (dark, bright):
        ax.hlines([row, row], [left, column + gap], [column - gap, right], colour, linewidth=width)
        ax.vlines([column, column], [top, row + gap], [row - gap, bottom], colour, linewidth=width)
    ax.set_xlim(left, right)
    ax.set_ylim(bottom, top)
    return ax
