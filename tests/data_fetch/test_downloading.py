"""One file, from servers that fail in every way that servers do."""

from __future__ import annotations

import errno
import hashlib
import json
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data_fetch import (
    FetchError,
    OfflineError,
    RemoteFile,
    RetryPolicy,
    WrongHashError,
    download,
    locked,
)
from tests.loopback import (
    Loopback,
    Told,
    Waits,
    dripping,
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

CONTENT = hashlib.sha256(b"a").digest() * 10_000  # 320,000 bytes, none of them telling
MD5 = f"md5:{hashlib.md5(CONTENT).hexdigest()}"


def source(server: Loopback, *paths: str, **more: Any) -> RemoteFile:
    given: dict[str, Any] = {"bytes": len(CONTENT), "hash": MD5, "hash_from": "us"} | more
    addresses = tuple(server.url(path) for path in paths or ("/set",))
    return RemoteFile(name="set.bin", urls=addresses, **given)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_file_comes_whole(server: Loopback, tmp_path: Path, told: Told) -> None:
    server.answers["/set"] = whole(CONTENT)
    file = download(source(server), tmp_path, report=told)
    assert file.read_bytes() == CONTENT
    assert told.steps[-1] == (len(CONTENT), len(CONTENT))
    assert told.lines == []
    # What is here and right is not fetched again.
    assert download(source(server), tmp_path) == file
    assert len(server.requests) == 1


def test_bytes_are_kept_as_they_lie_on_the_server(server: Loopback, tmp_path: Path) -> None:
    """Some servers call a .tar.gz an encoding, and a client would unpack it."""

    def answer(handler: Any) -> None:
        assert handler.headers["Accept-Encoding"] == "identity"
        handler.head(200, Content_Length=len(CONTENT), Content_Encoding="x-gzip")
        handler.wfile.write(CONTENT)

    server.answers["/set"] = answer
    assert download(source(server), tmp_path).read_bytes() == CONTENT


def test_a_wrong_checksum_leaves_nothing(server: Loopback, tmp_path: Path) -> None:
    server.answers["/set"] = whole(CONTENT[::-1])
    with pytest.raises(WrongHashError, match="is not the published file") as caught:
        download(source(server), tmp_path)
    assert "\n" not in str(caught.value)
    assert "set.bin" not in files(tmp_path)
    assert "set.bin.part" not in files(tmp_path)
    assert len(server.requests) == 1  # the same bytes would come again


def test_a_known_hash_is_compared_where_the_publisher_states_none(
    server: Loopback, tmp_path: Path
) -> None:
    server.answers["/set"] = whole(CONTENT[::-1])
    with pytest.raises(WrongHashError):
        download(source(server, hash=None), tmp_path, known_hash=MD5)


def test_a_page_instead_of_the_file_is_noticed_before_it_is_fetched(
    server: Loopback, tmp_path: Path
) -> None:
    server.answers["/set"] = whole(b"<html>Please log in</html>")
    with pytest.raises(FetchError, match=r"with 26 bytes, and the published set has 320,000"):
        download(source(server, hash=None), tmp_path)
    assert files(tmp_path) == []


def test_a_server_that_sends_without_end_is_cut_off(server: Loopback, tmp_path: Path) -> None:
    def endless(handler: Any) -> None:
        handler.head(200)  # no length: until the connection closes
        with suppress(OSError):  # when the reader hangs up
            while True:
                handler.wfile.write(CONTENT)

    server.answers["/set"] = endless
    with pytest.raises(FetchError, match=r"sends more than the 320,000 bytes"):
        download(source(server), tmp_path)
    assert "set.bin.part" not in files(tmp_path)


# -- going on ----------------------------------------------------------------------------------


def test_a_dropped_connection_is_resumed(
    server: Loopback, tmp_path: Path, retry: RetryPolicy, waits: Waits, told: Told
) -> None:
    server.answers["/set"] = dropping(CONTENT, 100_000)
    file = download(source(server), tmp_path, retry=retry, report=told)
    assert file.read_bytes() == CONTENT
    assert server.ranges() == [None, "bytes=100000-", "bytes=200000-", "bytes=300000-"]
    assert server.requests[1][1]["If-Range"] == '"1"'
    assert waits.seconds == [1.0, 1.0, 1.0]  # it got on each time
    assert "dropped after 100 kB of 320 kB; trying again in 1 s" in told.lines[0]


def test_a_second_run_goes_on_where_the_first_gave_up(
    server: Loopback, tmp_path: Path, retry: RetryPolicy
) -> None:
    server.answers["/set"] = first(dropping(CONTENT, 100_000), status(503))
    with pytest.raises(FetchError, match=r"503.*the same command goes on from there"):
        download(source(server), tmp_path, retry=retry)
    assert (tmp_path / "set.bin.part").stat().st_size == 100_000
    server.answers["/set"] = whole(CONTENT)
    assert download(source(server), tmp_path).read_bytes() == CONTENT
    assert server.ranges()[-1] == "bytes=100000-"


def test_without_ranges_it_begins_again(
    server: Loopback, tmp_path: Path, retry: RetryPolicy
) -> None:
    server.answers["/set"] = first(
        dropping(CONTENT, 100_000, ranges=False), whole(CONTENT, ranges=False)
    )
    assert download(source(server), tmp_path, retry=retry).read_bytes() == CONTENT


def test_truncation_that_never_ends_is_an_error(
    server: Loopback, tmp_path: Path, retry: RetryPolicy, waits: Waits
) -> None:
    server.answers["/set"] = dropping(CONTENT, 100_000, ranges=False)
    with pytest.raises(FetchError, match="dropped after 100 kB of 320 kB 3 times"):
        download(source(server), tmp_path, retry=retry)
    assert waits.seconds == [1.0, 2.0]
    assert "set.bin" not in files(tmp_path)


def test_a_short_file_without_a_length_is_noticed(
    server: Loopback, tmp_path: Path, retry: RetryPolicy
) -> None:
    def answer(handler: Any) -> None:
        handler.head(200)
        handler.wfile.write(CONTENT[:1000])

    server.answers["/set"] = answer
    with pytest.raises(FetchError, match="only 1 kB of 320 kB came"):
        download(source(server, hash=None), tmp_path, retry=retry)


def test_a_file_that_changed_in_between_is_not_pieced_together(
    server: Loopback, tmp_path: Path, retry: RetryPolicy
) -> None:
    old = bytes(len(CONTENT))
    server.answers["/set"] = first(dropping(old, 100_000, tag='"old"'), whole(CONTENT, tag='"new"'))
    file = download(source(server), tmp_path, retry=retry)
    assert server.ranges() == [None, "bytes=100000-"]
    assert file.read_bytes() == CONTENT


def test_a_patchwork_with_a_wrong_checksum_is_fetched_once_more(
    server: Loopback, tmp_path: Path, retry: RetryPolicy, told: Told
) -> None:
    """The tag stays, the bytes do not: only the checksum can tell."""
    server.answers["/set"] = first(dropping(bytes(len(CONTENT)), 100_000), whole(CONTENT))
    file = download(source(server), tmp_path, retry=retry, report=told)
    assert file.read_bytes() == CONTENT
    assert server.ranges() == [None, "bytes=100000-", None]
    assert "from the beginning" in told.lines[-1]


@pytest.mark.parametrize("tag", [None, 'W/"weak"'])
def test_without_checksum_and_validator_nothing_is_pieced_together(
    server: Loopback, tmp_path: Path, retry: RetryPolicy, tag: str | None
) -> None:
    server.answers["/set"] = first(dropping(CONTENT, 100_000, tag=tag), whole(CONTENT, tag=tag))
    assert download(source(server, hash=None), tmp_path, retry=retry)
    assert server.ranges() == [None, None]


def test_a_process_that_died_just_before_the_end_costs_nothing(
    server: Loopback, tmp_path: Path
) -> None:
    server.answers["/set"] = whole(CONTENT)
    (tmp_path / "set.bin.part").write_bytes(CONTENT)
    about = {"url": server.url(), "validator": '"1"'}
    (tmp_path / "set.bin.part.json").write_text(json.dumps(about))
    unknown = source(server, bytes=None, about_bytes=320_000)
    assert download(unknown, tmp_path).read_bytes() == CONTENT
    assert server.ranges() == ["bytes=320000-"]
    (tmp_path / "set.bin").unlink()
    (tmp_path / "set.bin.part").write_bytes(CONTENT)
    assert download(source(server), tmp_path).read_bytes() == CONTENT
    assert len(server.requests) == 1


def test_a_part_of_another_length_is_thrown_away(
    server: Loopback, tmp_path: Path, retry: RetryPolicy
) -> None:
    server.answers["/set"] = whole(CONTENT)
    (tmp_path / "set.bin.part").write_bytes(CONTENT * 2)
    about = {"url": server.url(), "validator": '"1"'}
    (tmp_path / "set.bin.part.json").write_text(json.dumps(about))
    unknown = source(server, bytes=None, about_bytes=320_000)
    assert download(unknown, tmp_path, retry=retry).read_bytes() == CONTENT


def test_another_part_than_asked_for_is_not_appended(
    server: Loopback, tmp_path: Path, retry: RetryPolicy
) -> None:
    def liar(handler: Any) -> None:
        handler.head(206, Content_Length=10, Content_Range=f"bytes 5-14/{len(CONTENT)}")
        handler.wfile.write(CONTENT[5:15])

    server.answers["/set"] = first(dropping(CONTENT, 100_000), liar, whole(CONTENT))
    assert download(source(server), tmp_path, retry=retry).read_bytes() == CONTENT
    assert server.ranges()[-1] is None


# -- answers that are no file --------------------------------------------------------------------


def test_redirects_are_followed(server: Loopback, tmp_path: Path) -> None:
    server.answers["/set"] = status(302, Location="/moved")
    server.answers["/moved"] = whole(CONTENT)
    assert download(source(server), tmp_path).read_bytes() == CONTENT


def test_redirects_in_a_circle_are_an_error(server: Loopback, tmp_path: Path) -> None:
    server.answers["/set"] = status(302, Location="/set")
    with pytest.raises(FetchError, match="in a circle"):
        download(source(server), tmp_path)


@pytest.mark.parametrize(
    ("code", "says"),
    [(404, "was moved or withdrawn"), (403, "does not give out set.bin"), (400, "answers 400")],
)
def test_a_refusal_is_not_tried_again(
    server: Loopback, tmp_path: Path, retry: RetryPolicy, code: int, says: str
) -> None:
    server.answers["/set"] = status(code)
    with pytest.raises(FetchError, match=says):
        download(source(server), tmp_path, retry=retry)
    assert len(server.requests) == 1


def test_500_then_success(
    server: Loopback, tmp_path: Path, retry: RetryPolicy, waits: Waits
) -> None:
    server.answers["/set"] = first(status(500), status(503, Retry_After=7), whole(CONTENT))
    assert download(source(server), tmp_path, retry=retry).read_bytes() == CONTENT
    assert waits.seconds == [1.0, 7.0]


def test_a_server_cannot_ask_for_an_hour(
    server: Loopback, tmp_path: Path, retry: RetryPolicy, waits: Waits
) -> None:
    server.answers["/set"] = first(status(429, Retry_After=3600), whole(CONTENT))
    download(source(server), tmp_path, retry=retry)
    assert waits.seconds == [60.0]


def test_another_address_helps(server: Loopback, tmp_path: Path, told: Told) -> None:
    server.answers["/set"] = status(404)
    server.answers["/mirror"] = whole(CONTENT)
    file = download(source(server, "/set", "/mirror"), tmp_path, report=told)
    assert file.read_bytes() == CONTENT
    assert "trying another address" in told.lines[0]


def test_silence_is_given_up(
    server: Loopback, tmp_path: Path, retry: RetryPolicy, told: Told
) -> None:
    def silent(handler: Any) -> None:
        handler.head(200, Content_Length=len(CONTENT))
        handler.wfile.write(CONTENT[:70_000])
        handler.wfile.flush()
        threading.Event().wait(1.0)

    server.answers["/set"] = first(silent, whole(CONTENT))
    hasty = replace(retry, silence_s=0.2)
    download(source(server), tmp_path, retry=hasty, report=told)
    assert "nothing came for 0.2 s" in told.lines[0]


def test_a_slow_drip_is_given_up(
    server: Loopback, tmp_path: Path, retry: RetryPolicy, told: Told
) -> None:
    """Each byte comes in time, and the whole would take days."""
    server.answers["/set"] = dripping(CONTENT, 1, 0.05)
    hasty = replace(retry, tries=2)
    with pytest.raises(FetchError, match="sends less than 1 kB a second 2 times"):
        download(source(server), tmp_path, retry=hasty, report=told)


def test_slow_but_steady_is_fine(server: Loopback, tmp_path: Path, retry: RetryPolicy) -> None:
    server.answers["/set"] = dripping(CONTENT, 32_000, 0.05)
    assert download(source(server), tmp_path, retry=retry).read_bytes() == CONTENT


# -- no network ----------------------------------------------------------------------------------


def test_no_server_is_one_clear_message(tmp_path: Path, retry: RetryPolicy, waits: Waits) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/set"
        with pytest.raises(OfflineError, match="it cannot be reached; are you connected") as caught:
            download(RemoteFile(name="set.bin", urls=(url,), bytes=1), tmp_path, retry=retry)
    assert "\n" not in str(caught.value)
    assert waits.seconds == [1.0]  # once more, and no long wait
    assert files(tmp_path) == []


def test_a_name_that_does_not_resolve_is_one_clear_message(
    tmp_path: Path, retry: RetryPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(variable, raising=False)
    offline = RemoteFile(name="set.bin", urls=("http://publisher.test/set",), bytes=1)
    with pytest.raises(OfflineError, match=r"no way to publisher\.test: its name cannot be"):
        download(offline, tmp_path, retry=retry)


# -- the disk, and other processes ---------------------------------------------------------------


def test_a_full_disk_is_told_and_the_rest_can_come_later(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers["/set"] = whole(CONTENT)
    opened = Path.open

    class Full:
        def __init__(self, file: Any) -> None:
            self.file, self.room = file, 100_000

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, piece: bytes) -> None:
            self.file.write(piece[: self.room])
            self.room -= len(piece)
            if self.room < 0:
                raise OSError(errno.ENOSPC, "No space left on device")

    def full(self: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        file = opened(self, mode, *more, **named)
        return Full(file) if self.suffix == ".part" and mode in ("ab", "wb") else file

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        with pytest.raises(OSError, match="No space left"):
            download(source(server), tmp_path)
    assert "set.bin" not in files(tmp_path)
    assert download(source(server), tmp_path).read_bytes() == CONTENT
    assert server.ranges()[1] is not None


def test_a_lock_is_held_by_one_and_opens_when_its_process_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from data_fetch import locked\n"
        "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    lock = tmp_path / "a" / "set.lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        waited = []

        def kill(_: float) -> None:
            holder.kill()
            holder.wait()

        with locked(lock, lambda: waited.append("told"), sleep=kill):
            assert waited == ["told"]
    finally:
        holder.kill()
        holder.wait()


def test_a_disk_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    with pytest.raises(FetchError, match="set MLMI_HOME"), locked(tmp_path / "set.lock"):
        pass
