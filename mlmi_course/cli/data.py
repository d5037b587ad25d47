"""``mlmi data``: sets of images on this computer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mlmi_course.cli.errors import data_errors, stop

if TYPE_CHECKING:
    from data_fetch import Entry, Report

app = typer.Typer(help="Sets of images on this computer.", no_args_is_help=True)


@app.command("list")
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


@app.command("get")
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
    with data_errors():
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


@app.command("import")
def data_import(
    name: Annotated[str, typer.Argument(help="Such as cmepda-masses.")],
    path: Annotated[Path, typer.Argument(help="Folder, .zip, .npz or .tar.gz, as published.")],
) -> None:
    """Check a copy of a real set that you have, and keep it."""
    with data_errors():
        from mlmi_course.data import real

        found = real.import_set(name, path.expanduser())
        typer.echo(f"imported {name}: {found}")


@app.command("verify")
def data_verify(
    name: Annotated[str | None, typer.Argument(help="A real set; all of them by default.")] = None,
) -> None:
    """Read every file of a real set again, and compare it with its checksum."""
    with data_errors():
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


@app.command("where")
def data_where(
    name: Annotated[str | None, typer.Argument(help="A real set; all data by default.")] = None,
) -> None:
    """Print the folder of a set, or of everything that is kept."""
    with data_errors():
        from mlmi_course._home import home
        from mlmi_course.data import cache, real, simulated

        if name is None:
            typer.echo(home())
        elif name in {about.name for about in simulated.SIMULATED}:
            typer.echo(cache.cache_folder() / name)
        else:
            if not real.imported_files(real.real_set(name).name):
                stop(real.absent(name))
            typer.echo(real.data_folder() / name)


@app.command("clear")
def data_clear(
    name: Annotated[
        str | None, typer.Argument(help="A real set; what was simulated by default.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove what was simulated (it is made again when needed), or a real set."""
    with data_errors():
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
        typer.echo("looking it up in the index of The Cancer Imaging Archive …", err=True)
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
