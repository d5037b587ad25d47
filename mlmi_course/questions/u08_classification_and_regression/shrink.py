"""The soft threshold, with a price of its own for each column."""

import numpy as np

from mlmi_course.checks import Case, asks


def _shrunk(z, lam, mix, price, *, first="soft", squares=True, per_column="both", cut="soft"):
    """Shrink; the parameters make the usual slips."""
    z, price = np.asarray(z, dtype=float), np.asarray(price, dtype=float)
    absolute = lam * mix * (price if per_column in ("both", "absolute") else 1)
    square = lam * (1 - mix) * (price if per_column in ("both", "square") else 1)
    if not squares:
        square = 0 * square
    if cut == "hard":
        return np.where(np.abs(z) > absolute, z, 0.0) / (1 + square)
    if first == "divide":
        z = z / (1 + square)
        return np.sign(z) * np.maximum(np.abs(z) - absolute, 0)
    return np.sign(z) * np.maximum(np.abs(z) - absolute, 0) / (1 + square)


@asks(
    points=2,
    see="Four ways to hold back",
    hints=(
        "For w > 0 the derivative of what is made small is w − z + λf·mix + λf·(1 − mix)·w. "
        "Where is it zero?",
        "The absolute price is an amount that is taken off, the square price a factor that "
        "divides. Both are multiplied by f.",
        "`soft(z, lam * mix * price) / (1 + lam * (1 - mix) * price)`, for each column.",
    ),
)
def shrink(z, lam, mix, price):
    """Shrink, at each column's own price"""
    return _shrunk(z, lam, mix, price)


@shrink.inputs
def cases(rng):
    z = np.array([2.5, -1.8, 0.3, -0.2, 1.1, -3.0]) + rng.uniform(-0.1, 0.1, 6)
    z = z.round(3)
    yield Case((z, 0.5, 0.6, np.ones(6)), "one price for all")
    price = np.array([0.0, 2.0, 1.0, 0.0, 3.0, 0.5])
    yield Case((z, 0.7, 0.5, price), "other prices, and two columns that are free")
    yield Case((z, 1.0, 1.0, price), "absolute values alone")
    yield Case((z, 1.0, 0.0, price), "squares alone")


shrink.variants(
    _shrunk,
    lasso_only=(
        {"squares": False},
        "You take the absolute price only. The squares have a price too, λ · (1 − mix) · f, and "
        "it divides.",
    ),
    price_ignored=(
        {"per_column": "none"},
        "Every column has the same price in your answer. Use f of each.",
    ),
    price_on_absolute_only=(
        {"per_column": "absolute"},
        "The price f of a column stands before *both* parts: also before the squares.",
    ),
    price_on_squares_only=(
        {"per_column": "square"},
        "The price f of a column stands before *both* parts: also before the absolute value.",
    ),
    divided_first=(
        {"first": "divide"},
        "You divide first and take the amount off afterwards. Set the derivative to zero: the "
        "amount is taken off z itself.",
    ),
    hard_threshold=(
        {"cut": "hard"},
        "You drop what is small and leave the rest as it is. The soft threshold takes the same "
        "amount off all.",
    ),
)


@shrink.mistake
def mix_exchanged(z, lam, mix, price):
    """`mix` and 1 − `mix` have changed places: mix = 1 is the LASSO."""
    return _shrunk(z, lam, 1 - mix, price)


@shrink.mistake
def sign_lost(z, lam, mix, price):
    """Your weights have lost their sign."""
    return np.abs(_shrunk(z, lam, mix, price))


@shrink.mistake
def beyond_zero(z, lam, mix, price):
    """Small weights pass through zero and come out on the other side. They should stop there."""
    z, price = np.asarray(z, dtype=float), np.asarray(price, dtype=float)
    return (z - np.sign(z) * lam * mix * price) / (1 + lam * (1 - mix) * price)


@shrink.mistake
def positive_only(z, lam, mix, price):
    """Negative weights are all zero in your answer. Shrink them towards zero as well."""
    return np.maximum(_shrunk(z, lam, mix, price), 0)


@shrink.mistake
def square_price_doubled(z, lam, mix, price):
    """Your square price counts twice: half of the square is priced, so its derivative is w, and
    not 2w.
    """
    z, price = np.asarray(z, dtype=float), np.asarray(price, dtype=float)
    return _shrunk(z, lam, mix, price, squares=False) / (1 + 2 * lam * (1 - mix) * price)
