"""The table of public sets: complete, consistent, and true where that can be checked offline."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from data_fetch import FetchError, entries, entry
from data_fetch.registry import parse
from mlmi_course.data import DataError, real

ROOT = Path(__file__).resolve().parents[2]
GOOD = """
[dots]
kind = "download"
title = "Dots"
licence = "CC0"
citation = "nobody"
[dots.file]
name = "dots.zip"
urls = ["https://example.org/dots.zip"]
bytes = 3
"""


@pytest.mark.parametrize("name", list(entries()))
def test_every_set_says_what_a_reader_must_know(name: str) -> None:
    one = entry(name)
    assert one.title
    assert one.licence
    assert one.citation
    assert one.size != "unknown"
    assert one.page or one.how
    if one.licence == "not stated":
        assert "ask" in one.licence_note or "do not pass it on" in one.licence_note
    if one.kind == "apply":
        assert one.how.startswith("1. ")
        with pytest.raises(DataError, match=f"mlmi data get {name}"):
            real.real_set(name)
    else:
        assert real.real_set(name).name == name
        assert (ROOT / real.real_set(name).datasheet).is_file()


def test_every_set_is_in_the_datasheets() -> None:
    text = (ROOT / "docs" / "datasheets" / "real.md").read_text(encoding="utf-8")
    for name in entries():
        assert f"`{name}`" in text


def test_every_reader_has_its_set() -> None:
    assert set(real.REAL_SETS) <= set(entries())


def test_what_the_publishers_state() -> None:
    """Copied by hand, once more, from where hash_from points: a slip would show here."""
    assert entry("cmepda-microcalcifications").file.bytes == 2_078_720
    assert dict(entry("cmepda-microcalcifications").counts) == {
        "Train/0": 289, "Train/1": 267, "Test/0": 125, "Test/1": 116,
    }  # fmt: skip
    hashes = {one.name: one.file.hash for one in entries().values() if one.file}
    assert hashes == {
        "cmepda-microcalcifications": None,
        "breastmnist": "md5:750601b1f35ba3300ea97c75c52ff8f6",
        "pneumoniamnist": "md5:28209eda62fecd6e6a2d98b1501bb15f",
        "msd-hippocampus": "md5:9d24dba78a72977dbd1d2e110310f31b",
        "ixi-t1": "md5:34901a0593b41dd19c1a1f746eac2d58",
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("bytes = 3", ""), "a hash or an exact size"),
        (("bytes = 3", 'bytes = 3\nhash = "md5:12"\nhash_from = "us"'), "in hexadecimal"),
        (("bytes = 3", f'bytes = 3\nhash = "md5:{"0" * 32}"'), "hash_from say whose"),
        (("bytes = 3", "bytes = 3\nabout_bytes = 3"), "and not both"),
        (("dots.zip", "../dots.zip"), "a name without folders"),
        (('"download"', '"by magic"'), "kind must be one of"),
        (('"download"', '"apply"'), "do not go together"),
        (('title = "Dots"', 'title = "Dots"\nhow = "ask"'), "those need it"),
        (("[dots", "[Dots"), "a name has small letters"),
        (('licence = "CC0"', ""), "licence"),
        (('licence = "CC0"', 'licence = "CC0"\nlicense = "CC0"'), "license"),
    ],
)
def test_a_registry_that_does_not_fit_is_refused(change: tuple[str, str], says: str) -> None:
    assert parse(GOOD)["dots"].size == "3 bytes"
    with pytest.raises(ValueError, match=re.escape(says)):
        parse(GOOD.replace(*change))


def test_a_name_that_is_not_known() -> None:
    with pytest.raises(FetchError, match=r"no set is called 'cats'; there are: cmepda-"):
        entry("cats")


def test_it_needs_nothing_of_the_course() -> None:
    code = (
        "import sys, data_fetch, data_fetch.tcia; data_fetch.entries()\n"
        "print([m for m in sys.modules if m.split('.')[0] in"
        " ('mlmi_course', 'pooch', 'requests', 'pandas', 'idc_index')])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def test_a_name_that_is_nearly_right() -> None:
    with pytest.raises(FetchError, match="did you mean 'breastmnist'"):
        entry("breastmist")
