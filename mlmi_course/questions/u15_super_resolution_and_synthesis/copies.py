"""Which made samples are copies?"""

import numpy as np

from mlmi_course.checks import Case, asks


def _nearest(
    a,
    b,
    *,
    metric="euclid",
):
    difference = a[:, None, :] - b[None, :, :]
    if metric == "city":
        return np.abs(difference).sum(axis=2).min(axis=1)
    return np.sqrt((difference**2).sum(axis=2)).min(axis=1)


def _copies(
    made,
    training,
    unseen,
    *,
    among="training",
    rule="below",
    reference="unseen",
    quantile=0.05,
    z=True,
    scaler="training",
    as_="share",
):
    made, training, unseen = (np.asarray(a, float) for a in (made, training, unseen))
    if z:
        source = {"training": training, "made": made, "all": np.vstack([made, training, unseen])}[
            scaler
        ]
        mean, spread = source.mean(axis=0), source.std(axis=0)
        made, training, unseen = ((a - mean) / spread for a in (made, training, unseen))
    to = {"training": training, "unseen": unseen}[among]
    distance = _nearest(made, to)
    if reference == "unseen":
        yardstick = _nearest(unseen, training)
    elif reference == "self":
        yardstick = np.zeros(len(training))  # each training sample is its own neighbour
    else:
        yardstick = distance
    cut = np.quantile(yardstick, quantile)
    return float((distance < cut).mean() if rule == "below" else (distance > cut).mean())


@asks(
    points=3,
    see="May one train on what is made up?",
    hints=(
        "Two distances are compared: from made to training, and from unseen to training. Why "
        "does the "
        "distance from training to training not do as a yardstick?",
        "Scale the columns with mean and standard deviation of `training`, or the column with the "
        "largest unit decides who is near.",
        "cut = np.quantile(distances of unseen to training, 0.05); the answer is the share of "
        "made samples "
        "with a smaller distance.",
    ),
)
def copies(made, training, unseen):
    """Which share of the made samples is suspiciously near?"""
    return _copies(made, training, unseen)


@copies.inputs
def cases(rng):
    def draw(n, units):
        return rng.normal(size=(n, 4)) * units + 3 * units

    units = np.array([1.0, 1.0, 40.0, 0.05])
    training, unseen = draw(60, units), draw(40, units)
    near = training[rng.integers(0, 60, 20)] + 0.12 * rng.normal(size=(20, 4)) * units
    fresh = draw(30, units)
    made = np.vstack([near, fresh, unseen[:8] + 0.05 * rng.normal(size=(8, 4)) * units])
    yield Case((made.round(4), training.round(4), unseen.round(4)), "a third are copies with noise")
    narrow = draw(50, units)
    narrow[:, 0] = 3 + 0.2 * (narrow[:, 0] - 3)
    yield Case((narrow.round(4), training.round(4), unseen.round(4)), "no copies, but collapsed")
    yield Case((training[:30], training, unseen), "nothing but copies")


copies.variants(
    _copies,
    unmended=(
        {"reference": "self", "z": False},
        "That is the colleague's function as it was: among the training samples each is its own "
        "nearest "
        "neighbour, at distance 0, and nothing is nearer than that.",
    ),
    not_scaled=(
        {"z": False},
        "The column with the largest unit decides who is near. Scale the columns first.",
    ),
    scaled_by_made=(
        {"scaler": "made"},
        "You scale with the made samples. If the generator has collapsed, its spread is no "
        "ruler: use that of "
        "`training`.",
    ),
    to_unseen=(
        {"among": "unseen"},
        "You measure how near made samples are to *unseen* ones. A copy is near to what it was "
        "trained on.",
    ),
    far_away=(
        {"rule": "above"},
        "You count those that are far away. Copies are near.",
    ),
    median_cut=(
        {"quantile": 0.5},
        "Your cut is the median: half of all honest samples would be called copies. Take the 5th "
        "percentile.",
    ),
)
