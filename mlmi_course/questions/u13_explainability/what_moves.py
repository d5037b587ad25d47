"""What happens to a number of an explanation, and why?"""

from functools import cache

import numpy as np

from mlmi_course.checks import asks_value

_WHY = {"A": "g", "B": "c", "C": "e", "D": "a", "E": "h"}
_TITLES = {
    "A": "two more copies",
    "B": "own patients",
    "C": "logits divided by 3",
    "D": "larger tolerance",
    "E": "300 orders",
}


@cache
def _table():
    """Features of the cohort, scaled by those who teach, and whose tumour has grown."""
    from mlmi_course.data import load_cohort

    cohort = load_cohort(n=800, seed=13)
    acting = list(cohort.truth.informative)
    idle = [name for name in cohort.features if name not in acting][:5]
    x = cohort.table[[*acting, *idle]].to_numpy()
    return (x - x[:400].mean(axis=0)) / x[:400].std(axis=0), cohort.table["progression"].to_numpy()


def _importance(model, x, y, column, repeats=10, seed=0):
    """By how much the mean log loss grows when a column is shuffled."""

    def loss(table):
        p = np.clip(model.predict_proba(table)[:, 1], 1e-3, 1 - 1e-3)
        return -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))

    rng, after = np.random.default_rng(seed), []
    for _ in range(repeats):
        other = x.copy()
        other[:, column] = rng.permutation(x[:, column])
        after.append(loss(other))
    return float(np.mean(after) - loss(x))


def _gradient(images, rng, divide):
    """The size of the gradient of a logit, of a network with random hidden units."""
    from mlmi_course.questions.u13_explainability.saliency import gradient

    weights = rng.normal(size=(12, *images.shape[1:]))
    out = rng.normal(size=12) / divide
    return np.stack([np.abs(gradient(image, weights, 0.0, out)) for image in images])


def _hit_rate(maps, masks, tolerance):
    from scipy import ndimage

    near = np.stack(
        [ndimage.distance_transform_edt(mask == 0, sampling=0.085) <= tolerance for mask in masks]
    )
    tops = maps.reshape(len(maps), -1).argmax(axis=1)
    return float(near.reshape(len(maps), -1)[np.arange(len(maps)), tops].mean()), float(near.mean())


@cache
def _numbers():
    """For each change the number before and after it."""
    from scipy import ndimage
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression

    from mlmi_course.phantoms.mammography import patches

    x, y = _table()
    rng = np.random.default_rng(0)
    volume, useless = 6, 8
    more = np.hstack([x, x[:, [volume]] + rng.normal(0, 0.1, (len(x), 2))])
    sums = [LogisticRegression().fit(table[:400], y[:400]) for table in (x, more)]
    forest = RandomForestClassifier(60, min_samples_leaf=2, random_state=0).fit(x[:400], y[:400])
    strongest = int(np.abs(sums[0].coef_[0]).argmax())

    drawn = patches(120, seed=5, difficulty=0.5)
    ill = drawn["labels"] == 1
    images, masks = drawn["images"][ill] / 255.0, drawn["masks"][ill]
    blobs = np.stack([-ndimage.gaussian_laplace(image, 2) for image in images])
    leads = [np.subtract(*_hit_rate(blobs, masks, mm)) for mm in (0.3, 1.2)]
    few = slice(0, 20)
    maps = [_gradient(images[few], np.random.default_rng(1), by) for by in (1, 3)]
    return {
        "A": tuple(
            _importance(model, table[400:], y[400:], volume)
            for model, table in zip(sums, (x, more), strict=True)
        ),
        "B": tuple(_importance(forest, x[who], y[who], useless) for who in np.s_[400:, :400]),
        "C": tuple(_hit_rate(one, masks[few], 0.3)[0] for one in maps),
        "D": tuple(map(float, leads)),
        "E": tuple(
            _importance(sums[0], x[400:], y[400:], strongest, repeats) for repeats in (30, 300)
        ),
    }


def _direction(change):
    """Measure it: less than 0.01 is no change."""
    before, after = _numbers()[change]
    return "same" if abs(after - before) < 0.01 else "up" if after > before else "down"


@asks_value(
    points=3,
    see="Six columns that measure one thing",
    hints=(
        "Ask of each change what the *number* is made of. A loss, a place, a difference of two "
        "rates, or a mean over orders?",
        "A: who can say what the volume says, when it is shuffled? B: what has the forest learnt "
        "of its own 400 patients that is not true of others? C: where is the maximum of a map that "
        "is divided by 3?",
        "D: the number is the map's rate *minus* that of luck; the map's rate can hardly rise. E: "
        "more draws make a mean steadier.",
    ),
)
def what_moves():
    """What happens to the number?"""
    return {change: f"{_direction(change)} {why}" for change, why in _WHY.items()}


def _with(**other):
    return lambda: what_moves.right() | other


_NAMED = (
    (
        "copies_add",
        "A",
        "up f",
        "In A the copies bring nothing new. Shuffle the volume: what do its copies still say?",
    ),
    (
        "copies_do_not_matter",
        "A",
        "same h",
        "In A the model is fitted anew, and it shares the weight out among the volume and its "
        "copies. What is lost, then, when the volume alone is shuffled?",
    ),
    (
        "copies_by_heart",
        "A",
        "down c",
        "The direction of A is right. But a weighted sum of fourteen numbers learns little by "
        "heart, and it is measured on unseen patients: who covers for the volume?",
    ),
    (
        "useless_is_useless",
        "B",
        "same h",
        "In B the feature is useless for *other* patients. A forest of deep trees has used it all "
        "the same, to tell its own 400 apart.",
    ),
    (
        "useless_falls",
        "B",
        "down b",
        "In B shuffling takes away what the forest has learnt of its own patients by heart. Does "
        "their loss then grow or shrink?",
    ),
    (
        "more_columns_in_b",
        "B",
        "up f",
        "The direction of B is right, but no columns were added. What does the forest know about "
        "its own patients?",
    ),
    (
        "less_sure",
        "C",
        "down d",
        "In C all numbers of the map are a third of what they were. Where is the largest of them?",
    ),
    (
        "copies_in_c",
        "C",
        "same h",
        "The direction of C is right, but nothing was averaged over more draws: what does a factor "
        "do to a maximum?",
    ),
    (
        "more_is_found",
        "D",
        "up b",
        "In D the *rate* cannot fall. But the number is the rate minus that of a random pixel, and "
        "that one grows faster.",
    ),
    (
        "both_gain",
        "D",
        "same e",
        "In D the tolerance is no factor. Who gains more by it, a map that nearly always hits, or "
        "a random pixel?",
    ),
    (
        "found_in_d",
        "D",
        "down b",
        "The direction of D is right, but the reason says the opposite: who gains more by a larger "
        "tolerance?",
    ),
    (
        "more_orders_more_importance",
        "E",
        "up f",
        "In E no columns were added. The importance is a *mean* over orders: what do more orders "
        "do to a mean?",
    ),
    (
        "less_luck_is_less",
        "E",
        "down h",
        "In E the reason is right: more orders, less luck. But luck goes both ways, so the mean "
        "stays where it is.",
    ),
)
for _name, _case, _given, _says in _NAMED:
    what_moves.knows(_name, _with(**{_case: _given}), _says)

_RIGHT = {"A": "down", "B": "up", "C": "same", "D": "down", "E": "same"}
for _case, _direction_of in _RIGHT.items():
    for _given in [
        *(f"{other} {_WHY[_case]}" for other in ("up", "down", "same") if other != _direction_of),
        *(f"{_direction_of} {why}" for why in "abcdefgh" if why != _WHY[_case]),
    ]:
        if (_case, _given) not in {(case, given) for _, case, given, _ in _NAMED}:
            _half = "direction" if _given.startswith(_direction_of) else "reason"
            _other = "reason" if _half == "direction" else "direction"
            what_moves.knows(
                f"half_of_{_case}_{_given.replace(' ', '_')}",
                _with(**{_case: _given}),
                f"Four of five are right. In {_case} the {_half} is right too, and the {_other} of "
                f"`{_given}` is not.",
            )


_FORMS = {
    "capitals": str.upper,
    "title": str.capitalize,
    "comma": lambda text: text.replace(" ", ", "),
    "bare_comma": lambda text: text.replace(" ", ","),
    "glued": lambda text: text.replace(" ", ""),
    "two_spaces": lambda text: text.replace(" ", "  "),
    "space_behind": lambda text: text + " ",
    "backwards": lambda text: " ".join(text.split()[::-1]),
}
for _name, _form in _FORMS.items():
    _written = {
        change: _form(f"{direction} {_WHY[change]}")
        for change, direction in {
            "A": "down",
            "B": "up",
            "C": "same",
            "D": "down",
            "E": "same",
        }.items()
    }
    what_moves.knows(
        f"form_{_name}",
        _written,
        f"Those are the right ones, but not as `{_written['A']}`: write each as one text, the "
        "direction in small letters, a space, the letter of the reason.",
    )
what_moves.knows(
    "form_small_keys",
    lambda: {change.lower(): text for change, text in what_moves.right().items()},
    "Those are the right ones. Write the five keys in capitals, A to E.",
)


@what_moves.picture
def draw_answer(answer):
    from mlmi_course import plots

    bars = {
        f"{change} {when}": number
        for change, pair in _numbers().items()
        for when, number in zip(("before", f"after: {_TITLES[change]}"), pair, strict=True)
    }
    return plots.bars(
        list(bars),
        list(bars.values()),
        decimals=3,
        xlabel="the number that is named in A to E",
        title="Five numbers, before and after",
        alt="The number of each of five explanations before and after its change.",
    )
