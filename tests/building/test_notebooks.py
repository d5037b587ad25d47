"""What becomes of each kind of cell, and that it is the same bytes every time."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from types import ModuleType

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmi_course.building import passages
from mlmi_course.building.code import code_hash, live_before, tokens, without_comments
from mlmi_course.building.findings import AuthorError, CellError
from mlmi_course.building.notebooks import cell_ids, notebook_text
from mlmi_course.building.regions import blank, without_markers
from mlmi_course.building.source import Cell
from tests.building.conftest import Tree

LAB = "course/01_demo/lab.py"


def sources(tree: Tree, folder: str) -> list[str]:
    notebook = json.loads(tree.build().files[f"{folder}/01_demo.ipynb"])
    return ["".join(cell["source"]) for cell in notebook["cells"][1:]]


def test_untagged_cells_are_in_both(tree: Tree) -> None:
    for folder in ("exercises", "solutions"):
        assert sources(tree, folder)[0] == "## Double (10 min)"
        assert "q.double.check(double)" in sources(tree, folder)


def test_solution_cells_are_in_solutions_alone(tree: Tree) -> None:
    assert "print(double(2))" in sources(tree, "solutions")
    assert "print(double(2))" not in sources(tree, "exercises")


def test_a_region_in_a_function(tree: Tree) -> None:
    head = 'def double(number):\n    """Return twice the number."""\n    '
    assert f"{head}# YOUR CODE HERE\n    raise NotImplementedError" in sources(tree, "exercises")
    assert f"{head}return number + number" in sources(tree, "solutions")


def test_folded_code(tree: Tree) -> None:
    """On the site by a tag, in JupyterLab by what it keeps itself, and in exercises too."""
    for file, line in (("lecture", "# %%\nfirst = 1"), ("lab", "# %%\nq.double.check")):
        tree.edit(f"course/01_demo/{file}.py", line, line.replace("%%", '%% tags=["fold"]'))
    tree.edit("course/01_demo/lecture.py", '["nbval', '["fold", "nbval')
    files = tree.build().files
    for path, tags in (
        ("lectures", [["hide-input"], ["nbval-check-output", "hide-input"]]),
        ("exercises", [["hide-input"]]),
        ("solutions", [["hide-input"]]),
    ):
        cells = json.loads(files[f"{path}/01_demo.ipynb"])["cells"]
        folded = [c["metadata"] for c in cells if c["metadata"].get("jupyter")]
        assert [metadata["tags"] for metadata in folded] == tags
        assert all(metadata["jupyter"] == {"source_hidden": True} for metadata in folded)


def test_solutions_say_that_they_are_ours(tree: Tree) -> None:
    from mlmi_course.checks.progress import SOLUTIONS_MARK

    imports = "from mlmi_course.questions import u01_demo as q"
    assert f"{imports}  {SOLUTIONS_MARK}" in "\n".join(sources(tree, "solutions"))
    assert SOLUTIONS_MARK not in "\n".join(sources(tree, "exercises"))
    assert imports in "\n".join(sources(tree, "exercises"))


def test_what_a_question_forbids_stands_where_a_student_writes(tree: Tree) -> None:
    forbidden = '("mlmi_course.metrics.dice", "scipy.ndimage.convolve")'
    tree.edit(
        "mlmi_course/questions/u01_demo.py",
        "double = FunctionQuestion(",
        f"double = FunctionQuestion(\n    not_allowed={forbidden},",
    )
    told = "# Not to be called here: metrics.dice, scipy.ndimage.convolve"
    written = f"    # YOUR CODE HERE\n    {told}\n    raise NotImplementedError"
    assert written in "\n".join(sources(tree, "exercises"))
    assert told not in "\n".join(sources(tree, "solutions"))


def test_a_lab_says_once_what_an_answer_may_call(tree: Tree) -> None:
    header = json.loads(tree.build().files["exercises/01_demo.ipynb"])["cells"][0]["source"]
    assert "may call any library that the course installs" in "".join(header)


def test_instructor_cells_are_notes(tree: Tree) -> None:
    for folder in ("lectures", "exercises", "solutions"):
        assert "Ask them to count." not in "\n".join(sources(tree, folder))
    notes = tree.build().files["instructors/01_demo.md"]
    assert "Ask them to count." in notes
    assert "10 minutes" in notes
    assert "A plan for the board" not in notes


PLAN = """\
### First half: numbers (8 min)

| min | section | on the board |
|---:|---|---|
| 8 | Numbers | fingers |
"""


def test_a_plan_for_the_board_is_part_of_the_page(tree: Tree) -> None:
    tree.write("course/01_demo/teaching.md", PLAN)
    page = tree.build().files["instructors/01_demo.md"]
    assert "## A plan for the board" in page
    assert "| 8 | Numbers | fingers |" in page


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("| Numbers", "| Dancing", "has no section 'Dancing'"),
        ("| 8 |", "| 7 |", "rows sum to 7 min, not to 8"),
        ("(8 min)", "(80 min)", "a half is 45 min at most"),
    ],
)
def test_a_plan_that_the_lecture_does_not_bear_out_is_refused(
    tree: Tree, old: str, new: str, says: str
) -> None:
    tree.write("course/01_demo/teaching.md", PLAN.replace(old, new))
    with pytest.raises(AuthorError, match=re.escape(says)):
        tree.build()


def test_waivers_are_for_authors(tree: Tree) -> None:
    tree.edit(LAB, "q.double.check", "# lint-ok: x — y\n# leak-ok: z\nq.double.check")
    tree.edit(LAB, "# ## Double", "# <!-- lint-ok: x — y -->\n# ## Double")
    for folder in ("exercises", "solutions"):
        assert "-ok:" not in tree.build().files[f"{folder}/01_demo.ipynb"]


def test_tags_that_have_done_their_job_are_gone(tree: Tree) -> None:
    for path, text in tree.build().files.items():
        if path.endswith(".ipynb"):
            tags = [tag for c in json.loads(text)["cells"] for tag in c["metadata"].get("tags", [])]
            expected = 0 if path.startswith("exercises") else 1
            assert tags == ["nbval-check-output"] * expected


def test_the_solution_text_is_what_defines_the_answer(tree: Tree) -> None:
    tree.edit(LAB, "    ### END SOLUTION\n", "    ### END SOLUTION\nq.double.show(double)\n")
    text = tree.build().files["mlmi_course/questions/solutions/u01_demo.json"]
    assert json.loads(text) == {
        "double": 'def double(number):\n    """Return twice the number."""\n'
        "    return number + number"
    }


def test_the_table_of_the_readme_is_made(tree: Tree) -> None:
    begin, end = passages.begin("units"), passages.end("units")
    written = f"# Demo\n\n{begin}\n{end}\n\nThe end.\n"
    tree.write("README.md", written)
    tree.write_build()
    row = "|  | [01 Demo](lectures/01_demo.ipynb) | count | 10 min | 10 min |\n"
    table = f"| | unit | you learn to | lecture | lab |\n|---|---|---|---|---|\n{row}"
    assert tree.read("README.md") == written.replace(end, table + end)
    tree.edit("course/01_demo/unit.toml", "budget_s", "deeper = { lecture = 5, lab = 0 }\nbudget_s")
    assert "10 min, 5 deeper | 10 min |" in tree.build().files["README.md"]
    stale = tree.mlmi("build", "--check")
    assert stale.exit_code == 1
    assert "README.md is not what its source gives" in stale.stderr
    tree.write("README.md", "# Demo")
    assert tree.mlmi("build").stderr.startswith("README.md:1: the units stand between")


def test_the_syllabus_adds_up_the_hours(tree: Tree) -> None:
    parts = [f"{passages.begin(w)}\n{passages.end(w)}\n" for w in ("hours", "notes")]
    tree.write("docs/syllabus.md", "".join(parts))
    tree.edit(
        "course/01_demo/unit.toml", "budget_s", "deeper = { lecture = 40, lab = 0 }\nbudget_s"
    )
    text = tree.build().files["docs/syllabus.md"]
    assert "| 01 Demo | 10 min, 40 deeper | 10 min | 1.0 |" in text
    assert "about 2 hours of work: 0.1 to 0.1 credits" in text
    assert "- [01 Demo](../instructors/01_demo.md)" in text


def test_the_header_says_what_unit_toml_says(tree: Tree) -> None:
    for folder, minutes in (("lectures", 10), ("exercises", 10)):
        cell = json.loads(tree.build().files[f"{folder}/01_demo.ipynb"])["cells"][0]
        text = "".join(cell["source"])
        assert text.startswith("# 01 · Demo")
        for words in ("See how it works.", "- add numbers", f"about {minutes} min", "CPU", "none"):
            assert words in text
        assert ("q.name.hint()" in text) is (folder == "exercises")


def test_colab_only_with_a_repository(tree: Tree) -> None:
    assert "colab" not in tree.build().files["lectures/01_demo.ipynb"]
    tree.edit(
        "course/course.toml",
        "[[part]]",
        '[repository]\nurl = "https://github.com/me/it"\ntag = "v1"\n\n[[part]]',
    )
    text = tree.build().files["lectures/01_demo.ipynb"]
    assert "colab.research.google.com/github/me/it/blob/v1/lectures/01_demo.ipynb" in text
    assert "git+https://github.com/me/it@v1" in text


def test_the_course_is_published_by_release_and_not_by_branch(tree: Tree) -> None:
    tree.edit(
        "course/course.toml",
        "[[part]]",
        '[repository]\nurl = "https://github.com/me/it"\ntag = "main"\n\n[[part]]',
    )
    with pytest.raises(AuthorError, match=r"tag must be that of a release, such as v1\.0\.0"):
        tree.build()


def test_on_colab_the_first_cell_installs_the_release(
    monkeypatch: pytest.MonkeyPatch, tree: Tree
) -> None:
    tree.edit(
        "course/course.toml",
        "[[part]]",
        '[repository]\nurl = "https://github.com/me/it"\ntag = "v1.2"\n\n[[part]]',
    )
    cells = json.loads(tree.build().files["exercises/01_demo.ipynb"])["cells"]
    install = next("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    commands: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: commands.append(command))
    exec(install, {})
    assert commands == [], "elsewhere it does nothing"
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    exec(install, {})
    assert commands[0][1:4] == ["-m", "pip", "install"]
    assert commands[0][-1] == "mlmi-course @ git+https://github.com/me/it@v1.2"


def test_no_badge_for_a_repository_that_colab_cannot_open(tree: Tree) -> None:
    tree.edit(
        "course/course.toml",
        "[[part]]",
        '[repository]\nurl = "https://example.org/me/it"\ntag = "v1"\n\n[[part]]',
    )
    text = tree.build().files["lectures/01_demo.ipynb"]
    assert "colab-badge" not in text
    assert "git+https://example.org/me/it@v1" in text


BLANKS = {
    "value": ("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "# YOUR CODE HERE\nx = ..."),
    "helper hidden": (
        "### BEGIN SOLUTION\ny = 2\nx = y\n### END SOLUTION",
        "# YOUR CODE HERE\nx = ...",
    ),
    "text": (
        '### BEGIN SOLUTION\nx = """My view."""\n### END SOLUTION',
        '# YOUR ANSWER HERE\nx = """\n...\n"""',
    ),
    "word": ("### BEGIN SOLUTION\nx = 'lung'\n### END SOLUTION", "# YOUR CODE HERE\nx = ..."),
    "pair": (
        "### BEGIN SOLUTION\nx, z = 1, 2\n### END SOLUTION",
        "# YOUR CODE HERE\nx = ...\n# YOUR CODE HERE\nz = ...",
    ),
    "read in the same cell": (
        "### BEGIN SOLUTION\ny = 1\n### END SOLUTION\nx = y",
        "# YOUR CODE HERE\ny = ...\nx = y",
    ),
    "nested": (
        "def f(a):\n    for b in a:\n        ### BEGIN SOLUTION\n        return b\n"
        "        ### END SOLUTION",
        "def f(a):\n    for b in a:\n        # YOUR CODE HERE\n        raise NotImplementedError",
    ),
    "method": (
        "class C:\n    def f(self):\n        ### BEGIN SOLUTION\n        return 1\n"
        "        ### END SOLUTION\n    y = 2",
        "class C:\n    def f(self):\n        # YOUR CODE HERE\n        raise NotImplementedError\n"
        "    y = 2",
    ),
    "two regions": (
        "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION\n"
        "### BEGIN SOLUTION\nx = 1\n### END SOLUTION",
        "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError\n# YOUR CODE HERE\nx = ...",
    ),
}


@pytest.mark.parametrize("name", BLANKS)
def test_blanks(name: str) -> None:
    source, expected = BLANKS[name]
    assert blank(source, {"x", "z"}).source == expected


def test_stubs_are_named_in_order() -> None:
    source = BLANKS["two regions"][0]
    assert blank(source, {"x"}).stubs == ("f", "x")
    assert blank(BLANKS["method"][0]).stubs == ("C",)


def test_a_class_body_is_no_place_for_a_region() -> None:
    with pytest.raises(CellError, match="in a function, or at the top level"):
        blank("class C:\n    ### BEGIN SOLUTION\n    x = 1\n    ### END SOLUTION", {"x"})


@given(st.lists(st.sampled_from(["x = 1", "y = x", "# words", ""]), min_size=1, max_size=5))
def test_a_region_never_leaves_its_lines_behind(lines: list[str]) -> None:
    body = "\n".join(["secret = 42", *lines])
    source = f"before = 0\n### BEGIN SOLUTION\n{body}\n### END SOLUTION\nprint(secret, before)"
    blanked = blank(source)
    assert "42" not in blanked.source
    assert blanked.stubs == ("secret",)
    ast.parse(blanked.source)
    assert body in without_markers(source)


def test_a_loop_variable_is_no_blank(tree: Tree) -> None:
    tree.edit(
        LAB,
        "# %%\nq.",
        "### BEGIN SOLUTION\nfor i in range(3):\n    total = i\n### END SOLUTION\n\n"
        "# %%\nq.double.show(total)\n\n# %%\nfor i in 'ab':\n    print(i)\n\n# %%\nq.",
    )
    assert "# YOUR CODE HERE\ntotal = ..." in "\n".join(sources(tree, "exercises"))
    assert "i = ..." not in "\n".join(sources(tree, "exercises"))


def test_names_that_matter_later() -> None:
    assert live_before("y = x\nx = 1", {"x", "y", "z"}) == {"x", "z"}
    assert live_before("x += 1", {"x"}) == {"x"}
    assert live_before("def f(a):\n    return a + b", {"f"}) == {"b"}
    assert live_before("[i for i in v]") == {"v"}


def test_two_builds_are_the_same_bytes(tree: Tree) -> None:
    assert tree.build() == tree.build()
    assert tree.write_build()
    before = tree.snapshot()
    assert tree.write_build() == []
    assert tree.snapshot() == before


def test_files_have_unix_line_ends_and_end_with_one(tree: Tree) -> None:
    tree.write(LAB, tree.read(LAB).replace("# ## Double", "# ## Double é"))
    tree.write_build()
    data = (tree.root / "exercises/01_demo.ipynb").read_bytes()
    assert b"\r" not in data
    assert data.endswith(b"}\n")
    assert "é".encode() in data


def test_notebooks_are_valid(tree: Tree) -> None:
    for path, text in tree.build().files.items():
        if path.endswith(".ipynb"):
            nbformat.validate(nbformat.reads(text, as_version=4))


def test_one_word_changes_one_cell(tree: Tree) -> None:
    old = tree.build().files["lectures/01_demo.ipynb"].splitlines()
    tree.edit("course/01_demo/lecture.py", "Some words.", "Many words.")
    new = tree.build().files["lectures/01_demo.ipynb"].splitlines()
    changed = [pair for pair in zip(old, new, strict=True) if pair[0] != pair[1]]
    assert len(changed) == 2
    assert '"id"' in changed[0][0]
    assert changed[1][1].strip() == '"Many words."'


def test_ids_come_from_content_and_twins_are_numbered() -> None:
    cells = [Cell("code", "a"), Cell("markdown", "a"), Cell("code", "a", line=9), Cell("code", "a")]
    ids = cell_ids(cells)
    assert len(ids[0]) == 12
    assert ids[1] != ids[0]
    assert ids[2:] == [f"{ids[0]}-2", f"{ids[0]}-3"]
    assert cell_ids(cells[:1]) == ids[:1]


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), max_size=5))
def test_any_text_survives(texts: list[str]) -> None:
    cells = [Cell("markdown", text) for text in texts]
    notebook = json.loads(notebook_text(cells, {}))
    assert ["".join(cell["source"]) for cell in notebook["cells"]] == texts
    assert len({cell["id"] for cell in notebook["cells"]}) == len(texts)


def test_code_without_comments() -> None:
    source = 'a = 1  # one\n\n# two\nb = f"""x # no\n\n{a}"""\nc = (\n\n    2,  # three\n)'
    assert without_comments(source) == 'a = 1\nb = f"""x # no\n\n{a}"""\nc = (\n    2,\n)'


def test_hashes_and_tokens_do_not_depend_on_the_python() -> None:
    # 3.12 splits f-strings into tokens, and 3.11 does not.
    source = 'x = f"{a!r:>{w}} # {b}" + "c"  # d\ny = f"""\n{x}\n"""'
    assert code_hash([source]) == "7289c9e7905b"
    assert [token.text for token in tokens(source)] == [
        "x", "=", 'f"{a!r:>{w}} # {b}"', "+", '"c"', "y", "=", 'f"""\n{x}\n"""',
    ]  # fmt: skip


def test_the_command_starts_without_the_authors_tools() -> None:
    code = (
        "import sys, mlmi_course.cli; "
        "heavy = {'jupytext', 'nbformat', 'nbclient', 'tensorflow', 'numpy'} & set(sys.modules); "
        "sys.exit(', '.join(heavy) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_missing_tools_are_one_line(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("mlmi_course.building.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jupytext", None)
    outcome = tree.mlmi("build")
    assert outcome.exit_code == 1
    assert outcome.stderr == "jupytext is not installed: pip install mlmi-course[author]\n"
