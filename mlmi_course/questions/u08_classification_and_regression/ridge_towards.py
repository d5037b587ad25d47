"""Ridge that holds on to another hospital's weights."""

import numpy as np

from mlmi_course.checks import Case, asks


def _fit(x, y, lam, there, *, centre=True, priced=False, towards=1.0, scale=1.0, sign=1.0):
    """Intercept and weights; the parameters make the usual slips."""
    x, y, there = (np.asarray(a, dtype=float) for a in (x, y, there))
    if priced:
        full = np.column_stack([np.ones(len(x)), x])
        aim = np.append(0.0, towards * there)
        matrix = full.T @ full + lam * np.eye(full.shape[1])
        return np.linalg.solve(matrix, full.T @ y + lam * aim)
    middle, mean = (x.mean(axis=0), y.mean()) if centre else (np.zeros(x.shape[1]), 0.0)
    away, rest = x - middle, y - mean
    price = lam * scale
    matrix = away.T @ away + sign * price * np.eye(x.shape[1])
    weights = np.linalg.solve(matrix, away.T @ rest + price * towards * there)
    return np.append(mean - middle @ weights, weights)


@asks(
    points=3,
    see="Four ways to hold back",
    hints=(
        "Write v = w − there. How far from its prediction are the outcomes, in terms of v? And "
        "what is priced?",
        "With centred x and y, (XᵀX + λI) v = Xᵀ(y − X·there) is plain ridge for v. Or set the "
        "gradient to zero at once: (XᵀX + λI) w = Xᵀy + λ·there.",
        "`w = np.linalg.solve(xc.T @ xc + lam * np.eye(p), xc.T @ yc + lam * there)`; the "
        "intercept is y.mean() − x.mean(axis=0) @ w.",
    ),
)
def ridge_towards(x, y, lam, there):
    """Ridge towards other weights"""
    return _fit(x, y, lam, there)


@ridge_towards.inputs
def cases(rng):
    def table(n, p):
        x = (rng.normal(size=(n, p)) * rng.uniform(0.5, 3, p) + rng.uniform(2, 9, p)).round(2)
        there = rng.uniform(-2, 2, p).round(2)
        y = (20 + x @ (there + rng.normal(0, 0.7, p)) + rng.normal(0, 2, n)).round(2)
        return x, y, there

    x, y, there = table(9, 3)
    yield Case((x, y, 2.0, there), "9 patients, 3 columns")
    x, y, there = table(4, 6)
    yield Case((x, y, 1.5, there), "more columns than patients")
    x, y, there = table(8, 2)
    yield Case((x, y, 1e9, there), "a price so high that the other hospital's weights stay")


ridge_towards.variants(
    _fit,
    towards_zero=(
        {"towards": 0.0},
        "That is plain ridge, which pulls the weights to zero. Here they are pulled to `there`.",
    ),
    intercept_priced=(
        {"priced": True},
        "Your intercept is priced too. It should be free: centre x and y, and find it from the "
        "means.",
    ),
    no_intercept=(
        {"centre": False},
        "Without centring the weights have to do the intercept's work. Subtract the means of x "
        "and y.",
    ),
    pushed_away=(
        {"towards": -1.0},
        "You push the weights away from `there`: check a sign.",
    ),
)


@ridge_towards.mistake
def price_beside_the_mean(x, y, lam, there):
    """You put λ beside the *mean* of the squared errors. Here it stands beside their sum."""
    return _fit(x, y, lam, there, scale=len(y))


@ridge_towards.mistake
def added_afterwards(x, y, lam, there):
    """You add `there` to the weights of plain ridge. What `there` explains has to be taken from
    the outcome first.
    """
    plain = _fit(x, y, lam, there, towards=0.0)
    weights = plain[1:] + np.asarray(there)
    return np.append(np.mean(y) - np.mean(x, axis=0) @ weights, weights)


@ridge_towards.mistake
def mixed(x, y, lam, there):
    """You mix the two sets of weights in a fixed proportion. How much each column gives way
    depends on what the patients say about it.
    """
    least = _fit(x, y, 1e-6, there, towards=0.0)[1:]
    weights = (least + lam * np.asarray(there)) / (1 + lam)
    return np.append(np.mean(y) - np.mean(x, axis=0) @ weights, weights)


@ridge_towards.mistake
def intercept_forgotten_in_it(x, y, lam, there):
    """The weights are right. The intercept is the mean of y minus what the weights say of the
    *mean* patient.
    """
    return np.append(np.mean(y), _fit(x, y, lam, there)[1:])


@ridge_towards.mistake
def weights_alone(x, y, lam, there):
    """Those are the weights. Put the intercept before them."""
    return _fit(x, y, lam, there)[1:]
