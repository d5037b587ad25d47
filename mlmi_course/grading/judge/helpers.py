"""The data of a lab that lives beside its questions, taken out without the questions.

A notebook may call functions of its unit's questions that are no questions: ``q.lumps()`` gives
data to look at.  Inside the sandbox the questions are stubs, so these functions come along as
source, with what they use and nothing else.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from types import FunctionType, ModuleType

from mlmi_course.checks import Question


def helper_sources(unit: ModuleType) -> dict[str, str]:
    """Return the code of a unit's public functions that are no questions, and what it needs.

    Parameters
    ----------
    unit : module
        A module of questions, or a package of such modules; its ``__all__`` says what is public.

    Returns
    -------
    dict of str to str
        Name of the module within the unit (``""`` for the unit itself) to code, in the order in
        which they can be run.  Empty where there is no such function.
    """
    gathered = _Gathered(unit)
    for name in getattr(unit, "__all__", ()):
        value = getattr(unit, name, None)
        if isinstance(value, FunctionType) and gathered.is_own(value.__module__):
            gathered.need(unit.__name__, name)
    return gathered.sources()


class _Gathered:
    """Statements of a unit's modules that helpers need, found from name to name."""

    def __init__(self, unit: ModuleType) -> None:
        self._unit = unit.__name__
        self._defined: dict[str, dict[str, ast.stmt]] = {}
        self._trees: dict[str, ast.Module] = {}
        self._wanted: dict[str, dict[int, set[str]]] = {}  # module, statement, names of it
        self._imports: dict[str, set[str]] = {}  # module, modules that it imports from

    def is_own(self, module: str | None) -> bool:
        """Whether a module is the unit, or lies in its package."""
        return f"{module}.".startswith(f"{self._unit}.")

    def need(self, module: str, name: str) -> None:
        """Take the statement that defines a name, and what it uses."""
        self._read(module)
        node = self._defined[module].get(name)
        # What a question is made of stays outside, whoever uses it.
        if node is None or isinstance(getattr(sys.modules[module], name, None), Question):
            return
        names = self._wanted[module].setdefault(id(node), set())
        if name in names:
            return
        names.add(name)
        if isinstance(node, ast.ImportFrom):
            self._imports[module] |= self._need_imported(module, node, name)
        elif len(names) == 1:
            self._need_used(module, node)

    def _need_used(self, module: str, node: ast.stmt) -> None:
        for part in ast.walk(node):
            match part:
                case ast.Name(id=name):
                    self.need(module, name)
                case ast.ImportFrom(names=aliases):
                    for alias in aliases:
                        self._need_imported(module, part, alias.name)
                case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                    used = getattr(sys.modules[module], name, None)
                    if isinstance(used, ModuleType) and self.is_own(used.__name__):
                        self.need(used.__name__, attribute)

    def _need_imported(self, module: str, node: ast.ImportFrom, name: str) -> set[str]:
        """Take what an import brings; return the module of the unit that it comes from, if any."""
        base = module if hasattr(sys.modules[module], "__path__") else module.rpartition(".")[0]
        above = base.rsplit(".", node.level - 1)[0] if node.level else ""
        source = ".".join(part for part in (above, node.module) if part)
        original = next((a.name for a in node.names if name in (a.name, a.asname)), name)
        if not self.is_own(source):
            return set()
        if original in self._read(source):
            self.need(source, original)
            return {source}
        self._read(f"{source}.{original}")
        return {f"{source}.{original}"}

    def _read(self, module: str) -> dict[str, ast.stmt]:
        if module not in self._trees:
            tree = ast.parse(inspect.getsource(sys.modules[module]))
            self._trees[module] = tree
            self._defined[module] = {n: node for node in tree.body for n in _names(node)}
            self._wanted[module] = {}
            self._imports[module] = set()
        return self._defined[module]

    def sources(self) -> dict[str, str]:
        """The code, module by module, each after those that it imports from."""
        found = {}
        for module in TopologicalSorter(self._imports).static_order():
            name = module.removeprefix(self._unit).removeprefix(".")
            found[name] = "\n".join(["from __future__ import annotations", *self._chosen(module)])
        return found

    def _chosen(self, module: str) -> Iterator[str]:
        for node in self._trees[module].body:
            names = self._wanted[module].get(id(node))
            if names is None:
                continue
            if isinstance(node, ast.ImportFrom):
                kept = [alias for alias in node.names if (alias.asname or alias.name) in names]
                node = ast.ImportFrom(node.module, kept, node.level)
            yield ast.unparse(node)


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
