"""Which pixels did a network look at?  Explanations of single predictions, in public Keras API."""

from __future__ import annotations

__all__: list[str] = []
