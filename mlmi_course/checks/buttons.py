"""Buttons below a verdict, for whoever would rather press than type: *check*, *hint*, *solution*.

They appear where a browser shows widgets: in JupyterLab, VS Code and Colab.  Elsewhere, and where
``MLMI_STATIC`` is set, a verdict is what it always was.  The calls that one types stay, and do the
same.
"""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stdout
from dataclasses import fields
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

from mlmi_course.checks import lectures
from mlmi_course.checks.verdicts import Verdict

if TYPE_CHECKING:
    import ipywidgets


class Asked(Protocol):
    """What the buttons need of a question."""

    name: str
    unit: str
    see: str

    def check(self, answer: Any) -> Verdict: ...
    def hint(self) -> Any: ...
    def solution(self) -> Any: ...


def with_buttons(question: Asked, verdict: Verdict) -> Verdict:
    """The verdict, which brings its buttons along where they can be pressed.

    Parameters
    ----------
    question : Question
    verdict : Verdict

    Returns
    -------
    Verdict
        The same one where nobody could press.
    """
    return Pressable(question, verdict) if _shell() is not None else verdict


class Pressable(Verdict):
    """A verdict that shows buttons below itself."""

    question: Asked

    def __init__(self, question: Asked, verdict: Verdict) -> None:
        super().__init__(**{field.name: getattr(verdict, field.name) for field in fields(verdict)})
        object.__setattr__(self, "question", question)  # the class is frozen

    # It is the same judgement, with buttons or without.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verdict) and _values(self) == _values(other)

    def __hash__(self) -> int:
        return hash((self.status, self.points, self.out_of, self.misconception))

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        # The verdict is no widget: it is still there when the notebook is opened another day.
        handle = display(HTML(self._page()), display_id=True)
        display(self.buttons(lambda verdict: handle.update(HTML(verdict._page()))))

    def _page(self) -> str:
        """The verdict, and the way to the lecture where its message does not show it."""
        page = self._repr_html_()
        question = self.question
        address = lectures.address(question.unit, question.see) if question.see else ""
        if not address or address in page:
            return page
        link = f'<a href="{escape(address, quote=True)}">{escape(question.see)}</a>'
        return f'{page}<p style="margin:2px 16px">In the lecture: {link}</p>'

    def buttons(self, tell: Any) -> ipywidgets.VBox:
        """The three buttons, and the place for what they give.

        Parameters
        ----------
        tell : callable
            Gets the new verdict when *check* was pressed.
        """
        import ipywidgets

        question = self.question
        given, printed = ipywidgets.HTML(), ipywidgets.HTML()
        notes: list[str] = []

        def check(_: Any) -> None:
            answer = _shell().user_ns.get(question.name, ...)
            with redirect_stdout(io.StringIO()) as text:  # what the answer itself prints
                verdict = question.check(answer)
            printed.value = f"<pre>{escape(text.getvalue())}</pre>" if text.getvalue() else ""
            tell(Pressable(question, verdict))

        def add(note: Any) -> None:
            if note._repr_html_() not in notes:
                notes.append(note._repr_html_())
            given.value = "".join(notes)

        acts = {
            "Check": (check, f"Judge what {question.name} is now"),
            "Hint": (lambda _: add(question.hint()), "One hint at a time"),
            "Solution": (lambda _: add(question.solution()), "One right answer"),
        }
        row = []
        for name, (act, tooltip) in acts.items():
            button = ipywidgets.Button(
                description=name, tooltip=tooltip, layout=ipywidgets.Layout(width="auto")
            )
            button.on_click(act)
            row.append(button)
        return ipywidgets.VBox([ipywidgets.HBox(row), given, printed])


def _values(verdict: Verdict) -> tuple[Any, ...]:
    return tuple(getattr(verdict, field.name) for field in fields(Verdict))


def _shell() -> Any:
    """The notebook's shell, where somebody may press a button."""
    from mlmi_course.widgets import is_static

    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell if hasattr(shell, "kernel") and not is_static() else None
