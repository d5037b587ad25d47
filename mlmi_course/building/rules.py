"""The rules of the notebook contract, each a small function.

A rule takes a lesson and gives its problems.  What concerns a lesson as a whole is reported,
and can be waived, in its first cell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeGuard

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin

from mlmi_course.building.code import live_before, names_bound, names_read
from mlmi_course.building.contract import (
    Lesson,
    Problem,
    Section,
    prose_lines,
    recorded_predictions,
)
from mlmi_course.building.lab import QUESTIONS_ALIAS
from mlmi_course.building.regions import without_markers
from mlmi_course.building.sittings import is_deeper
from mlmi_course.building.slide_plan import MOST_SLIDES, guessed, plan
from mlmi_course.building.source import without_waivers

MOST_LINES = 25
MINUTES_TOLERANCE = 0.2
MOST_MINUTES_HALF = 45  # a lesson
MOST_MINUTES_LAB = 60
MOST_DEEPER = {"lecture": 60, "lab": 45}
LEAST_WIDGETS = 2
LEAST_RESULTS = 2
LEAST_PREDICTIONS = 3
QUIZ_QUESTIONS = 3

Rule = Callable[[Lesson], Iterator[Problem]]

_HEAVY = {"keras", "tensorflow", "umap"}
_REACHES_OUT = {"aiohttp", "ftplib", "http", "httpx", "pooch", "requests", "socket", "urllib"}
_REACHES_OUT |= {"subprocess", "wget"}
_PYPLOT = {"matplotlib.pyplot", "pylab", "matplotlib.pylab"}
_SEEDABLE = {"BitGenerator", "Generator", "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"}
_SEEDABLE |= {"SeedSequence", "default_rng"}
_NOT_PORTABLE = re.compile(
    r"(?<![\w.])/(?:home|Users|content|tmp|mnt|root)(?:/|$)|(?<!\w)[A-Za-z]:\\"
    r"|\bcuda\b|\b[gG][pP][uU]:\d"
)
# Sections that need no minutes: they are read in passing, or by those who have time left.
_UNTIMED = ("what to remember", "go further", "stretch", "where you stand")
_PAPER = re.compile(r"doi\.org/10\.|\bdoi:\s*10\.|arxiv\.org/|\barxiv:\s*\d", re.IGNORECASE)
_QUIZ = re.compile(r"<details>\s*<summary>\s*\S.*?</summary>\s*\S.*?</details>", re.DOTALL)
_BETWEEN = r"(?:\s*[,–-]\s*|,?\s+(?:and|or|to)\s+)"
_UNIT_NUMBERS = re.compile(
    r"\b(?:units?|lectures?|labs?|exercises?|solutions?)\s+(?:\#\s*)?"
    rf"(?P<numbers>\d\d(?:{_BETWEEN}\d\d)*)\b(?![.:/]\d)",
    re.IGNORECASE,
)
_UNIT_FILES = re.compile(
    r"\b(?:lectures|exercises|solutions|course|instructors)/(?P<name>\d\d_\w+)"
    r"|\b(?P<file>\d\d_\w+)\.ipynb"
)
_EMPTY_LINK = re.compile(r"\[\s*\]\([^)]*\)|\[[^\]]*\]\(\s*\)")


def import_first(lesson: Lesson) -> Iterator[Problem]:
    """The first code cell imports mlmi_course, before keras, tensorflow or umap.

    The package silences TensorFlow's start-up lines; it has to come first to do so.
    """
    if not lesson.code:
        return
    for node in ast.parse(lesson.code[0].source).body:
        imported = _imported(node)
        if "mlmi_course" in imported:
            return
        if imported & _HEAVY:
            break
    message = "the first code cell must import mlmi_course before keras, tensorflow or umap"
    yield Problem(lesson.code[0], 0, message)


def cell_length(lesson: Lesson) -> Iterator[Problem]:
    """A code cell has 25 lines at most; markers and waivers do not count."""
    for cell in lesson.code:
        count = without_waivers(without_markers(cell.source)).count("\n") + 1
        if count > MOST_LINES:
            yield Problem(cell, 0, f"{count} lines in one code cell; {MOST_LINES} are the most")


def portable(lesson: Lesson) -> Iterator[Problem]:
    """No device and no absolute path is written into the code."""
    for cell, node in lesson.nodes():
        match node:
            case ast.Constant(value=str(text)) if found := _NOT_PORTABLE.search(text):
                message = f"hard-coded path or device: {found[0]!r}"
                yield Problem(cell, node.lineno - 1, message)


def network(lesson: Lesson) -> Iterator[Problem]:
    """No notebook reaches the network or the shell; downloads are ``mlmi data get``."""
    for cell, node in lesson.nodes():
        for name in sorted(_imported(node) & _REACHES_OUT):
            message = f"{name} is not used in a notebook: no network, no shell"
            yield Problem(cell, node.lineno - 1, message)
        match node:
            case ast.Call(func=called, args=arguments, keywords=keywords):
                values = [*arguments, *(keyword.value for keyword in keywords)]
                addresses = [v.value for v in values if _is_address(v)]
                fetches = ast.unparse(called).rpartition(".")[2].startswith("fetch_")
                if addresses or fetches:
                    what = str(addresses[0]) if addresses else ast.unparse(called)
                    message = f"{what} reaches the network; downloads are `mlmi data get`"
                    yield Problem(cell, node.lineno - 1, message)


def _is_address(node: ast.expr) -> TypeGuard[ast.Constant]:
    match node:
        case ast.Constant(value=str(text)):
            return text.startswith(("http://", "https://", "ftp://"))
    return False


def alt_text(lesson: Lesson) -> Iterator[Problem]:
    """Every picture has alternative text, or is drawn on axes that belong to one that has."""
    for cell, call in lesson.calls("plots"):
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        alt = keywords.get("alt")
        empty = isinstance(alt, ast.Constant) and not str(alt.value or "").strip()
        if "ax" not in keywords and (alt is None or empty):
            message = f'{ast.unparse(call.func)}(…) needs alt="one sentence that says what is seen"'
            yield Problem(cell, call.lineno - 1, message)


def no_pyplot(lesson: Lesson) -> Iterator[Problem]:
    """Pictures come from ``plots``: those of pyplot lose their alternative text."""
    for cell, node in lesson.nodes():
        match node:
            case ast.Import(names=names):
                used = any(alias.name in _PYPLOT for alias in names)
            case ast.ImportFrom(module=module, names=names):
                full = {f"{module}.{alias.name}" for alias in names}
                used = module in _PYPLOT or bool(full & _PYPLOT)
            case ast.Attribute(value=ast.Name(id="plt")):
                used = True
            case _:
                used = False
        if used:
            message = "pyplot pictures have no alternative text; use mlmi_course.plots"
            yield Problem(cell, node.lineno - 1, message)


def seeded(lesson: Lesson) -> Iterator[Problem]:
    """Every random generator has a seed."""
    for cell, node in lesson.nodes():
        if message := _unseeded(node):
            yield Problem(cell, node.lineno - 1, message)


def section_minutes(lesson: Lesson) -> Iterator[Problem]:
    """Each ``##`` section says its minutes, and they add up to those of ``unit.toml``.

    Sections marked ``(12 min, deeper)`` add up to ``deeper`` there.  *What to remember*, *Go
    further*, *Stretch* and *Where you stand* may do without.
    """
    for section in lesson.sections:
        title = section.heading.text
        if section.minutes is None and not title.lower().startswith(_UNTIMED):
            yield _at(section, f"say the minutes: ## {title} (8 min)")
        if section.is_deeper and lesson.unit.deeper is None:
            yield _at(section, "unit.toml does not say how many minutes are deeper")
    promised = {False: ("", lesson.minutes)}
    if lesson.unit.deeper:
        promised[True] = ("deeper ", getattr(lesson.unit.deeper, lesson.kind))
    for deeper, (word, minutes) in promised.items():
        total = _minutes(lesson.sections, deeper)
        if abs(total - minutes) > MINUTES_TOLERANCE * minutes:
            message = f"{word}sections sum to {total} min, unit.toml says {minutes} min"
            yield Problem(lesson.cells[0], 0, message)


def sittings(lesson: Lesson) -> Iterator[Problem]:
    """A lecture has two halves that each fit into a lesson, and a lab fits into one sitting.

    The section *Break* ends the first half: it says what the reader can do now, and asks three
    quiz questions.  What a reader may skip has limits too.
    """
    if lesson.unit.deeper is None:
        return
    for before, section in zip((None, *lesson.sections), lesson.sections, strict=False):
        starts_deeper, ends_deeper = section.is_deeper, before is not None and before.is_deeper
        inside = section.heading.line > 0 or section.heading.cell in (
            before.cells if before else ()
        )
        if (starts_deeper or ends_deeper) and inside:
            yield _at(
                section, "a deeper section, and what follows it, begin with a cell of their own"
            )
    limit = MOST_DEEPER[lesson.kind]
    total = _minutes(lesson.sections, True)
    if total > limit:
        yield Problem(lesson.cells[0], 0, f"{total} min of deeper sections; {limit} are the most")
    if lesson.kind == "lab":
        total = _minutes(lesson.sections, False)
        if total > MOST_MINUTES_LAB:
            message = f"the lab's core takes {total} min; {MOST_MINUTES_LAB} are the most"
            yield Problem(lesson.cells[0], 0, message)
        return
    breaks = [i for i, s in enumerate(lesson.sections) if s.heading.text.startswith("Break")]
    if len(breaks) != 1:
        message = f"{len(breaks)} sections ## Break: what you can do now (2 min); one is needed"
        yield Problem(lesson.cells[0], 0, message)
        return
    cut = breaks[0] + 1
    for name, half in (("first", lesson.sections[:cut]), ("second", lesson.sections[cut:])):
        total = _minutes(half, False)
        if total > MOST_MINUTES_HALF:
            message = f"the {name} half takes {total} min; {MOST_MINUTES_HALF} are the most"
            yield Problem(lesson.cells[0], 0, message)


def slides(lesson: Lesson) -> Iterator[Problem]:
    """The core of a lecture has as many slides as one can present in its time.

    The slides are counted as ``mlmi slides`` makes them.  Text that is said and not shown, in a
    cell tagged ``notes``, has none.
    """
    if lesson.kind != "lecture" or lesson.unit.deeper is None:
        return
    pairs = zip(lesson.cells, is_deeper(lesson.cells), strict=True)
    core = [cell for cell, deeper in pairs if not deeper]
    count = len(plan(lesson.unit.title, lesson.unit.promise, (), guessed(core)))
    if count > MOST_SLIDES:
        message = (
            f"the core has {count} slides; {MOST_SLIDES} are the most: show less, or give texts "
            'that are only said tags=["notes"]'
        )
        yield Problem(lesson.cells[0], 0, message)


def core_alone(lesson: Lesson) -> Iterator[Problem]:
    """What everybody reads needs nothing that only a section marked *deeper* defines."""
    skipped = {c: s.heading.text for s in lesson.sections if s.is_deeper for c in s.cells}
    known: set[str] = set()
    deeper: dict[str, str] = {}
    for cell in lesson.code:
        if "solution" in cell.tags:
            continue
        if cell not in skipped:
            for name in sorted(live_before(cell.source) & set(deeper)):
                message = f"{name!r} is defined only in “{deeper[name]}”, which a reader may skip"
                yield Problem(cell, 0, message)
        for statement in ast.parse(cell.source).body:
            for name in names_bound(statement):
                if cell in skipped and name not in known:
                    deeper[name] = skipped[cell]
                elif cell not in skipped:
                    known.add(name)
                    deeper.pop(name, None)


def absent_units(lesson: Lesson) -> Iterator[Problem]:
    """No text sends a reader to a unit that is not there.

    ``unit 07``, ``units 05 and 07``, ``lab 07`` and ``lectures/07_topic.ipynb`` are references, in
    prose, comments and code, and so are they in what the unit says of itself.  A number of
    one digit is none: hidden units have such numbers too.
    """
    there = {lesson.unit.name, *(unit.name for unit in lesson.course)}
    numbers = {name[:2] for name in there}
    said = "\n".join([lesson.unit.promise, *lesson.unit.objectives, *lesson.unit.prerequisites])
    texts = [(cell, cell.source) for cell in lesson.source.cells]
    for cell, text in [(lesson.cells[0], said), *texts]:
        for found in _UNIT_NUMBERS.finditer(text):
            for number in re.findall(r"\d\d", found["numbers"]):
                if number not in numbers:
                    line = text.count("\n", 0, found.start()) if text is not said else 0
                    yield Problem(cell, line, f"there is no unit {number} to send a reader to")
        for found in _UNIT_FILES.finditer(text):
            if (found["name"] or found["file"]) not in there:
                line = text.count("\n", 0, found.start()) if text is not said else 0
                yield Problem(cell, line, f"{found[0]} is not there to send a reader to")


def _minutes(sections: Iterable[Section], is_deeper: bool) -> int:
    return sum(section.minutes or 0 for section in sections if section.is_deeper == is_deeper)


def _at(section: Section, message: str) -> Problem:
    return Problem(section.heading.cell, section.heading.line, message)


def headings(lesson: Lesson) -> Iterator[Problem]:
    """The only H1 is the generated title, and no level of heading is skipped."""
    level = 1
    for heading in lesson.headings:
        if heading.level == 1:
            message = "the title is generated from unit.toml; start with ##"
            yield Problem(heading.cell, heading.line, message)
        elif heading.level > level + 1:
            message = f"heading of level {heading.level} below one of level {level}"
            yield Problem(heading.cell, heading.line, message)
        level = heading.level


def links(lesson: Lesson) -> Iterator[Problem]:
    """No link is empty, and every image in the prose has alternative text."""
    for cell in lesson.prose:
        for number, line in prose_lines(cell):
            if found := _EMPTY_LINK.search(line):
                yield Problem(cell, number, f"empty link or image text: {found[0]}")


def markdown(lesson: Lesson) -> Iterator[Problem]:
    """No wrapped line of prose became a list, and every ``$`` has its partner.

    A line that begins with ``+``, ``-``, ``*`` or ``1.`` starts a list, also in the middle of a
    sentence or of a formula, and what is left of the formula is shown as it was typed.
    """
    reader = MarkdownIt("commonmark").enable("table").use(dollarmath_plugin)
    reader.disable("text_join")  # or an escaped dollar could not be told from a bare one
    for cell in lesson.prose:
        tokens = reader.parse(cell.source)
        ends: dict[int, int] = {}  # of the last paragraph, by depth of nesting
        for token in tokens:
            place = token.map or [0, 0]
            if token.type == "paragraph_open":
                ends[token.level] = place[1]
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                start = place[0]
                before, line = ("", *map(str.strip, cell.source.split("\n")))[start : start + 2]
                nested = token.level > 0 and before.endswith((".", ":", ";", "?", "!"))
                if ends.get(token.level) == start and not nested:
                    message = (
                        f"this line starts a list: {line[:30]!r}; wrap the sentence or formula "
                        "elsewhere, or put an empty line before a list that you mean"
                    )
                    yield Problem(cell, start, message)
            elif token.type == "inline":
                for number, line in _lines_of_text(token.children or ()):
                    if "$" in line:
                        message = f"a $ without its partner: {line.strip()[:40]!r}; a dollar is \\$"
                        yield Problem(cell, place[0] + number, message)


def _lines_of_text(tokens: Iterable[Token]) -> Iterator[tuple[int, str]]:
    """Text outside of formulae and code, by its line (from 0) in the paragraph."""
    number = 0
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            number += 1
        elif token.type == "text":
            yield number, token.content
        else:
            number += token.content.count("\n")


def opening(lesson: Lesson) -> Iterator[Problem]:
    """A lecture opens with *You need*: the terms and the maths that it uses."""
    if lesson.kind == "lecture":
        first = lesson.headings[0].text if lesson.headings else ""
        if not first.lower().startswith("you need"):
            yield Problem(
                lesson.cells[0], 0, "a lecture opens with the section: ## You need (5 min)"
            )


def ending(lesson: Lesson) -> Iterator[Problem]:
    """A lecture ends with *What to remember*, *Go further* (papers) and *Quiz*."""
    if lesson.kind != "lecture":
        return
    for title in ("What to remember", "Go further", "Quiz"):
        text = lesson.section(title)
        if text is None:
            yield Problem(lesson.cells[0], 0, f"a lecture ends with the section: ## {title}")
        elif title == "Go further" and not _PAPER.search(text):
            yield Problem(lesson.cells[0], 0, "Go further names at least one paper by DOI or arXiv")


def quiz(lesson: Lesson) -> Iterator[Problem]:
    """The quiz has exactly three questions, and so has the break between two halves.

    A question is followed by its folded answer:

    .. code-block:: html

        **1.** Which unit do CT numbers have?

        <details><summary>Answer</summary>

        Hounsfield units (HU): water is 0, air is −1000.

        </details>
    """
    if lesson.kind != "lecture":
        return
    for title in ("Break", "Quiz") if lesson.unit.deeper else ("Quiz",):
        text = lesson.section(title)
        count = len(_QUIZ.findall(text or ""))
        if text is not None and count != QUIZ_QUESTIONS:
            message = (
                f"the {title.lower()} has {count} questions (<details><summary>…), "
                f"not {QUIZ_QUESTIONS}"
            )
            yield Problem(lesson.cells[0], 0, message)


def widgets(lesson: Lesson) -> Iterator[Problem]:
    """At least two widgets in a lecture let the reader move something."""
    count = len(list(lesson.calls("widgets")))
    if lesson.kind == "lecture" and count < LEAST_WIDGETS:
        yield Problem(lesson.cells[0], 0, f"{count} widgets.… calls; {LEAST_WIDGETS} are the least")


def lasting_names(lesson: Lesson) -> Iterator[Problem]:
    """No cell gives a new value to a name that a widget above it draws from.

    The picture is drawn anew whenever the reader moves something, long after the last cell ran.
    """
    functions = {
        node.name: names_read(ast.unparse(node))
        for _, node in lesson.nodes()
        if isinstance(node, ast.FunctionDef)
    }
    for explorer, call in lesson.calls("widgets"):
        if ast.unparse(call.func) != "widgets.explore" or not call.args:
            continue  # the other widgets get values, not a function that reads names
        needed: set[str] = set()
        found = names_read(ast.unparse(call.args[0]))
        while found:
            needed |= found
            found = set().union(*(functions.get(name, ()) for name in found)) - needed
        for cell in lesson.code[lesson.code.index(explorer) + 1 :]:
            for statement in ast.parse(cell.source).body:
                for name in sorted(names_bound(statement) & needed):
                    message = f"a widget above draws from {name!r}; give this another name"
                    yield Problem(cell, statement.lineno - 1, message)


def predict(lesson: Lesson) -> Iterator[Problem]:
    """A lecture asks before it shows, at least three times, and answers what it asked.

    Either ``**Predict.** …?`` in the prose, and the code that answers comes next, so that the
    reader cannot see it before; or ``spots = ask("…?", "many", "few")`` in code, where ``ask`` is
    ``Predictions("NN_topic")``, and a later cell says ``spots.reveal(…)``.
    """
    if lesson.kind != "lecture":
        return
    count = 0
    for cell, following in zip(lesson.cells, [*lesson.cells[1:], None], strict=True):
        if cell.is_code or "**Predict.**" not in cell.source:
            continue
        question = cell.source.split("**Predict.**", 1)[1]
        if "?" not in question:
            yield Problem(cell, 0, "**Predict.** is followed by no question")
        elif following is None or not following.is_code:
            yield Problem(cell, 0, "**Predict.** is not followed by the code that answers it")
        else:
            count += 1
    yield from _predictions(lesson)
    count += len(recorded_predictions(lesson))
    if count < LEAST_PREDICTIONS:
        message = f"{count} questions before a result; {LEAST_PREDICTIONS} are the least"
        yield Problem(lesson.cells[0], 0, message)


def folded_answers(lesson: Lesson) -> Iterator[Problem]:
    """The words for a picture that answers a prediction are folded away, with the code around them.

    They stand in the code above the picture, where everybody who has not answered yet would read
    them.  This holds for cells after ``spots = ask("…?")`` up to the one with ``spots.reveal(…)``.
    """
    asked = recorded_predictions(lesson)
    for name, start in asked.items():
        cells = lesson.code[lesson.code.index(start) + 1 :]
        reveals = [c for c in cells if f"{name}.reveal" in c.source]
        for cell in cells[: cells.index(reveals[0]) + 1] if reveals else ():
            for node in ast.walk(ast.parse(cell.source)):
                match node:
                    case ast.keyword(arg="alt", value=ast.Constant()) if "fold" not in cell.tags:
                        message = (
                            f'alt= tells who reads the code the answer of {name!r}: tags=["fold"]'
                        )
                        yield Problem(cell, node.value.lineno - 1, message)


def _predictions(lesson: Lesson) -> Iterator[Problem]:
    """Recorded predictions that no later cell reveals, or that are kept elsewhere."""
    asked = recorded_predictions(lesson)
    revealed = set()
    for cell, node in lesson.nodes():
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="reveal")):
                if asked.get(name, cell) is not cell:
                    revealed.add(name)
            case ast.Call(func=ast.Name(id="Predictions"), args=[ast.Constant(value=unit)]):
                if unit != lesson.unit.name:
                    message = f"predictions are kept under the unit: {lesson.unit.name!r}"
                    yield Problem(cell, node.lineno - 1, message)
    for name, cell in asked.items():
        if name not in revealed:
            yield Problem(cell, 0, f"no later cell says {name}.reveal(…)")


def results(lesson: Lesson) -> Iterator[Problem]:
    """At least two tagged cells state a ``result(…)``, and tagged cells only print.

    The tests compare the text of tagged cells.  A notebook with nothing to compare would pass
    them whatever it does.
    """
    stating = 0
    for cell in lesson.code:
        if not cell.is_checked:
            continue
        printing = [_printed_by(node) for node in _statements(ast.parse(cell.source))]
        stating += "result" in printing
        for node, by in zip(_statements(ast.parse(cell.source)), printing, strict=True):
            if not by:
                message = "a tagged cell shows things by result(…) and print(…) alone"
                yield Problem(cell, node.lineno - 1, message)
        if not printing:
            yield Problem(cell, 0, "a tagged cell has nothing to show: add result(…) or print(…)")
    if stating < LEAST_RESULTS:
        message = f"{stating} tagged cells with result(…); {LEAST_RESULTS} are the least"
        yield Problem(lesson.cells[0], 0, message)


def answer_name(lesson: Lesson) -> Iterator[Problem]:
    """``q.dice.check(dice)``: an answer has the name of its question, so graders can find it."""
    for cell, node in lesson.nodes():
        match node:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Attribute(value=ast.Name(id=alias), attr=name), attr="check"
                ),
                args=arguments,
            ) if alias == QUESTIONS_ALIAS and [ast.unparse(a) for a in arguments] != [name]:
                message = f"the answer has the name of its question: q.{name}.check({name})"
                yield Problem(cell, node.lineno - 1, message)


def progress(lesson: Lesson) -> Iterator[Problem]:
    """A lab's last code cell shows what is done and what is not."""
    if lesson.kind == "lab":
        shown = [cell for cell in lesson.code if "solution" not in cell.tags]
        wanted = f"{QUESTIONS_ALIAS}.progress()"
        if not shown or without_waivers(shown[-1].source) != wanted:
            cell = shown[-1] if shown else lesson.cells[0]
            yield Problem(cell, 0, f"the last code cell of a lab is {wanted}")


def stretch(lesson: Lesson) -> Iterator[Problem]:
    """A lab has a task for those who want more."""
    if lesson.kind == "lab" and not any("stretch" in h.text.lower() for h in lesson.headings):
        yield Problem(lesson.cells[0], 0, "a lab has a task with *Stretch* in its heading")


RULES: dict[str, Rule] = {
    rule.__name__.replace("_", "-"): rule
    for rule in (
        import_first,
        cell_length,
        portable,
        network,
        alt_text,
        no_pyplot,
        seeded,
        section_minutes,
        sittings,
        slides,
        core_alone,
        absent_units,
        headings,
        links,
        markdown,
        opening,
        ending,
        quiz,
        widgets,
        lasting_names,
        predict,
        folded_answers,
        results,
        answer_name,
        progress,
        stretch,
    )
}
"""All rules, by the name that a waiver uses."""


def _imported(node: ast.AST) -> set[str]:
    """Top-level packages that a statement imports."""
    match node:
        case ast.Import(names=names):
            return {alias.name.split(".")[0] for alias in names}
        case ast.ImportFrom(module=str(module), level=0):
            return {module.split(".")[0]}
        case _:
            return set()


def _unseeded(node: ast.AST) -> str:
    match node:
        case ast.Call(
            func=ast.Attribute(attr="default_rng") | ast.Name(id="default_rng"), args=arguments
        ):
            seeds = [*arguments, *(keyword.value for keyword in node.keywords)]
            if not seeds or ast.unparse(seeds[0]) == "None":
                return "default_rng() without a seed"
        case ast.Attribute(value=ast.Attribute(value=ast.Name(id="np" | "numpy"), attr="random")):
            if node.attr not in _SEEDABLE:
                return (
                    f"np.random.{node.attr} shares one global state; use np.random.default_rng(0)"
                )
        case ast.Attribute(value=ast.Name(id="random")) if node.attr != "Random":
            return f"random.{node.attr} shares one global state; use np.random.default_rng(0)"
        case ast.ImportFrom(module="random", names=names):
            if names:
                return "the module random shares one global state; use np.random.default_rng(0)"
        case ast.ImportFrom(module="numpy.random", names=names):
            if unknown := sorted(alias.name for alias in names if alias.name not in _SEEDABLE):
                return (
                    f"np.random.{unknown[0]} shares one global state; use np.random.default_rng(0)"
                )
    return ""


def _statements(tree: ast.Module) -> list[ast.Expr]:
    """Expressions that a cell evaluates for what they show, also inside loops and conditions."""
    found: list[ast.Expr] = []
    todo: list[ast.stmt] = list(tree.body)
    while todo:
        node = todo.pop(0)
        if isinstance(node, ast.Expr):
            found.append(node)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            todo += [child for child in ast.iter_child_nodes(node) if isinstance(child, ast.stmt)]
    return found


def _printed_by(node: ast.Expr) -> str:
    """``"result"`` or ``"print"`` for a call to one of them, else empty."""
    match node.value:
        case ast.Call(func=ast.Name(id="result" | "print" as name)):
            return name
        case _:
            return ""
