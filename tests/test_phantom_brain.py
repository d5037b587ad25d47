"""The simulated heads: signals, noise, how subjects differ, and that truth and image agree."""

from __future__ import annotations

import math
import threading
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from mlmi_course.metrics import dice
from mlmi_course.phantoms import brain
from mlmi_course.phantoms.brain import _anatomy, _person, _scanner, _template
from mlmi_course.phantoms.brain._fields import draw_field

Slices = dict[str, NDArray]

CSF, GREY, WHITE = 1, 2, 3
PEOPLE = 12
STEP = 4.8  # mm, of whole heads


@cache
def sequence(**knobs) -> Slices:
    return brain.slices(12, seed=5, **knobs)


@cache
def bodies() -> list[tuple[NDArray, NDArray, NDArray]]:
    """Fractions and structures of whole subjects, and structures of their upright brains."""
    people = [_scanner.subject_of(0, i, brain.HeadParameters()) for i in range(PEOPLE)]
    middle = (-24, 48)  # where there are ventricles
    return [(*_volume(p, *brain.HEIGHTS_MM), _volume(_upright(p), *middle)[1]) for p in people]


def _volume(person: _person.Person, low: float, high: float) -> tuple[NDArray, NDArray]:
    grid = _anatomy.Grid(64, 3.6, STEP)
    planes = [_anatomy.anatomy(person, grid, z) for z in np.arange(low, high, STEP)]
    return np.stack([p.fractions for p in planes], axis=1), np.stack([p.structure for p in planes])


def _upright(person: _person.Person) -> _person.Person:
    """The same brain, of the template's size and in its place: what remains is individual."""
    still = _person._affine(np.ones(3), np.zeros(3), np.array(_template.CENTRE))
    return replace(person, to_template=still)


def same(one: Slices, other: Slices, n: int | None = None) -> None:
    assert list(one) == list(other)
    for name in one:
        np.testing.assert_array_equal(one[name][:n], other[name], err_msg=name)


# -- signals -----------------------------------------------------------------------------------


def test_spin_echo_at_textbook_points():
    long = brain.Sequence("spin echo", tr=1e6, te=0)
    assert long.signal(1000, 100, 0.7) == pytest.approx(0.7)  # all of the protons
    half = brain.Sequence("spin echo", tr=1000 * math.log(2), te=0)
    assert half.signal(1000, 100, 1) == pytest.approx(0.5)  # TR = T1 ln 2
    late = brain.Sequence("spin echo", tr=1e6, te=100)
    assert late.signal(1000, 100, 1) == pytest.approx(math.exp(-1))  # TE = T2


def test_inversion_recovery_at_textbook_points():
    null = brain.Sequence("inversion recovery", tr=1e6, te=0, ti=1000 * math.log(2))
    assert null.signal(1000, 100, 1) == pytest.approx(0, abs=1e-9)  # TI = T1 ln 2
    assert null.signal(3000, 100, 1) < 0 < null.signal(300, 100, 1)


def test_gradient_echo_at_textbook_points():
    """The signal is largest at the Ernst angle, cos α = e^(−TR/T1); at 90° it is a spin echo's."""
    ernst = math.degrees(math.acos(math.exp(-18 / 500)))
    values = {
        flip: float(brain.Sequence("spoiled gradient echo", 18, 0, flip).signal(500, 70, 1))
        for flip in (ernst - 3, ernst, ernst + 3, 90)
    }
    assert max(values, key=values.get) == ernst
    relaxed = math.exp(-18 / 500)
    assert values[ernst] == pytest.approx(math.sqrt((1 - relaxed) / (1 + relaxed)))
    assert values[90] == pytest.approx(1 - relaxed)


def test_contrasts_are_the_right_way_round():
    for vendor in brain.GAIN:
        for field in brain.RELAXATION:
            tissues = brain.relaxation(field)
            protocol = brain.sequences(vendor, field)
            s = {
                contrast: {
                    name: float(protocol[contrast].signal(*t)) for name, t in tissues.items()
                }
                for contrast in brain.CONTRASTS
            }
            t1, t2, flair = s["t1"], s["t2"], s["flair"]
            assert t1["white matter"] > 1.15 * t1["grey matter"] > 1.3 * t1["CSF"]
            assert t2["CSF"] > 1.5 * t2["grey matter"] > 1.5 * t2["white matter"]
            assert abs(flair["CSF"]) < 0.02 * flair["grey matter"]
            assert flair["lesion"] > 1.3 * flair["grey matter"]
            assert max(abs(v["cortical bone"]) for v in s.values()) < 0.005 or vendor == "B"
            assert s["pd"]["air"] == 0


def test_a_contrast_agent_lights_up_the_rim_alone():
    before, after = brain.relaxation(1.5), brain.relaxation(1.5, agent=True)
    assert [name for name in before if before[name] != after[name]] == ["enhancing rim"]
    t1 = brain.sequences()["t1"]
    assert t1.signal(*after["enhancing rim"]) > 1.5 * t1.signal(*before["enhancing rim"])


@pytest.mark.parametrize("true", [0.0, 20.0, 60.0, 400.0])
def test_rician_moments(true):
    sigma = 20.0
    noisy = brain.rician(np.full(400_000, true), sigma, np.random.default_rng(1)).astype(float)
    assert (noisy**2).mean() == pytest.approx(true**2 + 2 * sigma**2, rel=0.01)
    assert noisy.min() >= 0
    if true == 0:
        assert noisy.mean() == pytest.approx(sigma * math.sqrt(math.pi / 2), rel=0.01)
        assert noisy.std() == pytest.approx(sigma * math.sqrt(2 - math.pi / 2), rel=0.01)


@pytest.mark.parametrize("contrast", ["t1", "t2", "pd", "flair"])
def test_the_air_of_an_image_is_rayleigh_and_not_clipped(contrast):
    found = brain.slices(6, seed=1, contrasts=(contrast,), noise=0.06)
    air = found["images"][:, :8].astype(float)  # above every head
    assert (found["masks"][:, :8] == 0).all()
    sigma = float(found[f"sigma_{contrast}"][0])
    assert air.mean() == pytest.approx(sigma * math.sqrt(math.pi / 2), rel=0.02)
    assert air.std() == pytest.approx(sigma * math.sqrt(2 - math.pi / 2), rel=0.03)
    assert (air**2).mean() == pytest.approx(2 * sigma**2, rel=0.03)


def test_pure_voxels_follow_the_signal_equation():
    """Without noise an image is the signal of the true maps, times gain and bias field."""
    for vendor in ("A", "B"):
        scan = brain.simulate(2, level=22, noise=0.0, vendor=vendor, contrasts=brain.CONTRASTS)
        inner = ndimage.minimum_filter(scan.fractions[1:].max(axis=0)[0] > 0.998, 3)[np.newaxis]
        assert inner.sum() > 300
        for name, sequence in scan.sequences.items():
            expected = np.abs(sequence.signal(scan.t1[inner], scan.t2[inner], scan.pd[inner]))
            expected = expected * scan.bias[inner] * brain.FULL_SCALE * brain.GAIN[vendor]
            within = 0.005 if vendor == "A" else 0.03  # B smooths, and tissue has a texture
            difference = np.abs(scan.images[name][inner] - expected)
            assert np.quantile(difference, 0.99) <= within * expected.max(), (vendor, name)


def test_mixed_voxels_are_mixtures_of_signals():
    scan = brain.simulate(2, level=10, noise=0.0, bias=0.0, contrasts=("t2",))
    fluid, grey = scan.share("CSF"), scan.share("grey matter")
    mixed = (np.abs(fluid - 0.5) < 0.1) & (fluid + grey > 0.999)
    pure = {
        name: float(np.median(scan.images["t2"][scan.share(name) > 0.999]))
        for name in ("CSF", "grey matter")
    }
    expected = fluid * pure["CSF"] + grey * pure["grey matter"]
    assert mixed.sum() > 5
    np.testing.assert_allclose(scan.images["t2"][mixed], expected[mixed], rtol=0.06)


def test_maps_hold_the_published_times_but_for_individual_variation():
    for field in (1.5, 3.0):
        scans = [brain.simulate(i, level=25, field=field) for i in range(4)]
        for name in ("white matter", "grey matter", "CSF"):
            pure = [scan.share(name) > 0.99 for scan in scans]
            for attribute in ("t1", "t2", "pd"):
                values = [
                    getattr(scan, attribute)[p].mean() for scan, p in zip(scans, pure, strict=True)
                ]
                published = getattr(brain.relaxation(field)[name], attribute)
                assert np.mean(values) == pytest.approx(published, rel=0.06), (field, name)
                if name != "CSF":
                    assert np.std(values) > 0.001 * published  # people differ


def test_the_bias_field_has_the_range_that_was_asked_for():
    for bias in (0.0, 0.4):
        scan = brain.simulate(1, size=64, step=7.2, bias=bias, contrasts=("t1",))
        inside = np.isin(scan.tissue, (GREY, WHITE))
        low, high = np.quantile(scan.bias[inside], (0.001, 0.999))
        assert low == pytest.approx(1 - bias / 2, abs=0.06)
        assert high == pytest.approx(1 + bias / 2, abs=0.06)
        steps = np.abs(np.diff(scan.bias, axis=2))[inside[:, :, 1:]]
        assert steps.max() <= 0.1 * bias  # smooth: neighbours differ little


# -- subjects ----------------------------------------------------------------------------------


def test_volumes_are_those_of_adults_and_differ():
    litres = np.array([f[1:4].sum(axis=(1, 2, 3)) for f, _, _ in bodies()]) * 3.6**2 * STEP / 1e6
    inside = litres.sum(axis=1)
    assert 1.35 < inside.mean() < 1.7
    spread = litres.std(axis=0, ddof=1) / litres.mean(axis=0)
    assert spread[2] >= 0.05  # white matter
    assert spread[0] >= 0.12  # fluid varies more
    assert 0.3 < (litres[:, 2] / inside).mean() < 0.37  # of which white
    assert (litres[:, 1] > litres[:, 2]).all()


def test_ventricles_differ_in_size_and_shape():
    sizes = np.array([(s == 1).sum() for _, s, _ in bodies()]) * 3.6**2 * STEP / 1000
    assert 12 < np.median(sizes) < 30
    assert sizes.max() > 2 * sizes.min()
    for which in (1, 2):  # as they lie, and brought into the template's place
        pairs = combinations([body[which] == 1 for body in bodies()], 2)
        overlap = np.median([float(dice(a, b)) for a, b in pairs])
        assert overlap <= 0.8
    assert overlap > 0.3  # but they are ventricles in the same place


def test_no_two_cortices_agree():
    """Grey matter of two upright brains agrees less than a head turned by nothing would."""
    grid = _anatomy.Grid(128, 1.8, 1.8)
    people = [_upright(_scanner.subject_of(3, i, brain.HeadParameters())) for i in range(6)]
    grey = [_anatomy.anatomy(p, grid, 40.0).fractions[2] > 0.5 for p in people]
    assert np.median([float(dice(a, b)) for a, b in combinations(grey, 2)]) < 0.75


def test_atrophy_widens_ventricles_and_sulci():
    young, old = (
        brain.simulate(4, size=64, step=5, atrophy=a, contrasts=("t1",)).millilitres()
        for a in (0.0, 1.0)
    )
    assert old["ventricles"] > 2 * young["ventricles"]
    assert old["CSF"] > 1.3 * young["CSF"]
    assert old["grey matter"] < 0.95 * young["grey matter"]


def test_fluid_around_the_brain_has_a_thickness_and_is_no_brighter_than_ventricles():
    asked = {"contrasts": ("t2",), "levels": (20, 50), "bias": 0, "noise": 0.01}
    found = brain.slices(18, seed=2, slices=2, **asked)
    widths, ratios = [], []
    for image, tissue, structure in zip(
        found["images"], found["masks"], found["structure"], strict=True
    ):
        within = ndimage.binary_fill_holes((tissue > 0) & (tissue < 4))
        depth = ndimage.distance_transform_edt(within, 1.8)
        outer = (tissue == CSF) & (depth < 9)
        rim = within & (depth < 2.5)
        widths.append(outer.sum() * 1.8**2 / (rim.sum() * 1.8**2 / 2.5))
        if (structure == 1).sum() > 30:
            inner = np.quantile(image[structure == 1], 0.9)
            ratios.append(image[rim].mean() / inner)
    assert 1.5 < np.median(widths) < 6  # mm
    assert max(widths) > 1.5 * min(widths)
    assert np.median(ratios) < 0.9


def test_tissue_is_stretched_and_never_folded():
    rng = np.random.default_rng(0)
    for number in range(5):
        person = _scanner.subject_of(0, number, brain.HeadParameters())
        points = rng.uniform((-55, -70, -35), (55, 70, 55), (3000, 3))
        jacobian = np.stack(
            [
                person.template_points(points + e) - person.template_points(points - e)
                for e in np.eye(3)
            ],
            axis=-1,
        )
        there = _template.template().coarse_at(person.template_points(points))
        brainy = (there[:, _template.HULL] < 0) & (there[:, _template.VENTRICLE] > 1)
        # The scanner's axes x and y run against the template's: two reflections.
        determinant = np.linalg.det(jacobian[brainy] / 2)
        assert determinant.min() > 0.05
        assert determinant.max() < 6


def test_halves_of_a_head_differ_although_the_template_is_symmetric():
    scan = brain.simulate(1, level=30, noise=0, bias=0, contrasts=("t1",))
    white = scan.tissue[0] == WHITE
    best = max(float(dice(white, np.roll(white[:, ::-1], shift, axis=1))) for shift in range(-8, 9))
    assert best < 0.9


# -- truth -------------------------------------------------------------------------------------


def test_labels_follow_from_the_fractions():
    scan = brain.simulate(
        1, level=20, lesions=20, tumour=1, epvs=40, contrasts=("t1",), hippocampus=True
    )
    np.testing.assert_allclose(scan.fractions.sum(axis=0), 1, atol=1e-4)
    assert scan.fractions.min() >= -1e-6
    for label, name in ((CSF, "CSF"), (GREY, "grey matter"), (WHITE, "white matter")):
        share = scan.share(name) + (scan.share("dura") if label == CSF else 0)
        assert (scan.tissue[share > 0.51] == label).all()
        assert (share[scan.tissue == label] > 0.2).all()
    assert (scan.tissue[scan.structure == 1] != WHITE).all()


def test_stored_fractions_masks_and_images_belong_together():
    found = sequence()
    shares = found["fractions"].astype(float) / 255
    sure = shares.max(axis=1) > 0.6
    np.testing.assert_array_equal(shares.argmax(axis=1)[sure] + 1, found["masks"][sure])
    for image, mask in zip(found["images"], found["masks"], strict=True):
        assert image[mask == WHITE].mean() > image[mask == GREY].mean() > image[mask == CSF].mean()


def test_ct_shows_bone_air_and_soft_tissue():
    scan = brain.simulate(0, level=20, contrasts=("t1",))
    ct = scan.ct
    assert ct[scan.fractions[0] > 0.999].mean() == pytest.approx(-1000, abs=2)
    assert ct[scan.share("cortical bone") > 0.9].mean() > 900
    assert (
        ct[scan.share("grey matter") > 0.99].mean() > ct[scan.share("white matter") > 0.99].mean()
    )
    # Bone, which MRI does not see, is what CT sees best.
    bone = scan.share("cortical bone") > 0.9
    white = scan.share("white matter") > 0.99
    assert scan.images["t1"][bone].mean() < 0.2 * scan.images["t1"][white].mean()


def test_without_the_skull_there_is_air_around_the_brain():
    with_it, without = (
        brain.simulate(0, level=20, skull=s, contrasts=("t1",)) for s in (True, False)
    )
    assert set(np.unique(without.tissue)) == {0, 1, 2, 3}
    brain_voxels = np.isin(with_it.tissue, (GREY, WHITE))
    assert (brain_voxels == np.isin(without.tissue, (GREY, WHITE))).mean() > 0.999


def test_hippocampus_has_the_size_and_the_contrast_of_grey_matter():
    for number in range(2):
        person = _scanner.subject_of(0, number, brain.HeadParameters(hippocampus=True))
        grid = _anatomy.Grid(128, 1.8, 1.8)
        middle = person.height(-14.0)
        planes = [_anatomy.anatomy(person, grid, middle + 1.8 * i) for i in range(-9, 10)]
        numbered, count = ndimage.label(np.stack([p.structure for p in planes]) == 2)
        found = [np.argwhere(numbered == i) for i in range(1, count + 1)]
        found = [body for body in found if len(body) > 30]
        assert len(found) == 2  # left and right
        for body in found:
            height, length, width = (np.ptp(body, axis=0) + 1) * 1.8
            assert 24 < length < 44
            assert 8 < width < 24
            assert 5 < height < 16
            assert 1.0 < len(body) * 1.8**3 / 1000 < 3.0  # ml


def test_hippocampus_cannot_be_told_by_intensity():
    scan = brain.simulate(0, level=-14, hippocampus=True, contrasts=("t1",), bias=0)
    inside = np.median(scan.images["t1"][scan.structure == 2])
    grey = np.median(scan.images["t1"][scan.share("grey matter") > 0.9])
    assert inside == pytest.approx(grey, rel=0.03)


def test_perivascular_spaces_are_counted():
    """In the whole subject their number is known; in slices it is that of what crosses."""
    asked = {"seed": 1, "size": 192, "thickness": 2, "levels": (-2, 42), "contrasts": ("t2",)}
    found, bare = (brain.slices(12, epvs=epvs, **asked) for epvs in (60, 0))
    counts = found["epvs"]
    assert counts.max() > 8
    np.testing.assert_array_equal(counts, np.isfinite(found["cluster_row"]).sum(axis=1))
    seen = [ndimage.label(s == 3, np.ones((3, 3)))[1] for s in found["structure"]]
    assert np.corrcoef(counts, seen)[0, 1] > 0.8
    assert (np.array(seen) <= counts + 2).all()  # some touch, few are torn apart
    assert (bare["epvs"] == 0).all()
    elsewhere = found["structure"] != 3
    changed = (found["masks"] != bare["masks"]) & elsewhere
    assert changed.mean() < 2e-3


def test_lesions_lie_in_white_matter_and_are_bright_on_flair():
    asked = {"seed": 1, "levels": (10, 40), "noise": 0.01, "contrasts": ("t1", "flair")}
    found, bare = (brain.slices(12, lesions=lesions, **asked) for lesions in (25, 0))
    lesion = found["masks"] == 6
    assert lesion.sum() > 150
    assert (bare["masks"][lesion] == WHITE).mean() > 0.97
    assert found["flair"][lesion].mean() > 1.2 * found["flair"][found["masks"] == WHITE].mean()
    np.testing.assert_array_equal(found["labels"], lesion.any(axis=(1, 2)))
    same_elsewhere = found["masks"] == bare["masks"]
    assert same_elsewhere[~lesion].mean() > 0.999  # but for mixtures at their borders


def test_a_tumour_has_a_core_a_rim_and_oedema_and_pushes():
    person = _scanner.subject_of(2, 1, brain.HeadParameters(tumour=1))
    tumour = person.findings[0]
    level = float(person.template_points(tumour.centre[np.newaxis])[0, 2])
    scan = brain.simulate(1, seed=2, level=level, tumour=1, contrasts=brain.CONTRASTS, noise=0)
    core, rim, oedema = (scan.tissue == k for k in (7, 8, 9))
    assert min(core.sum(), rim.sum(), oedema.sum()) > 20
    assert scan.images["t1ce"][rim].mean() > 1.5 * scan.images["t1"][rim].mean()
    white = scan.share("white matter") > 0.99
    assert scan.images["flair"][oedema].mean() > 1.3 * scan.images["flair"][white].mean()
    assert ndimage.binary_fill_holes(rim | core).sum() == pytest.approx((rim | core).sum(), rel=0.1)
    # Healthy tissue near it lies farther out than it would without it.
    healthy = replace(person, findings=())
    beside = tumour.centre[np.newaxis] + (tumour.radii[1], 0, 0)
    moved = person.template_points(beside) - healthy.template_points(beside)
    towards = healthy.template_points(tumour.centre[np.newaxis]) - healthy.template_points(beside)
    assert float((moved * towards).sum() / np.linalg.norm(towards)) > 2  # mm


def test_the_share_of_subjects_with_a_tumour():
    with_one = sum(
        bool(_scanner.subject_of(0, i, brain.HeadParameters(tumour=0.4)).findings)
        for i in range(30)
    )
    assert 5 <= with_one <= 19


# -- vendors -----------------------------------------------------------------------------------


def test_two_vendors_show_one_head_differently():
    a, b = (brain.simulate(3, level=20, vendor=v, noise=0, bias=0) for v in "AB")
    np.testing.assert_array_equal(a.tissue, b.tissue)
    ratio = {
        v: float(s.images["t1"][s.tissue == GREY].mean() / s.images["t1"][s.tissue == WHITE].mean())
        for v, s in (("A", a), ("B", b))
    }
    assert ratio["A"] - ratio["B"] > 0.1


def test_both_vendors_are_mixed_subject_by_subject():
    found = brain.slices(24, size=64, vendor="both", slices=2, contrasts=("t1",))
    assert set(found["vendor"]) == {"A", "B"}
    for group in np.unique(found["groups"]):
        assert len(set(found["vendor"][found["groups"] == group])) == 1


# -- rows, blocks, seeds -----------------------------------------------------------------------


def test_columns():
    found = sequence()
    assert found["images"].dtype == found["t2"].dtype == np.uint16
    assert found["masks"].dtype == found["structure"].dtype == found["fractions"].dtype == np.uint8
    assert found["fractions"].shape == (12, 3, 128, 128)
    assert found["groups"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert "labels" not in found
    assert "cluster_row" not in found
    assert ((found["level_mm"] >= -10) & (found["level_mm"] <= 50)).all()


@pytest.mark.parametrize("block", [1, 5, 64])
def test_blocks_change_nothing(block):
    parts = list(brain.slice_blocks(7, seed=5, size=64, block=block))
    assert max(len(part["images"]) for part in parts) <= block
    together = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    same(brain.slices(12, seed=5, size=64), together, 7)  # fewer are the first of more


def test_another_seed_is_another_sequence():
    one, other = (brain.slices(3, seed=s, size=64)["images"] for s in (0, 1))
    assert not np.array_equal(one, other)


def test_a_contrast_does_not_depend_on_the_others():
    all_of_them = brain.slices(3, size=64)
    alone = brain.slices(3, size=64, contrasts=("t2",))
    np.testing.assert_array_equal(all_of_them["t2"], alone["images"])


def test_a_switch_leaves_the_rest_of_a_subject_as_it_was():
    plain, tumours = (brain.slices(6, size=64, seed=1, tumour=t) for t in (0.0, 1e-9))
    np.testing.assert_array_equal(plain["images"], tumours["images"])
    np.testing.assert_array_equal(plain["level_mm"], tumours["level_mm"])


def test_a_slice_is_a_plane_of_the_volume():
    """Volume, slice and block show one subject."""
    found = brain.slices(3, seed=4, size=64, noise=0)
    one = brain.simulate(0, seed=4, level=float(found["level_mm"][1]), size=64, noise=0)
    assert np.abs(one.images["t1"][0] - found["images"][1]).max() <= 1
    step = 5.0
    whole = brain.simulate(0, seed=4, size=64, noise=0, step=step, contrasts=("t1",))
    heights = whole.affine[2, 3] + step * np.arange(len(whole.tissue))
    near = int(np.abs(heights - one.affine[2, 3]).argmin())
    agreement = dice(whole.tissue[near] == WHITE, one.tissue[0] == WHITE)
    assert agreement > 0.75


def test_sizes_show_the_same_head():
    small, large = (brain.simulate(2, level=15, size=s, noise=0) for s in (64, 256))
    assert small.spacing[1] == 4 * large.spacing[1]
    averaged = large.images["t1"][0].reshape(64, 4, 64, 4).mean(axis=(1, 3))
    assert np.corrcoef(averaged.ravel(), small.images["t1"][0].ravel())[0, 1] > 0.98


def test_volumes_know_where_they_are():
    scan = brain.simulate(0, size=64, step=9, contrasts=("t1",))
    volume = scan.volume("t1")
    assert volume.canonical() is volume  # z Superior, y Posterior, x Left
    assert volume.position((0, 31.5, 31.5)).tolist() == pytest.approx([0, 0, -64])
    assert scan.volume("ct").unit == "HU"
    with pytest.raises(ValueError, match="there is no volume 'dti'; there are: t1, ct"):
        scan.volume("dti")
    with pytest.raises(ValueError, match="material must be one of air"):
        scan.share("cheese")


def test_threads_draw_the_same_heads():
    """Two at once give what one after the other gives."""
    results: dict[int, NDArray] = {}

    def work(seed: int) -> None:
        results[seed] = brain.slices(3, seed=seed, size=64)["images"]

    threads = [threading.Thread(target=work, args=(seed,)) for seed in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed in (0, 1):
        np.testing.assert_array_equal(results[seed], brain.slices(3, seed=seed, size=64)["images"])


def test_fields_are_the_same_point_by_point_and_plane_by_plane():
    field = draw_field(np.random.default_rng(0), 20.0, 2)
    axis = np.linspace(-90, 90, 7)[np.newaxis]
    plane = field.planes(np.array([12.0]), axis, axis)[:, 0]
    y, x = np.meshgrid(axis[0], axis[0], indexing="ij")
    points = np.stack([x.ravel(), y.ravel(), np.full(x.size, 12.0)], axis=-1)
    np.testing.assert_allclose(field.at(points).reshape(2, 7, 7), plane, atol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"n": 0}, "n must be a whole number"),
        ({"size": 100}, "size must be one of"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"block": 0}, "block must be a whole number"),
        ({"slices": 0}, "slices must be a whole number"),
        ({"slices": 30}, "slices must be from 1 to 20"),
        ({"levels": (30, 10)}, "levels must be"),
        ({"levels": (-80, 10)}, "levels must be from -55 to 75 mm"),
        ({"thickness": 0}, r"thickness must be from 0\.5 to 10 mm"),
        ({"contrasts": "t1"}, "contrasts must be a list"),
        ({"contrasts": ("t1", "t1")}, "each once"),
        ({"contrasts": ("dwi",)}, "contrasts must be a list"),
        ({"field": 7.0}, r"field must be 1\.5 or 3\.0"),
        ({"vendor": "C"}, 'vendor must be "A", "B" or "both"'),
        ({"noise": -0.1}, "noise must be from 0 to 1"),
        ({"bias": np.nan}, "bias must be from 0 to 1"),
        ({"lesions": 1000}, "lesions must be from 0 to 40 a subject"),
        ({"tumour": 2}, "tumour must be from 0 to 1"),
        ({"atrophy": -1}, "atrophy must be from 0 to 1"),
    ],
)
def test_impossible_requests(arguments, words):
    with pytest.raises(ValueError, match=words):
        brain.slice_blocks(**{"n": 2, **arguments})  # at the call, before the first block


def test_impossible_sequences():
    with pytest.raises(ValueError, match="kind must be"):
        brain.Sequence("echo planar", 100, 10)
    with pytest.raises(ValueError, match="a sequence needs"):
        brain.Sequence("spin echo", 0, 10)
    with pytest.raises(ValueError, match="vendor must be"):
        brain.sequences("Z")
    with pytest.raises(ValueError, match="level must be from -55"):
        brain.simulate(0, level=200)
