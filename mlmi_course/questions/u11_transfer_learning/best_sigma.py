"""Choose on the patients that you learn from."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.questions.u11_transfer_learning._patches import auc


def _chosen(scores, labels, learning, *, choose_on="learning", judge_on="test", best=np.argmax):
    """The column that is best on one part of the images, and its AUC on another."""
    part = {"learning": learning, "test": ~learning, "all": np.ones_like(learning)}
    choose, judge = part[choose_on], part[judge_on]
    column = int(best(np.array([auc(labels[choose], one[choose]) for one in scores.T])))
    return column, auc(labels[judge], scores[judge, column])


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
    return _chosen(scores, labels, learning)


@best_sigma.inputs
def cases(rng):
    made = 0
    while made < 2:
        n, k = 24 + 16 * made, 4 + made
        labels = rng.permutation(np.arange(n) % 2)
        learning = rng.permutation(np.arange(n) % 4 < 2)
        scores = (rng.normal(size=(n, k)) + 0.8 * labels[:, None]).round(2)
        # The three ways to choose must disagree, or the case could not tell them apart.
        chosen = {
            _chosen(scores, labels, learning, choose_on=part)[0]
            for part in ("learning", "all", "test")
        }
        areas = np.sort([auc(labels[learning], column[learning]) for column in scores.T])
        if len(chosen) == 3 and areas[-1] - areas[-2] > 1e-6:
            made += 1
            yield Case((scores, labels, learning), f"{n} images, {k} sizes of blob")
    labels, learning = np.arange(8) % 2, np.arange(8) < 4
    # On the learning images the AUCs are 1, 0.75 and 0, but the second column has the higher
    # correlation with the labels and more images on the right side of 0.5.  On the others the best
    # one has 0.25, so that whoever turns it over shows.
    scores = np.array([
        [0.10, 0.0, 0.9], [0.13, 0.4, 0.1], [0.12, 0.5, 0.8], [0.48, 1.0, 0.2],
        [0.30, 0.8, 0.4], [0.20, 0.9, 0.1], [0.60, 0.1, 0.2], [0.50, 0.7, 0.5],
    ])  # fmt: skip
    yield Case((scores, labels, learning), "four images on each side")
    scores = np.array([  # on the learning images: AUCs of 0, 0.75 and 0.75
        [0.9, 0.1, 0.1], [0.1, 0.4, 0.4], [0.8, 0.6, 0.6], [0.2, 0.8, 0.8],
        [0.1, 0.4, 0.7], [0.2, 0.3, 0.2], [0.3, 0.2, 0.5], [0.4, 0.6, 0.6],
    ])  # fmt: skip
    yield Case(
        (scores, labels, learning),
        "two columns that are equally good on the learning images, and one that is upside down",
    )


best_sigma.variants(
    _chosen,
    selected_on_all=(
        {"choose_on": "all"},
        "You chose on all images, the test patients among them. Then the test has helped to "
        "choose, and flatters: choose on `learning` alone.",
    ),
    selected_on_test=(
        {"choose_on": "test"},
        "You chose the column that is best on the very patients it is judged on. Choose on "
        "`learning`, judge on the others.",
    ),
    tested_on_learning=(
        {"judge_on": "learning"},
        "The AUC is that of the patients you chose on. It is too good: judge on the others.",
    ),
    tested_on_all=(
        {"judge_on": "all"},
        "The AUC is that of all images. Half of them helped to choose: judge on the others.",
    ),
    last_of_equals=(
        {"best": lambda areas: np.flatnonzero(areas == areas.max())[-1]},
        "Several columns are equally good, and you took the last. The first is asked for, as "
        "`np.argmax` gives it.",
    ),
    turned_over=(
        {"best": lambda areas: np.argmax(np.maximum(areas, 1 - areas))},
        "You count an AUC below 0.5 as if the scores were turned over. Higher means more like a "
        "cluster: a column that says the opposite is the worst, not the best.",
    ),
    sides_swapped=(
        {"choose_on": "test", "judge_on": "learning"},
        "You chose on the test patients and judged on the others. `learning` is True for those to "
        "choose on.",
    ),
)
