"""The web site in Chromium: on a desk and on a phone, in the light and in the dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

MAIN = ("index", "units/*", "lectures/*", "exercises/*", "solutions/*", "glossary", "INSTRUCTORS",
        "api/metrics", "docs/datasheets/masses", "search")  # fmt: skip
LOOKS = ((1280, "light"), (1280, "dark"), (390, "light"), (390, "dark"))


class Visit:
    """A page, and what it asked for and complained of."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.on("request", lambda request: self._asked(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.outside.append(url)

    def open(self, path: str) -> Page:
        self.page.goto(self.address + path, wait_until="load")
        if self.page.locator(".math").count():
            expect(self.page.locator("mjx-container").first).to_be_attached(timeout=30_000)
        return self.page


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Visit]:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    yield Visit(page, address)
    page.close()


def _path(site: Path, pattern: str) -> str:
    """The first page of a pattern."""
    return sorted(site.glob(f"{pattern}.html"))[0].relative_to(site).as_posix()


@pytest.mark.parametrize("pattern", MAIN)
def test_a_page_is_sound(site: Path, chromium: Browser, address: str, pattern: str) -> None:
    """No request elsewhere, no error, nothing wider than the screen, no serious violation."""
    page = chromium.new_page()
    visit = Visit(page, address)
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        visit.open(_path(site, pattern))
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, f"{wider} pixels wider than a screen of {width}"
        violations = Axe().run(page).response["violations"]
        serious = [
            f"{violation['id']} ({width} {scheme}): {node['html'][:200]}"
            for violation in violations
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]
        assert serious == []
    assert visit.outside == []
    assert visit.errors == []
    page.close()


def test_formulae_are_drawn_without_fonts_from_elsewhere(site: Path, visit: Visit) -> None:
    page = visit.open(_path(site, "lectures/*"))
    formulae = page.locator("mjx-container[jax=SVG]")
    expect(page.locator(".math mjx-container")).not_to_have_count(0)
    assert formulae.count() > 10
    assert page.locator("mjx-merror, [data-mml-node=merror]").count() == 0
    assert visit.outside == []


def test_pictures_are_shown(site: Path, visit: Visit) -> None:
    page = visit.open(_path(site, "lectures/*"))
    for picture in page.locator(".output figure img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 0


def test_search_finds_a_term(visit: Visit) -> None:
    page = visit.open("search.html?q=glossary")
    expect(page.locator("#search-results li a").first).to_be_visible(timeout=20_000)
    assert visit.outside == []


def test_the_keyboard_is_enough(site: Path, visit: Visit) -> None:
    page = visit.open("index.html")
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.textContent.trim()")
    assert "Skip to main content" in first
    page.locator(".mlmi-card").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/units/*")

    page = visit.open(_path(site, "solutions/*"))
    answer = page.locator("details.hide").first
    assert answer.get_attribute("open") is None
    answer.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(answer).to_have_attribute("open", "")
    expect(answer.locator("pre").first).to_be_visible()


def test_the_reader_chooses_dark_or_light(visit: Visit) -> None:
    page = visit.open("index.html")
    ground = "getComputedStyle(document.body).backgroundColor"
    seen = {page.evaluate(ground)}
    for _ in range(2):
        page.locator(".theme-switch-button:visible").first.click()
        seen.add(page.evaluate(ground))
    assert len(seen) == 2
