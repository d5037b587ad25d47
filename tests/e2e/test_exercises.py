"""A student works on the exercise of every unit in JupyterLab: the whole way, in a real browser."""

from __future__ import annotations

import re
import urllib.request

import pytest
from playwright.sync_api import expect

from tests.e2e.units import UNITS, a_try, committed, questions_of, words
from tests.suite.stored import differences


def test_make_lab_opens_the_first_exercise(address: str) -> None:
    with urllib.request.urlopen(address, timeout=30) as page:
        assert page.url.startswith(f"{address}/lab/tree/exercises/01_medical_images.ipynb")


@pytest.mark.parametrize("unit", UNITS)
def test_the_exercise_answers(open_notebook, unit: str) -> None:
    name = f"exercises/{unit.removeprefix('u')}.ipynb"
    notebook = open_notebook(name)
    notebook.run_all()
    assert notebook.tracebacks() == []
    assert differences(committed(name), notebook.saved()) == []

    tried = a_try(unit)
    name, points = tried.question.name, f"{tried.question.points:g}"
    judged = [question for question in questions_of(unit) if not question.by_a_person]
    total = f"{sum(question.points for question in judged):g} points"
    progress = notebook.cell("q.progress()")
    assert f"0 of {total}" in notebook.output(progress)
    assert "Not attempted yet: " in notebook.output(progress)

    check = notebook.cell(f"q.{name}.check({name})")
    assert "○ not attempted" in notebook.output(check)

    # A wrong answer is told what it is.
    answer = notebook.cell(f"def {name}(")
    notebook.run(answer, tried.wrong)
    told = notebook.text(notebook.run(check))
    assert f"✗ 0/{points}" in told
    assert words(tried.says) in words(told)

    # A hint comes one at a time.
    hint, hints = notebook.cell(f"q.{name}.hint()"), len(tried.question.hints)
    assert f"Hint 1 of {hints}" in notebook.text(notebook.run(hint, f"q.{name}.hint()"))
    second = notebook.text(notebook.run(hint))
    assert (f"Hint 2 of {hints}" if hints > 1 else "No more hints") in second

    # The right answer passes, its picture appears, and the table knows.
    notebook.run(answer, tried.right)
    assert f"✓ {points}/{points}" in notebook.text(notebook.run(check))
    if tried.question.has_picture:
        picture = notebook.run(notebook.cell(f"q.{name}.show({name})")).locator("figure img")
        assert words(picture.get_attribute("alt") or "")
    table = notebook.text(notebook.run(notebook.cell("q.progress()")))
    assert f"{points} of {total}" in table

    assert notebook.tracebacks() == []
    assert notebook.noise() == []
    assert notebook.undescribed_pictures() == []
    assert notebook.errors == []


@pytest.mark.parametrize("unit", UNITS[:1])
def test_buttons_do_what_typing_does(open_notebook, unit: str) -> None:
    notebook = open_notebook(f"exercises/{unit.removeprefix('u')}.ipynb")
    tried = a_try(unit)
    name, points = tried.question.name, f"{tried.question.points:g}"
    notebook.run(notebook.cell("from mlmi_course.questions import"))
    answer, check = notebook.cell(f"def {name}("), notebook.cell(f"q.{name}.check({name})")
    notebook.run(answer)
    notebook.run(check)

    def press(button: str, says: str | re.Pattern[str]) -> None:
        check.locator("button", has_text=button).click()
        expect(check.locator(".jp-OutputArea")).to_contain_text(says, timeout=60_000)

    press("Hint", re.compile(r"Hint 1 of|No more hints"))
    notebook.run(answer, tried.right)
    press("Check", f"✓ {points}/{points}")
    press("Solution", "One answer to")
    assert notebook.tracebacks() == []
    # JupyterLab may have saved the page of an earlier test, with buttons whose kernel is gone.
    assert [error for error in notebook.errors if "widget model not found" not in error] == []
