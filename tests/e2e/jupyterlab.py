"""Drive JupyterLab in a headless Chromium, as a student's hands would."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def find_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


@contextmanager
def serve(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Start JupyterLab on ``folder`` and yield its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        "--ServerApp.password=", f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    with (folder / "jupyter.log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/api/status", server, folder / "jupyter.log")
            yield address
        finally:
            server.terminate()
            try:
                server.wait(timeout=20)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
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
        self.errors: list[str] = []
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.set_default_timeout(60_000)
        page.goto(f"{address}/lab/tree/{name}?reset")
        self.panel = page.locator(".jp-NotebookPanel:visible")
        self.cells = self.panel.locator(".jp-Notebook .jp-Cell")
        expect(self.panel).to_be_visible(timeout=90_000)
        expect(self.cells.first).to_be_visible()
        # The indicator says "idle" before there is a kernel; the status bar does not.
        expect(page.get_by_text("(ipykernel) | Idle")).to_be_visible(timeout=90_000)
        self.wait_until_idle()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _HARMLESS.search(f"{message.text} {message.location}"):
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def wait_until_idle(self, timeout_s: float = 120) -> None:
        """Wait until the kernel has nothing left to do."""
        indicator = self.panel.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        expect(indicator).to_be_visible(timeout=timeout_s * 1000)

    def run_all(self, timeout_s: float = 180) -> None:
        """Menu Run → Run All Cells, and wait for the end of it."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        # It must have started: an idle kernel may also be one that was never asked.
        prompts = self.panel.locator(".jp-CodeCell .jp-InputArea-prompt")
        expect(prompts.filter(has_text=re.compile(r"\[(\*|\d+)\]")).first).to_be_attached()
        last = self.panel.locator(".jp-CodeCell").last.locator(".jp-InputArea-prompt")
        expect(last).to_have_text(re.compile(r"\[\d+\]"), timeout=timeout_s * 1000)
        self.wait_until_idle()

    def cell(self, source: str) -> Locator:
        """Return the code cell whose source contains a text."""
        cell = self.panel.locator(
            ".jp-CodeCell", has=self.page.locator(".cm-content", has_text=source)
        )
        cell.first.scroll_into_view_if_needed()
        return cell.first

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
        expect(prompt).not_to_have_text(before or "", timeout=30_000)
        expect(prompt).to_have_text(re.compile(r"\[\d+\]"), timeout=60_000)
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
