"""The package as notebooks call it: nobody runs this file, mypy reads it.

A parameter that is renamed, or a function that loses its types, is an error here.
"""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import keras
import numpy as np
import pandas as pd

from mlmi_course import data, dicom, explain, metrics, networks, plots, shipped, training, widgets
from mlmi_course.checks import (
    FunctionQuestion,
    Predictions,
    ValueQuestion,
    asks,
    asks_value,
    result,
)
from mlmi_course.phantoms import brain, cohort, ct, lung, mammography, masses


@asks(points=2, see="Spread", hints=("How many deviations are free?",))
def variance(x: np.ndarray) -> float:
    """The variance of a sample"""
    return float(x.var(ddof=1))


@asks_value(points=1)
def slices() -> int:
    """How many slices?"""
    return 27


assert_type(variance, FunctionQuestion)
assert_type(slices, ValueQuestion)
result("AUC", 0.9, at_least=0.8)
ask = Predictions("01_medical_images")

image = np.zeros((8, 8))
mask = image > 0


def of_metrics(truth: np.ndarray, scores: np.ndarray) -> None:
    metrics.dice(mask, mask)
    metrics.hausdorff95(mask, mask, spacing=(1.0, 1.0))
    estimate = metrics.auc(truth, scores)
    assert_type(estimate.low, float)
    assert_type(estimate.high, float)


def of_dicom(folder: Path) -> None:
    volume = dicom.read_volume(folder)
    assert_type(volume, dicom.Volume)
    assert_type(volume.spacing, tuple[float, float, float])
    assert_type(dicom.series_table(folder), pd.DataFrame)
    dicom.to_hounsfield(image, 1.0, -1024.0)
    dicom.window(image, 40.0, 400.0)


def of_pictures() -> None:
    plots.image(image, alt="Nothing.", spacing=(1.0, 1.0))
    plots.histogram(image, alt="Nothing.")
    widgets.window_level(image, alt="Nothing.")
    widgets.threshold(image, truth=mask, start=0.5, alt="Nothing.")
    board = widgets.dashboard(
        ["P1"],
        {"clinical": [0.3]},
        time=[100.0],
        event=[True],
        glyphs=pd.DataFrame({"a": [1.0], "b": [1.0], "c": [1.0]}),
        contributions={},
        contribution_names={},
        images=[image],
        segmentation_ok=[True],
    )
    assert_type(board.decision("P1", "clinical"), widgets.Decision)
    assert_type(board.report("P1", "clinical"), str)


def of_data() -> None:
    found = data.load_microcalcifications(n=10, seed=0)
    assert_type(found, data.ImageSet)
    found.images.mean()
    data.load_cohort(n=60, seed=0)
    data.load_masses(n=4, seed=0)
    data.load_lung_patches(n=4, seed=0)
    ct.chest_phantom(seed=0)
    brain.slices(2, seed=0)
    cohort.simulate(10, seed=0)
    mammography.patches(4, seed=0)
    masses.lesions(4, seed=0)
    lung.patches(4, seed=0)


def of_networks() -> None:
    model = networks.small_cnn((32, 32, 1), seed=0)
    assert_type(model, keras.Model)
    training.set_seed(0)
    training.predict(model, image[None, ..., None])
    explain.grad_cam(model, image[None, ..., None])
    assert_type(shipped.table("u10_grid"), pd.DataFrame)
