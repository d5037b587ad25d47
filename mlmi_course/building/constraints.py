"""One constraints file from what several Pythons installed and tested."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

_HEADER = """\
# The exact versions that the tests proved, for Python {pythons}.
# Made from one `pip freeze` for each Python: mlmi constraints {arguments}
"""


def merge_freezes(freezes: Mapping[str, str]) -> str:
    """Merge outputs of ``pip freeze`` into one constraints text.

    Parameters
    ----------
    freezes : mapping of str to str
        For each Python, ``"3.11"``, the output of its ``pip freeze``.

    Returns
    -------
    str
        Sorted pins; those that are not the same on every Python carry a marker.  Packages
        that were installed from a folder or an address are left out.

    Examples
    --------
    >>> text = merge_freezes({"3.11": "numpy==2.3.0", "3.12": "numpy==2.4.0"})
    >>> print(*text.splitlines()[2:], sep="\\n")
    numpy==2.3.0 ; python_version == "3.11"
    numpy==2.4.0 ; python_version == "3.12"
    """
    pythons = sorted(freezes, key=Version)
    pins = {python: _pins(freezes[python]) for python in pythons}
    names = sorted(set().union(*pins.values()))
    header = _HEADER.format(
        pythons=", ".join(pythons),
        arguments=" ".join(f"{python}=freeze-{python}.txt" for python in pythons),
    )
    lines = [line for name in names for line in _lines(name, pythons, pins)]
    return header + "".join(f"{line}\n" for line in lines)


def _pins(freeze: str) -> dict[str, str]:
    pins = {}
    for line in freeze.splitlines():
        try:
            requirement = Requirement(line)
        except InvalidRequirement:  # comments, empty lines, `-e …`
            continue
        versions = list(requirement.specifier)
        if len(versions) == 1 and versions[0].operator == "==":
            pins[canonicalize_name(requirement.name)] = versions[0].version
    return pins


def _lines(name: str, pythons: list[str], pins: Mapping[str, Mapping[str, str]]) -> list[str]:
    lines = []
    for version, group in groupby(pythons, key=lambda python: pins[python].get(name)):
        if version is not None:
            marker = _marker(list(group), pythons)
            lines.append(f"{name}=={version}{marker}")
    return lines


def _marker(group: list[str], pythons: list[str]) -> str:
    """Marker for a run of neighbouring Pythons, open towards older and newer ones."""
    if group == pythons:
        return ""
    if len(group) == 1:
        return f' ; python_version == "{group[0]}"'
    bounds = []
    if group[0] != pythons[0]:
        bounds.append(f'python_version >= "{group[0]}"')
    if group[-1] != pythons[-1]:
        bounds.append(f'python_version < "{pythons[pythons.index(group[-1]) + 1]}"')
    return " ; " + " and ".join(bounds)
