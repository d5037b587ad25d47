"""Pages made from ``course.toml`` and each ``unit.toml``: the map, units, the list of modules."""

from __future__ import annotations

from html import escape
from string import Template

from mlmi_course.building.course import Course, Unit
from mlmi_course.building.headers import KINDS

API_MODULES = (
    "checks",
    "data",
    "data_fetch",
    "dicom",
    "explain",
    "metrics",
    "networks",
    "phantoms.airways",
    "phantoms.brain",
    "phantoms.cohort",
    "phantoms.ct",
    "phantoms.lung",
    "phantoms.mammography",
    "phantoms.masses",
    "phantoms.tumours",
    "plots",
    "shipped",
    "training",
    "widgets",
)
"""Modules with a page of their own, in the order of the alphabet; of ``mlmi_course`` but one."""

# What a unit's page says of each notebook: its kind, what it lasts as long as, what it is for.
_LESSONS = (
    ("lecture", "lecture", "read it, and predict before it shows"),
    ("exercise", "lab", "what is asked"),
    ("solution", "", "one answer to each question, folded until you ask"),
)


def generated(course: Course) -> dict[str, str]:
    """Pages by path."""
    return {
        **{f"units/{unit.name}.md": _unit_page(course, unit) for unit in course.with_appendices},
        **{f"api/{name}.md": _api_page(name) for name in API_MODULES},
        "api/index.md": _api_index(),
    }


def filled(text: str, course: Course) -> str:
    """A page of ``site/`` whose ``$map``, ``$outcomes``, ``$hours`` … are filled in."""
    minutes = [unit.minutes for unit in course.units]
    hours = _hours(sum(pair.lecture + pair.lab for pair in minutes))
    return Template(text).substitute(
        title=course.title,
        outcomes=_outcomes(course),
        map=_map(course),
        hours=hours,
        units=str(len(minutes)),
        first=f"units/{course.with_appendices[0].name}",
        tree=_tree(course),
        notes=_instructor_notes(course),
    )


def _hours(minutes: int) -> str:
    """``"2 h"``, ``"4½ h"``: to half an hour, and never nothing."""
    halves = max(1, round(minutes / 30))
    whole, half = divmod(halves, 2)
    return f"{whole or ''}{'½' * half} h"


def length(unit: Unit, which: str) -> str:
    """How long a lecture or a lab takes, in words: ``90 min in two halves; 60 min deeper``."""
    minutes = getattr(unit.minutes, which)
    if unit.deeper is None:
        return f"about {_hours(minutes)}"
    halves = " in two halves" if which == "lecture" else ""
    deeper = getattr(unit.deeper, which)
    return f"{minutes} min{halves}{f'; {deeper} min deeper' if deeper else ''}"


def _outcomes(course: Course) -> str:
    return "\n".join(
        f"- **{unit.title}**: {unit.promise[0].lower()}{unit.promise[1:]}" for unit in course.units
    )


def _map(course: Course) -> str:
    """The path through the units, a row for each part and a card for each unit or appendix."""
    rows = []
    for part in course.parts:
        minutes = sum(unit.minutes.lecture + unit.minutes.lab for unit in part.units)
        cards = "\n".join(
            f'<li><a class="mlmi-card" href="units/{unit.name}.html">'
            f'<span class="mlmi-number">{unit.label}</span>'
            f'<span class="mlmi-title">{escape(unit.title)}</span>'
            f'<span class="mlmi-hours">lecture {_hours(unit.minutes.lecture)}'
            f"{f', lab {_hours(unit.minutes.lab)}' if unit.has_lab else ''}{_more(unit)}"
            "</span></a></li>"
            for unit in part.units
        )
        rows.append(
            f'<li class="mlmi-part"><p class="mlmi-part-title">{escape(part.title)} '
            f'<span class="mlmi-hours">{_hours(minutes)}</span></p>\n<ol>\n{cards}\n</ol></li>'
        )
    body = "\n".join(rows)
    return f'<nav aria-label="Path through the units"><ol class="mlmi-map">\n{body}\n</ol></nav>'


def _more(unit: Unit) -> str:
    """What a reader may add to the core, where a unit tells the two apart."""
    if unit.deeper is None:
        return ""
    return f"; {_hours(unit.deeper.lecture + unit.deeper.lab)} deeper"


def _tree(course: Course) -> str:
    """The navigation: a caption for each part, its units below."""
    return "\n".join(
        "```{toctree}\n:hidden:\n"
        f":caption: {part.title}\n\n"
        + "\n".join(f"{unit.label} · {unit.title} <units/{unit.name}>" for unit in part.units)
        + "\n```\n"
        for part in course.parts
    )


def _instructor_notes(course: Course) -> str:
    """Entries of a toctree: notes of the units that have some."""
    return "\n".join(
        f"instructors/{unit.name}"
        for unit in course.units
        if (course.root / "instructors" / f"{unit.name}.md").is_file()
    )


def _unit_page(course: Course, unit: Unit) -> str:
    objectives = "\n".join(f"- {objective}" for objective in unit.objectives)
    known = "; ".join(unit.prerequisites) or "nothing beyond Python"
    data = "\n".join(f"- {d.name} (from {d.source}; licence: {d.licence})" for d in unit.data)
    kinds = _LESSONS if unit.has_lab else _LESSONS[:1]
    lessons = "\n".join(
        f"- {{doc}}`{kind.title()} </{KINDS[kind]}/{unit.name}>`{which and ', '}"
        f"{length(unit, which) if which else ''}: {about}"
        for kind, which, about in kinds
    )
    open_it = "the exercise" if unit.has_lab else "it"
    colab = ""
    if course.repository and course.repository.url.startswith("https://github.com/"):
        where = course.repository.url.removeprefix("https://github.com/")
        path = f"{KINDS[kinds[min(1, len(kinds) - 1)][0]]}/{unit.name}.ipynb"
        path = f"{where}/blob/{course.repository.tag}/{path}"
        address = f"https://colab.research.google.com/github/{path}"
        colab = f"- [Open {open_it} in Colab]({address})\n"
    downloads = ", ".join(
        f"{{download}}`{kind} </notebooks/{KINDS[kind]}/{unit.name}.ipynb>`" for kind, *_ in kinds
    )
    tree = "\n".join(f"{kind.title()} </{KINDS[kind]}/{unit.name}>" for kind, *_ in kinds)
    return f"""\
# {unit.label} · {unit.title}

*{unit.promise}*

After this {"unit" if unit.has_lab else "appendix"} you can

{objectives}

**To read and to do**

{lessons}
{colab}
To work on it, open {open_it} in JupyterLab: `make lab`. As notebooks: {downloads}.

**You should know** {known}.

**Data**

{data or "None."}

```{{toctree}}
:hidden:

{tree}
```
"""


def module(name: str) -> str:
    """Where a page's module is imported from.

    Examples
    --------
    >>> module("plots"), module("data_fetch")
    ('mlmi_course.plots', 'data_fetch')
    """
    return name if name == "data_fetch" else f"mlmi_course.{name}"


def _api_page(name: str) -> str:
    return f"""\
# {module(name)}

```{{eval-rst}}
.. automodule:: {module(name)}
   :members:
```
"""


def _api_index() -> str:
    names = "\n".join(API_MODULES)
    return f"""\
# The package

What notebooks may rely on. `import mlmi_course` loads none of it before it is used.

```{{toctree}}
:maxdepth: 1

{names}
```
"""
