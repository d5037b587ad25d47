"""What a check answers."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Literal

from mlmi_course.checks.messages import Message, number

Status = Literal["pass", "fail", "not attempted", "needs a person"]

SYMBOLS: dict[str, str] = {"pass": "✓", "fail": "✗", "not attempted": "○", "needs a person": "✎"}

# Okabe–Ito colours; the symbol and the words carry the meaning too, so nothing hangs on colour.
COLOURS: dict[str, str] = {
    "pass": "#009E73",
    "fail": "#D55E00",
    "not attempted": "#7F7F7F",
    "needs a person": "#0072B2",
}


def symbol(status: Status, near: bool = False) -> str:
    """The symbol of a status; a model that is as good as there has one of its own.

    >>> symbol("fail"), symbol("fail", near=True)
    ('✗', '≈')
    """
    return "≈" if near else SYMBOLS[status]


@dataclass(frozen=True)
class Verdict:
    """The judgement of one answer.

    Parameters
    ----------
    status : {"pass", "fail", "not attempted", "needs a person"}
        What was decided.
    points : float
        Points earned.  An answer that waits for a person has earned none yet.
    out_of : float
        Points that the question is worth.
    message : Message
        What to tell the student, as text and as HTML.
    misconception : str, optional
        The name of the known wrong answer that this answer equals, if any: a gradebook
        counts them.
    near : bool, default False
        Whether a model is so close to the bar that luck decides: no mistake, and not all points.
    """

    status: Status
    points: float
    out_of: float
    message: Message
    misconception: str | None = None
    near: bool = False

    @property
    def symbol(self) -> str:
        """✓, ✗, ○ or ✎, and ≈ for a model that is as good as there."""
        return symbol(self.status, self.near)

    @property
    def colour(self) -> str:
        """The colour of the symbol."""
        return COLOURS["needs a person" if self.near else self.status]

    @property
    def headline(self) -> str:
        """The symbol and what was earned, for example ``✓ 2/2``."""
        score = f"{number(self.points)}/{number(self.out_of)}"
        return {
            "pass": f"✓ {score}",
            "fail": f"{self.symbol} {score}",
            "not attempted": "○ not attempted",
            "needs a person": f"✎ recorded, worth {number(self.out_of)}",
        }[self.status]

    def __str__(self) -> str:
        return f"{self.headline}\n{self.message.text}".rstrip()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        # Only the symbol is coloured: no colour is easy to read on a light and on a dark page.
        colour = self.colour
        symbol, words = self.headline.split(" ", 1)
        return (
            f'<div class="mlmi-verdict" data-status="{self.status}" '
            f'style="border-left:4px solid {colour};padding:2px 12px;margin:4px 0">'
            f'<strong><span style="color:{colour}">{symbol}</span> {escape(words)}</strong>'
            f"{self.message.html}</div>"
        )
