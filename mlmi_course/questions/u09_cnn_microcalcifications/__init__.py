"""Questions of unit 09, a CNN on microcalcifications, in the order of the lab, and its data."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u09_cnn_microcalcifications._patches import hard_patches
from mlmi_course.questions.u09_cnn_microcalcifications.convolve import convolve
from mlmi_course.questions.u09_cnn_microcalcifications.count_parameters import count_parameters
from mlmi_course.questions.u09_cnn_microcalcifications.dark_spots import dark_spots
from mlmi_course.questions.u09_cnn_microcalcifications.detector import detector
from mlmi_course.questions.u09_cnn_microcalcifications.find_marks import find_marks
from mlmi_course.questions.u09_cnn_microcalcifications.methods import methods
from mlmi_course.questions.u09_cnn_microcalcifications.new_detector import new_detector
from mlmi_course.questions.u09_cnn_microcalcifications.per_woman import per_woman
from mlmi_course.questions.u09_cnn_microcalcifications.purchase import purchase
from mlmi_course.questions.u09_cnn_microcalcifications.recall_threshold import recall_threshold
from mlmi_course.questions.u09_cnn_microcalcifications.true_patients import true_patients

__all__ = [
    "new_detector",
    "dark_spots",
    "methods",
    "detector",
    "per_woman",
    "recall_threshold",
    "convolve",
    "count_parameters",
    "true_patients",
    "find_marks",
    "purchase",
    "hard_patches",
    "progress",
]

progress = Unit(__name__).progress
