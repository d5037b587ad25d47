"""Pseudo-labels with a threshold from held-out patients."""

import numpy as np

from mlmi_course.checks import Case, asks


def _keep(
    p_held,
    y_held,
    p_new,
    purity,
    *,
    threshold="lowest",
    sure="both",
    edge="≥",
    least=5,
    of="all",
    above=False,
    half="ill",
):
    p_held, y_held, p_new = np.asarray(p_held, float), np.asarray(y_held), np.asarray(p_new, float)

    def says(p):
        return p >= 0.5 if half == "ill" else p > 0.5

    def confidence(p):
        return np.maximum(p, 1 - p) if sure == "both" else p

    guess = says(p_new).astype(int)
    c_held, right = confidence(p_held), says(p_held) == y_held
    if threshold == "none":
        return guess

    def passes(t):
        among = right[c_held >= t]
        enough = (among.sum() if of == "right" else len(among)) >= least
        share = among.mean() if len(among) else 0.0
        return enough and (share > purity if above else share >= purity)

    tried = np.unique(c_held)
    good = [t for t in tried if passes(t)]
    if threshold == "first failure":
        good = []
        for t in tried[::-1]:
            if (c_held >= t).sum() >= least:
                if not passes(t):
                    break
                good = [t]
    if threshold == "purity":
        good = [purity]
    if not good:
        return np.full(len(p_new), -1)
    at = good[-1] if threshold == "highest" else good[0]
    kept = confidence(p_new) >= at if edge == "≥" else confidence(p_new) > at
    return np.where(kept, guess, -1)


@asks(
    points=3,
    see="Most of them without any label",
    hints=(
        "How sure a model is of 0.03 is how sure it is of *healthy*: the larger of p and 1 − p.",
        "Try every sureness that occurs among the held-out patients, from the "
        "lowest up. Keep those at "
        "least as sure; are five of them left, and is the share that is right high enough?",
        "The first threshold that passes is yours. `np.where(sure_new >= t, "
        "guess, -1)`, and all −1 if "
        "none passes.",
    ),
)
def keep_sure(p_held, y_held, p_new, purity):
    """Which pseudo-labels to believe"""
    return _keep(p_held, y_held, p_new, purity)


def _ladder(rng, right, purity, about):
    """Held-out patients from the surest down, right or wrong as told; new ones between them."""
    n = len(right)
    steps = np.sort(rng.choice(np.arange(66, 127), n, replace=False))[::-1] / 128
    ill = rng.random(n) < 0.5
    p = np.where(ill, steps, 1 - steps)
    y = np.where(np.array(right, bool), ill, ~ill).astype(int)
    order = rng.permutation(n)
    new = np.r_[rng.choice(np.arange(1, 128), 14) / 128, steps[:2], 1 - steps[-3:], steps[-6:]]
    return Case((p[order], y[order], rng.permutation(new), purity), about)


@keep_sure.inputs
def cases(rng):
    def told(n, skill=1.6):
        y = rng.integers(0, 2, n)
        z = skill * (2 * y - 1) + rng.normal(0, 2.0, n)
        return np.clip(np.rint(128 / (1 + np.exp(-z))), 1, 127) / 128, y

    for n, purity in ((60, 0.9), (80, 0.95)):
        p, y = told(n)
        new = np.r_[told(40)[0], p[:6], 0.5]
        yield Case((p, y, new, purity), f"{n} held-out patients, {purity:.0%} should be right")
    yield _ladder(rng, [1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0], 0.875, "a mistake among the surest")
    yield _ladder(rng, [1, 1, 1, 1, 0, 0, 0, 0], 0.9, "only the four surest are right")
    yield _ladder(rng, [1, 1, 0, 0, 0, 0, 0, 0], 0.9, "only the two surest are right")
    yield _ladder(rng, [1, 1, 1, 1, 1, 0, 0, 0], 0.95, "only the five surest are right")
    yield _ladder(
        rng, [1] * 6 + [0, 1, 1, 1, 0, 0, 0], 0.9, "nine of ten are right, just what is asked"
    )
    yield _ladder(rng, [1, 1, 1, 0, 1, 0, 0, 0, 0], 0.8, "four of the five surest are right")
    p, y = told(12)
    p[0], y[0] = 0.5, 1
    yield Case(
        (p, (p >= 0.5).astype(int), np.r_[0.5, told(6)[0]], 0.9), "a model that is always right"
    )
    p, y = told(30)
    yield Case((p, 1 - y, told(10)[0], 0.9), "a model that is mostly wrong: nothing is kept")


keep_sure.variants(
    _keep,
    unmended=(
        {"threshold": "none"},
        "All pseudo-labels are kept, as in the colleague's function. Where the "
        "model is unsure it is often wrong.",
    ),
    purity_as_threshold=(
        {"threshold": "purity"},
        "You take the wanted share for the threshold. A model that says 0.95 "
        "need not be right in 95 %: look it up on the held-out patients.",
    ),
    strictest=(
        {"threshold": "highest"},
        "You take the highest threshold that passes, and throw away labels that "
        "are good enough. Take the lowest.",
    ),
    first_failure=(
        {"threshold": "first failure"},
        "You go down from the surest and stop at the first threshold that "
        "fails. A lower one may pass again: take the lowest that does.",
    ),
    ill_alone=(
        {"sure": "ill"},
        "You keep whoever is probably *ill*. A probability of 0.03 is a sure answer too: healthy.",
    ),
    sharper=({"edge": ">"}, "A patient who is exactly as sure as the threshold is kept."),
    more_than_asked=(
        {"above": True},
        "A threshold at which exactly the wanted share is right passes: `purity` or more.",
    ),
    one_is_enough=(
        {"least": 1},
        "A threshold that leaves one or two held-out patients proves nothing: "
        "at least five must be left.",
    ),
    four_are_enough=(
        {"least": 4},
        "Four held-out patients are not enough: at least five must be left.",
    ),
    six_are_needed=(
        {"least": 6},
        "A threshold that leaves exactly five held-out patients may pass.",
    ),
    five_right_ones=(
        {"of": "right"},
        "You ask for five held-out patients who are *right*. Five in all must "
        "be as sure, right or wrong.",
    ),
    half_is_healthy=({"half": "healthy"}, "The model says 1 where p is exactly 0.5, too."),
)
