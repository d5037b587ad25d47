"""Loaders: what they pass on, what they refuse, and that real is never replaced by simulated."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import numpy as np
import pytest

from mlmi_course import data
from mlmi_course._signatures import USUAL
from mlmi_course.data import cache, real, simulated
from mlmi_course.data.arrays import image_set
from mlmi_course.data.simulated import _request as request
from mlmi_course.data.simulated.masses import MASSES
from mlmi_course.phantoms import brain, cohort, lung, mammography, masses

LOADERS = [
    data.load_microcalcifications,
    data.load_mammograms,
    data.load_masses,
    data.load_lung_patches,
    data.load_brain_slices,
    data.load_brain_volumes,
    data.load_cohort,
]


def simulate(simulator: ModuleType, n: int = 10, seed: int = 0, **more: Any) -> data.ImageSet:
    return request.simulate(MASSES, simulator.blocks, 0.5, n, seed, more)


@pytest.mark.parametrize(
    ("load", "simulator"),
    [
        (data.load_microcalcifications, mammography.patch_blocks),
        (data.load_mammograms, mammography.section_blocks),
        (data.load_masses, masses.lesion_blocks),
        (data.load_lung_patches, lung.patch_blocks),
        (data.load_brain_slices, brain.slice_blocks),
        (data.load_brain_volumes, brain.volume_blocks),
        (data.load_cohort, cohort.simulate),
    ],
)
def test_completion_and_help_show_every_parameter_of_the_simulator(
    load: Any, simulator: Any
) -> None:
    shown = {
        one.name: one.annotation
        for one in inspect.signature(load).parameters.values()
        if one.default is USUAL
    }
    known = request.require_parameters(simulator, {}, load.__name__)
    assert set(shown) == set(known)
    hints = get_type_hints(simulator)
    of_all = inspect.signature(simulator).parameters
    assert shown == {name: hints.get(name, of_all[name].annotation) for name in known}


def test_arrays_find_their_places(simulator: ModuleType) -> None:
    found = simulate(simulator)
    assert found.images.shape == found.masks.shape == (10, 8, 8)
    assert found.labels.tolist() == [0] * 4 + [1] * 4 + [0] * 2
    assert found.patients == 3
    assert list(found.table) == ["view"]
    assert list(found.extra) == ["second_reader"]
    assert found.findings is None
    assert found.spacing == (0.5, 0.5)
    assert found.licence == "CC BY 4.0"
    assert found.source == "simulated by mlmi_course.phantoms.masses, seed 0"


def test_a_parameter_that_is_spelled_out_is_the_same_request(simulator: ModuleType) -> None:
    simulate(simulator)
    simulate(simulator, bright=False)
    assert simulator.calls == [10]
    bright = simulate(simulator, bright=True)
    assert simulator.calls == [10, 10]
    assert bright.images[0, 0, 0] == 97
    assert bright.source.endswith("seed 0, bright=True")


def test_an_unknown_parameter_lists_those_that_exist(simulator: ModuleType) -> None:
    for wrong in ("brihgt", "block"):  # how the work is cut up is none
        says = f"load_masses has no parameter {wrong}; there are: bright=False"
        with pytest.raises(TypeError, match=re.escape(says)):
            simulate(simulator, **{wrong: True})
    assert simulator.calls == []


def test_lesions_become_a_table_in_pixels_and_millimetres() -> None:
    nan = np.nan
    found = image_set(
        {
            "images": np.zeros((3, 8, 8), np.uint8),
            "groups": np.array([4, 4, 9]),
            "cluster_row": np.array([[1, 2], [nan, nan], [3, nan]], np.float32),
            "cluster_column": np.array([[5, 6], [nan, nan], [7, nan]], np.float32),
            "cluster_radius_mm": np.array([[2, 3], [nan, nan], [4, nan]], np.float32),
            "cluster_count": np.array([[10, 20], [nan, nan], [30, nan]], np.float32),
        },
        name="x", source="", licence="", spacing=(0.5, 0.5),
    )  # fmt: skip
    assert found.findings.to_dict("list") == {
        "image": [0, 0, 2], "group": [4, 4, 9], "row": [1, 2, 3], "column": [5, 6, 7],
        "row_mm": [0.5, 1, 1.5], "column_mm": [2.5, 3, 3.5], "radius_mm": [2, 3, 4],
        "count": [10, 20, 30],
    }  # fmt: skip
    assert found[1:].findings["image"].tolist() == [1]


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize("n", [0, -1, 2.5, "10", True, None])
def test_n_is_a_positive_whole_number(load: Any, n: Any) -> None:
    with pytest.raises(ValueError, match="n must be a whole number of at least 1"):
        load(n=n)


@pytest.mark.parametrize("load", LOADERS)
def test_seed_and_parameters_are_looked_at(load: Any) -> None:
    with pytest.raises(ValueError, match="seed must be"):
        load(seed=-1)
    with pytest.raises(TypeError, match=f"{load.__name__} has no parameter surprise; there are: "):
        load(surprise=1)


@pytest.mark.parametrize("load", LOADERS[:-1])
def test_a_wrong_source_names_the_right_ones(load: Any) -> None:
    with pytest.raises(ValueError, match=r'knows source="simulated".*, not "?\'?real'):
        load(source="real")


def test_there_are_no_real_mammograms() -> None:
    with pytest.raises(ValueError, match="simulated"):
        data.load_mammograms(source="cmepda")


@pytest.mark.parametrize(
    ("load", "name"),
    [
        (data.load_microcalcifications, "cmepda-microcalcifications"),
        (data.load_masses, "cmepda-masses"),
    ],
)
def test_real_data_that_are_absent_are_one_error_and_never_simulated(
    load: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request, "simulated_arrays", lambda *_, **__: pytest.fail("simulated"))
    with pytest.raises(data.NotImported, match=f"get it: mlmi data get {name}") as caught:
        load(source="cmepda")
    assert isinstance(caught.value, FileNotFoundError)
    assert re.search(r"\(2\.1 MB\)|\(32 kB a mass\)", str(caught.value))  # how large
    assert "\n" not in str(caught.value)
    for nonsense in ({"n": 3}, {"seed": 1}, {"difficulty": 1}):
        with pytest.raises(TypeError, match="loaded whole"):
            load(source="cmepda", **nonsense)


@pytest.mark.parametrize(
    ("load", "n", "more", "shape"),
    [
        (data.load_microcalcifications, 24, {}, (24, 60, 60)),
        (data.load_mammograms, 2, {}, (2, 512, 512)),
        (data.load_masses, 6, {"size": 64}, (6, 64, 64)),
        (data.load_lung_patches, 6, {}, (6, 64, 64)),
    ],
)
def test_the_simulators_fit(load: Any, n: int, more: dict[str, Any], shape: Any) -> None:
    cold, warm = load(n=n, **more), load(n=n, **more)
    assert cold.images.shape == cold.masks.shape == shape
    assert cold.masks.max() <= 1
    assert set(np.unique(cold.labels)) <= set(cold.classes)
    np.testing.assert_array_equal(cold.images, warm.images)
    assert not np.array_equal(cold.images, load(n=n, seed=1, **more).images)
    assert cold.spacing[0] > 0
    assert "simulated" in cold.source
    assert cold._repr_html_()


def test_brain_slices_bring_contrasts_and_truth() -> None:
    found = data.load_brain_slices(n=6, size=64, contrasts=("t2", "t1"), ct=True)
    assert found.images.dtype == found.extra["t1"].dtype == np.uint16  # T2 is the first
    assert found.images[found.masks == 1].mean() > found.images[found.masks == 3].mean()
    assert sorted(found.extra) == ["bias", "ct", "fractions", "structure", "t1"]
    assert found.extra["fractions"].shape == (6, 3, 64, 64)
    assert found.labels is None
    assert found.spacing == (3.6, 3.6)
    assert {"level_mm", "vendor", "epvs", "sigma_t1", "sigma_t2"} <= set(found.table)
    assert found.source.endswith("seed 0, contrasts=('t2', 't1'), ct=True")
    train, test = found.split((0.5, 0.5))
    assert set(train.groups).isdisjoint(test.groups)


def test_findings_of_brains_are_a_table() -> None:
    found = data.load_brain_slices(n=6, size=64, epvs=40, lesions=10, levels=(10, 40))
    assert found.labels.max() == 1
    lesions = found.findings
    assert list(lesions)[:4] == ["image", "group", "row", "column"]
    assert set(lesions["kind"]) <= {0, 1}
    counts = np.bincount(lesions["image"][lesions["kind"] == 1], minlength=6)
    np.testing.assert_array_equal(counts, found.table["epvs"])


def test_brain_volumes_know_where_they_are_and_are_kept() -> None:
    asked = {"n": 2, "size": 64, "step": 9, "contrasts": ("flair", "t1"), "ct": True}
    cold, warm = data.load_brain_volumes(**asked), data.load_brain_volumes(**asked)
    assert [head.group for head in cold] == [0, 1]
    for one, other in zip(cold, warm, strict=True):
        assert one.volume.info["description"] == "flair"  # the first that was asked for
        assert sorted(one.extra) == ["bias", "ct", "structure", "t1"]
        assert one.extra["ct"].unit == "HU"
        for volume in (one.volume, one.mask, *one.extra.values()):
            assert volume.shape == (17, 64, 64)
            assert volume.canonical() is volume
            assert volume.position((8, 31.5, 31.5)).tolist() == pytest.approx([0, 0, 8])
        np.testing.assert_array_equal(one.volume.array, other.volume.array)
        assert one.row["vendor"] == "A"
        with pytest.raises(ValueError, match="read-only"):
            one.volume.array[0] = 0
    assert not np.array_equal(cold[0].volume.array, cold[1].volume.array)


def test_brain_volumes_are_a_set_like_real_ones() -> None:
    found = data.load_brain_volumes(3, size=64, step=9)
    assert repr(found) == "VolumeSet: brain-volumes, 3 volumes, 3 patients"
    assert [len(part) for part in found.split((0.67, 0.33))] == [2, 1]
    assert found[1:][0].extra["t2"].array.tolist() == found[1].extra["t2"].array.tolist()
    planes = found.slices("axial", size=(64, 64), every=4)
    assert planes.images.shape == planes.masks.shape == (15, 64, 64)
    assert set(np.unique(planes.masks)) <= set(found.classes)
    assert found._repr_html_()


def test_fields_of_view_do_not_depend_on_the_size() -> None:
    small, large = data.load_masses(2, size=64), data.load_masses(2, size=128)
    assert small.spacing[0] == 2 * large.spacing[0]


def test_patches_of_lung_are_in_hounsfield_units_and_come_in_pairs() -> None:
    found = data.load_lung_patches(n=4, equal_histograms=True, retest=True, airway=True)
    assert found.images.dtype == found.extra["retest"].dtype == np.int16
    assert found.images.min() < -950
    assert sorted(found.extra) == ["airway", "retest"]
    assert found.table["pair"].tolist() == [0, 0, 1, 1]
    assert {"fraction", "hole_mm", "lumen_mm", "wall_mm", "airway_row"} <= set(found.table)
    assert found.spacing == (0.6, 0.6)
    with pytest.raises(ValueError, match="size must be from 32 to 256 pixels"):
        data.load_lung_patches(n=2, size=16)


def test_clusters_lie_in_their_sections() -> None:
    found = data.load_mammograms(n=6)
    lesions = found.findings
    assert list(lesions)[:8] == [
        "image", "group", "row", "column", "row_mm", "column_mm", "radius_mm", "count",
    ]  # fmt: skip
    assert len(lesions)
    assert lesions["row"].between(0, 511).all()
    np.testing.assert_allclose(lesions["row_mm"], lesions["row"] * found.spacing[0])
    assert set(lesions["image"]) == set(np.flatnonzero(found.labels))


def test_a_cohort_comes_with_its_truth() -> None:
    cohort = data.load_cohort(n=40, seed=3)
    assert len(cohort.table) == 40
    assert cohort.truth is not None


def test_importing_the_package_loads_no_simulator_and_writes_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, mlmi_course.data\n"
        "late = ('mlmi_course.phantoms.', 'pandas', 'scipy', 'PIL')\n"
        "print([name for name in sys.modules if name.startswith(late)])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "['mlmi_course.phantoms.arguments']"
    assert not cache.cache_folder().exists()


def test_every_set_has_its_datasheet() -> None:
    root = Path(__file__).resolve().parents[2]
    pages = [about.datasheet for about in simulated.SIMULATED]
    pages += [known.datasheet for known in real.REAL_SETS.values()]
    assert [page for page in pages if not (root / page).is_file()] == []
