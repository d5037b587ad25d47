"""Questions of unit 14, weak labels, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u14_weak_labels._data import ganglia, lungs, readings
from mlmi_course.questions.u14_weak_labels.bag_probability import bag_probability
from mlmi_course.questions.u14_weak_labels.both_counts import both_counts
from mlmi_course.questions.u14_weak_labels.buy import buy
from mlmi_course.questions.u14_weak_labels.corrected import corrected
from mlmi_course.questions.u14_weak_labels.faults import faults
from mlmi_course.questions.u14_weak_labels.interval_loss import interval_loss
from mlmi_course.questions.u14_weak_labels.keep_sure import keep_sure
from mlmi_course.questions.u14_weak_labels.one_question import one_question
from mlmi_course.questions.u14_weak_labels.verdicts import five_counters, verdicts
from mlmi_course.questions.u14_weak_labels.what_changes import what_changes

__all__ = [
    "what_changes",
    "bag_probability",
    "corrected",
    "verdicts",
    "five_counters",
    "both_counts",
    "faults",
    "one_question",
    "buy",
    "interval_loss",
    "keep_sure",
    "ganglia",
    "lungs",
    "readings",
    "progress",
]

progress = Unit(__name__).progress
