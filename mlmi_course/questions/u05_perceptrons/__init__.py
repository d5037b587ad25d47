"""Questions of unit 05, perceptrons, in the order of the lab, and the data it works on."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u05_perceptrons._samples import bars, lumps, overlapping
from mlmi_course.questions.u05_perceptrons.backward import backward
from mlmi_course.questions.u05_perceptrons.call_back import call_back, women
from mlmi_course.questions.u05_perceptrons.dials import dials
from mlmi_course.questions.u05_perceptrons.faults import faults
from mlmi_course.questions.u05_perceptrons.hinge_gradient import hinge_gradient
from mlmi_course.questions.u05_perceptrons.mistake_bound import mistake_bound
from mlmi_course.questions.u05_perceptrons.pocket import pocket
from mlmi_course.questions.u05_perceptrons.prognosis import prognosis
from mlmi_course.questions.u05_perceptrons.what_happens import what_happens

__all__ = [
    "what_happens",
    "pocket",
    "dials",
    "backward",
    "faults",
    "prognosis",
    "call_back",
    "women",
    "hinge_gradient",
    "mistake_bound",
    "bars",
    "lumps",
    "overlapping",
    "progress",
]

progress = Unit(__name__).progress
