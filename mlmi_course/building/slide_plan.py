"""Which slides a lecture becomes: what stands on each, and what is left for the speaker to say.

A slide holds a picture or a table beside one sentence, or a definition, a formula, a list, or a
question to the room.  The prose around it becomes the speaker's notes, and so do the lines of
``result(...)``.  A text that holds nothing to show is said, not shown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from mlmi_course.building.contract import MINUTES
from mlmi_course.building.source import Cell

MOST_SLIDES = 35
"""Of a core of 90 minutes."""

ROOM = 8.0  # what a slide holds, in lines of text
_LONGEST_TITLE = 14  # words
_READ = MarkdownIt("commonmark", {"html": True}).enable("table").use(dollarmath_plugin)
_ANSWER = re.compile(r"<details>\s*<summary>.*?</summary>(.*?)</details>", re.DOTALL)
_MARK = re.compile(r"^> \*\*Deeper\.\*\*.*$", re.MULTILINE)
_BETWEEN_SENTENCES = re.compile(r"(?:(?<=[.?!])|(?<=[.?!][*)])|(?<=[.?!]\*\*))\s+(?=[A-Z(*“\"`$])")
_CITED = re.compile(r"\s*\[\d+(?:[–,-]\s*\d+)*\](?!\()")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_QUIZ = re.compile(r"\*\*\d+\.\*\*")
_PREDICT = "**Predict.**"
_SPOKEN = ("Go further",)  # sections for which there is no slide
_READ_BEFORE = "You need"  # what its code shows is tried at home


@dataclass(frozen=True)
class Shown:
    """What a cell of code shows.

    Attributes
    ----------
    kind : str
        ``"picture"``, ``"table"``, ``"printed"``, ``"question"`` or ``"answer"`` (of a prediction).
    html : str
    is_wide : bool
        Whether a picture is so wide that its text stands above it, and not beside it.
    """

    kind: str
    html: str = ""
    is_wide: bool = False


@dataclass(frozen=True)
class Step:
    """A cell of the lecture, what it shows, and what it states by ``result(...)``."""

    cell: Cell
    shown: tuple[Shown, ...] = ()
    stated: str = ""


@dataclass
class Slide:
    """One slide: texts are Markdown.

    ``answers`` appear on a slide that asks when the speaker asks for them.
    """

    title: str
    section: str = ""
    points: list[str] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    asks: bool = False

    @property
    def weight(self) -> float:
        """How full it is, in lines."""
        return sum(map(_weight, self.points)) + 4.0 * len(self.shown)

    @property
    def is_bare(self) -> bool:
        """Whether nothing stands below its title."""
        return not (self.points or self.shown or self.answers)


@dataclass(frozen=True)
class _Block:
    kind: str
    text: str


def plan(title: str, promise: str, objectives: Sequence[str], steps: Sequence[Step]) -> list[Slide]:
    """The slides of a lecture, in order.

    Parameters
    ----------
    title, promise : str
    objectives : sequence of str
        Of the first slide.
    steps : sequence of Step
        The lecture's cells, without the generated ones.
    """
    first = Slide(title, points=[f"*{promise}*", "\n".join(f"- {text}" for text in objectives)])
    planner = _Planner([first])
    for step in steps:
        if step.cell.is_code:
            planner.code(step)
        else:
            planner.text(step.cell)
    return planner.finished()


def guessed(cells: Sequence[Cell]) -> list[Step]:
    """Cells with what their code will show, as far as it can be told without running it."""
    steps = []
    asked: set[str] = set()
    for cell in cells:
        if not cell.is_code:
            steps.append(Step(cell))
            continue
        body = ast.parse(cell.source).body
        asked |= {
            target.id
            for node in body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and ast.unparse(node.value.func) == "ask"
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        steps.append(Step(cell, tuple(_guessed(cell.source, body, asked))))
    return steps


def _guessed(source: str, body: list[ast.stmt], asked: set[str]) -> list[Shown]:
    called = [
        ast.unparse(node.func)
        for node in ast.walk(ast.Module(body, []))
        if isinstance(node, ast.Call)
    ]
    found = [Shown("printed")] if "print" in called and "result" not in called else []
    last = body[-1]
    if not isinstance(last, ast.Expr):
        return found
    text = ast.unparse(last.value)
    if text in asked:
        return [*found, Shown("question")]
    if ".reveal(" in text:
        return [*found, Shown("answer")]
    if text.startswith(("result(", "print(", "ask.")):
        return found
    draws = re.search(r"\b(?:plots|widgets)\.\w+\(", source)
    return [*found, Shown("picture" if draws else "table")]


class _Planner:
    """Goes through a lecture cell by cell, with the slides that there are so far."""

    def __init__(self, slides: list[Slide]) -> None:
        self.slides = slides
        self.section = ""
        self.heading = ""
        self.awaiting: Slide | None = None  # one whose sentence comes in the next text

    @property
    def now(self) -> Slide:
        return self.slides[-1]

    def finished(self) -> list[Slide]:
        """The slides, without those that stayed empty."""
        kept: list[Slide] = []
        for slide in self.slides:
            if slide.is_bare and kept:
                kept[-1].notes += slide.notes
                kept[-1].code += slide.code
            else:
                kept.append(slide)
        return kept

    def new(self, title: str = "") -> Slide:
        self.slides.append(Slide(title or self.heading, section=self.section))
        return self.now

    # ---- text -------------------------------------------------------------------------------

    def text(self, cell: Cell) -> None:
        answers = [text.strip() for text in _ANSWER.findall(cell.source)]
        source = _MARK.sub("", _ANSWER.sub("", cell.source)).strip()
        blocks = _blocks(source)
        opens = False
        while blocks and blocks[0].kind == "heading":
            marks, _, heading = blocks.pop(0).text.partition(" ")
            self.heading = MINUTES.sub("", heading).strip()
            opens, self.awaiting = True, None
            if len(marks) <= 2:
                self.section = self.heading
        if "notes" in cell.tags or self.section in _SPOKEN:
            self.now.notes.append(source)
            return
        if opens and not blocks:
            self.new()
            return
        asks = next((i for i, b in enumerate(blocks) if b.text.startswith(_PREDICT)), len(blocks))
        setup, question = blocks[:asks], blocks[asks:]
        if self.awaiting is not None:
            setup = self._answer(self.awaiting, setup)
            self.awaiting = None
        self._show(setup, opens=opens)
        if answers:
            said = [f"**{i}.** {text}" for i, text in enumerate(answers, 1)]
            self.now.notes.append("\n\n".join(["Answers:", *said]))
        if question:
            context = setup[-1:] if setup and _is_said(setup[-1]) else []
            texts = [block.text for block in question]
            texts[0] = texts[0].removeprefix(_PREDICT).strip()
            self._ask([block.text for block in context], texts)

    def _answer(self, slide: Slide, blocks: list[_Block]) -> list[_Block]:
        """Put what a text says first beside the picture that it speaks of; return what is left."""
        if not blocks or blocks[0].kind != "paragraph":
            return blocks
        first, rest = blocks[0], blocks[1:]
        slide.notes.append(first.text)
        title, said = _assertion(first.text)
        if slide.asks:
            slide.answers += [text for text in (f"**{title}.**" if title else "", said) if text]
        else:
            slide.title = title or slide.title
            slide.points += [said] if said else []
        # What is only said belongs to the picture too.
        while rest and _is_said(rest[0]):
            slide.notes.append(rest.pop(0).text)
        return rest

    def _show(self, blocks: list[_Block], *, opens: bool) -> None:
        """Slides for a text: its definitions, formulae, lists and tables."""
        begun = self.new() if opens else None
        for number, block in enumerate(blocks):
            leads = opens and number == 0
            points = _points(block, opens=leads)
            following = blocks[number + 1].kind if number + 1 < len(blocks) else ""
            if not points and following in ("list", "table", "formula"):
                points = [_lead_in(block.text)] if block.text.endswith(":") else []
            for point in points:
                if begun is None:
                    begun = self.new(_term(point))
                elif begun.points and _is_too_much(begun, point):
                    begun = self.new(_term(point) or begun.title)
                if text := _without_title(point, begun.title):
                    begun.points.append(text)
            (begun or self.now).notes.append(block.text)

    def _ask(self, context: list[str], texts: list[str]) -> None:
        """A question to the room, below what it is about."""
        weight = sum(map(_weight, texts))
        is_full = self.now.shown or self.now.asks or self.now.weight + weight > ROOM
        if is_full or self.now is self.slides[0] or self.now.section != self.section:
            self.new()
            self.now.points += [text for text in context if _words([text]) <= 45]
        self.now.points += [f"{_PREDICT} {texts[0]}", *texts[1:]]
        self.now.asks = True

    # ---- code -------------------------------------------------------------------------------

    def code(self, step: Step) -> None:
        visible = () if self.section == _READ_BEFORE else step.shown
        seen = [shown for shown in visible if shown.kind not in ("question", "answer")]
        if self.now.asks and seen:
            self.awaiting = self.new()  # nobody may see the answer while being asked
        elif self.now.asks:
            self.awaiting = self.now
        self.now.code.append(step.cell.source)
        for shown in visible:
            self._put(shown, step)
        if step.stated:
            self.now.notes.append(f"```\n{step.stated}\n```")

    def _put(self, shown: Shown, step: Step) -> None:
        """Put something on this slide, or on the next one where this has no room for it."""
        has_more = any(one.kind != "answer" for one in self.now.shown)
        if shown.kind == "answer":
            (self.now.answers if self.now.asks else self.now.points).append(shown.html)
            return
        if shown.kind == "question":
            if has_more or self.now.asks or self.now.weight > 4:
                self.new()
            self.now.asks, self.awaiting = True, None
        elif has_more and shown.kind == "printed":
            return  # numbers beside a picture are read in the notebook
        elif has_more or self.now.weight > 5:
            self.awaiting = self.new()
            self.now.code.append(step.cell.source)
        elif self.now.is_bare:
            self.awaiting = self.now
        self.now.shown.append(shown)


def _is_too_much(slide: Slide, point: str) -> bool:
    """Whether a point needs a slide of its own; the questions of a quiz stay together."""
    return slide.weight + _weight(point) > ROOM and not _QUIZ.match(point)


def _blocks(source: str) -> list[_Block]:
    """Paragraphs, lists, tables, formulae … of a text."""
    lines = source.split("\n")
    kinds = {
        "heading_open": "heading", "paragraph_open": "paragraph", "bullet_list_open": "list",
        "ordered_list_open": "list", "table_open": "table", "math_block": "formula",
        "math_block_label": "formula", "fence": "code", "blockquote_open": "quote",
    }  # fmt: skip
    found = []
    for token in _READ.parse(source):
        if token.level == 0 and token.map and token.type in kinds:
            text = "\n".join(lines[slice(*token.map)]).strip()
            if text:
                found.append(_Block(kinds[token.type], text))
    return found


def _sentences(text: str) -> list[str]:
    """Sentences of a paragraph, without the numbers of what it cites."""
    return _BETWEEN_SENTENCES.split(_CITED.sub("", " ".join(text.split())))


def _points(block: _Block, *, opens: bool) -> list[str]:
    """What of a block stands on a slide."""
    if block.kind in ("formula", "table", "code", "quote"):
        return [block.text]
    if block.kind == "list":
        return [_shortened(block.text)]
    sentences = _sentences(block.text)
    if _QUIZ.match(block.text):
        return [block.text]
    bold = [sentence for sentence in sentences if _BOLD.search(sentence)]
    if bold == sentences[:1] and bold[0].startswith("**") and bold[0].endswith("**"):
        bold = sentences[:2]  # a title of its own says nothing by itself
    if bold:
        return [" ".join(bold[:2] if _words(bold[:2]) <= 45 else bold[:1])]
    if opens:
        return [" ".join(sentences[:2] if _words(sentences[:2]) <= 35 else sentences[:1])]
    return []


def _is_said(block: _Block) -> bool:
    """Whether nothing of a paragraph is shown, and it leads to nothing that is."""
    is_plain = block.kind == "paragraph" and not _points(block, opens=False)
    return is_plain and not block.text.endswith(":")


def _lead_in(text: str) -> str:
    return _sentences(text)[-1]


def _assertion(text: str) -> tuple[str, str]:
    """What a text claims first, for a title if it is short; and one or two sentences more."""
    sentences = _sentences(text)
    title = ""
    if 3 <= _words(sentences[:1]) <= _LONGEST_TITLE and sentences[0][0] not in "(|":
        title = sentences.pop(0).replace("**", "").rstrip(".")
    short = [sentence for sentence in sentences[:2] if not sentence.startswith("(")]
    said = " ".join(short if _words(short) <= 35 else short[:1])
    return title, said if _words([said]) <= 45 else ""


def _term(point: str) -> str:
    """The term or the claim in bold with which a point begins its slide, as a title."""
    found = _BOLD.search(point)
    if not found or len(found[1].split()) > _LONGEST_TITLE or point.startswith(("|", "-", "1.")):
        return ""
    begins = point[: found.start()].strip() in ("", "The", "A", "An")
    term = " ".join(found[1].split()).rstrip(".:,")
    is_sentence = term[:1].isupper() or term.endswith("?")
    is_claim = is_sentence and len(term.split()) >= 4
    if len(term) < 4 or not (is_claim or (begins and len(term.split()) <= 5)):
        return ""
    return term[:1].upper() + term[1:]


def _without_title(point: str, title: str) -> str:
    """A point that does not say its title once more."""
    found = re.match(r"\*\*(.+?)\*\*(?:\s+(?=[A-Z])|$)", point, re.DOTALL)
    same = found and " ".join(found[1].split()).rstrip(".:,").lower() == title.lower()
    return point[found.end() :] if found and same else point


def _shortened(text: str) -> str:
    """A list, each of whose long items is its claim in bold, or its first sentence."""
    items = re.split(r"\n(?=(?:[-*+]|\d+\.)\s)", text)
    if _words(items) <= 60:
        return text
    short = []
    for item in items:
        mark, _, rest = " ".join(item.split()).partition(" ")
        bold = re.match(r"\*\*.+?\*\*", rest)
        first = _sentences(rest)[0]
        long = _words([rest]) > 18
        short.append(f"{mark} {bold[0] if bold and long else first if long else rest}")
    return "\n".join(short)


def _words(texts: Sequence[str]) -> int:
    return sum(len(text.split()) for text in texts)


def _weight(point: str) -> float:
    """How many lines a point takes."""
    if point.startswith("$$"):
        return 2.5
    if point.startswith("|"):
        return 1.0 + 0.9 * point.count("\n")
    if re.match(r"(?:[-*+]|\d+\.)\s|```", point):
        return 0.4 + max(0.8 * (point.count("\n") + 1), _words([point]) / 12)
    return 0.4 + _words([point]) / 12
