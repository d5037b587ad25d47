"""How many lesions are found, at how many false marks an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlmi_course.metrics._intervals import (
    Estimate,
    Seed,
    between,
    draw,
    group_codes,
    require_level,
)

RATES: Final = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, eq=False)
class Froc:
    """A free-response ROC curve and its sensitivity at chosen rates of false marks.

    Parameters
    ----------
    thresholds, false_marks, sensitivity : ndarray, shape (points,)
        The curve, from the strictest threshold (infinite: no marks at all) to the loosest.
        At each, marks with a score of at least ``thresholds`` count; ``false_marks`` is per
        image.
    at : mapping of float to Estimate
        Sensitivity at each rate of false marks per image.
    mean : Estimate
        Mean of ``at``.  LUNA16 scores by such a mean over seven rates, but interpolates the
        curve between its points; here the curve is a staircase, as it was measured.
    lesions, images : int
        How many there are.
    counted_images : int
        The images over which false marks are averaged.
    radius : float
        Millimetres within which a mark hits.
    """

    thresholds: NDArray[np.float64]
    false_marks: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    at: Mapping[float, Estimate]
    mean: Estimate
    lesions: int
    images: int
    counted_images: int
    radius: float

    def __str__(self) -> str:
        rates = "; ".join(f"{value} at {rate:g}" for rate, value in self.at.items())
        return f"sensitivity {rates} false marks per image ({self.counted_images} images)"


def froc(
    detections: Sequence[ArrayLike],
    lesions: Sequence[ArrayLike],
    radius: float,
    *,
    rates: Sequence[float] = RATES,
    false_marks_on: Literal["all", "lesion-free"] = "all",
    groups: ArrayLike | None = None,
    level: float = 0.95,
    resamples: int = 1000,
    seed: Seed = 0,
) -> Froc:
    """Free-response ROC: sensitivity against false marks per image.

    Parameters
    ----------
    detections : sequence of array_like, shape (marks, 1 + axes)
        For each image its marks: a score, then the position in mm.  An image without marks is
        an empty list.
    lesions : sequence of array_like, shape (lesions, axes)
        For each image, in the same order, the positions of its lesions in mm.  Images without
        lesions belong in the list too: an empty list each.
    radius : float
        Millimetres: a mark at most this far from a lesion hits it.
    rates : sequence of float
        False marks per image at which to read the curve; by default ⅛, ¼, ½, 1, 2, 4 and 8.
    false_marks_on : {"all", "lesion-free"}
        The images on which false marks are counted and over which they are averaged: all
        (LUNA16), or only those without a lesion (CAMELYON16).  State which; in images with
        lesions, false marks may be more frequent, or just unlabelled lesions.
    groups : array_like, shape (images,), optional
        The patient of each image, drawn as a whole; without it images are drawn.
    level, resamples, seed
        As in :func:`~mlmi_course.metrics.auc`.

    Returns
    -------
    Froc
        The curve, and the sensitivity at each rate with its interval.

    Raises
    ------
    ValueError
        For lists of different lengths, positions of different dimensions, values that are not
        finite, no lesion at all, no image to count false marks on, fewer than two patients, or
        a radius or rate that is not positive.

    Notes
    -----
    Conventions, all of which change the numbers:

    * A mark within ``radius`` of several lesions belongs to the nearest.
    * A lesion is found once, with the highest score of its marks; its further marks are
      neither true nor false positives, as in LUNA16.
    * Every other mark is a false mark: suppress non-maxima before, or a single wrong spot that
      is marked five times counts five times.
    * The sensitivity at a rate is the highest that any threshold reaches with *at most* that
      many false marks per image; nothing is interpolated.  Marks of equal score enter
      together.
    * Intervals are between percentiles over resampled patients, or images; resamples without
      a lesion, or without an image to count on, are drawn again.

    References
    ----------
    P. C. Bunch et al., A free response approach to the measurement and characterization of
    radiographic observer performance, Proc SPIE 127 (1977) 124–135, doi:10.1117/12.955926.
    A. A. A. Setio et al. (LUNA16), Medical Image Analysis 42 (2017) 1–13,
    doi:10.1016/j.media.2017.06.015.  B. Ehteshami Bejnordi et al. (CAMELYON16), JAMA 318 (2017)
    2199–2210, doi:10.1001/jama.2017.14585.

    Examples
    --------
    Two images; the second has no lesion.  The lesion at (10, 10) is marked twice:

    >>> detections = [[(0.9, 10, 11), (0.7, 9, 10), (0.4, 30, 30)], [(0.8, 5, 5)]]
    >>> lesions = [[(10, 10), (20, 40)], []]
    >>> curve = froc(detections, lesions, radius=3, rates=[0.25, 1])
    >>> curve.false_marks.tolist()
    [0.0, 0.0, 0.5, 1.0]
    >>> curve.sensitivity.tolist()
    [0.0, 0.5, 0.5, 0.5]
    >>> float(curve.at[1])
    0.5
    """
    if not np.isfinite(radius) or radius <= 0:
        raise ValueError(f"radius needs a positive number of millimetres, got {radius!r}")
    if false_marks_on not in ("all", "lesion-free"):
        raise ValueError(f'false_marks_on must be "all" or "lesion-free", got {false_marks_on!r}')
    require_level(level)
    wanted = _read_rates(rates)
    marks, places = _read_images(detections, lesions)
    codes, patients = group_codes(groups, len(marks))

    matched = [_match(one, some, radius) for one, some in zip(marks, places, strict=True)]
    lesion_free = np.array([not len(some) for some in places])
    counted = np.ones(len(marks), bool) if false_marks_on == "all" else lesion_free
    if lesion_free.all():
        raise ValueError("there is no lesion in any image: sensitivity has no denominator")
    if not counted.any():
        raise ValueError(
            "there is no image without a lesion to count false marks on: "
            'use false_marks_on="all", or add healthy images'
        )
    found, found_image = _in_order([best for best, _ in matched])
    false, false_image = _in_order(
        [wrong if here else wrong[:0] for (_, wrong), here in zip(matched, counted, strict=True)]
    )
    # Lesions found by a threshold just above each false mark, and with no such limit.
    above = np.r_[_count_above(found, false), np.count_nonzero(np.isfinite(found))]

    def sensitivities(drawn: NDArray[np.int64]) -> NDArray[np.float64]:
        weights = drawn[:, codes]
        allowed = wanted * weights[:, counted].sum(axis=1, keepdims=True)
        false_sum = np.cumsum(weights[:, false_image], axis=1)
        found_sum = np.cumsum(weights[:, found_image], axis=1)
        found_sum = np.concatenate([np.zeros((len(drawn), 1)), found_sum], axis=1)
        # The first false mark too many, for each resample and rate; 1e-9 is for 0.1 × 30 > 3.
        first = np.stack(
            [(false_sum <= limit[:, None] + 1e-9).sum(axis=1) for limit in allowed.T], axis=1
        )
        hits = np.take_along_axis(found_sum, above[first], axis=1)
        total = found_sum[:, -1:]
        defined = (total > 0) & (weights[:, counted].sum(axis=1, keepdims=True) > 0)
        return np.divide(hits, total, out=np.full(hits.shape, np.nan), where=defined)

    values = sensitivities(np.ones((1, patients), dtype=np.int64))[0]
    rows = len(marks) + len(found) + len(false)
    resampled, redrawn = draw(sensitivities, patients, rows, resamples, seed)

    thresholds = np.unique(np.r_[found[np.isfinite(found)], false])[::-1]
    return Froc(
        thresholds=np.r_[np.inf, thresholds],
        false_marks=np.r_[0, _count_from(false, thresholds)] / counted.sum(),
        sensitivity=np.r_[0, _count_from(found, thresholds)] / found.size,
        at=MappingProxyType(
            {
                float(rate): between(value, column, level, redrawn)
                for rate, value, column in zip(wanted, values, resampled.T, strict=True)
            }
        ),
        mean=between(values.mean(), resampled.mean(axis=1), level, redrawn),
        lesions=found.size,
        images=len(marks),
        counted_images=int(counted.sum()),
        radius=float(radius),
    )


def _match(
    marks: NDArray[np.float64], lesions: NDArray[np.float64], radius: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Highest score on each lesion of an image (−inf: missed), and scores of its false marks."""
    scores, positions = marks[:, 0], marks[:, 1:]
    best = np.full(len(lesions), -np.inf)
    if not len(lesions):
        return best, scores
    distance = np.linalg.norm(positions[:, None] - lesions[None], axis=-1)
    nearest = distance.argmin(axis=1)
    hits = distance.min(axis=1) <= radius
    np.maximum.at(best, nearest[hits], scores[hits])
    return best, scores[~hits]


def _in_order(
    scores: Sequence[NDArray[np.float64]],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Join the scores of all images, highest first, with the image of each."""
    joined = np.concatenate(scores)
    image = np.repeat(np.arange(len(scores)), [len(some) for some in scores])
    order = np.argsort(-joined, kind="stable")
    return joined[order], image[order]


def _count_above(descending: NDArray[np.float64], limits: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.searchsorted(-descending, -limits, side="left")


def _count_from(descending: NDArray[np.float64], limits: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.searchsorted(-descending, -limits, side="right")


def _read_rates(rates: Sequence[float]) -> NDArray[np.float64]:
    wanted = np.asarray(rates, dtype=float)
    if wanted.ndim != 1 or not wanted.size or not np.isfinite(wanted).all() or (wanted <= 0).any():
        raise ValueError(f"rates needs positive numbers of false marks per image, got {rates!r}")
    return wanted


def _read_images(
    detections: Sequence[ArrayLike], lesions: Sequence[ArrayLike]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    if len(detections) != len(lesions):
        raise ValueError(
            "detections and lesions need one entry an image each, an empty list where there is "
            f"nothing; got {len(detections)} and {len(lesions)}"
        )
    marks = [np.asarray(some, dtype=float) for some in detections]
    places = [np.asarray(some, dtype=float) for some in lesions]
    axes = {some.shape[1] for some in places if some.size and some.ndim == 2}
    axes |= {some.shape[1] - 1 for some in marks if some.size and some.ndim == 2}
    if len(axes) > 1:
        raise ValueError(
            "a mark is a score and a position, a lesion is a position, and all positions have "
            f"as many coordinates; got {sorted(axes)}"
        )
    dimension = axes.pop() if axes else 1
    return (
        [_read_image(some, dimension + 1, "detections", i) for i, some in enumerate(marks)],
        [_read_image(some, dimension, "lesions", i) for i, some in enumerate(places)],
    )


def _read_image(some: NDArray[Any], columns: int, name: str, image: int) -> NDArray[np.float64]:
    if not some.size:
        return np.zeros((0, columns))
    if some.ndim != 2 or columns < 1:
        raise ValueError(
            f"{name} of image {image} needs one row each, got shape {some.shape}; "
            "a single one is [[…]]"
        )
    if not np.isfinite(some).all():
        raise ValueError(f"{name} of image {image} must be finite")
    return some
