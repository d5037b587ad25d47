"""Questions of unit 08, classification and regression, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u08_classification_and_regression._shared import disc
from mlmi_course.questions.u08_classification_and_regression.mean_inside import mean_inside
from mlmi_course.questions.u08_classification_and_regression.pixels_or_patients import pixels_or_patients

__all__ = ["mean_inside", "pixels_or_patients", "disc", "progress"]  # noqa: RUF022

progress = Unit(__name__).progress
