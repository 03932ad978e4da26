"""The rules by which values become categories: the thresholds of a set of criteria, and the choices that it leaves
open."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cereblon.ground.errors import InputError
from cereblon.records.criteria import Criteria
from cereblon.records.criteria import criteria as criteria_record

Urine = Literal["required", "as followed"]
Band = Literal["blocks", "shifted"]
NEVER = float("inf")  # a threshold that no value reaches: the rule is not among the criteria

# attribute -> (address in the record, unit); what a record leaves out is never reached
_NUMBERS = {
    "measurable_serum": ("measurable.M_protein.level", "g/dL"),
    "measurable_urine": ("measurable.urine.excretion", "mg/d"),
    "measurable_FLC": ("measurable.FLC.level", "mg/dL"),
    "measurable_marrow": ("measurable.marrow.infiltration", "1"),
    "lowest_ratio": ("least.FLC.kappa_lambda", "1"),
    "highest_ratio": ("most.FLC.kappa_lambda", "1"),
    "CR_marrow": ("CR.marrow.infiltration", "1"),
    "MRD": ("MRD.share", "1"),
    "VGPR_serum": ("VGPR.M_protein.fall", "1"),
    "VGPR_urine": ("VGPR.urine.excretion", "mg/d"),
    "VGPR_FLC": ("VGPR.FLC.fall", "1"),
    "VGPR_lesion": ("VGPR.plasmacytoma.fall", "1"),
    "PR_serum": ("PR.M_protein.fall", "1"),
    "PR_urine": ("PR.urine.fall", "1"),
    "PR_urine_level": ("PR.urine.excretion", "mg/d"),
    "PR_FLC": ("PR.FLC.fall", "1"),
    "PR_marrow": ("PR.marrow.fall", "1"),
    "PR_lesion": ("PR.plasmacytoma.fall", "1"),
    "MR_serum": ("MR.M_protein.fall", "1"),
    "MR_urine": ("MR.urine.fall", "1"),
    "MR_lesion": ("MR.plasmacytoma.fall", "1"),
    "PD_serum": ("PD.M_protein.rise", "1"),
    "PD_serum_increase": ("PD.M_protein.increase", "g/dL"),
    "PD_large": ("PD.M_protein.large.level", "g/dL"),
    "PD_large_increase": ("PD.M_protein.large.increase", "g/dL"),
    "PD_urine": ("PD.urine.rise", "1"),
    "PD_urine_increase": ("PD.urine.increase", "mg/d"),
    "PD_FLC": ("PD.FLC.rise", "1"),
    "PD_FLC_increase": ("PD.FLC.increase", "mg/dL"),
    "PD_marrow": ("PD.marrow.rise", "1"),
    "PD_marrow_increase": ("PD.marrow.increase", "1"),
    "PD_marrow_level": ("PD.marrow.infiltration", "1"),
    "PD_lesion": ("PD.plasmacytoma.rise", "1"),
    "PD_axis": ("PD.plasmacytoma.diameter", "cm"),
    "PD_circulating": ("PD.circulating.rise", "1"),
    "PD_circulating_count": ("PD.circulating.count", "cell/uL"),
    "PD_calcium": ("PD.calcium.level", "mg/dL"),
}


class Thresholds:
    """The numbers of a set of criteria in the units of an assessment; `NEVER` where the criteria have none."""

    def __init__(self, record: Criteria) -> None:
        for name, (address, unit) in _NUMBERS.items():
            found = record.number(address, unit)
            setattr(self, name, NEVER if found is None else found)

    def __getattr__(self, name: str) -> float:  # for the type checker: every attribute is a number
        raise AttributeError(name)


@dataclass(frozen=True)
class Rules:
    """Criteria and three choices.

    urine    "required": a VGPR or better needs the urine measured in every patient, as the guideline says;
             "as followed": only in those whose urine was measured at baseline
    band     "blocks": a positive immunofixation of the serum is positive, also where it may be the band of a
             therapeutic antibody (daratumumab); "shifted": a negative shift assay (DIRA, Hydrashift) overrules it
    skip_rise  a rise that the next assessment does not confirm is passed over when two consecutive assessments are
             looked for, so that it neither stops treatment nor takes a response away
    """

    criteria: Criteria
    urine: Urine = "required"
    band: Band = "blocks"
    skip_rise: bool = True
    thresholds: Thresholds = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.urine not in ("required", "as followed"):
            raise InputError("unknown rule for urine", found=str(self.urine), expected="required or as followed")
        if self.band not in ("blocks", "shifted"):
            raise InputError("unknown rule for a band", found=str(self.band), expected="blocks or shifted")
        object.__setattr__(self, "thresholds", Thresholds(self.criteria))

    def __str__(self) -> str:
        measurable = f"measurable from {self.criteria['measurable.M_protein.level']} of serum M-protein"
        return f"{self.criteria.symbol}, {measurable}, urine {self.urine}, antibody band {self.band}"


def rules(
    given: str | Path | Criteria | Rules = "IMWG_2016",
    *,
    measurable: str = "",
    urine: Urine = "required",
    band: Band = "blocks",
    skip_rise: bool = True,
) -> Rules:
    """Rules by the name of their criteria (IMWG_2016, IMWG_2011, IMWG_2006), or by a `.toml` file of one's own.

    `measurable` is the serum M-protein from which disease is followed: "1.0 g/dL" by the guideline, "0.5 g/dL" by
    default as trials of the class have it. Raises InputError or RecordError.

    >>> print(rules("IMWG_2016", measurable="1.0 g/dL"))
    IMWG 2016, measurable from 1 g/dL of serum M-protein, urine required, antibody band blocks
    """
    if isinstance(given, Rules):
        return given
    record = given if isinstance(given, Criteria) else criteria_record(given)
    if measurable:
        record = record.replace({"measurable.M_protein.level": measurable})
    return Rules(record, urine, band, skip_rise)
