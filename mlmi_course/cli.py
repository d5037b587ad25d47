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
    add_completion=False,
    pretty_exceptions_show_locals=False,
)

data_app = typer.Typer(help="Sets of images on this computer.", no_args_is_help=True)
app.add_typer(data_app, name="data")

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
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail if a file is not up to date.")
    ] = False,
    root: Root = None,
) -> None:
    """Make the notebooks from their sources in course/."""
    with _one_line_errors():
        if check and execute:
            raise typer.BadParameter("--check writes nothing, so it does not go with --execute")
        course = _course(root)
        if check:
            _check(course, units or [])
        elif execute:
            _execute(course, units or [])
        else:
            _build(course, units or [])


@app.command()
def lint(units: Units = None, root: Root = None) -> None:
    """Check the notebook contract, and that no exercise gives its solution away."""
    with _one_line_errors():
        from mlmi_course.building.build import leaks, read_unit
        from mlmi_course.building.contract import Lesson, lint
        from mlmi_course.building.findings import stop_if_any

        course = _course(root)
        findings = []
        for unit in course.select(units or []):
            lecture, lab = read_unit(course, unit)
            findings += lint(Lesson(unit, "lecture", lecture))
            findings += lint(Lesson(unit, "lab", lab.source))
            findings += leaks(lab)
        stop_if_any(findings)
        typer.echo("the contract holds")


@app.command("new-unit")
def new_unit(
    number: Annotated[str, typer.Argument(help="Two digits, such as 22.")],
    name: Annotated[str, typer.Argument(help="Such as my_topic.")],
    root: Root = None,
) -> None:
    """Write the skeleton of a new unit, build it and execute it."""
    with _one_line_errors():
        from mlmi_course.building.course import read_course
        from mlmi_course.building.new_unit import write_unit

        course = _course(root)
        for path in write_unit(course, number, name):
            typer.echo(f"wrote {path}")
        _execute(read_course(course.root), [number])


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
    root: Root = None,
) -> None:
    """Make a deck of a lecture: one file that needs no network, formulae and pictures included."""
    with _one_line_errors():
        from mlmi_course.building.files import write_whole
        from mlmi_course.building.slides import deck

        course = _course(root)
        (chosen,) = course.select([unit])
        file = out or Path(f"{chosen.name}-slides.html")
        write_whole(file, deck(course, chosen, tell=typer.echo))
        typer.echo(f"wrote {file}: open it in a browser, and turn pages with the arrow keys")


@app.command(hidden=True)
def constraints(
    freezes: Annotated[
        list[str], typer.Argument(help="Outputs of `pip freeze`, such as 3.11=freeze-3.11.txt.")
    ],
) -> None:
    """Merge the freezes of several Pythons into one constraints text."""
    from mlmi_course.building.constraints import merge_freezes

    texts = {}
    for item in freezes:
        python, _, path = item.partition("=")
        if not path or not Path(path).is_file():
            raise typer.BadParameter(f"{item!r} is not PYTHON=FILE, such as 3.11=freeze-3.11.txt")
        texts[python] = Path(path).read_text(encoding="utf-8")
    typer.echo(merge_freezes(texts), nl=False)


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
    cell_seconds: Annotated[float, typer.Option(help="Computing time for one cell.")] = 60.0,
) -> None:
    """Grade submissions, each in a sandbox, and write the gradebook."""
    with _grading_errors():
        from mlmi_course.grading import commands
        from mlmi_course.grading.limits import Limits
        from mlmi_course.grading.run import Order

        order = Order(
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
        if not commands.grade(order, marks):
            sys.exit(1)


@app.command()
def check(
    notebook: Annotated[Path, typer.Argument(help="Such as exercises/01_medical_images.ipynb.")],
) -> None:
    """Check your own notebook: run it from top to bottom and judge its answers."""
    with _grading_errors():
        from mlmi_course.grading import commands
        from mlmi_course.grading.limits import Limits

        if not commands.check(notebook, Limits()):
            sys.exit(1)


@data_app.command("list")
def data_list() -> None:
    """List the sets: what is on this computer, how large, under which licence."""
    from rich.console import Console
    from rich.table import Table

    from mlmi_course._home import home
    from mlmi_course.data import cache, loaders, real

    table = Table("set", "about it", show_lines=True)
    for about in loaders.SIMULATED:
        size = cache.folder_size(cache.cache_folder() / about.name)
        state = f"{_megabytes(size)} on this computer" if size else "made when it is first loaded"
        table.add_row(about.name, _lines(f"simulated: {state}", loaders.LICENCE, about.datasheet))
    for known in real.REAL_SETS.values():
        files = real.imported_files(known.name)
        size = cache.folder_size(real.data_folder() / known.name)
        state = f"imported: {files} files, {_megabytes(size)}" if files else "not imported"
        table.add_row(known.name, _lines(f"real, {state}", known.licence, known.datasheet))
    Console().print(table)
    typer.echo(f"in {home()}")


@data_app.command("import")
def data_import(
    name: Annotated[str, typer.Argument(help="Such as cmepda-microcalcifications.")],
    path: Annotated[Path, typer.Argument(help="Folder, .zip or .tar.gz of the published set.")],
) -> None:
    """Check a copy of a real set, and keep it for source="cmepda"."""
    with _data_errors():
        from mlmi_course.data import real

        found = real.import_set(name, path.expanduser())
        typer.echo(f"imported {name}: {found}")


@data_app.command("clear")
def data_clear(
    name: Annotated[
        str | None, typer.Argument(help="An imported set; what was simulated by default.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove what was simulated (it is made again when needed), or an imported set."""
    with _data_errors():
        from mlmi_course.data import cache, loaders, real

        if name is None:
            typer.echo(f"removed {_megabytes(cache.clear())}; it is made again when it is needed")
            return
        if name in {about.name for about in loaders.SIMULATED}:
            typer.echo(f"removed {_megabytes(cache.clear(name))} of simulated {name}")
            return
        if name in real.REAL_SETS and not real.imported_files(name):
            typer.echo(f"{name} is not on this computer")
            return
        if name in real.REAL_SETS and not yes:
            typer.confirm(
                f"Remove {name}? You need the published files to import it again", abort=True
            )
        typer.echo(f"removed {_megabytes(real.remove_set(name))} of {name}")


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


def _lines(state: str, licence: str, datasheet: str) -> str:
    return f"{state}\nlicence: {licence}\ndatasheet: {datasheet}"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


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


def _execute(course: Course, wanted: list[str]) -> None:
    from mlmi_course.building.execution import execute_units

    units = {unit.name: unit for unit in course.select(wanted)}
    for notebook, execution in execute_units(course, list(units.values())):
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
    """Say in one line what is wrong with a set, or why the disk refuses it."""
    from mlmi_course.data import DataError

    try:
        yield
    except DataError as error:
        _stop(str(error))
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        _stop(f"{error.strerror or error}{where}")


@contextmanager
def _grading_errors() -> Iterator[None]:
    """Say in one line each what keeps submissions from being graded."""
    from mlmi_course.grading.errors import GradingError, Stopped
    from mlmi_course.grading.marks import MarksError

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
