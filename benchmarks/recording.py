"""What `benchmarks.spread` hooks into a kernel: it writes down what is stated and judged.

It stands in the first cell of the notebooks that are measured, and nowhere else.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from functools import wraps
from numbers import Real
from pathlib import Path
from typing import Any

import numpy as np

from mlmi_course import checks  # before TensorFlow: the package keeps it silent
from mlmi_course.checks import models, predictions, results
from mlmi_course.checks.question import Question

__all__ = ["record", "shift_seeds"]

_MODULES_OF_RESULT = (checks, results)


def record(path: str, draw: int = 0) -> None:
    """Append one line of JSON to a file for each result, verdict, comparison and model's score.

    Parameters
    ----------
    path : str
        The file.
    draw : int, default 0
        A model question also judges its answer on this other draw of its images, as a grader's
        secret seed would.
    """

    def write(**line: Any) -> None:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")

    _record_results(write)
    _record_comparisons(write)
    _record_scores(write, draw)
    _record_verdicts(write)
    _record_predictions(write)


def shift_seeds(shift: int) -> None:
    """Let everything that trains start elsewhere: first weights, order of batches, global seeds.

    Seeds of simulated patients and of networks in plain NumPy stay, for they are the same
    numbers on every processor.
    """
    import keras
    from keras.src.initializers.random_initializers import RandomInitializer

    from mlmi_course import training

    first_weights, global_seed, fit = (
        RandomInitializer.__init__,
        keras.utils.set_random_seed,
        training.fit,
    )

    def init(self: Any, seed: Any = None) -> None:
        first_weights(self, seed + shift if isinstance(seed, int | np.integer) else seed)

    RandomInitializer.__init__ = init
    keras.utils.set_random_seed = lambda seed: global_seed(seed + shift)

    @wraps(fit)
    def shifted(*arguments: Any, seed: int = 0, **options: Any) -> Any:
        return fit(*arguments, seed=seed + shift, **options)

    training.fit = shifted
    keras.utils.set_random_seed(0)


Write = Callable[..., None]


def _record_results(write: Write) -> None:
    original = results.result

    @wraps(original)
    def result(name: str, value: Any, **options: Any) -> None:
        bounds = {key: options[key] for key in ("at_least", "at_most", "within") if key in options}
        number = isinstance(value, Real) and not isinstance(value, bool)
        write(
            kind="result",
            name=name,
            value=float(value) if number else str(value),
            digits=options.get("digits", 3),
            **{key: bound for key, bound in bounds.items() if bound is not None},
        )
        original(name, value, **options)

    for module in _MODULES_OF_RESULT:
        module.result = result


def _record_comparisons(write: Write) -> None:
    """``np.allclose`` of a notebook: how much of its tolerance was used up."""
    original = np.allclose

    @wraps(original)
    def allclose(
        a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
    ) -> bool:
        answer = original(a, b, rtol, atol, equal_nan)
        caller = sys._getframe(1)
        if caller.f_globals.get("__name__") == "__main__":
            apart = np.abs(np.asarray(a, float) - np.asarray(b, float))
            with np.errstate(divide="ignore", invalid="ignore"):
                used = apart / (atol + rtol * np.abs(np.asarray(b, float)))
            most = float(np.nanmax(used)) if used.size and not np.isnan(used).all() else 0.0
            write(kind="allclose", name="np.allclose", value=most, at_most=1.0, answer=bool(answer))
        return answer

    np.allclose = allclose


def _record_scores(write: Write, draw: int) -> None:
    """A model question: its score and what was needed, on the public draw and on another."""
    original = models.ModelQuestion.verdict

    def judged(
        self: models.ModelQuestion, answer: Any, rng: np.random.Generator, which: str
    ) -> Any:
        seen: dict[str, float] = {}
        metric, threshold = self.metric, self.threshold

        def needed(*drawn: Any) -> float:
            bar = threshold(*drawn) if callable(threshold) else threshold
            seen["needed"] = float(bar)
            return seen["needed"]

        def score(*pair: Any) -> float:
            seen["score"] = float(metric(*pair))
            return seen["score"]

        self.metric, self.threshold = score, needed
        try:
            return original(self, answer, rng)
        finally:
            self.metric, self.threshold = metric, threshold
            if len(seen) == 2:
                write(
                    kind="score",
                    name=f"q.{self.name}, {which}",
                    value=seen["score"],
                    at_least=seen["needed"],
                )

    def verdict(self: models.ModelQuestion, answer: Any, rng: np.random.Generator) -> Any:
        found = judged(self, answer, rng, "public draw")
        if draw:
            judged(self, answer, np.random.default_rng([1959, draw]), "another draw")
        return found

    models.ModelQuestion.verdict = verdict


def _record_verdicts(write: Write) -> None:
    original = Question.check

    @wraps(original)
    def check(self: Question, *answer: Any) -> Any:
        verdict = original(self, *answer)
        if not math.isclose(verdict.points, verdict.out_of) and verdict.status != "needs a person":
            write(kind="verdict", name=f"q.{self.name}", value=f"{verdict.status}: {verdict}")
        return verdict

    Question.check = check


def _record_predictions(write: Write) -> None:
    """The truth that a prediction is held against."""
    original = predictions.Prediction.reveal

    @wraps(original)
    def reveal(self: predictions.Prediction, truth: Any) -> Any:
        value = str(truth) if self.choices else float(truth)
        write(kind="prediction", name=f"truth of: {self.question}", value=value)
        return original(self, truth)

    predictions.Prediction.reveal = reveal
