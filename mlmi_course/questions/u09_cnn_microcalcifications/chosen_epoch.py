"""Which epoch do you report?."""

import numpy as np

from mlmi_course.checks import (
    Case,
    asks,
)


@asks(
    points=1,
    see="The epoch that the test chose",
    hints=(
        "The test set must not choose. What is left to choose by?",
        "`np.argmin(validation_loss)` counts from 0, epochs count from 1. Where two are equal it "
        "gives the earlier one.",
    ),
)
def chosen_epoch(validation_loss, test_auc):
    """Which epoch do you report?"""
    best = int(np.argmin(validation_loss))
    return best + 1, float(np.asarray(test_auc)[best])


@chosen_epoch.inputs
def cases(rng):
    for n, about in ((8, "eight epochs"), (12, "twelve epochs"), (5, "five epochs")):
        while True:
            loss = (0.4 + 0.2 * rng.random(n)).round(3)
            area = (0.8 + 0.1 * rng.random(n)).round(3)
            worst, best, other = np.argmax(loss), np.argmin(loss), np.argmax(area)
            places = {int(worst), int(best), int(other), n - 1}
            if len(places) == 4 and best != 0 and len(set(loss)) == len(set(area)) == n:
                break
        yield Case((loss, area), about)
    yield Case(
        (np.array([0.5, 0.4, 0.4, 0.6]), np.array([0.8, 0.81, 0.9, 0.7])), "two equal minima"
    )
    yield Case((np.array([0.3]), np.array([0.9])), "a single epoch")


def _epoch_by(pick, shift=1):
    def wrong(validation_loss, test_auc):
        best = int(pick(np.asarray(validation_loss), np.asarray(test_auc)))
        return best + shift, float(np.asarray(test_auc)[best])

    return wrong


chosen_epoch.knows(
    "chosen_on_test",
    _epoch_by(lambda loss, area: np.argmax(area)),
    "You chose the epoch with the best AUC *on the test patients*, and report that AUC. "
    "It is too good by chance: the test has become part of the training.",
)


chosen_epoch.knows(
    "highest_loss",
    _epoch_by(lambda loss, area: np.argmax(loss)),
    "You took the epoch with the highest validation loss. A loss is good when it is low.",
)


chosen_epoch.knows(
    "last",
    _epoch_by(lambda loss, area: len(loss) - 1),
    "You report the last epoch. By then the network may have learnt the training patients "
    "by heart: stop early.",
)


chosen_epoch.knows(
    "from_zero",
    _epoch_by(lambda loss, area: np.argmin(loss), shift=0),
    "The right epoch, but counted from 0. The first epoch is number 1.",
)


@chosen_epoch.mistake
def best_of_each(loss, area):
    """The epoch is right, but the AUC is that of another one: the best on the test. Report what
    the chosen epoch reached.
    """
    return (int(np.argmin(loss)) + 1, float(np.max(area)))


chosen_epoch.knows(
    "last_minimum",
    _epoch_by(lambda loss, area: len(loss) - 1 - np.argmin(loss[::-1])),
    "Two epochs have the same validation loss, and you took the later. Stop at the first: "
    "it has learnt less by heart.",
)
