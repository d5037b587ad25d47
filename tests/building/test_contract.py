"""Each rule of the notebook contract: a case that breaks it, and one that does not."""

from __future__ import annotations

from dataclasses import replace
from importlib import resources
from string import Template

import pytest

from mlmi_course.building.contract import Lesson, lint
from mlmi_course.building.course import PerNotebook, Unit
from mlmi_course.building.findings import Finding
from mlmi_course.building.rules import RULES
from mlmi_course.building.source import parse_source
from tests.building.conftest import Tree


def template(kind: str) -> str:
    """The skeleton's lecture or lab, which breaks no rule."""
    file = resources.files("mlmi_course.building") / "templates" / f"{kind}.py.txt"
    return Template(file.read_text(encoding="utf-8")).substitute(
        unit="01_demo", questions="u01_demo"
    )


@pytest.fixture
def found(tree: Tree):
    """Findings in the skeleton's lecture or lab after an edit."""

    def edited(
        kind: str,
        old: str = "",
        new: str = "",
        deeper: PerNotebook | None = None,
        course: tuple[Unit, ...] = (),
    ) -> list[Finding]:
        unit = replace(tree.unit, minutes=PerNotebook(lecture=14, lab=13), deeper=deeper)
        text = template(kind)
        assert old in text, f"{old!r} is not in the template"
        source = parse_source(f"{kind}.py", text.replace(old, new, 1) if old else text)
        return lint(Lesson(unit, kind, source, course))

    edited.unit = tree.unit
    return edited


@pytest.mark.parametrize("kind", ["lecture", "lab"])
def test_the_skeleton_breaks_no_rule(found, kind: str) -> None:
    assert found(kind) == []


CODE = "# %%\nrng = np.random.default_rng(0)"  # a code cell of the lecture, and lines to add to it
ADDED_CODE = {
    "import-first": [],
    "cell-length": ["\n".join(["x = 1"] * 30)],
    "portable": [
        'x = "/home/me/data"',
        'x = "C:\\\\data"',
        'x = "cuda"',
        'x = "/device:GPU:0"',
        'x = f"/content/{rng}"',
    ],
    "network": [
        "import requests",
        "from urllib.request import urlopen",
        "import subprocess",
        'x = pd.read_csv("https://example.org/table.csv")',
        "x = datasets.fetch_openml(name='x')",
    ],
    "alt-text": [
        "plots.image(image)",
        'plots.image(image, alt=" ")',
        "plots.image(image, alt=None)",
    ],
    "no-pyplot": [
        "import matplotlib.pyplot as plt",
        "from matplotlib import pyplot",
        "plt.show()",
    ],
    "seeded": [
        "np.random.default_rng()",
        "np.random.default_rng(None)",
        "np.random.normal(3)",
        "np.random.seed(0)",
        "import random\nrandom.shuffle([])",
        "from numpy.random import randn",
        "from random import random",
    ],
}


@pytest.mark.parametrize(
    ("rule", "lines"), [(rule, lines) for rule, all_ in ADDED_CODE.items() for lines in all_]
)
def test_code_that_breaks_a_rule(found, rule: str, lines: str) -> None:
    findings = found("lecture", CODE, f"# %%\n{lines}\nrng = np.random.default_rng(0)")
    assert {finding.rule for finding in findings} == {rule}
    start = template("lecture").split(CODE)[0].count("\n") + 2
    assert all(start <= finding.line <= start + lines.count("\n") for finding in findings)


@pytest.mark.parametrize(
    "lines",
    [
        "np.random.default_rng(seed=3)",
        "import random\nrandom.Random(3)",
        "from numpy.random import default_rng\ndefault_rng(3)",
        "plots.image(image, ax=None)",
        "plots.image(image, alt=words)",
        'x = "and/content/of barracuda"',
        "\n".join(["x = 1"] * 19),
        "import pydicom",
        # a value handed over, and a name that is only the function's own
        "widgets.threshold(image, alt='A square.')\nimage = 0",
        "widgets.explore(lambda ax, image: ax.plot(image), {}, alt='A line.')\nimage = 0",
    ],
)
def test_code_that_breaks_none(found, lines: str) -> None:
    assert found("lecture", CODE, f"# %%\n{lines}\nrng = np.random.default_rng(0)") == []


EDITS = {
    "import-first": [
        ("lecture", "# %%\nimport mlmi_course", "# %%\nx = 1\n\n# %%\nimport mlmi_course"),
        ("lecture", "import mlmi_course\n", "import keras\nimport mlmi_course\n"),
        (
            "lab",
            "# %%\nimport mlmi_course",
            "# %%\nfrom tensorflow import data\nimport mlmi_course",
        ),
    ],
    "section-minutes": [
        ("lecture", "## Averaging (5 min)", "## Averaging"),
        ("lecture", "## Averaging (5 min)", "## Averaging (25 min)"),
        ("lab", "(8 min)", "(80 min)"),
    ],
    "absent-units": [
        ("lecture", "You do, though", "As unit 02 says. You do, though"),
        ("lecture", "You do, though", "As units 01 and\n# 02 say. You do, though"),
        ("lecture", "You do, though", "See [the lecture](02_more.ipynb). You do, though"),
        ("lecture", "# %%\nrng = ", "# %%\n# as in lectures/02_more.ipynb, of unit\n# 02\nrng = "),
        ("lab", "(8 min)", "(8 min)\n#\n# Lab 02 goes on."),
    ],
    "headings": [
        ("lecture", "# ## Averaging (5", "# # A title\n#\n# ## Averaging (5"),
        ("lecture", "# The mean of many", "# #### Deep\n#\n# The mean of many"),
    ],
    "links": [
        ("lecture", "You do, though", "[here]() You do, though"),
        ("lecture", "You do, though", "![](picture.png) You do, though"),
    ],
    "markdown": [
        ("lecture", "You do, though", "You do: signal\n# + noise. You do, though"),
        ("lecture", "You do, though", "You do: $a\n# - b$. You do, though"),
        ("lecture", "You do, though", "- You do: the number of\n#   1. quarters\n#\n# You do"),
        ("lecture", "You do, though", "It costs 5 $. You do, though"),
        ("lecture", "You do, though", "Add $a + b. You do, though"),
        ("lab", "(8 min)", "(8 min)\n#\n# The sum $$ a\n# + b. $$"),
    ],
    "opening": [("lecture", "## You need", "## We need")],
    "ending": [
        ("lecture", "## What to remember", "## Remember (1 min)"),
        ("lecture", "[doi:10.1364/JOSA.38.000196](https://doi.org/10.1364/JOSA.38.000196)", "soon"),
    ],
    "quiz": [("lecture", "<details><summary>Answer</summary>\n#\n# It", "It")],
    "widgets": [("lecture", "widgets.window_level(image", "dict(image=image")],
    "lasting-names": [
        (
            "lecture",
            'widgets.window_level(image, unit="", ',
            "def tenfold():\n    return 10 * image\n\n\ndef draw(ax, shift):\n"
            "    plots.image(tenfold() + shift, ax=ax)\n\n\n# %%\n"
            'widgets.explore(draw, {"shift": widgets.Slider("Shift", 0, 1)}, alt="A square.")\n\n'
            "# %%\nimage = image - 1\n\n# %%\n"
            'widgets.window_level(image, unit="", ',
        ),
        (
            "lecture",
            'widgets.window_level(image, unit="", ',
            'widgets.explore(lambda ax: plots.image(mask, ax=ax), {}, alt="A square.")\n\n'
            "# %%\nfor mask in [mask]:\n    print(mask)\n\n# %%\n"
            'widgets.window_level(image, unit="", ',
        ),
    ],
    "predict": [
        ("lecture", "**Predict.** Will", "Will"),
        ("lecture", "Will you see the disc?", "You will see the disc."),
        ("lecture", "# %%\nrng = ", "# %% [markdown]\n# So.\n\n# %%\nrng = "),
    ],
    "results": [
        ("lecture", 'result("standard error of', 'print("standard error of'),
        ("lecture", "standard_error = image", "image.std()\nstandard_error = image"),
    ],
    "answer-name": [("lab", "q.mean_inside.check(mean_inside)", "q.mean_inside.check(mean)")],
    "progress": [("lab", "\n# %%\nq.progress()\n", "")],
    "stretch": [("lab", "Stretch: the border", "The border (1 min)")],
}


# A unit that says how much of it is deeper has two sittings: the skeleton then needs a break.
BREAK = (
    "# ## Break: what you can do now (1 min)\n#\n"
    + "# **1.** Why?\n#\n# <details><summary>Answer</summary>\n#\n# So.\n#\n# </details>\n#\n" * 3
)
DISC, AVERAGING = "# ## A disc in noise (5 min)", "# ## Averaging (5 min)"
PROOF = "\n#\n# ## Proof (9 min, deeper)\n#"
SITTINGS = {
    "sittings": [
        ("lecture", "", ""),
        ("lecture", AVERAGING, BREAK + AVERAGING.replace("5", "50")),
        ("lecture", AVERAGING, BREAK + AVERAGING + PROOF.replace("9", "70")),
        ("lab", "(8 min)", "(80 min)"),
        ("lecture", AVERAGING, f"# Words.\n#\n{AVERAGING.replace('min', 'min, deeper')}"),
    ],
    "quiz": [("lecture", AVERAGING, BREAK.replace("details", "p", 2) + AVERAGING)],
    "section-minutes": [("lecture", AVERAGING, BREAK + AVERAGING)],  # 0 of 9 deeper minutes
    "slides": [
        (
            "lecture",
            AVERAGING,
            "# ### Part\n#\n# **Bold** words.\n\n# %% [markdown]\n" * 36 + AVERAGING,
        )
    ],
    "core-alone": [("lecture", DISC, DISC.replace("min", "min, deeper"))],  # it makes the mask
}


@pytest.mark.parametrize(
    ("rule", "kind", "old", "new"),
    [(rule, *edit) for rule, all_ in SITTINGS.items() for edit in all_],
)
def test_edits_that_break_the_two_sittings(found, rule: str, kind: str, old: str, new: str) -> None:
    findings = found(kind, old, new, deeper=PerNotebook(9, 5))
    assert rule in {finding.rule for finding in findings}


def test_two_sittings_that_hold(found) -> None:
    # nothing below needs the names of what is deeper now
    text = f"{BREAK}\n# %% [markdown]\n{AVERAGING.replace('min', 'min, deeper')}"
    (finding,) = found("lecture", AVERAGING, text, deeper=PerNotebook(5, 0))
    assert finding.message == "sections sum to 10 min, unit.toml says 14 min"


def test_a_deeper_section_of_a_unit_that_promises_none(found) -> None:
    (finding,) = found("lecture", AVERAGING, AVERAGING + PROOF)
    assert "does not say how many minutes are deeper" in finding.message


@pytest.mark.parametrize(
    "text",
    ["Unit 01 is this one.", "Its hidden unit 2 learns.", "Unit 3, and units 64.5 mm away.",
     "In units 01–01, `lectures/01_demo.ipynb`."],
)  # fmt: skip
def test_units_that_are_there_and_numbers_that_are_none(found, text: str) -> None:
    assert found("lecture", "You do, though", f"{text} You do, though") == []


def test_a_unit_of_the_course_is_there(found) -> None:
    other = replace(found.unit, name="02_more")
    text = "As unit 02 says, in `lectures/02_more.ipynb`. You do, though"
    assert len(found("lecture", "You do, though", text)) == 2
    assert found("lecture", "You do, though", text, course=(other,)) == []


ASKED = (
    "from mlmi_course.checks import Predictions\n\n"
    'ask = Predictions("01_x")\nspot = ask("Do you see it?", "yes", "no")\n\n# %%\n'
)


@pytest.mark.parametrize(
    ("code", "messages"),
    [
        (ASKED + "spot.reveal('yes')", []),
        (ASKED + "spot", ["no later cell says spot.reveal(…)"]),
        (ASKED.replace("\n\n# %%", "\nspot.reveal('yes')\n\n# %%"), ["no later cell"]),
        (ASKED.replace("01_x", "02_y") + "spot.reveal('yes')", ["kept under the unit: '01_demo'"]),
    ],
)
def test_recorded_predictions(found, code: str, messages: list[str]) -> None:
    code = code.replace("01_x", found.unit.name).removesuffix("\n\n# %%\n")
    findings = found("lecture", CODE, f"# %%\n{code}\n\n# %%\nrng = np.random.default_rng(0)")
    assert len(findings) == len(messages)
    assert all(part in f.message for part, f in zip(messages, findings, strict=True))


@pytest.mark.parametrize(
    ("tags", "code", "rules"),
    [
        ("", "plots.image(x, alt='It is round.')", {"folded-answers"}),
        (' tags=["fold"]', "plots.image(x, alt='It is round.')", set()),
        ("", "plots.image(x, alt=words)", set()),
        ("", "spot.reveal('yes')\n\n# %%\nplots.image(x, alt='It is round.')", set()),
    ],
)
def test_words_that_answer_a_prediction_are_folded(
    found, tags: str, code: str, rules: set[str]
) -> None:
    asked = ASKED.replace("01_x", found.unit.name).removesuffix("# %%\n")
    end = "" if "reveal" in code else "\n\n# %%\nspot.reveal('yes')"
    text = f"# %%\n{asked}# %%{tags}\n{code}{end}\n\n{CODE}"
    assert {finding.rule for finding in found("lecture", CODE, text)} == rules


@pytest.mark.parametrize(
    ("rule", "kind", "old", "new"), [(rule, *edit) for rule, all_ in EDITS.items() for edit in all_]
)
def test_edits_that_break_a_rule(found, rule: str, kind: str, old: str, new: str) -> None:
    assert rule in {finding.rule for finding in found(kind, old, new)}


def test_every_rule_is_tested_and_says_what_it_wants() -> None:
    tested = {rule for rule, cases in (ADDED_CODE | EDITS | SITTINGS).items() if cases}
    tested |= {"folded-answers"}  # above
    assert tested == set(RULES)
    assert all(rule.__doc__ for rule in RULES.values())


def test_a_waiver_with_a_reason(found) -> None:
    line = "import requests\n# lint-ok: network — shown, never called"
    assert found("lecture", CODE, f"# %%\n{line}\nrng = np.random.default_rng(0)") == []


def test_a_waiver_in_prose(found) -> None:
    old = "# ## Averaging (5 min)\n"
    new = "# <!-- lint-ok: section-minutes — read it at home -->\n# ## Averaging\n"
    assert {f.rule for f in found("lecture", old, new)} == {"section-minutes"}  # now the sum
    line = "# <!-- lint-ok: section-minutes -- a short one -->\n# ## You need (2 min)\n"
    assert found("lecture", "# ## You need (2 min)\n", line) == []


@pytest.mark.parametrize("waiver", ["# lint-ok: network", "# lint-ok: netwrok — because"])
def test_a_waiver_without_reason_or_rule(found, waiver: str) -> None:
    findings = found("lecture", CODE, f"# %%\n{waiver}\nrng = np.random.default_rng(0)")
    assert [finding.rule for finding in findings] == ["waiver"]


def test_instructor_cells_are_not_linted(found) -> None:
    cell = '# %% tags=["instructor"]\nimport requests\n\n'
    assert found("lecture", CODE, cell + CODE) == []


def test_lint_is_one_line_a_finding_and_fails(tree: Tree) -> None:
    outcome = tree.mlmi("lint", "01")
    assert outcome.exit_code == 1
    lines = outcome.stderr.splitlines()
    assert (
        "course/01_demo/lab.py:2: a lab has a task with *Stretch* in its heading [stretch]" in lines
    )
    assert all(line.startswith("course/01_demo/l") for line in lines)


@pytest.mark.parametrize(
    "prose",
    [
        "You do:\n#\n# - one\n#   line more\n# - two\n#\n# 1. first\n# 2. second",
        "$$ a\n#    + b\n#    - c $$",
        "Say $a + b$, `$HOME` or \\$5.\n#\n# ```sh\n# echo $HOME\n# - x\n# ```",
        "- A point.\n#   1. First.\n#   2. Second.\n#\n# | $a$ | b |\n# |---|---|\n# | + 1 | - 2 |",
    ],
)
def test_lists_and_formulae_that_are_meant(found, prose: str) -> None:
    told = found("lecture", "You do, though", f"{prose}\n#\n# You do, though")
    assert [finding for finding in told if finding.rule == "markdown"] == []
