"""Collections of TCIA, with the real client and its index, and a made-up archive behind it."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from data_fetch import FetchError, OfflineError, entry, tcia
from data_fetch.tcia import require_way
from mlmi_course import data
from mlmi_course.cli import app
from mlmi_course.data import fetch, real
from mlmi_course.dicom import Volume, write_series
from tests.loopback import Loopback, server, status

__all__ = ["server"]  # a fixture

NAME = "tcia-made_up"


@pytest.fixture(autouse=True)
def _network(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is none in tests, and these make one up."""
    monkeypatch.setattr(tcia, "require_way", lambda _: None)


class Archive:
    """Answers as the client does: copies what is asked for, and tells nobody what went wrong."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.reach = 1_000
        self.asked: list[list[str]] = []
        rows = []
        for patient, series in (("P2", "1.2.30"), ("P1", "1.2.10"), ("P1", "1.2.11")):
            write(folder / series, patient, seed=len(rows))
            files = list((folder / series).iterdir())
            rows.append(
                {
                    "collection_id": "made_up",
                    "analysis_result_id": None,
                    "Modality": "CT",
                    "PatientID": patient,
                    "SeriesInstanceUID": series,
                    "source_DOI": "10.1/x",
                    "instanceCount": len(files),
                    "license_short_name": "CC BY 4.0",
                    "series_size_MB": sum(f.stat().st_size for f in files) / 1e6,
                }
            )
        segmentation = rows[0] | {"Modality": "SEG", "SeriesInstanceUID": "1.2.99"}
        derived = rows[0] | {"analysis_result_id": "somebody", "SeriesInstanceUID": "1.2.98"}
        slides = rows[0] | {"collection_id": "slides", "Modality": "SM"}
        self.index = pd.DataFrame([*rows, segmentation, derived, slides])

    def download_from_selection(
        self, *, downloadDir: str, seriesInstanceUID: list[str], **_: Any
    ) -> None:
        self.asked.append(seriesInstanceUID)
        patient = dict(zip(self.index["SeriesInstanceUID"], self.index["PatientID"], strict=True))
        for series in seriesInstanceUID:
            target = Path(downloadDir) / patient[series] / series
            for file in sorted((self.folder / series).iterdir()):
                if self.reach == 0:
                    return
                self.reach -= 1
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target / file.name)


def write(folder: Path, patient: str, seed: int) -> None:
    affine = [[0, 0, 1, 0], [0, 1, 0, 0], [2, 0, 0, 0], [0, 0, 0, 1]]
    array = np.full((4, 8, 8), float(seed))
    write_series(Volume(array, (2, 1, 1), affine, "CT", "HU"), folder, seed=seed,
                 patient={"PatientID": patient})  # fmt: skip


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    made = Archive(tmp_path / "archive")
    monkeypatch.setattr(tcia, "client", lambda: made)
    return made


def test_a_collection_comes_and_is_loaded(archive: Archive) -> None:
    result = CliRunner().invoke(app, ["data", "get", NAME, "--yes"])
    assert result.exit_code == 0, result.stderr
    assert "2 of 2 patients" in result.stdout
    assert "licence: CC BY 4.0" in result.stdout
    assert "cite:    https://doi.org/10.1/x" in result.stdout
    assert "3 series of 2 patients" in result.stdout
    found = data.load_tcia("made_up")
    assert found.groups.tolist() == ["P1", "P1", "P2"]
    assert found.licence == "CC BY 4.0"
    assert found.table["modality"].tolist() == ["CT"] * 3
    assert found[2].volume.array.mean() == pytest.approx(0, abs=0.5)
    assert found[0].volume.shape == (4, 8, 8)
    assert not real.downloads_folder(NAME).exists()
    train, test = found.split((0.5, 0.5))
    assert not set(train.groups) & set(test.groups)
    # It is listed, verified and cleared like any other set.
    listed = CliRunner().invoke(app, ["data", "list"]).stdout
    assert any(line.strip().startswith(NAME) and "yes" in line for line in listed.splitlines())
    assert real.verify_set(NAME) == []
    assert CliRunner().invoke(app, ["data", "clear", NAME, "--yes"]).exit_code == 0
    assert real.imported_files(NAME) == 0


def test_a_few_patients_are_enough(archive: Archive) -> None:
    assert "2 series of 1 patients" in fetch.fetch_set(NAME, patients=1)
    assert archive.asked == [["1.2.10", "1.2.11"]]
    assert data.load_tcia("made_up").patients == 1


def test_what_broke_off_goes_on_and_nothing_is_kept_before(archive: Archive) -> None:
    archive.reach = 6
    with pytest.raises(FetchError, match="2 of 3 series of made_up did not come whole"):
        fetch.fetch_set(NAME)
    assert real.imported_files(NAME) == 0
    with pytest.raises(data.NotImported, match=f"mlmi data get {NAME}"):
        data.load_tcia("made_up")
    archive.reach = 1_000
    fetch.fetch_set(NAME)
    assert archive.asked[1] == ["1.2.11", "1.2.30"]
    assert len(data.load_tcia("made_up")) == 3


def test_a_cut_off_file_is_noticed(archive: Archive) -> None:
    archive.reach = 6
    with pytest.raises(FetchError):
        fetch.fetch_set(NAME)
    whole = next(real.downloads_folder(NAME).rglob("1.2.10/*.dcm"))
    whole.write_bytes(whole.read_bytes()[:100])
    archive.reach = 0
    with pytest.raises(FetchError, match="3 of 3 series"):
        fetch.fetch_set(NAME)


def test_a_smaller_choice_than_before_leaves_no_rest(archive: Archive) -> None:
    archive.reach = 11
    with pytest.raises(FetchError):
        fetch.fetch_set(NAME)
    assert (real.downloads_folder(NAME) / "P2").exists()
    fetch.fetch_set(NAME, patients=1)
    assert data.load_tcia("made_up").patients == 1


def test_without_a_network_it_is_one_clear_message(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.reach = 0
    with pytest.raises(OfflineError, match=r"nothing came from .* are you connected"):
        fetch.fetch_set(NAME)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        monkeypatch.setattr(tcia, "require_way", lambda _: require_way(nobody, 1.0))
        with pytest.raises(OfflineError, match=r"no way to .* are you connected"):
            fetch.fetch_set(NAME)
    assert len(archive.asked) == 1  # the client was not troubled


def test_a_server_that_answers_anything_is_there(server: Loopback) -> None:
    server.answers["/"] = status(403)
    require_way(server.url("/"))


@pytest.mark.parametrize(
    ("name", "patients", "says"),
    [
        ("tcia-made", None, r"no public collection 'made'; there is made_up"),
        ("tcia-slides", None, "has no CT, MR, PT volumes; it has SM"),
        (NAME, 0, "at least 1"),
    ],
)
def test_choices_that_cannot_be(
    archive: Archive, name: str, patients: int | None, says: str
) -> None:
    with pytest.raises(FetchError, match=says):
        fetch.fetch_set(name, patients=patients)


def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "idc_index", None)
    with pytest.raises(FetchError, match=r"pip install mlmi-course\[tcia\]"):
        tcia.client()


# -- the real client ---------------------------------------------------------------------------

S5CMD = '''#!{python}
"""Does what s5cmd does for "run FILE" with lines "cp s3://bucket/UUID/* FOLDER", from a disk."""
import pathlib, shlex, shutil, sys
if "run" in sys.argv:
    for line in pathlib.Path(sys.argv[-1]).read_text().splitlines():
        what, source, target = shlex.split(line)
        folder = pathlib.Path(target)
        here = pathlib.Path({files!r})
        if not here.is_dir():
            sys.exit("ERROR no connection")
        folder.mkdir(parents=True, exist_ok=True)
        for file in here.iterdir():
            if what == "cp" or not (folder / file.name).exists():
                if "--dry-run" in sys.argv:
                    print("cp", source.replace("*", file.name), folder / file.name)
                else:
                    shutil.copy(file, folder / file.name)
'''


@pytest.fixture(scope="module")
def idc(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """The client itself, with its index of a million series, and its transfer tool replaced."""
    index = pytest.importorskip("idc_index", reason="NOT TESTED, idc-index is not installed")
    folder = tmp_path_factory.mktemp("s5cmd")
    files = folder / "files"
    tool = folder / "s5cmd"
    tool.write_text(S5CMD.format(python=sys.executable, files=str(files)))
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{folder}{os.pathsep}{path}"
    try:
        client = index.IDCClient()
    finally:
        os.environ["PATH"] = path
    return SimpleNamespace(client=client, files=files)


def test_what_the_registry_says_of_tcia_is_what_the_index_says(idc: SimpleNamespace) -> None:
    for name in ("tcia-prostate_3t", "tcia-lungct_diagnosis"):
        chosen = tcia.choose(name, idc=idc.client)
        one = entry(name)
        assert chosen.licence == one.licence
        assert chosen.bytes == pytest.approx(one.about_bytes, rel=0.01)
        assert chosen.citation.lower() in one.citation.lower()


def test_the_client_puts_files_where_we_look_for_them(idc: SimpleNamespace, tmp_path: Path) -> None:
    chosen = tcia.choose("tcia-prostate_3t", 1, idc=idc.client)
    assert len(chosen.series) == 1
    target = tmp_path / "a folder"
    with pytest.raises(OfflineError):
        tcia.download(chosen, target, idc=idc.client)
    row = chosen.series.iloc[0]
    idc.files.mkdir()
    size = int(row["series_size_MB"] * 1e6 / row["instanceCount"]) + 1
    for number in range(row["instanceCount"]):
        (idc.files / f"{number}.dcm").write_bytes(bytes(size))
    tcia.download(chosen, target, idc=idc.client)
    folder = target / row["PatientID"] / row["SeriesInstanceUID"]
    assert len(list(folder.iterdir())) == row["instanceCount"]
    # With something there, the client takes its other way: synchronising.
    next(folder.iterdir()).unlink()
    tcia.download(chosen, target, idc=idc.client)
    assert len(list(folder.iterdir())) == row["instanceCount"]
