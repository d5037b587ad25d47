"""Questions of unit 21, virtual biopsy, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u21_virtual_biopsy.broken import broken
from mlmi_course.questions.u21_virtual_biopsy.card import card
from mlmi_course.questions.u21_virtual_biopsy.claims import claims
from mlmi_course.questions.u21_virtual_biopsy.contributions import contributions
from mlmi_course.questions.u21_virtual_biopsy.cut_elsewhere import cut_elsewhere
from mlmi_course.questions.u21_virtual_biopsy.fingerprint import fingerprint
from mlmi_course.questions.u21_virtual_biopsy.late_fusion import late_fusion
from mlmi_course.questions.u21_virtual_biopsy.propagate import propagate
from mlmi_course.questions.u21_virtual_biopsy.quarters import quarters
from mlmi_course.questions.u21_virtual_biopsy.recalibrated import audit, recalibrated
from mlmi_course.questions.u21_virtual_biopsy.suspects import delivery, suspects

__all__ = [
    "fingerprint",
    "broken",
    "suspects",
    "delivery",
    "propagate",
    "claims",
    "contributions",
    "card",
    "late_fusion",
    "recalibrated",
    "audit",
    "cut_elsewhere",
    "quarters",
    "progress",
]

progress = Unit(__name__).progress
