"""The dashboard: its numbers, when it keeps silent, and the page that it writes."""

from __future__ import annotations

import base64
import itertools
import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from scipy.stats import binomtest

from mlmi_course import widgets
from mlmi_course.widgets import Dashboard
from mlmi_course.widgets._dashboard import _charts, _numbers

ROOT = Path(__file__).resolve().parents[1]
N = 60
MODELS = ("clinical", "clinical + image")


def given(**other: Any) -> dict[str, Any]:
    """What a dashboard of 60 patients is called with."""
    rng = np.random.default_rng(0)
    clinical = rng.uniform(0.1, 0.8, N)
    time = rng.exponential(400 / (0.3 + clinical))
    made = {
        "names": [f"P{n:02d}" for n in range(N)],
        "risks": dict(zip(MODELS, (clinical, np.clip(clinical + 0.05, 0, 1)), strict=True)),
        "time": time,
        "event": rng.random(N) < 0.8,
        "horizon": 365.0,
        "glyphs": pd.DataFrame(rng.normal(size=(N, 4)), columns=["age", "volume", "rim", "oedema"]),
        "contributions": {MODELS[1]: rng.normal(0, 0.3, (N, 9))},
        "contribution_names": {MODELS[1]: [f"feature {n}" for n in range(9)]},
        "images": rng.normal(100, 20, (N, 24, 24)).astype(np.int16),
        "masks": np.tile(np.eye(24, dtype=bool), (N, 1, 1)),
        "spacing": (1.8, 1.8),
        "segmentation_ok": np.arange(N) != 1,
        "intervals": {MODELS[0]: np.c_[clinical - 0.05, clinical + 0.05]},
        "title": "A study",
    }
    return {**made, **other}


def board(**other: Any) -> Dashboard:
    """A dashboard of 60 patients."""
    return widgets.dashboard(**given(**other))


# ---- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_the_share_is_that_of_kaplan_and_meier(seed: int) -> None:
    rng = np.random.default_rng(seed)
    time = rng.integers(1, 60, 40).astype(float)  # with ties
    event = rng.random(40) < 0.6
    fitted = KaplanMeierFitter().fit(time, event)
    share = _numbers.dead_by(time, event, 30)
    assert share.value == pytest.approx(1 - float(fitted.predict(30)), abs=1e-12)
    assert share.low < share.value < share.high
    assert share.n == 40


@pytest.mark.parametrize("dead", [0, 1, 7, 20])
def test_without_censoring_the_interval_is_wilsons(dead: int) -> None:
    time = np.where(np.arange(20) < dead, 100.0, 500.0)
    share = _numbers.dead_by(time, time < 365, 365)
    low, high = binomtest(dead, 20).proportion_ci(method="wilson")
    assert (share.low, share.high) == pytest.approx((low, high), abs=1e-6)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    truth = 1 - np.exp(-365 / 700)
    hits = 0
    for _ in range(600):
        death, left = rng.exponential(700, 40), rng.uniform(100, 900, 40)
        share = _numbers.dead_by(np.minimum(death, left), death <= left, 365)
        hits += share.low <= truth <= share.high
    assert 0.92 < hits / 600 < 0.98


def test_what_nobody_watched_is_not_known() -> None:
    unknown = _numbers.dead_by([100, 200, 300], [True, False, False], 365)
    assert np.isnan(unknown.value)
    assert unknown.n == 3
    assert np.isnan(_numbers.dead_by([], [], 365).value)
    assert _numbers.dead_by([100, 200], [True, True], 365).value == 1  # all are known to be dead
    assert _numbers.dead_by([100, 365], [True, False], 365).value == 0.5  # watched to the day


def test_every_patient_is_in_one_bin() -> None:
    rng = np.random.default_rng(2)
    risk = np.round(rng.random(101), 1)  # many ties
    risk[3] = np.nan
    time, event = rng.exponential(400, 101), rng.random(101) < 0.7
    found = _numbers.bins(risk, time, event, 365)
    assert sum(one.observed.n for one in found) == 100
    assert 1 < len(found) <= _numbers.BINS
    assert all(a.high == b.low for a, b in itertools.pairwise(found))
    assert all(one.low - 1e-9 <= one.predicted <= one.high + 1e-9 for one in found)
    assert len(_numbers.bins(np.full(9, 0.3), np.arange(9) * 100, np.ones(9), 365)) == 1
    assert _numbers.bins([np.nan], [1], [True], 365) == ()


@pytest.mark.parametrize(("risk", "number"), [(0.0, 0), (0.24, 0), (0.25, 1), (0.74, 2), (1.0, 2)])
def test_the_bin_of_a_patient(risk: float, number: int) -> None:
    share = _numbers.Share(0.5, 0.4, 0.6, 10)
    found = [
        _numbers.Bin(low, high, low, share) for low, high in ((0.1, 0.25), (0.25, 0.5), (0.5, 0.75))
    ]
    assert _charts.bin_at(found, risk) == number


def test_ranks_are_those_of_the_cohort_alone() -> None:
    values = np.array([[1.0], [2.0], [3.0], [100.0], [np.nan]])
    cohort = [True, True, True, False, True]
    assert _numbers.ranks(values, cohort).ravel()[:4] == pytest.approx([1 / 6, 0.5, 5 / 6, 1])
    assert np.isnan(_numbers.ranks(values, cohort)[4, 0])


def test_the_most_alike_are_others_of_the_cohort() -> None:
    where = np.array([[0.5, 0.5], [0.5, 0.5], [0.52, 0.5], [np.nan, 0.5], [np.nan, np.nan]])
    assert _numbers.most_alike(where, 0, [True, False, True, True, True]) == [3, 2]


# ---- answers -------------------------------------------------------------------------------------


def test_it_answers_or_says_why_not() -> None:
    risks = {"clinical": np.full(N, 0.3), "deep": np.full(N, 0.4)}
    risks["deep"][2] = 0.46
    risks["deep"][3] = np.nan
    shown = board(risks=risks, contributions={}, contribution_names={}, intervals=None)
    first = shown.decision("P00", "deep")
    assert first.answers
    assert (first.risk, first.reasons) == (0.4, ())
    assert shown.decision("P01", "deep").reasons == ("the segmentation check failed",)
    assert shown.decision("P02", "clinical").reasons == (
        "the models disagree: clinical says 30 %, deep says 46 %",
    )
    assert shown.decision("P03", "deep").reasons == (
        "the model deep gives no risk for this patient",
    )
    assert shown.decision("P03", "clinical").answers  # the other one has a risk, and agrees
    assert shown.decision("P02", "clinical").risk == 0.3


def test_an_interval_is_part_of_the_answer() -> None:
    decision = board().decision("P00", "clinical")
    assert (decision.risk - decision.low, decision.high - decision.risk) == pytest.approx(
        (0.05, 0.05)
    )
    assert re.fullmatch(r"P00, clinical: \d+ % \(\d+ to \d+ %\)", repr(decision))
    assert np.isnan(board().decision("P00", MODELS[1]).low)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"names": ["P0"] * N}, "a name of its own"),
        ({"risks": {}}, "at least one model"),
        ({"risks": {"clinical": np.full(N, 43.0)}}, "from 0 to 1; got 43"),
        ({"risks": {"clinical": np.zeros(N - 1)}}, f"is of {N - 1} patients, but names is of {N}"),
        ({"time": np.full(N, np.nan)}, "time must be finite"),
        ({"event": np.full(N, 2)}, "event must hold one True or False"),
        ({"horizon": 0}, "horizon must be above 0"),
        ({"glyphs": np.zeros((N, 4))}, "must be a DataFrame with 3 to 8 columns"),
        ({"glyphs": pd.DataFrame(np.zeros((N, 2)))}, "3 to 8 columns"),
        ({"contributions": {"other": np.zeros((N, 2))}}, "contributions of 'other', but there are"),
        ({"contribution_names": {}}, "0 names for 9 contributions"),
        ({"images": np.zeros((N, 8))}, r"shape \(n, rows, columns\)"),
        ({"masks": np.zeros((N, 8, 8))}, "masks have shape"),
        ({"intervals": {"clinical": np.zeros((N, 3))}}, "need 2 columns"),
        ({"reference": np.zeros(N, bool)}, "names no patient"),
        ({"spacing": (1.0, 0.0)}, "in mm"),
        ({"settings": [{"patient": "Q1"}]}, "no patient is called 'Q1'"),
        ({"settings": [{"patient": "P01", "model": "x"}]}, "no model is called 'x'"),
        ({"settings": []}, "at least one patient"),
    ],
)
def test_what_does_not_fit_is_one_clear_error(other: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        board(**other)


# ---- the page ------------------------------------------------------------------------------------


def test_a_report_stands_alone() -> None:
    page = board().report("P00", MODELS[1])
    assert page.startswith("<!DOCTYPE html>")
    assert '<meta name="viewport" content="width=device-width' in page
    assert "prefers-color-scheme:dark" in page
    assert "<script" not in page
    used, defined = (set(re.findall(find, page)) for find in (r"var\(--(\w+)\)", r"--(\w+):"))
    assert used == defined
    without = page.replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"https?://|url\(|@import|<link|<iframe|<form", without)
    assert {src.partition(",")[0] for src in re.findall(r'src="([^"]*)"', page)} == {
        "data:image/png;base64"
    }
    assert len(page) < 200_000


def test_every_picture_is_told_in_words() -> None:
    page = unescape(board().report("P00", MODELS[1])).replace("\u00a0", " ")
    assert "Image of P00, 43 by 43 mm. The network's outline holds 0.8 cm²." in page
    assert len(re.findall(r"<svg ", page)) == 4
    assert len(re.findall(r'<svg role="img" aria-label="\w', page)) == 4
    assert re.search(r'aria-label="Risk of death within 365 days by each model\. clinical: ', page)
    assert re.search(r'aria-label="60 patients by the risk that clinical \+ image predicts', page)
    assert re.search(r"The patient's bin, \d+ to \d+ %: \d+ % died", page)
    assert re.search(r'aria-label="P00: age above \d+ % of the cohort, volume', page)
    assert re.search(r'aria-label="What moves the log hazard of clinical \+ image', page)


def test_without_an_answer_there_is_no_risk_to_read_off() -> None:
    page = board().report("P01", MODELS[1])
    shown = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
    assert "No answer for this patient" in shown
    assert "<li>the segmentation check failed</li>" in shown
    assert "Risk of death within" not in shown
    assert 'class="patientdot" r' not in shown
    assert "line class" not in shown
    assert '"patient"' not in shown
    assert "What moves the log hazard" not in shown
    answered = board().report("P00", MODELS[1])
    assert "Risk of death within" in re.sub(
        r"<details>.*?</details>", "", answered, flags=re.DOTALL
    )
    assert 'class="patient"' in answered


def test_names_are_texts_and_no_html() -> None:
    odd = given()
    odd["names"][0] = '<b>&"P'
    odd["risks"] = {"<i>": odd["risks"]["clinical"]}
    odd["contributions"] = {"<i>": np.full((N, 1), 0.5)}
    odd["contribution_names"] = {"<i>": ["<u>"]}
    odd["intervals"] = None
    page = widgets.dashboard(
        **odd,
    ).report('<b>&"P', "<i>")
    for tag in ("<b>", "<i>", "<u>"):
        assert tag not in page


def test_a_report_is_saved(tmp_path) -> None:
    path = board().save(tmp_path / "new" / "P00.html", "P00", "clinical")
    assert path.read_text("utf-8") == board().report("P00", "clinical")
    with pytest.raises(ValueError, match="no patient is called"):
        board().save(tmp_path / "x.html", "nobody", "clinical")
    assert not (tmp_path / "x.html").exists()


def test_missing_numbers_are_said_to_be_missing() -> None:
    glyphs = given()["glyphs"]
    glyphs.loc[0, "volume"] = np.nan
    page = board(glyphs=glyphs, masks=np.zeros((N, 24, 24))).report("P00", "clinical")
    assert "volume missing" in page
    assert "The network outlined nothing." in unescape(page)
    assert "No contributions were computed for clinical." in page
    assert "Image of P00, 43 by 43 mm." in board(masks=None).report("P00", "clinical")


# ---- in a notebook -------------------------------------------------------------------------------


def test_a_fixed_page_where_no_kernel_runs(monkeypatch) -> None:
    shown = board()
    assert shown._repr_html_() is None
    monkeypatch.setenv("MLMI_STATIC", "1")
    page = shown._repr_html_()
    assert "P00, by the model" in page
    assert "P01, by the model" in page  # the first without an answer
    assert "Run the notebook" not in page
    assert "<section" not in page  # a deck takes those for slides
    monkeypatch.setenv("MLMI_STATIC", "ahead")
    assert "Run the notebook to move it." in shown._repr_html_()
    chosen = board(settings=[{"patient": "P07", "model": MODELS[1]}])
    assert "P07, by the model" in chosen._repr_html_()
    assert "P00, by the model" not in chosen._repr_html_()
    said = r"Dashboard: A dashboard of 60 patients\. P07, clinical \+ image: \d+ %"
    assert re.match(said, repr(chosen))


def test_the_widget_follows(monkeypatch) -> None:
    monkeypatch.delenv("MLMI_STATIC", raising=False)
    box = board().widget()
    who, which, page, linked, kept = box.children
    assert "P00, by the model <em>clinical</em>" in page.value
    which.value = MODELS[1]
    assert "P00, by the model <em>clinical + image</em>" in page.value
    button = linked.children[1]
    name = button.description.partition(": ")[2]
    button.click()
    assert who.value == name
    assert f"{name}, by the model" in page.value
    data = re.search(r"base64,([^\"]+)", kept.value)[1]
    assert base64.b64decode(data).decode() == board().report(name, MODELS[1])


def test_a_small_cohort_has_fewer_neighbours() -> None:
    cohort = np.arange(N) < 3
    box = board(reference=cohort).widget()
    linked = box.children[3].children[1:]
    assert [button.layout.display for button in linked].count("none") == 4
    box.children[0].value = "P40"
    assert [button.layout.display for button in linked].count("none") == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_phone(chromium, tmp_path, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for patient in ("P00", "P01"):
        path = board().save(tmp_path / f"{patient}.html", patient, MODELS[1])
        page = chromium.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
        asked: list[str] = []
        page.on("request", lambda request, into=asked: into.append(request.url))
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        for shape in page.locator("svg:visible, img:visible").all():
            box = shape.bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
        colours = {
            page.locator(f".{kind}").first.evaluate("shape => getComputedStyle(shape).fill")
            for kind in _charts.OUTCOMES
        }
        assert len(colours - {"rgb(0, 0, 0)"}) == 3
        assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        page.close()


def test_a_slide_shows_the_first_patient_at_once(chromium, tmp_path) -> None:
    from mlmi_course.building.course import read_course
    from mlmi_course.building.slide_plan import Shown, Slide
    from mlmi_course.building.slides import written

    course = read_course(ROOT)
    html = f'<div class="shown">{board(static=True)._repr_html_()}</div>'
    slide = Slide(title="One patient", points=["Words."], shown=[Shown("picture", html)])
    deck = tmp_path / "deck.html"
    deck.write_text(written(course.title, course.units[0], [slide, slide]), "utf-8")
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    page.goto(deck.as_uri())
    assert page.locator("#where").text_content() == "1 / 2"
    names = page.locator("section.now .mlmi-dash h3:visible").all_text_contents()
    assert [name for name in names if name.startswith("P")] == ["P00, by the model clinical"]
    for card in page.locator("section.now .card:visible").all():
        box = card.bounding_box()
        assert box["x"] + box["width"] <= 1280
        assert box["y"] + box["height"] <= 720
    page.close()
