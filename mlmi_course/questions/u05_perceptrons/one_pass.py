"""One pass of the perceptron."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u05_perceptrons._samples import lumps


def passed(weights, features, labels, rate, wrong=lambda y, z: y * z <= 0, step=lambda y, z: y):
    updates = 0
    for x, y in zip(features, 2 * labels - 1, strict=True):
        z = weights @ x
        if wrong(y, z):
            weights = weights + rate * step(y, z) * x
            updates += 1
    return weights, updates


@asks(
    points=3,
    see="One mistake, one update",
    hints=(
        "The labels come as 0 and 1, and the rule wants −1 and +1: `2 * labels - 1`.",
        "Go through the samples one by one. Each is judged with the weights *as they are now*, "
        "after all updates before it.",
        "A sample is a mistake if `sign * (weights @ x) <= 0`. Only then: "
        "`weights = weights + rate * sign * x`, and count.",
    ),
)
def one_pass(weights, features, labels, rate):
    """One pass of the perceptron"""
    return passed(weights, features, labels, rate)


@one_pass.inputs
def cases(rng):
    def samples(n):
        features = rng.normal(size=(n, 2)).round(1)
        labels = rng.permutation(np.arange(n) % 2)
        return np.column_stack([features, np.ones(n)]), labels

    def separable():
        """So that a function which repeats until nothing is wrong comes to an end."""
        line = rng.normal(size=3)
        features, _ = samples(40)
        along = features @ line / np.linalg.norm(line)
        chosen = np.flatnonzero(np.abs(along) > 0.25)[:10]
        return features[chosen], (along[chosen] > 0).astype(int)

    while True:
        features, labels = separable()
        weights = rng.normal(size=3).round(1) + 0.03  # never exactly on a border
        after, updates = one_pass.right(weights, features, labels, 0.4)
        again = one_pass.right(after, features, labels, 0.4)[1]
        others = all_at_once, still_wrong, stops_after_one, last_left_out
        told = all(one(weights, features, labels, 0.4)[1] != updates for one in others)
        if len(labels) == 10 and 3 <= updates <= 8 and again and told:
            break
    # twice the rate is not 1: a step that is twice too long is told from a rate forgotten
    yield Case((weights, features, labels, 0.4), "ten samples and a rate of 0.4")
    for first, name in ((0, "benign"), (1, "malignant")):
        features, labels = samples(8)
        labels = labels if labels[0] == first else 1 - labels
        yield Case((np.zeros(3), features, labels, 1.0), f"weights of zero, a {name} sample first")
    right = (features @ np.array([1.0, -0.5, 0.2]) > 0).astype(int)
    yield Case((np.array([1.0, -0.5, 0.2]) * 9, features, right, 1.0), "nothing to correct")


@one_pass.mistake
def updates_on_correct_samples(weights, features, labels, rate):
    """You update on every sample, also on those that are right. The perceptron learns from its
    mistakes only: otherwise it never comes to rest.
    """
    return passed(weights, features, labels, rate, wrong=lambda y, z: True)


@one_pass.mistake
def labels_zero_one(weights, features, labels, rate):
    """You put labels of 0 and 1 into a rule made for −1 and +1. A benign sample then multiplies
    the update by 0: it always counts as a mistake and never changes anything.
    """
    return one_pass.right(weights, features, (labels + 1) / 2, rate)


@one_pass.mistake
def all_at_once(weights, features, labels, rate):
    """You judge all samples with the weights from the start of the pass. Each sample must meet the
    weights that the samples before it have left.
    """
    signs = 2 * labels - 1
    wrong = signs * (features @ weights) <= 0
    return weights + rate * signs[wrong] @ features[wrong], int(wrong.sum())


one_pass.variants(
    passed,
    zero_is_right=(
        {"wrong": lambda y, z: y * z < 0},
        "A score of exactly 0 is on neither side, so it is a mistake: `<= 0`, not `< 0`. With "
        "weights of zero every score is 0, and with `<` the learning never starts.",
    ),
    zero_is_benign=(
        {"wrong": lambda y, z: (z > 0) != (y > 0)},
        "A score of exactly 0 counts as benign in your function, as `score > 0` has it. Here "
        "it is on neither side, so it is a mistake for both classes.",
    ),
    zero_is_malignant=(
        {"wrong": lambda y, z: (z >= 0) != (y > 0)},
        "A score of exactly 0 counts as malignant in your function, as `score >= 0` has it. "
        "Here it is on neither side, so it is a mistake for both classes.",
    ),
)


@one_pass.mistake
def rate_forgotten(weights, features, labels, rate):
    """The learning rate is missing: an update adds rate × sign × sample."""
    return one_pass.right(weights, features, labels, 1.0)


@one_pass.mistake
def difference_of_signs(weights, features, labels, rate):
    """Your step is twice too long. The difference of the two signs is 2 for a mistake, and the
    rule adds rate × sign × sample, with a sign of +1 or −1.
    """
    return passed(weights, features, labels, rate, step=lambda y, z: y - np.sign(z))


@one_pass.mistake
def stops_after_one(weights, features, labels, rate):
    """You stop after the first update. A pass goes on to the last sample."""
    for n in range(1, len(labels) + 1):
        after, updates = one_pass.right(weights, features[:n], labels[:n], rate)
        if updates:
            break
    return after, updates


@one_pass.mistake
def last_left_out(weights, features, labels, rate):
    """The last sample is never looked at. `range(n)` ends with n − 1 by itself."""
    return one_pass.right(weights, features[:-1], labels[:-1], rate)


@one_pass.mistake
def repeats_until_clean(weights, features, labels, rate):
    """You repeat until nothing is wrong. One pass is asked for: every sample once. With samples
    that no line separates, your loop would never end.
    """
    total = 0
    for _ in range(200):  # a student's own loop may have no such end
        weights, updates = one_pass.right(weights, features, labels, rate)
        total += updates
    return weights, total


@one_pass.mistake
def bias_not_learnt(weights, features, labels, rate):
    """The last weight never changes. It is the bias, its input is the 1 in the last column, and it
    learns like all others.
    """
    return passed(weights, features, labels, rate, step=lambda y, z: y * np.array([1, 1, 0]))


@one_pass.mistake
def still_wrong(weights, features, labels, rate):
    """The weights are right. But you count the samples that are wrong *after* the pass; the
    question asks for the updates made *during* it.
    """
    after, _ = one_pass.right(weights, features, labels, rate)
    return after, int(((2 * labels - 1) * (features @ after) <= 0).sum())


@one_pass.picture
def draw_answer(answer):
    from mlmi_course import plots

    features, labels = lumps()

    def border(weights):
        return lambda ax: plots.decision(
            features[:, :2],
            labels,
            lambda points: points @ weights[:2] + weights[2],
            xlabel="diameter (cm)",
            ylabel="roughness (0–5)",
            legend=False,
            ax=ax,
        )

    weights, draws = np.zeros(3), []
    for number in range(1, 6):
        weights, updates = call(answer, (weights, features, labels, 1.0))
        weights = np.asarray(weights, dtype=float).reshape(3)
        draws.append((f"after pass {number}: {updates} updates in it", border(weights)))
    return plots.grid(
        draws[::2],
        columns=3,
        size=(9, 3.4),
        alt="The lumps and the border of your perceptron after its passes 1, 3 and 5.",
    )
