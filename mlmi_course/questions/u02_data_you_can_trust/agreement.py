"""What moves an ICC of absolute agreement, and why?"""

from functools import cache
from itertools import combinations

import numpy as np

from mlmi_course.checks import asks_value

_WHY = {"A": "a", "B": "b", "C": "c", "D": "d", "E": "e"}


def _readings(changed, n=4000):
    """Two readers' measurements in mm; `changed` names what is done to the study."""
    rng = np.random.default_rng(21)
    size = rng.normal(32, 3 if changed == "B" else 6, n)
    repeats = 2 if changed == "C" else 1
    errors = rng.normal(0, 3, (2, repeats, n)).mean(axis=1)
    if changed == "D":  # the second reader starts from the outline of the first
        errors[1] = 0.8 * errors[0] + 0.2 * errors[1]
    ratings = size[:, None] + errors.T
    if changed == "A":
        ratings[:, 1] += 5
    return ratings / 10 if changed == "E" else ratings


@cache
def _icc(changed=""):
    from mlmi_course.metrics import icc

    return float(icc(_readings(changed)))


def _direction(changed):
    """Simulate it: a change of less than 0.02 is none."""
    change = _icc(changed) - _icc()
    return "same" if abs(change) < 0.02 else "rises" if change > 0 else "falls"


@asks_value(
    points=3,
    see="How many millimetres?",
    hints=(
        "The ICC is the variance between patients, divided by all variance: patients, bias and "
        "noise. Which of the three does each change touch?",
        "Two of the five raise it. In one of them the measurements really become better; in the "
        "other they only look so.",
    ),
)
def agreement():
    """What moves the ICC?"""
    return {case: f"{_direction(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: agreement.right() | other


_SLIPS = (
    (
        "correlation_sees_no_bias",
        "A",
        "same f",
        "In A the ranks and the correlation stay as they are, but this is the ICC of *absolute* "
        "agreement: 5 mm more is disagreement.",
    ),
    (
        "only_the_readers_count",
        "B",
        "same f",
        "In B the readers are as good as before. But the ICC compares their errors with how much "
        "*patients* differ, and here patients differ less.",
    ),
    (
        "narrow_is_better",
        "B",
        "rises c",
        "In B nothing is averaged. Tumours of nearly one size make the same errors a larger share "
        "of all variance.",
    ),
    (
        "fewer_patients",
        "B",
        "falls g",
        "The direction of B is right, but not because there are fewer patients: a small sample "
        "makes an ICC uncertain, not small. In what do these patients differ from all others?",
    ),
    (
        "means_do_not_help",
        "C",
        "same f",
        "In C each reader measures twice and takes the mean, so her noise becomes smaller, and the "
        "patients differ as much as before.",
    ),
    (
        "copying_is_averaging",
        "D",
        "rises c",
        "The direction of D is right, but nothing is averaged out. Reader 2 makes the *same* "
        "errors as reader 1. Agreement grows, and nobody is nearer to the truth.",
    ),
    (
        "copying_shows_nothing",
        "D",
        "same f",
        "In D reader 2 starts from what reader 1 drew, so she repeats her errors. What do the two "
        "then disagree about?",
    ),
    (
        "copying_is_bias",
        "D",
        "falls a",
        "In D no reader measures more than the other. They make the same errors, so they agree "
        "more.",
    ),
    (
        "unit_counts",
        "E",
        "falls b",
        "In E all numbers become ten times smaller, so all variances become a hundred times "
        "smaller, above and below. The ratio stays.",
    ),
    (
        "unit_is_bias",
        "E",
        "falls a",
        "In E both readers change the unit. It would be a bias if only one of them did.",
    ),
)
for _name, _case, _given, _says in _SLIPS:
    agreement.knows(_name, _with(**{_case: _given}), _says)
for _one, _two in combinations(_SLIPS, 2):
    if _one[1] != _two[1]:
        agreement.knows(
            f"{_one[0]}_and_{_two[0]}",
            _with(**{_one[1]: _one[2], _two[1]: _two[2]}),
            f"Two of the five. {_one[3]} {_two[3]}",
        )
agreement.knows(
    "capitals",
    lambda: {case: words.capitalize() for case, words in agreement.right().items()},
    "Those are the ones. Write the words in small letters, as in `rises g`.",
)


@agreement.picture
def draw_answer(answer):
    from mlmi_course import plots

    titles = {"": "as it was", "A": "A reader 2: 5 mm more", "B": "B patients alike",
              "C": "C means of two", "D": "D outline seen", "E": "E centimetres"}  # fmt: skip
    return plots.bars(
        list(titles.values()),
        [_icc(case) for case in titles],
        xlabel="ICC(A,1)",
        title="4,000 simulated tumours, five changes",
        alt="The ICC of absolute agreement of the study as it was, and after each of the five "
        "changes.",
    )
