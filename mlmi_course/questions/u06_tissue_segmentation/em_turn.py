"""One turn of EM on several sequences, with a map of priors."""

import numpy as np
from scipy.special import logsumexp

from mlmi_course.checks import Case, asks


def _log_bells(values, means, covariances, safe=True):
    found = np.empty((len(values), len(means)))
    for k, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
        away = values - mean
        square = (away * np.linalg.solve(covariance, away.T).T).sum(axis=1)
        constant = np.linalg.slogdet(covariance)[1] + values.shape[1] * np.log(2 * np.pi)
        found[:, k] = -(square + constant) / 2
    return found


def _turn(
    values, prior, means, covariances, *,
    priors="map", hard=False, around="new", shape="full", divisor="weights", likelihood="mean",
    logs=True, normalised=True,
):  # fmt: skip
    x, p = np.asarray(values, float), np.asarray(prior, float)
    if priors == "mean":
        p = np.tile(p.mean(axis=0), (len(x), 1))
    if priors == "none":
        p = np.full_like(p, 1 / p.shape[1])
    log_bells = _log_bells(x, means, covariances)
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = np.log(p) + log_bells
        total = logsumexp(joint, axis=1)
        if not logs:
            plain = p * np.exp(log_bells)
            total = np.log(plain.sum(axis=1))
            r = plain / plain.sum(axis=1, keepdims=True)
        else:
            r = np.exp(joint - total[:, None])
    if not normalised:
        r = p * np.exp(log_bells)
    if hard:
        r = (r == r.max(axis=1, keepdims=True)).astype(float)
    n = r.sum(axis=0)
    new = r.T @ x / n[:, None]
    centre = np.asarray(means, float) if around == "old" else new
    found = []
    for k in range(len(n)):
        away = x - centre[k]
        covariance = (r[:, k, None] * away).T @ away / (n[k] if divisor == "weights" else len(x))
        found.append(np.diag(np.diag(covariance)) if shape == "diagonal" else covariance)
    log_likelihood = total.mean() if likelihood == "mean" else total.sum()
    return {"means": new, "covariances": np.array(found), "log_likelihood": float(log_likelihood)}


@asks(
    points=4,
    tolerance=1e-4,
    see="A mixture of bells",
    hints=(
        "Work with logarithms throughout: $\\ln$ prior $+ \\ln \\mathcal N$ for each pixel and "
        "class. Then `scipy.special.logsumexp` over the classes gives $\\ln p(x_i)$ "
        "without a zero.",
        "$\\ln \\mathcal N = -\\frac12 \\left( (x-\\mu)^T \\Sigma^{-1} (x-\\mu) + \\ln\\det\\Sigma "
        "+ d \\ln 2\\pi \\right)$: `scipy.stats.multivariate_normal.logpdf(values, mean, "
        "covariance)` computes it.",
        "The M step is a weighted mean and a weighted covariance around the *new* mean, both "
        "divided by the sum of the weights of that class. Ignore the warning for `log(0)`, by "
        '`np.errstate(divide="ignore")`.',
    ),
)
def em_turn(values, prior, means, covariances):
    """One turn of EM with a map of priors"""
    return _turn(values, prior, means, covariances)


@em_turn.inputs
def cases(rng):
    def drawn(n, d, classes):
        truth = rng.integers(classes, size=n)
        means = 40 * rng.normal(size=(classes, d)) + 200
        mixing = rng.normal(size=(classes, d, d)) * 12
        values = means[truth] + np.einsum("nij,nj->ni", mixing[truth], rng.normal(size=(n, d)))
        prior = rng.dirichlet(np.full(classes, 1.5), n)
        prior[np.arange(n), truth] += 0.7
        prior /= prior.sum(axis=1, keepdims=True)
        covariances = mixing @ mixing.swapaxes(1, 2) + 40 * np.eye(d)
        guess = means + 15 * rng.normal(size=means.shape)
        return values.round(1), prior, guess.round(1), covariances.round(1)

    yield Case(drawn(60, 3, 3), "three sequences, three tissues")
    yield Case(drawn(50, 2, 4), "two sequences, four classes")
    values, prior, means, covariances = drawn(60, 3, 3)
    prior[:20] = [0.0, 0.5, 0.5]
    yield Case((values, prior, means, covariances), "a class that the atlas excludes in places")
    values, prior, means, covariances = drawn(60, 3, 3)
    values[0] = 4_000.0
    yield Case((values, prior, means, covariances), "with one pixel of metal, far from everything")


em_turn.variants(
    _turn,
    one_share_for_all=(
        {"priors": "mean"},
        "You give every pixel the same shares. Here each pixel has its own row of priors.",
    ),
    prior_forgotten=(
        {"priors": "none"},
        "The map of priors is not used: multiply each normal density by the prior of *that pixel*.",
    ),
    hard_classes=(
        {"hard": True},
        "You give each pixel wholly to one class, as k-means does. EM uses the responsibilities as "
        "weights.",
    ),
    old_means=(
        {"around": "old"},
        "The covariance is taken around the old means. The M step takes it around the new ones.",
    ),
    only_diagonal=(
        {"shape": "diagonal"},
        "Your covariances are diagonal. Sequences see the same tissue, so they vary together.",
    ),
    divided_by_all=(
        {"divisor": "pixels"},
        "The covariance is divided by the number of pixels. Divide by the sum of the weights of "
        "the class.",
    ),
    summed_likelihood=(
        {"likelihood": "sum"},
        "The log-likelihood is a sum over pixels. Return the mean.",
    ),
    not_normalised=(
        {"normalised": False},
        "Your weights are prior times density. Divide them by their sum over the classes, so that "
        "each pixel counts once.",
    ),
    underflow=(
        {"logs": False},
        "A pixel far from all classes has a density of 0 in all of them, and 0 / 0 is no number. "
        "Work with logarithms.",
    ),
)  # fmt: skip
