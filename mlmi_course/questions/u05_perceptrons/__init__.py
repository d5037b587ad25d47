"""Questions of unit 05, perceptrons, in the order of the lab, and the data it works on."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u05_perceptrons._samples import bars, lumps
from mlmi_course.questions.u05_perceptrons.backward import backward
from mlmi_course.questions.u05_perceptrons.forward import forward
from mlmi_course.questions.u05_perceptrons.hinge_gradient import hinge_gradient
from mlmi_course.questions.u05_perceptrons.logistic_loss import logistic_loss
from mlmi_course.questions.u05_perceptrons.mistake_bound import mistake_bound
from mlmi_course.questions.u05_perceptrons.one_pass import one_pass
from mlmi_course.questions.u05_perceptrons.orientation import orientation
from mlmi_course.questions.u05_perceptrons.out_of_fold import out_of_fold
from mlmi_course.questions.u05_perceptrons.prognosis import prognosis
from mlmi_course.questions.u05_perceptrons.updates_needed import updates_needed

__all__ = [
    "forward",
    "one_pass",
    "updates_needed",
    "mistake_bound",
    "logistic_loss",
    "hinge_gradient",
    "backward",
    "orientation",
    "out_of_fold",
    "prognosis",
    "bars",
    "lumps",
    "progress",
]

progress = Unit(__name__).progress
