"""``python -m mlmi_course.cli``."""

from mlmi_course.cli import app

app()
