"""The study of the lab: what opens when it is sealed, and says so when it is not as sealed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from numbers import Real
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mlmi_course.biopsy.modelling import (
    Cox,
    c_index,
    c_of_groups,
    calibration_slope,
    dead_by,
    fit_cox,
    net_benefit,
    paired_gain,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Study"]

_DAY: Final = 365.0
_BLOCKS: Final = ("clinical", "radiomic", "deep", "pathology", "expression", "methylation")
_PENALTY: Final = {"clinical": 0.02, "radiomic": 0.02, "pathology": 0.02}
_OMICS: Final = 0.2
_KEYS: Final = ("population", "outcome", "blocks", "fusion", "metric", "threshold", "costs")
_COSTS: Final = ("missed", "needless")
_NOT_YET: Final = "The locked data stay closed: "


@lru_cache(maxsize=1)
def _patients() -> tuple[Any, dict[str, NDArray[np.float64]]]:
    from mlmi_course.biopsy.measured import measure
    from mlmi_course.data import load_tumour_cohort

    cohort = load_tumour_cohort()
    found = measure(cohort.images)
    blocks = {
        "clinical": cohort.clinical.to_numpy(float),
        "radiomic": np.asarray(found.features),
        "deep": np.asarray(found.deep),
        **{name: table.to_numpy(float) for name, table in cohort.omics.items()},
    }
    return cohort, blocks


class Study:
    """A study that keeps its protocol.

    Parameters
    ----------
    protocol : dict
        ``population``, ``outcome`` and ``metric`` in words; ``blocks``, a list of some of clinical,
        radiomic, deep, pathology, expression and methylation; ``fusion``, "early" or "late";
        ``costs``, a dictionary of what a ``missed`` death and a ``needless`` action cost; and the
        ``threshold`` of the probability of death that follows from them.

    Notes
    -----
    Nothing here raises: a study that is not ready says what is missing.
    """

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._sealed: dict[str, Any] | None = None
        self._seal = ""
        self._opened = False

    # -- gate 1 --------------------------------------------------------------------------------

    def missing(self) -> list[str]:
        """What the protocol still lacks, or contradicts."""
        protocol = self._protocol
        if not isinstance(protocol, Mapping):
            return ["write the protocol, a dictionary"]
        wrong = [f"it has no {key!r}" for key in _KEYS if protocol.get(key) in (None, ..., "")]
        if wrong:
            return wrong
        blocks = protocol["blocks"]
        if not isinstance(blocks, list) or not all(block in _BLOCKS for block in blocks):
            wrong.append(f"blocks must be a list of some of {', '.join(_BLOCKS)}, got {blocks!r}")
        elif len(set(blocks)) < len(blocks):
            wrong.append("blocks names one of them twice")
        elif "clinical" not in blocks or len(blocks) < 2:
            wrong.append("blocks must hold 'clinical', and something that is to add to it")
        if protocol["fusion"] not in ("early", "late"):
            wrong.append(f"fusion must be 'early' or 'late', got {protocol['fusion']!r}")
        costs, threshold = protocol["costs"], protocol["threshold"]
        prices = [costs.get(name) for name in _COSTS] if isinstance(costs, Mapping) else [None]
        if not all(_is_number(price) and price > 0 for price in prices):
            wrong.append("costs must say what 'missed' and 'needless' cost, as positive numbers")
        elif not _is_number(threshold):
            wrong.append(f"threshold must be a number between 0 and 1, got {threshold!r}")
        else:
            due = prices[1] / sum(prices)
            if abs(float(threshold) - due) > 0.005:
                wrong.append(
                    f"the threshold {protocol['threshold']} does not follow from the costs: act "
                    "where probability × missed ≥ (1 − probability) × needless"
                )
        return wrong

    def seal(self) -> str:
        """Seal the protocol; return what to publish, or what is missing."""
        wrong = self.missing()
        if wrong:
            return "Not sealed: " + "; ".join(wrong) + "."
        text = _text(self._protocol)
        self._sealed = json.loads(text)
        self._seal = hashlib.sha256(text.encode()).hexdigest()
        return f"Sealed: {self._seal[:16]}…"

    def _refusal(self) -> str:
        if self._sealed is None:
            return _NOT_YET + "no protocol was sealed."
        text = _text(self._protocol)
        if hashlib.sha256(text.encode()).hexdigest() != self._seal:
            changed = [key for key in _KEYS if self._protocol.get(key) != self._sealed.get(key)]
            return f"{_NOT_YET}the protocol is not the one that was sealed ({', '.join(changed)})."
        return ""

    # -- gate 4 --------------------------------------------------------------------------------

    def results(self) -> pd.DataFrame | str:
        """Open the locked data and say what was registered; a table, or why there is none."""
        refusal = self._refusal()
        if refusal:
            return refusal
        self._opened = True
        assert self._sealed is not None
        return _table(tuple(self._sealed["blocks"]), self._sealed["fusion"], self._threshold)

    @property
    def _threshold(self) -> float:
        assert self._sealed is not None
        return float(self._sealed["threshold"])

    def broken(self, halves: int = 100, seed: int = 0) -> pd.DataFrame | str:
        """What a broken protocol seems to gain, and what is left on patients who had no part in it.

        Forty models are fitted to the development set: the sealed blocks, and six further columns
        that are drawn at random from the deep features, the genes and the sites of methylation.
        One half of the locked patients chooses the model with the highest C-index, the other half
        judges.
        """
        refusal = self._refusal()
        if refusal:
            return refusal
        import pandas as pd

        assert self._sealed is not None
        cohort, _ = _patients()
        where = np.flatnonzero(cohort.locked)
        time, event = cohort.time[where], cohort.event[where]
        blocks = tuple(self._sealed["blocks"])
        risks = [_risk(blocks, self._sealed["fusion"])[0][where], *_variants(blocks)]
        rng = np.random.default_rng(seed)
        chooses = np.array([rng.permutation(len(where)) < len(where) // 2 for _ in range(halves)])
        seen, other = (c_of_groups(time, event, risks, half) for half in (chooses, ~chooses))
        best, every = seen.argmax(axis=0), np.arange(halves)
        rows = np.column_stack([seen[0], seen[best, every], other[0], other[best, every]])
        table = np.mean(rows, axis=0).reshape(2, 2)
        return pd.DataFrame(
            table.round(3),
            index=["on the half that chose", "on the other half"],
            columns=["as sealed", f"best of {len(risks)}"],
        )

    # -- gates 5 and 6 -------------------------------------------------------------------------

    def patient(self, name: str = "P0004") -> pd.DataFrame | str:
        """What speaks for and against a locked patient, in log hazard; by early fusion."""
        refusal = self._refusal()
        if refusal:
            return refusal
        import pandas as pd

        assert self._sealed is not None
        cohort, blocks = _patients()
        names = tuple(self._sealed["blocks"])
        _, model = _risk(names, "early")
        found = np.flatnonzero(cohort.names == name)
        if not len(found):
            return f"There is no patient {name!r}; they are called P0001 to P{len(cohort):04d}."
        place = int(found[0])
        x = np.column_stack([blocks[block] for block in names])
        values = model.contributions(x[place : place + 1])[0]
        owner = np.repeat(names, [blocks[block].shape[1] for block in names])
        total = [values[owner == block].sum() for block in names]
        return pd.DataFrame({"adds to the log hazard": np.round(total, 2)}, index=list(names))


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and bool(np.isfinite(value))


def _text(protocol: Any) -> str:
    """What is sealed; numbers of NumPy become those of Python."""
    return json.dumps(
        protocol, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
    )


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)


@lru_cache(maxsize=64)
def _risk(blocks: tuple[str, ...], fusion: str) -> tuple[NDArray[np.float64], Cox]:
    """The log hazard of everybody, by a model of the development set."""
    cohort, every = _patients()
    train = ~cohort.locked
    time, event = cohort.time, cohort.event

    def penalties(names: tuple[str, ...]) -> NDArray[np.float64]:
        return np.concatenate(
            [np.full(every[name].shape[1], _PENALTY.get(name, _OMICS)) for name in names]
        )

    if fusion == "early":
        x = np.column_stack([every[name] for name in blocks])
    else:
        scores = []
        place = np.flatnonzero(train)
        for name in blocks:
            there = ~np.isnan(every[name]).all(axis=1)
            score = np.full(len(time), np.nan)
            for fold in range(5):
                test = place[np.arange(len(place)) % 5 == fold]
                fitted = np.setdiff1d(place, test)
                fitted, test = fitted[there[fitted]], test[there[test]]
                model = fit_cox(
                    every[name][fitted], time[fitted], event[fitted], penalties((name,))
                )
                score[test] = model.risk(every[name][test])
            fitted = place[there[place]]
            model = fit_cox(every[name][fitted], time[fitted], event[fitted], penalties((name,)))
            new = np.flatnonzero(~train & there)
            score[new] = model.risk(every[name][new])
            scores.append(score)
        x, blocks = np.column_stack(scores), ()
    penalty = penalties(blocks) if blocks else np.full(x.shape[1], 0.02)
    model = fit_cox(x[train], time[train], event[train], penalty)
    return model.risk(x), model


def _dead(blocks: tuple[str, ...], fusion: str) -> NDArray[np.float64]:
    risk, model = _risk(blocks, fusion)
    reached = model.hazard[np.searchsorted(model.days, _DAY, side="right") - 1]
    return np.asarray(1 - np.exp(-reached * np.exp(risk)))


@lru_cache(maxsize=4)
def _variants(blocks: tuple[str, ...], count: int = 40) -> list[NDArray[np.float64]]:
    """Risks of locked patients by models that have six more columns, whichever."""
    cohort, every = _patients()
    train = ~cohort.locked
    base = np.column_stack([every[name] for name in blocks])
    pool = np.column_stack([every[name] for name in ("deep", "expression", "methylation")])
    rng = np.random.default_rng(0)
    found = []
    for _ in range(count):
        x = np.column_stack([base, pool[:, rng.choice(pool.shape[1], 6, replace=False)]])
        model = fit_cox(x[train], cohort.time[train], cohort.event[train], 0.02)
        found.append(model.risk(x[cohort.locked]))
    return found


def _table(blocks: tuple[str, ...], fusion: str, threshold: float) -> pd.DataFrame:
    import pandas as pd

    cohort, _ = _patients()
    risk, _ = _risk(blocks, fusion)
    clinic, _ = _risk(("clinical",), "early")
    probability, by_clinic = _dead(blocks, fusion), _dead(("clinical",), "early")
    rows: dict[str, dict[str, object]] = {}
    for who, where in (
        ("all locked", cohort.locked),
        ("A, B and C", cohort.split == "internal"),
        ("D", cohort.split == "external"),
    ):
        time, event = cohort.time[where], cohort.event[where]
        gain, low, high = paired_gain(time, event, risk[where], clinic[where])
        slope, error = calibration_slope(time, event, risk[where])
        rows[who] = {
            "patients": int(where.sum()),
            "C, clinic": round(c_index(time, event, clinic[where]), 3),
            "C, yours": round(c_index(time, event, risk[where]), 3),
            "gain": round(gain, 3),
            "95 %": f"{low:.3f} … {high:.3f}",
            "C, true risk": round(c_index(time, event, cohort.true_risk[where]), 3),
            "slope": f"{slope:.2f} ± {error:.2f}",
            "dead, predicted": round(float(probability[where].mean()), 3),
            "dead, seen": round(dead_by(time, event), 3),
            "benefit, act on all": round(
                net_benefit(time, event, np.ones(len(time)), threshold), 3
            ),
            "benefit, clinic": round(net_benefit(time, event, by_clinic[where], threshold), 3),
            "benefit, yours": round(net_benefit(time, event, probability[where], threshold), 3),
        }
    return pd.DataFrame(rows)
