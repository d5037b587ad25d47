"""Three planes through one point of a volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mlmi_course import dicom
from mlmi_course.plots._colours import OKABE_ITO
from mlmi_course.plots._images import edge_letters
from mlmi_course.plots._intensity import Window, greys, highest, lowest
from mlmi_course.plots._parts import blank, fit, scale_bar
from mlmi_course.plots._picture import Picture, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
        vmin = lowest(pictures.values()) if vmin is None else vmin
        vmax = highest(pictures.values()) if vmax is None else vmax
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
            greys(target, picture, vmin, vmax, window, "gray", extent=box)
            edge_letters(target, volume.plane_edges(name), box)
            if cross:
                column, row = left + at[name][0], up + at[name][1]
                style = {"color": OKABE_ITO["yellow"], "linewidth": 0.8, "alpha": 0.75}
                target.plot([column, column], [up, up + high], **style)
                target.plot([left, left + wide], [row, row], **style)
            if name == "axial":
                scale_bar(target, box, 1.0)
            left += wide + gap
        blank(target, total, tallest)

    wide, high = fit(total, tallest, size, by_width=True)
    return draw(
        paint, alt=alt, ax=ax, title=title, size=(wide, high + (0.3 if title else 0)), bare=True
    )
