"""Takes the pictures of README and web site: JupyterLab, the site, a gradebook.

``make site && make grade-demo``, then ``.venv/bin/python -m benchmarks.screenshots``: overwrites
them in ``docs/pictures``, as PNG with a palette.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.e2e import jupyterlab as lab
from tests.e2e.units import UNITS, a_try

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
SITE = ROOT / "site" / "_build" / "html"
LECTURE, PICTURE = "13_explainability", "letter L"  # words of its description
UNIT = "u05_perceptrons" if "u05_perceptrons" in UNITS else UNITS[0]


def main(gradebook: Path) -> None:
    """Take all of them."""
    chromium = lab.find_chromium()
    if chromium is None or not (SITE / "index.html").is_file() or not gradebook.is_file():
        sys.exit(f"needed: Chromium, the site in {SITE}, a gradebook in {gradebook}")
    with lab.browser(chromium) as browser:
        site_pictures(browser)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(gradebook.resolve().as_uri())
        keep(page, "gradebook")
        exercise(browser)


def site_pictures(browser: Browser) -> None:
    """The landing page, a lecture, and the path through the units on a phone."""
    # else colours are caught on their way from one to the other
    still = {"reduced_motion": "reduce"}
    page = browser.new_page(viewport={"width": 1280, "height": 900}, **still)
    page.goto((SITE / "index.html").as_uri())
    keep(page, "site-landing")
    page.goto((SITE / "lectures" / f"{LECTURE}.html").as_uri())
    page.wait_for_selector("mjx-container")
    picture = page.locator(f"figure img[alt*='{PICTURE}']")
    for _ in range(2):  # what is above may still grow when it is first seen
        picture.evaluate("p => scrollBy(0, p.getBoundingClientRect().top - innerHeight / 8)")
        page.wait_for_timeout(1500)
    keep(page, "site-lecture")
    phone = browser.new_page(viewport={"width": 390, "height": 780}, color_scheme="dark", **still)
    phone.goto((SITE / "index.html").as_uri())
    phone.evaluate("document.querySelector('.mlmi-map').scrollIntoView()")
    keep(phone, "site-phone")


def exercise(browser: Browser) -> None:
    """An exercise after a wrong and after the right answer."""
    tried = a_try(UNIT)
    name = tried.question.name
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "exercises", Path(folder) / "exercises")
        shutil.copy(ROOT / "Makefile", folder)
        with lab.serve(Path(folder), {**os.environ, "MLMI_HOME": f"{folder}/home"}) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            notebook = lab.Notebook(page, address, f"exercises/{UNIT[1:]}.ipynb")
            notebook.run_all()
            answer = notebook.cell(f"def {name}(")
            check = notebook.cell(f"q.{name}.check({name})")
            for source, file in ((_wrong(tried.right), "wrong"), (tried.right, "right")):
                notebook.run(answer, source)
                notebook.run(check)
                answer.evaluate("cell => cell.scrollIntoView({block: 'start'})")
                page.wait_for_timeout(500)
                keep(page, f"exercise-{file}")
            notebook.close()


def _wrong(right: str) -> str:
    """The solution without the biases, as a student may write it."""
    return right.replace(" + hidden_biases", "").replace(" + output_bias", "")


def keep(page: Page, name: str) -> None:
    """Write a picture of the page with at most 256 colours."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    file = PICTURES / f"{name}.png"
    # the method that keeps rare colours, such as the brightest of a heat map
    colours = image.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    colours.save(file, optimize=True)
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/grade-demo/grades/gradebook.html"))
