"""Does the base learn?"""

from mlmi_course.checks import Case, asks


@asks(
    points=1,
    see="Unfreeze, and compile again",
    hints=(
        "Keras decides once what learns. When?",
        "Keep two values: what the base is set to now, and what it was set to at the last "
        "`compile`. Each `fit` uses the second.",
    ),
)
def base_learns(actions):
    """Does the base learn?"""
    free, compiled, learns = True, True, []
    for action in actions:
        if action in ("freeze", "unfreeze"):
            free = action == "unfreeze"
        elif action == "compile":
            compiled = free
        else:
            learns.append(compiled)
    return learns


@base_learns.inputs
def cases(rng):
    yield Case((["freeze", "compile", "fit", "unfreeze", "fit"],), "an unfreezing between two fits")
    yield Case((["freeze", "compile", "fit", "unfreeze", "compile", "fit"],), "a second compile")
    yield Case((["compile", "fit", "freeze", "fit", "compile", "fit"],), "freezing after a fit")
    # Nothing is changed between compile and the first fit: what Keras does there is its own affair.
    actions = ["freeze", "compile", "fit"]
    for _ in range(int(rng.integers(2, 4))):
        actions += [["unfreeze", "freeze"][int(rng.integers(2))]]
        actions += ["compile"] * int(rng.integers(2)) + ["fit"]
    yield Case((actions,), "a longer history")


@base_learns.mistake
def no_recompile(actions):
    """Your base learns as soon as it is unfrozen. Keras goes on with the training step that it
    built before: only `compile` makes a new one.
    """
    return base_learns.right([one for action in actions for one in ("compile", action)])


@base_learns.mistake
def first_compile_counts(actions):
    """For you the first `compile` decides for ever. After each `compile` Keras looks anew at what
    is frozen.
    """
    before = actions[: actions.index("compile")]
    return base_learns.right([*before, "compile", "fit"]) * actions.count("fit")


@base_learns.mistake
def freezing_at_once(actions):
    """For you unfreezing waits for `compile`, but freezing does not. Both do: the training step
    that was built before goes on as it was.
    """
    pairs = zip(base_learns.right(actions), no_recompile(actions), strict=True)
    return [compiled and free for compiled, free in pairs]


@base_learns.mistake
def compile_unfreezes(actions):
    """For you `compile` unfreezes. It changes no setting: it only makes Keras take note anew of
    what is frozen.
    """
    return no_recompile(["unfreeze" if action == "compile" else action for action in actions])


@base_learns.mistake
def upside_down(actions):
    """Upside down: True is asked for where the base *learns*."""
    return [not one for one in base_learns.right(actions)]
