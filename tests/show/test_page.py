"""The page: whole, self-contained, opened by a browser without a network, and true to what was computed."""

import csv
import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from cereblon.evidence.claims import JUDGES, judge
from cereblon.evidence.rows import reported_claims
from cereblon.show.report import as_script, check_target, fill, write_page
from cereblon.show.sections.claims import ELSEWHERE, OPEN, claims
from cereblon.show.sections.section import Listing, Section
from cereblon.show.study import study

Command = Callable[..., tuple[int, str, str]]
SIZES = ("--quick", "--patients", "6")  # as in conftest
TRIAL_FIGURES = {
    "dlt", "operating_held", "operating_unheld", "escalation", "trial_waterfall", "trial_spider", "trial_swimmer",
    "trial_PFS", "trial_OS", "trial_adverse_events", "trial_ANC", "trial_reported",
}  # fmt: skip
FIGURES = {
    "mechanism", "binding", "dose_response", "time_courses", "decomposition", "law", "selectivity", "patient",
    "cell_courses", "viability", "kill", "immune", "treatment", "cohort", "triplets", "routes",
    "lines", "times", "adcc", "adcc_arms", "synergy_bortezomib", "synergy_dexamethasone", "xenograft",
    "pareto", *TRIAL_FIGURES,
}  # fmt: skip
# tables of what is drawn with a seed, on a quick page
DRAWN = {
    "cohort", "triplets", "regimens", "routes", "trial_rows", "xenograft", "xenograft_TGI", "pareto", "dose_ranges",
    "isotypes", "immune_share", "claims", *TRIAL_FIGURES,  # of claims those that are numbers of the trial
}  # fmt: skip


class Loads(HTMLParser):
    """Everything in a page that makes a browser ask for something."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.pictures = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        for name, value in attributes:
            if name in {"src", "href", "srcset", "data", "action", "poster", "background", "xlink:href"}:
                self.asked.append(value or "")
        if tag in {"link", "iframe", "object", "embed", "base"}:
            self.asked.append(f"<{tag}>")
        if tag == "img":
            assert dict(attributes).get("alt"), "a picture without words"
            self.pictures += 1


def text_of(page: Path) -> str:
    return (page / "index.html").read_text(encoding="utf-8")


def test_page_says_what_it_is_for(page: Path) -> None:
    text = text_of(page)
    assert text.count("Research use only") >= 2
    assert "PK assumed" in text
    assert "Mezigdomide: from the dose to the patient" in text


def test_page_loads_nothing(page: Path) -> None:
    loads = Loads()
    loads.feed(text_of(page))
    strange = [a for a in loads.asked if not a.startswith(("#", "data:image/svg+xml;base64,"))]
    assert strange == []
    assert loads.pictures == len(FIGURES)
    own = re.sub(r"<script.*?</script>", "", text_of(page), flags=re.S)
    assert not re.search(r"@import|url\(\s*['\"]?(?!data:|#)", own)
    assert "default-src 'none'" in own


def test_page_carries_one_bundle(page: Path) -> None:
    scripts = re.findall(r"<script>(.*?)</script>", text_of(page), flags=re.S)
    assert sorted(len(script) > 100_000 for script in scripts) == [False, True]


def test_every_figure_has_its_files_words_and_specification(page: Path) -> None:
    text = text_of(page)
    for key in FIGURES:
        assert f'<figure id="{key}">' in text
        assert "<svg" in (page / "figures" / f"{key}.svg").read_text()[:200]
        assert (page / "figures" / f"{key}.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert len((page / "tables" / f"{key}.csv").read_text().splitlines()) > 5
        spec = re.search(rf'<script type="application/json" id="spec-{key}">(.*?)</script>', text, flags=re.S)
        assert spec
        assert json.loads(spec[1])
    assert {p.stem for p in (page / "figures").iterdir()} == FIGURES
    assert text.count("<figcaption>") == len(FIGURES)


def test_no_file_of_the_page_names_where_it_was_made(page: Path) -> None:
    for file in page.rglob("*"):
        if file.suffix in {".html", ".svg", ".csv"}:
            text = file.read_text()
            assert str(page.parent) not in text
            assert str(Path.home()) + "/" not in text


def test_every_claim_of_the_guide_stands_on_the_page_with_what_is_judged(page: Path) -> None:
    drawn = list(csv.DictReader((page / "tables" / "claims.csv").read_text().splitlines()))
    (listing,) = claims(study("mezigdomide", replicates=2)).parts  # a quick page has no effects
    assert isinstance(listing, Listing)
    rows = [{key: str(value) for key, value in row.items()} for row in listing.rows]
    assert [row["id"] for row in rows] == [row["id"] for row in drawn] == list(reported_claims())
    for row, quick in zip(rows, drawn, strict=True):
        assert html.escape(row["claim"]) in text_of(page)
        assert row["verdict"].startswith(quick["verdict"])
        if row["id"] in JUDGES:
            assert re.search(r"\d", row["numbers"]), row["id"]
            assert re.search(r"\d.*\(.*\d\)|not an effect: a", row["effect (95 %)"]), row["id"]
            assert row["verdict"].startswith(("holds", "fails"))
        else:
            of_the_trial = row["numbers"] != ""
            assert row["verdict"] in (ELSEWHERE, OPEN) or of_the_trial
            assert not of_the_trial or re.fullmatch(r"reported \d.*; simulated (\d.*|not reached.*)", row["numbers"])
    how = {row["id"]: row["how"] for row in rows}
    assert how["C21a"].startswith("overall response: 2 replicates of 101 patients")
    command = "simulated and judged by the command cereblon evidence"
    assert how["C33"] == f"reported: 1.0 mg, n = 77, MM-001 phase 1; {command}"
    assert f"makes these {len(rows)} claims; {len(JUDGES)} of them have a judge of their own" in text_of(page)


def test_factors_of_potency_add_up(page: Path) -> None:
    rows = list(csv.DictReader((page / "tables" / "decomposition.csv").read_text().splitlines()))
    for compound in {row["compound"] for row in rows}:
        factors = {row["factor"]: float(row["log10"]) for row in rows if row["compound"] == compound}
        total = factors.pop("total")
        assert {"affinity", "closing", "recruitment", "turnover"} < set(factors)
        assert sum(factors.values()) == pytest.approx(total, abs=1e-4)


def test_six_glues_stand_side_by_side(page: Path) -> None:
    for table in ("binding", "dose_response", "time_courses", "selectivity"):
        rows = list(csv.DictReader((page / "tables" / f"{table}.csv").read_text().splitlines()))
        assert len({row["compound"] for row in rows}) == 6
    hours = {row["hours"] for row in csv.DictReader((page / "tables" / "dose_response.csv").read_text().splitlines())}
    assert {float(h) for h in hours} == {1, 4, 24}


@pytest.mark.prove
def test_seed_moves_intervals_and_cohorts_and_nothing_else(page: Path, tmp_path: Path, command: Command) -> None:
    code, _, failed = command("run", "mezigdomide", "--seed", "2", *SIZES)
    assert code == 0, failed
    other = tmp_path / "out" / "mezigdomide" / "tables"
    for file in sorted((page / "tables").iterdir()):
        same = file.read_text() == (other / file.name).read_text()
        assert same == (file.stem not in DRAWN), file.name


def test_a_patient_is_followed_for_two_cycles(page: Path) -> None:
    rows = list(csv.DictReader((page / "tables" / "patient.csv").read_text().splitlines()))
    assert {row["compound"] for row in rows} == {"mezigdomide", "iberdomide", "pomalidomide", "lenalidomide"}
    assert max(float(row["day"]) for row in rows) == 56
    for column in ("IKZF1@tumour", "IKZF3@T_cell", "IKZF1@marrow"):
        assert all(0 < float(row[column]) <= 1.0001 for row in rows)


def test_every_assumption_behind_the_page_is_listed_with_its_grade(page: Path) -> None:
    rows = list(csv.DictReader((page / "tables" / "assumptions.csv").read_text().splitlines()))
    addresses = {row["address"] for row in rows}
    assert {"mezigdomide.CRBN.Kd", "mezigdomide.CL_F", "IKZF1.total"} <= addresses
    assert {"bortezomib.myeloma.k_kill", "variability.tumour.CRBN.total", "mezi_dex.mezigdomide.dose",
            "group.independent.share (structure 2)"} <= addresses  # fmt: skip
    cited = (page / "tables" / "sources.csv").read_text()
    assert "Common Terminology Criteria for Adverse Events" in cited
    assert {row["grade"] for row in rows} <= {"assumed", "recalled", "anecdote"}


@pytest.mark.prove  # the page of add-a-glue is made by the test of the how-to
def test_a_users_glue_gets_the_same_page(command: Command, my_glue: Path, tmp_path: Path) -> None:
    code, said, failed = command("run", my_glue.name, "--dose", "2 mg", *SIZES)
    assert code == 0, failed
    assert said.strip() == "out/my_glue/index.html"
    rows = list(csv.DictReader((tmp_path / "out/my_glue/tables/dose_response.csv").read_text().splitlines()))
    assert len({row["compound"] for row in rows}) == 7
    for figure in ("patient", "treatment"):
        assert "2 mg" in (tmp_path / f"out/my_glue/figures/{figure}.svg").read_text()
    assert {p.stem for p in (tmp_path / "out/my_glue/figures").iterdir()} == FIGURES - {"trial_reported"}
    assert (tmp_path / "out/my_glue/tables/trial_replicates.csv").is_file()  # nobody reported a trial of it
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"my_glue"}


def test_a_glue_of_another_protein_gets_its_page_and_its_text_stays_text(
    command: Command, my_glue: Path, tmp_path: Path
) -> None:
    evil = "<script>alert(1)</script>{{bundle}}</script><img src='http://x'>"
    text = my_glue.read_text().replace("a test", evil)
    text = "symbol = '<b>&{{style}}'\n" + text[: text.index("[IKZF3]")].replace("IKZF1", "GSPT1")
    (tmp_path / "other.toml").write_text(text)
    code, _, failed = command("run", "other.toml")
    assert code == 0, failed
    tables = tmp_path / "out/other/tables"
    rows = list(csv.DictReader((tables / "dose_response.csv").read_text().splitlines()))
    assert {row["substrate"] for row in rows if row["compound"] == "other"} == {"GSPT1"}
    claims = list(csv.DictReader((tables / "claims.csv").read_text().splitlines()))
    assert [row["id"] for row in claims] == list(reported_claims())
    assert any(row["verdict"] == "not judged" for row in claims)
    assert not (tables / "cohort.csv").exists()  # nothing that follows the loss of IKZF1 can be said of it
    shown = (tmp_path / "out/other/index.html").read_text()
    assert "<script>alert" not in shown
    assert "<b>&" not in shown
    loads = Loads()
    loads.feed(shown)
    assert not any("http" in asked for asked in loads.asked)


def test_a_failed_build_leaves_the_old_page(tmp_path: Path) -> None:
    listing = Listing("rows", "Rows", [{"a": 1}])
    good = [Section("one", "One", ("Words.",), (listing,))]
    write_page(tmp_path, "page", "Z", "Z", good)
    path = write_page(tmp_path, "page", "A", "B", good)  # the old page gives way to the new one
    assert "Z" not in re.sub(r"<(script|style).*?</\1>", "", path.read_text().partition("<h1>")[2][:100])
    before = path.read_text()

    def stop(what: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_page(tmp_path, "page", "C", "D", good, stop)
    assert path.read_text() == before
    assert [p.name for p in tmp_path.iterdir()] == ["page"]
    check_target(tmp_path / "page")


def test_a_template_is_filled_once() -> None:
    assert fill("{{a}}{{b}}", {"a": "{{b}}", "b": "x"}) == "{{b}}x"


def test_a_specification_cannot_close_its_script() -> None:
    text = as_script({"a": "</script><script>"})
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><script>"}


def browse(browser: str, page: Path, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The page's document as the browser leaves it, without any network."""
    call = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={folder}",
        "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=60000", "--enable-logging=stderr", "--v=0",
        *options, "--dump-dom", page.as_uri(),
    ]  # fmt: skip
    return subprocess.run(call, capture_output=True, text=True, timeout=180)


def test_browser_draws_every_chart_without_a_complaint(
    page: Path, tmp_path: Path, require: Callable[[str], Any]
) -> None:
    moved = tmp_path / "somewhere else"  # a page is one file
    moved.mkdir()
    shutil.copy(page / "index.html", moved)
    done = browse(require("chromium"), moved / "index.html", tmp_path / "profile")
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert complaints == []
    assert f'data-drawn="{len(FIGURES)}"' in done.stdout
    drawn = re.findall(r'<svg[^>]*role="img"[^>]*aria-label="([^"]+)"', done.stdout)
    assert len(drawn) == len(FIGURES)


def test_page_shows_its_figures_without_scripts(page: Path) -> None:
    """What stands in the file before any script runs is already every figure, as a picture."""
    loads = Loads()
    loads.feed(re.sub(r"<script.*?</script>", "", text_of(page), flags=re.S))
    assert loads.pictures == len(FIGURES)


def test_claims_say_which_changes_they_do_not_see(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judges load their own cell, patient, partners and dose; a page made with others must not hide it."""
    monkeypatch.setattr("cereblon.show.sections.claims.judge", lambda glue: judge(glue, ["C01"]))  # the words are asked
    kept = " ".join(claims(study("mezigdomide", {"mezigdomide.CRBN.Kd": "20 nM"})).words)
    assert "does not reach" not in kept
    moved = {"CRBN.total@tumour": "12 nM", "pomalidomide.CRBN.Kd": "100 nM", "dexamethasone.myeloma.k_kill": "0.1 1/d"}
    said = " ".join(claims(study("mezigdomide", moved, dose="0.3 mg")).words)
    for changed in ("NCI-H929", "pomalidomide", "dexamethasone"):
        assert changed in said.partition("what was changed of")[2]
    assert "0.3 mg does not reach" in said
