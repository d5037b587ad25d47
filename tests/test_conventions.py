"""Every row of docs/conventions.md, computed again with the libraries that are installed here."""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from conventions import Row, all_rows, differ, refused, storable
from conventions.stored import problems, read

ROOT = Path(__file__).resolve().parents[1]
ROWS = all_rows()
STORED = read()
IMPORTED = {
    "mlmi-course": "mlmi_course",
    "scikit-image": "skimage",
    "scikit-learn": "sklearn",
    "simpleitk": "SimpleITK",
    "surface-distance": "surface_distance",
    "numpy": "np",
}


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])
def test_the_libraries_still_give_what_the_page_says(row: Row) -> None:
    found = problems(row, STORED.get(row.address), row.values())
    assert not found, (
        f"{row.title}:\n  " + "\n  ".join(found) + "\nA library has changed its mind, or the row "
        f"was edited.  Read the row, mend what it says, then: python -m conventions --write "
        f"{row.address} && mlmi build"
    )


def test_nothing_is_stored_that_no_row_computes() -> None:
    assert STORED.keys() == ROWS.keys()


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])
def test_a_row_shows_two_values_that_differ(row: Row) -> None:
    values = [str(value) for value in STORED[row.address]["values"].values()]
    assert len(set(values)) > 1, "where everybody says the same there is nothing to tell"


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])
def test_a_row_names_the_libraries_that_it_computes_with(row: Row) -> None:
    source = inspect.getsource(row.compute)
    for library in row.libraries:
        assert re.search(rf"\b{IMPORTED.get(library, library)}\b", source), library


def test_the_versions_are_those_of_the_proved_set() -> None:
    """After an upgrade the page names the new version: python -m conventions --write."""
    pinned = set(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "constraints.txt").read_text(), re.M))
    for address, stored in STORED.items():
        for library, used in stored["versions"].items():
            if library == "mlmi-course":
                assert used == version("mlmi-course"), address
            else:
                assert (library, used) in pinned, f"{address}: {library} {used}"


def test_a_change_is_noticed() -> None:
    def compute() -> dict[str, object]:
        return {"a number": 1.0, "a list": [1, 2], "a word": "ValueError"}

    row = Row("A row", ("numpy",), compute)
    stored = {"versions": {"numpy": "2"}, "values": row.values()}
    assert problems(row, stored, row.values()) == []
    assert problems(row, None, row.values())
    for label, other in (("a number", 1.01), ("a list", [1, 3]), ("a word", "no error: 3")):
        assert len(problems(row, stored, {**row.values(), label: other})) == 1
    assert len(problems(row, stored, {"a number": 1.0, "a list": [1, 2]})) == 1
    assert len(problems(row, {**stored, "versions": {"scipy": "1"}}, row.values())) == 1


def test_values_are_stored_so_that_they_can_be_compared() -> None:
    assert storable((1, 2.00000001, True, float("inf"))) == [1, 2.0, True, "inf"]
    with pytest.raises(TypeError, match="a row gives numbers"):
        storable({1: 2})
    assert differ("nan", 1.0, 1e-3)
    assert differ(1, True, 1e-3)
    assert not differ(1.0, 1, 1e-3)
    assert not differ("nan", "nan", 1e-3)
    assert refused(lambda: 1 / 0) == "ZeroDivisionError"
    assert refused(lambda: 3) == "no error: 3"


# ---- links ------------------------------------------------------------------------------------

ADDRESS = re.compile(r"docs/conventions\.md#([\w-]+)")


def _addresses_in(*patterns: str) -> dict[str, set[str]]:
    """The files that name each address, by address."""
    found: dict[str, set[str]] = {}
    for pattern in patterns:
        for file in sorted(ROOT.glob(pattern)):
            for address in ADDRESS.findall(file.read_text(encoding="utf-8")):
                found.setdefault(address, set()).add(file.relative_to(ROOT).as_posix())
    return found


def test_every_address_that_is_named_anywhere_is_a_row() -> None:
    named = _addresses_in("course/*/*.py", "course/*/*.md", "mlmi_course/**/*.py", "docs/*.md")
    assert named.keys() <= ROWS.keys(), {a: named[a] for a in named.keys() - ROWS.keys()}


def test_lectures_link_the_rows_that_say_they_are_met_there() -> None:
    missing = []
    for group in {row.compute.__module__ for row in ROWS.values()}:
        tree = ast.parse((ROOT / f"{group.replace('.', '/')}.py").read_text(encoding="utf-8"))
        for node in (n for n in tree.body if isinstance(n, ast.FunctionDef)):
            for call in (c for c in node.decorator_list if isinstance(c, ast.Call)):
                words = {w.arg: w.value for w in call.keywords}
                for unit in ast.literal_eval(words["units"]) if "units" in words else ():
                    title = ast.literal_eval(call.args[0])
                    address = next(row.address for row in ROWS.values() if row.title == title)
                    if address not in _addresses_in(f"course/{unit}_*/*.py"):
                        missing.append(f"unit {unit}: {address}")
    assert not missing, "\n".join(sorted(missing))


# ---- the package names the row that its user needs ----------------------------------------------


def test_masks_that_are_none_are_refused_with_the_address_of_their_row() -> None:
    from mlmi_course.metrics import dice, hausdorff95

    mask = np.array([[0, 1], [1, 1]])
    for metric in (dice, lambda a, b: hausdorff95(a, b, spacing=1)):
        for wrong, address in (
            (mask * 255, "masks-of-0-and-255"),
            (mask * 0.99, "intersection-over-union-of-probabilities"),
        ):
            with pytest.raises(ValueError, match=rf"docs/conventions\.md#{address}\)"):
                metric(mask, wrong)
    with pytest.raises(ValueError, match=r"docs/conventions\.md#resampling-a-label-map"):
        dice(mask * 3, mask * 2.5, labels=[3])


@pytest.mark.parametrize(
    ("codes", "address"),
    [
        ((2, 1), "a-nifti-file-with-two-transforms"),
        ((0, 0), "a-nifti-file-with-no-transform"),
        ((1, 0), ""),
    ],
)
def test_a_nifti_file_that_is_read_in_two_ways_is_warned_of(
    tmp_path: Path, codes: tuple[int, int], address: str
) -> None:
    import nibabel

    from mlmi_course.dicom import read_volume

    image = nibabel.Nifti1Image(np.zeros((4, 4, 4), np.float32), None)
    image.set_sform(np.diag([2.0, 2, 2, 1]), code=codes[0])
    image.set_qform(np.eye(4), code=codes[1])
    nibabel.save(image, tmp_path / "image.nii")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        read_volume(tmp_path / "image.nii")
    messages = [str(warning.message) for warning in said]
    if address:
        assert len(messages) == 1
        assert f"docs/conventions.md#{address})" in messages[0]
    else:
        assert not messages


def test_a_gap_in_a_series_is_refused_with_the_address_of_its_row() -> None:
    from conventions.dicom_files import series
    from mlmi_course.dicom import DicomError, read_volume

    path = series([(0, 0, 5.0 * i) for i in range(6) if i != 3])
    with pytest.raises(DicomError, match=r"docs/conventions\.md#a-series-with-a-missing-slice"):
        read_volume(path)
