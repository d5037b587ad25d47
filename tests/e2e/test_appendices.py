"""A reader runs the lecture of every appendix, as that of a unit."""

from __future__ import annotations

import pytest

from mlmi_course.building.course import read_course
from tests.e2e import test_lectures as lectures
from tests.e2e.units import ROOT

APPENDICES = [f"u{unit.name}" for unit in read_course(ROOT).with_appendices if not unit.has_lab]


@pytest.mark.parametrize("appendix", APPENDICES)
def test_the_appendix_moves(open_notebook, appendix: str) -> None:
    lectures.test_the_lecture_moves(open_notebook, appendix)
