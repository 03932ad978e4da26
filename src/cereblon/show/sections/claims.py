"""The guide's claims on the mechanism, each with its number and a verdict."""

from __future__ import annotations

from cereblon.evidence.claims import Judgement, judge
from cereblon.show.sections.section import Listing, Section
from cereblon.show.study import Study

GUIDE = "mezigdomide"  # the compound that the guide speaks of
SHOWN = {"holds": "yes", "fails": "no"}


def claims(study: Study) -> Section:
    """C01 to C08, C37, C38 and C40, judged on the focus."""
    judgement = judge(study.focus)
    holds = sum(f.verdict.startswith("holds") for f in judgement.findings)
    put_in = sum(f.verdict == "holds, as assumed" for f in judgement.findings)
    words = [f"A guide to {GUIDE} makes these claims; {holds} of {len(judgement.findings)} hold in this model."]
    if put_in:
        words[0] += (
            f" {put_in} of those rest directly on a number that is itself an assumption: a claim that was put in has "
            "not come out."
        )
    words[0] += " A verdict speaks of the model, not of the world."
    if study.focus.name != GUIDE:
        words.append(f"The guide speaks of {GUIDE}; here its claims are put to {study.focus.symbol}.")
    return Section("claims", "Claims of the guide, judged", tuple(words), (Listing("claims", "", _rows(judgement)),))


def _rows(judgement: Judgement) -> list[dict[str, str]]:
    return [
        {
            "id": f.claim.id,
            "claim": f.claim.claim,
            "numbers": "; ".join(f"{name} {_number(value)}" for name, value in f.numbers.items()),
            "verdict": f.verdict,
            "how": f.definition + (f". {f.note}" if f.note else ""),
            "_class": SHOWN.get(f.verdict, "open"),
        }
        for f in judgement.findings
    ]


def _number(value: float) -> str:
    """Three figures, in whole numbers from a hundred up.

    >>> _number(1234.5), _number(0.0312)
    ('1234', '0.0312')
    """
    return f"{value:.0f}" if 100 <= abs(value) < 1e7 else f"{value:.3g}"
