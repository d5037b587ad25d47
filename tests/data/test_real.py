"""Real sets: read as they are, imported whole or not at all."""

from __future__ import annotations

import io
import shutil
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from data_fetch import entries
from mlmi_course import data
from mlmi_course.cli import app
from mlmi_course.data import DataError, cache, real
from mlmi_course.data.real import importing, infn, searching, unpacking
from tests.data.conftest import write_image

MICRO, MASSES = "cmepda-microcalcifications", "cmepda-masses"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
Tree = Callable[[Path], dict[str, bytes]]


def mlmi(*arguments: object, **more: Any) -> Any:
    return CliRunner().invoke(app, ["data", *map(str, arguments)], **more)


# -- reading -----------------------------------------------------------------------------------


def test_names_of_patches_are_read(patches: Path) -> None:
    real.import_set(MICRO, patches)
    found = data.load_microcalcifications(source="cmepda")
    assert found.images.shape == (5, 60, 60)
    assert found.masks is None
    assert found.spacing == (0.085, 0.085)
    row = {
        "case": 41, "series": "u1", "view": 1, "tile": 2, "part": 5, "subset": "Train",
        "file": "Train/1/0041u1_1_2_1_5.png", "duplicate_of": "",
    }  # fmt: skip
    assert found[2].row == row
    assert found.labels.tolist() == [0, 0, 1, 0, 1]
    assert found.table["subset"].tolist() == ["Train"] * 3 + ["Test"] * 2


def test_cases_that_share_a_patch_are_one_patient_and_nothing_is_dropped(patches: Path) -> None:
    told = real.import_set(MICRO, patches)
    found = data.load_microcalcifications(source="cmepda")
    assert found.groups.tolist() == [8, 10, 41, 7, 41]
    assert found.table["duplicate_of"].tolist() == [""] * 4 + ["Train/1/0041u1_1_2_1_5.png"]
    assert "1 of the patches repeats" in told
    assert "1 of them across Train and Test" in told
    assert told in found.description


def test_groups_are_joined_along_chains() -> None:
    # 5–3 and 3–1 share patches, so all three are one; 2 stands alone.
    cases = np.array([5, 3, 3, 1, 2, 5])
    assert searching.joined(cases, [0, 0, 2, 2, 4, 5]).tolist() == [1, 1, 1, 1, 2, 1]


def test_a_training_part_alone_is_fine(patches: Path) -> None:
    shutil.rmtree(patches / "Test")
    assert "Train only" in real.import_set(MICRO, patches)
    assert len(data.load_microcalcifications(source="cmepda")) == 3


def test_masses_are_read(masses: Path) -> None:
    assert "3 masses (2 benign, 1 malignant) of 2 cases" in real.import_set(MASSES, masses)
    found = data.load_masses(source="cmepda")
    assert found.images.shape == found.masks.shape == (3, 125, 125)
    assert found.masks.sum(axis=(1, 2)).tolist() == [1000] * 3
    assert found.masks.max() == 1
    assert found.spacing is None
    assert found.groups.tolist() == [1, 1, 24]
    assert found.labels.tolist() == [0, 0, 1]
    assert found.table["view"].tolist() == [1, 3, 2]
    assert found.table["finding"].tolist() == [1, 1, 0]
    assert found.table["file"][0] == "0001p1_1_1_2_resized.pgm"


def test_the_second_load_reads_no_image(patches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real.import_set(MICRO, patches)
    first = data.load_microcalcifications(source="cmepda")
    monkeypatch.setattr(infn, "_image", lambda *_: pytest.fail("decoded again"))
    second = data.load_microcalcifications(source="cmepda")
    np.testing.assert_array_equal(first.images, second.images)


def test_files_changed_after_the_import_are_noticed(patches: Path) -> None:
    real.import_set(MICRO, patches)
    data.load_microcalcifications(source="cmepda")
    file = real.data_folder() / MICRO / "Train" / "0" / "0008n1_3_0_1.png"
    kept = file.read_bytes()
    write_image(file, np.zeros((60, 60), np.uint8))
    with pytest.raises(DataError, match=r"0008n1_3_0_1\.png is not as it was kept"):
        data.load_microcalcifications(source="cmepda")
    file.unlink()
    with pytest.raises(DataError, match=f"mlmi data clear {MICRO}, then mlmi data get {MICRO}"):
        data.load_microcalcifications(source="cmepda")
    file.write_bytes(kept)
    assert len(data.load_microcalcifications(source="cmepda")) == 5


def test_a_file_changed_in_place_is_read_again(masses: Path) -> None:
    real.import_set(MASSES, masses)
    data.load_masses(source="cmepda")
    file = real.data_folder() / MASSES / "0024t1_2_1_resized.pgm"
    size = file.stat().st_size
    write_image(file, np.full((125, 125), 9, np.uint8))
    assert file.stat().st_size == size
    assert (data.load_masses(source="cmepda")[2].image == 9).all()


GREY = np.zeros((60, 60), np.uint8)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda p: write_image(p / "Train/0/cat.png", GREY), "Train/0/cat.png is not named like"),
        (lambda p: write_image(p / "Train/0/0008n1_3_0_6.png", GREY), "0008n1_3_0_6.png is not"),
        (lambda p: write_image(p / "Train/0/0008n1_3_0_1.pgm", GREY), "second time as"),
        (lambda p: write_image(p / "Test/0/0001n1_3_0_1.png", GREY[1:]), "60 × 60 pixels"),
        (lambda p: write_image(p / "Test/0/0001n1_3_0_1.png", GREY > 0), "8-bit grey"),
        (lambda p: write_image(p / "Test/0/0001n1_3_0_1.png", GREY.astype("u2")), "8-bit grey"),
        (lambda p: (p / "Test/0/0001n1_3_0_1.png").write_bytes(b"x"), "cannot be read"),
        (lambda p: _cut(p / "Train/0/0008n1_3_0_1.png"), "0008n1_3_0_1.png cannot be read"),
        (lambda p: (p / "Train/0/notes.txt").write_text("x"), "notes.txt is no .png or .pgm"),
        (lambda p: shutil.copytree(p, p / "copy"), "more than one folder"),
        (lambda p: [shutil.rmtree(p / s / "0") for s in ("Train", "Test")], "holds no folder with"),
    ],
)
def test_patches_that_do_not_fit_are_named(
    patches: Path, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(patches)
    with pytest.raises(DataError, match=says):
        real.import_set(MICRO, patches)
    assert list(real.data_folder().iterdir()) == []


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:1500])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda p: (p / "0024t1_2_1_resized.pgm").unlink(), "mass_mask.pgm has no image"),
        (lambda p: (p / "0024t1_2_1_mass_mask.pgm").unlink(), "_resized.pgm has no mask"),
        (
            lambda p: write_image(p / "0024t1_2_1_mass_mask.pgm", np.full((125, 125), 7, np.uint8)),
            "values other than 0 and 255",
        ),
        (
            lambda p: [f.rename(f.with_name(f.name.replace("_1_r", "_3_r").replace("_1_m", "_3_m")))
                       for f in p.glob("0024*")],
            "not named like",
        ),
    ],
)  # fmt: skip
def test_masses_that_do_not_fit_are_named(
    masses: Path, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(masses)
    with pytest.raises(DataError, match=says):
        real.import_set(MASSES, masses)


def test_litter_of_operating_systems_is_passed_over(patches: Path) -> None:
    (patches / "Train" / "0" / ".DS_Store").write_text("x")
    (patches / "Train" / "0" / "Thumbs.db").write_text("x")
    shutil.copytree(patches / "Train", patches / "__MACOSX" / "Train")
    real.import_set(MICRO, patches)
    assert len(data.load_microcalcifications(source="cmepda")) == 5


# -- archives ----------------------------------------------------------------------------------


def pack(folder: Path, archive: Path) -> Path:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive, "w") as file:
            for path in sorted(folder.rglob("*")):
                file.write(path, f"IMAGES/micro/{path.relative_to(folder)}")
    else:
        with tarfile.open(archive, "w:gz") as file:
            file.add(folder, "./IMAGES/micro")
    return archive


@pytest.mark.parametrize("name", ["set.zip", "set.tar.gz", "set.tgz"])
def test_archives_are_unpacked_wherever_the_set_lies_in_them(
    patches: Path, tmp_path: Path, name: str
) -> None:
    real.import_set(MICRO, pack(patches, tmp_path / name))
    assert len(data.load_microcalcifications(source="cmepda")) == 5
    assert [path.name for path in real.data_folder().iterdir()] == [MICRO]


def tar_with(path: Path, name: str, kind: bytes = tarfile.REGTYPE, size: int = 1) -> None:
    with tarfile.open(path, "w:gz") as file:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, "/etc/passwd"
        info.size = size if kind == tarfile.REGTYPE else 0
        file.addfile(info, io.BytesIO(b"0" * size))


def zip_with(path: Path, name: str, mode: int = 0) -> None:
    with zipfile.ZipFile(path, "w") as file:
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        file.writestr(info, "/etc/passwd")


def zip_of(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for name in names:
            file.writestr(name, "x")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda p: tar_with(p, "../escaped.png"), "outside of its folder"),
        (lambda p: tar_with(p, "a/../../escaped.png"), "outside of its folder"),
        (lambda p: tar_with(p, "/tmp/escaped.png"), "outside of its folder"),
        (lambda p: tar_with(p, "C:\\escaped.png"), "outside of its folder"),
        (lambda p: tar_with(p, "Train/link", tarfile.SYMTYPE), "is a link"),
        (lambda p: tar_with(p, "Train/link", tarfile.LNKTYPE), "is a link"),
        (lambda p: tar_with(p, "Train/pipe", tarfile.FIFOTYPE), "no ordinary file"),
        (lambda p: zip_with(p, "../escaped.png"), "outside of its folder"),
        (lambda p: zip_with(p, "link", stat.S_IFLNK | 0o777), "is a link"),
        (lambda p: tar_with(p, "large", size=2_000_001), "unpacks to more than"),
        (lambda p: zip_of(p, "a.png", "A.PNG"), "differs from 'a.png' in small and capital"),
        (lambda p: zip_of(p, "a", "a/b"), "'a/b' and 'a' cannot be there at once"),
        (lambda p: zip_of(p, "a/b", "a"), "'a' and 'a/b' cannot be there at once"),
        (lambda p: zip_of(p, "a", "./a"), "holds 'a' twice"),
        (lambda p: p.write_bytes(b"no archive at all"), "no .zip and no .tar.gz"),
        (
            lambda p: (tar_with(p, "x", size=100_000), p.write_bytes(p.read_bytes()[:120])),
            "damaged",
        ),
    ],
)
def test_archives_that_are_not_safe_are_refused_and_the_old_set_stays(
    make: Callable[[Path], object],
    says: str,
    patches: Path,
    tmp_path: Path,
    tree: Tree,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importing, "_most_bytes", lambda _: 2_000_000)
    real.import_set(MICRO, patches)
    before = tree(real.data_folder())
    archive = tmp_path / "archive"
    make(archive)
    with pytest.raises(DataError, match=says) as caught:
        real.import_set(MICRO, archive)
    assert "\n" not in str(caught.value)
    assert tree(real.data_folder()) == before
    assert not list(tmp_path.rglob("escaped.png"))
    assert len(data.load_microcalcifications(source="cmepda")) == 5


def test_a_zip_that_lies_about_its_size_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(5_000_000))
    assert archive.stat().st_size < 10_000
    with pytest.raises(DataError, match="unpacks to more than 1 MB"):
        unpacking.unpack(archive, tmp_path / "out", most_bytes=2**20)
    assert sum(f.stat().st_size for f in (tmp_path / "out").iterdir()) <= 2**20


def test_too_many_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "_MOST_MEMBERS", 3)
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as file:
        for number in range(4):
            file.writestr(f"{number}", "")
    with pytest.raises(DataError, match="more than 3 members"):
        unpacking.unpack(tmp_path / "many.zip", tmp_path / "out")


# -- importing ---------------------------------------------------------------------------------


def test_importing_again_replaces_the_set(patches: Path, tree: Tree) -> None:
    real.import_set(MICRO, patches)
    assert len(data.load_microcalcifications(source="cmepda")) == 5
    shutil.rmtree(patches / "Test")
    real.import_set(MICRO, patches)
    assert len(data.load_microcalcifications(source="cmepda")) == 3
    assert not [name for name in tree(real.data_folder()) if "Test" in name]
    assert [path.name for path in real.data_folder().iterdir()] == [MICRO]


def test_a_copy_that_fails_leaves_the_old_set(
    patches: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    real.import_set(MICRO, patches)
    before = tree(real.data_folder())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(importing.shutil, "copyfile", full)
    result = mlmi("import", MICRO, patches)
    assert result.exit_code == 1
    assert result.stderr == "No space left on device\n"
    assert tree(real.data_folder()) == before


def test_a_rename_that_fails_puts_the_old_set_back(
    patches: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    real.import_set(MICRO, patches)
    before = tree(real.data_folder())
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name == "set":
            raise PermissionError(13, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        real.import_set(MICRO, patches)
    assert tree(real.data_folder()) == before


def test_an_import_that_died_between_two_renames_is_mended(patches: Path) -> None:
    real.import_set(MICRO, patches)
    folder = real.data_folder() / MICRO
    folder.rename(real.data_folder() / f".replaced-{MICRO}")
    assert len(data.load_microcalcifications(source="cmepda")) == 5
    assert folder.exists()


# -- the command -------------------------------------------------------------------------------


def row_of(name: str) -> str:
    """What ``mlmi data list`` says about a set."""
    lines = mlmi("list").stdout.splitlines()
    return next(line for line in lines if line.split()[:1] == [name])


def test_import_list_where_verify_and_clear(patches: Path) -> None:
    assert row_of(MICRO).split()[1:] == ["2.1", "MB", "not", "stated", "no", "get"]
    result = mlmi("import", MICRO, patches)
    assert result.exit_code == 0
    assert "5 patches (3 normal, 2 microcalcifications) of 5 cases" in result.stdout
    data.load_microcalcifications(source="cmepda")
    assert "yes, " in row_of(MICRO)
    assert mlmi("where", MICRO).stdout == f"{real.data_folder() / MICRO}\n"
    assert mlmi("verify").stdout == f"{MICRO}: 5 files, all as they were kept\n"

    assert mlmi("clear").exit_code == 0  # what can be made again
    assert len(data.load_microcalcifications(source="cmepda")) == 5

    assert mlmi("clear", MICRO, input="n\n").exit_code == 1
    assert real.imported_files(MICRO) == 5
    result = mlmi("clear", MICRO, "--yes")
    assert result.stdout.startswith("removed ")
    assert real.imported_files(MICRO) == 0
    assert "is not on this computer" in mlmi("clear", MICRO).stdout
    assert mlmi("verify").stdout == "no real set is on this computer: see mlmi data list\n"


def test_verify_finds_what_a_look_at_the_sizes_does_not(masses: Path) -> None:
    real.import_set(MASSES, masses)
    file = real.data_folder() / MASSES / "0024t1_2_1_resized.pgm"
    pixels = bytearray(file.read_bytes())
    pixels[-1] ^= 1
    file.write_bytes(pixels)
    result = mlmi("verify", MASSES)
    assert result.exit_code == 1
    assert result.stderr == (
        f"{MASSES}: 0024t1_2_1_resized.pgm not as kept; get it again: "
        f"mlmi data clear {MASSES}, then mlmi data get {MASSES}\n"
    )


def test_every_set_is_listed() -> None:
    for name, one in entries().items():
        assert one.size.replace("about ", "~") in row_of(name)
    assert "CC BY 4.0" in row_of("mammograms")
    assert "loader" in row_of("mammograms")
    assert row_of("adni").split()[-1] == "apply"


def test_a_mass_that_is_there_twice_is_told(masses: Path) -> None:
    for what in ("resized", "mass_mask"):
        shutil.copy(masses / f"0024t1_2_1_{what}.pgm", masses / f"0030t1_1_1_{what}.pgm")
    told = real.import_set(MASSES, masses)
    assert "1 of the masses repeats an earlier one" in told
    found = data.load_masses(source="cmepda")
    assert found.groups.tolist() == [1, 1, 24, 24]
    assert found.table["duplicate_of"].tolist() == ["", "", "", "0024t1_2_1_resized.pgm"]


def test_masses_whose_files_end_in_png_are_read(masses: Path) -> None:
    for file in masses.iterdir():
        file.rename(file.with_suffix(".png"))
    assert "3 masses" in real.import_set(MASSES, masses)


def test_the_same_bytes_under_two_endings_are_one_mass(masses: Path) -> None:
    for file in list(masses.glob("0024*")):
        shutil.copy(file, file.with_suffix(".png"))
    assert "3 masses" in real.import_set(MASSES, masses)
    write_image(masses / "0024t1_2_1_resized.png", np.zeros((125, 125), np.uint8))
    with pytest.raises(DataError, match="second time as"):
        real.import_set(MASSES, masses)


def test_clear_says_how_much() -> None:
    cache.cached_arrays(
        "masses", lambda: [{"x": np.zeros((4, 1_000_000), np.uint8)}], 4, code="1", parameters={}
    )
    assert "yes, 4.0 MB" in row_of("masses")
    assert mlmi("clear", "masses").stdout == "removed 4.0 MB of simulated masses\n"
    assert mlmi("clear").stdout.startswith("removed 0 bytes")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("import", MICRO, "/nowhere/at/all"), "there is no /nowhere/at/all"),
        (
            ("import", "cmepda-brains", "."),
            "no real set is called 'cmepda-brains'; did you mean 'cmepda-masses'?",
        ),
        (("clear", "cmepda-brains"), "no real set is called"),
    ],
)
def test_mistakes_are_one_line(arguments: tuple[str, ...], says: str) -> None:
    result = mlmi(*arguments)
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_an_error_names_the_readers_archive_and_not_ours(patches: Path, tmp_path: Path) -> None:
    archive = pack(patches, tmp_path / "set.zip")
    result = mlmi("import", MASSES, archive)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{archive} holds no folder with pairs")


# -- the sets themselves, where they are -------------------------------------------------------


def _shared(name: str) -> Path:
    if not (SHARED / name).is_file():
        pytest.skip(f"NOT TESTED, {name} is not beside the repository")
    return SHARED / name


def test_the_published_patches() -> None:
    told = real.import_set(MICRO, _shared("microcalcifications_train.tar.gz"))
    assert "556 patches (289 normal, 267 microcalcifications) of 71 cases" in told
    assert "3 cases hold both classes" in told
    found = data.load_microcalcifications(source="cmepda")
    # Measured on these files: class means 0.30 and 0.49 of full scale.
    means = [found.images[found.labels == k].mean() / 255 for k in (0, 1)]
    assert means == pytest.approx([0.30, 0.49], abs=0.01)
    again = found.table["duplicate_of"]
    assert (again != "").sum() == 5
    place = {file: i for i, file in enumerate(found.table["file"])}
    for i, file in enumerate(again):
        if file:
            np.testing.assert_array_equal(found.images[i], found.images[place[file]])
            assert found.groups[i] == found.groups[place[file]]
    assert found.patients == 68
    assert (found.table["part"][found.labels == 0] < 5).all()
    parts = found.split((0.6, 0.2, 0.2))
    assert [part.labels.mean() for part in parts] == pytest.approx([0.48] * 3, abs=0.03)


def test_the_published_masses() -> None:
    told = real.import_set(MASSES, _shared("masses_sample.tar.gz"))
    assert "36 masses (21 benign, 15 malignant) of 14 cases" in told
    found = data.load_masses(source="cmepda")
    # An empty mask is right at 98 of 100 pixels.
    assert found.masks.mean() == pytest.approx(0.02, abs=0.005)
