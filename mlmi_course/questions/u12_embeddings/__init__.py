"""Questions of unit 12, embeddings, and the data that its lab works on, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u12_embeddings.believe import believe, studies
from mlmi_course.questions.u12_embeddings.embed_unseen import embed_unseen
from mlmi_course.questions.u12_embeddings.faults import faults
from mlmi_course.questions.u12_embeddings.judge_map import judge_map
from mlmi_course.questions.u12_embeddings.kept_neighbours import kept_neighbours
from mlmi_course.questions.u12_embeddings.matched_accuracy import matched_accuracy
from mlmi_course.questions.u12_embeddings.one_check import one_check
from mlmi_course.questions.u12_embeddings.pca import pca
from mlmi_course.questions.u12_embeddings.ways_along import ways_along
from mlmi_course.questions.u12_embeddings.what_happens import what_happens

__all__ = [
    "what_happens",
    "ways_along",
    "judge_map",
    "kept_neighbours",
    "faults",
    "one_check",
    "believe",
    "studies",
    "pca",
    "embed_unseen",
    "matched_accuracy",
    "progress",
]

progress = Unit(__name__).progress
