"""Questions of unit 21, virtual biopsy, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u21_virtual_biopsy._shared import disc
from mlmi_course.questions.u21_virtual_biopsy.mean_inside import mean_inside
from mlmi_course.questions.u21_virtual_biopsy.pixels_or_patients import pixels_or_patients

__all__ = ["mean_inside", "pixels_or_patients", "disc", "progress"]  # noqa: RUF022

progress = Unit(__name__).progress
