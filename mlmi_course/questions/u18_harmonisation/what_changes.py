"""What does harmonisation change, and why?"""

from functools import cache

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from mlmi_course.checks import asks_value
from mlmi_course.questions.u18_harmonisation._tables import location_scale

_WHY = {"A": "d", "B": "e", "C": "a", "D": "f", "E": "b"}


def _auc_in_folds(x, y):
    scores = np.zeros(len(x))
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(x, y):
        model = LogisticRegression(C=0.1).fit(x[train], y[train])
        scores[test] = model.decision_function(x[test])
    return roc_auc_score(y, scores)


def _one(case, rng):
    """The quantity of a case before and after, in one simulated study."""
    n = 100
    site = np.repeat([0, 1], n)
    none = np.empty((2 * n, 0))
    x = rng.normal(size=(2 * n, 20))
    ill = (rng.random(2 * n) < np.where(site == 0, 0.2, 0.8)).astype(int)
    if case == "A":  # ill patients are higher; the scanners are equal
        x = x + ill[:, None]
        both = (x, location_scale(x, site, none))
        return [t[ill == 1].mean() - t[ill == 0].mean() for t in both]
    if case == "B":
        x[:, 1] = 0.7 * x[:, 0] + 0.7 * x[:, 1]
        x = x * np.where(site == 0, 1, 1.5)[:, None] + site[:, None]
        both = (x, location_scale(x, site, none))
        return [np.corrcoef(t[site == 1][:, :2].T)[0, 1] for t in both]
    if case == "C":
        small = _auc_in_folds(location_scale(x, site, none), site)
        large, sites = rng.normal(size=(20 * n, 20)), np.repeat([0, 1], 10 * n)
        return [
            small,
            _auc_in_folds(location_scale(large, sites, none[:1].repeat(20 * n, 0)), sites),
        ]
    if case == "D":
        without = location_scale(x, site, none)
        given = location_scale(x, site, ill[:, None].astype(float))
        return [_auc_in_folds(t, ill) for t in (without, given)]
    few, many = 8, 32  # E: how far shrinkage moves a shift, with few and with many patients
    moved = []
    for size in (few, many):
        shift = rng.normal(0, 0.4, 60)
        rows = shift + rng.normal(size=(size, 60))
        location, delta2 = rows.mean(axis=0), rows.var(axis=0, ddof=1)
        tau2 = location.var(ddof=1)
        new = (size * tau2 * location + delta2 * location.mean()) / (size * tau2 + delta2)
        moved.append(np.abs(new - location).mean())
    return moved


@cache
def _measured(case):
    rng = np.random.default_rng(ord(case))
    return tuple(np.mean([_one(case, rng) for _ in range(8)], axis=0))


def _direction(case):
    """Measure it: a change of less than a twentieth is none."""
    before, after = _measured(case)
    share = after / before - 1
    return "same" if abs(share) < 0.05 else "up" if share > 0 else "down"


@asks_value(
    points=3,
    see="Location and scale",
    hints=(
        "ComBat sees sites, features and covariates, and nothing else. What could it take for a "
        "scanner, and what can it not touch?",
        "In C the test patients' mean and the training patients' mean add up to nothing: how much "
        "is "
        "that with few, and with many? In D the answer is part of what was fitted.",
        "Look at the formula of shrinkage: what does it do as $n$ grows?",
    ),
)
def what_changes():
    """What does harmonisation change?"""
    return {case: f"{_direction(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: what_changes.right() | other


for _name, _case, _given, _says in (
    (
        "disease_is_safe",
        "A",
        "same a",
        "In A most of the ill are at one site. ComBat makes the sites' means equal; what happens "
        "to "
        "the part of the disease that is the difference of the sites?",
    ),
    (
        "disease_by_correlation",
        "A",
        "down a",
        "The direction of A is right, and no correlation is needed for it. Where are most of the "
        "ill?",
    ),
    (
        "disease_grows",
        "A",
        "up d",
        "In A part of the disease is taken for the scanner, as you say. Is the difference larger "
        "then?",
    ),
    (
        "correlation_goes",
        "B",
        "down e",
        "In B each feature is moved and stretched by itself, as you say. What does a correlation "
        "make of two straight lines?",
    ),
    (
        "correlation_goes_too",
        "B",
        "down d",
        "In B nobody is ill. Does a correlation change if one feature is shifted and the other is "
        "stretched?",
    ),
    (
        "chance_stays",
        "C",
        "same e",
        "In C ComBat saw the test patients, so the AUC is not that of a coin: with few patients it "
        "lies far below. What one patient does to the mean that was fixed depends on how many "
        "there "
        "are.",
    ),
    (
        "leak_grows",
        "C",
        "down a",
        "In C the reason is right. If a patient's share of the fixed mean gets smaller, does the "
        "AUC "
        "go further away from 0.5, or back to it?",
    ),
    (
        "more_is_significant",
        "C",
        "up c",
        "The direction of C is right. But features are noise and the means were made equal: there "
        "is "
        "no small difference to be found. What pulled the AUC down with few patients?",
    ),
    (
        "chance_is_chance",
        "C",
        "same c",
        "In C the means were made equal for *all* patients. Simulate it: with few patients the AUC "
        "is far from that of a coin.",
    ),
    (
        "outcome_up_by_shares",
        "D",
        "up a",
        "The direction of D is right. But the number of patients is the same in both: what does "
        "only "
        "the second table hold?",
    ),
    (
        "correlation_up",
        "B",
        "up e",
        "In B the reason is right. If each feature is moved and stretched by itself, what happens "
        "to "
        "a correlation?",
    ),
    (
        "moved_by_luck",
        "E",
        "down c",
        "The direction of E is right. Nothing is tested there: look at the formula of shrinkage.",
    ),
    (
        "outcome_is_safe",
        "D",
        "same e",
        "In D the features are noise, and the outcome is among the covariates. What ComBat calls "
        "the "
        "covariate's part is put back into each feature, of the test patients, too.",
    ),
    (
        "outcome_down",
        "D",
        "down a",
        "In D the features are noise, and the outcome is among the covariates: the table that "
        "comes "
        "out knows something that the table that went in did not.",
    ),
    (
        "outcome_by_luck",
        "D",
        "up c",
        "The direction of D is right. But both tables hold as many features and patients; what "
        "does "
        "only one of them hold?",
    ),
    (
        "more_shrinkage",
        "E",
        "up b",
        "In E the reason is right. If the data outweigh what the features have in common, are the "
        "shifts moved more, or less?",
    ),
    (
        "shrinks_alike",
        "E",
        "same c",
        "Empirical Bayes counts patients: $n$ stands in its formula, beside $\\tau^2$.",
    ),
):
    what_changes.knows(_name, _with(**{_case: _given}), _says)


@what_changes.picture
def draw_answer(answer):
    from mlmi_course import plots

    titles = {"A": "A ill − healthy", "B": "B correlation", "C": "C AUC, site",
              "D": "D AUC, outcome", "E": "E moved by"}  # fmt: skip
    names = [f"{title}, {when}" for title in titles.values() for when in ("first", "then")]
    return plots.bars(
        names,
        [value for case in titles for value in _measured(case)],
        xlabel="mean of eight simulated studies",
        title="First one way, then the other",
        alt="The quantity of each of the five cases, first one way and then the other.",
    )
