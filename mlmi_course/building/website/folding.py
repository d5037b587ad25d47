"""Deeper sections fold on the web site: the heading stays, and a reader opens what is below."""

from __future__ import annotations

from typing import Any

from docutils import nodes

from mlmi_course.building.contract import MINUTES


def fold_deeper(app: Any, doctree: nodes.document) -> None:
    """Put what stands below the heading of each deeper section into ``<details>``.

    Sphinx calls it for each page that it has read.  Links to the section still find its heading,
    which is not folded; ``site.js`` then opens what is below it.

    Parameters
    ----------
    app : sphinx.application.Sphinx
    doctree : docutils.nodes.document
        Is changed.
    """
    for section in list(doctree.findall(nodes.section)):
        title = section.next_node(nodes.title)
        stated = MINUTES.search(title.astext()) if title is not None else None
        if title is None or title.parent is not section or not (stated and stated[2]):
            continue
        start = section.index(title) + 1
        opening = (
            f'<details class="mlmi-deeper"><summary>Deeper: {stated[1]} minutes more, '
            "if you like</summary>"
        )
        section.insert(start, nodes.raw("", opening, format="html"))
        section.append(nodes.raw("", "</details>", format="html"))
