"""One registered cut, and a hospital whose software counts hazards from elsewhere."""

import math

from mlmi_course.checks import asks_value

_CUT, _AGE, _KPS = 1.5, 0.030, -0.025
_MEAN_AGE, _MEAN_KPS = 62.3, 81.0
_SHIFT = _AGE * _MEAN_AGE + _KPS * _MEAN_KPS


@asks_value(
    points=2,
    tolerance=1e-3,
    see="Clinic, image, omics: what adds what?",
    hints=(
        "Take the average patient of the development set. What does lifelines say of her, and what "
        "does the hospital's program say?",
        "lifelines computes exp(β · (x − mean)), the hospital exp(β · x). So the two differ by one "
        "factor, the same for everybody.",
        "The factor is exp(β · mean), with both columns in the sum. A cut moves by the same "
        "factor.",
    ),
)
def cut_elsewhere():
    """The same cut in another program"""
    return _CUT * math.exp(_SHIFT)


for _name, _value, _says in (
    (
        "unchanged",
        _CUT,
        "That is the cut as it was. For the average patient lifelines says 1; what does exp(β · "
        "x) say?",
    ),
    (
        "turned_round",
        _CUT * math.exp(-_SHIFT),
        "You divided by the factor. The hospital's number is lifelines' number *times* exp(β · "
        "mean).",
    ),
    (
        "the_factor",
        math.exp(_SHIFT),
        "That is the factor between the two programs. The cut is 1.5 times as much.",
    ),
    ("added", _CUT + _SHIFT, "Sums belong to *log* hazards. Hazards are multiplied."),
    (
        "age_alone",
        _CUT * math.exp(_AGE * _MEAN_AGE),
        "The factor has the age alone. The Karnofsky points are centred too.",
    ),
    (
        "kps_positive",
        _CUT * math.exp(_AGE * _MEAN_AGE - _KPS * _MEAN_KPS),
        "The weight of the Karnofsky points is negative: more points, longer life.",
    ),
    (
        "kps_alone",
        _CUT * math.exp(_KPS * _MEAN_KPS),
        "The factor has the Karnofsky points alone. Age is centred too.",
    ),
    (
        "log_of_it",
        math.log(_CUT) + _SHIFT,
        "That is the cut for the *log* hazard. The hospital's program gives exp(β · x).",
    ),
):
    cut_elsewhere.knows(_name, _value, _says)
