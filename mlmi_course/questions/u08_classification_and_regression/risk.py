"""From a score to a risk that holds in the clinic."""

from functools import cache

import numpy as np

from mlmi_course.checks import ModelQuestion

_STUDY, _CLINIC = 0.7, 0.2  # prevalence in the study, and where the risk will be told


def _draw_scores(rng, sick, *, training=False):
    """Scores of a network that is too sure of itself; surer still on its training patients."""
    strength = 3.4 if training else 1.7
    hidden = rng.normal(size=len(sick)) + strength * (sick - 0.5)
    # The network's own units: too large, bent, and away from zero.
    return (3.0 * hidden + 0.15 * hidden * np.abs(hidden) + 5.0).round(3)


def study():
    """Scores of a network and the truth, for two groups of patients, of whom 70 % have the disease.

    Returns
    -------
    dict of str to tuple of ndarray
        ``"training"``, 20,000 patients whom the network learned from, and ``"held out"``, 1,200
        others: each a pair of scores and labels (1 has the disease).
    """
    rng = np.random.default_rng(81)
    parts = {}
    for name, count in (("training", 20_000), ("held out", 1200)):
        sick = (np.arange(count) % 10 < 10 * _STUDY).astype(int)
        parts[name] = (_draw_scores(rng, sick, training=name == "training"), sick)
    return parts


@cache
def _platt(parts, shift):
    """Slope and start of the log odds over the score, fitted by Newton's method."""
    columns = [np.concatenate([study()[part][i] for part in parts]) for i in (0, 1)]
    x, y = np.column_stack([columns[0], np.ones(len(columns[0]))]), columns[1]
    weights = np.zeros(2)
    for _ in range(30):
        p = 1 / (1 + np.exp(-(x @ weights)))
        weights += np.linalg.solve(x.T * (p * (1 - p)) @ x, x.T @ (y - p))
    return weights[0], weights[1] + shift


_ODDS = {place: float(np.log(p / (1 - p))) for place, p in (("study", _STUDY), ("clinic", _CLINIC))}
_SHIFT = _ODDS["clinic"] - _ODDS["study"]


def _told(score, parts=("held out",), shift=_SHIFT):
    slope, start = _platt(parts, shift)
    return 1 / (1 + np.exp(-(slope * np.asarray(score, dtype=float) + start)))


def _draw(rng):
    sick = (rng.random(40_000) < _CLINIC).astype(int)
    score = _draw_scores(rng, sick)
    return score, np.stack([sick, score], axis=1)


def _true_risk(score):
    """The risk by the formula that drew the scores."""
    far = np.asarray(score) - 5.0
    hidden = np.sign(far) * (np.sqrt(3.0**2 + 0.6 * np.abs(far)) - 3.0) / 0.3
    return 1 / (1 + np.exp(-(1.7 * hidden + _ODDS["clinic"])))


def _gained(labels, told):
    """Of what the best risks save of the Brier score of the prevalence, which share is saved?"""
    sick, told = labels[:, 0], np.asarray(told, dtype=float)
    if told.shape != sick.shape:
        raise ValueError(f"{len(sick)} risks are needed, one a score; the shape is {told.shape}")
    if not np.all((told >= 0) & (told <= 1)):
        raise ValueError("a risk lies between 0 and 1")
    brier = lambda risk: np.mean((risk - sick) ** 2)  # noqa: E731
    simple, best = brier(np.full(len(sick), sick.mean())), brier(_true_risk(labels[:, 1]))
    return (simple - brier(told)) / (simple - best)


risk = ModelQuestion(
    title="From a score to a risk",
    points=4,
    draw=_draw,
    metric=_gained,
    # Platt's method reaches 0.995, isotonic regression 0.979 (30 draws; standard deviations 0.001,
    # 0.002), ten bins 0.983. Fitted to both groups: 0.80.
    threshold=0.94,
    noise=0.005,
    chance=0.85,
    of="scores",
    see="Does 1 % mean one of a hundred?",
    hints=(
        "Two steps. What does a score mean, in patients whom the network has not learned from? "
        "And how common is the disease there, and in the clinic?",
        "Fit a logistic regression with the score as its only column to the held-out patients. "
        "It gives log odds for a world in which 70 of 100 are ill.",
        "Add log(0.2 / 0.8) − log(0.7 / 0.3) to these log odds, and turn them into a risk: 1 / "
        "(1 + exp(−log odds)).",
    ),
)

risk.knows(
    "raw_sigmoid",
    lambda score: 1 / (1 + np.exp(-np.asarray(score, dtype=float))),
    "You take the score itself for log odds. The network is too sure of itself, and never "
    "promised that its score means that.",
)
risk.knows(
    "raw_sigmoid_shifted",
    lambda score: 1 / (1 + np.exp(-(np.asarray(score, dtype=float) + _SHIFT))),
    "You move the prevalence, but take the score itself for log odds. First learn from held-out "
    "patients what it means.",
)
risk.knows(
    "prevalence_of_the_study",
    lambda score: _told(score, shift=0.0),
    "Your risks hold in the study, where 70 of 100 have the disease. In the clinic 20 of 100 "
    "have it.",
)
risk.knows(
    "shifted_the_other_way",
    lambda score: _told(score, shift=-_SHIFT),
    "You move the log odds up. In the clinic the disease is *rarer* than in the study.",
)
risk.knows(
    "on_training_patients",
    lambda score: _told(score, parts=("training",)),
    "You fitted to the patients whom the network learned from. On them it is better than it will "
    "ever be again, so their scores look more trustworthy than they are.",
)
risk.knows(
    "training_and_prevalence_of_the_study",
    lambda score: _told(score, parts=("training",), shift=0.0),
    "Two things: the fit has seen the training patients, and the risks hold where 70 of 100 have "
    "the disease.",
)
risk.knows(
    "both_groups",
    lambda score: _told(score, parts=("training", "held out")),
    "You fitted to both groups. The training patients make the scores look more trustworthy than "
    "they are.",
)
risk.knows(
    "odds_of_the_study_left_in",
    lambda score: _told(score, shift=_ODDS["clinic"]),
    "You add the log odds of the clinic. The fit still holds those of the study: subtract them.",
)
risk.knows(
    "logarithm_of_the_share",
    lambda score: _told(score, shift=float(np.log(_CLINIC / _STUDY))),
    "You move by log(0.2 / 0.7), a ratio of shares. What moves by a constant are log *odds*: "
    "log(p / (1 − p)).",
)
risk.knows(
    "scaled_by_a_factor",
    lambda score: np.clip(_told(score, shift=0.0) * _CLINIC / _STUDY, 0, 1),
    "You multiply the risk by 0.2 / 0.7. That works for small risks alone: a risk near 1 should "
    "stay near 1. Move the log odds.",
)


@risk.mistake
def everybody_alike(score):
    """You tell everybody the prevalence. Then the score is not used."""
    return np.full(len(score), _CLINIC)


@risk.mistake
def yes_or_no(score):
    """You answer with 0 or 1. Asked is a risk."""
    return (_told(score) >= 0.5) * 1.0
