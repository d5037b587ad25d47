# %% [markdown]
# ## Where does the number go? (8 min)
#
# You are the physicist of a hospital that is about to put numbers on its MR reports. In this lab you predict what a change of the measurement does to
# a number, mend three functions that others wrote, read a paper, and at the end choose echo times for a scanner that you have never seen.
#
# **Predict first.** Nothing else is changed in each of these five:
#
# - **A.** T2 by a straight line through the logarithms of sixteen magnitudes (20 to 320 ms, true T2 80 ms, SNR 15). Now only the first eight are used.
# - **B.** T1 by inversion recovery, the magnitude of the formula fitted to magnitudes. Now a new coil makes signal *and* noise twice as large.
# - **C.** ADC by a straight line through the logarithms at b = 0, 1000 and 2000 (true ADC 1.2, SNR 8). Now the voxels are twice as long along each side, so that their signal is eight times as strong, and the noise as before.
# - **D.** $K^\mathrm{trans}$ by the Tofts model with the right AIF. Now the fit is told that the blood arrives 8 s *later* than it does.
# - **E.** $K^\mathrm{trans}$ as in D, with the right delay. Now the artery's image is saturated, and all of the AIF is read at half its height.
#
# Will the number go `up` or `down`, or stay the `same` (within 3 %)? And why? Choose the letter of the reason that fits best:
#
# - `a` the floor of noise weighs less in the fit
# - `b` one factor multiplies all points, and a curve's shape is what counts
# - `c` an early rise looks like a quick leak
# - `d` the same output from a smaller input needs a larger factor
# - `e` fewer points leave more noise
# - `f` more is averaged
#
# Write both as one text, for each of the five: `{"A": "up f", "B": …}`.

# %%
import mlmi_course
import numpy as np

from mlmi_course import plots
from mlmi_course.questions import u16_quantitative_mri as q

# %%
### BEGIN SOLUTION
what_happens = {"A": "down a", "B": "same b", "C": "up a", "D": "up c", "E": "up d"}
### END SOLUTION

# %%
q.what_happens.check(what_happens)

# %% [markdown]
# Stuck? Delete the `#` in the next cell and run it. Run it again for the next hint.

# %%
# q.what_happens.hint()

# %% [markdown]
# The numbers, over what they were. Draw them after you have answered.

# %%
q.what_happens.show(what_happens)

# %% [markdown]
# ## Mend a match (9 min)
#
# Another scanner's fingerprints are complex, and so are its atoms. A colleague looks them up:


# %%
def colleagues_look_up(dictionary, signals):
    """Return the best atom of each fingerprint, and its M0."""
    inner = np.abs(signals) @ np.abs(dictionary).T
    return {"atom": inner.argmax(axis=1), "m0": inner.max(axis=1)}


# %% [markdown]
# She takes magnitudes "so that the phase of the coil does not matter". Write `look_up` as it should be. `dictionary` is complex, (atoms, frames), and its atoms are *not* normalised;
# `signals` is complex, (pixels, frames). Each signal is an atom times a complex $M_0$, plus noise. Return
#
# - `"atom"`: for each pixel the number of the atom whose multiple comes closest to the signal;
# - `"m0"`: the complex factor of that atom (as it stands in the dictionary) that leaves the smallest sum of squares.
#
# An atom that is zero everywhere is never the answer.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def look_up(dictionary, signals):
    """Return the best atom of each fingerprint, and its complex M0."""
    ### BEGIN SOLUTION
    square = (np.abs(dictionary) ** 2).sum(axis=1)
    inner = signals @ dictionary.conj().T
    height = np.abs(inner) / np.sqrt(np.where(square > 0, square, np.inf))
    atom = height.argmax(axis=1)
    return {"atom": atom, "m0": inner[np.arange(len(signals)), atom] / square[atom]}
    ### END SOLUTION


# %%
q.look_up.check(look_up)

# %%
# q.look_up.hint()

# %%
q.look_up.show(look_up)

# %% [markdown]
# ## Mend the Tofts model (9 min)
#
# A protocol takes an image every two seconds while the bolus passes, and one every half minute later. A colleague's function worked well on another protocol:


# %%
def colleagues_tofts(times, aif, ktrans, ve, delay):
    """Return the concentration in tissue."""
    step = times[1] - times[0]
    late = np.roll(aif, round(delay / step))
    return ktrans * step * np.convolve(late, np.exp(-ktrans * times))[: len(times)]


# %% [markdown]
# Write `tofts` as it should be. `times` are in seconds from the first image, ascending, in *any* steps; `aif` is the concentration in plasma at these times. `ktrans` is per minute, `ve` a share, `delay` in seconds
# (0 or more): the blood arrives in the tissue that much later than in the artery.
#
# 1. Interpolate the AIF linearly (`np.interp`), so that it arrives `delay` later. Before the first sample there is no agent.
# 2. At each time of an image, integrate $C_p(\tau)\, e^{-k_\mathrm{ep}(t-\tau)}$ from the first time to that one by the trapezoid rule over the given times (`np.trapezoid`).
# 3. Return $K^\mathrm{trans}$ times that, one value for each time.


# %%
# leak-ok: it stands beside the faulty function that is to be mended
def tofts(times, aif, ktrans, ve, delay):
    """Return the concentration in tissue at the times of the images."""
    ### BEGIN SOLUTION
    minutes = times / 60
    arrives = np.interp(times - delay, times, aif, left=0.0)
    filled = []
    for i, now in enumerate(minutes):
        past = minutes[: i + 1]
        left_over = arrives[: i + 1] * np.exp(-ktrans / ve * (now - past))
        filled.append(np.trapezoid(left_over, past))
    return ktrans * np.array(filled)
    ### END SOLUTION


# %%
q.tofts.check(tofts)

# %%
# q.tofts.hint()

# %%
q.tofts.show(tofts)

# %% [markdown]
# ## A cone for a tilted slab (9 min)
#
# The lecture's kernel is for cubes in a head that lies straight. Clinics measure slabs with thick slices, and tilt them. Write `dipole`, which returns
#
# $$ D(\mathbf{k}) = \frac13 - \frac{(\mathbf{k} \cdot \mathbf{b})^2}{|\mathbf{k}|^2} $$
#
# for an array of this `shape`, whose voxels measure `spacing` mm along the three axes. `field` is a vector along the scanner's field, with one component for each axis in the same order; its length means nothing. $\mathbf{k}$ is in cycles per *mm*, and $\mathbf{b}$ has length 1. The array is
# in the order of `np.fft.fftn`, with $\mathbf{k} = 0$ first, and there $D$ is 0.


# %%
def dipole(shape, spacing, field):
    """Return the dipole kernel of a slab, in the order of np.fft.fftn."""
    ### BEGIN SOLUTION
    b = np.asarray(field) / np.linalg.norm(field)
    axes = [np.fft.fftfreq(n, mm) for n, mm in zip(shape, spacing, strict=True)]
    k = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    square = (k**2).sum(axis=-1)
    square[0, 0, 0] = 1
    kernel = 1 / 3 - (k @ b) ** 2 / square
    kernel[0, 0, 0] = 0
    return kernel
    ### END SOLUTION


# %%
q.dipole.check(dipole)

# %%
# q.dipole.hint()

# %%
q.dipole.show(dipole)

# %% [markdown]
# ## Weights of a line (8 min)
#
# A straight line through logarithms need not be that unsteady, if each point has the weight that it deserves. Noise of $\sigma$ in $S$ makes $\ln S$ uncertain by $\sigma / S$, so the sum to be minimised is
#
# $$ \sum_i S_i^2 \,\left(\ln S_i - c + b_i\, \mathrm{ADC} \right)^2 $$
#
# A paper says: "scikit-learn's `LinearRegression` with `sample_weight` = S²". Your scanner's computer has NumPy alone, and `np.polyfit` has an argument `w`. Read
# [Weights of a fit](../docs/conventions.md#weights-of-a-fit) before you use either.
#
# Write `weighted_adc`. `b` has shape (times,), in s/mm²; `signals` are magnitudes, (pixels, times). Return one ADC for each pixel, in µm²/ms. A signal of 0 has no logarithm: leave that point out (every pixel has at least two others).


# %%
def weighted_adc(b, signals):
    """Return the ADC of each pixel from a weighted straight line, in µm²/ms."""
    ### BEGIN SOLUTION
    found = []
    for s in signals:
        some = s > 0
        found.append(-1000 * np.polyfit(b[some], np.log(s[some]), 1, w=s[some])[0])
    return np.array(found)
    ### END SOLUTION


# %%
q.weighted_adc.check(weighted_adc)

# %%
# q.weighted_adc.hint()

# %% tags=["solution", "nbval-check-output"]
from mlmi_course.checks import result

rng = np.random.default_rng(0)
b = np.array([0, 1000, 2000.0])
noise = rng.normal(0, 1 / 20, (2, 2000, 3))
signals = np.hypot(np.exp(-1.15 * b / 1000) + noise[0], noise[1])
alike = -1000 * np.polyfit(b, np.log(signals).T, 1)[0]
weighed = weighted_adc(b, signals)
result("true ADC (µm²/ms), SNR 20", 1.15)
result("all points alike: mean", float(alike.mean()), within=(1.1, 1.19))
result("standard deviation", float(alike.std()), within=(0.21, 0.3))
result("weighed by S²: mean", float(weighed.mean()), within=(1.07, 1.125))
result("standard deviation", float(weighed.std()), within=(0.115, 0.16))

# %% [markdown] tags=["solution"]
# Weights halve the spread. They do not make the number truer, rather the reverse: S is the *measured* signal, so a point that is too high by chance also gets more weight, and the floor stays what it is. Steadier is not truer, once more; a Rician fit is.

# %% [markdown]
# ## A paper (7 min)
#
# From the methods of a paper (which we made up) on 40 patients with brain lesions:
#
# > **A.** T1 was measured by inversion recovery at ten TI; the signs were restored from the phase images before the fit.
# > **B.** ADC came from a straight line through the logarithms at b = 0, 1500 and 3000 s/mm². At b = 3000 the mean magnitude in the lesions was 1.3 σ, with σ the noise of one channel.
# > **C.** Each lesion was outlined on the T1w image, by a reader who did not see the maps, and the mean of the map inside was taken.
# > **D.** Fingerprints were matched with 6,000 atoms whose T1 are 4 % apart. On a phantom of known T1 the largest error was 4 %, and we discuss no difference smaller than 10 %.
# > **E.** A network that was trained on T1 of 300 to 2000 ms gave 2100 ms for the fluid of the ventricles, with a standard deviation over patients of 15 ms. Being so steady, it is given as the T1 of fluid.
# > **F.** The AIF was read in each patient's carotid artery, and the delay to the lesion was fitted, between 0 and 12 s.
# > **G.** For each lesion the weight of Tikhonov's term was the one at which its susceptibility came closest to the iron that the laboratory found; the two agreed within 4 %.
# > **H.** Susceptibility is given relative to the fluid of the ventricles.
# > **I.** To prove repeatability, the raw data of all patients were reconstructed and fitted a second time, on another computer. The coefficient of variation was 0.3 %.
#
# Which sentences would you not let pass? Put their letters into `faults`, in the order of the alphabet, such as `"AC"`.

# %%
### BEGIN SOLUTION
faults = "BEGI"
### END SOLUTION

# %%
q.faults.check(faults)

# %%
# q.faults.hint()

# %% [markdown]
# ## Echo times for a T2 (10 min)
#
# A scanner measures one echo at a time. An echo at TE costs TE plus a **dead time** (excitation, readout, what the pulses need), and the protocol has a **budget** of time. Which echo times give the steadiest T2?
#
# For a list of echo times $t_i$, normal noise of standard deviation $\sigma$ and an unknown $M_0$ (which is 1), no unbiased fit has a smaller variance of T2 than the **Cramér–Rao bound**:
#
# $$ \mathrm{var}(T_2) \ge \frac{\sigma^2 A}{A\,C - B^2}, \quad A = \sum_i e_i^2, \quad B = \sum_i e_i^2\, \frac{t_i}{T_2^2}, \quad C = \sum_i e_i^2\, \frac{t_i^2}{T_2^4}, \quad e_i = e^{-t_i/T_2} $$
#
# and least squares comes close to it; `variance` below computes it. An echo time may be in the list several times. Write `echo_times`. It gets an array with a row for each protocol, with four columns in ms: the T2 for which it is made (80 in several), the shortest TE that the scanner can do, the dead time of each echo, and the budget. Return a
# list of lists: the echo times of each protocol. No TE may be shorter than the shortest, and the sum of (TE + dead time) may not exceed the budget.
#
# It is judged on seven fresh protocols with fresh noise: 3,000 fits of T2 each, with $\sigma = 1/60$. The score is the mean of the smallest standard deviation possible over yours: 1 is the best, 0.96 and less earns nothing, and all points need 0.985. You have ten seconds of computing.


# %%
def variance(times, t2):
    """Return the bound of the variance of T2 for σ = 1 and an array of echo times."""
    e = np.exp(-2 * times / t2)
    a, b, c = e.sum(), (e * times).sum() / t2**2, (e * times**2).sum() / t2**4
    return a / (a * c - b**2)


# %%
def echo_times(protocols):
    """Return the echo times of each protocol (T2, shortest TE, dead time, budget), in ms."""
    ### BEGIN SOLUTION
    plans = []
    for t2, first, dead, budget in protocols:
        best = np.inf, None
        for second in np.arange(first + 5, first + 2 * t2, 4):
            for late in range(1, int(budget / (second + dead)) + 1):
                early = int((budget - late * (second + dead)) / (first + dead))
                if early > 0:
                    t = np.array([first] * early + [second] * late)
                    best = min(best, (variance(t, t2), t.tolist()))
        plans.append(best[1])
    return plans
    ### END SOLUTION


# %%
q.echo_times.check(echo_times)

# %%
# q.echo_times.hint()

# %% tags=["solution", "nbval-check-output"]
for dead in (5, 30, 300):
    plan = echo_times(np.array([[80.0, 10.0, dead, 10.0 * (100 + 2 * dead)]]))[0]
    result(f"dead time {dead} ms: second echo time (ms)", max(plan))
    result("share of late echoes", float(np.mean(np.array(plan) > 10)))

# %% [markdown] tags=["solution"]
# Two times suffice for two unknowns. Where the dead time is short, late echoes are dear, so the second time moves forward and fewer of them are taken; where it is long, all echoes cost about the same and the second one moves to later. Echoes in between would be needed only to *see*
# whether the decay is a single exponential at all, which this plan takes for granted.

# %% [markdown]
# ## Spoil by phase (12 min, deeper)
#
# A spoiled gradient echo wants *no* echoes of earlier pulses. A gradient alone does not do that, as the fingerprints showed. So scanners also turn the **phase** of each pulse: pulse $k = 0, 1, 2, \dots$ has the phase $\varphi_k = \Delta \cdot k(k+1)/2$ with an **increment** $\Delta$,
# often 117°. The receiver turns with it.
#
# Write `spoiled` by extended phase graphs. It begins at rest ($Z_0 = 1$). For each of `n` pulses: a pulse of `flip` degrees with phase $\varphi_k$; read $F^+_0\, e^{-i\varphi_k}$; wait `tr`; gradient. `increment` is in degrees, times are in ms. Keep at least `n` + 1 orders. Return the n complex signals. You may copy from the lecture.


# %%
def spoiled(flip, increment, t1, t2, tr, n):
    """Return the n complex signals of a spoiled gradient echo."""
    ### BEGIN SOLUTION
    angle = np.deg2rad(flip)
    c, s, half = np.cos(angle / 2) ** 2, np.sin(angle / 2) ** 2, np.sin(angle)
    state = np.zeros((3, n + 2), complex)
    state[2, 0] = 1
    signals = []
    for k in range(n):
        turn = np.exp(1j * np.deg2rad(increment * k * (k + 1) / 2))
        pulse = np.array(
            [
                [c, s * turn**2, -1j * half * turn],
                [s / turn**2, c, 1j * half / turn],
                [-0.5j * half / turn, 0.5j * half * turn, np.cos(angle)],
            ]
        )
        state = pulse @ state
        signals.append(state[0, 0] / turn)
        state *= np.exp(-tr / np.array([[t2], [t2], [t1]]))
        state[2, 0] += 1 - np.exp(-tr / t1)
        state[0, 1:] = state[0, :-1].copy()
        state[1, :-1] = state[1, 1:].copy()
        state[1, -1] = 0
        state[0, 0] = state[1, 0].conj()
    return np.array(signals)
    ### END SOLUTION


# %%
q.spoiled.check(spoiled)

# %%
# q.spoiled.hint()

# %%
q.spoiled.show(spoiled)

# %% [markdown]
# ## Two pools of water (11 min, deeper)
#
# Blood in capillaries moves in all directions, so it looks like very quick diffusion. With small b-values the signal shows two **pools**:
#
# $$ S(b) = S_0 \left( f\, e^{-b D^*} + (1 - f)\, e^{-b D} \right) $$
#
# Fitting all at once is unsteady, so one goes in steps. Write `two_pools`; `b` in s/mm² (some are 0), `signal` the magnitudes of one pixel.
#
# 1. A straight line through $\ln S$ at all $b \ge 200$ gives $D$ (minus its slope), and its height $h$ at $b = 0$.
# 2. $f = 1 - e^h / S(0)$, with $S(0)$ the mean of the signals at $b = 0$.
# 3. Subtract $e^h e^{-bD}$ from all signals with $b < 200$. Where something positive is left, a straight line through its logarithm has the slope $-D^*$.
#
# Return `{"f": …, "D": …, "D*": …}`, the last two in µm²/ms. If $f \le 0.01$, or positive values are left at fewer than two b-values, `"D*"` is `nan`.


# %%
def two_pools(b, signal):
    """Return the share f of the quick pool, D and D*, in µm²/ms."""
    ### BEGIN SOLUTION
    high, low = b >= 200, b < 200
    slope, height = np.polyfit(b[high], np.log(signal[high]), 1)
    f = 1 - np.exp(height) / signal[b == 0].mean()
    rest = signal - np.exp(height + slope * b)
    use = low & (rest > 0)
    quick = np.nan
    if f > 0.01 and len(np.unique(b[use])) >= 2:
        quick = -1000 * np.polyfit(b[use], np.log(rest[use]), 1)[0]
    return {"f": f, "D": -1000 * slope, "D*": quick}
    ### END SOLUTION


# %%
q.two_pools.check(two_pools)

# %%
# q.two_pools.hint()

# %%
q.two_pools.show(two_pools)

# %% [markdown]
# ## Find the corner (8 min, deeper)
#
# The lecture's L-curve had no corner worth the name. Where the measurement loses fine detail *steeply*, as a blur does, there is one; let a function find it. `rest` is what the answer leaves unexplained, `size` the size of the answer, both for the same weights, which grow. With $x$ and $y$ their logarithms to base 10, and derivatives along the index of the weights (`np.gradient`, used twice for the second), the **curvature** is
#
# $$ \kappa = \frac{x' y'' - y' x''}{(x'^2 + y'^2)^{3/2}} $$
#
# which is positive where the curve turns left. Write `corner`: the index with the largest κ, the first two and the last two left out, because derivatives are rough there.


# %%
def corner(rest, size):
    """Return the index of the corner of an L-curve."""
    ### BEGIN SOLUTION
    x, y = np.log10(rest), np.log10(size)
    dx, dy = np.gradient(x), np.gradient(y)
    bend = (dx * np.gradient(dy) - dy * np.gradient(dx)) / (dx**2 + dy**2) ** 1.5
    return int(np.argmax(bend[2:-2])) + 2
    ### END SOLUTION


# %%
q.corner.check(corner)

# %%
# q.corner.hint()

# %% [markdown]
# ## How fine a grid? (5 min, deeper)
#
# A dictionary should hold T1 from 100 to 4000 ms, both ends included, each value the same factor times the one before. Without noise the match finds the nearer of two neighbours, the one with the smaller relative error (atom / truth − 1). How many values are needed at least, so that this error is
# never more than 1 %? Put the number into `values_needed`.

# %%
### BEGIN SOLUTION
factor = 1.01 / 0.99  # the mean of a and r a is (r − 1) / (r + 1) away from both
values_needed = int(np.ceil(np.log(40) / np.log(factor))) + 1
### END SOLUTION

# %%
q.values_needed.check(values_needed)

# %%
# q.values_needed.hint()

# %% [markdown]
# ## Stretch: which SNR does a straight line need?
#
# Log-linear fits are quick, and at a high SNR they are right. From which SNR on is the median T2 of the lecture's sixteen echoes (20 to 320 ms, true 80 ms) less than 2 % too long?
#
# Write `bias`, which simulates `pixels` pixels at an SNR and returns the median T2 over 80, minus 1. There is no check; the answer is in the solution. Guess first, then delete the `#` and run the cell after it.


# %%
def bias(snr, pixels=4000):
    """Return the relative bias of the median log-linear T2."""
    ### BEGIN SOLUTION
    rng = np.random.default_rng(0)
    te = np.arange(20, 321, 20.0)
    real, imaginary = rng.normal(0, 1 / snr, (2, pixels, len(te)))
    logs = np.log(np.hypot(np.exp(-te / 80) + real, imaginary))
    return float(np.median(-1 / np.polyfit(te, logs.T, 1)[0]) / 80 - 1)
    ### END SOLUTION


# %%
# print({snr: round(bias(snr), 3) for snr in (15, 30, 60, 90, 120)})

# %% tags=["solution", "nbval-check-output"]
for snr, low, high in ((15, 0.45, 0.6), (30, 0.13, 0.22), (60, 0.01, 0.06), (120, -0.01, 0.02)):
    result(f"SNR {snr}: bias", bias(snr), within=(low, high))

# %% [markdown] tags=["solution"]
# **Answer.** From about 80 on: there the signal of the last echo, $e^{-4} = 0.018$, is about one and a half times σ, which is where it leaves the floor. So the SNR at TE = 0 says little: what matters is the SNR of the *last* point that the fit may use. Half as many echoes, all early, would do better at a quarter of the SNR.

# %% [markdown]
# ## Where you stand
#
# The table lists what you have solved and what is still open.

# %%
q.progress()

# %% tags=["solution", "nbval-check-output"]
table = q.progress()
result("points that the checks gave", table.points)
result("points that the checks can give", table.out_of)
