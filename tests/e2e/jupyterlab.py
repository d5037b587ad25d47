"""Drive JupyterLab in a headless Chromium, as a student's hands would."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright

FAILURES = Path(__file__).parent / "failures"

# Without these, Chromium looks for its maker's hosts at every start.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

# JupyterLab's own remarks, which are not the course's.
_HARMLESS = re.compile(
    r"favicon|ResizeObserver|\[LSP\]|jupyter-?lsp|language server|"
    r"Failed to load resource.*404.*(lsp|custom\.css|translations|themes)|extensionmanager",
    re.IGNORECASE,
)

# What TensorFlow and its compiled parts say of themselves at start-up.
_TENSORFLOW_NOISE = re.compile(
    r"oneDNN|TF-TRT|cuda_|cuDNN|computation_placer|rebuild TensorFlow|This TensorFlow binary|"
    r"WARNING:absl|WARNING:tensorflow|^[IWE]0000"
)


def find_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


@contextmanager
def serve(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Open a copy of the course by ``make lab``, without a browser, and yield its address.

    Parameters
    ----------
    folder : Path
        Holds the Makefile and the notebooks; what readers do in them stays there.
    environment : dict of str to str
        Of the server, and so of the kernels.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = (
        f"--no-browser --port={port} --ServerApp.port_retries=0 "
        "--IdentityProvider.token= --ServerApp.password="
    )
    # The environment that runs this test is the one that `make venv` has set up.
    command = [
        "make", "lab", f"LAB_ARGS={options}",
        f"BIN={Path(sys.executable).parent}", "STAMP=Makefile",
    ]  # fmt: skip
    with (folder / "jupyter.log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/api/status", server, folder / "jupyter.log")
            yield address
        finally:
            _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """End make, JupyterLab and its kernels, which form a group of their own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(server.pid, number)
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=20)
        # make may be gone before JupyterLab has put its kernels away
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                os.killpg(server.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.1)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


@contextmanager
def browser(executable: str) -> Iterator[Browser]:
    """Start a headless Chromium."""
    expect.set_options(timeout=60_000)  # five seconds are too few on a busy machine
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        try:
            yield chromium
        finally:
            chromium.close()


class Notebook:
    """A notebook open in JupyterLab."""

    def __init__(self, page: Page, address: str, name: str) -> None:
        self.page = page
        self._address = address
        self._name = name
        self.errors: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.set_default_timeout(120_000)
        page.goto(f"{address}/lab/tree/{name}?reset")
        self.panel = page.locator(".jp-NotebookPanel:visible")
        self.cells = self.panel.locator(".jp-Notebook .jp-Cell")
        expect(self.panel).to_be_visible(timeout=180_000)
        expect(self.cells.first).to_be_visible()
        # The indicator says "idle" before there is a kernel; the status bar does not.
        expect(page.get_by_text("(ipykernel) | Idle")).to_be_visible(timeout=180_000)
        self.wait_until_idle()

    def close(self) -> None:
        """Close the page and shut its kernel down, so that the next notebook has the machine."""
        cookies = self.page.context.cookies(self._address)
        # Without its token the server refuses, and kernels pile up: 15 GB after twenty notebooks.
        token = next(cookie["value"] for cookie in cookies if cookie["name"] == "_xsrf")
        request = self.page.request
        for session in request.get(f"{self._address}/api/sessions").json():
            answer = request.delete(
                f"{self._address}/api/sessions/{session['id']}", headers={"X-XSRFToken": token}
            )
            assert answer.ok, f"the kernel of {session['path']} stays: {answer.status}"
        self.page.close()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _HARMLESS.search(f"{message.text} {message.location}"):
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def wait_until_idle(self, timeout_s: float = 300) -> None:
        """Wait until the kernel has nothing left to do."""
        indicator = self.panel.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        expect(indicator).to_be_visible(timeout=timeout_s * 1000)

    def run_all(self, timeout_s: float = 1800) -> None:
        """Menu Run → Run All Cells, and wait for the end of it."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        # It must have started: an idle kernel may also be one that was never asked.
        prompts = self.panel.locator(".jp-CodeCell .jp-InputArea-prompt")
        expect(prompts.filter(has_text=re.compile(r"\[(\*|\d+)\]")).first).to_be_attached()
        last = self.panel.locator(".jp-CodeCell").last.locator(".jp-InputArea-prompt")
        expect(last).to_have_text(re.compile(r"\[\d+\]"), timeout=timeout_s * 1000)
        self.wait_until_idle()

    def saved(self, timeout_s: float = 120) -> nbformat.NotebookNode:
        """Save the notebook by the menu, and return the file that JupyterLab has written."""
        self.page.get_by_role("menuitem", name="File", exact=True).click()
        with self.page.expect_response(
            lambda answer: answer.request.method == "PUT" and "/api/contents/" in answer.url,
            timeout=timeout_s * 1000,
        ) as written:
            # its name ends with the keys that do the same
            self.page.get_by_role("menuitem", name=re.compile("^Save Notebook(?! As)")).click()
        assert written.value.ok, f"JupyterLab could not save: {written.value.status_text}"
        kept = self.page.request.get(f"{self._address}/api/contents/{self._name}").json()
        return nbformat.from_dict(kept["content"])

    def cell(self, source: str) -> Locator:
        """Return the first code cell whose source contains a text, now and whenever it is used."""
        cell = self.panel.locator(
            ".jp-CodeCell", has=self.page.locator(".cm-content", has_text=source)
        )
        cell.first.scroll_into_view_if_needed()
        return cell.first

    def output(self, cell: Locator) -> str:
        """Return the text below a cell, also what is scrolled out of sight."""
        return self.text(cell.locator(".jp-OutputArea"))

    def run(self, cell: Locator, source: str | None = None) -> Locator:
        """Type a new source into a cell, if given, run it, and return its output."""
        editor = cell.locator(".cm-content")
        editor.click()
        if source is not None:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.insert_text(source)  # typing would indent by itself
        before = cell.locator(".jp-InputArea-prompt").text_content()
        self.page.keyboard.press("Control+Enter")
        prompt = cell.locator(".jp-InputArea-prompt")
        expect(prompt).not_to_have_text(before or "", timeout=60_000)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=300_000)
        self.wait_until_idle()
        return cell.locator(".jp-OutputArea")

    def text(self, output: Locator) -> str:
        """Return the text of an output, also of what is scrolled out of sight."""
        return " ".join(output.locator(".jp-OutputArea-output").all_text_contents())

    def tracebacks(self) -> list[str]:
        """Return every traceback and every text on standard error in the page."""
        selector = (
            '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"], '
            '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]'
        )
        return self.panel.locator(selector).all_text_contents()

    def noise(self) -> list[str]:
        """Return printed lines that only TensorFlow's own machinery writes."""
        printed = self.panel.locator(
            '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stdout"]'
        )
        lines = "\n".join(printed.all_text_contents()).splitlines()
        return [line for line in lines if _TENSORFLOW_NOISE.search(line)]

    def explorers(self) -> list[Locator]:
        """Return every widget that holds a picture, from top to bottom."""
        boxes = self.panel.locator(".jp-OutputArea-output .widget-vbox", has=_pictures(self.page))
        return boxes.all()

    def apologies(self) -> list[str]:
        """Return what the widgets say where they could not draw."""
        return self.panel.locator(".jp-OutputArea-output [role=alert]").all_text_contents()

    def drag(self, explorer: Locator) -> bool:
        """Move the controls of an explorer until its picture changes; whether one of them did it.

        The sliders come first, by the mouse: press on the handle, pull, let go.
        """
        picture = explorer.locator("figure img").first
        explorer.scroll_into_view_if_needed()
        before = picture.get_attribute("src")
        for slider in explorer.locator(".noUi-target").all():
            self._pull(slider)
            if self._changes(picture, before):
                return True
        for menu in explorer.locator("select").all():
            menu.select_option(index=menu.locator("option").count() - 1)
            if self._changes(picture, before):
                return True
        for switch in explorer.locator("input[type=checkbox]").all():
            switch.click()
            if self._changes(picture, before):
                return True
        for button in explorer.locator("button").all():  # of an experiment that asks case by case
            button.click()
            if self._changes(picture, before):
                return True
        return False

    def _changes(self, picture: Locator, before: str | None) -> bool:
        """Whether a picture becomes another one, however long the kernel draws."""
        for timeout_s in (5, 1):
            with suppress(AssertionError):
                expect(picture).not_to_have_attribute("src", before or "", timeout=1000 * timeout_s)
                return True
            self.wait_until_idle()  # on a busy machine it may still be at work
        return False

    def _pull(self, slider: Locator) -> None:
        slider.scroll_into_view_if_needed()
        track = slider.bounding_box()
        handle = slider.locator(".noUi-handle").first.bounding_box()
        assert track is not None, "the slider is not on the page"
        assert handle is not None, "the slider has no handle"
        x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
        share = 0.8 if x < track["x"] + track["width"] / 2 else 0.2
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(track["x"] + share * track["width"], y, steps=6)
        mouse.up()

    def undescribed_pictures(self) -> list[str]:
        """Return the pictures in outputs that are broken, or that say nothing to who cannot see."""
        found = []
        for image in self.panel.locator(".jp-OutputArea-output img").all():
            alt = image.get_attribute("alt") or ""
            loaded = image.evaluate("image => image.complete && image.naturalWidth > 0")
            if not re.search(r"\w{3}", alt) or not loaded:
                found.append(f"{alt or 'no alternative text'} (loaded: {loaded})")
        return found


def _pictures(page: Page) -> Locator:
    return page.locator("figure img")
