"""The gradient of a support vector machine."""

import numpy as np

from mlmi_course.checks import Case, asks


@asks(
    points=3,
    see="The widest street",
    hints=(
        "Which samples cost anything? Those with y z < 1: on the wrong side, or on the right side "
        "but too close.",
        "For such a sample the derivative of 1 − y z with respect to z is −y. For all others it "
        "is 0.",
        "With `pull = -labels * inside / n` the gradient of the loss is `pull @ features` for "
        "the weights and `pull.sum()` for the bias. The penalty adds `penalty * weights`, and "
        "nothing to the bias.",
    ),
)
def hinge_gradient(weights, bias, features, labels, penalty):
    """The gradient of a support vector machine"""
    inside = labels * (features @ weights + bias) < 1
    pull = -(labels * inside) / len(labels)
    return penalty * weights + pull @ features, float(pull.sum())


@hinge_gradient.inputs
def cases(rng):
    def problem(n, p):
        labels = rng.permutation(np.arange(n) % 2) * 2 - 1
        features = rng.normal(size=(n, p)).round(1) + 0.5 * labels[:, None]
        return rng.normal(size=p).round(1) + 0.05, 0.33, features.round(2), labels

    def telling(n, p):
        """A problem with samples outside, inside and beyond the margin, the classes unequal."""
        while True:
            weights, bias, features, labels = problem(n, p)
            yz = labels * (features @ weights + bias)
            parts = yz < 0, (yz > 0) & (yz < 1), yz > 1
            unequal = all(labels[yz < limit].sum() for limit in (0, 1))
            both = len(set(labels[yz < 1])) == 2
            streets = {tuple(labels * (features @ weights + b) < 1) for b in (bias, 0, -bias)}
            told = len(streets) == 3  # a bias forgotten or subtracted changes who is inside
            if all(part.any() for part in parts) and unequal and both and told:
                return weights, bias, features, labels

    yield Case((*telling(9, 2), 0.4), "samples on both sides of the margin")
    yield Case((*telling(12, 3), 0.05), "three features and a weak penalty")
    features = np.array([[2.0, 0.0], [-2.0, 0.0]])
    far = (np.array([3.0, 0.5]), 0.1, features, np.array([1, -1]), 0.2)
    yield Case(far, "all samples beyond the margin")
    features = np.array([[1.0, 0.0], [0.5, 1.0], [3.0, 0.5]])  # y z is 1, −1 and 3.25, exactly
    edge = (np.array([1.0, 0.5]), 0.0, features, np.array([1, -1, 1]), 0.5)
    yield Case(edge, "a sample exactly on the margin, where 1 − y z is 0")


def gradients(
    weights,
    bias,
    features,
    labels,
    penalty,
    *,
    inside=lambda yz: yz < 1,
    slope=lambda y: -y,
    samples=len,
    bias_in_score=1,
    keep=lambda penalty: penalty,
    scale=lambda penalty: 1.0,
    bias_kept=0,
):
    pulls = inside(labels * (features @ weights + bias_in_score * bias))
    pull = scale(penalty) * slope(labels) * pulls / samples(pulls)
    kept = keep(penalty)
    return kept * weights + pull @ features, float(pull.sum() + bias_kept * kept * bias)


hinge_gradient.variants(
    gradients,
    no_margin=(
        {"inside": lambda yz: yz < 0},
        "You pull only at the samples on the wrong side: that is max(0, −y z), the loss of the "
        "perceptron. The hinge is max(0, 1 − y z): it also pulls at those that are right but "
        "too close. Without the 1 there is no street.",
    ),
    bias_left_out_of_the_score=(
        {"bias_in_score": 0},
        "The bias is missing in the score: z is `features @ weights + bias`. Without it other "
        "samples seem to lie in the street.",
    ),
    bias_subtracted=(
        {"bias_in_score": -1},
        "You subtract the bias in the score. Some books do; here z is `features @ weights + bias`.",
    ),
)


@hinge_gradient.mistake
def labels_turned_twice(weights, bias, features, labels, penalty):
    """You computed `2 * labels - 1`, but here the labels are −1 and +1 already. That made −3 of
    each −1.
    """
    return hinge_gradient.right(weights, bias, features, 2 * labels - 1, penalty)


hinge_gradient.variants(
    gradients,
    all_samples=(
        {"inside": lambda yz: yz < np.inf},
        "Every sample pulls in your function, also those far on their right side. Where y z is "
        "above 1 the hinge is 0, and so is its slope.",
    ),
    no_regulariser=(
        {"keep": lambda penalty: 0},
        "The penalty has a gradient too, and it is missing: λ/2 ‖w‖² pulls every weight "
        "towards 0. Without it nothing keeps the street wide.",
    ),
    penalty_doubled=(
        {"keep": lambda penalty: 2 * penalty},
        "The penalty is λ/2 ‖w‖²: the 2 from the square cancels the half.",
    ),
    penalty_halved=(
        {"keep": lambda penalty: penalty / 2},
        "You kept the half of λ/2 ‖w‖². The derivative of a square brings a 2, and the two cancel.",
    ),
    bias_penalised=(
        {"bias_kept": 1},
        "The bias is penalised as well. Then moving the zero of a scale, say from °C to °F, "
        "changes the border. The penalty is on the weights only.",
    ),
    sum_for_mean=(
        {"samples": lambda pulls: 1},
        "You added the samples up; the loss is their mean. With the sum, λ means something "
        "else in every data set.",
    ),
    mean_of_active=(
        {"samples": lambda pulls: max(1, pulls.sum())},
        "You divide by the number of samples that cost something. The mean is over all of them.",
    ),
    y_missing=(
        {"slope": lambda y: -1.0},
        "The label y is missing in the derivative: you treat every sample as malignant. The "
        "derivative of 1 − y z with respect to z is −y, not −1.",
    ),
    margin_counted=(
        {"inside": lambda yz: yz <= 1},
        "A sample with y z of exactly 1 counts in your function: `<= 1`. Here it contributes "
        "nothing: `< 1`.",
    ),
    sign=(
        {"slope": lambda y: y},
        "The sign of the loss's part is turned: 1 − y z falls when y z grows.",
    ),
    penalty_on_the_loss=(
        {"keep": lambda penalty: 1.0, "scale": lambda penalty: penalty},
        "You multiply the loss by the penalty. Some lectures and scikit-learn's C do so; "
        "here λ stands before ‖w‖².",
    ),
)
