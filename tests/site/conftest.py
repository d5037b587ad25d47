"""The web site: as ``MLMI_SITE`` has it (`make site`), or made here of the shortest unit alone."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlmi_course.building.course import read_course
from mlmi_course.building.website import make

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the finished pages."""
    made = os.environ.get("MLMI_SITE")
    if made:
        return Path(made).resolve()
    course = read_course(ROOT)
    shortest = min(course.units, key=lambda unit: unit.budget_s.lecture + unit.budget_s.lab)
    folder = tmp_path_factory.mktemp("site")
    assert make(course, [shortest], folder, workers=2), "sphinx complained; see above"
    return folder


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    handler = functools.partial(_Quiet, directory=str(site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""
