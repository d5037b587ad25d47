"""At most so many mistakes."""

import numpy as np

from mlmi_course.checks import Case, asks


@asks(
    points=2,
    tolerance=1e-5,
    see="The bound for any start",
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

    away = *problem(), rng.normal(size=3).round(1) + 0.05
    yield Case((*away, 0.1), "a start away from zero")
    yield Case((*problem(), np.zeros(3), 1.0), "a start at zero")
    features, labels, separator = problem()
    large = 100 * features, labels, separator * [0.01, 0.01, 1]
    yield Case((*large, np.ones(3), 0.5), "features in the hundreds")


def bound(
    features,
    labels,
    separator,
    start,
    rate,
    *,
    rows_of=lambda augmented: augmented,
    radius=np.max,
    margin=np.min,
    length=np.linalg.norm,
    late=lambda start, rate: 2 * np.linalg.norm(start) / rate,
    power=2,
):
    augmented = np.column_stack([features, np.ones(len(features))])
    large = radius(np.linalg.norm(rows_of(augmented), axis=1))
    gamma = margin(labels * (augmented @ separator)) / length(separator)
    return float((large / gamma) ** power + late(start, rate) / gamma)


def in_the_plane(rows):
    return rows[..., :2]


mistake_bound.variants(
    bound,
    bias_left_out_of_radius=(
        {"rows_of": in_the_plane},
        "R is measured without the column of ones. The bias is a coordinate like the others, "
        "so every row is longer: the bound that you promise is too small.",
    ),
    separator_not_of_unit_length=(
        {"length": lambda separator: 1.0},
        "The separator does not have length 1 here, so γ is not a distance yet: doubling all "
        "weights would double it, and the border would be the same. Divide by the length.",
    ),
    length_without_bias=(
        {"length": lambda separator: np.linalg.norm(separator[:2])},
        "You divided by the length of the first two weights. The bias is a coordinate, so all "
        "three numbers count in the length of the separator.",
    ),
    in_the_plane=(
        {"rows_of": in_the_plane, "length": lambda separator: np.linalg.norm(separator[:2])},
        "R and γ are measured in the plane of the two features, as in a plot. The perceptron "
        "learns three numbers, so both are measured in three dimensions: give every sample its 1 "
        "first.",
    ),
    start_ignored=(
        {"late": lambda start, rate: 0},
        "That is the classic bound (R/γ)². It holds for a start from zero only. From another "
        "start the perceptron must first forget: add 2‖w₀‖/(ηγ).",
    ),
    rate_ignored=(
        {"late": lambda start, rate: 2 * np.linalg.norm(start)},
        "The learning rate is missing in the second term: the smaller the steps, the longer "
        "it takes to leave a bad start.",
    ),
    mean_margin=(
        {"margin": np.mean},
        "γ is the *smallest* distance from the border, not the mean: the hardest sample "
        "decides how many mistakes there may be.",
    ),
    mean_radius=(
        {"radius": np.mean},
        "R is the length of the *longest* row, not of a typical one.",
    ),
    not_squared=({"power": 1}, "R/γ has to be squared."),
)
