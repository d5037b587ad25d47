"""Probabilities for a hospital in which the model is off; judged on fresh patients of it."""

from functools import cache

import numpy as np

from mlmi_course.checks import ModelQuestion
from mlmi_course.questions.u21_virtual_biopsy.modelling import fit_cox

_DAY = 365.0
_SHAPE, _HAZARD = 1.3, 0.60  # cumulative hazard of an average patient at a year, at home
_SLOPE, _SHIFT = 0.55, 0.45  # what the hospital E does to it


def _patients(rng, n):
    score = rng.normal(0.0, 1.0, n).round(3)
    cumulative = _HAZARD * np.exp(_SLOPE * score + _SHIFT)
    lived = _DAY * (rng.exponential(size=n) / cumulative) ** (1 / _SHAPE)
    return score, lived


@cache
def _audit():
    rng = np.random.default_rng(52)
    score, lived = _patients(rng, 300)
    watched = rng.uniform(60, 640, size=300)
    time = np.ceil(np.minimum(lived, watched))
    return {"score": score, "time": time, "event": lived <= watched}


def audit():
    """300 patients of the hospital E: ``score``, ``time``, ``event``.

    Returns
    -------
    dict of str to ndarray
        The model's log hazard, relative to an average patient of the development set; days; and
        whether they end in death.
    """
    return {name: column.copy() for name, column in _audit().items()}


def _at_home(score):
    return 1 - np.exp(-_HAZARD * np.exp(np.asarray(score, float)))


@cache
def _fitted(how):
    data = _audit()
    x, time, event = data["score"], data["time"], data["event"]
    if how == "left out":
        known = event | (time > _DAY)
        x, time, event = x[known], time[known], event[known]
    if how == "dead":
        event = np.ones(len(event), bool)
    if how == "alive":
        time = np.where(event, time, np.maximum(time, _DAY + 1))
    return fit_cox(x[:, None], time, event, penalty=0.0)


def _refitted(how):
    def answer(score):
        return _fitted(how).dead_by(np.asarray(score, float)[:, None], _DAY)

    return answer


def _hazard_alone(score):
    """Keep the slope of 1; let the audit say how many die."""
    data = _audit()
    risk = np.exp(data["score"])
    days = np.unique(data["time"][data["event"] & (data["time"] <= _DAY)])
    jumps = [
        ((data["time"] == day) & data["event"]).sum() / risk[data["time"] >= day].sum()
        for day in days
    ]
    return 1 - np.exp(-np.sum(jumps) * np.exp(np.asarray(score, float)))


def _slope_alone(score):
    slope = _fitted("right").weights[0] / _fitted("right").scale[0]
    return _at_home(slope * np.asarray(score, float))


def _everybody_alike(score):
    from mlmi_course.questions.u21_virtual_biopsy.modelling import dead_by

    data = _audit()
    return np.full(len(score), dead_by(data["time"], data["event"], _DAY))


def _draw(rng):
    score, lived = _patients(rng, 20_000)
    return score, np.stack([lived <= _DAY, score], axis=1)


def _won(labels, probability):
    """Of what the model loses here against the truth, which share is won back?"""
    score = labels[:, 1]
    truth = 1 - np.exp(-_HAZARD * np.exp(_SLOPE * score + _SHIFT))
    given = np.clip(np.asarray(probability, float).ravel(), 0, 1)
    if given.shape != score.shape:
        raise ValueError(f"{len(score)} scores came in, and {given.size} probabilities out")
    if not np.isfinite(given).all():
        raise ValueError("some probabilities are nan")
    # The excess of the Brier score over that of the truth, without the noise of the outcomes.
    lost = np.mean((_at_home(score) - truth) ** 2)
    return float(1 - np.mean((given - truth) ** 2) / lost)


recalibrated = ModelQuestion(
    title="Probabilities that hold in the hospital E",
    points=4,
    draw=_draw,
    metric=_won,
    threshold=0.93,
    noise=0.01,
    chance=0.60,
    of="scores",
    see="Is the probability right?",
    hints=(
        "Two things can be off: how many die, and how far apart the risks are. Draw a curve of "
        "Kaplan and Meier for a third of low, middle and high scores beside what the model says.",
        "A Cox regression on the audit with the score as its only column answers both: its "
        "weight is the slope, and its baseline knows how many die here. It also knows what to do "
        "with those who left.",
        "`CoxPHFitter().fit(pd.DataFrame(audit), 'time', 'event')`, then `1 - "
        "fitted.predict_survival_function(pd.DataFrame({'score': score}), "
        "times=[365]).to_numpy()[0]`.",
    ),
)

for _name, _answer, _says in (
    (
        "not_at_all",
        _at_home,
        "Those are the probabilities of the development set. In the hospital E more die, and the "
        "risks lie closer together.",
    ),
    (
        "level_alone",
        _hazard_alone,
        "The number of deaths is right now, but the risks are still too far apart: the slope of "
        "the score is not 1 here.",
    ),
    (
        "slope_alone",
        _slope_alone,
        "The risks are as far apart as they should be, but too few die: the baseline is still "
        "that of the development set.",
    ),
    (
        "censored_left_out",
        _refitted("left out"),
        "You left out those whose year is unknown. Those who died early stayed in, so dying "
        "looks too common.",
    ),
    (
        "censored_dead",
        _refitted("dead"),
        "You count everybody who left as dead. They only leave the risk set.",
    ),
    (
        "censored_alive",
        _refitted("alive"),
        "You count everybody who left as alive at a year, so that dying looks too rare.",
    ),
    (
        "everybody_alike",
        _everybody_alike,
        "Everybody gets the share of those who die. That is right on average, and for nobody.",
    ),
):
    recalibrated.knows(_name, _answer, _says)


@recalibrated.mistake
def alive_for_dead(score):
    """Those are probabilities of being *alive* after a year."""
    return 1 - _refitted("right")(score)
