"""Unit 15, super-resolution and synthesis: the scanner, and what its questions rest on."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from mlmi_course.metrics import auc
from mlmi_course.phantoms import kspace
from mlmi_course.questions import u15_super_resolution_and_synthesis as q


def module(name: str):
    """A question's module: its name in the package is the question's."""
    return sys.modules[f"mlmi_course.questions.u15_super_resolution_and_synthesis.{name}"]


# ---- the scanner -----------------------------------------------------------------------------


@pytest.mark.parametrize("side", [16, 17])
def test_all_of_k_space_gives_the_image_back(side: int) -> None:
    image = np.random.default_rng(0).uniform(0, 100, (side, side))
    np.testing.assert_allclose(kspace.acquire(image, keep=side), image, rtol=1e-5)


def test_what_is_measured_is_in_the_picture() -> None:
    """Zero-filling keeps the measured samples and has zeros elsewhere."""
    image = np.random.default_rng(1).uniform(0, 100, (16, 16))
    k = kspace.measure(image, keep=8)
    back = np.fft.fftshift(np.fft.fft2(kspace.reconstruct(k, 16)))
    np.testing.assert_allclose(back[4:12, 4:12], k, atol=1e-9)
    assert abs(back[0]).max() < 1e-9


@pytest.mark.parametrize(("keep", "share"), [(64, 1.0), (32, 0.5), (16, 0.25)])
def test_cropping_takes_its_share_of_the_noise(keep: int, share: float) -> None:
    rng = np.random.default_rng(2)
    k = kspace.measure(np.zeros((40, 64, 64)), keep=keep, noise=10.0, rng=rng)
    found = kspace.reconstruct(k, 64)
    assert abs(found.real.std() / (10 * share) - 1) < 0.05
    assert abs(found.imag.std() / (10 * share) - 1) < 0.05


def test_what_the_scanner_refuses() -> None:
    with pytest.raises(ValueError, match="keep must be from 1 to 8"):
        kspace.measure(np.zeros((8, 8)), keep=9)
    with pytest.raises(ValueError, match="noise needs a generator"):
        kspace.measure(np.zeros((8, 8)), keep=4, noise=1.0)
    with pytest.raises(ValueError, match="at least 8 pixels"):
        kspace.reconstruct(np.zeros((8, 8)), 4)


def test_the_network_begins_near_its_input() -> None:
    """Residual: with a last layer of zeros, nothing is added."""
    from mlmi_course import networks

    model = networks.to_image(filters=(4,), kernels=(3, 3))
    model.layers[-2].set_weights([0 * w for w in model.layers[-2].get_weights()])
    image = np.random.default_rng(3).normal(size=(1, 9, 7, 1)).astype(np.float32)
    np.testing.assert_array_equal(np.asarray(model(image)), image)
    with pytest.raises(ValueError, match="one entry more"):
        networks.to_image(filters=(4, 4), kernels=(3, 3))


@pytest.mark.parametrize("name", ["u15_healthy", "u15_lesions", "u15_ct"])
def test_shipped_networks_are_small(name: str) -> None:
    from mlmi_course import shipped

    assert shipped.network(name).count_params() < 20_000


def test_the_shipped_network_gains_on_strangers() -> None:
    """Three heads of a seed that nothing was trained or judged on."""
    from mlmi_course import shipped
    from mlmi_course.phantoms import brain

    settings = {"seed": 911, "level": 20, "contrasts": ("t1",), "noise": 0.0}
    full = np.array([brain.simulate(i, **settings).images["t1"][0] for i in range(3)], float)
    fast = kspace.acquire(full, keep=64, noise=40.0, rng=np.random.default_rng(0))
    network = shipped.network("u15_healthy")
    answer = 500.0 * np.asarray(network(fast[..., None] / np.float32(500)))[..., 0]
    box = np.s_[:, 8:120, 16:112]
    gain = 10 * np.log10(((fast - full)[box] ** 2).mean() / ((answer - full)[box] ** 2).mean())
    assert gain > 1.5


def test_pairs_of_patches_show_the_same_place() -> None:
    """What the script that makes the weights trains on."""
    import importlib.util
    from pathlib import Path

    path = Path(__file__).parents[2] / "course/15_super_resolution_and_synthesis/make_weights.py"
    spec = importlib.util.spec_from_file_location("make_weights_15", path)
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    images = np.random.default_rng(0).normal(size=(2, 128, 128))
    x, y = make.patches(images, 2 * images, seed=0)
    assert x.shape == (2 * make.PATCHES, make.SIDE, make.SIDE, 1)
    np.testing.assert_allclose(y, 2 * x, rtol=1e-6)


# ---- questions -------------------------------------------------------------------------------


def test_each_change_moves_the_score_clearly() -> None:
    """No change lies near the limit of half a decibel."""
    psnr = module("what_moves")._psnr
    changes = {case: psnr(case) - psnr() for case in "ABCDE"}
    assert abs(changes["A"]) < 1e-9
    assert min(abs(changes[case]) for case in "BCDE") > 1.5


def test_the_papers_ssim_is_scikit_images() -> None:
    rng = np.random.default_rng(4)
    x = rng.uniform(0, 500, (40, 30))
    y = x + rng.normal(0, 50, x.shape)
    theirs = structural_similarity(
        x, y, data_range=500, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert abs(q.paper_ssim.right(x, y, 500) - theirs) < 1e-9


def test_the_small_scan_keeps_a_constant() -> None:
    for shape, small in (((12, 16), (6, 8)), ((13, 15), (6, 9)), ((7, 9), (7, 4))):
        np.testing.assert_allclose(q.fast_scan.right(np.full(shape, 5.0), *small), 5.0)


def test_the_alarm_is_reached_and_shortcuts_are_not() -> None:
    alarm = module("alarm")
    reached, short = [], []
    for seed in range(12):
        scans, removed = alarm._draw(np.random.default_rng([9, seed]), 160)
        reached.append(float(auc(removed, alarm._matched(scans))))
        short.append([float(auc(removed, f(scans))) for f in (
            lambda s: (alarm._residual(s) ** 2).mean(axis=(1, 2)),
            lambda s: -s[:, 1].min(axis=(1, 2)),
            lambda s: s[:, 2, 0, 0],
        )])  # fmt: skip
    assert np.mean(reached) - 4 * np.std(reached) > 0.93
    assert np.max(np.mean(short, axis=0)) < 0.75
