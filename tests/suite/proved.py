"""Which units have passed all of their tests as they are: ``tests/suite/proved.json``.

A unit counts as changed until somebody states that it passed.  After the tests of a commit have
passed on a fresh machine,

    python -m tests.suite.proved COMMIT

writes down what its units looked like.  Every unit that differed from the file before was run
whole there, and the others looked as they had when they were, so all of them are proved.

What counts is what is executed: code and stored results of the notebooks, questions, shipped
files, tests.  A word in the prose counts for nothing here, because what it can break (a link, a
rule of the notebooks, a page of the site) is tested on every run.

Apart from that, it writes down what the package and the libraries behind each unit looked like
(:mod:`tests.suite.behind`): where these are as they were too, the unit sleeps.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from tests.suite.behind import Source, behind, reached

FILE = "tests/suite/proved.json"

OWN = (
    "course/{0}[_/]*.py", "lectures/{0}[_.]*ipynb", "exercises/{0}_*.ipynb",
    "solutions/{0}_*.ipynb", "mlmi_course/questions/u{0}_*",
    "mlmi_course/questions/solutions/u{0}_*", "mlmi_course/shipped/u{0}_*",
    "tests/units/test_u{0}*",
)  # fmt: skip
"""What is executed of one unit, by its number, or of an appendix, by its name.

The star goes through folders too.
"""

GENERATED = ("lecture.py", "lab.py")
"""Sources in ``course/`` of which the notebooks are made: those are what is executed."""

_IN_JUPYTERLAB = ("tests/e2e/conftest.py", "tests/e2e/jupyterlab.py", "tests/e2e/units.py")

ABOUT = {
    "the lecture in the browser": (*_IN_JUPYTERLAB, "tests/e2e/test_lectures.py"),
    "the exercise in the browser": (*_IN_JUPYTERLAB, "tests/e2e/test_exercises.py"),
    "the questions": ("tests/units/test_questions.py",),
    "the solution in the grader": ("mlmi_course/grading/*", "tests/grading/*.py"),
    "the exercise in a bare folder": ("pyproject.toml", "tests/test_bare_folder.py"),
}
"""Files whose change is one of every unit, for one kind of test."""

ROOMS_OF_TESTS = {
    "the grader": r"mlmi_course/grading/.*\.py|tests/grading/(?!test_engine\.).*\.py",
    "DICOM": r"tests/dicom/.*\.py",
}
"""Sources of tests of no unit that sleep as units do; what they reach is behind them.

The tests of the engine start from the command line, which reaches everything: they do not sleep.
"""

ROOMS = ("course", "lectures", "exercises", "solutions", "mlmi_course", "tests", "pyproject.toml",
         "constraints.txt")  # fmt: skip


def units_of(paths: Iterable[str]) -> list[str]:
    """Numbers of the units, and names of the appendices, whose source is among these paths.

    Examples
    --------
    >>> units_of(["course/20_survival/lecture.py", "course/course.toml"])
    ['20']
    >>> units_of(["course/appendix_matlab/lecture.py"])
    ['appendix_matlab']
    """
    folders = {p.split("/")[1] for p in paths if fnmatch(p, "course/*/lecture.py")}
    return sorted({key_of(name) for name in folders if key_of(name)})


def key_of(name: str) -> str:
    """By what the tests call a unit: its number; an appendix by its name; others not at all.

    Parameters
    ----------
    name : str
        Of the folder.

    Examples
    --------
    >>> key_of("20_survival"), key_of("appendix_matlab"), key_of("notes")
    ('20', 'appendix_matlab', '')
    """
    if re.match(r"\d\d_", name):
        return name[:2]
    return name if name.startswith("appendix_") else ""


def states(files: Mapping[str, bytes]) -> dict[str, str]:
    """A fingerprint of each unit, by number, and of each entry of :data:`ABOUT`.

    So has each entry of :data:`ROOMS_OF_TESTS`.  For each unit there are two more: ``"behind 05"``
    is of what its code can reach, and ``"widgets of 05"`` of those widgets that are among it.

    Parameters
    ----------
    files : mapping of str to bytes
        Contents by path, relative to the root.
    """
    units = units_of(files)
    kinds = {unit: tuple(pattern.format(unit) for pattern in OWN) for unit in units}
    made = {name: _fingerprint(files, patterns) for name, patterns in {**kinds, **ABOUT}.items()}
    read: dict[str, Source] = {}
    for room, roots in ROOMS_OF_TESTS.items():
        own = {path: text for path, text in files.items() if re.fullmatch(roots, path)}
        made[room] = _fingerprint(reached(files, [roots], read) | own, ("*",))
    for unit in units:
        found = behind(files, unit, read)
        made[f"behind {unit}"] = _fingerprint(found, ("*",))
        made[f"widgets of {unit}"] = _fingerprint(found, ("mlmi_course/widgets/*",))
    return made


def _fingerprint(files: Mapping[str, bytes], patterns: tuple[str, ...]) -> str:
    told = hashlib.sha256()
    for path in sorted(files):
        if any(fnmatch(path, pattern) for pattern in patterns) and not (
            path.startswith("course/") and PurePosixPath(path).name in GENERATED
        ):
            content = _executed(files[path]) if path.endswith(".ipynb") else files[path]
            told.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    return told.hexdigest()[:32]


def _executed(notebook: bytes) -> bytes:
    """Of a notebook, what is run and what it printed; as it is where it cannot be read."""
    try:
        cells = json.loads(notebook)["cells"]
        kept = [
            (cell["source"], cell.get("outputs", []), cell["metadata"].get("tags", []))
            for cell in cells
            if cell["cell_type"] == "code"
        ]
    except (ValueError, KeyError, TypeError):
        return notebook
    return json.dumps(kept, sort_keys=True).encode()


# ---- where the files come from ----------------------------------------------------------------


def here(root: Path) -> dict[str, bytes]:
    """Contents of the files in a folder, as they are now, committed or not."""
    found = {}
    for room in ROOMS:
        top = root / room
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            path_here = path.relative_to(root)
            hidden = any(p.startswith(".") or p == "__pycache__" for p in path_here.parts)
            if not hidden and path.is_file() and _is_about(path_here.as_posix()):
                found[path_here.as_posix()] = path.read_bytes()
    return found


def committed(root: Path, commit: str) -> dict[str, bytes]:
    """Contents of the files of a commit.

    Raises
    ------
    SystemExit
        If there is no such commit.
    """
    try:
        return dict(_contents(root, commit))
    except subprocess.CalledProcessError as error:
        sys.exit(f"git finds no commit {commit!r} here: {error.stderr.decode().strip()}")


def _contents(root: Path, commit: str) -> Iterator[tuple[str, bytes]]:
    def git(*arguments: str) -> bytes:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout

    listed = git("ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, *ROOMS)
    for path in listed.decode().split("\0"):
        if path and not path.rpartition("/")[2].startswith(".") and _is_about(path):
            yield path, git("show", f"{commit}:{path}")


def _is_about(path: str) -> bool:
    """Whether a path belongs to a unit or to the package, or to what is one of every unit."""
    patterns = [p.format(key) for p in OWN for key in ("[0-9][0-9]", "appendix_*")]
    patterns += [pattern for about in ABOUT.values() for pattern in about]
    patterns += ["mlmi_course/*", "tests/*", "constraints.txt"]
    return any(fnmatch(path, pattern) for pattern in patterns)


# ---- what is proved ---------------------------------------------------------------------------


def changed(root: Path) -> frozenset[str]:
    """Names of :func:`states` that look otherwise than when they were proved."""
    try:
        proved = json.loads((root / FILE).read_text("utf-8"))["proved"]
    except FileNotFoundError:
        proved = {}
    return frozenset(
        name for name, state in states(here(root)).items() if proved.get(name) != state
    )


def main() -> None:
    """Write down the units of a commit whose tests have passed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("commit", help="one whose tests passed on a fresh machine")
    commit = parser.parse_args().commit
    root = Path(__file__).resolve().parents[2]
    proved = states(committed(root, commit))
    text = json.dumps({"proved": proved}, indent=1, sort_keys=True) + "\n"
    (root / FILE).write_text(text, "utf-8")
    left = sorted(changed(root) & {*units_of(here(root))})
    print(f"{FILE} tells the state of {commit}; changed since: {' '.join(left) or 'no unit'}")


if __name__ == "__main__":
    main()
