"""What a class's points tell about its questions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlmi_course.grading.gradebook.rows import StudentRow
from mlmi_course.grading.records import QuestionInfo

__all__ = [
    "NamedMistake",
    "difficulty",
    "discrimination",
    "histogram",
    "misconceptions",
]

_FEWEST = 3  # two students always lie on a line


@dataclass(frozen=True)
class NamedMistake:
    """A known wrong answer, and who gave it.

    Attributes
    ----------
    question : QuestionInfo
    name : str
        As the question names it.
    says : str
        What the students were told, up to the values that were shown.
    rows : tuple of StudentRow
        Those who gave it.
    """

    question: QuestionInfo
    name: str
    says: str
    rows: tuple[StudentRow, ...]


def difficulty(points: np.ndarray, out_of: float) -> float | None:
    """Share of its points that a question gave: 1 when everybody has all, 0 when nobody has any.

    An answer that was not attempted counts as nothing.  One that waits for its mark (``nan``)
    does not count.

    Examples
    --------
    >>> difficulty(np.array([2.0, 1.0, 0.0, np.nan]), 2)
    0.5
    """
    known = points[~np.isnan(points)]
    return float(known.mean() / out_of) if known.size else None


def discrimination(table: np.ndarray, column: int) -> float | None:
    """Whether those who are good at the rest are good at this question.

    The corrected item–total correlation: Pearson's, between a question's points and the total
    of all *other* questions.  With itself in the total, every question would look good.
    Questions with an answer that still waits are left out of the total, or whoever was marked
    first would seem best.

    Parameters
    ----------
    table : ndarray of shape (students, questions)
        Points, ``nan`` where an answer waits.
    column : int
        The question.

    Returns
    -------
    float or None
        From −1 to 1; none where it cannot be told: fewer than three students, an answer that
        waits, or no differences.

    References
    ----------
    Allen and Yen, Introduction to Measurement Theory, 1979, chapter 6.

    Examples
    --------
    >>> discrimination(np.array([[1.0, 2.0], [0.0, 1.0], [0.0, 0.0]]), 0)
    0.8660254037844387
    """
    settled = ~np.isnan(table).any(axis=0)
    if len(table) < _FEWEST or not settled[column]:
        return None
    settled[column] = False
    item, rest = table[:, column], table[:, settled].sum(axis=1)
    # Rounding alone must not pass for a difference: 0.1 + 0.2 is not 0.3.
    if np.ptp(item) < 1e-9 or np.ptp(rest) < 1e-9:
        return None
    return float(np.clip(np.corrcoef(item, rest)[0, 1], -1, 1))


def histogram(shares: Sequence[float], bins: int = 10) -> list[int]:
    """Count shares from 0 to 1 in bins of equal width; a full share is in the last.

    >>> histogram([0, 0.05, 0.1, 0.95, 1])
    [2, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    """
    counts = [0] * bins
    for share in shares:
        # 0.3 / 0.1 is less than 3 in floating point: forgive that much.
        counts[min(bins - 1, max(0, math.floor(share * bins + 1e-9)))] += 1
    return counts


def misconceptions(rows: Sequence[StudentRow]) -> list[NamedMistake]:
    """Known wrong answers, the most frequent first."""
    found: dict[tuple[str, str], list[StudentRow]] = {}
    first: dict[tuple[str, str], Any] = {}
    for row in rows:
        for answer in row.answers:
            if answer.grade.misconception:
                key = (answer.question.name, answer.grade.misconception)
                found.setdefault(key, []).append(row)
                first.setdefault(key, answer)
    order = (
        {answer.question.name: place for place, answer in enumerate(rows[0].answers)}
        if rows
        else {}
    )
    return [
        NamedMistake(first[key].question, key[1], _sentence(first[key].grade.text), tuple(who))
        for key, who in sorted(
            found.items(), key=lambda item: (-len(item[1]), order[item[0][0]], item[0][1])
        )
    ]


def _sentence(text: str) -> str:
    """A message without the values that it shows: they are one student's."""
    return text.partition("\n")[0]
