"""A browser, the course as ``make lab`` serves it, and a notebook opened by name."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.conftest import missing
from tests.e2e import jupyterlab as lab

ROOT = Path(__file__).resolve().parents[2]

Open = Callable[[str], lab.Notebook]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve copies of the notebooks, so that the browser cannot change the originals.

    One server does for all tests of a worker: each opens a notebook that no other opens, and shuts
    its kernel down.
    """
    if shutil.which("make") is None:
        missing("make", "the course is opened by `make lab`")
    folder = tmp_path_factory.mktemp("lab")
    for kind in ("lectures", "exercises"):
        shutil.copytree(ROOT / kind, folder / kind)
    shutil.copy(ROOT / "Makefile", folder)
    environment = {**os.environ, "MLMI_HOME": str(folder / "home")}
    environment.pop("MLMI_STATIC", None)
    # A kernel that sees pytest lets what compiled code writes to standard error slip by.
    environment.pop("PYTEST_CURRENT_TEST", None)
    with lab.serve(folder, environment) as address:
        yield address


@pytest.fixture
def open_notebook(
    chromium: Browser, address: str, request: pytest.FixtureRequest
) -> Iterator[Open]:
    """Open notebooks; when the test fails, keep a picture of what was on the screen."""
    opened: list[lab.Notebook] = []

    def open_(name: str) -> lab.Notebook:
        page = chromium.new_page(viewport={"width": 1280, "height": 1000})
        notebook = lab.Notebook(page, address, name)
        opened.append(notebook)
        return notebook

    yield open_
    failed = getattr(request.node, "failed", False)
    for page in [page for context in chromium.contexts for page in context.pages]:
        if failed:
            lab.FAILURES.mkdir(exist_ok=True)
            number = len(list(lab.FAILURES.glob(f"{request.node.name}*.png")))
            page.screenshot(path=lab.FAILURES / f"{request.node.name}-{number}.png")
    for notebook in opened:
        notebook.close()
