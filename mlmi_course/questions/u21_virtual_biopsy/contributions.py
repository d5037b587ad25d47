"""What speaks for and against one patient, block by block."""

import numpy as np

from mlmi_course.checks import Case, asks


def _by_block(weights, scale, x, reference, block, *, centred="reference", scaled=True,
              sums=True, sign=1.0, exponential=False, own=False, missing="nothing",
              clipped=np.inf):  # fmt: skip
    if centred == "reference":
        centre = np.nanmean(reference, axis=0)
    elif centred == "median":
        centre = np.nanmedian(reference, axis=0)
    elif centred == "zeros":
        centre = np.nan_to_num(reference).mean(axis=0)
    else:
        centre = np.zeros(len(x))
    width = np.nanstd(reference, axis=0) if own else scale
    difference = sign * (x - centre) / (width if scaled else 1.0)
    if missing == "zero value":
        difference = np.where(np.isnan(x), -centre / (scale if scaled else 1.0), difference)
    difference = np.clip(difference, -clipped, clipped)
    values = weights * np.nan_to_num(difference)
    if missing == "block":
        gone = np.unique(block[np.isnan(x)])
        values = np.where(np.isin(block, gone), 0.0, values)
    if not sums:
        return values
    total = [values[block == number].sum() for number in range(int(block.max()) + 1)]
    return np.exp(total) if exponential else np.array(total)


@asks(
    points=2,
    see="Why this patient?",
    hints=(
        "A contribution answers *compared with whom?* Here with the mean of the reference "
        "patients, so a patient who is like them in everything gets zeros.",
        "`weights` are log hazard ratios of one standard deviation of the development set, and "
        "`scale` holds these deviations, one a column.",
        "`weights * (x - np.nanmean(reference, axis=0)) / scale`, with 0 where x is NaN, summed "
        "over the columns of each block.",
    ),
)
def contributions(weights, scale, x, reference, block):
    """Why this patient, compared with those of her hospital?"""
    return _by_block(weights, scale, x, reference, block)


@contributions.inputs
def cases(rng):
    p, n = 7, 25
    block = np.array([0, 0, 1, 1, 1, 2, 2])
    scale = rng.uniform(0.5, 12, p).round(2)
    middle = rng.uniform(20, 80, p)
    weights = rng.normal(0, 0.4, p).round(3)
    reference = rng.gamma(2.0, 1.0, (n, p)) * scale + middle
    x = middle + scale * rng.normal(1, 1, p)
    yield Case((weights, scale, x, reference, block), "a patient with everything measured")
    gone = x.copy()
    gone[5:] = np.nan
    holes = reference.copy()
    holes[:6, 5:] = np.nan
    yield Case((weights, scale, gone, holes, block), "a patient whose third block is missing")
    some = x.copy()
    some[2] = np.nan
    holes = holes.copy()
    holes[3:11, 0] = np.nan
    yield Case(
        (weights, scale, some, holes, block), "one column missing, and holes where she has none"
    )
    far = x.copy()
    far[[0, 3]] += 6 * scale[[0, 3]]
    yield Case((weights, scale, far, reference, block), "a patient who is far from all others")
    yield Case((weights, scale, x, reference, block % 2), "two blocks")
    yield Case((weights, scale, x, reference, np.array([3, 0, 1, 2, 3, 1, 0])), "four blocks")
    yield Case(
        (weights, scale, reference.mean(axis=0), reference, block),
        "a patient who is the mean of the reference",
    )
    yield Case((weights, scale, x, reference, rng.permutation(block)), "blocks in another order")


contributions.variants(
    _by_block,
    unmended=(
        {"centred": "no", "scaled": False},
        "That is the colleague's function as it was. What does it say of a patient who is "
        "average in everything? And in which unit are the weights?",
    ),
    not_compared=(
        {"centred": "no"},
        "You compare with a patient of age 0 and 0 mm. Subtract the mean of the reference "
        "patients.",
    ),
    not_scaled=(
        {"scaled": False},
        "The weights are for one standard deviation, and your differences are in years and mm. "
        "Divide by `scale`.",
    ),
    scaled_by_the_reference=(
        {"own": True},
        "You divide by the spread of the reference patients. The weights belong to the "
        "deviations of the development set, `scale`: a model does not change with whom a patient "
        "is compared.",
    ),
    median=(
        {"centred": "median"},
        "You compare with the median. Contributions that add up to a difference of *mean* log "
        "hazards need the mean.",
    ),
    turned_round=(
        {"sign": -1.0},
        "The sign is turned round: more than the reference, times a positive weight, speaks for a "
        "higher risk.",
    ),
    hazard_ratios=(
        {"exponential": True},
        "Those are hazard ratios. Asked for is what adds up: log hazards.",
    ),
    zeros_in_the_reference=(
        {"centred": "zeros"},
        "You put 0 where a reference patient has nothing, and the mean is pulled towards it. What "
        "is NaN counts in no mean: `np.nanmean`.",
    ),
    block_dropped=(
        {"missing": "block"},
        "You drop a whole block because one of its columns is missing. The others still speak.",
    ),
    cut_off=(
        {"clipped": 3.0},
        "You cut differences off at three standard deviations. That was not asked for here.",
    ),
    column_by_column=(
        {"sums": False},
        "You return one number for each column. Add up those of a block: one number for each of "
        "the blocks 0, 1, 2 …",
    ),
    missing_as_zero=(
        {"missing": "zero value"},
        "What is missing is not 0 mm. It says nothing, and its contribution is 0.",
    ),
)


@contributions.mistake
def nan_spreads(weights, scale, x, reference, block):
    """One missing column makes a block NaN. What is missing says nothing: its contribution is 0,
    and the mean of the reference leaves it out (`np.nanmean`).
    """
    if not np.isnan(x).any():
        return contributions.right(weights, scale, x, reference, block)
    values = weights * (x - reference.mean(axis=0)) / scale
    return np.array([values[block == number].sum() for number in range(int(block.max()) + 1)])


@contributions.mistake
def means_of_blocks(weights, scale, x, reference, block):
    """You take the mean over a block's columns. Contributions add up: take the sum."""
    total = contributions.right(weights, scale, x, reference, block)
    return total / np.bincount(block)


@contributions.mistake
def without_signs(weights, scale, x, reference, block):
    """You dropped the signs. What speaks for a longer life is negative."""
    return np.abs(contributions.right(weights, scale, x, reference, block))
