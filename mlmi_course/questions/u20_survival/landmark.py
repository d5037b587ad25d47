"""A landmark, against looking into the future."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call


def _grouped(time, event, exposed_from, day, *, who="after", exposed="by", reset=True):
    """Group patients at a landmark; the parameters make the usual slips."""
    rows = {
        "after": time > day,
        "from": time >= day,
        "all": np.ones(len(time), dtype=bool),
        "after or censored": (time > day) | (event == 0),
        "deaths": (time > day) & (event == 1),
    }[who]
    group = {
        "by": exposed_from <= day,
        "before": exposed_from < day,
        "after": exposed_from > day,
        "ever": exposed_from <= time,
    }[exposed]
    since = time - day if reset else time
    return {"exposed": group[rows], "time": since[rows], "event": event[rows]}


@asks(
    points=3,
    see="Looking into the future",
    hints=(
        "Three rules: who takes part, who is exposed, and when the clock starts. Each is one line.",
        "Those with `time > day` take part, all others are left out, whether they died or were "
        "censored.",
        "Exposed is who had started by then: `exposed_from <= day`. The new time is `time - day`. "
        "Take all three for those who take part only.",
    ),
)
def landmark(time, event, exposed_from, day):
    """A landmark, against looking into the future"""
    return _grouped(time, event, exposed_from, day)


@landmark.inputs
def cases(rng):
    time = np.concatenate(
        [rng.integers(20, 80, 3), rng.integers(130, 180, 3), rng.integers(200, 400, 4)]
    )
    event = np.array([1, 0, 1, 1, 0, 1, 1, 0, 1, 1])
    start = np.array([10, np.inf, np.inf, 60, 120, np.inf, 40, 150, np.inf, 90], dtype=float)
    shuffle = rng.permutation(10)
    yield Case((time[shuffle], event[shuffle], start[shuffle], 100.0), "ten patients, day 100")
    edge_time = np.array([100, 101, 150, 300])
    edge_start = np.array([50.0, 100.0, 101.0, np.inf])
    yield Case(
        (edge_time, np.array([1, 1, 0, 1]), edge_start, 100.0), "times and starts on the very day"
    )
    yield Case((time, event, start, 0.0), "a landmark on day 0: nobody is exposed yet")


landmark.variants(
    _grouped,
    unmended=(
        {"who": "after or censored", "exposed": "ever"},
        "That is the colleague's function as it was. Ask of each line: could one know this *on* "
        "the day of the landmark, and was this patient still watched after it?",
    ),
    future_exposure=(
        {"exposed": "ever"},
        "You look into the future: a patient who starts after the landmark is already counted "
        "as exposed. Only what was known *on* that day may decide.",
    ),
    no_landmark=(
        {"who": "all", "exposed": "ever", "reset": False},
        "There is no landmark yet: everybody takes part, grouped by what happened later. "
        "Whoever is exposed late must have lived until then, for free.",
    ),
    early_deaths_kept=(
        {"who": "all"},
        "Those who died or left before the landmark are still there; their new times are "
        "negative. They could not be exposed by that day, and they make the unexposed look "
        "ill.",
    ),
    early_deaths_kept_old_clock=(
        {"who": "all", "reset": False},
        "Early deaths are kept, and the clock still starts on day 0. Only patients who are "
        "watched beyond the landmark take part, and their clock starts there.",
    ),
    early_censored_kept=(
        {"who": "after or censored"},
        "Early deaths are out, but patients who were censored early are still in. Nobody "
        "watched them after the landmark.",
    ),
    clock_not_reset=(
        {"reset": False},
        "The clock still starts on day 0. Everybody who takes part survived until the "
        "landmark: those days were free, so count from the landmark on.",
    ),
    future_exposure_old_clock=(
        {"exposed": "ever", "reset": False},
        "Two things: a patient who starts after the landmark is already counted as exposed, "
        "and the clock still starts on day 0. Only what was known *on* that day may decide, "
        "and the time counts from there.",
    ),
    day_itself_kept_old_clock=(
        {"who": "from", "reset": False},
        "Two things: a patient whose time ends on the very day of the landmark has no time "
        "left after it, and the clock still starts on day 0.",
    ),
)


@landmark.mistake
def early_deaths_kept_at_zero(time, event, exposed_from, day):
    """Those who died or left before the landmark are still there, with a time of 0. Leave them
    out: they could not be exposed by that day.
    """
    reply = _grouped(time, event, exposed_from, day, who="all")
    return reply | {"time": np.maximum(reply["time"], 0)}


landmark.variants(
    _grouped,
    exposed_turned_round=(
        {"exposed": "after"},
        "Your groups are turned round: exposed is who had started *by* the landmark.",
    ),
    deaths_only=(
        {"who": "deaths"},
        "Those who were censored later are missing. They were watched beyond the landmark, so "
        "they take part, with their event of 0.",
    ),
    exposed_before_only=(
        {"exposed": "before"},
        "A patient who had her MRI on the very day of the landmark is exposed: `exposed_from "
        "<= day`.",
    ),
    day_itself_kept=(
        {"who": "from"},
        "A patient whose time ends on the very day of the landmark has no time left after it: "
        "`time > day`.",
    ),
)


@landmark.picture
def draw_answer(answer):
    from mlmi_course import plots

    rng = np.random.default_rng(5)
    lived = 330 * (rng.exponential(size=400) / np.log(2)) ** (1 / 1.3)
    watched, start = rng.uniform(600, 1500, 400), rng.uniform(60, 400, 400)
    time, event = np.minimum(lived, watched), (lived <= watched).astype(int)
    reply = call(answer, (time, event, np.where(start < time, start, np.inf), 180.0))
    exposed, after, died = (np.asarray(reply[key]) for key in ("exposed", "time", "event"))
    yes = exposed.astype(bool)
    return plots.kaplan_meier(
        {"no MRI by day 180": (after[~yes], died[~yes]), "MRI by day 180": (after[yes], died[yes])},
        xlabel="days in your times",
        title="A second MRI that does nothing",
        alt="Survival with and without a second MRI by day 180, as your function groups patients.",
    )
