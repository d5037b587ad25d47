"""The cheapest alarm: a monitoring plan with numbers."""

import numpy as np

from mlmi_course.checks import Case, asks


def _plan(
    reference,
    drift,
    picks,
    levels,
    visit,
    drifts,
    *,
    sides="both",
    rate="watched",
    year=10_000,
    half=0.5,
    side_of_delay=1,
    choose="cost",
    ddof=0,
    standard=True,
    late="all",
    raw=False,
):
    reference, levels = np.asarray(reference, float), np.asarray(levels, float)
    spread = reference.std(ddof=ddof) if standard else 1.0
    z = ((reference - reference.mean()) / spread)[picks]
    shift = drift if raw else drift / spread
    k = half * abs(shift)

    def rings(values, h):
        # A sum that never falls below 0 is the plain sum minus the lowest that it has reached.
        sums = [np.cumsum(sign * values - k, axis=1) for sign in (1, -1)]
        up, down = (s - np.minimum(0, np.minimum.accumulate(s, axis=1)) for s in sums)
        over = down > h if sides == "down" else up > h if sides == "up" else (up > h) | (down > h)
        rang = over.any(axis=1)
        return np.where(rang, over.argmax(axis=1) + 1, values.shape[1]), rang

    found = []
    for h in levels:
        when, rang = rings(z, h)
        if rate == "watched":
            false = rang.sum() / when.sum()
        elif rate == "runs":
            false = rang.mean() / z.shape[1]
        else:  # one over the mean length, as if every run had rung
            false = 1 / when.mean()
        later, heard = rings(z + side_of_delay * shift, h)
        if late == "rang":
            later = later[heard] if heard.any() else later
        delay = later.mean()
        found.append((year * false * visit + drifts * delay, false, delay))
    costs, falses, delays = np.array(found).T
    if choose == "cost":
        best = int(costs.argmin())
    elif choose == "delay":
        best = int(delays.argmin())
    else:
        best = int(falses.argmin())
    return {"level": float(levels[best]), "cost": float(costs[best])}


@asks(
    points=5,
    see="An alarm bell",
    hints=(
        "For each level three numbers are needed: how often it rings for nothing, how long it "
        "takes after a drift, and from both the cost. Begin with a function that says for each "
        "run when it rings, and whether it does.",
        "Two sums: one adds z − k and one −z − k, each never below 0. It rings when either is "
        "above the level. The runs are `((reference − mean) / sd)[picks]`.",
        "The rate of false alarms is the number of runs that rang, divided by the patients who "
        "were watched: in a run that rang only those up to the alarm. For the delay add "
        "`drift / sd` to all runs.",
    ),
)
def plan(reference, drift, picks, levels, visit, drifts):
    """The cheapest alarm"""
    return _plan(reference, drift, picks, levels, visit, drifts)


@plan.inputs
def cases(rng):
    def hospital(n, drift, visit, drifts):
        reference = (5 + 0.4 * rng.gamma(4, 0.5, n)).round(3)
        picks = rng.integers(0, n, (20, 120))
        return reference, drift, picks, np.array([2.0, 3, 4, 6, 8]), visit, drifts

    yield Case(hospital(40, -0.3, 3.0, 20), "visits that cost little")
    yield Case(hospital(40, 0.25, 300.0, 5), "visits that cost much")
    yield Case(hospital(30, -0.4, 20.0, 10), "a large drift")
    reference, drift, picks, _, visit, drifts = hospital(40, 0.12, 3000.0, 30)
    levels = np.array([2.0, 5, 8, 12, 20, 60])
    yield Case((reference, drift, picks[:, :60], levels, visit, drifts), "runs that end too early")


plan.variants(
    _plan,
    one_side=(
        {"sides": "down"},
        "Your bell listens for a fall alone. In one hospital the value rises: two sums are needed.",
    ),
    other_side=(
        {"sides": "up"},
        "Your bell listens for a rise alone. In one hospital the value falls: two sums are needed.",
    ),
    runs_counted=(
        {"rate": "runs"},
        "You divide by all patients of all runs. After a run has rung, nobody is watched in it any "
        "more: count the patients up to the alarm.",
    ),
    all_rang=(
        {"rate": "lengths"},
        "You take 1 over the mean length, as if each run had ended with an alarm. A run that never "
        "rang has watched patients, but gave no alarm.",
    ),
    whole_shift=(
        {"half": 1.0},
        "Your k is the whole drift. Then the sum does not climb after it, as each patient adds 0 "
        "on average: take half.",
    ),
    quickest=(
        {"choose": "delay"},
        "That is the quickest level. It rings most often for nothing, and each visit costs.",
    ),
    quietest=(
        {"choose": "false"},
        "That is the level with the fewest false alarms. It notices a drift last, and each "
        "patient until then costs.",
    ),
    rang_alone=(
        {"late": "rang"},
        "Your delay leaves out the runs that did not ring after the drift. They count with all of "
        "their patients: those were read by hand, too.",
    ),
    divided_by_n_less_one=(
        {"ddof": 1},
        "Your standard deviation divides by n − 1. Here `np.std` is asked for, which divides by n.",
    ),
    drift_not_divided=(
        {"raw": True},
        "Your z is in standard deviations, but the drift is not: divide it by the standard "
        "deviation, too.",
    ),
    not_standardised=(
        {"standard": False},
        "The sums are of z, in standard deviations of the reference: divide by it, the drift, too.",
    ),
)
