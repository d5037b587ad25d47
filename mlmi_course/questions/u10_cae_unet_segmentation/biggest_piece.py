"""The biggest piece."""

import numpy as np

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call
from mlmi_course.questions.u10_cae_unet_segmentation._masks import disc

_CORNERS_TOUCH = np.ones((3, 3))  # 8-connectivity


def _sizes(pieces):
    return np.bincount(pieces.ravel())[1:]


def _largest(pieces):
    return 1 + _sizes(pieces).argmax()


def _piece_with(mask, *, structure=_CORNERS_TOUCH, number=_largest):
    """One piece of a mask, of the number that ``number`` picks."""
    from scipy import ndimage

    pieces, count = ndimage.label(mask, structure)
    return pieces == number(pieces) if count else np.zeros(mask.shape, bool)


@asks(
    points=2,
    see="One mass, one piece",
    hints=(
        "`pieces, count = ndimage.label(mask, structure=np.ones((3, 3)))` numbers the pieces from "
        "1; 0 is the background.",
        "`sizes = np.bincount(pieces.ravel())` counts the pixels of each number. Which entry must "
        "not win?",
        "Set `sizes[0] = 0`, return `pieces == sizes.argmax()`, and treat `count == 0` first.",
    ),
)
def biggest_piece(mask):
    """The biggest piece"""
    return _piece_with(mask)


@biggest_piece.inputs
def cases(rng):
    mask = np.zeros((16, 16), bool)
    mask[0, int(rng.integers(3, 8))] = True  # the first piece is small
    row, column = rng.integers(3, 6, 2)
    mask |= disc(16, 16, row, column, 1.9)
    mask[row + 1 :, :] |= disc(16, 16, row + 7, column + 6, 2.3)[row + 1 :]
    yield Case((mask,), "a speck and two pieces")
    mask = np.zeros((14, 14), bool)
    step = np.arange(6)
    start = int(rng.integers(0, 3))
    mask[start + step, 1 + step] = True  # a diagonal chain of six
    mask[9:11, 10:12] = True  # and a square of four
    mask[0, 12] = True
    yield Case((mask,), "a thin oblique piece that hangs together by its corners")
    noise = rng.random((18, 18)) < 0.2
    noise[:2] = False
    noise[6:12, 6:12] |= rng.random((6, 6)) < 0.8
    noise[7:10, 7:10] = True
    noise[8, 8] = False  # a hole stays a hole
    yield Case((noise,), "a blob in noise")
    mask = np.zeros((14, 14), bool)
    mask[start + step, step] = True  # a chain of six, which spans much
    mask[9:12, 8:11] = True  # and a square of nine
    yield Case((mask,), "a long thin piece and a compact one with more pixels")
    mask = np.zeros((12, 12), bool)
    for row, column in ((1, 6), (4, 1), (8, 7)):
        mask[row : row + 2, column : column + 3] = True
    mask[11, int(rng.integers(0, 5))] = True
    yield Case((mask,), "three equally large pieces and a speck")
    yield Case((np.zeros((8, 9), bool),), "an empty mask")


@biggest_piece.mistake
def background(mask):
    """You kept the background: it has the number 0 and, nearly always, the most pixels."""
    from scipy import ndimage

    pieces, _ = ndimage.label(mask, _CORNERS_TOUCH)
    return pieces == np.bincount(pieces.ravel()).argmax()


def _of_the_largest_box(pieces):
    from scipy import ndimage

    return 1 + np.argmax([pieces[box].size for box in ndimage.find_objects(pieces)])


biggest_piece.variants(
    _piece_with,
    four_connected=(
        {"structure": None},
        "You let pixels touch at their edges only (4-connectivity, SciPy's default). Here corners "
        "count too: `structure=np.ones((3, 3))`.",
    ),
    first=(
        {"number": lambda pieces: 1},
        "You kept piece number 1. That is the first one from the top, not the biggest.",
    ),
    last_of_equals=(
        {"number": lambda pieces: pieces.max() - _sizes(pieces)[::-1].argmax()},
        "Of equally large pieces you kept the last one. The one that `label` numbers first is "
        "asked for.",
    ),
    widest=(
        {"number": _of_the_largest_box},
        "You kept the piece that spans the largest box. Count its pixels: a thin oblique line "
        "spans much and has few.",
    ),
)


@biggest_piece.mistake
def numbers(mask):
    """You return the piece with its number. A mask is True or False."""
    from scipy import ndimage

    return biggest_piece.right(mask) * ndimage.label(mask, _CORNERS_TOUCH)[0]


@biggest_piece.mistake
def opening(mask):
    """That removes small and thin things everywhere, and gnaws at the piece itself. One whole
    piece is to be kept, and every other one dropped.
    """
    from scipy import ndimage

    return ndimage.binary_opening(mask)


@biggest_piece.mistake
def everything(mask):
    """Nothing was taken away."""
    return mask.copy()


@biggest_piece.picture
def beside_the_mask(answer):
    from mlmi_course import plots

    rng = np.random.default_rng(3)
    mask = disc(48, 48, 27, 30, 9) | (rng.random((48, 48)) < 0.02)
    kept = np.asarray(call(answer, (mask,))) > 0
    return plots.montage(
        [mask * 1.0, kept * 1.0],
        titles=["before", "your piece"],
        columns=2,
        size=5.0,
        alt=f"A disc among specks, {int(mask.sum())} pixels; what is kept has {int(kept.sum())}.",
    )
