"""What the columns of a user's file mean: by their names, by what stands in them, or as the user says.

A name may carry its unit: "conc (uM)", "dose [ng/mL]", "concentration_nM", "time (d)".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cereblon.ground.errors import InputError, shorten
from cereblon.ground.vocabulary import nearest

MEANINGS = {
    "plate": "plate plateid platename platebarcode barcode assayplate",
    "well": "well wellid wellname wellposition position wellpos wells",
    "row": "row platerow wellrow",
    "column": "column col platecolumn platecol wellcolumn wellcol",
    "role": "role type welltype sampletype content contents contenttype controltype wellrole samplerole control",
    "compound": "compound drug treatment agent inhibitor ligand molecule substance compoundname drugname compoundid"
    " herbicide perturbagen drugrow drug1 drug1name compound1 sample sampleid samplename product toxicant chemical",
    "concentration": "concentration conc dose dosage drugconcentration drugconc compoundconcentration compoundconc"
    " finalconcentration finalconc concr conc1 dose1 concentration1 drug1conc drug1concentration drug1dose concrow c1",
    "log_concentration": "logconcentration logconc logdose log10concentration log10conc log10dose logc",
    "unit": "unit units concunit concentrationunit concunits concentrationunits doseunit doseunits concrunit conc1unit"
    " unitr",
    "partner": "partner drugcol drug2 drug2name compound2 secondcompound seconddrug combination",
    "partner_concentration": "partnerconcentration concc conc2 dose2 concentration2 drug2conc drug2concentration"
    " drug2dose conccol c2",
    "partner_unit": "conccunit conc2unit partnerunit unitc",
    "cell": "cell cellline cellname celltype line",
    "time": "time hour hours timepoint timeh day days treatmentduration duration timehrs treatmentdurationhrs",
    "replicate": "replicate rep repl replica replicates repeat run biorep techrep replicateid bioreplicate",
    "group": "group curve curveid experiment exper assay block blockid condition series set batch",
    "start": "cellcounttime0 counttime0 time0 x0 n0 cellcountt0 initialcount initialcellcount startcount start",
    "control": "cellcountctrl ctrlcount xctrl cellcountcontrol controlcount countctrl untreatedcount",
    "division_time": "divisiontime doublingtime",
    "value": "value response signal reading readings readout rlu rfu luminescence absorbance od fluorescence intensity"
    " viability cellcount cells count counts y effect inhibition measurement raw rawdata rawsignal result e",
}
"""Meaning -> names, written small and without anything but letters and digits."""

_KNOWN = {name: meaning for meaning, names in MEANINGS.items() for name in names.split()}
_REPLICATES = re.compile(r"(?:rep|repl|replicate|r|y|value|response|signal|reading)[ _.-]?\d{1,2}")
_UNITS = ("pM", "nM", "uM", "µM", "μM", "mM", "ng/mL", "ug/mL", "µg/mL")
_BRACKETS = re.compile(r"(.*?)\s*[(\[{]\s*([^()\[\]{}]*?)\s*[)\]}]\s*")
_IN = re.compile(r"(.*?)\s+in\s+(\S+)")
_SUFFIX = re.compile(r"(.+?)[ _.]((?:[fpnumµμ]?M)|(?:[pnumµμ]?g/m?L)|(?:[pnumµμ]?g[_ ]per[_ ]m?L))")
_TIME_SUFFIX = re.compile(r"(.+?)[ _.](h|hr|hrs|hours|min|minutes|d|days)")


@dataclass(frozen=True)
class Column:
    """One column of the file: where it is, its header, and the unit that the header carries."""

    place: int
    header: str
    unit: str = ""


def folded(name: str) -> str:
    """A name as it is compared: small letters and digits."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def parted(header: str) -> tuple[str, str]:
    """A header's name and unit.

    >>> parted("conc (uM)"), parted("concentration_nM"), parted("time [d]"), parted("IC50")
    (('conc', 'uM'), ('concentration', 'nM'), ('time', 'd'), ('IC50', ''))
    """
    match = _BRACKETS.fullmatch(header) or _IN.fullmatch(header) or _SUFFIX.fullmatch(header)
    if match is None and _KNOWN.get(folded(header)) != "time":
        match = _TIME_SUFFIX.fullmatch(header)
        if match is not None and _KNOWN.get(folded(match[1])) != "time":
            match = None
    if match is None or not match[1]:
        return header, ""
    return match[1], re.sub(r"[_ ]per[_ ]", "/", match[2])


def recognised(
    header: Sequence[str], asked: Mapping[str, str | Sequence[str]], file: str, line: int
) -> dict[str, list[Column]]:
    """Meaning -> columns, by name; what the user asked for comes first. Raises InputError for a name that is not
    there, a meaning that there is not, two columns of one name, or two that mean the same."""
    where = f"{file}, line {line}"
    _refuse_twice(header, where)
    by_name = {name: i for i, name in enumerate(header) if name}
    found: dict[str, list[Column]] = {}
    taken: set[int] = set()
    for meaning, names in asked.items():
        if meaning not in MEANINGS:
            close = nearest(meaning, MEANINGS)
            raise InputError("columns of a plate file do not mean this", found=str(meaning),
                             expected=(f"the nearest is {close}; all: " if close else "") + ", ".join(MEANINGS),
                             example='columns={"concentration": "conc"}')  # fmt: skip
        for name in [names] if isinstance(names, str) else names:
            if name not in by_name:
                close = nearest(str(name), by_name)
                hint = f"the nearest is {close}" if close else ""
                raise InputError(f"there is no column {shorten(str(name), 40)!r} for {meaning}", where=where,
                                 found=", ".join(by_name), expected=hint)  # fmt: skip
            found.setdefault(meaning, []).append(_column(header, by_name[name], meaning))
            taken.add(by_name[name])
    for i, name in enumerate(header):
        if i in taken or not name:
            continue
        meaning = meaning_of(name)
        if not meaning or meaning in asked:
            continue
        if meaning in found:
            if meaning == "group":
                found[meaning].append(_column(header, i, meaning))
                continue
            if meaning == "value" and "value" in (folded(name), folded(found[meaning][0].header)):
                if folded(name) == "value":
                    found[meaning] = [_column(header, i, meaning)]
                continue
            raise InputError(f"two columns may be the {meaning.replace('_', ' ')}", where=where,
                             found=f"{found[meaning][0].header} and {name}", expected="which of them it is",
                             example=f'columns={{"{meaning}": "{shorten(name, 40)}"}}')  # fmt: skip
        found[meaning] = [_column(header, i, meaning)]
    return found


def meaning_of(name: str) -> str:
    """What a column of this name means, or ""; a column that is called nM holds concentrations."""
    bare, _ = parted(name)
    return _KNOWN.get(folded(name)) or _KNOWN.get(folded(bare)) or ("concentration" if name in _UNITS else "")


def are_replicates(names: Sequence[str]) -> bool:
    """Whether the names are rep1, rep2, ..."""
    return len(names) > 1 and all(_REPLICATES.fullmatch(name.lower()) for name in names)


def _column(header: Sequence[str], place: int, meaning: str) -> Column:
    name, unit = parted(header[place])
    if _KNOWN.get(folded(header[place])) == meaning:  # "Log(conc)": what stands in brackets is part of the name
        unit = ""
    if header[place] in _UNITS:
        unit = header[place]
    if meaning == "time" and not unit and folded(name) in ("day", "days"):
        unit = "d"
    return Column(place, header[place], unit)


def _refuse_twice(header: Sequence[str], where: str) -> None:
    seen: set[str] = set()
    for name in header:
        if name and name in seen:
            raise InputError("two columns have the same name", where=where, found=name, expected="names that differ")
        seen.add(name)
