"""How well does a Cox model rank women with breast cancer?"""

from functools import cache, partial

import numpy as np

from mlmi_course.checks import asks_value

_COLUMNS = ("age", "tsize", "pnodes", "progrec")


@cache
def _breast_c(*, fitted="right", judged="right", keep="all", without="", reverse=False):
    """C-index of the Cox model on GBSG-2, by how its events are coded where."""
    from lifelines import CoxPHFitter
    from lifelines.datasets import load_gbsg2
    from lifelines.utils import concordance_index

    table = load_gbsg2()[[*_COLUMNS, "time", "cens"]].drop(columns=without or [])
    if keep == "events":
        table = table[table["cens"] == 1]
    cens = table["cens"].to_numpy()
    events = {"right": cens, "flipped": 1 - cens, "nobody censored": np.ones_like(cens)}
    model = CoxPHFitter().fit(table.assign(cens=events[fitted]), "time", "cens")
    risk = model.predict_partial_hazard(table).to_numpy()
    c = float(concordance_index(table["time"], -risk, events[judged]))
    return 1 - c if reverse else c


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
    return _breast_c()


breast_c.knows(
    "reversed",
    partial(_breast_c, reverse=True),
    "Below one half: the risk was handed over as it is. lifelines wants a score that is "
    "higher for those who live *longer*.",
)


breast_c.variants(
    _breast_c,
    unmended=(
        {"keep": "events", "reverse": True},
        "That is the colleague's number. How many of the 686 women are in her table, and what does "
        "lifelines want a score to mean?",
    ),
    coding_flipped=(
        {"fitted": "flipped", "judged": "flipped"},
        "The events are turned round. In this file `cens` = 1 is the event, against its name.",
    ),
    coding_flipped_and_reversed=(
        {"fitted": "flipped", "judged": "flipped", "reverse": True},
        "Two things are turned round: the events (`cens` = 1 is the event) and the direction "
        "of the risk.",
    ),
    censored_removed=(
        {"keep": "events"},
        "The censored women were removed, and with them those who stayed well. Keep all 686.",
    ),
    age_left_out=(
        {"without": "age"},
        "Close, but not it. That is the model without the age, if not a right value cut to "
        "two digits. Put in age, tsize, pnodes and progrec, and give three digits or more.",
    ),
    fitted_flipped=(
        {"fitted": "flipped"},
        "The C-index has the right events, but the model was fitted with the events turned "
        "round. `cens` = 1 is the event in both.",
    ),
    judged_flipped=(
        {"judged": "flipped"},
        "The model has the right events, but the C-index was given them turned round. `cens` "
        "= 1 is the event in both.",
    ),
    fitted_flipped_and_reversed=(
        {"fitted": "flipped", "reverse": True},
        "The model was fitted with the events turned round (`cens` = 1 is the event), and its "
        "risk was handed over as it is.",
    ),
    judged_flipped_and_reversed=(
        {"judged": "flipped", "reverse": True},
        "The C-index was given the events turned round (`cens` = 1 is the event), and the "
        "risk as it is.",
    ),
    no_events=(
        {"judged": "nobody censored"},
        "The C-index was not told who was censored, so it takes every time for a relapse. "
        "Hand over the events too.",
    ),
    no_events_and_reversed=(
        {"judged": "nobody censored", "reverse": True},
        "The C-index was not told who was censored, and it was given the risk as it is. Hand "
        "over the events too, and a score that is higher for those who live longer.",
    ),
)
