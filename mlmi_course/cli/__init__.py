"""The command ``mlmi``: for readers, for instructors, for authors.

Commands import what they need when they run, so that ``mlmi --help`` answers at once and a
student's installation need not hold the author's tools.
"""

from __future__ import annotations

from typing import Annotated

import typer

from mlmi_course.cli import author, data, grading, reader

__all__ = ["app"]

app = typer.Typer(
    name="mlmi",
    help="Machine learning for medical imaging: the tools of the course.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


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


for commands in (author.app, grading.app, reader.app):
    app.registered_commands += commands.registered_commands
app.add_typer(data.app, name="data")
app.add_typer(author.export, name="export")
