"""Pseudo-labels with a threshold from held-out patients."""

import numpy as np

from mlmi_course.checks import Case, asks


def _keep(p_held, y_held, p_new, purity, *, threshold="lowest", sure="both", edge="≥", least=5):
    p_held, y_held, p_new = np.asarray(p_held, float), np.asarray(y_held), np.asarray(p_new, float)
    guess = (p_new >= 0.5).astype(int)

    def confidence(p):
        return np.maximum(p, 1 - p) if sure == "both" else p

    c_held, right = confidence(p_held), (p_held >= 0.5) == y_held
    if threshold == "none":
        return guess
    if threshold == "purity":
        at = purity
    else:
        tried = np.unique(c_held)
        good = [
            t for t in tried if (c_held >= t).sum() >= least and right[c_held >= t].mean() >= purity
        ]
        if not good:
            return np.full(len(p_new), -1)
        at = good[0] if threshold == "lowest" else good[-1]
    kept = confidence(p_new) >= at if edge == "≥" else confidence(p_new) > at
    return np.where(kept, guess, -1)


@asks(
    points=3,
    see="Most of them without any label",
    hints=(
        "How sure a model is of 0.03 is how sure it is of *healthy*: the "
        "confidence is the larger of p and 1 − p.",
        "Try every confidence that occurs among the held-out patients as a "
        "threshold, from the lowest up. Keep those at least as sure; are five "
        "of "
        "them left, and is the share that is right high enough?",
        "The first threshold that passes is yours. `np.where(confidence_new >= "
        "t, guess, -1)`, and all −1 if none passes.",
    ),
)
def keep_sure(p_held, y_held, p_new, purity):
    """Which pseudo-labels to believe"""
    return _keep(p_held, y_held, p_new, purity)


@keep_sure.inputs
def cases(rng):
    def told(n, skill=1.6):
        y = rng.integers(0, 2, n)
        z = skill * (2 * y - 1) + rng.normal(0, 2.0, n)
        return (1 / (1 + np.exp(-z))).round(2), y

    for n, purity in ((60, 0.9), (80, 0.95)):
        p, y = told(n)
        new, _ = told(40)
        new[:3] = [0.5, 0.97, 0.03]
        new[3:9] = p[:6]
        yield Case((p, y, new, purity), f"{n} held-out patients, {purity:.0%} should be right")
    few = np.array([0.99, 0.02, 0.93, 0.9, 0.12, 0.8, 0.7, 0.4, 0.35, 0.6])
    lucky = (few >= 0.5).astype(int)
    lucky[2:] = 1 - lucky[2:]
    yield Case(
        (few, lucky, np.array([0.995, 0.5, 0.01, 0.93]), 0.9), "only the two surest are right"
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
    ill_alone=(
        {"sure": "ill"},
        "You keep whoever is probably *ill*. A probability of 0.03 is a sure answer too: healthy.",
    ),
    sharper=({"edge": ">"}, "A patient who is exactly as sure as the threshold is kept."),
    one_is_enough=(
        {"least": 1},
        "A threshold that leaves one or two held-out patients proves nothing: "
        "at least five must be left.",
    ),
)
