"""An explorer of a threshold, and the numbers of the mask that it gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course import metrics, plots
from mlmi_course.plots import Picture
from mlmi_course.widgets._ahead import prepared
from mlmi_course.widgets._controls import Slider
from mlmi_course.widgets._explore import IMAGE_AND_CHART, build, check_alt, drawer, is_static
from mlmi_course.widgets._words import grey, limits, number, whole_numbers

if TYPE_CHECKING:
    import ipywidgets


def threshold(
    image: ArrayLike,
    *,
    alt: str,
    truth: ArrayLike | None = None,
    unit: str = "",
    spacing: tuple[float, float] | None = None,
    window: plots.Window | None = None,
    start: float | None = None,
    static: bool | None = None,
) -> ipywidgets.VBox | Picture:
    """Mark every pixel at or above a value, and see what that finds.

    Parameters
    ----------
    image : array_like, shape (rows, columns)
        NaN is never marked.
    alt : str
        One sentence that says what the image shows; the threshold and its result are added.
    truth : array_like of bool, shape (rows, columns), optional
        The reference mask; adds its outline and the numbers of :func:`mask_numbers`.
    unit : str
    spacing : (float, float), optional
        Millimetres between rows and between columns.
    window : (centre, width), optional
        A DICOM window for the image under the mask; every value from black to white if left
        out.
    start : float, optional
        The first threshold; the middle of the range if left out.
    static : bool, optional
        See :func:`is_static`.

    Returns
    -------
    ipywidgets.VBox or Picture
        The fixed picture shows a low, a middle and a high threshold; with ``truth`` the middle
        one is that of the highest Dice coefficient.

    Examples
    --------
    >>> ramp = np.arange(16).reshape(4, 4)
    >>> threshold(ramp, alt="A ramp.", static=True).alt.split(".")[0]
    'A ramp'
    """
    check_alt(alt)
    pixels = grey(image)
    reference = None
    if truth is not None:
        reference = np.asarray(truth) > 0
        if reference.shape != pixels.shape:
            raise ValueError(
                f"truth has shape {reference.shape}, but the image has shape {pixels.shape}"
            )
    low, high = limits(pixels)
    whole = whole_numbers(low, high)
    ends = (int(np.floor(low)), int(np.ceil(high))) if whole else (low, high)
    if ends[0] == ends[1]:
        raise ValueError(f"every pixel is {number(low)}: there is nothing to separate")
    if start is not None and whole:
        start = round(start)
    control = Slider("Threshold", *ends, start=start, unit=unit)
    counts = np.histogram(pixels[np.isfinite(pixels)], bins=80)

    def say(level: float) -> str:
        return _mask_words(mask_numbers(pixels >= level, reference), control.words(level))

    def paint(ax: Any, level: float) -> None:
        masks = {"marked": pixels >= level}
        if reference is None:
            masks = masks["marked"]  # one mask without a name needs no legend
        else:
            masks["truth"] = reference
        colours = {"": plots.COLOURS["prediction"], "marked": plots.COLOURS["prediction"]}
        plots.overlay(pixels, masks, ax=ax, colours=colours, window=window, spacing=spacing)

    def draw(axes: tuple[Any, Any], level: float) -> None:
        paint(axes[0], level)
        plots.histogram(
            counts,
            ax=axes[1],
            marks={"threshold": level},
            span=(level, high),
            label=unit or "value",
        )
        axes[1].set_xlim(low, high)
        axes[1].set_yticks([])
        axes[1].set_ylabel("how often")

    controls = {"level": control}
    look: dict[str, Any] = {
        "say": say, "panels": 2, "size": (7.4, 3.7), "places": IMAGE_AND_CHART
    }  # fmt: skip

    def words(level: float) -> str:
        return f"{alt.strip()} {say(level)}"

    if is_static(static):
        levels = _telling_levels(pixels, reference, whole)
        if start is not None:  # the author's own choice is the one that the text speaks of
            levels = sorted({*levels, start})
        still = plots.grid(
            [
                (
                    f"{control.words(level)}" + _dice_words(pixels >= level, reference),
                    lambda ax, level=level: paint(ax, level),
                )
                for level in levels
            ],
            columns=len(levels),
            size=(3.0 * len(levels), 3.6),
            alt=" ".join([alt.strip(), *map(say, levels)]),
        )
        return prepared(still, drawer(draw, controls, words, **look), controls)

    box, _ = build(draw, controls, alt=words, **look)
    return box


def mask_numbers(mask: ArrayLike, truth: ArrayLike | None = None) -> dict[str, float]:
    """How much a mask covers and, with a reference, how well it agrees.

    Parameters
    ----------
    mask, truth : array_like of bool, same shape

    Returns
    -------
    dict
        ``pixels``, ``of`` (all pixels) and ``share``; with ``truth`` also ``dice``
        (2 × common / sum of both), ``missed`` (share of the true pixels not marked) and
        ``extra`` (share of the marked pixels that are not true).  A share of nothing is NaN.

    Examples
    --------
    >>> mask_numbers([1, 1, 0, 0], [0, 1, 1, 1])
    {'pixels': 2, 'of': 4, 'share': 0.5, 'dice': 0.4, 'missed': 0.6666666666666666, 'extra': 0.5}
    """
    marked = np.asarray(mask) > 0
    numbers = {
        "pixels": int(marked.sum()),
        "of": int(marked.size),
        "share": _ratio(marked.sum(), marked.size),
    }
    if truth is None:
        return numbers
    true = np.asarray(truth) > 0
    return numbers | {
        "dice": metrics.dice(true, marked),
        "missed": metrics.false_negative_rate(true, marked),
        "extra": 1 - metrics.precision(true, marked),
    }


def _mask_words(numbers: Mapping[str, float], setting: str) -> str:
    words = (
        f"{setting[:1].upper()}{setting[1:]}: {numbers['pixels']} of {numbers['of']} pixels "
        f"({numbers['share']:.1%}) are marked"
    )
    if "dice" not in numbers:
        return words + "."
    if np.isnan(numbers["dice"]):
        return words + ", and the truth is empty too: Dice is not defined."
    words += f"; Dice {numbers['dice']:.2f}"
    if not np.isnan(numbers["missed"]):
        words += f", {numbers['missed']:.1%} of the true pixels are missed"
    if not np.isnan(numbers["extra"]):
        words += f", {numbers['extra']:.1%} of the marked pixels are wrong"
    return words + "."


def _dice_words(mask: NDArray[np.bool_], truth: NDArray[np.bool_] | None) -> str:
    if truth is None:
        return f"\n{mask.mean():.1%} of the pixels"
    return f"\nDice {mask_numbers(mask, truth)['dice']:.2f}"


def _telling_levels(
    pixels: NDArray[np.floating], truth: NDArray[np.bool_] | None, whole: bool
) -> list[float]:
    """A low, a middle and a high threshold; with a truth the middle one is the best."""
    values = pixels[np.isfinite(pixels)]
    low, middle, high = np.quantile(values, [0.3, 0.7, 0.97])
    if truth is not None and truth.any():
        steps = np.linspace(values.min(), values.max(), 101)
        if whole:
            steps = np.unique(steps.round())  # those that the slider can take
        middle = max(steps, key=lambda step: mask_numbers(pixels >= step, truth)["dice"])
        low, high = (values.min() + middle) / 2, (values.max() + middle) / 2
    return sorted({round(level) if whole else float(level) for level in (low, middle, high)})


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else float("nan")
