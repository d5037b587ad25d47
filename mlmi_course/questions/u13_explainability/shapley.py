"""Share out a prediction."""

from itertools import permutations

import numpy as np

from mlmi_course.checks import Case, asks

PLAYERS = "ABC"


def join(players):
    return "".join(sorted(players))


@asks(
    points=2,
    see="Share out one prediction",
    hints=(
        "Write down the six orders of A, B and C. In each, the gain of a player is the value with "
        "her minus the value just before she came.",
        "`itertools.permutations('ABC')` gives the orders. The key of a set of players is "
        "`''.join(sorted(players))`.",
        "In two of six orders A comes first, in two last, in one after B alone, in one after C "
        "alone: weights 1/3, 1/3, 1/6 and 1/6.",
    ),
)
def shapley(values):
    """Share out a prediction"""
    shares = np.zeros(3)
    for order in permutations(PLAYERS):
        for place, player in enumerate(order):
            gain = values[join(order[: place + 1])] - values[join(order[:place])]
            shares[PLAYERS.index(player)] += gain / 6
    return shares


@shapley.inputs
def cases(rng):
    names = ["", "A", "B", "C", "AB", "AC", "BC", "ABC"]
    drawn = rng.uniform(0.1, 0.9, 8).round(2)
    yield Case((dict(zip(names, drawn.tolist(), strict=True)),), "an ordinary game")
    base, gains = 0.3, rng.uniform(0.05, 0.2, 2).round(2)
    two = [base + gains[0] * ("A" in n) + gains[1] * ("A" in n and "B" in n) for n in names]
    yield Case((dict(zip(names, map(float, two), strict=True)),), "a player who changes nothing")


def gains(values, player):
    """Gains on joining nobody, either one, and both."""
    one, other = PLAYERS.replace(player, "")
    there = "", one, other, one + other
    return [values[join(player + s)] - values[s] for s in there]


def by_player(values, *, combine):
    return np.array([combine(gains(values, player)) for player in PLAYERS])


shapley.variants(
    by_player,
    alone=(
        {"combine": lambda g: g[0]},
        "That is what each player brings to an empty room. Whoever comes later brings another "
        "amount: take the mean over all orders.",
    ),
    last=(
        {"combine": lambda g: g[3]},
        "That is what is lost when each player leaves last. It is one place in the order of "
        "three: take the mean over all orders.",
    ),
    four_equal=(
        {"combine": np.mean},
        "You gave the four coalitions equal weights. But a player comes first in two orders of "
        "six, and after one given other in only one: 1/3, 1/6, 1/6, 1/3.",
    ),
    first_and_last=(
        {"combine": lambda g: (g[0] + g[3]) / 2},
        "You took the mean of coming first and coming last. Coming in the middle counts too.",
    ),
)


@shapley.mistake
def not_divided(values):
    """The gains of the six orders were added up and not divided by six. The shares must add up to
    v(ABC) − v(nobody).
    """
    return 6 * shapley.right(values)


@shapley.mistake
def empty_forgotten(values):
    """You took the value of the empty room as 0. It is `values['']`, the mean output; the shares
    must add up to v(ABC) minus that.
    """
    return shapley.right({**values, "": 0.0})
