"""Of each correlated pair, drop one."""

from functools import partial

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u20_survival._columns import (
    TELLING,
    columns,
    drop,
    in_one_pass,
    ranks,
    signed,
    square,
    strengths,
    twins,
)
from mlmi_course.questions.u20_survival.prepare import prepare


def _dropped(x, limit, **how):
    return drop(signed(x), limit, **how)


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
    return _dropped(x, limit)


@drop_correlated.inputs
def cases(rng):
    chain = np.eye(6)
    pairs = {(0, 1): 0.9, (1, 2): 0.87, (0, 2): 0.7, (3, 4): -0.92, (3, 5): 0.3, (2, 5): 0.2}
    for (one, other), value in pairs.items():
        chain[one, other] = chain[other, one] = value
    x = (columns(rng, chain) * 10).round(4) + 5
    yield Case((x, 0.8), "a chain of three, and a pair that runs in opposite directions")
    yield Case((x, 0.95), "no pair above the limit")
    yield Case((x, 0.5), "a lower limit")
    about = "several pairs above the limit, some of them negative"
    for upper in TELLING:
        yield Case((ranks(rng, square(upper), 0.6), 0.6), about)
    yield Case((x[:, [1, 0, 2, 3, 4, 5]], 0.8), "the middle of the chain comes first")
    yield Case((twins(rng, 0.8), 0.8), "two columns only: their means are equal")


@drop_correlated.mistake
def both_dropped(x, limit):
    """Both of a pair are gone, and with them what they measured. Drop one of the two."""
    strength = strengths(x)
    return [i for i in range(len(strength)) if strength[i].max() <= limit]


@drop_correlated.mistake
def both_of_the_strongest_dropped(x, limit):
    """You drop both of the strongest pair, and with them what they measured. Drop one of the
    two.
    """
    strength, stay = strengths(x), list(range(x.shape[1]))
    while stay and (left := strength[np.ix_(stay, stay)]).max() > limit:
        pair = np.unravel_index(left.argmax(), left.shape)
        stay = [column for place, column in enumerate(stay) if place not in pair]
    return stay


@drop_correlated.mistake
def like_none_kept(x, limit):
    """This is what is left if each column, in the order of the table, stays when it is like none
    kept before. Then that order decides. Start with the strongest pair, and compare means.
    """
    strength, stay = strengths(x), list[int]()
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
    return drop(np.maximum(signed(x), 0), limit)


@drop_correlated.mistake
def all_at_once(x, limit):
    """You judge all pairs at once, so a feature is dropped for its likeness to one that is dropped
    itself. Drop one, then look again at those that are left.
    """
    strength = np.triu(strengths(x))
    return [i for i in range(len(strength)) if strength[:, i].max() <= limit]


drop_correlated.variants(
    _dropped,
    once=(
        {"pick": "once"},
        "One feature was dropped, and there are still pairs above the limit. Repeat.",
    ),
    wrong_one_dropped=(
        {"by": "smaller mean"},
        "Of the pair you drop the one that is *less* correlated with the rest. Drop the "
        "other: what it says is also said elsewhere.",
    ),
    always_the_later=(
        {"by": "later"},
        "This is what is left if the later column of the pair always goes. Then the order of "
        "the table decides. Drop the one whose mean correlation with all that are left is "
        "larger.",
    ),
    always_the_earlier=(
        {"by": "earlier"},
        "This is what is left if the earlier column of the pair always goes. Then the order "
        "of the table decides. Drop the one whose mean correlation with all that are left is "
        "larger.",
    ),
    signed_mean=(
        {"by": "signed"},
        "Your mean goes over correlations with their signs, so that positive and negative "
        "ones cancel. Take the mean of the absolute values.",
    ),
    first_pair=(
        {"pick": "first"},
        "You start with the *first* pair above the limit. Start with the strongest, or the "
        "order of the table decides.",
    ),
)


@drop_correlated.mistake
def one_pass(x, limit):
    """You go through the pairs once, in the order of the table. Take the strongest pair first.
    After each drop look for the strongest again, with new means.
    """
    return in_one_pass(signed(x), limit)


drop_correlated.variants(
    _dropped,
    mean_over_all_columns=(
        {"by": "all columns"},
        "Your mean also goes over columns that were dropped before. Take the mean over those "
        "that are *left*, anew after each drop.",
    ),
    partners_counted=(
        {"by": "partners"},
        "You compare how many partners above the limit the two have. Compare their *mean* "
        "correlations with all columns that are left.",
    ),
    second_strongest=(
        {"by": "runner-up"},
        "You compare the second strongest correlation of the two. Compare their *mean* "
        "correlations with all columns that are left.",
    ),
)


# The right rule, but the earlier column goes where the means are equal.
@drop_correlated.mistake
def earlier_of_equals(x, limit):
    """Right, but where the two means are equal the later column goes, and you dropped the earlier
    one. If your code says otherwise, rounding chose: on paper both means are the same, in the
    computer they differ in the last digit. Compare `.round(9)`.
    """
    strength, stay = strengths(x), list(range(x.shape[1]))
    while (left := strength[np.ix_(stay, stay)]).max() > limit:
        first, second = np.unravel_index(left.argmax(), left.shape)
        means = left.mean(axis=1).round(9)
        stay.pop(int(first if means[first] >= means[second] else second))
    return stay


@drop_correlated.mistake
def returns_the_dropped(x, limit):
    """These are the columns that go. Asked for are those that stay."""
    return sorted(set(range(x.shape[1])) - set(drop_correlated.right(x, limit)))


@drop_correlated.picture
def draw_answer(answer):
    from mlmi_course import plots
    from mlmi_course.phantoms.cohort import simulate

    cohort = simulate(n=300)
    x = prepare.right(cohort.table[cohort.features].to_numpy(), 0.0)
    stay = [int(i) for i in call(answer, (x, 0.8))]
    edges = np.linspace(0, 1, 41)

    def pairs(part, ax):
        found = strengths(part)[np.triu_indices(part.shape[1], 1)]
        return plots.histogram(
            found,
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
