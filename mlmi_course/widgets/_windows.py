"""An explorer of the DICOM window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course import plots
from mlmi_course.dicom import WINDOWS, window_ends
from mlmi_course.plots import Picture
from mlmi_course.widgets._ahead import prepared
from mlmi_course.widgets._controls import Choice, Slider
from mlmi_course.widgets._explore import IMAGE_AND_CHART, build, check_alt, drawer, is_static
from mlmi_course.widgets._words import grey, limits, number, probe, whole_numbers, with_unit

if TYPE_CHECKING:
    import ipywidgets


def window_level(
    image: ArrayLike,
    *,
    alt: str,
    unit: str = "HU",
    spacing: tuple[float, float] | None = None,
    presets: Mapping[str, tuple[float, float]] | None = None,
    static: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Choose a window, see which values it spends the greys on, and read single pixels.

    Parameters
    ----------
    image : array_like, shape (rows, columns)
        Values in ``unit``; NaN is padding.
    alt : str
        One sentence that says what the image shows; the current window is added.
    unit : str
        ``"HU"`` for CT; the value under the cross hair is then compared with
        :data:`TYPICAL_HU`.
    spacing : (float, float), optional
        Millimetres between rows and between columns.
    presets : mapping of name to (centre, width), optional
        :data:`mlmi_course.dicom.WINDOWS` for HU, otherwise two made from the values.
    static : bool, optional
        See :func:`is_static`.

    Returns
    -------
    ipywidgets.VBox or Picture
        The fixed picture shows the image in up to four presets.

    Examples
    --------
    >>> ct = np.linspace(-1000, 1000, 64).reshape(8, 8)
    >>> window_level(ct, alt="A ramp.", presets={"lung": (-600, 1500)}, static=True)
    Picture: A ramp. The same image in the window lung (centre −600, width 1500 HU).
    """
    check_alt(alt)
    pixels = grey(image)
    low, high = limits(pixels)
    if presets is None:
        presets = WINDOWS if unit == "HU" else _made_presets(pixels)
    if not presets:
        raise ValueError("presets needs at least one name with its (centre, width)")
    presets = {
        name: {"center": round(center), "width": max(1, round(width))}
        if whole_numbers(low, high)
        else {"center": float(center), "width": float(width)}
        for name, (center, width) in presets.items()
    }
    # LINEAR counts whole values; values with a fraction need a window that may be narrower than 1.
    function = "LINEAR" if whole_numbers(low, high) else "LINEAR_EXACT"
    rows, columns = pixels.shape
    centers = [preset["center"] for preset in presets.values()]
    widths = [preset["width"] for preset in presets.values()]
    whole = whole_numbers(low, high)
    kind = int if whole else float
    bottom = kind(np.floor(min(low, *centers))) if whole else min(low, *centers)
    top = kind(np.ceil(max(high, *centers))) if whole else max(high, *centers)
    widest = kind(np.ceil(max(high - low, *widths))) if whole else max(high - low, *widths)
    first = presets.get("soft tissue") or next(iter(presets.values()))
    narrowest = 1 if whole else min(min(widths), (high - low) / 100 or 1.0)
    controls: dict[str, Any] = {
        "center": Slider("Window centre", bottom, top, first["center"], unit=unit),
        "width": Slider("Window width", narrowest, max(widest, narrowest + 1), first["width"],
                        unit=unit),
        "row": Slider("Probe row", 0, rows - 1, rows // 2),
        "column": Slider("Probe column", 0, columns - 1, columns // 2),
    }  # fmt: skip
    counts = np.histogram(pixels[np.isfinite(pixels)], bins=80)

    def draw(axes: tuple[Any, Any], center: float, width: float, row: int, column: int) -> None:
        left, right = axes
        plots.image(
            pixels,
            ax=left,
            window=(center, width, function),
            spacing=spacing,
        )
        plots.cross_hair(left, row, column)
        plots.histogram(
            counts, ax=right, span=window_ends(center, width, function), label=unit or "value"
        )
        right.set_xlim(
            bottom, max(top, bottom + narrowest)
        )  # the chart stands still while the window moves over it
        right.set_yticks([])
        right.set_ylabel("how often")

    def words(center: float, width: float, row: int, column: int) -> str:
        return (
            f"{alt.strip()} Window centre {number(center)}, width {with_unit(width, unit)}. "
            f"{probe(pixels, row, column, unit)}"
        )

    look: dict[str, Any] = {
        "say": lambda center, width, row, column: probe(pixels, row, column, unit),
        "panels": 2, "size": (7.4, 3.7), "places": IMAGE_AND_CHART,
    }  # fmt: skip
    if is_static(static):
        still = _windows_static(pixels, presets, function, alt, unit, spacing)
        show = drawer(draw, controls, words, **look)
        start = {name: control.first for name, control in controls.items()}
        named = {"preset": Choice("Window", tuple(presets))}
        return prepared(still, lambda now: show({**start, **presets[now["preset"]]}), named)
    box, _ = build(draw, controls, alt=words, presets=presets, **look)
    return box


def _windows_static(
    pixels: NDArray[np.float64],
    presets: Mapping[str, Mapping[str, float]],
    function: str,
    alt: str,
    unit: str,
    spacing: tuple[float, float] | None,
) -> Picture:
    chosen = list(presets.items())[:6]
    labels = [
        f"{name} (centre {number(p['center'])}, width {with_unit(p['width'], unit)})"
        for name, p in chosen
    ]
    many = "windows" if len(chosen) > 1 else "window"
    return plots.grid(
        [
            (
                label.replace(" (", "\n").rstrip(")"),
                lambda ax, p=p: plots.image(
                    pixels, ax=ax, window=(p["center"], p["width"], function), spacing=spacing
                ),
            )
            for label, (_, p) in zip(labels, chosen, strict=True)
        ],
        columns=min(3, len(chosen)),
        alt=f"{alt.strip()} The same image in the {many} {'; '.join(labels)}.",
    )


def _made_presets(pixels: NDArray[np.floating]) -> dict[str, tuple[float, float]]:
    values = pixels[np.isfinite(pixels)]
    presets = {}
    for name, part in {"every value": 0.0, "middle nine tenths": 0.05}.items():
        low, high = np.quantile(values, [part, 1 - part])
        presets[name] = ((low + high) / 2, max(high - low, np.spacing(high) * 8))
    return presets
