"""Where a reader stands in the course."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mlmi_course._home import home
from mlmi_course.checks import Predictions
from mlmi_course.cli import app
from mlmi_course.standing import Outline, Standing, next_step, outlines, standings

ROOT = Path(__file__).resolve().parents[1]


def _solve(unit: str, question: str, status: str = "pass") -> None:
    file = home() / "progress" / f"u{unit}" / f"{question}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"status": status, "points": 1.0}), encoding="utf-8")


def test_there_is_an_outline_of_every_unit_and_of_no_other() -> None:
    folders = {path.parent.name for path in (ROOT / "course").glob("*/lab.py")}
    assert {outline.unit for outline in outlines()} == folders
    assert [outline.order for outline in outlines()] == list(range(len(folders)))
    assert resources.files("mlmi_course").joinpath("outlines").is_dir()


def test_a_new_reader_begins_with_the_first_lecture() -> None:
    units = standings()
    assert not any(unit.is_begun for unit in units)
    assert next_step(units) == f"Next: lectures/{units[0].outline.unit}.ipynb."


def test_what_was_solved_and_predicted_counts() -> None:
    first = outlines()[0]
    _solve(first.unit, first.questions[0])
    _solve(first.unit, first.questions[1], "fail")
    asked = Predictions(first.unit)("Is it?", "yes", "no")
    asked.guess("yes", sure=True)
    asked.reveal("yes")
    unit = standings()[0]
    assert (unit.solved, unit.predicted, unit.right) == ((first.questions[0],), 1, 1)
    assert unit.left[0] == first.questions[1]
    share = 1 - 1 / len(first.questions)
    assert unit.minutes_left == round(share * first.minutes["lab"])
    assert next_step(standings()) == (
        f"Next: the question {first.questions[1]} in exercises/{first.unit}.ipynb."
    )


def test_the_next_step_stays_in_a_unit_that_was_begun() -> None:
    def unit(name: str, *solved: str) -> Standing:
        outline = Outline(name, 0, "T", "P", {"lecture": 1, "lab": 10}, None, 0, ("a", "b"))
        return Standing(outline, 0, 0, solved)

    assert "question b in exercises/02_y" in next_step([unit("01_x"), unit("02_y", "a")])
    assert next_step([unit("01_x", "a", "b"), unit("02_y")]) == "Next: lectures/02_y.ipynb."
    assert next_step([unit("01_x", "a", "b")]).startswith("Every question")


@pytest.mark.parametrize("guessed", [False, True])
def test_the_command_shows_it(tmp_path: Path, guessed: bool) -> None:
    if guessed:
        Predictions(outlines()[0].unit)("Is it?", "yes", "no").guess("no", sure=False)
    outcome = CliRunner().invoke(app, ["progress", "--picture", str(tmp_path / "right.png")])
    assert outcome.exit_code == 0, outcome.output
    assert f"0/{len(outlines()[0].questions)}" in outcome.output
    assert ("You made 1 of" in outcome.output) is guessed
    assert (tmp_path / "right.png").stat().st_size > 1000


def test_the_release_is_told() -> None:
    assert CliRunner().invoke(app, ["--version"]).output.startswith("mlmi-course ")
