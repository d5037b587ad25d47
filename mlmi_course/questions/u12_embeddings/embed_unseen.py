"""New patients on a whitened map."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u12_embeddings._points import (
    as_they_come,
    has_clear_sign,
    sign_of_largest,
    sign_of_sum,
    standardised,
)


def _unseen_with(
    train,
    test,
    count,
    *,
    fit=lambda train, test: train,
    centre=None,
    scale=True,
    scale_new=True,
    whiten=True,
    ddof=0,
    turn=sign_of_largest,
):
    """Coordinates of new samples, right or with one thing wrong."""
    train, test = np.asarray(train, dtype=float), np.asarray(test, dtype=float)
    seen = fit(train, test)
    mean, spread = seen.mean(axis=0), seen.std(axis=0) if scale else 1.0
    _, s, vt = np.linalg.svd((seen - mean) / spread, full_matrices=False)
    vt, width = vt[:count], s[:count] / np.sqrt(len(seen) - ddof) if whiten else 1.0
    centred = test - (mean if centre is None else centre(test))
    return (centred / spread if scale_new else centred) @ (vt * turn(vt)[:, None]).T / width


@asks(
    points=3,
    see="The patient who comes tomorrow",
    hints=(
        "What is learnt, the mean, the standard deviation, the components and how far the patients "
        "spread along them, is learnt from `train` and from nothing else.",
        "Standardise both tables by the mean and the standard deviation of `train`. The components "
        "are rows of Vᵀ of `train`, each turned so that its largest entry is positive.",
        "Project both tables, and divide by `(scaled_train @ components.T).std(axis=0)`. "
        "(`PCA(whiten=True)` divides by the standard deviation with n − 1.)",
    ),
)
def embed_unseen(train, test, count):
    """New patients on a whitened map"""
    return _unseen_with(train, test, count)


def _signs_tell(n, train, test, components):
    """Whether other rules for the signs show: in the first case, and from each other in the second.

    The rules are the largest entry (asked for), none, the sum, the first entry, and the largest
    coordinate of a new patient.
    """
    places = (test - train.mean(axis=0)) / train.std(axis=0) @ components.T
    asked, *known = (rule(components) for rule in (sign_of_largest, as_they_come, sign_of_sum))
    others = np.sign(components[:, 0]), sign_of_largest(places.T)
    if n == 9:
        return all((asked != signs).any() for signs in (*known, *others))
    return n != 6 or all((one != other).any() for one in known for other in others)


@embed_unseen.inputs
def cases(rng):
    for n, m, p, count, about in (
        (9, 6, 3, 2, "nine patients seen and six new ones"),
        (6, 8, 4, 2, "more new patients than seen ones"),
        (8, 1, 3, 1, "a single new patient"),
    ):
        while True:
            turn = np.linalg.qr(rng.normal(size=(p, p)))[0]
            spread = np.array([4.0, 1.5, 0.5, 0.2])[:p]
            drawn = rng.normal(size=(n + m, p)) * spread @ turn * rng.uniform(1, 9, p)
            drawn = (drawn + rng.uniform(0, 9, p)).round(1)
            drawn[n:] += np.ptp(drawn, axis=0).round(1) / 4  # another scanner
            train, test = drawn[:n], drawn[n:].round(2)
            _, s, vt = np.linalg.svd(standardised(train), full_matrices=False)
            vt = vt[:count]
            apart = (s[:count] - s[1 : count + 1] > 0.3).all()
            if apart and has_clear_sign(vt) and _signs_tell(n, train, test, vt):
                break
        yield Case((train, test, count), about)


embed_unseen.variants(
    _unseen_with,
    fitted_on_test=(
        {"fit": lambda train, test: test},
        "You fitted on the new patients. Their map has axes of its own: a place in it means "
        "something else than the same place in the map of those who came before.",
    ),
    fitted_on_all=(
        {"fit": lambda train, test: np.vstack([train, test])},
        "The new patients took part in the fit. Tomorrow's patient cannot: whoever tests like "
        "this tests a map that knew the test.",
    ),
    own_mean=(
        {"centre": lambda test: test.mean(axis=0)},
        "You took off the mean of the *new* patients. A shift between the two groups, which "
        "may be the very thing to see, is then gone; and a single patient lands on zero.",
    ),
)


@embed_unseen.mistake
def scaled_apart(train, test, count):
    """The new patients were standardised by themselves. Use the mean and the standard deviation
    that the first patients gave.
    """
    back = train.mean(axis=0) + standardised(test) * train.std(axis=0)
    return embed_unseen.right(train, back, count)


embed_unseen.variants(
    _unseen_with,
    not_scaled=(
        {"scale": False},
        "The features were not divided by their standard deviation. The one with the largest "
        "numbers then is the map.",
    ),
    not_turned=(
        {"turn": as_they_come},
        "Right but for the sign: the largest entry of each component is to be positive.",
    ),
    turned_by_the_sum=(
        {"turn": sign_of_sum},
        "You turned each component such that its entries add up to more than 0. "
        "It is the one entry of the largest absolute value that must be positive.",
    ),
    only_centred=(
        {"scale_new": False},
        "The first patients were standardised, and the new ones only centred. They must go "
        "through the same steps.",
    ),
    as_they_came=(
        {"scale_new": False, "centre": lambda test: 0.0},
        "You projected the new patients as they came. They must go through the same steps as "
        "the first ones: the old mean off, divided by the old standard deviation.",
    ),
    divided_by_n_1=(
        {"ddof": 1},
        "Along each component your earlier patients have a standard deviation of 1 if one "
        "divides by n − 1, as `PCA(whiten=True)` does. Asked for is that of NumPy as it is, "
        "which divides by n.",
    ),
    not_whitened=(
        {"whiten": False},
        "These are the coordinates before whitening. Divide each by the standard deviation that "
        "the *earlier* patients have along it.",
    ),
    whitened_by_n_1_not_turned=(
        {"ddof": 1, "turn": as_they_come},
        "Two things: divide by the standard deviation with n and not n − 1, and turn each "
        "component such that its largest entry is positive.",
    ),
)
