"""Questions of unit 19, pitfalls, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u19_pitfalls._abstracts import abstract
from mlmi_course.questions.u19_pitfalls.attacked import attacked
from mlmi_course.questions.u19_pitfalls.carried_over import carried_over
from mlmi_course.questions.u19_pitfalls.faults import faults
from mlmi_course.questions.u19_pitfalls.matched_auc import matched_auc
from mlmi_course.questions.u19_pitfalls.one_demand import one_demand
from mlmi_course.questions.u19_pitfalls.plan import plan
from mlmi_course.questions.u19_pitfalls.recalibrated import recalibrated
from mlmi_course.questions.u19_pitfalls.two_readers import two_readers
from mlmi_course.questions.u19_pitfalls.what_happens import what_happens

__all__ = [
    "what_happens",
    "matched_auc",
    "attacked",
    "carried_over",
    "two_readers",
    "abstract",
    "faults",
    "one_demand",
    "plan",
    "recalibrated",
    "progress",
]

progress = Unit(__name__).progress
