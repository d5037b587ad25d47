"""Questions of unit 12, embeddings, and the data that its lab works on, in the order of the lab."""

from mlmi_course.checks import Unit
from mlmi_course.questions.u12_embeddings._points import roll
from mlmi_course.questions.u12_embeddings.classical_mds import classical_mds
from mlmi_course.questions.u12_embeddings.components_needed import components_needed
from mlmi_course.questions.u12_embeddings.embed_unseen import embed_unseen
from mlmi_course.questions.u12_embeddings.geodesics import geodesics
from mlmi_course.questions.u12_embeddings.islands import islands
from mlmi_course.questions.u12_embeddings.matched_accuracy import matched_accuracy
from mlmi_course.questions.u12_embeddings.pca import pca
from mlmi_course.questions.u12_embeddings.perplexity import perplexity
from mlmi_course.questions.u12_embeddings.trustworthiness import trustworthiness
from mlmi_course.questions.u12_embeddings.tsne_gradient import tsne_gradient

__all__ = [
    "pca",
    "components_needed",
    "geodesics",
    "classical_mds",
    "perplexity",
    "tsne_gradient",
    "trustworthiness",
    "matched_accuracy",
    "embed_unseen",
    "islands",
    "roll",
    "progress",
]

progress = Unit(__name__).progress
