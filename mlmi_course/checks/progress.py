"""Where a student stands in a unit: a table, and a small file that only this computer sees."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mlmi_course._files import write_whole
from mlmi_course._home import home
from mlmi_course.checks.messages import number
from mlmi_course.checks.verdicts import COLOURS, SYMBOLS, Verdict

if TYPE_CHECKING:
    from mlmi_course.checks.question import Question


How = Literal["own", "looked", "ours"]
"""Whose an answer is: the student's own, one given after looking at our solution, or ours."""

#: Ends the line that imports the questions in a notebook of solutions; the build writes it.
SOLUTIONS_MARK = "# these are the solutions"

_SAYS: dict[str, str] = {"own": "", "looked": "after the solution", "ours": "our answer"}


def load(unit: str) -> dict[str, dict[str, Any]]:
    """Read the best verdicts so far, by question; nothing where there is no readable file."""
    kept = {path.stem: _read(path) for path in _file(unit, "*").parent.glob("*.json")}
    return {question: best for question, best in kept.items() if "status" in best}


def _read(path: Path) -> dict[str, Any]:
    """Read what is kept of one question, or nothing from a file that is missing or damaged."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        looked = bool(kept.get("looked"))
        if "status" not in kept:
            return {"looked": True} if looked else {}
        how = "looked" if kept.get("how") == "looked" else "own"
        best = {"status": str(kept["status"]), "points": float(kept["points"]), "how": how}
        return {**best, "looked": looked}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def record(unit: str, question: str, verdict: Verdict) -> How:
    """Keep a verdict if it is the best so far, and say whose answer it was.

    Progress is a convenience.  Where it cannot be written (a full disk, a read-only home) the
    check goes on without it.  A notebook of solutions leaves no progress at all: what it hands in
    is ours.
    """
    if in_solutions(unit):
        return "ours"
    before = _read(_file(unit, question)) if unit else {}
    how: How = "looked" if before.get("looked") else "own"
    if not unit or verdict.status == "not attempted":
        return how
    if "status" in before and before["points"] >= verdict.points:
        return "own" if before["how"] == "own" and before["points"] == verdict.points else how
    _keep(
        unit, question, {**before, "status": verdict.status, "points": verdict.points, "how": how}
    )
    return how


def looked(unit: str, question: str) -> None:
    """Keep that our solution was shown; what was solved before stays the student's own."""
    if unit and not in_solutions(unit):
        _keep(unit, question, {**_read(_file(unit, question)), "looked": True})


def in_solutions(unit: str) -> bool:
    """Whether this kernel runs the unit's notebook of solutions.

    Every interface with a kernel of IPython keeps the cells that were run, so this works in
    JupyterLab, in an editor, on a hosted service and in tests alike.  A function that happens to
    be written like ours is nobody else's for it.
    """
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    cells = getattr(shell, "user_ns", {}).get("In", ())
    return any(
        line.startswith("from mlmi_course.questions import")
        and f" {unit} " in line
        and line.endswith(SOLUTIONS_MARK)
        for cell in cells
        if isinstance(cell, str) and SOLUTIONS_MARK in cell
        for line in cell.splitlines()
    )


def _keep(unit: str, question: str, what: dict[str, Any]) -> None:
    try:
        write_whole(_file(unit, question), json.dumps(what), private=True)
    except OSError:
        return


def _file(unit: str, question: str) -> Path:
    # A file for each question: two notebooks that are open at once cannot undo each other.
    return home() / "progress" / unit / f"{question}.json"


@dataclass(frozen=True)
class Row:
    """One question's line in the progress table."""

    name: str
    title: str
    status: str
    points: float
    out_of: float
    hints: int
    earlier: bool
    by_a_person: bool
    how: How = "own"
    symbol: str = ""


@dataclass(frozen=True)
class Progress:
    """A unit's questions and where the student stands with each, in this session.

    Attributes
    ----------
    rows : tuple of Row
    points, out_of : float
        What was earned in this session, of what the checks themselves can give.  Questions
        that a person marks count in neither.
    """

    rows: tuple[Row, ...]

    @property
    def _judged(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.by_a_person)

    @property
    def points(self) -> float:
        """Points earned in this session."""
        return sum(row.points for row in self._judged)

    @property
    def out_of(self) -> float:
        """Points that the checks themselves can give."""
        return sum(row.out_of for row in self._judged)

    @property
    def not_attempted(self) -> tuple[str, ...]:
        """Names of the questions without an answer in this session."""
        return tuple(row.name for row in self.rows if row.status == "not attempted")

    @property
    def summary(self) -> str:
        """One sentence: points, and what is left."""
        earlier = [row.name for row in self.rows if row.earlier]
        left = [name for name in self.not_attempted if name not in earlier]
        told = [f"{number(self.points)} of {number(self.out_of)} points."]
        if left:
            told.append(f"Not attempted yet: {', '.join(left)}.")
        if earlier:
            told.append(f"Solved before, and not by the latest answer: {', '.join(earlier)}.")
        if not left and not earlier:
            told.append("Every question was tried.")
        shown = [row.name for row in self._judged if row.how == "looked" and row.points]
        if shown:
            told.append(f"After looking at our solution: {', '.join(shown)}.")
        if any(row.how == "ours" for row in self.rows):
            told.append("These are our answers: they are not kept as yours.")
        return " ".join(told)

    def __str__(self) -> str:
        width = max((len(row.title) for row in self.rows), default=0)
        lines = [f"{_symbol(row)} {row.title:<{width}}  {_score(row)}" for row in self.rows]
        return "\n".join([*lines, self.summary])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        body = "".join(
            f'<tr><td style="text-align:left;color:{COLOURS[row.status]}">'
            f"<strong>{_symbol(row)}</strong></td>"
            f'<td style="text-align:left"><code>{escape(row.name)}</code></td>'
            f'<td style="text-align:left">{escape(row.title)}</td>'
            f"<td>{escape(_score(row))}</td><td>{row.hints or ''}</td></tr>"
            for row in self.rows
        )
        return (
            '<table class="mlmi-progress"><thead><tr><th></th><th style="text-align:left">'
            'question</th><th style="text-align:left">what it asks</th><th>points</th>'
            f"<th>hints</th></tr></thead><tbody>{body}</tbody></table>"
            f"<p>{escape(self.summary)}</p>"
        )


def _score(row: Row) -> str:
    if row.by_a_person:
        return f"{number(row.out_of)}, marked by a person"
    score = f"{number(row.points)}/{number(row.out_of)}"
    whose = _SAYS[row.how] if row.earlier or row.points else ""
    notes = ", ".join(note for note in ("solved earlier" if row.earlier else "", whose) if note)
    return f"{score} ({notes})" if notes else score


def _symbol(row: Row) -> str:
    return row.symbol or SYMBOLS[row.status]


class Unit:
    """The questions of one unit.

    Create it at the end of a module of questions: it gives each question of the module its
    name.  A package of questions lists them in its ``__all__``, in the order of the lab.

    Parameters
    ----------
    module : str
        The module's ``__name__``, for example ``mlmi_course.questions.u01_medical_images``.
    """

    def __init__(self, module: str) -> None:
        from mlmi_course.checks.question import Question

        self.name = module.rpartition(".")[2]
        names = vars(sys.modules[module])
        # In a file the order is that of writing; the imports of a package are sorted by name.
        order = names["__all__"] if "__path__" in names else [n for n in names if n[0] != "_"]
        self.questions: dict[str, Question] = {
            name: names[name] for name in order if isinstance(names.get(name), Question)
        }
        for name, question in self.questions.items():
            question.name, question.unit, question.others = name, self.name, self.questions

    def progress(self) -> Progress:
        """Return the table of what was checked in this session, and what was not attempted."""
        kept = load(self.name)
        return Progress(tuple(self._row(name, kept.get(name)) for name in self.questions))

    def _row(self, name: str, kept: Any) -> Row:
        question = self.questions[name]
        last = question.last
        status = last.status if last else "not attempted"
        earlier = bool(kept) and kept["status"] == "pass" and status != "pass"
        return Row(
            name=name,
            title=question.title,
            status=status,
            points=last.points if last else 0.0,
            out_of=question.points,
            hints=question.hints_given,
            earlier=earlier,
            by_a_person=question.by_a_person,
            how=kept["how"] if earlier else question.how,
            symbol=last.symbol if last else "",
        )
