"""Where a reader stands in the whole course: predictions, questions, and what comes next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from mlmi_course.checks import guesses, progress


@dataclass(frozen=True)
class Outline:
    """What a unit holds.  ``mlmi build`` writes it from the unit's sources.

    Attributes
    ----------
    unit : str
        Such as ``"01_medical_images"``.
    order : int
        Its place in the course.
    title, part : str
    minutes, deeper : dict of str to int
        Of ``lecture`` and ``lab``; ``deeper`` is None where the unit does not tell them apart.
    predictions : int
        How many of the lecture are recorded.
    questions : tuple of str
        Names of the lab's questions, in order.
    """

    unit: str
    order: int
    title: str
    part: str
    minutes: dict[str, int]
    deeper: dict[str, int] | None
    predictions: int
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """Where a reader stands in one unit.

    Attributes
    ----------
    outline : Outline
    predicted, right : int
        Predictions that were answered; those of them that came out right.
    solved : tuple of str
        Questions with full points, and texts that were handed in.
    """

    outline: Outline
    predicted: int
    right: int
    solved: tuple[str, ...]

    @property
    def left(self) -> tuple[str, ...]:
        """Questions without full points, in the lab's order."""
        return tuple(name for name in self.outline.questions if name not in self.solved)

    @property
    def minutes_left(self) -> int:
        """Minutes of the lab, by the share of its questions that are left."""
        share = len(self.left) / max(1, len(self.outline.questions))
        return round(share * self.outline.minutes["lab"])

    @property
    def is_begun(self) -> bool:
        """Whether anything was predicted or solved."""
        return bool(self.predicted or self.solved)


def outlines() -> list[Outline]:
    """All units, in teaching order."""
    folder = resources.files("mlmi_course") / "outlines"
    found = []
    for file in folder.iterdir():
        if file.name.endswith(".json"):
            table = json.loads(file.read_text(encoding="utf-8"))
            questions = tuple(table.pop("questions"))
            found.append(Outline(unit=file.name[:-5], questions=questions, **table))
    return sorted(found, key=lambda outline: outline.order)


def standings() -> list[Standing]:
    """Where the reader of this computer stands, unit by unit."""
    return [_standing(outline) for outline in outlines()]


def next_step(units: Sequence[Standing]) -> str:
    """One sentence: the first thing that is not done, in the unit that was begun last if any."""
    begun = [unit for unit in units if unit.is_begun and unit.left]
    waiting = begun or [unit for unit in units if unit.left]
    if not waiting:
        return "Every question of every unit is solved."
    unit = waiting[0]
    name = unit.outline.unit
    if unit.is_begun:
        return f"Next: the question {unit.left[0]} in exercises/{name}.ipynb."
    return f"Next: lectures/{name}.ipynb."


def _standing(outline: Outline) -> Standing:
    said = guesses.guesses_of(outline.unit)
    kept = progress.load(f"u{outline.unit}")
    done = ("pass", "needs a person")
    return Standing(
        outline,
        predicted=len(said),
        right=sum(bool(guess.right) for guess in said),
        solved=tuple(n for n in outline.questions if kept.get(n, {}).get("status") in done),
    )
