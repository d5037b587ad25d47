"""Choose on the patients that you learn from."""

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)
from mlmi_course.questions.u11_transfer_learning._shared import auc


def _chosen(scores, labels, choose_on, test_on):
    areas = [auc(labels[choose_on], column[choose_on]) for column in scores.T]
    best = int(np.argmax(areas))
    return best, auc(labels[test_on], scores[test_on, best])


@asks(
    points=2,
    see="Forty images",
    hints=(
        "Two groups, two tasks: one chooses, the other judges.",
        "Compute an AUC for each column with `labels[learning]` and `scores[learning, column]`; "
        "`np.argmax` gives the best.",
        "Then one more AUC, of that column, with `labels[~learning]`. "
        "`roc_auc_score(labels, scores)` from scikit-learn computes it.",
    ),
)
def best_sigma(scores, labels, learning):
    """Choose on the patients that you learn from"""
    return _chosen(scores, labels, learning, ~learning)


@best_sigma.inputs
def cases(rng):
    made = 0
    while made < 2:
        n, k = 24 + 16 * made, 4 + made
        labels = rng.permutation(np.arange(n) % 2)
        learning = rng.permutation(np.arange(n) % 4 < 2)
        scores = (rng.normal(size=(n, k)) + 0.8 * labels[:, None]).round(2)
        picks = [
            one(scores, labels, learning)[0]
            for one in (best_sigma.right, selected_on_all, selected_on_test)
        ]
        # The three ways to choose must disagree, or the case could not tell them apart.
        areas = np.sort([auc(labels[learning], c[learning]) for c in scores.T])
        if len(set(picks)) == 3 and areas[-1] - areas[-2] > 1e-6:
            made += 1
            yield Case((scores, labels, learning), f"{n} images, {k} sizes of blob")
    yield Case(
        (
            np.array([
                [0.1, 0.9], [0.8, 0.7], [0.3, 0.2], [0.9, 0.4],
                [0.3, 0.8], [0.2, 0.9], [0.6, 0.1], [0.7, 0.5],
            ]),
            np.array([0, 1, 0, 1, 0, 1, 0, 1]),
            np.arange(8) < 4,
        ),
        "four images on each side",
    )  # fmt: skip
    yield Case(  # on the learning images: AUCs of 0, 0.75 and 0.75
        (
            np.array([
                [0.9, 0.1, 0.1], [0.1, 0.4, 0.4], [0.8, 0.6, 0.6], [0.2, 0.8, 0.8],
                [0.1, 0.4, 0.7], [0.2, 0.3, 0.2], [0.3, 0.2, 0.5], [0.4, 0.6, 0.6],
            ]),
            np.array([0, 1, 0, 1, 0, 1, 0, 1]),
            np.arange(8) < 4,
        ),
        "two columns that are equally good on the learning images, and one that is upside down",
    )  # fmt: skip


@best_sigma.mistake
def selected_on_all(scores, labels, learning):
    """You chose on all images, the test patients among them. Then the test has helped to choose,
    and flatters: choose on `learning` alone.
    """
    return _chosen(scores, labels, np.ones_like(learning), ~learning)


@best_sigma.mistake
def selected_on_test(scores, labels, learning):
    """You chose the column that is best on the very patients it is judged on. Choose on
    `learning`, judge on the others.
    """
    return _chosen(scores, labels, ~learning, ~learning)


@best_sigma.mistake
def tested_on_learning(scores, labels, learning):
    """The AUC is that of the patients you chose on. It is too good: judge on the others."""
    return _chosen(scores, labels, learning, learning)


@best_sigma.mistake
def tested_on_all(scores, labels, learning):
    """The AUC is that of all images. Half of them helped to choose: judge on the others."""
    return _chosen(scores, labels, learning, np.ones_like(learning))


@best_sigma.mistake
def last_of_equals(scores, labels, learning):
    """Several columns are equally good, and you took the last. The first is asked for, as
    `np.argmax` gives it.
    """
    best, area = best_sigma.right(scores[:, ::-1], labels, learning)
    return scores.shape[1] - 1 - best, area


@best_sigma.mistake
def turned_over(scores, labels, learning):
    """You count an AUC below 0.5 as if the scores were turned over. Higher means more like a
    cluster: a column that says the opposite is the worst, not the best.
    """
    areas = [auc(labels[learning], column[learning]) for column in scores.T]
    best = int(np.argmax([max(area, 1 - area) for area in areas]))
    return best, auc(labels[~learning], scores[~learning, best])


@best_sigma.mistake
def sides_swapped(scores, labels, learning):
    """You chose on the test patients and judged on the others. `learning` is True for those to
    choose on.
    """
    return _chosen(scores, labels, ~learning, learning)
