"""Of each correlated pair, drop one."""

import math
from functools import partial

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.checks.calling import call
from mlmi_course.questions.u20_survival.prepare import prepare


def _signed(x):
    # NumPy's two halves may differ in the last digit; then rounding would choose among equals.
    return np.corrcoef(x.T).round(9)


def _drop(signed, limit, *, pick="strongest", by="mean"):
    """Drop one of each correlated pair; `pick` says which pair is first, `by` which one goes."""
    off = signed * (1 - np.eye(len(signed)))
    strength = np.abs(off)
    whole = strength.mean(axis=0).round(9)
    stay = list(range(len(strength)))
    while len(stay) > 1:
        left = strength[np.ix_(stay, stay)]
        if left.max() <= limit:
            break
        pair = np.unravel_index(left.argmax(), left.shape)
        if pick == "first":
            pair = tuple(np.argwhere(left > limit)[0])
        first, second = sorted(int(i) for i in pair)
        heavy = {
            "mean": lambda left=left: left.mean(axis=1).round(9),
            "smaller mean": lambda left=left: -left.mean(axis=1).round(9),
            "signed": lambda: off[np.ix_(stay, stay)].mean(axis=1).round(9),
            "all columns": lambda: whole[stay],
            "partners": lambda left=left: (left > limit).sum(axis=1),
            "runner-up": lambda left=left: np.sort(left, axis=1)[:, -2],
            "median": lambda left=left: np.median(left, axis=1),
            "earlier": lambda left=left: -np.arange(len(left)),
            "later": lambda left=left: np.arange(len(left)),
        }[by]()
        stay.pop(first if heavy[first] > heavy[second] else second)
        if pick == "once":
            break
    return stay


@asks(
    points=3,
    see="A radiomic signature",
    hints=(
        "Keep a list `stay` of column numbers, at first all of them, and shorten it in a `while` "
        "loop.",
        "`strength = np.abs(np.corrcoef(x.T))` with 0 on its diagonal (`np.fill_diagonal`). "
        "`strength[np.ix_(stay, stay)]` is the part that is left; `np.unravel_index(left.argmax(), "
        "left.shape)` is its strongest pair.",
        "Compare `left[first].mean()` with `left[second].mean()`: the larger one goes, by "
        "`stay.pop(...)`. Stop when `left.max() <= limit`.",
    ),
)
def drop_correlated(x, limit):
    """Of each correlated pair, drop one"""
    return _drop(_signed(x), limit)


def _unrounded(x, limit):
    """The right rule in numbers as they come, so that their last digit chooses among equals."""
    strength, stay = np.abs(np.corrcoef(x.T)), list(range(x.shape[1]))
    np.fill_diagonal(strength, 0)
    while (left := strength[np.ix_(stay, stay)]).max() > limit:
        first, second = np.unravel_index(left.argmax(), left.shape)
        stay.pop(int(first if left[first].mean() > left[second].mean() else second))
    return stay


def _twins(rng, limit):
    """Draw two columns that are too much alike, and for which rounding picks the wrong one.

    About one table in five is such; the error is that of IEEE division, the same everywhere.
    """
    for _ in range(1000):
        x = _columns(rng, _square((95,))).round(3)
        if _unrounded(x, limit) == [1]:
            return x
    return x  # pragma: no cover


def _one_pass(signed, limit):
    strength = np.abs(signed * (1 - np.eye(len(signed))))
    mean, gone = strength.mean(axis=0), set()
    for first, second in np.argwhere(np.triu(strength) > limit).tolist():
        if not {first, second} & gone:
            gone.add(first if mean[first] > mean[second] else second)
    return [i for i in range(len(strength)) if i not in gone]


_BY = ("mean", "smaller mean", "signed", "all columns", "partners", "runner-up", "median")


# Correlations above the diagonal, found by a search: each usual slip ends with other columns.
_TELLING = (
    (25, -30, 20, 15, 65, 10, 20, -10, 30, 65, -90, -50, -75, 0, 35),
    (5, -55, -65, 15, 45, -45, -5, 85, -75, 40, -45, 0, -20, -30, -65),
    (20, -40, 75, 30, 55, 65, 35, 50, -45, -15, 40, -90, 65, 25, -45),
)


def _square(upper):
    size = int((1 + math.sqrt(1 + 8 * len(upper))) / 2)
    matrix = np.zeros((size, size))
    matrix[np.triu_indices(size, 1)] = np.array(upper) / 100
    return matrix + matrix.T + np.eye(size)


def _columns(rng, correlations, n=20):
    """Draw columns that have exactly these correlations."""
    noise = rng.normal(size=(n, len(correlations)))
    white = np.linalg.qr(noise - noise.mean(axis=0))[0]
    return white @ np.linalg.cholesky(correlations).T


def _ways(signed, limit):
    first = [_drop(signed, limit, by=by) for by in (*_BY, "earlier", "later")]
    return [*first, _drop(signed, limit, pick="first"), _one_pass(signed, limit)]


def _ranks(rng, correlations, limit):
    """Draw columns of ranks with about these correlations, for which every slip still shows.

    All columns hold the same whole numbers, so the matrix of correlations is symmetric to the
    last bit, and `argmax` finds the same pair in every right answer.
    """
    wanted = _ways(correlations, limit)
    for _ in range(1000):
        x = _columns(rng, correlations, 100).argsort(axis=0).argsort(axis=0).astype(float)
        found = _signed(x)
        if np.abs(found - correlations).max() < 0.07 and _ways(found, limit) == wanted:
            return x
    raise RuntimeError("no ranks with these correlations")  # pragma: no cover


@drop_correlated.inputs
def cases(rng):
    chain = np.eye(6)
    pairs = {(0, 1): 0.9, (1, 2): 0.87, (0, 2): 0.7, (3, 4): -0.92, (3, 5): 0.3, (2, 5): 0.2}
    for (one, other), value in pairs.items():
        chain[one, other] = chain[other, one] = value
    x = (_columns(rng, chain) * 10).round(4) + 5
    yield Case((x, 0.8), "a chain of three, and a pair that runs in opposite directions")
    yield Case((x, 0.95), "no pair above the limit")
    yield Case((x, 0.5), "a lower limit")
    about = "several pairs above the limit, some of them negative"
    for upper in _TELLING:
        yield Case((_ranks(rng, _square(upper), 0.6), 0.6), about)
    yield Case((x[:, [1, 0, 2, 3, 4, 5]], 0.8), "the middle of the chain comes first")
    yield Case((_twins(rng, 0.8), 0.8), "two columns only: their means are equal")


@drop_correlated.mistake
def both_dropped(x, limit):
    """Both of a pair are gone, and with them what they measured. Drop one of the two."""
    strength = _strengths(x)
    return [i for i in range(len(strength)) if strength[i].max() <= limit]


@drop_correlated.mistake
def both_of_the_strongest_dropped(x, limit):
    """You drop both of the strongest pair, and with them what they measured. Drop one of the
    two.
    """
    strength, stay = _strengths(x), list(range(x.shape[1]))
    while stay and (left := strength[np.ix_(stay, stay)]).max() > limit:
        pair = np.unravel_index(left.argmax(), left.shape)
        stay = [column for place, column in enumerate(stay) if place not in pair]
    return stay


@drop_correlated.mistake
def like_none_kept(x, limit):
    """This is what is left if each column, in the order of the table, stays when it is like none
    kept before. Then that order decides. Start with the strongest pair, and compare means.
    """
    strength, stay = _strengths(x), list[int]()
    for column in range(x.shape[1]):
        if all(strength[column, other] <= limit for other in stay):
            stay.append(column)
    return stay


@drop_correlated.mistake
def places_not_numbers(x, limit):
    """You return places in the table that is left. Asked for are the numbers of the columns in the
    table that was given.
    """
    return list(range(len(drop_correlated.right(x, limit))))


@drop_correlated.mistake
def sign_ignored(x, limit):
    """A correlation of −0.92 passes your filter. Two features that run in opposite directions say
    the same thing: take the absolute value.
    """
    return _drop(np.maximum(_signed(x), 0), limit)


@drop_correlated.mistake
def all_at_once(x, limit):
    """You judge all pairs at once, so a feature is dropped for its likeness to one that is dropped
    itself. Drop one, then look again at those that are left.
    """
    strength = np.triu(_strengths(x))
    return [i for i in range(len(strength)) if strength[:, i].max() <= limit]


@drop_correlated.mistake
def once(x, limit):
    """One feature was dropped, and there are still pairs above the limit. Repeat."""
    return _drop(_signed(x), limit, pick="once")


@drop_correlated.mistake
def wrong_one_dropped(x, limit):
    """Of the pair you drop the one that is *less* correlated with the rest. Drop the other: what
    it says is also said elsewhere.
    """
    return _drop(_signed(x), limit, by="smaller mean")


@drop_correlated.mistake
def always_the_later(x, limit):
    """This is what is left if the later column of the pair always goes. Then the order of the
    table decides. Drop the one whose mean correlation with all that are left is larger.
    """
    return _drop(_signed(x), limit, by="later")


@drop_correlated.mistake
def always_the_earlier(x, limit):
    """This is what is left if the earlier column of the pair always goes. Then the order of the
    table decides. Drop the one whose mean correlation with all that are left is larger.
    """
    return _drop(_signed(x), limit, by="earlier")


@drop_correlated.mistake
def signed_mean(x, limit):
    """Your mean goes over correlations with their signs, so that positive and negative ones
    cancel. Take the mean of the absolute values.
    """
    return _drop(_signed(x), limit, by="signed")


@drop_correlated.mistake
def first_pair(x, limit):
    """You start with the *first* pair above the limit. Start with the strongest, or the order of
    the table decides.
    """
    return _drop(_signed(x), limit, pick="first")


@drop_correlated.mistake
def one_pass(x, limit):
    """You go through the pairs once, in the order of the table. Take the strongest pair first.
    After each drop look for the strongest again, with new means.
    """
    return _one_pass(_signed(x), limit)


@drop_correlated.mistake
def mean_over_all_columns(x, limit):
    """Your mean also goes over columns that were dropped before. Take the mean over those that are
    *left*, anew after each drop.
    """
    return _drop(_signed(x), limit, by="all columns")


@drop_correlated.mistake
def partners_counted(x, limit):
    """You compare how many partners above the limit the two have. Compare their *mean*
    correlations with all columns that are left.
    """
    return _drop(_signed(x), limit, by="partners")


@drop_correlated.mistake
def second_strongest(x, limit):
    """You compare the second strongest correlation of the two. Compare their *mean* correlations
    with all columns that are left.
    """
    return _drop(_signed(x), limit, by="runner-up")


# The right rule, but the earlier column goes where the means are equal.
@drop_correlated.mistake
def earlier_of_equals(x, limit):
    """Right, but where the two means are equal the later column goes, and you dropped the earlier
    one. If your code says otherwise, rounding chose: on paper both means are the same, in the
    computer they differ in the last digit. Compare `.round(9)`.
    """
    strength, stay = _strengths(x), list(range(x.shape[1]))
    while (left := strength[np.ix_(stay, stay)]).max() > limit:
        first, second = np.unravel_index(left.argmax(), left.shape)
        means = left.mean(axis=1).round(9)
        stay.pop(int(first if means[first] >= means[second] else second))
    return stay


@drop_correlated.mistake
def returns_the_dropped(x, limit):
    """These are the columns that go. Asked for are those that stay."""
    return sorted(set(range(x.shape[1])) - set(drop_correlated.right(x, limit)))


def _strengths(x):
    strength = np.abs(_signed(x))
    np.fill_diagonal(strength, 0)
    return strength


@drop_correlated.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.phantoms.cohort import simulate

    cohort = simulate(n=300)
    x = prepare.right(cohort.table[cohort.features].to_numpy(), 0.0)
    stay = [int(i) for i in call(answer, (x, 0.8))]
    edges = np.linspace(0, 1, 41)

    def pairs(part, ax):
        strengths = _strengths(part)[np.triu_indices(part.shape[1], 1)]
        return plots.histogram(
            strengths,
            bins=edges,
            marks={"limit": 0.8},
            log=True,
            label="|correlation| of a pair",
            ax=ax,
        )

    return plots.grid(
        [("all features", partial(pairs, x)), (f"your {len(stay)}", partial(pairs, x[:, stay]))],
        columns=2,
        size=(8, 3.4),
        alt=f"Correlations of pairs among all features and among the {len(stay)} that you keep.",
    )
