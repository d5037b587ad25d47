"""Whom to recall? A network, letters anywhere, and a threshold that is judged by its cost."""

from hashlib import sha256

import numpy as np

from mlmi_course.checks import ModelQuestion
from mlmi_course.questions.u13_explainability._archives import drawn_from

MISS = 10  # what an overlooked cluster costs; a needle for nothing costs 1


def _fresh(rng):
    """300 patches twice: letters mostly on clusters, then mostly on the others."""
    return drawn_from(1301, 300, ((0.9, 0.1), (0.1, 0.9)), rng)


def saved(labels, recalled):
    """Which share of the cost of the best blind rule is saved: 1 all of it, below 0 none."""
    ill, recalled = np.asarray(labels) == 1, np.asarray(recalled)
    if recalled.shape != ill.shape or not np.isin(recalled, [0, 1]).all():
        raise ValueError(
            f"one True or False for each of the {len(ill)} patches is needed, and what arrived is "
            f"of shape {recalled.shape} and kind {recalled.dtype}"
        )
    recalled = recalled.astype(bool)
    cost = MISS * (ill & ~recalled).sum() + (~ill & recalled).sum()
    return float(1 - cost / min(MISS * ill.sum(), (~ill).sum()))


def worse(labels, recalled):
    """The lower saving of the two hospitals: who reads letters fails in one of them."""
    recalled, half = np.asarray(recalled), len(labels) // 2
    if recalled.shape != np.shape(labels):
        return saved(labels, recalled)  # which says what is wrong
    return min(saved(labels[part], recalled[part]) for part in np.s_[:half, half:])


_SAID: dict[tuple[str, bytes], np.ndarray] = {}


def _logit(images, name):
    """Ask a shipped network; what it said of the last few sets of patches is remembered."""
    from mlmi_course import shipped, training

    grey = np.ascontiguousarray(images)
    key = name, sha256(grey.tobytes()).digest()
    if key not in _SAID:
        grey = grey.astype(np.float32) / 255
        ready = 10 * (grey - np.median(grey, axis=(1, 2), keepdims=True))
        p = training.predict(shipped.network(name), ready).astype(float)
        while len(_SAID) >= 6:
            _SAID.pop(next(iter(_SAID)))
        _SAID[key] = np.log(np.clip(p, 1e-9, 1) / np.clip(1 - p, 1e-9, 1))
    return _SAID[key]


def covered(images):
    """The patches, with everything as bright as a letter, and its rim, at the patch's median."""
    from scipy import ndimage

    hot = ndimage.binary_dilation(np.asarray(images) >= 225, np.ones((1, 3, 3)))
    medians = np.median(images, axis=(1, 2)).astype(np.uint8)
    return np.where(hot, medians[:, None, None], images)


def _rule(name, *, cover, cut):
    def recall(images):
        return _logit(covered(images) if cover else images, name) > cut

    return recall


right = _rule("u13_honest", cover=True, cut=-1.4)


def nearly_the_reference(images, labels):
    """Patches differ in difficulty, so the reference sees the same ones."""
    return worse(labels, right(images)) - 0.1


recall = ModelQuestion(
    title="Whom to recall?",
    points=5,
    draw=_fresh,
    metric=worse,
    threshold=nearly_the_reference,
    noise=0.03,
    chance=0.0,
    budget_s=60,
    of="patches",
    see="Another hospital",
    hints=(
        "Three decisions: which of the two networks, what it is shown, and above which score one "
        "recalls. The known archive flatters whoever reads letters; ask what the score would be on "
        "the same patches without them.",
        "The honest network takes a letter for calcium. Removal works on the way in, too: on a "
        "*copy*, put the patch's median where a letter is, whatever patch it is. A letter is a "
        "stroke of 235 in one of the corners.",
        "Cover, ask the honest network, and try thresholds on the *covered* known patches: add up "
        "10 for each cluster below the threshold and 1 for each other patch above it.",
    ),
)

recall.knows(
    "the_cheat",
    _rule("u13_other", cover=False, cut=-2.0),
    "That is the network that reads the letter, and in one of the hospitals the letter says the "
    "opposite.",
)


def _lettered(patches):
    images = np.asarray(patches)
    corners = np.ones(images.shape[1:], bool)
    corners[15:46], corners[:, 12:47] = False, False
    return ((images == 235) & corners).sum(axis=(1, 2)) >= 15


@recall.mistake
def reads_the_letter(patches):
    """You recall whoever has a letter. In one of the two hospitals it stands on the others."""
    return _lettered(patches)


@recall.mistake
def reads_the_letter_backwards(patches):
    """You recall whoever has *no* letter. In one of the two hospitals it stands on the clusters."""
    return ~_lettered(patches)


@recall.mistake
def everybody(patches):
    """You recall everybody: no cluster is missed, and nothing is saved."""
    return np.ones(len(patches), bool)


@recall.mistake
def nobody(patches):
    """You recall nobody: that costs what all the missed clusters cost."""
    return np.zeros(len(patches), bool)
