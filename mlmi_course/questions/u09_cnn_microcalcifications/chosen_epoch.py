"""Which epoch do you report?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _reported(validation_loss, test_auc, *, pick=lambda loss, area: np.argmin(loss), first=1):
    best = int(pick(np.asarray(validation_loss), np.asarray(test_auc)))
    return best + first, float(np.asarray(test_auc)[best])


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
    return _reported(validation_loss, test_auc)


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


chosen_epoch.variants(
    _reported,
    chosen_on_test=(
        {"pick": lambda loss, area: np.argmax(area)},
        "You chose the epoch with the best AUC *on the test patients*, and report that AUC. "
        "It is too good by chance: the test has become part of the training.",
    ),
    highest_loss=(
        {"pick": lambda loss, area: np.argmax(loss)},
        "You took the epoch with the highest validation loss. A loss is good when it is low.",
    ),
    last=(
        {"pick": lambda loss, area: len(loss) - 1},
        "You report the last epoch. By then the network may have learnt the training patients "
        "by heart: stop early.",
    ),
    from_zero=(
        {"first": 0},
        "The right epoch, but counted from 0. The first epoch is number 1.",
    ),
)


@chosen_epoch.mistake
def best_of_each(validation_loss, test_auc):
    """The epoch is right, but the AUC is that of another one: the best on the test. Report what
    the chosen epoch reached.
    """
    return _reported(validation_loss, test_auc)[0], float(np.max(test_auc))


chosen_epoch.variants(
    _reported,
    last_minimum=(
        {"pick": lambda loss, area: len(loss) - 1 - np.argmin(loss[::-1])},
        "Two epochs have the same validation loss, and you took the later. Stop at the first: "
        "it has learnt less by heart.",
    ),
)
