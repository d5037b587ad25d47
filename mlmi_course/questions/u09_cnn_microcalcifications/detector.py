"""A network that is worth its price, from a training that has to be mended."""

import numpy as np

from mlmi_course.checks import ModelQuestion
from mlmi_course.questions.u09_cnn_microcalcifications._patches import hard_patches

_DRAWN = 1000


# How far the AUC may lie below that of the network that ships (9,000 patches) on the same draw.
# The model answer (3,000 patches) was 0.031 below it, with a standard deviation of 0.010 over
# draws: four of them, and a little for other processors.
BELOW = 0.08


_UNTRAINED = 0.95  # rank correlation from which scores are those of a blob filter


def _draw_patches(rng):
    """Fresh hard patches; the first column is their label, the others what untrained lines say."""
    images, labels, _ = hard_patches(_DRAWN, rng)
    return images, np.column_stack([labels, *_spots(images)])


def _spots(images):
    """Heights of the strongest to the fourth-strongest spot of each blob map."""
    from scipy import ndimage

    grey = images.astype(np.float32)
    maps = -sum(ndimage.gaussian_filter(grey, (0, 2, 2), order=o) for o in ((0, 2, 0), (0, 0, 2)))
    peaks = np.where(maps == ndimage.maximum_filter(maps, size=(1, 7, 7)), maps, -np.inf)
    heights = -np.partition(-peaks.reshape(len(maps), -1), range(4), axis=1)[:, :4]
    return list(np.where(np.isfinite(heights), heights, heights[np.isfinite(heights)].min()).T)


def _pairs_in_order(labels, scores):
    higher = scores[labels == 1][:, None] - scores[labels == 0][None, :]
    return float(((higher > 0) + 0.5 * (higher == 0)).mean())


def _area(labels, predictions):
    predictions = np.asarray(predictions, dtype=float)
    if predictions.shape != (len(labels),):
        raise ValueError(
            f"one score for each patch is needed, shape {(len(labels),)}, and yours have shape "
            f"{predictions.shape}"
        )
    if not np.isfinite(predictions).all():
        raise ValueError("some of the scores are not finite")
    from scipy.stats import spearmanr

    for spot in labels[:, 1:].T:
        # A constant has no ranks; it is dealt with elsewhere.
        if np.ptp(predictions) and spearmanr(spot, predictions)[0] > _UNTRAINED:
            raise ValueError(
                "they rank the patches as a spot of the blob map does. Such a line is a strong "
                "baseline, and here it is known already: this question asks for a network that "
                "you have trained"
            )
    found = _pairs_in_order(labels[:, 0], predictions)
    if found < 0.35:
        raise ValueError(
            f"the AUC is {found:.2f}: your scores are upside down. A high score must mean a cluster"
        )
    return found


def _needed(images, labels):
    """The shipped network, less what the lab's smaller training costs."""
    from mlmi_course import shipped
    from mlmi_course.training import predict

    return _pairs_in_order(labels[:, 0], predict(shipped.network("u09_cnn"), images)) - BELOW


detector = ModelQuestion(
    title="A training that learns nothing",
    points=4,
    draw=_draw_patches,
    metric=_area,
    threshold=_needed,
    chance=0.5,
    budget_s=900,
    not_allowed=("mlmi_course.shipped.network",),
    see="Train it, and be strict",
    hints=(
        "An AUC of 0.5 from a training whose loss falls only for training patches: does each patch "
        "still have its own label? And does the network see in use what it saw in training?",
        "One line reorders the images, and nothing else. One line prepares patches in another way "
        "than `centred`.",
        "The third fault: patches were drawn for validation one by one, and other patches of the "
        "same patients train. Draw patients: `order = rng.permutation(np.unique(patients))`, then "
        "`held = np.isin(patients, order[: len(order) // 8])`.",
    ),
)


@detector.mistake
def constant(images):
    """All patches got the same score. Either the network has not learnt anything, or labels were
    returned in place of probabilities.
    """
    return np.full(len(images), 0.5)


@detector.mistake
def brightness(images):
    """That is the mean brightness. These patches were made without that shortcut."""
    return np.asarray(images).mean(axis=(1, 2))
