"""One function for each picture that comes back in the course.

Every function works in two ways:

* ``plots.image(ct, alt="An axial CT slice of the chest.")`` returns a :class:`Picture`, which
  shows itself in a notebook with its alternative text, for readers who cannot see it;
* ``plots.image(ct, ax=ax)`` draws on a matplotlib Axes of yours and returns it.

The same quantity has the same colour in every picture: see :data:`COLOURS`.
"""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course import dicom

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# (centre, width), or with the name of the DICOM function as a third
Window = tuple[float, float] | tuple[float, float, str]

__all__ = [
    "COLOURS",
    "OKABE_ITO",
    "Picture",
    "bars",
    "cross_hair",
    "decision",
    "edge_letters",
    "embedding",
    "figure",
    "grid",
    "histogram",
    "image",
    "kaplan_meier",
    "lines",
    "montage",
    "overlay",
    "planes",
]

OKABE_ITO: Final[Mapping[str, str]] = MappingProxyType(
    {
        "black": "#000000",
        "orange": "#E69F00",
        "sky blue": "#56B4E9",
        "bluish green": "#009E73",
        "yellow": "#F0E442",
        "blue": "#0072B2",
        "vermillion": "#D55E00",
        "reddish purple": "#CC79A7",
    }
)
"""The palette of Okabe and Ito, made to be told apart with any kind of colour vision.

M. Okabe, K. Ito: *Color Universal Design*, 2008, https://jfly.uni-koeln.de/color/
"""

COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "truth": OKABE_ITO["sky blue"],
        "prediction": OKABE_ITO["orange"],
        "error": OKABE_ITO["vermillion"],
        "highlight": OKABE_ITO["reddish purple"],
        "neutral": "#767676",
    }
)
"""What a colour means, in every picture of the course.

==============  ===============  =============================================================
``truth``       sky blue         the reference: an expert's outline, the known answer
``prediction``  orange           what a model or a student's function says
``error``       vermillion       where the two differ
``highlight``   reddish purple   the one thing the text talks about
``neutral``     grey             everything else
==============  ===============  =============================================================
"""

_INK = "#222222"
_FAINT = "#D9D9D9"
_FONT = 10
_INCH = 100  # CSS pixels that an inch of the figure takes on the page
_DPI = 144  # drawn finer than shown, so that text stays sharp on dense screens
# Outlining a mask as ragged as noise costs seconds and hides the mask: fill it only.
_MOST_EDGES = 12_000
# Series differ in their dashes too, so that a picture survives a black-and-white printer.
_SERIES: Final = tuple(
    zip(
        (OKABE_ITO[c] for c in ("blue", "vermillion", "bluish green", "reddish purple", "black")),
        ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5)), (0, (8, 3))),
        strict=True,
    )
)
# Classes differ in colour and in shape, ten of each pair; yellow is too faint on white.
_CLASSES: Final = tuple(
    zip(
        (
            *(OKABE_ITO[c] for c in ("blue", "vermillion", "bluish green", "orange")),
            *(OKABE_ITO[c] for c in ("reddish purple", "sky blue", "black")),
            COLOURS["neutral"],
            *(OKABE_ITO[c] for c in ("blue", "vermillion")),
        ),
        "o^sDvPX<>*",
        strict=True,
    )
)


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
    >>> picture = image(np.eye(8), alt="A white diagonal on black.")
    >>> picture
    Picture: A white diagonal on black.
    >>> picture.png()[1:4]
    b'PNG'
    """

    def __init__(self, figure: Figure, axes: Any, alt: str, *, trim: bool = False) -> None:
        self.figure = figure
        self.axes = axes
        self.alt = _require_alt(alt)
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
        data = base64.b64encode(self.png()).decode("ascii")
        return (
            '<figure style="margin:0">'
            f'<img alt="{html.escape(self.alt, quote=True)}" width="{width}" '
            'style="max-width:100%;height:auto;background:white" '
            f'src="data:image/png;base64,{data}"></figure>'
        )

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"


def _without_empty_rows(pixels: NDArray[np.uint8], keep: int) -> NDArray[np.uint8]:
    """Cut white rows above and below what was drawn, but for a margin of ``keep`` rows."""
    inked = np.flatnonzero((pixels < 255).any(axis=(1, 2)))
    if not inked.size:
        return pixels
    return pixels[max(inked[0] - keep, 0) : inked[-1] + keep + 1]


def _require_alt(alt: Any) -> str:
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


def _draw(
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
        _require_alt(alt)
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
        target.set_title(title, fontsize=_FONT + 1, color=_INK, pad=5)
    return target if ax is not None else Picture(target.figure, target, alt)


# -- images ------------------------------------------------------------------------------------


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
    >>> image(np.eye(64), alt="A white diagonal on black.", spacing=(0.5, 0.5))
    Picture: A white diagonal on black.
    """
    pixels = _pixels(data)
    if window is not None and (vmin is not None or vmax is not None):
        raise ValueError("give either window=(centre, width) or vmin and vmax, not both")
    ratio = dicom.aspect(spacing) if spacing is not None else 1.0
    rows, columns = pixels.shape[:2]

    def paint(target: Axes) -> None:
        shown = _greys(target, pixels, vmin, vmax, window, cmap)
        target.set_aspect(ratio)
        if spacing is not None:
            edges = (-0.5, columns - 0.5, rows - 0.5, -0.5)  # pixel centres are whole numbers
            _scale_bar(target, edges, float(spacing[1]))
        if colour_bar:
            _colour_bar(target, shown, window, unit)

    width, height = _fit(columns, rows * ratio, size)
    if title:
        height += 0.3
    return _draw(
        paint,
        alt=alt,
        ax=ax,
        title=title,
        size=(width + (0.8 if colour_bar else 0), height),
        bare=not colour_bar,
    )


def planes(
    volume: dicom.Volume,
    *,
    index: tuple[int, int, int] | None = None,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    window: Window | None = None,
    vmin: float | None = None,
    vmax: float | None = None,
    cross: bool = True,
    size: float = 8.0,
) -> Picture | Axes:
    """The axial, coronal and sagittal plane through one point, at the same scale.

    Letters say what lies at each edge (patient's Right and Left, Anterior, Posterior,
    Superior, Inferior); lines show where the other two planes cut.

    Parameters
    ----------
    volume : Volume
    index : (int, int, int), optional
        The point, counted along (z, y, x) of ``volume.canonical()``: towards Superior,
        Posterior and Left.  The middle if left out.
    alt, ax, title, window, vmin, vmax
        As for :func:`image`; the greys are the same in the three planes.
    cross : bool
        Draw the lines.
    size : float
        Width in inches.

    Returns
    -------
    Picture or Axes
        The axes count millimetres.

    Examples
    --------
    >>> scan = dicom.Volume(
    ...     np.random.default_rng(0).normal(size=(8, 16, 16)), (2, 1, 1),
    ...     [[0, 0, 1, 0], [0, 1, 0, 0], [2, 0, 0, 0], [0, 0, 0, 1]])
    >>> planes(scan, alt="Three planes through a block of noise.")
    Picture: Three planes through a block of noise.
    """
    if not isinstance(volume, dicom.Volume):
        raise ValueError(
            f"planes needs a Volume, got {type(volume).__name__}; "
            "mlmi_course.dicom.volume_from_nifti makes one from a NIfTI image"
        )
    if window is not None and (vmin is not None or vmax is not None):
        raise ValueError("give either window=(centre, width) or vmin and vmax, not both")
    volume = volume.canonical()
    z, y, x = tuple(n // 2 for n in volume.shape) if index is None else index
    cuts = {"axial": z, "coronal": y, "sagittal": x}
    pictures = {name: np.asarray(volume.plane(name, cut)) for name, cut in cuts.items()}
    z, y, x = (int(cut) % n for cut, n in zip((z, y, x), volume.shape, strict=True))
    # One grey scale for all three: a plane that holds less contrast must look so.
    if window is None:
        vmin = _lowest(pictures.values()) if vmin is None else vmin
        vmax = _highest(pictures.values()) if vmax is None else vmax
    dz, dy, dx = volume.spacing
    height, depth, breadth = (n * s for n, s in zip(volume.shape, volume.spacing, strict=True))
    top = (volume.shape[0] - 1 - z + 0.5) * dz  # superior is drawn at the top
    at = {
        "axial": ((x + 0.5) * dx, (y + 0.5) * dy),
        "coronal": ((x + 0.5) * dx, top),
        "sagittal": ((y + 0.5) * dy, top),
    }
    sizes = {"axial": (breadth, depth), "coronal": (breadth, height), "sagittal": (depth, height)}
    gap = 0.04 * (2 * breadth + depth)
    total, tallest = 2 * breadth + depth + 2 * gap, max(depth, height)

    def paint(target: Axes) -> None:
        left = 0.0
        for name, picture in pictures.items():
            wide, high = sizes[name]
            up = (tallest - high) / 2
            box = (left, left + wide, up + high, up)
            _greys(target, picture, vmin, vmax, window, "gray", extent=box)
            edge_letters(target, volume.plane_edges(name), box)
            if cross:
                column, row = left + at[name][0], up + at[name][1]
                style = {"color": OKABE_ITO["yellow"], "linewidth": 0.8, "alpha": 0.75}
                target.plot([column, column], [up, up + high], **style)
                target.plot([left, left + wide], [row, row], **style)
            if name == "axial":
                _scale_bar(target, box, 1.0)
            left += wide + gap
        _blank(target, total, tallest)

    wide, high = _fit(total, tallest, size, by_width=True)
    return _draw(
        paint, alt=alt, ax=ax, title=title, size=(wide, high + (0.3 if title else 0)), bare=True
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
    >>> montage(np.zeros((6, 8, 8)), columns=3, alt="Six black squares.")
    Picture: Six black squares.
    """
    pictures = [_pixels(one) for one in images]
    if not pictures:
        raise ValueError("montage needs at least one image, got none")
    if titles is not None and len(titles) != len(pictures):
        raise ValueError(f"montage got {len(pictures)} images but {len(titles)} titles")
    if window is not None and (vmin is not None or vmax is not None):
        raise ValueError("give either window=(centre, width) or vmin and vmax, not both")
    ratio = dicom.aspect(spacing) if spacing is not None else 1.0
    count = len(pictures)
    columns = _whole(columns, "columns") if columns else math.ceil(math.sqrt(count))
    columns = min(columns, count)
    lines_needed = math.ceil(count / columns)
    # A cell is as large as the largest image; one unit is the width of a pixel.
    wide = max(one.shape[1] for one in pictures)
    high = max(one.shape[0] for one in pictures) * ratio
    if window is None and same_scale:
        vmin = _lowest(pictures) if vmin is None else vmin
        vmax = _highest(pictures) if vmax is None else vmax

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
            _greys(target, picture, vmin, vmax, window, cmap, extent=box)
            if titles is not None:
                target.text(
                    column * (wide + gap) + wide / 2, up - 0.05 * inch, titles[number],
                    ha="center", va="bottom", fontsize=_FONT, color=_INK,
                )  # fmt: skip
            if spacing is not None and number == 0:
                _scale_bar(target, box, float(spacing[1]))
        total = columns * wide + (columns - 1) * gap
        tall = lines_needed * (high + head) + (lines_needed - 1) * gap
        _blank(target, total, tall)

    gap, head = 0.03 * wide, 0.24 if titles is not None else 0.0
    scale = size / (columns * wide + (columns - 1) * gap)
    tall = lines_needed * (high * scale + head) + (lines_needed - 1) * gap * scale
    return _draw(
        paint, alt=alt, ax=ax, title=title, size=(size, tall + (0.3 if title else 0)), bare=True
    )


def overlay(
    data: ArrayLike,
    masks: ArrayLike | Mapping[str, ArrayLike],
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    colours: Mapping[str, str] | None = None,
    fill: float = 0.3,
    vmin: float | None = None,
    vmax: float | None = None,
    window: Window | None = None,
    spacing: tuple[float, float] | None = None,
    size: float = 4.0,
) -> Picture | Axes:
    """Masks over an image: a clear outline and a light fill.

    Parameters
    ----------
    data : array_like, shape (rows, columns) or (rows, columns, 3)
    masks : array_like of bool, shape (rows, columns), or mapping of name to mask
        A name that is a key of :data:`COLOURS` (``"truth"``, ``"prediction"``, ``"error"`` …)
        gets that colour; other names get the next free one.  More than one mask, or a named
        one, adds a legend.  Values above zero count as inside.
    alt, ax, title, vmin, vmax, window, spacing, size
        As for :func:`image`.
    colours : mapping of name to colour, optional
        Other colours for some names.
    fill : float
        How opaque the fill is, from 0 to 1.

    Returns
    -------
    Picture or Axes

    Notes
    -----
    The outline follows the edges of the pixels, because a mask *is* pixels; a smooth contour
    would hide single-pixel errors.  A mask with a very ragged edge is only filled.

    Examples
    --------
    >>> disc = np.hypot(*np.mgrid[-8:8, -8:8]) < 5
    >>> overlay(disc * 1.0, {"truth": disc}, alt="A disc, outlined.")
    Picture: A disc, outlined.
    """
    pixels = _pixels(data)
    named = dict(masks) if isinstance(masks, Mapping) else {"": masks}
    regions = {name: _region(mask, pixels.shape[:2], name) for name, mask in named.items()}
    paints = _mask_colours(regions, colours or {})
    legend = any(regions) or len(regions) > 1

    def paint(target: Axes) -> None:
        from matplotlib.colors import to_rgb
        from matplotlib.patches import Patch

        image(pixels, ax=target, vmin=vmin, vmax=vmax, window=window, spacing=spacing)
        handles = []
        for name, region in regions.items():
            red, green, blue = to_rgb(paints[name])
            layer = np.zeros((*region.shape, 4))
            layer[region] = (red, green, blue, fill)
            target.imshow(layer, interpolation="nearest", aspect=target.get_aspect())
            across, down = _outline(region)
            if len(across) <= 3 * _MOST_EDGES:
                # A dark line under the coloured one keeps it visible on bright tissue.
                for colour, width in (("black", 2.2), (paints[name], 1.3)):
                    target.plot(
                        across, down, color=colour, linewidth=width, solid_capstyle="projecting"
                    )
            handles.append(Patch(facecolor=paints[name], edgecolor="black", label=name))
        if legend:
            # Below the picture, where it hides nothing.
            target.legend(
                handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.01), frameon=False,
                ncols=len(handles), fontsize=_FONT, labelcolor=_INK, handlelength=1.2,
                borderaxespad=0.2,
            )  # fmt: skip

    ratio = dicom.aspect(spacing) if spacing is not None else 1.0
    width, height = _fit(pixels.shape[1], pixels.shape[0] * ratio, size)
    extra = (0.3 if title else 0) + (0.3 if legend else 0)
    return _draw(paint, alt=alt, ax=ax, title=title, size=(width, height + extra), bare=not legend)


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
    box : (left, right, bottom, top), optional
        Where the image lies, in units of the axes; the whole axes if left out.

    Returns
    -------
    Axes

    Examples
    --------
    >>> fig, axes = figure()
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
            fontsize=_FONT, fontweight="bold", color="white", path_effects=_halo(),
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
    >>> fig, axes = figure()
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


# -- charts ------------------------------------------------------------------------------------


def histogram(
    values: ArrayLike,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    bins: int | ArrayLike = 80,
    marks: Mapping[str, float] | None = None,
    span: tuple[float, float] | None = None,
    label: str = "value",
    log: bool = False,
    size: tuple[float, float] = (4.6, 3.0),
) -> Picture | Axes:
    """How often each value occurs, with the values that matter marked by name.

    Parameters
    ----------
    values : array_like, or a pair (counts, edges)
        Any shape; NaN and infinite values are left out.  The pair is what ``np.histogram``
        returns, for values that were counted before.
    alt, ax, title
        As for :func:`image`.
    bins : int or array_like
        Number of bins, or their edges.
    marks : mapping of name to value, optional
        Vertical lines, such as a threshold.
    span : (low, high), optional
        A range shaded in the background, such as a window.
    label : str
        What the values are, with their unit.
    log : bool
        Logarithmic counts: shows the few bright pixels beside the many dark ones.
    size : (float, float)
        Inches.

    Returns
    -------
    Picture or Axes

    Examples
    --------
    >>> histogram([1, 2, 2, 3], bins=3, marks={"mean": 2}, alt="Three bars, the middle highest.")
    Picture: Three bars, the middle highest.
    """
    if isinstance(values, tuple) and len(values) == 2 and np.ndim(values[0]) == 1:
        counts, edges = (np.asarray(part) for part in values)
    else:
        numbers = np.asarray(values, dtype=float).ravel()
        numbers = numbers[np.isfinite(numbers)]
        if numbers.size == 0:
            raise ValueError("histogram needs at least one finite value, got none")
        counts, edges = np.histogram(numbers, bins=bins)
    if len(edges) != len(counts) + 1:
        raise ValueError(
            f"a pair (counts, edges) has one edge more than counts, got {len(counts)} counts and "
            f"{len(edges)} edges"
        )

    def paint(target: Axes) -> None:
        if span is not None:
            target.axvspan(*span, color=COLOURS["highlight"], alpha=0.18, linewidth=0)
        target.stairs(counts, edges, fill=True, color="#9A9A9A")
        if log:
            target.set_yscale("log")
            # A bin of one must still be seen, so the axis starts below one.
            target.set_ylim(0.7, max(1, counts.max()) * 2)
        _tidy(target, xlabel=label, ylabel="count")
        for name, value in (marks or {}).items():
            target.axvline(value, color=COLOURS["highlight"], linewidth=1.6)
            target.annotate(
                name, (value, 1), xycoords=("data", "axes fraction"), xytext=(3, -2),
                textcoords="offset points", va="top", fontsize=_FONT - 1, color=_INK,
            )  # fmt: skip

    return _draw(paint, alt=alt, ax=ax, title=title, size=size)


def lines(
    series: Mapping[str, Any],
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    x: ArrayLike | None = None,
    xlabel: str = "",
    ylabel: str = "",
    colours: Mapping[str, str] | None = None,
    size: tuple[float, float] = (4.6, 3.2),
) -> Picture | Axes:
    """A few curves, told apart by colour and by dashes.

    Parameters
    ----------
    series : mapping of name to values
        Values are ``y`` alone, shape (n,), or a pair ``(x, y)``.  A name that is a key of
        :data:`COLOURS` gets that colour.
    alt, ax, title
        As for :func:`image`.
    x : array_like, optional
        The common x of all series given as ``y`` alone; 0, 1, 2 … if left out.
    xlabel, ylabel : str
        What the axes show, with the unit.
    colours : mapping of name to colour, optional
    size : (float, float)
        Inches.

    Returns
    -------
    Picture or Axes

    Examples
    --------
    >>> lines({"squares": [0, 1, 4, 9]}, xlabel="x", alt="A curve that rises faster and faster.")
    Picture: A curve that rises faster and faster.
    """
    if not isinstance(series, Mapping) or not series:
        raise ValueError(
            f"lines needs a mapping of name to values, such as {{'loss': losses}}; got {series!r}"
        )
    curves = {}
    for name, given in series.items():
        if isinstance(given, tuple) and len(given) == 2:
            across, up = (np.asarray(part, dtype=float) for part in given)
        else:
            up = np.asarray(given, dtype=float)
            across = np.arange(len(up)) if x is None else np.asarray(x, dtype=float)
        if across.shape != up.shape or up.ndim != 1:
            raise ValueError(
                f"the line {name!r} needs as many x as y, got shapes {across.shape} and {up.shape}"
            )
        curves[name] = across, up

    def paint(target: Axes) -> None:
        for number, (name, (across, up)) in enumerate(curves.items()):
            colour, dashes = _SERIES[number % len(_SERIES)]
            colour = (colours or {}).get(name) or COLOURS.get(name, colour)
            target.plot(across, up, color=colour, linestyle=dashes, linewidth=1.8, label=name)
        _tidy(target, xlabel=xlabel, ylabel=ylabel)
        if len(curves) > 1 or next(iter(curves)):
            target.legend(frameon=False, fontsize=_FONT, labelcolor=_INK, handlelength=2.6)

    return _draw(paint, alt=alt, ax=ax, title=title, size=size)


def kaplan_meier(
    groups: tuple[ArrayLike, ArrayLike] | Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    xlabel: str = "days",
    ylabel: str = "share alive",
    band: bool = True,
    ticks: bool = True,
    at_risk: bool = True,
    end: float | None = None,
    colours: Mapping[str, str] | None = None,
    size: tuple[float, float] = (5.6, 3.8),
) -> Picture | Axes:
    """Survival curves by Kaplan and Meier, with what tells how far to trust them.

    Parameters
    ----------
    groups : (time, event), or mapping of name to (time, event)
        Follow-up of each patient, and whether it ended with the event (1) or was censored (0);
        both of shape (n,).
    alt, ax, title
        As for :func:`image`.
    xlabel, ylabel : str
        The unit of time; what survives.
    band : bool
        Shade the pointwise 95 % confidence interval, by Greenwood's formula on the scale of
        log(−log S) [1]_.  It ends where the curve reaches 0, which has no such interval.
    ticks : bool
        A small vertical mark on the curve where a patient was censored.
    at_risk : bool
        Below the axis, how many patients of each group are still observed.
    end : float, optional
        Last time on the axis; the longest follow-up if left out.
    colours : mapping of name to colour, optional
    size : (float, float)
        Inches.

    Returns
    -------
    Picture or Axes

    Raises
    ------
    ValueError
        If there is no patient, times and events differ in number, a time is negative or not
        finite, or an event is neither 0 nor 1.

    Notes
    -----
    A patient censored at the time of a death counts as at risk of it.

    References
    ----------
    .. [1] J. D. Kalbfleisch and R. L. Prentice, The Statistical Analysis of Failure Time Data,
       Wiley, 1980; the interval that R and lifelines draw as "log-log".

    Examples
    --------
    >>> kaplan_meier(([5, 8, 8, 12], [1, 1, 0, 1]), alt="A staircase from 1 down to 0.")
    Picture: A staircase from 1 down to 0.
    """
    named = dict(groups) if isinstance(groups, Mapping) else {"": groups}
    if not named:
        raise ValueError("kaplan_meier needs at least one group of patients, got none")
    curves = {name: _survival(*_patients(name, given)) for name, given in named.items()}
    last = max(times[-1] for times, *_ in curves.values()) if end is None else float(end)

    def paint(target: Axes) -> None:
        for number, (name, (times, alive, low, high, lost, _)) in enumerate(curves.items()):
            colour, dashes = _SERIES[number % len(_SERIES)]
            colour = (colours or {}).get(name) or COLOURS.get(name, colour)
            if band:
                target.fill_between(
                    times, low, high, step="post", color=colour, alpha=0.16, linewidth=0
                )
            target.step(
                times, alive, where="post", color=colour, linestyle=dashes, linewidth=1.8,
                label=name,
            )  # fmt: skip
            if ticks:
                target.plot(
                    times[lost], alive[lost], linestyle="none", marker="|", markersize=7,
                    markeredgewidth=1.1, color=colour,
                )  # fmt: skip
        target.set_xlim(0, 1.01 * last)  # a fall at the very end is seen as one
        target.set_ylim(0, 1.02)
        _tidy(target, xlabel=xlabel, ylabel=ylabel)
        if any(curves):
            target.legend(frameon=False, fontsize=_FONT, labelcolor=_INK, handlelength=2.6)
        if at_risk:
            _numbers_at_risk(target, curves, last)

    return _draw(paint, alt=alt, ax=ax, title=title, size=size)


def _patients(
    name: str, given: tuple[ArrayLike, ArrayLike]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Times and events of a group, or an error that says what is wrong with them."""
    who = f" of {name!r}" if name else ""
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise ValueError(f"kaplan_meier needs a pair (time, event){who}, got {given!r}")
    time, event = (np.asarray(part, dtype=float) for part in given)
    if time.ndim != 1 or time.shape != event.shape or not time.size:
        raise ValueError(
            f"kaplan_meier needs one time and one event for each patient{who}, got shapes "
            f"{time.shape} and {event.shape}"
        )
    if not (np.isfinite(time).all() and (time >= 0).all()):
        raise ValueError(f"the times{who} must be finite and not negative")
    if not np.isin(event, (0, 1)).all():
        odd = sorted({float(value) for value in event} - {0.0, 1.0})
        raise ValueError(
            f"an event is 1 (it happened) or 0 (censored); the events{who} hold {odd[:3]}"
        )
    return time, event.astype(bool)


def _survival(time: NDArray[np.float64], event: NDArray[np.bool_]) -> tuple[NDArray[Any], ...]:
    """Times from 0 on, share alive, its interval, where patients are lost, and all times."""
    at = np.unique(time)
    deaths = np.array([np.count_nonzero(event & (time == t)) for t in at])
    risk = np.array([np.count_nonzero(time >= t) for t in at])
    lost = np.array([np.any(~event & (time == t)) for t in at])
    alive = np.cumprod(1 - deaths / risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(deaths / (risk * (risk - deaths)))
        spread = 1.959963985 * np.sqrt(greenwood) / np.log(alive)
        low, high = (alive ** np.exp(sign * spread) for sign in (-1, 1))
    before = alive == 1  # nobody has died yet: no interval to speak of
    low[before] = high[before] = 1.0
    if alive[-1] == 0 and len(at) > 1:  # only so that the interval before is drawn to its end
        low[-1], high[-1] = low[-2], high[-2]
    start = np.zeros(1)
    return (
        np.concatenate([start, at]),
        np.concatenate([start + 1, alive]),
        np.concatenate([start + 1, low]),
        np.concatenate([start + 1, high]),
        np.concatenate([[False], lost]),
        np.sort(time),
    )


def _numbers_at_risk(target: Axes, curves: Mapping[str, tuple[Any, ...]], last: float) -> None:
    from matplotlib.ticker import MaxNLocator

    marks = [t for t in MaxNLocator(5).tick_values(0, last) if 0 <= t <= last * 1.0001]
    target.set_xticks(marks)
    style = {
        "xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "top",
        "fontsize": _FONT - 1, "annotation_clip": False,
    }  # fmt: skip
    for row, (name, (*_, times)) in enumerate(curves.items()):
        down = -(36 + 13 * row)
        for mark in marks:
            count = int(np.count_nonzero(times >= mark))
            target.annotate(
                str(count), (mark, 0), xytext=(0, down), ha="center", color=_INK, **style
            )
        words = f"{name}, at risk" if name else "at risk"
        target.annotate(words, (0, 0), xytext=(-16, down), ha="right", color=_INK, **style)


def bars(
    labels: Sequence[str],
    values: ArrayLike,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    xlabel: str = "",
    limits: tuple[float, float] | None = None,
    highlight: str | Sequence[str] = (),
    decimals: int = 2,
    size: tuple[float, float] | None = None,
) -> Picture | Axes:
    """Horizontal bars with their values printed, the first on top.

    Parameters
    ----------
    labels : sequence of str
    values : array_like, shape (n,)
        NaN is written as "not defined".
    alt, ax, title
        As for :func:`image`.
    xlabel : str
        What the values are, with the unit.
    limits : (low, high), optional
        Ends of the value axis.  Bars start at zero unless you say otherwise: a bar that does
        not, misleads.
    highlight : str or sequence of str
        Labels of the bars that the text talks about.
    decimals : int
        Digits printed after the point.
    size : (float, float), optional
        Inches; as tall as the number of bars needs if left out.

    Returns
    -------
    Picture or Axes

    Examples
    --------
    >>> bars(["mean", "maximum"], [0.80, 0.90], alt="AUC 0.80 for the mean, 0.90 for the maximum.")
    Picture: AUC 0.80 for the mean, 0.90 for the maximum.
    """
    heights = np.asarray(values, dtype=float)
    names = [str(label) for label in labels]
    if heights.ndim != 1 or len(names) != heights.size or not names:
        raise ValueError(f"bars needs one value for each of {len(names)} labels, got shape "
                         f"{heights.shape}")  # fmt: skip
    chosen = {highlight} if isinstance(highlight, str) else set(highlight)
    if unknown := chosen - set(names):
        raise ValueError(f"highlight names no bar: {sorted(unknown)}; the bars are {names}")

    def paint(target: Axes) -> None:
        places = np.arange(len(names))
        colours = [COLOURS["highlight" if name in chosen else "neutral"] for name in names]
        drawn = target.barh(places, np.nan_to_num(heights), color=colours, height=0.66)
        words = [f"{v:.{decimals}f}" if np.isfinite(v) else "not defined" for v in heights]
        target.bar_label(drawn, words, padding=4, fontsize=_FONT, color=_INK)
        target.set_yticks(places, names)
        target.invert_yaxis()
        _tidy(target, xlabel=xlabel)
        target.tick_params(axis="y", length=0)
        if limits is not None:
            target.set_xlim(*limits)
        else:
            target.margins(x=0.16)  # room for the printed value
        target.spines["left"].set_visible(False)

    return _draw(paint, alt=alt, ax=ax, title=title, size=size or (5.6, 0.75 + 0.34 * len(names)))


def decision(
    features: ArrayLike,
    labels: ArrayLike,
    score: Callable[[NDArray[np.float64]], ArrayLike] | None = None,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    level: float = 0.0,
    names: tuple[str, str] = ("class 0", "class 1"),
    highlight: int | Sequence[int] = (),
    errors: bool = True,
    limits: tuple[float, float, float, float] | None = None,
    xlabel: str = "",
    ylabel: str = "",
    legend: bool = True,
    size: tuple[float, float] = (4.6, 3.9),
) -> Picture | Axes:
    """Samples of two classes in the plane, and the side on which a model puts each point.

    Parameters
    ----------
    features : array_like, shape (n, 2)
    labels : array_like, shape (n,)
        Two values; the larger one is the class that a high score speaks for.
    score : function, optional
        ``score(points)`` gives one number for each row of ``points``, shape (m, 2).  Where it
        is above ``level`` the plane is shaded; the border is drawn.
    alt, ax, title
        As for :func:`image`.
    level : float
        The score that decides; 0.5 for a probability.
    names : (str, str)
        What the two classes are called, the one with the smaller label first.
    highlight : int or sequence of int
        Samples that the text talks about, by their row.
    errors : bool
        Ring the samples on the wrong side.  A score of exactly ``level`` is on neither side.
    limits : (left, right, bottom, top), optional
        The part of the plane; around the samples if left out.
    xlabel, ylabel : str
        The two features, with their units.
    legend : bool
    size : (float, float)
        Inches.

    Returns
    -------
    Picture or Axes

    Raises
    ------
    ValueError
        For features that are not two columns, other than two classes, or a score that gives
        something else than one number for each point.

    Examples
    --------
    >>> corners, labels = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> decision(corners, labels, lambda points: points[:, 0] - 0.5, alt="Two of four are wrong.")
    Picture: Two of four are wrong.
    """
    points, truth = np.asarray(features, dtype=float), np.asarray(labels)
    if points.ndim != 2 or points.shape[1] != 2 or truth.shape != points.shape[:1]:
        raise ValueError(
            "decision needs features of shape (n, 2) and n labels, got shapes "
            f"{points.shape} and {truth.shape}"
        )
    values = np.unique(truth)
    if len(values) != 2:
        raise ValueError(f"decision needs two classes, got the labels {values.tolist()}")
    positive = truth == values[1]
    if limits is None:
        low, high = points.min(axis=0), points.max(axis=0)
        room = 0.08 * np.where(high > low, high - low, 1.0)
        limits = tuple(np.ravel([low - room, high + room], order="F"))
    chosen = np.atleast_1d(np.asarray(highlight, dtype=int))

    def scores(of: NDArray[np.float64]) -> NDArray[np.float64]:
        given = np.asarray(score(of), dtype=float)
        if given.shape != of.shape[:1]:
            raise ValueError(
                f"score gives shape {given.shape} for {len(of)} points; one number each is needed"
            )
        return given

    def paint(target: Axes) -> None:
        if score is not None:
            _paint_sides(target, scores, level, limits)
        for of_class, marker, face, name in (
            (~positive, "o", "white", names[0]),
            (positive, "^", OKABE_ITO["blue"], names[1]),
        ):
            target.plot(
                *points[of_class].T, linestyle="", marker=marker, markersize=5.5, label=name,
                markeredgecolor=OKABE_ITO["blue"], markerfacecolor=face, markeredgewidth=1.2,
                zorder=3,
            )  # fmt: skip
        if score is not None and errors:
            margin = np.where(positive, 1, -1) * (scores(points) - level)
            _rings(target, points[margin <= 0], COLOURS["error"], 10, "on the wrong side")
        _rings(target, points[chosen], COLOURS["highlight"], 14, "this sample")
        target.set(xlim=limits[:2], ylim=limits[2:])
        _tidy(target, xlabel=xlabel, ylabel=ylabel)
        if legend:
            # Below the picture, where it hides no sample.
            target.legend(
                loc="upper center", bbox_to_anchor=(0.5, -0.16), frameon=False, fontsize=_FONT,
                labelcolor=_INK, ncols=2, handletextpad=0.3, columnspacing=1.2,
            )  # fmt: skip

    return _draw(paint, alt=alt, ax=ax, title=title, size=size)


def embedding(
    points: ArrayLike,
    labels: Sequence[Any] | None = None,
    *,
    alt: str | None = None,
    ax: Axes | None = None,
    title: str | None = None,
    values: ArrayLike | None = None,
    highlight: int | Sequence[int] = (),
    xlabel: str = "",
    ylabel: str = "",
    unit: str = "",
    legend: str = "below",
    marker_size: float = 4.5,
    size: tuple[float, float] = (4.6, 4.6),
) -> Picture | Axes:
    """A map of samples: one mark each, classes told apart by colour and by shape.

    Both axes have the same scale, and no numbers: in most maps neither the place nor the
    direction of an axis means anything.

    Parameters
    ----------
    points : array_like, shape (n, 2)
    labels : sequence, shape (n,), optional
        The class of each sample; up to ten classes, named in the legend as they are.
    alt, ax, title
        As for :func:`image`.
    values : array_like, shape (n,), optional
        A number for each sample in place of a class; drawn as a colour, with a colour bar.
    highlight : int or sequence of int
        Samples that the text talks about, by their row; ringed.
    xlabel, ylabel : str
        For maps whose axes do have a meaning.
    unit : str
        What ``values`` are, written at the colour bar.
    legend : {"below", "on", "none"}
        Where the classes are named: below the map, on it at the middle of each class, or not.
    marker_size : float
        In points.
    size : (float, float)
        Inches.

    Returns
    -------
    Picture or Axes

    Raises
    ------
    ValueError
        For points that are not two columns of finite numbers, labels or values of another
        length, both of them, or more than ten classes.

    Examples
    --------
    >>> embedding([[0, 0], [1, 1], [2, 0]], ["benign", "malignant", "benign"], alt="Three lumps.")
    Picture: Three lumps.
    """
    places = np.asarray(points, dtype=float)
    if places.ndim != 2 or places.shape[1] != 2 or not np.isfinite(places).all():
        raise ValueError(
            f"embedding needs finite points of shape (n, 2), got shape {places.shape}"
            + (" with nan or infinite values" if places.ndim == 2 and places.shape[1] == 2 else "")
        )
    if labels is not None and values is not None:
        raise ValueError("give labels for classes, or values for numbers, not both")
    for name, given in (("labels", labels), ("values", values)):
        if given is not None and np.shape(given) != (len(places),):
            raise ValueError(f"{name} needs one entry for each of {len(places)} points, got shape "
                             f"{np.shape(given)}")  # fmt: skip
    if legend not in ("below", "on", "none"):
        raise ValueError(f"legend is 'below', 'on' or 'none', got {legend!r}")
    classes = np.unique(labels) if labels is not None else np.array([""])
    if len(classes) > len(_CLASSES):
        raise ValueError(
            f"embedding can tell {len(_CLASSES)} classes apart, got {len(classes)}; "
            "numbers are drawn with values="
        )
    chosen = np.atleast_1d(np.asarray(highlight, dtype=int))

    def paint(target: Axes) -> None:
        if values is not None:
            shown = target.scatter(
                *places.T, c=np.asarray(values, dtype=float), s=marker_size**2, cmap="viridis"
            )
            bar = target.figure.colorbar(shown, ax=target, shrink=0.8)
            bar.set_label(unit, fontsize=_FONT, color=_INK)
            bar.outline.set_visible(False)
        else:
            for number, name in enumerate(classes):
                member = np.asarray(labels) == name if labels is not None else slice(None)
                colour, marker = (
                    _CLASSES[number] if labels is not None else (COLOURS["neutral"], "o")
                )
                target.plot(
                    *places[member].T, linestyle="", marker=marker, color=colour,
                    markersize=marker_size, markeredgewidth=0, label=str(name),
                )  # fmt: skip
                if legend == "on" and labels is not None:
                    target.annotate(
                        str(name), np.median(places[member], axis=0), ha="center", va="center",
                        fontsize=_FONT + 3, fontweight="bold", color=_INK,
                        path_effects=_halo(3, "white"),
                    )  # fmt: skip
        ringed = "this sample" if chosen.size == 1 else "these samples"
        _rings(target, places[chosen], COLOURS["highlight"], 10, ringed)
        _tidy(target, xlabel=xlabel, ylabel=ylabel)
        target.set(xticks=[], yticks=[])
        for side in ("left", "bottom"):
            target.spines[side].set_visible(bool(xlabel or ylabel))
        target.set_aspect("equal", adjustable="datalim")
        if legend == "below" and labels is not None:
            target.legend(
                loc="upper center", bbox_to_anchor=(0.5, -0.04 if not xlabel else -0.1),
                frameon=False, fontsize=_FONT, labelcolor=_INK, ncols=min(5, len(classes)),
                handletextpad=0.2, columnspacing=1.0,
            )  # fmt: skip

    return _draw(paint, alt=alt, ax=ax, title=title, size=size)


def grid(
    draws: Sequence[Callable[[Axes], Any] | tuple[str, Callable[[Axes], Any]]],
    *,
    alt: str | None = None,
    title: str | None = None,
    columns: int | None = None,
    size: tuple[float, float] | None = None,
) -> Picture:
    """Several pictures side by side, as one picture with one alternative text.

    Parameters
    ----------
    draws : sequence of functions, or of (title, function) pairs
        Each function gets an Axes and draws on it; what it returns is ignored.
    alt : str
        One sentence for readers who cannot see the picture.
    title : str, optional
        Over the whole.
    columns : int, optional
        Pictures in a row; all of them in one row, up to four, if left out.
    size : (float, float), optional
        Inches of the whole.

    Returns
    -------
    Picture
        With ``axes`` a tuple, in the order of ``draws``.

    Examples
    --------
    >>> picture = grid(
    ...     [("before", lambda ax: image(np.eye(8), ax=ax)),
    ...      ("after", lambda ax: image(1 - np.eye(8), ax=ax))],
    ...     alt="A diagonal, white on black before and black on white after.")
    >>> [ax.get_title() for ax in picture.axes]
    ['before', 'after']
    """
    _require_alt(alt)
    pairs = [one if isinstance(one, tuple) else (None, one) for one in draws]
    if not pairs or not all(len(pair) == 2 and callable(pair[1]) for pair in pairs):
        raise ValueError(
            "grid needs a list of functions that draw on an Axes, or of (title, function) "
            "pairs, such as [('CT', lambda ax: plots.image(ct, ax=ax))]"
        )
    columns = _whole(columns, "columns") if columns else min(4, len(pairs))
    rows = math.ceil(len(pairs) / columns)
    width = min(9.0, 3.0 * columns) if columns > 1 else 4.0
    fig, axes = figure(size or (width, rows * width / columns), rows, columns)
    flat = axes.ravel()
    for target, (name, draw) in zip(flat, pairs, strict=False):
        draw(target)
        if name:
            target.set_title(name, fontsize=_FONT + 1, color=_INK, pad=5)
    for empty in flat[len(pairs) :]:
        empty.set_axis_off()
    if title:
        fig.suptitle(title, fontsize=_FONT + 2, color=_INK)
    if size is None:
        # As high as the tallest panel of each row, and some room for titles and labels.
        panels = sum(max(_tallness(ax) for ax in row) for row in axes) * width / columns
        fig.set_size_inches(width, panels + 0.4 * rows + (0.3 if title else 0))
    return Picture(fig, tuple(flat[: len(pairs)]), alt, trim=True)


def _tallness(ax: Axes) -> float:
    """Height of an Axes divided by its width, as an image on it demands; 1 for a diagram."""
    ratio = ax.get_aspect()
    if ratio == "auto" or not ax.has_data():
        return 1.0
    tall = abs(ax.get_data_ratio()) * float(1 if ratio == "equal" else ratio)
    return min(tall, 3.0)  # a mistaken aspect must not ask for a picture as tall as a house


# -- parts -------------------------------------------------------------------------------------


def _pixels(data: ArrayLike) -> NDArray[Any]:
    pixels = np.asarray(data)
    grey = pixels.ndim == 2
    colour = pixels.ndim == 3 and pixels.shape[2] in (3, 4)
    if not (grey or colour) or pixels.size == 0 or pixels.dtype.kind not in "biuf":
        raise ValueError(
            "an image needs numbers in the shape (rows, columns), or (rows, columns, 3) for "
            f"colours; got shape {pixels.shape} of {pixels.dtype}"
        )
    if grey:
        # float16 and booleans are not drawn; float32 is what matplotlib resamples in anyway.
        return pixels.astype(np.float64 if pixels.dtype.itemsize > 4 else np.float32)
    return pixels


def _greys(
    target: Axes,
    pixels: NDArray[Any],
    vmin: float | None,
    vmax: float | None,
    window: Window | None,
    cmap: str,
    extent: tuple[float, float, float, float] | None = None,
) -> Any:
    import matplotlib

    if pixels.ndim == 3:
        shown = target.imshow(pixels, extent=extent)
    else:
        if window is not None:
            pixels, vmin, vmax = dicom.window(pixels, *window), 0.0, 1.0
        colours = matplotlib.colormaps[cmap].with_extremes(bad="black")
        shown = target.imshow(pixels, cmap=colours, vmin=vmin, vmax=vmax, extent=extent)
    target.set_axis_off()
    return shown


def _blank(target: Axes, width: float, height: float) -> None:
    """Turn the axes into a sheet of paper, counted from the top left corner."""
    target.set_xlim(0, width)
    target.set_ylim(height, 0)
    target.set_aspect("equal")
    target.set_axis_off()


def _colour_bar(target: Axes, shown: Any, window: Window | None, unit: str) -> None:
    import matplotlib
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    source = shown
    if window is not None:
        # The image shows greys from 0 to 1; the reader wants the values they stand for.
        low, high = dicom.window_ends(*window)
        source = ScalarMappable(Normalize(low, high), matplotlib.colormaps[shown.get_cmap().name])
    bar = target.figure.colorbar(source, ax=target, fraction=0.05, pad=0.02)
    bar.ax.tick_params(labelsize=_FONT - 1, colors=_INK, length=3)
    bar.outline.set_visible(False)
    if unit:
        bar.set_label(unit, fontsize=_FONT, color=_INK)


def _scale_bar(target: Axes, box: tuple[float, float, float, float], millimetres: float) -> None:
    """A bar of a round number of millimetres, at the lower left of an image in ``box``.

    ``millimetres`` is the size of one unit of the axes.
    """
    left, right, bottom, top = box
    longest = 0.3 * (right - left) * millimetres
    power = 10.0 ** math.floor(math.log10(longest))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest)
    start = left + 0.04 * (right - left)
    row = bottom - 0.04 * (bottom - top)
    target.plot(
        [start, start + length / millimetres], [row, row], color="white", linewidth=2.5,
        solid_capstyle="butt", path_effects=_halo(4),
    )  # fmt: skip
    target.annotate(
        f"{length:g} mm", (start, row), xytext=(0, 4), textcoords="offset points",
        ha="left", va="bottom", fontsize=_FONT - 1, color="white", path_effects=_halo(),
    )  # fmt: skip


def _paint_sides(
    target: Axes,
    scores: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    level: float,
    limits: tuple[float, float, float, float],
) -> None:
    """Shade where the score is above a level, and draw the border."""
    across, up = np.linspace(*limits[:2], 201), np.linspace(*limits[2:], 201)
    mesh = np.stack(np.meshgrid(across, up), axis=-1)
    high = scores(mesh.reshape(-1, 2)).reshape(mesh.shape[:2]) - level
    colour = COLOURS["prediction"]
    if (high > 0).any():
        target.contourf(across, up, high, levels=[0, np.inf], colors=[colour], alpha=0.22)
    if (high > 0).any() and (high <= 0).any():  # else there is no border to draw
        target.contour(across, up, high, levels=[0], colors=[colour], linewidths=1.8)


def _rings(target: Axes, points: NDArray[Any], colour: str, size: float, name: str) -> None:
    if len(points):
        target.plot(
            *points.T, linestyle="", marker="o", markersize=size, markerfacecolor="none",
            markeredgecolor=colour, markeredgewidth=1.6, label=name, zorder=4,
        )  # fmt: skip


def _halo(width: float = 2.5, colour: str = "black") -> list[Any]:
    """An edge that keeps marks readable on anything: dark around white, white around dark."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=width, foreground=colour)]


def _tidy(target: Axes, xlabel: str = "", ylabel: str = "") -> None:
    """The course's chart: two axes lines, no box, dark grey words of a readable size."""
    target.set_facecolor("white")
    for side in ("top", "right"):
        target.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        target.spines[side].set_color("#8C8C8C")
    target.tick_params(labelsize=_FONT - 1, colors=_INK, color="#8C8C8C", length=3)
    target.set_xlabel(xlabel, fontsize=_FONT, color=_INK)
    target.set_ylabel(ylabel, fontsize=_FONT, color=_INK)


def _fit(
    width: float, height: float, size: float, *, by_width: bool = False
) -> tuple[float, float]:
    """Inches of a picture of this shape whose longer side (or width) is ``size``."""
    scale = size / (width if by_width else max(width, height))
    return max(width * scale, 1.0), max(height * scale, 1.0)


def _whole(number: Any, name: str) -> int:
    if int(number) != number or number < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {number!r}")
    return int(number)


def _finite(pictures: Iterable[NDArray[Any]]) -> list[NDArray[Any]]:
    return [part for one in pictures if (part := one[np.isfinite(one)]).size]


def _lowest(pictures: Iterable[NDArray[Any]]) -> float:
    return min((float(part.min()) for part in _finite(pictures)), default=0.0)


def _highest(pictures: Iterable[NDArray[Any]]) -> float:
    return max((float(part.max()) for part in _finite(pictures)), default=1.0)


def _region(mask: ArrayLike, shape: tuple[int, ...], name: str) -> NDArray[np.bool_]:
    region = np.asarray(mask)
    if region.shape != shape:
        raise ValueError(
            f"the mask {name!r} has shape {region.shape}, but the image has shape {shape}; "
            "a mask needs one value for each pixel"
        )
    return region > 0


def _mask_colours(names: Iterable[str], given: Mapping[str, str]) -> dict[str, str]:
    # Bright colours first: they are drawn on mostly dark images.
    free = [OKABE_ITO[c] for c in ("yellow", "sky blue", "orange", "reddish purple",
                                   "bluish green", "vermillion", "blue")]  # fmt: skip
    taken = {given.get(name) or COLOURS.get(name) for name in names}
    free = [colour for colour in free if colour not in taken]
    chosen = {}
    for number, name in enumerate(names):
        own = given.get(name) or COLOURS.get(name)
        chosen[name] = own or free[number % len(free)]
    return chosen


def _outline(region: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The edges between pixels inside and outside, as x and y of one line with gaps (NaN).

    One line, because thousands of small ones take ten times as long to draw.
    """
    padded = np.pad(region, 1).astype(np.int8)
    # Between row r - 1 and row r lies the line y = r - 0.5, from x = c - 0.5 to c + 0.5.
    row, column = np.nonzero(np.diff(padded, axis=0)[:, 1:-1])
    r, c = np.nonzero(np.diff(padded, axis=1)[1:-1])
    x0, x1 = np.concatenate([column, c]) - 0.5, np.concatenate([column + 1, c]) - 0.5
    y0, y1 = np.concatenate([row, r]) - 0.5, np.concatenate([row, r + 1]) - 0.5
    gap = np.full(len(x0), np.nan)
    return np.stack([x0, x1, gap], 1).ravel(), np.stack([y0, y1, gap], 1).ravel()
