"""Questions of unit 13, explainability, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u13_explainability._archives import misleading
from mlmi_course.questions.u13_explainability.destroy import destroy
from mlmi_course.questions.u13_explainability.evidence import evidence
from mlmi_course.questions.u13_explainability.grad_cam import grad_cam
from mlmi_course.questions.u13_explainability.group_importance import group_importance
from mlmi_course.questions.u13_explainability.hit import hit
from mlmi_course.questions.u13_explainability.importance import importance
from mlmi_course.questions.u13_explainability.integrated_gradients import integrated_gradients
from mlmi_course.questions.u13_explainability.prototypes import prototypes
from mlmi_course.questions.u13_explainability.saliency import saliency
from mlmi_course.questions.u13_explainability.shapley import shapley
from mlmi_course.questions.u13_explainability.without_letter import without_letter

__all__ = [
    "importance",
    "group_importance",
    "shapley",
    "saliency",
    "integrated_gradients",
    "grad_cam",
    "hit",
    "destroy",
    "prototypes",
    "without_letter",
    "evidence",
    "misleading",
    "progress",
]

progress = Unit(__name__).progress
