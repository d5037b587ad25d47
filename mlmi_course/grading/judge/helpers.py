"""The data of a lab that lives beside its questions, taken out without the questions.

A notebook may call functions of its module of questions that are no questions: ``q.lumps()``
gives data to look at.  Inside the sandbox the module is a stub, so these functions come along
as source, with what they use and nothing else.
"""

from __future__ import annotations

import ast
import inspect
from types import FunctionType, ModuleType

from mlmi_course.checks import Question


def helper_source(module: ModuleType) -> str:
    """Return the code of a module's public functions that are no questions, and what it needs.

    Parameters
    ----------
    module : module
        Of questions; its ``__all__`` says what is public.

    Returns
    -------
    str
        Empty where there is none.
    """
    tree = ast.parse(inspect.getsource(module))
    defined = {name: node for node in tree.body for name in _names(node)}
    public = [
        name
        for name in getattr(module, "__all__", ())
        if isinstance(getattr(module, name, None), FunctionType)
        and getattr(module, name).__module__ == module.__name__
    ]
    wanted: dict[int, ast.stmt] = {}
    waiting = [name for name in public if name in defined]
    while waiting:
        name = waiting.pop()
        node = defined[name]
        # What a question is made of stays outside, whoever uses it.
        if id(node) in wanted or isinstance(getattr(module, name, None), Question):
            continue
        wanted[id(node)] = node
        used = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
        waiting += [other for other in used if other in defined]
    chosen = [node for node in tree.body if id(node) in wanted]
    if not chosen:
        return ""
    lines = ["from __future__ import annotations", *(ast.unparse(node) for node in chosen)]
    return "\n".join(lines)


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
