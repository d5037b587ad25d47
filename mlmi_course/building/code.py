"""What Python code consists of, in a form that is the same on every supported Python.

Python 3.12 splits f-strings into several tokens where 3.11 sees one.  Committed hashes and
reported leaks must not depend on the author's Python, so this module joins them again.
"""

from __future__ import annotations

import ast
import hashlib
import io
import symtable
import token
import tokenize
from collections.abc import Iterable, Iterator, Set
from typing import NamedTuple

_LAYOUT = {
    token.COMMENT,
    token.NL,
    token.NEWLINE,
    token.INDENT,
    token.DEDENT,
    token.ENDMARKER,
    token.ENCODING,
}
_FSTRING_START = getattr(token, "FSTRING_START", None)
_FSTRING_END = getattr(token, "FSTRING_END", None)


class Token(NamedTuple):
    """A piece of code, and the line (from 0) where it starts."""

    text: str
    line: int


def tokens(source: str) -> Iterator[Token]:
    """Tokens of a piece of code, without comments and layout.

    Raises
    ------
    SyntaxError, tokenize.TokenError
        When the text is not Python.
    """
    lines = source.splitlines(keepends=True)
    starts: list[tuple[int, int]] = []  # of f-strings that are still open
    for item in _tokenize(source):
        if item.type == _FSTRING_START:
            starts.append(item.start)
        elif item.type == _FSTRING_END:
            start = starts.pop()
            if not starts:
                yield Token(_between(lines, start, item.end), start[0] - 1)
        elif not starts and item.type not in _LAYOUT:
            yield Token(item.string, item.start[0] - 1)


def without_comments(source: str) -> str:
    """The code itself: comments and empty lines taken out, all else as it was."""
    lines = source.splitlines()
    empty: set[int] = set()
    for item in _tokenize(source):
        row, column = item.start[0] - 1, item.start[1]
        if item.type == token.COMMENT:
            lines[row] = lines[row][:column].rstrip()
        # A line break that ends no statement; inside a string there is no such token.
        if item.type == token.NL and row < len(lines) and not lines[row].strip():
            empty.add(row)
    return "\n".join(line for row, line in enumerate(lines) if row not in empty)


def code_hash(sources: Iterable[str]) -> str:
    """A short hash of the code of several cells that ignores their comments."""
    code = "\n".join(without_comments(source) for source in sources)
    return hashlib.sha256(code.encode()).hexdigest()[:12]


def names_read(source: str) -> set[str]:
    """Names that a piece of code reads from its module, also from inside functions."""
    table = symtable.symtable(source, "<cell>", "exec")
    top = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    return top.union(*map(_globals_read, table.get_children()))


def names_bound(statement: ast.stmt) -> set[str]:
    """Names that a statement at the top level of a cell gives a value to."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    # `x += 1` does not count: it needs the value that x had before.
    if isinstance(statement, ast.AugAssign):
        return set()
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def live_before(source: str, live_after: Set[str] = frozenset()) -> set[str]:
    """Names whose value matters before a cell runs, given those that matter after it."""
    live = set(live_after)
    for statement in reversed(ast.parse(source).body):
        bound = names_bound(statement)
        read = names_read(statement_source(source, statement))
        # `for i in …: use(i)` reads i, but not the i that was there before.
        if not isinstance(statement, ast.Assign | ast.AnnAssign):
            read -= bound
        live = live - bound | read
    return live


def statement_source(source: str, statement: ast.stmt) -> str:
    """The lines of a statement at the top level of a cell, with its decorators."""
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(node.lineno for node in decorators)])
    return "\n".join(source.split("\n")[first - 1 : statement.end_lineno])


def _globals_read(table: symtable.SymbolTable) -> set[str]:
    own = {s.get_name() for s in table.get_symbols() if s.is_referenced() and s.is_global()}
    return own.union(*map(_globals_read, table.get_children()))


def _tokenize(source: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(source + "\n").readline)


def _between(lines: list[str], start: tuple[int, int], end: tuple[int, int]) -> str:
    text = "".join(lines[start[0] - 1 : end[0]])
    return text[start[1] : len(text) - (len(lines[end[0] - 1]) - end[1])]
