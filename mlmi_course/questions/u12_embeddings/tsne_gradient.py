"""The forces of t-SNE."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u12_embeddings._points import distances
from mlmi_course.questions.u12_embeddings.perplexity import perplexity


def _heavy_tail(squared):
    return 1 / (1 + squared)


def _tail_of_the_distance(squared):
    return 1 / (1 + np.sqrt(squared))


def _gaussian(squared):
    return np.exp(-squared)


def _gradient_with(
    P,
    places,
    *,
    kernel=_heavy_tail,
    pull=_heavy_tail,
    factor=4.0,
    whole=np.sum,
    leave_out=True,
):
    """The gradient of the Kullback–Leibler divergence, right or with one thing wrong."""
    places = np.asarray(places, dtype=float)
    apart = places[:, None] - places[None]
    squared = (apart**2).sum(axis=-1)
    near = kernel(squared)
    if leave_out:
        near = near * (1 - np.eye(len(places)))
    Q = near / whole(near)
    force = (P - Q) * pull(squared)
    return factor * (force[:, :, None] * apart).sum(axis=1)


@asks(
    points=3,
    see="A heavy tail: t-SNE",
    hints=(
        "All differences at once: `apart = places[:, None] - places[None]`, shape (n, n, 2). Their "
        "squares, added over the last axis, are d².",
        "`near = 1 / (1 + squared)`; its diagonal is 1 and must become 0 before you divide by the "
        "sum over *all* pairs. That quotient is Q.",
        "`force = (P - Q) / (1 + squared)`, shape (n, n), and the gradient is "
        "`4 * (force[:, :, None] * apart).sum(axis=1)`.",
    ),
)
def tsne_gradient(P, places):
    """The forces of t-SNE"""
    return _gradient_with(P, places)


@tsne_gradient.inputs
def cases(rng):
    for n, about in ((4, "four samples"), (9, "nine samples"), (2, "two samples")):
        P = np.triu(rng.uniform(0.1, 1, size=(n, n)), 1)
        P = P + P.T
        places = (rng.normal(size=(n, 2)) * 1.2).round(1) + 0.05
        yield Case(((P / P.sum()).round(4), places), about)


tsne_gradient.variants(
    _gradient_with,
    gaussian=(
        {"kernel": _gaussian, "pull": np.ones_like},
        "That is the gradient of SNE, with a Gaussian in the map. t-SNE has 1 / (1 + d²).",
    ),
    no_tail_in_the_force=(
        {"pull": np.ones_like},
        "Q is right, but the force lacks its own factor 1 / (1 + d²). It comes from the slope "
        "of the heavy tail.",
    ),
    gaussian_q=(
        {"kernel": _gaussian},
        "Your Q is Gaussian. In the map of t-SNE neighbours count as 1 / (1 + d²).",
    ),
    factor=(
        {"factor": 2.0},
        "Half of it: the factor is 4. Each pair stands twice in the sum, and the square gives "
        "a 2 of its own.",
    ),
    sign=(
        {"factor": -4.0},
        "All signs are turned: that is the direction to step in, and the gradient points "
        "uphill. (With `places[:, None] - places[None]` point i is on the first axis, and the "
        "sum goes over the second.)",
    ),
    no_factor=({"factor": 1.0}, "A quarter of it: the 4 before the sum is missing."),
    only_attraction=(
        {"whole": lambda near: np.inf},
        "Only the pull of the neighbours is there. The push is missing: it is p − q that "
        "counts, and not p.",
    ),
    root_everywhere=(
        {"kernel": _tail_of_the_distance, "pull": _tail_of_the_distance},
        "You have 1 / (1 + d) in Q and in the force. Both want the *squared* distance.",
    ),
    each_pair_once=(
        {"whole": lambda near: np.triu(near).sum()},
        "Q adds up to 2: the sum below the fraction goes over all k ≠ l, so each pair stands "
        "in it twice.",
    ),
    by_rows=(
        {"whole": lambda near: near.sum(axis=1, keepdims=True)},
        "You divided each row by its own sum. In t-SNE Q adds up to 1 over *all* pairs.",
    ),
    self_counted=(
        {"leave_out": False},
        "Each sample counts as its own neighbour: the diagonal of 1 / (1 + d²) is 1, and it "
        "stands in the sum. Set it to 0 first.",
    ),
    root=(
        {"kernel": _tail_of_the_distance},
        "The tail holds the distance. It wants the *squared* distance: 1 / (1 + d²).",
    ),
)


def affinities(points, neighbours=10.0):
    """Symmetric probabilities of t-SNE, each row with the σ that this perplexity needs."""
    squared = distances(points) ** 2
    P = np.zeros_like(squared)
    for own in range(len(points)):
        low, high = 1e-3, 1e3
        for _ in range(40):
            sigma = np.sqrt(low * high)
            if perplexity.right(squared[own], own, sigma) > neighbours:
                high = sigma
            else:
                low = sigma
        others = np.delete(squared[own], own)
        weight = np.exp(-(others - others.min()) / (2 * sigma**2))
        P[own, np.arange(len(points)) != own] = weight / weight.sum()
    return (P + P.T) / (2 * len(points))


def divergence(P, places):
    """The Kullback–Leibler divergence of a map, in nats."""
    near = 1 / (1 + distances(places) ** 2)
    np.fill_diagonal(near, 0)
    some = P > 0
    return float((P[some] * np.log(P[some] / (near / near.sum())[some])).sum())


@tsne_gradient.picture
def descent(answer):
    from sklearn.datasets import load_digits

    from mlmi_course import plots

    images, digits = load_digits(return_X_y=True)
    few = np.flatnonzero(digits < 4)[:120]
    P = affinities(images[few])
    # Not through ``call``, which copies what it is given: this is three hundred calls.
    call(answer, (P, np.zeros((len(few), 2)) + np.arange(len(few))[:, None] * 1e-3))
    places = np.random.default_rng(0).normal(0, 1e-2, (len(few), 2))
    step, losses = np.zeros_like(places), []
    for number in range(300):
        slope = np.asarray(answer(P, places), dtype=float).reshape(places.shape)
        step = (0.5 if number < 100 else 0.8) * step - 20 * slope
        places = places + step
        losses.append(divergence(P, places))
    return plots.grid(
        [
            ("the loss falls", lambda ax: plots.lines(
                {"": losses}, xlabel="step", ylabel="divergence (nats)", ax=ax)),
            ("your map", lambda ax: plots.embedding(places, digits[few], legend="on", ax=ax)),
        ],
        size=(8, 3.8),
        alt="120 digits from 0 to 3, moved by your gradient in 300 steps: the divergence falls to "
        f"{losses[-1]:.2f} nats, and each digit gathers in a place of its own.",
    )  # fmt: skip
