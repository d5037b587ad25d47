"""The share alive, where some patients are watched only from a later day on."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u20_survival._ten_patients import apart


def _alive(entry, time, event, at, *, entered="before", stays="from", dies="deaths", reached="by"):
    """Multiply what each day with a death leaves; the parameters make the usual slips."""
    at = np.asarray(at, dtype=float)
    alive = np.ones(len(at))
    for day in np.unique(time[event == 1]):
        here = {
            "before": entry < day,
            "by": entry <= day,
            "ignored": np.full(len(time), True),
            "from the start": entry == 0,
        }[entered]
        risk = here & {
            "from": time >= day,
            "after": time > day,
            "deaths": (time >= day) & (event == 1),
            "not tied": (time > day) | ((time == day) & (event == 1)),
            "always": np.full(len(time), True),
        }[stays]  # fmt: skip
        now = here & (time == day) & ((event == 1) | (dies == "all of the day"))
        deaths = min(now.sum(), 1) if dies == "one" else now.sum()
        fallen = at >= day if reached == "by" else at > day
        alive[fallen] *= 1 - deaths / max(risk.sum(), 1)
    return alive


@asks(
    points=3,
    see="Ten patients by hand",
    hints=(
        "Only one thing is new: who is at risk on a day? Nobody can be seen to die before she is "
        "seen at all.",
        "The risk set of day t are those with `entry < t` and `time >= t`. All else is as for "
        "Kaplan and Meier.",
        "Start from ones, as many as `at` has days. For each day t of `np.unique(time[event == "
        "1])` multiply those with `at >= t` by `1 - d / n`; d counts `(time == t) & (event == "
        "1)`.",
    ),
)
def late_entry(entry, time, event, at):
    """The share alive where patients enter late"""
    return _alive(entry, time, event, at)


@late_entry.inputs
def cases(rng):
    time = np.sort(apart(rng, 12)) + 60
    event = np.ones(12, dtype=int)
    event[[1, 4, 7]] = 0
    entry = np.zeros(12, dtype=int)
    entry[[3, 5, 6, 8, 9]] = time[[0, 2, 3, 5, 6]] + rng.integers(1, 4, 5)
    order = rng.permutation(12)
    entry, time, event = (np.minimum(entry, time - 1)[order], time[order], event[order])
    days = np.sort(time)
    between = days[[0, 3, 6, 8]] + 1
    yield Case((entry, time, event, between), "twelve patients, five of whom enter late")
    yield Case((entry, time, event, days[[0, 2, 5, 9]]), "the very days on which patients died")
    # On day 50 one patient enters, one is censored and two die; on day 35 one dies, one leaves.
    tied = np.array([50, 70, 50, 50, 35, 90, 20, 35, 95, 88])
    died = np.array([0, 0, 1, 1, 1, 1, 1, 0, 1, 1])
    came = np.array([0, 50, 10, 0, 0, 35, 0, 0, 20, 0])
    yield Case(
        (came, tied, died, np.array([30, 40, 60, 89])),
        "deaths, censorings and an entry on the same day",
    )
    yield Case((np.zeros(12, int), time, event, between), "nobody enters late")
    unordered = np.array([days[6], days[1], days[6], 2])
    yield Case((entry, time, event, unordered), "days in `at` in no order, one of them twice")


late_entry.variants(
    _alive,
    entry_ignored=(
        {"entered": "ignored"},
        "Everybody is in your risk sets from day 0 on, also before she was first seen. Had she "
        "died earlier, you would not know of her. At risk on day t is only who has entered: "
        "`entry < t`.",
    ),
    late_left_out=(
        {"entered": "from the start"},
        "Patients who entered late are thrown out, with all their deaths. From their entry on they "
        "are watched like everybody else.",
    ),
    entered_that_day=(
        {"entered": "by"},
        "Who enters on the day of a death was not watched when that day began: `entry < t`, and "
        "not `<=`.",
    ),
    risk_after_event=(
        {"stays": "after"},
        "Your risk set is counted after the event: those who die today are missing from it. At "
        "risk on day t is everybody who has entered, with a time of t or more.",
    ),
    risk_set_of_deaths=(
        {"stays": "deaths"},
        "The censored patients were thrown out. Until they left they were watched and did not die: "
        "they belong to the risk sets of all earlier deaths.",
    ),
    tie_broken_wrong=(
        {"stays": "not tied"},
        "A patient censored on the day of a death was still watched on that day, so she was at "
        "risk of it. You let her leave before.",
    ),
    everybody_stays=(
        {"stays": "always"},
        "Nobody ever leaves your risk sets. Who has died or was censored is no longer at risk: "
        "`time >= t`.",
    ),
    one_death_per_day=(
        {"dies": "one"},
        "You count one death on each day with a death. Several patients may die on one day: count "
        "them.",
    ),
    censored_counted_as_deaths_of_the_day=(
        {"dies": "all of the day"},
        "You count everybody whose time is the day of a death as dead on it. Some of them were "
        "censored on that day: a death needs an event of 1 as well.",
    ),
    day_itself_left_out=(
        {"reached": "before"},
        "On the day of a death the curve has already fallen: S(t) is the share alive *after* day "
        "t. Take the days up to and including t.",
    ),
)


@late_entry.mistake
def clock_from_entry(entry, time, event, at):
    """You start each patient's clock at her entry. The question is about days since the diagnosis;
    `entry` only says from when on she is watched.
    """
    return _alive(np.zeros_like(entry), time - entry, event, at)


@late_entry.mistake
def censored_dead(entry, time, event, at):
    """Your curve falls when a patient is censored, as if she had died on that day. All that is
    known is that she lived longer. Only deaths make the curve fall.
    """
    return _alive(entry, time, np.ones_like(event), at)


@late_entry.mistake
def whole_numbers(entry, time, event, at):
    """Your shares are cut to whole numbers. An array made like `at`, with `np.ones_like(at)` for
    example, holds what `at` holds: whole days.
    """
    return _alive(entry, time, event, at).astype(np.asarray(at).dtype)


@late_entry.mistake
def at_sorted(entry, time, event, at):
    """The shares come back in the order of sorted days. Return them in the order of `at`, one for
    each of its items.
    """
    return _alive(entry, time, event, np.sort(at))


@late_entry.picture
def draw_answer(answer):
    from mlmi_course import plots

    rng = np.random.default_rng(12)
    lived = np.ceil(330 * (rng.exponential(size=3000) / np.log(2)) ** (1 / 1.3))
    came = np.where(rng.random(3000) < 0.4, 0, rng.integers(1, 500, 3000))
    seen = lived > came  # who died before the referral never reached the registry
    entry, time = came[seen], lived[seen]
    event = np.ones(len(time), dtype=int)
    days = np.arange(0, 1201, 10)
    curves = {
        "truth": 0.5 ** ((days / 330) ** 1.3),
        "yours": np.asarray(call(answer, (entry, time, event, days)), dtype=float),
        "entry ignored": _alive(entry, time, event, days, entered="ignored"),
    }
    return plots.lines(
        curves,
        x=days,
        xlabel="days since the diagnosis",
        ylabel="share alive",
        colours={
            "truth": plots.COLOURS["truth"],
            "yours": plots.COLOURS["prediction"],
            "entry ignored": plots.COLOURS["error"],
        },
        title="A simulated registry with late referrals",
        alt="Your curve beside the truth, and above both the curve that ignores late entry.",
    )
