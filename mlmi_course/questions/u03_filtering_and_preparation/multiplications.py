"""The cheapest way to apply a kernel."""

import numpy as np

from mlmi_course.checks import Case, asks


def _cost(kernel, *, rule="rank"):
    kernel = np.asarray(kernel, dtype=float)
    rows, columns = kernel.shape
    rank = int(np.linalg.matrix_rank(kernel))
    return {
        "rank": lambda: min(rank * (rows + columns), rows * columns),
        "always two": lambda: rows + columns,
        "never": lambda: rows * columns,
        "one or all": lambda: rows + columns if rank == 1 else rows * columns,
        "no minimum": lambda: rank * (rows + columns),
        "product": lambda: min(rank * rows * columns, rows * columns),
        "rows": lambda: min(2 * rank * rows, rows * columns),
    }[rule]()


@asks(
    points=2,
    see="Convolution, and by frequency",
    hints=(
        "A separable kernel is a column times a row: a matrix of rank 1. What is one of rank 2?",
        "A kernel of rank r is a sum of r separable ones, each of which costs rows + columns. But "
        "sliding the kernel as it is may be cheaper.",
        "`np.linalg.matrix_rank(kernel)` is r. Take the smaller of r · (rows + columns) and "
        "rows · columns.",
    ),
)
def multiplications(kernel):
    """The cheapest way to apply a kernel"""
    return _cost(kernel)


@multiplications.inputs
def cases(rng):
    def line(n):
        return rng.uniform(0.5, 2, n).round(2)

    yield Case((np.outer(line(9), line(7)),), "a column times a row")
    two = np.outer(line(9), line(11)) + np.outer(line(9), line(11))
    yield Case((two,), "the sum of two of them")
    yield Case((rng.uniform(0, 1, (5, 5)).round(3),), "a kernel of any numbers")
    yield Case((np.outer(line(2), line(2)),), "a kernel of 2 × 2")
    three = sum(np.outer(line(13), line(5)) for _ in range(3))
    yield Case((three,), "the sum of three, 13 × 5")


multiplications.variants(
    _cost,
    always_separable=(
        {"rule": "always two"},
        "rows + columns is the cost of a *separable* kernel. Not every kernel is a column times a "
        "row.",
    ),
    never_separable=(
        {"rule": "never"},
        "That is the cost of sliding the whole kernel. Some can be had for less.",
    ),
    one_or_nothing=(
        {"rule": "one or all"},
        "Right for one column times one row. But a *sum* of two of them costs two such passes, "
        "which can still be cheaper than the whole.",
    ),
    dearer_than_whole=(
        {"rule": "no minimum"},
        "For some kernels your way is dearer than sliding the kernel as it is. Take the cheaper.",
    ),
    square_only=(
        {"rule": "rows"},
        "You took every kernel for a square. A pass along the columns costs as many "
        "multiplications as there are rows, and the other way round.",
    ),
)
