"""What the rows gave when they were last written, and whether that still holds."""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from conventions import HERE, Row, differ

FILE = HERE / "values.json"


def read() -> dict[str, Any]:
    """Versions and values by the address of their row."""
    return json.loads(FILE.read_text("utf-8")) if FILE.is_file() else {}


def write(stored: dict[str, Any]) -> None:
    """Store versions and values."""
    FILE.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", "utf-8")


def installed(row: Row) -> dict[str, str]:
    """Versions of the libraries of a row."""
    return {library: version(library) for library in row.libraries}


def problems(row: Row, stored: dict[str, Any] | None, values: dict[str, Any]) -> list[str]:
    """A line for everything that is no longer as it was stored."""
    if stored is None:
        return ["nothing is stored of this row"]
    old = stored["values"]
    lines = [f"{label!r} is stored, and not computed" for label in old.keys() - values.keys()]
    for label, value in values.items():
        if label not in old:
            lines.append(f"{label!r} is computed, and not stored")
        elif differ(old[label], value, row.margin):
            lines.append(f"{label!r} is stored as {old[label]!r}, and now is {value!r}")
    if stored["versions"].keys() != set(row.libraries):
        lines.append(f"stored for {sorted(stored['versions'])}, not for {sorted(row.libraries)}")
    return lines
