"""One way to write a file, and one way to show a picture."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from mlmi_course._figures import figure_html
from mlmi_course._files import write_whole

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such permissions")


def test_a_text_keeps_its_line_ends_and_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    write_whole(tmp_path / "deep" / "a.txt", "ü\n\r\n")
    assert (tmp_path / "deep" / "a.txt").read_bytes() == b"\xc3\xbc\n\r\n"
    write_whole(tmp_path / "deep" / "a.txt", b"\0\xff", durable=True)
    assert (tmp_path / "deep" / "a.txt").read_bytes() == b"\0\xff"
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["a.txt"]


@pytest.mark.parametrize("interruption", [OSError(28, "No space left"), KeyboardInterrupt()])
def test_what_was_there_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, interruption: BaseException
) -> None:
    write_whole(tmp_path / "a.txt", "before")

    def fails(*_: object) -> None:
        raise interruption

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(type(interruption)):
        write_whole(tmp_path / "a.txt", "after")
    assert [file.read_text() for file in tmp_path.iterdir()] == ["before"]


@posix
@pytest.mark.parametrize(("private", "file", "folder"), [(True, 0o600, 0o700), (False, 0o644, 0)])
def test_what_is_private_is_for_its_owner_alone(
    tmp_path: Path, private: bool, file: int, folder: int
) -> None:
    path = tmp_path / "new" / "a.txt"
    write_whole(path, "marks", private=private)
    assert stat.S_IMODE(path.stat().st_mode) == file
    if folder:
        assert stat.S_IMODE(path.parent.stat().st_mode) == folder


def test_a_figure_has_a_caption_and_a_width_where_they_are_given() -> None:
    plain = figure_html(b"png", "A <b>.")
    assert plain == (
        '<figure style="margin:0"><img alt="A &lt;b&gt;." '
        'src="data:image/png;base64,cG5n"></figure>'
    )
    full = figure_html(b"png", "A.", 40, background="white", caption="T < 1")
    assert 'width="40" style="max-width:100%;height:auto;background:white"' in full
    assert '<figcaption style="font-size:smaller">T &lt; 1</figcaption></figure>' in full
