"""An appendix: a lecture without a lab, which everything that is generated knows."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mlmi_course.building.build import build, read_unit
from mlmi_course.building.contract import Lesson
from mlmi_course.building.findings import AuthorError
from mlmi_course.building.headers import header_cells
from mlmi_course.building.nbgrader import export_unit
from mlmi_course.building.rules_of_prose import absent_units
from mlmi_course.building.slides import written
from mlmi_course.building.source import Cell
from mlmi_course.building.website import pages, staging
from tests.building.conftest import LECTURE, UNIT_TOML, Tree

NAME = "appendix_tools"
PART = f'\n[[part]]\ntitle = "Appendix"\nunits = ["{NAME}"]\n'
README = """\
<!-- begin of the units: `mlmi build` writes them from course/*/unit.toml -->
<!-- end of the units -->
"""


@pytest.fixture
def appended(tree: Tree) -> Tree:
    """The small course, with an appendix."""
    tree.write("course/course.toml", tree.read("course/course.toml") + PART)
    toml = UNIT_TOML.replace('"Demo"', '"Tools"').replace("lab = 10", "lab = 0")
    tree.write(f"course/{NAME}/unit.toml", toml.replace("lab = 20", "lab = 0"))
    tree.write(f"course/{NAME}/lecture.py", LECTURE)
    return tree


def test_an_appendix_has_a_lecture_alone(appended: Tree) -> None:
    course = appended.course
    assert [unit.name for unit in course.units] == ["01_demo"]
    assert [unit.name for unit in course.with_appendices] == ["01_demo", NAME]
    assert course.select([]) == course.with_appendices
    (unit,) = course.select([NAME])
    assert (unit.has_lab, unit.number, unit.label) == (False, NAME, "Appendix")
    files = build(course, [unit]).files
    assert [path for path in files if NAME in path] == [f"lectures/{NAME}.ipynb"]
    title = json.loads(files[f"lectures/{NAME}.ipynb"])["cells"][0]["source"]
    assert "# Appendix · Tools: lecture" in "".join(title)


def test_a_build_leaves_nothing_behind(appended: Tree) -> None:
    assert appended.mlmi("build").exit_code == 0
    notebook = appended.root / f"lectures/{NAME}.ipynb"
    assert notebook.is_file()
    told = appended.mlmi("build", "--check").output
    assert (
        f"lectures/{NAME}.ipynb: missing outputs: 1; refresh them: mlmi build --execute {NAME}"
        in told
    )
    assert appended.mlmi("build", NAME).output.endswith(f"built: {NAME}\n")
    appended.write("course/course.toml", appended.read("course/course.toml").replace(PART, ""))
    (appended.root / f"course/{NAME}/unit.toml").unlink()
    (appended.root / f"course/{NAME}/lecture.py").unlink()
    assert f"removed lectures/{NAME}.ipynb" in appended.mlmi("build").output
    assert not notebook.exists()


def test_the_rules_of_a_lecture_hold(appended: Tree) -> None:
    told = appended.mlmi("lint", NAME).output
    assert f"course/{NAME}/lecture.py" in told
    assert "a lecture opens with the section" in told
    assert "lab" not in told.replace("lab = 0", "")


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("unit.toml", "lecture = 10, lab = 0", "lecture = 10, lab = 5",
         "minutes: an appendix has no lab: lab = 0"),
        ("unit.toml", "lecture = 10, lab = 0", "lecture = 0, lab = 0",
         "minutes: { lecture = …, lab = … } in whole numbers, from 1 on"),
    ],
)  # fmt: skip
def test_minutes_that_do_not_fit(appended: Tree, file: str, old: str, new: str, says: str) -> None:
    appended.edit(f"course/{NAME}/{file}", old, new)
    with pytest.raises(AuthorError, match=says.replace("{", r"\{").replace("}", r"\}")):
        _ = appended.course


def test_a_unit_has_a_lab(tree: Tree) -> None:
    tree.edit("course/01_demo/unit.toml", "minutes = { lecture = 10, lab = 10 }",
              "minutes = { lecture = 10, lab = 0 }")  # fmt: skip
    with pytest.raises(AuthorError, match="in whole numbers, from 1 on"):
        _ = tree.course


def test_a_lab_beside_an_appendix_is_refused(appended: Tree) -> None:
    appended.write(f"course/{NAME}/lab.py", "# %%\n1 + 1\n")
    with pytest.raises(AuthorError, match=r"an appendix has no lab: remove lab\.py"):
        build(appended.course, appended.course.with_appendices)


def test_a_name_that_no_appendix_can_have(appended: Tree) -> None:
    appended.edit("course/course.toml", NAME, "Appendix_tools")
    with pytest.raises(AuthorError, match="or appendix_topic"):
        _ = appended.course


def test_it_cannot_be_exported_as_an_assignment(appended: Tree) -> None:
    (unit,) = appended.course.select([NAME])
    with pytest.raises(AuthorError, match="no lab to export"):
        export_unit(appended.course, unit)


def test_tables_have_a_row_without_a_lab(appended: Tree) -> None:
    appended.write("README.md", README)
    text = build(appended.course, []).files["README.md"]
    assert f"|  | [Appendix Tools](lectures/{NAME}.ipynb) | count | 10 min | – |\n" in text
    assert "|  | [01 Demo](lectures/01_demo.ipynb) | count | 10 min | 10 min |\n" in text


def test_the_site_has_a_page_and_a_card_without_a_lab(appended: Tree) -> None:
    made = pages.generated(appended.course)
    page = made[f"units/{NAME}.md"]
    assert "# Appendix · Tools" in page
    assert f"{{doc}}`Lecture </lectures/{NAME}>`, about ½ h: read it" in page
    assert "xercise" not in page
    assert "olution" not in page
    with_lab = made["units/01_demo.md"]
    assert "{doc}`Exercise </exercises/01_demo>`, about ½ h: what is asked" in with_lab
    assert "{doc}`Solution </solutions/01_demo>`: one answer" in with_lab
    shown = pages.filled("$map|$tree|$units|$outcomes", appended.course)
    assert f'href="units/{NAME}.html"><span class="mlmi-number">Appendix</span>' in shown
    assert "lecture ½ h</span></a></li>" in shown
    assert "lecture ½ h, lab ½ h</span></a></li>" in shown
    assert f"Appendix · Tools <units/{NAME}>" in shown
    assert "|1|" in shown  # an appendix is no unit
    (unit,) = appended.course.select([NAME])
    alone = staging._only(appended.course, [unit])
    assert pages.filled("$first $units", alone) == f"units/{NAME} 0"


def test_slides_and_header_are_named_after_it(appended: Tree) -> None:
    course = appended.course
    (unit,) = course.select([NAME])
    assert "Appendix · Tools" in written(course.title, unit, [])
    published = replace(course)
    (header,) = header_cells(published, unit, "lecture")
    assert "- Part: Appendix" in header.source
    assert "- Time: about 10 minutes" in header.source


def test_texts_may_send_a_reader_there(appended: Tree) -> None:
    course = appended.course
    (unit,) = course.select(["01"])
    lecture, _ = read_unit(course, unit)
    text = f"See `lectures/{NAME}.ipynb` and `lectures/appendix_other.ipynb`."
    lecture = replace(lecture, cells=(Cell("markdown", text),))
    lesson = Lesson(unit, "lecture", lecture, course.with_appendices)
    assert [problem.message for problem in absent_units(lesson)] == [
        "lectures/appendix_other is not there to send a reader to"
    ]
