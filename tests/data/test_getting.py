"""From a server to the loader: whole, or not at all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from data_fetch import FetchError, RetryPolicy, entries
from data_fetch import registry as table
from mlmi_course import data
from mlmi_course._home import home
from mlmi_course.cli import app
from mlmi_course.data import DataError, fetch, real
from mlmi_course.data.real import importing, sets
from tests.data.test_real import pack, tar_with
from tests.loopback import (
    Loopback,
    Waits,
    dropping,
    first,
    retry,
    server,
    status,
    told,
    waits,
    whole,
)

__all__ = ["retry", "server", "told", "waits"]  # fixtures

NAME = "cmepda-microcalcifications"
COUNTS = {"Train/0": 2, "Train/1": 1, "Test/0": 1, "Test/1": 1}


def mlmi(*arguments: object, **more: Any) -> Any:
    return CliRunner().invoke(app, ["data", *map(str, arguments)], **more)


@pytest.fixture
def archive(patches: Path, tmp_path: Path) -> bytes:
    """The five patches, packed as they are published."""
    return pack(patches, tmp_path / "DL_class_data.tar.gz").read_bytes()


@pytest.fixture
def registered(
    server: Loopback, archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., None]]:
    """The registry, with the address and the numbers of the made-up set in place of the real."""
    published = dict(entries())

    def put(**file: Any) -> None:
        source = replace(published[NAME].file, urls=(server.url(),), **{"bytes": None, **file})
        entry = replace(published[NAME], file=source, counts=COUNTS, unpacked=2_000_000)
        changed = {**published, NAME: entry}
        for module in (sets, table):
            monkeypatch.setattr(module, "entries", lambda: changed)

    put(bytes=len(archive))
    return put


def state() -> list[str]:
    """What is in the reader's folder of data, and in that of downloads."""
    return [p.name for f in ("data", "downloads") for p in sorted((home() / f).glob("*"))]


NOTHING = [f"{NAME}.lock"]


def test_get_shows_the_licence_asks_and_downloads(
    server: Loopback, archive: bytes, registered: Any
) -> None:
    server.answers["/set"] = whole(archive)
    with pytest.raises(data.NotImported, match=rf"^{NAME} \(.*\) is not on this .*get {NAME}$"):
        data.load_microcalcifications(source="cmepda")
    refused = mlmi("get", NAME, input="n\n")
    assert refused.exit_code == 1
    assert server.requests == []
    assert refused.stdout.index("licence: not stated") < refused.stdout.index("Download it")
    for told_before in ("size: ", "cite: ", f"goes to: {real.data_folder() / NAME}"):
        assert told_before in refused.stdout

    done = mlmi("get", NAME, input="y\n")
    assert done.exit_code == 0, done.stderr
    assert "5 patches (3 normal, 2 microcalcifications) of 5 cases" in done.stdout
    assert len(data.load_microcalcifications(source="cmepda")) == 5
    assert state() == [NAME, *NOTHING]
    assert mlmi("verify", NAME).exit_code == 0
    again = mlmi("get", NAME)
    assert again.exit_code == 0
    assert "it is already in" in again.stdout
    assert len(server.requests) == 1


def test_a_dropped_connection_and_a_busy_server_do_not_matter(
    server: Loopback, archive: bytes, registered: Any, retry: RetryPolicy
) -> None:
    server.answers["/set"] = first(status(500), dropping(archive, 2_000), whole(archive))
    assert "5 patches" in fetch.fetch_set(NAME, retry=retry)
    assert server.ranges() == [None, None, "bytes=2000-"]


def test_what_broke_off_is_shown_resumed_or_cleared(
    server: Loopback, archive: bytes, registered: Any, retry: RetryPolicy
) -> None:
    server.answers["/set"] = first(dropping(archive, 2_000), status(503))
    with pytest.raises(FetchError, match="goes on from there"):
        fetch.fetch_set(NAME, retry=retry)
    assert real.imported_files(NAME) == 0
    row = next(line for line in mlmi("list").stdout.splitlines() if NAME in line)
    assert "2 kB of it" in row
    assert mlmi("clear", NAME).stdout.startswith("removed 2 kB")
    assert state() == NOTHING


# -- refused, and nothing is kept ----------------------------------------------------------------


def bad(make: Callable[[Path], object]) -> Callable[[bytes, Path], bytes]:
    def changed(_: bytes, folder: Path) -> bytes:
        make(folder / "bad.tar.gz")
        return (folder / "bad.tar.gz").read_bytes()

    return changed


def bomb(path: Path) -> None:
    with tarfile.open(path, "w:gz") as file:
        info = tarfile.TarInfo("Train/0/zeros.png")
        info.size = 50_000_000
        file.addfile(info, io.BytesIO(bytes(info.size)))


def clash(path: Path) -> None:
    with tarfile.open(path, "w") as file:
        for name in ("Train/0/a.png", "Train/0/A.png"):
            file.addfile(tarfile.TarInfo(name), io.BytesIO())


def fewer(content: bytes, folder: Path) -> bytes:
    """A sound archive of the set, with a patch missing."""
    inside = folder / "fewer"
    with tarfile.open(fileobj=io.BytesIO(content)) as file:
        file.extractall(inside, filter="data")
    next(inside.rglob("0010*")).unlink()
    return pack(inside / "IMAGES" / "micro", folder / "fewer.tar.gz").read_bytes()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (bad(lambda p: tar_with(p, "../escaped.png")), "outside of its folder"),
        (bad(lambda p: tar_with(p, "/tmp/escaped.png")), "outside of its folder"),
        (bad(lambda p: tar_with(p, "Train/link", tarfile.SYMTYPE)), "is a link"),
        (bad(lambda p: tar_with(p, "Train/link", tarfile.LNKTYPE)), "is a link"),
        (bad(bomb), "unpacks to more than"),
        (bad(clash), "small and capital letters only"),
        (fewer, "it has files Train/0 1, Train/1 1, Test/0 1, Test/1 1, and not Train/0 2"),
        (lambda content, _: content[: len(content) // 2], "DL_class_data.tar.gz"),
        (lambda *_: b"<html>Not here any more</html>" * 9, "is no folder, no .zip and no .tar.gz"),
    ],
)
def test_what_is_not_the_set_leaves_the_computer_as_it_was(
    server: Loopback,
    archive: bytes,
    registered: Any,
    tmp_path: Path,
    change: Callable[[bytes, Path], bytes],
    says: str,
) -> None:
    content = change(archive, tmp_path)
    registered(bytes=len(content))
    server.answers["/set"] = whole(content)
    result = mlmi("get", NAME, "--yes")
    assert result.exit_code == 1
    assert says in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) <= 2  # what it was doing, and what went wrong
    assert state() == NOTHING
    assert fetch.pins() == {}
    assert not list(tmp_path.rglob("escaped.png"))


def test_a_wrong_checksum_and_a_wrong_size_are_refused(
    server: Loopback, archive: bytes, registered: Any, retry: RetryPolicy
) -> None:
    server.answers["/set"] = whole(archive)
    registered(hash=f"md5:{'0' * 32}", hash_from="us")
    with pytest.raises(FetchError, match="is not the published file"):
        fetch.fetch_set(NAME, retry=retry)
    registered(bytes=len(archive) + 1)
    with pytest.raises(FetchError, match="it has changed, or this is a page"):
        fetch.fetch_set(NAME, retry=retry)
    assert real.imported_files(NAME) == 0
    registered(bytes=len(archive))
    fetch.fetch_set(NAME, retry=retry)  # the failures stand in nobody's way
    assert len(data.load_microcalcifications(source="cmepda")) == 5


def test_a_set_that_is_here_survives_whatever_comes_later(
    server: Loopback, archive: bytes, registered: Any, tmp_path: Path
) -> None:
    server.answers["/set"] = whole(archive)
    fetch.fetch_set(NAME)
    bomb(tmp_path / "bomb.tar.gz")
    with pytest.raises(DataError):
        real.import_set(NAME, tmp_path / "bomb.tar.gz")
    assert real.verify_set(NAME) == []


# -- pins ----------------------------------------------------------------------------------------


def test_a_file_without_a_published_checksum_is_pinned(
    server: Loopback, archive: bytes, registered: Any, retry: RetryPolicy, patches: Path
) -> None:
    server.answers["/set"] = whole(archive)
    fetch.fetch_set(NAME)
    pin = fetch.pins()[NAME]
    assert pin["hash"] == f"sha256:{hashlib.sha256(archive).hexdigest()}"
    real.remove_set(NAME)

    other = bytearray(archive)
    other[4:8] = b"\1\2\3\4"  # the time in a gzip header: another file, the same set
    server.answers["/set"] = whole(bytes(other))
    result = mlmi("get", NAME, "--yes")
    assert result.exit_code == 1
    assert f"is not the file that this computer got on {pin['date']}" in result.stderr
    assert real.imported_files(NAME) == 0
    result = mlmi("get", NAME, "--yes", "--accept-new")
    assert result.exit_code == 0
    assert fetch.pins()[NAME]["hash"] == f"sha256:{hashlib.sha256(other).hexdigest()}"


def test_a_published_checksum_needs_no_pin(
    server: Loopback, archive: bytes, registered: Any
) -> None:
    registered(hash=f"sha256:{hashlib.sha256(archive).hexdigest()}", hash_from="us")
    server.answers["/set"] = whole(archive)
    fetch.fetch_set(NAME)
    assert fetch.pins() == {}


# -- the disk ------------------------------------------------------------------------------------


def test_a_disk_without_room_is_told_before_anything_is_fetched(
    server: Loopback, registered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda _: usage(10, 9, 1))
    result = mlmi("get", NAME, "--yes")
    assert result.exit_code == 1
    assert "and 1 bytes are free: make room, or set MLMI_HOME" in result.stderr
    assert server.requests == []


def test_a_disk_that_fills_while_unpacking_keeps_the_download(
    server: Loopback, archive: bytes, registered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers["/set"] = whole(archive)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(importing, "_keep", full)
        result = mlmi("get", NAME, "--yes")
    assert result.exit_code == 1
    assert result.stderr.endswith("No space left on device\n")
    assert [p.name for p in real.data_folder().iterdir()] == []
    fetch.fetch_set(NAME)
    assert len(server.requests) == 1
    assert len(data.load_microcalcifications(source="cmepda")) == 5


# -- two at once ---------------------------------------------------------------------------------

GET = """
import sys
from dataclasses import replace
from data_fetch import Report, entries, registry
from mlmi_course.data import fetch
from mlmi_course.data.real import sets
NAME, url, size = sys.argv[1], sys.argv[2], int(sys.argv[3])
entry = entries()[NAME]
entry = replace(entry, counts={}, file=replace(entry.file, urls=(url,), bytes=size))
sets.entries = sys.modules["data_fetch.registry"].entries = lambda: {NAME: entry}
class Aloud(Report):
    def say(self, text): print(text, flush=True)
print(fetch.fetch_set(NAME, report=Aloud()), flush=True)
"""


def test_two_processes_fetch_a_set_once(server: Loopback, archive: bytes) -> None:
    second_waits = threading.Event()

    def slow(handler: Any) -> None:
        assert second_waits.wait(600)
        whole(archive)(handler)

    server.answers["/set"] = slow
    command = [sys.executable, "-c", GET, NAME, server.url(), str(len(archive))]
    root = Path(__file__).resolve().parents[2]
    run = {"stdout": subprocess.PIPE, "text": True, "cwd": root, "env": dict(os.environ)}
    one = subprocess.Popen(command, **run)  # type: ignore[call-overload]
    two = None
    try:
        while not server.requests:
            assert one.poll() is None
        two = subprocess.Popen(command, **run)  # type: ignore[call-overload]
        assert "another process works on" in two.stdout.readline()
        second_waits.set()
        said = [process.communicate(timeout=600)[0] for process in (one, two)]
    finally:
        for process in (one, two):
            if process is not None:
                process.kill()
                process.wait()
    assert "5 patches" in said[0]
    assert "it is already in" in said[1]
    assert len(server.requests) == 1
    assert real.verify_set(NAME) == []


# -- sets that no program can bring ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("adni", "https://ida.loni.usc.edu"),
        ("abide", "nilearn.datasets.fetch_abide_pcp"),
        ("fastmri", "data sharing agreement"),
        ("cmepda-masses", "Then: mlmi data import cmepda-masses PATH"),
    ],
)
def test_get_says_how_a_person_gets_it(name: str, says: str) -> None:
    result = mlmi("get", name)
    assert result.exit_code == 1
    assert says in result.stdout
    assert "licence: " in result.stdout
    with pytest.raises((FetchError, DataError), match=name):
        fetch.fetch_set(name)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("get", "cats"), "no set is called 'cats'"),
        (("get", "breastmnist", "--yes", "--patients", "3"), "breastmnist comes whole"),
        (("verify", "cats"), "no real set is called 'cats'"),
        (("verify", "breastmnist"), "breastmnist (about 560 kB) is not on this computer; get it: "),
        (("where", "ixi-t1"), "ixi-t1 (about 4.8 GB) is not on this computer; get it: "),
        (("where", "adni"), "adni has no loader here"),
        (("import", "adni", "."), "adni has no loader here"),
        (("clear", "tcia-../../etc"), "no real set is called"),
    ],
)
def test_mistakes_are_one_line(arguments: tuple[str, ...], says: str) -> None:
    result = mlmi(*arguments)
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.count("\n") == 1


def test_where_without_a_name_is_the_folder_of_everything() -> None:
    assert mlmi("where").stdout == f"{home()}\n"
    assert mlmi("where", "masses").stdout.endswith(os.path.join("cache", "masses\n"))


def test_offline_the_message_says_what_else_to_do(
    registered: Any, server: Loopback, monkeypatch: pytest.MonkeyPatch, waits: Waits
) -> None:
    server.server_close()
    with pytest.raises(FetchError) as caught:
        fetch.fetch_set(NAME, retry=RetryPolicy(sleep=waits))
    assert "are you connected? Or fetch http://127.0.0.1" in str(caught.value)
    assert f"mlmi data import {NAME} DL_class_data.tar.gz" in str(caught.value)


def test_an_interrupt_is_told_how_to_go_on(
    registered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fetch, "download", interrupted)
    result = mlmi("get", NAME, "--yes")
    assert result.exit_code == 130
    assert "the same command goes on" in result.stderr


def test_arrays_of_the_download_are_those_of_an_import(
    server: Loopback, archive: bytes, registered: Any, patches: Path
) -> None:
    server.answers["/set"] = whole(archive)
    fetch.fetch_set(NAME)
    downloaded = data.load_microcalcifications(source="cmepda")
    manifest = json.loads((real.data_folder() / NAME / "manifest.json").read_text())
    real.import_set(NAME, patches)
    imported = data.load_microcalcifications(source="cmepda")
    np.testing.assert_array_equal(downloaded.images, imported.images)
    again = json.loads((real.data_folder() / NAME / "manifest.json").read_text())
    assert again["sha256"] == manifest["sha256"]
