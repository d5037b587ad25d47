"""Questions of unit 20, survival, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u20_survival.breast_c import breast_c
from mlmi_course.questions.u20_survival.c_index import c_index
from mlmi_course.questions.u20_survival.drop_correlated import drop_correlated
from mlmi_course.questions.u20_survival.honest_p import honest_p
from mlmi_course.questions.u20_survival.landmark import landmark
from mlmi_course.questions.u20_survival.log_partial_likelihood import log_partial_likelihood
from mlmi_course.questions.u20_survival.log_rank import log_rank
from mlmi_course.questions.u20_survival.poster import poster
from mlmi_course.questions.u20_survival.prepare import prepare
from mlmi_course.questions.u20_survival.reported_p import reported_p
from mlmi_course.questions.u20_survival.rmst import rmst
from mlmi_course.questions.u20_survival.survival import survival

__all__ = [
    "survival",
    "rmst",
    "log_rank",
    "landmark",
    "log_partial_likelihood",
    "c_index",
    "breast_c",
    "prepare",
    "drop_correlated",
    "honest_p",
    "reported_p",
    "poster",
    "progress",
]

progress = Unit(__name__).progress
