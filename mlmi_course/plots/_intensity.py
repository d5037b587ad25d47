"""Numbers to greys on the screen, and the bar that says which grey is which number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course import dicom
from mlmi_course.plots._colours import INK
from mlmi_course.plots._picture import FONT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# (centre, width), or with the name of the DICOM function as a third
Window = tuple[float, float] | tuple[float, float, str]


def as_pixels(data: ArrayLike) -> NDArray[Any]:
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


def greys(
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


def draw_colour_bar(target: Axes, shown: Any, window: Window | None, unit: str) -> None:
    import matplotlib
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    source = shown
    if window is not None:
        # The image shows greys from 0 to 1; the reader wants the values they stand for.
        low, high = dicom.window_ends(*window)
        source = ScalarMappable(Normalize(low, high), matplotlib.colormaps[shown.get_cmap().name])
    bar = target.figure.colorbar(source, ax=target, fraction=0.05, pad=0.02)
    bar.ax.tick_params(labelsize=FONT - 1, colors=INK, length=3)
    bar.outline.set_visible(False)
    if unit:
        bar.set_label(unit, fontsize=FONT, color=INK)


def _finite(pictures: Iterable[NDArray[Any]]) -> list[NDArray[Any]]:
    return [part for one in pictures if (part := one[np.isfinite(one)]).size]


def lowest(pictures: Iterable[NDArray[Any]]) -> float:
    return min((float(part.min()) for part in _finite(pictures)), default=0.0)


def highest(pictures: Iterable[NDArray[Any]]) -> float:
    return max((float(part.max()) for part in _finite(pictures)), default=1.0)
