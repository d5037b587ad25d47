"""Commands of instructors, and the student's ``mlmi check``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from mlmi_course.cli.errors import grading_errors

app = typer.Typer()


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
    with grading_errors():
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
    with grading_errors():
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
    with grading_errors():
        from mlmi_course.grading import commands

        commands.hand_out(folder, out)
