"""Networks, and what explains them."""

from __future__ import annotations

import numpy as np

from conventions import row


@row(
    "Momentum of batch normalisation",
    libraries=("keras",),
    units=("11",),
    ours="Keras's meaning; a value that is copied from a PyTorch recipe is turned round first.",
)
def momentum():
    """In Keras the momentum is the part of the old average that is *kept* (0.99), in PyTorch the
    part of the new batch that is *taken* (0.1). PyTorch's 0.1 in Keras makes the average follow
    the last batch almost alone. Shown: the moving average after one batch whose mean is 10."""
    import keras

    batch = np.random.default_rng(0).normal(10, 1, (1000, 1)).astype("float32")
    batch += 10 - batch.mean()

    def after_one(**how):
        layer = keras.layers.BatchNormalization(**how)
        layer(batch, training=True)
        return float(layer.moving_mean[0])

    return {
        "BatchNormalization()": after_one(),
        "BatchNormalization(momentum=0.9), PyTorch's 0.1": after_one(momentum=0.9),
        "BatchNormalization(momentum=0.1)": after_one(momentum=0.1),
    }


@row(
    "Batch normalisation that is frozen",
    libraries=("keras",),
    units=("11",),
    ours="`trainable = False` on the normalisation itself, which Keras takes for *use the "
    "stored averages*.",
)
def frozen():
    """What does freezing a network stop? In Keras, `trainable = False` on a normalisation layer
    also switches it to inference; freezing only the convolutions does not, and the averages move
    with each batch. (In PyTorch, `requires_grad=False` leaves them moving until `eval()` is
    called.)"""
    import keras

    def moved(freeze):
        layer = keras.layers.BatchNormalization()
        layer.build((None, 1))
        layer.trainable = not freeze
        layer(np.full((8, 1), 5, "float32"), training=True)
        return float(layer.moving_mean[0])

    return {
        "trainable = True, called with training=True: moving mean": moved(False),
        "trainable = False, called with training=True": moved(True),
    }


@row(
    "Same padding with a stride of two",
    libraries=("keras",),
    units=("09", "10"),
    ours="Keras's *same*; where weights come from PyTorch, the padding is written out as a layer.",
)
def same_padding():
    """*Same* padding of 8 pixels for a kernel of 3 at stride 2 needs one pixel in all. TensorFlow
    puts it *behind*; a padding of 1 on each side, as PyTorch's `padding=1`, begins one pixel
    earlier. The two feature maps are shifted by a pixel, and with converted weights everything
    still looks nearly right."""
    import keras

    line = np.arange(8, dtype="float32").reshape(1, 8, 1)
    first = np.array([1.0, 0, 0], "float32").reshape(3, 1, 1)  # looks at the first pixel of three

    def by(padding, array):
        return keras.ops.conv(array, first, strides=2, padding=padding).numpy().ravel()

    return {
        "padding='same'": by("same", line),
        "one pixel on each side, then 'valid'": by("valid", np.pad(line, [(0, 0), (1, 1), (0, 0)])),
    }


@row(
    "Convolution that does not flip",
    libraries=("keras", "scipy"),
    units=("03", "09"),
    ours="what networks call convolution is a correlation; where it matters, the text says which.",
)
def no_flip():
    """A convolution turns its kernel round before it slides. `scipy.signal.convolve` and
    `scipy.ndimage.convolve` do; a layer called `Conv1D` does not, and is a correlation. Unless the
    kernel is symmetric the result is another one, and where it is antisymmetric (edges!) the sign
    changes."""
    import keras
    from scipy import ndimage, signal

    ramp, kernel = np.arange(6.0), np.array([-1.0, 0, 1])
    layer = keras.ops.conv(
        ramp.reshape(1, 6, 1).astype("float32"), kernel.reshape(3, 1, 1).astype("float32")
    )
    return {
        "keras convolution": float(layer[0, 2, 0]),
        "scipy.signal.convolve": signal.convolve(ramp, kernel, mode="same")[2],
        "scipy.ndimage.convolve": ndimage.convolve(ramp, kernel)[2],
        "scipy.ndimage.correlate": ndimage.correlate(ramp, kernel)[2],
    }


@row(
    "Size after a transposed convolution",
    libraries=("keras",),
    units=("10",),
    ours='`padding="same"`, which gives stride × size.',
)
def transposed_size():
    """Seven pixels are enlarged by a stride of 2 with a kernel of 3: 14, 15 or 13? *Same* means
    stride × size, *valid* (size − 1) × stride + the larger of kernel and stride; PyTorch with
    `padding=1` gives 13. A skip connection of 14 fits one of them."""
    import keras

    def size(**how):
        layer = keras.layers.Conv1DTranspose(1, 3, strides=2, **how)
        return int(layer(np.zeros((1, 7, 1), "float32")).shape[1])

    return {
        "padding='same'": size(padding="same"),
        "padding='valid'": size(padding="valid"),
        "padding='same', output_padding=0": size(padding="same", output_padding=0),
    }


@row(
    "Cross-entropy: of what",
    libraries=("keras", "scikit-learn"),
    units=("05", "08", "09"),
    ours="the network answers with probabilities, and the loss is told so by its default.",
)
def cross_entropy():
    """Keras's losses expect probabilities unless `from_logits=True`, PyTorch's `CrossEntropyLoss`
    logits. Given the other, neither complains: Keras clips what lies outside 0 to 1, so that a
    wrong and sure answer costs 16 and gives no gradient."""
    import keras
    from sklearn.metrics import log_loss

    truth, logits = np.array([[1.0], [0.0]]), np.array([[2.0], [3.0]])
    probable = 1 / (1 + np.exp(-logits))
    loss = keras.losses.BinaryCrossentropy()
    with_logits = keras.losses.BinaryCrossentropy(from_logits=True)
    return {
        "sklearn log_loss(probabilities)": log_loss(truth.ravel(), probable.ravel()),
        "keras, probabilities": float(loss(truth, probable)),
        "keras, logits, from_logits=True": float(with_logits(truth, logits)),
        "keras, logits, and nothing said": float(loss(truth, logits)),
        "keras, probabilities, from_logits=True": float(with_logits(truth, probable)),
    }


@row(
    "Cross-entropy of a sure mistake",
    libraries=("keras", "scikit-learn"),
    units=("05", "08"),
    ours="Keras's, clipped at 1e-7; no probability of exactly 0 or 1 is reported.",
)
def sure_mistake():
    """The truth is 1, the prediction 0. The logarithm is infinite, so everybody clips, and each at
    another place. One such case among a hundred decides the mean."""
    import keras
    from sklearn.metrics import log_loss

    return {
        "keras binary_crossentropy, float32": float(
            keras.losses.binary_crossentropy(np.array([1.0], "f4"), np.array([0.0], "f4"))
        ),
        "sklearn log_loss, float64": log_loss([1, 0], [0.0, 0.0], labels=[0, 1]) * 2,
        "sklearn log_loss, float32": log_loss([1, 0], np.zeros(2, "f4"), labels=[0, 1]) * 2,
    }


@row(
    "Weight decay or L2",
    libraries=("keras",),
    units=("05",),
    ours="no network here has one. Where you add one, write the formula beside the letter: "
    "`regularizers.L2(λ)` adds λ·w² to the loss.",
)
def weight_decay():
    """One step with a learning rate of 0.1 on a weight of 1, without any data. L2(λ) adds λw², so
    its gradient is 2λw; PyTorch's `weight_decay=λ` has the gradient λw, half of it; AdamW takes λ
    times the learning rate off the weight and does not pass it through Adam. Adam with L2 takes a
    full step, whatever λ is."""
    import keras

    def after(optimizer, penalty=None):
        layer = keras.layers.Dense(
            1, use_bias=False, kernel_initializer="ones", kernel_regularizer=penalty
        )
        model = keras.Sequential([keras.Input((1,)), layer])
        model.compile(optimizer, loss=lambda truth, answer: 0 * answer)
        model.train_on_batch(np.ones((1, 1)), np.ones((1, 1)))
        return float(layer.kernel[0, 0])

    l2, make = keras.regularizers.L2(0.1), keras.optimizers
    return {
        "SGD, L2(0.1)": after(make.SGD(0.1), l2),
        "SGD(weight_decay=0.1)": after(make.SGD(0.1, weight_decay=0.1)),
        "AdamW(weight_decay=0.1)": after(make.AdamW(0.1, weight_decay=0.1)),
        "Adam, L2(0.1)": after(make.Adam(0.1), l2),
    }


@row(
    "Importance by permutation: of a score or a loss",
    libraries=("scikit-learn",),
    units=("13",),
    ours="*what is lost* when a feature is shuffled; positive means that the model needs it.",
    margin=0.02,
)
def permutation():
    """Shuffle a feature and look at what changes. scikit-learn gives score before less score
    after, so a needed feature is positive; computed by hand from a loss it is after less before.
    With its default score (R²) and with a negative error the numbers have other units: shares, and
    squares of the target's unit."""
    from sklearn.inspection import permutation_importance
    from sklearn.linear_model import LinearRegression

    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    y = 10 * x[:, 0] + rng.normal(size=200)
    model = LinearRegression().fit(x, y)

    def importance(**how):
        return permutation_importance(model, x, y, random_state=0, **how).importances_mean

    return {
        "default (R²)": importance(),
        "scoring='neg_mean_squared_error'": importance(scoring="neg_mean_squared_error"),
        "a function that gives the largest error, a loss": importance(
            scoring=lambda model, x, y: np.abs(model.predict(x) - y).max()
        ),
    }


@row(
    "SHAP values: in which unit",
    libraries=("shap", "scikit-learn"),
    units=("13",),
    ours="the unit stands at the axis, and the baseline in the text.",
    margin=0.02,
)
def shap_unit():
    """SHAP values add up to the model's output, but which? For a random forest that is a
    probability, for gradient boosting the log-odds, unless `model_output="probability"` and a
    background are given. The baseline is the mean over what was trained on, or over the
    background."""
    import shap
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    y = (x[:, 0] > 0).astype(int)
    forest = RandomForestClassifier(20, random_state=0).fit(x, y)
    boosting = GradientBoostingClassifier(n_estimators=20, random_state=0).fit(x, y)
    patient = np.array([[1.0, 0.0]])

    def total(explainer):
        values = np.asarray(explainer.shap_values(patient))
        base = np.ravel(explainer.expected_value)[-1]
        return float((values[..., 1] if values.ndim == 3 else values).sum() + base)

    by_probability = shap.TreeExplainer(boosting, x[:50], model_output="probability")
    return {
        "random forest: sum of values and baseline": total(shap.TreeExplainer(forest)),
        "gradient boosting": total(shap.TreeExplainer(boosting)),
        "gradient boosting, model_output='probability'": total(by_probability),
        "predict_proba of the boosting": boosting.predict_proba(patient)[0, 1],
    }


@row(
    "Where a GRU resets",
    libraries=("keras",),
    units=("17",),
    ours="the lecture writes the first of the two, which is `reset_after=False`, and says so.",
)
def gru_resets():
    """The last version of the GRU's paper takes old state away *before* it is multiplied by the
    weights. Its first version, and Keras's default, take it away after, as NVIDIA's routines do.
    Weights that were trained in one form are wrong in the other, and the number of biases differs.
    Shown: the last state of two units after three steps of 1, with fixed weights and no bias."""
    import keras

    def state(after):
        layer = keras.layers.GRU(2, reset_after=after)
        layer.build((1, 3, 1))
        kernel, recurrent, bias = (np.zeros(w.shape, "float32") for w in layer.weights)
        signs = np.tile([1.0, -1.0], 3)  # the two units get opposite inputs
        layer.set_weights([kernel + signs, recurrent + 1, bias])
        return [round(float(x), 4) for x in np.asarray(layer(np.ones((1, 3, 1), "float32")))[0]]

    def biases(after):
        layer = keras.layers.GRU(2, reset_after=after)
        layer.build((1, 3, 1))
        return int(np.prod(layer.weights[-1].shape))

    return {
        "GRU(2), the default: reset_after=True": state(True),
        "GRU(2, reset_after=False)": state(False),
        "numbers in the bias, of the two": [biases(True), biases(False)],
    }


@row(
    "True in a mask: take part, or leave out",
    libraries=("numpy", "keras"),
    units=("17",),
    ours="a mask says where a measurement *is*; the lab turns it round once, on purpose.",
)
def true_in_a_mask():
    """In a masked array of NumPy, True *hides* a value. In Keras, True in the mask of a layer, and
    in the `attention_mask` of attention, *lets it take part*. (PyTorch's `key_padding_mask` is
    NumPy's way round.) A mask that a layer makes by itself [can hide a true
    visit](#to-keras-a-visit-at-which-all-was-average-never-took-place). Shown: what is left of 1
    and 100."""
    import keras

    mask = np.array([True, False])
    values = np.array([1.0, 100.0])
    pooled = keras.layers.GlobalAveragePooling1D()(
        values.astype("float32").reshape(1, 2, 1), mask=mask[None]
    )
    return {
        "numpy.ma.array([1, 100], mask=[True, False]).mean()": float(
            np.ma.array(values, mask=mask).mean()
        ),
        "keras GlobalAveragePooling1D, mask=[True, False]": float(np.asarray(pooled)[0, 0]),
    }
