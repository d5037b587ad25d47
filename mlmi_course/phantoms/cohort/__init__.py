"""A simulated cohort of cancer patients: clinic, radiomics, genes, sites, survival, and the truth.

Real cohorts never tell which feature matters.  This one does: whatever drew the patients is
kept beside the table, so that a method's answer can be marked.

Two seeds are told apart.  ``world`` fixes nature: which features matter and how much, which are
copies of others, how each site's scanner distorts.  ``seed`` draws patients from that world.
Train on one seed and test on another of the same world, as on a locked test set.

Every trap is a parameter, and off: distorting scanners (``batch``, ``batch_covariance``), a
confounder, sites that see other ages, twins, holes.  A parameter changes what it names and
leaves the patients' other numbers as they were, so a trap can be compared with its absence,
patient by patient.

>>> cohort = simulate(n=100)
>>> cohort
Cohort: 100 patients of 4 sites, 120 features, 0 genes; 70 deaths, 30 % censored
>>> cohort.table.loc["P0001", ["age", "stage", "time", "event"]].to_dict()
{'age': 75.0, 'stage': 'IV', 'time': 22, 'event': 1}
"""

from __future__ import annotations

from mlmi_course.phantoms.cohort._patients import draw_patients
from mlmi_course.phantoms.cohort._records import Cohort, Settings, Truth
from mlmi_course.phantoms.cohort._survival import SHAPE as WEIBULL_SHAPE
from mlmi_course.phantoms.cohort._survival import weibull_scale
from mlmi_course.phantoms.cohort._world import draw_world

__all__ = ["WEIBULL_SHAPE", "Cohort", "Settings", "Truth", "simulate", "weibull_scale"]


def simulate(
    n: int = 600,
    *,
    seed: int = 0,
    world: int = 0,
    features: int = 120,
    informative: int = 7,
    blocks: int = 8,
    block_size: int = 6,
    effect: float = 1.0,
    sites: int = 4,
    batch: float = 0.0,
    batch_covariance: float = 0.0,
    confounder: float = 0.0,
    site_follows_age: float = 0.0,
    features_follow_age: float = 0.0,
    median_days: float = 330.0,
    censored: float = 0.3,
    genes: int = 0,
    clock_genes: int = 36,
    twins: int = 0,
    twin_share: float = 0.5,
    missing: float = 0.0,
    without_genes: float = 0.0,
) -> Cohort:
    """Draw a cohort of patients from a known world.

    Parameters
    ----------
    n : int, default 600
        Number of patients, at least 10.
    seed : int, default 0
        Which patients are drawn.
    world : int, default 0
        Which nature they are drawn from: names and coefficients of the informative features,
        blocks, distortions of the sites, clock genes.
    features : int, default 120
        Number of radiomic features.
    informative : int, default 7
        How many of them change the hazard and the progression.  Their log hazard ratios per
        standard deviation are spread evenly from 0.35 to 0.50 (a hazard ratio of 1.42 to 1.65),
        with random signs.  Chosen; half of them, rounded down, head a block.
    blocks, block_size : int, default 8 and 6
        Blocks of correlated features: a head, and ``block_size`` − 1 copies of it with a
        correlation between 0.6 and 0.95 in absolute value.  One block is that of
        ``shape_volume``, and its copies also measure size: 0.8 to 0.95.  A copy has no effect
        of its own.
    effect : float, default 1
        Factor on the coefficients of the informative features; 0 makes all features useless.
    sites : int, default 4
        Number of hospitals, A, B, ….  A is three times as large as the last one.
    batch : float, default 0
        Strength of the scanner effects: in site i, feature f is seen as γ + δ × feature, with
        shift γ = batch × (0.3 s + 0.4 e) for standard normal s (of the site) and e (of site and
        feature), in standard deviations, and δ² from an inverse gamma distribution of mean 1
        and standard deviation 0.35, to the power of ``batch``.  This is the model that ComBat
        inverts [1]_.  With 0.1 the default features hardly tell the site, with 1 they always do.
    batch_covariance : float, default 0
        In [0, 1): pairs of useless features are correlated by plus this number at every other
        site, and by minus it at the rest.  Means and variances do not change, so ComBat cannot
        remove it [2]_.
    confounder : float, default 0
        In [0, 1), strength of ``comorbidity``: its log hazard ratio per standard deviation, and
        also its correlation with each of five useless, *exposed* features and with the site.
        Without adjusting for it, an exposed feature has a log hazard ratio of about nine
        tenths of this number's square (less than all of it: Cox models are not collapsible);
        the truth is 0.
    site_follows_age : float, default 0
        In [0, 1], correlation between age and what decides the site; 1 makes sites age bands.
    features_follow_age : float, default 0
        In [0, 1), correlation in absolute value with age of a third of the useless features.
    median_days : float, default 330
        Median survival of the population in days.  The default lies between the 252 and 415
        days published for two groups of patients with glioblastoma.
    censored : float, default 0.3
        Share of patients whose death is not seen, in [0, 0.9]; exact to one patient.
    genes : int, default 0
        Number of genes in log2 units of expression; unit 08 asks for 125 and 2000.
    clock_genes : int, default 36
        How many of the genes follow age, with a correlation between 0.2 and 0.5 in absolute
        value.  Not used without genes.
    twins : int, default 0
        Pairs of identical twins: same family, age, sex and genotype.
    twin_share : float, default 0.5
        In [0, 1], share of a gene's variance, age apart, that comes from the genotype.
    missing : float, default 0
        In [0, 0.9], share of the cells of features and genes that are NaN, at random.
    without_genes : float, default 0
        In [0, 0.9], share of patients, at random, all of whose genes are NaN.

    Returns
    -------
    Cohort
        The ``table``, and the ``truth`` behind it.

    Raises
    ------
    ValueError
        For a number out of its range, or counts that do not fit into each other.

    Notes
    -----
    The table has one row a patient and the columns

    ``family``
        Who belongs together in a split: twins share it, all others are alone.
    ``site``, ``sex``, ``stage`` (ordered), ``treatment``
        Categories.  Stages I to IV have shares 0.20, 0.25, 0.30 and 0.25; the treatment is
        randomised 1:1.  Chosen.
    ``age``, ``comorbidity``
        Years, normal with mean 62 and standard deviation 11, cut at 18 and 90; a score of mean
        0 and standard deviation 1.  Chosen.
    ``time``, ``event``
        Whole days from diagnosis to death (1) or to the last visit (0).
    ``progression``
        1 if the tumour has grown at the first control; known of everybody.
    features, then genes
        :attr:`Cohort.features` and :attr:`Cohort.genes` have their names.

    The hazard is proportional, with a Weibull baseline [3]_:
    T = scale × (−log U / exp(log hazard))^(1 / shape) with U uniform and shape 1.3 (the hazard
    rises with time).  The log hazard is the sum of the informative features and of age
    (0.25 per ten years), stage (0.2, 0.5 and 0.9 for II to IV), treatment (−0.35 for combined)
    and comorbidity.  Sex and site do nothing.  Patients are recruited at a steady rate and
    followed until one day, between half and all of ``truth.follow_up_days``; besides,
    they are lost at random, after twice that time on average.  The follow-up is what is solved
    for to meet ``censored``.  Censoring depends on nothing that the table holds.

    Progression follows a logistic model in the informative features alone: log odds ratios are
    twice the log hazard ratios, and the prevalence is one half.

    References
    ----------
    .. [1] W. E. Johnson, C. Li and A. Rabinovic, Adjusting batch effects in microarray expression
       data using empirical Bayes methods, Biostatistics 8 (2007) 118–127.
    .. [2] A. A. Chen et al., Mitigating site effects in covariance for machine learning in
       neuroimaging data, Human Brain Mapping 43 (2022) 1179–1195.
    .. [3] R. Bender, T. Augustin and M. Blettner, Generating survival times to simulate Cox
       proportional hazards models, Statistics in Medicine 24 (2005) 1713–1723.

    Examples
    --------
    >>> cohort = simulate(n=200, confounder=0.6)
    >>> cohort.truth.informative[:2]
    ('firstorder_mean_01', 'glcm_entropy_02')
    >>> cohort.truth.exposed[:2]
    ('firstorder_median_02', 'firstorder_skewness_02')
    >>> float(cohort.truth.coefficients["comorbidity"])
    0.6

    The same patients, seen through the scanners of their sites:

    >>> seen = simulate(n=200, confounder=0.6, batch=1)
    >>> bool((seen.table["time"] == cohort.table["time"]).all())
    True
    """
    settings = Settings(**locals())  # first of all: nothing but the arguments is local yet
    return draw_patients(settings, draw_world(settings))
