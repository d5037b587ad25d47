"""Loaders of real sets, on tiny look-alikes; and sets of volumes."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from typer.testing import CliRunner

from data_fetch import entries
from mlmi_course import data
from mlmi_course.cli import app
from mlmi_course.data import DataError, real
from mlmi_course.data.real import published
from mlmi_course.dicom import DicomError, Volume, read_volume, write_series

RNG = np.random.default_rng(0)


def nifti(path: Path, array: np.ndarray, step: float = 1.0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(array, np.diag([step, step, step, 1])), path)
    return path


def absent(load: Callable[[], Any], name: str) -> None:
    with pytest.raises(data.NotImported) as caught:
        load()
    size = entries()[name].size
    assert str(caught.value) == (
        f"{name} ({size}) is not on this computer; get it: mlmi data get {name}"
    )


# -- MedMNIST ------------------------------------------------------------------------------------


def medmnist(path: Path, name: str, **change: Any) -> Path:
    """A file in the publisher's layout, with the right numbers of images."""
    arrays: dict[str, Any] = {}
    for part, count in entries()[name].images.items():
        images = RNG.integers(0, 255, (count, 28, 28), np.uint8)
        arrays[f"{part}_images"] = images
        arrays[f"{part}_labels"] = (np.arange(count) % 4 > 0).astype(np.uint8)[:, None]
    arrays["test_images"][3] = arrays["train_images"][7]
    np.savez_compressed(path, **{**arrays, **change})
    return path


def test_medmnist(tmp_path: Path) -> None:
    absent(lambda: data.load_medmnist("breastmnist"), "breastmnist")
    file = medmnist(tmp_path / "breastmnist.npz", "breastmnist")
    told = real.import_set("breastmnist", file)
    assert "780 images (196 malignant, 584 normal or benign)." in told
    found = data.load_medmnist("breastmnist")
    assert found.images.shape == (780, 28, 28)
    with np.load(file) as arrays:
        np.testing.assert_array_equal(found.images[:546], arrays["train_images"])
        np.testing.assert_array_equal(found.labels[-156:], arrays["test_labels"][:, 0])
    assert found.table["subset"].value_counts().to_dict() == {"train": 546, "test": 156, "val": 78}
    assert found.spacing is None
    assert found.licence == "CC BY 4.0"
    # No patients are known, and identical images are never on two sides.
    assert found.patients == 779
    assert found.groups[546 + 78 + 3] == found.groups[7]
    assert "does not say which images are of one patient" in found.description
    assert "Label 1 is NOT malignant" in found.description
    parts = found.split((0.7, 0.3))
    assert sum(map(len, parts)) == 780


def test_one_medmnist_set_is_not_taken_for_another(tmp_path: Path) -> None:
    file = medmnist(tmp_path / "breastmnist.npz", "breastmnist")
    with pytest.raises(DataError, match="this is not pneumoniamnist: it has images train 546"):
        real.import_set("pneumoniamnist", file)
    with pytest.raises(ValueError, match=r"\"pneumoniamnist\", not 'octmnist'"):
        data.load_medmnist("octmnist")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"val_images": np.zeros((78, 64, 64), np.uint8)}, "val_images.npy must have grey images"),
        ({"val_images": np.zeros((78, 28, 28, 3), np.uint8)}, "must have grey images of 28 × 28"),
        ({"val_images": np.zeros((78, 28, 28))}, "float64"),
        ({"val_labels": np.zeros((77, 1), np.uint8)}, "one label for each of 78 images"),
        ({"val_labels": np.array([None] * 78)}, "val_labels.npy cannot be read as an array"),
    ],
)
def test_medmnist_files_that_do_not_fit_are_named(
    tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    file = medmnist(tmp_path / "breastmnist.npz", "breastmnist", **change)
    with pytest.raises(DataError, match=says):
        real.import_set("breastmnist", file)
    assert real.imported_files("breastmnist") == 0


def test_a_folder_without_the_file_says_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no train_images\.npy \(a MedMNIST \.npz"):
        real.import_set("breastmnist", tmp_path)


# -- hippocampus -----------------------------------------------------------------------------------


@pytest.fixture
def hippocampus(tmp_path: Path) -> Path:
    """Three outlined volumes and one without, of different sizes and wildly different values."""
    root = tmp_path / "Task04_Hippocampus"
    shapes = {"001": (8, 12, 9), "003": (9, 12, 8), "004": (8, 10, 9), "002": (8, 12, 9)}
    for (number, shape), scale in zip(shapes.items(), (1.0, 1e3, 1.0, 1.0), strict=True):
        training = number != "002"
        array = (RNG.random(shape) * 100 * scale).astype(np.float32)
        array[3:5, 4:7, 3:6] += 200 * scale
        part = "imagesTr" if training else "imagesTs"
        nifti(root / part / f"hippocampus_{number}.nii.gz", array)
        if training:
            mask = np.zeros(shape, np.uint8)
            mask[3:5, 4:6, 3:6] = 1
            mask[3:5, 6:7, 3:6] = 2
            nifti(root / "labelsTr" / f"hippocampus_{number}.nii.gz", mask)
            (root / part / f"._hippocampus_{number}.nii.gz").write_bytes(b"\0\5\x16\7")
    return root


def test_hippocampus(hippocampus: Path) -> None:
    absent(data.load_hippocampus, "msd-hippocampus")
    told = real.import_set("msd-hippocampus", hippocampus)
    assert told.startswith("4 volumes. In parts: test 1, train 3.")
    found = data.load_hippocampus()
    assert repr(found) == "VolumeSet: msd-hippocampus, 4 volumes, 4 patients"
    assert found.table["subset"].tolist() == ["train"] * 3 + ["test"]
    assert found.table["number"].tolist() == [1, 3, 4, 2]
    assert found.table["brightest"].max() > 100 * found.table["brightest"].min()
    item = found[1]
    assert isinstance(item.volume, Volume)
    assert item.volume.modality == "MR"
    assert item.volume.shape == item.mask.shape == (8, 12, 9)  # z, y, x
    np.testing.assert_array_equal(np.unique(item.mask.array), [0, 1, 2])
    # Where the mask is, the volume is bright: both were turned the same way.
    inside = item.volume.array[item.mask.array > 0]
    assert inside.min() > item.volume.array[item.mask.array == 0].max()
    assert found[3].mask is None
    assert "both hippocampi of a patient" in found.description
    assert found.licence == "CC BY-SA 4.0"


def test_a_set_of_volumes_is_chosen_from_and_split_like_a_set_of_images(
    hippocampus: Path,
) -> None:
    real.import_set("msd-hippocampus", hippocampus)
    found = data.load_hippocampus()
    outlined = found[(found.table["subset"] == "train").to_numpy()]
    assert len(outlined) == 3
    assert [item.group for item in outlined] == [1, 3, 4]
    assert found[-1].group == 2
    assert len(found[:2]) == 2
    assert [len(part) for part in outlined.split((0.67, 0.33), seed=1)] == [2, 1]
    with pytest.raises(IndexError, match="there is no volume 4: the set has 4, from 0"):
        found[4]
    with pytest.raises(TypeError, match="choose images by"):
        found["train"]  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="only 3"):
        outlined.split((0.25, 0.25, 0.25, 0.25))
    shown = found._repr_html_()
    assert '<img alt="msd-hippocampus: the middle axial plane of 3 volumes."' in shown
    assert "CC BY-SA 4.0" in shown
    assert "docs/datasheets/real.md" in shown


def test_volumes_are_read_when_asked_for_and_not_before(
    hippocampus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real.import_set("msd-hippocampus", hippocampus)
    read = []
    monkeypatch.setattr(
        "mlmi_course.dicom.read_volume", lambda path: read.append(path) or read_volume(path)
    )
    found = data.load_hippocampus()
    found[:2].split((0.5, 0.5))
    assert read == []
    found[3].volume  # noqa: B018
    assert [path.name for path in read] == ["hippocampus_002.nii.gz"]


def test_planes_become_a_set_of_images(hippocampus: Path) -> None:
    real.import_set("msd-hippocampus", hippocampus)
    found = data.load_hippocampus()
    images = found[:3].slices("coronal", size=(16, 16), with_mask=True)
    assert images.images.shape == (9, 16, 16)  # three planes of the second axis each
    assert images.groups.tolist() == [1] * 3 + [3] * 3 + [4] * 3
    assert images.spacing == (1.0, 1.0)
    assert images.masks.any(axis=(1, 2)).all()
    assert set(np.unique(images.masks)) == {0, 1, 2}
    # Scaled volume by volume: a thousand times the numbers look the same.
    bright = [images.images[images.groups == k][:, 6:10, 6:10].max() for k in (1, 3, 4)]
    assert bright == [255, 255, 255]
    # The mask is still over the bright part.
    assert (images.images[images.masks > 0] > 150).all()
    assert (images.images[images.masks == 0] < 120).all()
    assert images.table["volume"].tolist() == [0] * 3 + [1] * 3 + [2] * 3
    assert len(found.slices("axial", every=100)) == 4
    assert found[:1].slices("sagittal").images.shape == (8, 9, 12)
    cut = found[:1].slices("sagittal", size=(4, 6))
    np.testing.assert_array_equal(cut.images, found[:1].slices("sagittal").images[:, 2:6, 3:9])
    with pytest.raises(ValueError, match="no plane with a mask"):
        found[3:].slices(with_mask=True)
    with pytest.raises(ValueError, match="counts planes from 1"):
        found.slices(every=0)


def test_a_set_whose_parts_do_not_fit_together_is_refused() -> None:
    with pytest.raises(ValueError, match="masks needs one entry for each of 2 volumes, got 1"):
        data.VolumeSet(name="x", volumes=[Path("a"), Path("b")], groups=[1, 2], masks=[None],
                       source="", licence="")  # fmt: skip
    with pytest.raises(ValueError, match="t2 needs one entry for each of 1 volumes, got 0"):
        data.VolumeSet(name="x", volumes=[Path("a")], groups=[1], extra={"t2": []},
                       source="", licence="")  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda p: (p / "labelsTr/hippocampus_003.nii.gz").unlink(), "003.nii.gz has no mask"),
        (lambda p: (p / "imagesTr/hippocampus_003.nii.gz").unlink(), "003.nii.gz has no volume"),
        (
            lambda p: nifti(p / "labelsTr/hippocampus_003.nii.gz", np.zeros((9, 12, 9), np.uint8)),
            "and its volume",
        ),
        (
            lambda p: nifti(
                p / "labelsTr/hippocampus_003.nii.gz", np.full((9, 12, 8), 3, np.uint8)
            ),
            "other than 0, 1 and 2",
        ),
        (
            lambda p: nifti(p / "imagesTs/hippocampus_002.nii.gz", np.zeros((4, 4, 4, 2))),
            "is no volume: its shape",
        ),
        (
            lambda p: (p / "imagesTs/hippocampus_002.nii.gz").write_bytes(
                gzip.compress(b"x" * 999)
            ),
            "cannot be read as NIfTI",
        ),
        (lambda p: _cut(p / "imagesTs/hippocampus_002.nii.gz"), "002.nii.gz is damaged"),
        (
            lambda p: (p / "imagesTs/hippocampus_002.nii.gz").rename(p / "imagesTs/cat.nii.gz"),
            "cat.nii.gz is not named like",
        ),
        (lambda p: shutil.rmtree(p / "labelsTr"), "holds no folder with imagesTr and labelsTr"),
    ],
)
def test_hippocampus_files_that_do_not_fit_are_named(
    hippocampus: Path, spoil: Callable[[Path], object], says: str
) -> None:
    spoil(hippocampus)
    with pytest.raises(DataError, match=says):
        real.import_set("msd-hippocampus", hippocampus)
    assert real.imported_files("msd-hippocampus") == 0


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


# -- IXI -------------------------------------------------------------------------------------------


def test_ixi(tmp_path: Path) -> None:
    absent(data.load_ixi, "ixi-t1")
    for name in ("IXI012-HH-1211", "IXI002-Guys-0828", "IXI035-IOP-0873"):
        array = RNG.random((6, 5, 4)).astype(np.float32)
        nifti(tmp_path / "ixi" / f"{name}-T1.nii.gz", array, 2.0 if "HH" in name else 1.0)
    assert "3 volumes of 3 patients" in real.import_set("ixi-t1", tmp_path / "ixi")
    found = data.load_ixi()
    assert found.groups.tolist() == [2, 12, 35]
    assert found.table["site"].tolist() == ["Guys", "HH", "IOP"]
    assert found[1].volume.spacing == (2.0, 2.0, 2.0)
    assert found[0].mask is None
    assert "the site shows in every image" in found.description
    with pytest.raises(ValueError, match="differ in the size of their pixels"):
        found.slices()
    assert found[:1].slices("axial").masks is None
    # The whole set has 581: a part may be imported, but is not what a download must bring.
    known = real.real_set("ixi-t1")
    with pytest.raises(DataError, match=r"it has files \. 3, and not \. 581"):
        real.install(known, tmp_path / "ixi", whole=True)


def test_an_ixi_folder_with_another_contrast_is_refused(tmp_path: Path) -> None:
    nifti(tmp_path / "ixi" / "IXI002-Guys-0828-T1.nii.gz", np.zeros((4, 4, 4), np.float32))
    nifti(tmp_path / "ixi" / "IXI002-Guys-0828-T2.nii.gz", np.zeros((4, 4, 4), np.float32))
    with pytest.raises(DataError, match=r"T2\.nii\.gz is not named like"):
        real.import_set("ixi-t1", tmp_path / "ixi")


# -- DICOM -----------------------------------------------------------------------------------------


def series(folder: Path, patient: str, seed: int) -> None:
    affine = [[0, 0, 1, 0], [0, 1, 0, 0], [2, 0, 0, 0], [0, 0, 0, 1]]
    scan = Volume(np.zeros((3, 8, 8)), (2, 1, 1), affine, "CT", "HU")
    write_series(scan, folder, seed=seed, patient={"PatientID": patient})


def test_folders_of_series_are_imported(tmp_path: Path) -> None:
    series(tmp_path / "a" / "1", "P1", 1)
    series(tmp_path / "a" / "2", "P1", 2)
    told = real.import_set("tcia-somewhere", tmp_path)
    assert "2 series of 1 patients" in told
    found = data.load_tcia("somewhere")
    assert found[1].volume.shape == (3, 8, 8)
    assert "the middle axial plane of 2 volumes" in found._repr_html_()
    assert found.table["files"].tolist() == [3, 3]
    with pytest.raises(data.NotImported, match="mlmi data get tcia-elsewhere"):
        data.load_tcia("elsewhere")
    with pytest.raises(ValueError, match="no real set is called"):
        data.load_tcia("../elsewhere")


def test_a_series_that_is_no_volume_is_an_error_when_read_and_does_not_spoil_the_view(
    tmp_path: Path,
) -> None:
    series(tmp_path / "a" / "1", "P1", 1)
    series(tmp_path / "a" / "2", "P1", 2)
    sorted((tmp_path / "a" / "2").iterdir())[1].unlink()
    real.import_set("tcia-somewhere", tmp_path)
    (real.data_folder() / "tcia-somewhere" / "a" / "2" / "more.dcm").write_bytes(b"no DICOM")
    found = data.load_tcia("somewhere")
    with pytest.raises(DicomError):
        found[1]
    assert "the middle axial plane of 1 volumes" in found._repr_html_()


def test_two_series_in_a_folder_are_refused(tmp_path: Path) -> None:
    series(tmp_path / "a", "P1", 1)
    series(tmp_path / "b", "P1", 2)
    for number, file in enumerate((tmp_path / "b").iterdir()):
        file.rename(tmp_path / "a" / f"zz{number}.dcm")
    with pytest.raises(DataError, match="holds more than one series"):
        real.import_set("tcia-somewhere", tmp_path)
    (tmp_path / "a" / "zz2.dcm").write_bytes(b"no DICOM")
    with pytest.raises(DataError, match="cannot be read as DICOM"):
        real.import_set("tcia-somewhere", tmp_path)


# -- all of them -----------------------------------------------------------------------------------


def test_every_downloadable_set_has_a_loader_that_names_the_command() -> None:
    loaders = {
        "cmepda-microcalcifications": lambda: data.load_microcalcifications(source="cmepda"),
        "cmepda-masses": lambda: data.load_masses(source="cmepda"),
        "breastmnist": lambda: data.load_medmnist("breastmnist"),
        "pneumoniamnist": lambda: data.load_medmnist("pneumoniamnist"),
        "msd-hippocampus": data.load_hippocampus,
        "ixi-t1": data.load_ixi,
        "tcia-prostate_3t": lambda: data.load_tcia("prostate_3t"),
        "tcia-lungct_diagnosis": lambda: data.load_tcia("lungct_diagnosis"),
    }
    assert set(loaders) == {one.name for one in entries().values() if one.kind != "apply"}
    for name, load in loaders.items():
        absent(load, name)


def test_a_changed_file_is_found_before_it_misleads(hippocampus: Path) -> None:
    real.import_set("msd-hippocampus", hippocampus)
    file = real.data_folder() / "msd-hippocampus" / "imagesTr" / "hippocampus_001.nii.gz"
    nifti(file, np.zeros((4, 4, 4), np.float32))
    with pytest.raises(DataError, match=r"hippocampus_001\.nii\.gz is not as it was kept"):
        data.load_hippocampus()
    result = CliRunner().invoke(app, ["data", "verify", "msd-hippocampus"])
    assert result.exit_code == 1
    assert "imagesTr/hippocampus_001.nii.gz not as kept" in result.stderr


def test_readers_refuse_nothing_that_is_only_a_little_odd() -> None:
    """Names as they are in the archives."""
    assert published._IXI.fullmatch("IXI662-Guys-1120-T1.nii.gz")
    assert published._HIPPOCAMPUS.fullmatch("hippocampus_394.nii.gz")
