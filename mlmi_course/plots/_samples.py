"""Samples as points of a plane: what a model decides, and maps of an embedding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course.plots._colours import CLASSES, COLOURS, INK, OKABE_ITO
from mlmi_course.plots._parts import halo, rings, tidy
from mlmi_course.plots._picture import FONT, Picture, draw

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
    limits : tuple of float, optional
        The part of the plane (left, right, bottom, top); around the samples if left out.
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
            rings(target, points[margin <= 0], COLOURS["error"], 10, "on the wrong side")
        rings(target, points[chosen], COLOURS["highlight"], 14, "this sample")
        target.set(xlim=limits[:2], ylim=limits[2:])
        tidy(target, xlabel=xlabel, ylabel=ylabel)
        if legend:
            # Below the picture, where it hides no sample.
            target.legend(
                loc="upper center", bbox_to_anchor=(0.5, -0.16), frameon=False, fontsize=FONT,
                labelcolor=INK, ncols=2, handletextpad=0.3, columnspacing=1.2,
            )  # fmt: skip

    return draw(paint, alt=alt, ax=ax, title=title, size=size)


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
    if len(classes) > len(CLASSES):
        raise ValueError(
            f"embedding can tell {len(CLASSES)} classes apart, got {len(classes)}; "
            "numbers are drawn with values="
        )
    chosen = np.atleast_1d(np.asarray(highlight, dtype=int))

    def paint(target: Axes) -> None:
        if values is not None:
            shown = target.scatter(
                *places.T, c=np.asarray(values, dtype=float), s=marker_size**2, cmap="viridis"
            )
            bar = target.figure.colorbar(shown, ax=target, shrink=0.8)
            bar.set_label(unit, fontsize=FONT, color=INK)
            bar.outline.set_visible(False)
        else:
            for number, name in enumerate(classes):
                member = np.asarray(labels) == name if labels is not None else slice(None)
                colour, marker = (
                    CLASSES[number] if labels is not None else (COLOURS["neutral"], "o")
                )
                target.plot(
                    *places[member].T, linestyle="", marker=marker, color=colour,
                    markersize=marker_size, markeredgewidth=0, label=str(name),
                )  # fmt: skip
                if legend == "on" and labels is not None:
                    target.annotate(
                        str(name), np.median(places[member], axis=0), ha="center", va="center",
                        fontsize=FONT + 3, fontweight="bold", color=INK,
                        path_effects=halo(3, "white"),
                    )  # fmt: skip
        ringed = "this sample" if chosen.size == 1 else "these samples"
        rings(target, places[chosen], COLOURS["highlight"], 10, ringed)
        tidy(target, xlabel=xlabel, ylabel=ylabel)
        target.set(xticks=[], yticks=[])
        for side in ("left", "bottom"):
            target.spines[side].set_visible(bool(xlabel or ylabel))
        target.set_aspect("equal", adjustable="datalim")
        if legend == "below" and labels is not None:
            target.legend(
                loc="upper center", bbox_to_anchor=(0.5, -0.04 if not xlabel else -0.1),
                frameon=False, fontsize=FONT, labelcolor=INK, ncols=min(5, len(classes)),
                handletextpad=0.2, columnspacing=1.0,
            )  # fmt: skip

    return draw(paint, alt=alt, ax=ax, title=title, size=size)
