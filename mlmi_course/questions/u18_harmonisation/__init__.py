"""Questions of unit 18, harmonisation, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u18_harmonisation.by_landmarks import by_landmarks
from mlmi_course.questions.u18_harmonisation.faults import faults
from mlmi_course.questions.u18_harmonisation.from_controls import from_controls
from mlmi_course.questions.u18_harmonisation.harmonise import harmonise
from mlmi_course.questions.u18_harmonisation.league import league
from mlmi_course.questions.u18_harmonisation.one_check import one_check
from mlmi_course.questions.u18_harmonisation.prepare import brains, prepare, program
from mlmi_course.questions.u18_harmonisation.travellers import travellers
from mlmi_course.questions.u18_harmonisation.verdict_on import verdict_on
from mlmi_course.questions.u18_harmonisation.what_changes import what_changes

__all__ = [
    "what_changes",
    "by_landmarks",
    "harmonise",
    "from_controls",
    "faults",
    "one_check",
    "prepare",
    "verdict_on",
    "travellers",
    "league",
    "brains",
    "program",
    "progress",
]

progress = Unit(__name__).progress
