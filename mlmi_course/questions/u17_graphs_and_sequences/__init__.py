"""Questions of unit 17, graphs and sequences, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u17_graphs_and_sequences.attend import attend
from mlmi_course.questions.u17_graphs_and_sequences.faults import faults
from mlmi_course.questions.u17_graphs_and_sequences.fold_of import fold_of
from mlmi_course.questions.u17_graphs_and_sequences.forecast import clinic, forecast
from mlmi_course.questions.u17_graphs_and_sequences.likeliest import likeliest
from mlmi_course.questions.u17_graphs_and_sequences.one_analysis import one_analysis
from mlmi_course.questions.u17_graphs_and_sequences.one_round import one_round
from mlmi_course.questions.u17_graphs_and_sequences.swapped import swapped
from mlmi_course.questions.u17_graphs_and_sequences.tree_score import tree_score
from mlmi_course.questions.u17_graphs_and_sequences.until_today import until_today
from mlmi_course.questions.u17_graphs_and_sequences.what_changes import what_changes

__all__ = [
    "what_changes",
    "one_round",
    "likeliest",
    "tree_score",
    "until_today",
    "faults",
    "one_analysis",
    "forecast",
    "clinic",
    "fold_of",
    "swapped",
    "attend",
    "progress",
]

progress = Unit(__name__).progress
