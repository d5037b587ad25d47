"""Quality, filters and grey levels."""

from __future__ import annotations

import numpy as np

from conventions import refused, row


def scan(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A smooth picture of 0 to 1000 and the same with noise of 50; floats, 64 x 64."""
    rows, columns = np.indices((64, 64))
    truth = 500 + 500 * np.sin(rows / 9) * np.cos(columns / 7)
    return truth, truth + np.random.default_rng(seed).normal(0, 50, truth.shape)


@row(
    "PSNR of integers without a range",
    libraries=("scikit-image", "tensorflow"),
    units=("03", "15"),
    ours="`data_range` is always given: the range that the scanner or the window defines, the "
    "same for all images that are compared.",
)
def psnr_of_integers():
    """PSNR compares the error with a range. If you do not say which, scikit-image takes that of
    the *type*: 32767 for int16 (65535 if one value is negative), so an image of 1000 grey levels
    looks 30 dB better than it is. For floats it assumes 1, or 2 as soon as one value is negative,
    which adds 6 dB; beyond that it refuses. TensorFlow insists on `max_val`."""
    import tensorflow
    from skimage.metrics import peak_signal_noise_ratio as psnr

    truth, noisy = (image.round().astype(np.int16) for image in scan())
    ramp = np.linspace(0, 1, 64)
    with_negative = np.where(ramp == 0, -0.001, ramp)
    return {
        "int16, no data_range": psnr(truth, noisy),
        "int16, data_range=1000": psnr(truth, noisy, data_range=1000),
        "float, no data_range": refused(lambda: psnr(truth / 1.0, noisy / 1.0)),
        "float in [0, 1], error 0.01": psnr(ramp, ramp + 0.01),
        "the same, one pixel of −0.001": psnr(with_negative, with_negative + 0.01),
        "tf.image.psnr without max_val": refused(
            lambda: tensorflow.image.psnr(truth[..., None], noisy[..., None])
        ),
    }


@row(
    "SSIM: which window",
    libraries=("scikit-image", "tensorflow"),
    units=("03", "15"),
    ours="none is printed. Where you need it: `gaussian_weights=True, sigma=1.5, "
    "use_sample_covariance=False`, which are those of the paper (Wang et al. 2004), "
    "with `data_range`.",
)
def ssim_window():
    """SSIM averages local means and variances over a window. scikit-image's default is a square of
    7 pixels of equal weight, with variances divided by n − 1; the paper and TensorFlow have a
    Gaussian of 1.5 pixels in 11 × 11. With the paper's settings the two libraries agree."""
    import tensorflow
    from skimage.metrics import structural_similarity as ssim

    truth, noisy = scan()
    paper = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    by_tf = tensorflow.image.ssim(*(i[..., None].astype("f4") for i in (truth, noisy)), 1000)
    return {
        "skimage, default window": ssim(truth, noisy, data_range=1000),
        "skimage, the paper's": ssim(truth, noisy, data_range=1000, **paper),
        "tf.image.ssim": float(by_tf),
        "skimage, default window, data_range of the image": ssim(
            truth, noisy, data_range=noisy.max() - noisy.min()
        ),
    }


@row(
    "Quality of two identical images",
    libraries=("scikit-image", "tensorflow", "numpy"),
    ours="such pairs are looked for: an infinite PSNR makes every mean infinite.",
)
def identical_images():
    """No error at all: PSNR is infinite, SSIM is 1. A network that returns its input (a skip
    connection) gets there on empty slices, and the mean over slices says nothing any more."""
    import tensorflow
    from skimage.metrics import peak_signal_noise_ratio, structural_similarity

    truth, _ = scan()
    with np.errstate(divide="ignore"):
        by_skimage = peak_signal_noise_ratio(truth, truth, data_range=1000)
    return {
        "skimage PSNR": float(by_skimage),
        "tf.image.psnr": float(tensorflow.image.psnr(truth[..., None], truth[..., None], 1000)),
        "skimage SSIM": float(structural_similarity(truth, truth, data_range=1000)),
        "mean PSNR of this slice and one of 30 dB": float(np.mean([by_skimage, 30.0])),
    }


@row(
    "Integers that are rescaled on the way",
    libraries=("scikit-image", "scipy"),
    units=("09", "10"),
    ours="images are floats before they are filtered, or `preserve_range=True` is written out.",
)
def integers_rescaled():
    """Many functions of scikit-image make floats of integers first, and divide by the largest
    value of the type: 255, 32767, 65535. Hounsfield units come back between −1 and 1. Floats are
    left alone, so the same line behaves differently before and after a slope was applied."""
    from scipy.ndimage import gaussian_filter
    from skimage.filters import gaussian
    from skimage.transform import resize, rotate

    image = np.full((8, 8), 1000, np.int16)
    return {
        "skimage.transform.resize(int16)": resize(image, (4, 4))[2, 2],
        "skimage.transform.rotate(int16)": rotate(image, 90)[4, 4],
        "skimage.filters.gaussian(int16)": gaussian(image, 1)[4, 4],
        "skimage.transform.resize(uint16)": resize(image.astype(np.uint16), (4, 4))[2, 2],
        "skimage.transform.resize(float)": resize(image / 1.0, (4, 4))[2, 2],
        "scipy.ndimage.gaussian_filter(int16)": int(gaussian_filter(image, 1)[4, 4]),
    }


@row(
    "Width of a Gaussian",
    libraries=("scipy", "scikit-image", "simpleitk"),
    units=("03", "09"),
    ours="σ in pixels with `scipy.ndimage.gaussian_filter`; the text says so. FWHM = 2.355 σ.",
)
def gaussian_width():
    """A single bright pixel is smoothed *with 4*. SciPy and scikit-image take σ in pixels;
    SimpleITK's `DiscreteGaussian` takes the variance, its `SmoothingRecursiveGaussian` σ in
    millimetres, and nilearn the full width at half maximum in millimetres. Here a pixel is 2 mm;
    the answer is the σ that came out, in pixels."""
    import SimpleITK
    from scipy.ndimage import gaussian_filter
    from skimage.filters import gaussian

    dot = np.zeros((81, 81))
    dot[40, 40] = 1
    image = SimpleITK.GetImageFromArray(dot)
    image.SetSpacing((2.0, 2.0))

    def sigma(array):
        array = SimpleITK.GetArrayFromImage(array) if hasattr(array, "GetSize") else array
        return float(np.sqrt((array.sum(axis=0) * (np.arange(81) - 40) ** 2).sum() / array.sum()))

    return {
        "scipy.ndimage.gaussian_filter(…, 4)": sigma(gaussian_filter(dot, 4)),
        "skimage.filters.gaussian(…, 4)": sigma(gaussian(dot, 4)),
        "SimpleITK.DiscreteGaussian(…, 4)": sigma(SimpleITK.DiscreteGaussian(image, 4)),
        "SimpleITK.SmoothingRecursiveGaussian(…, 4)": sigma(
            SimpleITK.SmoothingRecursiveGaussian(image, 4)
        ),
    }


@row(
    "A Gaussian that gives up",
    libraries=("simpleitk", "scipy"),
    units=("03",),
    ours="SciPy's, whose kernel grows with σ.",
)
def gaussian_gives_up():
    """`DiscreteGaussian` stops its kernel at 32 pixels, whatever the variance. A wide smoothing,
    as for a bias field, is then narrower than asked for, without a word."""
    import SimpleITK
    from scipy.ndimage import gaussian_filter

    dot = np.zeros((201, 201))
    dot[100, 100] = 1
    image = SimpleITK.GetImageFromArray(dot)

    def sigma(array):
        line = array.sum(axis=0)
        return float(np.sqrt((line * (np.arange(201) - 100) ** 2).sum() / line.sum()))

    def by_itk(wanted, width):
        there = SimpleITK.DiscreteGaussian(image, float(wanted**2), width)
        return sigma(SimpleITK.GetArrayFromImage(there))

    return {
        "scipy, σ of 15 pixels asked for": sigma(gaussian_filter(dot, 15)),
        "SimpleITK.DiscreteGaussian, variance 225": by_itk(15, 32),
        "the same, maximumKernelWidth=200": by_itk(15, 200),
        "σ of 20 asked for, maximumKernelWidth=32": by_itk(20, 32),
    }


@row(
    "Derivative of an image",
    libraries=("scipy", "scikit-image", "simpleitk", "numpy"),
    units=("09",),
    ours="`numpy.gradient(image, *spacing)`, in grey levels per mm.",
)
def derivative():
    """A ramp that grows by 1 from pixel to pixel, 2 mm wide each. Its slope is 1 per pixel, or 0.5
    per mm. SciPy's Sobel is not normalised, scikit-image's averages over directions, and
    SimpleITK's gradient is per millimetre. A threshold for edges does not carry over."""
    import SimpleITK
    from scipy import ndimage
    from skimage import filters

    ramp = np.tile(np.arange(16.0), (16, 1))
    image = SimpleITK.GetImageFromArray(ramp)
    image.SetSpacing((2.0, 2.0))
    return {
        "numpy.gradient": np.gradient(ramp, axis=1)[8, 8],
        "scipy.ndimage.sobel(axis=1)": ndimage.sobel(ramp, axis=1)[8, 8],
        "skimage.filters.sobel": filters.sobel(ramp)[8, 8],
        "skimage.filters.sobel(axis=1)": filters.sobel(ramp, axis=1)[8, 8],
        "SimpleITK.GradientMagnitude": SimpleITK.GradientMagnitude(image)[8, 8],
        "SimpleITK.SobelEdgeDetection": SimpleITK.SobelEdgeDetection(image)[8, 8],
    }


@row(
    "Laplacian of Gaussian: sign and scale",
    libraries=("scipy", "scikit-image", "simpleitk"),
    units=("09",),
    ours="`-σ² · scipy.ndimage.gaussian_laplace`, which is positive on a bright dot and can be "
    "compared between scales.",
)
def laplacian():
    """The filter that finds bright dots. SciPy's is negative in their centre and fades as σ grows;
    scikit-image's `blob_log` multiplies by σ² and takes the minus sign inside; SimpleITK's has the
    sign of SciPy's, works in millimetres, and is normalised on request. The dot is a Gaussian of σ
    = 3; the best scale is 3 only where the response is normalised."""
    import SimpleITK
    from scipy.ndimage import gaussian_laplace
    from skimage.feature import blob_log

    rows, columns = np.indices((61, 61)) - 30
    dot = np.exp(-(rows**2 + columns**2) / (2 * 3**2))
    image = SimpleITK.GetImageFromArray(dot)

    def by_itk(sigma):
        return SimpleITK.LaplacianRecursiveGaussian(image, sigma)[30, 30]

    scales = np.arange(1.0, 6.01, 0.5)
    raw = [gaussian_laplace(dot, s)[30, 30] for s in scales]
    return {
        "scipy.ndimage.gaussian_laplace(dot, 3), centre": raw[4],
        "SimpleITK.LaplacianRecursiveGaussian(dot, 3)": by_itk(3.0),
        "scale of the strongest response, scipy": scales[np.argmin(raw)],
        "the same, times σ²": scales[np.argmin(raw * scales**2)],
        "skimage.feature.blob_log, σ of the blob": blob_log(
            dot, min_sigma=1, max_sigma=6, num_sigma=11, threshold=0.05
        )[0, 2],
    }


@row(
    "A median filter of three",
    libraries=("scipy", "scikit-image", "simpleitk"),
    units=("03",),
    ours="SciPy's, by its size in pixels.",
)
def median_of_three():
    """Size, radius or shape? SciPy's `size=3` is a square of 3 pixels, SimpleITK's `3` a *radius*,
    so a square of 7. What the numbers say is how long a bright bar of 3 pixels' width, and one of
    5, survive."""
    import SimpleITK
    from scipy.ndimage import median_filter
    from skimage.filters import median

    bars = np.zeros((40, 40))
    bars[:, 8:11] = bars[:, 20:25] = 1
    image = SimpleITK.GetImageFromArray(bars)

    def left(array):
        return [float(array[20, 9]), float(array[20, 22])]

    return {
        "scipy.ndimage.median_filter(…, 3)": left(median_filter(bars, 3)),
        "skimage.filters.median(…, np.ones((3, 3)))": left(median(bars, np.ones((3, 3)))),
        "SimpleITK.Median(image, [3, 3])": left(
            SimpleITK.GetArrayFromImage(SimpleITK.Median(image, [3, 3]))
        ),
        "SimpleITK.Median(image, [1, 1])": left(
            SimpleITK.GetArrayFromImage(SimpleITK.Median(image, [1, 1]))
        ),
    }


@row(
    "Strength of non-local means",
    libraries=("scikit-image",),
    units=("03",),
    ours="`h` and `sigma` in grey levels of the image, from an estimate of the noise.",
)
def non_local_means():
    """`h=0.1` is a tenth of the range of an image between 0 and 1. In Hounsfield units it is a
    tenth of a unit, and nothing happens; for int16 the image is divided by 32767 first, and
    everything is smoothed away. The number is the standard deviation left of a noise of 20."""
    from skimage.restoration import denoise_nl_means

    image = np.random.default_rng(0).normal(1000, 20, (40, 40))
    small = {"patch_size": 3, "patch_distance": 4}

    def left(array, **how):
        return float(denoise_nl_means(array, **how, **small).std())

    return {
        "h=0.1 (default), grey levels": left(image),
        "h=16, sigma=20": left(image, h=16, sigma=20),
        "h=0.1, image of [0, 1]": left(image / 2000) * 2000,
        "h=0.1, int16": left(image.astype(np.int16)) * 32767,
    }


@row(
    "Strength of total variation",
    libraries=("scikit-image",),
    units=("03",),
    ours="none is used. Scale images to [0, 1] first: the weight belongs to that scale.",
)
def total_variation():
    """The default weight 0.1 belongs to an image of 0 to 1. The same image in grey levels of 0 to
    1000 is hardly touched. Shown: the noise that is left, as a share."""
    from skimage.restoration import denoise_tv_chambolle

    noise = np.random.default_rng(0).normal(0, 0.1, (64, 64))
    return {
        "image of [0, 1]": denoise_tv_chambolle(0.5 + noise).std() / noise.std(),
        "the same × 1000": denoise_tv_chambolle(500 + 1000 * noise).std() / (1000 * noise.std()),
    }


@row(
    "N4 with a mask of 255",
    libraries=("simpleitk",),
    units=("03", "06"),
    ours="masks are 0 and 1.",
    margin=0.05,
)
def n4_mask():
    """N4 corrects the brightness inside its mask, where the mask *is the label 1*. With 255 or 2
    nothing is inside, the image comes back as it was, and no error tells. Shown: the coefficient
    of variation of a uniform object under a smooth field."""
    import SimpleITK

    rows, columns, _ = np.indices((24, 24, 12))
    inside = np.zeros((24, 24, 12), np.uint8)
    inside[3:-3, 3:-3] = 1
    image = SimpleITK.GetImageFromArray(
        (1000.0 * inside * (1 + 0.5 * np.sin(rows / 12) * np.cos(columns / 12))).astype(np.float32)
    )

    def variation(value):
        mask = SimpleITK.GetImageFromArray(inside * np.uint8(value))
        n4 = SimpleITK.N4BiasFieldCorrectionImageFilter()
        n4.SetMaximumNumberOfIterations([10])
        there = SimpleITK.GetArrayFromImage(n4.Execute(image, mask))[inside == 1]
        return float(there.std() / there.mean())

    before = SimpleITK.GetArrayFromImage(image)[inside == 1]
    return {
        "before": float(before.std() / before.mean()),
        "mask of 1": variation(1),
        "mask of 255": variation(255),
    }


@row(
    "Entropy: bits or nats",
    libraries=("scikit-image", "scipy", "numpy"),
    units=("04", "07", "12"),
    ours="bits, and the word stands beside the number.",
)
def entropy_unit():
    """Four grey levels, equally often: 2 bits, or 1.386 nats. scikit-image's `shannon_entropy`
    says bits, SciPy's `entropy` and scikit-image's GLCM nats. For an image SciPy does something
    else altogether: it takes the grey levels themselves for probabilities, column by column."""
    from scipy.stats import entropy
    from skimage.measure import shannon_entropy

    image = np.repeat([1.0, 2, 3, 4], 4).reshape(4, 4)
    counts = np.unique(image, return_counts=True)[1]
    return {
        "skimage.measure.shannon_entropy(image)": shannon_entropy(image),
        "scipy.stats.entropy(counts)": entropy(counts),
        "scipy.stats.entropy(counts, base=2)": entropy(counts, base=2),
        "scipy.stats.entropy(image)": entropy(image),
    }


@row(
    "Mutual information",
    libraries=("scikit-image", "scikit-learn", "simpleitk"),
    units=("04",),
    ours="with the number of bins and the base of the logarithm.",
    margin=0.02,
)
def mutual_information():
    """How much one image says about another. scikit-image's *normalised* one lies between 1 and 2,
    scikit-learn's between 0 and 1, its `mutual_info_score` is in nats, and SimpleITK's
    registration metric is negative, because an optimiser looks for the smallest."""
    import SimpleITK
    from skimage.metrics import normalized_mutual_information
    from sklearn.metrics import mutual_info_score, normalized_mutual_info_score

    truth, noisy = scan()
    bins = [np.digitize(image, np.linspace(-200, 1200, 33)).ravel() for image in (truth, noisy)]
    registration = SimpleITK.ImageRegistrationMethod()
    registration.SetMetricAsMattesMutualInformation(32)
    registration.SetInitialTransform(SimpleITK.TranslationTransform(2))
    itk = [SimpleITK.GetImageFromArray(image) for image in (truth, noisy)]
    return {
        "skimage normalized_mutual_information": normalized_mutual_information(
            truth, noisy, bins=32
        ),
        "sklearn normalized_mutual_info_score": normalized_mutual_info_score(*bins),
        "sklearn mutual_info_score (nats)": mutual_info_score(*bins),
        "SimpleITK Mattes": registration.MetricEvaluate(*itk),
    }


@row(
    "Sign of a shift that was found",
    libraries=("scikit-image", "scipy"),
    units=("04",),
    ours="it is said in words, and proved by applying it.",
)
def sign_of_shift():
    """An image was moved by (3, −5). `phase_cross_correlation` gives the shift that moves it
    *back*, to be given to `scipy.ndimage.shift` as it is."""
    from skimage.registration import phase_cross_correlation

    first = np.random.default_rng(0).normal(size=(32, 32))
    second = np.roll(first, (3, -5), axis=(0, 1))
    return {
        "it was moved by": [3, -5],
        "phase_cross_correlation(first, second)": phase_cross_correlation(first, second)[0],
        "phase_cross_correlation(second, first)": phase_cross_correlation(second, first)[0],
    }


@row(
    "Projections of an image of integers",
    libraries=("scikit-image",),
    ours="floats, or `preserve_range=True`.",
)
def radon_of_integers():
    """The Radon transform sums grey levels along lines. For integers scikit-image divides by the
    largest value of the type first, so a CT in Hounsfield units and the same CT as floats differ
    by a factor of 32767."""
    from skimage.transform import radon

    disk = 1000 * (np.hypot(*np.indices((65, 65)) - np.full((2, 1, 1), 32)) < 20)
    return {
        "float": radon(disk.astype(float), [0.0]).max(),
        "int16": radon(disk.astype(np.int16), [0.0]).max(),
        "uint8 of 0 and 200": radon((disk // 5).astype(np.uint8), [0.0]).max(),
    }


@row(
    "Histogram matching: which values",
    libraries=("scikit-image", "simpleitk"),
    units=("18",),
    ours="all values inside a stated mask, by their ranks; who matches landmarks names them.",
)
def histogram_matching():
    """scikit-image gives each value the reference's value of the same rank, air included.
    SimpleITK matches landmarks with straight lines between: minimum, mean, maximum and *one*
    quantile above the mean, unless more are asked for. Without the mean as a landmark and with
    many points it comes near scikit-image's."""
    import SimpleITK
    from skimage.exposure import match_histograms

    rng = np.random.default_rng(0)
    tissues = (
        ((0, 1, 50), (100, 10, 100), (200, 10, 100)),
        ((0, 1, 50), (300, 30, 40), (700, 30, 160)),
    )
    image, reference = (
        np.concatenate([np.abs(rng.normal(m, s, n)) for m, s, n in three]).reshape(10, 25)
        for three in tissues
    )

    def middle(matched):
        return float(np.median(matched.ravel()[50:150]))

    def by_sitk(**options):
        pair = (SimpleITK.GetImageFromArray(one) for one in (image, reference))
        return middle(SimpleITK.GetArrayFromImage(SimpleITK.HistogramMatching(*pair, **options)))

    every = {"numberOfMatchPoints": 50, "thresholdAtMeanIntensity": False}
    return {
        "value of about 100, by skimage": middle(match_histograms(image, reference)),
        "by SimpleITK": by_sitk(),
        "by SimpleITK, 50 points and no mean": by_sitk(numberOfHistogramLevels=1024, **every),
    }
