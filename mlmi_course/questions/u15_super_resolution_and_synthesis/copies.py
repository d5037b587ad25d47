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
    metric="euclid",
):
    made, training, unseen = (np.asarray(a, float) for a in (made, training, unseen))
    if z:
        tables = {"training": training, "made": made, "unseen": unseen}
        tables["all"] = np.vstack([made, training, unseen])
        tables["real"] = np.vstack([training, unseen])
        mean, spread = tables[scaler].mean(axis=0), tables[scaler].std(axis=0)
        made, training, unseen = ((a - mean) / spread for a in (made, training, unseen))
    to = {"training": training, "unseen": unseen}[among]
    distance = _nearest(made, to, metric=metric)
    if reference == "unseen":
        yardstick = _nearest(unseen, training, metric=metric)
    elif reference == "turned":
        yardstick = _nearest(training, unseen, metric=metric)
    elif reference == "others":
        table = np.sqrt(((training[:, None] - training[None]) ** 2).sum(axis=2))
        yardstick = np.where(np.eye(len(table)) > 0, np.inf, table).min(axis=1)
    else:
        yardstick = np.zeros(len(training))  # each training sample is its own neighbour
    limit = np.quantile(yardstick, quantile)
    return float((distance < limit).mean() if rule == "below" else (distance > limit).mean())


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
    units = np.array([1.0, 1.0, 40.0, 0.05])

    def draw(n, spread=1.0):
        return (rng.standard_t(4, size=(n, 4)) * spread + 3) * units

    training, unseen = draw(90), draw(70, np.array([1.6, 0.7, 1.3, 1.0]))
    near = training[rng.integers(0, 90, 80)]
    near = near + rng.uniform(0, 0.5, (80, 1)) * rng.normal(size=(80, 4)) * units
    made = np.vstack([near, draw(140), unseen[:30] + 0.05 * rng.normal(size=(30, 4)) * units])
    yield Case((made.round(4), training.round(4), unseen.round(4)), "a third are near copies")
    narrow = draw(150)
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
    scaled_by_all=(
        {"scaler": "all"},
        "You scale with all three tables together. Mean and spread are those of `training` alone.",
    ),
    scaled_by_real=(
        {"scaler": "real"},
        "You scale with training and unseen samples together. Mean and spread are those of "
        "`training` alone.",
    ),
    scaled_by_unseen=(
        {"scaler": "unseen"},
        "You scale with the unseen samples. Mean and spread are those of `training`.",
    ),
    one_left_out=(
        {"reference": "others"},
        "Your yardstick is how far training samples are from *other training samples*. Take the "
        "unseen ones, as the text says: they were never shown to the generator.",
    ),
    turned=(
        {"reference": "turned"},
        "Your yardstick looks from training samples to unseen ones. Look from each unseen sample "
        "to its nearest training sample.",
    ),
    city_blocks=(
        {"metric": "city"},
        "You add up absolute differences. The distance is Euclidean.",
    ),
    first_percentile=(
        {"quantile": 0.01},
        "Your limit is the 1st percentile of the yardstick. Take the 5th.",
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
