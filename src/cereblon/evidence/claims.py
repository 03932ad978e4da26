"""The guide's claims, judged by simulation: each with its number, the definition used, and a verdict.

    judge("mezigdomide")            C01-C20, C31, C32, C34-C40: mechanism, cells, bench, patient

"holds" and "fails" speak of the model. Where the deciding number is itself an assumption the verdict says so: a
claim that was put in is not a claim that came out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cereblon.evidence.bench_claims import BENCH_JUDGES, Bench
from cereblon.evidence.cell_claims import CELL_JUDGES, Cells
from cereblon.evidence.effects import Effects, Judged
from cereblon.evidence.immune_claims import IMMUNE_JUDGES, Lymphocytes
from cereblon.evidence.ligase_claims import Ligase
from cereblon.evidence.patient_claims import PATIENT_JUDGES, Patients
from cereblon.evidence.rows import Claim, reported_claims
from cereblon.evidence.specificity_claims import LIGASE_JUDGES
from cereblon.ground.errors import AddressError, InputError
from cereblon.ground.vocabulary import nearest
from cereblon.records.compound import Compound
from cereblon.records.compound import compound as compound_record
from cereblon.records.sources import Source

if TYPE_CHECKING:
    import pandas as pd

Room = TypeVar("Room")


@dataclass(frozen=True)
class Finding:
    """One claim judged: `numbers` by name, the `definition` they follow, the `verdict`, and what it rests on; `effects`
    says how large it is, and in how many draws of the records' intervals it holds."""

    claim: Claim
    numbers: dict[str, float]
    definition: str
    verdict: str
    note: str = ""
    measure: Callable[[], Effects] = field(default=Effects, repr=False, compare=False)

    @cached_property
    def effects(self) -> Effects:
        """Sizes with 95 % intervals, worked out when first asked for."""
        return self.measure()

    @property
    def said(self) -> str:
        """The verdict, and in how many draws the claim holds: "holds, as assumed (37 of 40 draws)"."""
        return f"{self.verdict} ({self.effects.held})" if self.effects.held else self.verdict

    def __str__(self) -> str:
        shown = "; ".join(f"{name} {value:.3g}" for name, value in self.numbers.items())
        note = f" {self.note}" if self.note else ""
        return (
            f"{self.claim.id} {self.claim.claim}\n    {self.said}: {self.effects}\n    {shown}\n    "
            f"{self.definition}.{note}"
        )


@dataclass(frozen=True)
class Judgement:
    """The findings on one compound, in the order of the claims; `refused` says of others why they were not put."""

    compound: str
    findings: tuple[Finding, ...]
    cited: dict[str, Source] = field(repr=False)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> tuple[str, ...]:
        """The claims that were judged."""
        return tuple(finding.claim.id for finding in self.findings)

    def __getitem__(self, claim: str) -> Finding:
        for finding in self.findings:
            if finding.claim.id == claim:
                return finding
        raise AddressError("this claim was not judged", found=claim, expected=", ".join(self.ids))

    def table(self) -> pd.DataFrame:
        """One row per effect and per number: id, claim, kind (effect, number), quantity, value, low, high, unit,
        interval (what it is of), definition, verdict, held, note. A claim without an effect has none of that kind."""
        import pandas as pd

        rows: list[dict[str, object]] = []
        for f in self.findings:
            head = {"id": f.claim.id, "claim": f.claim.claim}
            tail = {"definition": f.definition, "verdict": f.verdict, "held": f.effects.held, "note": f.note}
            for name, size in f.effects.sizes.items():
                ends = {"value": size.value, "low": size.low, "high": size.high, "unit": size.unit}
                rows.append({**head, "kind": "effect", "quantity": name, **ends, "interval": size.method, **tail})
            for name, value in f.numbers.items():
                rows.append({**head, "kind": "number", "quantity": name, "value": value, **tail})
        return pd.DataFrame(rows)

    def save(self, path: str | Path) -> Path:
        """Write `table()` as CSV, whole or not at all."""
        from cereblon.ground.files import write_atomically

        return write_atomically(Path(path), self.table().to_csv(index=False))

    def sources(self) -> dict[str, Source]:
        """The sources of the numbers that the simulations used."""
        return self.cited

    def __str__(self) -> str:
        return "\n".join(str(f) for f in self.findings)


def judge(compound: str | Path | Compound = "mezigdomide", claims: Iterable[str] | None = None) -> Judgement:
    """Judge claims of the guide on one glue, lenalidomide and pomalidomide beside it.

    Without `claims` all are judged that can be put to this glue; those that cannot (no dose is on record, say) stand in
    `refused` with the reason. Raises AddressError for a claim that is not judged here, InputError for one that was
    asked for and cannot be put.

    >>> judge(claims=["C07"])["C07"].verdict
    'holds, as assumed'
    """
    case = _Case(compound if isinstance(compound, Compound) else compound_record(compound))
    chosen = tuple(claims) if claims is not None else tuple(JUDGES)
    unknown = [c for c in chosen if c not in JUDGES]
    if unknown:
        raise AddressError(
            "no judge for this claim",
            found=unknown[0],
            expected=", ".join(JUDGES),
            example=nearest(unknown[0], JUDGES),
        )
    findings, refused = [], {}
    for c in chosen:
        try:
            findings.append(Finding(reported_claims()[c], **JUDGES[c](case)._asdict()))
        except InputError as error:  # asked for by name, it is the answer; else one of many that cannot be put
            if claims is not None:
                raise
            refused[c] = error.message
    return Judgement(case.glue.name, tuple(findings), case.ligase.model.sources(), refused)


@dataclass(frozen=True)
class _Case:
    """What the judges share, floor by floor: each simulation is run once, when first asked for."""

    glue: Compound

    @cached_property
    def ligase(self) -> Ligase:
        return Ligase(self.glue)

    @cached_property
    def cells(self) -> Cells:
        return Cells(self.glue)

    @cached_property
    def lymphocytes(self) -> Lymphocytes:
        return Lymphocytes(self.glue)

    @cached_property
    def bench(self) -> Bench:
        return Bench(self.glue)

    @cached_property
    def patients(self) -> Patients:
        return Patients(self.glue)


Judge = Callable[[_Case], Judged]


def _judges(room: Callable[[_Case], Room], judges: Mapping[str, Callable[[Room], Judged]]) -> dict[str, Judge]:
    """Judges of a case, from those of one of its rooms."""

    def of(judge: Callable[[Room], Judged]) -> Judge:
        return lambda case: judge(room(case))

    return {claim: of(judge) for claim, judge in judges.items()}


JUDGES: dict[str, Judge] = {
    **_judges(lambda case: case.ligase, LIGASE_JUDGES),
    **_judges(lambda case: case.cells, CELL_JUDGES),
    **_judges(lambda case: case.lymphocytes, IMMUNE_JUDGES),
    **_judges(lambda case: case.bench, BENCH_JUDGES),
    **_judges(lambda case: case.patients, PATIENT_JUDGES),
}
