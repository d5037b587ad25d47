"""Questions of unit 09, a CNN on microcalcifications, in the order of the lab, and its data."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u09_cnn_microcalcifications._patches import hard_patches
from mlmi_course.questions.u09_cnn_microcalcifications.area_under_curve import area_under_curve
from mlmi_course.questions.u09_cnn_microcalcifications.blob_score import blob_score
from mlmi_course.questions.u09_cnn_microcalcifications.chosen_epoch import chosen_epoch
from mlmi_course.questions.u09_cnn_microcalcifications.convolve import convolve
from mlmi_course.questions.u09_cnn_microcalcifications.count_parameters import count_parameters
from mlmi_course.questions.u09_cnn_microcalcifications.detector import detector
from mlmi_course.questions.u09_cnn_microcalcifications.find_marks import find_marks
from mlmi_course.questions.u09_cnn_microcalcifications.froc_point import froc_point
from mlmi_course.questions.u09_cnn_microcalcifications.purchase import purchase
from mlmi_course.questions.u09_cnn_microcalcifications.receptive_field import receptive_field
from mlmi_course.questions.u09_cnn_microcalcifications.true_patients import true_patients

__all__ = [
    "convolve",
    "count_parameters",
    "receptive_field",
    "blob_score",
    "area_under_curve",
    "true_patients",
    "chosen_epoch",
    "find_marks",
    "froc_point",
    "detector",
    "purchase",
    "hard_patches",
    "progress",
]

progress = Unit(__name__).progress
