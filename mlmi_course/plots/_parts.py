"""Parts that several pictures share: marks, bars, axes and sizes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from mlmi_course.plots._colours import INK
from mlmi_course.plots._picture import FONT

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def blank(target: Axes, width: float, height: float) -> None:
    """Turn the axes into a sheet of paper, counted from the top left corner."""
    target.set_xlim(0, width)
    target.set_ylim(height, 0)
    target.set_aspect("equal")
    target.set_axis_off()


def scale_bar(target: Axes, box: tuple[float, float, float, float], millimetres: float) -> None:
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
        solid_capstyle="butt", path_effects=halo(4),
    )  # fmt: skip
    target.annotate(
        f"{length:g} mm", (start, row), xytext=(0, 4), textcoords="offset points",
        ha="left", va="bottom", fontsize=FONT - 1, color="white", path_effects=halo(),
    )  # fmt: skip


def rings(target: Axes, points: NDArray[Any], colour: str, size: float, name: str) -> None:
    if len(points):
        target.plot(
            *points.T, linestyle="", marker="o", markersize=size, markerfacecolor="none",
            markeredgecolor=colour, markeredgewidth=1.6, label=name, zorder=4,
        )  # fmt: skip


def halo(width: float = 2.5, colour: str = "black") -> list[Any]:
    """An edge that keeps marks readable on anything: dark around white, white around dark."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=width, foreground=colour)]


def tidy(target: Axes, xlabel: str = "", ylabel: str = "") -> None:
    """The course's chart: two axes lines, no box, dark grey words of a readable size."""
    target.set_facecolor("white")
    for side in ("top", "right"):
        target.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        target.spines[side].set_color("#8C8C8C")
    target.tick_params(labelsize=FONT - 1, colors=INK, color="#8C8C8C", length=3)
    target.set_xlabel(xlabel, fontsize=FONT, color=INK)
    target.set_ylabel(ylabel, fontsize=FONT, color=INK)


def fit(width: float, height: float, size: float, *, by_width: bool = False) -> tuple[float, float]:
    """Inches of a picture of this shape whose longer side (or width) is ``size``."""
    scale = size / (width if by_width else max(width, height))
    return max(width * scale, 1.0), max(height * scale, 1.0)
