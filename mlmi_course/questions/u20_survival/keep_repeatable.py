"""Of each correlated pair, keep the one that can be measured again."""

import numpy as np

from mlmi_course.checks import Case, asks

_MANY = 8


def _kept(x, limit, icc, *, goes="less repeatable", pick="strongest", signed=False, once=False):
    """Drop one of each pair above the limit; the parameters make the usual slips."""
    matrix = np.corrcoef(x.T).round(9)
    strength = np.maximum(matrix, 0) if signed else np.abs(matrix)
    np.fill_diagonal(strength, 0)
    stay = list(range(x.shape[1]))
    while (left := strength[np.ix_(stay, stay)]).max() > limit:
        pair = np.unravel_index(left.argmax(), left.shape)
        if pick == "first":
            pair = np.argwhere(left > limit)[0]
        elif pick == "weakest":
            pair = np.argwhere(left == left[left > limit].min())[0]
        first, second = sorted(int(place) for place in pair)
        value = {
            "less repeatable": -icc[stay],
            "more repeatable": icc[stay],
            "larger mean": left.mean(axis=1).round(9),
            "later": np.arange(len(stay)),
            "by place": -icc[: len(stay)],
        }[goes]
        stay.pop(first if value[first] > value[second] else second)
        if once:
            break
    return stay


@asks(
    points=3,
    see="Does the pipeline cheat?",
    hints=(
        "The lecture's `without_twins` is nearly it. Only one line decides which of the two goes.",
        "`first` and `second` are places in `stay`, and `icc` belongs to the columns of the whole "
        "table: the two values are `icc[stay[first]]` and `icc[stay[second]]`.",
        "`stay.pop(first if icc[stay[first]] < icc[stay[second]] else second)`, as long as the "
        "strongest pair is above the limit.",
    ),
)
def keep_repeatable(x, limit, icc):
    """Of each correlated pair, keep the repeatable one"""
    return _kept(x, limit, icc)


def _columns(rng, correlations, n=40):
    """Draw columns that have exactly these correlations."""
    noise = rng.normal(size=(n, len(correlations)))
    white = np.linalg.qr(noise - noise.mean(axis=0))[0]
    return (white @ np.linalg.cholesky(correlations).T * 10).round(4) + 5


def _chains(rng):
    """Two chains of three, whose ends are not alike, and a pair; and their ICC.

    In the first chain the ICC falls from the stronger pair on, in the second it rises, so that who
    starts elsewhere or judges all at once is left with other features.
    """
    correlations = np.full((_MANY, _MANY), 0.1)
    for start in (0, 3):
        strong, weak = 0.9 + rng.uniform(-0.01, 0.02), 0.86 + rng.uniform(-0.01, 0.01)
        for one, other, value in ((0, 1, strong), (1, 2, weak), (0, 2, 0.63)):
            correlations[start + one, start + other] = correlations[start + other, start + one] = (
                value
            )
    correlations[6, 7] = correlations[7, 6] = 0.93
    np.fill_diagonal(correlations, 1)
    sign = np.where(np.isin(np.arange(_MANY), (2, 4, 7)), -1, 1)
    high, middle, low = (
        rng.uniform(*ends, 3).round(2) for ends in ((0.9, 0.98), (0.75, 0.85), (0.4, 0.6))
    )
    icc = np.array([high[0], middle[0], low[0], low[1], middle[1], high[1], low[2], middle[2]])
    order = rng.permutation(_MANY)
    return (correlations * np.outer(sign, sign))[np.ix_(order, order)], icc[order]


@keep_repeatable.inputs
def cases(rng):
    for _ in range(2):
        correlations, icc = _chains(rng)
        x = _columns(rng, correlations)
        yield Case((x, 0.8, icc), "eight features, in two chains of three and a pair")
    yield Case((x, 0.99, icc), "no pair above the limit")
    yield Case((x, 0.5, icc), "a lower limit")
    pair = _columns(rng, np.array([[1, -0.92], [-0.92, 1]]))
    yield Case((pair, 0.8, np.array([0.9, 0.7])), "two that run in opposite directions")


keep_repeatable.variants(
    _kept,
    by_mean_correlation=(
        {"goes": "larger mean"},
        "You drop the one that is more correlated with the rest, as the lecture does. Here the one "
        "goes that is *less repeatable*: the smaller `icc`.",
    ),
    repeatable_dropped=(
        {"goes": "more repeatable"},
        "You drop the one with the *larger* ICC, which is the one to keep.",
    ),
    icc_by_place=(
        {"goes": "by place"},
        "You look up `icc` by the place in the list of those that are left. It belongs to the "
        "columns of the whole table: `icc[stay[place]]`.",
    ),
    always_the_later=(
        {"goes": "later"},
        "The later column of the pair always goes. Then the order of the table decides, and not "
        "the ICC.",
    ),
    sign_ignored=(
        {"signed": True},
        "A correlation of −0.92 passes your filter. Two features that run in opposite directions "
        "say the same thing: take the absolute value.",
    ),
    once=({"once": True}, "One feature was dropped, and there are still pairs above it. Repeat."),
    weakest_pair=(
        {"pick": "weakest"},
        "You start with the weakest pair above the limit. Start with the strongest.",
    ),
)


@keep_repeatable.mistake
def both_dropped(x, limit, icc):
    """Both of a pair are gone, and with them what they measured. Drop one of the two."""
    strength = np.abs(np.corrcoef(x.T))
    np.fill_diagonal(strength, 0)
    return [i for i in range(len(strength)) if strength[i].max() <= limit]


@keep_repeatable.mistake
def all_at_once(x, limit, icc):
    """You judge all pairs at once, so a feature is dropped for its likeness to one that is dropped
    itself. Drop one, then look again at those that are left.
    """
    strength = np.abs(np.corrcoef(x.T))
    np.fill_diagonal(strength, 0)
    worse = icc[:, None] < icc[None, :]
    return [i for i in range(len(icc)) if not (worse[i] & (strength[i] > limit)).any()]


@keep_repeatable.mistake
def places_not_numbers(x, limit, icc):
    """You return places in the table that is left. Asked for are the numbers of the columns in the
    table that was given.
    """
    return list(range(len(_kept(x, limit, icc))))


@keep_repeatable.mistake
def returns_the_dropped(x, limit, icc):
    """These are the columns that go. Asked for are those that stay."""
    return sorted(set(range(x.shape[1])) - set(_kept(x, limit, icc)))
