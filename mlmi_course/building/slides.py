"""A lecture as a deck of slides: one HTML file that loads nothing, from anywhere."""

from __future__ import annotations

import base64
import importlib.util
import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import nbformat
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from mlmi_course.building.build import Notebook, read_unit, unit_notebooks
from mlmi_course.building.course import Course, Unit
from mlmi_course.building.executed import executed
from mlmi_course.building.sittings import is_deeper
from mlmi_course.building.slide_plan import Shown, Slide, Step, plan
from mlmi_course.building.source import Cell
from mlmi_course.checks.results import numbers

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
_RESULT = re.compile(
    r"\S: (?:-?\d+(?:\.\d+)?(?:e[-+]\d+)?|nan|-?inf|True|False)$"
    r"|\((?:[≥≤]|within) [^()\n]+: (?:yes|no)\)$"
)
_STATES = re.compile(r'<figure class="mlmi-state".*?</figure>|<p class="mlmi-still">.*?</p>')
_WIDE = 1.9  # a picture that is so much wider than high stands below its text
_MOST_LINES = 14  # of what a cell prints; more is read in the notebook


@dataclass(frozen=True)
class Deck:
    """A deck, and how many slides it has."""

    html: str
    slides: int


def deck(
    course: Course,
    unit: Unit,
    *,
    deeper: bool = False,
    tell: Callable[[str], None] = lambda line: None,
) -> Deck:
    """A lecture as slides.

    Parameters
    ----------
    course : Course
    unit : Unit
        Its lecture is executed unless it was since the last change.
    deeper : bool, default False
        Whether the sections that a reader may skip have slides too.
    tell : callable
        Gets a line if the lecture was executed.

    Raises
    ------
    AuthorError
        When the source is wrong or a cell raises.
    """
    lecture, *_ = unit_notebooks(course, unit, *read_unit(course, unit))
    (node,) = executed(course, [lecture], tell=tell).values()
    slides = slides_of(unit, lecture, node, deeper=deeper)
    return Deck(written(course.title, unit, slides), len(slides))


def slides_of(
    unit: Unit, lecture: Notebook, node: nbformat.NotebookNode, *, deeper: bool = False
) -> list[Slide]:
    """The slides of a lecture that was executed."""
    skipped = is_deeper(lecture.body)
    nodes = node.cells[len(lecture.header) :]
    steps = [
        Step(cell, tuple(_shown(cell, ran)), _stated(cell, ran))
        for cell, ran, skip in zip(lecture.body, nodes, skipped, strict=True)
        if deeper or not skip
    ]
    return plan(f"{unit.label} · {unit.title}", unit.promise, unit.objectives, steps)


def written(course: str, unit: Unit, slides: Sequence[Slide]) -> str:
    """The text of the HTML file."""
    template = resources.files("mlmi_course.building") / "templates" / "slides.html"
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(template.read_text(encoding="utf-8")).render(
        title=f"{unit.label} · {unit.title}",
        course=course,
        slides=[_as_html(slide) for slide in slides],
        code_style=Markup(HtmlFormatter().get_style_defs(".code")),
        mathjax=Markup(_mathjax()),
    )


def _as_html(slide: Slide) -> dict[str, Any]:
    points = [_point(text) for text in slide.points]
    shown = [one.html for one in slide.shown]
    layout = ""
    if shown:
        wide = any(one.is_wide for one in slide.shown) or not points
        layout = "below" if wide else "beside"
    code = [highlight(text, PythonLexer(), HtmlFormatter(cssclass="code")) for text in slide.code]
    return {
        "title": Markup(_inline(slide.title)),
        "section": "" if slide.section == slide.title else Markup(_inline(slide.section)),
        "points": Markup("\n".join(points)),
        "shown": Markup("\n".join(shown)),
        "answers": Markup("\n".join(_point(text) for text in slide.answers)),
        "layout": layout,
        "notes": Markup("\n".join(_MARKDOWN.render(text) for text in slide.notes)),
        "code": Markup("\n".join(code)),
    }


def _point(text: str) -> str:
    asked = "ask" if text.startswith("**Predict.**") else ""
    html = _MARKDOWN.render(text)
    return f'<div class="{asked}">{html}</div>' if asked else html


def _inline(text: str) -> str:
    return _MARKDOWN.renderInline(text)


def _shown(cell: Cell, ran: nbformat.NotebookNode) -> Iterator[Shown]:
    """What a cell shows: pictures, tables, what it prints apart from results; and questions."""
    for output in ran.get("outputs", []):
        if output.output_type == "stream":
            lines = output.text.strip("\n").split("\n") if output.name == "stdout" else []
            if "result(" in cell.source:
                printed = lines if "print(" in cell.source else []
                lines = [line for line in printed if not _RESULT.search(line)]
            if any(map(str.strip, lines)) and len(lines) <= _MOST_LINES:
                text = escape("\n".join(lines))
                yield Shown("printed", f'<pre class="printed">{text}</pre>')
            continue
        data = output.get("data", {})
        html = _STATES.sub("", data.get("text/html", ""))
        if "mlmi-score" in html:
            continue
        if "mlmi-prediction" in html:
            yield Shown("question", f'<div class="ask">{html}</div>')
        elif "mlmi-revealed" in html:
            yield Shown("answer", html)
        elif "<figure" in html:
            yield Shown("picture", f'<div class="shown">{html}</div>', _is_wide(html))
        elif html:
            yield Shown("table", f'<div class="shown">{html}</div>')
        elif text := data.get("text/plain", ""):
            yield Shown("printed", f'<pre class="printed">{escape(text)}</pre>')


def _stated(cell: Cell, ran: nbformat.NotebookNode) -> str:
    """What a cell states by ``result(...)``: for the speaker."""
    if "result(" not in cell.source:
        return ""
    printed = "".join(o.text for o in ran.get("outputs", []) if o.get("name") == "stdout")
    lines = [line for line in printed.split("\n") if _RESULT.search(line)]
    return numbers("\n".join(lines))


def _is_wide(html: str) -> bool:
    """Whether a picture is wide; told from the first bytes of its PNG."""
    found = re.search(r"data:image/png;base64,([A-Za-z0-9+/]{40})", html)
    if not found:
        return False
    head = base64.b64decode(found[1])
    width, height = struct.unpack(">II", head[16:24])
    return width > _WIDE * height


def _formula(text: str, options: dict[str, bool]) -> str:
    opening, closing = ("\\[", "\\]") if options["display_mode"] else ("\\(", "\\)")
    return f"{opening}{escape(text, quote=False)}{closing}"


_MARKDOWN.use(dollarmath_plugin, renderer=_formula)


def _mathjax() -> str:
    """MathJax 3 with its glyphs inside; a text that cannot end the script it stands in."""
    package = importlib.util.find_spec("sphinx-mathjax-offline")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("no MathJax", name="sphinx")  # of the same extra
    file = Path(package.origin).parent / "static" / "mathjax" / "tex-svg-full.js"
    return file.read_text(encoding="utf-8").replace("</script", "<\\/script")
