"""The page *Same name, different number*: from the rows' text, and from what they gave.

Nothing is imported: a row is read as text, its values come from ``conventions/values.json``, and
what the scripts in ``findings/`` showed from ``findings/verdicts.json``.
"""

from __future__ import annotations

import ast
import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlmi_course.building.course import Course
from mlmi_course.building.findings import AuthorError, Finding, stop_if_any

FOLDER = "conventions"
PAGE = "docs/conventions.md"


def slug(title: str) -> str:
    """The address of a heading, as GitHub and the site's pages make it.

    Examples
    --------
    >>> slug("PSNR: whose range?")
    'psnr-whose-range'
    """
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@dataclass(frozen=True)
class Told:
    """A row as its source tells it.

    Parameters
    ----------
    title, ours, means, code : str
        Its heading; what this course uses; what each library means; the example.
    libraries, units : tuple of str
    path : str
    line : int
    """

    title: str
    ours: str
    means: str
    code: str
    libraries: tuple[str, ...]
    units: tuple[str, ...]
    path: str
    line: int


@dataclass(frozen=True)
class Script:
    """A script of ``findings/``, by its header."""

    name: str
    title: str
    parts: dict[str, str]

    def libraries(self) -> list[tuple[str, str]]:
        """Names and versions that it was seen with; what stands in brackets only helped."""
        seen = re.sub(r"\([^)]*\)", "", self.parts["Seen with"])
        return re.findall(r"([A-Za-z][\w-]*) (\d[\w.]*[\w])", seen)


def conventions_page(course: Course) -> dict[str, str]:
    """The page by its path; nothing where the course has no rows.

    Raises
    ------
    AuthorError
        Where a row cannot be read, or has no stored values.
    """
    folder = course.root / FOLDER
    if not (folder / "__init__.py").is_file():
        return {}
    stored = _json(folder / "values.json")
    groups = [_group(course.root, name) for name in _names_of_groups(folder / "__init__.py")]
    findings = [
        Finding(row.path, row.line, f"{row.title!r} is not stored: python -m conventions --write")
        for _, rows in groups
        for row in rows
        if slug(row.title) not in stored
    ]
    stop_if_any(findings)
    scripts = [_script(file) for file in sorted((course.root / "findings").glob("*.sh"))]
    verdicts = _json(course.root / "findings" / "verdicts.json")
    return {PAGE: _page(course, groups, stored, scripts, verdicts)}


# ---- reading ----------------------------------------------------------------------------------


def _json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _names_of_groups(file: Path) -> Sequence[str]:
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "GROUPS":
            return tuple(ast.literal_eval(node.value))
    raise AuthorError(Finding(f"{FOLDER}/__init__.py", 1, "it has no GROUPS = (…)"))


def _group(root: Path, name: str) -> tuple[str, list[Told]]:
    path = f"{FOLDER}/{name}.py"
    text = (root / path).read_text(encoding="utf-8")
    tree = ast.parse(text)
    heading = (ast.get_docstring(tree) or name).split("\n")[0].removesuffix(".")
    return heading, list(_rows(tree, text, path))


def _rows(tree: ast.Module, text: str, path: str) -> Iterator[Told]:
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "row":
                yield _told(node, call, text, path)


def _told(node: ast.FunctionDef, call: ast.Call, text: str, path: str) -> Told:
    try:
        title = ast.literal_eval(call.args[0])
        given = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    except (ValueError, IndexError):
        message = "a row's title and all that is said of it are literal texts"
        raise AuthorError(Finding(path, node.lineno, message)) from None
    means = ast.get_docstring(node)
    if not means:
        raise AuthorError(Finding(path, node.lineno, f"{title!r} has no docstring: what it means"))
    lines = text.split("\n")[node.body[1].lineno - 1 : node.end_lineno]
    return Told(
        title=title,
        ours=given["ours"],
        means=means,
        code=textwrap.dedent("\n".join(lines)).strip(),
        libraries=tuple(given["libraries"]),
        units=tuple(given.get("units", ())),
        path=path,
        line=node.lineno,
    )


_PARTS = ("One would guess", "What happens", "Why it matters", "Seen with", "Source")


def _script(file: Path) -> Script:
    """The comment at the top of a script: a title, then its parts."""
    lines = []
    for line in file.read_text(encoding="utf-8").split("\n")[1:]:
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    text = " ".join(lines)
    marks = [text.find(f"{part}:") for part in _PARTS]
    if -1 in marks or marks != sorted(marks):
        message = "its header has, in this order: " + ", ".join(f"{part}:" for part in _PARTS)
        raise AuthorError(Finding(f"findings/{file.name}", 2, message))
    ends = [*marks[1:], len(text)]
    parts = {
        part: text[mark + len(part) + 1 : end].strip()
        for part, mark, end in zip(_PARTS, marks, ends, strict=True)
    }
    return Script(file.stem, text[: marks[0]].strip(), parts)


# ---- writing ----------------------------------------------------------------------------------


def _page(
    course: Course,
    groups: Sequence[tuple[str, list[Told]]],
    stored: dict[str, Any],
    scripts: Sequence[Script],
    verdicts: dict[str, Any],
) -> str:
    number = sum(len(rows) for _, rows in groups)
    parts = [
        _INTRODUCTION.format(rows=number, scripts=len(scripts)),
        _by_library(groups, stored, scripts),
    ]
    for heading, rows in groups:
        parts.append(f"## {heading}")
        parts += [_row(course, row, stored[slug(row.title)]) for row in rows]
    if scripts:
        parts.append(_SCRIPTS)
        parts += [_finding(script, verdicts.get(script.name)) for script in scripts]
    return "\n\n".join(part.strip() for part in parts) + "\n"


_NAMES = {
    "keras": "Keras",
    "mlmi-course": "mlmi_course",
    "numpy": "NumPy",
    "scipy": "SciPy",
    "shap": "SHAP",
    "simpleitk": "SimpleITK",
    "tensorflow": "TensorFlow",
}
"""Libraries that do not write themselves as their distribution is called."""


def _by_library(
    groups: Sequence[tuple[str, list[Told]]], stored: dict[str, Any], scripts: Sequence[Script]
) -> str:
    """A line for each library: the versions that were seen, and links to its rows."""
    versions: dict[str, set[str]] = {}
    links: dict[str, list[str]] = {}
    for title, seen in [
        *((row.title, stored[slug(row.title)]["versions"].items()) for _, g in groups for row in g),
        *((script.title.removesuffix("."), script.libraries()) for script in scripts),
    ]:
        for name, version in seen:
            name = _NAMES.get(name, name)
            versions.setdefault(name, set()).add(version)
            links.setdefault(name, []).append(f"[{_escaped(title)}](#{slug(title)})")
    lines = ["## By library", ""]
    for name in sorted(links, key=str.lower):
        seen_in = ", ".join(sorted(versions[name]))
        lines.append(f"- **{name}** {seen_in}: {' · '.join(links[name])}")
    return "\n".join(lines)


def _row(course: Course, row: Told, stored: dict[str, Any]) -> str:
    values = "\n".join(
        f"| {_cell(label)} | {_cell(shown(value))} |" for label, value in stored["values"].items()
    )
    versions = ", ".join(
        f"{_NAMES.get(name, name)} {version}" for name, version in stored["versions"].items()
    )
    met = [
        f"[{unit.label} {unit.title}](../lectures/{unit.name}.ipynb)"
        for unit in course.with_appendices
        if unit.number in row.units
    ]
    where = f" Met in {', '.join(met)}." if met else ""
    return (
        f"### {row.title}\n\n{row.means}\n\n```python\n{row.code}\n```\n\n"
        f"| asked | got |\n|---|---|\n{values}\n\n"
        f"**Our choice**: {row.ours}\n\n*{versions}.*{where}"
    )


def _finding(script: Script, verdict: dict[str, Any] | None) -> str:
    title = script.title.removesuffix(".")
    said = "*Not run yet.*" if verdict is None else f"*{verdict['date']}: {verdict['verdict']}.*"
    parts = {part: _escaped(text) for part, text in script.parts.items()}
    return (
        f"### {title}\n\n"
        f"*One would guess*: {parts['One would guess']}\n\n"
        f"*What happens*: {parts['What happens']}\n\n"
        f"*Why it matters*: {parts['Why it matters']}\n\n"
        f"Seen with {parts['Seen with']} Source: {parts['Source']}\n\n"
        f"`findings/{script.name}.sh` {said}"
    )


def shown(value: Any) -> str:
    """A stored value as the page shows it: four digits, and whole numbers whole.

    Examples
    --------
    >>> shown(0.333333), shown([1, 2.0]), shown(True), shown(-25536.0)
    ('0.3333', '1, 2', 'yes', '-25536')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() else f"{value:.4g}"
    if isinstance(value, list):
        parts = [f"({shown(part)})" if isinstance(part, list) else shown(part) for part in value]
        return ", ".join(parts)
    return str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _escaped(text: str) -> str:
    """Text of a comment, in which nothing is Markdown but addresses are links."""
    parts = re.split(r"(https?://[^\s,;()]+[^\s,;().])", text)
    plain = [re.sub(r"([_*<>\[\]|$`])", r"\\\1", part) for part in parts[::2]]
    links = [f"<{url}>" for url in parts[1::2]]
    return "".join(a + b for a, b in zip(plain, [*links, ""], strict=True))


_INTRODUCTION = """\
# Same name, different number

Two people measure *the* Hausdorff distance, *the* PSNR or *the* median survival of the same data,
each with a good library, and get two numbers. Mostly neither library is wrong: one name stands for
several definitions, and a default chooses among them without telling you. This page lists where
that happens in medical imaging, by how much, and what each library means.

**It is computed.** Each of the {rows} rows below is a function in `conventions/`: you see its code,
and what it returned (numbers to four digits) with the versions named. The tests compute all of them
again, and fail when a library changes its mind. {scripts} more are about surprises, mostly in
programs that the course does not install; there a script in `findings/` installs the version named,
shows what is said, and fails when it is no longer so.

When you publish a number, name the library, its version and the arguments that the row is about.
"""

_SCRIPTS = """\
## Shown by a script of its own

These are surprises rather than definitions. A script in `findings/` makes a temporary environment
with the versions named, shows what is written here, and fails if it is otherwise. `make findings`
runs all of them; the date is that of the last run.
"""
