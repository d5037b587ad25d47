"""Commands of readers: where they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


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

    from mlmi_course.checks.guesses import Score, all_guesses, calibration
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
