"""The glossary: terms of the *You need* tables and of ``course/glossary.toml``.

A row ``| **feature** | one number … |`` of a table with the head ``| term | meaning |`` in a
lecture is an entry; a row with two terms in bold is none, as its meaning would be that of both.
Terms of such rows, and those that a lecture defines in its prose, have their entry in the file:

.. code-block:: toml

    everyday = ["margin"]
    "margin" = "The distance from the border to the nearest sample."

Terms in the list ``everyday`` are common words: only the lecture that explains one links it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from mlmi_course.building.findings import AuthorError, Finding
from mlmi_course.building.source import Cell

GLOSSARY_TOML = "course/glossary.toml"

_HEAD = re.compile(r"^\|\s*term\s*\|\s*meaning\s*\|\s*$", re.IGNORECASE)
_ROW = re.compile(r"^\|\s*\*\*(?P<term>[^*|]+)\*\*[^*|]*\|(?P<meaning>.+)\|\s*$")

# What is no running text, so nothing in it becomes a link: code, formulae, links, HTML, bold.
_KEEP = re.compile(
    r"(?P<keep>```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]+\$|!?\[[^\]]*\]\([^)]*\)|\[\d+(?:[–,-]\d+)*\]"
    r"|\*\*.*?\*\*|<[^>]+>|^\#.*?$|^\|.*?$|^\s{4,}\S.*?$|https?://\S+)",
    re.DOTALL | re.MULTILINE,
)


def tabled_terms(cells: Iterable[Cell]) -> dict[str, str]:
    """Terms and meanings in the *term | meaning* tables of a lecture."""
    terms = {}
    for cell in cells:
        inside = False
        for row in [] if cell.is_code else cell.source.split("\n"):
            inside = bool(_HEAD.match(row)) or (inside and row.startswith("|"))
            if inside and (found := _ROW.match(row)):
                terms[found["term"].strip()] = found["meaning"].strip()
    return terms


def terms_in_bold(prose: str, terms: Iterable[str]) -> list[str]:
    """Those of the terms that a text has in bold, in the singular or the plural.

    Examples
    --------
    >>> terms_in_bold("Small **feature\\nmaps**, a bias.", ["feature map", "bias"])
    ['feature map']
    """
    bold = " ".join(prose.split()).lower()
    return [term for term in terms if re.search(rf"\*\*{re.escape(term.lower())}s?\*\*", bold)]


def written_terms(root: Path) -> tuple[dict[str, str], frozenset[str]]:
    """Terms and meanings of ``course/glossary.toml``, and the everyday words among all terms.

    Raises
    ------
    AuthorError
        When the file holds anything else.
    """
    file = root / GLOSSARY_TOML
    if not file.is_file():
        return {}, frozenset()
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise AuthorError(Finding(GLOSSARY_TOML, 1, str(error))) from None
    everyday = table.pop("everyday", [])
    if not isinstance(everyday, list) or not all(isinstance(word, str) for word in everyday):
        raise AuthorError(Finding(GLOSSARY_TOML, 1, 'write everyday = ["term", "another"]'))
    for term, meaning in table.items():
        if not isinstance(meaning, str) or not meaning.strip():
            raise AuthorError(Finding(GLOSSARY_TOML, 1, f'write "{term}" = "what it means"'))
    return table, frozenset(everyday)


def page(terms: Mapping[str, str], where: Mapping[str, str]) -> str:
    """The page, with a link from each term to the lecture that explains it.

    Parameters
    ----------
    terms : mapping of str to str
    where : mapping of str to str
        Term to MyST text that says where it is explained; may lack terms.
    """
    entries = []
    for term in sorted(terms, key=str.casefold):
        meaning = terms[term]
        sentence = meaning[0].upper() + meaning[1:] + ("" if meaning.endswith(".") else ".")
        more = f" {where[term]}" if term in where else ""
        entries.append(f"{term}\n    {sentence}{more}\n")
    body = "\n".join(entries)
    return (
        "# Glossary\n\nTerms as the lectures use them. In each lecture, the first use of a term "
        f"leads here.\n\n````{{glossary}}\n{body}````\n"
    )


def link_first_uses(text: str, terms: Mapping[str, str], linked: set[str]) -> str:
    """Prose whose first use of each term is a link to the glossary.

    Parameters
    ----------
    text : str
        Markdown of one cell.
    terms : mapping
        The glossary.
    linked : set of str
        Terms that the lecture has linked so far; the new ones are added.

    Examples
    --------
    >>> link_first_uses("Two biases. `bias`", {"bias": "…", "Bi": "…"}, set())
    'Two biases. `bias`'
    >>> link_first_uses("A bias, a bias.", {"bias": "…"}, set())
    'A {term}`bias`, a bias.'
    """
    left = [term for term in terms if term not in linked]
    if not left:
        return text
    longest_first = sorted(left, key=len, reverse=True)
    anyone = re.compile(
        r"(?<![\w-])(" + "|".join(map(re.escape, longest_first)) + r")(s?)(?![\w-])", re.IGNORECASE
    )
    by_lower = {term.lower(): term for term in left}

    def link(match: re.Match[str]) -> str:
        term = by_lower[match[1].lower()]
        # an abbreviation is no word in another case
        if term in linked or (term.isupper() and match[1] != term):
            return match[0]
        linked.add(term)
        return f"{{term}}`{match[0]}`" if match[0] == term else f"{{term}}`{match[0]} <{term}>`"

    parts = []
    position = 0
    for kept in _KEEP.finditer(text):
        parts += [anyone.sub(link, text[position : kept.start()]), kept["keep"]]
        position = kept.end()
    return "".join(parts) + anyone.sub(link, text[position:])
