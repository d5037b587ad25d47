"""A unit's questions as text: where each is defined, and what its answer must not call.

Nothing is imported here, so that a build needs neither the libraries nor the seconds that the
questions need.  A unit keeps its questions in one file, or in a package with one module a
question, whose ``__init__.py`` lists them in ``__all__``.
"""

from __future__ import annotations

import ast
import importlib
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mlmi_course.building.code import names_bound
from mlmi_course.building.course import Unit
from mlmi_course.building.findings import AuthorError, Finding, stop_if_any

FOLDER = "mlmi_course/questions"


@dataclass(frozen=True)
class Defined:
    """A question where it is defined.

    Attributes
    ----------
    name, path : str
    line : int
        Of the file, counted from 1.
    not_allowed : tuple of str
        What its answer must not call.
    """

    name: str
    path: str
    line: int
    not_allowed: tuple[str, ...] = ()


@dataclass(frozen=True)
class UnitQuestions:
    """What notebooks find in a unit's questions.

    Attributes
    ----------
    path : str
        The file, or the ``__init__.py`` of the package.
    defined : dict of str to Defined
        The questions, by name.
    names : frozenset of str
        All that can be imported, the questions among them.
    """

    path: str
    defined: dict[str, Defined] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


def read_questions(root: Path, unit: Unit) -> UnitQuestions:
    """Read the definitions of a unit's questions.

    Raises
    ------
    AuthorError
        For a file that is missing or no Python, and for a question that a package does not list.
    """
    package = f"{FOLDER}/{unit.questions}"
    if not (root / package / "__init__.py").is_file():
        tree = _parsed(root, f"{package}.py")
        return UnitQuestions(
            f"{package}.py",
            {one.name: one for one in _definitions(tree, f"{package}.py")},
            _names(tree),
        )
    start = f"{package}/__init__.py"
    files = sorted(path.name for path in (root / package).glob("*.py"))
    trees = {f"{package}/{name}": _parsed(root, f"{package}/{name}") for name in files}
    first = trees.pop(start)
    listed = _listed(first)
    found = [one for path, tree in trees.items() for one in _definitions(tree, path)]
    stop_if_any(
        [
            Finding(one.path, one.line, f"{one.name!r} is not in the __all__ of {start}")
            for one in found
            if one.name not in listed
        ]
    )
    return UnitQuestions(start, {one.name: one for one in found}, _names(first))


def import_questions(root: Path, unit: Unit) -> None:
    """Import a unit's questions, as a notebook does.

    Raises
    ------
    AuthorError
        With the line at which the import stopped, and why.
    """
    module = f"mlmi_course.questions.{unit.questions}"
    with _found_in(root / FOLDER, module):
        try:
            importlib.import_module(module)
        except Exception as error:
            raise AuthorError(_where_it_stopped(root, unit, error)) from None


@contextmanager
def _found_in(folder: Path, module: str) -> Iterator[None]:
    """Let a course that is not the installed one find its own questions, for a moment."""
    package = importlib.import_module("mlmi_course.questions")
    importlib.invalidate_caches()
    if str(folder) in map(str, package.__path__):
        yield
        return
    package.__path__.insert(0, str(folder))
    try:
        yield
    finally:
        package.__path__.remove(str(folder))
        for name in [n for n in sys.modules if n == module or n.startswith(f"{module}.")]:
            del sys.modules[name]


def _where_it_stopped(root: Path, unit: Unit, error: Exception) -> Finding:
    """The author's line, which is the last one among the questions, and what went wrong there."""
    path, line = f"{FOLDER}/{unit.questions}", 1
    frames = [(f.filename, f.lineno or 1) for f in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno or 1))
    for file, number in frames:
        if Path(file).resolve().is_relative_to(root.resolve() / FOLDER):
            path = Path(file).resolve().relative_to(root.resolve()).as_posix()
            line = number
    words = " ".join(str(error).split())
    return Finding(path, line, f"the questions stop with {type(error).__name__}: {words}")


def _parsed(root: Path, path: str) -> ast.Module:
    try:
        return ast.parse((root / path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        problem = Finding(path, 1, "this file is missing; a lab needs its questions")
    except SyntaxError as error:
        problem = Finding(path, error.lineno or 1, f"not valid Python: {error.msg}")
    raise AuthorError(problem)


def _definitions(tree: ast.Module, path: str) -> Iterator[Defined]:
    """Questions at the top level of a file.

    A question is a name that is given the value of a call to something whose name ends in
    ``Question``, or a function under a decorator whose name begins with ``asks``.
    """
    for statement in tree.body:
        call: ast.Call | None = None
        name = ""
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Call() as call)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.Call() as call)
            ) if _makes_a_question(ast.unparse(call.func), tree):
                pass
            case ast.FunctionDef(name=name, decorator_list=[ast.Call() as call, *_]) if (
                ast.unparse(call.func).rpartition(".")[2].startswith("asks")
            ):
                pass
            case _:
                continue
        if not name.startswith("_"):
            yield Defined(name, path, statement.lineno, _not_allowed(call))


def _makes_a_question(called: str, tree: ast.Module) -> bool:
    """Whether a class is a kind of question, or one that is written beside it."""
    bases = {node.name: node.bases for node in tree.body if isinstance(node, ast.ClassDef)}
    return called.endswith("Question") or any(
        _makes_a_question(ast.unparse(base), tree) for base in bases.get(called, ())
    )


def _not_allowed(call: ast.Call) -> tuple[str, ...]:
    given = (word.value for word in call.keywords if word.arg == "not_allowed")
    return next((tuple(ast.literal_eval(value)) for value in given), ())


def _names(tree: ast.Module) -> frozenset[str]:
    return frozenset().union(*map(names_bound, tree.body))


def _listed(tree: ast.Module) -> set[str]:
    """What ``__all__`` of a package holds."""
    for statement in tree.body:
        match statement:
            case ast.Assign(
                targets=[ast.Name(id="__all__")], value=ast.List() | ast.Tuple() as all_
            ):
                return {str(part.value) for part in all_.elts if isinstance(part, ast.Constant)}
    return set()
