"""A request to a simulator: its parameters looked at, its arrays made or read from disk."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mlmi_course._numbers import require_whole
from mlmi_course.data.arrays import image_set
from mlmi_course.data.cache import Arrays, Block, cached_arrays, code_checksum
from mlmi_course.data.imageset import ImageSet

LICENCE: Final = "CC BY 4.0"
"""Of every simulated image."""

# Arguments of a simulator that are not parameters: the loaders have them, or they change nothing.
_NO_PARAMETERS: Final = frozenset({"n", "seed", "size", "block"})


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """What a loader says about a set that it simulates."""

    name: str
    loader: str
    description: str
    simulator: str
    datasheet: str
    classes: Mapping[int, str] = field(default_factory=dict)


def simulate(
    about: Simulated,
    blocks: Callable[..., Iterable[Block]],
    spacing: float,
    n: int,
    seed: int,
    parameters: Mapping[str, Any],
    **more: Any,
) -> ImageSet:
    arrays, source = simulated_arrays(about, blocks, n, seed, parameters, **more)
    return image_set(
        arrays,
        name=about.name,
        spacing=(spacing, spacing),
        source=source,
        licence=LICENCE,
        description=about.description,
        classes=about.classes,
        datasheet=about.datasheet,
    )


def simulated_arrays(
    about: Simulated,
    blocks: Callable[..., Iterable[Block]],
    n: int,
    seed: int,
    parameters: Mapping[str, Any],
    **more: Any,
) -> tuple[Arrays, str]:
    """What a simulator makes, from disk if it has been made before; and a line that says so."""
    n, seed = require_whole("n", n, 1), require_whole("seed", seed, 0)
    all_of_them = require_parameters(blocks, parameters, about.loader)
    asked = {"n": n, "seed": seed, **more}
    arrays = cached_arrays(
        about.name,
        lambda: blocks(**asked, **parameters),
        n,
        code=code_checksum(blocks),
        # With the defaults: a parameter that is spelled out is the same request.
        parameters={**all_of_them, **parameters, **asked},
    )
    changed = "".join(f", {name}={value!r}" for name, value in sorted(parameters.items()))
    return arrays, f"simulated by {about.simulator}, seed {seed}{changed}"


def is_real(
    source: str,
    about: Simulated,
    n: int,
    seed: int,
    parameters: Mapping[str, Any],
    *,
    usual: int = 0,
    sources: tuple[str, ...] = ("simulated", "cmepda"),
) -> bool:
    if source not in sources:
        known = " or ".join(f'"{one}"' for one in sources)
        raise ValueError(f"{about.loader} knows source={known}, not {source!r}")
    if source == "simulated":
        return False
    refused = [*parameters, *["n"] * (n != usual), *["seed"] * (seed != 0)]
    if refused:
        # A parameter that does nothing would be believed.
        raise TypeError(
            f"{', '.join(sorted(refused))} would change simulated images only; "
            f'source="{source}" is loaded whole, and data[:500] is its beginning'
        )
    return True


def require_parameters(
    simulator: Callable[..., Any], parameters: Mapping[str, Any], loader: str
) -> dict[str, Any]:
    """The simulator's parameters with their defaults, after a look at those that are given."""
    known = {
        one.name: one.default
        for one in inspect.signature(simulator).parameters.values()
        if one.name not in _NO_PARAMETERS
        and one.kind in (one.KEYWORD_ONLY, one.POSITIONAL_OR_KEYWORD)
    }
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        listed = ", ".join(f"{name}={value!r}" for name, value in known.items()) or "none"
        raise TypeError(f"{loader} has no parameter {', '.join(unknown)}; there are: {listed}")
    return known


def load_cmepda(name: str) -> ImageSet:
    """The real set of INFN in the place of a simulated one.

    Raises
    ------
    mlmi_course.data.NotImported
        If it is not on this computer.
    """
    from mlmi_course.data.real import load_real, real_set

    found = load_real(name)
    return image_set(found.arrays, spacing=real_set(name).spacing, **found.facts)
