"""Questions that a notebook asks, and the verdicts they give.

A question is written once, in :mod:`mlmi_course.questions`, and used in two places: in the
student's notebook, where :meth:`Question.check` is given the answer itself, and in a grader,
where :meth:`Question.verdict` is given a stand-in for an answer that lives in another process.
"""

from mlmi_course.checks.asking import asks, asks_value
from mlmi_course.checks.calling import AnswerRaised, NotAttempted
from mlmi_course.checks.kinds import (
    FunctionQuestion,
    ThoughtQuestion,
    ValueQuestion,
)
from mlmi_course.checks.messages import Message
from mlmi_course.checks.models import ModelQuestion
from mlmi_course.checks.predictions import Predictions
from mlmi_course.checks.progress import Unit
from mlmi_course.checks.question import Misconception, Question
from mlmi_course.checks.results import result
from mlmi_course.checks.trials import Case
from mlmi_course.checks.verdicts import Verdict

__all__ = [
    "AnswerRaised",
    "Case",
    "FunctionQuestion",
    "Message",
    "Misconception",
    "ModelQuestion",
    "NotAttempted",
    "Predictions",
    "Question",
    "ThoughtQuestion",
    "Unit",
    "ValueQuestion",
    "Verdict",
    "asks",
    "asks_value",
    "result",
]
