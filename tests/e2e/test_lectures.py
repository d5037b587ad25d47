"""A reader runs the lecture of every unit in JupyterLab and moves everything that moves."""

from __future__ import annotations

import pytest

from tests.e2e.units import UNITS, committed
from tests.suite.stored import differences


@pytest.mark.parametrize("unit", UNITS)
def test_the_lecture_moves(open_notebook, unit: str) -> None:
    name = f"lectures/{unit.removeprefix('u')}.ipynb"
    notebook = open_notebook(name)
    notebook.run_all()
    assert notebook.tracebacks() == []
    assert differences(committed(name), notebook.saved()) == []

    explorers = notebook.explorers()
    assert len(explorers) >= 2
    for number, explorer in enumerate(explorers, start=1):
        described = explorer.locator("figure img").first.get_attribute("alt")
        assert notebook.drag(explorer), f"widget {number} does not move: {described}"
        assert notebook.apologies() == []
    notebook.wait_until_idle()

    assert notebook.tracebacks() == []
    assert notebook.noise() == []
    assert notebook.undescribed_pictures() == []
    assert notebook.errors == []
