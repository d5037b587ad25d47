"""What `mlmi_course.dicom` promises: values, windows, and where a voxel is in the patient."""

from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlmi_course import dicom
from mlmi_course.dicom import Volume

# -- stored values to Hounsfield units ---------------------------------------------------------


def test_unsigned_values_do_not_wrap_around():
    stored = np.array([0, 24, 1024, 65535], dtype=np.uint16)
    assert dicom.to_hounsfield(stored, 1, -1024).tolist() == [-1024, -1000, 0, 64511]


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "int32", "int64", "float64"])
def test_hounsfield_is_float_and_leaves_the_input_alone(dtype):
    stored = np.array([[0, 100]], dtype=dtype)
    result = dicom.to_hounsfield(stored, 2, -50)
    assert result.dtype.kind == "f"
    assert result.tolist() == [[-50, 150]]
    assert stored.tolist() == [[0, 100]]


def test_padding_is_compared_with_the_stored_value():
    # After the rescale 1024 becomes 0; a real pixel of 0 HU must not vanish.
    result = dicom.to_hounsfield(np.array([-2000, 0, 1024], "int16"), 1, -1024, padding=-2000)
    assert np.isnan(result).tolist() == [True, False, False]
    assert result[1:].tolist() == [-1024, 0]


def test_padding_may_be_a_range_in_either_order():
    stored = np.arange(5)
    for limits in [(1, 3), (3, 1)]:
        holes = np.isnan(dicom.to_hounsfield(stored, 1, 0, padding=limits))
        assert holes.tolist() == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("slope", "intercept", "word"),
    [(0, 0, "slope"), (None, 0, "slope"), (1, "many", "intercept"), (np.nan, 0, "slope")],
)
def test_unusable_rescale_values_are_refused(slope, intercept, word):
    with pytest.raises(ValueError, match=word):
        dicom.to_hounsfield([1, 2], slope, intercept)


# -- windows -----------------------------------------------------------------------------------


def by_the_standard(x, c, w, function):
    """The pseudo-code of DICOM PS3.3 C.11.2.1.2.1 and C.11.2.1.3, one value at a time."""
    if function == "LINEAR":
        if x <= c - 0.5 - (w - 1) / 2:
            return 0.0
        if x > c - 0.5 + (w - 1) / 2:
            return 1.0
        return (x - (c - 0.5)) / (w - 1) + 0.5
    if function == "LINEAR_EXACT":
        if x <= c - w / 2:
            return 0.0
        if x > c + w / 2:
            return 1.0
        return (x - c) / w + 0.5
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-4 * (x - c) / w))


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("c", "w"), [(2048, 4096), (2048, 1), (0, 100), (40, 400), (50.5, 2)])
def test_window_follows_the_standard(c, w, function):
    around = [c - w, c - w / 2, c - w / 2 - 0.5, c - 0.5, c, c + 0.5, c + w / 2 - 0.5, c + w / 2]
    x = np.array([*around, c + w, 0, 4095, -1000.25])
    expected = [by_the_standard(value, c, w, function) for value in x]
    np.testing.assert_allclose(dicom.window(x, c, w, function), expected, atol=1e-12)


@pytest.mark.filterwarnings("ignore:overflow encountered in exp")  # in pydicom, not here
def test_window_agrees_with_pydicom():
    from pydicom import Dataset, examples
    from pydicom.pixels import apply_voi_lut

    stored = examples.ct.pixel_array
    for function, (c, w) in itertools.product(
        ["LINEAR", "LINEAR_EXACT", "SIGMOID"], [(1064, 400), (424, 1500), (1000, 1)]
    ):
        header = Dataset()
        header.PhotometricInterpretation = "MONOCHROME2"
        header.BitsStored, header.PixelRepresentation = 16, 1
        header.WindowCenter, header.WindowWidth, header.VOILUTFunction = c, w, function
        theirs = apply_voi_lut(stored, header)
        ours = dicom.window(stored, c, w, function) * (2**16 - 1) - 2**15
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_the_standards_own_example_is_an_identity():
    # PS3.3 C.11.2.1.2.1, note 4: centre 2^(n-1) and width 2^n select 0 … 2^n - 1.
    x = np.arange(4096)
    np.testing.assert_allclose(dicom.window(x, 2048, 4096) * 4095, x, atol=1e-9)


def test_width_one_is_a_threshold():
    assert dicom.window([99, 99.5, 99.51, 100], 100, 1).tolist() == [0, 0, 1, 1]


finite = st.floats(-1e300, 1e300)
functions = st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"])


@given(st.lists(finite, min_size=2), finite, st.floats(1, 1e300), functions)
def test_window_is_monotone_and_between_black_and_white(values, c, w, function):
    with np.errstate(all="raise", under="ignore"):
        y = dicom.window(np.sort(values), c, w, function)
    assert ((y >= 0) & (y <= 1)).all()
    assert (np.diff(y) >= -1e-12).all()


def test_padding_is_black_and_infinity_is_an_end():
    for function in ["LINEAR", "LINEAR_EXACT", "SIGMOID"]:
        assert dicom.window([np.nan, -np.inf, np.inf], 40, 400, function).tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((40, 0.5), "at least 1"),
        ((40, 0, "LINEAR_EXACT"), "greater than 0"),
        ((40, -3, "SIGMOID"), "greater than 0"),
        (([40, 400], 100), "choose one"),
        ((40, np.inf), "finite"),
        ((40, 400, "linear"), "'LINEAR'"),
    ],
)
def test_impossible_windows_are_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        dicom.window([0.0], *arguments)


def test_window_keeps_the_shape_and_takes_any_integers():
    image = np.zeros((2, 3), dtype=np.uint16)
    assert dicom.window(image, 40, 400).shape == (2, 3)
    assert dicom.window(5, 40, 400).shape == ()


def test_window_ends_are_where_the_window_arrives():
    for function in ["LINEAR", "LINEAR_EXACT"]:
        low, high = dicom.window_ends(40, 400, function)
        assert dicom.window([low, high], 40, 400, function).tolist() == [0, 1]
        assert 0 < dicom.window(low + 1, 40, 400, function) < 0.01


def test_presets_cannot_be_changed_by_accident():
    with pytest.raises(TypeError):
        dicom.WINDOWS["lung"] = (0, 1)
    assert all(width >= 1 for _, width in dicom.WINDOWS.values())


# -- pixel spacing -----------------------------------------------------------------------------


def test_aspect_is_row_spacing_over_column_spacing():
    assert dicom.aspect([5, 1]) == 5
    assert dicom.aspect(("0.5", "2")) == 0.25  # pydicom may hand over text


@pytest.mark.parametrize("spacing", [(1,), (1, 2, 3), (0, 1), (-1, 1), None, (np.nan, 1)])
def test_aspect_refuses_what_is_not_a_pixel_spacing(spacing):
    with pytest.raises(ValueError, match="two positive numbers"):
        dicom.aspect(spacing)


# -- volumes -----------------------------------------------------------------------------------

SHAPE, SPACING = (2, 3, 4), np.array([5.0, 0.5, 0.7])
UPRIGHT = np.array([[0, 0, 0.7, -7], [0, 0.5, 0, 11], [5, 0, 0, 100], [0, 0, 0, 1]], float)
ORIENTATIONS = [
    (order, signs)
    for order in itertools.permutations(range(3))
    for signs in itertools.product([1, -1], repeat=3)
]


def volume(affine=UPRIGHT, **changes):
    settings = {
        "array": np.arange(24).reshape(SHAPE),
        "spacing": tuple(SPACING),
        "affine": affine,
        "modality": "CT",
        "unit": "HU",
    }
    return Volume(**{**settings, **changes})


def turned(order, signs):
    """A scan whose array axes run along the patient axes ``order``, in the directions ``signs``."""
    affine = np.eye(4)
    affine[:3, :3] = 0
    for axis, (patient, sign) in enumerate(zip(order, signs, strict=True)):
        affine[patient, axis] = sign * SPACING[axis]
    affine[:3, 3] = 3, -20, 55
    return volume(affine)


def voxels(scan):
    """Value → position, for every voxel."""
    indices = np.argwhere(np.ones(scan.shape, bool))
    where = scan.position(indices).round(6).tolist()
    return {int(scan.array[tuple(i)]): tuple(p) for i, p in zip(indices, where, strict=True)}


@pytest.mark.parametrize(("order", "signs"), ORIENTATIONS)
def test_canonical_moves_no_voxel(order, signs):
    scan = turned(order, signs)
    canonical = scan.canonical()
    assert voxels(canonical) == voxels(scan)
    steps = canonical.affine[:3, :3]
    # z towards Superior (+S), y towards Posterior (+P), x towards Left (+L), nothing else.
    assert steps[2, 0] > 0
    assert steps[1, 1] > 0
    assert steps[0, 2] > 0
    assert np.count_nonzero(steps) == 3
    np.testing.assert_allclose(canonical.spacing, np.linalg.norm(steps, axis=0))
    assert (canonical.modality, canonical.unit) == ("CT", "HU")


def test_there_are_48_orientations():
    assert len(ORIENTATIONS) == 48


def test_canonical_of_canonical_is_itself_and_shares_memory():
    scan = turned((0, 1, 2), (-1, 1, -1))
    canonical = scan.canonical()
    assert canonical.canonical() is canonical
    assert np.shares_memory(canonical.array, scan.array)


def test_an_oblique_scan_takes_the_nearest_directions():
    angle = np.deg2rad(20)
    tilt = np.eye(4)
    tilt[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    scan = volume(tilt @ turned((2, 0, 1), (-1, 1, -1)).affine)
    assert voxels(scan.canonical()) == voxels(scan)
    assert (np.diag(scan.canonical().affine[[2, 1, 0], :3]) > 0).all()


@pytest.mark.parametrize(("order", "signs"), ORIENTATIONS[::5])
@pytest.mark.parametrize("name", dicom.PLANES)
def test_planes_run_from_letter_to_letter(order, signs, name):
    """Walk down and across a picture: the position must move towards the letter at that edge."""
    scan = turned(order, signs)
    where = voxels(scan)
    picture = scan.plane(name, 0)
    edges = scan.plane_edges(name)
    direction = {"L": (0, 1), "R": (0, -1), "P": (1, 1), "A": (1, -1), "S": (2, 1), "I": (2, -1)}
    spacing = scan.plane_spacing(name)
    for letter, step, (first, second) in [
        (edges.bottom, spacing[0], (picture[0, 0], picture[1, 0])),
        (edges.right, spacing[1], (picture[0, 0], picture[0, 1])),
    ]:
        axis, sign = direction[letter]
        moved = np.subtract(where[int(second)], where[int(first)])
        assert moved[axis] == pytest.approx(sign * step)
        assert np.count_nonzero(moved.round(6)) == 1
    assert {edges.top, edges.bottom} in ({"A", "P"}, {"S", "I"})


def test_planes_are_counted_towards_superior_posterior_and_left():
    scan = volume()
    assert [scan.plane_count(name) for name in dicom.PLANES] == [2, 3, 4]
    np.testing.assert_array_equal(scan.plane("axial", -1), scan.array[1])
    np.testing.assert_array_equal(scan.plane("coronal", 2), scan.array[::-1, 2, :])
    np.testing.assert_array_equal(scan.plane("sagittal"), scan.array[::-1, :, 2])
    with pytest.raises(ValueError, match="from 0 to 1"):
        scan.plane("axial", 2)
    with pytest.raises(ValueError, match="axial, coronal, sagittal"):
        scan.plane("transverse")


def test_position_of_many_indices():
    assert volume().position((1, 2, 3)).tolist() == pytest.approx([-7 + 2.1, 12, 105])
    assert volume().position(np.zeros((5, 3))).shape == (5, 3)
    with pytest.raises(ValueError, match=r"\(z, y, x\)"):
        volume().position((1, 2))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"array": np.zeros((3, 4))}, r"array\[np.newaxis\]"),
        ({"array": np.zeros((0, 3, 4))}, "non-empty"),
        ({"spacing": (1, 1)}, "three positive numbers"),
        ({"spacing": (5, 0, 0.7)}, "three positive numbers"),
        ({"spacing": (0.7, 0.5, 5)}, "disagree"),
        ({"affine": np.eye(3)}, r"\(4, 4\)"),
        ({"affine": UPRIGHT + np.eye(4)[3]}, "last row"),
        ({"affine": UPRIGHT * [[1], [1], [0], [1]]}, "cannot be inverted"),
    ],
)
def test_contradictory_volumes_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        volume(**changes)


def test_a_volume_is_shown_in_one_line_and_escapes_what_it_was_given():
    assert repr(volume()) == "Volume: CT, 2 × 3 × 4 voxels (z, y, x) of 5 × 0.5 × 0.7 mm, HU"
    shown = volume(info={"note": "<script>"})._repr_html_()
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown


def test_the_affine_is_a_copy_that_cannot_be_changed():
    mine = UPRIGHT.copy()
    scan = volume(mine)
    mine[0, 3] = 999
    assert scan.affine[0, 3] == -7
    with pytest.raises(ValueError, match="read-only"):
        scan.affine[0, 3] = 1


# -- NIfTI -------------------------------------------------------------------------------------


def test_nifti_positions_agree_with_nibabel():
    import nibabel

    rng = np.random.default_rng(0)
    affine = nibabel.affines.from_matvec(np.diag([-2, 3, 4]), [10, -20, 30])
    values = np.arange(24, dtype="float32").reshape(4, 3, 2)
    scan = dicom.volume_from_nifti(nibabel.Nifti1Image(values, affine), "MR")
    for x, y, z in rng.integers([4, 3, 2], size=(10, 3)):
        right, anterior, superior = nibabel.affines.apply_affine(affine, (x, y, z))
        assert scan.array[z, y, x] == values[x, y, z]
        assert scan.position((z, y, x)).tolist() == [-right, -anterior, superior]
    assert scan.spacing == (4, 3, 2)


def test_the_mni_brain_lies_the_right_way_round():
    """The known affine of MNI152, 2 mm: x runs to the Right, so a radiologist sees it flipped."""
    from nilearn.datasets import load_mni152_template

    image = load_mni152_template(resolution=2)
    values = np.asarray(image.dataobj)
    scan = dicom.volume_from_nifti(image)
    np.testing.assert_array_equal(scan.plane("axial", 40), values[::-1, ::-1, 40].T)
    np.testing.assert_array_equal(scan.plane("coronal", 50), values[::-1, 116 - 50, ::-1].T)
    np.testing.assert_array_equal(scan.plane("sagittal", 20), values[98 - 20, ::-1, ::-1].T)
    canonical = scan.canonical()
    # The file's origin is 98 mm to the Left (x = −98 of Right): the last column of a row.
    assert canonical.position((0, 0, 98)).tolist() == [98, canonical.affine[1, 3], -72]
    assert scan.plane_edges("axial") == ("A", "P", "R", "L")


def test_nifti_of_a_time_series_is_refused():
    import nibabel

    with pytest.raises(ValueError, match="slicer"):
        dicom.volume_from_nifti(nibabel.Nifti1Image(np.zeros((2, 2, 2, 5)), np.eye(4)))
    with pytest.raises(ValueError, match=r"nibabel\.load"):
        dicom.volume_from_nifti(np.zeros((2, 2, 2)))


# -- headers and imports -----------------------------------------------------------------------


def test_header_table_of_a_real_scan():
    from pydicom import examples

    table = dicom.header_table(examples.ct, ["Modality", "PixelSpacing", "WindowCenter"])
    assert table.loc["Modality"].tolist() == ["(0008,0060)", "CS", "CT"]
    assert "0.661468" in table.loc["PixelSpacing", "value"]
    assert table.loc["WindowCenter", "value"] == "(absent)"
    with pytest.raises(ValueError, match="'Pixelspacing'"):
        dicom.header_table(examples.ct, ["Pixelspacing"])


def test_importing_costs_only_numpy():
    heavy = "{'pandas', 'nibabel', 'matplotlib', 'pydicom', 'ipywidgets', 'scipy', 'tensorflow'}"
    code = f"import sys, mlmi_course.dicom; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
