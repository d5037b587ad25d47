"""Questions of unit 11, transfer learning, in the order of the lab, and its shared parts."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u11_transfer_learning._patches import (
    few_patches,
    six_numbers,
    small_set,
)
from mlmi_course.questions.u11_transfer_learning.advice import advice
from mlmi_course.questions.u11_transfer_learning.base_learns import base_learns
from mlmi_course.questions.u11_transfer_learning.best_sigma import best_sigma
from mlmi_course.questions.u11_transfer_learning.first_patients import first_patients
from mlmi_course.questions.u11_transfer_learning.gain import gain
from mlmi_course.questions.u11_transfer_learning.luck import luck
from mlmi_course.questions.u11_transfer_learning.moved import moved
from mlmi_course.questions.u11_transfer_learning.normalise import normalise
from mlmi_course.questions.u11_transfer_learning.saved import saved
from mlmi_course.questions.u11_transfer_learning.transferred import transferred
from mlmi_course.questions.u11_transfer_learning.what_changes import what_changes

__all__ = [
    "first_patients",
    "what_changes",
    "base_learns",
    "normalise",
    "moved",
    "best_sigma",
    "gain",
    "luck",
    "saved",
    "transferred",
    "advice",
    "few_patches",
    "six_numbers",
    "small_set",
    "progress",
]

progress = Unit(__name__).progress
