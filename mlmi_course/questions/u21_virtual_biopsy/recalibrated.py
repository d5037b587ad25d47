"""Probabilities for a hospital in which the model is off; judged on fresh patients of it."""

import numpy as np

from mlmi_course.biopsy.modelling import dead_by, fit_cox
from mlmi_course.checks import ModelQuestion

_DAY = 365.0
_SHAPE, _HAZARD = 1.3, 0.60  # cumulative hazard of an average patient at a year, at home
_AUDITED, _NEW = 2000, 8000


def _patients(rng, n, mean, slope, shift):
    score = rng.normal(mean, 1.0, n).round(3)
    cumulative = _HAZARD * np.exp(slope * score + shift)
    lived = _DAY * (rng.exponential(size=n) / cumulative) ** (1 / _SHAPE)
    return score, lived


def _hospital(rng):
    """Mean score, slope and shift of a hospital in which the model is plainly off."""
    mean = float(rng.choice([-1, 1]) * rng.uniform(0.5, 0.75))
    return mean, float(rng.uniform(0.45, 0.6)), float(rng.uniform(0.35, 0.55))


def _audited(rng, hospital):
    score, lived = _patients(rng, _AUDITED, *hospital)
    watched = rng.uniform(60, 640, size=_AUDITED)
    time = np.ceil(np.minimum(lived, watched))
    return {"score": score, "time": time, "event": lived <= watched}


def audit():
    """2,000 patients of a hospital E, and 5 who are new: ``score``, ``time``, ``event``, ``new``.

    Returns
    -------
    dict of str to ndarray
        The model's log hazard, relative to an average patient of the development set; days; whether
        they end in death; and scores of new patients.
    """
    rng = np.random.default_rng(52)
    hospital = _hospital(rng)
    return {**_audited(rng, hospital), "new": _patients(rng, 5, *hospital)[0]}


def _at_home(score):
    return 1 - np.exp(-_HAZARD * np.exp(np.asarray(score, float)))


def _fitted(data, how="right"):
    x, time = np.asarray(data["score"], float), np.asarray(data["time"], float)
    event = np.asarray(data["event"], bool)
    if how == "left out":
        known = event | (time > _DAY)
        x, time, event = x[known], time[known], event[known]
    if how == "dead":
        event = np.ones(len(event), bool)
    if how == "alive":
        time = np.where(event, time, np.maximum(time, _DAY + 1))
    return fit_cox(x[:, None], time, event, penalty=0.0)


def _refitted(how):
    def answer(hospital):
        return _fitted(hospital, how).dead_by(np.asarray(hospital["new"])[:, None], _DAY)

    return answer


def _not_centred(hospital):
    model = _fitted(hospital)
    reached = model.hazard[np.searchsorted(model.days, _DAY, side="right") - 1]
    weight = model.weights[0] / model.scale[0]
    return 1 - np.exp(-reached * np.exp(weight * np.asarray(hospital["new"])))


def _not_at_all(hospital):
    return _at_home(hospital["new"])


def _level_alone(hospital):
    """Keep the slope of 1; let the audit say how many die."""
    risk, time = np.exp(hospital["score"]), np.asarray(hospital["time"])
    event = np.asarray(hospital["event"], bool)
    days, deaths = np.unique(time[event & (time <= _DAY)], return_counts=True)
    order = np.argsort(time)
    left = np.cumsum(risk[order][::-1])[::-1]
    at_risk = left[np.searchsorted(time[order], days)]
    return 1 - np.exp(-np.sum(deaths / at_risk) * np.exp(np.asarray(hospital["new"], float)))


def _slope_alone(hospital):
    model = _fitted(hospital)
    return _at_home(model.weights[0] / model.scale[0] * np.asarray(hospital["new"], float))


def _everybody_alike(hospital):
    share = dead_by(hospital["time"], hospital["event"], _DAY)
    return np.full(len(hospital["new"]), share)


def _draw(rng):
    hospital = _hospital(rng)
    data = _audited(rng, hospital)
    new, _ = _patients(rng, _NEW, *hospital)
    truth = 1 - np.exp(-_HAZARD * np.exp(hospital[1] * new + hospital[2]))
    return {**data, "new": new}, np.stack([truth, _at_home(new)], axis=1)


def _won(labels, probability):
    """Of what the model loses here against the truth, which share is won back?"""
    truth, home = labels.T
    given = np.asarray(np.nan if probability is None else probability, float).ravel()
    if given.shape != truth.shape:
        raise ValueError(
            f"{len(truth)} new patients came in, and {given.size} probabilities out "
            "(is a `return` missing?)"
        )
    if not np.isfinite(given).all():
        raise ValueError("some probabilities are nan")
    # The excess of the Brier score over that of the truth, without the noise of the outcomes.
    given = np.clip(given, 0, 1)
    return float(1 - np.mean((given - truth) ** 2) / np.mean((home - truth) ** 2))


recalibrated = ModelQuestion(
    title="Probabilities that hold in the hospital E",
    points=4,
    draw=_draw,
    metric=_won,
    threshold=0.93,
    noise=0.01,
    chance=0.85,
    of="hospital",
    see="Is the probability right?",
    hints=(
        "Two things can be off: how many die, and how far apart the risks are. Draw a curve of "
        "Kaplan and Meier for a third of low, middle and high scores beside what the model says.",
        "A Cox regression on the audit with the score as its only column answers both: its "
        "weight is the slope, and its baseline knows how many die here. It also knows what to do "
        "with those who left.",
        "Put `score`, `time` and `event` into a table, `CoxPHFitter().fit(table, 'time', "
        "'event')`, then `1 - fitted.predict_survival_function(pd.DataFrame({'score': new}), "
        "times=[365]).to_numpy()[0]`.",
    ),
)

for _name, _answer, _says in (
    (
        "not_at_all",
        _not_at_all,
        "Those are the probabilities of the development set. In the hospital E more die, and the "
        "risks lie closer together.",
    ),
    (
        "level_alone",
        _level_alone,
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

recalibrated.knows(
    "not_centred",
    _not_centred,
    "Your baseline is that of an average patient of the audit, whose score is not 0, and you "
    "multiply it by exp(weight × score). Subtract the audit's mean score first, or let the library "
    "predict.",
)


@recalibrated.mistake
def alive_for_dead(hospital):
    """Those are probabilities of being *alive* after a year."""
    return 1 - _refitted("right")(hospital)
