"""Questions of unit 01, medical images, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u01_medical_images.find_leaks import find_leaks
from mlmi_course.questions.u01_medical_images.mip import mip
from mlmi_course.questions.u01_medical_images.new_uids import new_uids
from mlmi_course.questions.u01_medical_images.plane_aspect import plane_aspect
from mlmi_course.questions.u01_medical_images.shared_picture import shared_picture
from mlmi_course.questions.u01_medical_images.slice_area import slice_area
from mlmi_course.questions.u01_medical_images.slice_order import slice_order
from mlmi_course.questions.u01_medical_images.slice_step import slice_step
from mlmi_course.questions.u01_medical_images.survey import survey
from mlmi_course.questions.u01_medical_images.to_hu import to_hu
from mlmi_course.questions.u01_medical_images.window import window

__all__ = [
    "to_hu",
    "window",
    "slice_area",
    "slice_order",
    "slice_step",
    "plane_aspect",
    "mip",
    "survey",
    "find_leaks",
    "new_uids",
    "shared_picture",
    "progress",
]

progress = Unit(__name__).progress
