"""Glossary, bibliography, links and slides, as far as no browser is needed to see them."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from mlmi_course.building.findings import AuthorError
from mlmi_course.building.notebooks import notebook_text
from mlmi_course.building.source import Cell
from mlmi_course.building.website import glossary, references, staging
from mlmi_course.building.website.folding import fold_deeper
from tests.building.conftest import Tree

TERMS = {"bias": "…", "hidden layer": "…", "layer": "…", "ROC": "…"}


@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("A bias, and a bias.", "A {term}`bias`, and a bias."),
        ("Layers here.", "{term}`Layers <layer>` here."),
        ("The hidden layer.", "The {term}`hidden layer`."),
        ("rocs rock; the ROC does not", "rocs rock; the {term}`ROC` does not"),
        ("unbiased, bias-free", "unbiased, bias-free"),
        ("`bias` and $bias$ and **bias**", "`bias` and $bias$ and **bias**"),
        ("## The bias\n| bias | b |\n[bias](x)", "## The bias\n| bias | b |\n[bias](x)"),
        ("```\nbias\n```\n$$ bias $$", "```\nbias\n```\n$$ bias $$"),
    ],
)
def test_the_first_use_in_running_text_is_a_link(text: str, linked: str) -> None:
    assert glossary.link_first_uses(text, TERMS, set()) == linked


def test_a_term_is_linked_once_in_a_lecture() -> None:
    seen: set[str] = set()
    assert "{term}" in glossary.link_first_uses("a bias", TERMS, seen)
    assert "{term}" not in glossary.link_first_uses("a bias", TERMS, seen)


def test_terms_come_from_the_table_of_a_lecture() -> None:
    table = "| term | meaning |\n|---|---|\n| **feature** | one number |"
    table += "\n| **mean**, **median** | of all; of the middle |"
    table += "\n\n| other | x |\n|---|---|\n| **no** | y |"
    assert glossary.tabled_terms([Cell("markdown", table)]) == {"feature": "one number"}


def test_a_term_without_a_meaning_is_refused(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / glossary.GLOSSARY_TOML).write_text('"bias" = 3\n')
    with pytest.raises(AuthorError, match='write "bias" = "what it means"'):
        glossary.written_terms(tmp_path)
    (tmp_path / glossary.GLOSSARY_TOML).write_text('everyday = "bias"\n')
    with pytest.raises(AuthorError, match="write everyday = "):
        glossary.written_terms(tmp_path)


def test_common_words_are_no_terms_themselves(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    (tmp_path / glossary.GLOSSARY_TOML).write_text('everyday = ["base"]\n"base" = "layers"\n')
    assert glossary.written_terms(tmp_path) == ({"base": "layers"}, {"base"})


def _lecture(*items: str) -> list[Cell]:
    numbered = "\n".join(f"{number}. {item}" for number, item in enumerate(items, start=1))
    return [
        Cell("markdown", f"## Quiz\n\n1. no reference\n\n## Go further\n\n{numbered}\n\nNow go.")
    ]


def test_a_work_that_two_lectures_cite_is_listed_once_by_its_author() -> None:
    zeta = "Z. Zeta,\n   *One*, [doi:10.1000/x](https://doi.org/10.1000/x)."
    again = "Zeta, *One again*, [doi:10.1000/X](https://doi.org/10.1000/X)."
    alpha = "A. B. Alpha, *Two*, [arXiv:2001.00001](https://arxiv.org/abs/2001.00001)."
    page = references.bibliography(
        {
            "unit 01": list(references.references(_lecture(zeta, alpha))),
            "unit 02": list(references.references(_lecture(again, "A lecture."))),
        }
    )
    assert page.count("10.1000") == 2, "once as text and once as address"
    assert "Read in unit 01, unit 02." in page
    assert page.index("Alpha") < page.index("Zeta") < page.index("A lecture.")
    assert "no reference" not in page
    assert "Now go" not in page


@pytest.mark.parametrize(
    "url",
    [
        "https://doi.org/10.1016/j.media",
        "https://arxiv.org/abs/1706.03762v5",
        "http://example.org/a_(b)",
    ],
)
def test_addresses_of_the_right_form(url: str) -> None:
    assert references.problem(url) == ""


@pytest.mark.parametrize(
    "url",
    ["https://doi.org/j.media", "https://arxiv.org/abs/x", "https://nowhere", "ftp://a.org", "https://a.org/{x}"],
)  # fmt: skip
def test_addresses_that_cannot_be_right(url: str) -> None:
    assert references.problem(url) != ""


def test_a_sentence_does_not_belong_to_its_address() -> None:
    text = "See https://a.org/b. Or (https://a.org/c), [d](https://a.org/d_(e))."
    assert references.urls(text) == ["https://a.org/b", "https://a.org/c", "https://a.org/d_(e)"]


def test_a_slide_begins_at_each_text_and_after_each_question() -> None:
    cells = [
        Cell("markdown", "# Title"),
        Cell("markdown", "## Section\n\n**Predict.** How many?"),
        Cell("code", "1 + 1"),
        Cell("code", "2 + 2"),
        Cell("markdown", "Two."),
        Cell("code", "3 + 3"),
    ]
    shown = json.loads(notebook_text(cells, {}, slides=True))["cells"]
    kinds = [cell["metadata"].get("slideshow", {}).get("slide_type") for cell in shown]
    assert kinds == ["slide", "slide", "subslide", None, "subslide", None]


def test_only_lectures_are_slides(tree: Tree) -> None:
    files = tree.build().files
    assert "slide_type" in files["lectures/01_demo.ipynb"]
    for folder in ("exercises", "solutions"):
        assert "slide_type" not in files[f"{folder}/01_demo.ipynb"]


def test_what_a_reader_may_skip_is_folded_below_its_heading() -> None:
    from docutils.core import publish_from_doctree
    from myst_parser.config.main import MdParserConfig
    from myst_parser.mdit_to_docutils.base import DocutilsRenderer, make_document
    from myst_parser.parsers.mdit import create_md_parser

    parser = create_md_parser(MdParserConfig(), DocutilsRenderer)
    parser.options["document"] = make_document()
    proof = "## Proof (7 min, deeper)\n\nB.\n\n### Part\n\nC."
    text = f"# Page\n\n## Core (5 min)\n\nA.\n\n{proof}\n\n## End\n\nD."
    document = parser.render(text)
    fold_deeper(None, document)
    page = publish_from_doctree(document, writer="html5").decode()
    inside = page.partition('<details class="mlmi-deeper">')[2].partition("</details>")[0]
    assert page.count("<details") == page.count("</details>") == 1
    assert "Proof (7 min, deeper)" in page.partition("<details")[0]
    assert "Deeper: 7 minutes more" in inside
    assert [letter in inside for letter in ("<p>A.", "<p>B.", "<p>C.", "<p>D.")] == [
        False, True, True, False,
    ]  # fmt: skip


def test_folded_code_is_no_answer(tmp_path: Path) -> None:
    drawn = nbformat.v4.new_code_cell("plots", metadata={"tags": ["hide-input"]})
    answer = nbformat.v4.new_code_cell("1", metadata={"tags": ["hide-cell"]})
    node = nbformat.v4.new_notebook(cells=[drawn, answer])
    staging._write_notebook(tmp_path, "lectures/01_demo.ipynb", node)
    cells = nbformat.read(tmp_path / "lectures/01_demo.ipynb", as_version=4).cells
    assert cells[0].metadata["mystnb"]["code_prompt_show"] == "Show the code"
    assert "mystnb" not in cells[1].metadata
