"""Filter and scale, in the right order."""

import numpy as np

from mlmi_course.checks import Case, asks


def _scaled(x, limit, *, filter_ddof=0, ddof=0, axis=0, by="std", scale=True):
    """Filter by variance, then scale; the parameters make the usual slips."""
    kept = x[:, x.var(axis=0, ddof=filter_ddof) >= limit]
    if not scale:
        return kept
    mean = kept.mean(axis=axis, keepdims=True)
    spread = getattr(kept, by)(axis=axis, ddof=ddof, keepdims=True)
    return (kept - mean) / spread


@asks(
    points=2,
    see="Does the pipeline cheat?",
    hints=(
        "`x.var(axis=0)` is one variance per column. What is it after z-scoring?",
        "First keep the columns whose variance is at least `limit`; then scale what is left.",
        "`kept = x[:, x.var(axis=0) >= limit]`, and then subtract `kept.mean(axis=0)` and divide "
        "by `kept.std(axis=0)`.",
    ),
)
def prepare(x, limit):
    """Filter and scale, in the right order"""
    return _scaled(x, limit)


@prepare.inputs
def cases(rng):
    x = rng.normal(0, 1, size=(8, 4)) * [3.0, 20.0, 0.5, 8.0] + [10.0, 300.0, 1.0, 0.0]
    x = x.round(2)
    nearly = np.zeros(8)
    nearly[int(rng.integers(8))] = 0.1
    x = np.insert(x, 2, nearly, axis=1)
    yield Case((x, 0.01), "five features, one of them nearly constant")
    yield Case((np.delete(x, 2, axis=1), 0.01), "four features that all vary")
    yield Case((np.insert(x, 0, 7.0, axis=1), 0.01), "a feature that is the same for everybody")
    just_below = x.copy()
    just_below[:, 2] = 3 * nearly  # a variance of 0.0098; 0.0113 with n − 1
    yield Case((just_below, 0.01), "a feature whose variance is just below the limit")
    exactly = np.insert(np.delete(x, 2, axis=1), 3, np.resize([0.0, 1.0], 8), axis=1)
    yield Case((exactly, 0.25), "a feature whose variance is exactly the limit")


@prepare.mistake
def filter_after_z_score(x, limit):
    """The nearly constant column is still there, and blown up to full size. Is your filter before
    the scaling (after it every variance is 1)? Does it go by the *variance*, and by column?
    """
    with np.errstate(all="ignore"):
        z = (x - x.mean(axis=0)) / x.std(axis=0)
    return z[:, ~(z.var(axis=0) < limit)]


@prepare.mistake
def unmended(x, limit):
    """That is the colleague's function as it was. What is the variance of a column after it was
    scaled, and whose mean is `x.mean()`?
    """
    z = (x - x.mean()) / x.std()
    return z[:, z.var(axis=0) >= limit]


prepare.variants(
    _scaled,
    not_scaled=(
        {"scale": False},
        "The filter is right, but nothing is scaled: the feature with the largest unit would "
        "decide alone.",
    ),
    scaled_by_patient=(
        {"axis": 1},
        "You scale each patient (row). A z-score compares a patient with the others, so it "
        "takes mean and standard deviation of each *column*: `axis=0`.",
    ),
    scaled_as_one_table=(
        {"axis": None},
        "You scale with one mean and one standard deviation of the whole table. Each column "
        "has its own: `axis=0`.",
    ),
)


@prepare.mistake
def limit_itself_dropped(x, limit):
    """A column whose variance is exactly the limit is not *below* it: it stays."""
    kept = x[:, x.var(axis=0) > limit]
    return (kept - kept.mean(axis=0)) / kept.std(axis=0)


prepare.variants(
    _scaled,
    divided_by_variance=(
        {"by": "var"},
        "You divide by the variance. A z-score divides by the standard deviation, its root.",
    ),
    filter_by_n_minus_one=(
        {"filter_ddof": 1},
        "Your variance divides by n − 1 (`ddof=1`, the habit of pandas), and a column just "
        "below the limit slips through. Asked for is NumPy's own, `x.var(axis=0)`.",
    ),
    n_minus_one=(
        {"ddof": 1},
        "Your standard deviation divides by n − 1 (`ddof=1`, the habit of pandas). Asked for "
        "is NumPy's own, `x.std(axis=0)`.",
    ),
)


@prepare.mistake
def kept_what_should_go(x, limit):
    """You keep the columns that hardly vary, and drop the others."""
    kept = x[:, x.var(axis=0) < limit]
    with np.errstate(all="ignore"):
        return (kept - kept.mean(axis=0)) / kept.std(axis=0)
