"""At most so many mistakes."""

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)


@asks(
    points=2,
    see="How many mistakes?",
    hints=(
        "Put a column of ones behind the features first: `np.column_stack`. All lengths and "
        "margins are those of these longer rows.",
        "R is the length of the longest row: `np.linalg.norm(rows, axis=1).max()`.",
        "γ is the smallest `labels * (rows @ separator)`, divided by the length of the separator, "
        "all three numbers of it. Then put R, γ, ‖w₀‖ and η into the formula.",
    ),
)
def mistake_bound(features, labels, separator, start, rate):
    """At most so many mistakes"""
    augmented = np.column_stack([features, np.ones(len(features))])
    margin = (labels * (augmented @ separator)).min() / np.linalg.norm(separator)
    radius = np.linalg.norm(augmented, axis=1).max()
    return float((radius / margin) ** 2 + 2 * np.linalg.norm(start) / (rate * margin))


@mistake_bound.inputs
def cases(rng):
    def problem():
        separator = rng.normal(size=3).round(1) + 0.25
        features = rng.normal(size=(12, 2)).round(2)
        along = features @ separator[:2] + separator[2]
        far = np.abs(along) > 0.15
        return features[far], np.sign(along[far]).astype(int), separator

    features, labels, separator = problem()
    yield Case(
        (features, labels, separator, rng.normal(size=3).round(1) + 0.05, 0.1),
        "a start away from zero",
    )
    features, labels, separator = problem()
    yield Case((features, labels, separator, np.zeros(3), 1.0), "a start at zero")
    features, labels, separator = problem()
    yield Case(
        (100 * features, labels, separator * [0.01, 0.01, 1], np.ones(3), 0.5),
        "features in the hundreds",
    )


def _bound_with(
    radius=None,
    margin=np.min,
    *,
    bias=True,
    unit=True,
    power=2,
    start_counts=True,
    rate_counts=True,
):
    def wrong(features, labels, separator, start, rate):
        augmented = np.column_stack([features, np.ones(len(features))])
        length = np.linalg.norm(separator) if unit else 1.0
        gamma = margin(labels * (augmented @ separator)) / length
        lengths = np.linalg.norm(augmented if bias else features, axis=1)
        large = (radius or np.max)(lengths)
        late = 2 * np.linalg.norm(start) / ((rate if rate_counts else 1.0) * gamma)
        return float((large / gamma) ** power + start_counts * late)

    return wrong


mistake_bound.knows(
    "bias_left_out_of_radius",
    _bound_with(bias=False),
    "R is measured without the column of ones. The bias is a coordinate like the others, "
    "so every row is longer: the bound that you promise is too small.",
)


mistake_bound.knows(
    "separator_not_of_unit_length",
    _bound_with(unit=False),
    "The separator does not have length 1 here, so γ is not a distance yet: doubling all "
    "weights would double it, and the border would be the same. Divide by the length.",
)


# The length of the separator taken over the weights alone.
@mistake_bound.mistake
def length_without_bias(features, labels, separator, start, rate):
    """You divided by the length of the first two weights. The bias is a coordinate, so all three
    numbers count in the length of the separator.
    """
    length = np.linalg.norm(separator[:2]) / np.linalg.norm(separator)
    augmented = np.column_stack([features, np.ones(len(features))])
    margin = (labels * (augmented @ separator)).min() / np.linalg.norm(separator) / length
    radius = np.linalg.norm(augmented, axis=1).max()
    return float((radius / margin) ** 2 + 2 * np.linalg.norm(start) / (rate * margin))


# R and γ as they are seen in a plot, without the coordinate of the bias.
@mistake_bound.mistake
def in_the_plane(features, labels, separator, start, rate):
    """R and γ are measured in the plane of the two features, as in a plot. The perceptron learns
    three numbers, so both are measured in three dimensions: give every sample its 1 first.
    """
    margin = (labels * (features @ separator[:2] + separator[2])).min()
    margin /= np.linalg.norm(separator[:2])
    radius = np.linalg.norm(features, axis=1).max()
    return float((radius / margin) ** 2 + 2 * np.linalg.norm(start) / (rate * margin))


mistake_bound.knows(
    "start_ignored",
    _bound_with(start_counts=False),
    "That is the classic bound (R/γ)². It holds for a start from zero only. From another "
    "start the perceptron must first forget: add 2‖w₀‖/(ηγ).",
)


mistake_bound.knows(
    "rate_ignored",
    _bound_with(rate_counts=False),
    "The learning rate is missing in the second term: the smaller the steps, the longer "
    "it takes to leave a bad start.",
)


mistake_bound.knows(
    "mean_margin",
    _bound_with(margin=np.mean),
    "γ is the *smallest* distance from the border, not the mean: the hardest sample "
    "decides how many mistakes there may be.",
)


mistake_bound.knows(
    "mean_radius",
    _bound_with(radius=np.mean),
    "R is the length of the *longest* row, not of a typical one.",
)


mistake_bound.knows("not_squared", _bound_with(power=1), "R/γ has to be squared.")
