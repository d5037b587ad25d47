"""How many updates until nothing is wrong?"""

import numpy as np

from mlmi_course.checks import asks_value
from mlmi_course.questions.u05_perceptrons._samples import lumps
from mlmi_course.questions.u05_perceptrons.one_pass import one_pass


def history(n=30, seed=65, gap=0.35):
    """The number of updates in each pass over the lumps, the last one clean."""
    features, labels = lumps(n, seed, gap)
    weights, updates = np.zeros(3), []
    while not updates or updates[-1]:
        weights, number = one_pass.right(weights, features, labels, 1.0)
        updates.append(number)
    return updates


@asks_value(
    points=1,
    see="How many mistakes?",
    hints=(
        "Call `one_pass` again and again, each time with the weights that came out last. Stop "
        "after a pass with no update.",
        "Add up what each pass returns as its number of updates.",
        "Start from `weights = np.zeros(3)`, `made = 1` and `total = 0`. Then `while made:`, with "
        "`weights, made = one_pass(weights, features, labels, 1.0)` and `total += made` inside.",
    ),
)
def updates_needed():
    """How many updates until nothing is wrong?"""
    return sum(history())


@updates_needed.mistake
def epochs():
    """You counted the passes over the data, also called epochs. A pass may hold many updates, and
    the bound of the lecture speaks of updates.
    """
    return len(history())


@updates_needed.mistake
def epochs_without_last():
    """You counted the passes in which something changed. Count the changes themselves."""
    return len(history()) - 1


@updates_needed.mistake
def visits():
    """You counted every sample that was looked at. An update happens only at a mistake."""
    return len(history()) * len(lumps()[1])


@updates_needed.mistake
def first_pass():
    """Those are the updates of the first pass. Something is still wrong after it: go on."""
    return history()[0]


@updates_needed.mistake
def none():
    """Not a single update? At the start all weights are zero and so is every score, which counts as
    a mistake. Does the check of your `one_pass` pass, and does your loop begin?
    """
    return 0


@updates_needed.mistake
def lumps_of_the_lecture():
    """That many were needed for the forty lumps of the lecture. The thirty of the lab are others:
    run your own `one_pass` on them. (On these, a `one_pass` for which a score of 0 is benign comes
    to the same number: does its check pass?)
    """
    return sum(history(40, 44, 0.4))
