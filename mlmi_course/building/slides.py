"""A lecture as a deck of slides: one HTML file that loads nothing, from anywhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from html import escape
from importlib import resources
from pathlib import Path

import jinja2
import nbformat
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from mlmi_course.building.build import read_unit, unit_notebooks
from mlmi_course.building.course import Course, Unit
from mlmi_course.building.executed import executed
from mlmi_course.checks.results import numbers

_BEGINS = ("slide", "subslide")


def deck(course: Course, unit: Unit, *, tell: Callable[[str], None] = lambda line: None) -> str:
    """The text of the HTML file.

    Parameters
    ----------
    course : Course
    unit : Unit
        Its lecture is executed unless it was since the last change.
    tell : callable
        Gets a line if the lecture was executed.

    Raises
    ------
    AuthorError
        When the source is wrong or a cell raises.
    """
    lecture, *_ = unit_notebooks(course, unit, *read_unit(course, unit))
    (node,) = executed(course, [lecture], tell=tell).values()
    template = resources.files("mlmi_course.building") / "templates" / "slides.html"
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(template.read_text(encoding="utf-8")).render(
        title=f"{unit.number} · {unit.title}",
        course=course.title,
        slides=[Markup("\n".join(cells)) for cells in _slides(node)],
        code_style=Markup(HtmlFormatter().get_style_defs(".code")),
        mathjax=Markup(_mathjax()),
    )


def _slides(node: nbformat.NotebookNode) -> list[list[str]]:
    """The HTML of each slide's cells; what has no slide type goes on the slide before."""
    found: list[list[str]] = []
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    markdown.use(dollarmath_plugin, renderer=_formula)
    for cell in node.cells:
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind in ("skip", "notes"):
            continue
        if kind in _BEGINS or not found:
            found.append([])
        text = markdown.render(cell.source) if cell.cell_type == "markdown" else _code(cell)
        found[-1].append(text)
    return found


def _formula(text: str, options: dict[str, bool]) -> str:
    opening, closing = ("\\[", "\\]") if options["display_mode"] else ("\\(", "\\)")
    return f"{opening}{escape(text, quote=False)}{closing}"


def _code(cell: nbformat.NotebookNode) -> str:
    """Code, folded, and what it gave."""
    colours = HtmlFormatter(cssclass="code")
    code = highlight(cell.source, PythonLexer(), colours)
    outputs = "\n".join(_output(output) for output in cell.outputs)
    return f"<details><summary>Code</summary>{code}</details>\n{outputs}"


def _output(output: nbformat.NotebookNode) -> str:
    if output.output_type == "stream":
        if output.name != "stdout":
            return ""
        return f'<pre class="printed">{escape(numbers(output.text))}</pre>'
    data = output.get("data", {})
    if "text/html" in data:
        return f'<div class="shown">{data["text/html"]}</div>'
    return f'<pre class="printed">{escape(data.get("text/plain", ""))}</pre>'


def _mathjax() -> str:
    """MathJax 3 with its glyphs inside; a text that cannot end the script it stands in."""
    package = importlib.util.find_spec("sphinx-mathjax-offline")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("no MathJax", name="sphinx")  # of the same extra
    file = Path(package.origin).parent / "static" / "mathjax" / "tex-svg-full.js"
    return file.read_text(encoding="utf-8").replace("</script", "<\\/script")
