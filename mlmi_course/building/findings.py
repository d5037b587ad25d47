"""What authors are told: one line each, as compilers and editors know it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """Something to mend, and where.

    Parameters
    ----------
    path : str
        File, relative to the root of the course, with forward slashes.
    line : int
        Line in that file, counted from 1.
    message : str
        What is wrong, in one line.
    rule : str, optional
        Name of the lint rule that found it; a waiver names the same rule.
    """

    path: str
    line: int
    message: str
    rule: str = ""

    def __str__(self) -> str:
        rule = f" [{self.rule}]" if self.rule else ""
        return f"{self.path}:{self.line}: {self.message}{rule}"


class AuthorError(Exception):
    """One or several findings that keep a unit from being built."""

    def __init__(self, *findings: Finding) -> None:
        super().__init__(*findings)
        self.findings = findings

    def __str__(self) -> str:
        return "\n".join(map(str, self.findings))


class CellError(ValueError):
    """A problem inside one cell, before anybody knows in which file that cell stands."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        """Line within the cell, counted from 0."""
        self.message = message


def stop_if_any(findings: list[Finding]) -> None:
    """Raise all findings at once, in the order of the files; do nothing when there are none."""
    if findings:
        raise AuthorError(*sorted(set(findings)))
