"""How well does a Cox model rank women with breast cancer?."""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value
from mlmi_course.questions.u20_survival.c_index import c_index

_COLUMNS = ("age", "tsize", "pnodes", "progrec")


@cache
def _breast(coding="right"):
    """C-index of the Cox model on GBSG-2, as ranked by the risk and by its reverse."""
    from lifelines import CoxPHFitter
    from lifelines.datasets import load_gbsg2

    table = load_gbsg2()[[*_COLUMNS, "time", "cens"]]
    if coding == "flipped":
        table = table.assign(cens=1 - table["cens"])
    if coding == "removed":
        table = table[table["cens"] == 1]
    if coding.startswith("no "):
        table = table.drop(columns=coding[3:])
    model = CoxPHFitter().fit(table, "time", "cens")
    risk = model.predict_partial_hazard(table).to_numpy()
    cens = table["cens"].to_numpy()
    if coding == "judged flipped":
        cens = 1 - cens
    if coding == "fitted flipped":
        model = CoxPHFitter().fit(table.assign(cens=1 - cens), "time", "cens")
        risk = model.predict_partial_hazard(table).to_numpy()
    if coding == "without events":
        cens = np.ones_like(cens)
    c = c_index.right(risk, table["time"].to_numpy(), cens)
    return c, 1 - c


@asks_value(
    points=2,
    tolerance=1e-3,
    see="The C-index, and its direction",
    hints=(
        "`CoxPHFitter().fit(table, 'time', 'cens')` fits, with a table that holds the four columns "
        "and these two.",
        "Which value of `cens` is the event? Those who stay well are watched the longest.",
        "`model.predict_partial_hazard(table)` is a risk. `concordance_index(time, score, event)` "
        "of lifelines wants a score that is higher for those who live longer: minus the risk.",
    ),
)
def breast_c():
    """How well does a Cox model rank women with breast cancer?"""
    return _breast()[0]


breast_c.knows(
    "reversed",
    lambda: _breast()[1],
    "Below one half: the risk was handed over as it is. lifelines wants a score that is "
    "higher for those who live *longer*.",
)


@breast_c.mistake
def coding_flipped():
    """The events are turned round. In this file `cens` = 1 is the event, against its name."""
    return _breast("flipped")[0]


@breast_c.mistake
def coding_flipped_and_reversed():
    """Two things are turned round: the events (`cens` = 1 is the event) and the direction of the
    risk.
    """
    return _breast("flipped")[1]


@breast_c.mistake
def censored_removed():
    """The censored women were removed, and with them those who stayed well. Keep all 686."""
    return _breast("removed")[0]


@breast_c.mistake
def age_left_out():
    """Close, but not it. That is the model without the age, if not a right value cut to two
    digits. Put in age, tsize, pnodes and progrec, and give three digits or more.
    """
    return _breast("no age")[0]


@breast_c.mistake
def fitted_flipped():
    """The C-index has the right events, but the model was fitted with the events turned round.
    `cens` = 1 is the event in both.
    """
    return _breast("fitted flipped")[0]


@breast_c.mistake
def judged_flipped():
    """The model has the right events, but the C-index was given them turned round. `cens` = 1 is
    the event in both.
    """
    return _breast("judged flipped")[0]


@breast_c.mistake
def fitted_flipped_and_reversed():
    """The model was fitted with the events turned round (`cens` = 1 is the event), and its risk
    was handed over as it is.
    """
    return _breast("fitted flipped")[1]


@breast_c.mistake
def judged_flipped_and_reversed():
    """The C-index was given the events turned round (`cens` = 1 is the event), and the risk as it
    is.
    """
    return _breast("judged flipped")[1]


@breast_c.mistake
def no_events():
    """The C-index was not told who was censored, so it takes every time for a relapse. Hand over
    the events too.
    """
    return _breast("without events")[0]


@breast_c.mistake
def no_events_and_reversed():
    """The C-index was not told who was censored, and it was given the risk as it is. Hand over the
    events too, and a score that is higher for those who live longer.
    """
    return _breast("without events")[1]
