"""Explorers of volumes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from mlmi_course import plots
from mlmi_course.dicom import PLANES, Volume
from mlmi_course.plots import Picture
from mlmi_course.widgets._ahead import prepared
from mlmi_course.widgets._controls import Choice, Slider
from mlmi_course.widgets._explore import build, check_alt, drawer, is_static
from mlmi_course.widgets._words import limits, title

if TYPE_CHECKING:
    import ipywidgets


def browse(
    volume: Volume,
    *,
    alt: str,
    plane: str = "axial",
    window: tuple[float, float] | None = None,
    static: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Leaf through a volume, plane by plane.

    Parameters
    ----------
    volume : Volume
    alt : str
        One sentence that says what the volume shows; the current plane is added.
    plane : {"axial", "coronal", "sagittal"}
        The plane to begin with.
    window : (centre, width), optional
        A DICOM window; the darkest to the brightest voxel if left out.
    static : bool, optional
        See :func:`is_static`.

    Returns
    -------
    ipywidgets.VBox or Picture
        The fixed picture holds six planes from one side to the other.

    Examples
    --------
    >>> scan = Volume(np.zeros((8, 6, 6)), (1, 1, 1), np.eye(4)[[2, 1, 0, 3]])
    >>> browse(scan, alt="Nothing.", static=True)
    Picture: Nothing. Six axial planes from inferior to superior: 1, 2, 3, 4, 5 and 6 of 0 to 7.
    """
    check_alt(alt)
    if not isinstance(volume, Volume):
        raise ValueError(
            f"browse needs a Volume, got {type(volume).__name__}; "
            "mlmi_course.dicom.volume_from_nifti makes one from a NIfTI image"
        )
    volume = volume.canonical()
    count = volume.plane_count(plane)
    vmin, vmax = (None, None) if window else limits(volume.array)

    def draw(ax: Any, plane: str, index: int) -> None:
        picture = volume.plane(plane, index)
        plots.image(
            picture,
            ax=ax,
            window=window,
            vmin=vmin,
            vmax=vmax,
            spacing=volume.plane_spacing(plane),
        )
        plots.edge_letters(ax, volume.plane_edges(plane))

    controls = {
        "plane": Choice("Plane", PLANES, plane),
        "index": Slider("Slice", 0, count - 1, count // 2),
    }

    def refit(name: str, handles: Mapping[str, Any]) -> None:
        slider, planes = handles["index"], volume.plane_count(name)
        # ipywidgets clips the value to a smaller range by itself; go to the middle instead.
        slider.max = planes - 1
        slider.value = planes // 2

    def words(plane: str, index: int) -> str:
        return f"{alt.strip()} {title(plane)} slice {index} of {volume.plane_count(plane)}."

    look: dict[str, Any] = {"size": (4.4, 4.4), "places": [(0, 0, 1, 1)]}
    if is_static(static):
        still = _browse_static(volume, plane, alt, window, vmin, vmax)
        slices = {"index": controls["index"]}
        show = drawer(partial(draw, plane=plane), slices, partial(words, plane), **look)
        return prepared(still, show, slices)
    box, _ = build(draw, controls, alt=words, links={"plane": refit}, **look)
    return box


def _browse_static(
    volume: Volume,
    plane: str,
    alt: str,
    window: tuple[float, float] | None,
    vmin: float | None,
    vmax: float | None,
) -> Picture:
    count = volume.plane_count(plane)
    first, last = _worth_seeing(volume, plane)
    chosen = sorted({round(index) for index in np.linspace(first, last, 8)[1:-1]})
    way = {
        "axial": "inferior to superior",
        "coronal": "anterior to posterior",
        "sagittal": "right to left",
    }[plane]
    *others, last_one = map(str, chosen)
    if others:
        number = ("Two", "Three", "Four", "Five", "Six")[len(chosen) - 2]
        listed = f"{number} {plane} planes from {way}: {', '.join(others)} and {last_one}"
    else:
        listed = f"One {plane} plane: {last_one}"
    return plots.montage(
        [volume.plane(plane, index) for index in chosen],
        titles=[f"{plane} {index}" for index in chosen],
        columns=3,
        window=window,
        vmin=vmin,
        vmax=vmax,
        spacing=volume.plane_spacing(plane),
        size=6.6,
        alt=f"{alt.strip()} {listed} of 0 to {count - 1}.",
    )


def _worth_seeing(volume: Volume, plane: str) -> tuple[int, int]:
    """First and last plane with some contrast: the outermost ones are often air."""
    planes = range(volume.plane_count(plane))
    contrast = np.nan_to_num([np.nanstd(volume.plane(plane, index)) for index in planes])
    (seen,) = np.nonzero(contrast > 0.1 * contrast.max())
    return (int(seen[0]), int(seen[-1])) if seen.size else (0, len(planes) - 1)


def planes(
    volume: Volume,
    *,
    alt: str,
    window: tuple[float, float] | None = None,
    static: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Three linked planes through one point of a volume, and three sliders that move it.

    Parameters
    ----------
    volume : Volume
    alt : str
        One sentence that says what the volume shows; the current point is added.
    window : (centre, width), optional
        A DICOM window; the darkest to the brightest voxel if left out.
    static : bool, optional
        See :func:`is_static`.

    Returns
    -------
    ipywidgets.VBox or Picture
        The fixed picture shows the planes through the middle.

    Examples
    --------
    >>> scan = Volume(np.zeros((8, 6, 6)), (1, 1, 1), np.eye(4)[[2, 1, 0, 3]])
    >>> planes(scan, alt="Nothing.", static=True)
    Picture: Nothing. Planes through slice 4, row 3, column 3.
    """
    check_alt(alt)
    if not isinstance(volume, Volume):
        raise ValueError(f"planes needs a Volume, got {type(volume).__name__}")
    volume = volume.canonical()
    vmin, vmax = (None, None) if window else limits(volume.array)

    def draw(ax: Any, z: int, y: int, x: int) -> None:
        plots.planes(volume, index=(z, y, x), window=window, vmin=vmin, vmax=vmax, ax=ax)

    def words(z: int, y: int, x: int) -> str:
        return f"{alt.strip()} Planes through slice {z}, row {y}, column {x}."

    names = ("Slice (I → S)", "Row (A → P)", "Column (R → L)")
    controls = {
        axis: Slider(name, 0, count - 1, count // 2)
        for axis, name, count in zip("zyx", names, volume.shape, strict=True)
    }
    if is_static(static):
        middle = {axis: control.first for axis, control in controls.items()}
        index = (middle["z"], middle["y"], middle["x"])
        still = plots.planes(
            volume, index=index, window=window, vmin=vmin, vmax=vmax, alt=words(**middle)
        )
        return prepared(still, drawer(draw, controls, words, size=(8.0, 3.4)), controls)
    box, _ = build(draw, controls, alt=words, size=(8.0, 3.4))
    return box
