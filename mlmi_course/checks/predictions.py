"""Predictions: what a reader expects before a result is shown, how sure, and how often right.

A lecture asks, and the cell that shows the result reveals::

    ask = Predictions("09_cnn_microcalcifications")

    best_number = ask("Which number finds most clusters?", "mean", "spread", "LoG, σ = 2")
    best_number

    best_number.reveal(max(auc, key=auc.get))

In a browser the reader presses buttons; in code ``best_number.guess("spread", sure=True)`` does the
same.  Nothing stops where no answer was given.  Answers are kept on this computer alone, beside
the progress of the labs.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from html import escape
from typing import TYPE_CHECKING, Any, Final

from mlmi_course._files import write_whole
from mlmi_course.checks.guesses import (
    Guess,
    Score,
    all_guesses,
    calibration,
    folder,
    framed,
    plain_answer,
    read,
    words,
)
from mlmi_course.checks.messages import prose_html
from mlmi_course.checks.verdicts import COLOURS, SYMBOLS

if TYPE_CHECKING:
    import ipywidgets

    from mlmi_course.plots import Picture

MOST_CHOICES: Final = 5
_BLUE = "#0072B2"


class Predictions:
    """Asks the predictions of one lecture, and counts them.

    Parameters
    ----------
    unit : str
        Name of the unit's folder, such as ``"09_cnn_microcalcifications"``.  Answers are kept
        under it.

    Examples
    --------
    >>> ask = Predictions("00_example")
    >>> sign = ask("Is a hazard ratio of 0.5 good news?", "yes", "no")
    >>> sign.guess("yes", sure=True)
    >>> print(sign.reveal("yes"))
    ✓ You said “yes”, and were sure: right.
    >>> print(ask.score())
    You made 1 of 1 predictions. Sure: 1 of 1 right. Unsure: none.
    >>> ask.forget()
    """

    def __init__(self, unit: str) -> None:
        if not unit or "/" in unit or "\\" in unit:
            raise ValueError(f"Predictions(...) takes the name of a unit, not {unit!r}.")
        self.unit = unit
        self._asked: dict[str, Prediction] = {}

    def __call__(
        self, question: str, *choices: str, unit: str = "", within: float | None = None
    ) -> Prediction:
        """Ask for one of two to five choices; without choices, for a number.

        Parameters
        ----------
        question : str
            One that can be answered wrongly.
        *choices : str
        unit : str
            Unit of the number.
        within : float, optional
            How far a number may be from the truth and still be right, as a share of the truth:
            0.25 is a quarter.  Needed for numbers, and the reader is told.

        Raises
        ------
        ValueError
            For one choice or more than five, two equal ones, or a number without ``within``.
        """
        prediction = Prediction(self.unit, question, choices, unit=unit, within=within)
        return self._asked.setdefault(prediction.key, prediction)

    def score(self) -> Score:
        """How the predictions of this lecture came out, so far."""
        return Score(
            tuple(asked.kept for asked in self._asked.values() if asked.kept), len(self._asked)
        )

    def calibration(self) -> Picture:
        """Draw how often you were right when sure and when unsure, over all lectures."""
        return calibration(all_guesses())

    def forget(self) -> None:
        """Forget the answers of this lecture, and begin again."""
        for asked in self._asked.values():
            asked.forget()


class Prediction:
    """One question to the reader.  :class:`Predictions` makes it.

    Attributes
    ----------
    question : str
    choices : tuple of str
        Empty where a number is asked for.
    kept : Guess or None
        What was guessed, in this session or an earlier one.
    """

    def __init__(
        self,
        lecture: str,
        question: str,
        choices: Sequence[str] = (),
        *,
        unit: str = "",
        within: float | None = None,
    ) -> None:
        _check(question, choices, within)
        self.question = question
        self.choices = tuple(choices)
        self.unit = unit
        self.within = within
        # A question that is worded anew is another question: its old answer does not count.
        text = json.dumps([question, *choices], ensure_ascii=False)
        self.key = hashlib.sha256(text.encode()).hexdigest()[:12]
        self._file = folder() / lecture / f"{self.key}.json"
        self._listeners: list[Callable[[], None]] = []
        self._truth: str | float | None = None
        self.kept: Guess | None = read(self._file)

    def guess(self, answer: str | float, *, sure: bool) -> None:
        """Answer in code, as the buttons do in a browser.

        The first answer that met its truth counts; one that is given later does not.

        Parameters
        ----------
        answer : str or float
            One of the choices (its first letters are enough), or a number.
        sure : bool

        Raises
        ------
        ValueError
            If it is none of the choices, or no number where a number is asked for.
        """
        kept = self.kept
        if kept is None or kept.right is None:
            found = self._read_answer(answer)
            self._keep(Guess(self.question, found, bool(sure), unit=self.unit))
            if self._truth is not None:
                self._settle()
        self._tell()

    def reveal(self, truth: str | float) -> Revealed:
        """Show what came out beside what was expected.

        Parameters
        ----------
        truth : str or float
            Computed by the cell: one of the choices, or a number.

        Raises
        ------
        ValueError
            If it is none of the choices: then the question, or the computation, is wrong.
        """
        if self.choices and truth not in self.choices:
            raise ValueError(
                f"The truth {truth!r} is none of the choices {', '.join(map(repr, self.choices))}: "
                "the question and what the cell computes do not fit together."
            )
        self._truth = str(truth) if self.choices else float(truth)
        self._settle()
        self._tell()
        return Revealed(self)

    def forget(self) -> None:
        """Forget the answer."""
        self.kept = None
        self._file.unlink(missing_ok=True)
        self._tell()

    # ---- what is shown ----------------------------------------------------------------------

    def outcome(self) -> tuple[str, str]:
        """Status and sentence once the truth is known."""
        truth = f"it is {words(self._truth, self.unit)}"
        kept = self.kept
        if kept is None:
            return "not attempted", f"I{truth[1:]}."
        if kept.right:
            is_exact = isinstance(self._truth, str) or kept.answer == self._truth
            return (
                "pass",
                f"{kept.said}: right." if is_exact else f"{kept.said}; {truth}: right.",
            )
        return "fail", f"{kept.said}; {truth}."

    def __str__(self) -> str:
        kept = self.kept
        asked = "\n".join([self.question, *(f"  · {choice}" for choice in self.choices)])
        how = self._how()
        return f"{asked}\n{kept.said}." if kept else f"{asked}\n{how}" if how else asked

    __repr__ = __str__

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{prose_html(choice)}</li>" for choice in self.choices)
        listed = f'<ul style="margin:4px 0">{items}</ul>' if items else ""
        how = f'<p style="margin:4px 0">{escape(self._how())}</p>' if self._how() else ""
        return framed("mlmi-prediction", _BLUE, self._asked_html(), listed + how)

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        from mlmi_course.widgets import is_static

        display(HTML(self._repr_html_()) if is_static() else self.widget())

    def widget(self) -> ipywidgets.VBox:
        """Buttons for the choices, or a field for the number, and *sure* or *unsure*."""
        import ipywidgets

        if self.choices:
            field = ipywidgets.ToggleButtons(
                options=self.choices, value=None, style={"button_width": "auto"}
            )
        else:
            field = ipywidgets.Text(placeholder="a number", continuous_update=False)
        certainty = ipywidgets.ToggleButtons(
            options=[("I am sure", True), ("not sure", False)],
            value=None,
            style={"button_width": "auto"},
        )
        said = ipywidgets.HTML()
        busy = False

        def show() -> None:
            nonlocal busy
            kept, busy = self.kept, True
            try:
                nothing = None if self.choices else ""
                field.value = plain_answer(kept.answer) if kept else nothing
                certainty.value = kept.sure if kept else None
            finally:
                busy = False
            done = kept is not None and kept.right is not None
            field.disabled = certainty.disabled = done
            said.value = escape(f"{kept.said}." if kept else self._how())

        def react(_: Any) -> None:
            if busy or field.value in (None, "") or certainty.value is None:
                return
            try:
                self.guess(field.value, sure=certainty.value)
            except ValueError as error:
                said.value = escape(str(error))

        for control in (field, certainty):
            control.observe(react, names="value")
        self._listeners.append(show)
        show()
        title = ipywidgets.HTML(framed("mlmi-prediction", _BLUE, self._asked_html(), ""))
        return ipywidgets.VBox([title, field, certainty, said])

    def _asked_html(self) -> str:
        return f"<strong>Predict.</strong> {prose_html(self.question)}"

    def _how(self) -> str:
        if self.choices:
            return ""
        share = f"{100 * self.within:.0f} %" if self.within else ""
        return (
            f"A number; it counts as right within {share} of the truth." if share else "A number."
        )

    # ---- keeping ------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Judge what was guessed, once."""
        kept = self.kept
        if kept is None or kept.right is not None or self._truth is None:
            return
        self._keep(replace(kept, truth=self._truth, right=self._is_right(kept.answer)))

    def _is_right(self, answer: str | float) -> bool:
        if self.choices:
            return answer == self._truth
        truth = float(self._truth or 0.0)
        return abs(float(answer) - truth) <= (self.within or 0.0) * abs(truth)

    def _read_answer(self, answer: str | float) -> str | float:
        if not self.choices:
            try:
                value = float(answer)
            except (TypeError, ValueError):
                value = math.nan
            if not math.isfinite(value):
                raise ValueError(f"This prediction is a number, such as 0.8; got {answer!r}.")
            return value
        text = str(answer).strip().lower()
        found = [choice for choice in self.choices if choice.lower() == text]
        if text and not found:
            found = [choice for choice in self.choices if choice.lower().startswith(text)]
        if len(found) != 1:
            raise ValueError(
                f"{answer!r} is none of the choices. Give one of: "
                f"{', '.join(repr(choice) for choice in self.choices)}."
            )
        return found[0]

    def _keep(self, guess: Guess) -> None:
        self.kept = guess
        try:
            write_whole(self._file, json.dumps(asdict(guess), ensure_ascii=False), private=True)
        except OSError:
            return  # a full disk or a read-only home: this session alone remembers it

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


class Revealed:
    """A truth beside what was expected; in a browser it follows an answer that comes later."""

    def __init__(self, prediction: Prediction) -> None:
        self._prediction = prediction

    def __str__(self) -> str:
        status, sentence = self._prediction.outcome()
        return f"{SYMBOLS[status]} {sentence}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        status, sentence = self._prediction.outcome()
        mark = f'<span style="color:{COLOURS[status]}">{SYMBOLS[status]}</span>'
        return framed("mlmi-revealed", COLOURS[status], f"{mark} {escape(sentence)}", "")

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        from mlmi_course.widgets import is_static

        if is_static():
            display(HTML(self._repr_html_()))
            return
        import ipywidgets

        shown = ipywidgets.HTML(self._repr_html_())

        def follow() -> None:
            shown.value = self._repr_html_()

        self._prediction._listeners.append(follow)
        display(shown)


def _check(question: str, choices: Sequence[str], within: float | None) -> None:
    if "?" not in question:
        raise ValueError(
            f"A prediction asks a question; this one has no question mark: {question!r}"
        )
    if len(choices) == 1 or len(choices) > MOST_CHOICES:
        raise ValueError(
            f"A prediction has two to {MOST_CHOICES} choices, or none for a number; "
            f"got {len(choices)}."
        )
    if len({choice.lower() for choice in choices}) < len(choices):
        raise ValueError(f"Two choices are equal: {', '.join(map(repr, choices))}.")
    if bool(choices) == (within is not None):
        raise ValueError(
            "A number needs within=0.25 (or another share of the truth), and choices do without it."
        )
    if within is not None and not 0 < within < 1:
        raise ValueError(f"within is a share of the truth between 0 and 1; got {within!r}.")
