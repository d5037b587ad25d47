"""Commands of authors: build, lint, new-unit, site, slides, export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlmi_course.cli.errors import one_line_errors, stop

if TYPE_CHECKING:
    from mlmi_course.building.build import Build
    from mlmi_course.building.course import Course

app = typer.Typer()
export = typer.Typer(help="The course in the form of other tools.", no_args_is_help=True)

Units = Annotated[
    list[str] | None,
    typer.Argument(help="Units by number or name, such as 01; all of them by default."),
]
Root = Annotated[
    Path | None,
    typer.Option(help="Folder of the course; found from the current folder by default."),
]


@app.command()
def build(
    units: Units = None,
    execute: Annotated[
        bool, typer.Option("--execute", help="Run lectures and solutions, and store outputs.")
    ] = False,
    fresh: Annotated[
        bool,
        typer.Option("--fresh", help="With --execute: store digits anew that still hold, too."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a file is not up to date.")
    ] = False,
    root: Root = None,
) -> None:
    """Make the notebooks from their sources in course/."""
    with one_line_errors():
        if check and execute:
            raise typer.BadParameter("--check writes nothing, so it does not go with --execute")
        if fresh and not execute:
            raise typer.BadParameter("--fresh goes with --execute")
        course = _course(root)
        if check:
            _check(course, units or [])
        elif execute:
            _execute(course, units or [], fresh=fresh)
        else:
            _build(course, units or [])


@app.command()
def lint(units: Units = None, root: Root = None) -> None:
    """Check the notebook contract, and that no exercise gives its solution away."""
    with one_line_errors():
        from mlmi_course.building.build import leaks, read_unit
        from mlmi_course.building.contract import Lesson, lint
        from mlmi_course.building.environment import missing_urls
        from mlmi_course.building.findings import AuthorError, Finding, stop_if_any
        from mlmi_course.building.questions import import_questions

        course = _course(root)
        findings: list[Finding] = missing_urls(course)
        for unit in course.select(units or []):
            typer.echo(f"{unit.name} …")
            try:
                if unit.has_lab:
                    import_questions(course.root, unit)
                lecture, lab = read_unit(course, unit)
            except AuthorError as error:
                findings += error.findings
                continue
            findings += lint(Lesson(unit, "lecture", lecture, course.with_appendices))
            if lab:
                findings += lint(Lesson(unit, "lab", lab.source, course.with_appendices))
                findings += leaks(lab)
        stop_if_any(findings)
        typer.echo("the contract holds")


@app.command("new-unit")
def new_unit(
    number: Annotated[str, typer.Argument(help="Two digits, such as 22.")],
    name: Annotated[str, typer.Argument(help="Such as my_topic.")],
    part: Annotated[
        str | None, typer.Option(help="The part it belongs to, such as III; asked for by default.")
    ] = None,
    root: Root = None,
) -> None:
    """Write a new unit with its questions and its test, build it and execute it."""
    with one_line_errors():
        from mlmi_course.building.course import read_course
        from mlmi_course.building.new_unit import find_part, write_unit

        course = _course(root)
        if part is None:
            for listed in course.parts:
                typer.echo(f"  {listed.title}")
            part = typer.prompt("Which part does it belong to?")
        for path in write_unit(course, number, name, find_part(course, part)):
            typer.echo(f"wrote {path}")
        _execute(read_course(course.root), [number])
        typer.echo(f"next: make test UNIT={number}")


@app.command()
def site(
    units: Units = None,
    out: Annotated[Path, typer.Option(help="Folder of the finished pages.")] = Path(
        "site/_build/html"
    ),
    workers: Annotated[int, typer.Option(help="Notebooks executed at a time.")] = 2,
    root: Root = None,
) -> None:
    """Make the web site: every lecture and solution executed, every page in OUT."""
    with one_line_errors():
        from mlmi_course.building.website import make

        course = _course(root)
        chosen = course.select(units or [])
        if not make(course, chosen, out.resolve(), workers=workers, tell=typer.echo):
            sys.exit(1)
        typer.echo(f"open file://{out.resolve()}/index.html")


@app.command()
def slides(
    unit: Annotated[str, typer.Argument(help="By number or name, such as 05.")],
    out: Annotated[
        Path | None, typer.Option(help="The deck; NAME-slides.html in this folder by default.")
    ] = None,
    deeper: Annotated[
        bool, typer.Option("--deeper", help="Show the sections marked *deeper* too.")
    ] = False,
    root: Root = None,
) -> None:
    """Make a deck of a lecture: one file that needs no network, formulae and pictures included."""
    with one_line_errors():
        from mlmi_course._files import write_whole
        from mlmi_course.building.slides import deck

        course = _course(root)
        (chosen,) = course.select([unit])
        file = out or Path(f"{chosen.name}-slides.html")
        made = deck(course, chosen, deeper=deeper, tell=typer.echo)
        write_whole(file, made.html)
        typer.echo(
            f"wrote {file}, {made.slides} slides: open it in a browser, turn pages with the arrow "
            "keys; n shows what to say, c the code"
        )


@export.command("nbgrader")
def export_nbgrader(
    unit: Annotated[str, typer.Argument(help="By number or name, such as 01.")],
    out: Annotated[Path, typer.Option(help="Folder of the nbgrader course.")] = Path("nbgrader"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that differ.")
    ] = False,
    root: Root = None,
) -> None:
    """Write a unit as an assignment of nbgrader: source, release and reference solution."""
    with one_line_errors():
        from mlmi_course.building.files import differences, write_changed
        from mlmi_course.building.nbgrader import export_unit

        course = _course(root)
        (chosen,) = course.select([unit])
        files = export_unit(course, chosen)
        changed = [path for path in differences(out, files) if (out / path).exists()]
        if changed and not overwrite:
            stop(f"{out / changed[0]} is there and differs; replace it with --overwrite")
        for path in write_changed(out, files):
            typer.echo(f"wrote {out / path}")
        typer.echo(f"next, in {out}: nbgrader generate_assignment --force {chosen.name}")


def _course(root: Path | None) -> Course:
    from mlmi_course.building.course import find_root, read_course

    try:
        return read_course(find_root(root.resolve() if root else Path.cwd()))
    except FileNotFoundError as error:
        stop(str(error))


def _build(course: Course, wanted: list[str]) -> None:
    from mlmi_course.building.build import build
    from mlmi_course.building.files import leftovers, write_changed

    units = course.select(wanted)
    built = build(course, units)
    for path in write_changed(course.root, built.files):
        typer.echo(f"wrote {path}")
    if not wanted:
        for path in leftovers(course.root, built.files):
            (course.root / path).unlink()
            typer.echo(f"removed {path}: no unit makes it any more")
    for line in _not_fresh(built):
        typer.secho(line, fg=typer.colors.YELLOW)
    typer.echo(f"built: {', '.join(unit.name for unit in units)}")


def _execute(course: Course, wanted: list[str], *, fresh: bool = False) -> None:
    from mlmi_course.building.execution import execute_units

    units = {unit.name: unit for unit in course.select(wanted)}
    chosen = list(units.values())
    for notebook, execution in execute_units(course, chosen, fresh=fresh, tell=typer.echo):
        unit = units[Path(notebook.path).stem]
        kind = "lecture" if notebook.kind == "lecture" else "lab"
        budget = getattr(unit.budget_s, kind)
        line = f"{notebook.path}: {execution.seconds:.0f} s of {budget} s"
        over = execution.seconds > budget
        typer.secho(line + " (over its budget)" * over, fg=typer.colors.YELLOW if over else None)


def _check(course: Course, wanted: list[str]) -> None:
    from mlmi_course.building.build import build
    from mlmi_course.building.files import differences, leftovers

    built = build(course, course.select(wanted))
    names = f" {' '.join(wanted)}" if wanted else ""
    problems = [
        f"{path} is not what its source gives; refresh it: mlmi build{names}\n{diff}"
        for path, diff in differences(course.root, built.files).items()
    ]
    if not wanted:
        problems += [
            f"{path} belongs to no unit; remove it: mlmi build"
            for path in leftovers(course.root, built.files)
        ]
    problems += _not_fresh(built)
    if problems:
        stop("\n".join(problems))
    typer.echo("everything is up to date")


def _not_fresh(built: Build) -> list[str]:
    """One line for each notebook with outputs that are stale or missing."""

    def called(notebook: str) -> str:
        name = Path(notebook).stem
        return name[:2] if name[:2].isdigit() else name

    lines = []
    for state, findings in (("stale", built.stale), ("missing", built.missing)):
        for notebook in sorted({finding.message for finding in findings}):
            found = [finding for finding in findings if finding.message == notebook]
            lines.append(
                f"{found[0].path}:{found[0].line}: {notebook}: {state} outputs: {len(found)}; "
                f"refresh them: mlmi build --execute {called(notebook)}"
            )
    return lines
