"""What the files of the web site hold: links that lead somewhere, pictures with words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin

import pytest

from mlmi_course.building.website.references import problem

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
