"""Questions of unit 04, registration, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u04_registration.capture import capture
from mlmi_course.questions.u04_registration.carry import carry
from mlmi_course.questions.u04_registration.faults import faults
from mlmi_course.questions.u04_registration.folded import folded
from mlmi_course.questions.u04_registration.index_to_index import index_to_index
from mlmi_course.questions.u04_registration.locate import locate, overlapping, practice
from mlmi_course.questions.u04_registration.margin import margin
from mlmi_course.questions.u04_registration.normalised import normalised
from mlmi_course.questions.u04_registration.which_tells import which_tells

__all__ = [
    "which_tells",
    "index_to_index",
    "normalised",
    "carry",
    "folded",
    "faults",
    "locate",
    "practice",
    "overlapping",
    "capture",
    "margin",
    "progress",
]

progress = Unit(__name__).progress
