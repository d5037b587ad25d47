"""Measure the Dice coefficient of two large masks beside the tools that people use for it.

Run it with ``python -m benchmarks.metrics``: about a minute, and about 3 GB of memory for
scikit-learn.  It never fails: tests do that, at gross violations, because machines are noisy.

What is compared, all in one run on the same two boolean masks of 512 × 512 × 300 voxels:

* each call gets the masks in the form that it reads without a conversion.  SimpleITK's images
  are made before the clock starts, so its time is its filter's alone;
* SimpleITK uses every core, the others one;
* the time is the median of five calls after one to warm up; scikit-learn takes so long that
  it is called once;
* memory is the peak of what Python and NumPy allocate during another call (tracemalloc), the
  masks themselves not counted.  SimpleITK allocates where that cannot be seen.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.speed import median_of
from mlmi_course import metrics

SHAPE = (300, 512, 512)


class Tool(NamedTuple):
    """One way to get the number."""

    name: str
    call: Callable[[], float]
    slow: bool = False
    memory: bool = True


def masks(shape: tuple[int, int, int] = SHAPE) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return an ellipsoid as large as a liver, and the same one a few voxels off."""
    z, y, x = (np.linspace(-1, 1, n, dtype=np.float32) for n in shape)
    inside = (z[:, None, None] / 0.6) ** 2 + (y[:, None] / 0.4) ** 2 + (x / 0.5) ** 2 < 1
    return inside, np.roll(inside, (2, 5), axis=(0, 1))


def tools(truth: NDArray[np.bool_], prediction: NDArray[np.bool_]) -> Iterator[Tool]:
    """Yield every tool, ours first, ready to be called."""
    import SimpleITK as sitk
    from scipy.spatial.distance import dice as scipy_dice
    from sklearn.metrics import f1_score, jaccard_score

    a, b = truth.ravel(), prediction.ravel()  # views

    def one_line() -> float:
        return 2 * (truth & prediction).sum() / (truth.sum() + prediction.sum())

    def best_line() -> float:
        both = np.count_nonzero(truth & prediction)
        return 2 * both / (np.count_nonzero(truth) + np.count_nonzero(prediction))

    def by_simpleitk() -> float:
        overlap.Execute(*images)
        return overlap.GetDiceCoefficient()

    yield Tool("mlmi_course.metrics.dice", lambda: metrics.dice(truth, prediction))
    yield Tool("mlmi_course.metrics.jaccard", lambda: metrics.jaccard(truth, prediction))
    yield Tool("NumPy, 2 (T & P).sum() / (T.sum() + P.sum())", one_line)
    yield Tool("NumPy, the same with count_nonzero", best_line)
    overlap = sitk.LabelOverlapMeasuresImageFilter()
    images = [sitk.GetImageFromArray(mask.view(np.uint8)) for mask in (truth, prediction)]
    yield Tool("SimpleITK, LabelOverlapMeasures", by_simpleitk, memory=False)
    yield Tool("SciPy, 1 − spatial.distance.dice", lambda: 1 - scipy_dice(a, b))
    yield Tool("scikit-learn, f1_score", lambda: f1_score(a, b), slow=True)
    yield Tool("scikit-learn, jaccard_score", lambda: jaccard_score(a, b), slow=True)


def run(tool: Tool) -> tuple[float, float]:
    """Return what a tool gives and its seconds: a median, or those of one slow call."""
    start = time.perf_counter()
    value = tool.call()
    once = time.perf_counter() - start
    return value, once if tool.slow else median_of(tool.call)


def peak_memory(call: Callable[[], Any]) -> int:
    """Return the peak number of bytes that a call holds beyond what was there before."""
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def main() -> None:
    """Measure everything and print one table."""
    truth, prediction = masks()
    table = Table(
        "tool",
        "value",
        "seconds",
        "times ours",
        "temporaries, MB",
        title=f"Two boolean masks of {' × '.join(map(str, reversed(SHAPE)))} voxels",
    )
    ours = None
    for tool in tools(truth, prediction):
        value, taken = run(tool)
        ours = ours or taken
        # Tracing would double the time of the slow ones, whose memory is not in question.
        measured = tool.memory and not tool.slow
        memory = f"{peak_memory(tool.call) / 1e6:.2f}" if measured else "not measured"
        table.add_row(tool.name, f"{value:.6f}", f"{taken:.3f}", f"{taken / ours:.1f}", memory)
    Console().print(table)


if __name__ == "__main__":
    main()
