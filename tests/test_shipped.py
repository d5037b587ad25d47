"""Trained networks and tables that travel with the package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlmi_course import networks, shipped, training

SHIPPED = Path(shipped.__file__).parent
MADE_BY = {"made_by": "python course/99_x/make_it.py", "note": "Nothing."}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the package's own."""
    monkeypatch.setattr(shipped.resources, "files", lambda package: tmp_path)
    return tmp_path


def test_a_network_comes_back(folder: Path) -> None:
    model = networks.small_cnn(filters=(4, 8), seed=3)
    path = shipped.save_network(
        model,
        "u99_small",
        builder="small_cnn",
        arguments={"filters": [4, 8]},
        folder=folder,
        **MADE_BY,
    )
    assert path.stat().st_size < 10_000
    again = shipped.network("u99_small")
    images = np.random.default_rng(0).random((5, 60, 60), dtype=np.float32)
    np.testing.assert_allclose(
        training.predict(again, images), training.predict(model, images), atol=2e-3
    )
    assert shipped.about("u99_small")["made_by"] == MADE_BY["made_by"]


def test_weights_that_do_not_fit_name_the_script(folder: Path) -> None:
    shipped.save_network(
        networks.small_cnn(filters=(4,)),
        "u99_small",
        builder="small_cnn",
        arguments={},
        folder=folder,
        **MADE_BY,
    )
    with pytest.raises(ValueError, match=r"make them again with python course/99_x/make_it\.py"):
        shipped.network("u99_small")


def test_a_table_comes_back(folder: Path) -> None:
    results = pd.DataFrame({"size": [20, 40], "auc": [0.7, 0.8]})
    shipped.save_table(results, "u99_sizes", folder=folder, **MADE_BY)
    pd.testing.assert_frame_equal(shipped.table("u99_sizes"), results)
    assert shipped.about("u99_sizes") == MADE_BY


@pytest.mark.parametrize("call", [shipped.network, shipped.table, shipped.about])
def test_what_is_not_shipped(call) -> None:
    with pytest.raises(KeyError, match="there are"):
        call("u99_nothing")


def test_bad_names_and_builders() -> None:
    with pytest.raises(ValueError, match="u09_cnn"):
        shipped.save_table(pd.DataFrame(), "results", **MADE_BY)
    with pytest.raises(ValueError, match="no builder"):
        shipped.save_network(
            networks.small_cnn(), "u99_x", builder="resnet", arguments={}, **MADE_BY
        )


ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", [n for kind in shipped.names().values() for n in kind])
def test_everything_shipped_names_a_script_that_exists(name: str) -> None:
    facts = shipped.about(name)
    script = next(word for word in facts["made_by"].split() if word.endswith(".py"))
    assert (ROOT / script).is_file()
    assert facts["note"]


@pytest.mark.parametrize("name", shipped.names()["networks"])
def test_every_shipped_network_fits_its_builder(name: str) -> None:
    assert shipped.network(name).count_params() > 0
