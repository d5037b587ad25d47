"""How fine must a dictionary's grid be?"""

import math

from mlmi_course.checks import asks_value


def _needed(worst=0.01, low=100.0, high=4000.0, step=None):
    ratio = step or (1 + worst) / (1 - worst)
    return math.ceil(math.log(high / low) / math.log(ratio)) + 1


@asks_value(
    points=2,
    see="Look it up",
    hints=(
        "Between two neighbours a and r·a, which truth is worst off? The one whose error is "
        "the same to "
        "either side.",
        "That truth is the mean of the two, so its error is (r − 1) / (r + 1). It may be 0.01 "
        "at most: "
        "r = 1.01 / 0.99.",
        "n values have n − 1 steps, and r to the power of n − 1 must reach 4000 / 100.",
    ),
)
def values_needed():
    """How fine a grid?"""
    return _needed()


values_needed.knows(
    "a_whole_step",
    _needed(step=1.01),
    "Your neighbours are 1 % apart. The truth lies between them, so it is half a step away at "
    "most: twice as many as are needed.",
)
values_needed.knows(
    "gaps",
    _needed() - 1,
    "One short. Are those the steps, of which there is one less than values? Or did you round "
    "down, "
    "so that the last value does not reach 4000?",
)
values_needed.knows(
    "factor_of_1_02",
    _needed(step=1.02),
    "Nearly. Neighbours may be a little more than 2 % apart: with r = 1.02 the truth in the "
    "middle is "
    "0.02 / 2.02 away, which is less than 1 %.",
)
values_needed.knows(
    "two_per_cent",
    _needed(step=1.0201),
    "Nearly. A factor of 1.01² from one to the next is a little smaller than what is allowed: "
    "from the middle, 1 % "
    "down and 1 % up are not the same factor, because the error is counted against the truth.",
)
values_needed.knows(
    "equal_steps",
    math.ceil((4000 - 100) / (2 * 0.01 * 100)) + 1,
    "Equal steps that are fine enough at 100 ms are forty times too fine at 4000. Let the step "
    "grow "
    "with T1.",
)
