"""A Markov prior for a volume whose voxels are no cubes."""

import numpy as np

from mlmi_course.checks import Case, asks


def _votes(labels, classes, weights, wrap=False, corners=False):
    votes = np.zeros((*labels.shape, classes))
    for axis, weight in enumerate(weights):
        for step in (-1, 1):
            if wrap:
                other = np.roll(labels, step, axis)
            else:
                pad = [(1, 1) if a == axis else (0, 0) for a in range(3)]
                padded = np.pad(labels, pad, constant_values=-1)
                place = [slice(None)] * 3
                place[axis] = slice(1 + step, 1 + step + labels.shape[axis])
                other = padded[tuple(place)]
            for k in range(classes):
                votes[..., k] += weight * (other == k)
    return votes


def _settle(
    cost, beta, spacing, *, wrap=False, together=False, isotropic=False, rounds=3, sign=1.0,
    upside=False, unscaled=False,
):  # fmt: skip
    cost, spacing = np.asarray(cost, float), np.asarray(spacing, float)
    weights = spacing.min() / spacing
    if isotropic:
        weights = np.ones(3)
    if upside:
        weights = spacing / spacing.min()
    if unscaled:
        weights = 1 / spacing
    labels = cost.argmin(axis=-1)
    odd = np.indices(labels.shape).sum(axis=0) % 2
    for _ in range(rounds):
        for half in (0,) if together else (0, 1):
            votes = _votes(labels, cost.shape[-1], weights, wrap)
            best = (cost - sign * beta * votes).argmin(axis=-1)
            labels = best if together else np.where(odd == half, best, labels)
    return labels


@asks(
    points=4,
    see="Neighbours vote",
    hints=(
        "The three complaints have one cause each. Flickering: what do two neighbours do that both "
        "move? Spots of neck at the top: what does `np.roll` put beside the last slice? Slices "
        "that vanish: what is never used?",
        "Pad with a class that does not exist, such as −1, along one axis, and take two slices of "
        "the padded array: the neighbours before and behind.",
        "`np.indices(labels.shape).sum(axis=0) % 2` colours the volume like a chessboard. In each "
        "round first let voxels of 0 move, then count all votes *again*, and let those of 1 move.",
    ),
)
def settle(cost, beta, spacing):
    """A Markov prior for flat voxels"""
    return _settle(cost, beta, spacing)


@settle.inputs
def cases(rng):
    def drawn(shape, classes):
        blocks = rng.integers(classes, size=[-(-s // 2) for s in shape])
        truth = np.kron(blocks, np.ones((2, 2, 2), int))[tuple(slice(s) for s in shape)]
        cost = rng.normal(1.2, 1.0, (*shape, classes))
        np.put_along_axis(cost, truth[..., None], rng.normal(0.4, 1.0, (*shape, 1)), -1)
        return cost.round(4)

    yield Case((drawn((4, 8, 9), 3), 0.7, (4.0, 1.0, 1.5)), "slices that are far apart")
    yield Case((drawn((3, 7, 7), 2), 0.9, (1.0, 1.0, 1.0)), "cubes")
    yield Case((drawn((5, 6, 6), 4), 0.6, (0.5, 2.0, 1.0)), "thin slices, four classes")
    yield Case((drawn((1, 9, 9), 3), 0.8, (5.0, 1.0, 1.0)), "a single slice")


settle.variants(
    _settle,
    unmended=(
        {"wrap": True, "together": True, "isotropic": True},
        "That is the colleague's function as it was.",
    ),
    still_together=(
        {"together": True},
        "All voxels still move at once, each while its neighbours move too: two can change places "
        "for ever, and the energy may rise. Let one colour of a chessboard move at a time.",
    ),
    still_wraps=(
        {"wrap": True},
        "The first slice is still a neighbour of the last: `np.roll` goes round.",
    ),
    still_cubes=(
        {"isotropic": True},
        "All neighbours have the same weight. One that is twice as far away has half of it.",
    ),
    far_weighs_more=(
        {"upside": True},
        "Your far neighbours weigh *more* than the near ones. The weight is the smallest spacing "
        "divided by the spacing along that axis.",
    ),
    not_relative=(
        {"unscaled": True},
        "Your weight is one over the spacing in mm. Take it relative to the smallest spacing, so "
        "that the nearest neighbours have the weight 1 whatever the unit.",
    ),
    one_round=(
        {"rounds": 1},
        "You stop after one round. Make three.",
    ),
    repelled=(
        {"sign": -1.0},
        "With you, equal neighbours cost something. A pair that *differs* costs β.",
    ),
)
