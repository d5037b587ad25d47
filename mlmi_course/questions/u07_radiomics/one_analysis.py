"""What would you ask the authors for?"""

from mlmi_course.checks import ThoughtQuestion

one_analysis = ThoughtQuestion(
    title="What would you ask for?",
    points=1,
    rubric="1 point for one analysis that could come out differently if the finding were luck or "
    "volume, with its reason: the choice of the number of features inside the folds too, split "
    "by patient; the outcomes "
    "shuffled and the whole pipeline repeated; new patients with everything fixed; or the same "
    "pipeline with the voxels of each tumour shuffled (what still works is no texture), or the "
    "paired difference from the volume alone. No points for 'more features', 'deep learning' or "
    "'more patients' alone.",
    see="Ten thousand numbers, sixty patients",
    hints=(
        "Two things may be behind an AUC of 0.91: the search, or the size of the tumour.",
        "Which analysis would come out differently if there were no texture at all?",
    ),
)
