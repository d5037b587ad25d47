"""Destroy the network: mend a cascade."""

from itertools import pairwise

from mlmi_course.checks import Case, asks


@asks(
    points=2,
    see="A sanity check",
    hints=(
        "The lists run from the input to the output. The top of a network is its output, so the "
        "*last* `depth` entries are replaced.",
        "`keep = len(kernels) - depth`, then `kernels[:keep] + new_kernels[keep:]`; careful with "
        "`[-depth:]`, which is everything when depth is 0.",
    ),
)
def destroy(kernels, biases, new_kernels, new_biases, depth):
    """Mend a sanity check"""
    keep = len(kernels) - depth
    return [*kernels[:keep], *new_kernels[keep:]], [*biases[:keep], *new_biases[keep:]]


@destroy.inputs
def cases(rng):
    for sizes, depth, about in (
        ((4, 3, 2, 2, 1), 2, "the two layers nearest to the output"),
        ((3, 2, 1), 2, "all layers"),
        ((3, 2, 1), 0, "depth 0"),
    ):
        layers = list(pairwise(sizes))
        kernels, fresh = ([rng.normal(size=s).round(2) for s in layers] for _ in range(2))
        biases, new = ([rng.normal(size=s[1]).round(2) for s in layers] for _ in range(2))
        yield Case((kernels, biases, fresh, new, depth), about)


@destroy.mistake
def only_biases(k, b, nk, nb, depth):
    """Only the biases are random. The kernels hold nearly all that a network has learnt: it stays
    as it was, and no map has a reason to change.
    """
    return k, destroy.right(k, b, nk, nb, depth)[1]


@destroy.mistake
def only_kernels(k, b, nk, nb, depth):
    """The kernels are random, the biases are still the trained ones. Replace all weights of a
    layer.
    """
    return destroy.right(k, b, nk, nb, depth)[0], b


@destroy.mistake
def unmended(k, b, nk, nb, depth):
    """Two faults are left: with depth 0 everything changes, since `[-0:]` is the whole list, and
    the biases are still the trained ones.
    """
    return [*k[: len(k) - (depth or len(k))], *nk[-(depth or len(k)) :]], b


@destroy.mistake
def depth_0_is_everything(k, b, nk, nb, depth):
    """With depth 0 nothing may change, and in yours everything does: `[-0:]` is the whole list.
    Count the layers that are kept instead.
    """
    return destroy.right(k, b, nk, nb, depth or len(k))


@destroy.mistake
def from_the_input(k, b, nk, nb, depth):
    """You began at the input. The cascade begins at the output, where the reasons are, and works
    down.
    """
    return [*nk[:depth], *k[depth:]], [*nb[:depth], *b[depth:]]


@destroy.mistake
def independent(k, b, nk, nb, depth):
    """Only one layer is random: that is the independent randomisation. In the cascade all layers
    above it are random, too.
    """
    k, b = list(k), list(b)
    if depth:
        k[-depth], b[-depth] = nk[-depth], nb[-depth]
    return k, b
