"""The pictures of a dashboard: SVG that takes its colours from the page, and the patient's image.

Each is drawn for a phone, 340 units wide, and says in words what it shows.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course._figures import figure_html
from mlmi_course.plots import COLOURS
from mlmi_course.widgets._dashboard._numbers import Bin, Patients, known, percent

WIDTH: Final = 340
OUTCOMES: Final = ("died", "alive", "unknown")
_LETTERS: Final = "abcdefgh"
_COUNTED: Final = 20  # bars over the whole axis of risk


@dataclass(frozen=True)
class Axis:
    """A scale from a value to a place between two ends."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value; what lies outside is put at the end."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def svg(height: float, alt: str, parts: Iterable[str]) -> str:
    """A picture that fits its column, with its alternative text."""
    return (
        f'<svg role="img" aria-label="{escape(alt, quote=True)}" viewBox="0 0 {WIDTH} '
        f'{height:g}" width="{WIDTH}" height="{height:g}" xmlns="http://www.w3.org/2000/svg">'
        f"{''.join(parts)}</svg>"
    )


def text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> str:
    """Words at a place; ``kind`` is a class of the style sheet."""
    named = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{named}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def box(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A filled rectangle."""
    place = f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
    return f'<rect {place} class="{kind}"/>'


def dot(x: float, y: float, kind: str, radius: float = 4.5) -> str:
    """A disc."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" class="{kind}"/>'


def _axis_of_risk(scale: Axis, y: float, words: str = "") -> list[str]:
    """Ticks at whole tenths below a picture."""
    step = 0.1 if scale.high <= 0.5 else 0.2
    parts = [line(scale.start, y, scale.end, y, "axis")]
    for number in range(round(scale.high / step) + 1):
        value = number * step
        parts += [
            line(scale(value), y, scale(value), y + 4, "axis"),
            text(scale(value), y + 17, f"{100 * value:.0f} %", anchor="middle", kind="small"),
        ]
    return [*parts, text(WIDTH / 2, y + 33, words, anchor="middle")] if words else parts


def top_of(risk: NDArray[np.float64]) -> float:
    """The end of the axis: the first whole fifth above all risks."""
    there = risk[np.isfinite(risk)]
    return min(1.0, max(0.2, math.ceil(5 * float(there.max()) - 1e-9) / 5)) if there.size else 1.0


# ---- the models beside each other ----------------------------------------------------------------


def models(patients: Patients, row: int, chosen: str) -> str:
    """Each model's risk with its interval, on one axis."""
    risks = {name: float(risk[row]) for name, risk in patients.risks.items()}
    ends = [patients.interval(name, row)[1] for name in risks]
    scale = Axis(0.0, top_of(np.array([*risks.values(), *ends])), 14, WIDTH - 16)
    there = {name: risk for name, risk in risks.items() if known(risk)}
    parts, said, y = [], [], 16.0
    height = 42.0 * len(risks) + 44
    if there:
        left, right = scale(min(there.values())), scale(max(there.values()))
        parts.append(box(left, 4, max(right - left, 1), height - 44, "spread"))
    for name, risk in risks.items():
        low, high = patients.interval(name, row)
        kind = "chosen" if name == chosen else "other"
        words = f"{name}: {percent(risk)}"
        if known(low):
            words += f" ({100 * low:.0f} to {percent(high)})"
        said.append(words)
        parts.append(text(14, y, words, kind="bold" if name == chosen else ""))
        parts.append(line(scale.start, y + 13, scale.end, y + 13, "rail"))
        if known(low):
            parts.append(line(scale(low), y + 13, scale(high), y + 13, f"bar {kind}"))
        if known(risk):
            parts.append(dot(scale(risk), y + 13, kind))
        y += 42
    parts += _axis_of_risk(scale, height - 34)
    alt = f"Risk of death within {patients.horizon:g} days by each model. {'; '.join(said)}."
    return svg(height - 12, alt, parts)


# ---- the patient among the others ----------------------------------------------------------------


def density(
    patients: Patients, model: str, found: Sequence[Bin], row: int | None, like: Sequence[int]
) -> str:
    """How many patients have which risk and what became of them, by predicted risk.

    ``row`` is the chosen patient, or None where nothing is answered; ``like`` are the patients
    beside it.
    """
    all_risks, there = patients.risks[model], patients.reference
    scale = Axis(0.0, top_of(all_risks[there]), 34, WIDTH - 20)
    risk = all_risks[there]
    rows = np.flatnonzero(there)[np.isfinite(risk)]
    edges = np.linspace(0, scale.high, _COUNTED + 1)
    counts = np.zeros((len(OUTCOMES), _COUNTED), int)
    for place in rows:
        at = min(int(all_risks[place] / scale.high * _COUNTED), _COUNTED - 1)
        counts[OUTCOMES.index(patients.outcome(place)), at] += 1
    tallest = max(int(counts.sum(axis=0).max()), 1)
    high = Axis(0, tallest, 100, 24)
    here = bin_at(found, float(all_risks[row])) if row is not None else None
    parts = [text(34, 12, f"patients (the highest bar: {tallest})", kind="small")]
    if here is not None and found:
        left = scale(found[here].low)
        parts.append(box(left, 20, max(scale(found[here].high) - left, 2), 242, "mine"))
    for at in range(_COUNTED):
        below, left = 0, scale(edges[at])
        for number, name in enumerate(OUTCOMES):
            above = below + int(counts[number, at])
            if above > below:
                wide = scale(edges[at + 1]) - left - 1
                parts.append(box(left, high(above), wide, high(below) - high(above), name))
            below = above
    parts.append(line(scale.start, 100, scale.end, 100, "axis"))

    rate = Axis(0, 1, 262, 140)
    parts.append(text(34, 126, f"observed: dead within {patients.horizon:g} days", kind="small"))
    parts += [
        text(30, rate(v) + 4, f"{100 * v:.0f}", anchor="end", kind="small") for v in (0, 0.5, 1)
    ]
    parts += [line(scale.start, rate(v), scale.end, rate(v), "rail") for v in (0.5, 1)]
    parts.append(line(scale(0), rate(0), scale(scale.high), rate(scale.high), "ideal"))
    for number, one in enumerate(found):
        x, share = scale(one.predicted), one.observed
        if known(share.value):
            kind = "chosen" if number == here else "other"
            parts.append(line(x, rate(share.low), x, rate(share.high), f"bar {kind}"))
            parts.append(dot(x, rate(share.value), kind, 4))
    parts += _axis_of_risk(scale, 262, f"predicted risk, {model}")
    marks = [(float(all_risks[p]), letter) for letter, p in zip(_LETTERS, like, strict=False)]
    x = -math.inf
    for other, letter in sorted(mark for mark in marks if known(mark[0])):
        x = max(scale(other), x + 9)  # two at one place would hide each other
        parts.append(text(x, 112, letter, anchor="middle"))
    if row is not None:
        x = scale(float(all_risks[row]))
        parts += [line(x, 18, x, 262, "patient"), dot(x, 18, "patientdot")]
    return svg(300, density_words(patients, model, found, here), parts)


def bin_at(found: Sequence[Bin], risk: float) -> int:
    """Number of the bin that a risk belongs to."""
    return max((n for n, one in enumerate(found) if risk >= one.low), default=0)


def bin_words(one: Bin) -> str:
    """A bin in a sentence."""
    share = one.observed
    if not known(share.value):
        return f"what became of them is not known ({share.n} patients)"
    return (
        f"{percent(share.value)} died ({100 * share.low:.0f} to {percent(share.high)}, "
        f"{share.n} patients)"
    )


def density_words(patients: Patients, model: str, found: Sequence[Bin], here: int | None) -> str:
    """What the picture of the cohort shows."""
    words = (
        f"{int(patients.reference.sum())} patients by the risk that {model} predicts: how many "
        f"died, lived or are not known at {patients.horizon:g} days, and the share who died in "
        f"{len(found)} bins, with 95 % intervals."
    )
    if not found:
        return f"{words} The model predicts nothing for them."
    ends = (found[0], found[-1]) if len(found) > 1 else (found[0],)
    for one in ends:
        words += f" Predicted {percent(one.predicted)}: {bin_words(one)}."
    if here is not None:
        one = found[here]
        words += (
            f" The patient's bin, {100 * one.low:.0f} to {percent(one.high)}: {bin_words(one)}."
        )
    return words


# ---- glyphs --------------------------------------------------------------------------------------


def glyph(
    where: NDArray[np.float64], x: float, y: float, radius: float, kind: str, *, numbered: bool
) -> list[str]:
    """A star of one patient: each ray is a feature, its length the rank in the cohort."""
    angles = [2 * math.pi * n / len(where) - math.pi / 2 for n in range(len(where))]
    parts = [
        f'<circle cx="{x:g}" cy="{y:g}" r="{radius * share:g}" class="ring"/>' for share in (0.5, 1)
    ]
    corners = []
    for number, (angle, rank) in enumerate(zip(angles, where, strict=True), 1):
        across, down = math.cos(angle), math.sin(angle)
        parts.append(line(x, y, x + radius * across, y + radius * down, "rail"))
        if known(rank):
            far = radius * max(float(rank), 0.02)
            corners.append(f"{x + far * across:.1f},{y + far * down:.1f}")
            parts.append(dot(x + far * across, y + far * down, f"{kind}dot", 2.5))
        if numbered:
            at = radius + 11
            parts.append(
                text(x + at * across, y + at * down + 4, str(number), anchor="middle", kind="small")
            )
    parts.append(f'<polygon points="{" ".join(corners)}" class="{kind}star"/>')
    return parts


def glyphs(patients: Patients, where: NDArray[np.float64], row: int, like: Sequence[int]) -> str:
    """The chosen patient's star, and those of the patients most like it."""
    parts = glyph(where[row], 96, 92, 68, "patient", numbered=True)
    parts.append(text(96, 188, patients.names[row], anchor="middle", kind="bold"))
    said = []
    for number, (letter, place) in enumerate(zip(_LETTERS, like, strict=False)):
        x, y = ((226, 44), (300, 44), (226, 142), (300, 142), (226, 240), (300, 240))[number % 6]
        end = patients.outcome(place)
        parts += glyph(where[place], x, y, 30, end, numbered=False)
        parts.append(text(x, y + 44, f"{letter}: {end}", anchor="middle", kind="small"))
        said.append(f"{letter}, {patients.names[place]}, {end}")
    alt = f"{patients.names[row]}: " + ", ".join(
        f"{name} {rank_words(float(rank))}"
        for name, rank in zip(patients.features, where[row], strict=True)
    )
    alt += f". Most alike in the cohort: {'; '.join(said) or 'nobody'}."
    return svg(292 if len(like) > 4 else 200, alt, parts)


def rank_words(rank: float) -> str:
    """Where a patient stands, in words.

    Examples
    --------
    >>> rank_words(0.934), rank_words(float("nan"))
    ('above 93 % of the cohort', 'missing')
    """
    return f"above {100 * rank:.0f} % of the cohort" if known(rank) else "missing"


# ---- contributions -------------------------------------------------------------------------------


def signed(value: float) -> str:
    """A number with its sign, as it is set in print.

    Examples
    --------
    >>> signed(-0.5), signed(0.125)
    ('−0.50', '+0.12')
    """
    return f"{value:+.2f}".replace("-", "−")


def contributions(shown: Sequence[tuple[str, float]], model: str) -> str:
    """Bars to the left and to the right, each below its name."""
    largest = max((abs(value) for _, value in shown if known(value)), default=0.0) or 1.0
    scale = Axis(-largest, largest, 46, WIDTH - 46)
    parts, said, y = [], [], 14.0
    for name, value in shown:
        words = signed(value) if known(value) else "missing"
        said.append(f"{name} {words}")
        parts.append(text(WIDTH / 2, y, name, anchor="middle"))
        if known(value):
            left, right = sorted((scale(0), scale(value)))
            parts.append(box(left, y + 5, max(right - left, 1), 11, "up" if value > 0 else "down"))
            at, anchor = (right + 4, "start") if value >= 0 else (left - 4, "end")
            parts.append(text(at, y + 15, words, anchor=anchor, kind="small"))
        parts.append(line(scale(0), y + 3, scale(0), y + 18, "axis"))
        y += 36
    parts.append(text(WIDTH / 2 - 8, y + 4, "← lowers the hazard", anchor="end", kind="small"))
    parts.append(text(WIDTH / 2 + 8, y + 4, "raises it →", kind="small"))
    alt = (
        f"What moves the log hazard of {model} from its mean, the largest first: {'; '.join(said)}."
    )
    return svg(y + 12, alt, parts)


# ---- the image -----------------------------------------------------------------------------------


def image(patients: Patients, row: int, width: int = 300) -> str:
    """The patient's image with the outline of the segmentation, as HTML."""
    picture = np.asarray(patients.images[row], float)
    there = picture[np.isfinite(picture)]
    low, high = np.percentile(there, (1, 99.5)) if there.size else (0.0, 1.0)
    grey = np.clip((np.nan_to_num(picture) - low) / max(high - low, 1e-9), 0, 1)
    tall, wide = patients.spacing
    rows, columns = picture.shape
    shape = (max(1, round(width * rows * tall / (columns * wide))), width)
    of_row = np.arange(shape[0]) * rows // shape[0]
    of_column = np.arange(shape[1]) * columns // shape[1]
    pixels = np.repeat((255 * grey[np.ix_(of_row, of_column)])[..., None], 3, axis=2)
    extent = f"{rows * tall:.0f} by {columns * wide:.0f} mm"
    alt = f"Image of {patients.names[row]}, {extent}."
    if patients.masks is not None:
        mask = patients.masks[row]
        large = mask[np.ix_(of_row, of_column)]
        colour = COLOURS["prediction"].lstrip("#")
        pixels[_edge(large)] = [int(colour[i : i + 2], 16) for i in (0, 2, 4)]
        if mask.any():
            alt += f" The network's outline holds {mask.sum() * tall * wide / 100:.1f} cm²."
        else:
            alt += " The network outlined nothing."
    return figure_html(_png(pixels.astype(np.uint8)), alt, width)


def _edge(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Two pixels along the inside of a mask."""
    from scipy.ndimage import binary_erosion

    return mask & ~binary_erosion(mask, iterations=2)


def _png(pixels: NDArray[Any]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png", optimize=True)
    return buffer.getvalue()
