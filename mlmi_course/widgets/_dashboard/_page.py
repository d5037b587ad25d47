"""A patient's page: the parts of a dashboard as HTML, and the report that stands alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.plots import COLOURS, OKABE_ITO
from mlmi_course.widgets._dashboard import _charts
from mlmi_course.widgets._dashboard._numbers import (
    Bin,
    Decision,
    Patients,
    bins,
    known,
    largest,
    most_alike,
    percent,
    ranks,
)

# Died and alive are a series of two here, and grey is for what nobody knows.
_LIGHT: Final = {
    "ink": "#222222", "soft": "#595959", "paper": "#ffffff", "rail": "#d0d0d0", "card": "#f5f5f5",
    "mine": "#f3dcea", "spread": "#ececec", "patient": COLOURS["highlight"],
    "died": OKABE_ITO["vermillion"], "alive": OKABE_ITO["blue"], "unknown": "#8c8c8c",
}  # fmt: skip
_DARK: Final = {
    "ink": "#f0f0f0", "soft": "#b8b8b8", "paper": "#16181b", "rail": "#4a4d52", "card": "#22262b",
    "mine": "#4b2c40", "spread": "#2d3238", "alive": OKABE_ITO["sky blue"],
}  # fmt: skip

_STYLE: Final = """\
.mlmi-dash{color:var(--ink);background:var(--paper);font:15px/1.45 system-ui,sans-serif;
padding:.8rem;max-width:64rem;box-sizing:border-box;overflow-wrap:anywhere}
.mlmi-dash *{box-sizing:border-box}
.mlmi-dash h1,.mlmi-dash h2,.mlmi-dash h3{line-height:1.2;margin:.2em 0 .4em;color:var(--ink)}
.mlmi-dash h1{font-size:1.35rem}.mlmi-dash h2,.mlmi-dash h3{font-size:1.05rem}
.mlmi-dash p{margin:.4em 0;color:var(--ink)}.mlmi-dash .note{color:var(--soft);font-size:.85rem}
.mlmi-dash .grid{columns:19rem;column-gap:.8rem;margin-top:.8rem}
.mlmi-dash .card{background:var(--card);border-radius:.5rem;padding:.7rem;margin:0 0 .8rem;
break-inside:avoid}
.mlmi-dash .verdict{font-size:1.15rem;font-weight:600}
.mlmi-dash .stop{border-left:.4rem solid var(--died);padding-left:.6rem}
.mlmi-dash .go{border-left:.4rem solid var(--alive);padding-left:.6rem}
.mlmi-dash svg,.mlmi-dash img{display:block;max-width:100%;height:auto;margin:0 auto}
.mlmi-dash text{font:12px system-ui,sans-serif;fill:var(--ink)}
.mlmi-dash text.small{font-size:11px}.mlmi-dash text.bold{font-weight:700}
.mlmi-dash .axis{stroke:var(--soft)}.mlmi-dash .rail{stroke:var(--rail)}
.mlmi-dash .ring{stroke:var(--rail);fill:none}
.mlmi-dash .ideal{stroke:var(--soft);stroke-dasharray:4 3}
.mlmi-dash .mine{fill:var(--mine)}.mlmi-dash .spread{fill:var(--spread)}
.mlmi-dash line.bar{stroke-width:4}.mlmi-dash line.other{stroke:var(--soft)}
.mlmi-dash circle.other{fill:var(--soft)}
.mlmi-dash line.chosen,.mlmi-dash line.patient{stroke:var(--patient)}
.mlmi-dash line.patient{stroke-width:2}
.mlmi-dash circle.chosen,.mlmi-dash .patientdot{fill:var(--patient)}
.mlmi-dash .died,.mlmi-dash .dieddot,.mlmi-dash .up{fill:var(--died)}
.mlmi-dash .alive,.mlmi-dash .alivedot,.mlmi-dash .down{fill:var(--alive)}
.mlmi-dash .unknown,.mlmi-dash .unknowndot{fill:var(--unknown)}
.mlmi-dash polygon{fill-opacity:.25;stroke-width:1.5}
.mlmi-dash .patientstar{fill:var(--patient);stroke:var(--patient)}
.mlmi-dash .diedstar{fill:var(--died);stroke:var(--died)}
.mlmi-dash .alivestar{fill:var(--alive);stroke:var(--alive);stroke-dasharray:4 2}
.mlmi-dash .unknownstar{fill:var(--unknown);stroke:var(--unknown);stroke-dasharray:1 2}
.mlmi-dash table{border-collapse:collapse;width:100%;font-size:.85rem;color:var(--ink)}
.mlmi-dash th,.mlmi-dash td{text-align:left;padding:.15rem .4rem .15rem 0;
border-bottom:1px solid var(--rail);background:none}
.mlmi-dash td.n,.mlmi-dash th.n{text-align:right}
.mlmi-dash summary{cursor:pointer;color:var(--ink)}
.mlmi-dash .key span{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 .8em}
"""


def _variables(colours: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in colours.items())


def style(*, dark: bool) -> str:
    """The style sheet; with ``dark``, a page that follows the reader's own setting."""
    text = f".mlmi-dash{{{_variables(_LIGHT)}}}\n{_STYLE}"
    if dark:
        text += (
            f"body{{margin:0;background:{_LIGHT['paper']}}}.mlmi-dash{{margin:0 auto}}\n"
            f"@media (prefers-color-scheme:dark){{body{{background:{_DARK['paper']}}}"
            f".mlmi-dash{{{_variables(_DARK)}}}}}\n"
        )
    return f"<style>{text}</style>"


@dataclass(frozen=True)
class Pages:
    """Pages of all patients; what they share is computed once."""

    patients: Patients
    title: str
    _bins: dict[str, tuple[Bin, ...]] = field(default_factory=dict)

    @cached_property
    def where(self) -> NDArray[np.float64]:
        """Ranks of all patients in the cohort, by feature."""
        return ranks(self.patients.glyphs, self.patients.reference)

    def bins(self, model: str) -> tuple[Bin, ...]:
        """What became of the cohort, by the risk that a model predicts."""
        if model not in self._bins:
            p, there = self.patients, self.patients.reference
            risk, time, event = p.risks[model][there], p.time[there], p.event[there]
            self._bins[model] = bins(risk, time, event, p.horizon)
        return self._bins[model]

    def like(self, row: int) -> list[int]:
        """Patients of the cohort who are most alike."""
        return most_alike(self.where, row, self.patients.reference)

    def fragment(self, patient: str, model: str, *, level: int = 2) -> str:
        """A patient's page, to stand in another one; ``level`` is that of its headings."""
        decision = self.patients.decision(patient, model)
        row = self.patients.row(patient)
        like = self.like(row)
        parts = [
            self._verdict(decision, row, level),
            _card("The image, and what the network outlined", self._image(row), level),
            _card("What each model says", self._models(row, decision), level),
            _card("The patient in the cohort", self._density(row, decision, like), level),
            _card("Features, and the patients most alike", self._glyphs(row, like), level),
            _card("What moved the prediction", self._contributions(row, decision), level),
        ]
        page = "".join([parts[0], '<div class="grid">', *parts[1:], "</div>"])
        return re.sub(r"(?<=\d) %", "\u00a0%", page)  # no line begins with a sign of per cent

    def embedded(self, chosen: Sequence[tuple[str, str]]) -> str:
        """Pages of some patients one below the other, in the light colours of the course."""
        pages = "<hr>".join(self.fragment(patient, model, level=3) for patient, model in chosen)
        return f'{style(dark=False)}<div class="mlmi-dash">{pages}</div>'

    def report(self, patient: str, model: str) -> str:
        """A file of its own: nothing is loaded from anywhere, and no script runs."""
        title = escape(self.title or "A patient among others")
        return (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="color-scheme" content="light dark">'
            f"<title>{title}: {escape(patient)}, {escape(model)}</title>"
            f"{style(dark=True)}</head>\n"
            f'<body><main class="mlmi-dash"><h1>{title}</h1>'
            f"{self.fragment(patient, model)}"
            '<p class="note">Made on one computer; nothing was sent anywhere. Not a medical '
            "device: no decision about a patient may rest on this page.</p></main></body></html>\n"
        )

    # ---- parts --------------------------------------------------------------------------------

    def _verdict(self, decision: Decision, row: int, level: int) -> str:
        p = self.patients
        name = f"{escape(decision.patient)}, by the model <em>{escape(decision.model)}</em>"
        if decision.answers:
            interval = ""
            if known(decision.low):
                interval = f" ({100 * decision.low:.0f} to {percent(decision.high)})"
            words = (
                f'<div class="go"><p class="verdict">Risk of death within {p.horizon:g} days: '
                f"{percent(decision.risk)}{interval}</p></div>"
            )
        else:
            reasons = "".join(f"<li>{escape(reason)}</li>" for reason in decision.reasons)
            words = (
                '<div class="stop"><p class="verdict">No answer for this patient</p>'
                f"<ul>{reasons}</ul></div>"
            )
        return (
            f"<h{level}>{name}</h{level}>{words}"
            f"<details><summary>What became of the patient</summary><p>{self._became(row)}</p>"
            "</details>"
        )

    def _became(self, row: int) -> str:
        p, days = self.patients, f"day {self.patients.time[row]:.0f}"
        return {
            "died": f"Died on {days}.",
            "alive": f"Alive at {p.horizon:g} days; "
            + (f"died on {days}." if p.event[row] else f"last seen on {days}."),
            "unknown": f"Last seen alive on {days}; nothing is known of day {p.horizon:g}.",
        }[p.outcome(row)]

    def _image(self, row: int) -> str:
        words = "The check of the segmentation " + (
            "passed." if self.patients.segmentation_ok[row] else "<strong>failed</strong>."
        )
        return f"{_charts.image(self.patients, row)}<p>{words}</p>"

    def _models(self, row: int, decision: Decision) -> str:
        bars = "Bars are the intervals that were given; they" if self.patients.intervals else ""
        note = f"{bars} do not draw another training of the models." if bars else ""
        shown = (
            f"{_charts.models(self.patients, row, decision.model)}"
            '<p class="note">The grey field reaches from the lowest to the highest; wider than '
            f"{percent(self.patients.disagreement)}, no answer is given. {note}</p>"
        )
        if decision.answers:
            return shown
        return f"<details><summary>To find the reason, not for use</summary>{shown}</details>"

    def _density(self, row: int, decision: Decision, like: Sequence[int]) -> str:
        found = self.bins(decision.model)
        mine = row if decision.answers else None
        picture = _charts.density(self.patients, decision.model, found, mine, like)
        if not decision.answers:
            words = "No answer, so the patient has no place here."
        else:
            one = found[_charts.bin_at(found, decision.risk)] if found else None
            words = (
                "No patient of the cohort has a prediction."
                if one is None
                else f"Of the patients with a predicted risk of {100 * one.low:.0f} to "
                f"{percent(one.high)}, {_charts.bin_words(one)}."
            )
        key = "".join(
            f'<span style="background:var(--{name})"></span>{name}' for name in _charts.OUTCOMES
        )
        rows = "".join(
            f'<tr><td>{100 * b.low:.0f} to {percent(b.high)}</td><td class="n">{b.observed.n}</td>'
            f'<td class="n">{percent(b.observed.value)}</td><td class="n">{_interval(b)}</td></tr>'
            for b in found
        )
        return (
            f'{picture}<p class="key">{key}</p><p>{words}</p>'
            "<details><summary>The bins as a table</summary><table><tr><th>predicted</th>"
            '<th class="n">patients</th><th class="n">died</th>'
            f'<th class="n">95 % interval</th></tr>{rows}</table></details>'
            '<p class="note">On the broken line as many die as predicted. Observed shares are by '
            "Kaplan and Meier; intervals draw patients and hold the model fixed. Letters are the "
            "patients most alike.</p>"
        )

    def _glyphs(self, row: int, like: Sequence[int]) -> str:
        p = self.patients
        rows = "".join(
            f'<tr><td class="n">{number}</td><td>{escape(name)}</td><td class="n">{_value(value)}'
            f'</td><td class="n">{percent(float(rank)) if known(rank) else "missing"}</td></tr>'
            for number, (name, value, rank) in enumerate(
                zip(p.features, p.glyphs[row], self.where[row], strict=True), 1
            )
        )
        return (
            f"{_charts.glyphs(p, self.where, row, like)}"
            '<table><tr><th class="n">ray</th><th>feature</th><th class="n">value</th>'
            f'<th class="n">rank</th></tr>{rows}</table>'
            '<p class="note">A ray is as long as the share of the cohort below the patient; the '
            "inner ring is the middle. Who looks alike here need not fare alike.</p>"
        )

    def _contributions(self, row: int, decision: Decision) -> str:
        p, model = self.patients, decision.model
        if not decision.answers:
            return "<p>No answer, so there is nothing to explain.</p>"
        if model not in p.contributions:
            return f"<p>No contributions were computed for {escape(model)}.</p>"
        values = p.contributions[model][row]
        shown = largest(values, p.contribution_names[model])
        total = float(np.nansum(values))
        return (
            f"{_charts.contributions(shown, model)}"
            f"<p>Together {_charts.signed(total)} on the log hazard: the model gives this patient "
            f"{np.exp(total):.2f} times the hazard of its mean patient.</p>"
            '<p class="note">This says what the model used, not what would help the patient.</p>'
        )


def _interval(one: Bin) -> str:
    share = one.observed
    return f"{100 * share.low:.0f} to {percent(share.high)}" if known(share.value) else "–"


def _value(value: float) -> str:
    return f"{value:.3g}" if known(value) else "–"


def _card(title: str, inside: str, level: int) -> str:
    return f'<div class="card"><h{level}>{title}</h{level}>{inside}</div>'
