"""A student opens unit 01 in JupyterLab: the whole way, in a real browser."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import jupyterlab as lab

from tests.conftest import missing

ROOT = Path(__file__).resolve().parents[2]

WRONG = """def to_hu(stored, slope, intercept, padding):
    hu = stored.astype(float) + intercept
    if padding is not None:
        hu[stored == padding] = np.nan
    return hu
"""
RIGHT = WRONG.replace("stored.astype(float) +", "stored.astype(float) * slope +")


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    path = lab.find_chromium()
    if path is None:
        missing("chromium", "install it with `make system-deps` to test in a real browser")
    with lab.browser(path) as browser:
        yield browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve copies of the notebooks, so that the browser cannot change the originals."""
    folder = tmp_path_factory.mktemp("lab")
    for kind in ("lectures", "exercises"):
        shutil.copytree(ROOT / kind, folder / kind)
    environment = {**os.environ, "MLMI_HOME": str(folder / "home")}
    environment.pop("MLMI_STATIC", None)
    with lab.serve(folder, environment) as address:
        yield address


@pytest.fixture
def open_notebook(chromium, address, request) -> Iterator[object]:
    """Open notebooks; when the test fails, keep a picture of what was on the screen."""
    pages = []

    def open_(name: str) -> lab.Notebook:
        page = chromium.new_page(viewport={"width": 1280, "height": 1000})
        pages.append(page)
        return lab.Notebook(page, address, name)

    yield open_
    failed = getattr(request.node, "failed", False)
    for number, page in enumerate(pages):
        if failed:
            lab.FAILURES.mkdir(exist_ok=True)
            page.screenshot(path=lab.FAILURES / f"{request.node.name}-{number}.png")
        page.close()


def test_the_exercise_answers(open_notebook) -> None:
    notebook = open_notebook("exercises/01_medical_images.ipynb")
    notebook.run_all()
    assert notebook.tracebacks() == []

    table = notebook.text(notebook.cell("q.progress()").locator(".jp-OutputArea"))
    assert "0 of 22 points" in table
    assert "Not attempted yet: to_hu, window" in table

    check = notebook.cell("q.to_hu.check(to_hu)")
    assert "○ not attempted" in notebook.text(check.locator(".jp-OutputArea"))

    # A wrong answer is told what it is.
    answer = notebook.cell("def to_hu")
    notebook.run(answer, WRONG)
    told = notebook.text(notebook.run(check))
    assert "✗ 0/2" in told
    assert "The slope is missing." in told
    assert "called with" in told or "stored" in told

    # A hint comes one at a time.
    hint = notebook.cell("q.to_hu.hint()")
    assert "Hint 1 of 3" in notebook.text(notebook.run(hint, "q.to_hu.hint()"))
    assert "Hint 2 of 3" in notebook.text(notebook.run(hint))

    # The right answer passes, its picture appears, and the table knows.
    notebook.run(answer, RIGHT)
    assert "✓ 2/2" in notebook.text(notebook.run(check))
    picture = notebook.run(notebook.cell("q.to_hu.show(to_hu)")).locator("figure img")
    assert "Hounsfield" in (picture.get_attribute("alt") or "")
    table = notebook.text(notebook.run(notebook.cell("q.progress()")))
    assert "2 of 22 points" in table

    assert notebook.tracebacks() == []
    assert notebook.errors == []


def test_the_lecture_moves(open_notebook) -> None:
    notebook = open_notebook("lectures/01_medical_images.ipynb")
    notebook.run_all()
    assert notebook.tracebacks() == []

    explorer = notebook.cell("widgets.window_level(")
    picture = explorer.locator("figure img")
    before, described = picture.get_attribute("src"), picture.get_attribute("alt")
    handle = explorer.locator(".noUi-handle").first
    handle.scroll_into_view_if_needed()
    handle.focus()
    for _ in range(5):
        notebook.page.keyboard.press("ArrowRight")
    lab.expect(picture).not_to_have_attribute("src", before or "", timeout=30_000)
    assert picture.get_attribute("alt") != described
    notebook.wait_until_idle()

    # No picture is without alternative text, and none of them is broken.
    for image in notebook.panel.locator(".jp-OutputArea-output img").all():
        assert re.search(r"\w{3}", image.get_attribute("alt") or "")
        assert image.evaluate("image => image.complete && image.naturalWidth > 0")
    assert notebook.errors == []
