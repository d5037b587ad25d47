"""The command ``mlmi``.

Commands import what they need when they run, so that ``mlmi --help`` answers at once and a
student's installation need not hold the author's tools.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from data_fetch import Entry, Report
    from mlmi_course.building.build import Build
    from mlmi_course.building.course import Course

_AUTHOR_TOOLS = {
    "jupytext": "author",
    "nbclient": "author",
    "nbformat": "author",
    "sphinx": "site",
    "mdit_py_plugins": "site",
}

app = typer.Typer(
    name="mlmi",
    help="Machine learning for medical imaging: the tools of the course.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)

data_app = typer.Typer(help="Sets of images on this computer.", no_args_is_help=True)
app.add_typer(data_app, name="data")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"mlmi-course {version('mlmi-course')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which release.")
    ] = False,
) -> None:
    """Machine learning for medical imaging: the tools of the course."""


export_app = typer.Typer(help="The course in the form of other tools.", no_args_is_help=True)
app.add_typer(export_app, name="export")

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
    with _one_line_errors():
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
    with _one_line_errors():
        from mlmi_course.building.build import leaks, read_unit
        from mlmi_course.building.contract import Lesson, lint
        from mlmi_course.building.findings import stop_if_any
        from mlmi_course.building.questions import import_questions

        course = _course(root)
        findings = []
        for unit in course.select(units or []):
            lecture, lab = read_unit(course, unit)
            import_questions(course.root, unit)
            findings += lint(Lesson(unit, "lecture", lecture, course.units))
            findings += lint(Lesson(unit, "lab", lab.source, course.units))
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
    with _one_line_errors():
        from mlmi_course.building.course import read_course
        from mlmi_course.building.new_unit import find_part, write_unit

        course = _course(root)
        if part is None:
            for listed in course.parts:
                typer.echo(f"  {listed.title}")
            part = typer.prompt("Which part does it belong to?")
        for path in write_unit(course, number, name, find_part(course, part)):
            typer.echo(f"wrote {path}")
        typer.echo("executing its lecture and its solution, about half a minute …")
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
    with _one_line_errors():
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
    with _one_line_errors():
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


@app.command()
def grade(
    unit: Annotated[str, typer.Argument(help="By number or name, such as 01.")],
    submissions: Annotated[
        Path, typer.Argument(help="Folder with a notebook, or a folder, for each student.")
    ],
    seed_file: Annotated[
        Path, typer.Option(help="File with a secret text: the inputs are drawn from it.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for the gradebook.")],
    workers: Annotated[int, typer.Option(help="Submissions at a time.")] = 1,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace grades of another run.")
    ] = False,
    marks: Annotated[Path | None, typer.Option(help="CSV with points that a person gave.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Dask scheduler, such as tcp://host:8786.")
    ] = None,
    allow_unsandboxed: Annotated[
        bool,
        typer.Option("--allow-unsandboxed", help="Run student code without walls. Your risk."),
    ] = False,
    cell_seconds: Annotated[float, typer.Option(help="Computing time for one cell.")] = 150.0,
) -> None:
    """Grade submissions, each in a sandbox, and write the gradebook."""
    with _grading_errors():
        from mlmi_course.grading import commands
        from mlmi_course.grading.run import GradeOptions
        from mlmi_course.grading.sandbox.limits import Limits

        options = GradeOptions(
            unit=unit,
            submissions=submissions,
            out=out,
            seed_file=seed_file,
            workers=workers,
            overwrite=overwrite,
            sandboxed=not allow_unsandboxed,
            scheduler=scheduler,
            limits=Limits(cell_s=cell_seconds),
        )
        if not commands.grade(options, marks):
            sys.exit(1)


@app.command()
def check(
    notebook: Annotated[Path, typer.Argument(help="Such as exercises/01_medical_images.ipynb.")],
) -> None:
    """Check your own notebook: run it from top to bottom and judge its answers."""
    with _grading_errors():
        from mlmi_course.grading import commands
        from mlmi_course.grading.sandbox.limits import Limits

        if not commands.check(notebook, Limits()):
            sys.exit(1)


@app.command("hand-out")
def hand_out(
    folder: Annotated[Path, typer.Argument(help="Of the grades, as mlmi grade wrote it.")],
    out: Annotated[Path, typer.Option(help="Folder for the archives.")] = Path("hand-out"),
) -> None:
    """Pack every student's feedback: an archive to upload to Moodle or Canvas, and one for each."""
    with _grading_errors():
        from mlmi_course.grading import commands

        commands.hand_out(folder, out)


@app.command()
def progress(
    picture: Annotated[
        Path | None, typer.Option(help="Also draw how often you were right, into this PNG file.")
    ] = None,
) -> None:
    """Show where you stand: predictions, questions, minutes left, and what comes next."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from mlmi_course.checks.predictions import Score, all_guesses, calibration
    from mlmi_course.standing import next_step, standings

    units = standings()
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("unit")
    for column in ("predicted", "right", "solved", "lab, min left"):
        table.add_column(column, justify="right")
    for unit in units:
        outline = unit.outline
        table.add_row(
            f"{outline.unit[:2]} {outline.title}",
            f"{unit.predicted}/{outline.predictions}" if outline.predictions else "",
            str(unit.right) if outline.predictions else "",
            f"{len(unit.solved)}/{len(outline.questions)}",
            str(unit.minutes_left),
        )
    Console().print(table)
    guesses = all_guesses()
    if guesses:
        typer.echo(str(Score(guesses, sum(unit.outline.predictions for unit in units))))
    typer.echo(next_step(units))
    if picture is not None:
        typer.echo(f"wrote {calibration(guesses).save(picture)}")


@data_app.command("list")
def data_list() -> None:
    """List the sets: how large, under which licence, whether they are here, how to get them."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from mlmi_course._home import home
    from mlmi_course.data import cache, real, simulated

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for column in ("name", "size"):
        table.add_column(column, no_wrap=True)
    for column in ("licence", "here?", "how"):
        table.add_column(column)
    for about in simulated.SIMULATED:
        size = cache.folder_size(cache.cache_folder() / about.name)
        state = f"yes, {_size(size)}" if size else "no"
        table.add_row(about.name, "any", simulated.LICENCE, state, "loader")
    table.add_section()
    for entry in [real.catalogue(name) for name in _real_names()]:
        large = entry.size.replace("about ", "~")
        way = entry.kind if entry.kind in ("by hand", "apply") else "get"
        table.add_row(entry.name, large, entry.licence, _state(entry.name), way)
    table.add_row("tcia-COLLECTION", "differs", "differs", "", "get")
    Console().print(table)
    typer.echo("get: mlmi data get NAME shows the licence, asks, and downloads")
    typer.echo("by hand, apply: mlmi data get NAME says what to do")
    typer.echo("loader: simulated when it is loaded first, without any network")
    typer.echo(f"Everything is in {home()}")


@data_app.command("get")
def data_get(
    name: Annotated[str, typer.Argument(help="Such as breastmnist; see mlmi data list.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    patients: Annotated[
        int | None, typer.Option(help="Of a TCIA collection: the first so many patients.")
    ] = None,
    accept_new: Annotated[
        bool,
        typer.Option("--accept-new", help="Take a file that has changed since you first got it."),
    ] = False,
) -> None:
    """Show what a real set is and under which licence, download it, and check it."""
    with _data_errors():
        from mlmi_course.data import fetch, real

        entry = _described(name, patients)
        if entry.kind in ("by hand", "apply"):
            typer.echo(f"\n{_wrapped(entry.how)}")
            if entry.kind == "by hand":
                typer.echo(f"\nThen: mlmi data import {name} PATH")
            sys.exit(0 if real.imported_files(name) else 1)
        if real.imported_files(name):
            typer.echo(f"\nit is already in {real.data_folder() / name}")
            return
        if not yes:
            typer.confirm("\nDownload it under this licence?", abort=True)
        with _progress() as report:
            found = fetch.fetch_set(
                name,
                patients=patients,
                accept_new=accept_new,
                report=report,
                bar=sys.stderr.isatty(),
            )
        typer.echo(f"{name}: {found}")


@data_app.command("import")
def data_import(
    name: Annotated[str, typer.Argument(help="Such as cmepda-masses.")],
    path: Annotated[Path, typer.Argument(help="Folder, .zip, .npz or .tar.gz, as published.")],
) -> None:
    """Check a copy of a real set that you have, and keep it."""
    with _data_errors():
        from mlmi_course.data import real

        found = real.import_set(name, path.expanduser())
        typer.echo(f"imported {name}: {found}")


@data_app.command("verify")
def data_verify(
    name: Annotated[str | None, typer.Argument(help="A real set; all of them by default.")] = None,
) -> None:
    """Read every file of a real set again, and compare it with its checksum."""
    with _data_errors():
        from mlmi_course.data import real

        names = [name] if name else real.sets_here()
        if not names:
            typer.echo("no real set is on this computer: see mlmi data list")
        damaged = False
        for one in names:
            wrong = real.verify_set(one)
            damaged |= bool(wrong)
            if wrong:
                more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
                typer.echo(
                    f"{one}: {wrong[0]}{more} not as kept; get it again: "
                    f"mlmi data clear {one}, then mlmi data get {one}",
                    err=True,
                )
            else:
                typer.echo(f"{one}: {real.imported_files(one)} files, all as they were kept")
        if damaged:
            sys.exit(1)


@data_app.command("where")
def data_where(
    name: Annotated[str | None, typer.Argument(help="A real set; all data by default.")] = None,
) -> None:
    """Print the folder of a set, or of everything that is kept."""
    with _data_errors():
        from mlmi_course._home import home
        from mlmi_course.data import cache, real, simulated

        if name is None:
            typer.echo(home())
        elif name in {about.name for about in simulated.SIMULATED}:
            typer.echo(cache.cache_folder() / name)
        else:
            if not real.imported_files(real.real_set(name).name):
                _stop(real.absent(name))
            typer.echo(real.data_folder() / name)


@data_app.command("clear")
def data_clear(
    name: Annotated[
        str | None, typer.Argument(help="A real set; what was simulated by default.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove what was simulated (it is made again when needed), or a real set."""
    with _data_errors():
        from mlmi_course.data import cache, real, simulated

        if name is None:
            typer.echo(f"removed {_size(cache.clear())}; it is made again when it is needed")
            return
        if name in {about.name for about in simulated.SIMULATED}:
            typer.echo(f"removed {_size(cache.clear(name))} of simulated {name}")
            return
        known = real.real_set(name)
        here = real.imported_files(known.name)
        if not here and not cache.folder_size(real.downloads_folder(name)):
            typer.echo(f"{name} is not on this computer")
            return
        if here and not yes:
            typer.confirm(f"Remove {name}? You need its files, or a network, again", abort=True)
        typer.echo(f"removed {_size(real.remove_set(name))} of {name}")


@export_app.command("nbgrader")
def export_nbgrader(
    unit: Annotated[str, typer.Argument(help="By number or name, such as 01.")],
    out: Annotated[Path, typer.Option(help="Folder of the nbgrader course.")] = Path("nbgrader"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace files that differ.")
    ] = False,
    root: Root = None,
) -> None:
    """Write a unit as an assignment of nbgrader: source, release and reference solution."""
    with _one_line_errors():
        from mlmi_course.building.files import differences, write_changed
        from mlmi_course.building.nbgrader import export_unit

        course = _course(root)
        (chosen,) = course.select([unit])
        files = export_unit(course, chosen)
        changed = [path for path in differences(out, files) if (out / path).exists()]
        if changed and not overwrite:
            _stop(f"{out / changed[0]} is there and differs; replace it with --overwrite")
        for path in write_changed(out, files):
            typer.echo(f"wrote {out / path}")
        typer.echo(f"next, in {out}: nbgrader generate_assignment --force {chosen.name}")


def _size(size: int) -> str:
    from data_fetch.registry import size_text

    return size_text(size)


def _real_names() -> list[str]:
    """Sets of the registry, and collections of TCIA that are on this computer."""
    from data_fetch import entries
    from mlmi_course.data import real

    return [*entries(), *(name for name in real.sets_here() if name not in entries())]


def _state(name: str) -> str:
    """Whether a real set is on this computer, all of it or a part."""
    from mlmi_course.data import cache, real

    if real.imported_files(name):
        return f"yes, {_size(cache.folder_size(real.data_folder() / name))}"
    part = cache.folder_size(real.downloads_folder(name))
    return f"{_size(part)} of it" if part else "no"


def _described(name: str, patients: int | None) -> Entry:
    """Show what a set is, how large, under which licence, and where it goes."""
    from data_fetch import entries, entry, tcia
    from mlmi_course.data import real

    about = real.catalogue(name) if name.startswith(tcia.TCIA) else entry(name)
    facts = {"size": about.size, "licence": about.licence, "cite": about.citation}
    if about.kind == "tcia" and not real.imported_files(name):
        chosen = tcia.choose(name, patients)
        facts = {
            "size": f"{_size(chosen.bytes)}, {chosen.patients} of {chosen.of_patients} patients",
            "licence": chosen.licence,
            "cite": about.citation if name in entries() else chosen.citation,
        }
    facts["page"] = about.page
    if about.kind != "apply":
        facts["goes to"] = str(real.data_folder() / name)
    typer.secho(about.title, bold=True)
    for what, text in facts.items():
        if text:
            typer.echo(_wrapped(f"{what + ':':9}{text}", indent=9))
    if about.licence_note:
        typer.echo(_wrapped(about.licence_note))
    return about


def _wrapped(text: str, indent: int = 0) -> str:
    """Lines broken between words, for a person at a terminal; as it is for a program."""
    import shutil
    import textwrap

    if not sys.stdout.isatty():
        return text
    wrapper = textwrap.TextWrapper(
        width=min(shutil.get_terminal_size().columns, 100),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapper.fill(line) for line in text.splitlines())


@contextmanager
def _progress() -> Iterator[Report]:
    """A progress bar, and lines above it; where nobody watches, lines alone."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from data_fetch import Report

    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        task = shown.add_task("", total=None, visible=False)

        class OnScreen(Report):
            def say(self, text: str) -> None:
                console.print(text, highlight=False)

            def progress(self, done: int, total: int | None) -> None:
                shown.update(task, completed=done, total=total, visible=True)

        yield OnScreen()


def _course(root: Path | None) -> Course:
    from mlmi_course.building.course import find_root, read_course

    try:
        return read_course(find_root(root.resolve() if root else Path.cwd()))
    except FileNotFoundError as error:
        _stop(str(error))


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
    for notebook, execution in execute_units(course, list(units.values()), fresh=fresh):
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
        _stop("\n".join(problems))
    typer.echo("everything is up to date")


def _not_fresh(built: Build) -> list[str]:
    """One line for each notebook with outputs that are stale or missing."""
    lines = []
    for state, findings in (("stale", built.stale), ("missing", built.missing)):
        for notebook in sorted({finding.message for finding in findings}):
            found = [finding for finding in findings if finding.message == notebook]
            lines.append(
                f"{found[0].path}:{found[0].line}: {notebook}: {state} outputs: {len(found)}; "
                f"refresh them: mlmi build --execute {Path(notebook).name[:2]}"
            )
    return lines


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """Say what an author did wrong in one line each, without a traceback."""
    from mlmi_course.building.findings import AuthorError

    try:
        yield
    except AuthorError as error:
        _stop(str(error))
    except ModuleNotFoundError as error:
        if error.name not in _AUTHOR_TOOLS:
            raise
        extra = _AUTHOR_TOOLS[error.name]
        _stop(f"{error.name} is not installed: pip install mlmi-course[{extra}]")


@contextmanager
def _data_errors() -> Iterator[None]:
    """Say in one line what is wrong with a set, or why it does not come."""
    from data_fetch import FetchError
    from mlmi_course.data import DataError, NotImported

    try:
        yield
    except (DataError, FetchError, NotImported) as error:
        _stop(str(error))
    except KeyboardInterrupt:
        typer.echo("stopped; what has come is kept, and the same command goes on", err=True)
        sys.exit(130)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        _stop(f"{error.strerror or error}{where}")


@contextmanager
def _grading_errors() -> Iterator[None]:
    """Say in one line each what keeps submissions from being graded."""
    from mlmi_course.grading.errors import GradingError, Stopped
    from mlmi_course.grading.gradebook.marks import MarksError

    try:
        yield
    except Stopped as error:
        typer.echo(str(error), err=True)
        sys.exit(130)
    except (GradingError, MarksError) as error:
        _stop(str(error))
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        _stop(f"{error.strerror or error}{where}")


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    sys.exit(1)


if __name__ == "__main__":
    app()
