"""The same network on a new detector: predict, and say why."""

from mlmi_course.checks import asks_value

_PIXEL = 0.05  # mm
_RIGHT = {"field_mm": 22 * _PIXEL, "step_mm": 8 * _PIXEL, "parameters": 6089, "because": "C"}


def _but(**other):
    return {**_RIGHT, **other}


@asks_value(
    points=2,
    see="How far does a unit see?",
    hints=(
        "A network knows pixels and no millimetres. What was 22 pixels stays 22 pixels.",
        "The heat map has one place for each jump of the last layer: three poolings of stride 2.",
        "Which of the four reasons would still hold if the images were resampled to 0.085 mm "
        "first? It is the one that would not.",
    ),
)
def new_detector():
    """The same network on a new detector"""
    return _RIGHT


for _name, _answer, _says in (
    (
        "millimetres_of_the_old",
        _but(field_mm=22 * 0.085, step_mm=8 * 0.085),
        "Those are the millimetres of the old detector. The kernels count pixels, and a pixel is "
        "now 0.05 mm wide.",
    ),
    (
        "field_by_summing",
        _but(field_mm=15 * _PIXEL),
        "The field is the sum of the six kernels in your answer. Neighbouring windows overlap, and "
        "every stride makes what lies above reach further.",
    ),
    (
        "step_of_one_pooling",
        _but(step_mm=2 * _PIXEL),
        "There are three poolings, and jumps multiply: neighbours of the last layer are eight "
        "pixels apart.",
    ),
    (
        "step_of_added_strides",
        _but(step_mm=6 * _PIXEL),
        "Jumps multiply, they do not add: 2 · 2 · 2 pixels lie between two places.",
    ),
    (
        "more_pixels_more_weights",
        _but(parameters=round(6089 * (0.085 / _PIXEL) ** 2)),
        "The number of weights does not grow with the image: kernels are shared by all places, and "
        "the mean over the places has none. In LeNet's dense layer it would.",
    ),
    (
        "too_few_weights",
        _but(because="A"),
        "The numbers are right, the reason is not. A larger image asks the same kernels at more "
        "places; that takes no further weight.",
    ),
    (
        "frame_of_zeros",
        _but(because="B"),
        "The numbers are right, the reason is not. The frame of zeros was there in training, too, "
        "and it does not touch the middle of a patch.",
    ),
    (
        "flipped_kernels",
        _but(because="D"),
        "The numbers are right, the reason is not. A learnt kernel fits the operation that it was "
        "learnt with, and that has not changed.",
    ),
):
    new_detector.knows(_name, _answer, _says)
