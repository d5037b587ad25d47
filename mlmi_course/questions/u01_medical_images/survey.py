"""How many patients are in the archive?"""

from mlmi_course.checks import Case, asks
from mlmi_course.checks.calling import call


@asks(
    points=2,
    see="Counting patients in an archive",
    hints=(
        "A `set` keeps each patient once, however many files there are.",
        "Per modality: collect the PatientID of the files of that modality in a set, then take "
        "its length.",
        'The total "patients" is a set of its own, over all files. It is not the sum of the '
        "others: a patient with CT and MR is one patient.",
    ),
)
def survey(headers):
    """How many patients are in the archive?"""
    counts = {"patients": len({header["PatientID"] for header in headers})}
    for modality in {header["Modality"] for header in headers}:
        of_this = {h["PatientID"] for h in headers if h["Modality"] == modality}
        counts[modality] = len(of_this)
    return counts


@survey.inputs
def cases(rng):
    def header(patient, modality, study):
        return {"PatientID": patient, "Modality": modality, "StudyInstanceUID": f"1.2.{study}"}

    small = [
        header("P1", "CT", 1),
        header("P1", "CT", 1),
        header("P1", "MR", 2),
        header("P2", "MR", 3),
        header("P2", "MR", 4),
        header("P3", "CT", 5),
    ]
    yield Case((small,), "six files of three patients, one of whom had both CT and MR")
    modalities = ("CT", "MR", "PT", "XA", "RTSTRUCT")
    many = [
        header(f"P{rng.integers(8)}", modalities[rng.integers(5)], int(rng.integers(20)))
        for _ in range(60)
    ]
    yield Case((many,), "60 files in random order")
    yield Case(([],), "an empty archive")


@survey.mistake
def files_counted(headers):
    """You counted files. One CT examination alone is hundreds of files, all of one patient."""
    modalities = [header["Modality"] for header in headers]
    return {"patients": len(headers), **{m: modalities.count(m) for m in modalities}}


@survey.mistake
def studies_counted(headers):
    """You counted examinations. Whoever came twice is counted twice."""
    return survey.right([{**header, "PatientID": header["StudyInstanceUID"]} for header in headers])


@survey.mistake
def summed_over_modalities(headers):
    """The total adds up the modalities, so a patient with both CT and MR counts twice."""
    counts = survey.right(headers)
    return {**counts, "patients": sum(counts.values()) - counts["patients"]}


@survey.mistake
def files_per_modality(headers):
    """The total is right, but within a modality you still count files."""
    return {**files_counted(headers), "patients": survey.right(headers)["patients"]}


@survey.picture
def draw_answer(answer):
    from pydicom import examples

    from mlmi_course import plots

    names = ("ct", "mr", "overlay", "rgb_color", "jpeg2k", "palette_color", "ybr_color")
    keywords = ("PatientID", "Modality", "StudyInstanceUID")
    headers = [{k: str(getattr(examples, name)[k].value) for k in keywords} for name in names]
    counts = call(answer, (headers,))
    return plots.bars(
        list(counts),
        [float(value) for value in counts.values()],
        decimals=0,
        title="Patients in pydicom's example files, as you count them",
        alt="Bar chart of the number of patients, in all and by modality.",
    )
