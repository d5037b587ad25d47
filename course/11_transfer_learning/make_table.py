"""Make the tables of unit 11: every strategy at every size, and a search for step sizes.

    python course/11_transfer_learning/make_table.py simulated
    python course/11_transfer_learning/make_table.py real microcalcifications_train.tar.gz
    python course/11_transfer_learning/make_table.py search
    python course/11_transfer_learning/make_table.py searched

The first takes about ten minutes of one core, the others about five, six and two.  Each run is written
to a file of its own (``--rows FILE``) as soon as it is done, so a script that was stopped goes on where it
was.  The second reads the real patches in the layout that ``mlmi data import`` reads, from a copy that
it imports into a temporary folder; only numbers are kept of them.

**What was searched.**  The step sizes of the first two tables were not searched alike: training from
scratch had three step sizes, each other strategy one try.  So ``search`` gives each arm, which is a source
and a strategy, the same six trials with 40 patches: three small sets each, judged by the mean AUC on 1,000
patches of women who are in no other table.  ``searched`` then measures the best trial of each arm on the
test patients and the small sets of the first table.  Nothing else was searched: not the number of steps, not
the batch, nor where a stage ends; and no other size than 40.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import mlmi_course  # noqa: F401  (silences TensorFlow)
import numpy as np
from numpy.typing import NDArray

from mlmi_course.questions.u11_transfer_learning import six_numbers, small_set

COMMAND = "python course/11_transfer_learning/make_table.py"
HERE = Path(__file__).resolve().parent
BATCH = 16
BLOCKS = ("1", "2", "3", "head")
SOURCES = ("film", "masses", "digits")
SIZES = {"simulated": (20, 40, 80, 160, 320, 640), "real": (20, 40, 80, 240), "searched": (40,)}
REPEATS = 5
KEY = ("source", "strategy", "size", "repeat")
COLUMNS = ("source", "strategy", "size", "patients", "repeat", "auc", "seconds")
# Of the difference to the untrained LoG, a 95 % interval that draws test patients.
MORE = {
    "search": ("head", "base"), "searched": ("head", "base"),
    "simulated": (), "real": ("over_log", "low", "high"),
}  # fmt: skip

Stage = tuple[float, Mapping[str, float]]  # share of the steps; step size by block, others frozen


# --- the strategies, and the step sizes that were tried for each


def _frozen(head: float, base: float) -> list[Stage]:
    return [(1, {"head": head})]


def _gradual(head: float, base: float) -> list[Stage]:
    """From the head down, a block earlier in smaller steps."""
    return [
        (1 / 3, {"head": head}),
        (1 / 3, {"head": 0.3 * head, "3": base}),
        (1 / 3, {"head": 0.3 * head, "3": base, "2": 0.3 * base, "1": 0.1 * base}),
    ]


def _all(head: float, base: float, decay: float = 5) -> list[Stage]:
    """Everything from the first step on, the last third in smaller steps."""
    rates = dict.fromkeys(BLOCKS, base) | {"head": head}
    return [(2 / 3, rates), (1 / 3, {block: rate / decay for block, rate in rates.items()})]


def _scratch(head: float, base: float) -> list[Stage]:
    """The same for a network without a source."""
    return _all(head, base, decay=6)


STRATEGIES: dict[str, Callable[[float, float], list[Stage]]] = {
    "scratch": _scratch,
    "frozen": _frozen,
    "gradual": _gradual,
    "all": _all,
}
# Step sizes of head and base in the first two tables.  Chosen on other patients (seeds 901 and 902 of the
# hard task, 40 and 320 images): from scratch the best of three; for the rest one try, no search.
STEPS = {
    "scratch": (3e-3, 3e-3),
    "frozen": (1e-2, 0.0),
    "gradual": (1e-2, 1e-3),
    "all": (1e-3, 1e-3),
}
# What `search` tries.  A frozen base has no step size, so there six are tried for the head.
TRIALS = [(head, base) for head in (3e-3, 1e-2) for base in (head, head / 10, head / 100)]
FROZEN_TRIALS = [(head, 0.0) for head in (3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)]
SEARCH_SIZE = 40
SEARCH_REPEATS = (1, 2, 3)


def trials(strategy: str) -> list[tuple[float, float]]:
    """Six step sizes of head and base, whatever the strategy."""
    return FROZEN_TRIALS if strategy == "frozen" else TRIALS


def chosen() -> dict[tuple[str, str], tuple[float, float]]:
    """Step sizes of head and base by source and strategy: the highest mean AUC of the search."""
    from mlmi_course import shipped

    means = (
        shipped.table("u11_search").groupby(["source", "strategy", "head", "base"])["auc"].mean()
    )
    best = means.groupby(["source", "strategy"]).idxmax()
    return {key: (head, base) for key, (_, _, head, base) in best.items()}


def steps_for(size: int) -> int:
    """Steps of 16 images: the same for every strategy, more where there is more to learn from."""
    return 300 if size <= 160 else 600


class Part(NamedTuple):
    """Patches (n, 60, 60), labels, patients."""

    images: NDArray[np.uint8]
    labels: NDArray[Any]
    groups: NDArray[Any]

    def of(self, rows: NDArray[Any]) -> Part:
        """Some of them."""
        return Part(self.images[rows], self.labels[rows], self.groups[rows])


class Trainer:
    """``networks.small_cnn``, trained again and again without being compiled again.

    One Adam for each block that learns.  With ``adapt`` batch normalisation uses, and learns, the
    averages of the batches; without it keeps the source's.
    """

    def __init__(self, *, adapt: bool) -> None:
        import keras
        import tensorflow as tf

        from mlmi_course import networks

        self.model = networks.small_cnn()
        weights: dict[str, list[Any]] = {block: [] for block in BLOCKS}
        for layer in self.model.layers:
            block = layer.name[-1] if layer.name[-1] in BLOCKS else "head"
            weights[block] += layer.trainable_variables
        self.optimisers = {block: keras.optimizers.Adam(1e-3) for block in BLOCKS}
        for block, optimiser in self.optimisers.items():
            optimiser.build(weights[block])
        self.loss_of = keras.losses.BinaryCrossentropy()
        self.weights, self.adapt = weights, adapt
        self.steps: dict[tuple[str, ...], Any] = {}
        self.base = keras.Model(self.model.inputs, self.model.get_layer("mean").output)
        self.head = keras.Sequential(self.model.layers[-2:])

    def _step(self, learning: tuple[str, ...]) -> Any:
        """One step of the blocks that learn; TensorFlow looks at each set of blocks once."""
        import tensorflow as tf

        weights = {block: self.weights[block] for block in learning}
        model = self.head if learning == ("head",) else self.model

        @tf.function
        def step(inputs: Any, labels: Any) -> None:
            with tf.GradientTape() as tape:
                loss = self.loss_of(labels, model(inputs, training=self.adapt))
            gradients = tape.gradient(loss, weights)
            for block, own in weights.items():
                pairs = zip(gradients[block], own, strict=True)
                self.optimisers[block].apply_gradients(list(pairs))

        return step

    def train(
        self,
        start: Sequence[NDArray[Any]],
        part: Part,
        stages: Sequence[Stage],
        steps: int,
        seed: int,
    ) -> None:
        """Go through the stages; Adam's memory is wiped before each, as compiling would."""
        self.model.set_weights(start)
        batches = _batches(len(part.images), np.random.default_rng([seed, 9]))
        for share, rates in stages:
            for block, rate in rates.items():
                for variable in self.optimisers[block].variables:
                    variable.assign(np.zeros(variable.shape, variable.dtype))
                self.optimisers[block].learning_rate.assign(rate)
            learning = tuple(rates)
            if learning not in self.steps:
                self.steps[learning] = self._step(learning)
            # Below a head that learns alone nothing changes: its inputs are computed once.
            seen = self._features(part.images) if learning == ("head",) else None
            for _ in range(round(share * steps)):
                rows, ways = next(batches)
                inputs = (
                    _floats(turned(part.images[rows], ways)) if seen is None else seen[ways, rows]
                )
                self.steps[learning](inputs, part.labels[rows, None].astype(np.float32))

    def _features(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What the head sees of all images, turned in all ways: (8, n, channels)."""
        from mlmi_course.training import predict

        ways = [turned(images, np.full(len(images), way)) for way in range(8)]
        return np.stack([predict(self.base, one) for one in ways])


def _batches(count: int, rng: np.random.Generator) -> Iterator[tuple[NDArray, NDArray]]:
    """Rows of the next batch, and how each is turned; no image twice before all came once."""
    order = np.empty(0, int)
    while True:
        while len(order) < BATCH:
            order = np.concatenate([order, rng.permutation(count)])
        rows, order = order[:BATCH], order[BATCH:]
        yield rows, rng.integers(8, size=BATCH)


def turned(images: NDArray[Any], ways: NDArray[Any]) -> NDArray[Any]:
    """Each image in one of the eight ways that a square allows."""
    return np.stack([
        np.rot90(image[:, ::-1] if way >= 4 else image, way % 4)
        for image, way in zip(images, ways, strict=True)
    ])  # fmt: skip


def _floats(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return images.astype(np.float32)[..., None] / 255


# --- what is compared


def by_six_numbers(part: Part, numbers: NDArray[Any]) -> NDArray[np.float64]:
    """Scores of test patches by logistic regression on their six numbers."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
    model.fit(six_numbers(part.images), part.labels)
    return model.decision_function(numbers)


def start_of(source: str, repeat: int) -> list[NDArray[Any]]:
    """The source's weights under a new head; or all new."""
    from mlmi_course import networks, shipped

    fresh = networks.small_cnn(seed=repeat).get_weights()
    if source == "none":
        return fresh
    return shipped.network(f"u11_{source}").get_weights()[:-2] + fresh[-2:]


def arms(kind: str) -> list[tuple[str, str]]:
    """Source and strategy of what is trained on each small set."""
    sources = ("film", "masses") if kind == "real" else SOURCES
    tuned = [(source, name) for source in sources for name in ("frozen", "gradual", "all")]
    return [("none", "scratch"), *tuned]


class Bench:
    """Trains an arm on a small set and says what it is worth on test patients."""

    def __init__(self, test: Part) -> None:
        self.test = test
        self.trainers = {adapt: Trainer(adapt=adapt) for adapt in (True, False)}

    def scores(
        self, source: str, strategy: str, part: Part, repeat: int, head: float, base: float
    ) -> NDArray[Any]:
        """Answers for the test patches, after training on a part of the pool."""
        from mlmi_course import training

        trainer = self.trainers[source == "none"]
        stages = STRATEGIES[strategy](head, base)
        trainer.train(start_of(source, repeat), part, stages, steps_for(len(part.images)), repeat)
        return training.predict(trainer.model, self.test.images)


def searched(pool: Part, test: Part, done: set[tuple]) -> Iterator[dict[str, Any]]:
    """Every trial of every arm, repeat after repeat."""
    from sklearn.metrics import roc_auc_score

    bench, size = Bench(test), SEARCH_SIZE
    for repeat in SEARCH_REPEATS:
        part = pool.of(small_set(pool.labels, pool.groups, size, repeat))
        for source, strategy in arms("search"):
            for head, base in trials(strategy):
                if (source, strategy, size, repeat, head, base) in done:
                    continue
                since = time.process_time()
                scores = bench.scores(source, strategy, part, repeat, head, base)
                yield {
                    "source": source, "strategy": strategy, "size": size, "repeat": repeat,
                    "patients": len(np.unique(part.groups)), "head": head, "base": base,
                    "auc": round(float(roc_auc_score(test.labels, scores)), 4),
                    "seconds": round(time.process_time() - since, 1),
                }  # fmt: skip


def rows_of(
    kind: str, pool: Part, test: Part, repeats: Sequence[int], done: set[tuple]
) -> Iterator[dict[str, Any]]:
    """Run what has not been done, repeat after repeat."""
    from sklearn.metrics import roc_auc_score

    from mlmi_course import metrics, shipped, training

    numbers = six_numbers(test.images)
    blobs = numbers[:, 4]

    def row(source: str, strategy: str, part: Part | None, repeat: int, scores: Any, since: float):
        made = {
            "source": source, "strategy": strategy, "repeat": repeat,
            "size": 0 if part is None else len(part.images),
            "patients": 0 if part is None else len(np.unique(part.groups)),
            "auc": round(float(roc_auc_score(test.labels, scores)), 4),
            "seconds": round(time.process_time() - since, 1),
        }  # fmt: skip
        if kind == "real":
            gain = metrics.paired_difference(
                metrics.auc, scores, blobs, test.groups, labels=test.labels, resamples=1000
            )
            made |= {
                name: round(float(v), 4)
                for name, v in zip(MORE[kind], (gain, gain.low, gain.high), strict=True)
            }
        return made

    if ("none", "LoG", 0, 0) not in done and 1 in repeats and kind != "searched":
        since = time.process_time()
        yield row("none", "LoG", None, 0, blobs, since)
        as_is = training.predict(shipped.network("u11_film"), test.images)
        yield row("film", "as is", None, 0, as_is, since)
    bench, best = Bench(test), chosen() if kind == "searched" else {}
    for repeat in repeats:
        for size in SIZES[kind]:
            part = pool.of(small_set(pool.labels, pool.groups, size, repeat))
            without = [] if kind == "searched" else [("none", "six numbers")]
            for source, strategy in [*without, *arms(kind)]:
                if (source, strategy, size, repeat) in done:
                    continue
                since = time.process_time()
                if strategy == "six numbers":
                    scores = by_six_numbers(part, numbers)
                else:
                    head, base = best.get((source, strategy), STEPS[strategy])
                    scores = bench.scores(source, strategy, part, repeat, head, base)
                made = row(source, strategy, part, repeat, scores, since)
                yield made | ({"head": head, "base": base} if kind == "searched" else {})


# --- patients


def simulated(pool: int, test: int) -> tuple[Part, Part]:
    """Hard patches to draw small sets from, and 1,000 of other patients to test on; two seeds."""
    from mlmi_course.data import load_microcalcifications

    drawn, tested = (
        _part(load_microcalcifications(n, seed=seed, difficulty=1.0))
        for n, seed in ((6000, pool), (1000, test))
    )
    return drawn, tested


def real(archive: Path) -> tuple[Part, Part, str]:
    """Real patches: one half of the cases to draw from, the other half to test on.

    The half to draw from is the one by which the simulator's film was set, so that no test patient
    had any part in making the source.
    """
    from mlmi_course.data import load_microcalcifications
    from mlmi_course.data.real import import_set

    import_set("cmepda-microcalcifications", archive)
    found = load_microcalcifications(source="cmepda")
    case = found.table["case"].to_numpy()
    used = np.isin(case, np.random.default_rng(0).permutation(np.unique(case))[::2])
    # Cases that share a patch are one patient: she may have had a part, so she is no test patient.
    used = np.isin(found.groups, found.groups[used])
    part = _part(found)
    pool, test = part.of(np.flatnonzero(used)), part.of(np.flatnonzero(~used))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    about = (
        f"Real patches of {archive.name}, sha256 {digest}: drawn from {len(pool.images)} of "
        f"{len(np.unique(pool.groups))} patients, tested on {len(test.images)} of "
        f"{len(np.unique(test.groups))} others. Step sizes: from scratch the best of three, else one try"
    )
    return pool, test, about


def _part(found: Any) -> Part:
    return Part(np.asarray(found.images), np.asarray(found.labels), np.asarray(found.groups))


SEEDS = {"search": (901, 902), "simulated": (911, 912), "searched": (911, 912)}
ABOUT = {
    "search": "Step sizes of Adam for head and base (0 where it is frozen), tried with 40 hard patches "
    "(difficulty=1) and judged on 1,000 of other patients, who are in no other table; six trials for each "
    "source and strategy, three repeats each",
    "simulated": "Simulated hard patches (difficulty=1); tested on 1,000 of other patients. Step sizes: "
    "from scratch the best of three, else one try",
    "searched": "Simulated hard patches (difficulty=1), the small sets and the 1,000 test patches of "
    "u11_simulated; for each source and strategy the best step sizes of u11_search",
}


def main() -> None:
    """Make one of the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("simulated", "real", "search", "searched"))
    parser.add_argument("archive", nargs="?", type=Path, help="of the real patches")
    parser.add_argument("--rows", type=Path, help="where finished runs are kept")
    parser.add_argument(
        "--repeats", type=int, nargs="+", default=range(1, REPEATS + 1),
        help="do these only, and write no table: several of these scripts may run side by side",
    )  # fmt: skip
    given = parser.parse_args()
    if (given.kind == "real") != (given.archive is not None):
        parser.error("the real table, and only that, needs the archive of the real patches")
    if given.archive and not given.archive.is_file():
        parser.error(f"{given.archive} is not here")
    if given.kind == "real":  # nothing real may stay behind
        os.environ["MLMI_HOME"] = tempfile.mkdtemp(prefix="mlmi-u11-")
    import pandas as pd

    from mlmi_course import shipped

    if given.archive:
        pool, test, about = real(given.archive)
    else:
        pool, test = simulated(*SEEDS[given.kind])
        about = ABOUT[given.kind]
    print(about, flush=True)
    kept = given.rows or Path(tempfile.gettempdir()) / f"u11_{given.kind}_rows.csv"
    columns = (*COLUMNS, *MORE[given.kind])
    if not kept.exists():
        kept.write_text(",".join(columns) + "\n", encoding="utf-8")
    key = [*KEY, *MORE["search"]] if given.kind == "search" else list(KEY)
    done = set(pd.read_csv(kept)[key].itertuples(index=False, name=None))
    if given.kind == "search":
        rows = searched(pool, test, done)
    else:
        rows = rows_of(given.kind, pool, test, given.repeats, done)
    with kept.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        for row in rows:
            writer.writerow(row)
            file.flush()
    if len(given.repeats) < REPEATS:
        return
    table = pd.read_csv(kept).sort_values(key)
    more = f" {given.archive.name}" if given.archive else ""
    path = shipped.save_table(
        table, f"u11_{given.kind}", made_by=f"{COMMAND} {given.kind}{more}",
        note=f"{about}. One row a run; size and patients of the small set; seconds of one core.",
    )  # fmt: skip
    print(path.name, len(table), "rows,", round(table.seconds.sum() / 60, 1), "minutes")


if __name__ == "__main__":
    main()
