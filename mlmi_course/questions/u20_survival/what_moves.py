"""What moves the median of a survival curve, and why?"""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value

_WHY = {"A": "a", "B": "c", "C": "d", "D": "e"}


def _times(changed, n=6000):
    """Times and events of a study; `changed` names what is done to it."""
    rng = np.random.default_rng(20)
    lived = 330 * (rng.exponential(size=n) / np.log(2)) ** (1 / 1.3)
    watched = rng.uniform(100, 1000, size=n)
    leaves = rng.random(n)
    if changed == "A":
        watched = watched * 0.55
    if changed == "B":  # half of those who would die within 60 days are lost before
        watched = np.where(leaves < 0.5, np.minimum(watched, lived - 60 * leaves), watched)
    time, event = np.minimum(lived, watched), lived <= watched
    if changed == "C":
        event = np.ones(n, dtype=bool)
    stays = time > 120 if changed == "D" else np.ones(n, dtype=bool)
    return time[stays], event[stays].astype(int)


@cache
def _median(changed=""):
    time, event = _times(changed)
    order = np.argsort(time)
    alive = np.cumprod(np.where(event[order] == 1, 1 - 1 / np.arange(len(time), 0, -1), 1.0))
    return float(time[order][np.argmax(alive <= 0.5)])


def _direction(changed):
    """Simulate it: a change of less than 5 % is none."""
    share = _median(changed) / _median() - 1
    return "same" if abs(share) < 0.05 else "longer" if share > 0 else "shorter"


@asks_value(
    points=2,
    see="How long have I got?",
    hints=(
        "Kaplan and Meier's curve is right as long as those who leave are like those who stay. "
        "Which of the four changes break that?",
        "In B deaths are missing from the curve. In C deaths are in it that never happened. In D a "
        "group of deaths could not be seen.",
    ),
)
def what_moves():
    """What moves the median?"""
    return {case: f"{_direction(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: what_moves.right() | other


for _name, _case, _given, _says in (
    (
        "fewer_deaths",
        "A",
        "longer b",
        "In A fewer deaths are seen, but fewer patients are at risk too. Each day's share stays "
        "as it was, because those who are still watched stand for those who left.",
    ),
    (
        "small_is_short",
        "A",
        "shorter f",
        "A smaller sample makes the curve less certain, in both directions. It does not pull it "
        "down.",
    ),
    (
        "leaving_is_harmless",
        "B",
        "same a",
        "In B those who leave are *not* like those who stay: they leave because they feel worse. "
        "The curve loses their deaths.",
    ),
    (
        "sick_leave_shortens",
        "B",
        "shorter c",
        "Who leaves in B would have died soon, as you say. Then deaths are missing from the curve. "
        "Does it fall faster or more slowly without them?",
    ),
    (
        "fewer_deaths_in_b",
        "B",
        "longer b",
        "The direction of B is right, but a small number of deaths is not the reason: in A there "
        "are fewer deaths too. Who are the patients that leave?",
    ),
    (
        "lost_is_dead",
        "C",
        "same a",
        "In C people who lived on are counted as dead on the day on which they were last seen. "
        "What does that do to the curve?",
    ),
    (
        "free_days",
        "D",
        "same a",
        "In D nobody can die before day 120 and still be in the table. Those who died early are "
        "missing, and the days until 120 were free.",
    ),
    (
        "early_deaths_shorten",
        "D",
        "shorter e",
        "Who died early could not take part in D, as you say. Then those who are left lived "
        "longer.",
    ),
):
    what_moves.knows(_name, _with(**{_case: _given}), _says)


@what_moves.picture
def draw_answer(answer):
    from mlmi_course import plots

    titles = {"": "as it was", "A": "A closes early", "B": "B the ill leave", "C": "C lost = dead",
              "D": "D first 120 days free"}  # fmt: skip
    return plots.bars(
        list(titles.values()),
        [_median(case) for case in titles],
        xlabel="median survival by Kaplan and Meier (days)",
        decimals=0,
        title="6,000 simulated patients, four changes",
        alt="The median of the study as it was, and after each of the four changes.",
    )
