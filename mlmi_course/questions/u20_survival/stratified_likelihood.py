"""Cox's log partial likelihood, with a risk set for each hospital."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u20_survival._ten_patients import TEN, TREATED, apart


def _partial(w, x, time, event, hospital, *, risk="right", rows="deaths", within="hospital"):
    """Sum over the deaths; the parameters make the usual slips."""
    total = 0.0
    for i in range(len(x)) if rows == "all" else np.flatnonzero(event):
        there = {
            "hospital": hospital == hospital[i],
            "everywhere": np.full(len(x), True),
            "elsewhere": (hospital != hospital[i]) | (np.arange(len(x)) == i),
        }[within]
        who = (
            there
            & {
                "right": time >= time[i],
                "after": time > time[i],
                "before": time <= time[i],
                "events": (time >= time[i]) & (event == 1),
                "everybody": np.full(len(x), True),
            }[risk]
        )
        with np.errstate(divide="ignore"):
            total += w * x[i] - np.log(np.sum(np.exp(w * x[who])))
    return float(total)


@asks(
    points=3,
    see="Cox's likelihood",
    hints=(
        "One term for each death: which patient *of this hospital's* risk set was it?",
        "For the death of patient i: `w * x[i]` minus the logarithm of the sum of `np.exp(w * x)` "
        "over those of her hospital who are at risk.",
        "They are `(time >= time[i]) & (hospital == hospital[i])`, censored patients included. "
        "`np.flatnonzero(event)` lists those who died.",
    ),
)
def stratified_likelihood(w, x, time, event, hospital):
    """A likelihood for several hospitals"""
    return _partial(w, x, time, event, hospital)


@stratified_likelihood.inputs
def cases(rng):
    time = apart(rng, 10)
    event = np.ones(10, dtype=int)
    event[np.argsort(time)[[1, 4, 9]]] = 0
    x = rng.normal(0, 1, size=10).round(1)
    hospital = rng.permutation(np.repeat([1, 2], 5))
    yield Case((0.7, x, time, event, hospital), "ten patients of two hospitals")
    yield Case((-1.2, x, time, event, np.resize([3, 1, 2], 10)), "three hospitals, a negative w")
    yield Case((0.0, x, time, event, hospital), "w = 0: everybody has the same hazard")
    yield Case((0.5, TREATED, *TEN, np.ones(10, dtype=int)), "one hospital, two deaths on one day")
    tied = np.array([0.3, -1.2, 0.8, 0.1, 1.5, -0.7, 0.4, -0.2])
    days, died = np.array([40, 90, 40, 40, 20, 90, 40, 40]), np.array([1, 0, 0, 1, 1, 1, 1, 1])
    there = np.array([1, 1, 1, 2, 2, 2, 1, 2])
    yield Case((0.9, tied, days, died, there), "deaths and censorings on the same day")


def _draw(answer):
    from scipy.optimize import minimize_scalar

    from mlmi_course import plots

    def height(w):
        return float(call(answer, (float(w), TREATED, *TEN, np.resize([1, 2], 10))))

    weights = np.linspace(-4, 3, 57)
    curve = [height(w) for w in weights]
    # The top lies between two points of the curve.
    best = float(minimize_scalar(lambda w: -height(w), bounds=(-4, 3), method="bounded").x)
    return plots.lines(
        {"": curve},
        x=weights,
        xlabel="w of treatment B",
        ylabel="log partial likelihood",
        title=f"The ten patients as if of two hospitals: highest at {best:.2f}",
        alt=f"Your log partial likelihood over w, highest at {best:.2f}.",
    )


stratified_likelihood.variants(
    _partial,
    hospitals_ignored=(
        {"within": "everywhere"},
        "Your risk sets mix the hospitals. Each has a hazard of its own shape, so a patient is "
        "compared only with those of her hospital.",
    ),
    other_hospitals=(
        {"within": "elsewhere"},
        "You compare a patient with those of the *other* hospitals. Her risk set is her own "
        "hospital.",
    ),
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


@stratified_likelihood.mistake
def sign(w, x, time, event, hospital):
    """The sign is turned round. That is a loss, to be made small; the log-likelihood is to be made
    large, and is negative here.
    """
    return -_partial(w, x, time, event, hospital)


@stratified_likelihood.mistake
def ties_one_by_one(w, x, time, event, hospital):
    """You take patients one by one, also those who share a day. Then the order of the table
    decides who was at risk. At risk is everybody with `time >= time[i]`.
    """
    order = np.argsort(time, kind="stable")
    return _partial(w, x[order], np.arange(len(x)), event[order], hospital[order])


@stratified_likelihood.mistake
def one_sum_per_day(w, x, time, event, hospital):
    """You take the logarithm of the sum off once for each *day* with a death. Two deaths on one
    day are two terms: each takes it off.
    """
    total = float(np.sum(w * x[event == 1]))
    for where, day in {(h, t) for h, t, e in zip(hospital, time, event, strict=True) if e}:
        total -= float(np.log(np.sum(np.exp(w * x[(time >= day) & (hospital == where)]))))
    return total


@stratified_likelihood.mistake
def mean(w, x, time, event, hospital):
    """You divide by the number of deaths. The log-likelihood is the sum."""
    return _partial(w, x, time, event, hospital) / np.sum(event)


@stratified_likelihood.picture
def draw_answer(answer):
    return _draw(answer)
