"""How long until a plan of monitoring sees that something is wrong?"""

import math

import numpy as np

from mlmi_course.checks import Case, asks

_ONE_SIDED, _TWO_SIDED, _POWER = 1.6449, 1.96, 0.8416


def _needed(p, q, per_quarter, lost, *, z=_ONE_SIDED, power=_POWER, same=False, lose="divide",
            whole=math.ceil, year=True):  # fmt: skip
    first = math.sqrt(p * (1 - p))
    second = first if same else math.sqrt(q * (1 - q))
    n = ((z * first + power * second) / (q - p)) ** 2
    if lose == "divide":
        n = n / (1 - lost)
    elif lose == "multiply":
        n = n * (1 + lost)
    return int(whole(n / per_quarter)) + (4 if year else 0)


@asks(
    points=2,
    see="A model card",
    hints=(
        "First the number of patients with a known outcome, from the formula; then how many must "
        "be enrolled so that so many are left; then quarters; then the wait for the outcome of "
        "the last.",
        "Of 100 who are enrolled 100 · (1 − lost) have an outcome, so n / (1 − lost) must be "
        "enrolled.",
        "`math.ceil(n / (1 - lost) / per_quarter) + 4`, for a year has four quarters.",
    ),
)
def quarters(p, q, per_quarter, lost):
    """When will the plan see it?"""
    return _needed(p, q, per_quarter, lost)


def _settled(p, q, per_quarter, lost):
    """The same, whether or not patients are rounded up on the way."""
    spread = _ONE_SIDED * math.sqrt(p * (1 - p)) + _POWER * math.sqrt(q * (1 - q))
    n = (spread / (q - p)) ** 2
    counts = [n / (1 - lost), math.ceil(n) / (1 - lost), math.ceil(n / (1 - lost))]
    counts.append(math.ceil(counts[1]))
    return len({math.ceil(count / per_quarter) for count in counts}) == 1


@quarters.inputs
def cases(rng):
    def drawn(low, high, more, sizes, lost):
        while True:
            p = round(float(rng.uniform(low, high)), 2)
            case = (p, round(p + more, 2), int(rng.integers(*sizes)), lost)
            if _settled(*case):
                return case

    yield Case(drawn(0.2, 0.35, 0.1, (9, 20), 0.2), "a small hospital")
    yield Case(drawn(0.2, 0.35, 0.1, (9, 20), 0.2), "another one")
    yield Case(drawn(0.28, 0.32, 0.1, (11, 14), 0.0), "nobody is lost")
    yield Case((0.25, 0.45, 200, 0.1), "a large hospital: one quarter is enough")
    yield Case(drawn(0.08, 0.12, 0.05, (20, 40), 0.25), "a rare death")


quarters.variants(
    _needed,
    without_the_year=(
        {"year": False},
        "The last patient's outcome is known a year after she came: four quarters more.",
    ),
    two_sided=(
        {"z": _TWO_SIDED},
        "You took 1.96. The plan asks for too *many* deaths alone, at 5 %: 1.645.",
    ),
    no_power=(
        {"power": 0.0},
        "Without the second term the plan would miss the harm in half of all cases. 80 % was asked "
        "for.",
    ),
    same_spread=(
        {"same": True},
        "You use p (1 − p) twice. If the harm is real, deaths spread as q (1 − q).",
    ),
    lost_forgotten=({"lose": "no"}, "Some are lost before a year, so more must be enrolled."),
    lost_added=(
        {"lose": "multiply"},
        "You multiply by 1 + lost. Of n enrolled n (1 − lost) remain, so divide by 1 − lost.",
    ),
    rounded_down=(
        {"whole": math.floor},
        "One quarter short. Round quarters up, and wait four of them for the last outcome.",
    ),
)


@quarters.mistake
def patients(p, q, per_quarter, lost):
    """That is a number of patients. How many quarters do they take?"""
    n = ((_ONE_SIDED * math.sqrt(p * (1 - p)) + _POWER * math.sqrt(q * (1 - q))) / (q - p)) ** 2
    return float(np.ceil(n / (1 - lost)))
