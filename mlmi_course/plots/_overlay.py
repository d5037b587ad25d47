"""Masks over an image."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course import dicom
from mlmi_course.plots._colours import COLOURS, INK, OKABE_ITO
from mlmi_course.plots._images import image
from mlmi_course.plots._intensity import Window, as_pixels
from mlmi_course.plots._parts import fit
from mlmi_course.plots._picture import FONT, Picture, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Outlining a mask as ragged as noise costs seconds and hides the mask: fill it only.
_MOST_EDGES = 12_000


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
    pixels = as_pixels(data)
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
                ncols=len(handles), fontsize=FONT, labelcolor=INK, handlelength=1.2,
                borderaxespad=0.2,
            )  # fmt: skip

    ratio = dicom.aspect(spacing) if spacing is not None else 1.0
    width, height = fit(pixels.shape[1], pixels.shape[0] * ratio, size)
    extra = (0.3 if title else 0) + (0.3 if legend else 0)
    return draw(paint, alt=alt, ax=ax, title=title, size=(width, height + extra), bare=not legend)


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
