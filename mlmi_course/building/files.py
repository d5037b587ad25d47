"""Generated files in memory, and generated files on disk."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from mlmi_course._files import write_whole
from mlmi_course.building.course import APPENDIX_NAME, UNIT_NAME

DIFF_LINES = 20

# Folders that hold generated files, and the form of their names: what else lies there is not ours.
_GENERATED = {
    "lectures": rf"(?:{UNIT_NAME.pattern}|{APPENDIX_NAME.pattern})\.ipynb",
    "exercises": rf"{UNIT_NAME.pattern}\.ipynb",
    "solutions": rf"{UNIT_NAME.pattern}\.ipynb",
    "instructors": rf"{UNIT_NAME.pattern}\.md",
    "mlmi_course/questions/solutions": rf"u{UNIT_NAME.pattern}\.json",
}


def write_changed(root: Path, files: Mapping[str, str]) -> list[str]:
    """Write the files whose text differs from the disk; return their paths."""
    changed = [path for path, text in files.items() if read(root / path) != text]
    for path in changed:
        write_whole(root / path, files[path])
    return changed


def differences(root: Path, files: Mapping[str, str]) -> dict[str, str]:
    """Short unified diffs from the disk to what a build gives, by path."""
    found = {}
    for path, text in files.items():
        old = read(root / path)
        if old is None:
            found[path] = "the file is missing"
        elif old != text:
            found[path] = _diff(path, old, text)
    return found


def leftovers(root: Path, expected: Iterable[str]) -> list[str]:
    """Generated files on disk that a build of all units does not give."""
    found = [
        f"{folder}/{file.name}"
        for folder, pattern in _GENERATED.items()
        for file in sorted((root / folder).glob("*"))
        if re.fullmatch(pattern, file.name)
    ]
    return [path for path in found if path not in set(expected)]


def read(path: Path) -> str | None:
    """Text of a file byte for byte, whatever its line ends; ``None`` where there is no file."""
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return None


def _diff(path: str, old: str, new: str) -> str:
    lines = list(
        difflib.unified_diff(
            old.splitlines(), new.splitlines(), f"{path} (on disk)", f"{path} (built)", lineterm=""
        )
    )
    if not lines:
        return "only line ends differ"
    more = [f"… {len(lines) - DIFF_LINES} more lines"] if len(lines) > DIFF_LINES else []
    return "\n".join([*lines[:DIFF_LINES], *more])
