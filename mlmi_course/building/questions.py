"""What a unit's module of questions defines, read from its source: nothing is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mlmi_course.building.code import names_bound
from mlmi_course.building.course import Unit
from mlmi_course.building.findings import Finding, stop_if_any

_DECORATORS = ("asks", "asks_value")


@dataclass(frozen=True)
class Defined:
    """Where a question is written.

    Parameters
    ----------
    path : str
        Relative to the root of the course.
    line : int
        That of its definition.
    not_allowed : tuple of str
        What its answer must not call.
    """

    path: str
    line: int
    not_allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Questions:
    """The questions of a unit.

    Parameters
    ----------
    path : str
        Of the module, or of the package's ``__init__.py``.
    defined : mapping of str to Defined
        The questions by name.
    names : frozenset of str
        All that a notebook can take from the module.
    """

    path: str
    defined: Mapping[str, Defined]
    names: frozenset[str]


def read_questions(root: Path, unit: Unit) -> Questions:
    """Read the package of a unit's questions, one module a question, or its single module.

    Raises
    ------
    AuthorError
        If it is missing, or if a file of it is no Python.
    """
    folder = f"mlmi_course/questions/{unit.questions}"
    path = f"{folder}/__init__.py" if (root / folder).is_dir() else f"{folder}.py"
    if not (root / path).is_file():
        stop_if_any([Finding(path, 1, "this file is missing; a lab needs its questions")])
    others = sorted((root / folder).glob("*.py")) if path.startswith(f"{folder}/") else []
    files = [path, *(p for p in (f"{folder}/{file.name}" for file in others) if p != path)]
    trees = {file: _parsed(root, file) for file in files}
    defined = {name: it for file, tree in trees.items() for name, it in _questions(file, tree)}
    names = frozenset().union(*map(names_bound, trees[path].body)) if trees[path].body else ()
    return Questions(path, {n: it for n, it in defined.items() if n in names}, frozenset(names))


def _parsed(root: Path, path: str) -> ast.Module:
    try:
        return ast.parse((root / path).read_text(encoding="utf-8"))
    except SyntaxError as error:
        message = f"not valid Python: {error.msg}"
        stop_if_any([Finding(path, error.lineno or 1, message)])
        raise


def _questions(path: str, tree: ast.Module) -> Iterator[tuple[str, Defined]]:
    """Functions that are decorated as questions, and names that are given a question."""
    for statement in tree.body:
        match statement:
            case ast.FunctionDef(name=name, decorator_list=[ast.Call(func=called) as call, *_]) if (
                ast.unparse(called) in _DECORATORS
            ):
                yield name, Defined(path, statement.lineno, _not_allowed(call))
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=called) as call)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=called) as call)
            ) if not name.startswith("_") and _is_question(ast.unparse(called), tree):
                yield name, Defined(path, statement.lineno, _not_allowed(call))


def _is_question(called: str, tree: ast.Module) -> bool:
    """Whether a call makes a question: of a kind, or of a class that is written beside it."""
    bases = {c.name: c.bases for c in tree.body if isinstance(c, ast.ClassDef)}
    return called.endswith("Question") or any(
        _is_question(ast.unparse(base), tree) for base in bases.get(called, ())
    )


def _not_allowed(call: ast.Call) -> tuple[str, ...]:
    for keyword in call.keywords:
        if keyword.arg == "not_allowed":
            return tuple(ast.literal_eval(keyword.value))
    return ()
