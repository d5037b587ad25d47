"""Five islands."""

from mlmi_course.checks import ThoughtQuestion

islands = ThoughtQuestion(
    title="Five islands",
    points=2,
    rubric="1 point: says why five islands in a UMAP are no evidence of five subtypes, at least "
    "two of: another seed or number of neighbours may give another number of islands; noise looks "
    "clustered too; several images of one patient, one scanner or one site make an island; "
    "sizes and gaps mean little; the method was chosen because it showed islands. "
    "1 point: asks for a test that could fail, at least one of: the islands coloured by "
    "patient, site, scanner and batch; clusters found in the full data, and stable under "
    "resampling of patients; the same analysis on shuffled or simulated data without clusters; "
    "subtypes that return in patients of another centre, assigned without refitting; survival "
    "compared on patients who took no part in finding the groups, and against known factors. "
    "No points for 'UMAP is not linear' or 'more data' alone.",
    see="What a map does not say",
    hints=(
        "3,100 patches, 62 patients: what would the map look like if it showed nothing but "
        "patients?",
        "Name one result that would change *your* mind, and one that should change theirs.",
    ),
)
