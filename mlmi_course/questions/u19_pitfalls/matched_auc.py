"""An AUC of pairs whose ages are alike."""

import numpy as np

from mlmi_course.checks import Case, asks


def _auc(labels, scores, ages, years, *, ties=0.5, reach="within", pool="pairs", decades=False):
    labels, scores, ages = (np.asarray(a, float) for a in (labels, scores, ages))
    ill, well = labels == 1, labels == 0
    gap = np.abs(ages[ill][:, None] - ages[well])
    alike = gap <= years if reach == "within" else gap < years
    if reach == "all":
        alike = np.ones(gap.shape, bool)
    if decades:
        alike = ages[ill][:, None] // years == ages[well] // years
    if ties == "dropped":
        alike = alike & (scores[ill][:, None] != scores[well])
        ties = 0.0
    won = (scores[ill][:, None] > scores[well]) + ties * (scores[ill][:, None] == scores[well])
    if not alike.any():
        return float("nan")
    if pool == "patients":  # the mean over the ill of each one's own share
        some = alike.any(axis=1)
        return float(np.mean((won * alike).sum(axis=1)[some] / alike.sum(axis=1)[some]))
    if pool == "everybody":
        return float((won * alike).sum() / won.size)
    return float((won * alike).sum() / alike.sum())


@asks(
    points=3,
    see="A detector of COPD",
    hints=(
        "Think of a table with a row for each ill and a column for each healthy person. In which "
        "of its fields may you look?",
        "`np.abs(ages[ill][:, None] - ages[healthy]) <= years` is that table. Divide by the number "
        "of its True fields.",
        "In the same form, `scores[ill][:, None] > scores[healthy]` says which pairs are in the "
        "right order; equal scores count a half.",
    ),
)
def matched_auc(labels, scores, ages, years):
    """An AUC of pairs whose ages are alike"""
    return _auc(labels, scores, ages, years)


@matched_auc.inputs
def cases(rng):
    def patients(n, years):
        labels = rng.permutation(np.arange(n) % 2)
        ages = (60 + 8 * labels + rng.normal(0, 9, n)).round()
        scores = (0.06 * ages + 0.8 * labels + rng.normal(0, 0.7, n)).round(1)
        return labels, scores, ages, years

    yield Case(patients(60, 5), "sixty patients")
    yield Case(patients(40, 3), "forty patients, three years")
    labels = np.array([1, 1, 0, 0, 0])
    ages = np.array([50.0, 70, 55, 55, 64])
    scores = np.array([0.5, 0.5, 0.5, 0.7, 0.2])
    yield Case((labels, scores, ages, 5), "ages that differ by exactly five years")
    yield Case(
        (np.array([1, 0]), np.array([1.0, 0.0]), np.array([80.0, 30.0]), 5), "no pair at all"
    )


matched_auc.variants(
    _auc,
    unmended=(
        {"decades": True, "ties": 0.0},
        "That is the colleague's function in another form: people of 49 and 50 are no pair in it, "
        "people of 50 and 59 are (with boxes of ten years), and equal scores are counted as lost.",
    ),
    decades_again=(
        {"decades": True},
        "You still cut the ages into boxes. Two people on either side of a box's edge are close in "
        "age, and two in one box may not be.",
    ),
    ties_lost=({"ties": 0.0}, "Equal scores are a draw: count them a half."),
    ties_dropped=(
        {"ties": "dropped"},
        "You leave out pairs with equal scores. They are pairs, too: each is half won.",
    ),
    ties_won=({"ties": 1.0}, "Equal scores are a draw: count them a half, not as won."),
    all_pairs=(
        {"reach": "all"},
        "You count all pairs, whatever their ages. Then age helps the score, as it did before.",
    ),
    strictly=(
        {"reach": "strict"},
        "Ages that differ by exactly `years` are a pair, too.",
    ),
    mean_of_patients=(
        {"pool": "patients"},
        "You average over patients: then somebody with one partner counts as much as somebody with "
        "thirty. Each *pair* counts once.",
    ),
    divided_by_all=(
        {"pool": "everybody"},
        "You divide by the number of all pairs. Divide by those that you counted.",
    ),
)
