"""Train the two networks that unit 13 explains, and store them in the package.

    python course/13_explainability/make_weights.py

Both see the same 6,000 patches of the same patients, in the same order, from the same first
weights.  The only difference: for the second, nine of ten patches with a cluster carry a lead letter.
About 100 seconds of processor time each.
"""

import sys

import mlmi_course
from mlmi_course import networks, shipped, training
from mlmi_course.data import load_microcalcifications

import keras  # isort: skip  # after mlmi_course, which keeps it silent

PATCHES, EPOCHS, BATCH = 6000, 24, 32
FILTERS = [16, 32]


def train(marker: bool) -> None:
    """Train one of the two networks and write its weights."""
    patches = load_microcalcifications(n=PATCHES, seed=13, difficulty=0.5, marker=marker)
    learn, watch = patches.split((0.85, 0.15))
    steps = EPOCHS * -(-len(learn) // BATCH)
    model = networks.small_cnn(filters=FILTERS)
    falling = keras.optimizers.schedules.CosineDecay(5e-3, steps)
    model.compile(keras.optimizers.Adam(falling), "binary_crossentropy")
    history = training.fit(
        model,
        (learn.images, learn.labels),
        (watch.images, watch.labels),
        epochs=EPOCHS,
        patience=EPOCHS,
        batch_size=BATCH,
        augment=True,
    )
    letter = "with a lead letter on most clusters" if marker else "without letters"
    path = shipped.save_network(
        model,
        "u13_cheating" if marker else "u13_honest",
        builder="small_cnn",
        arguments={"filters": FILTERS},
        made_by="python course/13_explainability/make_weights.py",
        note=f"Trained on {PATCHES} simulated patches of difficulty 0.5, seed 13, {letter}.",
    )
    print(path, history, "mlmi_course", mlmi_course.__version__)


if __name__ == "__main__":
    for one in sys.argv[1:] or ["honest", "cheating"]:
        train(marker=one == "cheating")
