"""Make submissions for the fixture unit, honest and other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

IMPORTS = """
import mlmi_course
import numpy as np
from mlmi_course.questions import u90_sample as q
"""
STRETCH = '''
def stretch(image, greys):
    """Return the image with these greys."""
    low, high = greys
    unit = (image - image.min()) / (image.max() - image.min())
    return unit * (high - low) + low

q.stretch.check(stretch)
'''
TOTAL = """
total = sum(range(1, 101))
q.total.check(total)
"""
PREDICT = """
def predict(images):
    return (images.mean(axis=(1, 2)) > 0.5).astype(float)

q.predict.check(predict)
q.predict.show(predict)
"""
THOUGHT = '''
thought = """A screen shows 256 greys."""
q.thought.check(thought)
'''
PROGRESS = """
from mlmi_course.checks import result
result("points", q.progress().points)
q.progress()
"""
HONEST = (IMPORTS, STRETCH, TOTAL, PREDICT, THOUGHT, PROGRESS)
FULL = {"stretch": 2.0, "total": 1.0, "predict": 3.0, "thought": 0.0}


def notebook(cells: Sequence[str], **more: Any) -> bytes:
    """Return a notebook with these cells of code."""
    made = [
        {
            "cell_type": "code",
            "id": f"cell-{number}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source.strip("\n").splitlines(keepends=True),
        }
        for number, source in enumerate(cells)
    ]
    text = {"cell_type": "markdown", "id": "text", "metadata": {}, "source": ["# A lab"]}
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    whole = {"cells": [text, *made], "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps({**whole, **more}).encode()


def hand_in(folder: Path, submissions: dict[str, bytes]) -> Path:
    """Write submissions into a folder, and a secret beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in submissions.items():
        (folder / f"{name}.ipynb").write_bytes(content)
    (folder.parent / "seed.txt").write_text("SECRET-SEED-90\n", encoding="utf-8")
    return folder
