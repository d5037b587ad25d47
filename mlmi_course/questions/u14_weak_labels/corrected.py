"""What a model is worth, measured against labels that are wrong."""

import numpy as np

from mlmi_course.checks import Case, asks


def _corrected(observed, noise, *, how="right", clip=True, of="truth", accuracy="table"):
    observed, noise = np.asarray(observed, float), np.asarray(noise, float)
    table = {
        "right": lambda: observed @ np.linalg.inv(noise),
        "again": lambda: observed @ noise,
        "left": lambda: np.linalg.inv(noise) @ observed,
        "turned": lambda: observed @ np.linalg.inv(noise.T),
        "bayes": lambda: observed @ (noise / noise.sum(axis=0)).T,
        "as it is": lambda: observed,
    }[how]()
    if clip:
        table = np.maximum(table, 0)
    total = table.sum(axis=0 if of == "truth" else 1)
    sensitivity = np.diag(table) / np.where(total > 0, total, np.nan)
    overall = np.trace(table) / table.sum()
    if accuracy == "mean":
        overall = np.nanmean(sensitivity)
    return {"table": table, "accuracy": overall, "sensitivity": sensitivity}


@asks(
    points=4,
    tolerance=1e-4,
    see="Labels that are wrong",
    hints=(
        "Write the sum down as matrices: rows of `observed` are the model's "
        "answers, columns the labels, and "
        "observed = table × noise. What undoes a multiplication from the right?",
        "`table = observed @ np.linalg.inv(noise)`, then `np.maximum(table, "
        "0)`. Chance in the counts can "
        "push an entry below 0.",
        "The columns of the table are the *truth*: sensitivity is the diagonal "
        "divided by the sums of "
        "columns. Accuracy is the trace over the sum of all.",
    ),
)
def corrected(observed, noise):
    """Agreement with the truth behind noisy labels"""
    return _corrected(observed, noise)


def _noise(rng, classes, worst):
    matrix = np.eye(classes) + rng.uniform(0.05, worst, (classes, classes)) * (1 - np.eye(classes))
    return matrix / matrix.sum(axis=1, keepdims=True)


@corrected.inputs
def cases(rng):
    sensitivity, specificity = rng.uniform(0.6, 0.7), rng.uniform(0.88, 0.95)
    noise = np.array([[specificity, 1 - specificity], [1 - sensitivity, sensitivity]])
    table = np.array(
        [[rng.uniform(400, 600), rng.uniform(20, 40)], [rng.uniform(60, 90), rng.uniform(120, 190)]]
    )
    yield Case(
        ((table @ noise).round(1), noise.round(3)), "two classes, a reader who misses a third"
    )
    three = rng.uniform(5, 30, (3, 3)) + np.diag(rng.uniform(80, 300, 3))
    grades = _noise(rng, 3, 0.4).round(3)
    grades[:, 0] += 1 - grades.sum(axis=1)
    yield Case(((three @ grades).round(1), grades), "three grades")
    small = np.array([[40.0, 2.0], [1.0, 5.0 + rng.integers(3)]])
    strong = np.array([[0.75, 0.25], [0.2, 0.8]])
    yield Case((small, strong), "few patients: an entry comes out below 0")


corrected.variants(
    _corrected,
    unmended=(
        {"how": "again", "clip": False, "of": "answers"},
        "That multiplies by the noise once more, as the colleague does: the "
        "labels get worse by it, not better. What *undoes* it?",
    ),
    multiplied_again=(
        {"how": "again"},
        "You multiply by the noise once more: the labels get worse by it, not "
        "better. What *undoes* it?",
    ),
    inverse_by_rows=(
        {"clip": False, "of": "answers"},
        "The inverse is right. Entries below 0 become 0, and sensitivity "
        "divides by the truth, the columns.",
    ),
    taken_as_truth=(
        {"how": "as it is"},
        "You measure against the labels as they are. Then the reader's errors "
        "are counted as the model's.",
    ),
    from_the_left=(
        {"how": "left"},
        "You multiply by the inverse from the left, where it mixes the model's "
        "*answers*. The noise mixes the columns.",
    ),
    turned=(
        {"how": "turned"},
        "Your noise matrix is turned: its rows are the truth, its columns the label.",
    ),
    shared_out=(
        {"how": "bayes"},
        "You share each label out among the truths that it may come from, as if "
        "all truths were equally frequent. Solve for the table instead: the "
        "inverse.",
    ),
    below_zero=(
        {"clip": False},
        "An entry of your table is below 0. Chance can do that with few patients: set it to 0.",
    ),
    by_rows=(
        {"of": "answers"},
        "You divide by the sums of *rows*, which are the model's answers: that "
        "is a predictive value. Sensitivity divides by the truth, the columns.",
    ),
    averaged=(
        {"accuracy": "mean"},
        "You average the sensitivities. Accuracy counts patients: the trace over the sum of all.",
    ),
)
