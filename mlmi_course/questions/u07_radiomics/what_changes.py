"""What changes the contrast of a region, and why?"""

from functools import cache

import numpy as np
from scipy import ndimage

from mlmi_course.checks import asks_value
from mlmi_course.questions.u07_radiomics._pairs import contrast_and_entropy, counts, directions

_WHY = {"A": "a", "B": "c", "C": "b", "D": "e", "E": "c"}
_WIDTH = 25.0


def _region(changed=""):
    """Levels of a simulated region, 16 voxels on a side; `changed` says how."""
    rng = np.random.default_rng(7)
    shape = (16, 16, 16)
    texture = ndimage.gaussian_filter(rng.standard_normal(shape), 1.0)
    hu = 60 + 60 * texture / texture.std()
    if changed == "A":
        hu = hu + 50
    if changed == "B":
        hu = rng.permutation(hu.ravel()).reshape(shape)
    if changed == "D":
        hu = hu[:8]
    if changed == "E":
        hu = hu + 40 * rng.standard_normal(shape)
    width = 2 * _WIDTH if changed == "C" else _WIDTH
    return 1 + np.floor((hu + 1000) / width).astype(int)


@cache
def _contrast(changed=""):
    levels = _region(changed)
    size = levels.max()
    every = [contrast_and_entropy(counts(levels, step, size))[0] for step in directions(3)]
    return float(np.mean(every))


def _direction(changed):
    """Measure it: a change of less than a tenth is none."""
    share = _contrast(changed) / _contrast() - 1
    return "same" if abs(share) < 0.1 else "up" if share > 0 else "down"


@asks_value(
    points=3,
    see="Seven families by hand",
    hints=(
        "Contrast is the mean squared difference of the levels of neighbours. Ask of each change: "
        "what happens to the *difference* of two neighbours?",
        "A moves both neighbours by the same number of levels. In B, two voxels that lie side by "
        "side come from anywhere. In C, two HU values are half as many levels apart.",
        "The matrix is divided by the number of pairs, so a smaller region of the same tissue has "
        "the same shares.",
    ),
)
def what_changes():
    """What changes the contrast of a region?"""
    return {case: f"{_direction(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: what_changes.right() | other


for _name, _case, _given, _says in (
    (
        "brighter_is_contrast",
        "A",
        "up d",
        "In A every voxel is brighter, but the *difference* of two neighbours stays as it was. "
        "50 HU "
        "are two whole bins, so no voxel changes its place inside a bin either.",
    ),
    (
        "shuffle_is_harmless",
        "B",
        "same a",
        "In B the values are the same, but the neighbours are not. Contrast is about neighbours; "
        "only first-order features cannot see a shuffle.",
    ),
    (
        "shuffle_smooths",
        "B",
        "down c",
        "In B neighbours become less alike, as you say. What does that do to the mean of their "
        "squared difference?",
    ),
    (
        "wide_bins_up",
        "C",
        "up b",
        "With bins twice as wide, two values are half as many levels apart, as you say. Is a "
        "mean of squared differences of levels then larger?",
    ),
    (
        "bins_do_not_matter",
        "C",
        "same a",
        "The HU in C are the same, but contrast is counted in *levels*. How many levels lie "
        "between 0 and 100 HU with bins of 25, and how many with bins of 50?",
    ),
    (
        "fewer_pairs",
        "D",
        "down f",
        "In D there are fewer pairs, but the matrix is divided by their number. Other features "
        "(the non-uniformities) do grow with the region; contrast does not.",
    ),
    (
        "divided_in_a",
        "A",
        "same e",
        "The direction of A is right, but it is not about the number of pairs: it is the same "
        "before "
        "and after. What happens to the *difference* of two neighbours?",
    ),
    (
        "pairs_in_d",
        "D",
        "same f",
        "The direction of D is right. That there are fewer pairs would change a sum; why does it "
        "not "
        "change this feature?",
    ),
    (
        "bright_noise",
        "E",
        "up d",
        "The direction of E is right, but noise makes voxels as often darker as brighter. What "
        "does it "
        "do to two neighbours?",
    ),
    (
        "noise_averages_out",
        "E",
        "same a",
        "Noise averages out of a mean, but not out of a mean of *squares*: each pair becomes more "
        "different on average.",
    ),
):
    what_changes.knows(_name, _with(**{_case: _given}), _says)


@what_changes.picture
def draw_answer(answer):
    from mlmi_course import plots

    titles = {"": "as it was", "A": "A 50 HU brighter", "B": "B shuffled", "C": "C bins of 50 HU",
              "D": "D half of it", "E": "E more noise"}  # fmt: skip
    return plots.bars(
        list(titles.values()),
        [_contrast(case) for case in titles],
        xlabel="GLCM contrast, mean over 13 directions",
        title="One region, five changes",
        alt="The contrast of the region as it was, and after each of the five changes.",
    )
