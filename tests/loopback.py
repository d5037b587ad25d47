"""A server on this computer that behaves as badly as it is told to."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from data_fetch import Report, RetryPolicy

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One request; what it gets stands in its server's ``answers``, by path."""

    protocol_version = "HTTP/1.1"
    server: Loopback

    def do_GET(self) -> None:
        self.close_connection = True
        with self.server.counting:
            self.server.requests.append((self.path, dict(self.headers)))
        self.server.answers[self.path](self)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        pass

    def head(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()


class Loopback(ThreadingHTTPServer):
    """Serves ``answers``, and remembers all ``requests``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.counting = threading.Lock()

    def handle_error(self, *_: object) -> None:
        """A reader who hangs up is what many tests are about."""

    def url(self, path: str = "/set") -> str:
        return f"http://127.0.0.1:{self.server_port}{path}"

    def ranges(self) -> list[str | None]:
        return [headers.get("Range") for _, headers in self.requests]


@contextmanager
def serving() -> Iterator[Loopback]:
    server = Loopback()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def whole(content: bytes, *, tag: str | None = '"1"', ranges: bool = True) -> Answer:
    """A good server."""

    def answer(handler: Handler) -> None:
        start = _start(handler) if ranges and _same(handler, tag) else 0
        headers = {"ETag": tag} if tag else {}
        if start >= len(content) and start:
            handler.head(416, Content_Range=f"bytes */{len(content)}", Content_Length=0)
            return
        if start:
            last = len(content) - 1
            headers["Content_Range"] = f"bytes {start}-{last}/{len(content)}"
        handler.head(206 if start else 200, Content_Length=len(content) - start, **headers)
        handler.wfile.write(content[start:])

    return answer


def dropping(content: bytes, after: int, *, tag: str | None = '"1"', ranges: bool = True) -> Answer:
    """Announces all, and hangs up after some bytes of each answer."""

    def answer(handler: Handler) -> None:
        start = _start(handler) if ranges and _same(handler, tag) else 0
        headers = {"ETag": tag} if tag else {}
        if start:
            headers["Content_Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.head(206 if start else 200, Content_Length=len(content) - start, **headers)
        handler.wfile.write(content[start : start + after])

    return answer


def status(code: int, **headers: object) -> Answer:
    return lambda handler: handler.head(code, Content_Length=0, **headers)


def first(*answers: Answer) -> Answer:
    """One answer after the other; the last one for good."""
    left = list(answers)
    return lambda handler: (left.pop(0) if len(left) > 1 else left[0])(handler)


def dripping(content: bytes, piece: int, pause_s: float) -> Answer:
    def answer(handler: Handler) -> None:
        handler.head(200, Content_Length=len(content))
        for at in range(0, len(content), piece):
            try:
                handler.wfile.write(content[at : at + piece])
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(pause_s)

    return answer


def _start(handler: Handler) -> int:
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    return int(asked[1]) if asked else 0


def _same(handler: Handler, tag: str | None) -> bool:
    return handler.headers.get("If-Range", tag) == tag


class Told(Report):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps: list[tuple[int, int | None]] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def progress(self, done: int, total: int | None) -> None:
        self.steps.append((done, total))


class Waits:
    """Stands in for time.sleep, and takes none."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with serving() as running:
        yield running


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def retry(waits: Waits) -> RetryPolicy:
    return RetryPolicy(silence_s=2.0, slow_s=0.3, tries=3, sleep=waits)


@pytest.fixture
def told() -> Told:
    return Told()
