"""Cox's log partial likelihood."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u20_survival._shared import TEN, TREATED, apart


def _partial(w, x, time, event, *, risk="right", rows="deaths"):
    total = 0.0
    for i in range(len(x)) if rows == "all" else np.flatnonzero(event):
        who = {
            "right": time >= time[i],
            "after": time > time[i],
            "before": time <= time[i],
            "events": (time >= time[i]) & (event == 1),
            "everybody": np.ones(len(time), dtype=bool),
        }[risk]
        with np.errstate(divide="ignore"):
            total += w * x[i] - np.log(np.sum(np.exp(w * x[who])))
    return float(total)


@asks(
    points=3,
    see="Cox regression",
    hints=(
        "One term for each death: which patient of the risk set was it?",
        "For the death of patient i: `w * x[i]` minus the logarithm of the sum of `np.exp(w * x)` "
        "over the risk set.",
        "The risk set is `time >= time[i]`, censored patients included. `np.flatnonzero(event)` "
        "lists those who died.",
    ),
)
def log_partial_likelihood(w, x, time, event):
    """Cox's log partial likelihood"""
    return _partial(w, x, time, event)


@log_partial_likelihood.inputs
def cases(rng):
    time = apart(rng, 7)
    order = np.argsort(time)
    event = np.ones(7, dtype=int)
    event[order[[1, 3, 6]]] = 0
    x = rng.normal(0, 1, size=7).round(1)
    yield Case((0.7, x, time, event), "seven patients, the last of them censored")
    yield Case((-1.2, x, time, event), "a negative w")
    yield Case((0.0, x, time, event), "w = 0: everybody has the same hazard")
    yield Case((0.5, TREATED, *TEN), "two deaths on one day")
    tied = np.array([0.3, -1.2, 0.8, 0.1, 1.5, -0.7])
    days, died = np.array([40, 90, 40, 40, 20, 90]), np.array([1, 0, 0, 1, 1, 1])
    yield Case((0.9, tied, days, died), "deaths and censorings on the same day")


def _draw_partial(answer):
    from scipy.optimize import minimize_scalar

    from mlmi_course import plots

    def height(w):
        return float(call(answer, (float(w), TREATED, *TEN)))

    weights = np.linspace(-4, 3, 57)
    curve = [height(w) for w in weights]
    # The top lies between two points of the curve; the lecture gives it to two digits.
    best = float(minimize_scalar(lambda w: -height(w), bounds=(-4, 3), method="bounded").x)
    return plots.lines(
        {"": curve},
        x=weights,
        xlabel="w of treatment B",
        ylabel="log partial likelihood",
        title=f"Your function on the ten patients: highest at {best:.2f}",
        alt=f"Your log partial likelihood over w, highest at {best:.2f}.",
    )


log_partial_likelihood.variants(
    _partial,
    risk_set_of_events=(
        {"risk": "events"},
        "Your risk set holds only patients who die themselves. A censored patient could have "
        "died that day as well: she belongs into the sum until she leaves.",
    ),
    risk_after_event=(
        {"risk": "after"},
        "The patient who dies is missing from her own risk set. She was at risk, or she could "
        "not have died: `time >= time[i]`.",
    ),
    everybody_always_at_risk=(
        {"risk": "everybody"},
        "You sum over all patients at each death, also over those who had died or left before.",
    ),
    looks_back=(
        {"risk": "before"},
        "Your sum runs over those who had died or left *before*. At risk are those who are "
        "still there: `time >= time[i]`.",
    ),
    terms_for_censored=(
        {"rows": "all"},
        "Censored patients got a term of their own. Nothing happened to them: they only stand "
        "in the sums of others.",
    ),
)


@log_partial_likelihood.mistake
def sign(w, x, time, event):
    """The sign is turned round. That is a loss, to be made small; the log-likelihood is to be made
    large, and is negative here.
    """
    return -_partial(w, x, time, event)


@log_partial_likelihood.mistake
def ties_one_by_one(w, x, time, event):
    """You take patients one by one, also those who share a day. Then the order of the table
    decides who was at risk. At risk is everybody with `time >= time[i]`.
    """
    order = np.argsort(time, kind="stable")
    return _partial(w, x[order], np.arange(len(x)), event[order])


@log_partial_likelihood.mistake
def one_sum_per_day(w, x, time, event):
    """You take the logarithm of the sum off once for each *day* with a death. Two deaths on one
    day are two terms: each takes it off.
    """
    total = float(np.sum(w * x[event == 1]))
    for day in np.unique(time[event == 1]):
        total -= float(np.log(np.sum(np.exp(w * x[time >= day]))))
    return total


@log_partial_likelihood.mistake
def efron(w, x, time, event):
    """That is Efron's way with tied deaths, and a good one; lifelines uses it. Here Breslow's is
    asked for: each of the deaths of one day has the whole risk set.
    """
    factor, total = np.exp(w * x), 0.0
    for day in np.unique(time[event == 1]):
        now = (time == day) & (event == 1)
        at_risk, dying, count = factor[time >= day].sum(), factor[now].sum(), int(now.sum())
        total += w * x[now].sum()
        total -= sum(np.log(at_risk - k / count * dying) for k in range(count))
    return float(total)


@log_partial_likelihood.mistake
def mean(w, x, time, event):
    """You divide by the number of deaths. The log-likelihood is the sum."""
    return _partial(w, x, time, event) / np.sum(event)


@log_partial_likelihood.picture
def draw_answer(answer):
    return _draw_partial(answer)
