"""The rules of the notebook contract, each a small function: those on code, pictures and answers.

A rule takes a lesson and gives its problems.  What concerns a lesson as a whole is reported,
and can be waived, in its first cell.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import TypeGuard

from mlmi_course.building.code import names_bound, names_read
from mlmi_course.building.contract import (
    Lesson,
    Problem,
    recorded_predictions,
)
from mlmi_course.building.lab import QUESTIONS_ALIAS
from mlmi_course.building.regions import without_markers
from mlmi_course.building.rules_of_pace import core_alone, section_minutes, sittings, slides
from mlmi_course.building.rules_of_prose import (
    absent_units,
    ending,
    headings,
    links,
    markdown,
    opening,
    quiz,
)
from mlmi_course.building.source import without_waivers

MOST_LINES = 25
LEAST_WIDGETS = 2
LEAST_RESULTS = 2
LEAST_PREDICTIONS = 3

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
