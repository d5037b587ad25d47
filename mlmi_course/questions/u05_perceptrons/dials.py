"""One penalty, four dials."""

from mlmi_course.checks import Case, asks

NAMES = ("C", "alpha", "L2", "weight_decay")


def _set(penalty, n, *, c=None, alpha=None, l2=None, decay=None):
    """The four dials, or with one of them turned wrongly."""
    ways = {
        "C": c or (lambda p, n: 1 / (n * p)),
        "alpha": alpha or (lambda p, n: p),
        "L2": l2 or (lambda p, n: p / 2),
        "weight_decay": decay or (lambda p, n: n * p),
    }
    return {name: float(way(penalty, n)) for name, way in ways.items()}


@asks(
    points=3,
    see="The widest street",
    hints=(
        "A minimum stays where it is when the whole formula is multiplied by a number. Bring the "
        "paper's formula into the form of each library.",
        "Divide the paper's by λ: ½‖w‖² + 1/(nλ) Σ L. Multiply it by n: n·λ/2 ‖w‖² + Σ L. What "
        "stands before ½‖w‖², and what before the sum?",
        "The gradient of n·λ/2 ‖w‖² is n·λ·w. Keras has no ½: it adds L2 times ‖w‖² to a *mean*.",
    ),
)
def dials(penalty, n):
    """One penalty, four dials"""
    return _set(penalty, n)


@dials.inputs
def cases(rng):
    for about in ("a small hospital", "a larger one"):
        n = int(rng.integers(12, 90)) * (1 if about == "a small hospital" else 10)
        yield Case((round(float(rng.uniform(0.011, 0.3)), 3), n), about)


dials.variants(
    _set,
    c_without_n=(
        {"c": lambda p, n: 1 / p},
        "scikit-learn's C stands before a *sum* over the patients and λ faces a mean: the number "
        "of patients is missing in C.",
    ),
    c_not_inverted=(
        {"c": lambda p, n: p},
        "C multiplies the loss and λ the penalty, so a large C is a small penalty: one is the "
        "inverse of the other, up to the number of patients.",
    ),
    c_times_n=(
        {"c": lambda p, n: n * p},
        "C multiplies the loss and λ the penalty: divide the paper's formula by λ, and see what "
        "stands before the sum.",
    ),
    c_half=(
        {"c": lambda p, n: 1 / (2 * n * p)},
        "A factor of 2 too many in C: the penalty has the same ½ in both formulas.",
    ),
    c_mean=(
        {"c": lambda p, n: n / p},
        "The number of patients is on the wrong side in C: 1/n stands before the paper's sum.",
    ),
    l2_as_it_is=(
        {"l2": lambda p, n: p},
        "Keras's L2 has no ½: it adds L2·‖w‖², whose gradient is 2·L2·w.",
    ),
    l2_doubled=(
        {"l2": lambda p, n: 2 * p},
        "Keras's L2 has no ½, so the number must be smaller than λ and not larger.",
    ),
    decay_of_a_mean=(
        {"decay": lambda p, n: p},
        "That would be the weight decay beside the *mean* of the loss. Here the loss is a sum "
        '(`reduction="sum"`), so the penalty must grow with it.',
    ),
    decay_halved=(
        {"decay": lambda p, n: n * p / 2},
        "The weight decay is added to the *gradient*, as d·w: the ½ of the penalty has cancelled "
        "with the 2 of the square.",
    ),
    decay_divided=(
        {"decay": lambda p, n: p / n},
        "The number of patients is on the wrong side in the weight decay: the loss is n times as "
        "large as the paper's.",
    ),
    alpha_like_c=(
        {"alpha": lambda p, n: 1 / (n * p)},
        "`alpha` of SGDClassifier stands before the penalty, beside a mean, as λ does.",
    ),
    alpha_of_a_sum=(
        {"alpha": lambda p, n: n * p},
        "`alpha` of SGDClassifier faces the *mean* of the loss, not its sum.",
    ),
    all_the_same=(
        {"c": lambda p, n: p, "l2": lambda p, n: p, "decay": lambda p, n: p},
        "You gave all four libraries the paper's number. Only one of them means by it what the "
        "paper means.",
    ),
    mean_and_half=(
        {"l2": lambda p, n: p, "decay": lambda p, n: p},
        "Two dials are off: Keras's L2 has no ½, and PyTorch's loss is a sum here.",
    ),
)
