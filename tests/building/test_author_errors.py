"""Every mistake of an author is one line that names file and line."""

from __future__ import annotations

import pytest

from tests.building.conftest import Tree

LAB = "course/01_demo/lab.py"
LECTURE = "course/01_demo/lecture.py"
TOML = "course/course.toml"
UNIT_TOML = "course/01_demo/unit.toml"
QUESTIONS = "mlmi_course/questions/u01_demo.py"
FOLDER = "mlmi_course/questions/u01_demo"
BEGIN, END = "    ### BEGIN SOLUTION\n", "    ### END SOLUTION\n"

MISTAKES = {
    "region not closed": (LAB, END, "", 10, "without END"),
    "region not opened": (LAB, BEGIN, "", 11, "without BEGIN"),
    "region in a region": (LAB, BEGIN, BEGIN + BEGIN, 11, "inside a solution region"),
    "region without code": (LAB, BEGIN, BEGIN + "    # none\n" + END + BEGIN, 10, "no code"),
    "region cuts": (LAB, '    """Return twice the number."""\n' + BEGIN, "    if number:\n" + BEGIN
                    + "        number += 1\n", 10, "cuts a statement"),
    "def in a region": (LAB, "# %%\nq.", "### BEGIN SOLUTION\ndef half(x):\n    return x / 2\n"
                        "### END SOLUTION\n\n# %%\nhalf(2)\n\n# %%\nq.", 15, "put the def line"),
    "nothing to fill": (LAB, "# %%\nq.", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n\n# %%\nq.",
                        15, "nothing to fill in"),
    "import in a region": (LAB, "# %%\nq.", "### BEGIN SOLUTION\nimport re\nx = re.I\n"
                           "### END SOLUTION\n\n# %%\nprint(x, re)\n\n# %%\nq.", 15,
                           "import of 're'"),
    "unknown tag": (LAB, '"solution", ', '"solutoin", ', 18, "unknown tag 'solutoin'"),
    "misspelt tags=": (LAB, 'tags=["solution', 'tag=["solution', 18, "not understood"),
    "tags before [markdown]": (LECTURE, '[markdown] tags=["instructor"]',
                               'tags=["instructor"] [markdown]', 12, "write: # %% [markdown] tags"),
    "syntax error": (LAB, "number + number", "number +", 11, "not valid Python"),
    "magic": (LECTURE, "first = 1", "%matplotlib inline\nfirst = 1", 7, "magics"),
    "text before the first cell": (LECTURE, "# %% [markdown]\n# ## N",
                                   "import os\n# %% [markdown]\n# ## N", 1, "before the first"),
    "empty cell": (LECTURE, "print(first)\n", "print(first)\n\n# %%\n", 12, "empty cell"),
    "checked prose": (LECTURE, '"instructor"', '"nbval-check-output"', 12, "prints nothing"),
    "solution in a lecture": (LECTURE, '"instructor"', '"solution"', 13, "no solution cells"),
    "region in a lecture": (LECTURE, "first = 1", "### BEGIN SOLUTION\nfirst = 1\n### END SOLUTION",
                            7, "in code cells of a lab"),
    "bare use of a stub": (LAB, "q.double.check(double)", "q.double.check(double)\ndouble(2)",
                           17, "'double' is not written yet"),
    "stub used by a function": (LAB, "q.double.check(double)", "q.double.check(double)\n"
                                "def four(x):\n    return double(double(x))\nfour(1)",
                                19, "'four' is not written yet"),
    "unknown question": (LAB, "q.double.check(double)", "q.double.check(double)\nq.triple.hint()",
                         17, "there is no q.triple"),
    "nothing handed in": (LAB, "check(double)", "check(abs)", 16,
                          "nothing that the student writes"),
    "questions not imported": (LAB, "u01_demo as q", "u02_demo as q", 1, "not imported"),
    "question never asked": (QUESTIONS, "progress =", "triple = ValueQuestion()\nprogress =", 3,
                             "'triple' is never asked"),
    "annotated question never asked": (
        QUESTIONS, "progress =", "triple: ValueQuestion = ValueQuestion()\nprogress =", 3,
        "'triple' is never asked"),
    "questions with a syntax error": (QUESTIONS, '"Twice"', '"Twice', 2, "not valid Python"),
    "toml": (TOML, 'title = "I Part"', "title = I Part", 4, ""),
    "toml of a unit": (UNIT_TOML, '"Demo"', "Demo", 1, ""),
    "toml, wrong type": (UNIT_TOML, 'title = "Demo"', "title = 3", 1, "title must be a text"),
    "toml, a text for a list": (UNIT_TOML, '["counting"]', '"counting"', 6,
                                "prerequisites must be a list of texts"),
    "toml, unknown key": (UNIT_TOML, 'needs = "', 'need = "x"\nneeds = "', 8,
                          "unknown key 'need'"),
    "toml, a name": (UNIT_TOML, "title", 'name = "01_other"\ntitle', 1, "unknown key 'name'"),
    "toml, unknown key inside": (UNIT_TOML, 'licence = "none"', 'licence = "none", c = 1', 7,
                                 "unknown key 'c' in data"),
    "toml, key missing": (UNIT_TOML, 'promise = "See how it works."\n', "", 1,
                          "promise is missing; it must be a text"),
    "toml, no verb": (UNIT_TOML, '"read numbers"', '"the numbers"', 4, "starts with a verb"),
    "toml, few objectives": (UNIT_TOML, ', "add numbers"', "", 4, "there are 2, not 3 to 5"),
    "toml, budget": (UNIT_TOML, "lecture = 20", "lecture = 91", 9, "may run 90 s"),
    "toml, minutes": (UNIT_TOML, "{ lecture = 10, lab = 10 }", "{ lecture = 10 }", 5,
                      "minutes must be { lecture"),
    "toml, no minutes": (UNIT_TOML, "{ lecture = 10, lab = 10 }", "{ lecture = 0, lab = 10 }", 5,
                         "minutes: { lecture"),
    "toml, no whole number": (UNIT_TOML, "lecture = 20", "lecture = 2.5", 9, "budget_s must be {"),
    "toml, empty text": (UNIT_TOML, '"CPU is enough"', '" "', 8, "needs is empty"),
    "toml, unit without a file": (TOML, '["01_demo"]', '["01_demo", "02_x"]', 5,
                                  "02_x has no course/02_x/unit.toml"),
    "toml, a unit twice": (TOML, '["01_demo"]', '["01_demo", "01_demo"]', 5, "in more than one"),
    "toml, no unit name": (TOML, '["01_demo"]', '["01_demo", "Demo"]', 5, "is no unit name"),
    "toml, part without units": (TOML, 'units = ["01_demo"]\n', "", 3, "units is missing"),
    "toml, a unit in the course": (TOML, "[[part]]", '[unit."01_demo"]\n\n[[part]]', 3,
                                   "goes to course/NN_topic/unit.toml"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_one_line(tree: Tree, mistake: str) -> None:
    path, old, new, line, message = MISTAKES[mistake]
    tree.edit(path, old, new)
    before = tree.snapshot()
    outcome = tree.mlmi("build")
    assert outcome.exit_code == 1
    assert outcome.stderr.count("\n") == 1, outcome.stderr
    assert outcome.stderr.startswith(f"{path}:{line}: "), outcome.stderr
    assert message in outcome.stderr
    assert tree.snapshot() == before


PACKAGE = {
    "__init__.py": """\
from mlmi_course.checks import Unit
from mlmi_course.questions.u01_demo.double import double

__all__ = ["double", "progress"]

progress = Unit(__name__).progress
""",
    "double.py": '''\
from mlmi_course.checks import asks


@asks(not_allowed=("mlmi_course.metrics.dice",))
def double(number):
    """Twice"""
    return 2 * number
''',
}


@pytest.fixture
def packaged(tree: Tree) -> Tree:
    """The course, whose questions are a package with one module a question."""
    (tree.root / QUESTIONS).unlink()
    for name, text in PACKAGE.items():
        tree.write(f"{FOLDER}/{name}", text)
    return tree


def test_questions_in_a_package(packaged: Tree) -> None:
    packaged.write_build()
    assert "# Not to be called here: metrics.dice" in packaged.read("exercises/01_demo.ipynb")
    assert '"double"' in packaged.read("mlmi_course/questions/solutions/u01_demo.json")


MISTAKES_IN_A_PACKAGE = {
    "never asked": ("double.py", "@asks", "@asks()\ndef triple(number):\n    ...\n\n\n@asks", 5,
                    "'triple' is not in the __all__ of"),
    "syntax error": ("double.py", "return 2 *", "return 2 *)", 7, "not valid Python"),
    "not exported": ("__init__.py", '"double", ', "", 5, "'double' is not in the __all__ of"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES_IN_A_PACKAGE)
def test_a_mistake_in_a_package_is_one_line(packaged: Tree, mistake: str) -> None:
    name, old, new, line, message = MISTAKES_IN_A_PACKAGE[mistake]
    packaged.edit(f"{FOLDER}/{name}", old, new)
    outcome = packaged.mlmi("build")
    assert outcome.stderr.count("\n") == 1, outcome.stderr
    assert outcome.stderr.startswith(f"{FOLDER}/double.py:{line}: "), outcome.stderr
    assert message in outcome.stderr


TYPOS = {
    "a name": ("double.py", "import asks", "import ask",
               1, "ImportError: cannot import name 'ask'"),
    "a parameter": ("double.py", "not_allowed", "forbidden", 4, "TypeError: "),
    "a docstring": ("double.py", '"""Twice"""', "", 4, "ValueError: double is a question"),
    "a module": ("__init__.py", "u01_demo.double", "u01_demo.doubel", 2, "ModuleNotFoundError: "),
}  # fmt: skip


@pytest.mark.parametrize("typo", TYPOS)
def test_lint_imports_the_questions(packaged: Tree, typo: str) -> None:
    name, old, new, line, message = TYPOS[typo]
    packaged.edit(f"{FOLDER}/{name}", old, new)
    outcome = packaged.mlmi("lint")
    assert outcome.exit_code == 1
    said = [text for text in outcome.stderr.splitlines() if "the questions stop" in text]
    assert len(said) == 1, outcome.stderr
    assert said[0].startswith(f"{FOLDER}/{name}:{line}: the questions stop with {message}"), said


def test_several_mistakes_are_told_at_once(tree: Tree) -> None:
    tree.edit(LAB, "number + number", "number +")
    tree.edit(LECTURE, '"instructor"', '"instuctor"')
    outcome = tree.mlmi("build")
    assert [line.split(": ")[0] for line in outcome.stderr.splitlines()] == [
        f"{LAB}:11",
        f"{LECTURE}:12",
    ]


def test_a_folder_that_is_no_unit(tree: Tree) -> None:
    tree.write("course/02_other/lecture.py", "")
    assert tree.mlmi("build").stderr.startswith("course/02_other:1: this folder is no unit")


@pytest.mark.parametrize("path", [LAB, LECTURE, QUESTIONS])
def test_a_file_that_is_missing(tree: Tree, path: str) -> None:
    (tree.root / path).unlink()
    assert tree.mlmi("build").stderr.startswith(f"{path}:1: this file is missing")


def test_a_file_that_is_not_utf8(tree: Tree) -> None:
    (tree.root / LECTURE).write_bytes(b"# %% [markdown]\n# caf\xe9\n")
    assert tree.mlmi("build").stderr.startswith(f"{LECTURE}:2: this line is not UTF-8")


def test_parts_that_are_no_tables(tree: Tree) -> None:
    tree.write(TOML, tree.read(TOML).partition("[[part]]")[0] + 'part = ["x"]\n')
    outcome = tree.mlmi("build")
    assert outcome.exit_code == 1
    assert "begin each with [[part]]" in outcome.stderr


def test_a_unit_that_no_part_lists(tree: Tree) -> None:
    tree.edit(TOML, '["01_demo"]', "[]")
    assert tree.mlmi("build").stderr == (
        "course/01_demo/unit.toml:1: no part in course/course.toml lists 01_demo\n"
    )


def test_two_units_with_one_number(tree: Tree) -> None:
    tree.write("course/01_other/unit.toml", tree.read(UNIT_TOML))
    tree.edit(TOML, '["01_demo"]', '["01_demo", "01_other"]')
    assert "01_demo shares its number with another unit" in tree.mlmi("build").stderr


def test_a_name_that_is_nearly_right(tree: Tree) -> None:
    assert "no unit '01_dmo'; did you mean '01_demo'?" in tree.mlmi("build", "01_dmo").stderr


def test_a_file_without_cells(tree: Tree) -> None:
    tree.write(LECTURE, "\n")
    assert tree.mlmi("build").stderr.startswith(f"{LECTURE}:1: no cell")


def test_a_unit_that_does_not_exist(tree: Tree) -> None:
    assert "no unit '07'; there are: 01_demo" in tree.mlmi("build", "07").stderr


def test_no_course(tmp_path_factory: pytest.TempPathFactory) -> None:
    outcome = Tree(tmp_path_factory.mktemp("empty")).mlmi("build")
    assert outcome.exit_code == 1
    assert "no course/course.toml" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_units_by_number_and_name(tree: Tree) -> None:
    assert tree.course.select(["1"]) == tree.course.select(["01"]) == tree.course.units
    assert tree.course.select(["01_demo"]) == tree.course.select([]) == tree.course.units


@pytest.mark.parametrize(
    "lines",
    [
        "q.double.show(double)",
        "q.double.check((double, 1))",
        "later = lambda x: double(x)",
        "def four(x):\n    return double(double(x))\nq.double.show(four)",
        "double = abs\ndouble(-2)",
    ],
)
def test_uses_that_cannot_crash_an_exercise(tree: Tree, lines: str) -> None:
    tree.edit(LAB, "q.double.check(double)", f"q.double.check(double)\n{lines}")
    assert tree.mlmi("build").exit_code == 0
