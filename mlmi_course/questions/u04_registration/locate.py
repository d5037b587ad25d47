"""Where does an MR lie on a CT? A similarity that is judged by what its errors cost."""

import numpy as np

from mlmi_course.checks import ModelQuestion

_SIZE, _REACH = 32, 3
_STEPS = range(-_REACH, _REACH + 1)
_COST_PER_MM, _MOST = 1.0, 5.0  # of one treatment, and at most


def _smooth(rng, n, scale):
    from scipy import ndimage

    field = ndimage.gaussian_filter(rng.normal(size=(n, n)), scale, mode="wrap")
    return field / field.std()


def practice(n=20, seed=0):
    """Pairs of a CT and an MR of one piece of head, and how far the MR was shifted.

    Parameters
    ----------
    n : int
    seed : int

    Returns
    -------
    pairs : ndarray, shape (n, 2, 32, 32)
        ``[:, 0]`` is the CT in HU, ``[:, 1]`` the MR.
    shifts : ndarray of int, shape (n, 2)
        Rows and columns, −3 to 3 pixels of 1 mm.
    """
    return _pairs(np.random.default_rng([4, seed]), n)


def _pairs(rng, n):
    pairs, shifts = (
        np.zeros((n, 2, _SIZE, _SIZE), np.float32),
        rng.integers(-_REACH, _REACH + 1, size=(n, 2)),
    )
    for k in range(n):
        wide = _SIZE + 2 * _REACH
        depth = _smooth(rng, wide, 5)  # one smooth landscape, cut into layers
        tissue = np.digitize(depth, [-0.7, 0.4, 2.2, 2.6])  # fluid, grey, white, bone, marrow
        hounsfield = np.array([8.0, 38, 28, 900, 120])[tissue]
        # each scanner has its own order of grey values in soft tissue; bone is dark in all
        grey = np.array([*rng.permutation([25.0, 70, 110]), 4, 95])
        magnitude = grey[tissue] * (1 + 0.2 * np.linspace(-1, 1, wide)[None])
        ct = hounsfield + rng.normal(scale=7, size=tissue.shape)
        for at in rng.integers(_REACH + 4, wide - _REACH - 4, size=(2, 2)):
            ct[tuple(at)] = 2900.0  # a surgical clip: one pixel of titanium, hardly seen in MR
        mr = magnitude + rng.normal(scale=14, size=tissue.shape)
        row, column = _REACH + shifts[k]
        pairs[k, 0] = ct[_REACH:-_REACH, _REACH:-_REACH]
        pairs[k, 1] = mr[row : row + _SIZE, column : column + _SIZE]
    return pairs, shifts


def overlapping(pair, shift):
    """The parts of a CT and of an MR that show the same, if the MR was shifted by this much.

    Parameters
    ----------
    pair : ndarray, shape (2, rows, columns)
    shift : (int, int)
        Rows and columns.

    Returns
    -------
    ct, mr : ndarray
        Of one shape: what both would have seen.
    """
    ct, mr = pair

    def part(by, n):
        return (slice(max(by, 0), n + min(by, 0)), slice(max(-by, 0), n + min(-by, 0)))

    (a, c), (b, d) = (part(by, n) for by, n in zip(shift, ct.shape, strict=True))
    return ct[a, b], mr[c, d]


def _mi(a, b, bins):
    p = np.histogram2d(a.ravel(), b.ravel(), bins=bins)[0] / a.size
    independent = p.sum(axis=1, keepdims=True) * p.sum(axis=0, keepdims=True)
    return np.sum(p[p > 0] * np.log(p[p > 0] / independent[p > 0]))


def _ncc(a, b):
    a, b = a - a.mean(), b - b.mean()
    return np.sum(a * b) / np.sqrt(np.sum(a**2) * np.sum(b**2))


def _window(ct):
    return np.clip(ct, -10, 80)


_WAYS = {
    "right": lambda ct, mr: _mi(_window(ct), mr, 10),
    "SSD": lambda ct, mr: -np.mean((ct - mr) ** 2),
    "scaled SSD": lambda ct, mr: -np.mean((ct / 900 - mr / 120) ** 2),
    "NCC": _ncc,
    "falling": lambda ct, mr: -_ncc(ct, mr),
    "least": lambda ct, mr: -_mi(_window(ct), mr, 10),
    "windowed NCC": lambda ct, mr: _ncc(_window(ct), mr),
    "no window": lambda ct, mr: _mi(ct, mr, 32),
}


def _found(pairs, how, turned=1):
    similarity = _WAYS[how]
    reply = []
    for pair in np.asarray(pairs):
        values = {(r, c): similarity(*overlapping(pair, (r, c))) for r in _STEPS for c in _STEPS}
        reply.append(max(values, key=values.get))
    return turned * np.array(reply)


def _draw(rng):
    return _pairs(rng, 24)


def _saved(shifts, found):
    """Of what no registration would cost, which share is saved? 1 mm costs 1, and never above 5."""

    def cost(errors):
        return np.minimum(_COST_PER_MM * np.hypot(*np.asarray(errors, float).T), _MOST).mean()

    return float(1 - cost(np.asarray(found).reshape(len(shifts), 2) - shifts) / cost(shifts))


locate = ModelQuestion(
    title="Where does the MR lie on the CT?",
    points=4,
    draw=_draw,
    metric=_saved,
    threshold=0.96,
    noise=0.01,
    chance=0.75,  # a histogram without a window saves 0.82 on average
    of="pairs",
    see="Mutual information",
    hints=(
        "Which grey value means which tissue differs from scanner to scanner, and bone is the "
        "brightest in "
        "CT and the darkest in MR. Which of the metrics does not need an order?",
        "Bone has 900 HU and soft tissue 8 to 38. If a histogram has ten bins of equal width "
        "between them, in how many "
        "bins is the soft tissue? Clip the CT first.",
        "For each pair try all 49 shifts, `overlapping(pair, shift)`, and keep the one with "
        "the largest "
        "mutual information of `np.clip(ct, -10, 80)` and the MR, with about ten bins: there "
        "are only about a thousand "
        "pixels.",
    ),
)


def _by(how, turned=1):
    return lambda pairs: _found(pairs, how, turned)


for _name, _how, _says in (
    ("by_ssd", "SSD", "You compare grey values of a CT and of an MR. They are different "
    "quantities, and their "
     "difference is not smallest where they fit."),
    ("by_scaled_ssd", "scaled SSD", "Scaling does not make a CT of an MR: bone is bright in "
    "one and dark in "
     "the other. Take a metric that needs no order."),
    ("by_ncc", "NCC", "Between CT and MR there is no straight line, and where there is a "
    "trend it falls. Take a metric "
     "that needs no order."),
    ("by_falling_line", "falling", "You count a falling line as good, which bone on dark "
    "follows. But soft tissue "
     "does not, and its order differs between scanners."),
    ("no_window", "no window", "Mutual information it is, and still some are wrong. Look at a "
    "histogram of the "
     "CT: bone and clips take nearly all of the range, so all soft tissue falls into one bin."),
    ("least_information", "least", "You keep the shift with the *smallest* mutual "
    "information. Large is "
     "good."),
):  # fmt: skip
    locate.knows(_name, _by(_how), _says)


@locate.mistake
def shift_turned_round(pairs):
    """Your shifts have the wrong sign: what was asked is how far the MR was shifted, as
    `overlapping` takes it.
    """
    return _found(pairs, "right", -1)


@locate.mistake
def nothing(pairs):
    """You answer with no shift for all. That is what it costs not to register."""
    return np.zeros((len(pairs), 2), int)
