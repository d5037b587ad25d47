"""Batch normalisation by hand."""

import numpy as np

from mlmi_course.checks import Case, asks


def _normalised_with(
    x,
    mean,
    variance,
    training,
    *,
    momentum=0.9,
    ddof=0,
    batch_always=False,
    moves_always=False,
    moved_first=False,
    spread=lambda variance: np.sqrt(variance + 1e-3),
):
    """Normalise a batch, right or with one thing wrong."""
    batch = x.mean(axis=0), x.var(axis=0, ddof=ddof if len(x) > 1 else 0)
    averages = mean, variance
    if training or moves_always:
        pairs = zip(averages, batch, strict=True)
        averages = tuple(momentum * old + (1 - momentum) * own for old, own in pairs)
    used = batch if training or batch_always else (mean, variance)
    if moved_first and training:
        used = averages
    return (x - used[0]) / spread(used[1]), *averages


@asks(
    points=2,
    see="Frozen, or only called so",
    hints=(
        "Two questions, each with two answers: which mean and variance are *used*, and do the "
        "averages *move*?",
        "Training: the batch's own are used, and the averages move a tenth of the way to them. "
        "Inference: the averages are used, and stay.",
        "`0.9 * mean + 0.1 * x.mean(axis=0)` is the new average; the variance is `x.var(axis=0)`.",
    ),
)
def normalise(x, mean, variance, training):
    """Batch normalisation by hand"""
    return _normalised_with(x, mean, variance, training)


@normalise.inputs
def cases(rng):
    for n, p, training in ((6, 3, True), (5, 2, False), (8, 2, True)):
        x = rng.normal(rng.normal(0, 2, p), rng.uniform(0.5, 2, p), (n, p)).round(2)
        mean, variance = rng.normal(0, 2, p).round(2), rng.uniform(0.5, 4, p).round(2)
        mode = "training" if training else "inference"
        yield Case((x, mean, variance, training), f"{mode} mode, {n} rows")
    x, mean, variance = np.array([[3.0, -1.0]]), np.array([1.0, 0.0]), np.array([4.0, 1.0])
    yield Case((x, mean, variance, False), "a single row in inference mode")


normalise.variants(
    _normalised_with,
    averages_always_move=(
        {"moves_always": True},
        "The averages moved in inference mode. There they must stay, or every patient who is "
        "looked at changes the answer for the next.",
    ),
    batch_in_inference=(
        {"batch_always": True},
        "In inference mode you normalised by the batch itself. Then a patient's answer depends "
        "on who else is in the batch: use the averages.",
    ),
    momentum_swapped=(
        {"momentum": 0.1},
        "The averages move nine tenths of the way. The momentum of 0.9 is what they *keep*.",
    ),
    moved_averages_used=(
        {"moved_first": True},
        "In training mode you normalised by the moved averages. The batch is normalised by its "
        "own mean and variance; the averages are only kept for later.",
    ),
    divided_by_n_minus_1=(
        {"ddof": 1},
        "The variance was divided by n − 1. Batch normalisation divides by n, as `x.var` does.",
    ),
    no_root=(
        {"spread": lambda variance: variance + 1e-3},
        "You divided by the variance. Divide by its square root.",
    ),
    epsilon_outside_the_root=(
        {"spread": lambda variance: np.sqrt(variance) + 1e-3},
        "The 0.001 stands outside the root. Add it to the variance, then take the root.",
    ),
)
