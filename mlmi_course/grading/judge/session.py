"""A submission while it is judged: attempts in a sandbox, and answers that live there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from mlmi_course.checks import AnswerRaised, ModelQuestion, NotAttempted, Question
from mlmi_course.checks.calling import InputChanged
from mlmi_course.grading.judge.units import GradedUnit
from mlmi_course.grading.sandbox.attempts import Attempt, Lost
from mlmi_course.grading.sandbox.limits import Limits
from mlmi_course.grading.submissions import clean

_START_S = 60.0
_SLOW_CALL_S = 0.2
_ROUNDS = 3  # of the second pass: what one cell completes may be what another waits for

_WHY = {
    "time": "it took longer than {seconds:g} s of computing",
    "idle": "it waited for too long without computing",
    "memory": "it needed more than {memory} MB of memory",
    "ended": "it ended the process",
    "nonsense": "its reply could not be read",
}


class Session:
    """A submission while it is judged: its attempts, one after the other.

    Parameters
    ----------
    unit : GradedUnit
    limits : Limits
    start : callable
        Starts an attempt.
    cells : sequence of str
        Code of the notebook.
    notes : list of str
        What happened on the way is added to it.

    Attributes
    ----------
    needs_eye : list of str
        Why a person should look at it.
    """

    def __init__(
        self,
        unit: GradedUnit,
        limits: Limits,
        start: Callable[[], Attempt],
        cells: Sequence[str],
        notes: list[str],
    ) -> None:
        self._unit, self._start, self._cells, self._notes = unit, start, list(cells), notes
        self.limits = limits
        self._skipped: set[int] = set()
        self._restarts = 0
        self._attempt: Attempt | None = None
        self._spent_s = self._waited_s = 0.0
        self._told = self._seeded = False
        # Statements that a second pass may complete, by cell; and how that went.
        self._left: dict[int, int] = {}
        self._repairing = self._repaired = False
        self._not_repaired: set[int] = set()
        self.needs_eye: list[str] = []

    # ---- cells ----------------------------------------------------------------------------

    def run_cells(self) -> None:
        """Fill the namespace: run every cell, but those that killed an earlier attempt."""
        while True:
            notes: dict[int, list[str]] = {}
            number = self._try_cells(notes)
            if number is None and self._repairing:
                number = self._try_repairs(notes)
            if number is None:
                if not self._told:
                    self._notes += [note for told in notes.values() for note in told]
                self._told = True
                return
            self._restarts += 1
            if self._restarts > self.limits.restarts:
                self._give_up_after(number)

    def repair(self) -> bool:
        """Complete the cells that stopped; return whether that brought anything."""
        if self._attempt is None:
            self.run_cells()
        if not any(self._left.values()):
            return False
        self._repairing = True
        number = self._try_repairs({})
        if number is not None:
            self._restarts += 1
            self.run_cells()
        return self._repaired

    def _try_cells(self, notes: dict[int, list[str]]) -> int | None:
        """Run the cells in a fresh attempt; return the number of the one that ended it."""
        self._begin()
        self._left = {}
        for number, source in enumerate(self._cells, start=1):
            if number in self._skipped or not source.strip():
                continue
            self._cell(number, source, notes.setdefault(number, []))
            if self._attempt is None:
                self._skipped.add(number)
                return number
        return None

    def _cell(self, number: int, source: str, notes: list[str]) -> None:
        """Run a cell.  A lost attempt is None after it."""
        head: dict[str, Any] = {"do": "cell", "number": number}
        if not self._seeded:
            head["seed"] = "cells"
            self._seeded = True
        reply = self._ask_about_cell(number, head, source, notes)
        if reply is None:
            return
        told = reply.get("notes")
        if isinstance(told, list):
            notes += [f"cell {number}: {str(note)[:400]}" for note in told[:20]]
        stopped = reply.get("stopped")
        if stopped:
            notes.append(f"cell {number} stopped with {str(stopped)[:400]}")
            left = reply.get("left")
            self._left[number] = left if isinstance(left, int) else 0

    def _try_repairs(self, notes: dict[int, list[str]]) -> int | None:
        """Complete the cells that stopped, in rounds; return the one that ended the attempt."""
        for _ in range(_ROUNDS):
            progress = False
            for number in [n for n, left in self._left.items() if left]:
                if number in self._not_repaired:
                    continue
                head = {"do": "repair", "number": number}
                reply = self._ask_about_cell(number, head, None, notes.setdefault(number, []))
                if reply is None:
                    self._not_repaired.add(number)
                    return number
                done, left = reply.get("done"), reply.get("left")
                self._left[number] = left if isinstance(left, int) else 0
                progress |= isinstance(done, int) and done > 0
            self._repaired |= progress
            if not progress:
                break
        return None

    def _ask_about_cell(
        self, number: int, head: dict[str, Any], source: str | None, notes: list[str]
    ) -> dict[str, Any] | None:
        """Have a cell run, or completed; None where the attempt is lost."""
        assert self._attempt is not None
        seconds = min(self.limits.cell_s, self._left_s())
        try:
            reply, _ = self._attempt.ask(head, source, seconds=seconds)
        except Lost as lost:
            self._drop()
            why = self.why(lost, seconds)
            self._notes.append(f"cell {number} is left out: {why}")
            self.needs_eye.append(f"cell {number}: {why}")
            return None
        if reply.get("late"):
            why = self.why(Lost("time"), seconds)
            notes.append(f"cell {number} was interrupted: {why}")
            if f"cell {number}: {why}" not in self.needs_eye:
                self.needs_eye.append(f"cell {number}: {why}")
        return reply

    def _give_up_after(self, number: int) -> None:
        """Keep the cells before the one that ended yet another attempt."""
        self._notes.append(f"cells from {number} on are left out: too many ended the process")
        self._skipped |= set(range(number, len(self._cells) + 1))

    # ---- attempts -------------------------------------------------------------------------

    def _begin(self) -> None:
        unit = self._unit
        self._attempt = self._start()
        # A submission that has slept its time away still gets a little for each new attempt.
        left = self.limits.total_wait_s - self._waited_s
        self._attempt.may_wait_s = max(left, self.limits.patience_s / 3)
        self._seeded = False
        head = {
            "unit": unit.module_name,
            "questions": [[n, q.title, q.points] for n, q in unit.questions.items()],
            "helpers": unit.helpers,
            "not_allowed": {
                n: list(q.not_allowed) for n, q in unit.questions.items() if q.not_allowed
            },
        }
        try:
            self._attempt.ask(head, seconds=_START_S)
        except Lost as lost:  # no student code has run yet: this is not the student's doing
            self._drop()
            raise RuntimeError(f"a sandbox did not start ({lost.reason})") from None

    def _drop(self) -> None:
        if self._attempt is not None:
            self._spent_s += self._attempt.cpu_s
            self._waited_s += self._attempt.waited_s
            self._attempt.close()
            self._attempt = None

    @property
    def cpu_s(self) -> float:
        """Seconds that the attempt has computed, as far as the system tells."""
        return self._attempt.cpu_s if self._attempt else 0.0

    def close(self) -> None:
        """End the attempt."""
        self._drop()

    def _left_s(self) -> float:
        """Seconds of computing that are left for the whole submission."""
        return max(1.0, self.limits.total_s - self._spent_s)

    def why(self, lost: Lost, seconds: float) -> str:
        """Say why an attempt was lost."""
        return _WHY[lost.reason].format(seconds=seconds, memory=self.limits.memory_mb)

    def look(self, question: str, why: str) -> None:
        """Ask for a person's eye."""
        self.needs_eye.append(f"{question}: {why}")

    # ---- answers --------------------------------------------------------------------------

    def answer(self, question: Question) -> Any:
        """Return the value of an answer, or a stand-in for the function; ``...`` if missing."""
        if self._attempt is None:
            self.run_cells()
        assert self._attempt is not None
        head = {"do": "look", "name": question.name}
        try:
            reply, value = self._attempt.ask(head, seconds=self.limits.call_s)
        except Lost as lost:
            self._drop()
            self.look(question.name, self.why(lost, self.limits.call_s))
            return unreadable()
        return RemoteAnswer(self, question) if reply.get("callable") else value

    def call(self, question: Question, arguments: Sequence[Any], seconds: float) -> Any:
        """Call an answer where it lives.

        Raises
        ------
        NotAttempted, InputChanged, AnswerRaised
            As :func:`mlmi_course.checks.calling.call` does.
        Lost
            If the process is gone after it.
        """
        assert self._attempt is not None
        head = {
            "do": "call",
            "name": question.name,
            "question": question.name,
            "seed": question.name,
        }
        try:
            reply, value = self._attempt.ask(head, tuple(arguments), seconds=seconds)
        except Lost:
            self._drop()
            raise
        if reply.get("late"):
            self._drop()  # interrupted anywhere, it may have left anything
            raise Lost("time")
        if reply.get("stub"):
            raise NotAttempted
        if reply.get("changed"):
            raise InputChanged
        if "raised" in reply:
            what, line = (str(reply.get(part, ""))[:500] for part in ("raised", "line"))
            raise AnswerRaised(clean(what), clean(line))
        return value


def unreadable() -> Any:
    """Return an answer that equals nothing and is not blank."""
    from mlmi_course.grading.sandbox.protocol import Unknown

    return Unknown("a value that could not be read")


class RemoteAnswer:
    """Stands for a student's function; to call it is to ask the sandbox.

    Attributes
    ----------
    lost : str
        Why the sandbox was lost, if it was; from then on every call says so at once.
    """

    def __init__(self, session: Session, question: Question) -> None:
        self._session, self._question = session, question
        budget = question.budget_s if isinstance(question, ModelQuestion) else 0.0
        self._most_s = session.limits.call_s + 2 * budget
        self._left_s = self._most_s
        self._began_s = session.cpu_s
        self.lost = ""

    def __call__(self, *arguments: Any) -> Any:
        """Ask for the function's reply to some arguments."""
        if self.lost:
            raise AnswerRaised(self._words())
        start = time.monotonic()
        try:
            return self._session.call(self._question, arguments, self._left_s)
        except Lost as lost:
            self.lost = self._session.why(lost, self._most_s)
            raise AnswerRaised(self._words()) from None
        finally:
            # Quick calls are not worth a look at the clock of another process.
            if time.monotonic() - start > _SLOW_CALL_S and not self.lost:
                self._left_s = max(0.1, self._most_s - self._session.cpu_s + self._began_s)

    def _words(self) -> str:
        return f"nothing: {self.lost}"
