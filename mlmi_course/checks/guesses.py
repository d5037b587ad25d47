"""What readers expected, how often they were right, and whether they knew: the calibration."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from mlmi_course._home import home
from mlmi_course.checks.messages import number

if TYPE_CHECKING:
    from mlmi_course.plots import Picture

_BLUE = "#0072B2"


@dataclass(frozen=True)
class Guess:
    """What a reader expected of one question, and what came out.

    Attributes
    ----------
    question : str
    answer : str or float
    sure : bool
    truth : str, float or None
        What was revealed; None until then.
    right : bool or None
        None until the truth was revealed.
    unit : str
        Unit of a number.
    """

    question: str
    answer: str | float
    sure: bool
    truth: str | float | None = None
    right: bool | None = None
    unit: str = ""

    @property
    def said(self) -> str:
        """``You said “spread”, and were sure``."""
        certainty = "sure" if self.sure else "unsure"
        return f"You said {words(self.answer, self.unit)}, and were {certainty}"


@dataclass(frozen=True)
class Score:
    """How predictions came out.

    Attributes
    ----------
    guesses : tuple of Guess
        Those that were answered.
    asked : int
        How many questions there were.
    """

    guesses: tuple[Guess, ...]
    asked: int

    def right(self, sure: bool) -> tuple[int, int]:
        """How many of the sure (or unsure) predictions were right, and how many there were."""
        judged = [g for g in self.guesses if g.right is not None and g.sure == sure]
        return sum(bool(g.right) for g in judged), len(judged)

    def __str__(self) -> str:
        parts = [f"You made {len(self.guesses)} of {self.asked} predictions."]
        for name, sure in (("Sure", True), ("Unsure", False)):
            right, judged = self.right(sure)
            parts.append(f"{name}: {f'{right} of {judged} right' if judged else 'none'}.")
        return " ".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return framed("mlmi-score", _BLUE, escape(str(self)), "")


def folder() -> Path:
    """Where the predictions of all lectures are kept, a folder for each."""
    return home() / "predictions"


def guesses_of(unit: str) -> tuple[Guess, ...]:
    """Everything that was predicted in one lecture, on this computer."""
    kept = (read(path) for path in sorted((folder() / unit).glob("*.json")))
    return tuple(guess for guess in kept if guess)


def all_guesses() -> tuple[Guess, ...]:
    """Everything that was predicted on this computer, in all lectures."""
    lectures = sorted(path.name for path in folder().glob("*") if path.is_dir())
    return tuple(guess for lecture in lectures for guess in guesses_of(lecture))


def calibration(guesses: Iterable[Guess]) -> Picture:
    """Draw how often predictions were right, when sure and when unsure.

    The lines are 95 % intervals of the share (Wilson's): they are wide while there are few.

    Parameters
    ----------
    guesses : iterable of Guess

    Returns
    -------
    Picture
    """
    from scipy.stats import binomtest

    from mlmi_course import plots

    score = Score(tuple(guesses), 0)
    fig, axes = plots.figure((4.2, 1.6), 1, 1)
    ax = axes.ravel()[0]
    told = []
    for row, (name, sure) in enumerate((("when sure", True), ("when unsure", False))):
        right, judged = score.right(sure)
        told.append(f"{name} {right} of {judged}")
        if judged:
            interval = binomtest(right, judged).proportion_ci(method="wilson")
            colour = plots.COLOURS["prediction" if sure else "neutral"]
            ax.plot([interval.low, interval.high], [row, row], color=colour, linewidth=2)
            ax.plot(right / judged, row, "o" if sure else "s", color=colour, markersize=8)
    labels = [text.replace(" of ", "/") for text in told]
    ax.set(xlim=(-0.03, 1.03), ylim=(1.6, -0.6), yticks=[0, 1], yticklabels=labels)
    ax.set_xlabel("share of predictions that were right")
    for side in ("top", "right", "left"):
        ax.spines[side].set_visible(False)
    return plots.Picture(fig, ax, f"Predictions that were right: {', '.join(told)}.")


def read(path: Path) -> Guess | None:
    """Read a guess, or nothing from a file that is missing or damaged."""
    try:
        return Guess(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def words(value: str | float | None, unit: str) -> str:
    return f"{number(value, 3)} {unit}".rstrip() if isinstance(value, float) else f"“{value}”"


def plain_answer(answer: str | float) -> str:
    return answer if isinstance(answer, str) else f"{answer:g}"


def framed(kind: str, colour: str, first: str, rest: str) -> str:
    return (
        f'<div class="{kind}" style="border-left:4px solid {colour};padding:2px 12px;'
        f'margin:4px 0">{first}{rest}</div>'
    )
