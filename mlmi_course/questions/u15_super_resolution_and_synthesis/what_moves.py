"""What moves PSNR and SSIM, and why?"""

from functools import cache

import numpy as np
from scipy import ndimage

from mlmi_course.checks import asks_value

_WHY = {"A": "f", "B": "c", "C": "e", "D": "b", "E": "d"}
_RANGE = 500.0


@cache
def _pair(changed=""):
    """An image, its reference and the range, as they were or after a change."""
    rng = np.random.default_rng(15)
    rows, columns = np.mgrid[:96, :96] - 47.5
    head = np.hypot(rows / 44, columns / 36) < 1
    texture = ndimage.gaussian_filter(rng.standard_normal((96, 96)), 2)
    truth = np.where(head, 250 + 60 * texture / texture.std(), 0.0)
    image = truth + 20 * rng.standard_normal(truth.shape)
    given = _RANGE
    if changed == "A":
        truth, image, given = 2 * truth, 2 * image, 2 * given
    if changed == "B":
        given = 2 * given
    if changed == "C":
        truth, image = (np.pad(one, 48) for one in (truth, image))
    if changed == "D":
        image = image + 40
    if changed == "E":
        image = np.roll(image, 1, axis=1)
    return image, truth, given


def _psnr(changed=""):
    image, truth, given = _pair(changed)
    return float(10 * np.log10(given**2 / ((image - truth) ** 2).mean()))


def _direction(changed):
    """Measure it: less than half a decibel is the same."""
    change = _psnr(changed) - _psnr()
    return "same" if abs(change) < 0.5 else "up" if change > 0 else "down"


@asks_value(
    points=3,
    see="Two scores, by hand",
    hints=(
        "Write the formula down: the squared range over the mean squared error. Which of the two "
        "does each change touch, or does it touch both?",
        "A multiplies range and errors by the same number. C puts pixels without error into the "
        "mean. "
        "In E no grey level has changed, only its place: what is subtracted from what?",
        "D: the error has a part that is the same everywhere. Its square is 1600, beside 400 of "
        "the noise.",
    ),
)
def what_moves():
    """What moves the PSNR?"""
    return {case: f"{_direction(case)} {why}" for case, why in _WHY.items()}


def _with(**other):
    return lambda: what_moves.right() | other


_SLIPS = (
    (
        "brighter_counts", "A", "down b",
        "In A the errors double, but so does the range with which they are compared.",
    ),
    (
        "scaled_up", "A", "up c",
        "In A the range doubles, as you say, and something else does too. What is the quotient?",
    ),
    (
        "range_harmless", "B", "same f",
        "In B only the number that you type in doubles: the images stay. Is the quotient the "
        "same then?",
    ),
    (
        "range_down", "B", "down c",
        "The reason in B is right. Does the range stand above or below the fraction's bar?",
    ),
    (
        "air_harmless", "C", "same f",
        "In C the sum of squared errors stays, but PSNR takes their *mean*.",
    ),
    (
        "air_down", "C", "down e",
        "The reason in C is right. Do pixels without an error raise or lower the mean error, and "
        "what "
        "does PSNR do then?",
    ),
    (
        "averaged_out", "C", "up g",
        "The direction of C is right, but the noise of each pixel in the head stays as it was. "
        "What do the new pixels bring into the mean of the squares?",
    ),
    (
        "brightness_harmless", "D", "same a",
        "In D the structure is as before and an eye would hardly mind, but squares of "
        "differences do.",
    ),
    (
        "shift_harmless", "E", "same a",
        "In E the picture looks the same, one pixel further. PSNR compares pixel by pixel: what "
        "stands opposite an edge now?",
    ),
)  # fmt: skip

for _name, _case, _given, _says in _SLIPS:
    what_moves.knows(_name, _with(**{_case: _given}), _says)


_named = {(case, given) for _, case, given, _ in _SLIPS}
for _case, _why in _WHY.items():
    for _turn in ("up", "down", "same"):
        for _letter in "abcdefg":
            _given = f"{_turn} {_letter}"
            _right = _given == what_moves.right()[_case]
            if _right or (_case, _given) in _named:
                continue
            _says = f"Look at {_case} again, where you say *{_given}*: " + (
                "the reason is right. Which way does it move the score?"
                if _letter == _why
                else "the direction is right, the reason is another."
                if _turn == what_moves.right()[_case].split()[0]
                else "the score moves another way, for another reason."
            )
            what_moves.knows(f"{_case}_{_turn}_{_letter}", _with(**{_case: _given}), _says)


@what_moves.picture
def draw_answer(answer):
    from mlmi_course import plots

    titles = {"": "as it was", "A": "A both doubled, range too", "B": "B range doubled",
              "C": "C a frame of air", "D": "D 40 brighter", "E": "E one pixel aside"}  # fmt: skip
    return plots.bars(
        list(titles.values()),
        [_psnr(case) for case in titles],
        xlabel="PSNR, dB",
        decimals=1,
        title="One image, five changes",
        alt="The PSNR of the image as it was, and after each of the five changes.",
    )
