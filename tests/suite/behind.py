"""What of the package stands behind a unit: the code that its notebooks and questions can reach.

Read from the sources, without running them.  A module that is imported counts as a whole, and so
does all that it imports.  The ``__init__.py`` of a package is a list of names: who asks for one of
them reaches the module that it comes from, and not the neighbours.  Where a package is used in any
other way than ``package.name``, all of it is reached.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch

PACKAGE = "mlmi_course"

_SHIPPED = re.compile(r"u\d\d_[a-z0-9_]+")
_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)

ALWAYS = ("constraints.txt", f"{PACKAGE}/*")
"""What is behind every unit: the versions of all libraries, and the package's data."""

OF_ONE = (f"{PACKAGE}/*.py", f"{PACKAGE}/questions/*", f"{PACKAGE}/shipped/*",
          f"{PACKAGE}/outlines/*", f"{PACKAGE}/building/*", f"{PACKAGE}/cli/*",
          f"{PACKAGE}/grading/*")  # fmt: skip
"""Of the latter, what is not: it is found by name, or no notebook ever reads it."""


def behind(
    files: Mapping[str, bytes], unit: str, known: dict[str, Source] | None = None
) -> dict[str, bytes]:
    """The text that counts of each file behind a unit, by path; its own files are not among them.

    Parameters
    ----------
    files : mapping of str to bytes
        Contents by path, relative to the root of the project.
    unit : str
        Its number, as in ``"05"``, or the name of an appendix.
    known : dict, optional
        What was read before, by path; more is added.

    Examples
    --------
    >>> files = {"exercises/05_x.ipynb": b'{"cells": []}', "mlmi_course/plots.py": b"",
    ...          "tests/units/test_u05.py": b"from mlmi_course import metrics, plots",
    ...          "mlmi_course/__init__.py": b"", "mlmi_course/metrics.py": b"import numpy",
    ...          "mlmi_course/training.py": b"", "constraints.txt": b"numpy==2.4.1"}
    >>> sorted(behind(files, "05"))
    ['constraints.txt', 'mlmi_course/__init__.py', 'mlmi_course/metrics.py', 'mlmi_course/plots.py']
    """
    roots = (
        rf"(lectures|exercises|solutions)/{unit}(_\w+)?\.ipynb",
        rf"({PACKAGE}/questions/u|tests/units/test_u){unit}[_.].*py",
    )
    found = reached(files, roots, known)
    own = re.compile(rf"{PACKAGE}/(questions/u|shipped/u){unit}_")
    return {path: text for path, text in found.items() if not own.match(path)}


def reached(
    files: Mapping[str, bytes], roots: Iterable[str], known: dict[str, Source] | None = None
) -> dict[str, bytes]:
    """The text that counts of each file of the package that some sources can reach, by path.

    Parameters
    ----------
    files : mapping of str to bytes
        Contents by path, relative to the root of the project.
    roots : iterable of str
        Regular expressions for the whole paths of the notebooks and modules to begin with.
    known : dict, optional
        What was read before, by path; more is added.
    """
    reach = _Reach(files, {} if known is None else known)
    wanted = re.compile("|".join(f"(?:{root})" for root in roots))
    for path in sorted(filter(wanted.fullmatch, files)):
        code = _code(files[path]) if path.endswith(".ipynb") else None
        reach.source(reach.read(path) if code is None else Source.of(code, path))
    for path in files:
        if any(fnmatch(path, p) for p in ALWAYS) and not any(fnmatch(path, p) for p in OF_ONE):
            reach.counted[path] = files[path]
    return reach.counted


def _code(notebook: bytes) -> str:
    """The code of a notebook, without what only IPython understands."""
    cells = json.loads(notebook)["cells"] if notebook.strip() else []
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return _MAGIC.sub("pass", "\n".join(code))


@dataclass(frozen=True)
class Source:
    """What a source asks the package for.

    Parameters
    ----------
    imports : list of (str, str, str)
        Module, name, and what the name is called here; ``from module import name``.
    modules : list of (str, str)
        Module, and what it is called here, if anything; ``import module as name``.
    chains : list of tuple of str
        Each ``name.attribute.attribute`` in it, and each name that stands alone.
    shipped : list of str
        Texts that may name a shipped file.
    exported : dict of str to (str, str)
        Of an ``__init__.py``: where each of its names comes from.
    done : str
        Of an ``__init__.py``: what it does while it is imported, apart from passing names on.
    given : frozenset of str
        Names that it gives itself: of a function, its arguments and variables.
    definitions : dict of str to Source
        And what it defines, for those who ask, by name.
    text : str
        Without comments and layout.
    """

    imports: list[tuple[str, str, str]]
    modules: list[tuple[str, str]]
    chains: list[tuple[str, ...]]
    shipped: list[str]
    exported: dict[str, tuple[str, str]]
    done: str
    given: frozenset[str]
    definitions: dict[str, Source]
    text: str

    @classmethod
    def of(cls, text: str | bytes, path: str) -> Source:
        """Read a source.

        Raises
        ------
        ValueError
            If it is not Python.
        """
        try:
            tree = ast.parse(text)
        except SyntaxError as error:
            said = f"{path} is not Python, so nobody knows what it needs: {error}"
            raise ValueError(said) from error
        return cls._of(tree)

    @classmethod
    def _of(cls, tree: ast.Module) -> Source:
        nodes = [*ast.walk(tree)]  # from the outermost attribute inwards
        own = [node for node in tree.body if not _passes_on(node)]
        defining = [(name, node) for node in own if (name := _defines(node))]
        return cls(
            imports=_imports(nodes),
            modules=[
                (alias.name, alias.asname or "")
                for node in nodes
                if isinstance(node, ast.Import)
                for alias in node.names
                if _is_ours(alias.name)
            ],
            chains=sorted({*_chains(nodes)}),
            shipped=[
                str(node.value)
                for node in nodes
                if isinstance(node, ast.Constant) and _SHIPPED.fullmatch(str(node.value))
            ],
            exported={here: (module, name) for module, name, here in _imports(tree.body)},
            done="\n".join(ast.unparse(node) for node in own if not _defines(node)),
            given=frozenset(
                node.arg if isinstance(node, ast.arg) else node.id
                for node in nodes
                if isinstance(node, ast.arg)
                or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
            ),
            definitions={name: cls._of(ast.Module([node], [])) for name, node in defining}
            if len(tree.body) > 1
            else {},
            text=ast.unparse(tree),
        )


def _imports(nodes: Sequence[ast.AST]) -> list[tuple[str, str, str]]:
    return [
        (str(node.module), alias.name, alias.asname or alias.name)
        for node in nodes
        if isinstance(node, ast.ImportFrom) and _is_ours(node.module)
        for alias in node.names
    ]


def _chains(nodes: Sequence[ast.AST]) -> Iterator[tuple[str, ...]]:
    inner: set[int] = set()
    for node in nodes:
        if isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner:
            names: list[str] = []
            base: ast.expr = node
            while isinstance(base, ast.Attribute):
                names.append(base.attr)
                base = base.value
                inner.add(id(base))
            if isinstance(base, ast.Name):
                yield (base.id, *reversed(names))


@dataclass
class _Reach:
    """Follows names through the package."""

    files: Mapping[str, bytes]
    known: dict[str, Source]
    counted: dict[str, bytes] = field(default_factory=dict)
    _seen: set[object] = field(default_factory=set)

    def read(self, path: str) -> Source:
        if path not in self.known:
            self.known[path] = Source.of(self.files[path], path)
        return self.known[path]

    def _first(self, *what: object) -> bool:
        new = what not in self._seen
        self._seen.add(what)
        return new

    # ---- sources -----------------------------------------------------------------------------

    def source(self, source: Source) -> None:
        """Follow all that a source imports, and all that it takes from a package by its name."""
        packages: dict[str, str] = {}  # by the name that they have in this source
        for module, name, here in source.imports:
            if (package := self.name(module, name)) is not None:
                packages[here] = package
        for module, here in source.modules:
            package = self.dotted(module)
            if not here:
                packages[PACKAGE] = PACKAGE
            elif package is not None:
                packages[here] = package
        for base, *names in source.chains:
            reached = packages.get(base)
            if reached is not None and not names:
                self.everything(reached)
            for name in names:
                reached = self.name(reached, name) if reached is not None else None
        for shipped in source.shipped:
            for path in self.files:
                if path.startswith(f"{PACKAGE}/shipped/{shipped}."):
                    self.counted[path] = self.files[path]

    # ---- names -------------------------------------------------------------------------------

    def dotted(self, name: str) -> str | None:
        """Follow a full name from the left; return it if it is a package."""
        reached: str | None = PACKAGE
        self._package(PACKAGE)
        for part in name.split(".")[1:]:
            reached = self.name(reached, part) if reached is not None else None
        return reached

    def name(self, module: str, name: str) -> str | None:
        """Follow one name of a module or package; return what it is called if it is a package."""
        init = _init(module)
        for place in range(module.count(".") + 1):  # what is above it is imported before it
            self._package(".".join(module.split(".")[: place + 1]))
        if init not in self.files:
            self._module(module)
            return None
        if name == "__file__":  # where it lies, and nothing of what is in it
            return None
        child = f"{module}.{name}"
        if _init(child) in self.files:
            self._package(child)
            return child
        if _file(child) in self.files:
            self._module(child)
        elif name == "*":
            self.everything(module)
        elif (origin := self.read(init).exported.get(name)) is not None:
            return self.name(*origin)
        elif name in self.read(init).definitions:
            self._definition(init, name)
        elif self._first("what is written in", init):  # found by __getattr__
            self.counted[init] = self.files[init]
            self.source(self.read(init))
        return None

    def _definition(self, init: str, name: str) -> None:
        """Count one definition of an ``__init__.py``, and what it needs of the others."""
        if not self._first("definition", init, name):
            return
        here, found = self.read(init), self.read(init).definitions[name]
        self.counted[init] = b"\n".join([self.counted.get(init, b""), found.text.encode()])
        self.source(found)
        for base in sorted({chain[0] for chain in found.chains} - found.given):
            if base in here.definitions:
                self._definition(init, base)
            elif base in here.exported:
                self.name(*here.exported[base])
        if here.modules:  # a name of a module, which this does not follow
            self.source(here)

    def everything(self, package: str) -> None:
        """Reach all of a package."""
        if not self._first("all of", package):
            return
        folder = _init(package).removesuffix("__init__.py")
        for path in self.files:
            elsewhere = re.match(rf"{PACKAGE}/(questions/u|building/|cli/)", path)
            if path.startswith(folder) and path.endswith(".py") and not elsewhere:
                self.counted[path] = self.files[path]
                self.source(self.read(path))

    def _module(self, module: str) -> None:
        path = _file(module)
        if path in self.files and self._first("module", path):
            self.counted[path] = self.files[path]
            self.source(self.read(path))

    def _package(self, package: str) -> None:
        """Count what an ``__init__.py`` does, apart from defining names and passing them on."""
        path = _init(package)
        if path not in self.files or not self._first("package", path):
            return
        self.counted.setdefault(path, self.read(path).done.encode())
        if self.read(path).done:
            self.source(self.read(path))


def _is_ours(module: str | None) -> bool:
    return module == PACKAGE or str(module).startswith(f"{PACKAGE}.")


def _file(module: str) -> str:
    return f"{module.replace('.', '/')}.py"


def _init(module: str) -> str:
    return f"{module.replace('.', '/')}/__init__.py"


def _passes_on(node: ast.stmt) -> bool:
    """Whether a statement only brings names from elsewhere, or lists or describes them."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


def _defines(node: ast.stmt) -> str:
    """The name that a statement gives to something, where it does nothing else; or nothing."""
    if isinstance(node, ast.FunctionDef):
        asked_by_python = node.decorator_list or node.name.startswith("__")
        return "" if asked_by_python else node.name
    if isinstance(node, ast.Assign | ast.AnnAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        calls = any(isinstance(part, ast.Call) for part in ast.walk(node))
        return target.id if isinstance(target, ast.Name) and not calls else ""
    return "TYPE_CHECKING" if isinstance(node, ast.If) and _is_for_types(node) else ""


def _is_for_types(node: ast.If) -> bool:
    return ast.unparse(node.test) == "TYPE_CHECKING"
