"""Upright or lying?"""

import numpy as np

from mlmi_course.checks import ModelQuestion
from mlmi_course.questions.u05_perceptrons._samples import bars


def accuracy(labels, predictions):
    predictions = np.asarray(predictions)
    if predictions.shape != labels.shape:
        raise ValueError(
            f"one label for each image is needed, shape {labels.shape}, and yours have shape "
            f"{predictions.shape}"
        )
    if np.isin(predictions, (-1, 1)).all() and (predictions == -1).any():
        raise ValueError("labels are 0 or 1; yours are −1 and +1, so return 0 in place of −1")
    if not np.isin(predictions, (0, 1)).all():
        raise ValueError("labels are 0 or 1; these look like probabilities or scores")
    right = float((predictions == labels).mean())
    if right < 0.2:
        raise ValueError(
            "nearly every image has the other label: your network can tell them apart, but 1 means "
            "upright and 0 means lying"
        )
    return right


orientation = ModelQuestion(
    title="Upright or lying?",
    points=3,
    draw=lambda rng: bars(400, rng),
    metric=accuracy,
    threshold=0.96,
    chance=0.5,
    budget_s=60,
    see="Exactly one of two",
    hints=(
        "`images.reshape(len(images), -1)` makes each image one row of 64 numbers.",
        "Too low? Take more units first: eight are too few, sixteen will do. Then look at the "
        "loss: has it stopped falling? If not, take more steps, or larger ones.",
        "The network gives scores. A score above 0 means upright: `(scores > 0).astype(int)`.",
    ),
)


@orientation.mistake
def linear(images):
    """This is a linear model, without hidden units. The mean of a bright and a dark bar is
    nothing, so every weight learns to be nearly zero. It is XOR again.
    """
    from sklearn.linear_model import LogisticRegression

    train, labels = bars(400, seed=1)
    model = LogisticRegression().fit(train.reshape(400, -1), labels)
    return model.predict(images.reshape(len(images), -1))


@orientation.mistake
def always_upright(images):
    """Every image is called upright. Half of them are, so half are right: look at the scores. Are
    they all on one side of 0?
    """
    return np.ones(len(images), dtype=int)


@orientation.mistake
def always_lying(images):
    """Every image is called lying. If your network gives probabilities, `> 0.5` turns them into
    labels; `astype(int)` alone makes each of them 0.
    """
    return np.zeros(len(images), dtype=int)
