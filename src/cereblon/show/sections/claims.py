"""The guide's claims on the mechanism, each with its number and a verdict."""

from __future__ import annotations

from collections.abc import Iterable

from cereblon.evidence.claims import JUDGES, Finding, judge
from cereblon.evidence.rows import reported_claims
from cereblon.ground.errors import InputError
from cereblon.records import Compound, cell, compound
from cereblon.show.sections.section import Listing, Section
from cereblon.show.study import Study

GUIDE = "mezigdomide"  # the compound that the guide speaks of
SHOWN = {"holds": "yes", "fails": "no"}


def claims(study: Study) -> Section:
    """C01 to C08, C37, C38 and C40, judged on the focus."""
    found, refused = _judged(study.focus)
    holds = sum(f.verdict.startswith("holds") for f in found)
    put_in = sum(f.verdict == "holds, as assumed" for f in found)
    words = [f"A guide to {GUIDE} makes these claims; {holds} of {len(found)} hold in this model."]
    if put_in:
        words[0] += (
            f" {put_in} of those rest directly on a number that is itself an assumption: a claim that was put in has "
            "not come out."
        )
    words[0] += " A verdict speaks of the model, not of the world."
    if study.focus.name != GUIDE:
        words.append(f"The guide speaks of {GUIDE}; here its claims are put to {study.focus.symbol}.")
    if changed := _changed(study):
        words.append(
            f"Judged with the shipped numbers of H929 and of the other glues: what was changed of {', '.join(changed)} "
            "does not reach these verdicts."
        )
    return Section(
        "claims",
        "Claims of the guide, judged",
        tuple(words),
        (Listing("claims", "", sorted([*_rows(found), *refused], key=lambda row: row["id"])),),
    )


def _changed(study: Study) -> list[str]:
    """Records of the study that differ from the shipped ones and that the judges load for themselves."""
    others = [g for g in study.glues if g.name != study.focus.name and g.values != compound(g.name).values]
    return [r.symbol for r in (*others, study.line) if r in others or r.values != cell(study.line.name).values]


def _judged(glue: Compound) -> tuple[tuple[Finding, ...], list[dict[str, str]]]:
    """The findings, and a row with its reason for each claim that cannot be put to this compound."""
    try:
        return judge(glue).findings, []
    except InputError:  # a glue that recruits neither IKZF1 nor IKZF3 cannot be set beside the IMiDs on them
        pass
    found: list[Finding] = []
    refused = []
    for claim in JUDGES:
        try:
            found += judge(glue, [claim]).findings
        except InputError as error:
            said = {"id": claim, "claim": reported_claims()[claim].claim, "numbers": "", "verdict": "not judged"}
            refused.append({**said, "how": error.message, "_class": "open"})
    return tuple(found), refused


def _rows(findings: Iterable[Finding]) -> list[dict[str, str]]:
    return [
        {
            "id": f.claim.id,
            "claim": f.claim.claim,
            "numbers": "; ".join(f"{name} {_number(value)}" for name, value in f.numbers.items()),
            "verdict": f.verdict,
            "how": f.definition + (f". {f.note}" if f.note else ""),
            "_class": SHOWN.get(f.verdict, "open"),
        }
        for f in findings
    ]


def _number(value: float) -> str:
    """Three figures, in whole numbers from a hundred up.

    >>> _number(1234.5), _number(0.0312)
    ('1234', '0.0312')
    """
    return f"{value:.0f}" if 100 <= abs(value) < 1e7 else f"{value:.3g}"
