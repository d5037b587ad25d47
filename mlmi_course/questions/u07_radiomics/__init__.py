"""Questions of unit 07, radiomics, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u07_radiomics.border_dimension import border_dimension
from mlmi_course.questions.u07_radiomics.discretise import discretise
from mlmi_course.questions.u07_radiomics.faults import faults
from mlmi_course.questions.u07_radiomics.left_over import left_over
from mlmi_course.questions.u07_radiomics.merged import merged
from mlmi_course.questions.u07_radiomics.modes import modes
from mlmi_course.questions.u07_radiomics.one_analysis import one_analysis
from mlmi_course.questions.u07_radiomics.steady import steady
from mlmi_course.questions.u07_radiomics.streaks import muscles, streaks
from mlmi_course.questions.u07_radiomics.what_changes import what_changes

__all__ = [
    "what_changes",
    "merged",
    "discretise",
    "steady",
    "left_over",
    "faults",
    "one_analysis",
    "streaks",
    "muscles",
    "border_dimension",
    "modes",
    "progress",
]

progress = Unit(__name__).progress
