"""Questions of unit 20, survival, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u20_survival.breast_c import breast_c
from mlmi_course.questions.u20_survival.faults import faults
from mlmi_course.questions.u20_survival.gehan import gehan
from mlmi_course.questions.u20_survival.honest_p import honest_p
from mlmi_course.questions.u20_survival.keep_repeatable import keep_repeatable
from mlmi_course.questions.u20_survival.landmark import landmark
from mlmi_course.questions.u20_survival.late_entry import late_entry
from mlmi_course.questions.u20_survival.poster import poster
from mlmi_course.questions.u20_survival.prepare import prepare
from mlmi_course.questions.u20_survival.stratified_likelihood import stratified_likelihood
from mlmi_course.questions.u20_survival.treat import registry, treat
from mlmi_course.questions.u20_survival.what_moves import what_moves

__all__ = [
    "what_moves",
    "late_entry",
    "landmark",
    "breast_c",
    "faults",
    "poster",
    "treat",
    "registry",
    "gehan",
    "stratified_likelihood",
    "prepare",
    "keep_repeatable",
    "honest_p",
    "progress",
]

progress = Unit(__name__).progress
