"""Questions of unit 06, tissue segmentation, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u06_tissue_segmentation.closed_contour import closed_contour
from mlmi_course.questions.u06_tissue_segmentation.contradictions import contradictions
from mlmi_course.questions.u06_tissue_segmentation.em_turn import em_turn
from mlmi_course.questions.u06_tissue_segmentation.held_back import held_back
from mlmi_course.questions.u06_tissue_segmentation.settle import settle
from mlmi_course.questions.u06_tissue_segmentation.to_the_authors import to_the_authors
from mlmi_course.questions.u06_tissue_segmentation.two_cuts import two_cuts
from mlmi_course.questions.u06_tissue_segmentation.two_libraries import two_libraries
from mlmi_course.questions.u06_tissue_segmentation.what_holds import what_holds
from mlmi_course.questions.u06_tissue_segmentation.what_moves import what_moves
from mlmi_course.questions.u06_tissue_segmentation.whom_to_label import pilots, whom_to_label

__all__ = [
    "what_moves",
    "em_turn",
    "settle",
    "held_back",
    "contradictions",
    "what_holds",
    "to_the_authors",
    "two_libraries",
    "whom_to_label",
    "pilots",
    "two_cuts",
    "closed_contour",
    "progress",
]

progress = Unit(__name__).progress
