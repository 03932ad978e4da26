"""All claims of the guide: those that are judged with number and verdict, the others with what simulates them."""

from __future__ import annotations

from collections.abc import Iterable

from cereblon.evidence.claims import JUDGES, Finding, judge
from cereblon.evidence.effects import DRAWS
from cereblon.evidence.replicates import beside_report
from cereblon.evidence.rows import Claim, evidence_rows, reported_claims
from cereblon.model.whole import CELLS
from cereblon.records import Compound, Record, cell, compound, patient
from cereblon.show.sections.bedside import is_reported, spoken
from cereblon.show.sections.section import Listing, Section
from cereblon.show.study import GUIDE, Study

SHOWN = {"holds": "yes", "fails": "no"}
OPEN, ELSEWHERE = "not simulated yet", "not on this page"
EFFECT = "effect (95 %)"


def claims(study: Study) -> Section:
    """Every claim of the guide, in its order; what has a judge is judged on the focus."""
    found, refused = _judged(study.focus)
    holds = sum(f.verdict.startswith("holds") for f in found)
    put_in = sum(f.verdict == "holds, as assumed" for f in found)
    said = {row["id"]: row for row in (*_rows(found, study.quick), *refused)}
    words = [
        f"A guide to {GUIDE} makes these {len(reported_claims())} claims; {len(JUDGES)} of them have a judge of "
        f"their own, and {holds} of the {len(found)} that were judged hold in this model. Numbers of a trial stand "
        "beside its replicates."
    ]
    if put_in:
        words[0] += (
            f" {put_in} of those rest directly on a number that is itself an assumption: a claim that was put in has "
            "not come out."
        )
    words[0] += " A verdict speaks of the model, not of the world."
    words.append(
        "A quick page: verdicts without their effects."
        if study.quick else
        f"An effect stands with the 95 % range of {DRAWS} draws of the intervals that the records give, unless it says "
        "otherwise (a study of mice by its mixed model, a cohort by resampled patients); in brackets, in how many of "
        "them the claim holds. A verdict is that of the records' own numbers: where few draws bear it, it hangs on "
        "them."
    )
    if study.focus.name != GUIDE:
        words.append(f"The guide speaks of {GUIDE}; here its claims are put to {study.focus.symbol}.")
    if study.dose:
        words.append(f"Patients are judged at the dose on record: {study.dose} does not reach these verdicts.")
    if changed := _changed(study):
        words.append(
            f"Judged with the shipped numbers of all but {study.focus.symbol}: what was changed of "
            f"{', '.join(changed)} does not reach these verdicts."
        )
    said = {**_of_the_trial(study), **said}
    rows = [{**_open(claim), **said.get(id_, {})} for id_, claim in reported_claims().items()]
    return Section("claims", "Claims of the guide, judged", tuple(words), (Listing("claims", "", rows),))


def _of_the_trial(study: Study) -> dict[str, dict[str, str]]:
    """Claims that are numbers of the page's trial, where that is the reported one: simulated beside reported."""
    if not is_reported(study):
        return {}
    many = study.bedside.replicates
    rows = beside_report(many).to_dict("records")
    how = f"{len(many.seeds)} replicates of {many.patients} patients, 95 % of them in brackets; no null model here"
    return {
        row["id"]: {
            "id": row["id"], "verdict": f"{row['verdict']} ({row['basis']})",
            "numbers": f"reported {spoken(row, 'reported')}; simulated {spoken(row, 'simulated')}",
            "how": f"{row['what']}: {how}", "_class": {"agrees": "yes", "misses": "no"}.get(row["verdict"], "open"),
        }
        for row in rows if row["id"] in reported_claims()
    }  # fmt: skip


def _open(claim: Claim) -> dict[str, str]:
    """The row of a claim that has no judge: what was reported, where it was, and what else simulates it."""
    reported = ", ".join(part for part in (_reported(claim), claim.cohort) if part)
    row = evidence_rows().get(claim.id)
    elsewhere = row is not None and row.experiment != ""
    how = [f"reported: {reported}"] if reported else []
    how += ["simulated and judged by the command cereblon evidence"] if elsewhere else []
    return {
        "id": claim.id, "claim": claim.claim, EFFECT: "", "verdict": ELSEWHERE if elsewhere else OPEN, "numbers": "",
        "how": "; ".join(how), "_class": "open",
    }  # fmt: skip


def _reported(claim: Claim) -> str:
    """The number of a claim as the guide has it; empty where it has none."""
    ends = f"{claim.low}-{claim.high}" if claim.low else ""
    number = f"{claim.value} ({ends})" if claim.value and ends else claim.value or ends
    if not number:
        return ""
    number = number if claim.unit in ("", "1") else f"{number} {claim.unit}"
    return f"{number}, n = {claim.n}" if claim.n else number


def _changed(study: Study) -> list[str]:
    """Records of the study that differ from the shipped ones and that the judges load for themselves."""
    drugs = (d for d in (*study.glues, *study.partners) if d.name != study.focus.name)
    pairs: list[tuple[Record, Record]] = [(d, compound(d.name)) for d in drugs]
    pairs += [(study.cells[place], cell(name)) for place, name in CELLS.items()]
    return [own.symbol for own, shipped in (*pairs, (study.body, patient())) if own.values != shipped.values]


def _judged(glue: Compound) -> tuple[tuple[Finding, ...], list[dict[str, str]]]:
    """The findings, and a row with its reason for each claim that cannot be put to this compound."""
    found = judge(glue)
    return found.findings, [
        {"id": claim, "numbers": "", "verdict": "not judged", "how": reason, "_class": "open"}
        for claim, reason in found.refused.items()
    ]


def _rows(findings: Iterable[Finding], quick: bool) -> list[dict[str, str]]:
    """Effects are draws, and left out where the page is to be `quick`."""
    return [
        {
            "id": f.claim.id,
            EFFECT: "" if quick else str(f.effects),
            "verdict": f.verdict if quick else f.said,
            "numbers": "; ".join(f"{name} {_number(value)}" for name, value in f.numbers.items()),
            "how": _sentences(f.definition, f.note, "" if quick else _interval_of(f)),
            "_class": SHOWN.get(f.verdict, "open"),
        }
        for f in findings
    ]


def _sentences(*parts: str) -> str:
    return ". ".join(part.rstrip(".") for part in parts if part) + "."


def _interval_of(finding: Finding) -> str:
    """What the intervals of a claim's effects are of, where it is not the draws of all."""
    methods = {size.method.rpartition("; ")[2].rpartition(", ")[2] for size in finding.effects.sizes.values()}
    other = sorted(method for method in methods if "draws of the records" not in method)
    return f"Interval: {', '.join(other)}" if other else ""


def _number(value: float) -> str:
    """Three figures, in whole numbers from a hundred up.

    >>> _number(1234.5), _number(0.0312)
    ('1234', '0.0312')
    """
    return f"{value:.0f}" if 100 <= abs(value) < 1e7 else f"{value:.3g}"
