"""One file over a connection that may fail: checked, resumed, tried again."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from data_fetch.errors import FetchError, OfflineError, WrongHashError
from data_fetch.registry import RemoteFile, size_text

if TYPE_CHECKING:
    from requests import Response

__all__ = ["Report", "RetryPolicy", "download"]

_PIECE: Final = 2**16
_STEP: Final = 2**16  # bytes that count as getting on: less, and the failures add up
_PARTIAL, _ABOUT = ".part", ".part.json"
_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_BUSY: Final = frozenset({408, 425, 429})
_FORBIDDEN: Final = frozenset({401, 403, 451})
_GONE: Final = frozenset({404, 410})


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How long to wait for a server, and how often.

    Attributes
    ----------
    connect_s : float
        For a connection.
    silence_s : float
        For the next byte.
    slow_bytes_per_s, slow_s : float
        A connection that brings less than this, on average over that many seconds, is given up.
    tries : int
        Failures in a row, without getting on, before the last one is an error.
    connect_tries : int
        The same, where there is no way to the server at all: then waiting rarely helps.
    wait_s, longest_wait_s : float
        Before the second try, doubled each time, up to the longest.  A server that says how long
        to wait is obeyed up to the longest.
    sleep, clock : callable
        Waits for a number of seconds; tells the time in seconds.

    Examples
    --------
    >>> [RetryPolicy().wait(failure) for failure in (1, 2, 3, 4, 9)]
    [1.0, 2.0, 4.0, 8.0, 60.0]
    """

    connect_s: float = 10.0
    silence_s: float = 30.0
    slow_bytes_per_s: float = 1000.0
    slow_s: float = 60.0
    tries: int = 5
    connect_tries: int = 2
    wait_s: float = 1.0
    longest_wait_s: float = 60.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def wait(self, failures: int, asked: float | None = None) -> float:
        """Seconds before the next try."""
        usual = self.wait_s * 2.0 ** (failures - 1)
        return min(usual if asked is None else max(asked, usual), self.longest_wait_s)


class Report:
    """Told how a download goes.  This one keeps it to itself."""

    def say(self, text: str) -> None:
        """Something that a person wants to know, in a line."""

    def progress(self, done: int, total: int | None) -> None:
        """Bytes that are here, and bytes in all if that is known."""


class _Again(Exception):
    """A failure that may not last."""

    def __init__(self, problem: str, *, after: float | None = None, offline: bool = False) -> None:
        super().__init__(problem)
        self.after = after
        self.offline = offline


def download(
    source: RemoteFile,
    folder: Path,
    *,
    known_hash: str | None = None,
    report: Report | None = None,
    retry: RetryPolicy | None = None,
) -> Path:
    """Bring a file to this computer, whole, or raise an error.

    Parameters
    ----------
    source : RemoteFile
        Its addresses are tried in order.
    folder : Path
        Where it goes; made if it is not there.  No other process may work in it meanwhile:
        see :func:`data_fetch.locked`.
    known_hash : str, optional
        What to compare with, where ``source`` has no hash of its own.
    report : Report, optional
    retry : RetryPolicy, optional

    Returns
    -------
    Path
        The file, with the size and the checksum that the source states.

    Raises
    ------
    OfflineError
        If there is no way to any of the servers.
    WrongHashError
        If the checksum is not the one it should be.
    FetchError
        If the file is not there any more, is not what it should be, or does not come.
    OSError
        If the disk refuses it.

    Notes
    -----
    Pooch keeps the books: it compares checksums and gives the finished file its name.  What it
    does not do is go on where a download broke off, so the transfer is done here.  What has come
    stays in a file beside the target until it is whole, and the next call asks the server for the
    rest, in an If-Range request (RFC 9110, 13.1.5): if the file has changed there in the meantime,
    all of it comes anew.  A file that was pieced together and has the wrong checksum is fetched
    once more from the beginning.
    """
    report = report or Report()
    retry = retry or RetryPolicy()
    wanted = source.hash or known_hash
    problems: list[FetchError] = []
    for url in source.urls:
        transfer = _Transfer(source, url, wanted, report, retry)
        try:
            return transfer.fetch(folder)
        except FetchError as error:
            problems.append(error)
            if url != source.urls[-1]:
                report.say(f"{error}; trying another address")
    if all(isinstance(problem, OfflineError) for problem in problems):
        raise problems[0]
    raise next(problem for problem in problems if not isinstance(problem, OfflineError))


@dataclass
class _Transfer:
    source: RemoteFile
    url: str
    wanted: str | None
    report: Report
    retry: RetryPolicy
    pieced: bool = False  # whether a part of it came from an earlier connection

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def fetch(self, folder: Path) -> Path:
        part = folder / f"{self.source.name}{_PARTIAL}"
        try:
            return self._fetch(folder, part)
        except WrongHashError:
            if not self.pieced:
                raise
        self.report.say("what was pieced together is not whole; fetching it from the beginning")
        _forget(part)
        return self._fetch(folder, part)

    def _fetch(self, folder: Path, part: Path) -> Path:
        import pooch

        pooch.get_logger().setLevel("WARNING")
        name = self.source.name

        def transfer(url: str, target: str, _: Any) -> None:
            self._until_whole(url, part)
            part.replace(target)

        books = pooch.create(folder, "", registry={name: self.wanted}, urls={name: self.url})
        try:
            return Path(books.fetch(name, downloader=transfer))
        except ValueError as error:
            raise WrongHashError(
                f"{name} from {self.host} is not the published file: its checksum differs from "
                f"{self.wanted}; nothing was kept"
            ) from error

    # -- trying again ---------------------------------------------------------------------------

    def _until_whole(self, url: str, part: Path) -> None:
        failures, best = 0, _size(part)
        while True:
            try:
                self._request(url, part)
                return
            except _Again as problem:
                got_on = _size(part) >= best + _STEP
                best = max(best, _size(part))
                failures = 1 if got_on else failures + 1
                tries = self.retry.connect_tries if problem.offline else self.retry.tries
                if failures >= tries:
                    raise self._gave_up(problem, failures) from problem
                wait = self.retry.wait(failures, problem.after)
                told = str(problem) if self.host in str(problem) else f"{self.host}: {problem}"
                self.report.say(f"{told}; trying again in {wait:g} s")
                self.retry.sleep(wait)

    def _gave_up(self, problem: _Again, failures: int) -> FetchError:
        if problem.offline:
            return OfflineError(f"no way to {self.host}: {problem}; are you connected?")
        times = f" {failures} times" if failures > 1 else ""
        return FetchError(
            f"{self.source.name} did not come from {self.host}: {problem}{times}; what has come "
            "is kept, and the same command goes on from there"
        )

    # -- one request ----------------------------------------------------------------------------

    def _request(self, url: str, part: Path) -> None:
        import requests

        start, headers = self._resume_at(part)
        if start and start == self.source.bytes:
            self.pieced = True
            return
        with requests.Session() as session, self._connection_errors():
            session.max_redirects = 10
            response = session.get(
                url,
                # As they lie on the server: a .tar.gz must not arrive unpacked.
                headers={"Accept-Encoding": "identity", **headers},
                stream=True,
                timeout=(self.retry.connect_s, self.retry.silence_s),
            )
            with response:
                if self._is_whole(response, start):
                    return
                self._check_status(response, part)
                start, total = self._place(response, start, part)
                self._check_total(total)
                if start == 0:
                    _describe(part, url, response)
                done = self._stream(response, part, start, total)
        if total is not None and done < total:
            raise _dropped(done, total)
        exact = self.source.bytes
        if exact is not None and done != exact:
            raise _Again(f"only {size_text(done)} of {size_text(exact)} came")
        if done == 0:
            raise _Again("the server sent an empty file")

    def _resume_at(self, part: Path) -> tuple[int, dict[str, str]]:
        """Where to go on, and how to ask for it."""
        start = _size(part)
        about = _described(part)
        validator = about.get("validator")
        # Without a checksum, only the server can say that it is still the same file.
        if not start or about.get("url") != self.url or not (validator or self.wanted):
            return 0, {}
        headers = {"Range": f"bytes={start}-"}
        return start, {**headers, "If-Range": validator} if validator else headers

    def _is_whole(self, response: Response, start: int) -> bool:
        """Whether nothing was missing: all had come before the last process was ended."""
        whole = response.headers.get("Content-Range", "").strip() == f"bytes */{start}"
        if response.status_code == 416 and start and whole:
            self.pieced = True
            return True
        return False

    def _check_status(self, response: Response, part: Path) -> None:
        status = response.status_code
        if status in (200, 206):
            return
        if status == 416:
            # There is nothing after what is here: it is whole, or of another file.
            _forget(part)
            raise _Again("the server has nothing to add to what is here; from the beginning")
        said = f"{status} {response.reason or ''}".strip()
        if status in _BUSY or status >= 500:
            raise _Again(f"{self.host} answers {said}", after=_seconds(response))
        if status in _GONE:
            raise FetchError(f"{self.url} is not there ({said}): it was moved or withdrawn")
        if status in _FORBIDDEN:
            raise FetchError(f"{self.host} does not give out {self.source.name} ({said})")
        raise FetchError(f"{self.host} answers {said}")

    def _place(self, response: Response, start: int, part: Path) -> tuple[int, int | None]:
        """Where the answer begins in the file, and how long the file is."""
        if response.status_code == 200:
            length = response.headers.get("Content-Length", "")
            return 0, int(length) if length.isdigit() else None
        fits = _RANGE.fullmatch(response.headers.get("Content-Range", "").strip())
        if fits is None or int(fits[1]) != start:
            _forget(part)
            raise _Again(f"{self.host} sent another part than was asked for")
        self.pieced = True
        return start, None if fits[3] == "*" else int(fits[3])

    def _check_total(self, total: int | None) -> None:
        exact = self.source.bytes
        if exact is not None and total is not None and total != exact:
            raise FetchError(
                f"{self.host} offers {self.source.name} with {total:,} bytes, and the published "
                f"set has {exact:,}: it has changed, or this is a page and not the file"
            )

    def _stream(self, response: Response, part: Path, start: int, total: int | None) -> int:
        most = total if total is not None else self.source.bytes
        done, since, mark = start, self.retry.clock(), start
        with part.open("ab" if start else "wb") as file:
            for piece in self._pieces(response, start, most):
                done += len(piece)
                if most is not None and done > most:
                    file.close()
                    _forget(part)
                    raise FetchError(f"{self.host} sends more than the {most:,} bytes it should")
                file.write(piece)
                self.report.progress(done, most or self.source.about_bytes)
                now = self.retry.clock()
                if now - since >= self.retry.slow_s:
                    if done - mark < self.retry.slow_bytes_per_s * (now - since):
                        rate = size_text(int(self.retry.slow_bytes_per_s))
                        raise _Again(f"{self.host} sends less than {rate} a second")
                    since, mark = now, done
        return done

    def _pieces(self, response: Response, done: int, total: int | None) -> Iterator[bytes]:
        """What has arrived, as it arrives: a full buffer would hide a server that drips."""
        import urllib3

        raw = response.raw
        read = getattr(raw, "read1", None)
        while True:
            try:
                with self._connection_errors():
                    piece = read(_PIECE) if read else raw.read(1024)
            except _Again as problem:
                if isinstance(problem.__cause__, urllib3.exceptions.ProtocolError):
                    raise _dropped(done, total) from problem
                raise
            if not piece:
                return
            done += len(piece)
            yield piece

    @contextmanager
    def _connection_errors(self) -> Iterator[None]:
        import requests
        import urllib3

        try:
            yield
        except requests.exceptions.SSLError as error:
            raise FetchError(
                f"the certificate of {self.host} cannot be verified: is the clock of this computer "
                "right, is a proxy in between?"
            ) from error
        except requests.exceptions.ConnectTimeout as error:
            seconds = self.retry.connect_s
            raise _Again(f"no answer within {seconds:g} s", offline=True) from error
        except (requests.exceptions.ReadTimeout, urllib3.exceptions.ReadTimeoutError) as error:
            raise _Again(f"nothing came for {self.retry.silence_s:g} s") from error
        except requests.exceptions.TooManyRedirects as error:
            raise FetchError(
                f"{self.host} sends from one address to the next in a circle"
            ) from error
        except (
            requests.exceptions.ConnectionError,
            requests.exceptions.ChunkedEncodingError,
            urllib3.exceptions.ProtocolError,
        ) as error:
            problem, offline = _told(error)
            raise _Again(problem, offline=offline) from error
        except requests.exceptions.RequestException as error:
            raise FetchError(
                f"{self.url} cannot be fetched: {' '.join(str(error).split())}"
            ) from error


def _dropped(done: int, total: int | None) -> _Again:
    of = f" of {size_text(total)}" if total else ""
    return _Again(f"the connection was dropped after {size_text(done)}{of}")


def _told(error: Exception) -> tuple[str, bool]:
    """What went wrong with a connection, and whether there never was one."""
    import urllib3

    reason = getattr(error.args[0], "reason", None) if error.args else None
    if type(reason).__name__ == "NameResolutionError":  # urllib3 1 has none
        return "its name cannot be resolved", True
    if isinstance(reason, urllib3.exceptions.ProxyError):
        return "the proxy refuses", True
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return "it cannot be reached", True
    return "the connection was dropped", False


# -- what is already here -----------------------------------------------------------------------


def _size(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


def _describe(part: Path, url: str, response: Response) -> None:
    """Note what the server said of the file, to ask later whether it still is the same."""
    tag = response.headers.get("ETag", "")
    # A weak tag does not promise the same bytes, so no range may be asked for with it.
    validator = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")
    part.write_bytes(b"")
    about = part.with_name(part.name.removesuffix(_PARTIAL) + _ABOUT)
    about.write_text(json.dumps({"url": url, "validator": validator}), encoding="utf-8")


def _described(part: Path) -> dict[str, Any]:
    about = part.with_name(part.name.removesuffix(_PARTIAL) + _ABOUT)
    try:
        return dict(json.loads(about.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _forget(part: Path) -> None:
    with suppress(FileNotFoundError):
        part.unlink()


def _seconds(response: Response) -> float | None:
    """How long the server asks to wait; a date is passed over."""
    asked = response.headers.get("Retry-After", "").strip()
    return float(asked) if asked.isdigit() else None
