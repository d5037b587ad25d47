"""Attention with the other kind of mask."""

import numpy as np

from mlmi_course.checks import Case, asks


def _attend(
    queries,
    keys,
    values,
    ignore,
    *,
    scale="root",
    true="ignore",
    empty="zero",
    axis=1,
    safe=True,
    low=-np.inf,
):
    q, k, v = (np.asarray(part, float) for part in (queries, keys, values))
    match = q @ k.T
    if scale == "root":
        match = match / np.sqrt(q.shape[1])
    elif scale == "width":
        match = match / q.shape[1]
    ignore = np.asarray(ignore, bool)
    out = ignore if true == "ignore" else ~ignore
    with np.errstate(all="ignore"):
        if true == "after":
            weight = np.exp(match - match.max(axis=1, keepdims=True))
            weight = weight / weight.sum(axis=1, keepdims=True) * ~ignore
        elif true == "zeroed":
            match = np.where(ignore, 0.0, match)
            weight = np.exp(match - match.max(axis=1, keepdims=True))
            weight = weight / weight.sum(axis=1, keepdims=True)
        else:
            match = np.where(out, low, match)
            top = match.max(axis=axis, keepdims=True) if safe else 0.0
            top = match.max() if safe == "once" else top
            weight = np.exp(match - np.where(np.isfinite(top), top, 0.0))
            total = weight.sum(axis=axis, keepdims=True)
            weight = np.where(total > 0, weight / np.where(total > 0, total, 1), 0.0)
            if empty == "nan":
                weight = np.where(total > 0, weight, np.nan)
            if empty == "mean":
                weight = np.where(total > 0, weight, 1 / len(k))
    return weight @ v


@asks(
    points=4,
    see="Visits with gaps",
    hints=(
        "Here True means *leave out*, as in NumPy's masked arrays. Keras' attention takes a mask "
        "whose True means *take part*.",
        "Put −inf where a key is to be left out, *before* the exponential; subtract the largest of "
        "each row so that nothing overflows.",
        "Divide by the root of the number of columns of the queries first. A query that may look "
        "at nothing answers 0: avoid −inf − (−inf), and 0 / 0.",
    ),
)
def attend(queries, keys, values, ignore):
    """Attention, with a mask of the other kind"""
    return _attend(queries, keys, values, ignore)


@attend.inputs
def cases(rng):
    def of(n, m, d, e, strong=1.0):
        q, k, v = rng.normal(size=(n, d)), rng.normal(size=(m, d)), rng.normal(size=(m, e))
        ignore = rng.random((n, m)) < 0.35
        ignore[np.arange(n), rng.integers(0, m, n)] = False
        ignore[np.arange(n), (rng.integers(1, m, n) + np.argmin(ignore, axis=1)) % m] = True
        return (strong * q).round(3), k.round(3), v.round(3), ignore

    yield Case(of(3, 5, 4, 2), "three queries, five visits")
    yield Case(of(4, 4, 3, 3), "as many queries as visits")
    yield Case(of(3, 6, 4, 2, strong=900.0), "very large products")
    q, k, v, ignore = of(3, 5, 4, 2)
    k = np.abs(k) + 0.5
    q = np.abs(q) * np.array([[-4e4], [1.0], [4e4]])
    yield Case((q.round(3), k, v, ignore), "all products very small, or very large")
    q, k, v, ignore = of(3, 4, 2, 2)
    ignore[1] = True
    yield Case((q, k, v, ignore), "a query that may look at nothing")


attend.variants(
    _attend,
    other_mask=(
        {"true": "keep"},
        "Your mask works the other way round: here True means *leave out*.",
    ),
    not_scaled=(
        {"scale": "none"},
        "The products are not divided by the root of the number of columns.",
    ),
    by_width=(
        {"scale": "width"},
        "You divide by the number of columns. It is its *root*.",
    ),
    masked_after=(
        {"true": "after"},
        "You set weights to 0 after they were made to add up to 1. What is left no longer adds up "
        "to 1: mask before the exponential.",
    ),
    zero_match=(
        {"true": "zeroed"},
        "You put a match of 0 where a key is to be left out. exp(0) is 1, so it is not left out: "
        "take −inf.",
    ),
    nan_for_nothing=(
        {"empty": "nan"},
        "A query that may look at nothing gives nan. It answers 0.",
    ),
    mean_for_nothing=(
        {"empty": "mean"},
        "A query that may look at nothing gets the mean of all values, also of those that it may "
        "not see. It answers 0.",
    ),
    wrong_axis=(
        {"axis": 0},
        "Your weights add up to 1 over the queries. They must add up to 1 over the "
        "*keys*, for each "
        "query.",
    ),
    finite_mask=(
        {"low": -1e4},
        "You put a large negative number where a key is to be left out. If all that may be seen is "
        "smaller still, the wrong one wins: take −inf.",
    ),
    one_maximum=(
        {"safe": "once"},
        "You subtract the largest match of the whole table, so that all weights of a query with "
        "small products vanish. Subtract the largest of each *row*.",
    ),
    overflow=(
        {"safe": False},
        "The exponential of a large product overflows. Subtract the largest match of each row "
        "first: the weights stay the same.",
    ),
)
