"""Questions of unit 13, explainability, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u13_explainability._archives import archive
from mlmi_course.questions.u13_explainability.destroy import destroy
from mlmi_course.questions.u13_explainability.error_growth import error_growth
from mlmi_course.questions.u13_explainability.evidence import evidence
from mlmi_course.questions.u13_explainability.faults import faults
from mlmi_course.questions.u13_explainability.group_importance import group_importance
from mlmi_course.questions.u13_explainability.integrated_gradients import integrated_gradients
from mlmi_course.questions.u13_explainability.pointing import pointing
from mlmi_course.questions.u13_explainability.prototypes import prototypes
from mlmi_course.questions.u13_explainability.rather_than import rather_than
from mlmi_course.questions.u13_explainability.recall import recall
from mlmi_course.questions.u13_explainability.saliency import saliency
from mlmi_course.questions.u13_explainability.what_moves import what_moves

__all__ = [
    "what_moves",
    "group_importance",
    "error_growth",
    "rather_than",
    "pointing",
    "faults",
    "evidence",
    "recall",
    "archive",
    "saliency",
    "integrated_gradients",
    "destroy",
    "prototypes",
    "progress",
]

progress = Unit(__name__).progress
