"""A patient among others: what models say, how far to believe it, and when not to answer."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from html import escape
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from mlmi_course._files import write_whole
from mlmi_course.widgets._ahead import STILL, is_ahead
from mlmi_course.widgets._dashboard._numbers import LIKE, Decision, read
from mlmi_course.widgets._dashboard._page import Pages
from mlmi_course.widgets._explore import is_static

if TYPE_CHECKING:
    import ipywidgets
    import pandas as pd

__all__ = ["Dashboard", "Decision", "dashboard"]


def dashboard(
    names: Sequence[str],
    risks: Mapping[str, ArrayLike],
    *,
    time: ArrayLike,
    event: ArrayLike,
    horizon: float = 365.0,
    glyphs: pd.DataFrame,
    contributions: Mapping[str, ArrayLike],
    contribution_names: Mapping[str, Sequence[str]],
    images: ArrayLike,
    masks: ArrayLike | None = None,
    spacing: tuple[float, float] = (1.0, 1.0),
    segmentation_ok: ArrayLike,
    intervals: Mapping[str, ArrayLike] | None = None,
    disagreement: float = 0.15,
    reference: ArrayLike | None = None,
    title: str = "",
    settings: Sequence[Mapping[str, str]] | None = None,
    static: bool | None = None,
) -> Dashboard:
    """Show one patient among the others, and what several models say of it.

    It gives no answer where the check of the segmentation failed, where the chosen model has no
    risk for the patient, or where the models differ by more than ``disagreement``; and says which
    of these it was.  Everything is computed and shown on this computer; nothing is sent.

    Parameters
    ----------
    names : sequence of str
        Of n patients, all different.
    risks : mapping of model to array_like, shape (n,)
        Predicted probability of death within ``horizon``, from 0 to 1; nan where a model has none.
    time, event : array_like, shape (n,)
        Days of follow-up, and whether they ended with death.
    horizon : float
        In days.
    glyphs : DataFrame, shape (n, 3 to 8)
        Features that are shown beside those of other patients, as ranks in the cohort.
    contributions : mapping of model to array_like, shape (n, p)
        What moves each prediction away from the mean, on the scale of the log hazard: SHAP values,
        or coefficient times distance from the mean.  A model may be left out.
    contribution_names : mapping of model to sequence of str
        Their p names.
    images : array_like, shape (n, rows, columns)
    masks : array_like, shape (n, rows, columns), optional
        What the network outlined.
    spacing : (float, float)
        Between rows and between columns, in mm.
    segmentation_ok : array_like of bool, shape (n,)
        Whether a check of the segmentation passed.
    intervals : mapping of model to array_like, shape (n, 2), optional
        Low and high end of a risk, such as over noise of the outline.
    disagreement : float
        The most by which the models may differ before no answer is given.
    reference : array_like of bool, shape (n,), optional
        The patients who make up the cohort; all of them if left out.
    title : str
        Of the report.
    settings : sequence of dict, optional
        What is shown where no kernel runs: ``[{"patient": "P0003", "model": "clinical"}]``.
        Otherwise the first patient with an answer, and the first without one.
    static : bool, optional
        See :func:`~mlmi_course.widgets.is_static`.

    Returns
    -------
    Dashboard

    Raises
    ------
    ValueError
        If arrays differ in number, a risk is no probability, or a setting names nobody.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> clinical = rng.uniform(0.1, 0.6, 40)
    >>> board = dashboard(
    ...     [f"P{n:02d}" for n in range(40)],
    ...     {"clinical": clinical, "+ image": np.clip(clinical + rng.normal(0, 0.03, 40), 0, 1)},
    ...     time=rng.exponential(500, 40), event=rng.random(40) < 0.8,
    ...     glyphs=pd.DataFrame(rng.normal(size=(40, 3)), columns=["age", "volume", "entropy"]),
    ...     contributions={"clinical": rng.normal(size=(40, 2))},
    ...     contribution_names={"clinical": ["age", "performance"]},
    ...     images=rng.random((40, 16, 16)), segmentation_ok=np.arange(40) != 1,
    ... )
    >>> board.decision("P00", "clinical")
    P00, clinical: 42 %
    >>> board.decision("P01", "clinical").reasons
    ('the segmentation check failed',)
    """
    patients = read(
        names,
        risks,
        time=time,
        event=event,
        horizon=horizon,
        glyphs=glyphs,
        contributions=contributions,
        contribution_names=contribution_names,
        images=images,
        masks=masks,
        spacing=spacing,
        segmentation_ok=segmentation_ok,
        intervals=intervals,
        disagreement=disagreement,
        reference=reference,
    )
    return Dashboard(Pages(patients, title), settings, static=static)


class Dashboard:
    """What :func:`dashboard` returns; it shows itself as the last line of a cell.

    Parameters
    ----------
    pages : Pages
    settings : sequence of dict, optional
    static : bool, optional
    """

    def __init__(
        self,
        pages: Pages,
        settings: Sequence[Mapping[str, str]] | None = None,
        *,
        static: bool | None = None,
    ) -> None:
        self._pages = pages
        self._static = static
        self._settings = self._telling() if settings is None else self._read(settings)

    def decision(self, patient: str, model: str) -> Decision:
        """The answer for a patient and a model, or why there is none."""
        return self._pages.patients.decision(patient, model)

    def report(self, patient: str, model: str) -> str:
        """One HTML page of a patient: it loads nothing, and fits a phone."""
        self.decision(patient, model)  # what is not there is said before anything is drawn
        return self._pages.report(patient, model)

    def save(self, path: str | Path, patient: str, model: str) -> Path:
        """Write the page of a patient to a file."""
        path = Path(path)
        write_whole(path, self.report(patient, model))
        return path

    @property
    def alt(self) -> str:
        """What is shown where no kernel runs, in words."""
        said = (repr(self.decision(patient, model)) for patient, model in self._settings)
        return f"A dashboard of {len(self._pages.patients.names)} patients. {'. '.join(said)}."

    def widget(self) -> ipywidgets.VBox:
        """Menus of patients and models above the page of the one that is chosen."""
        import ipywidgets

        pages, patients = self._pages, self._pages.patients
        start, model = self._settings[0]
        wide = {"description_width": "5em"}
        who = ipywidgets.Dropdown(
            options=patients.names, value=start, description="Patient", style=wide
        )
        which = ipywidgets.Dropdown(
            options=tuple(patients.risks), value=model, description="Model", style=wide
        )
        page, kept = ipywidgets.HTML(), ipywidgets.HTML()
        page.layout.width = "100%"
        others = [ipywidgets.Button(layout={"width": "auto"}) for _ in range(LIKE)]

        def redraw(_: Any = None) -> None:
            page.value = pages.embedded([(who.value, which.value)])
            like = pages.like(patients.row(who.value))
            for letter, button, row in zip_longest("abcdef", others, like):
                button.layout.display = "none" if row is None else ""
                if row is not None:
                    button.description = f"{letter}: {patients.names[row]}"
                    button.tooltip = f"Show {patients.names[row]}"
            kept.value = _download(pages.report(who.value, which.value), who.value)

        def go(button: ipywidgets.Button) -> None:
            who.value = button.description.partition(": ")[2]

        for button in others:
            button.on_click(go)
        who.observe(redraw, names="value")
        which.observe(redraw, names="value")
        redraw()
        row_of = ipywidgets.Layout(flex_flow="row wrap")
        said = ipywidgets.HTML("<span>Go to a patient most alike:</span>")
        linked = ipywidgets.Box([said, *others], layout=row_of)
        return ipywidgets.VBox([who, which, page, linked, kept])

    def _repr_html_(self) -> str | None:
        if not is_static(self._static):
            return None
        still = f'<p class="mlmi-still">{escape(STILL)}</p>' if is_ahead() else ""
        return self._pages.embedded(self._settings) + still

    def _ipython_display_(self) -> None:
        from IPython.display import display

        if is_static(self._static):
            shown = {"text/html": self._repr_html_(), "text/plain": repr(self)}
            display(shown, raw=True)
        else:
            display(self.widget())

    def __repr__(self) -> str:
        return f"Dashboard: {self.alt}"

    def _telling(self) -> list[tuple[str, str]]:
        """The first patient with an answer, and the first without, by the first model."""
        model = next(iter(self._pages.patients.risks))
        found: dict[bool, tuple[str, str]] = {}
        for name in self._pages.patients.names:
            found.setdefault(self.decision(name, model).answers, (name, model))
            if len(found) == 2:
                break
        return [found[answers] for answers in (True, False) if answers in found]

    def _read(self, settings: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
        first = next(iter(self._pages.patients.risks))
        chosen = [(s.get("patient", ""), s.get("model", first)) for s in settings]
        if not chosen:
            raise ValueError("settings needs at least one patient, or leave it out")
        for patient, model in chosen:
            self.decision(patient, model)
        return chosen


def _download(report: str, patient: str) -> str:
    """A link that saves the report: the file is in the link, so no server is asked."""
    data = base64.b64encode(report.encode()).decode("ascii")
    name = "".join(sign if sign.isalnum() else "-" for sign in patient)
    return (
        f'<a download="report-{escape(name)}.html" href="data:text/html;base64,{data}" '
        'style="text-decoration:underline">Save this page as one file</a>'
    )
