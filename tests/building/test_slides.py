"""What stands on a slide, what is said, and what only appears when the speaker asks for it."""

from __future__ import annotations

import base64
import struct

import nbformat
import pytest

from mlmi_course.building.build import Notebook
from mlmi_course.building.slide_plan import Shown, Slide, Step, guessed, plan
from mlmi_course.building.slides import slides_of, written
from mlmi_course.building.source import Cell
from tests.building.conftest import Tree

PICTURE, PRINTED = Shown("picture", "<figure></figure>"), Shown("printed", "<pre></pre>")


def text(source: str, *tags: str) -> Step:
    return Step(Cell("markdown", source, tags=tags))


def code(*shown: Shown, stated: str = "") -> Step:
    return Step(Cell("code", "compute()"), shown, stated)


def planned(*steps: Step) -> list[Slide]:
    """The slides behind the first, in a section of their own."""
    title, *slides = plan("01 · Demo", "See.", ["count"], [text("## One (3 min)"), *steps])
    assert title.points == ["*See.*", "- count"]
    return slides


def test_a_picture_stands_beside_what_is_said_of_it_first() -> None:
    (slide,) = planned(code(PICTURE), text("The curve falls. It does so early. Nobody knows why."))
    assert (slide.title, slide.section) == ("The curve falls", "One")
    assert slide.points == ["It does so early. Nobody knows why."]
    assert slide.shown == [PICTURE]
    assert slide.notes == ["The curve falls. It does so early. Nobody knows why."]


def test_every_slide_has_a_title() -> None:
    slides = planned(text("Words of **one** kind."), code(PICTURE), code(PICTURE), code(PICTURE))
    assert [slide.title for slide in slides] == ["One"] * 3
    assert [len(slide.shown) for slide in slides] == [1] * 3


def test_what_holds_nothing_to_show_is_said() -> None:
    slides = planned(
        text("**Term** is a word. It has letters."),
        text("And so on, and so on."),
        text("**Bold**, but only said.", "notes"),
    )
    assert [slide.points for slide in slides] == [["**Term** is a word."]]
    assert slides[0].notes == [
        "**Term** is a word. It has letters.",
        "And so on, and so on.",
        "**Bold**, but only said.",
    ]


def test_nobody_sees_the_answer_while_being_asked() -> None:
    asking, showing = planned(
        text("**Predict.** How many?"), code(PICTURE), text("Two are there. They are small.")
    )
    assert (asking.asks, asking.shown) == (True, [])
    assert (showing.asks, showing.shown, showing.title) == (False, [PICTURE], "Two are there")


def test_an_answer_in_words_appears_on_the_slide_that_asks() -> None:
    (slide,) = planned(
        text("**Predict.** How many?"), code(stated="count: 2"), text("Two are there. Both small.")
    )
    assert slide.points == ["**Predict.** How many?"]
    assert slide.answers == ["**Two are there.**", "Both small."]
    assert "```\ncount: 2\n```" in slide.notes


def test_a_recorded_prediction_asks_and_its_reveal_answers() -> None:
    asked, told = Shown("question", "<p>?</p>"), Shown("answer", "<p>It is 2.</p>")
    (slide,) = planned(code(asked), code(told), text("So it is."))
    assert (slide.asks, slide.shown) == (True, [asked])
    assert slide.answers == ["<p>It is 2.</p>", "**So it is.**"]


def test_a_formula_a_list_and_a_table_are_shown_and_long_items_shortened() -> None:
    long = "**Claim.** " + "word " * 70
    (slide,) = planned(text(f"$$ a = b $$\n\n- {long}\n- short\n\n| a | b |\n|---|---|\n| 1 | 2 |"))
    assert slide.points == [
        "$$ a = b $$",
        "- **Claim.**\n- short",
        "| a | b |\n|---|---|\n| 1 | 2 |",
    ]


def test_a_long_text_goes_on_on_the_next_slide() -> None:
    paragraph = "**Term** " + "word " * 40
    slides = planned(text("\n\n".join([paragraph] * 3)))
    assert len(slides) == 2


def test_answers_of_the_quiz_are_said() -> None:
    quiz = "## Quiz\n\n**1.** Why?\n\n<details><summary>Answer</summary>\n\nSo.\n\n</details>"
    (slide,) = plan("t", "p", [], [text(quiz)])[1:]
    assert slide.points == ["**1.** Why?"]
    assert "So." in slide.notes[-1]


def test_citations_and_works_are_no_slides() -> None:
    (slide,) = planned(text("A **term** [3] is."), text("## Go further\n\n1. A. Author."))
    assert slide.points == ["A **term** is."]


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("x = 1", []),
        ("print(1)", ["printed"]),
        ("result('a', 1)", []),
        ("plots.image(a, alt='A.')", ["picture"]),
        ("def draw(ax):\n    plots.image(a, ax=ax)", []),
        ("table.head()", ["table"]),
        ("spot = ask('?', 'a', 'b')\nspot", ["question"]),
        ("spot.reveal('a')", ["answer"]),
        ("ask.score()", []),
    ],
)
def test_what_code_will_show_is_told_without_running_it(source: str, kinds: list[str]) -> None:
    (step,) = guessed([Cell("code", source)])
    assert [shown.kind for shown in step.shown] == kinds


# ---- from an executed notebook -----------------------------------------------------------------


def ran(cells: list[Cell], *outputs: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    node = nbformat.v4.new_notebook()
    given = iter(outputs)
    for cell in cells:
        new = nbformat.v4.new_code_cell if cell.is_code else nbformat.v4.new_markdown_cell
        node.cells.append(new(cell.source))
        if cell.is_code:
            node.cells[-1].outputs = next(given)
    return node


def printed(words: str) -> list[nbformat.NotebookNode]:
    return [nbformat.v4.new_output("stream", name="stdout", text=words)]


def picture(width: int, height: int) -> list[nbformat.NotebookNode]:
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + bytes(20)
    source = base64.b64encode(head).decode()
    html = f'<figure><img alt="A line." src="data:image/png;base64,{source}"></figure>'
    return [nbformat.v4.new_output("display_data", data={"text/html": html})]


def lecture(*cells: Cell) -> Notebook:
    return Notebook("lecture", "lectures/01_demo.ipynb", "lecture.py", (), cells)


def test_results_are_said_and_never_shown(tree: Tree) -> None:
    stated = "slices: 189\nAUC 0.957 (≥ 0.93: yes)\nshift (mm) 7 (≤ 5: no)\n"
    cells = [Cell("markdown", "## One\n\nA **term**."), Cell("code", "result(…)"),
             Cell("code", "print(…)")]  # fmt: skip
    node = ran(cells, printed(stated), printed("day  at risk\n 31      10\n"))
    _, slide = slides_of(tree.unit, lecture(*cells), node)
    (shown,) = slide.shown
    assert "day  at risk" in shown.html
    assert slide.notes[-1] == "```\nslices: 189\nAUC 0.957\nshift (mm) 7 (≤ 5: no)\n```"


def test_a_wide_picture_stands_below_its_text(tree: Tree) -> None:
    cells = [Cell("markdown", "## One\n\nA **term**."), Cell("code", "plot")]
    for width, layout in ((900, "below"), (400, "beside")):
        node = ran(cells, picture(width, 300))
        slides = slides_of(tree.unit, lecture(*cells), node)
        html = written("A course", tree.unit, slides)
        assert f'<div class="body {layout}">' in html


def test_deeper_sections_are_shown_when_asked_for(tree: Tree) -> None:
    cells = [Cell("markdown", "## One (2 min)\n\nA **term**."),
             Cell("markdown", "## Two (2 min, deeper)\n\nA **proof**."),
             Cell("markdown", "## Three (1 min)\n\nAn **end**.")]  # fmt: skip
    node, notebook = ran(cells), lecture(*cells)
    titles = [slide.title for slide in slides_of(tree.unit, notebook, node)]
    assert titles == ["01 · Demo", "One", "Three"]
    titles = [slide.title for slide in slides_of(tree.unit, notebook, node, deeper=True)]
    assert titles == ["01 · Demo", "One", "Two", "Three"]
