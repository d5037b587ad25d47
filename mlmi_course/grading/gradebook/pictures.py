"""Small pictures as inline SVG: pure functions of numbers, coloured by the page's style sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from markupsafe import Markup, escape

from mlmi_course.grading.gradebook.statistics import histogram

__all__ = ["correlation", "distribution", "outcomes", "share"]

_BINS = 10


def distribution(shares: Sequence[float]) -> Markup:
    """How many students earned which share of the points, with the median marked.

    Parameters
    ----------
    shares : sequence of float
        From 0 to 1, one for each student.
    """
    counts = histogram(shares, _BINS)
    tallest = max([*counts, 1])
    left, top, width, height = 12, 46, 336, 118
    step = width / _BINS
    bars, parts = [], []
    for place, count in enumerate(counts):
        tall = height * count / tallest
        x, y = left + place * step, top + height - tall
        if count:
            bars.append(_rect(x + 1.5, y, step - 3, tall, "bar"))
            parts.append(_text(x + step / 2, y - 4, str(count), "count"))
    parts.append(_line(left, top + height, left + width, top + height, "axis"))
    parts += [
        _text(left + width * tenth / 10, top + height + 16, f"{10 * tenth}", "tick")
        for tenth in range(0, 11, 2)
    ]
    parts.append(_text(left + width / 2, top + height + 34, "percent of the points", "label"))
    said = "No submissions."
    if shares:
        middle = median(shares)
        x = left + width * min(middle, 1)
        anchor = "end" if middle > 0.7 else "start" if middle < 0.3 else "middle"
        bars.append(_line(x, top - 12, x, top + height, "median"))  # below the counts
        parts.append(_text(x, top - 18, f"median {100 * middle:.0f} %", "label", anchor))
        said = _in_words(counts, middle)
    return _svg(360, 204, "Distribution of the class", said, [*bars, *parts], "distribution")


def outcomes(states: Mapping[str, int], words: Mapping[str, str]) -> Markup:
    """One bar of how many answers were right, in part, wrong, missing, waiting.

    Parameters
    ----------
    states : mapping of str to int
        Number of answers by state, in the order in which they are drawn.
    words : mapping of str to str
        What a state is called.
    """
    total = sum(states.values()) or 1
    x = 0.0
    parts = []
    for state, count in states.items():
        wide = 200 * count / total
        parts.append(_rect(x, 0, wide, 12, f"s-{state.replace(' ', '-')}"))
        x += wide
    said = ", ".join(f"{count} {words[state]}" for state, count in states.items())
    return _svg(200, 12, "Answers", said or "none", parts, "outcomes", stretch=True)


def share(value: float | None, what: str) -> Markup:
    """A bar from nothing to all."""
    parts = [_rect(0, 2, 100, 8, "rail")]
    if value is not None:
        parts.append(_rect(0, 2, 100 * min(max(value, 0), 1), 8, "bar"))
    said = "cannot be told" if value is None else f"{100 * value:.0f} percent"
    return _svg(100, 12, what, said, parts, "small", stretch=True)


def correlation(value: float | None) -> Markup:
    """A bar from nothing to the right, or to the left below nothing."""
    parts = [_rect(0, 2, 100, 8, "rail")]
    if value is not None:
        start, end = sorted((50.0, 50 + 50 * value))
        parts.append(_rect(start, 2, end - start, 8, "bar" if value >= 0 else "s-none"))
    parts.append(_line(50, 0, 50, 12, "axis"))
    said = "cannot be told" if value is None else f"{value:.2f}"
    return _svg(100, 12, "Discrimination", said, parts, "small", stretch=True)


def _in_words(counts: Sequence[int], middle: float) -> str:
    filled = [
        f"{count} from {100 * place // _BINS} to {100 * (place + 1) // _BINS} percent"
        for place, count in enumerate(counts)
        if count
    ]
    return f"Median {100 * middle:.0f} percent of the points. Students: {', '.join(filled)}."


def _svg(
    width: int,
    height: int,
    title: str,
    said: str,
    parts: Sequence[Markup],
    css: str,
    *,
    stretch: bool = False,
) -> Markup:
    """A picture that fits any width, and says in words what it shows."""
    ratio = Markup(' preserveAspectRatio="none"') if stretch else ""
    return Markup(
        '<svg class="{}" viewBox="0 0 {} {}"{} role="img" aria-label="{}"><title>{}</title>{}</svg>'
    ).format(css, width, height, ratio, f"{title}: {said}", said, Markup("").join(parts))


def _rect(x: float, y: float, width: float, height: float, css: str) -> Markup:
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="{}"/>').format(
        x, y, width, height, css
    )


def _line(x1: float, y1: float, x2: float, y2: float, css: str) -> Markup:
    return Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" class="{}"/>').format(
        x1, y1, x2, y2, css
    )


def _text(x: float, y: float, text: str, css: str, anchor: str = "middle") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" class="{}">{}</text>').format(
        x, y, anchor, css, escape(text)
    )
