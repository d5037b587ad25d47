"""Questions of unit 08, classification and regression, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u08_classification_and_regression.bone_age import bone_age
from mlmi_course.questions.u08_classification_and_regression.cases_needed import cases_needed
from mlmi_course.questions.u08_classification_and_regression.faults import faults
from mlmi_course.questions.u08_classification_and_regression.honest_error import honest_error
from mlmi_course.questions.u08_classification_and_regression.pls_predict import pls_predict
from mlmi_course.questions.u08_classification_and_regression.ridge_towards import ridge_towards
from mlmi_course.questions.u08_classification_and_regression.risk import risk, study
from mlmi_course.questions.u08_classification_and_regression.shrink import shrink
from mlmi_course.questions.u08_classification_and_regression.stable_genes import stable_genes
from mlmi_course.questions.u08_classification_and_regression.what_changes import what_changes

__all__ = [
    "what_changes",
    "honest_error",
    "bone_age",
    "shrink",
    "faults",
    "risk",
    "study",
    "cases_needed",
    "stable_genes",
    "ridge_towards",
    "pls_predict",
    "progress",
]

progress = Unit(__name__).progress
