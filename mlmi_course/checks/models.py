"""The question that asks for a trained model."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sized
from typing import Any

import numpy as np

from mlmi_course.checks.calling import (
    AnswerRaised,
    NotAttempted,
    call,
    is_blank,
)
from mlmi_course.checks.comparing import difference
from mlmi_course.checks.kinds import blame
from mlmi_course.checks.messages import (
    Message,
    Verbatim,
    kind_of,
    number,
)
from mlmi_course.checks.question import Question
from mlmi_course.checks.verdicts import Verdict


class ModelQuestion(Question):
    """The student trains a model; it is measured on images drawn for this check.

    Parameters
    ----------
    draw : callable
        ``draw(rng)`` gives fresh ``(images, labels)``, of any kind that ``metric`` reads.
    metric : callable
        ``metric(labels, predictions)`` gives one number, higher being better.
    threshold : float or callable
        The score that earns all points, or ``threshold(images, labels)``.  A trained network
        differs between processors, numbers of threads and seeds: state what the solution reaches
        on average over all of these, minus four standard deviations (``docs/spread.md``).
    noise : float or callable, optional
        How far below the bar a score still is there but for luck, or ``noise(images, labels)``:
        usually one standard deviation of the solution's score over processors, threads and
        seeds.  Such a model is told so kindly, and keeps the points that it earned.  Without it,
        one standard error of the score on this draw, by bootstrap over its images.
    chance : float
        The score that earns nothing.  Points grow in a straight line from here.
    budget_s : float, default 10
        Seconds that the predictions may take, by the clock or in computing, whichever is less.
    of : str, default "images"
        What is predicted for, as messages call it: ``"scores"``, ``"patients"``.
    **common
        See :class:`Question`.  The answer is a function ``predict(images)``.
    """

    def __init__(
        self,
        *,
        draw: Callable[[np.random.Generator], tuple[Any, Any]],
        metric: Callable[[Any, Any], float],
        threshold: float | Callable[[Any, Any], float],
        chance: float,
        noise: float | Callable[[Any, Any], float] | None = None,
        budget_s: float = 10.0,
        of: str = "images",
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.of = of
        self.patience_s = 6 * budget_s  # a little too slow is said with its time
        self.draw = draw
        self.metric = metric
        self.threshold = threshold
        self.chance = chance
        self.noise = noise
        self.budget_s = budget_s

    def verdict(self, answer: Any, rng: np.random.Generator) -> Verdict:
        """Judge a function ``predict(images)``, or its stand-in."""
        if is_blank(answer):
            return self._untouched(f"Write {self._asked}, then run this cell again.")
        if not callable(answer):
            return self._failed(
                f"Hand in a function {self._asked}; what arrived is {kind_of(answer)}."
            )
        images, labels = self.draw(rng)
        start, worked = time.perf_counter(), time.process_time()
        try:
            predictions = self._call(answer, (images,))
        except NotAttempted:
            return self._untouched("The function still says `raise NotImplementedError`.")
        except AnswerRaised as error:
            given = f"It was given {self._drawn(images)}."
            return self._stopped(error, *blame(self, answer, error), given)
        # Where another job keeps the cores busy, the computer is slow and not the answer.  A
        # stand-in computes in a process of its own, and is stopped there.
        seconds = min(time.perf_counter() - start, time.process_time() - worked)
        if seconds > self.budget_s:
            return self._failed(f"The predictions took too long: {self.budget_s:g} s is the limit.")
        try:
            score = float(self.metric(labels, predictions))
        except Exception as error:  # whatever a metric makes of predictions that are none
            return self._failed(Verbatim(f"The predictions could not be scored: {error}."))
        return self._score(answer, score, images, labels, predictions)

    @property
    def _asked(self) -> str:
        """The function as it is called where it is asked for."""
        return f"{'predict' if self.of == 'images' else self.name}({self.of})"

    def _drawn(self, images: Any) -> str:
        """How many there were to answer, where that can be told."""
        columns: Iterable[Any] = images.values() if isinstance(images, Mapping) else (images,)
        # An array that is one number is Sized, and yet has no length.
        counts = {
            len(c) for c in columns if isinstance(c, Sized) and getattr(c, "shape", None) != ()
        }
        return f"{counts.pop()} fresh {self.of}" if len(counts) == 1 else f"fresh {self.of}"

    def _score(
        self, answer: Any, score: float, images: Any, labels: Any, predictions: Any
    ) -> Verdict:
        needed = self.threshold
        needed = float(needed(images, labels) if callable(needed) else needed)
        measured = f"On {self._drawn(images)}: {number(round(score, 3))}"
        if score >= needed:
            return self._passed(f"{measured}, and {number(round(needed, 3))} was needed.")
        share = (score - self.chance) / (needed - self.chance)
        points = self.points * float(np.clip(np.nan_to_num(share), 0, 1))
        points = math.floor(100 * points + 1e-6) / 100  # down: "✗ 3/3" would be a riddle
        says = f"{measured}; all points take {number(round(needed, 3))}."
        if blamed := blame(self, answer):
            return self._failed(*blamed, says, points=points)
        for name, wrong in self.misconceptions.items():
            if difference(call(wrong.answer, (images,)), predictions) is None:
                return self._failed(wrong.says, says, points=points, misconception=name)
        if needed - score <= self._luck(images, labels, predictions):
            message = Message.of(
                f"{says} The difference is within the noise of training: two runs of one model "
                "differ by as much. Train again, or go on: there is no mistake to look for."
            )
            return Verdict("fail", points, self.points, message, near=True)
        return self._failed(says, points=points)

    def _luck(self, images: Any, labels: Any, predictions: Any) -> float:
        """How much of a score's distance from the bar is luck."""
        if self.noise is not None:
            return float(self.noise(images, labels) if callable(self.noise) else self.noise)
        return _standard_error(self.metric, labels, predictions)


def _standard_error(metric: Callable[[Any, Any], float], labels: Any, predictions: Any) -> float:
    """Bootstrap the standard error of a score over its cases; 0 where that cannot be done."""
    try:
        labels, predictions = np.asarray(labels), np.asarray(predictions)
        rng = np.random.default_rng(0)  # the same answer, the same verdict
        drawn = rng.integers(0, len(labels), (50, len(labels)))
        scores = [float(metric(labels[rows], predictions[rows])) for rows in drawn]
    except Exception:  # labels in a dictionary, a resample of one class
        return 0.0
    return float(np.std(scores, ddof=1)) if np.isfinite(scores).all() else 0.0
