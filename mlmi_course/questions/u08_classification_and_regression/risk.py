"""From a score to a risk that holds in the clinic."""

from functools import cache

import numpy as np

from mlmi_course.checks import ModelQuestion

_CLINIC = 0.08  # prevalence where the risk will be told


def _draw_scores(rng, sick, *, training=False):
    """Scores of a network that is too sure of itself; surer still on its training patients."""
    strength = 3.4 if training else 1.7
    hidden = rng.normal(size=len(sick)) + strength * (sick - 0.5)
    # The network's own units: too large, bent, and away from zero.
    return (2.2 * hidden + 0.25 * hidden * np.abs(hidden) + 1.5).round(3)


def study():
    """Scores of a network and the truth, for two groups of patients, half of whom have the disease.

    Returns
    -------
    dict of str to tuple of ndarray
        ``"training"``, 4,000 patients whom the network learned from, and ``"held out"``, 1,200
        others: each a pair of scores and labels (1 has the disease).
    """
    rng = np.random.default_rng(81)
    parts = {}
    for name, count in (("training", 4000), ("held out", 1200)):
        sick = np.resize([0, 1], count)
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


_SHIFT = float(np.log(_CLINIC / (1 - _CLINIC)))  # the study has as many sick as well: log odds 0


def _told(score, parts=("held out",), shift=_SHIFT):
    slope, start = _platt(parts, shift)
    return 1 / (1 + np.exp(-(slope * np.asarray(score, dtype=float) + start)))


def _draw(rng):
    sick = (rng.random(40_000) < _CLINIC).astype(int)
    score = _draw_scores(rng, sick)
    return score, np.stack([sick, score], axis=1)


def _true_risk(score):
    """The risk by the formula that drew the scores."""
    far = np.asarray(score) - 1.5
    hidden = np.sign(far) * (np.sqrt(2.2**2 + np.abs(far)) - 2.2) / 0.5
    return 1 / (1 + np.exp(-(1.7 * hidden + _SHIFT)))


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
    threshold=0.95,
    noise=0.005,
    chance=0.6,
    of="scores",
    see="Does 1 % mean one of a hundred?",
    hints=(
        "Two steps. What does a score mean, in patients whom the network has not learned from? "
        "And how common is the disease there, and in the clinic?",
        "Fit a logistic regression with the score as its only column to the held-out patients. "
        "It gives log odds for a world in which half are ill.",
        "Add log(0.08 / 0.92) − log(0.5 / 0.5) to these log odds, and turn them into a risk: "
        "1 / (1 + exp(−log odds)).",
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
    "Your risks hold in the study, where half have the disease. In the clinic 8 of 100 have it.",
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
    "Two things: the fit has seen the training patients, and the risks hold where half have the "
    "disease.",
)
risk.knows(
    "both_groups",
    lambda score: _told(score, parts=("training", "held out")),
    "You fitted to both groups. The training patients make the scores look more trustworthy than "
    "they are.",
)
risk.knows(
    "scaled_by_a_factor",
    lambda score: np.clip(_told(score, shift=0.0) * _CLINIC / 0.5, 0, 1),
    "You multiply the risk by 0.08 / 0.5. That works for small risks alone: a risk near 1 should "
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
