"""Puts everything that sphinx reads into one folder.

Pages lie where the repository has them (``lectures/``, ``docs/datasheets/`` …), so that links
between files keep their meaning; a link to a file that is no page becomes plain text.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import nbformat

from mlmi_course.building.build import Notebook, read_unit, unit_notebooks
from mlmi_course.building.course import Course, Unit
from mlmi_course.building.executed import executed
from mlmi_course.building.headers import KINDS
from mlmi_course.building.website import glossary, pages, references

# Documents that are pages as they are; `docs` brings its pictures along.
_DOCUMENTS = ("INSTRUCTORS.md", "CONTRIBUTING.md", "CHANGELOG.md", "course/STYLE.md")
_FOLDERS = ("docs", "instructors")
_PICTURE = re.compile(r'src="data:image/(png|jpeg|webp|svg\+xml);base64,([^"]+)"')
_DOCUMENT = re.compile(r'href="(?P<target>[\w./-]+)\.md"')
_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]+)\]\((?P<target>(?!https?:|#|mailto:)[^)\s]+)\)")


def stage(
    course: Course,
    units: Sequence[Unit],
    folder: Path,
    *,
    workers: int = 1,
    tell: Callable[[str], None] = lambda line: None,
) -> None:
    """Write the sources of the web site.

    Parameters
    ----------
    course : Course
    units : sequence of Unit
        Those whose notebooks are shown; their lectures and solutions are executed where they
        have not been since the last change.
    folder : Path
        What it held before is removed.
    workers : int
        Kernels at a time.
    tell : callable
        Gets a line for each notebook that was executed.

    Raises
    ------
    AuthorError
        When a source is wrong or a cell raises.
    """
    course = _only(course, units)
    unpublished = replace(course, repository=None)  # no badge: its picture is on another site
    notebooks: dict[str, Notebook] = {}
    for unit in units:
        for notebook in unit_notebooks(unpublished, unit, *read_unit(course, unit)):
            notebooks[notebook.path] = notebook
    shown = [notebook for notebook in notebooks.values() if notebook.kind != "exercise"]
    ran = executed(unpublished, shown, workers=workers, tell=tell)

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _copy_documents(course, folder)
    terms = _write_glossary(course, notebooks, folder)
    cited = {}
    for unit in units:
        lecture, exercise, solution = (f"{KINDS[kind]}/{unit.name}.ipynb" for kind in KINDS)
        cited[_link(unit)] = list(references.references(notebooks[lecture].body))
        _write_notebook(folder, lecture, _with_terms(ran[lecture], terms.get(lecture, {})))
        if unit.has_lab:
            blank = nbformat.reads(notebooks[exercise].text({}), as_version=4)
            _write_notebook(folder, exercise, blank)
            _write_notebook(folder, solution, _folded(ran[solution], blank))
        for path in (lecture, exercise, solution)[: 3 if unit.has_lab else 1]:
            _write(folder / "notebooks" / path, (course.root / path).read_text(encoding="utf-8"))
    _write(folder / "bibliography.md", references.bibliography(cited))
    for path, text in pages.generated(course).items():
        _write(folder / path, text)
    for file in sorted((course.root / "site").glob("*.md")):
        _write(folder / file.name, pages.filled(file.read_text(encoding="utf-8"), course))
    _unlink_absent(course, folder)
    _write(folder / "links.md", references.link_page(_outside_links(course, folder)))
    facts = {"title": course.title, "repository": getattr(course.repository, "url", "")}
    _write(folder / "site.json", json.dumps(facts))


def _link(unit: Unit) -> str:
    """How pages of the site send a reader to a lecture."""
    words = f"unit {unit.number}" if unit.has_lab else f"the appendix {unit.title}"
    return f"{{doc}}`{words} </{KINDS['lecture']}/{unit.name}>`"


def _only(course: Course, units: Sequence[Unit]) -> Course:
    """The course with some of its units alone."""
    parts = [
        replace(part, units=tuple(unit for unit in part.units if unit in units))
        for part in course.parts
    ]
    return replace(course, parts=tuple(part for part in parts if part.units))


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _copy_documents(course: Course, folder: Path) -> None:
    names = {unit.name for unit in course.units}
    files = [course.root / name for name in _DOCUMENTS]
    for name in _FOLDERS:
        files += [path for path in (course.root / name).rglob("*") if path.is_file()]
    for file in files:
        if file.parent.name == "instructors" and file.stem not in names:
            continue
        if file.is_file():
            target = folder / file.relative_to(course.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def _write_glossary(
    course: Course, notebooks: Mapping[str, Notebook], folder: Path
) -> dict[str, dict[str, str]]:
    """Write the page of terms that the shown lectures explain.

    Returns the terms that each lecture may link, by its path.
    """
    written, everyday = glossary.written_terms(course.root)
    terms: dict[str, str] = {}
    explained: dict[str, str] = {}
    where: dict[str, str] = {}
    for unit in course.with_appendices:
        path = f"{KINDS['lecture']}/{unit.name}.ipynb"
        cells = notebooks[path].body
        prose = "\n".join(cell.source for cell in cells if not cell.is_code)
        bold = {term: written[term] for term in glossary.terms_in_bold(prose, written)}
        for term, meaning in {**glossary.tabled_terms(cells), **bold}.items():
            if term not in terms:
                terms[term] = meaning
                explained[term] = path
                where[term] = f"See {_link(unit)}."
    _write(folder / "glossary.md", glossary.page(terms, where))
    return {
        path: {t: text for t, text in terms.items() if t not in everyday or explained[t] == path}
        for path in explained.values()
    }


def _with_terms(node: nbformat.NotebookNode, terms: Mapping[str, str]) -> nbformat.NotebookNode:
    linked: set[str] = set()
    for cell in node.cells[1:]:  # the first is the header
        if cell.cell_type == "markdown":
            text, heading, titles = cell.source.partition("## Go further")
            cell.source = glossary.link_first_uses(text, terms, linked) + heading + titles
            if heading:  # words in the titles of works are none of ours
                break
    return node


def _folded(node: nbformat.NotebookNode, exercise: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A solution whose answers are folded: what the exercise does not show."""
    asked = {cell.source for cell in exercise.cells}
    for cell in node.cells[1:]:
        if cell.source in asked:
            continue
        if cell.cell_type == "code":
            cell.metadata.setdefault("tags", []).append("hide-cell")
        elif not cell.source.lstrip().startswith("#"):
            summary = '<details class="answer"><summary>Show the answer</summary>'
            cell.source = f"{summary}\n\n{cell.source}\n\n</details>"
    return node


def _write_notebook(folder: Path, path: str, node: nbformat.NotebookNode) -> None:
    """Write a notebook whose pictures are files beside it, loaded when they come into view.

    Links of its outputs to documents lead to their pages; sphinx sees to those of its prose alone.
    """
    here = (folder / path).parent

    def to_page(match: re.Match[str]) -> str:
        there = (here / f"{match['target']}.md").resolve()
        return f'href="{match["target"]}.html"' if there.is_file() else match[0]

    for cell in node.cells:
        if "hide-input" in cell.metadata.get("tags", ()):  # elsewhere what is folded is an answer
            words = {"code_prompt_show": "Show the code", "code_prompt_hide": "Hide the code"}
            cell.metadata["mystnb"] = words
        for output in cell.get("outputs", []):
            page = output.get("data", {}).get("text/html")
            if page:
                page = _PICTURE.sub(lambda match: _as_file(folder, path, match), page)
                output.data["text/html"] = _DOCUMENT.sub(to_page, page)
    _write(folder / path, nbformat.writes(node))


def _as_file(folder: Path, page: str, match: re.Match[str]) -> str:
    content = base64.b64decode(match[2])
    ending = {"png": "png", "jpeg": "jpg", "webp": "webp", "svg+xml": "svg"}[match[1]]
    name = f"{hashlib.sha256(content).hexdigest()[:16]}.{ending}"
    file = folder / "static" / "pictures" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    up = "../" * page.count("/")
    return f'loading="lazy" src="{up}_static/pictures/{name}"'


def _unlink_absent(course: Course, folder: Path) -> None:
    """Where a link leads to no page, keep its words, or lead to the repository if there is one."""
    for file in folder.rglob("*.md"):
        here = file.parent

        def mend(match: re.Match[str], here: Path = here) -> str:
            target = match["target"].partition("#")[0]
            there = (here / target).resolve()
            inside = there.is_relative_to(folder.resolve())
            if inside and there.is_file():
                return match[0]
            if course.repository and inside:
                path = there.relative_to(folder.resolve()).as_posix()
                address = f"{course.repository.url}/blob/{course.repository.tag}/{path}"
                return f"[{match['text']}]({address})"
            return match["text"]

        text = file.read_text(encoding="utf-8")
        mended = _LINK.sub(mend, text)
        if mended != text:
            file.write_text(mended, encoding="utf-8")


def _outside_links(course: Course, folder: Path) -> dict[str, list[str]]:
    """Every address that a page names, with these pages."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("*")):
        page = file.relative_to(folder).as_posix()
        if file.suffix == ".md":
            text = file.read_text(encoding="utf-8")
        elif file.suffix == ".ipynb" and not page.startswith("notebooks/"):
            cells = nbformat.read(file, as_version=4).cells
            text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        else:
            continue
        for url in references.urls(_without_code(text)):
            found.setdefault(url, []).append(page)
    for name in pages.API_MODULES:  # docstrings name their sources
        for url in references.urls(_docstrings(course.root, name)):
            found.setdefault(url, []).append(f"api/{name}")
    return found


def _without_code(text: str) -> str:
    """Markdown without code, in which addresses are examples."""
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def _docstrings(root: Path, name: str) -> str:
    """Docstrings of a module, or of all files of a package."""
    path = root / pages.module(name).replace(".", "/")
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return "\n".join(
        node.value.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
