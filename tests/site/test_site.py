"""The web site: links lead somewhere, pictures have words, and Chromium finds nothing amiss.

On a desk and on a phone, in the light and in the dark.  One file, so that the site is made once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, expect
from playwright.sync_api import Page as BrowserPage

from mlmi_course.building.course import read_course
from mlmi_course.building.slides import deck
from mlmi_course.building.website.references import problem
from tests.site.conftest import ROOT

OUTSIDE = ("http://", "https://", "//")
# What the theme's footer says of itself.
OF_THE_THEME = re.compile(r"sphinx-doc\.org|pydata-sphinx-theme|sphinx-book-theme|executablebooks")


@dataclass
class Page(HTMLParser):
    """Links, loaded files, ids and pictures of a page."""

    path: str
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    pictures: list[dict[str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    __hash__ = object.__hash__

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.add(str(values["id"]))
        if tag == "a" and values.get("href"):
            self.links.append(str(values["href"]))
        if tag in ("img", "script", "iframe", "source", "video", "audio") and values.get("src"):
            self.loaded.append(str(values["src"]))
        if tag == "link" and values.get("rel") in (
            "stylesheet",
            "preload",
            "icon",
            "shortcut icon",
        ):
            self.loaded.append(str(values["href"]))
        if tag == "img":
            self.pictures.append(values)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    found = {}
    for file in sorted(site.rglob("*.html")):
        path = file.relative_to(site).as_posix()
        if path.startswith("_static/"):  # of the theme
            continue
        page = Page(path)
        page.feed(file.read_text(encoding="utf-8"))
        found[path] = page
    assert len(found) > 20
    return found


def _inside(page: Page, links: list[str]) -> Iterator[tuple[str, str]]:
    """Targets on this site: path and fragment."""
    for link in links:
        if not link.startswith((*OUTSIDE, "mailto:", "data:", "javascript:")):
            target, fragment = urldefrag(urljoin(f"/{page.path}", link))
            yield unquote(target.partition("?")[0]).lstrip("/"), unquote(fragment)


def test_no_link_within_the_site_is_broken(site: Path, pages: dict[str, Page]) -> None:
    broken = []
    for page in pages.values():
        for target, fragment in _inside(page, page.links):
            if not (site / target).is_file():
                broken.append(f"{page.path} → {target}")
            elif fragment and target in pages and fragment not in pages[target].ids:
                broken.append(f"{page.path} → {target}#{fragment}")
    assert broken == []


def test_what_a_page_loads_lies_on_this_site(site: Path, pages: dict[str, Page]) -> None:
    for page in pages.values():
        assert [url for url in page.loaded if url.startswith(OUTSIDE)] == [], page.path
        for target, _ in _inside(page, page.loaded):
            assert (site / target).is_file(), f"{page.path} loads {target}"


def test_links_to_other_sites_have_the_right_form_and_are_listed(pages: dict[str, Page]) -> None:
    listed = set(pages["links.html"].links)
    for page in pages.values():
        for url in page.links:
            if url.startswith(OUTSIDE) and not OF_THE_THEME.search(url):
                assert problem(url) == "", f"{page.path}: {url}"
                assert url in listed, f"{page.path}: {url} is missing in the list"


def test_every_picture_says_what_it_shows(pages: dict[str, Page]) -> None:
    for page in pages.values():
        for picture in page.pictures:
            words = re.findall(r"\w{3,}", picture.get("alt") or "")
            assert words, f"{page.path}: {str(picture.get('src'))[:80]}"


def test_a_unit_has_its_pages_and_its_pictures(site: Path, pages: dict[str, Page]) -> None:
    lectures = [path for path in pages if path.startswith("lectures/")]
    assert lectures
    for path in lectures:
        name = path.removeprefix("lectures/")
        assert {f"units/{name}", f"exercises/{name}", f"solutions/{name}"} <= set(pages)
        assert len(pages[path].pictures) >= 3
        assert "units/" + name in {
            target
            for target, _ in _inside(page=pages["index.html"], links=pages["index.html"].links)
        }
        text = (site / path).read_text(encoding="utf-8")
        assert "application/vnd.jupyter.widget" not in text
        assert 'href="../glossary.html#term-' in text, "the first use of a term leads to it"


def test_answers_are_folded_and_exercises_hold_none(site: Path, pages: dict[str, Page]) -> None:
    for path in pages:
        if path.startswith("solutions/"):
            text = (site / path).read_text(encoding="utf-8")
            assert text.count("Show the answer") >= 6
            assert not re.search(
                r"<details[^>]*\bopen\b[^>]*>\s*<summary[^>]*>\s*<span[^>]*>Show", text
            )
            other = (site / path.replace("solutions/", "exercises/")).read_text(encoding="utf-8")
            assert "Show the answer" not in other
            assert "YOUR CODE HERE" in other


def test_the_bibliography_has_dois(pages: dict[str, Page]) -> None:
    dois = [
        url for url in pages["bibliography.html"].links if url.startswith("https://doi.org/10.")
    ]
    assert len(dois) >= 4
    assert len(set(dois)) == len(dois), "a work that two units cite is listed once"


# ---- in Chromium ----------------------------------------------------------------------

MAIN = ("index", "units/*", "lectures/*", "exercises/*", "solutions/*", "glossary", "INSTRUCTORS",
        "api/metrics", "docs/datasheets/masses", "search")  # fmt: skip
# axe would fetch style sheets once more, by names that are relative to other files
NO_FETCHING = {"preload": False}
# Code has the same colours on every page, and axe takes minutes for the words of long ones.
WITHOUT_CODE = {"lectures/*", "solutions/*", "api/metrics"}
LOOKS = ((1280, "light"), (1280, "dark"), (390, "dark"))


class Visit:
    """A page, and what it asked for and complained of."""

    def __init__(self, page: BrowserPage, address: str) -> None:
        self.page, self.address = page, address
        self.outside: list[str] = []
        self.errors: list[str] = []
        page.set_default_timeout(120_000)
        page.on("request", lambda request: self._asked(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, "data:", "blob:")):
            self.outside.append(url)

    def open(self, path: str) -> BrowserPage:
        self.page.goto(self.address + path, wait_until="load")
        if self.page.locator(".math").count():
            expect(self.page.locator("mjx-container").first).to_be_attached(timeout=180_000)
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
        # no fading from one colour to the next, in which a contrast would be measured
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if (width, scheme) == LOOKS[0]:  # then it follows: formulae are set once
            visit.open(_path(site, pattern))
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wider <= 0, f"{wider} pixels wider than a screen of {width}"
        seen = {"exclude": [[".highlight"]]} if pattern in WITHOUT_CODE else None
        violations = Axe().run(page, seen, NO_FETCHING).response["violations"]
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
    # Deeper sections and code are folded, and a picture in them is loaded once it is seen.
    page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true; })")
    for picture in page.locator(".output figure img:visible").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.naturalWidth") > 0


def test_search_finds_a_term(visit: Visit) -> None:
    page = visit.open("search.html?q=glossary")
    expect(page.locator("#search-results li a").first).to_be_visible(timeout=180_000)
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


def test_what_is_folded_opens_by_link_by_keyboard_and_to_be_printed(visit: Visit) -> None:
    """On a page of the site, into which a section is put as the build writes it."""
    page = visit.open("index.html")
    page.evaluate(
        """() => document.querySelector("article").insertAdjacentHTML("afterbegin",
        '<section id="proof"><h2>Proof</h2><details class="mlmi-deeper"><summary>Deeper</summary>' +
        '<p id="inner">So it is.</p></details></section><a id="go" href="#proof">Proof</a>')"""
    )
    folded, text = page.locator("details.mlmi-deeper"), page.locator("#inner")
    expect(text).to_be_hidden()
    page.locator("#go").click()
    expect(text).to_be_visible()
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(text).to_be_hidden()
    page.evaluate("location.hash = 'inner'")
    expect(text).to_be_visible()
    folded.locator("summary").focus()  # it went to the target of the link
    page.keyboard.press("Enter")
    expect(text).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(text).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(text).to_be_hidden()


def test_explorers_move_without_a_kernel(site: Path, visit: Visit) -> None:
    page = visit.open(_path(site, "lectures/*"))
    boxes = page.locator(".mlmi-explorer").all()
    assert boxes
    page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true })")
    for box in boxes:
        assert 2 <= box.locator(".mlmi-state").count() <= 24
        field = box.locator("input, select").first
        field.focus()
        before = box.locator("figure:visible img").get_attribute("src")
        at_end = field.evaluate("f => f.value === f.max || f.selectedIndex === f.length - 1")
        back = {"range": "ArrowLeft", "select-one": "ArrowUp"}
        on = {"range": "ArrowRight", "select-one": "ArrowDown"}
        kind = field.evaluate("f => f.type")
        page.keyboard.press((back if at_end else on).get(kind, "Space"))
        picture = box.locator("figure:visible img")
        expect(picture).to_have_count(1)
        expect(picture).not_to_have_attribute("src", before or "")
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert visit.errors == []


def test_explorers_are_a_picture_where_no_script_runs(
    site: Path, chromium: Browser, address: str
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + _path(site, "lectures/*"))
    box = page.locator(".mlmi-explorer").first
    expect(box.locator("figure:visible")).to_have_count(1)
    expect(box.locator(".mlmi-state:visible")).to_have_count(0)
    context.close()


def test_the_states_of_an_explorer_weigh_a_megabyte_at_most(site: Path) -> None:
    for path in site.glob("lectures/*.html"):
        text = path.read_text(encoding="utf-8")
        for box in text.split('class="mlmi-explorer"')[1:]:
            states = re.findall(r'class="mlmi-state".*?src="([^"]+)"', box, re.DOTALL)
            files = {(path.parent / source).resolve() for source in states}
            assert sum(file.stat().st_size for file in files) <= 1_000_000


def test_the_reader_chooses_dark_or_light(visit: Visit) -> None:
    page = visit.open("index.html")
    seen = set()
    for mode in ("light", "dark"):
        page.locator(".theme-switch-button:visible").first.click()
        page.locator(f".theme-change-button[data-mode={mode}]:visible").first.click()
        seen.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(seen) == 2


# ---- slides ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deck_file(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deck of the first lecture that the site shows."""
    course = read_course(ROOT)
    (unit,) = course.select([Path(_path(site, "lectures/*")).stem])
    file = tmp_path_factory.mktemp("deck") / "deck.html"
    file.write_text(deck(course, unit, deeper=True).html, encoding="utf-8")
    return file


def test_a_deck_is_one_file_that_can_be_presented_offline(deck_file: Path, visit: Visit) -> None:
    visit.address = deck_file.as_uri()
    page = visit.open("")
    expect(page.locator("section.now h1")).to_be_visible()
    expect(page.locator("mjx-container[jax=SVG] svg")).not_to_have_count(0)
    assert page.locator("mjx-merror, [data-mml-node=merror]").count() == 0
    slides = page.locator("section").count()
    assert slides >= 20
    for key, number in (("ArrowRight", 2), ("Space", 3), ("PageUp", 2), ("End", slides)):
        page.keyboard.press(key)
        expect(page.locator("section.now")).to_have_attribute("id", f"s{number}")
    pictures = page.locator("section img")
    assert pictures.count() >= 3
    for picture in pictures.all():
        assert re.search(r"\w{3,}", picture.get_attribute("alt") or "")
        assert (picture.get_attribute("src") or "").startswith("data:")
    assert visit.outside == []
    assert visit.errors == []


def test_pictures_of_a_deck_keep_their_shape_and_use_the_screen(
    deck_file: Path, visit: Visit
) -> None:
    visit.address = deck_file.as_uri()
    visit.page.set_viewport_size({"width": 1280, "height": 500})
    page = visit.open("")
    slides = page.locator("section", has=page.locator("figure img"))
    for height in (500, 1000):
        page.set_viewport_size({"width": 1280, "height": height})
        page.evaluate("number => { location.hash = number }", _number(slides.first))
        picture = page.locator("section.now figure img").first
        expect(picture).to_be_visible()
        expect(picture).to_have_css("object-fit", "contain")
        wide, high = picture.evaluate(
            "p => [p.clientWidth / p.closest('.seen').clientWidth, p.clientHeight / innerHeight]"
        )
        assert max(wide, 2 * high) > 0.8, "it takes the width that there is, or half of the height"
        shape = picture.evaluate("p => (p.naturalWidth * p.clientHeight) / p.naturalHeight")
        assert abs(picture.evaluate("p => p.clientWidth") - shape) < 2
        over = "s => s.scrollHeight - s.clientHeight"
        assert page.locator("section.now").evaluate(over) <= 1, "nothing is cut off"


def _number(slide: Locator) -> str:
    return str(slide.get_attribute("id")).removeprefix("s")


def test_a_deck_asks_before_it_shows(deck_file: Path, visit: Visit) -> None:
    visit.address = deck_file.as_uri()
    page = visit.open("")
    asking = page.locator("section", has=page.locator("strong", has_text="Predict."))
    assert asking.count() >= 3
    assert asking.locator("figure, .printed").count() == 0
