# %% [markdown]
# ## You need (4 min)
#
# A colleague has left for industry, and you take over her study. On the shared disk lie MATLAB scripts, a folder of `.mat` files,
# and a note for the surgeon who will biopsy a patient tomorrow: `target = [41, 88]`. You work in Python. Does the needle go
# where she meant it to?
#
# | term | meaning |
# |---|---|
# | **MAT-file** | a file in which MATLAB keeps variables, by name; version 7.3 is another format than those before it |
# | **column-major** | stored column by column, so that rows change fastest; MATLAB and Fortran do so |
# | **row-major** | stored row by row, so that columns change fastest; NumPy and C do so |
# | **linear index** | one number that counts through all elements of an array, in the order in which they are stored |
# | **char array** | a MATLAB text: a row of characters, and of several texts a rectangle that is padded with blanks |
# | **cell array** | a MATLAB array whose elements may be anything, each of another kind and size |
# | **struct** | a MATLAB value with named fields; an array of them has the same fields in each element |
# | **HDF5** | a file format with folders and tables in it; a note attached to one of them is an *attribute* |
# | **saturation** | a result beyond the largest value of a data type becomes that largest value |
#
# No MATLAB runs here. So everything about Python below is computed in this notebook, with NumPy [13]; what MATLAB does was worked out from its documentation, whose pages are named where they
# decide something.

# %%
import struct
import tempfile
from pathlib import Path

import h5py
import mlmi_course
import numpy as np
import pandas as pd
from pydicom import dcmread, examples
from scipy import io, ndimage, signal
from skimage import feature, measure, util
from sklearn.metrics import roc_auc_score

from data_fetch import entries
from mlmi_course import plots, widgets
from mlmi_course.checks import Predictions, result

pd.options.display.max_colwidth = None  # tables in full
folder = Path(tempfile.mkdtemp())
ask = Predictions("appendix_matlab_python")

# %% [markdown]
# ## The same pixel (8 min)
#
# Both languages write `A(row, column)` and `A[row, column]` with the row first. Two things differ. MATLAB counts from 1 and Python
# from 0. And if one index is given, MATLAB counts down the columns [1], while `A.ravel()` of NumPy goes along the rows.

# %%
A = np.array(
    [[11, 12, 13, 14], [21, 22, 23, 24], [31, 32, 33, 34]]
)  # row and column are its digits


def in_matlab(array, *index):
    """What MATLAB's array(index) is: from 1 on, and down the columns."""
    if len(index) == 1:
        return array.ravel(order="F")[index[0] - 1]  # F for Fortran
    return array[tuple(number - 1 for number in index)]


print("A(2,3) in MATLAB:", in_matlab(A, 2, 3), "; A[2, 3] in NumPy:", A[2, 3])

# %%
fourth = ask("A(4) in MATLAB?", "12", "14", "21")
fourth

# %%
fourth.reveal(str(in_matlab(A, 4)))

# %% [markdown]
# Three steps lead down the first column, and the fourth element heads the second one. So a list of linear indices that was saved in
# MATLAB (from `find`, or a mask kept as the indices of its pixels) marks other pixels when NumPy reads it row by row. Move
# the index, and see where each language looks. (The slider ends at 11, because NumPy has no twelfth.)


# %% tags=["fold"]
def marked(axes, number):
    """Mark one linear index as MATLAB and as NumPy understand it."""
    for ax, order, first, name in zip(axes, "FC", (1, 0), ("MATLAB", "NumPy"), strict=True):
        place = np.zeros(A.size)
        place[number - first] = 1
        plots.image(place.reshape(A.shape, order=order), vmin=0, vmax=1, ax=ax, title=name)
        for (row, column), value in np.ndenumerate(A):
            dark = place.reshape(A.shape, order=order)[row, column] == 0
            ax.text(column, row, value, ha="center", va="center", color="w" if dark else "k")


widgets.explore(
    marked,
    {"number": widgets.Slider("Linear index", 1, 11, start=4)},
    panels=2,
    alt="A table of three rows and four columns, once for each language; one element is marked.",
    settings=[{"number": 1}, {"number": 4}, {"number": 8}, {"number": 11}],
)

# %% [markdown]
# Now the note for the surgeon, `target = [41, 88]`. We take it for a row and a column, as `find` returns them, in a slice of CT. Here is a real one.

# %%
scan = examples.ct
pixels = scan.pixel_array
spacing = np.array(scan.PixelSpacing, float)  # between rows, between columns, in mm
note = np.array([41, 88])
row, column = note - 1
linear = note[0] + (note[1] - 1) * pixels.shape[0]  # MATLAB's sub2ind(size(pixels), 41, 88)
print(f"{pixels.shape[0]} × {pixels.shape[1]} pixels of {spacing[0]:.2f} mm")

# %%
swapped = ask(
    "If somebody takes the row for the column, how far off is the needle?",
    "about 1 mm",
    "about 1 cm",
    "about 4 cm",
)
swapped


# %% tags=["nbval-check-output"]
def off(place):
    """Millimetres between the target and a place."""
    return float(np.hypot(*((np.array(place) - (row, column)) * spacing)))


misread = {
    "counted from 0": note,
    "row for column": note[::-1] - 1,
    "linear index along the rows": np.unravel_index(linear - 1, pixels.shape),
    "linear index down the columns": np.unravel_index(linear - 1, pixels.shape, order="F"),
}
for name, place in misread.items():
    result(f"{name} (mm)", off(place), digits=2)

# %%
choices = {"about 1 mm": 1, "about 1 cm": 10, "about 4 cm": 40}
swapped.reveal(min(choices, key=lambda name: abs(choices[name] - off(misread["row for column"]))))

# %% tags=["fold"]
slice_of_ct = plots.image(
    pixels,
    alt="A slice of CT; a cross marks the target, a circle the place if row and column are swapped.",
)
slice_of_ct.axes.plot(column, row, "+", color=plots.COLOURS["truth"], markersize=14)
slice_of_ct.axes.plot(row, column, "o", color=plots.COLOURS["error"], fillstyle="none")
slice_of_ct

# %% [markdown]
# The slice is a piece of 8.5 cm around a vertebra. Row and column of our target differ by 47 pixels, so a swap mirrors the needle at the diagonal of the image and past the spine; a target near the diagonal would
# hardly have moved. The slice is square, so unfolding the linear index by rows is the same swap. Forgetting the 1 costs one pixel in each direction,
# and no glance at the picture would show it.
#
# Now the bad news: MATLAB's image functions often speak of $(x, y)$, which is column before row. `regionprops` gives
# its centroid so [2], and `ginput` and `imcrop` do too. So the honest answer to the surgeon is that the note does not say where the needle goes. Ask your colleague which function wrote it; and
# look whether the report's lesion lies at (41, 88) or at (88, 41).
#
# Volumes have the same trap. MATLAB's are usually (row, column, slice), ours are
# (slice, row, column), and `np.moveaxis(volume, 2, 0)` turns one into the other
# ([order of the axes](../docs/conventions.md#order-of-the-axes-of-a-volume)).

# %% [markdown]
# ## Whole numbers (6 min)
#
# Images are mostly `uint8` or `uint16`. MATLAB *saturates* them: a sum beyond the largest value becomes the largest
# value, and a division is rounded [3]. NumPy has other rules.

# %%
total = ask("np.uint8([200]) + np.uint8([100]) gives?", "300", "255", "44")
total

# %%
total.reveal(str((np.uint8([200]) + np.uint8([100]))[0]))


# %% [markdown]
# NumPy keeps the last eight bits and drops the rest: $300 - 256 = 44$. The brightest pixels turn dark, and no warning comes with
# arrays. So translate MATLAB's arithmetic of whole numbers through floats.


# %%
def rounded(values):
    """Round halves away from zero, as MATLAB's round does; np.round takes them to the even number."""
    return np.copysign(np.floor(np.abs(values) + 0.5), values)


def saturated(values, kind=np.uint8):
    """Convert floats to whole numbers as MATLAB does: rounded, and kept within the type."""
    ends = np.iinfo(kind)
    return np.clip(rounded(values), ends.min, ends.max).astype(kind)


print("300, −50 and 3.5 as uint8 in MATLAB:", saturated(np.array([300, -50, 3.5])))
print("2.5 rounded by NumPy:", np.round(2.5), "; as MATLAB does:", rounded(2.5))


# %% tags=["fold"]
def added(ax, a, b):
    """Sum and difference of two whole numbers of eight bits, in both languages."""
    one, two = np.uint8([a]), np.uint8([b])
    values = [saturated(a + b), (one + two)[0], saturated(a - b), (one - two)[0]]
    labels = ["a + b, MATLAB", "a + b, NumPy", "a − b, MATLAB", "a − b, NumPy"]
    plots.bars(labels, values, ax=ax, limits=(0, 300), decimals=0, highlight=labels[1::2])


widgets.explore(
    added,
    {"a": widgets.Slider("a", 0, 255, start=200), "b": widgets.Slider("b", 0, 255, start=100)},
    alt="Sum and difference of two numbers of eight bits, in MATLAB and in NumPy.",
    settings=[{"a": 100, "b": 90}, {"a": 200, "b": 100}, {"a": 90, "b": 100}],
    size=(5.2, 3.0),
)

# %% [markdown]
# As long as sum and difference stay between 0 and 255, the languages agree. Beyond, NumPy is off by 256, and MATLAB stops at the end, which is wrong too, only quieter. Take two images before and after a
# contrast agent, in a place where nothing happened: the differences should spread around 0.

# %% tags=["nbval-check-output"]
noise = np.random.default_rng(0).normal(100, 5, (2, 64, 64))
before, after = saturated(noise)
in_numpy = after - before
as_matlab = saturated(after.astype(float) - before)
in_floats = after.astype(float) - before
result("share of pixels above 200, NumPy", float((in_numpy > 200).mean()), within=(0.35, 0.55))
result("share of pixels at 0, MATLAB", float((as_matlab == 0).mean()), within=(0.4, 0.65))
result("mean of the difference, MATLAB", float(as_matlab.mean()), within=(2, 4))
result("mean of the difference, floats", float(in_floats.mean()), within=(-0.7, 0.7))

# %% [markdown]
# NumPy turns half of the noise into nearly white pixels. MATLAB sets the same half to 0, so a decrease cannot be seen, and the mean says that contrast arrived where none did. Subtract in floats, in
# either language.

# %% [markdown]
# ## MAT-files of version 5 to 7 (10 min)
#
# `save` in MATLAB writes version 7 unless told otherwise, for variables up to 2 GB [4]. SciPy reads it, and versions 4 and 6, and writes version 5, which MATLAB has read since its version 5. What does a Python value become, and what comes back?

# %%
lesion = {
    "volume": np.arange(24, dtype=np.int16).reshape(2, 3, 4),
    "patient": "P001",
    "sites": np.array(["liver", "lung"]),
    "diameters": np.array([7.5, 12.0]),
    "malignant": True,
    "reader": {"name": "Anna", "years": 12},
    "history": np.array(["biopsy", 2019], dtype=object),
}
io.savemat(folder / "lesion.mat", lesion)
kinds = {name: kind for name, _, kind in io.whosmat(folder / "lesion.mat")}
plain = io.loadmat(folder / "lesion.mat")
simple = io.loadmat(folder / "lesion.mat", simplify_cells=True)


# %%
def shape_of(value):
    """What a value is, in a word or two."""
    kind = getattr(value, "dtype", type(value).__name__)
    return f"{kind} {value.shape}" if hasattr(value, "shape") else str(kind)


rows = [
    (name, shape_of(value), kinds[name], shape_of(plain[name]), shape_of(simple[name]))
    for name, value in lesion.items()
]
columns = ["name", "in Python", "in the file", "loadmat", "simplify_cells=True"]
pd.DataFrame(rows, columns=columns).set_index("name")

# %% [markdown]
# Read the table line by line, because each is a fault that waits for somebody.
#
# - Everything in MATLAB has at least two dimensions. A vector comes back as `(1, 2)`, a number as `(1, 1)`: `x[0]` is then a whole
#   row. `simplify_cells=True` takes such dimensions away, also that of a volume with one slice.
# - Texts of unequal length become one char array, so `"lung"` comes back as `"lung "`. An array of type `object`
#   becomes a cell array, which keeps each text as it is.
# - A dictionary becomes a struct, and comes back as a record array (its elements have named fields), or as a dictionary if you simplify.
# - `True` is written as *logical*, and read as the number 1 of type `uint8` by default. A mask that comes back so does not select: `image[mask]`
#   takes rows 0 and 1 again and again. Convert it: `mask.astype(bool)`, or read the file as at the end of this section.
# - `None` is refused, and a name that begins with an underscore is left out with a warning.

# %%
image = np.arange(16.0).reshape(4, 4)
io.savemat(folder / "mask.mat", {"mask": image > 11})

# %% tags=["nbval-check-output"]
mask = io.loadmat(folder / "mask.mat")["mask"]
print("values that the mask selects:", image[image > 11].size, "; read back:", image[mask].size)
result("texts that came back with a blank", sum(text != text.strip() for text in plain["sites"]))
result("converted, the mask selects", int(image[mask.astype(bool)].size))

# %% [markdown]
# A harder trap is in files that MATLAB wrote. To save space it stores an array of type *double* in fewer bytes where all values are small
# whole numbers, and notes the class beside it [5]. SciPy gives the type "with which they are saved" unless you ask otherwise [6]. We have no MATLAB,
# so here is such a file by hand, byte for byte: a double array that holds 180 and 90.


# %%
def padded(content):
    """Fill up to a multiple of eight bytes."""
    return content + bytes(-len(content) % 8)


def element(kind, content):
    """A data element: its type, its length, its content."""
    return struct.pack("<II", kind, len(content)) + padded(content)


body = element(6, struct.pack("<II", 6, 0))  # class 6: double
body += element(5, struct.pack("<ii", 1, 2))  # one row, two columns
body += element(1, b"grey") + element(2, bytes([180, 90]))  # type 2: uint8
head = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x0100) + b"IM"
length = (folder / "by_hand.mat").write_bytes(head + struct.pack("<II", 14, len(body)) + body)

# %%
grey_sum = ask(
    "io.loadmat gives grey, the two numbers. Added by NumPy they are?", "14", "255", "270"
)
grey_sum

# %% tags=["nbval-check-output"]
grey = io.loadmat(folder / "by_hand.mat")["grey"].ravel()
as_in_matlab = io.loadmat(folder / "by_hand.mat", mat_dtype=True)["grey"].ravel()
print("type by default:", grey.dtype, "; with mat_dtype=True:", as_in_matlab.dtype)
result("their sum by default", int((grey[:1] + grey[1:])[0]))
result("their sum with mat_dtype=True", float((as_in_matlab[:1] + as_in_matlab[1:])[0]))
logical = io.loadmat(folder / "mask.mat", mat_dtype=True)["mask"]
result("the mask, read with mat_dtype=True, selects", int(image[logical].size))

# %%
grey_sum.reveal(str((grey[:1] + grey[1:])[0]))

# %% [markdown]
# So read files from MATLAB with `mat_dtype=True`: numbers have MATLAB's type, and masks are masks. Without it the same script may work for years, until a patient comes whose values
# are all whole and small.

# %% [markdown]
# ## MAT-files of version 7.3 (9 min)
#
# Version 7.3 is needed above 2 GB, and `matfile` writes it by default [4]. It is HDF5 with a head of 512 bytes. SciPy refuses it, and `h5py` opens it, but as an HDF5 file:
# what is a text or a cell array is told by attributes, and you have to look. These functions write and read the common kinds, by the layout that
# is documented for `hdf5storage` [7]; nobody has opened our file in MATLAB.


# %%
CLASSES = {"bool": "logical", "float64": "double", "float32": "single"}  # others have NumPy's name
DECODED = {"logical": 1, "char": 2}  # whole numbers in the file that stand for something else


# %%
def store(file, name, value):
    """Write a value below a name, in the layout of version 7.3."""
    if isinstance(value, dict):
        item, kind = file.create_group(name), "struct"
        for key, part in value.items():
            store(item, key, part)
    elif isinstance(value, list):
        place, links = file.file.require_group("#refs#"), []
        for number, part in enumerate(value):
            own = f"{file.name}-{name}-{number}".replace("/", "-")
            store(place, own, part)
            links.append([place[own].ref])
        links = np.array(links, dtype=h5py.ref_dtype)
        item, kind = file.create_dataset(name, data=links), "cell"
    elif isinstance(value, str):
        letters = np.array([[ord(letter)] for letter in value], np.uint16)
        item, kind = file.create_dataset(name, data=letters), "char"
    else:
        array = np.atleast_2d(value)
        kind = CLASSES.get(str(array.dtype), str(array.dtype))
        kept = array.astype("u1") if kind == "logical" else array
        item = file.create_dataset(name, data=kept.T)
    item.attrs["MATLAB_class"] = np.bytes_(kind)
    if kind in DECODED:
        item.attrs["MATLAB_int_decode"] = np.int32(DECODED[kind])


# %%
def write_73(path, **variables):
    """Write variables into a MAT-file of version 7.3."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            store(file, name, value)
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, HDF5 schema 1.00 .".ljust(116) + bytes(8) + b"\x00\x02IM")


write_73(
    folder / "large.mat",
    volume=np.arange(24, dtype=np.int16).reshape(2, 3, 4),
    patient="P001",
    mask=np.eye(3, dtype=bool),
    reader={"name": "Anna", "years": 12.0},
    sites=["liver", "lung"],
)
try:
    io.loadmat(folder / "large.mat")
except NotImplementedError as error:
    print(error)

# %% [markdown]
# The volume has two rows, three columns and four slices in MATLAB. HDF5 is row-major, and MATLAB hands its columns over
# as they lie in memory.

# %%
shape_seen = ask("Which shape does h5py show for it?", "(2, 3, 4)", "(3, 2, 4)", "(4, 3, 2)")
shape_seen

# %% tags=["nbval-check-output"]
with h5py.File(folder / "large.mat") as file:
    seen = {name: file[name].shape for name in ("volume", "patient", "mask", "sites")}
    for name, shape in seen.items():
        print(
            f"{name:8s} {file[name].attrs['MATLAB_class'].decode():8s} {file[name].dtype!s:7s} {shape}"
        )

# %%
shape_seen.reveal(str(seen["volume"]))

# %% [markdown]
# All axes are turned round, so a volume needs `.T`; for an image that is a mirroring at the diagonal, which a square picture of a round
# thing does not show. A text is a column of code numbers of 16 bits, a logical array is `uint8`, and a cell array is a column of references, each to be followed.


# %% tags=["nbval-check-output"]
def read_73(item):
    """A variable of a MAT-file of version 7.3, as Python would have it."""
    kind = item.attrs["MATLAB_class"].decode()
    if kind == "struct":
        return {name: read_73(part) for name, part in item.items()}
    if "MATLAB_empty" in item.attrs:  # such a variable holds its shape instead of its values
        return "" if kind == "char" else np.empty(item[()].astype(int))
    if kind == "cell":
        return [read_73(item.file[link]) for link in item[()].T.ravel(order="F")]
    values = item[()].T
    if kind == "char":
        return "".join(map(chr, values.ravel(order="F")))
    return values.astype(bool) if kind == "logical" else values


with h5py.File(folder / "large.mat") as file:
    back = {name: read_73(item) for name, item in file.items() if name != "#refs#"}
print("patient", back["patient"], "; sites", back["sites"], "; reader", back["reader"]["name"])
result("volume as it was", bool((back["volume"] == np.arange(24).reshape(2, 3, 4)).all()))
result("mask selects", int(np.ones((3, 3))[back["mask"]].sum()))

# %% [markdown]
# What these lines do not read: arrays of structs, complex numbers such as k-space (a record of *real* and *imag* comes back), sparse tables, dates, objects, and MATLAB's newer texts in double quotes, which are
# objects too. For those, ask your colleague to write CSV, NIfTI or DICOM once more. Of a variable that does not fit into memory, `file["volume"][3].T` reads a single slice.

# %% [markdown]
# ## Forty calls (16 min)
#
# Each line has a call of MATLAB and its equal in Python. The next two columns say what we looked at in Python's result, `out`, and what it was just now. *As expected*
# compares it with what we worked out by hand from MATLAB's pages, for inputs that are small enough to do so; nothing was run in MATLAB. The last column is the reason for the table: what
# else differs. One function runs all lines, and its code is folded below.


# %% tags=["fold"]
def translated(rows, **names):
    """Run the Python of each row, look at its result, and compare with what was worked out by hand."""
    table = []
    for matlab, python, look, expected, care in rows:
        names["out"] = eval(python, {"np": np, "ndimage": ndimage, **names})
        got = np.asarray(eval(look, names), float)
        wanted = np.asarray(expected, float)
        same = "yes" if got.shape == wanted.shape and np.allclose(got, wanted) else "no"
        shown = np.array2string(got, formatter={"float": "{:.4g}".format}).replace("\n", "")
        table.append((matlab, python, look, shown, same, care))
    columns = ["MATLAB", "Python", "looked at", "is", "as expected", "take care"]
    return pd.DataFrame(table, columns=columns).set_index("MATLAB")


# %% [markdown]
# **Arrays**, with `A = [1 2 3; 4 5 6]`, `B = [2 0; 1 1]` and `b = [2; 3]`:

# %% tags=["fold"]
# lint-ok: cell-length — a table of ten rows is one object
of_arrays = translated(
    [
        ("size(A)", "A.shape", "out", (2, 3), ""),
        ("numel(A)", "A.size", "out", 6, "len(A) counts rows; MATLAB's length is the longest side"),
        ("A(2,3)", "A[1, 2]", "out", 6, "from 1, from 0"),
        (
            "A(end,:)",
            "A[-1]",
            "out",
            [4, 5, 6],
            "MATLAB's row keeps two dimensions, as A[-1:] does",
        ),
        ("A(:)'", 'A.ravel(order="F")', "out", [1, 4, 2, 5, 3, 6], "ravel() goes along the rows"),
        (
            "reshape(A,3,2)",
            'A.reshape(3, 2, order="F")',
            "out",
            [[1, 5], [4, 3], [2, 6]],
            "without order another table",
        ),
        (
            "find(A>2)'",
            'np.flatnonzero(A.ravel(order="F") > 2) + 1',
            "out",
            [2, 4, 5, 6],
            "order and first number",
        ),
        (
            "sum(A)",
            "A.sum(axis=0)",
            "out",
            [5, 7, 9],
            "MATLAB sums along the first axis that is longer than 1; A.sum() sums all",
        ),
        ("A*A'", "A @ A.T", "out", [[14, 32], [32, 77]], "* in Python is MATLAB's .*"),
        (
            "B\\b",
            "np.linalg.solve(B, b)",
            "out",
            [1, 2],
            "not square: lstsq, which may choose another of many solutions",
        ),
    ],
    A=np.array([[1, 2, 3], [4, 5, 6]]),
    B=np.array([[2.0, 0], [1, 1]]),
    b=np.array([2.0, 3]),
)
of_arrays

# %% [markdown]
# **Numbers and statistics**, with `x = [1 2 3 4]`, `y = [4 3 2 1]`, `s = 1:9` and `v = 2.5`. MATLAB divides a variance by $n - 1$ and NumPy by $n$
# ([which divisor](../docs/conventions.md#standard-deviation-which-divisor)). A quartile has several definitions
# ([of few values](../docs/conventions.md#a-quartile-of-few-values)); MATLAB puts the sorted values at the middles of $n$ equal steps [8], which NumPy calls *hazen*.

# %% tags=["fold"]
# lint-ok: cell-length — a table of ten rows is one object
of_numbers = translated(
    [
        (
            "round(v)",
            "np.copysign(np.floor(np.abs(v) + 0.5), v)",
            "out",
            3,
            "np.round(2.5) is 2: halves go to the even number",
        ),
        ("mod(-1,3)", "np.mod(-1, 3)", "out", 2, "mod(x,0) is x in MATLAB, nan or 0 in NumPy"),
        ("rem(-1,3)", "np.fmod(-1, 3)", "out", -1, "the sign of the dividend"),
        (
            "0:0.25:1",
            "np.linspace(0, 1, 5)",
            "out",
            [0, 0.25, 0.5, 0.75, 1],
            "the colon may reach its end, np.arange does not",
        ),
        (
            "std(x)",
            "np.std(x, ddof=1)",
            "out",
            np.sqrt(5 / 3),
            "np.std divides by n, and takes all of a table",
        ),
        ("prctile(s,25)", 'np.percentile(s, 25, method="hazen")', "out", 2.75, "by default 3.0"),
        (
            "cov(x,y)",
            "np.cov(x, y)",
            "out",
            [[5 / 3, -5 / 3], [-5 / 3, 5 / 3]],
            "of a table: rowvar=False",
        ),
        ("corr(x',y')", "np.corrcoef(x, y)[0, 1]", "out", -1, "of a table: rowvar=False"),
        (
            "[m,k] = max(x)",
            "np.nanmax(x), np.nanargmax(x) + 1",
            "out",
            (4, 4),
            "MATLAB leaves NaN out; x.max() returns it",
        ),
        (
            "interp1(s,s.^2,2.5)",
            "np.interp(2.5, s, s**2)",
            "out",
            6.5,
            "outside s MATLAB gives NaN, NumPy the last value",
        ),
    ],
    s=np.arange(1, 10),
    v=2.5,
    x=np.array([1.0, 2, 3, 4]),
    y=np.array([4.0, 3, 2, 1]),
)
of_numbers

# %% [markdown]
# **Images**, with `A = [1 2; 3 4]`, `h = [1 0 2]`, `I = uint8([0 255])`, `R` one green pixel, `O = ones(3)`, `P = [1 0; 0 0]` and `f` the file of the CT slice. Each filter has to invent what
# lies beyond the edge: `imfilter` and `medfilt2` take zeros, `imgaussfilt` repeats the last pixel [9], and SciPy mirrors unless told otherwise
# ([beyond the edge](../docs/conventions.md#what-lies-beyond-the-edge-of-an-image)). A Gaussian also has to end: that of `imgaussfilt` after two σ, rounded up, that of SciPy after four
# ([width of a Gaussian](../docs/conventions.md#width-of-a-gaussian)), and `fspecial('gaussian')` of older scripts is 3 × 3 whatever σ.

# %% tags=["fold"]
# lint-ok: cell-length — a table of ten rows is one object
bell = np.exp(-(np.arange(-4, 5) ** 2) / 8)
of_images = translated(
    [
        (
            "im2double(I)",
            "util.img_as_float(I)",
            "out",
            [[0, 1]],
            "of int16 MATLAB makes 0 … 1, skimage −1 … 1",
        ),
        (
            "rgb2gray(R)",
            "R @ [0.2989, 0.5870, 0.1140]",
            "out",
            [[0.587]],
            "of uint8 MATLAB rounds to uint8; skimage's weights are others",
        ),
        (
            "imrotate(A,90)",
            "np.rot90(A)",
            "out",
            [[2, 4], [1, 3]],
            "at other angles MATLAB takes the nearest pixel, SciPy splines",
        ),
        (
            "imresize(A,2,'nearest')",
            "A.repeat(2, 0).repeat(2, 1)",
            "out[1]",
            [1, 1, 2, 2],
            "by default bicubic; smooths before it shrinks",
        ),
        (
            "conv2(h,h)",
            "signal.convolve2d(h, h)",
            "out",
            [[1, 0, 4, 0, 4]],
            "both full; ndimage keeps the size",
        ),
        (
            "imfilter(A,h)",
            'ndimage.correlate(A, h, mode="constant")',
            "out",
            [[4, 1], [8, 3]],
            "SciPy centres kernels of even length one further",
        ),
        (
            "medfilt2(O)",
            'ndimage.median_filter(O, 3, mode="constant")',
            "out[0]",
            [0, 1, 0],
            "SciPy mirrors by default",
        ),
        (
            "imgaussfilt(P,2)",
            'ndimage.gaussian_filter(P, 2, mode="nearest", radius=4)',
            "out[0, 0]",
            (bell[:5].sum() / bell.sum()) ** 2,
            "SciPy mirrors by default, and its radius is 8",
        ),
        (
            "histcounts(A,1:4)",
            "np.histogram(A, [1, 2, 3, 4])[0]",
            "out",
            [1, 1, 2],
            "the last bin has both ends, in both",
        ),
        (
            "dicomread(f)",
            "dcmread(f).pixel_array",
            "out.shape",
            (scan.Rows, scan.Columns),
            "stored values: no slope, no intercept",
        ),
    ],
    I=np.uint8([[0, 255]]),
    R=np.array([[[0.0, 1, 0]]]),
    A=np.array([[1.0, 2], [3, 4]]),
    h=np.array([[1.0, 0, 2]]),
    O=np.ones((3, 3)),
    P=np.array([[1.0, 0], [0, 0]]),
    f=examples.get_path("ct"),
    **{"dcmread": dcmread, "signal": signal, "util": util},
)
of_images

# %% [markdown]
# **Masks, features and a score**, with the diagonal `D = logical(eye(3))`, `P` a single pixel in the middle of nine, `H` the other eight, `T = logical([1 1 0 0; 0 0 0 1])`, labels `y = [0 0 1 1]` and scores
# `p = [.1 .4 .35 .8]`; `I` is the example on the page of `graycomatrix`. Two pixels that touch at a corner are one object for `bwlabel` and two for `ndimage.label`
# ([neighbours](../docs/conventions.md#neighbours-of-a-pixel)); `bwdist` measures to the mask, SciPy inside it
# ([distance maps](../docs/conventions.md#distance-maps)).

# %% tags=["fold"]
# lint-ok: cell-length — a table of ten rows is one object
of_masks = translated(
    [
        (
            "bwlabel(D)",
            "label(D, connectivity=2)",
            "out.max()",
            1,
            "ndimage.label finds 3; MATLAB numbers objects down the columns",
        ),
        (
            "bwdist(P)",
            "ndimage.distance_transform_edt(~P)",
            "out[0]",
            [2**0.5, 1, 2**0.5],
            "the mask is turned round for SciPy",
        ),
        (
            "imdilate(P,ones(3))",
            "ndimage.binary_dilation(P, np.ones((3, 3)))",
            "out.sum()",
            9,
            "SciPy grows by a cross by default",
        ),
        ("imfill(H,'holes')", "ndimage.binary_fill_holes(H)", "out.sum()", 9, ""),
        (
            "regionprops(T,'Area')",
            "[r.area for r in regionprops(label(T, connectivity=2))]",
            "out",
            [2, 1],
            "without label() skimage takes all as one region",
        ),
        (
            "regionprops(T,'Centroid')",
            "[r.centroid for r in regionprops(label(T, connectivity=2))]",
            "[(x + 1, y + 1) for y, x in out]",
            [(1.5, 1), (4, 2)],
            "MATLAB's is (x, y), counted from 1",
        ),
        (
            "graycomatrix(I,'NumLevels',9,'GrayLimits',[0 8])",
            "graycomatrix(I, [1], [0], levels=9)[:, :, 0, 0]",
            "out[[0, 1, 5], [2, 5, 1]]",
            [2, 1, 1],
            "by default MATLAB scales to 8 levels",
        ),
        (
            "entropy(uint8([0 255]))",
            "measure.shannon_entropy(np.uint8([0, 255]))",
            "out",
            1,
            "MATLAB makes any class uint8 first; skimage counts every value",
        ),
        (
            "[U,S,V] = svd([3 0; 0 4])",
            "np.linalg.svd([[3, 0], [0, 4]])",
            "out[1]",
            [4, 3],
            "the third result is V transposed; signs are free",
        ),
        (
            "[~,~,~,AUC] = perfcurve(y,p,1)",
            "roc_auc_score(y, p)",
            "out",
            0.75,
            "MATLAB's 1 names the positive class",
        ),
    ],
    D=np.eye(3, dtype=bool),
    P=np.pad([[True]], 1),
    H=np.pad([[False]], 1, constant_values=True),
    T=np.array([[True, True, False, False], [False, False, False, True]]),
    I=np.uint8([[1, 1, 5, 6, 8, 8], [2, 3, 5, 7, 0, 2], [0, 2, 3, 5, 1, 2]]),
    y=[0, 0, 1, 1],
    p=[0.1, 0.4, 0.35, 0.8],
    **{"measure": measure, "label": measure.label, "regionprops": measure.regionprops},
    **{"graycomatrix": feature.graycomatrix, "roc_auc_score": roc_auc_score},
)
of_masks

# %% tags=["nbval-check-output"]
calls = pd.concat([of_arrays, of_numbers, of_images, of_masks])
result("calls translated", len(calls))
result("as we worked out by hand from MATLAB's pages", int((calls["as expected"] == "yes").sum()))

# %% [markdown]
# Two things have no ready equal. `strel('disk', r)` is an approximation by lines unless you pass `0` as a third argument [10]; only then is it the disc of `skimage.morphology.disk(r)`. And
# `np.random.default_rng(1)` does not draw what MATLAB draws after `rng(1)`. So a split by chance does not carry over: save the split itself.

# %% [markdown]
# ## Calling one from the other (3 min)
#
# Files are the safest bridge, because each side can be tested alone. Where a toolbox exists in one language only, either can call the other, and both ways need an
# installed and licensed MATLAB beside a CPython that it supports [11]:
#
# | MATLAB | Python it can talk to |
# |---|---|
# | R2022b | 2.7, 3.8, 3.9, 3.10 |
# | R2023a | 3.8, 3.9, 3.10 |
# | R2023b, R2024a | 3.9, 3.10, 3.11 |
# | R2024b, R2025a, R2025b | 3.9, 3.10, 3.11, 3.12 |
#
# This course runs on Python 3.11 to 3.13, so it meets MATLAB from R2023b on, and Python 3.13 none of these. Look at the page [11] before you install, as the list changes about once a year.
#
# - **From MATLAB**: `pyenv(Version="3.11")` chooses the Python, once in a session; then `py.numpy.array(A)` calls it [12].
# - **From Python**: the engine comes with MATLAB or by `pip install matlabengine`, in the version of that release; `matlab.engine.start_matlab()` starts a MATLAB, which takes seconds, so start it once.
# - **Without MATLAB**: GNU Octave runs many scripts unchanged, and reads and writes MAT-files up to version 7. Its image package is another program, so run the forty calls
#   above in it before you trust a number.

# %% [markdown]
# ## Notation (3 min)
#
# The same letter means the same thing in every unit, unless the text says otherwise.
#
# | symbol | meaning | in MATLAB | in Python |
# |---|---|---|---|
# | $x$, $\mathbf{x}$, $\mathbf{X}$ | a value; a vector of features; a table with one row per sample | `X(i,:)` | `X[i]` |
# | $y$, $\hat{y}$ | what is true; what is predicted | `y`, `yhat` | `labels`, `predictions` |
# | $n$, $p$, $K$ | number of samples; of features; of classes or clusters | `[n,p] = size(X)` | `n, p = X.shape` |
# | $\mathbf{X}^\top$ | transposed | `X.'` (`X'` also conjugates) | `X.T` |
# | $\mathbf{A}\mathbf{B}$, $\mathbf{A} \odot \mathbf{B}$ | product of matrices; element by element | `A*B`, `A.*B` | `A @ B`, `A * B` |
# | $\mathbf{w}$, $b$ | weights, bias | | |
# | $\eta$, $\lambda$ | learning rate; weight of a penalty | | |
# | $L$, $\mathcal{L}$ | loss of one sample; summed or averaged over samples | | |
# | $\sigma$, $\sigma(z)$ | standard deviation; the logistic function | `std(x)` | `np.std(x, ddof=1)` |
# | $\mu$ | mean; in CT the attenuation, with the tissue as index | `mean(x)` | `x.mean()` |
# | $A$, $B$ | two masks: the truth, the prediction | `A & B`, `~A` | `A & B`, `~A` |
# | TP, FP, FN, TN | counts of pixels, or of cases: the text says which | `nnz(A & B)` | `(A & B).sum()` |
# | $t$, $T$ | time; for survival the time of the event | | |
# | $(z, y, x)$ | index of a voxel: slice, row, column; spacing in mm in the same order | `V(y,x,z)` | `V[z, y, x]` |
# | $c$, $w$ | centre and width of a window | | |

# %% [markdown]
# ## Challenges and data sets (4 min)
#
# These real sets can be fetched from here, by name; `mlmi data get NAME` shows the licence, asks, downloads and checks.

# %%
pd.DataFrame(
    [
        (name, entry.title, entry.size, entry.licence, entry.kind)
        for name, entry in entries().items()
    ],
    columns=["name", "what", "size", "licence", "how to get it"],
).set_index("name")

# %% [markdown]
# A challenge is more than its data: unit 02 lists ten, with what each asks, how it ranks, and what is weak in that ranking. Before you use a set from elsewhere, ask it what unit 02 asks: who is in it, who
# labelled it and how, what is grouped by patient, and what its licence allows. Where to look:
#
# | where | what is there |
# |---|---|
# | [grand-challenge.org](https://grand-challenge.org) | challenges in medical imaging, with their rules and rankings |
# | [synapse.org](https://www.synapse.org) | data of BraTS and other challenges; asks for an account |
# | [medicaldecathlon.com](http://medicaldecathlon.com) | ten segmentation tasks of one form; the hippocampus above is one of them |
# | [cancerimagingarchive.net](https://www.cancerimagingarchive.net) | collections of tumour images, many with outlines and clinical tables |
# | [Imaging Data Commons](https://portal.imaging.datacommons.cancer.gov) | the same and more, to query and fetch by parts |
# | [openneuro.org](https://openneuro.org) | brain scans in the form of BIDS |
# | [physionet.org](https://physionet.org) | physiological signals, chest radiographs and reports; some need training first |
# | [fastmri.med.nyu.edu](https://fastmri.med.nyu.edu) | raw data of MRI; by application |

# %% [markdown]
# ## Abbreviations (2 min)
#
# | term | meaning |
# |---|---|
# | **ADC** | apparent diffusion coefficient: how freely water moves in a voxel, in mm²/s |
# | **AUC** | area under a curve, mostly the ROC: the chance that a case with the finding scores higher than one without |
# | **BIDS** | a standard for the names of files and folders of brain scans |
# | **CNN** | convolutional neural network |
# | **DCE** | dynamic contrast-enhanced: a series of images while a contrast agent arrives and leaves |
# | **DWI** | diffusion-weighted imaging |
# | **FLAIR** | an MRI sequence in which free water is dark |
# | **FROC** | free-response ROC: lesions found against false marks per image |
# | **GLCM** | grey-level co-occurrence matrix: which levels lie beside each other, how often |
# | **HU** | Hounsfield unit of CT: water is 0, air −1000 |
# | **IBSI** | Image Biomarker Standardisation Initiative |
# | **ICC** | intraclass correlation coefficient: agreement of readers or scans; 1 is perfect |
# | **NIfTI** | a file format of volumes, with their place in the patient |
# | **PACS** | the hospital's archive of images |
# | **ROI** | region of interest |
# | **TCIA** | The Cancer Imaging Archive |
#
# The web site of the course has a page with all terms of all lectures, each with the lecture that explains it: `make site`, then *Glossary*.

# %% [markdown]
# ## What to remember (1 min)
#
# - MATLAB counts from 1 and down the columns, and says sometimes (row, column), sometimes (x, y); one swapped index moved our needle by more than four centimetres.
# - Whole numbers saturate in MATLAB and wrap in NumPy; both are wrong, so calculate in floats.
# - `loadmat(..., mat_dtype=True)`, and look at the shape of every variable.
# - Version 7.3 is HDF5 with all axes turned round; its texts and cells hide behind an attribute.
# - A function of the same name has other defaults until you have read both pages.
# - Save what was decided by chance, the split above all.

# %% [markdown]
# ## Quiz (2 min)
#
# **1.** A file of version 7.3 that MATLAB wrote holds square slices of something round. How do you find out whether you must transpose?
#
# <details><summary>Answer</summary>
#
# You must, because MATLAB's rows are HDF5's last axis. To see it, look at something without symmetry, such as a marker, and compare one pixel whose row and
# column you know.
#
# </details>
#
# **2.** Your Python port gives a standard deviation that is 5 % smaller than the paper's, which was computed in MATLAB on ten patients. What do you suspect?
#
# <details><summary>Answer</summary>
#
# The divisor: with ten patients $\sqrt{9/10} = 0.949$. MATLAB divides by $n - 1$, NumPy by $n$ unless you give `ddof=1`.
#
# </details>
#
# **3.** After `loadmat`, `image[mask]` has three axes instead of one. What is the mask?
#
# <details><summary>Answer</summary>
#
# A logical array that came back as numbers 0 and 1, so NumPy takes them as indices of rows. Read it with `mat_dtype=True`, or convert it by `.astype(bool)`.
#
# </details>
#
# How did your predictions come out?

# %%
ask.score()

# %%
ask.calibration()

# %% [markdown]
# ## Go further
#
# 1. MathWorks, *Array indexing*, [mathworks.com/help/matlab/math/array-indexing.html](https://www.mathworks.com/help/matlab/math/array-indexing.html).
# 2. MathWorks, *regionprops*, [mathworks.com/help/images/ref/regionprops.html](https://www.mathworks.com/help/images/ref/regionprops.html).
# 3. MathWorks, *Image arithmetic clipping rules*,
#    [mathworks.com/help/images/image-arithmetic-saturation-rules.html](https://www.mathworks.com/help/images/image-arithmetic-saturation-rules.html); ties:
#    *round*, [mathworks.com/help/matlab/ref/round.html](https://www.mathworks.com/help/matlab/ref/round.html).
# 4. MathWorks, *MAT-file versions*, [mathworks.com/help/matlab/import_export/mat-file-versions.html](https://www.mathworks.com/help/matlab/import_export/mat-file-versions.html).
# 5. SciPy, [*loadmat sets the wrong dtype*](https://github.com/scipy/scipy/issues/4422) (2015), with an example and the page of
#    MathWorks' *MAT-file format*, which describes the bytes.
# 6. SciPy, *loadmat*, [docs.scipy.org/doc/scipy/reference/generated/scipy.io.loadmat.html](https://docs.scipy.org/doc/scipy/reference/generated/scipy.io.loadmat.html).
# 7. *hdf5storage: storage format*, [pythonhosted.org/hdf5storage/storage_format.html](https://pythonhosted.org/hdf5storage/storage_format.html).
# 8. MathWorks, *Quantiles and percentiles*, [mathworks.com/help/stats/quantiles-and-percentiles.html](https://www.mathworks.com/help/stats/quantiles-and-percentiles.html).
# 9. MathWorks, *imgaussfilt* and *medfilt2*, [mathworks.com/help/images/ref/imgaussfilt.html](https://www.mathworks.com/help/images/ref/imgaussfilt.html),
#    [mathworks.com/help/images/ref/medfilt2.html](https://www.mathworks.com/help/images/ref/medfilt2.html).
# 10. MathWorks, *strel*, [mathworks.com/help/images/ref/strel.html](https://www.mathworks.com/help/images/ref/strel.html).
# 11. MathWorks, *Versions of Python compatible with MATLAB products by release*,
#     [mathworks.com/support/requirements/python-compatibility.html](https://www.mathworks.com/support/requirements/python-compatibility.html), as of R2025b.
# 12. MathWorks, *Configure your system to use Python*,
#     [mathworks.com/help/matlab/matlab_external/install-supported-python-implementation.html](https://www.mathworks.com/help/matlab/matlab_external/install-supported-python-implementation.html).
# 13. C. R. Harris et al., *Array programming with NumPy*, Nature 585 (2020), [doi:10.1038/s41586-020-2649-2](https://doi.org/10.1038/s41586-020-2649-2).
