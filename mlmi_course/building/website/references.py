"""The bibliography, from the *Go further* sections, and the list of links to other sites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from mlmi_course.building.source import Cell

_ITEM = re.compile(r"^\d+\.\s+(.*?)(?=^\d+\.\s|^\s*$|\Z)", re.MULTILINE | re.DOTALL)
_IDENTIFIER = re.compile(
    r"https?://(?:doi\.org/(?P<doi>[^\s)]+)|arxiv\.org/abs/(?P<arxiv>[^\s)]+))"
)
_URL = re.compile(r"https?://(?:[^\s<>\"'`\[\]()|]|\([^\s<>()]*\))+")
_INITIALS = re.compile(r"^(?:\w[\w’']?\.[ -]?)+\s*")


@dataclass(frozen=True)
class Reference:
    """An item of a *Go further* list: its text, and DOI or arXiv number if it has one."""

    text: str
    identifier: str = ""

    @property
    def key(self) -> str:
        """What two units cite alike has the same key."""
        return self.identifier.lower() or " ".join(re.findall(r"\w+", self.text.lower()))

    @property
    def order(self) -> str:
        """By the first author's surname."""
        return _INITIALS.sub("", self.text).casefold()


def references(cells: Iterable[Cell]) -> Iterator[Reference]:
    """Items of the numbered list in the *Go further* section of a lecture."""
    inside = False
    for cell in cells:
        if cell.is_code:
            continue
        for part in re.split(r"(?m)^(?=## )", cell.source):
            if part.startswith("## "):
                inside = part.lower().startswith("## go further")
            if inside:
                for item in _ITEM.finditer(part):
                    text = " ".join(item[1].split())
                    found = _IDENTIFIER.search(text)
                    yield Reference(text, (found["doi"] or found["arxiv"]) if found else "")


def bibliography(cited: Mapping[str, Iterable[Reference]]) -> str:
    """The page: works with DOI or arXiv number first, by author; each with its units.

    Parameters
    ----------
    cited : mapping of str to iterable of Reference
        MyST link to a lecture, to what it cites.
    """
    works: dict[str, Reference] = {}
    units: dict[str, list[str]] = {}
    for lecture, items in cited.items():
        for item in items:
            works.setdefault(item.key, item)
            if lecture not in units.setdefault(item.key, []):
                units[item.key].append(lecture)
    ordered = sorted(works.values(), key=lambda work: work.order)

    def listed(numbered: bool) -> str:
        return "\n".join(
            f"- {work.text} Read in {', '.join(units[work.key])}."
            for work in ordered
            if bool(work.identifier) is numbered
        )

    return (
        "# Bibliography\n\nWhat the lectures cite, by the first author.\n\n"
        f"## Works with a DOI or an arXiv number\n\n{listed(True) or 'None yet.'}\n\n"
        f"## Lectures, standards and other works\n\n{listed(False) or 'None yet.'}\n"
    )


def urls(text: str) -> list[str]:
    """Addresses in a Markdown text, without the punctuation that ends a sentence."""
    return [url.rstrip(".,;:!?*_") for url in _URL.findall(text)]


def problem(url: str) -> str:
    """What is wrong with the form of an address; empty when nothing is.

    Examples
    --------
    >>> problem("https://doi.org/10.1109/TMI.2010.2046908")
    ''
    >>> problem("https://doi.org/TMI")
    'no DOI: it starts with 10. and a number'
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9.-]+\.[a-z]{2,}", host):
        return "no host that the web could know"
    if re.search(r"[\s\\^{}]", url):
        return "a character that an address cannot hold"
    if host == "doi.org" and not re.match(r"/10\.\d{4,9}/\S+", parts.path):
        return "no DOI: it starts with 10. and a number"
    if host == "arxiv.org" and not re.match(
        r"/(abs|pdf)/(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?", parts.path
    ):
        return "no arXiv number"
    return ""


def link_page(found: Mapping[str, Iterable[str]]) -> str:
    """The page that lists every address outside the site, with the pages that name it."""
    rows = "\n".join(
        f"- <{url}> in {', '.join(f'`{page}`' for page in sorted(set(pages)))}"
        for url, pages in sorted(found.items())
    )
    return f"# Links to other sites\n\nThis site loads nothing from them.\n\n{rows}\n"
