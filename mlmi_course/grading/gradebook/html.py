"""Pages of a gradebook: one self-contained file each, in which nothing that a student wrote runs.

Three walls stand between a student's text and the reader: templates that escape every value,
an allow-list for the checks' own messages, and a content security policy that forbids scripts,
frames, forms and everything from the network, and allows one style sheet by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import jinja2
import nh3
import numpy as np
from markupsafe import Markup

from mlmi_course.checks.messages import number, prose_html
from mlmi_course.grading.gradebook import pictures
from mlmi_course.grading.gradebook import statistics as stats
from mlmi_course.grading.gradebook.marks import is_free_text
from mlmi_course.grading.gradebook.rows import GradedAnswer, StudentRow, points_table
from mlmi_course.grading.records import Assignment, QuestionInfo

__all__ = ["allowed_only", "class_page", "feedback_page"]

SYMBOLS = {"full": "✓", "part": "◐", "none": "✗", "not attempted": "○", "waiting": "✎"}
WORDS = {
    "full": "right",
    "part": "in part",
    "none": "not right",
    "not attempted": "not attempted",
    "waiting": "waits for a mark",
}
_LONGEST_ANSWER = 20_000

_TAGS = {"p", "div", "span", "code", "pre", "strong", "em", "figure", "figcaption", "img"}
_PNG = re.compile(r"data:image/png;base64,[A-Za-z0-9+/]+={0,2}")


def class_page(assignment: Assignment, rows: Sequence[StudentRow], notices: Sequence[str]) -> str:
    """The page of the whole class.

    Parameters
    ----------
    assignment : Assignment
    rows : sequence of StudentRow
        In the order in which students are listed.
    notices : sequence of str
        What the instructor should know first.
    """
    judged = [row for row in rows if not row.without]
    table = points_table(judged, len(assignment.questions))
    return _render(
        "gradebook.html",
        assignment=assignment,
        rows=rows,
        notices=notices,
        shares=[row.points / assignment.out_of for row in judged] if assignment.out_of else [],
        questions=[
            _question(
                question, table[:, place], Counter(row.answers[place].state for row in judged)
            )
            | {"discrimination": stats.discrimination(table, place)}
            for place, question in enumerate(assignment.questions)
        ],
        misconceptions=stats.misconceptions(judged),
        look=[row for row in rows if row.to_look_at],
        texts=[
            _texts(question, [(row, row.answers[place]) for row in rows])
            for place, question in enumerate(assignment.questions)
            if is_free_text(question)
        ],
        isolation=Counter(row.graded.isolation for row in judged),
        summary=_summary(judged),
    )


def feedback_page(assignment: Assignment, row: StudentRow) -> str:
    """The page of one student, which tells nothing about any other."""
    return _render("feedback.html", assignment=assignment, row=row)


def allowed_only(html: str) -> Markup:
    """The HTML of a check's message, with everything dropped that such messages do not hold.

    The checks escape what a student wrote.  This is for the day when one forgets.

    >>> allowed_only('<p style="x">Is <code>a</code> &lt; b?<script>alert(1)</script></p>')
    Markup('<p>Is <code>a</code> &lt; b?alert(1)</p>')
    """
    clean = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=set(),  # what stands in a script is shown as text
        attributes={"img": {"alt", "src"}, "div": {"style"}},
        attribute_filter=_kept,
        url_schemes={"data"},
        link_rel=None,
    )
    return Markup(_STYLED.sub(_with_our_class, clean))


def _kept(tag: str, attribute: str, value: str) -> str | None:
    """A PNG picture and its words; of styles that of two columns: a label beside each value."""
    if attribute == "style":
        return "values" if "grid-template-columns" in value else None
    return value if attribute == "alt" or _PNG.fullmatch(value) else None


# Pictures are matched whole, so that nothing is taken for a tag which is a picture's words.
_STYLED = re.compile(r'<img(?: \w+="[^"]*")*>|<div style="values">|<code>(?=[^<]*\n)')


def _with_our_class(found: re.Match[str]) -> str:
    """Classes for the only styles that a reader would miss: the page allows no others."""
    tag = found[0]
    if tag.startswith("<img"):
        return tag if " src=" in tag else ""
    # An array: broken lines would hide its columns.
    return '<div class="values">' if tag.startswith("<div") else '<code class="rows">'


def _summary(rows: Sequence[StudentRow]) -> dict[str, Any]:
    """Numbers about the class, as texts."""
    if not rows:
        return {}
    points = [row.points for row in rows]
    slowest = max(rows, key=lambda row: row.graded.seconds)
    return {
        "mean": number(round(statistics.mean(points), 1)),
        "median": number(round(statistics.median(points), 2)),
        "low": number(min(points)),
        "high": number(max(points)),
        "seconds": _seconds(statistics.median(row.graded.seconds for row in rows)),
        "slowest": slowest,
        "waiting": sum(answer.state == "waiting" for row in rows for answer in row.answers),
        "waiting_students": sum(row.waiting > 0 for row in rows),
    }


def _question(question: QuestionInfo, points: np.ndarray, states: Counter[str]) -> dict[str, Any]:
    """What the page says about one question."""
    return {
        "question": question,
        "states": {state: states[state] for state in SYMBOLS if states[state]},
        # The few answers that are known so far are those that nobody wrote.
        "difficulty": None if states["waiting"] else stats.difficulty(points, question.out_of),
    }


def _texts(
    question: QuestionInfo, answers: Sequence[tuple[StudentRow, GradedAnswer]]
) -> dict[str, Any]:
    """The answers to a question that a person marks."""
    written = [(row, answer) for row, answer in answers if answer.grade.answer]
    return {
        "question": question,
        "waiting": [(r, c) for r, c in written if c.state == "waiting" or c.changed],
        "marked": [(r, c) for r, c in written if c.mark and not c.changed],
    }


def _render(template: str, **values: Any) -> str:
    css = _style_sheet()
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = _templates().get_template(template).render(css=Markup(css), policy=policy, **values)
    return page + "\n"


@cache
def _style_sheet() -> str:
    loader = jinja2.PackageLoader("mlmi_course.grading.gradebook")
    return loader.get_source(_templates(), "style.css")[0]


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mlmi_course.grading.gradebook"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(pictures=pictures, SYMBOLS=SYMBOLS, WORDS=WORDS)
    environment.filters.update(
        allowed_only=allowed_only,
        css_class=lambda state: state.replace(" ", "-"),
        headline=_headline,
        isolation=_isolation,
        judge=_judge,
        number=lambda value: number(round(value, 2)),
        percent=lambda share: f"{100 * share:.0f} %",
        plural=_plural,
        points=_points,
        prose=lambda text: Markup(prose_html(text)),
        seconds=_seconds,
        shortened=_shortened,
        words=lambda name: name.replace("_", " "),
    )
    return environment


def _headline(answer: GradedAnswer) -> str:
    """The symbol, what became of the answer, and who says so."""
    said = WORDS[answer.state]
    if answer.mark:
        said = f"{said}, marked by a person" if answer.state != "full" else "marked by a person"
    return f"{SYMBOLS[answer.state]} {said}"


def _points(answer: GradedAnswer) -> str:
    out_of = number(answer.question.out_of)
    return f"– / {out_of}" if answer.state == "waiting" else f"{number(answer.points)} / {out_of}"


def _plural(count: int, one: str, many: str | None = None) -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"


def _judge(value: float | None) -> str:
    """A correlation in words; the limits are the customary ones."""
    if value is None:
        return "cannot be told"
    if value < 0:
        return "reversed: look at this question"
    return "strong" if value >= 0.4 else "fair" if value >= 0.2 else "weak"


def _isolation(counts: Mapping[str, int]) -> str:
    words = {
        "bubblewrap": "in the bubblewrap sandbox",
        "subprocess": "in a plain subprocess",
        "unsandboxed": "without a sandbox",
    }
    return ", ".join(f"{counts[how]} {words.get(how, how)}" for how in sorted(counts))


def _seconds(value: float) -> str:
    if value < 0.1:
        return "< 0.1 s"
    return f"{value:.1f} s" if value < 10 else f"{value:.0f} s"


def _shortened(answer: str) -> str:
    if len(answer) <= _LONGEST_ANSWER:
        return answer
    return f"{answer[:_LONGEST_ANSWER]} … ({len(answer) - _LONGEST_ANSWER} more characters)"
