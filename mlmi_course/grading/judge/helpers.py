"""The data of a lab that lives beside its questions, taken out without the questions.

A notebook may call functions of its module of questions that are no questions: ``q.lumps()``
gives data to look at.  Inside the sandbox the module is a stub, so these functions come along
as source, with what they use and nothing else.
"""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from types import FunctionType, ModuleType

from mlmi_course.checks import Question


def helper_source(module: ModuleType) -> str:
    """Return the code of a module's public functions that are no questions, and what it needs.

    Parameters
    ----------
    module : module
        Of questions, or a package of such modules; its ``__all__`` says what is public.

    Returns
    -------
    str
        Empty where there is none.
    """
    wanted: dict[str, list[str]] = {}
    for name in getattr(module, "__all__", ()):
        function = getattr(module, name, None)
        home = getattr(function, "__module__", "")
        if isinstance(function, FunctionType) and _is_within(home, module.__name__):
            wanted.setdefault(home, []).append(name)
    chosen: dict[tuple[str, int], ast.stmt] = {}
    for home, names in wanted.items():
        _collect(home, names, module.__name__, chosen)
    if not chosen:
        return ""
    lines = ["from __future__ import annotations", *map(ast.unparse, chosen.values())]
    return "\n".join(lines)


def _collect(
    home: str, names: list[str], unit: str, chosen: dict[tuple[str, int], ast.stmt]
) -> None:
    """Add the statements of a module that these names need; what it imports of the unit first."""
    module = import_module(home)
    tree = ast.parse(inspect.getsource(module))
    defined = {name: (place, node) for place, node in enumerate(tree.body) for name in _names(node)}
    wanted: dict[int, ast.stmt] = {}
    waiting = [name for name in names if name in defined]
    while waiting:
        name = waiting.pop()
        place, node = defined[name]
        # What a question is made of stays outside, whoever uses it.
        if place in wanted or isinstance(getattr(module, name, None), Question):
            continue
        if isinstance(node, ast.ImportFrom) and _is_within(node.module or "", unit):
            _collect(node.module or "", [name], unit, chosen)
            continue
        wanted[place] = node
        used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        waiting += [other for other in used if other in defined]
    for place in sorted(wanted):
        chosen.setdefault((home, place), wanted[place])


def _is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _names(node: ast.stmt) -> list[str]:
    """Names that a statement at the top of a module defines."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).partition(".")[0] for alias in node.names]
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [
            part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)
        ]
    return []
