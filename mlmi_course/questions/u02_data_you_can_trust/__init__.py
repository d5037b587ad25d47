"""Questions of unit 02, data you can trust, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u02_data_you_can_trust.agreement import agreement
from mlmi_course.questions.u02_data_you_can_trust.auc_counts import auc_counts
from mlmi_course.questions.u02_data_you_can_trust.balanced_folds import balanced_folds, registry
from mlmi_course.questions.u02_data_you_can_trust.copies import copies
from mlmi_course.questions.u02_data_you_can_trust.gold import gold
from mlmi_course.questions.u02_data_you_can_trust.honest_auc import archive, honest_auc
from mlmi_course.questions.u02_data_you_can_trust.interval import interval
from mlmi_course.questions.u02_data_you_can_trust.leaks import leaks
from mlmi_course.questions.u02_data_you_can_trust.limits import limits
from mlmi_course.questions.u02_data_you_can_trust.persons import persons
from mlmi_course.questions.u02_data_you_can_trust.plan import plan
from mlmi_course.questions.u02_data_you_can_trust.unit_errors import unit_errors

__all__ = [
    "agreement",
    "copies",
    "persons",
    "leaks",
    "honest_auc",
    "archive",
    "limits",
    "plan",
    "gold",
    "auc_counts",
    "interval",
    "balanced_folds",
    "registry",
    "unit_errors",
    "progress",
]

progress = Unit(__name__).progress
